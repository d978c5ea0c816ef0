//! Which logs were read before from which place: a log that grew supersedes what was made of its
//! beginning, so that one run is one trace however often it is read.

use crate::{Fault, house::House};
use artifact::{ArtifactId, UnixMillis};
use consent::Wish;
use std::collections::BTreeMap;
use store::{Look, TraceRow};

/// The last trace of each place.
#[derive(Default)]
pub(crate) struct Earlier(BTreeMap<String, (ArtifactId, TraceRow)>);

/// What is known of a log that was just read: the hash of as many of its first bytes as the
/// earlier log had, its first time where its program writes it anew, and its length.
pub(super) type Grown = (Option<ArtifactId>, Option<UnixMillis>, u64);

impl Earlier {
    /// Everything that was read so far, and is still here.
    pub(crate) fn of(look: &Look) -> Result<Self, Fault> {
        let mut earlier = Self::default();
        let mut all = look.every_trace()?;
        all.retain(|(_, row)| row.purged.is_none());
        all.sort_by_key(|(_, row)| row.imported);
        for (id, row) in all {
            earlier.0.insert(row.place.clone(), (id, row));
        }
        Ok(earlier)
    }

    /// The last trace of a place.
    pub(super) fn at(&self, place: &str) -> Option<&TraceRow> {
        self.0.get(place).map(|(_, row)| row)
    }

    /// The trace that a longer log from the same place supersedes. A shorter log, and one that
    /// begins otherwise, is another log: what was deleted at its source stays here.
    pub(super) fn superseded(
        &self,
        house: &House,
        place: &str,
        grown: Grown,
    ) -> Result<Option<(ArtifactId, TraceRow)>, Fault> {
        let (beginning, started, bytes) = grown;
        let Some((id, row)) = self.0.get(place).filter(|(_, row)| row.log_bytes < bytes) else {
            return Ok(None);
        };
        let same = beginning == Some(row.log)
            || match started {
                Some(at) => began(house, id)? == Some(at),
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
            self.0.insert(row.place.clone(), (id, row));
        }
        Ok(())
    }
}

/// When a trace began.
fn began(house: &House, id: &ArtifactId) -> Result<Option<UnixMillis>, Fault> {
    let vault = house.store.vault();
    if !vault.has(id) {
        return Ok(None);
    }
    let bytes = vault.read_all(id, artifact::Kind::Trace.cap() as u64)?;
    let trace = artifact::Trace::open(&bytes).map_err(Fault::broken)?;
    Ok(Some(trace.payload.started))
}

/// Whether the human is being asked to share a crystal: it must not go meanwhile. Asked among the
/// events, where no ask comes in between.
pub(super) fn is_asked_for(house: &House, crystal: &ArtifactId) -> Result<bool, Fault> {
    let pending = house.look()?.pending()?;
    Ok(pending.iter().any(|ask| match &ask.wish {
        Wish::SharePrivate { object, .. } | Wish::SharePublic { object } => object.id == *crystal,
        _ => false,
    }))
}
