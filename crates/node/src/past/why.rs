//! Which run wrote a line of a file, and what had failed before it.

use crate::{Fault, Node, house::House};
use artifact::{ArtifactId, Crystal, FixStep};
use consent::Origin;
use distil::{Sought, Wrote};
use std::sync::Arc;
use store::{CrystalRow, Look, TraceRow};

/// The most kept logs that are read again for one line.
const LOGS: usize = 100;
/// Files that a crystal names at most: a run that touched as many may have touched others.
const NAMED: usize = 64;

/// The run that wrote a line.
#[derive(Debug, Clone)]
pub struct LineWritten {
    /// Its crystal.
    pub crystal: ArtifactId,
    /// The crystal's row.
    pub row: CrystalRow,
    /// Its trace's row.
    pub trace: TraceRow,
    /// The edit, and what had failed before it. Where the log was purged, only what the crystal
    /// still says of it.
    pub wrote: Wrote,
    /// Whether the log was still here to be read.
    pub from_log: bool,
}

/// What is known of a line.
#[derive(Debug, Clone)]
pub struct Why {
    /// The newest run that wrote it.
    pub written: Option<LineWritten>,
    /// Runs that touched the file and were looked into.
    pub looked: usize,
    /// Runs that touched it and were not, because there are too many.
    pub left: usize,
}

impl Node {
    /// Which run that is kept here wrote this line: `lines` stand in a row in `file`, and the one
    /// at `at` is asked for. The file is not opened.
    ///
    /// # Errors
    /// When the store or a kept log cannot be read.
    pub fn why(&self, file: &str, lines: &[String], at: usize) -> Result<Why, Fault> {
        let house: &Arc<House> = &self.0;
        let (look, sought) = (house.look()?, Sought { file, lines, at });
        let mut why = Why { written: None, looked: 0, left: 0 };
        let own = look.crystals(|_, row| row.origin == Origin::Mine && row.trace.is_some())?;
        for (id, row) in own {
            let Some(crystal) = touching(&look, &id, &sought)? else { continue };
            let trace = row.trace.map(|trace| look.trace(&trace)).transpose()?.flatten();
            let Some(trace) = trace else { continue };
            if why.looked == LOGS {
                why.left += 1;
                continue;
            }
            why.looked += 1;
            let (wrote, from_log) = match house.run_again(&trace)? {
                Some(run) => (distil::wrote(&run, &sought, &screen::mask), true),
                None => (of_crystal(&crystal, &sought), false),
            };
            if let Some(wrote) = wrote {
                why.written = Some(LineWritten { crystal: id, row, trace, wrote, from_log });
                return Ok(why);
            }
        }
        Ok(why)
    }
}

/// The crystal, if its run may have touched the file.
fn touching(look: &Look, id: &ArtifactId, sought: &Sought<'_>) -> Result<Option<Crystal>, Fault> {
    let Some(envelope) = look.envelope(id)? else { return Ok(None) };
    let Ok((opened, _)) = Crystal::open(&envelope) else { return Ok(None) };
    let files = &opened.payload.env.files;
    let named = files.iter().any(|file| sought.is_in(file, ""));
    Ok((named || files.len() >= NAMED).then_some(opened.payload))
}

/// What a crystal alone still says: its fix holds the beginning of what each edit wrote.
fn of_crystal(crystal: &Crystal, sought: &Sought<'_>) -> Option<Wrote> {
    let edits = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Edit { file, text } if sought.is_in(file, "") => Some((file, text)),
        _ => None,
    });
    let fits = edits.filter_map(|(file, text)| Some((sought.fits("", text)?, file, text)));
    let (_, file, text) = fits.max_by_key(|(lines, ..)| *lines)?;
    let (file, text) = (file.clone(), text.clone());
    Some(Wrote { from: 0, to: 0, file, text, failed: Vec::new() })
}
