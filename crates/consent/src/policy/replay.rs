//! Which policies hold, read from the journal.
//!
//! Promises: what comes out is what the human accepted and did not drop, in entries that follow
//! from one another up to the signed head; where they do not, [`Policies::is_unknown`] says so,
//! until an entry after the fault in which the human dropped all policies. It reads of an entry
//! only what it needs: the journal is walked at every start.

use super::{Accepted, Policies};
use crate::{
    Entry, EntryHash, Event, SignedHead,
    journal::{self, Link},
};
use artifact::JournalKey;

/// Reads the journal, entry by entry; finish with [`Replay::end`].
#[derive(Debug)]
pub struct Replay {
    policies: Policies,
    seq: u64,
    last: EntryHash,
}

impl Default for Replay {
    fn default() -> Self {
        Self { policies: Policies::default(), seq: 0, last: EntryHash::ZERO }
    }
}

impl Replay {
    /// Reads the next entry's bytes.
    pub fn next(&mut self, bytes: &[u8]) {
        let link = Link::read(bytes);
        let follows = link.as_ref().is_some_and(|l| l.seq == self.seq + 1 && l.prev == self.last);
        self.policies.unknown |= !follows;
        self.seq = link.as_ref().map_or(self.seq + 1, |link| link.seq);
        self.last = journal::hash(bytes);
        if link.is_some_and(|link| link.is_about_policies()) {
            self.apply(bytes);
        }
    }

    fn apply(&mut self, bytes: &[u8]) {
        match Entry::decode(bytes).map(|entry| (entry.at, entry.event)) {
            Ok((at, Event::PolicyAccepted { policy, .. })) => match Accepted::open(&policy, at) {
                Ok(accepted) => self.policies.accept(accepted),
                Err(_) => self.policies.unknown = true,
            },
            Ok((_, Event::PolicyDropped { organisation })) => {
                self.policies.drop_one(organisation.as_ref());
            }
            _ => self.policies.unknown = true,
        }
    }

    /// What holds, where the journal ends as this node's key signed it.
    #[must_use]
    pub fn end(mut self, head: Option<&SignedHead>, key: &JournalKey) -> Policies {
        let signed = match head {
            Some(head) => head.signs(self.seq, self.last, key),
            // A node that has its keys has written so.
            None => false,
        };
        self.policies.unknown |= !signed;
        self.policies
    }
}
