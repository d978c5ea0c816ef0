//! The importer for Codex CLI rollouts: a JSON object per line, `{timestamp, type, payload}`, as
//! the program leaves them under `sessions/YYYY/MM/DD/rollout-*.jsonl`. Rollouts of before
//! September 2025 have the payload as the line.
//!
//! The same thing is often told twice, as an item of the model's history and as an event for the
//! screen: words count once, and of a command's end the event that tells its status is kept,
//! while its mirror becomes a note.

mod item;
mod shell;

use crate::{
    scribe::{self, At, KNOWN_NOTE, Scribe, fill},
    scribed::Scribed,
    shape::{Perhaps, Scalar},
    steps::cut_bytes,
    tool::{self, Ending},
};
use artifact::StepKind;
use item::{Payload, Record};
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// The format's name.
pub(crate) const FORMAT: &str = "codex";

/// Types of lines that are known here.
const KNOWN: &[&str] = &[
    "session_meta",
    "turn_context",
    "response_item",
    "event_msg",
    "compacted",
    "world_state",
    "inter_agent_communication",
    "inter_agent_communication_metadata",
];

/// Items of the model's history that are known here.
const ITEMS: &[&str] = &[
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "local_shell_call",
    "local_shell_call_output",
    "web_search_call",
    "ghost_snapshot",
    "compaction",
    "compaction_summary",
    "context_compaction",
    "image_generation_call",
    "tool_search_call",
    "tool_search_output",
    "agent_message",
    "other",
];

/// The most words and calls that are remembered to tell mirrors.
const MAX_MIRRORS: usize = 100_000;

/// How often the same words were told as an item and as an event.
#[derive(Debug, Default, Clone, Copy)]
struct Told {
    items: u32,
    events: u32,
}

/// Reads one rollout.
#[derive(Debug)]
pub(crate) struct Codex {
    scribe: Scribe,
    words: HashMap<[u8; 32], Told>,
    /// Calls whose result was written down.
    ended: HashSet<String>,
}

impl Default for Codex {
    fn default() -> Self {
        Self { scribe: Scribe::new(FORMAT), words: HashMap::new(), ended: HashSet::new() }
    }
}

impl Scribed for Codex {
    const NAME: &'static str = FORMAT;

    fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    fn read(&mut self, _member: &str, bytes: &[u8]) -> bool {
        match serde_json::from_slice::<Perhaps<Record<'_>>>(bytes) {
            Ok(Perhaps(Some(record))) => self.take(&record, bytes),
            Ok(Perhaps(None)) => self.scribe.unknown("", bytes),
            Err(_) => return false,
        }
        true
    }

    fn end(self) -> Scribe {
        self.scribe
    }
}

impl Codex {
    fn take(&mut self, record: &Record<'_>, raw: &[u8]) {
        let kind = record.kind.str();
        let at = self.scribe.at(scribe::time(&record.timestamp));
        let Some(payload) = record.payload else {
            return self.old(record, kind, at, raw);
        };
        if !KNOWN.contains(&kind) {
            return self.scribe.unknown(kind, raw);
        }
        self.scribe.count(kind);
        let read = serde_json::from_str::<Perhaps<Payload<'_>>>(payload.get());
        let Ok(Perhaps(Some(payload))) = read else {
            return self.scribe.unknown("payload", raw);
        };
        match kind {
            "session_meta" | "turn_context" => {
                self.place(&payload);
                self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE);
            }
            "response_item" => self.item(at, &payload, raw),
            "event_msg" => self.event(at, &payload, raw),
            _ => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
        }
    }

    /// A line of an older rollout: the payload itself.
    fn old(&mut self, record: &Record<'_>, kind: &str, at: At, raw: &[u8]) {
        let read = serde_json::from_slice::<Perhaps<Payload<'_>>>(raw);
        let Ok(Perhaps(Some(payload))) = read else {
            return self.scribe.unknown("", raw);
        };
        if ITEMS.contains(&kind) {
            self.scribe.count(kind);
            self.item(at, &payload, raw);
        } else if payload.id.text().is_some() && record.timestamp.text().is_some() {
            self.scribe.count("session_meta");
            self.place(&payload);
            self.scribe.note_raw(at.time, "session_meta", raw, KNOWN_NOTE);
        } else if record.record_type.text() == Some("state") {
            self.scribe.count("state");
            self.scribe.note_raw(at.time, "state", raw, KNOWN_NOTE);
        } else {
            self.scribe.unknown(kind, raw);
        }
    }

    fn place(&mut self, payload: &Payload<'_>) {
        self.scribe.settle(payload.cwd.text(), payload.id.text());
        self.scribe.uses_model(payload.model.text());
        let place = &mut self.scribe.place;
        fill(&mut place.version, payload.cli_version.text());
        if let Some(git) = payload.git.0.as_ref() {
            fill(&mut place.branch, git.branch.text());
            fill(&mut place.head, git.commit_hash.text());
        }
        // A sub-agent's source is an object that names its parent.
        place.sidechain |= payload.source.is_some_and(|source| {
            source.get().starts_with('{') && source.get().contains("subagent")
        });
    }

    /// An item of the model's history.
    fn item(&mut self, at: At, payload: &Payload<'_>, raw: &[u8]) {
        let id = payload.call_id.text().or(payload.id.text());
        match payload.kind.str() {
            "message" => self.message(at, payload, raw),
            "reasoning" => {
                let summary = item::text(payload.summary);
                let text = if summary.is_empty() { item::text(payload.content) } else { summary };
                if text.is_empty() {
                    return self.scribe.other(at, Some("reasoning"));
                }
                self.scribe.thought(at, &text);
            }
            "function_call" => {
                let input = payload.arguments.str();
                let name = payload.name.str();
                let begun = shell::begin(name, input, at.line);
                self.scribe.call(at, id, &named(payload), input, begun);
            }
            "custom_tool_call" => {
                let input = payload.input.str();
                let name = payload.name.str();
                let begun = if input.contains("*** Begin Patch") {
                    tool::patched(at.line, input)
                } else {
                    shell::begin(name, input, at.line)
                };
                self.scribe.call(at, id, &named(payload), input, begun);
            }
            "local_shell_call" => {
                let input = payload.action.map(RawValue::get).unwrap_or_default();
                let begun = shell::begin("shell", input, at.line);
                self.scribe.call(at, id, "shell", input, begun);
            }
            "function_call_output" | "custom_tool_call_output" | "local_shell_call_output" => {
                let output = payload.output.or(payload.content);
                let (ending, text) = shell::output(output);
                self.result(at, id, ending, &text);
            }
            "web_search_call" => {
                let input = payload.action.map(RawValue::get).unwrap_or_default();
                self.scribe.call(at, id, "web_search", input, Vec::new());
            }
            kind if ITEMS.contains(&kind) => {
                self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE);
            }
            kind => self.scribe.unknown(kind, raw),
        }
    }

    fn message(&mut self, at: At, payload: &Payload<'_>, raw: &[u8]) {
        let text = item::text(payload.content);
        let kind = match payload.role.str() {
            "user" => StepKind::Ask,
            "assistant" => StepKind::Say,
            // What the program itself tells the model.
            role => return self.scribe.note_raw(at.time, role, raw, KNOWN_NOTE),
        };
        if text.is_empty() {
            return self.scribe.other(at, Some("message"));
        }
        self.say(at, kind, &text, false);
    }

    /// Words that the log may tell twice.
    fn say(&mut self, at: At, kind: StepKind, text: &str, event: bool) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[u8::from(kind == StepKind::Ask)]).update(text.trim().as_bytes());
        let key = *hasher.finalize().as_bytes();
        let room = self.words.len() < MAX_MIRRORS;
        let mirror = if room || self.words.contains_key(&key) {
            let told = self.words.entry(key).or_default();
            let (mine, other) = if event {
                told.events += 1;
                (told.events, told.items)
            } else {
                told.items += 1;
                (told.items, told.events)
            };
            mine <= other
        } else {
            event
        };
        if mirror {
            self.scribe.note(at, "mirror", "", text.len());
        } else {
            self.scribe.words(at, kind, text);
        }
    }

    /// An event for the screen.
    fn event(&mut self, at: At, payload: &Payload<'_>, raw: &[u8]) {
        let id = payload.call_id.text();
        match payload.kind.str() {
            "user_message" => self.say(at, StepKind::Ask, payload.message.str(), true),
            "agent_message" => self.say(at, StepKind::Say, payload.message.str(), true),
            "exec_command_end" => {
                let output = [&payload.aggregated_output, &payload.formatted_output];
                let text = output.iter().find_map(|text| text.text());
                let apart = || format!("{}{}", payload.stdout.str(), payload.stderr.str());
                let text = text.map_or_else(apart, str::to_owned);
                let declined = payload.status.text() == Some("declined");
                let ending =
                    Ending { refused: declined, ..Ending::of_exit(payload.exit_code.number()) };
                self.result(at, id, ending, &text);
            }
            "patch_apply_end" => {
                let failed = payload.success == Scalar::Bool(false);
                let text = format!("{}{}", payload.stdout.str(), payload.stderr.str());
                self.result(at, id, Ending { failed, ..Ending::default() }, &text);
            }
            "turn_aborted" => self.scribe.note(at, "interrupted", "", raw.len()),
            "error" | "stream_error" => self.scribe.note_raw(at.time, "synthetic", raw, KNOWN_NOTE),
            kind => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
        }
    }

    /// The end of a call. The first that is told is kept: the program tells the event, which has the
    /// status, before its mirror, and where there is no event the output says how it ended.
    fn result(&mut self, at: At, id: Option<&str>, ending: Ending, text: &str) {
        let known = id.is_some_and(|id| self.ended.contains(id));
        if known {
            return self.scribe.note(at, "mirror", "", text.len());
        }
        if let Some(id) = id.filter(|id| id.len() <= 256)
            && self.ended.len() < MAX_MIRRORS
        {
            self.ended.insert(id.to_owned());
        }
        self.scribe.result(at, id, ending, text);
    }
}

/// A tool's name, with that of the server that offers it.
fn named(payload: &Payload<'_>) -> String {
    match payload.namespace.text() {
        Some(space) => format!("{}{}", cut_bytes(space, 64), payload.name.str()),
        None => payload.name.str().to_owned(),
    }
}

/// Whether a line, perhaps cut off, is a line of a rollout.
pub(crate) fn is_record(line: &[u8]) -> bool {
    if let Ok(Perhaps(Some(record))) = serde_json::from_slice::<Perhaps<Record<'_>>>(line) {
        let kind = record.kind.str();
        let new = record.payload.is_some() && KNOWN.contains(&kind);
        let old = record.payload.is_none()
            && kind.is_empty()
            && record.instructions.is_some()
            && record.timestamp.text().is_some();
        return new || old || record.record_type.text() == Some("state");
    }
    let text = String::from_utf8_lossy(line);
    text.contains("\"payload\":") && KNOWN.iter().any(|kind| text.contains(&format!("\"{kind}\"")))
}

#[cfg(test)]
mod tests;
