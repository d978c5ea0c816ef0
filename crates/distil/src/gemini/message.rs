//! One message of a Gemini CLI session: read into what it says, to be written down at the end.

use crate::{
    failure,
    run::{Span, Work},
    scribe::{self, At, Scribe},
    shape::{Content, Perhaps, Scalar},
    steps::cut_bytes,
    tool::{self, Ending, span, whole},
};
use artifact::{StepKind, trace::MAX_STEP_TEXT};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Kinds of messages that are known here.
pub(super) const KNOWN: &[&str] = &["user", "gemini", "info", "error", "warning"];

/// The most bytes that are held of an output: its end tells as much as its beginning.
const MAX_OUTPUT: usize = 32 << 10;

/// Tools whose failure says nothing about the task.
const QUIET: &[&str] = &[
    "read_file",
    "read_many_files",
    "list_directory",
    "glob",
    "search_file_content",
    "grep_search",
    "write_todos",
    "ask_user",
    "enter_plan_mode",
    "exit_plan_mode",
    "get_internal_docs",
];

/// A message.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) id: Scalar<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Scalar<'a>,
    #[serde(borrow)]
    pub(super) model: Scalar<'a>,
    #[serde(borrow)]
    content: Content<'a, Part<'a>>,
    #[serde(borrow, rename = "displayContent")]
    display: Content<'a, Part<'a>>,
    #[serde(borrow)]
    thoughts: Content<'a, Part<'a>>,
    #[serde(borrow, rename = "toolCalls")]
    calls: Content<'a, Call<'a>>,
}

/// A part of a message, or a thought.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
    #[serde(borrow)]
    thought: Scalar<'a>,
    #[serde(borrow)]
    subject: Scalar<'a>,
    #[serde(borrow)]
    description: Scalar<'a>,
    #[serde(borrow, rename = "functionResponse")]
    response: Perhaps<Response<'a>>,
}

impl<'a> From<Cow<'a, str>> for Part<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text: Scalar::Text(text), ..Self::default() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Response<'a> {
    #[serde(borrow)]
    response: Perhaps<Answer<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    output: Scalar<'a>,
    #[serde(borrow)]
    error: Scalar<'a>,
}

/// A call of a tool with its result.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Call<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow)]
    name: Scalar<'a>,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Content<'a, Part<'a>>,
    #[serde(borrow)]
    status: Scalar<'a>,
    #[serde(borrow)]
    timestamp: Scalar<'a>,
}

impl From<Cow<'_, str>> for Call<'_> {
    fn from(_text: Cow<'_, str>) -> Self {
        Self::default()
    }
}

/// What a tool is called with, of all the tools that matter here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    command: Scalar<'a>,
    #[serde(borrow)]
    file_path: Scalar<'a>,
    #[serde(borrow)]
    old_string: Scalar<'a>,
    #[serde(borrow)]
    new_string: Scalar<'a>,
    #[serde(borrow)]
    content: Scalar<'a>,
    #[serde(borrow)]
    query: Scalar<'a>,
    #[serde(borrow)]
    prompt: Scalar<'a>,
}

/// A message as it is held.
#[derive(Debug)]
pub(super) struct Held {
    at: At,
    said: Vec<Said>,
    weight: usize,
}

/// A part of a message as it is held, with what is kept of its text.
#[derive(Debug)]
enum Said {
    Words(StepKind, String),
    Thought(String),
    Note(&'static str, String),
    Call { id: String, name: String, input: String, begun: Vec<Work> },
    Result { id: String, at: At, ending: Ending, text: String },
}

impl Message<'_> {
    /// What the message says, cut to what a step may keep.
    pub(super) fn hold(&self, at: At) -> Held {
        let mut said = Vec::new();
        let text = words(&self.content);
        match self.kind.str() {
            "user" => {
                // What is shown is what was typed; what is sent may hold whole files besides.
                let shown = words(&self.display);
                let text = if shown.is_empty() { text } else { shown };
                push(&mut said, StepKind::Ask, &text);
            }
            "gemini" => {
                if let Content::Blocks(thoughts) = &self.thoughts {
                    said.extend(thoughts.iter().map(|thought| {
                        let (subject, rest) = (thought.subject.str(), thought.description.str());
                        Said::Thought(kept(format!("{subject}: {rest}").trim_matches([':', ' '])))
                    }));
                }
                push(&mut said, StepKind::Say, &text);
                if let Content::Blocks(calls) = &self.calls {
                    calls.iter().for_each(|call| call.hold(at, &mut said));
                }
            }
            // The program's own words.
            "error" => said.push(Said::Note("synthetic", kept(&text))),
            _ if text.starts_with("Request cancelled") => {
                said.push(Said::Note("interrupted", kept(&text)))
            }
            _ => said.push(Said::Note("info", kept(&text))),
        }
        let weight = said.iter().map(Said::weight).sum::<usize>() + 64;
        Held { at, said, weight }
    }
}

fn push(said: &mut Vec<Said>, kind: StepKind, text: &str) {
    if !text.trim().is_empty() {
        said.push(Said::Words(kind, kept(text)));
    }
}

fn kept(text: &str) -> String {
    cut_bytes(text, MAX_STEP_TEXT).to_owned()
}

/// The words of a content, thoughts left out.
fn words(content: &Content<'_, Part<'_>>) -> String {
    match content {
        Content::Nothing => String::new(),
        Content::Text(text) => text.clone().into_owned(),
        Content::Blocks(parts) => {
            let said = parts.iter().filter(|part| !part.thought.is_true());
            said.filter_map(|part| part.text.text()).collect::<Vec<_>>().join("\n")
        }
    }
}

impl Call<'_> {
    fn hold(&self, at: At, said: &mut Vec<Said>) {
        let (id, name) = (self.id.str().to_owned(), self.name.str().to_owned());
        if name.is_empty() {
            return;
        }
        let input = self.args.map(RawValue::get).unwrap_or_default();
        let begun = begin(&name, input, at.line);
        said.push(Said::Call { id: id.clone(), name, input: kept(input), begun });
        let status = self.status.str();
        if !["success", "error", "cancelled"].contains(&status) {
            return;
        }
        let (output, error) = self.output();
        let at = At { time: scribe::time(&self.timestamp).or(at.time), ..at };
        let exit = exit(&output);
        let failed = status == "error" || error || exit.is_some_and(|exit| exit != 0);
        let refused = status == "cancelled";
        let background = output.starts_with("Command is running in background");
        let failed = failed || refused;
        let ending = Ending { failed, exit, background, refused, silent: true, blind: false };
        let text = shell_output(&output);
        let text = if text.len() <= MAX_OUTPUT { text.to_owned() } else { ends(text) };
        said.push(Said::Result { id, at, ending, text });
    }

    /// The output, and whether it is an error.
    fn output(&self) -> (String, bool) {
        let Content::Blocks(parts) = &self.result else { return (words(&self.result), false) };
        let (mut texts, mut failed) = (Vec::new(), false);
        for part in parts {
            match part.response.0.as_ref().and_then(|response| response.response.0.as_ref()) {
                Some(answer) => {
                    failed |= answer.error.text().is_some();
                    texts.extend(answer.output.text().or(answer.error.text()));
                }
                None => texts.extend(part.text.text()),
            }
        }
        (texts.join("\n"), failed)
    }
}

/// The beginning and the end of a long output.
fn ends(text: &str) -> String {
    let half = MAX_OUTPUT / 2;
    format!("{}\n{}", cut_bytes(text, half), crate::steps::tail_bytes(text, half))
}

/// The work that a call begins; none where the tool only looks.
fn begin(name: &str, input: &str, line: u64) -> Vec<Work> {
    if QUIET.contains(&name) {
        return Vec::new();
    }
    let read = serde_json::from_str::<Perhaps<Input<'_>>>(input);
    let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
    let edited = |span: Span| tool::edit(line, read.file_path.str(), vec![span]);
    match name {
        "run_shell_command" => tool::command(line, read.command.str()),
        "replace" | "edit" if read.old_string.text().is_none() => {
            edited(whole(read.new_string.str()))
        }
        "replace" | "edit" => edited(span(read.old_string.str(), read.new_string.str())),
        "write_file" => edited(whole(read.content.str())),
        _ => {
            let named = [&read.query, &read.prompt, &read.command];
            let target = named.iter().find_map(|scalar| scalar.text()).unwrap_or(input);
            tool::other(line, name, target)
        }
    }
}

/// The status that the shell tool tells among other lines.
fn exit(output: &str) -> Option<i64> {
    let lines = output.lines().rev().take(12);
    let told = lines.filter_map(|line| line.trim().strip_prefix("Exit Code: ")).next();
    told.and_then(|exit| exit.trim().parse().ok()).or_else(|| failure::exit_in(output))
}

/// What the command itself said, without the lines that the shell tool puts around it.
fn shell_output(output: &str) -> &str {
    let body = ["\nOutput: ", "\nStdout: "].iter().find_map(|mark| output.split_once(mark));
    let body = body.map(|(_, body)| body).or_else(|| output.strip_prefix("Output: "));
    let Some(body) = body else { return output };
    let ends = ["\nExit Code: ", "\nSignal: ", "\nBackground PIDs: ", "\nProcess Group PGID: "];
    let end = ends.iter().filter_map(|mark| body.rfind(mark)).min().unwrap_or(body.len());
    let body = body.get(..end).unwrap_or(body);
    let none = ["\nError: (none)", "\nStderr: (empty)"];
    let body = none.iter().find_map(|none| body.strip_suffix(none)).unwrap_or(body);
    if body == "(empty)" { "" } else { body }
}

impl Said {
    fn weight(&self) -> usize {
        match self {
            Self::Words(_, text) | Self::Thought(text) | Self::Note(_, text) => text.len(),
            Self::Call { id, name, input, begun } => {
                let work: usize = begun.iter().map(Work::weight).sum();
                id.len() + name.len() + input.len() + work
            }
            Self::Result { id, text, .. } => id.len() + text.len(),
        }
    }
}

impl Held {
    /// The record that the message is.
    pub(super) const fn line(&self) -> u64 {
        self.at.line
    }

    /// Bytes of text held, and something for the message itself.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn write(self, scribe: &mut Scribe) {
        let at = self.at;
        for said in self.said {
            match said {
                Said::Words(kind, text) => scribe.words(at, kind, &text),
                Said::Thought(text) => scribe.thought(at, &text),
                Said::Note(name, text) => scribe.note(at, name, &text, text.len()),
                Said::Call { id, name, input, begun } => {
                    let id = Some(id.as_str()).filter(|id| !id.is_empty());
                    scribe.call(at, id, &name, &input, begun);
                }
                Said::Result { id, at, ending, text } => {
                    let id = Some(id.as_str()).filter(|id| !id.is_empty());
                    scribe.result(at, id, ending, &text);
                }
            }
        }
    }
}
