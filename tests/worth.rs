//! What is worth sharing: what helped is proposed with the people who lack it, answered in one go,
//! and never proposed twice after a no. Real nodes and a real agent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use artifact::{ArtifactId, Outcome};
use consent::{Answer, Way};
use node::{Code, Node, Revoke, Together};
use serde_json::json;
use town::{Agent, Town, log};
use wire::{Act, Face, Query, View, WorthRow, WorthView};

/// Who must not be named in what leaves unseen.
const NAMED: &str = "ann.lee@quayworks.io";

async fn worth(node: &Node) -> WorthView {
    match wire::Gate::new(node.clone()).view(Face::MainWindow, Query::Worth {}).await.unwrap() {
        View::Worth(worth) => worth,
        other => panic!("another view: {other:?}"),
    }
}

/// For whom a crystal is proposed.
async fn proposed(town: &Town, id: &ArtifactId) -> Vec<String> {
    let rows = worth(town.node("north")).await.rows;
    let row = rows.into_iter().find(|row| row.crystal.id == id.to_string());
    row.map_or_else(Vec::new, |row| row.people.into_iter().map(|one| one.name).collect())
}

async fn said(agent: &mut Agent, id: &ArtifactId, outcome: &str) {
    let said = agent.call("outcome", json!({ "id": id.to_string(), "outcome": outcome })).await;
    assert!(!said.refused, "{said:?}");
}

async fn marked(town: &Town, id: &ArtifactId) {
    town.node("north").judge(&id.to_string(), Some(Outcome::Accepted)).await.unwrap();
}

/// Imports a log number `n` of this text.
async fn imported(town: &Town, n: u32, text: &str) -> ArtifactId {
    let path = town.ground().join(format!("changed-{n}.jsonl"));
    std::fs::write(&path, text).unwrap();
    town.import("north", &path).await
}

/// Imports a log in which something was changed.
async fn changed(town: &Town, n: u32, from: &str, to: &str) -> ArtifactId {
    imported(town, n, &log::small(n).replace(from, to)).await
}

fn find<'a>(rows: &'a [WorthRow], id: &ArtifactId) -> &'a WorthRow {
    rows.iter().find(|row| row.crystal.id == id.to_string()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_helped_is_proposed_and_answered_in_one_go() {
    let town = Town::new().house("north").house("harbour").open().await;
    let node = town.node("north");
    // Each run meets an error of its own, but for two of them.
    let own = async |n: u32, error: &str, from: &str, to: &str| {
        let told = log::small(n).replace("is dark: address already in use", error);
        imported(&town, n, &told.replace(from, to)).await
    };
    let helped = own(1, "has lost its lens", "\t", "").await;
    let mark = own(2, "turns the wrong way round", "\t", "").await;
    let plain = own(3, "burns gas and no oil", "\t", "").await;
    let solved =
        [own(4, "stands in a fog", "\t", "").await, own(5, "stands in a fog", "\t", "").await];
    let flaky = "mend the flaky";
    let named = format!("tell {NAMED} and {flaky}");
    let naming = own(6, "leaks at its gallery", flaky, &named).await;
    let hidden = own(7, "rings with every wave", flaky, "mend the fla\u{200b}ky").await;
    for id in [&mark, &naming, &hidden] {
        marked(&town, id).await;
    }
    let nobody = worth(node).await;
    assert_eq!((nobody.total, nobody.peers), (0, 0), "there is nobody to share with");
    town.introduce("north", "harbour").await;
    let mut agent = town.pair("north", "scribe").await;
    said(&mut agent, &helped, "helped").await;

    let seen = worth(node).await;
    let ids: Vec<&str> = seen.rows.iter().map(|row| row.crystal.id.as_str()).collect();
    assert!(!ids.contains(&plain.to_string().as_str()), "that one helped nobody yet");
    assert_eq!(seen.total, 5, "{seen:#?}");
    assert_eq!(find(&seen.rows, &helped).why, ["helped scribe"]);
    assert_eq!(find(&seen.rows, &mark).why, ["you marked it accepted"]);
    let last = seen.rows.iter().find(|row| row.why[0].contains("that 2 runs met")).unwrap();
    assert!(solved.iter().any(|id| id.to_string() == last.crystal.id));
    let dangerous = find(&seen.rows, &naming);
    assert!(!dangerous.ready && !dangerous.findings.is_empty(), "{dangerous:#?}");
    assert!(dangerous.findings.iter().all(|found| !found.masked.contains("ann.lee")));
    assert!(!find(&seen.rows, &hidden).ready, "it hides a character");

    // One ask each, and one answer to all of them.
    let gate = town.gate("north");
    let mut asks = Vec::new();
    for row in seen.rows.iter().filter(|row| row.ready) {
        let (id, to) = (row.crystal.id.clone(), vec!["harbour".to_owned()]);
        let act = Act::Share { id, to, public: false, reason: String::new() };
        let wire::Done::Asked { ask, code } = gate.act(Face::MainWindow, act).await.unwrap() else {
            panic!("no ask")
        };
        asks.push((ask.parse().unwrap(), code));
    }
    assert_eq!(asks.len(), 3);
    assert_eq!(node.prompt(&asks[0].0).unwrap().0.batch.len(), 3);
    assert_eq!(worth(node).await.total, 2, "what is asked for is not proposed again");
    let way = Way::ConsentWindow;
    let together = Together { asks, answer: Answer::Allow, way, pin: Default::default() };
    assert_eq!(node.answer_together(together).await.unwrap().len(), 3);
    town.wait_for_crystal("harbour", &helped).await;
    assert_eq!(worth(node).await.total, 2, "what is shared neither");

    // What came from north is harbour's to use, not to hand on.
    let mut theirs = town.pair("harbour", "codex").await;
    said(&mut theirs, &helped, "helped").await;
    assert_eq!(worth(town.node("harbour")).await.total, 0);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_denied_withheld_ended_or_forgotten_is_not_proposed_again() {
    let mut town = Town::new().house("north").house("harbour").house("quay").open().await;
    town.introduce("north", "harbour").await;
    town.introduce("north", "quay").await;
    let mut ids = Vec::new();
    for n in 1..=6 {
        ids.push(town.import_small("north", n).await);
        marked(&town, &ids[ids.len() - 1]).await;
    }
    let both = ["harbour".to_owned(), "quay".to_owned()];
    for id in &ids {
        let mut people = proposed(&town, id).await;
        people.sort();
        assert_eq!(people, both);
    }
    let (denied, held, ended, gone, public) = (ids[0], ids[1], ids[2], ids[3], ids[4]);
    let ask = town.share("north", &denied, &["harbour"]).await;
    town.deny("north", ask).await;
    assert_eq!(proposed(&town, &denied).await, ["quay"], "a no is a no to these people");

    let gate = town.gate("north");
    let withhold = |from: &[&str]| Act::Withhold {
        id: held.to_string(),
        from: from.iter().map(|&name| name.to_owned()).collect(),
    };
    let below = node::Terminal { process: None, below_agent: true };
    let refused = gate.act(Face::Terminal(below), withhold(&[])).await.unwrap_err();
    assert_eq!(refused.code, wire::Code::Refused);
    let unknown = gate.act(Face::MainWindow, withhold(&["nobody"])).await.unwrap_err();
    assert_eq!(unknown.code, wire::Code::Invalid);
    gate.act(Face::MainWindow, withhold(&["quay"])).await.unwrap();
    assert_eq!(proposed(&town, &held).await, ["harbour"]);
    gate.act(Face::MainWindow, withhold(&[])).await.unwrap();
    assert_eq!(proposed(&town, &held).await, [""; 0]);

    let ask = town.share("north", &ended, &["harbour"]).await;
    town.allow("north", ask).await;
    let node = town.node("north").clone();
    node.revoke(Revoke::One(ended.to_string()), "").await.unwrap();
    assert_eq!(proposed(&town, &ended).await, ["quay"], "what was taken back is not offered anew");
    node.forget(&gone.to_string()).await.unwrap();
    assert_eq!(proposed(&town, &gone).await, [""; 0]);
    let ask = town.share("north", &public, &[]).await;
    town.allow("north", ask).await;
    assert_eq!(proposed(&town, &public).await, [""; 0], "everybody may have it");
    node.judge(&ids[5].to_string(), Some(Outcome::Failed)).await.unwrap();
    assert_eq!(proposed(&town, &ids[5]).await, [""; 0]);
    assert_eq!(node.withhold("ffff", &[]).await.unwrap_err().code, Code::Invalid);
    drop((node, gate));

    // A start knows it all still, and so does what the log grows into.
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(proposed(&town, &denied).await, ["quay"]);
    let more = json!({
        "type": "user", "cwd": "/home/dev/git/harbour", "sessionId": "s1",
        "timestamp": "2026-01-21T15:31:10.000Z",
        "message": { "role": "user", "content": "and bind the pier to port 0 as well" },
    });
    let path = town.ground().join("north-1.jsonl");
    std::fs::write(&path, format!("{}{more}\n", log::small(1))).unwrap();
    let grown = town.import("north", &path).await;
    assert_ne!(grown, denied);
    assert_eq!(proposed(&town, &grown).await, ["quay"]);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_that_hides_a_character_is_answered_alone() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let node = town.node("north");
    let mut asks = Vec::new();
    for n in 1..=2 {
        let id = town.import_small("north", n).await;
        asks.push(town.share("north", &id, &["harbour"]).await);
    }
    let hidden = changed(&town, 3, "mend the flaky", "mend the fla\u{200b}ky").await;
    let mixed = changed(&town, 4, "mend the flaky", "mend the fl\u{430}ky").await;
    let mut alone = Vec::new();
    for id in [hidden, mixed] {
        alone.push(town.share("north", &id, &["harbour"]).await);
    }
    let mut agent = town.pair("north", "scribe").await;
    let id = town.import_small("north", 5).await;
    let share = json!({
        "id": id.to_string(), "audience": ["harbour"], "reason": "they a\u{202e}sked",
    });
    let said = agent.call("request_share", share).await;
    alone.push(said.body["ask"].as_str().unwrap().parse().unwrap());
    for ask in &alone {
        assert_eq!(node.prompt(ask).unwrap().0.batch, [], "it stands alone");
        let shown = |ask: &consent::AskId| (*ask, node.prompt(ask).unwrap().0.code);
        let asks = vec![shown(&asks[0]), shown(ask)];
        let way = Way::ConsentWindow;
        let together = Together { asks, answer: Answer::Allow, way, pin: Default::default() };
        assert_eq!(node.answer_together(together).await.unwrap_err().code, Code::Refused);
    }
    for ask in &asks {
        assert_eq!(node.prompt(ask).unwrap().0.batch.len(), 2);
    }
    assert_eq!(town.pending("north").len(), 5, "nothing was answered");
    town.close().await;
}
