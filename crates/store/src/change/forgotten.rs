//! What the human says of memory: how a run ended, and that it is to be forgotten.

use super::{Change, Changed};
use crate::{CrystalRow, TraceRow, look::shelves::*, shelf::join};
use artifact::{ArtifactId, HumanKey, Outcome, UnixMillis};

impl Change<'_> {
    /// Keeps how a run ended: as the human said `at` that time, or as distillation found, where
    /// its word is to stand again. False when there is no such crystal.
    pub fn judge(
        &mut self,
        id: &ArtifactId,
        outcome: Outcome,
        at: Option<UnixMillis>,
    ) -> Changed<bool> {
        let Some(row) = CRYSTALS.peek(&self.tx, id.as_bytes())? else { return Ok(false) };
        match at {
            Some(at) => JUDGED.put(&self.tx, id.as_bytes(), &at)?,
            None => JUDGED.remove(&self.tx, id.as_bytes())?,
        }
        CRYSTALS.put(&self.tx, id.as_bytes(), &CrystalRow { outcome, ..row })?;
        self.note_change(id)?;
        Ok(true)
    }

    /// Says that a crystal is not to be proposed for sharing with these people.
    pub fn withhold(&mut self, id: &ArtifactId, from: &[HumanKey], at: UnixMillis) -> Changed {
        let whole = SEALED_ANEW.peek(&self.tx, id.as_bytes())?.unwrap_or(*id);
        for human in from {
            WITHHELD.put(&self.tx, &join(whole.as_bytes(), human.as_bytes()), &at)?;
        }
        Ok(())
    }

    /// Forgets a crystal that was made here, with its frozen bytes and all that was said of it;
    /// its trace's bytes are to go. The trace's row stays as its tombstone: what is made of its
    /// log, or of a longer version of it, does not come back. `started` is when its run began; 0
    /// where that is not known. The trace with its row as it was, where there is one; a crystal
    /// whose log went on has none of its own any more.
    pub fn forget_crystal(
        &mut self,
        id: &ArtifactId,
        started: UnixMillis,
        at: UnixMillis,
    ) -> Changed<Option<(ArtifactId, TraceRow)>> {
        let Some(crystal) = CRYSTALS.peek(&self.tx, id.as_bytes())? else { return Ok(None) };
        self.drop_crystal(id, &crystal)?;
        self.drop_snapshot(id)?;
        let Some(trace) = crystal.trace else { return Ok(None) };
        let Some(row) = TRACES.peek(&self.tx, trace.as_bytes())? else { return Ok(None) };
        let purged = row.purged.or(Some(at));
        let stone = TraceRow { crystal: None, purged, ..row.clone() };
        TRACES.put(&self.tx, trace.as_bytes(), &stone)?;
        LEARNT.remove_under(&self.tx, trace.as_bytes())?;
        FORGOTTEN.put(&self.tx, trace.as_bytes(), &started)?;
        Ok(Some((trace, row)))
    }

    /// Whether the human forgot this trace, as this transaction sees it.
    pub fn is_forgotten(&self, trace: &ArtifactId) -> Changed<bool> {
        Ok(FORGOTTEN.peek(&self.tx, trace.as_bytes())?.is_some())
    }
}
