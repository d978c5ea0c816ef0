//! A crystal: a distilled, reusable piece of memory with commitments to its evidence.
//!
//! The same trace gives the same crystal, byte for byte; `iat` is therefore the end of the
//! trace, and a commitment is keyed by a secret of the author, so it tells nothing by itself.

use crate::{
    ArtifactId, AuthorKey, Kind, Secret, UnixMillis,
    envelope::{self, EnvelopeError, Opened, Payload, check, list, text},
    key::Author,
};
use serde::{Deserialize, Serialize};

mod redact;
mod text;

pub use redact::{Cut, Redacted};

/// The most characters of a title.
pub const MAX_TITLE: usize = 160;
/// The most characters of any other text in a crystal.
pub const MAX_TEXT: usize = 8_000;
/// The most entries of any list in a crystal.
pub const MAX_ENTRIES: usize = 128;

/// How the run that a crystal was distilled from ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The last test or build command passed.
    Passed,
    /// The last test or build command failed.
    Failed,
    /// No test decided, and the human went on without correcting.
    Accepted,
    /// Nothing decided.
    Unknown,
}

/// One step of the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum FixStep {
    /// A command that went from failing to passing, or that did the work.
    Command {
        /// The command line.
        text: String,
    },
    /// An edit that survived to the end of the run.
    Edit {
        /// The file, relative to the repository where that is known.
        file: String,
        /// What was written, shortened.
        text: String,
    },
}

/// A command whose exit shows whether the fix holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The command line.
    pub command: String,
    /// Its exit status in the run; 0 is success.
    pub exit: i64,
}

/// Something that was tried and did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadEnd {
    /// What was tried.
    pub tried: String,
    /// The error that ended it.
    pub error: String,
}

/// Where the run took place, as far as it was seen in the trace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Env {
    /// The operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The name of the repository's folder; never a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// Tools and their versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Files touched, relative to the repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// A keyed BLAKE3 commitment to a range of the trace, 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(#[serde(with = "serde_bytes")] [u8; 32]);

impl Commitment {
    /// Commits to `text`, lines `from..=to` of `trace`, under a secret of the author.
    #[must_use]
    pub fn new(secret: &CommitmentKey, trace: &ArtifactId, from: u64, to: u64, text: &str) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(&secret.0);
        hasher.update(trace.as_bytes());
        hasher.update(&from.to_be_bytes());
        hasher.update(&to.to_be_bytes());
        hasher.update(text.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The secret that keys an author's commitments. Derived from author_key, never stored.
#[derive(zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct CommitmentKey([u8; 32]);

impl CommitmentKey {
    /// Derives the secret of this author.
    #[must_use]
    pub fn of(author: &Secret<Author>) -> Self {
        Self(blake3::derive_key("tracenet 2026 v0 evidence commitment", author.seed()))
    }
}

/// The payload of kind `crystal`, signed by author_key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crystal {
    /// What this is about, at most [`MAX_TITLE`] characters.
    pub title: String,
    /// What was asked, and the error that stood in the way.
    pub problem: String,
    /// What solved it, in order.
    pub fix: Vec<FixStep>,
    /// What shows that it is solved.
    pub checks: Vec<Check>,
    /// How the run ended.
    pub outcome: Outcome,
    /// What did not work.
    pub dead_ends: Vec<DeadEnd>,
    /// Sentences of the last message that say what was learnt.
    pub lesson: Vec<String>,
    /// Where it took place.
    pub env: Env,
    /// What its author says it is about: sorted `kind:term` words, which may be none.
    pub family: Vec<String>,
    /// The earlier crystal of the same trace that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<ArtifactId>,
    /// Commitments to the evidence, in the order of the fields they support.
    pub evidence: Vec<Commitment>,
    /// The end of the trace.
    pub iat: UnixMillis,
}

impl Payload for Crystal {
    const KIND: Kind = Kind::Crystal;

    fn check(&self, _signers: &[[u8; 32]]) -> Result<(), EnvelopeError> {
        check(!self.title.trim().is_empty(), "title", "is empty")?;
        text("title", &self.title, MAX_TITLE)?;
        text("problem", &self.problem, MAX_TEXT)?;
        list("fix", &self.fix, MAX_ENTRIES)?;
        for step in &self.fix {
            match step {
                FixStep::Command { text: command } => text("fix", command, MAX_TEXT)?,
                FixStep::Edit { file, text: written } => {
                    text("fix", file, 1_024)?;
                    text("fix", written, MAX_TEXT)?;
                }
            }
        }
        list("checks", &self.checks, MAX_ENTRIES)?;
        self.checks.iter().try_for_each(|c| text("checks", &c.command, MAX_TEXT))?;
        list("dead_ends", &self.dead_ends, MAX_ENTRIES)?;
        for end in &self.dead_ends {
            text("dead_ends", &end.tried, MAX_TEXT)?;
            text("dead_ends", &end.error, MAX_TEXT)?;
        }
        list("lesson", &self.lesson, MAX_ENTRIES)?;
        self.lesson.iter().try_for_each(|l| text("lesson", l, MAX_TEXT))?;
        text("env", self.env.os.as_deref().unwrap_or_default(), 256)?;
        text("env", self.env.repo.as_deref().unwrap_or_default(), 256)?;
        list("env", &self.env.tools, MAX_ENTRIES)?;
        list("env", &self.env.files, MAX_ENTRIES)?;
        self.env.tools.iter().chain(&self.env.files).try_for_each(|t| text("env", t, 1_024))?;
        check_family(&self.family)?;
        list("evidence", &self.evidence, 4 * MAX_ENTRIES)
    }
}

impl Crystal {
    /// Signs this crystal.
    ///
    /// # Errors
    /// When a field breaks its rule or the envelope would be over 1 MiB.
    pub fn seal(&self, author: &Secret<Author>) -> Result<Vec<u8>, EnvelopeError> {
        envelope::seal(self, &[(author.public().as_bytes(), &|m| author.sign(m))])
    }

    /// Opens a crystal's envelope and tells which author_key signed it.
    ///
    /// # Errors
    /// See [`envelope::open`].
    pub fn open(bytes: &[u8]) -> Result<(Opened<Self>, AuthorKey), EnvelopeError> {
        let opened = envelope::open::<Self>(bytes)?;
        let author = opened.signer()?;
        Ok((opened, author))
    }
}

/// A family is sorted, has no term twice, and each term is `kind:term`.
pub(crate) fn check_family(family: &[String]) -> Result<(), EnvelopeError> {
    list("family", family, MAX_ENTRIES)?;
    family.iter().try_for_each(|t| text("family", t, 64))?;
    check(family.iter().all(|t| t.contains(':')), "family", "has a term without its kind")?;
    check(family.is_sorted_by(|a, b| a < b), "family", "is not sorted")
}
