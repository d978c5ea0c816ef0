//! The story when a process is killed: the real `tracenet node`, with `kill -9` at the moments
//! that matter. What it acknowledged stands, what it did not was never half done.

use artifact::ArtifactId;
use node::Request;
use std::path::{Path, PathBuf};
use town::{
    Town,
    child::{self, ChildNode},
    has, left, log,
};
use wire::Act;

/// A real process as north, and harbour beside it in this one.
async fn north_in_a_process() -> Option<(ChildNode, Town)> {
    let north = ChildNode::init("north")?;
    let town = Town::new().house("harbour");
    town.clock.set(child::now());
    let town = town.open().await;
    let ask = north.ask(Act::Ticket {}).await;
    let ticket = north.allow(&ask).await.ticket;
    let request = Request::Connect { ticket, name: "north".to_owned() };
    let ask = town.ask("harbour", request).await.unwrap();
    town.allow("harbour", ask).await;
    Some((north, town))
}

fn written(ground: &Path, n: u32) -> PathBuf {
    let path = ground.join(format!("log-{n}.jsonl"));
    std::fs::write(&path, log::small(n)).unwrap();
    path
}

fn to_harbour(id: &str) -> Act {
    let (id, to) = (id.to_owned(), vec!["harbour".to_owned()]);
    Act::Share { id, to, public: false, reason: String::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_yes_it_keeps_its_word() {
    let Some((mut north, mut town)) = north_in_a_process().await else { return };
    let id = north.import(&written(town.ground(), 1)).await;
    let ask = north.ask(to_harbour(&id)).await;
    town.stop("harbour").await;
    north.allow(&ask).await;
    north.kill();
    // The journal, the receipt and the ask stand: nothing that was acknowledged is lost.
    north.start();
    assert!(north.verified().await.unwrap() > 0);
    let query = wire::Query::Ask { ask: ask.clone() };
    let wire::View::Ask(view) = north.view(query).await else { panic!("no ask") };
    assert_eq!(view.row.state, "allowed");
    town.start("harbour").await;
    town.wait_for_crystal("harbour", &id.parse().unwrap()).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_answer_nothing_left() {
    let Some((mut north, town)) = north_in_a_process().await else { return };
    let id = north.import(&written(town.ground(), 1)).await;
    let other = north.import(&written(town.ground(), 2)).await;
    let ask = north.ask(to_harbour(&id)).await;
    north.kill();
    north.start();
    north.verified().await.unwrap();
    let wire::View::Asks(asks) = north.view(wire::Query::Asks {}).await else { panic!("no asks") };
    assert_eq!(asks.pending.len(), 1);
    assert_eq!(asks.pending[0].id, ask);
    let flush = north.ask(to_harbour(&other)).await;
    north.allow(&flush).await;
    town.wait_for_crystal("harbour", &other.parse().unwrap()).await;
    let id: ArtifactId = id.parse().unwrap();
    assert!(!has(town.node("harbour"), &id));
    assert!(town.node("harbour").look().unwrap().head(&id).unwrap().is_none());
    let title = b"lighthouse test number 1 ".as_slice();
    assert_eq!(left::files_with(town.home("harbour"), &[title]), 0);
    assert_eq!(left::files_with(&north.home().join("outbox"), &[title]), 0);
    town.close().await;
}

/// Killed at some moment while it answers: afterwards the ask is answered or it waits, with
/// a receipt or without one, and never between.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_answers_it_did_all_or_nothing() {
    let Some((mut north, town)) = north_in_a_process().await else { return };
    for n in 0..4 {
        let id = north.import(&written(town.ground(), n)).await;
        let ask = north.ask(to_harbour(&id)).await;
        let answer = north.yes(&ask).await;
        let mut client = north.client().await;
        let mut notices = north.client().await.subscribe().await.unwrap();
        let sent = tokio::spawn(async move {
            client.request(&wire::control::Request::Answer(answer)).await.is_ok()
        });
        if n % 2 == 0 {
            // The first word of it that anybody hears. Before it comes that the key is unlocked.
            while !matches!(notices.next().await.unwrap(), wire::Notice::Settled { .. }) {}
        }
        north.kill();
        let acknowledged = sent.await.unwrap();
        north.start();
        north.verified().await.unwrap();
        let query = wire::Query::Ask { ask: ask.clone() };
        let wire::View::Ask(view) = north.view(query).await else { panic!("no ask") };
        match view.row.state.as_str() {
            "allowed" => town.wait_for_crystal("harbour", &id.parse().unwrap()).await,
            "pending" => {
                assert!(!acknowledged && n % 2 == 1, "an answer that was acknowledged is lost");
                north.allow(&ask).await;
                town.wait_for_crystal("harbour", &id.parse().unwrap()).await;
            }
            state => panic!("{state}"),
        }
    }
    town.close().await;
}
