//! Rules of which the store says another thing than what the human signed for: another program
//! wrote there. They are ignored and ended, and the human is told until they say that they saw it.

use crate::{Fault, Node, Notice, event::Event, house::House};
use artifact::{ArtifactId, Grant};
use store::RuleRow;

/// The word for it, in the journal.
pub(super) const ALTERED: &str = "altered";

impl Node {
    /// The human was told of every rule that was not what they signed for.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn altered_seen(&self) -> Result<(), Fault> {
        self.0.happen(Event::AlteredSeen).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    /// Holds what the store says against what was made here, and ends what is not the same: a row
    /// that was edited, one that was put there, and a rule whose row is gone.
    pub(crate) fn end_altered_rules(&self) -> Result<(), Fault> {
        self.end_unwritten_rules()?;
        let (rows, all) = (self.look()?.rules()?, self.rules.all());
        let is_other =
            |id: &ArtifactId, row: &RuleRow| !all.get(id).is_some_and(|held| held.is_as_made(row));
        let others = rows.iter().filter(|(id, row)| is_other(id, row)).map(|(id, _)| *id);
        let gone = all.keys().filter(|id| !rows.iter().any(|(other, _)| other == *id)).copied();
        self.alter(&others.chain(gone).collect::<Vec<_>>())
    }

    /// Ends what an earlier run of the node left behind: its keys are gone. What no human of this
    /// node signed was put there meanwhile.
    pub(crate) fn end_left_rules(&self) -> Result<(), Fault> {
        let human = self.me()?.row.human;
        let is_signed = |(id, row): &(ArtifactId, RuleRow)| {
            *id == ArtifactId::of(&row.grant)
                && Grant::open(&row.grant).is_ok_and(|(_, signer)| signer == human)
        };
        let (left, unsigned): (Vec<_>, Vec<_>) =
            self.look()?.rules()?.into_iter().partition(is_signed);
        let ids = |rows: Vec<(ArtifactId, RuleRow)>| rows.into_iter().map(|(id, _)| id).collect();
        let (left, unsigned): (Vec<_>, Vec<_>) = (ids(left), ids(unsigned));
        let why = "node-stopped";
        left.iter().for_each(|id| self.rules.left(id, why));
        self.end_rules(&left, why)?;
        self.alter(&unsigned)
    }

    fn alter(&self, ids: &[ArtifactId]) -> Result<(), Fault> {
        for id in ids {
            tracing::error!(rule = %id.short(), "a rule is not what was signed for: it is ignored");
        }
        self.end_rules(ids, ALTERED)
    }

    pub(crate) fn on_altered_seen(&self) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.remove_altered_rules()?))
    }
}
