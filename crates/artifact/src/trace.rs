//! A trace: one run of an agent as it was logged. It never leaves this machine, and nothing
//! below turns one into something that could.
//!
//! The raw log is kept apart, byte for byte, under `source.hash`; a step carries at most
//! [`MAX_STEP_TEXT`] bytes of its text and says how long the whole is.

use crate::{
    ArtifactId, Kind, Outcome, Secret, UnixMillis,
    envelope::{self, EnvelopeError, Opened, Payload, check, text},
    key::Author,
};
use serde::{Deserialize, Serialize};

/// The most bytes of text one step keeps.
pub const MAX_STEP_TEXT: usize = 8 << 10;

/// Where a trace was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The log's format, such as `claude-code`.
    pub format: String,
    /// BLAKE3 of the raw log.
    pub hash: ArtifactId,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// The human asks.
    Ask,
    /// The agent says.
    Say,
    /// The agent thinks.
    Think,
    /// The agent calls a tool; the text is the raw input.
    Call,
    /// A tool answers; the text is the raw output.
    Result,
    /// A record of another kind, kept as it was.
    Note,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is.
    pub kind: StepKind,
    /// Line of the raw log, counted from 1; of a log that is one document, the number of the
    /// record.
    pub line: u64,
    /// When, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<UnixMillis>,
    /// The tool's name, of a call; the record's type, of a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Joins a call with its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Whether a result says that it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// The text as it stands in the log, cut at [`MAX_STEP_TEXT`].
    pub text: String,
    /// Bytes of the whole text.
    pub bytes: u64,
}

/// The payload of kind `trace`, signed by author_key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The agent, such as `claude-code`.
    pub agent: String,
    /// The model, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The first time in the log; 0 when it has none.
    pub started: UnixMillis,
    /// The last time in the log; 0 when it has none.
    pub ended: UnixMillis,
    /// How it ended.
    pub outcome: Outcome,
    /// Where it was read from.
    pub source: Source,
    /// What happened, in the order of the log.
    pub steps: Vec<Step>,
}

impl Payload for Trace {
    const KIND: Kind = Kind::Trace;

    fn check(&self, _signers: &[[u8; 32]]) -> Result<(), EnvelopeError> {
        text("agent", &self.agent, 64)?;
        text("model", self.model.as_deref().unwrap_or_default(), 128)?;
        text("source", &self.source.format, 64)?;
        check(self.started <= self.ended, "ended", "is before started")?;
        let short = self.steps.iter().all(|s| s.text.len() <= MAX_STEP_TEXT);
        check(short, "steps", "has a text that is too long")?;
        let told = self.steps.iter().all(|s| s.text.len() as u64 <= s.bytes);
        check(told, "steps", "has a text longer than it says")
    }
}

impl Trace {
    /// Signs this trace, to be kept here.
    ///
    /// # Errors
    /// When a field breaks its rule or the envelope would be over its cap.
    pub fn seal(&self, author: &Secret<Author>) -> Result<Vec<u8>, EnvelopeError> {
        envelope::seal(self, &[(author.public().as_bytes(), &|m| author.sign(m))])
    }

    /// Opens a trace's envelope.
    ///
    /// # Errors
    /// See [`envelope::open`].
    pub fn open(bytes: &[u8]) -> Result<Opened<Self>, EnvelopeError> {
        envelope::open(bytes)
    }
}
