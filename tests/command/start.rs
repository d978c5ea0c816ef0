//! First start: the keys are made once, in a place its human chose.

use super::rig::{Machine, PASSPHRASE, Ran, terminal::Terminal, terminal::without};

fn init(machine: &Machine, pin: &str) -> Ran {
    machine.run_with(&["init", "--key-file", "--pin-fd", "0"], pin)
}

fn human(machine: &Machine) -> String {
    machine.json(&["status"])["keys"]["human"].as_str().unwrap().to_owned()
}

#[test]
fn before_the_first_start_everything_says_what_comes_first() {
    let Some(machine) = Machine::new() else { return };
    let log = machine.file("a.jsonl", town::log::small(1));
    let first = "tracenet: this node has no keys yet\n  \
                 → open the app and choose a PIN, or run `tracenet init`";
    let import = ["import", log.to_str().unwrap()];
    for args in [&["ticket"][..], &["pair", "bob"], &["log", "verify"], &import] {
        machine.run(args).refused(first);
    }
    let status = machine.json(&["status"]);
    assert_eq!(status["phase"], "new");
    assert!(machine.run(&["status"]).done().starts_with("This node has no keys yet."));
    let checks = machine.run(&["--json", "doctor"]);
    assert_eq!(checks.code, 1);
    let unwell: Vec<&str> = unwell(&checks);
    assert_eq!(unwell, ["node", "keys", "session bus"]);
}

fn unwell(ran: &Ran) -> Vec<&str> {
    // Rows of people's text would do as well; the names stand in the JSON in this order.
    let rows = ran.out.split("\"name\":\"").skip(1);
    let bad = rows.filter(|row| row.contains("\"well\":false"));
    bad.map(|row| row.split('"').next().unwrap()).collect()
}

#[test]
fn a_pin_comes_from_a_descriptor() {
    let Some(machine) = Machine::new() else { return };
    let ran = machine.init("north");
    assert!(ran.done().starts_with("This node has its keys.\nfolder     [TMP]/data\n"), "{ran:?}");
    let status = machine.json(&["status"]);
    assert_eq!((&status["phase"], &status["protection"]), (&"ready".into(), &"file".into()));
    assert_eq!(machine.verified(), 1);
    // The descriptor need not be standard input, nor end in a line break.
    let other = Machine::new().unwrap();
    let pin = other.file("pin", PASSPHRASE);
    let mut shell = other.command("sh");
    shell.args(["-c", "exec \"$0\" --json init --key-file --pin-fd 7 7<\"$1\""]);
    let made = other.ended(shell.arg(other.program()).arg(pin).output().unwrap());
    assert_eq!((made.code, &made.json()["phase"]), (0, &"ready".into()), "{made:?}");
}

#[test]
fn a_pin_is_typed_twice_in_a_terminal() {
    let Some(machine) = Machine::new() else { return };
    let mut terminal = Terminal::open(&machine, &["init", "--key-file"]);
    terminal.type_unseen("New passphrase: ", PASSPHRASE);
    terminal.type_unseen("The same passphrase again: ", "quay lantern rope eight");
    let screen = terminal.end();
    assert_eq!(screen.code, 1, "{screen:?}");
    assert!(screen.text.contains("tracenet: the two passphrases differ\n  → try again"));
    assert!(screen.text.contains("It cannot be recovered."), "{screen:?}");
    let mut terminal = Terminal::open(&machine, &["init", "--key-file"]);
    terminal.type_unseen("New passphrase: ", PASSPHRASE);
    terminal.type_unseen("The same passphrase again: ", PASSPHRASE);
    assert_eq!(terminal.end().code, 0);
    assert_eq!(machine.verified(), 1);
    without(&Machine::new().unwrap(), &["init", "--key-file"], "").refused_with(&[
        "tracenet: there is no terminal here to type it in",
        "→ run this in a terminal, or give it on a file descriptor with --pin-fd",
    ]);
}

#[test]
fn a_weak_pin_is_refused() {
    let Some(machine) = Machine::new() else { return };
    let weak = |pin: &str, why: &str| {
        let told = format!("tracenet: this PIN or passphrase is too weak\n  → {why}");
        init(&machine, pin).refused(&told);
    };
    weak("", "0 characters are too few: take at least 10, or five made words");
    weak("short\n", "5 characters are too few: take at least 10, or five made words");
    weak("1234 5678 90\n", "digits alone are too easy: add letters, or take five made words");
    weak(
        "papapapapapa\n",
        "one piece over and over is too easy: take something else, or five made words",
    );
    weak(
        "password1234\n",
        "this is among the first that anybody tries: take something else, or five made words",
    );
    init(&machine, &"x".repeat(100_000)).refused_with(&["too weak"]);
    let unseen =
        "it begins or ends with a space, or has a character that cannot be seen: leave it out";
    weak("quay lantern \u{7}rope\n", unseen);
    weak(" quay lantern rope seven\n", unseen);
    machine.run(&["init", "--key-file", "--pin-fd", "199"]).refused_with(&[
        "tracenet: no PIN can be read from descriptor 199: ",
        "→ open a file with the PIN in it, as in: tracenet init --pin-fd 3 3<FILE",
    ]);
    assert_eq!(machine.json(&["status"])["phase"], "new");
    machine.init("north").done();
}

#[test]
fn keys_are_made_once() {
    let Some(machine) = Machine::ready() else { return };
    let before = human(&machine);
    machine.init("again").refused(
        "tracenet: this node has its keys already\n  \
         → `tracenet status` shows them; another node needs another TRACENET_HOME",
    );
    assert_eq!(human(&machine), before);
    assert_eq!(machine.verified(), 1);
}

#[test]
fn without_a_keychain_the_file_is_named_and_never_taken_unasked() {
    let Some(machine) = Machine::new() else { return };
    for args in [&["init", "--pin-fd", "0"][..], &["init", "--no-pin"]] {
        let ran = machine.run_with(args, PASSPHRASE);
        ran.refused_with(&[
            "tracenet: there is no session bus, so no keychain can answer",
            "→ to keep the key in a file with a passphrase: tracenet init --key-file",
        ]);
    }
    assert!(!machine.home.join("keys/human_key.wrapped").exists());
    assert_eq!(machine.json(&["status"])["keychain"], "unsupported");
    machine.init("north").done();
    assert_eq!(machine.json(&["status"])["keychain"], "ready");
}

#[test]
fn a_session_without_a_keyring_is_told_apart() {
    let Some(machine) = Machine::new() else { return };
    let found = machine.command("sh").args(["-c", "command -v dbus-daemon"]).output().unwrap();
    if !found.status.success() {
        eprintln!("skipped: no dbus-daemon here");
        return;
    }
    // A bus that starts nothing by itself, so that no keychain of this machine answers.
    let bus = machine.file(
        "bus.conf",
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
         <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
         </busconfig>",
    );
    let mut session = machine.command("dbus-run-session");
    session.arg("--config-file").arg(bus).arg("--").arg(machine.program());
    session.args(["init", "--no-pin"]);
    let ran = machine.ended(session.output().unwrap());
    ran.refused_with(&[
        "tracenet: no keychain was found: install one (`sudo apt install gnome-keyring`)",
        "→ to keep the key in a file with a passphrase: tracenet init --key-file",
    ]);
    assert_eq!(machine.json(&["status"])["phase"], "new");
}

#[test]
fn an_interrupted_first_start_is_taken_up_again() {
    let Some(machine) = Machine::ready() else { return };
    let before = human(&machine);
    // As a kill leaves it between the keys and the store that names them.
    std::fs::remove_file(machine.home.join("store.redb")).unwrap();
    assert_eq!(machine.json(&["status"])["phase"], "new");
    init(&machine, "another rope entirely\n").refused_with(&[
        "holds a human_key of an earlier node in this folder",
        "→ give the PIN it was made with to take it up again, or use another TRACENET_HOME",
    ]);
    machine.init("north").done();
    assert_eq!(human(&machine), before, "the same key");
    assert_eq!(machine.verified(), 1);
}

#[test]
fn a_running_node_is_given_its_keys() {
    let Some(mut machine) = Machine::new() else { return };
    assert_eq!(machine.start()["initialised"], false);
    assert_eq!(machine.json(&["status"])["port"], 0);
    machine.init("north").done();
    let status = machine.json(&["status"]);
    assert_eq!(status["phase"], "ready");
    assert_ne!(status["port"], 0, "it is online at once: {status}");
    machine.stop();
}
