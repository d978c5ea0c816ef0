//! Claude Code records, line by line: what becomes of each, and of lines that are none.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;
use crate::{
    Format, recognise,
    run::{MAX_LINE, Run},
};
use artifact::ArtifactId;

fn import(log: &str) -> Run {
    let mut importer = Format::ClaudeCode.importer();
    log.lines().for_each(|line| importer.record("", line.as_bytes()));
    importer.finish(ArtifactId::of(log.as_bytes()))
}

/// Each step as `line kind name text`, a result that failed with `!`.
fn check(log: &str, want: &[&str]) {
    let run = import(log);
    let got = run.trace.steps.iter().map(|step| {
        let failed = if step.failed { "!" } else { "" };
        let text = if step.kind == StepKind::Note { "" } else { step.text.as_str() };
        let told =
            format!("{:?}{failed} {} {text}", step.kind, step.name.as_deref().unwrap_or("-"));
        format!("{} {}", step.line, told.trim_end())
    });
    assert_eq!(got.collect::<Vec<_>>(), want, "{log}");
    assert_eq!(run.counts.lines, log.lines().count() as u64);
}

#[test]
fn a_turn_becomes_steps() {
    check(
        r#"// not JSON
{"type":"user","cwd":"/w/shop","sessionId":"s","timestamp":"2026-01-21T15:30:16.868Z","message":{"role":"user","content":"fix the build"}}
{"type":"assistant","message":{"model":"m-1","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"make"}}]}}
{"type":"user","message":{"content":[{"tool_use_id":"t1","type":"tool_result","content":"Exit code 2\nerror: no rule","is_error":true}]},"toolUseResult":"Error: Exit code 2"}

{"type":"from-the-future","x":{"y":[1,2,{"z":null}]}}
{"type":"summary","summary":"S","leafUuid":"u"}
[1,2]
{"type":"user","type":"user"}"#,
        &[
            "1 Note malformed",
            "2 Ask - fix the build",
            "3 Think - hm",
            "3 Say - I look.",
            "3 Call Bash {\"command\":\"make\"}",
            "4 Result! - Exit code 2\nerror: no rule",
            "6 Note from-the-future",
            "7 Note summary",
            "8 Note untyped",
            "9 Note untyped",
        ],
    );
}

#[test]
fn what_no_human_typed_is_no_ask() {
    check(
        r#"{"type":"user","isMeta":true,"message":{"content":"Caveat"}}
{"type":"user","message":{"content":"<command-name>/clear</command-name><command-args></command-args>"}}
{"type":"user","message":{"content":[{"type":"text","text":"<ide_opened_file>f</ide_opened_file>"},{"type":"image","source":{}},{"type":"text","text":"what is it?"}]}}
{"type":"user","message":{"content":[{"type":"text","text":"[Request interrupted by user]"}]}}
{"type":"user","isCompactSummary":true,"message":{"content":"This session is being continued"}}
{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"No response requested."}]}}
{"type":"user","isSidechain":true,"message":{"content":"a sub-agent's task"}}
{"type":"progress","data":{"type":"agent_progress","message":{"type":"user","message":{"content":"again"}}}}"#,
        &[
            "1 Note meta",
            "2 Note scaffold",
            "3 Note scaffold",
            "3 Note image",
            "3 Ask - what is it?",
            "4 Note interrupted",
            "5 Note compact",
            "6 Note synthetic",
            "7 Note sidechain",
            "8 Note progress",
        ],
    );
}

#[test]
fn a_repeated_history_is_noted_once() {
    let turn = r#"{"type":"user","timestamp":"2026-01-21T15:30:16Z","message":{"content":"do it now"}}
{"type":"assistant","timestamp":"2026-01-21T15:30:17Z","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"make"}}]}}
{"type":"user","timestamp":"2026-01-21T15:30:18Z","message":{"content":[{"tool_use_id":"t1","type":"tool_result","content":"ok"}]}}"#;
    let log = format!("{turn}\n{turn}");
    check(
        &log,
        &[
            "1 Ask - do it now",
            "2 Call Bash {\"command\":\"make\"}",
            "3 Result - ok",
            "4 Note repeat",
            "5 Note repeat",
            "6 Note repeat",
        ],
    );
    assert_eq!(import(&log).work.len(), 1);
}

#[test]
fn what_tracenet_gave_is_no_evidence() {
    let log = r#"{"type":"user","message":{"content":"use it <tracenet-context id=\"9\">old</tracenet-context id=\"9\">please"}}
{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"mcp__tracenet__recall","input":{"query":"q"}}]}}
{"type":"user","message":{"content":[{"tool_use_id":"t1","type":"tool_result","content":[{"type":"text","text":"old"}]}]}}"#;
    check(
        log,
        &[
            "1 Ask - use it please",
            "2 Call mcp__tracenet__recall {\"query\":\"q\"}",
            "3 Note tracenet",
        ],
    );
    let run = import(log);
    assert!(run.work.is_empty());
    assert_eq!(crate::evidence_text(&run.trace, 1, 3), "use it please\n{\"query\":\"q\"}");
}

#[test]
fn work_is_read_from_calls_and_results() {
    let log = r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"a","name":"Edit","input":{"file_path":"/w/a.rs","old_string":"x","new_string":"y"}},{"type":"tool_use","id":"b","name":"MultiEdit","input":{"file_path":"/w/b.rs","edits":[{"old_string":"1","new_string":"2"},7]}},{"type":"tool_use","id":"c","name":"Bash","input":{"command":"cargo test | tail"}},{"type":"tool_use","id":"d","name":"Read","input":{"file_path":"/w/a.rs"}},{"type":"tool_use","id":"e","name":"Bash","input":{"command":"serve &"}}]}}
{"type":"user","message":{"content":[{"tool_use_id":"a","type":"tool_result","content":"ok"},{"tool_use_id":"b","type":"tool_result","is_error":true,"content":"The user doesn't want to proceed with this tool use."},{"tool_use_id":"c","type":"tool_result","content":"test result: FAILED. 1 passed; 2 failed"}]}}
{"type":"user","message":{"content":[{"tool_use_id":"e","type":"tool_result","content":"running"}]},"toolUseResult":{"stdout":"","backgroundTaskId":"b1"}}"#;
    let run = import(log);
    let got: Vec<_> = run.work.iter().map(|w| (w.ended, w.verdict, w.refused)).collect();
    use crate::Verdict::{Failed, Passed, Unknown};
    assert_eq!(
        got,
        [
            (Some(2), Passed, false),
            (Some(2), Failed, true),
            (Some(2), Failed, false),
            (Some(3), Unknown, false),
        ]
    );
}

#[test]
fn a_place_and_a_time_are_learnt() {
    let run = import(
        r#"{"type":"queue-operation","timestamp":"2026-01-21T15:30:18.000Z","sessionId":"s-1"}
{"type":"user","isSidechain":true,"agentId":"a9","cwd":"/home/ann/shop","gitBranch":"main","version":"2.1.0","timestamp":"2026-01-21T15:30:16.868Z","message":{"content":"look it up"}}"#,
    );
    assert_eq!(run.place.cwd.as_deref(), Some("/home/ann/shop"));
    assert_eq!((run.place.line, run.place.sidechain), (2, true));
    assert_eq!(
        (run.place.session.as_deref(), run.place.agent.as_deref()),
        (Some("s-1"), Some("a9"))
    );
    assert_eq!((run.trace.started, run.trace.ended), (1_769_009_416_868, 1_769_009_418_000));
    // A sub-agent's ask is its log's ask.
    assert!(run.trace.steps.iter().any(|step| step.kind == StepKind::Ask));
}

#[test]
fn bounds_hold() {
    let mut importer = Format::ClaudeCode.importer();
    importer.record("", &vec![b'x'; MAX_LINE + 1]);
    importer.oversized(9 << 30);
    // Nested deeper than any parser's stack.
    let deep = format!("{{\"type\":\"user\",\"message\":{}", "[".repeat(1 << 20));
    importer.record("", deep.as_bytes());
    let deep =
        format!("{{\"type\":\"user\",\"x\":{}{}}}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    importer.record("", deep.as_bytes());
    let word = "w".repeat(20 << 10);
    let long = format!(r#"{{"type":"assistant","message":{{"content":"{word}"}}}}"#);
    (0..4_000).for_each(|_| importer.record("", long.as_bytes()));
    let run = importer.finish(ArtifactId::of(b""));
    assert_eq!((run.counts.oversized, run.counts.malformed, run.counts.lines), (2, 1, 4_004));
    assert_eq!(run.trace.steps.first().unwrap().bytes, MAX_LINE as u64 + 1);
    let kept: usize = run.trace.steps.iter().map(|step| step.text.len()).sum();
    assert!(kept <= 24 << 20 && kept > 20 << 20, "{kept}");
    let last = run.trace.steps.last().unwrap();
    assert_eq!((last.text.as_str(), last.bytes), ("", 20 << 10));
}

#[test]
fn a_log_is_recognised_by_its_beginning() {
    let yes = |text: &[u8]| assert_eq!(recognise(text), Some(Format::ClaudeCode));
    yes(b"// a\n\n{\"type\":\"summary\",\"summary\":\"x\",\"leafUuid\":\"u\"}\n");
    yes(b"{\"type\":\"user\",\"uuid\":\"u\",\"message\":{\"content\":\"x\"}}");
    let long = format!(
        r#"{{"isSidechain":false,"sessionId":"s","type":"user","message":{{"content":"{}"#,
        "x".repeat(100_000)
    );
    yes(long.as_bytes());
    for no in [
        &b""[..],
        b"hello\nworld",
        b"\x00\xff\xfe{}{}",
        b"{\"type\":\"user\"}",
        b"[{\"type\":\"user\",\"sessionId\":\"s\"}]",
    ] {
        assert_eq!(recognise(no), None);
    }
}
