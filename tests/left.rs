//! What has ever left this machine, and who has it: the journal's word, with real nodes. It is
//! there after everything else of it was ended, forgotten and purged.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use artifact::ArtifactId;
use consent::Event;
use node::{Node, Request, Revoke};
use serde_json::json;
use std::{path::Path, process::Command};
use town::{Town, laws};
use wire::{Face, LeftPage, LeftRow, Query, View};

async fn page(node: &Node, text: &str, offset: u32, limit: u32) -> LeftPage {
    let query = Query::Left { text: text.to_owned(), offset, limit };
    match wire::Gate::new(node.clone()).view(Face::MainWindow, query).await.unwrap() {
        View::Left(page) => page,
        other => panic!("another view: {other:?}"),
    }
}

async fn left(node: &Node, text: &str) -> Vec<LeftRow> {
    let page = page(node, text, 0, 200).await;
    assert_eq!((page.total as usize, page.unreadable), (page.rows.len(), 0));
    page.rows
}

fn kinds(rows: &[LeftRow]) -> Vec<(&str, &str, &str)> {
    rows.iter().map(|row| (row.what.as_str(), row.name.as_str(), row.state.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_is_told_even_after_all_else_of_it_is_gone() {
    let mut town = Town::new().house("north").house("harbour").open().await;
    assert_eq!(left(town.node("north"), "").await, [], "nothing left a new node");
    town.introduce("north", "harbour").await;
    let mut agent = town.pair("north", "scribe").await;
    let id = town.import_small("north", 1).await;
    let said = json!({
        "id": id.to_string(), "audience": ["harbour"], "reason": "they met the same error",
    });
    let said = agent.call("request_share", said).await;
    let ask = said.body["ask"].as_str().unwrap().parse().unwrap();
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    let signed = |node: &Node| {
        let look = node.look().unwrap();
        let harbour = look.peers().unwrap()[0].0;
        look.delivery_given(&harbour, &id, false)
            .unwrap()
            .is_some_and(|row| row.countersign.is_some())
    };
    town.wait_for("north", "has the receipt of its delivery", signed).await;
    let told = town.import_small("north", 2).await;
    let head = town.share("north", &told, &["harbour"]).await;
    town.allow("north", head).await;
    town.wait_for_head("harbour", &told).await;

    let size = town.bytes("north", &id).unwrap().len() as u64;
    let rows = left(town.node("north"), "").await;
    let seen = kinds(&rows);
    let crystal = ("crystal", "harbour", "acknowledged");
    assert_eq!(seen[..2], [("head", "harbour", "told"), crystal], "{rows:#?}");
    assert!(
        seen.contains(&("card", "harbour", "")) && seen.contains(&("ticket", "", "")),
        "{seen:?}"
    );
    assert_eq!(seen.len(), 4);
    let row = &rows[1];
    // Eight bytes before an artifact say how long it is.
    let sent = size + 8;
    assert_eq!((row.bytes, row.signed.as_str(), row.ended), (sent, "countersigned", 0));
    assert_eq!((row.agent.as_str(), row.reason.as_str()), ("scribe", "they met the same error"));
    assert_eq!((row.allowed.as_str(), row.here), ("the consent window", true));
    assert_eq!((row.ask.clone(), row.id.clone()), (ask.to_string(), id.to_string()));
    assert_eq!(row.receipt, town.receipt("north", &ask).to_string());
    assert_eq!((rows[0].bytes, rows[0].signed.as_str(), rows[0].agent.as_str()), (0, "", ""));

    // A page at a time gives the same, and so does looking for each by what it is known by.
    for (n, row) in rows.iter().enumerate() {
        let one = page(town.node("north"), "", u32::try_from(n).unwrap(), 1).await;
        assert_eq!((one.total, one.rows.as_slice()), (4, std::slice::from_ref(row)));
    }
    let words = artifact::words::key_words(&town.human("harbour"));
    for (text, count) in [
        ("HARBOUR", 3),
        (&words, 3),
        (&town.human("harbour").to_string()[..9], 3),
        (&id.to_string()[..8], 1),
        (&row.receipt[..8], 1),
        (&row.title, 1),
        ("nobody at all", 0),
    ] {
        assert_eq!(left(town.node("north"), text).await.len(), count, "{text}");
    }

    // Ended, forgotten with its log, and the node started anew: the journal still tells of it.
    let node = town.node("north").clone();
    node.revoke(Revoke::One(id.to_string()), "no longer true").await.unwrap();
    node.forget(&id.to_string()).await.unwrap();
    drop(node);
    drop(agent);
    town.stop("north").await;
    town.start("north").await;
    let rows = left(town.node("north"), &id.to_string()).await;
    let [row] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!((row.title.as_str(), row.here), ("", false), "its words are forgotten");
    assert_eq!(
        (row.state.as_str(), row.bytes, row.agent.as_str()),
        ("acknowledged", sent, "scribe")
    );
    assert!(row.ended > 0 && row.unsigned, "{row:#?}");
    let way = consent::Way::ConsentWindow;
    town.node("north").sign_revocations(Default::default(), way).await.unwrap();
    let rows = left(town.node("north"), "").await;
    assert_eq!(kinds(&rows)[0], ("ending", "harbour", ""), "the word of it goes out too");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_allowed_what_left_and_the_verifier_agrees() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let mut agent = town.pair("north", "scribe").await;
    let id = town.import_small("north", 1).await;
    let share = json!({ "id": id.to_string(), "audience": ["harbour"] });
    let said = agent.call("request_share", share.clone()).await;
    let ask = said.body["ask"].as_str().unwrap().parse().unwrap();
    let node = town.node("north");
    let (prompt, _) = node.prompt(&ask).unwrap();
    let plain = node::Given::plain(
        ask,
        consent::Answer::Allow,
        consent::Way::ConsentWindow,
        prompt.code,
        Default::default(),
    );
    node.answer(node::Given { term: consent::Term::Day, ..plain }).await.unwrap();
    let again = agent.call("request_share", share).await;
    assert_eq!(again.body["state"], "allowed", "{again:?}");
    let ruled = |node: &Node| {
        let told = |e: &consent::Entry| matches!(e.event, Event::Told { .. });
        laws::journal(node).iter().filter(|e| told(e)).count() == 2
    };
    town.wait_for("north", "has told it under both receipts", ruled).await;
    let rows = left(node, "harbour").await;
    let allowed: Vec<&str> = rows.iter().map(|row| row.allowed.as_str()).collect();
    assert!(allowed.contains(&"a rule of yours") && allowed.contains(&"the consent window"));
    let file = town.ground().join("ruled.jsonl");
    std::fs::write(&file, exported(node).await).unwrap();
    let said = verified(&file).unwrap();
    assert!(said.contains(", 2 receipts, chained and signed"), "{said}");
    town.close().await;
}

/// Of so many artifacts three entries each; a hundred thousand entries in a long run.
fn pairs() -> u64 {
    if std::env::var_os("TRACENET_LONG").is_some() { 33_333 } else { 1_500 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_journal_is_paged_and_none_of_it_is_lost() {
    let pairs = pairs();
    let mut town = Town::new().house("north").open().await;
    let (human, home) = (town.human("north"), town.home("north").to_owned());
    town.stop("north").await;
    let before = grown(&home, human, pairs);
    town.start("north").await;
    let node = town.node("north");
    let mut found = Vec::new();
    for offset in [0, pairs / 2, pairs - 1] {
        let page = page(node, "", u32::try_from(offset).unwrap(), 200).await;
        assert_eq!(u64::from(page.total), pairs);
        found.push((page.rows[0].seq - before, page.rows.len()));
    }
    // Three entries each; the newest stands first.
    assert_eq!(found, [(3 * pairs, 200), (3 * (pairs - pairs / 2), 200), (3, 1)]);
    let one = left(node, &ArtifactId::of(&7_u64.to_be_bytes()).to_string()).await;
    assert_eq!((one.len(), one[0].bytes, one[0].state.as_str()), (1, 7, "part"));
    // Pages of entries join to one chain.
    let lines = exported(node).await;
    assert_eq!(lines.lines().count() as u64, before + 3 * pairs + 1);
    // What was made up breaks the laws of consent.
    town.stop("north").await;
}

/// Adds three entries about each of so many artifacts; how many there were before.
fn grown(home: &Path, peer: artifact::HumanKey, pairs: u64) -> u64 {
    let store = store::Store::open(home).unwrap();
    let keys = keys::NodeKeys::open_or_create(&home.join("keys"), &mut keys::entropy::os).unwrap();
    store.sign_with(keys.journal);
    let before = store.look().unwrap().journal_len().unwrap();
    let change = |change: &mut store::Change<'_>| {
        for n in 1..=pairs {
            let artifact = ArtifactId::of(&n.to_be_bytes());
            let (receipt, session) = (ArtifactId::of(artifact.as_bytes()), n);
            change.append(Event::Told { receipt, artifact, peer }, n)?;
            change.append(Event::Serving { receipt, artifact, peer, session }, n)?;
            let served = Event::Served { receipt, artifact, peer, session, bytes: n, whole: false };
            change.append(served, n)?;
        }
        Ok::<_, store::ChangeError>(())
    };
    store.change(change).unwrap();
    before
}

/// The journal as a file of JSON lines.
async fn exported(node: &Node) -> String {
    let gate = wire::Gate::new(node.clone());
    let (mut text, mut after) = (String::new(), 0);
    loop {
        let query = Query::Entries { after };
        let View::Entries(page) = gate.view(Face::MainWindow, query).await.unwrap() else {
            panic!("another view")
        };
        after += page.rows.len() as u64;
        for row in &page.rows {
            text += &format!("{}\n", json!(row));
        }
        if !page.head.is_empty() {
            return text + &format!("{}\n", json!({ "head": page.head }));
        }
    }
}

/// What the program says that shares no line with this one.
fn verified(file: &Path) -> Result<String, String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/verify.py");
    let ran = Command::new("python3").args([program, "journal"]).arg(file).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if ran.status.success() { Ok(said(&ran.stdout)) } else { Err(said(&ran.stderr)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_asked_for_and_not_allowed_did_not_leave() {
    let town = Town::new().house("north").open().await;
    let denied = town.ask("north", Request::Ticket).await.unwrap();
    town.deny("north", denied).await;
    town.ask("north", Request::Ticket).await.unwrap();
    assert_eq!(left(town.node("north"), "").await, []);
    town.close().await;
}
