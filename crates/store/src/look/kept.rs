//! What is kept of traces and for how long, and what the store remembers of itself.

use super::{Look, LookError, id_at, only, prefix, shelves::*, short};
use crate::{
    KeyCareRow, OutcomeRow, PrefixError, RetentionRow, TraceRow, TryRow, UpgradeRow, shelf::join,
};
use artifact::{ArtifactId, HumanKey, UnixMillis};
use serde_bytes::ByteBuf;

impl Look {
    /// How many traces are here, and the bytes of the logs they were made from. Purged ones are
    /// not here.
    pub fn traces(&self) -> Result<(u64, u64), LookError> {
        let (mut count, mut bytes) = (0, 0_u64);
        TRACES.walk(&self.tx, &[], false, |_, row| {
            if row.purged.is_none() {
                count += 1;
                bytes = bytes.saturating_add(row.log_bytes);
            }
            true
        })?;
        Ok((count, bytes))
    }

    /// Every trace there ever was, purged ones too.
    pub fn every_trace(&self) -> Result<Vec<(ArtifactId, TraceRow)>, LookError> {
        let rows = TRACES.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 0)?, row))).collect())
    }

    /// What agents said of every crystal that they said anything of.
    pub fn every_outcome(&self) -> Result<Vec<(ArtifactId, OutcomeRow)>, LookError> {
        let rows = OUTCOMES.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 0)?, row))).collect())
    }

    /// When the human said how a run ended, which its crystal's row then says too.
    pub fn judged(&self, id: &ArtifactId) -> Result<Option<UnixMillis>, LookError> {
        Ok(JUDGED.get(&self.tx, id.as_bytes())?)
    }

    /// Crystals of whose run the human said how it ended.
    pub fn every_judged(&self) -> Result<Vec<ArtifactId>, LookError> {
        let rows = JUDGED.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, _)| id_at(&key, 0)).collect())
    }

    /// Whether the human does not want a crystal proposed for sharing with somebody.
    pub fn is_withheld(&self, id: &ArtifactId, from: &HumanKey) -> Result<bool, LookError> {
        Ok(WITHHELD.get(&self.tx, &join(id.as_bytes(), from.as_bytes()))?.is_some())
    }

    /// What the log of a trace told when it was asked this, as its reader encoded it.
    pub fn learnt(&self, trace: &ArtifactId, what: &[u8]) -> Result<Option<Vec<u8>>, LookError> {
        Ok(LEARNT.get(&self.tx, &join(trace.as_bytes(), what))?.map(ByteBuf::into_vec))
    }

    /// Traces that the human forgot, and when each began; 0 where that is not known.
    pub fn forgotten(&self) -> Result<Vec<(ArtifactId, UnixMillis)>, LookError> {
        let rows = FORGOTTEN.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, at)| Some((id_at(&key, 0)?, at))).collect())
    }

    /// Whether the human forgot this trace.
    pub fn is_forgotten(&self, trace: &ArtifactId) -> Result<bool, LookError> {
        Ok(FORGOTTEN.get(&self.tx, trace.as_bytes())?.is_some())
    }

    /// The trace whose id begins with these hex digits.
    pub fn trace_named(&self, text: &str) -> Result<Result<ArtifactId, PrefixError>, LookError> {
        let Some(range) = prefix::Prefix::parse(text) else {
            return Ok(Err(PrefixError::NotAnId(short(text))));
        };
        let mut found = Vec::new();
        TRACES.walk(&self.tx, &range.bytes, false, |key, _| {
            let inside = range.matches(key);
            if inside {
                found.extend(id_at(key, 0));
            }
            inside && found.len() < 2
        })?;
        Ok(only(found, text))
    }

    /// Whether agents' logs are followed while this node runs.
    pub fn follows(&self) -> Result<bool, LookError> {
        Ok(FOLLOWED.get(&self.tx, b"logs")?.is_some())
    }

    /// How long traces are kept.
    pub fn retention(&self) -> Result<RetentionRow, LookError> {
        let none = RetentionRow { days: None, bytes: None };
        Ok(RETENTION.get(&self.tx, b"traces")?.unwrap_or(none))
    }

    /// The number of the entry that the last anchor in the keychain was signed over, as far as
    /// this store knows; 0 before the first.
    pub fn anchored(&self) -> Result<u64, LookError> {
        Ok(ANCHORED.get(&self.tx, b"seq")?.unwrap_or_default())
    }

    /// Wrong PINs in a row, by the word of the face they came through.
    pub fn tries(&self) -> Result<Vec<(String, TryRow)>, LookError> {
        let rows = TRIES.under(&self.tx, &[])?;
        let word = |key: Vec<u8>| String::from_utf8(key).unwrap_or_default();
        Ok(rows.into_iter().map(|(key, row)| (word(key), row)).collect())
    }

    /// What the human chose about human_key.
    pub fn key_care(&self) -> Result<KeyCareRow, LookError> {
        let none = KeyCareRow { pin_always: false, phrase_verified: None };
        Ok(KEY_CARE.get(&self.tx, b"human")?.unwrap_or(none))
    }

    /// Upgrades that the journal does not tell of yet.
    pub fn untold_upgrades(&self) -> Result<Vec<UpgradeRow>, LookError> {
        let rows = UPGRADES.under(&self.tx, &[])?;
        Ok(rows.into_iter().map(|(_, row)| row).filter(|row| !row.told).collect())
    }

    /// The hash of one entry of the journal; `None` when it is not there.
    pub fn journal_hash(&self, seq: u64) -> Result<Option<consent::EntryHash>, LookError> {
        let entry = JOURNAL.get(&self.tx, &seq.to_be_bytes())?;
        Ok(entry.map(|entry| consent::journal::hash(&entry)))
    }
}
