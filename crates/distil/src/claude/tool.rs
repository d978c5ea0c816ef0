//! What Claude Code's own tools take and give back: commands, edits and failures.

use super::record::Block;
use crate::{
    failure,
    run::{Span, Work},
    shape::{Content, Perhaps, Scalar},
    tool::{self, Ending, MAX_SPANS, span, whole},
};
use serde::Deserialize;
use serde_json::value::RawValue;

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

/// The work that this call begins; none where the tool only looks.
pub(super) fn begin(name: &str, input: &str, line: u64) -> Vec<Work> {
    if name.is_empty() || QUIET.contains(&name) {
        return Vec::new();
    }
    let read = serde_json::from_str::<Perhaps<Input<'_>>>(input);
    let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
    match name {
        "Bash" | "PowerShell" => tool::command(line, read.command.str()),
        "Edit" | "MultiEdit" | "Write" | "NotebookEdit" => {
            let file = read.file_path.text().or(read.notebook_path.text()).unwrap_or_default();
            spans(name, &read).map_or_else(Vec::new, |spans| tool::edit(line, file, spans))
        }
        _ => {
            let named = [&read.url, &read.query, &read.skill, &read.description, &read.command];
            let target = named.iter().find_map(|scalar| scalar.text()).unwrap_or(input);
            tool::other(line, name, target)
        }
    }
}

fn spans(name: &str, read: &Input<'_>) -> Option<Vec<Span>> {
    let spans = match name {
        "Write" => vec![whole(read.content.str())],
        "NotebookEdit" => vec![span("", read.new_source.str())],
        "MultiEdit" => {
            let edits = read.edits.map(RawValue::get).unwrap_or_default();
            let edits: Vec<Perhaps<OneEdit<'_>>> = serde_json::from_str(edits).ok()?;
            let edits = edits.into_iter().filter_map(|perhaps| perhaps.0).take(MAX_SPANS);
            edits.map(|one| span(one.old_string.str(), one.new_string.str())).collect()
        }
        _ => vec![span(read.old_string.str(), read.new_string.str())],
    };
    Some(spans)
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
    end.silent = true;
    end
}

/// The text of a result: a string, or the text blocks of a list.
pub(super) fn result_text(content: Option<&RawValue>) -> String {
    let raw = content.map(RawValue::get).unwrap_or_default();
    match serde_json::from_str::<Content<'_, Block<'_>>>(raw) {
        Ok(Content::Text(text)) => text.into_owned(),
        Ok(Content::Blocks(blocks)) => {
            blocks.iter().filter_map(|block| block.text.text()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
