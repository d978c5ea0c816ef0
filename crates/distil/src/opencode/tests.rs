//! OpenCode sessions: a part that is a tool holds the call and its end.

use crate::{Format, Log, Verdict};
use artifact::StepKind;

fn tool(state: &str) -> String {
    format!(
        "{{\"table\":\"part\",\"id\":\"p\",\"data\":{{\"type\":\"tool\",\"callID\":\"c\",\
         \"tool\":\"bash\",\"state\":{state}}}}}"
    )
}

fn check(state: &str, want: (Verdict, Option<i64>, bool)) {
    let run = Log::read(Format::OpenCode, tool(state).as_bytes());
    let got: Vec<_> = run.work.iter().map(|w| (w.verdict, w.exit, w.refused)).collect();
    assert_eq!(got, [want], "{state}");
}

#[test]
fn a_state_tells_the_end() {
    use Verdict::{Failed, Passed, Unknown};
    let input = r#""input":{"command":"make"}"#;
    check(&format!(r#"{{"status":"running",{input}}}"#), (Unknown, None, false));
    let done = |exit: &str| {
        format!(r#"{{"status":"completed",{input},"output":"x","metadata":{{"exit":{exit}}}}}"#)
    };
    check(&done("0"), (Passed, Some(0), false));
    check(&done("2"), (Failed, Some(2), false));
    check(&done("null"), (Passed, None, false));
    let error = |said: &str| format!(r#"{{"status":"error",{input},"error":"{said}"}}"#);
    check(&error("no such file"), (Failed, None, false));
    check(&error("The user rejected permission to use this"), (Failed, None, true));
}

#[test]
fn a_summary_is_no_word_of_the_agent() {
    let log = r#"{"table":"message","id":"m","data":{"role":"assistant","summary":true,"time":{"created":1}}}
{"table":"part","id":"p","data":{"type":"text","text":"so far"}}
{"table":"message","id":"n","data":{"role":"user","time":{"created":2}}}
{"table":"part","id":"q","data":{"type":"text","text":"go on and fix it"}}
{"table":"part","id":"r","data":7}
{"table":"todo","id":"t","data":{}}"#;
    let run = Log::read(Format::OpenCode, log.as_bytes());
    let kinds: Vec<_> = run.trace.steps.iter().map(|s| (s.kind, s.name.as_deref())).collect();
    use StepKind::{Ask, Note};
    assert_eq!(
        kinds,
        [
            (Note, Some("message")),
            (Note, Some("compact")),
            (Note, Some("message")),
            (Ask, None),
            (Note, Some("part")),
            (Note, Some("todo")),
        ]
    );
    assert_eq!(run.counts.unknown, 2);
}
