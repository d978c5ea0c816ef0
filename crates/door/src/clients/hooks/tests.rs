//! Settings with and without hooks of others: only our groups differ, and they come out again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use std::collections::BTreeMap;

fn command(program: &str) -> Command {
    let command = line(program, "claude-code", Some("/home/ada/My Data"));
    Command { command, args: Vec::new(), env: BTreeMap::new() }
}

#[track_caller]
fn check(before: &str) -> serde_json::Value {
    let new = Hooks.put(before, &command("/usr/bin/tracenet")).unwrap();
    assert_eq!(Hooks.present(&new).unwrap(), Present::Command(command("/usr/bin/tracenet")));
    assert_eq!(Hooks.put(&new, &command("/usr/bin/tracenet")).unwrap(), new);
    assert_eq!(Hooks.take_out(&new, Some(before)).unwrap(), before, "{new}");
    // A newer one in another place takes the place of ours, and is ours too.
    let moved = Hooks.put(&new, &command("/opt/my apps/tracenet")).unwrap();
    assert_eq!(Hooks.present(&moved).unwrap(), Present::Command(command("/opt/my apps/tracenet")));
    assert_eq!(Hooks.take_out(&moved, Some(before)).unwrap(), before, "{moved}");
    serde_json::from_str(&new).unwrap()
}

#[test]
fn every_event_gets_a_group_of_its_own() {
    let new = check("{\n  \"model\": \"opus\"\n}\n");
    let events: Vec<&String> = new["hooks"].as_object().unwrap().keys().collect();
    assert_eq!(events, ["PreCompact", "SessionEnd", "SessionStart", "UserPromptSubmit"]);
    let expected = serde_json::json!([{ "hooks": [{
        "type": "command",
        "command": "/usr/bin/tracenet hook session-end --as claude-code --home '/home/ada/My Data' 2>/dev/null || true",
        "timeout": 5,
    }] }]);
    assert_eq!(new["hooks"]["SessionEnd"], expected);
    check("{}");
    check("{\"model\":\"opus\"}");
}

#[test]
fn hooks_of_others_stay_where_they_are() {
    let new = check(
        "{\n  \"hooks\": {\n    \"Stop\": [\n      {\n        \"hooks\": [\n          { \"type\": \"command\", \"command\": \"say done\" }\n        ]\n      }\n    ],\n    \"SessionStart\": [\n      { \"matcher\": \"startup\", \"hooks\": [{ \"type\": \"command\", \"command\": \"tracenet-like hook session-start --as x\" }] }\n    ],\n    \"PreCompact\": []\n  },\n  \"theme\": \"dark\"\n}\n",
    );
    assert_eq!(new["hooks"]["SessionStart"].as_array().unwrap().len(), 2);
    assert_eq!(new["hooks"]["SessionStart"][0]["matcher"], "startup");
    assert_eq!(new["hooks"]["Stop"][0]["hooks"][0]["command"], "say done");
    check("{\n  \"hooks\": {}\n}\n");
}

#[test]
fn a_hook_of_ours_in_a_group_of_others_goes_alone() {
    let text = "{\n  \"hooks\": {\n    \"SessionEnd\": [\n      {\"hooks\": [{\"type\": \"command\", \"command\": \"/a/tracenet hook session-end --as b\"}, {\"type\": \"command\", \"command\": \"ls\"}]}\n    ]\n  }\n}\n";
    assert_eq!(Hooks.present(text).unwrap(), Present::Other);
    let left = Hooks.take_out(text, None).unwrap();
    assert!(left.contains("\"ls\"") && !left.contains("tracenet"), "{left}");
}

#[test]
fn what_is_no_list_of_hooks_is_left_alone() {
    let refused = |text: &str| Hooks.put(text, &command("/usr/bin/tracenet")).unwrap_err();
    let no = |key: &str, what| EditError::NotAHolder { key: key.to_owned(), what };
    assert_eq!(refused(r#"{"hooks": []}"#), no("hooks", "an object"));
    assert_eq!(refused(r#"{"hooks": {"SessionEnd": {}}}"#), no("SessionEnd", "an array"));
    let twice = EditError::Twice { key: "hooks".to_owned() };
    assert_eq!(refused(r#"{"hooks": {}, "hooks": {}}"#), twice);
    assert!(matches!(refused("{ // mine\n}"), EditError::NotRead { .. }));
}

#[cfg(unix)]
#[test]
fn a_shell_runs_what_was_meant_and_never_blocks_a_prompt() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("it's \"here\" $HOME");
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("tracenet");
    std::fs::write(&program, "#!/bin/sh\nfor a in \"$@\"; do echo \"<$a>\"; done\nexit 2\n")
        .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let line = line(program.to_str().unwrap(), "claude-code", folder.to_str());
    let run = |line: &str| std::process::Command::new("sh").args(["-c", line]).output().unwrap();
    let ran = run(&line);
    let said =
        format!("<hook>\n<EVENT>\n<--as>\n<claude-code>\n<--home>\n<{}>\n", folder.display());
    assert_eq!((String::from_utf8(ran.stdout).unwrap(), ran.status.code()), (said, Some(0)));
    std::fs::remove_file(program).unwrap();
    let gone = run(&line);
    assert_eq!((gone.stdout, gone.stderr, gone.status.code()), (vec![], vec![], Some(0)));
}
