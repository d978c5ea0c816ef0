//! Gemini CLI sessions: the last word of a message counts, and what was taken back is gone.

use crate::{Format, Log};
use artifact::StepKind;

/// The steps that are no notes, as `line kind text`.
fn check(format: Format, log: &str, want: &[&str]) {
    let run = Log::read(format, log.as_bytes());
    let told = run.trace.steps.iter().filter(|step| step.kind != StepKind::Note);
    let got = told.map(|step| format!("{} {:?} {}", step.line, step.kind, step.text));
    assert_eq!(got.collect::<Vec<_>>(), want, "{log}");
}

#[test]
fn the_last_version_of_a_message_counts() {
    check(
        Format::Gemini,
        r#"{"sessionId":"s","projectHash":"p","startTime":"2026-03-04T10:00:00Z"}
{"id":"1","type":"user","content":"fix it please"}
{"id":"2","type":"gemini","content":"I be"}
{"id":"2","type":"gemini","content":[{"text":"I begin."},{"thought":true,"text":"hm"}]}"#,
        &["2 Ask fix it please", "4 Say I begin."],
    );
}

#[test]
fn what_was_taken_back_is_gone() {
    let said = r#"{"id":"1","type":"user","content":"one"}
{"id":"2","type":"user","content":"two"}
{"id":"3","type":"user","content":"three"}"#;
    check(Format::Gemini, &format!("{said}\n{{\"$rewindTo\":\"2\"}}"), &["1 Ask one"]);
    // What is not known takes everything back, as the program itself has it.
    check(Format::Gemini, &format!("{said}\n{{\"$rewindTo\":\"9\"}}"), &[]);
    let set = r#"{"$set":{"messages":[{"id":"7","type":"user","content":"anew"}]}}"#;
    check(Format::Gemini, &format!("{said}\n{set}"), &["4 Ask anew"]);
    let run = Log::read(Format::Gemini, format!("{said}\n{set}").as_bytes());
    assert_eq!((run.counts.lines, run.counts.unknown, run.counts.malformed), (4, 0, 0));
}

#[test]
fn a_call_that_was_cancelled_was_refused() {
    let run = Log::read(
        Format::GeminiDocument,
        br#"{"sessionId":"s","projectHash":"p","messages":[{"id":"1","type":"gemini","content":"",
        "toolCalls":[{"id":"c","name":"run_shell_command","args":{"command":"rm x"},"status":"cancelled",
        "result":[{"functionResponse":{"response":{"error":"[Operation Cancelled]"}}}]},
        {"id":"d","name":"run_shell_command","args":{"command":"make"},"status":"validating"}]}]}"#,
    );
    let got: Vec<_> = run.work.iter().map(|work| (work.refused, work.ended)).collect();
    assert_eq!(got, [(true, Some(3)), (false, None)]);
}
