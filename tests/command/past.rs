//! What is known of earlier runs: which of them wrote a line, which errors came again.

use super::rig::Machine;

const NONE: &str = "No run that is kept here wrote this line.\n";

#[test]
fn the_run_that_wrote_a_line_is_told_with_what_had_failed_before() {
    let Some(machine) = Machine::ready() else { return };
    let source = "fn main() {\n    bind(\"127.0.0.1:0\")\n}\n";
    let file = machine.file("moved/harbour/src/quay.rs", source);
    let place = |line: u32| format!("{}:{line}", file.display());
    let none = format!("{NONE}None of them is known to have touched this file.\n");
    assert_eq!(machine.run(&["why", &place(2)]).done(), none);
    let id = machine.remember(1);

    let why = machine.json(&["why", &place(2)]);
    let written = &why["written"];
    assert_eq!(written["crystal"]["id"], id);
    assert_eq!(
        (&written["file"], &written["agent"]),
        (&"src/quay.rs".into(), &"claude-code".into())
    );
    assert_eq!((&written["from"], &written["to"]), (&4.into(), &5.into()), "{why}");
    let failed = written["failed"].as_array().unwrap();
    assert_eq!((failed.len(), &failed[0]["tried"]), (1, &"cargo test -p quay1".into()), "{why}");
    assert!(failed[0]["error"].as_str().unwrap().contains("lighthouse number 1 is dark"), "{why}");
    let told = machine.run(&["why", &place(2)]);
    for fragment in ["lines 4 to 5", "wrote src/quay.rs", "  | bind(\"127.0.0.1:0\")", "it failed"]
    {
        assert!(told.done().contains(fragment), "{fragment}: {told:#?}");
    }

    let looked = format!("{NONE}Looked into 1 that touched this file.\n");
    assert_eq!(machine.run(&["why", &place(1)]).done(), looked);
    // A brace counts beside its neighbour alone, and that was not in the edit.
    assert_eq!(machine.run(&["why", &place(3)]).done(), looked);

    // What the crystal says stays when its log is gone.
    machine.json(&["storage", "purge", "--yes", &id]);
    let why = machine.json(&["why", &place(2)]);
    let written = &why["written"];
    assert_eq!((&written["crystal"]["id"], &written["fromLog"]), (&id.into(), &false.into()));
    assert!(written["failed"].as_array().unwrap().is_empty(), "{why}");
}

#[test]
fn a_place_that_is_none_is_said() {
    let Some(machine) = Machine::ready() else { return };
    let file = machine.file("quay.rs", "one\ntwo\n");
    let why = |place: &str| machine.run(&["why", place]);
    why(&format!("{}:9", file.display()))
        .refused("tracenet: [TMP]/quay.rs has 2 lines\n  → name a line that is there");
    why("/dev/zero:1").refused(
        "tracenet: /dev/zero is not a file\n  → name a file and a line, as in src/a.rs:12",
    );
    why("/nowhere/quay.rs:1").refused_with(&["/nowhere/quay.rs cannot be read"]);
    for wrong in ["quay.rs", "quay.rs:0", "quay.rs:two", ":3"] {
        why(wrong).misused("name a file and a line");
    }
    let noise = machine.file("noise", vec![0xff; 100_000]);
    assert!(why(&format!("{}:1", noise.display())).done().starts_with(NONE));
}

#[test]
fn an_error_that_came_again_is_told_with_what_it_cost_and_what_ended_it() {
    let Some(machine) = Machine::ready() else { return };
    assert_eq!(machine.run(&["solved"]).done(), "No error was met in more than one run.\n");
    let first = machine.remember(1);
    assert_eq!(machine.json(&["solved"])["total"], 0, "one run is none that came again");
    let other = town::log::small(2).replace("address already in use", "the lamp is broken");
    let other = machine.file("other.jsonl", other);
    machine.json(&["import", other.to_str().unwrap()]);
    assert_eq!(machine.json(&["solved"])["total"], 0, "another error");
    // The same one, in a thread of another name, at another number.
    machine.remember(3);
    let seen = machine.json(&["solved"]);
    let row = &seen["rows"][0];
    let runs = row["runs"].as_array().unwrap();
    assert_eq!((&seen["total"], runs.len()), (&1.into(), 2), "{seen}");
    assert!(row["error"].as_str().unwrap().contains("address already in use"), "{seen}");
    assert!(runs.iter().any(|run| run["crystal"]["id"] == *first), "{seen}");
    let mut passed: Vec<&str> = runs.iter().map(|run| run["passed"].as_str().unwrap()).collect();
    passed.sort_unstable();
    assert_eq!(passed, ["cargo test -p quay1", "cargo test -p quay3"], "{seen}");
    for run in runs {
        assert_eq!((&run["times"], &run["ended"]), (&1.into(), &true.into()), "{seen}");
        assert_eq!(run["edited"], serde_json::json!(["src/quay.rs"]), "{seen}");
        let cost = &run["cost"];
        assert_eq!((&cost["steps"], &cost["millis"]), (&3.into(), &5_000.into()), "{seen}");
        assert_eq!((&cost["timed"], &cost["counted"]), (&true.into(), &false.into()), "{seen}");
    }
    let told = machine.run(&["solved"]);
    for fragment in [
        "You solved these before:",
        "in 2 runs",
        "3 steps, 5 s, no tokens counted",
        "$ cargo test -p quay1",
    ] {
        assert!(told.done().contains(fragment), "{fragment}: {told:#?}");
    }
    // What the logs told is known: they are not read again.
    for log in machine.home.join("traces").read_dir().unwrap() {
        std::fs::write(log.unwrap().path(), "").unwrap();
    }
    assert_eq!(machine.json(&["solved"]), seen);
}

#[test]
fn nothing_is_saved_before_an_agent_says_so() {
    let Some(machine) = Machine::ready() else { return };
    machine.remember(1);
    let seen = machine.json(&["saved"]);
    assert_eq!((&seen["recalls"], &seen["total"]["steps"]), (&0.into(), &0.into()), "{seen}");
    let told = "No agent has said yet that something it recalled had helped.\n";
    assert_eq!(machine.run(&["saved"]).done(), told);
}
