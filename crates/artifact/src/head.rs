//! The head of a crystal: what an audience sees before it fetches the body.
//!
//! A pure function of the frozen envelope, so a receiver recomputes it and compares.
//! Head text never reaches an agent.

use crate::{
    ArtifactId, Crystal, Outcome, UnixMillis, canon,
    crystal::check_family,
    envelope::{EnvelopeError, check, text},
};
use serde::{Deserialize, Serialize};

/// The most characters of the problem that a head carries.
pub const MAX_PROBLEM: usize = 280;
/// The most bytes of an encoded head.
pub const MAX_HEAD: usize = 8 << 10;

/// What an audience is told of a crystal at once. Not signed by itself: it travels beside
/// the consent receipt that names its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The crystal's id.
    pub id: ArtifactId,
    /// Bytes of its envelope.
    pub size: u64,
    /// Its title.
    pub title: String,
    /// The first [`MAX_PROBLEM`] characters of its problem.
    pub problem: String,
    /// Its family.
    pub family: Vec<String>,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its time.
    pub iat: UnixMillis,
    /// The crystal it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<ArtifactId>,
}

impl Head {
    /// The head of these crystal envelope bytes.
    ///
    /// # Errors
    /// When the bytes are not a crystal.
    pub fn of(envelope: &[u8]) -> Result<Self, EnvelopeError> {
        let (opened, _) = Crystal::open(envelope)?;
        let crystal = opened.payload;
        Ok(Self {
            id: opened.id,
            size: envelope.len() as u64,
            title: crystal.title,
            problem: crystal.problem.chars().take(MAX_PROBLEM).collect(),
            family: crystal.family,
            outcome: crystal.outcome,
            iat: crystal.iat,
            supersedes: crystal.supersedes,
        })
    }

    /// Encodes the head.
    ///
    /// # Errors
    /// Never for a head made by [`Head::of`].
    pub fn encode(&self) -> Result<Vec<u8>, EnvelopeError> {
        Ok(canon::encode(self)?)
    }

    /// Decodes a head and checks its limits.
    ///
    /// # Errors
    /// When it is not canonical or a field breaks its rule.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let head: Self = canon::decode(bytes, MAX_HEAD)?;
        check(!head.title.trim().is_empty(), "title", "is empty")?;
        text("title", &head.title, crate::crystal::MAX_TITLE)?;
        text("problem", &head.problem, MAX_PROBLEM)?;
        check_family(&head.family)?;
        check(head.size <= crate::Kind::Crystal.cap() as u64, "size", "is over 1 MiB")?;
        Ok(head)
    }
}
