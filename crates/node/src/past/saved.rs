//! What recall saved: crystals of which agents said that they helped, and what the runs they came
//! from had taken. It is what was there before, and no guess at what would have been.

use super::learnt::Learning;
use crate::{Fault, Node};
use artifact::ArtifactId;
use distil::Cost;
use std::collections::BTreeMap;
use store::{CrystalRow, OutcomeRow};

/// The most crystals whose logs are asked.
const LOGS: usize = 200;

/// A crystal that helped.
#[derive(Debug, Clone)]
pub struct HelpedBy {
    /// Its id.
    pub crystal: ArtifactId,
    /// Its row.
    pub row: CrystalRow,
    /// Who said that it helped, and when, newest first.
    pub said: Vec<OutcomeRow>,
    /// What its run took; none where its log is not here.
    pub cost: Option<Cost>,
}

/// What recall saved.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// Crystals that helped, the last one first.
    pub helped: Vec<HelpedBy>,
    /// How often agents said that one was wrong.
    pub wrong: usize,
    /// How often they said that one was stale.
    pub stale: usize,
}

impl Node {
    /// What recall saved, as far as agents said so.
    ///
    /// # Errors
    /// When the store or a kept log cannot be read.
    pub fn saved(&self) -> Result<Saved, Fault> {
        let look = self.0.look()?;
        let (mut saved, mut helped) = (Saved::default(), BTreeMap::<_, Vec<OutcomeRow>>::new());
        for (id, row) in look.every_outcome()? {
            match row.outcome.as_str() {
                "helped" => helped.entry(id).or_default().push(row),
                "wrong" => saved.wrong += 1,
                "stale" => saved.stale += 1,
                _ => {}
            }
        }
        for (crystal, mut said) in helped {
            said.sort_by_key(|one| std::cmp::Reverse(one.at));
            if let Some(row) = look.crystal(&crystal)? {
                saved.helped.push(HelpedBy { crystal, row, said, cost: None });
            }
        }
        saved.helped.sort_by_key(|one| std::cmp::Reverse(one.said.first().map(|said| said.at)));
        let mut learning = Learning::begin(&self.0)?;
        for one in saved.helped.iter_mut().take(LOGS) {
            one.cost = learning.cost(one.row.trace)?;
        }
        learning.end();
        Ok(saved)
    }
}
