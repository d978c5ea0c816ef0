//! Looking through a file for what must not leave, without a node.

use super::rig::Machine;

/// A token that no source holds.
fn token() -> String {
    format!("{}{}", "npm_", "x7Kq2Lm9Zp4Rt6Wv8Yb1Nc3Df5Gh0Js2Ua4Q")
}

#[test]
fn a_file_is_looked_through_without_a_node() {
    let Some(machine) = Machine::new() else { return };
    let file = machine.file("notes.txt", "nothing of interest\n");
    let name = file.to_str().unwrap();
    assert_eq!(machine.run(&["screen", name]).done(), "Nothing found in 20 B.\n");
    assert_eq!(machine.run(&["screen", name, "--json"]).done(), "[]\n");

    machine.file("notes.txt", format!("a line\nkey: {}\nwrite to ada@lovelace.org\n", token()));
    let ran = machine.run(&["screen", name]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:#?}");
    let row =
        |line: u32, what: &str, masked: &str| format!("line {line:>6}  {what:<38}  {masked}\n");
    let token_row = row(2, "npm token", "npm_…Ua4Q");
    let mail_row = row(3, "e-mail address", "a…@lovelace.org");
    let sum = "1 secret and 1 thing that tells of a person or a network found in 79 B.";
    assert_eq!(ran.out, format!("{token_row}{mail_row}\n{sum}\n"));

    let ran = machine.run(&["screen", name, "--json"]);
    assert_eq!(ran.code, 1);
    let rows = serde_json::json!([
        {"rule": "npm-token", "line": 2, "start": 12, "end": 52, "masked": "npm_…Ua4Q"},
        {"rule": "email", "line": 3, "start": 62, "end": 78, "masked": "a…@lovelace.org"},
    ]);
    assert_eq!(ran.json(), rows);
    assert!(!ran.out.contains(&token()) && !machine.home.exists(), "no secret, and no folder");
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let Some(machine) = Machine::new() else { return };
    let file = machine.path("missing.txt");
    machine
        .run(&["screen", file.to_str().unwrap()])
        .refused_with(&["missing.txt cannot be read", "name a file, or - for standard input"]);
}

#[test]
fn standard_input_is_looked_through() {
    let Some(machine) = Machine::new() else { return };
    let plain = format!("token: {}", token());
    let text = format!("x: {}\n", data_encoding::BASE64.encode(plain.as_bytes()));
    let ran = machine.run_with(&["screen", "-", "--json"], &text);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let rows = ran.json();
    assert_eq!((&rows[0]["rule"], &rows[0]["line"]), (&"npm-token".into(), &1.into()), "{rows}");
    assert_eq!(rows[0]["masked"], "npm_…Ua4Q");
}
