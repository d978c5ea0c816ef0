//! Answering in a terminal: the PIN is typed there and comes from nowhere else.

use super::rig::{Machine, PASSPHRASE, terminal::Terminal, terminal::without};
use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
};

/// The id and the code of a new ask to share with anyone.
fn ask(machine: &Machine, n: u32) -> (String, String) {
    let id = machine.remember(n);
    let asked = machine.json(&["share", &id, "--public", "--reason", "for the harbour"]);
    assert_eq!(asked["state"], "pending");
    let text = |key: &str| asked[key].as_str().unwrap().to_owned();
    (text("ask"), text("code"))
}

fn state(machine: &Machine, ask: &str) -> String {
    let asks = machine.json(&["asks"]);
    let rows = ["pending", "decided"].map(|list| asks[list].as_array().unwrap().clone()).concat();
    let row = rows.iter().find(|row| row["id"] == ask).unwrap();
    row["state"].as_str().unwrap().to_owned()
}

fn events(machine: &Machine) -> Vec<String> {
    let page = machine.json(&["log"]);
    let rows = page["rows"].as_array().unwrap().iter().rev();
    rows.map(|row| row["event"].as_str().unwrap().to_owned()).collect()
}

/// Types `pin` at the prompt of an ask.
fn typed(machine: &Machine, ask: &str, pin: &str) -> (i32, String) {
    let mut terminal = Terminal::open(machine, &["answer", ask, "allow"]);
    terminal.type_unseen("PIN: ", pin);
    let screen = terminal.end();
    (screen.code, screen.text)
}

#[test]
fn the_prompt_is_shown_and_the_pin_typed() {
    for runs in [true, false] {
        let Some(mut machine) = Machine::ready() else { return };
        if runs {
            machine.start();
        }
        let (ask, code) = ask(&machine, 1);
        let (ended, screen) = typed(&machine, &ask[..8], "not the passphrase");
        assert_eq!(ended, 1, "{screen}");
        let wrong = "tracenet: the passphrase is wrong: try again\n  → the ask keeps waiting";
        assert!(screen.trim_end().ends_with(wrong), "{screen}");
        assert_eq!(state(&machine, &ask), "pending");
        let (ended, screen) = typed(&machine, &ask[..8], PASSPHRASE);
        assert_eq!(ended, 0, "{screen}");
        let rows = ["What    ", "To      ", "Who     ", "Says    “for the harbour”", "Code    "];
        let places: Vec<usize> = rows.iter().map(|row| screen.find(row).unwrap()).collect();
        assert!(places.is_sorted(), "{screen}");
        assert!(screen.contains(&format!("Code    {code}")), "{screen}");
        assert!(screen.contains("Lighthouse 1 shines"), "the whole text: {screen}");
        assert!(screen.contains("The app's window is safer."), "{screen}");
        assert_eq!(state(&machine, &ask), "allowed");
        // Without a node each command is a showing of its own, and nothing leaves yet.
        let told = match runs {
            true => {
                ["asked", "shown", "grant-failed", "key-unlocked", "allowed", "exported"].as_slice()
            }
            false => &["asked", "shown", "grant-failed", "shown", "allowed"],
        };
        assert_eq!(events(&machine)[1..], *told);
        machine.verified();
    }
}

#[test]
fn the_pin_comes_from_no_pipe_and_no_descriptor() {
    let Some(machine) = Machine::running() else { return };
    let (ask, _) = ask(&machine, 1);
    let answer = ["answer", ask.as_str(), "allow"];
    let none = [
        "tracenet: there is no terminal here to type it in",
        "→ run this in a terminal, or answer in the app's window",
    ];
    without(&machine, &answer, &format!("{PASSPHRASE}\n")).refused_with_prompt(&none);
    let json = without(&machine, &[&["--json"], &answer[..]].concat(), PASSPHRASE);
    assert_eq!(json.code, 1, "{json:#?}");
    machine.run(&[&answer[..], &["--pin-fd", "0"]].concat()).misused("unexpected argument");
    machine.run(&[&answer[..], &["--pin", PASSPHRASE]].concat()).misused("unexpected argument");
    let mut named = machine.command("setsid");
    named.arg("--wait").arg(machine.program()).args(answer);
    named.env("TRACENET_PIN", PASSPHRASE).env("PIN", PASSPHRASE);
    machine.ended(named.output().unwrap()).refused_with_prompt(&none);
    // With a terminal, what stands on standard input is not taken either.
    let mut piped = Terminal::open_piped(&machine, &answer, &format!("{PASSPHRASE}\n"));
    piped.type_unseen("PIN: ", "typed by the human");
    let screen = piped.end();
    assert!(screen.text.contains("the passphrase is wrong"), "{screen:#?}");
    assert_eq!(state(&machine, &ask), "pending");
    assert!(!events(&machine).contains(&"allowed".to_owned()));
}

#[test]
fn no_needs_no_pin() {
    let Some(machine) = Machine::ready() else { return };
    let (first, _) = ask(&machine, 1);
    without(&machine, &["answer", &first, "deny"], "").done();
    assert_eq!(state(&machine, &first), "denied");
    let (second, _) = ask(&machine, 2);
    without(&machine, &["deny", &second[..6]], "").done();
    assert_eq!(state(&machine, &second), "denied");
    assert_eq!(events(&machine)[1..], ["asked", "denied", "asked", "denied"]);
}

#[test]
fn an_ask_is_answered_once() {
    let Some(machine) = Machine::running() else { return };
    let (ask, _) = ask(&machine, 1);
    machine.allow(&ask);
    let before = machine.verified();
    let told = "tracenet: this ask is allowed already";
    machine.run(&["answer", &ask, "allow"]).refused(told);
    machine.run(&["answer", &ask, "deny"]).refused(told);
    let page = machine.json(&["log", "--event", "allowed"]);
    assert_eq!(page["rows"].as_array().unwrap().len(), 1);
    assert_eq!(machine.verified(), before);
}

#[test]
fn a_human_who_asks_twice_has_two_asks() {
    let Some(machine) = Machine::ready() else { return };
    let id = machine.remember(1);
    let first = machine.json(&["share", &id, "--public"]);
    let second = machine.json(&["share", &id, "--public", "--reason", "again"]);
    let pending = machine.json(&["asks"])["pending"].clone();
    assert_eq!((&pending[0]["id"], &pending[1]["id"]), (&first["ask"], &second["ask"]));
    machine.run(&["deny", first["ask"].as_str().unwrap()]).done();
    assert_eq!(machine.json(&["asks"])["pending"][0]["id"], second["ask"], "the other waits");
}

#[test]
fn guessing_slows_down() {
    let Some(machine) = Machine::running() else { return };
    let (ask, _) = ask(&machine, 1);
    for _ in 0..5 {
        let (code, screen) = typed(&machine, &ask, "not the passphrase");
        assert_eq!(code, 1, "{screen}");
        if screen.contains("too many wrong PINs: the next try is possible in ") {
            assert!(screen.contains("→ the ask keeps waiting"), "{screen}");
            assert_eq!(state(&machine, &ask), "pending");
            return;
        }
    }
    panic!("five guesses in a row were taken");
}

#[test]
fn at_a_terminal_the_prompt_comes_at_once() {
    let Some(machine) = Machine::running() else { return };
    let id = machine.remember(1);
    let mut terminal = Terminal::open(&machine, &["share", &id, "--public"]);
    terminal.type_at("anything else to decide later: ", "later");
    let screen = terminal.end();
    assert_eq!(screen.code, 0, "{screen:#?}");
    assert!(screen.text.contains("waits for your answer (code "), "{screen:#?}");
    let mut terminal = Terminal::open(&machine, &["share", &id, "--public"]);
    terminal.type_at("anything else to decide later: ", "allow");
    terminal.type_unseen("PIN: ", PASSPHRASE);
    let screen = terminal.end();
    assert_eq!(screen.code, 0, "{screen:#?}");
    assert_eq!(machine.json(&["asks"])["decided"][0]["state"], "allowed");
}

#[test]
fn a_wrong_id_says_where_ids_are() {
    let Some(machine) = Machine::running() else { return };
    let told = "tracenet: nothing here has an id that begins with deadbeef\n  \
                → `tracenet recall` and `tracenet asks` show ids";
    machine.run(&["answer", "deadbeef", "allow"]).refused(told);
    machine.run(&["answer", "deadbeef", "deny"]).refused(told);
    machine.run(&["show", "deadbeef"]).refused(told);
    machine.run(&["share", "deadbeef", "--public"]).refused(told);
    let hostile = machine.run(&["show", "x\u{1b}[31my"]);
    hostile
        .refused_with(&["tracenet: x", "[31my is not an id: give at least four of its hex digits"]);
    assert!(!hostile.err.contains('\u{1b}'), "{hostile:?}");
    let id = machine.remember(1);
    machine.run(&["share", &id, "--to", "nobody"]).refused(
        "tracenet: nobody here is called nobody\n  \
         → no peers yet: connect to one with a ticket first",
    );
}

#[test]
fn a_command_that_waits_ends_with_the_answer() {
    let Some(machine) = Machine::running() else { return };
    let id = machine.remember(1);
    for (verdict, code, told) in [("deny", 1, "tracenet: the ask was denied\n"), ("allow", 0, "")] {
        let mut wait = machine.tracenet(&["share", &id, "--public", "--wait"]);
        wait.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = wait.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let ask = line.split_whitespace().nth(1).unwrap().to_owned();
        match verdict {
            "deny" => drop(machine.run(&["deny", &ask])),
            _ => drop(machine.allow(&ask)),
        }
        let ended = machine.ended(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (code, told), "{ended:?}");
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert!(rest.contains(&ask[..8]), "{rest}");
    }
}

#[test]
fn a_key_of_the_node_is_replaced_by_an_answer_and_human_key_never() {
    let Some(mut machine) = Machine::running() else { return };
    machine.run(&["key", "rotate", "human"]).refused_with(&[
        "human_key is who you are: a new one is a new identity",
        "tracenet revoke --all",
        "tell those who know you another way",
    ]);
    let keys = |machine: &Machine| machine.json(&["status"])["keys"].clone();
    for role in ["author", "transport", "journal"] {
        let before = keys(&machine);
        let made = machine.json(&["key", "rotate", role]);
        assert_eq!(keys(&machine), before, "nothing is replaced before the answer");
        let screen = machine.allow(made["ask"].as_str().unwrap());
        assert!(screen.text.contains(&format!("A new {role}_key is in use.")), "{screen:#?}");
        let after = keys(&machine);
        assert_ne!(before[role], after[role]);
        assert_eq!(before["human"], after["human"]);
    }
    machine.verified();
    machine.stop();
    machine.start();
    machine.verified();
}
