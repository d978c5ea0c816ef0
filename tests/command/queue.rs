//! Going through what waits in a terminal: one prompt after the other, and taking something out.

use super::rig::{Machine, PASSPHRASE, terminal::Screen, terminal::Terminal};
use serde_json::{Value, json};
use std::process::Stdio;
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

/// An agent of a program of its own, paired by the human. It is here for as long as its program.
async fn agent(machine: &Machine) -> (tokio::process::Child, Agent) {
    let mut program = machine.command("sh");
    // The shell goes on after it: what starts the shim is the agent's program, and not this test.
    program.args(["-c", "\"$0\" mcp --as scribe; :"]).arg(machine.program());
    program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = tokio::process::Command::from(program).kill_on_drop(true).spawn().unwrap();
    let (read, write) = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
    let mut agent = Agent::over(read, write).await;
    let first = agent.call("peers", json!({})).await;
    machine.allow(first.body["ask"].as_str().unwrap());
    (program, agent)
}

/// Connects another machine; the name that it has here.
fn neighbour(machine: &Machine) -> (Machine, String) {
    let harbour = Machine::running_as("harbour").unwrap();
    let asked = machine.json(&["ticket"]);
    let screen = machine.allow(asked["ask"].as_str().unwrap());
    let ticket = screen.text.split_whitespace().last().unwrap();
    let asked = harbour.json(&["connect", ticket, "--name", "north"]);
    harbour.allow(asked["ask"].as_str().unwrap());
    let peers = machine.json(&["peers"]);
    let name = peers["peers"][0]["name"].as_str().unwrap().to_owned();
    (harbour, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_shares_with_the_same_people_take_one_answer_and_one_pin() {
    let Some(machine) = Machine::running() else { return };
    let (_harbour, name) = neighbour(&machine);
    let (_program, mut agent) = agent(&machine).await;
    let mut shared = Vec::new();
    for n in 1..=3 {
        let share = json!({ "id": machine.remember(n), "audience": [name] });
        let asked = agent.call("request_share", share).await;
        shared.push(asked.body["ask"].as_str().unwrap().to_owned());
    }
    let public = share(&machine, 4);

    let one = typed(&machine, &["answer", &shared[0]], &["later"]);
    let hint = "3 can be answered together: tracenet answer --batch";
    assert!(one.text.contains(hint), "{one:#?}");
    let screen = typed(&machine, &["answer", "--batch"], &["allow", "deny"]);
    assert_eq!(screen.text.matches("PIN: ").count(), 1, "{screen:#?}");
    let (together, alone) = screen.text.split_once("PIN: ").unwrap();
    assert!(together.contains("3 requests to share with the same people"), "{together}");
    assert!(together.contains("`allow`, `deny`, `quit` (for all 3)"), "{together}");
    for n in 1..=3 {
        assert!(together.contains(&format!("Lighthouse {n} shines")), "the whole text: {together}");
    }
    assert!(!screen.text.contains(hint), "they are: {screen:#?}");
    assert!(alone.contains("Lighthouse 4 shines") && !alone.contains("(for all"), "{alone}");
    let states = decided(&machine);
    for ask in &shared {
        assert!(states.contains(&(ask.clone(), "allowed".into())), "{states:?}");
    }
    assert!(states.contains(&(public, "denied".into())), "{states:?}");
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
