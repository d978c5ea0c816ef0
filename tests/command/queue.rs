//! Going through what waits in a terminal: one prompt after the other, and taking something out.

use super::rig::{Machine, PASSPHRASE, terminal::Screen, terminal::Terminal};
use serde_json::Value;

const LATER: &str = "anything else to decide later: ";
/// Who must not be named in what leaves.
const NAMED: &str = "ann.lee@quayworks.io";

/// Answers what comes up in a terminal of the human's own, one word after the other; after a yes
/// the passphrase.
fn typed(machine: &Machine, args: &[&str], words: &[&str]) -> Screen {
    let mut terminal = Terminal::open(machine, args);
    for word in words {
        terminal.type_at(LATER, word);
        if *word == "allow" {
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

#[test]
fn what_waits_comes_up_one_after_the_other() {
    let Some(machine) = Machine::running() else { return };
    let nothing = machine.run(&["answer"]);
    assert_eq!(nothing.done(), "Nothing waits for an answer.\n");
    let ids: Vec<String> = (1..=4).map(|n| share(&machine, n)).collect();
    let screen = typed(&machine, &["answer"], &["deny", "not now", "allow", "quit"]);
    for place in ["1 of 4", "1 of 3", "2 of 3", "2 of 2"] {
        assert!(screen.text.contains(&format!("request {place}\n")), "{place}: {}", screen.text);
    }
    let states = decided(&machine);
    assert_eq!(states.len(), 2, "{states:?}");
    assert!(states.contains(&(ids[0].clone(), "denied".into())), "{states:?}");
    assert!(states.contains(&(ids[2].clone(), "allowed".into())), "{states:?}");
    let waits: Vec<Value> = asks(&machine, "pending").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(waits, [ids[1].clone(), ids[3].clone()]);
    // What was not offered decides nothing.
    for word in ["redact", "anywhere", "session", "mute", "quit", "yes", "allow 1", "redact x"] {
        let screen = typed(&machine, &["answer", &ids[1]], &[word]);
        assert!(screen.text.contains("waits for your answer (code "), "{word}: {screen:#?}");
    }
    assert_eq!(asks(&machine, "pending").len(), 2);
    machine.verified();
}

#[test]
fn what_is_taken_out_is_shown_again_without_it() {
    let Some(machine) = Machine::running() else { return };
    let id = naming(&machine);
    let ask = machine.json(&["share", &id, "--public"])["ask"].as_str().unwrap().to_owned();
    let screen = typed(&machine, &["answer", &ask], &["redact 1 2", "allow"]);
    let (before, after) = screen.text.split_once("Taken out, and nothing left.").unwrap();
    let asked = "`redact` or `redact 1 2` to take findings out";
    assert!(before.contains(NAMED) && before.contains("Found   1. "), "{before}");
    assert!(before.contains(asked) && before.contains("Says    no reason was given"), "{before}");
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
    none.refused_with(&["this prompt lists 2 findings"]);
    machine.run(&["answer", &ask, "allow", "--all"]).refused_with(&["with redact"]);
    let done = machine.run(&["answer", &ask, "redact", "--all"]);
    assert!(done.done().contains("[redacted: ") && !done.out.contains(NAMED), "{done:#?}");
    assert_eq!(asks(&machine, "pending").len(), 1, "it waits for the PIN");
    machine.verified();
}
