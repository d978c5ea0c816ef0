//! Trajectories in ATIF: of every version, whole or broken.

use crate::{Deed, Format, Log, Verdict};
use artifact::StepKind;

fn steps(steps: &str) -> crate::Run {
    let log = format!("{{\"schema_version\":\"ATIF-v1.2\",\"steps\":[{steps}]}}");
    Log::read(Format::Atif, log.as_bytes())
}

#[test]
fn a_step_holds_words_calls_and_results() {
    let run = steps(
        r#"{"source":"user","message":"fix it"},
        {"source":"agent","message":"","tool_calls":[{"tool_call_id":"a","function_name":"execute_bash","arguments":{"command":"make"}}],
         "observation":{"results":[{"content":"make: *** [all] Error 2"}]}},
        {"source":"agent","message":"again","is_copied_context":true},
        {"source":"robot","message":"?"}, 7"#,
    );
    let kinds: Vec<StepKind> = run.trace.steps.iter().map(|step| step.kind).collect();
    use StepKind::{Ask, Call, Note, Result};
    assert_eq!(kinds, [Note, Ask, Call, Result, Note, Note, Note]);
    assert_eq!((run.counts.unknown, run.counts.malformed), (2, 0));
    let got: Vec<_> = run.work.iter().map(|work| (work.deed.clone(), work.verdict)).collect();
    assert_eq!(got, [(Deed::Command("make".to_owned()), Verdict::Failed)]);
}

#[test]
fn tools_are_told_by_what_they_are_called_with() {
    let check = |name: &str, arguments: &str, want: &str| {
        let call = format!(
            "{{\"source\":\"agent\",\"message\":\"\",\"tool_calls\":[{{\"tool_call_id\":\"a\",\
             \"function_name\":\"{name}\",\"arguments\":{arguments}}}]}}"
        );
        let run = steps(&call);
        let told = run.work.first().map(|work| match &work.deed {
            Deed::Command(text) => format!("$ {text}"),
            Deed::Edit { file, .. } => format!("edit {file}"),
            Deed::Other { tool, .. } => format!("other {tool}"),
        });
        assert_eq!(told.unwrap_or_default(), want, "{name} {arguments}");
    };
    check("terminal", r#"{"keystrokes":"ls\n"}"#, "$ ls\n");
    check("Edit", r#"{"file_path":"a","old_string":"x","new_string":"y"}"#, "edit a");
    check("editor", r#"{"command":"create","path":"b","file_text":"t"}"#, "edit b");
    check("editor", r#"{"command":"view","path":"b"}"#, "other editor");
    check("read_file", r#"{"path":"b"}"#, "");
    check("deploy", "{}", "other deploy");
}

#[test]
fn a_document_that_was_cut_off_is_read_as_far_as_it_goes() {
    let log = br#"{"schema_version":"ATIF-v1.7","agent":{"name":"x"},"steps":[{"source":"user","message":"fix it now"},{"source":"agent","mess"#;
    let run = Log::read(Format::Atif, log);
    assert_eq!((run.counts.malformed, run.trace.agent.as_str()), (1, "x"));
    assert!(run.trace.steps.iter().any(|step| step.kind == StepKind::Ask));
}
