//! People who are not friends, or no longer: who knocks waits for this human, who is blocked gets
//! nothing, and only a grant changes either.

use consent::{Event, State, VerifiedCard};
use node::{Clock, Code, MAX_INBOX, Node, Request};
use town::{Town, clock::DAY, puppet::Person};

fn peers(node: &Node) -> usize {
    node.look().unwrap().peers().unwrap().len()
}

fn count(town: &Town, house: &str, wanted: impl Fn(&Event) -> bool) -> usize {
    town.journal(house).iter().filter(|entry| wanted(&entry.event)).count()
}

/// North, and island who came with a ticket that somebody else had used.
async fn island_knocks() -> Town {
    let town = Town::new().house("north").house("harbour").house("island").open().await;
    let ticket = town.ticket("north").await;
    for (house, what) in [("harbour", "Connected"), ("island", "must accept you first")] {
        let request = Request::Connect { ticket: ticket.clone(), name: "north".to_owned() };
        let ask = town.ask(house, request).await.unwrap();
        let settled = town.allow(house, ask).await;
        assert!(settled.what.contains(what), "{house}: {}", settled.what);
    }
    town.wait_for("north", "island knocked", |n| n.inbox().unwrap().len() == 1).await;
    town
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knocks_is_let_in_by_a_grant_and_comes_by_itself() {
    let mut town = island_knocks().await;
    let island = town.human("island");
    let knock = town.node("north").inbox().unwrap().remove(0);
    assert_eq!((knock.human, knock.name.as_str(), knock.times), (island, "island", 1));
    assert_eq!(peers(town.node("north")), 1, "only harbour");

    // Every further knock is the same row, and no further line.
    town.stop("island").await;
    town.start("island").await;
    town.wait_for("north", "it knocked again", |n| n.inbox().unwrap()[0].times > 1).await;
    assert_eq!(count(&town, "north", |e| matches!(e, Event::Knocked { .. })), 1);

    let accept = || Request::Accept { who: "island".to_owned(), name: "isle".to_owned() };
    let (first, second) = (town.ask("north", accept()).await, town.ask("north", accept()).await);
    let (first, second) = (first.unwrap(), second.unwrap());
    town.allow("north", first).await;
    assert!(matches!(town.state("north", &second), State::Cancelled { .. }));
    assert!(town.node("north").inbox().unwrap().is_empty());
    town.stop("island").await;
    town.start("island").await;
    town.wait_for_link("north", "island").await;
    let look = town.node("north").look().unwrap();
    assert_eq!(look.peer(&island).unwrap().unwrap().name, "isle");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dismissed_may_knock_again_and_who_is_blocked_may_not() {
    let mut town = island_knocks().await;
    let accept = Request::Accept { who: "island".to_owned(), name: String::new() };
    let ask = town.ask("north", accept).await.unwrap();
    town.node("north").dismiss("island").await.unwrap();
    assert!(matches!(town.state("north", &ask), State::Cancelled { .. }));
    town.stop("island").await;
    town.start("island").await;
    town.wait_for("north", "island knocked again", |n| n.inbox().unwrap().len() == 1).await;
    town.node("north").block("island", "never met").await.unwrap();
    assert!(town.node("north").inbox().unwrap().is_empty());
    town.stop("island").await;
    town.start("island").await;
    // Told the same as before, and noted nowhere.
    let connects = town.node("island").look().unwrap().connects().unwrap();
    assert_eq!(connects.len(), 1, "it goes on trying");
    let blocked = town.node("north").blocked().unwrap();
    assert_eq!(blocked[0].row.why, "by-hand: never met");
    assert!(town.node("north").inbox().unwrap().is_empty());
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_nobody_known_is_blocked_as_an_endpoint_only_when_that_is_said() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let node = town.node("north");
    let unknown = Town::new().house("island").open().await;
    let keys = unknown.node("island").me().unwrap();
    let refused = async |result: Result<(), node::Fault>, hint: &str| {
        let fault = result.unwrap_err();
        assert!(fault.code == Code::Invalid && fault.hint.contains(hint), "{fault:?}");
        assert!(node.blocked().unwrap().is_empty());
    };
    for key in [keys.human.to_string(), keys.transport.to_string()] {
        refused(node.block(&key, "").await, "--endpoint").await;
    }
    let known = town.human("harbour").to_string();
    refused(node.block_endpoint(&known, "").await, "leave --endpoint out").await;
    refused(node.block_endpoint("abcd", "").await, "64 hex digits").await;

    node.block_endpoint(&keys.transport.to_string(), "seen in a log").await.unwrap();
    let blocked = node.blocked().unwrap();
    assert_eq!((blocked[0].endpoint, blocked[0].row.human), (keys.transport, None));
    // The endpoint of somebody known is that human, however they are named.
    let harbour = town.node("harbour").me().unwrap();
    for (n, endpoint) in [(2, true), (2, false)] {
        let id = harbour.transport.to_string();
        let done =
            if endpoint { node.block_endpoint(&id, "").await } else { node.block(&id, "").await };
        done.unwrap();
        let blocked = node.blocked().unwrap();
        assert_eq!(blocked.len(), n);
        assert!(blocked.iter().any(|one| one.row.human == Some(harbour.human)), "{blocked:?}");
    }
    unknown.close().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_ends_everything_at_once_and_only_a_grant_lifts_it() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let id = town.import_small("north", 1).await;
    let let_in = Request::Let { who: "harbour".to_owned() };
    let ask = town.ask("north", let_in).await.unwrap();
    town.allow("north", ask).await;
    let harbour = town.human("harbour");
    let row = || town.node("north").look().unwrap().peer(&harbour).unwrap().unwrap();
    assert!(row().let_in);

    town.node("north").block("harbour", "").await.unwrap();
    town.wait_for("north", "the session is over", |node| node.links().is_empty()).await;
    assert!(!row().let_in, "a block takes the letting with it");
    let share = Request::SharePrivate { id: id.to_string(), to: vec!["harbour".to_owned()] };
    assert_eq!(town.ask("north", share.clone()).await.unwrap_err().code, Code::Refused);
    let view = town.gate("north").view(wire::Face::MainWindow, wire::Query::Peers {}).await;
    let wire::View::Peers(view) = view.unwrap() else { panic!("no peers") };
    assert_eq!(view.peers[0].blocked, "You blocked them.");

    let unblock = Request::Unblock { who: "harbour".to_owned() };
    let ask = town.ask("north", unblock).await.unwrap();
    assert_eq!(town.node("north").blocked().unwrap().len(), 1, "an ask lifts nothing");
    let (prompt, _) = town.node("north").prompt(&ask).unwrap();
    assert!(prompt.text.ends_with("\nYou blocked them."), "no code: {}", prompt.text);
    town.allow("north", ask).await;
    assert!(town.node("north").blocked().unwrap().is_empty());
    town.wait_for_link("north", "harbour").await;
    town.lets("harbour", "north").await;
    let ask = town.ask("north", share).await.unwrap();
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    town.close().await;
}

/// Strangers number so many and so many knock; whether each has a row afterwards.
async fn knock(town: &Town, numbers: std::ops::Range<u32>) -> Vec<bool> {
    let inside = town.node("north").toward_peers();
    let mut kept = Vec::new();
    for n in numbers {
        let card = VerifiedCard::open(Person::one_of_many(n, town.clock.now()).card()).unwrap();
        let endpoint = card.card().transport;
        inside.knocked(card, endpoint).await;
        let rows = town.node("north").inbox().unwrap();
        kept.push(rows.iter().any(|row| row.endpoint == endpoint));
    }
    kept
}

/// Every row of the inbox, by when its stranger came first.
fn first(town: &Town) -> Vec<u64> {
    town.node("north").inbox().unwrap().iter().map(|row| row.first).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_full_inbox_only_who_has_not_come_for_a_week_gives_way() {
    let town = Town::new().house("north").open().await;
    let (full, begin) = (u32::try_from(MAX_INBOX).unwrap(), town.clock.now());
    assert!(knock(&town, 0..full).await.into_iter().all(|kept| kept));
    assert_eq!(knock(&town, full..full + 3).await, [false; 3], "who came before stays");
    // Two of them come again within the week; a third is about to be accepted when it is over.
    town.clock.pass(6 * DAY);
    knock(&town, 0..1).await;
    town.node("north").tick().await.unwrap();
    knock(&town, 1..2).await;
    assert_eq!(knock(&town, full..full + 1).await, [false]);
    town.clock.pass(DAY + 1);
    let minded = Person::one_of_many(2, begin).human.public().to_string();
    let accept = Request::Accept { who: minded, name: String::new() };
    town.ask("north", accept).await.unwrap();
    let newer = knock(&town, full..2 * full).await;
    assert_eq!(newer.iter().filter(|kept| **kept).count(), MAX_INBOX - 3);
    assert!(newer[..MAX_INBOX - 3].iter().all(|kept| *kept), "the first who came have the places");
    let rows = first(&town);
    assert_eq!((rows.len(), rows.iter().filter(|at| **at == begin).count()), (MAX_INBOX, 3));
    let endpoints = town.node("north").inbox().unwrap();
    for n in 0..3 {
        let human = Person::one_of_many(n, begin).human.public();
        assert!(endpoints.iter().any(|row| row.human == human), "stranger {n} was minded");
    }
    town.close().await;
}
