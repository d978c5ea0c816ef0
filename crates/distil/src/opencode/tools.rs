//! What OpenCode's tools are called with, and how they end.

use crate::{
    failure,
    run::Work,
    scribe,
    shape::{Perhaps, Scalar},
    tool::{self, Ending, MAX_SPANS, span, whole},
};
use artifact::UnixMillis;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Tools whose failure says nothing about the task: they look or plan.
const QUIET: &[&str] = &[
    "read",
    "glob",
    "grep",
    "list",
    "codesearch",
    "todowrite",
    "todoread",
    "question",
    "plan_enter",
    "plan_exit",
    "lsp",
    "invalid",
];

/// The state of a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct State<'a> {
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Scalar<'a>,
    #[serde(borrow)]
    error: Scalar<'a>,
    #[serde(borrow)]
    metadata: Perhaps<Metadata<'a>>,
    #[serde(borrow)]
    time: Perhaps<Time<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    exit: Scalar<'a>,
    #[serde(borrow)]
    output: Scalar<'a>,
    #[serde(borrow)]
    interrupted: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Time<'a> {
    #[serde(borrow)]
    end: Scalar<'a>,
}

/// What a tool is called with, of all the tools that matter here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    command: Scalar<'a>,
    #[serde(borrow, rename = "filePath")]
    file: Scalar<'a>,
    #[serde(borrow, rename = "oldString")]
    old: Scalar<'a>,
    #[serde(borrow, rename = "newString")]
    new: Scalar<'a>,
    #[serde(borrow)]
    content: Scalar<'a>,
    #[serde(borrow)]
    edits: Option<&'a RawValue>,
    #[serde(borrow, rename = "patchText")]
    patch: Scalar<'a>,
    #[serde(borrow)]
    url: Scalar<'a>,
    #[serde(borrow)]
    query: Scalar<'a>,
    #[serde(borrow)]
    description: Scalar<'a>,
}

impl State<'_> {
    pub(super) fn input(&self) -> &str {
        self.input.map(RawValue::get).unwrap_or_default()
    }

    /// The work that the call begins; none where the tool only looks.
    pub(super) fn begin(&self, name: &str, line: u64) -> Vec<Work> {
        if name.is_empty() || QUIET.contains(&name) {
            return Vec::new();
        }
        let read = serde_json::from_str::<Perhaps<Input<'_>>>(self.input());
        let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
        let file = read.file.str();
        match name {
            "bash" | "shell" => tool::command(line, read.command.str()),
            "edit" => tool::edit(line, file, vec![span(read.old.str(), read.new.str())]),
            "write" => tool::edit(line, file, vec![whole(read.content.str())]),
            "multiedit" => {
                let edits = read.edits.map(RawValue::get).unwrap_or_default();
                let edits: Vec<Perhaps<Input<'_>>> =
                    serde_json::from_str(edits).unwrap_or_default();
                let edits = edits.iter().filter_map(|edit| edit.0.as_ref()).take(MAX_SPANS);
                let spans = edits.map(|edit| span(edit.old.str(), edit.new.str()));
                tool::edit(line, file, spans.collect())
            }
            "patch" | "apply_patch" => tool::patched(line, read.patch.str()),
            _ => {
                let named = [&read.url, &read.query, &read.description, &read.command];
                let target = named.iter().find_map(|scalar| scalar.text());
                tool::other(line, name, target.unwrap_or(self.input()))
            }
        }
    }

    /// How the call ended, with its output and when; `None` while it runs.
    pub(super) fn end(&self) -> Option<(Ending, String, Option<UnixMillis>)> {
        let time = self.time.0.as_ref().and_then(|time| scribe::time(&time.end));
        let told = self.metadata.0.as_ref();
        match self.status.str() {
            "completed" => {
                let text = self.output.str().to_owned();
                let exit = told.and_then(|told| told.exit.number());
                let exit = exit.or_else(|| failure::exit_in(&text));
                Some((Ending::of_exit(exit), text, time))
            }
            "error" => {
                // A command that was stopped keeps what it had said so far.
                let said = told.map(|told| told.output.str()).unwrap_or_default();
                let stopped = told.is_some_and(|told| told.interrupted.is_true());
                let error = self.error.str();
                let text = if said.is_empty() || !stopped {
                    error.to_owned()
                } else {
                    format!("{error}\n{said}")
                };
                let refused = failure::is_refusal(&text);
                Some((Ending { failed: true, refused, ..Ending::default() }, text, time))
            }
            _ => None,
        }
    }
}
