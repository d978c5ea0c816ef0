//! The journal: every consent event as an entry, each naming the hash of the one before.
//!
//! An entry is the canonical bytes of [`Entry`]; its hash is BLAKE3 of those bytes. The
//! unattended journal_key signs the head, sequence number and hash, at each append, so that a
//! changed, dropped, swapped or truncated entry shows. It detects, it does not prevent: who
//! holds journal_key and the store can write another history, and the threat model says so.

use crate::Rotation;
use artifact::{
    Journal, JournalKey, Kind, Secret, UnixMillis, canon,
    envelope::{self, EnvelopeError, Payload},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::collections::BTreeMap;

mod event;

pub use event::Event;

/// The most bytes of one encoded entry.
pub const MAX_ENTRY: usize = 1 << 20;

/// BLAKE3 of an entry's canonical bytes; all zero before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryHash(#[serde(with = "serde_bytes")] pub [u8; 32]);

impl EntryHash {
    /// What the first entry names as the one before it.
    pub const ZERO: Self = Self([0; 32]);
}

/// One entry of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// 0.
    pub v: u64,
    /// Counted from 1.
    pub seq: u64,
    /// The hash of the entry before.
    pub prev: EntryHash,
    /// When.
    pub at: UnixMillis,
    /// What happened.
    pub event: Event,
}

impl Entry {
    /// The entry's canonical bytes and their hash.
    ///
    /// # Errors
    /// Only for an event over [`MAX_ENTRY`] bytes.
    pub fn encode(&self) -> Result<(Vec<u8>, EntryHash), artifact::CanonError> {
        let bytes = canon::encode(self)?;
        if bytes.len() > MAX_ENTRY {
            let size = bytes.len();
            return Err(artifact::CanonError::TooLarge { size, cap: MAX_ENTRY });
        }
        let hash = hash(&bytes);
        Ok((bytes, hash))
    }

    /// Decodes an entry.
    ///
    /// # Errors
    /// When the bytes are not the canonical form of one of version 0.
    pub fn decode(bytes: &[u8]) -> Result<Self, artifact::CanonError> {
        let entry: Self = canon::decode(bytes, MAX_ENTRY)?;
        if entry.v != 0 {
            return Err(artifact::CanonError::Malformed("an entry of another version".into()));
        }
        Ok(entry)
    }
}

/// What ties an entry to the one before, read without the rest of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Link {
    pub(crate) seq: u64,
    pub(crate) prev: EntryHash,
    /// The event's word; what it says is left unread.
    event: BTreeMap<String, IgnoredAny>,
}

impl Link {
    pub(crate) fn read(entry: &[u8]) -> Option<Self> {
        canon::glance(entry).ok()
    }

    pub(crate) fn is_about_policies(&self) -> bool {
        self.event.keys().any(|word| word.starts_with("policy-"))
    }
}

/// The hash of an entry's bytes.
#[must_use]
pub fn hash(entry: &[u8]) -> EntryHash {
    EntryHash(*blake3::hash(entry).as_bytes())
}

/// The payload of kind `journal-head`: where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalHead {
    /// 0.
    pub v: u64,
    /// The number of the last entry; 0 for an empty journal.
    pub seq: u64,
    /// Its hash.
    pub hash: EntryHash,
}

impl Payload for JournalHead {
    const KIND: Kind = Kind::JournalHead;

    fn check(&self, _signers: &[[u8; 32]]) -> Result<(), EnvelopeError> {
        if self.v == 0 && (self.seq > 0) == (self.hash != EntryHash::ZERO) {
            Ok(())
        } else {
            Err(EnvelopeError::BadField { field: "v", why: "is not a head of version 0" })
        }
    }
}

/// A head's envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead(pub Vec<u8>);

impl SignedHead {
    /// Signs the end of the chain.
    ///
    /// # Errors
    /// Never for a head that names an entry.
    pub fn seal(seq: u64, hash: EntryHash, key: &Secret<Journal>) -> Result<Self, EnvelopeError> {
        let head = JournalHead { v: 0, seq, hash };
        envelope::seal(&head, &[(key.public().as_bytes(), &|m| key.sign(m))]).map(Self)
    }

    /// Whether this is the head of a chain that ends so, signed by `key`.
    #[must_use]
    pub fn signs(&self, seq: u64, hash: EntryHash, key: &JournalKey) -> bool {
        envelope::open::<JournalHead>(&self.0).is_ok_and(|opened| {
            opened.signers == [*key.as_bytes()] && opened.payload == JournalHead { v: 0, seq, hash }
        })
    }
}

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// An entry cannot be read.
    #[error("entry {seq} cannot be read: it was changed")]
    Unreadable {
        /// Which.
        seq: u64,
    },
    /// An entry is missing, or stands in another's place.
    #[error("entry {expected} is missing: entry {found} stands in its place")]
    Missing {
        /// The number that belongs here.
        expected: u64,
        /// The number that stands here.
        found: u64,
    },
    /// An entry does not follow from the one before: one of the two was changed.
    #[error("entry {seq} does not follow from entry {}: one of them was changed", seq - 1)]
    Broken {
        /// Which.
        seq: u64,
    },
    /// The signed head names more entries than there are.
    #[error(
        "the journal ends at entry {found}, but its signed head says {signed}: the end was cut off"
    )]
    Truncated {
        /// The last entry there is.
        found: u64,
        /// The last entry there was.
        signed: u64,
    },
    /// There are entries after the signed head.
    #[error("entry {found} was added after the signed head, which ends at {signed}")]
    Unsigned {
        /// The last entry there is.
        found: u64,
        /// The last entry that was signed for.
        signed: u64,
    },
    /// The last entry is not the one the head was signed over.
    #[error("the last entry is not the one that the head was signed over: the end was rewritten")]
    Rewritten,
    /// Another journal_key goes on than the one before handed over to.
    #[error("entry {seq} does not hand the journal over from one journal_key to the next")]
    NotHandedOver {
        /// The entry that should.
        seq: u64,
    },
    /// The head is missing, or its signature is not this node's.
    #[error("the signed head is missing or was not signed by this node's journal_key")]
    BadHead,
}

/// Checks a chain entry by entry; finish with [`Chain::end`].
#[derive(Debug, Clone)]
pub struct Chain {
    seq: u64,
    last: EntryHash,
    /// The key that signs the head here, as the entries so far say.
    signer: Option<JournalKey>,
    /// The key that the next entry hands over to.
    heir: Option<JournalKey>,
}

impl Default for Chain {
    fn default() -> Self {
        Self { seq: 0, last: EntryHash::ZERO, signer: None, heir: None }
    }
}

impl Chain {
    /// Checks the next entry's bytes.
    ///
    /// # Errors
    /// When it does not follow from the ones before.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Entry, ChainError> {
        let expected = self.seq + 1;
        let entry = Entry::decode(bytes).map_err(|_| ChainError::Unreadable { seq: expected })?;
        if entry.seq != expected {
            return Err(ChainError::Missing { expected, found: entry.seq });
        }
        if entry.prev != self.last {
            return Err(ChainError::Broken { seq: expected });
        }
        self.follow(&entry.event).ok_or(ChainError::NotHandedOver { seq: expected })?;
        self.seq = expected;
        self.last = hash(bytes);
        Ok(entry)
    }

    /// Keeps in mind who signs the head; `None` when that becomes another in another way than by
    /// the word of the one before.
    fn follow(&mut self, event: &Event) -> Option<()> {
        match (self.heir.take(), event) {
            (Some(heir), Event::JournalHandedOver { head }) => {
                let head = SignedHead(head.to_vec());
                let signed = self.signer.is_some_and(|key| head.signs(self.seq, self.last, &key));
                self.signer = signed.then_some(heir);
                signed.then_some(())
            }
            (Some(_), _) | (None, Event::JournalHandedOver { .. }) => None,
            // A later one would name another signer without the word of the one before.
            (None, Event::Opened { journal, .. }) => {
                self.signer = Some(*journal);
                (self.seq == 0).then_some(())
            }
            (None, Event::KeyRotated { key: Rotation::Journal { before, after } }) => {
                self.heir = Some(*after);
                (self.signer == Some(*before)).then_some(())
            }
            (None, _) => Some(()),
        }
    }

    /// Checks the end against the signed head.
    ///
    /// # Errors
    /// When the head was not signed by `key`, or over another end.
    pub fn end(&self, head: Option<&SignedHead>, key: &JournalKey) -> Result<u64, ChainError> {
        let Some(head) = head else {
            return if self.seq == 0 { Ok(0) } else { Err(ChainError::BadHead) };
        };
        let opened = envelope::open::<JournalHead>(&head.0).map_err(|_| ChainError::BadHead)?;
        let other = self.signer.is_some_and(|signer| signer != *key);
        if other || self.heir.is_some() || opened.signers != [*key.as_bytes()] {
            return Err(ChainError::BadHead);
        }
        let (found, signed) = (self.seq, opened.payload.seq);
        match found.cmp(&signed) {
            std::cmp::Ordering::Less => Err(ChainError::Truncated { found, signed }),
            std::cmp::Ordering::Greater => Err(ChainError::Unsigned { found, signed }),
            std::cmp::Ordering::Equal if opened.payload.hash != self.last => {
                Err(ChainError::Rewritten)
            }
            std::cmp::Ordering::Equal => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests;
