//! Collects steps within the limits of a trace: number, text of one step, text of all.
//!
//! A long log fills up with output and notes; what people and agents said is worth more, so
//! each kind may fill only its share of the room and words come last to be cut.

use artifact::{Step, StepKind, UnixMillis, trace::MAX_STEP_TEXT};

/// The most steps of a trace.
const MAX_STEPS: usize = 200_000;
/// The most notes among them.
const MAX_NOTES: usize = 120_000;
/// The most bytes of text, names and call ids over all steps.
const MAX_TEXT: usize = 24 << 20;
/// The most bytes of a step's name or call id.
const MAX_NAME: usize = 128;

/// Steps so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    kept: Vec<Step>,
    notes: usize,
    text: usize,
    /// Steps that found no room.
    pub(crate) dropped: u64,
}

/// What is to become a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: StepKind,
    pub(crate) line: u64,
    pub(crate) at: Option<UnixMillis>,
    pub(crate) name: Option<&'a str>,
    pub(crate) call: Option<&'a str>,
    pub(crate) failed: bool,
    pub(crate) text: &'a str,
    /// Bytes of the whole text in the log, of which `text` may be a part.
    pub(crate) bytes: usize,
}

impl Steps {
    /// Keeps a step, or counts that there was no room.
    pub(crate) fn push(&mut self, draft: Draft<'_>) {
        let note = draft.kind == StepKind::Note;
        if self.kept.len() >= MAX_STEPS || (note && self.notes >= MAX_NOTES) {
            self.dropped += 1;
            return;
        }
        self.notes += usize::from(note);
        let name = self.keep(draft.name.map(|n| cut_bytes(n, MAX_NAME)), MAX_TEXT);
        let call = self.keep(draft.call.map(|c| cut_bytes(c, MAX_NAME)), MAX_TEXT);
        let share = share(draft.kind);
        let text = self.keep(Some(cut_bytes(draft.text, MAX_STEP_TEXT)), share).unwrap_or_default();
        self.kept.push(Step {
            kind: draft.kind,
            line: draft.line,
            at: draft.at,
            name,
            call,
            failed: draft.failed,
            bytes: draft.bytes.max(draft.text.len()) as u64,
            text,
        });
    }

    /// Keeps a step before all others.
    pub(crate) fn push_first(&mut self, draft: Draft<'_>) {
        let before = self.kept.len();
        self.push(draft);
        if self.kept.len() > before {
            self.kept.rotate_right(1);
        }
    }

    /// Puts the steps in the order of their lines; those of one line stay as they came.
    pub(crate) fn sort(&mut self) {
        self.kept.sort_by_key(|step| step.line);
    }

    /// Whether anything but notes was kept.
    pub(crate) fn has_more_than_notes(&self) -> bool {
        self.kept.len() > self.notes
    }

    pub(crate) fn into_inner(self) -> Vec<Step> {
        self.kept
    }

    fn keep(&mut self, text: Option<&str>, room: usize) -> Option<String> {
        let text = text.filter(|t| self.text + t.len() <= room)?;
        self.text += text.len();
        Some(text.to_owned())
    }
}

/// How full the trace may be, in bytes of text, for a step of this kind to keep its own.
const fn share(kind: StepKind) -> usize {
    match kind {
        StepKind::Note => MAX_TEXT / 4,
        StepKind::Think => MAX_TEXT / 8 * 3,
        StepKind::Result => MAX_TEXT / 8 * 5,
        StepKind::Call => MAX_TEXT / 4 * 3,
        StepKind::Ask | StepKind::Say => MAX_TEXT,
    }
}

/// The beginning of `text`, at most `max` bytes of whole characters.
pub(crate) fn cut_bytes(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default()
}

/// The end of `text`, at most `max` bytes of whole characters.
pub(crate) fn tail_bytes(text: &str, max: usize) -> &str {
    let start = text.len().saturating_sub(max);
    text.get(text.ceil_char_boundary(start)..).unwrap_or_default()
}

/// At most `max` characters of `text`, the last of them `…` where it was cut.
pub(crate) fn cut_chars(text: &str, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}
