//! The importer for Claude Code logs: a JSON object per line, as the program leaves them under
//! `projects/<folder>/<session>.jsonl` and `<session>/subagents/agent-*.jsonl`.
//!
//! Promises: every line is counted; a line that is not understood becomes a note; a message
//! that the log holds twice (a resumed session repeats its history) becomes one step.
//! It does not know which records future versions will add: they are notes with their type.

mod record;
mod tool;

use crate::{
    run::{Counts, Importer, MAX_LINE, Place, Run, Work},
    scaffold,
    steps::{Draft, Steps, cut_bytes},
};
use artifact::{ArtifactId, Outcome, Source, StepKind, Trace, UnixMillis};
use record::{Block, Content, Perhaps, Record};
use serde::de::IgnoredAny;
use std::collections::{HashMap, HashSet};

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

/// The most bytes that a note keeps of a record that is known to say nothing of the work.
const KNOWN_NOTE: usize = 1 << 10;
/// The most pieces of work of a run, and of bytes in them.
const MAX_WORK: usize = 60_000;
const MAX_WORK_TEXT: usize = 24 << 20;
/// The most messages that are remembered to tell repeats.
const MAX_SEEN: usize = 400_000;
/// The most record types that are counted apart.
const MAX_KINDS: usize = 64;

/// Reads one Claude Code log.
#[derive(Debug, Default)]
pub struct ClaudeCode {
    counts: Counts,
    place: Place,
    placed: bool,
    model: Option<String>,
    started: Option<UnixMillis>,
    ended: UnixMillis,
    steps: Steps,
    work: Vec<Work>,
    work_text: usize,
    /// Calls that wait for their result: which work, or none for a tool of TraceNet's own.
    waiting: HashMap<String, Option<usize>>,
    seen: HashSet<[u8; 16]>,
}

/// What all parts of one record share.
#[derive(Clone, Copy)]
struct Where {
    line: u64,
    at: Option<UnixMillis>,
    /// Whether the record belongs to a sub-agent inside a main log.
    aside: bool,
}

impl Importer for ClaudeCode {
    fn format(&self) -> &'static str {
        FORMAT
    }

    fn line(&mut self, bytes: &[u8]) {
        if bytes.len() > MAX_LINE {
            return self.oversized(bytes.len() as u64);
        }
        self.counts.lines += 1;
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return;
        }
        match serde_json::from_slice::<Perhaps<Record<'_>>>(bytes) {
            Ok(Perhaps(Some(record))) => self.record(&record, bytes),
            Ok(Perhaps(None)) => self.unknown("", bytes),
            // A field that stands twice is an error to the shape, but still JSON.
            Err(_) if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() => {
                self.unknown("", bytes);
            }
            Err(_) => {
                self.counts.malformed += 1;
                self.note_raw(None, "malformed", bytes, usize::MAX);
            }
        }
    }

    fn oversized(&mut self, bytes: u64) {
        self.counts.lines += 1;
        self.counts.oversized += 1;
        let at = Where { line: self.counts.lines, at: None, aside: false };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.push(at, StepKind::Note, Some("oversized"), None, "", bytes);
    }

    fn finish(self: Box<Self>, source: ArtifactId) -> Run {
        let mut counts = self.counts;
        counts.dropped = self.steps.dropped;
        let trace = Trace {
            agent: FORMAT.to_owned(),
            model: self.model,
            started: self.started.unwrap_or_default(),
            ended: self.ended,
            outcome: Outcome::Unknown,
            source: Source { format: FORMAT.to_owned(), hash: source },
            steps: self.steps.into_inner(),
        };
        Run::new(trace, counts, self.place, self.work)
    }
}

impl ClaudeCode {
    fn record(&mut self, record: &Record<'_>, raw: &[u8]) {
        let kind = record.kind.text().unwrap_or_default();
        let at = self.time(record);
        self.settle(record);
        if !KNOWN.contains(&kind) {
            return self.unknown(kind, raw);
        }
        self.count(kind);
        let aside = record.sidechain.is_true() && !self.place.sidechain;
        let at = Where { line: self.counts.lines, at, aside };
        let Some(message) = record.message.0.as_ref() else {
            return self.note_raw(at.at, kind, raw, KNOWN_NOTE);
        };
        let model = message.model.text();
        match kind {
            "user" if record.meta.is_true() => self.note_raw(at.at, "meta", raw, KNOWN_NOTE),
            "user" if record.compact.is_true() => self.note_raw(at.at, "compact", raw, KNOWN_NOTE),
            "user" => match &message.content {
                Content::Text(text) => self.words(at, StepKind::Ask, text),
                Content::Blocks(blocks) if !blocks.is_empty() => {
                    blocks.iter().for_each(|block| self.heard(at, block, record));
                }
                _ => self.note_raw(at.at, kind, raw, KNOWN_NOTE),
            },
            // Texts that the program puts into the agent's mouth, such as refusals of the API.
            "assistant" if record.api_error.is_true() || model == Some("<synthetic>") => {
                self.note_raw(at.at, "synthetic", raw, KNOWN_NOTE);
            }
            "assistant" => {
                if self.model.is_none() {
                    self.model = model.map(|m| m.chars().take(128).collect());
                }
                match &message.content {
                    Content::Text(text) => self.words(at, StepKind::Say, text),
                    Content::Blocks(blocks) if !blocks.is_empty() => {
                        blocks.iter().for_each(|block| self.spoken(at, block));
                    }
                    _ => self.note_raw(at.at, kind, raw, KNOWN_NOTE),
                }
            }
            _ => self.note_raw(at.at, kind, raw, KNOWN_NOTE),
        }
    }

    /// One part of a user record: words, a tool's result, or an image.
    fn heard(&mut self, at: Where, block: &Block<'_>, record: &Record<'_>) {
        match block.kind.text() {
            Some("text") => self.words(at, StepKind::Ask, block.text.text().unwrap_or_default()),
            Some("tool_result") => self.result(at, block, record),
            kind => self.push(at, StepKind::Note, kind, None, "", 0),
        }
    }

    /// One part of an assistant record: words, a thought, or a call.
    fn spoken(&mut self, at: Where, block: &Block<'_>) {
        match block.kind.text() {
            Some("text") => self.words(at, StepKind::Say, block.text.text().unwrap_or_default()),
            Some("thinking") => {
                let text = block.thinking.text().unwrap_or_default();
                if self.repeats(at, "think", text) {
                    return self.push(at, StepKind::Note, Some("repeat"), None, "", text.len());
                }
                self.push(at, StepKind::Think, None, None, text, text.len());
            }
            Some("tool_use") => self.call(at, block),
            kind => self.push(at, StepKind::Note, kind, None, "", 0),
        }
    }

    /// Words of the human or the agent; scaffolding, repeats and sub-agents' talk are notes.
    fn words(&mut self, at: Where, kind: StepKind, text: &str) {
        let name = if at.aside {
            Some("sidechain")
        } else if kind == StepKind::Ask && scaffold::interrupts(text) {
            Some("interrupted")
        } else if kind == StepKind::Ask && scaffold::typed(text).is_empty() {
            Some("scaffold")
        } else if self.repeats(at, if kind == StepKind::Ask { "ask" } else { "say" }, text) {
            Some("repeat")
        } else {
            None
        };
        let kept = scaffold::without_injected(text);
        let cut = if name.is_some() { cut_bytes(&kept, KNOWN_NOTE) } else { &kept };
        let kind = if name.is_some() { StepKind::Note } else { kind };
        self.push(at, kind, name, None, cut, text.len());
    }

    fn call(&mut self, at: Where, block: &Block<'_>) {
        let id = block.id.text();
        let name = block.name.text().unwrap_or_default();
        if id.is_some_and(|id| self.repeats_id("call", id)) {
            return self.push(at, StepKind::Note, Some("repeat"), id, "", 0);
        }
        let input = block.input.map(serde_json::value::RawValue::get).unwrap_or_default();
        let kept = scaffold::without_injected(input);
        self.push(at, StepKind::Call, Some(name), id, &kept, input.len());
        let begun = self.begin(name, input, at.line);
        let awaited = begun.is_some() || name.starts_with(scaffold::OWN_TOOLS);
        if let Some(id) = id.filter(|id| awaited && id.len() <= KNOWN_NOTE)
            && self.waiting.len() < 2 * MAX_WORK
        {
            self.waiting.insert(id.to_owned(), begun);
        }
    }

    /// Begins a piece of work and gives its place in the list.
    fn begin(&mut self, name: &str, input: &str, line: u64) -> Option<usize> {
        if self.work.len() >= MAX_WORK || self.work_text >= MAX_WORK_TEXT {
            return None;
        }
        let work = tool::begin(name, input, line)?;
        self.work_text += work.weight();
        self.work.push(work);
        Some(self.work.len() - 1)
    }

    fn result(&mut self, at: Where, block: &Block<'_>, record: &Record<'_>) {
        let id = block.tool_use_id.text();
        if id.is_some_and(|id| self.repeats_id("result", id)) {
            return self.push(at, StepKind::Note, Some("repeat"), id, "", 0);
        }
        let whole = tool::result_text(block.content);
        let text = scaffold::without_injected(&whole);
        let Some(begun) = id.map_or(Some(None), |id| match self.waiting.remove(id) {
            Some(None) => None,
            Some(work) => Some(work),
            None => Some(None),
        }) else {
            return self.push(at, StepKind::Note, Some(scaffold::OWN_NOTE), id, &text, whole.len());
        };
        let ending = tool::ending(&block.is_error, record.told, &text);
        if let Some(work) = begun.and_then(|n| self.work.get_mut(n)) {
            tool::end(work, at.line, ending, &text);
            self.work_text += work.error.len() + work.said.len();
        }
        self.steps.push(Draft {
            kind: StepKind::Result,
            line: at.line,
            at: at.at,
            name: None,
            call: id,
            failed: ending.failed,
            text: &text,
            bytes: whole.len(),
        });
    }

    fn push(
        &mut self,
        at: Where,
        kind: StepKind,
        name: Option<&str>,
        call: Option<&str>,
        text: &str,
        bytes: usize,
    ) {
        let Where { line, at, .. } = at;
        self.steps.push(Draft { kind, line, at, name, call, failed: false, text, bytes });
    }

    /// Keeps a whole line as a note.
    fn note_raw(&mut self, at: Option<UnixMillis>, name: &str, raw: &[u8], max: usize) {
        let shown = raw.get(..raw.len().min(artifact::trace::MAX_STEP_TEXT * 2)).unwrap_or(raw);
        let text = String::from_utf8_lossy(shown);
        let text = scaffold::without_injected(&text);
        let at = Where { line: self.counts.lines, at, aside: false };
        self.push(at, StepKind::Note, Some(name), None, cut_bytes(&text, max), raw.len());
    }

    fn unknown(&mut self, kind: &str, raw: &[u8]) {
        self.counts.unknown += 1;
        self.count(kind);
        self.note_raw(None, if kind.is_empty() { "untyped" } else { kind }, raw, usize::MAX);
    }

    fn count(&mut self, kind: &str) {
        let kind = cut_bytes(kind, 64);
        if let Some(count) = self.counts.kinds.get_mut(kind) {
            *count += 1;
        } else if self.counts.kinds.len() < MAX_KINDS {
            self.counts.kinds.insert(kind.to_owned(), 1);
        }
    }

    /// The record's time, which also widens the run's.
    fn time(&mut self, record: &Record<'_>) -> Option<UnixMillis> {
        let time = record.timestamp.text()?.parse::<jiff::Timestamp>().ok()?;
        let at = UnixMillis::try_from(time.as_millisecond()).ok()?;
        self.started = Some(self.started.map_or(at, |started| started.min(at)));
        self.ended = self.ended.max(at);
        Some(at)
    }

    /// Learns where the run takes place from the first record that says so.
    fn settle(&mut self, record: &Record<'_>) {
        let fill = |slot: &mut Option<String>, text: Option<&str>| {
            if slot.is_none() {
                *slot = text.map(|t| cut_bytes(t, 1_024).to_owned());
            }
        };
        if self.place.cwd.is_none() && record.cwd.text().is_some() {
            self.place.line = self.counts.lines;
        }
        fill(&mut self.place.cwd, record.cwd.text());
        fill(&mut self.place.branch, record.branch.text());
        fill(&mut self.place.session, record.session.text());
        fill(&mut self.place.version, record.version.text());
        if !self.placed && record.message.0.is_some() {
            self.placed = true;
            self.place.sidechain = record.sidechain.is_true();
            if self.place.sidechain {
                fill(&mut self.place.agent, record.agent.text());
            }
        }
    }

    /// Whether the same words with the same time came before.
    fn repeats(&mut self, at: Where, kind: &str, text: &str) -> bool {
        let Some(time) = at.at else { return false };
        let start = cut_bytes(text, 4 << 10);
        self.saw(&[
            kind.as_bytes(),
            &time.to_be_bytes(),
            &text.len().to_be_bytes(),
            start.as_bytes(),
        ])
    }

    fn repeats_id(&mut self, kind: &str, id: &str) -> bool {
        self.saw(&[kind.as_bytes(), id.as_bytes()])
    }

    fn saw(&mut self, parts: &[&[u8]]) -> bool {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&part.len().to_be_bytes());
            hasher.update(part);
        }
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        if self.seen.contains(&key) {
            return true;
        }
        if self.seen.len() < MAX_SEEN {
            self.seen.insert(key);
        }
        false
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
