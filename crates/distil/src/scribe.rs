//! Writes down what an importer reads: the steps, the work and the counts of one log, within
//! their bounds whatever the log holds.
//!
//! Promises: every record is counted; what is not understood becomes a note; a message that the
//! log holds twice becomes one step; nothing that TraceNet once told an agent becomes evidence.
//! It does not know any format.

use crate::{
    run::{Counts, MAX_LINE, Place, Run, Work},
    scaffold,
    steps::{Draft, Steps, cut_bytes},
    tool::{self, Ending},
};
use artifact::{ArtifactId, Outcome, Source, StepKind, Trace, UnixMillis};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// The most bytes that a note keeps of a record that is known to say nothing of the work.
pub(crate) const KNOWN_NOTE: usize = 1 << 10;
/// The most pieces of work of a run, and of bytes in them.
const MAX_WORK: usize = 60_000;
const MAX_WORK_TEXT: usize = 24 << 20;
/// The most messages that are remembered to tell repeats.
const MAX_SEEN: usize = 400_000;
/// The most record types that are counted apart.
const MAX_KINDS: usize = 64;

/// Where in the log something stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct At {
    pub(crate) line: u64,
    pub(crate) time: Option<UnixMillis>,
    /// Whether it belongs to a sub-agent inside a main log.
    pub(crate) aside: bool,
}

/// What waits for the result of a call.
#[derive(Debug, Clone)]
enum Waiting {
    /// Nothing: a tool of TraceNet's own was called.
    Own,
    /// These pieces of work.
    Work(Range<usize>),
}

/// One log as it is written down.
#[derive(Debug)]
pub(crate) struct Scribe {
    format: &'static str,
    /// The agent that left the log.
    pub(crate) agent: String,
    pub(crate) counts: Counts,
    pub(crate) place: Place,
    pub(crate) model: Option<String>,
    started: Option<UnixMillis>,
    ended: UnixMillis,
    steps: Steps,
    work: Vec<Work>,
    work_text: usize,
    waiting: HashMap<String, Waiting>,
    seen: HashSet<[u8; 16]>,
}

impl Scribe {
    pub(crate) fn new(format: &'static str) -> Self {
        Self {
            format,
            agent: format.to_owned(),
            counts: Counts::default(),
            place: Place::default(),
            model: None,
            started: None,
            ended: 0,
            steps: Steps::default(),
            work: Vec::new(),
            work_text: 0,
            waiting: HashMap::new(),
            seen: HashSet::new(),
        }
    }

    /// Counts a record that now comes, and says whether it can be held.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > MAX_LINE {
            self.oversized(bytes.len() as u64);
            return false;
        }
        self.counts.lines += 1;
        !bytes.trim_ascii().is_empty()
    }

    /// The present record, at a time that also widens the run's.
    pub(crate) fn at(&mut self, time: Option<UnixMillis>) -> At {
        // Nobody's clock was before 1970 by meaning, and a time of 0 is none.
        let time = time.filter(|at| *at > 0);
        if let Some(at) = time {
            self.started = Some(self.started.map_or(at, |started| started.min(at)));
            self.ended = self.ended.max(at);
        }
        At { line: self.counts.lines, time, aside: false }
    }

    /// A record over [`MAX_LINE`] that nobody held.
    pub(crate) fn oversized(&mut self, bytes: u64) {
        self.counts.lines += 1;
        self.counts.oversized += 1;
        let at = At { line: self.counts.lines, ..At::default() };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.note(at, "oversized", "", bytes);
    }

    /// A record that is not JSON.
    pub(crate) fn malformed(&mut self, raw: &[u8]) {
        self.counts.malformed += 1;
        self.note_raw(None, "malformed", raw, usize::MAX);
    }

    /// A record of a type that is not known here, or of none.
    pub(crate) fn unknown(&mut self, kind: &str, raw: &[u8]) {
        self.counts.unknown += 1;
        self.count(kind);
        self.note_raw(None, if kind.is_empty() { "untyped" } else { kind }, raw, usize::MAX);
    }

    /// A record that could not be read by its shape: JSON of another shape, or none at all.
    pub(crate) fn unreadable(&mut self, raw: &[u8]) {
        if serde_json::from_slice::<serde::de::IgnoredAny>(raw).is_ok() {
            self.unknown("", raw);
        } else {
            self.malformed(raw);
        }
    }

    pub(crate) fn count(&mut self, kind: &str) {
        let kind = cut_bytes(kind, 64);
        if let Some(count) = self.counts.kinds.get_mut(kind) {
            *count += 1;
        } else if self.counts.kinds.len() < MAX_KINDS {
            self.counts.kinds.insert(kind.to_owned(), 1);
        }
    }

    /// Words of the human or the agent; scaffolding, repeats and sub-agents' talk are notes.
    pub(crate) fn words(&mut self, at: At, kind: StepKind, text: &str) {
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
        match name {
            Some(name) => self.note(at, name, cut_bytes(&kept, KNOWN_NOTE), text.len()),
            None => self.push(at, kind, None, None, &kept, text.len()),
        }
    }

    /// A thought of the agent.
    pub(crate) fn thought(&mut self, at: At, text: &str) {
        if self.repeats(at, "think", text) {
            return self.note(at, "repeat", "", text.len());
        }
        let kept = scaffold::without_injected(text);
        self.push(at, StepKind::Think, None, None, &kept, text.len());
    }

    /// A call of a tool, and the work that it begins.
    pub(crate) fn call(
        &mut self,
        at: At,
        id: Option<&str>,
        name: &str,
        input: &str,
        begun: Vec<Work>,
    ) {
        if id.is_some_and(|id| self.repeats_id("call", id)) {
            return self.push(at, StepKind::Note, Some("repeat"), id, "", 0);
        }
        let kept = scaffold::without_injected(input);
        self.push(at, StepKind::Call, Some(name), id, &kept, input.len());
        let waiting = if scaffold::is_own_tool(name) {
            Waiting::Own
        } else {
            let first = self.work.len();
            for work in begun {
                self.begin(work);
            }
            Waiting::Work(first..self.work.len())
        };
        let awaited = matches!(&waiting, Waiting::Own)
            || matches!(&waiting, Waiting::Work(range) if !range.is_empty());
        if let Some(id) = id.filter(|id| awaited && id.len() <= KNOWN_NOTE)
            && self.waiting.len() < 2 * MAX_WORK
        {
            self.waiting.insert(id.to_owned(), waiting);
        }
    }

    /// Adds a piece of work, where there is room.
    pub(crate) fn begin(&mut self, work: Work) {
        if self.work.len() < MAX_WORK && self.work_text < MAX_WORK_TEXT {
            self.work_text += work.weight();
            self.work.push(work);
        }
    }

    /// The result of a call.
    pub(crate) fn result(&mut self, at: At, id: Option<&str>, ending: Ending, whole: &str) {
        if id.is_some_and(|id| self.repeats_id("result", id)) {
            return self.push(at, StepKind::Note, Some("repeat"), id, "", 0);
        }
        let text = scaffold::without_injected(whole);
        let range = match id.and_then(|id| self.waiting.remove(id)) {
            Some(Waiting::Own) => {
                let own = Some(scaffold::OWN_NOTE);
                return self.push(at, StepKind::Note, own, id, &text, whole.len());
            }
            Some(Waiting::Work(range)) => range,
            None => 0..0,
        };
        self.finish_work(range, at.line, ending, &text);
        self.steps.push(Draft {
            kind: StepKind::Result,
            line: at.line,
            at: at.time,
            name: None,
            call: id,
            failed: ending.failed,
            text: &text,
            bytes: whole.len(),
        });
    }

    fn finish_work(&mut self, range: Range<usize>, line: u64, ending: Ending, text: &str) {
        for work in self.work.get_mut(range).unwrap_or_default() {
            tool::end(work, line, ending, text);
            self.work_text += work.error.len() + work.said.len();
        }
    }

    /// A note.
    pub(crate) fn note(&mut self, at: At, name: &str, text: &str, bytes: usize) {
        self.push(at, StepKind::Note, Some(name), None, text, bytes);
    }

    /// A block of a message that is none of words, thoughts, calls and results.
    pub(crate) fn other(&mut self, at: At, kind: Option<&str>) {
        self.push(at, StepKind::Note, kind, None, "", 0);
    }

    /// Keeps a whole record as a note.
    pub(crate) fn note_raw(
        &mut self,
        time: Option<UnixMillis>,
        name: &str,
        raw: &[u8],
        max: usize,
    ) {
        let shown = raw.get(..raw.len().min(artifact::trace::MAX_STEP_TEXT * 2)).unwrap_or(raw);
        let text = String::from_utf8_lossy(shown);
        let text = scaffold::without_injected(&text);
        let at = At { line: self.counts.lines, time, aside: false };
        self.note(at, name, cut_bytes(&text, max), raw.len());
    }

    fn push(
        &mut self,
        at: At,
        kind: StepKind,
        name: Option<&str>,
        call: Option<&str>,
        text: &str,
        bytes: usize,
    ) {
        let At { line, time, .. } = at;
        self.steps.push(Draft { kind, line, at: time, name, call, failed: false, text, bytes });
    }

    /// Fills what a place does not know yet; `cwd` is said by the present record.
    pub(crate) fn settle(&mut self, cwd: Option<&str>, session: Option<&str>) {
        if self.place.cwd.is_none() && cwd.is_some() {
            self.place.line = self.counts.lines;
        }
        fill(&mut self.place.cwd, cwd);
        fill(&mut self.place.session, session);
    }

    /// Keeps the first model that is named.
    pub(crate) fn uses_model(&mut self, model: Option<&str>) {
        if self.model.is_none() {
            self.model = model.map(|m| m.chars().take(128).collect());
        }
    }

    /// Whether the same words with the same time came before.
    fn repeats(&mut self, at: At, kind: &str, text: &str) -> bool {
        let Some(time) = at.time else { return false };
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

    /// Whether any step was written down that is no note.
    pub(crate) fn has_steps(&self) -> bool {
        self.steps.has_more_than_notes()
    }

    /// Puts an ask before everything else, as record 1.
    pub(crate) fn begins_with(&mut self, ask: &str) {
        let kept = scaffold::without_injected(ask);
        self.steps.push_first(Draft {
            kind: StepKind::Ask,
            line: 1,
            at: None,
            name: None,
            call: None,
            failed: false,
            text: &kept,
            bytes: ask.len(),
        });
    }

    /// Puts the steps in the order of the log, where an importer could not write them down so.
    pub(crate) fn sort(&mut self) {
        self.steps.sort();
    }

    /// The work so far.
    pub(crate) fn work_mut(&mut self) -> &mut Vec<Work> {
        &mut self.work
    }

    /// Ends the log. `source` is the BLAKE3 of all its bytes.
    pub(crate) fn finish(self, source: ArtifactId) -> Run {
        let mut counts = self.counts;
        counts.dropped += self.steps.dropped;
        let trace = Trace {
            agent: cut_bytes(&self.agent, 64).to_owned(),
            model: self.model,
            started: self.started.unwrap_or_default(),
            ended: self.ended,
            outcome: Outcome::Unknown,
            source: Source { format: self.format.to_owned(), hash: source },
            steps: self.steps.into_inner(),
        };
        Run::new(trace, counts, self.place, self.work)
    }
}

/// Keeps the first text that is told.
pub(crate) fn fill(slot: &mut Option<String>, text: Option<&str>) {
    if slot.is_none() {
        *slot = text.map(|t| cut_bytes(t, 1_024).to_owned());
    }
}

/// A time as logs tell it: RFC 3339 text, or a number of milliseconds.
pub(crate) fn time(told: &crate::shape::Scalar<'_>) -> Option<UnixMillis> {
    if let Some(number) = told.number() {
        return UnixMillis::try_from(number).ok();
    }
    let time = told.text()?.parse::<jiff::Timestamp>().ok()?;
    UnixMillis::try_from(time.as_millisecond()).ok()
}
