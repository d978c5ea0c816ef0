//! Recall: the index kept level with the store, and what a question finds.

use crate::{Fault, Node, house::House, house::lock};
use artifact::{ArtifactId, Crystal, FixStep, Outcome};
use consent::Origin;
use recall::{Doc, Hit};
use store::{CrystalRow, Look};

/// Crystals put into the index at a time.
const BATCH: usize = 500;

/// A crystal that a question found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id.
    pub id: ArtifactId,
    /// How well it fits; only the order means anything.
    pub score: f32,
    /// Its row.
    pub row: CrystalRow,
}

impl Node {
    /// Crystals that fit a text, best first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Found>, Fault> {
        self.0.level_index();
        let look = self.0.look()?;
        let hits = self.0.index.search(text, limit).map_err(Fault::broken)?;
        let mut found = Vec::with_capacity(hits.len());
        for Hit { id, score } in hits {
            found.extend(look.crystal(&id)?.map(|row| Found { id, score, row }));
        }
        Ok(found)
    }
}

impl House {
    /// Brings the index level with the store. The index is a cache: what fails here is logged,
    /// and tried again at the next question.
    pub(crate) fn level_index(&self) {
        let _turn = lock(&self.levelling);
        loop {
            match self.level_some() {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => return tracing::warn!(%fault, "the index is behind the store"),
            }
        }
    }

    /// Puts the next crystals into the index. False when it is level.
    fn level_some(&self) -> Result<bool, Fault> {
        let look = self.look()?;
        if self.index.seq() > look.last_change()? {
            // The store is older than its index: it was restored. Begin anew.
            self.index.clear().map_err(Fault::broken)?;
        }
        let mut changes = look.changes(self.index.seq())?;
        changes.truncate(BATCH);
        let Some((level, _)) = changes.last().copied() else { return Ok(false) };
        let mut docs = Vec::with_capacity(changes.len());
        for (_, id) in changes {
            docs.extend(doc(&look, &id)?);
        }
        self.index.put(&docs, level).map_err(Fault::broken)?;
        Ok(true)
    }
}

/// A crystal as the index sees it.
fn doc(look: &Look, id: &ArtifactId) -> Result<Option<Doc>, Fault> {
    let (Some(row), Some(envelope)) = (look.crystal(id)?, look.envelope(id)?) else {
        return Ok(None);
    };
    let Ok((opened, _)) = Crystal::open(&envelope) else { return Ok(None) };
    let crystal = opened.payload;
    let commands = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Command { text } => Some(text.clone()),
        FixStep::Edit { .. } => None,
    });
    let commands = commands.chain(crystal.checks.iter().map(|c| c.command.clone()));
    let edits = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Edit { text, .. } => Some(text.as_str()),
        FixStep::Command { .. } => None,
    });
    let ends = crystal.dead_ends.iter().flat_map(|d| [d.tried.as_str(), d.error.as_str()]);
    let body: Vec<&str> =
        edits.chain(ends).chain(crystal.lesson.iter().map(String::as_str)).collect();
    Ok(Some(Doc {
        id: *id,
        title: crystal.title.clone(),
        problem: crystal.problem.clone(),
        files: crystal.env.files.join("\n"),
        commands: commands.collect::<Vec<_>>().join("\n"),
        body: body.join("\n"),
        peer: row.origin == Origin::Peer,
        outcome: row.outcome,
        at: row.at,
    }))
}

/// Outcomes in words, as agents and faces write them.
#[must_use]
pub const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Accepted => "accepted",
        Outcome::Unknown => "unknown",
    }
}
