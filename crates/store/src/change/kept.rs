//! What is kept of traces and for how long, and what the store remembers of itself.

use super::{Change, Changed};
use crate::{
    KeyCareRow, RetentionRow, TraceRow, TryRow, UpgradeRow, look::shelves::*, shelf::join,
};
use artifact::{ArtifactId, UnixMillis};
use serde_bytes::ByteBuf;

impl Change<'_> {
    /// Says that a trace's bytes are to go: from now on nobody is given them. The row as it
    /// was; `None` when there is no such trace, or it is purged already.
    pub fn purge_trace(&mut self, id: &ArtifactId, at: UnixMillis) -> Changed<Option<TraceRow>> {
        let Some(row) = TRACES.peek(&self.tx, id.as_bytes())?.filter(|r| r.purged.is_none()) else {
            return Ok(None);
        };
        TRACES.put(&self.tx, id.as_bytes(), &TraceRow { purged: Some(at), ..row.clone() })?;
        LEARNT.remove_under(&self.tx, id.as_bytes())?;
        Ok(Some(row))
    }

    /// Keeps what the log of a trace told when it was asked this, until the log goes. Where it
    /// went meanwhile, nothing is kept.
    pub fn put_learnt(&mut self, trace: &ArtifactId, what: &[u8], told: &[u8]) -> Changed {
        if TRACES.peek(&self.tx, trace.as_bytes())?.is_none_or(|row| row.purged.is_some()) {
            return Ok(());
        }
        let key = join(trace.as_bytes(), what);
        Ok(LEARNT.put(&self.tx, &key, &ByteBuf::from(told))?)
    }

    /// Says whether agents' logs are followed while this node runs.
    pub fn put_follows(&mut self, on: bool) -> Changed {
        if on {
            FOLLOWED.put(&self.tx, b"logs", &())?;
        } else {
            FOLLOWED.remove(&self.tx, b"logs")?;
        }
        Ok(())
    }

    /// Says how long traces are kept.
    pub fn put_retention(&mut self, row: RetentionRow) -> Changed {
        Ok(RETENTION.put(&self.tx, b"traces", &row)?)
    }

    /// Remembers over which entry the anchor in the keychain was signed.
    pub fn put_anchored(&mut self, seq: u64) -> Changed {
        Ok(ANCHORED.put(&self.tx, b"seq", &seq)?)
    }

    /// Counts wrong PINs through the face of this word; `None` after a right one.
    pub fn put_tries(&mut self, way: &str, row: Option<&TryRow>) -> Changed {
        match row {
            Some(row) => Ok(TRIES.put(&self.tx, way.as_bytes(), row)?),
            None => Ok(TRIES.remove(&self.tx, way.as_bytes())?),
        }
    }

    /// Keeps what the human chose about human_key.
    pub fn put_key_care(&mut self, row: &KeyCareRow) -> Changed {
        Ok(KEY_CARE.put(&self.tx, b"human", row)?)
    }

    /// Ends an invite that was not used.
    pub fn end_invite(&mut self, id: &[u8; 16], now: UnixMillis) -> Changed {
        let Some(row) = INVITES.peek(&self.tx, id)? else { return Ok(()) };
        let expires = row.expires.min(now);
        Ok(INVITES.put(&self.tx, id, &crate::InviteRow { expires, ..row })?)
    }

    /// Marks that the journal tells of an upgrade.
    pub fn put_upgrade_told(&mut self, row: &UpgradeRow) -> Changed {
        Ok(UPGRADES.put(
            &self.tx,
            &row.to.to_be_bytes(),
            &UpgradeRow { told: true, ..row.clone() },
        )?)
    }

    /// The number and hash of the journal's last entry, as this transaction sees it.
    pub fn journal_head(&self) -> Changed<(u64, consent::EntryHash)> {
        self.journal_end()
    }
}
