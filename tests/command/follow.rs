//! Logs that grow, are rotated, or lie elsewhere: one run stays one trace, and nothing that was
//! kept goes with its source.

use super::rig::Machine;
use serde_json::Value;
use std::{
    fs::OpenOptions,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::Stdio,
};

fn job(machine: &Machine, path: &Path) -> Value {
    machine.json(&["import", path.to_str().unwrap()])
}

/// Traces and crystals of this machine.
fn kept(machine: &Machine) -> (u64, u64) {
    let status = machine.json(&["status"]);
    (status["traces"].as_u64().unwrap(), status["crystals"].as_u64().unwrap())
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_log_that_grew_is_one_trace() {
    let Some(machine) = Machine::ready() else { return };
    let path = machine.file("log.jsonl", town::log::small(1));
    job(&machine, &path);
    let vault = || machine.home.join("traces").read_dir().unwrap().count();
    assert_eq!((kept(&machine), vault()), ((1, 1), 2));
    let first = machine.json(&["recall", "lighthouse"])["rows"][0]["id"].clone();
    append(&path, &town::log::small(1).replace("15:30", "15:40").replace("t1", "u1"));
    assert_eq!(job(&machine, &path)["traces"], 1);
    assert_eq!((kept(&machine), vault()), ((1, 1), 2));
    let rows = machine.json(&["recall", "lighthouse"])["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_ne!(rows[0]["id"], first);
    // The beginning by itself, from wherever it comes, is known.
    let copy = machine.file("copy.jsonl", town::log::small(1));
    assert_eq!(job(&machine, &copy)["known"], 1);
    // A log that was cut short at its source, or another one in its place, takes nothing away.
    std::fs::write(&path, town::log::small(2)).unwrap();
    assert_eq!(job(&machine, &path)["traces"], 1);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(kept(&machine), (2, 2));
    machine.verified();
}

#[test]
fn every_format_is_imported_and_explained() {
    let Some(machine) = Machine::ready() else { return };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let ran = machine.run(&["--json", "import", fixtures.to_str().unwrap()]);
    let job = ran.json();
    assert_eq!((&job["traces"], &job["crystals"]), (&7.into(), &7.into()), "{ran:#?}");
    assert_eq!(job["failures"], serde_json::json!([]), "{job}");
    let odd = ["malformed", "unknown", "oversized"].map(|key| job[key].as_u64().unwrap());
    assert_eq!(odd.iter().sum::<u64>(), 6, "{job}");
    let rows = machine.json(&["recall", "checkout", "drops", "last", "item"])["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 7, "{rows}");
    for row in rows.as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let told = machine.json(&["distil", id]);
        let fields = told["fields"].as_array().unwrap();
        assert!(fields.len() >= 8 && fields.iter().all(|f| f["holds"] == true), "{told}");
        assert!(fields.iter().all(|f| f["evidence"] != ""), "{told}");
        let by_trace = machine.json(&["distil", told["trace"].as_str().unwrap()]);
        assert_eq!(by_trace, told);
        let skill = machine.run(&["distil", id, "--skill"]);
        assert!(skill.done().starts_with("---\nname: the-checkout-drops"), "{skill:#?}");
        let atif = machine.run(&["distil", id, "--atif"]);
        let atif: Value = serde_json::from_str(atif.done()).unwrap();
        assert_eq!(atif["schema_version"], "ATIF-v1.7");
    }
    machine.verified();
}

#[test]
fn what_is_written_is_read_while_it_is_followed() {
    let Some(machine) = Machine::running() else { return };
    let path = machine.file("logs/log.jsonl", town::log::small(1));
    let folder = machine.path("logs");
    let mut watch = machine
        .tracenet(&["--json", "import", "--watch", folder.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = |crystals: u64| loop {
        let line = lines.next().expect("the watch goes on").unwrap();
        let state: Value = serde_json::from_str(&line).unwrap();
        if state["crystals"] == crystals {
            return state;
        }
    };
    next(1);
    // A line that is being written waits; another log is read meanwhile.
    append(&path, "{\"type\":\"user\",\"mess");
    machine.file("logs/more.jsonl", town::log::small(2));
    let state = next(2);
    assert_eq!((&state["malformed"], &state["traces"]), (&0.into(), &2.into()), "{state}");
    // What its program deletes stays.
    std::fs::remove_file(&path).unwrap();
    machine.file("logs/last.jsonl", town::log::small(3));
    next(3);
    assert_eq!(kept(&machine), (3, 3));
    let pid = nix::unistd::Pid::from_raw(i32::try_from(watch.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(0));
    machine.verified();
}

#[test]
fn sources_are_counted() {
    let Some(machine) = Machine::ready() else { return };
    assert_eq!(machine.run(&["sources"]).done().trim(), "No logs of agents were found.");
    let home = machine.variables().into_iter().find(|(name, _)| *name == "HOME").unwrap().1;
    let put = |name: &str, text: &str| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(".claude/projects/-w/a.jsonl", &town::log::small(1));
    let codex = include_str!("../fixtures/codex.jsonl");
    put(".codex/sessions/2026/03/04/rollout-2026-03-04T10-00-00-x.jsonl", codex);
    let found = machine.json(&["sources"]);
    let names: Vec<&str> =
        found["logs"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["claude-code", "codex"], "{found}");
    let job = machine.json(&["import"]);
    assert_eq!((&job["traces"], &job["crystals"]), (&2.into(), &2.into()), "{job}");
}

#[test]
fn what_agents_write_is_read_from_start_to_start_once_the_human_said_so() {
    let Some(mut machine) = Machine::running() else { return };
    let home = machine.variables().into_iter().find(|(name, _)| *name == "HOME").unwrap().1;
    let put = |n: u32| {
        let path = home.join(format!(".claude/projects/-w/{n}.jsonl"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, town::log::small(n)).unwrap();
    };
    let until = |machine: &Machine, crystals: u64| {
        // Each look is a program of its own: it asks as often as it can for as long as others wait.
        let since = std::time::Instant::now();
        while kept(machine).1 != crystals {
            assert!(since.elapsed() < town::PATIENCE, "{crystals} crystals never came");
        }
    };
    put(1);
    assert_eq!(machine.json(&["sources"])["followed"], false);
    assert_eq!(machine.json(&["sources", "--follow", "on"])["followed"], true);
    until(&machine, 1);
    machine.stop();
    put(2);
    machine.start();
    until(&machine, 2);
    let seen = machine.json(&["sources", "--follow", "off"]);
    assert_eq!((&seen["followed"], &seen["failures"]), (&false.into(), &serde_json::json!([])));
    machine.stop();
    machine.start();
    assert_eq!(machine.json(&["sources"])["followed"], false, "and after the next start too");
    machine.verified();
}
