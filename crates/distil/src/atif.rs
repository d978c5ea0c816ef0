//! The importer for trajectories in the Agent Trajectory Interchange Format, ATIF v1.0 to v1.7
//! (<https://github.com/harbor-framework/harbor>, `rfcs/0001-trajectory-format.md`): one document
//! whose `steps` each hold a message, the calls that it makes and what was observed after them.
//!
//! No status of a command is kept, so its output tells how it ended. Steps that only repeat
//! context from before (`is_copied_context`) are notes.

mod export;

use crate::{
    run::Work,
    scribe::{self, At, KNOWN_NOTE, Scribe, fill},
    scribed::Scribed,
    shape::{Content, Perhaps, Scalar},
    steps::cut_bytes,
    tool::{self, Ending, span, whole},
};
use artifact::StepKind;
pub use export::atif;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The format's name.
pub(crate) const FORMAT: &str = "atif";

/// Reads one trajectory.
#[derive(Debug)]
pub(crate) struct Atif {
    scribe: Scribe,
    /// Calls without an id so far.
    unnamed: u64,
}

impl Default for Atif {
    fn default() -> Self {
        Self { scribe: Scribe::new(FORMAT), unnamed: 0 }
    }
}

/// The agent that ran.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Agent<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
    #[serde(borrow)]
    version: Scalar<'a>,
    #[serde(borrow)]
    model_name: Scalar<'a>,
}

/// One step.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Step<'a> {
    #[serde(borrow)]
    timestamp: Scalar<'a>,
    #[serde(borrow)]
    source: Scalar<'a>,
    #[serde(borrow)]
    model_name: Scalar<'a>,
    #[serde(borrow)]
    message: Content<'a, Part<'a>>,
    #[serde(borrow)]
    reasoning_content: Scalar<'a>,
    #[serde(borrow)]
    tool_calls: Content<'a, Call<'a>>,
    #[serde(borrow)]
    observation: Perhaps<Observation<'a>>,
    #[serde(borrow)]
    is_copied_context: Scalar<'a>,
}

/// A part of a message; images have no text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
}

impl<'a> From<Cow<'a, str>> for Part<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text: Scalar::Text(text) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Call<'a> {
    #[serde(borrow)]
    tool_call_id: Scalar<'a>,
    #[serde(borrow)]
    function_name: Scalar<'a>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl From<Cow<'_, str>> for Call<'_> {
    fn from(_text: Cow<'_, str>) -> Self {
        Self::default()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Observation<'a> {
    #[serde(borrow)]
    results: Content<'a, Seen<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Seen<'a> {
    #[serde(borrow)]
    source_call_id: Scalar<'a>,
    #[serde(borrow)]
    content: Content<'a, Part<'a>>,
    #[serde(borrow)]
    extra: Perhaps<Extra<'a>>,
}

impl From<Cow<'_, str>> for Seen<'_> {
    fn from(_text: Cow<'_, str>) -> Self {
        Self::default()
    }
}

/// What our own export and others put beside a result.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Extra<'a> {
    #[serde(borrow)]
    is_error: Scalar<'a>,
    #[serde(borrow)]
    exit_code: Scalar<'a>,
}

impl Scribed for Atif {
    const NAME: &'static str = FORMAT;

    fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    fn read(&mut self, member: &str, bytes: &[u8]) -> bool {
        match member {
            "steps" => self.step(bytes),
            "agent" => self.agent(bytes),
            "session_id" => serde_json::from_slice::<Scalar<'_>>(bytes)
                .map(|id| self.scribe.settle(None, id.text()))
                .is_ok(),
            "" => false,
            _ => {
                let json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
                if json {
                    self.scribe.count(member);
                    self.scribe.note_raw(None, member, bytes, KNOWN_NOTE);
                }
                json
            }
        }
    }

    fn end(self) -> Scribe {
        self.scribe
    }
}

impl Atif {
    fn agent(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(agent))) = serde_json::from_slice::<Perhaps<Agent<'_>>>(bytes) else {
            return false;
        };
        self.scribe.count("agent");
        if let Some(name) = agent.name.text() {
            self.scribe.agent = cut_bytes(name, 64).to_owned();
        }
        fill(&mut self.scribe.place.version, agent.version.text());
        self.scribe.uses_model(agent.model_name.text());
        true
    }

    fn step(&mut self, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(step))) = serde_json::from_slice::<Perhaps<Step<'_>>>(bytes) else {
            return false;
        };
        let source = step.source.str();
        if !["user", "agent", "system"].contains(&source) {
            self.scribe.unknown(source, bytes);
            return true;
        }
        self.scribe.count(source);
        let at = self.scribe.at(scribe::time(&step.timestamp));
        self.scribe.uses_model(step.model_name.text());
        let text = words(&step.message);
        if step.is_copied_context.is_true() {
            self.scribe.note(at, "repeat", "", bytes.len());
            return true;
        }
        if let Some(thought) = step.reasoning_content.text() {
            self.scribe.thought(at, thought);
        }
        match source {
            "user" if !text.is_empty() => self.scribe.words(at, StepKind::Ask, &text),
            "agent" if !text.is_empty() => self.scribe.words(at, StepKind::Say, &text),
            "system" => self.scribe.note(at, "system", cut_bytes(&text, KNOWN_NOTE), text.len()),
            _ => {}
        }
        let calls = self.calls(at, &step);
        self.results(at, &step, &calls);
        true
    }

    /// Writes the calls down and gives their ids.
    fn calls(&mut self, at: At, step: &Step<'_>) -> Vec<String> {
        let Content::Blocks(calls) = &step.tool_calls else { return Vec::new() };
        let mut ids = Vec::new();
        for call in calls {
            let id = call.tool_call_id.text().map(str::to_owned).unwrap_or_else(|| {
                self.unnamed += 1;
                format!("call {}", self.unnamed)
            });
            let name = call.function_name.str();
            let input = call.arguments.map(RawValue::get).unwrap_or_default();
            self.scribe.call(at, Some(&id), name, input, begin(name, input, at.line));
            ids.push(id);
        }
        ids
    }

    fn results(&mut self, at: At, step: &Step<'_>, calls: &[String]) {
        let Some(observation) = step.observation.0.as_ref() else { return };
        let Content::Blocks(results) = &observation.results else { return };
        for (n, seen) in results.iter().enumerate() {
            // A result that names no call belongs to the one in its place.
            let id = seen.source_call_id.text().or(calls.get(n).map(String::as_str));
            let text = words(&seen.content);
            let extra = seen.extra.0.as_ref();
            let exit = extra.and_then(|extra| extra.exit_code.number());
            let exit = exit.or_else(|| crate::failure::exit_in(&text));
            let told = extra.is_some_and(|extra| extra.is_error != Scalar::Nothing);
            let failed = extra.is_some_and(|extra| extra.is_error.is_true());
            let mut ending = Ending::of_exit(exit);
            ending.failed |= failed;
            ending.blind = !told && exit.is_none();
            self.scribe.result(at, id, ending, &text);
        }
    }
}

fn words(content: &Content<'_, Part<'_>>) -> String {
    match content {
        Content::Nothing => String::new(),
        Content::Text(text) => text.clone().into_owned(),
        Content::Blocks(parts) => {
            let texts = parts.iter().filter_map(|part| part.text.text());
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}

/// What a tool is called with, by the names that agents commonly give.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    command: Scalar<'a>,
    #[serde(borrow)]
    cmd: Scalar<'a>,
    #[serde(borrow)]
    keystrokes: Scalar<'a>,
    #[serde(borrow)]
    code: Scalar<'a>,
    #[serde(borrow)]
    file_path: Scalar<'a>,
    #[serde(borrow)]
    path: Scalar<'a>,
    #[serde(borrow, rename = "filePath")]
    file: Scalar<'a>,
    #[serde(borrow)]
    old_string: Scalar<'a>,
    #[serde(borrow)]
    new_string: Scalar<'a>,
    #[serde(borrow)]
    old_str: Scalar<'a>,
    #[serde(borrow)]
    new_str: Scalar<'a>,
    #[serde(borrow)]
    content: Scalar<'a>,
    #[serde(borrow)]
    file_text: Scalar<'a>,
    #[serde(borrow)]
    input: Scalar<'a>,
}

/// The work that a call begins. Agents of all kinds are written in this format, so the tool is
/// told by its name and by what it is called with.
fn begin(name: &str, input: &str, line: u64) -> Vec<Work> {
    let plain = name.to_lowercase();
    let quiet = ["read", "view", "open", "list", "search", "glob", "grep", "think", "todo", "plan"];
    let read = serde_json::from_str::<Perhaps<Input<'_>>>(input);
    let read = read.ok().and_then(|perhaps| perhaps.0).unwrap_or_default();
    let named = [&read.file_path, &read.path, &read.file];
    let file = named.iter().find_map(|scalar| scalar.text());
    let old = read.old_string.text().or(read.old_str.text());
    let new = read.new_string.text().or(read.new_str.text());
    let text = read.content.text().or(read.file_text.text());
    let command = [&read.cmd, &read.keystrokes, &read.code, &read.command];
    let command = command.iter().find_map(|scalar| scalar.text());
    if let Some(patch) = read.input.text().filter(|text| text.contains("*** Begin Patch")) {
        return tool::patched(line, patch);
    }
    match (file, old, new, text, command) {
        (Some(file), Some(old), new, ..) => {
            tool::edit(line, file, vec![span(old, new.unwrap_or_default())])
        }
        (Some(file), None, Some(new), ..) => tool::edit(line, file, vec![span("", new)]),
        (Some(file), None, None, Some(text), _) => tool::edit(line, file, vec![whole(text)]),
        (None, .., Some(command)) => tool::command(line, command),
        _ if quiet.iter().any(|word| plain.contains(word)) => Vec::new(),
        _ => tool::other(line, name, input),
    }
}

#[cfg(test)]
mod tests;
