//! Revocations as a receiver takes them: in order, each once, and only from the human they are of.

use crate::{
    CLOCK_SKEW, VerifiedCard,
    receive::{UNSUPPORTED, is_newer},
};
use artifact::{ArtifactId, EnvelopeError, HumanKey, Revocation, UnixMillis};

/// Why a revocation is not taken. [`RevocationRefused::code`] is in the vectors,
/// [`RevocationRefused::why`] in the journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevocationRefused {
    /// No well-formed, signed revocation.
    #[error("the revocation is not valid: {0}")]
    Envelope(EnvelopeError),
    /// Signed by another human than the card's.
    #[error("the revocation was signed by another key than the card's human_key")]
    NotTheirs,
    /// Addressed to somebody else.
    #[error("the revocation is addressed to somebody else")]
    NotForMe,
    /// Signed more than [`CLOCK_SKEW`] ahead of this clock.
    #[error("the revocation was signed more than 10 minutes in the future")]
    FromTheFuture,
    /// One with this number, or a higher one, was taken before.
    #[error("the revocation is older than one that was taken before")]
    Stale,
}

impl RevocationRefused {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "revocation",
            Self::NotTheirs => "not-theirs",
            Self::NotForMe => "not-for-me",
            Self::FromTheFuture => "from-the-future",
            Self::Stale => "stale",
        }
    }

    /// The word for the journal: the code, but `unsupported` for what is only of a newer version.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        match self {
            Self::Envelope(e) if is_newer(e) => UNSUPPORTED,
            _ => self.code(),
        }
    }

    /// Whether this shows malice or a malformed artifact, rather than time or a newer version.
    #[must_use]
    pub const fn is_violation(&self) -> bool {
        match self {
            Self::Envelope(e) => !is_newer(e),
            Self::NotTheirs | Self::NotForMe => true,
            Self::FromTheFuture | Self::Stale => false,
        }
    }
}

/// Takes a revocation of `giver` for `me`, above the `kept` highest number taken before.
///
/// # Errors
/// The first check that fails.
pub fn take(
    envelope: &[u8],
    giver: &VerifiedCard,
    me: &HumanKey,
    kept: u64,
    now: UnixMillis,
) -> Result<(ArtifactId, Revocation), RevocationRefused> {
    let (opened, human) = Revocation::open(envelope).map_err(RevocationRefused::Envelope)?;
    let revocation = opened.payload;
    if human != giver.card().human {
        return Err(RevocationRefused::NotTheirs);
    }
    if revocation.to != *me {
        return Err(RevocationRefused::NotForMe);
    }
    if revocation.iat > now.saturating_add(CLOCK_SKEW) {
        return Err(RevocationRefused::FromTheFuture);
    }
    if revocation.seq <= kept {
        return Err(RevocationRefused::Stale);
    }
    Ok((opened.id, revocation))
}

#[cfg(test)]
mod tests;
