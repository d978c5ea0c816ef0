//! What a kept log told once: a log is read again for the first look only. A cache in the store,
//! which goes with its log: what is not there, or was kept by another recipe, is read anew.

use crate::{Fault, event::Event, house::House};
use artifact::{ArtifactId, canon};
use distil::{Cost, Stood};
use store::TraceRow;

/// What runs took, and how errors stood in them. Counted up with what tells it.
const COST: &[u8] = b"cost-0";
const STOOD: &[u8] = b"stood-0";
/// The most bytes of one row of it.
const MAX_ROW: usize = 64 << 10;

/// One row: whose log, what was asked of it, and what it told.
pub(crate) type Row = (ArtifactId, Vec<u8>, Vec<u8>);

/// Asks kept logs, and keeps what they tell.
pub(super) struct Learning<'a> {
    house: &'a House,
    look: store::Look,
    new: Vec<Row>,
}

impl<'a> Learning<'a> {
    pub(super) fn begin(house: &'a House) -> Result<Self, Fault> {
        Ok(Self { house, look: house.look()?, new: Vec::new() })
    }

    /// What the run of a trace took; none where its log is not here.
    pub(super) fn cost(&mut self, trace: Option<ArtifactId>) -> Result<Option<Cost>, Fault> {
        self.ask(trace, COST.to_vec(), |house, row| {
            Ok(house.run_counted(row)?.map(|run| distil::cost(&run)))
        })
    }

    /// How an error stood in the run of a trace; none where its log is not here.
    pub(super) fn stood(
        &mut self,
        trace: Option<ArtifactId>,
        error: &str,
    ) -> Result<Option<Stood>, Fault> {
        let what = [STOOD, blake3::hash(error.as_bytes()).as_bytes()].concat();
        self.ask(trace, what, |house, row| {
            let run = house.run_again(row)?;
            Ok(run.and_then(|run| distil::stood(&run, error, &screen::mask)))
        })
    }

    fn ask<T: serde::Serialize + serde::de::DeserializeOwned>(
        &mut self,
        trace: Option<ArtifactId>,
        what: Vec<u8>,
        read: impl FnOnce(&House, &TraceRow) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        let Some(id) = trace else { return Ok(None) };
        let Some(row) = self.look.trace(&id)?.filter(|row| row.purged.is_none()) else {
            return Ok(None);
        };
        let known = self.look.learnt(&id, &what)?;
        if let Some(told) = known.and_then(|bytes| canon::decode(&bytes, MAX_ROW).ok()) {
            return Ok(told);
        }
        let told = read(self.house, &row)?;
        let bytes = canon::encode(&told).map_err(Fault::broken)?;
        if bytes.len() <= MAX_ROW {
            self.new.push((id, what, bytes));
        }
        Ok(told)
    }

    /// Keeps what was new. That it could not be kept costs the next look its time, and no more.
    pub(super) fn end(self) {
        if self.new.is_empty() {
            return;
        }
        if let Err(fault) = self.house.happen_blocking(|reply| Event::Learnt(self.new, reply)) {
            tracing::warn!(%fault, "what kept logs told is not kept: they are read again");
        }
    }
}

impl House {
    pub(crate) fn on_learnt(&self, rows: &[Row]) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| {
            for (trace, what, told) in rows {
                change.put_learnt(trace, what, told)?;
            }
            Ok(())
        })
    }
}
