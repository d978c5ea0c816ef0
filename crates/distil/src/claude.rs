//! The importer for Claude Code logs: a JSON object per line, as the program leaves them under
//! `projects/<folder>/<session>.jsonl` and `<session>/subagents/agent-*.jsonl`.
//!
//! Promises: every line is counted; a line that is not understood becomes a note; a message
//! that the log holds twice (a resumed session repeats its history) becomes one step.
//! It does not know which records future versions will add: they are notes with their type.

mod record;
mod tool;

use crate::{
    scribe::{self, At, KNOWN_NOTE, Scribe, fill},
    scribed::Scribed,
    shape::{Content, Perhaps},
};
use artifact::StepKind;
use record::{Block, Record};

/// The format's name.
pub(crate) const FORMAT: &str = "claude-code";

/// Record types that are known here. All but the first two are kept as notes.
const KNOWN: &[&str] = &[
    "user",
    "assistant",
    "system",
    "summary",
    "progress",
    "attachment",
    "file-history-snapshot",
    "queue-operation",
    "custom-title",
    "ai-title",
    "agent-name",
    "last-prompt",
    "permission-mode",
    "pr-link",
];

/// Reads one Claude Code log.
#[derive(Debug)]
pub(crate) struct ClaudeCode {
    scribe: Scribe,
    placed: bool,
}

impl Default for ClaudeCode {
    fn default() -> Self {
        Self { scribe: Scribe::new(FORMAT), placed: false }
    }
}

impl Scribed for ClaudeCode {
    const NAME: &'static str = FORMAT;

    fn scribe(&mut self) -> &mut Scribe {
        &mut self.scribe
    }

    fn read(&mut self, _member: &str, bytes: &[u8]) -> bool {
        match serde_json::from_slice::<Perhaps<Record<'_>>>(bytes) {
            Ok(Perhaps(Some(record))) => self.take(&record, bytes),
            Ok(Perhaps(None)) => self.scribe.unknown("", bytes),
            // A field that stands twice is an error to the shape, but still JSON.
            Err(_) => return false,
        }
        true
    }

    fn end(self) -> Scribe {
        self.scribe
    }
}

impl ClaudeCode {
    fn take(&mut self, record: &Record<'_>, raw: &[u8]) {
        let kind = record.kind.str();
        let at = self.scribe.at(scribe::time(&record.timestamp));
        self.settle(record);
        if !KNOWN.contains(&kind) {
            return self.scribe.unknown(kind, raw);
        }
        self.scribe.count(kind);
        let aside = record.sidechain.is_true() && !self.scribe.place.sidechain;
        let at = At { aside, ..at };
        let Some(message) = record.message.0.as_ref() else {
            return self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE);
        };
        let model = message.model.text();
        match kind {
            "user" if record.meta.is_true() => {
                self.scribe.note_raw(at.time, "meta", raw, KNOWN_NOTE)
            }
            "user" if record.compact.is_true() => {
                self.scribe.note_raw(at.time, "compact", raw, KNOWN_NOTE)
            }
            "user" => match &message.content {
                Content::Text(text) => self.scribe.words(at, StepKind::Ask, text),
                Content::Blocks(blocks) if !blocks.is_empty() => {
                    blocks.iter().for_each(|block| self.heard(at, block, record));
                }
                _ => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
            },
            // Texts that the program puts into the agent's mouth, such as refusals of the API.
            "assistant" if record.api_error.is_true() || model == Some("<synthetic>") => {
                self.scribe.note_raw(at.time, "synthetic", raw, KNOWN_NOTE);
            }
            "assistant" => {
                self.scribe.uses_model(model);
                match &message.content {
                    Content::Text(text) => self.scribe.words(at, StepKind::Say, text),
                    Content::Blocks(blocks) if !blocks.is_empty() => {
                        blocks.iter().for_each(|block| self.spoken(at, block));
                    }
                    _ => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
                }
            }
            _ => self.scribe.note_raw(at.time, kind, raw, KNOWN_NOTE),
        }
    }

    /// One part of a user record: words, a tool's result, or an image.
    fn heard(&mut self, at: At, block: &Block<'_>, record: &Record<'_>) {
        match block.kind.text() {
            Some("text") => self.scribe.words(at, StepKind::Ask, block.text.str()),
            Some("tool_result") => self.result(at, block, record),
            kind => self.scribe.other(at, kind),
        }
    }

    /// One part of an assistant record: words, a thought, or a call.
    fn spoken(&mut self, at: At, block: &Block<'_>) {
        match block.kind.text() {
            Some("text") => self.scribe.words(at, StepKind::Say, block.text.str()),
            Some("thinking") => self.scribe.thought(at, block.thinking.str()),
            Some("tool_use") => self.call(at, block),
            kind => self.scribe.other(at, kind),
        }
    }

    fn call(&mut self, at: At, block: &Block<'_>) {
        let name = block.name.str();
        let input = block.input.map(serde_json::value::RawValue::get).unwrap_or_default();
        let begun = tool::begin(name, input, at.line);
        self.scribe.call(at, block.id.text(), name, input, begun);
    }

    fn result(&mut self, at: At, block: &Block<'_>, record: &Record<'_>) {
        let whole = tool::result_text(block.content);
        let ending = tool::ending(&block.is_error, record.told, &whole);
        self.scribe.result(at, block.tool_use_id.text(), ending, &whole);
    }

    /// Learns where the run takes place from the first record that says so.
    fn settle(&mut self, record: &Record<'_>) {
        self.scribe.settle(record.cwd.text(), record.session.text());
        let place = &mut self.scribe.place;
        fill(&mut place.branch, record.branch.text());
        fill(&mut place.version, record.version.text());
        if !self.placed && record.message.0.is_some() {
            self.placed = true;
            place.sidechain = record.sidechain.is_true();
            if place.sidechain {
                fill(&mut place.agent, record.agent.text());
            }
        }
    }
}

/// Whether a line, perhaps cut off, is a record of a Claude Code log.
pub(crate) fn is_record(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if !line.starts_with(b"{") {
        return false;
    }
    if let Ok(Perhaps(Some(record))) = serde_json::from_slice::<Perhaps<Record<'_>>>(line) {
        let named = record.session.text().is_some()
            || record.leaf.text().is_some()
            || record.message_id.text().is_some()
            || (record.uuid.text().is_some() && record.message.0.is_some());
        return named && record.kind.text().is_some_and(|kind| KNOWN.contains(&kind));
    }
    // One long first line does not fit the window: its fields tell.
    let text = String::from_utf8_lossy(line);
    ["\"sessionId\":", "\"isSidechain\":", "\"message\":"].iter().all(|field| text.contains(field))
}

#[cfg(test)]
mod tests;
