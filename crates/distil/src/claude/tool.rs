//! What Claude Code's own tools take and give back: commands, edits and failures.

use super::record::{Content, Perhaps, Scalar};
use crate::{
    failure,
    run::{Deed, Span, Verdict, Work},
    scaffold,
    steps::cut_bytes,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The most bytes kept of a command, or of one side of an edit.
const MAX_PART: usize = 16 << 10;
/// The most spans of one edit.
const MAX_SPANS: usize = 64;
/// The most bytes kept of an error, a first line of output, or the target of a tool.
const MAX_LINE: usize = 400;

/// Tools whose failure says nothing about the task: they look, plan or wait.
const QUIET: &[&str] = &[
    "Read",
    "Glob",
    "Grep",
    "LS",
    "NotebookRead",
    "TodoRead",
    "TodoWrite",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskUpdate",
    "AskUserQuestion",
    "EnterPlanMode",
    "ExitPlanMode",
    "BashOutput",
    "KillBash",
    "KillShell",
    "ToolSearch",
];

/// What a tool is called with, of all the tools that matter here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    command: Scalar<'a>,
    #[serde(borrow)]
    file_path: Scalar<'a>,
    #[serde(borrow)]
    notebook_path: Scalar<'a>,
    #[serde(borrow)]
    old_string: Scalar<'a>,
    #[serde(borrow)]
    new_string: Scalar<'a>,
    #[serde(borrow)]
    content: Scalar<'a>,
    #[serde(borrow)]
    new_source: Scalar<'a>,
    #[serde(borrow)]
    edits: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Scalar<'a>,
    #[serde(borrow)]
    query: Scalar<'a>,
    #[serde(borrow)]
    skill: Scalar<'a>,
    #[serde(borrow)]
    description: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OneEdit<'a> {
    #[serde(borrow)]
    old_string: Scalar<'a>,
    #[serde(borrow)]
    new_string: Scalar<'a>,
}

/// What the log keeps of a result beside its text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told<'a> {
    #[serde(borrow)]
    interrupted: Scalar<'a>,
    #[serde(borrow, rename = "exitCode")]
    exit: Scalar<'a>,
    #[serde(borrow, rename = "exit_code")]
    exit_snake: Scalar<'a>,
    #[serde(borrow)]
    success: Scalar<'a>,
    #[serde(borrow, rename = "backgroundTaskId")]
    background: Scalar<'a>,
}

/// The work that this call begins, unless the tool only looks.
pub(super) fn begin(name: &str, input: &str, line: u64) -> Option<Work> {
    if name.is_empty() || name.starts_with(scaffold::OWN_TOOLS) || QUIET.contains(&name) {
        return None;
    }
    let read = serde_json::from_str::<Perhaps<Input<'_>>>(input);
    let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
    let deed = match name {
        "Bash" | "PowerShell" => Deed::Command(part(&read.command)),
        "Edit" | "MultiEdit" | "Write" | "NotebookEdit" => edit(name, &read)?,
        _ => {
            let named = [&read.url, &read.query, &read.skill, &read.description, &read.command];
            let target = named.iter().find_map(|scalar| scalar.text()).unwrap_or(input);
            Deed::Other {
                tool: cut_bytes(name, 128).to_owned(),
                target: cut_bytes(target, MAX_LINE).to_owned(),
            }
        }
    };
    Some(Work {
        line,
        ended: None,
        deed,
        verdict: Verdict::Unknown,
        exit: None,
        refused: false,
        error: String::new(),
        said: String::new(),
    })
}

fn edit(name: &str, read: &Input<'_>) -> Option<Deed> {
    let file = read.file_path.text().or(read.notebook_path.text())?;
    let file = cut_bytes(file, 1_024).to_owned();
    let spans = match name {
        "Write" => vec![Span { old: String::new(), new: part(&read.content), whole: true }],
        "NotebookEdit" => vec![Span { new: part(&read.new_source), ..Span::default() }],
        "MultiEdit" => {
            let edits = read.edits.map(RawValue::get).unwrap_or_default();
            let edits: Vec<Perhaps<OneEdit<'_>>> = serde_json::from_str(edits).ok()?;
            let edits = edits.into_iter().filter_map(|perhaps| perhaps.0).take(MAX_SPANS);
            edits.map(|one| span(&one.old_string, &one.new_string)).collect()
        }
        _ => vec![span(&read.old_string, &read.new_string)],
    };
    Some(Deed::Edit { file, spans })
}

fn span(old: &Scalar<'_>, new: &Scalar<'_>) -> Span {
    Span { old: part(old), new: part(new), whole: false }
}

fn part(scalar: &Scalar<'_>) -> String {
    cut_bytes(scalar.text().unwrap_or_default(), MAX_PART).to_owned()
}

/// How a call ended, apart from its text.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Ending {
    pub(super) failed: bool,
    pub(super) exit: Option<i64>,
    background: bool,
}

/// Reads a result's flags: `is_error`, what the log tells beside it, and how its text begins.
pub(super) fn ending(is_error: &Scalar<'_>, told: Option<&RawValue>, text: &str) -> Ending {
    let mut end = Ending { failed: is_error.is_true(), ..Ending::default() };
    let told = told.map(RawValue::get).unwrap_or_default();
    if told.starts_with("\"Error") {
        end.failed = true;
    } else if told.starts_with('{') {
        let read = serde_json::from_str::<Told<'_>>(told).unwrap_or_default();
        end.exit = read.exit.number().or(read.exit_snake.number());
        end.background = read.background.text().is_some();
        end.failed |= read.interrupted.is_true() || read.success == Scalar::Bool(false);
    }
    end.exit = failure::exit_in(text).or(end.exit);
    end.failed |= end.exit.is_some_and(|exit| exit != 0);
    end.failed |= text.trim_start().starts_with("<tool_use_error>");
    end
}

/// Ends `work` on `line` with the whole text of its result.
pub(super) fn end(work: &mut Work, line: u64, ending: Ending, text: &str) {
    work.ended = Some(line);
    work.exit = ending.exit;
    work.refused = ending.failed && failure::is_refusal(text);
    work.verdict = match &work.deed {
        _ if ending.failed => Verdict::Failed,
        _ if ending.background => Verdict::Unknown,
        Deed::Command(command) if failure::shows_through(command, text) => Verdict::Failed,
        _ => Verdict::Passed,
    };
    if work.verdict == Verdict::Failed {
        work.error = cut_bytes(&failure::reason(text), MAX_LINE).to_owned();
    } else if matches!(work.deed, Deed::Command(_)) {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        work.said = cut_bytes(first.trim(), MAX_LINE).to_owned();
    }
}

/// The text of a result: a string, or the text blocks of a list.
pub(super) fn result_text(content: Option<&RawValue>) -> String {
    let raw = content.map(RawValue::get).unwrap_or_default();
    match serde_json::from_str::<Content<'_>>(raw) {
        Ok(Content::Text(text)) => text.into_owned(),
        Ok(Content::Blocks(blocks)) => {
            blocks.iter().filter_map(|block| block.text.text()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
