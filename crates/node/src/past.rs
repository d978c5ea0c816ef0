//! What is known of earlier runs beyond their crystals: kept logs, read again by the importers
//! that read them first. What they tell is kept as long as they are, so that no log is read twice
//! for the same question.
//!
//! A kept log is read from the vault by its hash. No path that anybody names is opened here.

mod autopsy;
mod learnt;
mod recurring;
mod saved;
mod why;

pub use autopsy::{Autopsy, Recorded};
pub(crate) use learnt::Row as Learnt;
pub(crate) use recurring::met_again;
pub use recurring::{MetAgain, Recurring};
pub use saved::{HelpedBy, Saved};
pub use why::{LineWritten, Why};

use crate::{Fault, house::House};
use distil::{Format, Log, RECOGNISE_BYTES, Run};
use std::io::Read;
use store::TraceRow;

/// Bytes of a kept log that are read at a time.
const CHUNK: usize = 256 << 10;

impl House {
    /// A run, read again from its kept log; none where its log was purged, or was no log but
    /// something that an agent dictated.
    pub(crate) fn run_again(&self, row: &TraceRow) -> Result<Option<Run>, Fault> {
        self.read_again(row, Log::new)
    }

    /// The same, with the tokens that the log counts.
    pub(crate) fn run_counted(&self, row: &TraceRow) -> Result<Option<Run>, Fault> {
        self.read_again(row, Log::counting)
    }

    fn read_again(
        &self,
        row: &TraceRow,
        begin: impl FnOnce(Format) -> Log,
    ) -> Result<Option<Run>, Fault> {
        let vault = self.store.vault();
        if row.purged.is_some() || !vault.has(&row.log) {
            return Ok(None);
        }
        let damaged = |e: std::io::Error| Fault::broken(format!("a kept log cannot be read: {e}"));
        let mut kept = vault.read(&row.log)?;
        let mut first = Vec::with_capacity(RECOGNISE_BYTES);
        kept.by_ref().take(RECOGNISE_BYTES as u64).read_to_end(&mut first).map_err(damaged)?;
        // What a format is called is for people; the importer is found as it was at first.
        let Some(format) = format_of(row, &first) else { return Ok(None) };
        let mut log = begin(format);
        log.push(&first);
        let mut chunk = vec![0; CHUNK];
        loop {
            let n = kept.read(&mut chunk).map_err(damaged)?;
            let bytes = chunk.get(..n).unwrap_or_default();
            if bytes.is_empty() {
                return Ok(Some(log.finish(row.log)));
            }
            log.push(bytes);
        }
    }
}

/// A session of OpenCode was written down by ourselves, and may begin with any of its records.
fn format_of(row: &TraceRow, first: &[u8]) -> Option<Format> {
    let opencode = Format::OpenCode;
    if row.format == opencode.name() { Some(opencode) } else { distil::recognise(first) }
}
