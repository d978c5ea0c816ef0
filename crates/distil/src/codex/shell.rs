//! What Codex's tools are called with, and what they give back.

use super::item;
use crate::{
    run::Work,
    shape::{Content, Perhaps, Scalar},
    tool::{self, Ending},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Tools whose failure says nothing about the task: they look, plan or wait.
const QUIET: &[&str] = &[
    "update_plan",
    "view_image",
    "write_stdin",
    "read_file",
    "list_dir",
    "grep_files",
    "wait",
    "wait_agent",
    "close_agent",
    "request_user_input",
    "list_mcp_resources",
    "list_mcp_resource_templates",
    "read_mcp_resource",
    "tool_search",
];

/// What a tool is called with, of all the tools that matter here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    /// A list of words, or a line.
    #[serde(borrow)]
    command: Content<'a, Word<'a>>,
    #[serde(borrow)]
    cmd: Content<'a, Word<'a>>,
    #[serde(borrow)]
    input: Scalar<'a>,
    #[serde(borrow)]
    patch: Scalar<'a>,
    #[serde(borrow)]
    query: Scalar<'a>,
    #[serde(borrow)]
    message: Scalar<'a>,
}

/// A word of a command; anything else in the list reads as none.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Word<'a> {
    #[serde(skip)]
    text: Cow<'a, str>,
}

impl<'a> From<Cow<'a, str>> for Word<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text }
    }
}

/// The work that this call begins; none where the tool only looks.
pub(super) fn begin(name: &str, input: &str, line: u64) -> Vec<Work> {
    if name.is_empty() || QUIET.contains(&name) {
        return Vec::new();
    }
    let read = serde_json::from_str::<Perhaps<Input<'_>>>(input);
    let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
    match name {
        "shell" | "container.exec" | "shell_command" | "exec_command" | "local_shell"
        | "unified_exec" => {
            let command = match (&read.command, &read.cmd) {
                (Content::Nothing, cmd) => line_of(cmd),
                (command, _) => line_of(command),
            };
            tool::command(line, &command)
        }
        "apply_patch" => {
            let patch = read.input.text().or(read.patch.text()).unwrap_or(input);
            tool::patched(line, patch)
        }
        _ => {
            let target = read.query.text().or(read.message.text()).unwrap_or(input);
            tool::other(line, name, target)
        }
    }
}

/// The command line of a list of words: what a shell is given to run, else the words joined.
fn line_of(command: &Content<'_, Word<'_>>) -> String {
    let words: Vec<&str> = match command {
        Content::Nothing => return String::new(),
        Content::Text(text) => return text.clone().into_owned(),
        Content::Blocks(words) => words.iter().map(|word| word.text.as_ref()).collect(),
    };
    let shell = |word: &str| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
        ["bash", "sh", "zsh", "dash", "powershell", "powershell.exe", "pwsh", "cmd", "cmd.exe"]
            .contains(&name)
    };
    match words.as_slice() {
        [program, flag, script, ..] if shell(program) && flag.starts_with(['-', '/']) => {
            (*script).to_owned()
        }
        words => words.join(" "),
    }
}

/// An output that tells its status beside it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Structured<'a> {
    #[serde(borrow)]
    output: Scalar<'a>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    success: Scalar<'a>,
    #[serde(borrow)]
    metadata: Perhaps<Metadata<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    exit_code: Scalar<'a>,
}

/// How a call ended, and its output without what the program says around it.
pub(super) fn output(raw: Option<&RawValue>) -> (Ending, String) {
    let Some(raw) = raw else { return (Ending::default(), String::new()) };
    if raw.get().starts_with('{') {
        return structured(raw.get()).unwrap_or_default();
    }
    let text = item::text(Some(raw));
    if text.starts_with('{')
        && let Some(told) = structured(&text)
    {
        return told;
    }
    let ending = match status(&text) {
        Status::Exited(exit) => Ending::of_exit(Some(exit)),
        Status::Running => Ending { background: true, ..Ending::default() },
        Status::Refused => Ending { failed: true, refused: true, ..Ending::default() },
        Status::Failed => Ending { failed: true, ..Ending::default() },
        Status::Untold => Ending::default(),
    };
    let body = text.split_once("\nOutput:\n").filter(|(head, _)| head.len() < 400);
    let body = body.map(|(_, body)| body.to_owned());
    (ending, body.unwrap_or(text))
}

/// `{"output": …, "metadata": {"exit_code": …}}`, or `{"content": …, "success": …}`.
fn structured(json: &str) -> Option<(Ending, String)> {
    let read = serde_json::from_str::<Perhaps<Structured<'_>>>(json).ok()?.0?;
    if read.output == Scalar::Nothing && read.content.is_none() {
        return None;
    }
    let exit = read.metadata.0.and_then(|metadata| metadata.exit_code.number());
    let mut ending = Ending::of_exit(exit);
    ending.failed |= read.success == Scalar::Bool(false);
    let text = read.output.text().map(str::to_owned);
    Some((ending, text.unwrap_or_else(|| item::text(read.content))))
}

/// What an output says of its end.
enum Status {
    Exited(i64),
    Running,
    Refused,
    Failed,
    Untold,
}

fn status(text: &str) -> Status {
    for line in text.lines().take(8) {
        let told = line
            .strip_prefix("Exit code: ")
            .or_else(|| line.strip_prefix("Process exited with code "));
        if let Some(exit) = told.and_then(|told| told.trim().parse().ok()) {
            return Status::Exited(exit);
        }
        if line.starts_with("Process running with session ID") {
            return Status::Running;
        }
        if line.starts_with("Output:") {
            break;
        }
    }
    let says = |said: &[&str]| said.iter().any(|said| text.starts_with(said));
    if says(&[
        "exec command rejected by user",
        "patch rejected by user",
        "rejected by user",
        "aborted by user",
    ]) {
        Status::Refused
    } else if says(&[
        "failed to parse function arguments",
        "execution error",
        "sandbox error",
        "apply_patch verification failed",
        "command timed out",
        "failed in sandbox",
        "exec_command failed",
        "patch rejected",
        "err: ",
        "Err: ",
    ]) {
        Status::Failed
    } else {
        Status::Untold
    }
}
