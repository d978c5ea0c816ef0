//! Old stores with today's program: a house that an older version left opens, holds everything
//! it held, and goes on.
//!
//! The story below fills every table. It is told by today's program in every run, and what it
//! left is opened like the frozen houses beside this file, which older programs left after the
//! same story. With `TRACENET_FREEZE=1` today's house is frozen, where its version has none yet.

#[path = "frozen/cold.rs"]
mod cold;
#[path = "frozen/older.rs"]
mod older;

use artifact::{ArtifactId, Head};
use consent::{Answer, AskId, Event, Origin, Requester, State, Way};
use node::{Given, HeadRow, Node, Request};
use serde_json::json;
use std::{collections::BTreeMap, path::Path};
use store::{ConnectRow, Store};
use town::{
    Town,
    clock::{BEGIN, DAY},
    has, laws,
};
use zeroize::Zeroizing;

/// A ticket of nobody's, in a connection that was allowed and never made.
const LOST_TICKET: &str = "a ticket whose giver never came back";

/// Everything that can happen to a house called north, whose neighbour is harbour.
async fn tell() -> Town {
    let mut town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let mut ids = Vec::new();
    for n in 1..=5 {
        ids.push(town.import_small("north", n).await);
    }
    let mut agent = town.pair("north", "claude-code").await;
    agent.call("recall", json!({ "query": "the flaky lighthouse" })).await;
    let helped = json!({ "id": ids[0].to_string(), "outcome": "helped" });
    assert!(!agent.call("outcome", helped).await.refused);

    // Given to harbour, and served; given to anyone; denied; taken back; never answered.
    let given = town.share("north", &ids[0], &["harbour"]).await;
    town.allow("north", given).await;
    town.wait_for_crystal("harbour", &ids[0]).await;
    let public = town.share("north", &ids[1], &[]).await;
    town.allow("north", public).await;
    town.wait_for_crystal("harbour", &ids[1]).await;
    let refused = town.share("north", &ids[2], &["harbour"]).await;
    town.deny("north", refused).await;
    let share = json!({ "id": ids[2].to_string(), "audience": ["harbour"], "reason": "told to" });
    let asked = agent.call("request_share", share).await;
    let taken_back = json!({ "id": asked.body["ask"].as_str().unwrap() });
    assert!(!agent.call("withdraw", taken_back).await.refused);
    town.share("north", &ids[3], &["harbour"]).await;
    town.clock.pass(DAY);
    town.node("north").tick().await.unwrap();

    // Taken from harbour; a ticket not used yet; an ask that waits, once with a wrong PIN.
    let theirs = town.import_small("harbour", 21).await;
    let ask = town.share("harbour", &theirs, &["north"]).await;
    town.allow("harbour", ask).await;
    town.wait_for_crystal("north", &theirs).await;
    town.ticket("north").await;
    let waiting = town.share("north", &ids[4], &["harbour"]).await;
    let (prompt, _) = town.node("north").prompt(&waiting).unwrap();
    let pin = Zeroizing::new("quay lantern rope six".to_owned());
    let wrong = Given::plain(waiting, Answer::Allow, Way::ConsentWindow, prompt.code, pin);
    assert!(town.node("north").answer(wrong).await.is_err());
    drop(agent);
    let untaken = town.import_small("harbour", 22).await;
    let untaken = (untaken, town.bytes("harbour", &untaken).unwrap());
    let harbour = town.human("harbour");
    town.stop("harbour").await;
    town.stop("north").await;
    add_the_rare(town.home("north"), &untaken, harbour);
    town
}

/// What the story cannot bring about by itself: a head whose body was refused, a connection
/// that was never made, an ask whose object is gone.
fn add_the_rare(home: &Path, untaken: &(ArtifactId, Vec<u8>), giver: artifact::HumanKey) {
    let store = Store::open(home).unwrap();
    let head = canonical(&Head::of(&untaken.1).unwrap());
    let row = HeadRow {
        head,
        receipt: vec![7; 40],
        giver,
        at: 9,
        refused: String::new(),
        seq: 1,
        grant: None,
    };
    let mut ask = store.look().unwrap().decided(50).unwrap().pop().unwrap();
    ask.id = AskId([9; 16]);
    ask.state = State::Cancelled { at: 10 };
    store
        .change::<_, store::ChangeError>(|change| {
            let offer = store::OfferRow {
                receipt: row.receipt.clone().into(),
                grant: None,
                grant_id: None,
                iat: 9,
                until: None,
            };
            let receipt = ArtifactId::of(&row.receipt);
            let (headed, _) = change.put_offer(&untaken.0, &row, (&receipt, &offer))?;
            assert_eq!(headed, store::Headed::New);
            change.refuse_head(&untaken.0, &giver, "wrong-bytes")?;
            let (ticket, name) = (LOST_TICKET.to_owned(), "island".to_owned());
            change.put_connect(&AskId([8; 16]), &ConnectRow { ticket, name })?;
            change.put_ask(&ask)
        })
        .unwrap();
}

fn canonical<T: serde::Serialize>(value: &T) -> Vec<u8> {
    artifact::canon::encode(value).unwrap()
}

/// Everything that the story left is there.
fn everything_is_there(node: &Node) {
    let look = node.look().unwrap();
    assert_eq!(look.crystal_counts().unwrap(), (5, 1));
    assert_eq!(look.traces().unwrap().0, 5);
    for (id, row) in look.crystals(|_, _| true).unwrap() {
        assert_eq!(ArtifactId::of(&look.envelope(&id).unwrap().unwrap()), id);
        if row.origin == Origin::Peer {
            assert!(row.giver.is_some() && row.receipt.is_some() && row.trace.is_none());
            continue;
        }
        let trace = row.trace.unwrap();
        let steps = node.trace(&trace).unwrap().steps.len();
        assert!(steps > 5 && node.sidecar(&id).unwrap().is_some(), "{steps} steps");
        let kept = look.trace(&trace).unwrap().unwrap();
        assert_eq!(kept.crystal, Some(id));
        assert_eq!(look.trace_of_log(&kept.log).unwrap(), Some(trace));
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for ask in look.decided(100).unwrap().iter().chain(&look.pending().unwrap()) {
        *states.entry(ask.state.word()).or_default() += 1;
        if let Some(object) = ask.wish.object().filter(|_| ask.state.is_pending()) {
            assert_eq!(look.snapshot(&object.id).unwrap().unwrap().len() as u64, object.size);
        }
    }
    let allowed = ("allowed", 5); // two tickets, the agent, two shares
    let others = ["cancelled", "denied", "expired", "pending", "withdrawn"].map(|word| (word, 1));
    assert_eq!(states, [allowed].into_iter().chain(others).collect(), "asks by state");
    let outcomes: usize = look
        .crystals(|_, _| true)
        .unwrap()
        .iter()
        .map(|(id, _)| look.outcomes(id).unwrap().len())
        .sum();
    assert_eq!(outcomes, 1);
    people_and_papers_are_there(node);
}

fn people_and_papers_are_there(node: &Node) {
    let look = node.look().unwrap();
    let peers = look.peers().unwrap();
    let [(human, harbour)] = peers.as_slice() else { panic!("{} peers", peers.len()) };
    assert_eq!(harbour.name, "harbour");
    assert_eq!(look.human_at(&harbour.transport).unwrap(), Some(*human));
    assert!(harbour.bytes_given > 0 && harbour.bytes_taken > 0 && !harbour.addrs.is_empty());
    let receipts = look.receipts().unwrap();
    assert_eq!(receipts.len(), 2);
    for (id, row) in &receipts {
        let delivery = look.delivery(id, human).unwrap().unwrap();
        assert!(delivery.told && delivery.whole == 1 && delivery.bytes > 0, "{delivery:?}");
        assert_eq!(look.receipts_of(&row.artifact).unwrap().len(), 1);
    }
    let [(_, agent)] = look.agents().unwrap().try_into().unwrap();
    assert_eq!((agent.name.as_str(), agent.asks, agent.recalls), ("claude-code", 1, 1));
    let [(_, head)] = look.heads().unwrap().try_into().unwrap();
    assert_eq!((head.refused.as_str(), head.giver), ("wrong-bytes", *human));
    assert_eq!(look.invites(0).unwrap().len(), 1, "a ticket that was not used yet");
    let tickets = look.decided(100).unwrap().into_iter();
    let mut tickets = tickets.filter(|a| a.wish.word() == "ticket" && a.state.word() == "allowed");
    assert!(tickets.all(|ask| look.ticket(&ask.id).unwrap().is_some()));
    let journal = laws::journal(node);
    let failed = |e: &consent::Entry| matches!(&e.event, Event::GrantFailed { why, .. } if why == "pin-wrong");
    assert_eq!(journal.iter().filter(|e| failed(e)).count(), 1);
    assert!(matches!(journal[0].event, Event::Opened { .. }));
}

/// A frozen store without a row in some table would prove nothing of that table's rows.
fn every_table_is_filled(home: &Path) {
    let db = redb::Database::open(home.join("store.redb")).unwrap();
    let tx = redb::ReadableDatabase::begin_read(&db).unwrap();
    let tables: Vec<_> = tx.list_tables().unwrap().collect();
    assert!(tables.len() > 28, "{} tables", tables.len());
    for table in tables {
        let name = redb::TableHandle::name(&table).to_owned();
        let rows: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new(&name);
        let rows = tx.open_table(rows).unwrap();
        assert!(!redb::ReadableTableMetadata::is_empty(&rows).unwrap(), "{name} is empty");
    }
}

/// Thaws a house, finds everything, and lets it go on: what waited is allowed and served, what
/// is asked anew is answered.
async fn check(frozen: &[u8], filled: bool) {
    let mut town = Town::new().house_with_pin("north").house("harbour");
    town.clock.set(BEGIN + DAY);
    cold::thaw(frozen, town.home("north"), town.keychain("north"));
    if filled {
        every_table_is_filled(town.home("north"));
    }
    // A node that starts tries this connection, and gives it up.
    let connects = Store::open(town.home("north")).unwrap().look().unwrap().connects().unwrap();
    let [(_, connect)] = connects.try_into().unwrap();
    assert_eq!((connect.ticket.as_str(), connect.name.as_str()), (LOST_TICKET, "island"));
    town.start("north").await;
    everything_is_there(town.node("north"));
    laws::hold("north", town.node("north")).await;
    let before = town.journal("north").len();

    town.start("harbour").await;
    let keep = node::KeepKey::Keychain;
    town.node("harbour").init(keep, "another").await.unwrap();
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    town.node("north").rename("harbour", "old harbour").await.unwrap();
    let ticket = town.ticket("north").await;
    let request = Request::Connect { ticket, name: "north".into() };
    let ask = town.node("harbour").ask(by, request, String::new()).await.unwrap();
    town.allow("harbour", ask).await;
    town.wait_for_link("north", "harbour").await;
    let id = town.import_small("north", 31).await;
    let ask = town.share("north", &id, &["another"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    let waited = town.pending("north").pop().unwrap();
    assert_eq!(waited.wish.word(), "share-private");
    town.allow("north", waited.id).await;
    assert!(has(town.node("north"), &id) && town.journal("north").len() > before);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_today_s_program_leaves() {
    let town = tell().await;
    let frozen = cold::freeze(town.home("north"), town.keychain("north"));
    let file = cold::of_version(store::VERSION);
    let freezes = std::env::var_os("TRACENET_FREEZE").is_some() && !file.exists();
    if freezes {
        std::fs::write(&file, &frozen).unwrap();
    }
    // Tables of a version that is not released yet may still come before their story.
    check(&frozen, freezes).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_version_1_left() {
    check(&std::fs::read(cold::of_version(1)).unwrap(), true).await;
}
