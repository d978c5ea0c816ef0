//! Codex CLI rollouts, line by line: what is told twice counts once.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::{Deed, Format, Log, Verdict};
use artifact::StepKind;

/// Each step as `line kind name text`, a result that failed with `!`; notes without their text.
fn check(log: &str, want: &[&str]) {
    let run = Log::read(Format::Codex, log.as_bytes());
    let got = run.trace.steps.iter().map(|step| {
        let failed = if step.failed { "!" } else { "" };
        let text = if step.kind == StepKind::Note { "" } else { step.text.as_str() };
        let told =
            format!("{:?}{failed} {} {text}", step.kind, step.name.as_deref().unwrap_or("-"));
        format!("{} {}", step.line, told.trim_end())
    });
    assert_eq!(got.collect::<Vec<_>>(), want, "{log}");
}

#[test]
fn words_count_once_whichever_way_they_come() {
    check(
        r#"{"timestamp":"2026-03-04T10:00:00Z","type":"event_msg","payload":{"type":"user_message","message":"fix the build"}}
{"timestamp":"2026-03-04T10:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"fix the build"}]}}
{"timestamp":"2026-03-04T10:00:09Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"fix the build"}]}}
{"timestamp":"2026-03-04T10:00:09Z","type":"event_msg","payload":{"type":"user_message","message":"fix the build"}}
{"timestamp":"2026-03-04T10:00:10Z","type":"event_msg","payload":{"type":"agent_message","message":"It builds."}}
{"timestamp":"2026-03-04T10:00:10Z","type":"event_msg","payload":{"type":"turn_aborted","reason":"interrupted"}}"#,
        &[
            "1 Ask - fix the build",
            "2 Note mirror",
            "3 Ask - fix the build",
            "4 Note mirror",
            "5 Say - It builds.",
            "6 Note interrupted",
        ],
    );
}

#[test]
fn an_older_rollout_is_read() {
    check(
        r#"{"id":"x","timestamp":"2025-06-01T10:00:00Z","instructions":null,"git":{"branch":"main"}}
{"record_type":"state"}
{"type":"message","role":"user","content":[{"type":"input_text","text":"fix the build"}]}
{"type":"function_call","name":"shell","arguments":"{\"command\":[\"make\"]}","call_id":"c1"}
{"type":"function_call_output","call_id":"c1","output":"{\"output\":\"no rule\",\"metadata\":{\"exit_code\":2}}"}
{"type":"unheard"}"#,
        &[
            "1 Note session_meta",
            "2 Note state",
            "3 Ask - fix the build",
            "4 Call shell {\"command\":[\"make\"]}",
            "5 Result! - no rule",
            "6 Note unheard",
        ],
    );
}

/// How the last piece of work ended, when its output is `output`.
fn ended(output: &str) -> (Verdict, Option<i64>, bool) {
    let log = format!(
        "{}\n{}",
        r#"{"type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"make\"}","call_id":"c"}}"#,
        serde_json::json!({ "type": "response_item", "payload": {
            "type": "function_call_output", "call_id": "c", "output": output } })
    );
    let run = Log::read(Format::Codex, log.as_bytes());
    let work = run.work.last().unwrap();
    assert_eq!(work.deed, Deed::Command("make".to_owned()));
    (work.verdict, work.exit, work.refused)
}

#[test]
fn an_end_is_told_in_many_ways() {
    use Verdict::{Failed, Passed, Unknown};
    let exited = |code: i64| format!("Chunk ID: a\nProcess exited with code {code}\nOutput:\nx");
    assert_eq!(ended(&exited(0)), (Passed, Some(0), false));
    assert_eq!(ended(&exited(2)), (Failed, Some(2), false));
    assert_eq!(ended("Exit code: 1\nWall time: 0 seconds\nOutput:\n"), (Failed, Some(1), false));
    assert_eq!(ended("Process running with session ID 7\nOutput:\n"), (Unknown, None, false));
    assert_eq!(ended("exec command rejected by user"), (Failed, None, true));
    assert_eq!(ended("failed to parse function arguments: x"), (Failed, None, false));
    assert_eq!(ended("plain"), (Passed, None, false));
}

#[test]
fn tools_of_our_own_are_no_evidence() {
    let log = r#"{"type":"response_item","payload":{"type":"function_call","name":"mcp__tracenet__recall","arguments":"{}","call_id":"c"}}
{"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"old"}}"#;
    check(log, &["1 Call mcp__tracenet__recall {}", "2 Note tracenet"]);
    assert!(Log::read(Format::Codex, log.as_bytes()).work.is_empty());
}
