//! The human's word on memory: how a run ended, and that it is to be forgotten.

use super::rig::Machine;
use serde_json::{Value, json};
use std::path::Path;

fn import(machine: &Machine, path: &Path) -> Value {
    machine.json(&["import", path.to_str().unwrap()])
}

fn outcomes(machine: &Machine) -> Vec<String> {
    let page = machine.json(&["recall", "lighthouse"]);
    let rows = page["rows"].as_array().unwrap().iter();
    rows.map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_humans_word_on_an_outcome_stands_beside_the_rules() {
    let Some(machine) = Machine::ready() else { return };
    let id = machine.remember(1);
    let by_rule = json!({ "outcome": "passed", "rule": "passed", "judged": 0 });
    assert_eq!(machine.json(&["outcome", &id]), by_rule);
    let told = machine.run(&["outcome", &id]);
    assert_eq!(told.done(), "passed by the rule, from lines 6 to 7 of its log\n");

    let said = machine.json(&["outcome", &id, "failed"]);
    assert_eq!((&said["outcome"], &said["rule"]), (&json!("failed"), &json!("passed")), "{said}");
    assert!(said["judged"].as_u64().unwrap() > 0, "{said}");
    let told = machine.run(&["outcome", &id]);
    assert!(told.done().starts_with("failed, as you said on "), "{told:#?}");
    assert!(told.done().ends_with("\npassed by the rule, from lines 6 to 7 of its log\n"));
    assert_eq!(outcomes(&machine), ["failed"], "lists have the human's word");
    let skill = machine.run(&["distil", &id, "--skill"]);
    assert!(skill.done().contains("its human says that it failed"), "{skill:#?}");

    // The log went on: the human's word is said of all of it.
    let grown = format!("{}\n{}", town::log::small(1).trim_end(), "{\"type\":\"summary\"}\n");
    import(&machine, &machine.file("logs/1.jsonl", grown));
    assert_eq!(machine.json(&["status"])["crystals"], 1);
    assert_eq!(outcomes(&machine), ["failed"]);
    let page = machine.json(&["recall", "lighthouse"]);
    let id = page["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(machine.json(&["outcome", &id, "--rule"]), by_rule);
    assert_eq!(outcomes(&machine), ["passed"]);
    machine.run(&["outcome", &id, "splendid"]).misused("[possible values: passed");
    machine.verified();
}

#[test]
fn what_was_forgotten_does_not_come_back() {
    let Some(machine) = Machine::ready() else { return };
    let id = machine.remember(1);
    let refused = machine.run(&["--json", "forget", &id]);
    assert_eq!(refused.code, 1, "nobody is here to confirm: {refused:#?}");
    let done = machine.json(&["forget", &id, "--yes"]);
    assert!(done["freed"].as_u64().unwrap() > 0, "{done}");
    let empty = |machine: &Machine| {
        let status = machine.json(&["status"]);
        assert_eq!((&status["crystals"], &status["traces"]), (&0.into(), &0.into()), "{status}");
        assert_eq!(machine.home.join("traces").read_dir().unwrap().count(), 0, "no byte is left");
        assert!(outcomes(machine).is_empty());
    };
    empty(&machine);
    machine.run(&["show", &id]).refused_with(&["nothing here has an id that begins with"]);

    // The same log again, and a longer one that begins with it.
    let job = import(&machine, &machine.path("logs/1.jsonl"));
    assert_eq!((&job["known"], &job["crystals"]), (&1.into(), &0.into()), "{job}");
    let longer = town::log::small(1) + "{\"type\":\"summary\",\"summary\":\"the lighthouse\"}\n";
    let job = import(&machine, &machine.file("logs/1.jsonl", longer));
    assert_eq!((&job["known"], &job["crystals"]), (&1.into(), &0.into()), "{job}");
    empty(&machine);

    // Another log in its place is another one.
    let job = import(&machine, &machine.file("logs/1.jsonl", town::log::small(2)));
    assert_eq!((&job["traces"], &job["crystals"]), (&1.into(), &1.into()), "{job}");
    machine.verified();
}

#[test]
fn what_the_human_is_asked_to_share_is_not_forgotten() {
    let Some(machine) = Machine::running() else { return };
    let id = machine.remember(1);
    machine.json(&["share", &id, "--public"]);
    let refused = machine.run(&["forget", &id, "--yes"]);
    refused.refused("tracenet: you are being asked to share this\n  \u{2192} answer the ask first");
    assert_eq!(machine.json(&["status"])["crystals"], 1);
}
