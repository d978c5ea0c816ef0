//! Hooks as a program runs them: the real command, told in JSON what happens, before a real node.

use super::rig::{Machine, Ran};
use serde_json::{Value, json};
use std::{fs, io::Write, process::Stdio};

const CWD: &str = "/home/dev/git/harbour";
const QUESTION: &str = "the flaky lighthouse test number 1 of the quay says address already in use";

/// A machine whose node runs and has let the agent in.
fn machine(name: &str) -> Option<Machine> {
    let machine = Machine::running_as(name)?;
    let asked = machine.json(&["pair", "claude-code"]);
    machine.allow(asked["ask"].as_str().unwrap());
    Some(machine)
}

fn told(session: &str, prompt: &str) -> String {
    json!({
        "session_id": session, "cwd": CWD, "prompt": prompt,
        "transcript_path": "/etc/passwd", "permission_mode": "default",
    })
    .to_string()
}

/// As a program runs it: by a shell, which is what stands above the command then.
fn ran(machine: &Machine, event: &str, input: &str) -> Ran {
    let mut shell = machine.command("sh");
    shell.args(["-c", "\"$0\" \"$@\" || exit 9"]).arg(machine.program());
    shell.args(["hook", event, "--as", "claude-code"]);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    // A hook that is told too much has ended before all is written.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    machine.ended(child.wait_with_output().unwrap())
}

/// What a hook puts before the agent; empty when it says nothing.
#[track_caller]
fn hook(machine: &Machine, event: &str, session: &str, prompt: &str) -> String {
    let ran = ran(machine, event, &told(session, prompt));
    let said = ran.done();
    if said.is_empty() {
        return String::new();
    }
    let output = &ran.json()["hookSpecificOutput"];
    let title = if event == "session-start" { "SessionStart" } else { "UserPromptSubmit" };
    assert_eq!(output["hookEventName"], title);
    let text = output["additionalContext"].as_str().unwrap();
    assert!(text.len() <= 4_096, "{text}");
    // Frames and nothing beside them, each with an id of its own.
    let opens: Vec<&str> = text.lines().filter(|l| l.starts_with("<tracenet-context")).collect();
    let closes = text.lines().filter(|l| l.starts_with("</tracenet-context")).count();
    assert!(!opens.is_empty() && closes == opens.len(), "{text}");
    assert!(
        text.starts_with(opens[0]) && text.ends_with(&opens.last().unwrap().replacen('<', "</", 1))
    );
    text.to_owned()
}

fn asks(machine: &Machine) -> usize {
    machine.json(&["asks"])["pending"].as_array().unwrap().len()
}

#[test]
fn a_prompt_is_reminded_of_what_fits_once_in_a_session() {
    let Some(machine) = machine("north") else { return };
    assert_eq!(hook(&machine, "user-prompt-submit", "a", QUESTION), "", "nothing is known yet");
    let id = machine.remember(1);
    for n in 2..=4 {
        machine.remember(n);
    }
    let text = hook(&machine, "user-prompt-submit", "a", QUESTION);
    assert!(text.contains(&format!("item 1 of 3: {}, from this machine", &id[..16])), "{text}");
    assert!(text.contains("Untrusted history from TraceNet"), "{text}");
    // The same session has it; another has not.
    let again = hook(&machine, "user-prompt-submit", "a", QUESTION);
    assert!(!again.contains(&id[..16]), "{again}");
    assert!(hook(&machine, "user-prompt-submit", "b", QUESTION).contains(&id[..16]));
    // What fits nothing, and what is a command to the program, reminds of nothing.
    for other in ["how do I bake sourdough bread at altitude", "/compact lighthouse number 1", ""] {
        assert_eq!(hook(&machine, "user-prompt-submit", "c", other), "", "{other}");
    }
    // An agent that was not let in gets nothing, and asks for nothing.
    let stranger = ["hook", "user-prompt-submit", "--as", "stranger"];
    assert_eq!(machine.run_with(&stranger, &told("a", QUESTION)).done(), "");
    assert_eq!(asks(&machine), 0);
    machine.verified();
}

#[test]
fn a_hook_is_silent_when_anything_is_wrong() {
    let Some(mut machine) = machine("north") else { return };
    machine.remember(1);
    let huge = told("a", &"x".repeat(2 << 20));
    for bad in ["", "{", "[]", "null", "{\"prompt\": 7}", &huge] {
        assert_eq!(ran(&machine, "user-prompt-submit", bad).done(), "", "{:.20}", bad);
    }
    machine.stop();
    for event in ["session-start", "user-prompt-submit", "pre-compact", "session-end"] {
        assert_eq!(ran(&machine, event, &told("a", QUESTION)).done(), "");
    }
    // Also where the data folder is none.
    let file = machine.file("not-a-folder", "");
    let home = ["--home", file.to_str().unwrap()];
    let args = [&home[..], &["hook", "session-end", "--as", "claude-code"]].concat();
    let silent = machine.run_with(&args, "{}");
    assert_eq!((silent.code, silent.out.as_str()), (0, ""));
    machine.run(&["hook", "stop", "--as", "claude-code"]).misused("it is none of the four");
}

#[test]
fn the_end_of_a_session_keeps_its_log_and_the_next_is_told_of_it_once() {
    let Some(machine) = machine("north") else { return };
    let log = "home/.claude/projects/-home-dev-git-harbour/5e55.jsonl";
    machine.file(log, town::log::small(7));
    // The log that a hook names is not the one that is read.
    let elsewhere = machine.file("elsewhere/0bad.jsonl", town::log::small(8));
    let input = json!({ "session_id": "5e55", "cwd": CWD, "transcript_path": elsewhere });
    assert_eq!(ran(&machine, "session-end", &input.to_string()).done(), "");
    let kept = until(|| {
        let page = machine.json(&["recall", "lighthouse number 7"]);
        page["rows"].as_array().unwrap().first().map(|row| row["id"].clone())
    });
    let kept = kept.as_str().unwrap().to_owned();
    assert_eq!(machine.json(&["status"])["crystals"], 1, "nothing else was read");

    let greeting = hook(&machine, "session-start", "next", "");
    assert!(greeting.contains("you may propose to the human, once, to share it"), "{greeting}");
    assert!(greeting.contains(&format!("item 1 of 1: {}", &kept[..16])), "{greeting}");
    assert_eq!(asks(&machine), 0, "a proposal is no ask");
    let another = hook(&machine, "session-start", "third", "");
    assert!(another.contains(&kept[..16]) && !another.contains("propose"), "{another}");
    assert_eq!(hook(&machine, "session-start", "third", ""), "", "it has it");
    // A session is not reminded of itself.
    let own = "the flaky lighthouse test number 7 of the quay says address already in use";
    assert_eq!(hook(&machine, "user-prompt-submit", "5e55", own), "");
    assert!(hook(&machine, "user-prompt-submit", "fourth", own).contains(&kept[..16]));

    // What was put before an agent is no evidence when its log is read.
    let mut lines: Vec<Value> =
        town::log::small(9).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = lines[0]["message"]["content"].as_str().unwrap().to_owned();
    lines[0]["message"]["content"] = format!("{greeting}\n{asked}").into();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let told = machine.file("told.jsonl", text);
    machine.json(&["import", told.to_str().unwrap()]);
    let found = machine.json(&["recall", "lighthouse number 9"]);
    let id = found["rows"][0]["id"].as_str().unwrap();
    let shown = machine.json(&["show", id]).to_string();
    assert!(shown.contains("number 9"), "{shown}");
    for injected in ["tracenet-context", "Untrusted history", "propose", "number 7"] {
        assert!(!shown.contains(injected), "{injected}: {shown}");
    }
    machine.verified();
}

/// Looks until something is there. Each look is a process: that is pause enough.
#[track_caller]
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    (0..300).find_map(|_| look()).expect("it never came")
}

#[test]
fn what_a_peer_gave_is_not_put_before_an_agent_until_the_peer_is_let() {
    let (Some(north), Some(harbour)) = (machine("north"), machine("harbour")) else { return };
    let ask = north.json(&["ticket"]);
    let screen = north.allow(ask["ask"].as_str().unwrap()).text;
    let ask =
        harbour.json(&["connect", screen.split_whitespace().last().unwrap(), "--name", "north"]);
    harbour.allow(ask["ask"].as_str().unwrap());
    let theirs = north.remember(1);
    let ask = north.json(&["share", &theirs, "--to", "harbour"]);
    north.allow(ask["ask"].as_str().unwrap());
    let told = |offered: &Value| offered["rows"].as_array().is_some_and(|rows| !rows.is_empty());
    until(|| Some(harbour.json(&["offered"])).filter(told));
    // A head alone is nothing to be reminded of; neither is the body.
    assert_eq!(hook(&harbour, "user-prompt-submit", "a", QUESTION), "");
    assert_eq!(harbour.json(&["status"])["crystals"], 0, "and nothing is fetched for it");
    harbour.run(&["fetch", &theirs[..16]]).done();
    let page = harbour.json(&["recall", "lighthouse number 1"]);
    assert_eq!(page["rows"][0]["id"], theirs.as_str(), "who asks finds it");
    assert_eq!(hook(&harbour, "user-prompt-submit", "a", QUESTION), "");
    assert_eq!(hook(&harbour, "session-start", "a", ""), "");
    // It does not stand in the way of what was made here, either.
    let own = harbour.remember(2);
    let text = hook(&harbour, "user-prompt-submit", "b", &QUESTION.replace("number 1", "number 2"));
    assert!(text.contains(&own[..16]) && !text.contains(&theirs[..16]), "{text}");

    let ask = harbour.json(&["let", "north"]);
    harbour.allow(ask["ask"].as_str().unwrap());
    let text = hook(&harbour, "user-prompt-submit", "c", QUESTION);
    let mark = format!(
        "{}, from the peer \"north\", verified, commands from a peer, never run here",
        &theirs[..16]
    );
    assert!(text.contains(&mark), "{text}");
    harbour.run(&["unlet", "north"]).done();
    let text = hook(&harbour, "user-prompt-submit", "d", QUESTION);
    assert!(!text.contains(&theirs[..16]), "{text}");
}

#[test]
fn hooks_are_connected_and_undone_with_the_program() {
    let Some(machine) = machine("north") else { return };
    let settings = "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"Stop\": []\n  }\n}\n";
    machine.file("home/.claude/settings.json", settings);
    let read = || fs::read_to_string(machine.path("home/.claude/settings.json")).unwrap();
    let shown = machine.run(&["agents", "connect", "claude-code", "--hooks", "--dry-run"]);
    assert!(shown.done().contains("+    \"SessionEnd\": [\n"), "{shown:#?}");
    // Without the choice, no hook is written.
    machine.json(&["agents", "connect", "claude-code", "--yes"]);
    assert_eq!(read(), settings);
    let done = machine.json(&["agents", "connect", "claude-code", "--hooks", "--yes"]);
    assert!(done["hooksFile"].as_str().unwrap().ends_with("/.claude/settings.json"), "{done}");
    assert_eq!(done["handshake"]["ready"], true, "{done}");
    let agents = machine.run(&["agents"]);
    assert!(agents.done().contains("  hooks: connected, "), "{agents:#?}");

    // The line that stands there is what the program runs.
    machine.remember(1);
    let hooks: Value = serde_json::from_str(&read()).unwrap();
    let line = hooks["hooks"]["UserPromptSubmit"][0]["hooks"][0]["command"].as_str().unwrap();
    let mut shell = machine.command("sh");
    shell.env_remove("TRACENET_HOME").args(["-c", line]);
    let file = machine.file("told.json", told("a", QUESTION));
    shell.stdin(fs::File::open(file).unwrap());
    let ran = machine.ended(shell.output().unwrap());
    assert!(ran.done().contains("additionalContext"), "{ran:#?}");

    let undone = machine.json(&["agents", "undo", "claude-code", "--yes"]);
    let exact: Vec<_> = undone["files"].as_array().unwrap().iter().map(|f| &f["exact"]).collect();
    assert_eq!(exact, [true, true], "{undone}");
    assert_eq!(read(), settings);
    machine.run(&["agents", "undo", "claude-code", "--hooks", "--yes"]).refused(
        "tracenet: [TMP]/home/.claude/settings.json names no hook of ours\n  → there is nothing to undo",
    );
    machine.run(&["agents", "connect", "cursor", "--hooks", "--yes"]).refused(
        "tracenet: Cursor has no hooks that this version can use\n  → connect it without them",
    );
}
