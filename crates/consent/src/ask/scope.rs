//! What may be asked for at all.

use serde::{Deserialize, Serialize};

/// Where an artifact came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Distilled on this machine.
    Mine,
    /// Given by a peer.
    Peer,
}

/// Why an artifact cannot be asked for, before any prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// It came from a peer.
    #[error("this came from a peer: only what was distilled on this machine can be shared")]
    NotMine,
}

/// Whether an agent may name an artifact of this origin in a share request.
///
/// # Errors
/// When it may not, with the reason the agent is told.
pub const fn may_name(origin: Origin) -> Result<(), ScopeError> {
    match origin {
        Origin::Mine => Ok(()),
        Origin::Peer => Err(ScopeError::NotMine),
    }
}
