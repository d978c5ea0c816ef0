//! The keys that a node keeps for itself and may replace, and what the journal tells of that.

use artifact::{Author, AuthorKey, Journal, JournalKey, Role, Transport, TransportKey};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A key that this node keeps for itself, and may replace: human_key is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKey {
    /// author_key
    Author,
    /// transport_key
    Transport,
    /// journal_key
    Journal,
}

impl NodeKey {
    /// The name of the key, as people and logs see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Author => Author::NAME,
            Self::Transport => Transport::NAME,
            Self::Journal => Journal::NAME,
        }
    }
}

/// One of this node's keys, and the one that took its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rotation {
    /// author_key
    Author {
        /// Until now.
        before: AuthorKey,
        /// From now on.
        after: AuthorKey,
        /// The whole signed card that names it.
        card: ByteBuf,
    },
    /// transport_key
    Transport {
        /// Until now.
        before: TransportKey,
        /// From now on.
        after: TransportKey,
        /// The whole signed card that names it.
        card: ByteBuf,
    },
    /// journal_key
    Journal {
        /// Until now.
        before: JournalKey,
        /// From now on.
        after: JournalKey,
    },
}
