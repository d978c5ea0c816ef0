//! A policy from the organisation's key to the human's yes and back, by the command alone.

use super::rig::Machine;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

/// Makes version `seq` of a policy in a new file, and gives its path.
fn made(office: &Machine, seq: &str, terms: &[&str]) -> String {
    let (key, file) = (office.path("quay.key"), office.path(&format!("quay-{seq}.policy")));
    let (key, file) = (key.to_str().unwrap(), file.to_str().unwrap());
    let args = ["policy", "make", file, "--key", key, "--org", "Quay & Sons", "--seq", seq];
    office.json(&[&args[..], terms].concat());
    file.to_owned()
}

#[test]
fn an_organisation_needs_no_node() {
    let Some(office) = Machine::new() else { return };
    let key = office.path("quay.key");
    let key = key.to_str().unwrap();
    let new = office.json(&["policy", "key", "new", key]);
    assert_eq!(office.json(&["policy", "key", "words", key]), new);
    assert_eq!(new["words"].as_str().unwrap().split('-').count(), 6);
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    office.run(&["policy", "key", "new", key]).refused_with(&["exists already"]);

    let file = made(&office, "1", &["--no-public", "--no-finding", "email", "--agent", "codex"]);
    assert!(std::fs::metadata(&file).unwrap().len() < 1_024);
    assert!(!office.home.exists(), "no data folder is made");
    let make = |args: &[&str]| {
        let out = office.path("other.policy");
        let named = ["--key", key, "--org", "Quay", "--seq", "2"];
        office.run(&[&["policy", "make", out.to_str().unwrap()], &named[..], args].concat())
    };
    make(&["--no-finding", "e-mail"]).refused_with(&["knows no class or rule called \"e-mail\""]);
    make(&["--person", "abcd"]).refused_with(&["is no human_key"]);
    make(&["--agent", "Claude Code"]).refused_with(&["is no name of an agent"]);
    make(&["--nobody", "--person", "ab"]).misused("cannot be used with");
    assert!(!office.path("other.policy").exists(), "what is refused leaves no file");
    let again = ["policy", "make", &file, "--key", key, "--org", "Quay", "--seq", "2"];
    office.run(&again).refused_with(&["cannot be written"]);
}

#[test]
fn a_policy_is_checked_accepted_held_to_and_dropped() {
    let (Some(office), Some(machine)) = (Machine::new(), Machine::running()) else { return };
    let key = office.path("quay.key");
    let words = office.json(&["policy", "key", "new", key.to_str().unwrap()])["words"].clone();
    let first = made(&office, "1", &["--no-public"]);
    let none = "No policy is accepted here: what is shared is up to you alone.\n";
    assert_eq!(machine.run(&["policy"]).done(), none);

    let would = machine.json(&["policy", "check", &first]);
    assert_eq!((&would["policy"]["words"], &would["refused"]), (&words, &json!("")));
    let said = machine.run(&["policy", "check", &first]);
    assert!(said.done().contains("Nothing may be shared publicly."), "{said:#?}");
    assert_eq!(machine.json(&["policy"])["policies"], json!([]), "to check accepts nothing");

    let ask = machine.json(&["policy", "accept", &first]);
    let screen = machine.allow(ask["ask"].as_str().unwrap());
    assert!(screen.text.contains("Accept what an organisation forbids"), "{screen:#?}");
    assert!(screen.text.contains(words.as_str().unwrap()), "the words to compare: {screen:#?}");
    let listed = machine.run(&["policy"]);
    assert!(
        listed.done().starts_with("Quay & Sons, version 1\n  no public sharing\n"),
        "{listed:#?}"
    );
    assert!(machine.run(&["policy", "show", "Quay & Sons"]).done().contains("until you drop it"));
    machine.run(&["policy", "show", "Harbour"]).refused_with(&["no policy of this organisation"]);

    let crystal = machine.remember(1);
    let share = machine.run(&["share", &crystal, "--public"]);
    share.refused_with(&["forbidden by the policy of Quay & Sons: no public sharing"]);
    let again = machine.run(&["policy", "check", &first]);
    again.refused_with(&["version 1 of this organisation's policy is accepted"]);
    assert_eq!(machine.run(&["--json", "policy", "check", &first]).code, 1);

    // A file that was changed on its way says nothing that its organisation said.
    let mut bytes = std::fs::read(made(&office, "2", &[])).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bent = machine.file("bent.policy", bytes);
    for verb in ["check", "accept"] {
        let ran = machine.run(&["policy", verb, bent.to_str().unwrap()]);
        ran.refused_with(&["this is no policy, or it was changed since it was signed"]);
    }
    machine.run(&["policy", "accept", "nowhere"]).refused_with(&["cannot be read"]);

    machine.run(&["policy", "drop"]).misused("<ORG|--all>");
    let ask = machine.json(&["policy", "drop", "Quay & Sons"]);
    machine.allow(ask["ask"].as_str().unwrap());
    assert_eq!(machine.run(&["policy"]).done(), none);
    let share = machine.json(&["share", &crystal, "--public"]);
    machine.run(&["deny", share["ask"].as_str().unwrap()]);
    let events =
        |word: &str| machine.json(&["log", "--event", word])["rows"].as_array().unwrap().len();
    assert_eq!((events("policy-accepted"), events("policy-dropped")), (1, 1));
    machine.verified();
}
