//! Which logs were read before from which place: a log that grew supersedes what was made of its
//! beginning, so that one run is one trace however often it is read. What the human forgot stays
//! forgotten, however its log goes on.

use super::{files::Found, sources};
use crate::{Fault, house::House};
use artifact::{ArtifactId, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};
use store::{Look, TraceRow};

/// The last trace of each place, and what the human forgot.
#[derive(Default)]
pub(crate) struct Earlier {
    last: BTreeMap<String, (ArtifactId, TraceRow)>,
    /// Forgotten logs, by their length and hash.
    forgotten: BTreeSet<(u64, ArtifactId)>,
    /// Where forgotten runs were read, and when each began.
    begun: BTreeSet<(String, UnixMillis)>,
    /// The lengths of all logs that were ever read.
    lengths: BTreeSet<u64>,
}

/// The hashes of the first bytes of a log, at the lengths that earlier logs had.
pub(super) struct Beginnings {
    hasher: blake3::Hasher,
    read: u64,
    /// The lengths that were not reached yet, the shortest last.
    lengths: Vec<u64>,
    taken: BTreeSet<(u64, ArtifactId)>,
}

impl Beginnings {
    fn at(lengths: BTreeSet<u64>) -> Self {
        let lengths = lengths.into_iter().rev().collect();
        Self { hasher: blake3::Hasher::new(), read: 0, lengths, taken: BTreeSet::new() }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some(length) = self.lengths.last().copied() {
            let left = usize::try_from(length - self.read).unwrap_or(usize::MAX);
            let (these, rest) = bytes.split_at(left.min(bytes.len()));
            self.hasher.update(these);
            self.read += these.len() as u64;
            if self.read < length {
                return;
            }
            self.taken.insert((length, ArtifactId::from_bytes(*self.hasher.finalize().as_bytes())));
            self.lengths.pop();
            bytes = rest;
        }
    }
}

/// What is known of a log that was just read.
pub(super) struct Grown<'a> {
    pub(super) place: &'a str,
    pub(super) bytes: u64,
    pub(super) beginnings: &'a Beginnings,
    /// Its first time, where its program writes it anew.
    pub(super) started: Option<UnixMillis>,
}

impl Earlier {
    /// Everything that was read so far, and is still here or was forgotten.
    pub(crate) fn of(look: &Look) -> Result<Self, Fault> {
        let mut earlier = Self::default();
        for (trace, started) in look.forgotten()? {
            let Some(row) = look.trace(&trace)? else { continue };
            earlier.forgotten.insert((row.log_bytes, row.log));
            earlier.lengths.insert(row.log_bytes);
            if started > 0 {
                earlier.begun.insert((row.place, started));
            }
        }
        let mut all = look.every_trace()?;
        earlier.lengths.extend(all.iter().map(|(_, row)| row.log_bytes));
        all.retain(|(_, row)| row.purged.is_none());
        all.sort_by_key(|(_, row)| row.imported);
        for (id, row) in all {
            earlier.last.insert(row.place.clone(), (id, row));
        }
        Ok(earlier)
    }

    /// Whether a file is as it was when all of it was read.
    pub(super) fn has_all_of(&self, log: &Found) -> bool {
        self.last.get(&log.place()).is_some_and(|(_, row)| {
            row.log_bytes == log.bytes && sources::millis(log.changed()) < row.imported
        })
    }

    /// How many bytes were read of the log at this place.
    pub(super) fn kept_of(&self, place: &str) -> Option<u64> {
        self.last.get(place).map(|(_, row)| row.log_bytes)
    }

    /// Whether a log of so many bytes may be one that was read: no other length is.
    pub(super) fn may_know(&self, bytes: u64) -> bool {
        self.lengths.contains(&bytes)
    }

    /// What a log from this place may begin with.
    pub(super) fn beginnings(&self, place: &str) -> Beginnings {
        let last = self.last.get(place).map(|(_, row)| row.log_bytes);
        Beginnings::at(self.forgotten.iter().map(|(bytes, _)| *bytes).chain(last).collect())
    }

    /// Whether a log goes on with one that the human forgot.
    pub(super) fn is_forgotten(&self, grown: &Grown<'_>) -> bool {
        let anew = |at: UnixMillis| self.begun.contains(&(grown.place.to_owned(), at));
        !self.forgotten.is_disjoint(&grown.beginnings.taken) || grown.started.is_some_and(anew)
    }

    /// The trace that a longer log from the same place supersedes. A shorter log, and one that
    /// begins otherwise, is another log: what was deleted at its source stays here.
    pub(super) fn superseded(
        &self,
        house: &House,
        grown: &Grown<'_>,
    ) -> Result<Option<(ArtifactId, TraceRow)>, Fault> {
        let last = self.last.get(grown.place).filter(|(_, row)| row.log_bytes < grown.bytes);
        let Some((id, row)) = last else { return Ok(None) };
        let same = grown.beginnings.taken.contains(&(row.log_bytes, row.log))
            || match grown.started {
                Some(at) => house.began(id)? == Some(at),
                None => false,
            };
        Ok(same.then(|| (*id, row.clone())))
    }

    /// Learns the trace that was just made of this log.
    pub(super) fn learn(&mut self, house: &House, log: &ArtifactId) -> Result<(), Fault> {
        let look = house.look()?;
        if let Some(id) = look.trace_of_log(log)?
            && let Some(row) = look.trace(&id)?
        {
            self.lengths.insert(row.log_bytes);
            self.last.insert(row.place.clone(), (id, row));
        }
        Ok(())
    }
}

impl House {
    /// Whether the human is being asked to share a crystal: it must not go meanwhile. Asked among
    /// the events, where no ask comes in between.
    pub(crate) fn is_asked_for(&self, crystal: &ArtifactId) -> Result<bool, Fault> {
        let look = self.look()?;
        let seals = look.seals_of(crystal)?;
        Ok(look.pending()?.iter().any(|ask| seals.iter().any(|id| ask.is_about(id))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these lengths of `log` have their hash taken, pushed in pieces of `step` bytes.
    fn check(log: &[u8], lengths: &[usize], step: usize) {
        let mut beginnings = Beginnings::at(lengths.iter().map(|length| *length as u64).collect());
        log.chunks(step).for_each(|piece| beginnings.push(piece));
        let reached = lengths.iter().filter_map(|length| log.get(..*length));
        let want = reached.map(|first| (first.len() as u64, ArtifactId::of(first))).collect();
        assert_eq!(beginnings.taken, want);
    }

    #[test]
    fn a_beginning_is_hashed_wherever_the_pieces_end() {
        let log: Vec<u8> = (0..=255).collect();
        for step in [1, 7, 64, 256] {
            check(&log, &[], step);
            check(&log, &[0, 1, 63, 64, 65, 256], step);
            check(&log, &[257, 10_000, 12], step);
        }
    }
}
