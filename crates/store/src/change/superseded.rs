//! A log that grew: what was made of its beginning gives way to what is made of all of it.

use super::{Change, Changed};
use crate::{CrystalRow, TraceRow, keys::id_at, look::shelves::*, shelf::join};
use artifact::ArtifactId;

impl Change<'_> {
    /// Says that trace `new` is made of a longer version of the log of trace `old`: the old
    /// trace's bytes are to go, what agents said of its crystal is said of the new one's, and
    /// the crystal itself goes, unless it was given to somebody. The row as it was; `None` when
    /// there is no such trace, or it is purged already.
    pub fn supersede_trace(
        &mut self,
        old: &ArtifactId,
        new: &TraceRow,
    ) -> Changed<Option<TraceRow>> {
        let Some(row) = self.purge_trace(old, new.imported)? else { return Ok(None) };
        if let (Some(before), Some(after)) = (&row.crystal, &new.crystal)
            && before != after
            && let Some(crystal) = CRYSTALS.peek(&self.tx, before.as_bytes())?
        {
            // What the human said of how it ended is said of all of the run.
            if let Some(at) = JUDGED.peek(&self.tx, before.as_bytes())? {
                self.judge(after, crystal.outcome, Some(at))?;
            }
            if !self.was_given(before)? {
                self.replace_crystal(before, &crystal, after)?;
            }
        }
        Ok(Some(row))
    }

    /// Whether a receipt covers a crystal, or what it was sealed anew as.
    fn was_given(&self, crystal: &ArtifactId) -> Changed<bool> {
        let under = |id: &[u8]| RECEIPTS_OF.count_under(&self.tx, id);
        let mut given = under(crystal.as_bytes())?;
        for (key, ()) in SEALS_OF.peek_under(&self.tx, crystal.as_bytes())? {
            given += id_at(&key, 32).map_or(Ok(0), |id| under(id.as_bytes()))?;
        }
        Ok(given > 0)
    }

    /// Forgets a superseded trace whose bytes are gone. Its log counts as known from now on by
    /// the trace that has all of it.
    pub fn drop_superseded(
        &mut self,
        old: &ArtifactId,
        log: &ArtifactId,
        new: &ArtifactId,
    ) -> Changed {
        TRACE_OF_LOG.put(&self.tx, log.as_bytes(), new)?;
        Ok(TRACES.remove(&self.tx, old.as_bytes())?)
    }

    fn replace_crystal(
        &mut self,
        before: &ArtifactId,
        row: &CrystalRow,
        after: &ArtifactId,
    ) -> Changed {
        for (key, outcome) in OUTCOMES.peek_under(&self.tx, before.as_bytes())? {
            let agent = key.get(before.as_bytes().len()..).unwrap_or_default();
            OUTCOMES.put(&self.tx, &join(after.as_bytes(), agent), &outcome)?;
        }
        for (key, at) in WITHHELD.peek_under(&self.tx, before.as_bytes())? {
            let from = key.get(before.as_bytes().len()..).unwrap_or_default();
            WITHHELD.put(&self.tx, &join(after.as_bytes(), from), &at)?;
        }
        self.drop_crystal(before, row)
    }

    /// Takes a crystal out of the store, with all that was said of it.
    pub(super) fn drop_crystal(&mut self, id: &ArtifactId, row: &CrystalRow) -> Changed {
        OUTCOMES.remove_under(&self.tx, id.as_bytes())?;
        WITHHELD.remove_under(&self.tx, id.as_bytes())?;
        JUDGED.remove(&self.tx, id.as_bytes())?;
        CRYSTALS.remove(&self.tx, id.as_bytes())?;
        ENVELOPES.remove(&self.tx, id.as_bytes())?;
        SIDECARS.remove(&self.tx, id.as_bytes())?;
        CRYSTALS_BY_TIME.remove(&self.tx, &join(&row.at.to_be_bytes(), id.as_bytes()))?;
        self.note_change(id)
    }
}
