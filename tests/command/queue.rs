//! Going through what waits in a terminal: one prompt after the other, several in one go, taking
//! something out, and every answer that the window has a button for.

use super::rig::{Machine, PASSPHRASE, terminal::Screen, terminal::Terminal};
use serde_json::{Value, json};
use town::Agent;

const LATER: &str = "anything else to decide later: ";
/// Who must not be named in what leaves.
const NAMED: &str = "ann.lee@quayworks.io";

/// Answers what comes up in a terminal of the human's own, one word after the other; after a yes
/// the passphrase.
fn typed(machine: &Machine, args: &[&str], words: &[&str]) -> Screen {
    let mut terminal = Terminal::open(machine, args);
    for word in words {
        terminal.type_at(LATER, word);
        if ["allow", "session", "lock", "day"].contains(word) {
            terminal.type_unseen("PIN: ", PASSPHRASE);
        }
    }
    let screen = terminal.end();
    assert_eq!(screen.code, 0, "{screen:#?}");
    screen
}

fn asks(machine: &Machine, list: &str) -> Vec<Value> {
    machine.json(&["asks"])[list].as_array().unwrap().clone()
}

/// The states of what was decided, by what it was about.
fn decided(machine: &Machine) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let mut rows: Vec<(String, String)> =
        asks(machine, "decided").iter().map(|row| (text(row, "id"), text(row, "state"))).collect();
    rows.sort();
    rows
}

fn share(machine: &Machine, n: u32) -> String {
    let id = machine.remember(n);
    machine.json(&["share", &id, "--public"])["ask"].as_str().unwrap().to_owned()
}

/// A crystal in which somebody is named.
fn naming(machine: &Machine) -> String {
    let told = format!("tell {NAMED} and mend the flaky");
    let log = town::log::small(9).replace("mend the flaky", &told);
    let path = machine.file("logs/naming.jsonl", log);
    machine.json(&["import", path.to_str().unwrap()]);
    let page = machine.json(&["recall", "lighthouse number 9"]);
    page["rows"][0]["id"].as_str().unwrap().to_owned()
}

/// Two machines that know each other, and an agent at the first.
async fn neighbours() -> Option<(Machine, Machine, Agent)> {
    let (north, south) = (Machine::running_as("north")?, Machine::running_as("harbour")?);
    let ask = north.json(&["ticket"]);
    let screen = north.allow(ask["ask"].as_str().unwrap()).text;
    let ticket = screen.split_whitespace().last().unwrap();
    let ask = south.json(&["connect", ticket, "--name", "north"]);
    south.allow(ask["ask"].as_str().unwrap());
    let mut agent = Agent::enter(&north.home, "scribe").await;
    let first = agent.call("peers", json!({})).await;
    north.allow(first.body["ask"].as_str().unwrap());
    Some((north, south, agent))
}

async fn wish(agent: &mut Agent, id: &str) -> String {
    let share = json!({ "id": id, "audience": ["harbour"], "reason": "they met it too" });
    let said = agent.call("request_share", share).await;
    said.body["ask"].as_str().unwrap_or_else(|| panic!("{said:?}")).to_owned()
}

#[test]
fn what_waits_comes_up_one_after_the_other() {
    let Some(machine) = Machine::running() else { return };
    let nothing = machine.run(&["answer"]);
    assert_eq!(nothing.done(), "Nothing waits for an answer.\n");
    let ids: Vec<String> = (1..=4).map(|n| share(&machine, n)).collect();
    let screen = typed(&machine, &["answer"], &["deny", "not now", "allow", "quit"]);
    for n in 1..=4 {
        assert!(screen.text.contains(&format!("request {n} of ")), "{screen:#?}");
    }
    let states = decided(&machine);
    assert_eq!(states.len(), 2, "{states:?}");
    assert!(states.contains(&(ids[0].clone(), "denied".into())), "{states:?}");
    assert!(states.contains(&(ids[2].clone(), "allowed".into())), "{states:?}");
    let waits: Vec<Value> = asks(&machine, "pending").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(waits, [ids[1].clone(), ids[3].clone()]);
    machine.verified();
}

#[test]
fn what_is_taken_out_is_shown_again_without_it() {
    let Some(machine) = Machine::running() else { return };
    let id = naming(&machine);
    let ask = machine.json(&["share", &id, "--public"])["ask"].as_str().unwrap().to_owned();
    let screen = typed(&machine, &["answer", &ask], &["redact 1", "allow"]);
    let (before, after) = screen.text.split_once("Taken out, and nothing left.").unwrap();
    assert!(before.contains(NAMED) && before.contains("Found   1. "), "{before}");
    assert!(!after.contains(NAMED) && after.contains("[redacted: "), "{after}");
    assert!(after.contains("Found   no secrets or addresses"), "{after}");
    let states = decided(&machine);
    assert_eq!(states.len(), 2);
    assert!(states.contains(&(ask, "denied".into())), "{states:?}");
    assert!(states.iter().any(|(_, state)| state == "allowed"), "{states:?}");

    // The same without a question, by the numbers of the prompt.
    let ask = machine.json(&["share", &id, "--public"])["ask"].as_str().unwrap().to_owned();
    machine.run(&["answer", &ask, "redact"]).refused_with(&["what is to be taken out?"]);
    let none = machine.run(&["answer", &ask, "redact", "--finding", "9"]);
    none.refused_with(&["this prompt lists 1 findings"]);
    machine.run(&["answer", &ask, "allow", "--all"]).refused_with(&["with redact"]);
    let done = machine.run(&["answer", &ask, "redact", "--all"]);
    assert!(done.done().contains("[redacted: ") && !done.out.contains(NAMED), "{done:#?}");
    assert_eq!(asks(&machine, "pending").len(), 1, "it waits for the PIN");
    machine.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_one_passphrase_and_gives_each_its_receipt() {
    let Some((north, south, mut agent)) = neighbours().await else { return };
    let mut plain = Vec::new();
    for n in 1..=2 {
        plain.push(wish(&mut agent, &north.remember(n)).await);
    }
    let dangerous = wish(&mut agent, &naming(&north)).await;
    let screen = typed(&north, &["answer", "--batch"], &["allow", "deny"]);
    assert_eq!(screen.text.matches("(for all 2)").count(), 1, "{screen:#?}");
    assert_eq!(screen.text.matches("PIN: ").count(), 1, "{screen:#?}");
    let (together, alone) = screen.text.split_once("PIN: ").unwrap();
    assert!(!together.contains(NAMED) && alone.contains(NAMED), "{screen:#?}");
    let states = decided(&north);
    for ask in &plain {
        assert!(states.contains(&(ask.clone(), "allowed".into())), "{states:?}");
    }
    assert!(states.contains(&(dangerous, "denied".into())), "{states:?}");
    assert_eq!(north.json(&["receipts"])["total"], 2);
    for machine in [&north, &south] {
        machine.verified();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_window_can_be_typed() {
    let Some((north, south, mut agent)) = neighbours().await else { return };
    let first = wish(&mut agent, &north.remember(1)).await;
    let screen = typed(&north, &["answer", &first], &["session"]);
    let rows = [
        "request 1 of 1",
        "What    ",
        "its head, which the audience sees at once:",
        "the whole text that would leave:",
        "Found   no secrets or addresses",
        "To      harbour · paired ",
        "Who     scribe, paired ",
        "Says    “they met it too”   claimed by the requester",
        "also told to the requester",
        "Note    ",
    ];
    let places: Vec<Option<usize>> = rows.iter().map(|row| screen.text.find(row)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {screen:#?}");
    assert_eq!(north.json(&["rules"])["rules"].as_array().unwrap().len(), 1);

    // What was not offered decides nothing.
    let second = wish(&mut agent, &north.remember(2)).await;
    for word in ["redact", "anywhere", "quit", "yes", "allow 1", "redact x"] {
        let screen = typed(&north, &["answer", &second], &[word]);
        assert!(screen.text.contains("waits for your answer (code "), "{word}: {screen:#?}");
        assert_eq!(asks(&north, "pending").len(), 1, "{word}");
    }
    typed(&north, &["answer", &second], &["mute"]);
    assert!(decided(&north).contains(&(second, "denied".into())));
    let agents = north.json(&["agents"]);
    assert!(agents["agents"][0]["mutedUntil"].as_u64().unwrap() > 0, "{agents}");
    for machine in [&north, &south] {
        machine.verified();
    }
}
