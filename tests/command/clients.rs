//! Connecting Claude Code: the change is shown, written, tried out for real, and undone.

use super::rig::{Machine, terminal::Terminal};
use serde_json::Value;
use std::{fs, path::PathBuf};

const SETTINGS: &str = "{\n  \"numStartups\": 7,\n  \"mcpServers\": {\n    \"github\": {\n      \"command\": \"npx\",\n      \"env\": {\n        \"GITHUB_TOKEN\": \"ghp_16C7e42F292c6912E7710c838347Ae178B4a\"\n      }\n    }\n  },\n  \"theme\": \"dark\"\n}\n";
const CONNECT: [&str; 3] = ["agents", "connect", "claude-code"];
const UNDO: [&str; 3] = ["agents", "undo", "claude-code"];
const TOOLS: [&str; 8] =
    ["recall", "open", "remember", "outcome", "request_share", "share_status", "withdraw", "peers"];

/// Where Claude Code keeps its settings on this machine.
fn settings(machine: &Machine) -> PathBuf {
    machine.path("home/.claude.json")
}

fn with_claude(machine: &Machine) {
    machine.file("home/.claude.json", SETTINGS);
}

fn read(machine: &Machine) -> String {
    fs::read_to_string(settings(machine)).unwrap()
}

/// Every copy beside the settings.
fn copies(machine: &Machine) -> Vec<String> {
    let names = fs::read_dir(machine.path("home")).unwrap().map(|e| e.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.starts_with(".claude.json.")).collect()
}

fn run(machine: &Machine, what: [&str; 3], flag: &str) -> super::rig::Ran {
    machine.run(&[&what[..], &[flag]].concat())
}

fn json(machine: &Machine, what: [&str; 3], flag: &str) -> Value {
    machine.json(&[&what[..], &[flag]].concat())
}

#[test]
fn a_program_is_connected_tried_out_let_in_and_disconnected() {
    let Some(machine) = Machine::running() else { return };
    with_claude(&machine);
    let shown = run(&machine, CONNECT, "--dry-run");
    let diff = shown.done();
    assert!(diff.contains("+    \"tracenet\": {\n+      \"type\": \"stdio\",\n"), "{diff}");
    assert!(!diff.contains("16C7e42F292c"), "a key of another server was printed: {diff}");
    assert_eq!((read(&machine), copies(&machine).len()), (SETTINGS.to_owned(), 0));

    let done = json(&machine, CONNECT, "--yes");
    assert_eq!((&done["done"], &done["stands"]), (&"connected".into(), &true.into()), "{done}");
    let hands = &done["handshake"];
    let mut tools: Vec<&str> =
        hands["tools"].as_array().unwrap().iter().map(|tool| tool.as_str().unwrap()).collect();
    let mut expected = TOOLS;
    tools.sort_unstable();
    expected.sort_unstable();
    assert_eq!(tools, expected);
    assert_eq!(hands["server"], "tracenet 0.1.0");
    assert_eq!(hands["ready"], false);
    assert!(hands["said"].as_str().unwrap().contains("is not paired"), "{done}");
    let entry: Value = serde_json::from_str(&read(&machine)).unwrap();
    let entry = &entry["mcpServers"]["tracenet"];
    assert_eq!(entry["command"], machine.program().to_str().unwrap());
    assert_eq!(entry["args"], serde_json::json!(["mcp", "--as", "claude-code"]));
    assert_eq!(entry["env"]["TRACENET_HOME"], machine.home.to_str().unwrap());
    assert_eq!(copies(&machine).len(), 1);

    // The human lets it in; the same handshake now reaches the node.
    machine.allow(hands["ask"].as_str().unwrap());
    let again = json(&machine, CONNECT, "--yes");
    assert_eq!(again["handshake"]["ready"], true, "{again}");
    assert_eq!((again["backup"].as_str(), copies(&machine).len()), (Some(""), 1));

    let undone = json(&machine, UNDO, "--yes");
    assert_eq!(
        (&undone["done"], &undone["files"][0]["exact"]),
        (&"undone".into(), &true.into()),
        "{undone}"
    );
    assert_eq!((read(&machine), copies(&machine).len()), (SETTINGS.to_owned(), 0));
    run(&machine, UNDO, "--yes").refused(
        "tracenet: [TMP]/home/.claude.json names no server of ours\n  → there is nothing to undo",
    );
}

#[test]
fn without_a_node_or_its_keys_the_handshake_says_so() {
    let Some(machine) = Machine::new() else { return };
    with_claude(&machine);
    let ran = run(&machine, CONNECT, "--yes");
    let told = ran.done();
    assert!(told.contains("handshake  tracenet 0.1.0 speaks MCP 2025-06-18, 8 tools: "), "{told}");
    assert!(told.contains("let in     not yet\n  TraceNet is not running"), "{told}");
    let mut machine = machine;
    machine.start();
    let again = json(&machine, CONNECT, "--yes");
    let said = again["handshake"]["said"].as_str().unwrap();
    assert!(said.contains("this node has no keys yet"), "{again}");
    fs::write(settings(&machine), read(&machine).replace('7', "8")).unwrap();
    let told = run(&machine, UNDO, "--yes");
    assert!(told.done().contains("names this node no more; what else changed in it stays."));
    assert_eq!(read(&machine), SETTINGS.replace('7', "8"));
}

#[test]
fn a_human_is_asked_first() {
    let Some(machine) = Machine::ready() else { return };
    with_claude(&machine);
    run(&machine, CONNECT, "--json").refused("");
    machine.run(&CONNECT).refused_with(&[
        "tracenet: there is no terminal here to ask in",
        "→ look at it with --dry-run, then give --yes",
    ]);
    let question = "Write this into ";
    for no in ["", "n", "yes please"] {
        let mut terminal = Terminal::open(&machine, &CONNECT);
        terminal.type_at(question, no);
        let screen = terminal.end();
        assert!(screen.code == 0 && screen.text.contains("Nothing was changed."), "{screen:?}");
    }
    assert_eq!(read(&machine), SETTINGS);
    let mut terminal = Terminal::open(&machine, &CONNECT);
    terminal.type_at(question, "y");
    let screen = terminal.end();
    assert!(screen.code == 0 && screen.text.contains("handshake  tracenet"), "{screen:?}");
    assert!(read(&machine).contains("\"tracenet\": {"));
}

#[test]
fn what_cannot_be_changed_is_left_alone_and_explained() {
    let Some(machine) = Machine::ready() else { return };
    machine.run(&["agents", "connect", "emacs", "--yes"]).refused(
        "tracenet: no agent called `emacs` can be connected by this version\n  → one of: claude-code, codex, cursor, vscode, gemini-cli, opencode, claude-desktop; let others start `tracenet mcp --as NAME`",
    );
    // Nothing of it is here: not on the path either.
    let mut command = machine.tracenet(&["agents", "connect", "claude-code", "--yes"]);
    machine.ended(command.env("PATH", "/nowhere").output().unwrap()).refused(
        "tracenet: Claude Code was not found on this machine\n  → install it and start it once, then try again",
    );
    machine.file("home/.claude.json", "{\n  \"a\": 1,\n}\n");
    run(&machine, CONNECT, "--yes").refused(
        "tracenet: [TMP]/home/.claude.json is not JSON (line 3, column 1)\n  → nothing was changed: mend it in an editor, or let the program write it anew",
    );
    assert_eq!((read(&machine).as_str(), copies(&machine).len()), ("{\n  \"a\": 1,\n}\n", 0));
    // A copy of the program alone cannot name a shim that is not beside it.
    with_claude(&machine);
    let alone = machine.path("alone/other-name");
    fs::create_dir(alone.parent().unwrap()).unwrap();
    fs::copy(machine.program(), &alone).unwrap();
    let mut command = machine.command(&alone);
    let ran = machine.ended(command.args(CONNECT).arg("--yes").output().unwrap());
    ran.refused(
        "tracenet: there is no tracenet command at [TMP]/alone/tracenet\n  → install the `tracenet` command beside the app: agents are served by it",
    );
    assert_eq!(read(&machine), SETTINGS);
}
