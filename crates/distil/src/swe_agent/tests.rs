//! SWE-agent trajectories of several versions.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::{Deed, Format, Log, Run, Verdict};
use artifact::StepKind;

fn turn(action: &str, seen: &str) -> Run {
    let log = serde_json::json!({ "trajectory": [{
        "action": action, "observation": seen, "thought": "so",
        "state": { "open_file": "n/a", "working_dir": "/w" },
    }] });
    Log::read(Format::SweAgent, log.to_string().as_bytes())
}

fn check(action: &str, seen: &str, want: Option<(&str, Verdict)>) {
    let run = turn(action, seen);
    let told = run.work.first().map(|work| {
        let deed = match &work.deed {
            Deed::Command(text) => format!("$ {text}"),
            Deed::Edit { file, spans } => {
                let span = spans.first().cloned().unwrap_or_default();
                format!("{file}: {} > {}", span.old, span.new)
            }
            Deed::Other { tool, .. } => tool.clone(),
        };
        (deed, work.verdict)
    });
    assert_eq!(told, want.map(|(deed, verdict)| (deed.to_owned(), verdict)), "{action}");
}

#[test]
fn an_action_is_work_or_a_look() {
    use Verdict::{Failed, Passed};
    check("open a.py 3\n", "x", None);
    check("submit", "diff", None);
    check("pytest -q\n", "1 passed", Some(("$ pytest -q", Passed)));
    check("pytest -q", "1 failed, 2 passed", Some(("$ pytest -q", Failed)));
    check("nope", "bash: nope: command not found", Some(("$ nope", Failed)));
    check(
        "str_replace_editor str_replace /w/a.py --old_str 'it'\"'\"'s' --new_str \"was\"",
        "The file has been edited.",
        Some(("/w/a.py: it's > was", Passed)),
    );
    check(
        "str_replace_editor str_replace /w/a.py --old_str 'x' --new_str 'y'",
        "No replacement was performed, old_str did not appear.",
        Some(("/w/a.py: x > y", Failed)),
    );
}

/// Some logs hold only what was said, with the state at the end of each observation.
#[test]
fn a_history_alone_is_read() {
    let log = serde_json::json!({ "history": [
        { "role": "system", "agent": "main", "content": "s" },
        { "role": "user", "agent": "main", "content": "Fix the cart, please." },
        { "role": "assistant", "agent": "main", "content": "t", "thought": "I look.", "action": "make" },
        { "role": "tool", "agent": "main", "content": "Error: no\n(Open file: /w/a)\n(Current directory: /w)\nbash-$" },
    ] });
    let run = Log::read(Format::SweAgent, log.to_string().as_bytes());
    let kinds: Vec<StepKind> = run.trace.steps.iter().map(|step| step.kind).collect();
    use StepKind::{Ask, Call, Note, Result, Say};
    assert_eq!(kinds, [Note, Ask, Say, Call, Result]);
    assert_eq!((run.place.cwd.as_deref(), run.counts.lines), (Some("/w"), 4));
    assert_eq!(run.work.first().unwrap().verdict, Verdict::Failed);
}

#[test]
fn mini_swe_agent_tells_the_status() {
    let log = serde_json::json!({ "info": { "mini_version": "1.2.0" }, "messages": [
        { "role": "system", "content": "s" },
        { "role": "user", "content": "Please solve this issue: The cart is empty.\n\nYou can execute bash commands" },
        { "role": "assistant", "content": "THOUGHT: I run it.\n\n```bash\npython cart.py\n```" },
        { "role": "user", "content": "<returncode>1</returncode>\n<output>\nKeyError: 'a'\n</output>" },
        { "role": "assistant", "content": [{ "type": "text", "text": "Again.\n```bash\npython cart.py\n```" }] },
        { "role": "user", "content": "<returncode>0</returncode>\n<output>\n</output>" },
    ], "trajectory_format": "mini-swe-agent-1" });
    let run = Log::read(Format::SweAgent, log.to_string().as_bytes());
    let got: Vec<_> = run.work.iter().map(|work| (work.verdict, work.exit)).collect();
    assert_eq!(got, [(Verdict::Failed, Some(1)), (Verdict::Passed, Some(0))]);
    assert_eq!(run.work.first().unwrap().error, "KeyError: 'a'");
    assert_eq!(run.place.version.as_deref(), Some("1.2.0"));
}
