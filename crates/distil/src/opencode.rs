//! The importer for OpenCode sessions. The program keeps all sessions in one SQLite file with the
//! tables `session`, `message` and `part`, in older versions in a tree of JSON files; whoever
//! reads those gives one session as lines here: `{"table", "id", "data"}`, first the session,
//! then each message followed by its parts, `data` being the JSON that was kept, byte for byte.
//!
//! A part that is a tool holds the call and its end at once.

mod tools;

use crate::{
    scribe::{self, At, KNOWN_NOTE, Scribe, fill},
    scribed::Scribed,
    shape::{Perhaps, Scalar},
};
use artifact::StepKind;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The format's name.
pub(crate) const FORMAT: &str = "opencode";

/// Kinds of parts that are known here. All but the first three are kept as notes.
const KNOWN: &[&str] = &[
    "text",
    "reasoning",
    "tool",
    "file",
    "patch",
    "snapshot",
    "step-start",
    "step-finish",
    "agent",
    "subtask",
    "retry",
    "compaction",
];

/// Reads one session.
#[derive(Debug)]
pub(crate) struct OpenCode {
    scribe: Scribe,
    /// Who says the parts that come now, and when that began.
    speaker: Speaker,
    since: Option<u64>,
}

/// Who says a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Human,
    Agent,
    /// The agent, making the session shorter.
    Summary,
}

impl Default for OpenCode {
    fn default() -> Self {
        Self { scribe: Scribe::new(FORMAT), speaker: Speaker::Agent, since: None }
    }
}

/// One line.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record<'a> {
    #[serde(borrow)]
    table: Scalar<'a>,
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// What is kept of a session or of a message.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Info<'a> {
    #[serde(borrow)]
    directory: Scalar<'a>,
    #[serde(borrow)]
    version: Scalar<'a>,
    #[serde(borrow)]
    parent_id: Scalar<'a>,
    #[serde(borrow, rename = "parentID")]
    parent: Scalar<'a>,
    #[serde(borrow)]
    role: Scalar<'a>,
    #[serde(borrow, rename = "modelID")]
    model_id: Scalar<'a>,
    #[serde(borrow)]
    summary: Scalar<'a>,
    #[serde(borrow)]
    time: Perhaps<Time<'a>>,
    #[serde(borrow)]
    path: Perhaps<Folder<'a>>,
    #[serde(borrow)]
    error: Perhaps<Failure<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Time<'a> {
    #[serde(borrow)]
    created: Scalar<'a>,
    #[serde(borrow)]
    completed: Scalar<'a>,
    #[serde(borrow)]
    start: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Folder<'a> {
    #[serde(borrow)]
    cwd: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
}

/// A part of a message.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow, rename = "type")]
    kind: Scalar<'a>,
    #[serde(borrow)]
    text: Scalar<'a>,
    #[serde(borrow)]
    synthetic: Scalar<'a>,
    #[serde(borrow)]
    ignored: Scalar<'a>,
    #[serde(borrow)]
    time: Perhaps<Time<'a>>,
    #[serde(borrow, rename = "callID")]
    call: Scalar<'a>,
    #[serde(borrow)]
    tool: Scalar<'a>,
    #[serde(borrow)]
    state: Perhaps<tools::State<'a>>,
}

impl Scribed for OpenCode {
    const NAME: &'static str = FORMAT;

    fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    fn read(&mut self, _member: &str, bytes: &[u8]) -> bool {
        let Ok(Perhaps(Some(record))) = serde_json::from_slice::<Perhaps<Record<'_>>>(bytes) else {
            return false;
        };
        let data = record.data.map(RawValue::get).unwrap_or_default();
        match record.table.str() {
            "session" => self.session(record.id.text(), data, bytes),
            "message" => self.message(data, bytes),
            "part" => self.part(data, bytes),
            table => self.scribe.unknown(table, bytes),
        }
        true
    }

    fn end(self) -> Scribe {
        self.scribe
    }
}

impl OpenCode {
    fn session(&mut self, id: Option<&str>, data: &str, raw: &[u8]) {
        let Ok(Perhaps(Some(info))) = serde_json::from_str::<Perhaps<Info<'_>>>(data) else {
            return self.scribe.unknown("session", raw);
        };
        self.scribe.count("session");
        self.scribe.settle(info.directory.text(), id);
        fill(&mut self.scribe.place.version, info.version.text());
        let parent = info.parent_id.text().or(info.parent.text());
        self.scribe.place.sidechain = parent.is_some();
        self.scribe.note_raw(None, "session", raw, KNOWN_NOTE);
    }

    fn message(&mut self, data: &str, raw: &[u8]) {
        let Ok(Perhaps(Some(info))) = serde_json::from_str::<Perhaps<Info<'_>>>(data) else {
            return self.scribe.unknown("message", raw);
        };
        self.scribe.count("message");
        let time = info.time.0.unwrap_or_default();
        self.since = scribe::time(&time.created);
        let at = self.scribe.at(self.since);
        self.scribe.at(scribe::time(&time.completed));
        let folder = info.path.0.as_ref().and_then(|path| path.cwd.text());
        self.scribe.settle(folder, None);
        self.speaker = match info.role.str() {
            "user" => Speaker::Human,
            _ if info.summary.is_true() => Speaker::Summary,
            _ => Speaker::Agent,
        };
        if self.speaker == Speaker::Agent {
            self.scribe.uses_model(info.model_id.text());
        }
        match info.error.0.as_ref().and_then(|error| error.name.text()) {
            Some("MessageAbortedError") => self.scribe.note(at, "interrupted", "", raw.len()),
            Some(_) => self.scribe.note_raw(at.time, "synthetic", raw, KNOWN_NOTE),
            None => self.scribe.note_raw(at.time, "message", raw, KNOWN_NOTE),
        }
    }

    fn part(&mut self, data: &str, raw: &[u8]) {
        let Ok(Perhaps(Some(part))) = serde_json::from_str::<Perhaps<Part<'_>>>(data) else {
            return self.scribe.unknown("part", raw);
        };
        let kind = part.kind.str();
        if !KNOWN.contains(&kind) {
            return self.scribe.unknown(kind, raw);
        }
        self.scribe.count(kind);
        let started = part.time.0.as_ref().and_then(|time| scribe::time(&time.start));
        let at = self.scribe.at(started.or(self.since));
        match kind {
            "text" => self.text(at, &part),
            "reasoning" if !part.text.str().trim().is_empty() => {
                self.scribe.thought(at, part.text.str());
            }
            "tool" => self.tool(at, &part),
            _ => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
        }
    }

    fn text(&mut self, at: At, part: &Part<'_>) {
        let text = part.text.str();
        // What the program adds to the human's words: the files they named, reminders.
        let added = part.synthetic.is_true() || part.ignored.is_true();
        match self.speaker {
            _ if added => self.scribe.note(at, "synthetic-part", "", text.len()),
            Speaker::Human => self.scribe.words(at, StepKind::Ask, text),
            Speaker::Agent => self.scribe.words(at, StepKind::Say, text),
            Speaker::Summary => self.scribe.note(at, "compact", "", text.len()),
        }
    }

    fn tool(&mut self, at: At, part: &Part<'_>) {
        let Some(state) = part.state.0.as_ref() else {
            return self.scribe.other(at, Some("tool"));
        };
        let (name, id) = (part.tool.str(), part.call.text());
        self.scribe.call(at, id, name, state.input(), state.begin(name, at.line));
        if let Some((ending, text, time)) = state.end() {
            let at = At { line: at.line, ..self.scribe.at(time) };
            self.scribe.result(at, id, ending, &text);
        }
    }
}

/// Whether a line, perhaps cut off, is a line of a session.
pub(crate) fn is_record(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line.get(..line.len().min(200)).unwrap_or(line));
    ["session", "message", "part"].iter().any(|table| {
        text.strip_prefix(&format!("{{\"table\":\"{table}\",\"id\":"))
            .is_some_and(|rest| rest.contains("\"data\":"))
    })
}

#[cfg(test)]
mod tests;
