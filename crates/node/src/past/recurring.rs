//! "You solved this before": errors that more than one run met, what they cost, what ended them.
//!
//! A crystal tells the first error of its run and the one that it met most, without what varies
//! between runs; equal texts are one error, and so are those that differ only in the name of the
//! thread that panicked. What each cost is told by the kept logs.

use super::learnt::Learning;
use crate::{Fault, Node};
use artifact::{ArtifactId, Crystal};
use consent::Origin;
use distil::{Met, Stood};
use std::collections::BTreeMap;
use store::{CrystalRow, Look};

/// The fewest letters of an error that can tell two matters apart.
const LETTERS: usize = 10;
/// The most errors that are told, and runs of each whose logs are read again.
const ERRORS: usize = 30;
const LOGS: usize = 5;
/// Own crystals that are looked through for what is worth sharing, the newest.
const RECENT: usize = 2_000;

/// A run that met an error.
#[derive(Debug, Clone)]
pub struct MetAgain {
    /// Its crystal.
    pub crystal: ArtifactId,
    /// The crystal's row.
    pub row: CrystalRow,
    /// The error in its words.
    pub error: String,
    /// How often the run met it.
    pub times: u32,
    /// How long it stood, and what ended it; none where the log was not read again.
    pub stood: Option<Stood>,
}

/// An error that came again.
#[derive(Debug, Clone)]
pub struct Recurring {
    /// The error, without what varies between runs.
    pub error: String,
    /// The runs that met it, newest first.
    pub runs: Vec<MetAgain>,
}

impl Node {
    /// Errors that more than one run met, the one of most runs first, and how many there are.
    ///
    /// # Errors
    /// When the store or a kept log cannot be read.
    pub fn recurring(&self) -> Result<(Vec<Recurring>, usize), Fault> {
        let look = self.0.look()?;
        let mut again = met(&look, usize::MAX)?;
        let all = again.len();
        again.sort_by(|a, b| {
            let newest = |one: &Recurring| one.runs.first().map(|run| run.row.at);
            b.runs.len().cmp(&a.runs.len()).then(newest(b).cmp(&newest(a)))
        });
        again.truncate(ERRORS);
        let mut learning = Learning::begin(&self.0)?;
        for run in again.iter_mut().flat_map(|one| one.runs.iter_mut().take(LOGS)) {
            run.stood = learning.stood(run.row.trace, &run.error)?;
        }
        learning.end();
        Ok((again, all))
    }
}

/// The errors that the newest own crystals tell more than once; no log is read for it.
pub(crate) fn met_again(look: &Look) -> Result<Vec<Recurring>, Fault> {
    met(look, RECENT)
}

/// The errors of own crystals, the newest so many, that more than one of them tells.
fn met(look: &Look, newest: usize) -> Result<Vec<Recurring>, Fault> {
    let mut met = BTreeMap::<String, Vec<MetAgain>>::new();
    let mut taken = 0;
    let own = |_: &ArtifactId, row: &CrystalRow| {
        let own = row.origin == Origin::Mine && taken < newest;
        taken += usize::from(own);
        own
    };
    for (crystal, row) in look.crystals(own)? {
        let Some(envelope) = look.envelope(&crystal)? else { continue };
        let Ok((opened, _)) = Crystal::open(&envelope) else { continue };
        for one in distil::errors(&opened.payload.problem) {
            if one.error.chars().filter(|c| c.is_alphabetic()).take(LETTERS).count() == LETTERS {
                let (row, alike) = (row.clone(), distil::alike(&one.error));
                let Met { error, times } = one;
                let run = MetAgain { crystal, row, error, times, stood: None };
                met.entry(alike).or_default().push(run);
            }
        }
    }
    let again = met.into_iter().filter(|(_, runs)| runs.len() > 1);
    Ok(again.map(|(error, runs)| Recurring { error, runs }).collect())
}
