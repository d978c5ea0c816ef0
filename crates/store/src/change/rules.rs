//! Rules, and what the human decided about agents.

use super::{Change, Changed};
use crate::{
    look::shelves::*,
    rows::{BlockedAgentRow, MuteRow, RuleRow},
};
use artifact::{ArtifactId, UnixMillis};

impl Change<'_> {
    /// A rule, as this transaction sees it.
    pub fn rule(&self, id: &ArtifactId) -> Changed<Option<RuleRow>> {
        Ok(RULES.peek(&self.tx, id.as_bytes())?)
    }

    /// Keeps a rule, or renews its row.
    pub fn put_rule(&mut self, id: &ArtifactId, row: &RuleRow) -> Changed {
        Ok(RULES.put(&self.tx, id.as_bytes(), row)?)
    }

    /// Lets go of a rule that ended.
    pub fn remove_rule(&mut self, id: &ArtifactId) -> Changed {
        Ok(RULES.remove(&self.tx, id.as_bytes())?)
    }

    /// A rule was not what was signed for: the human is to be told.
    pub fn put_altered_rule(&mut self, id: &ArtifactId, at: UnixMillis) -> Changed {
        Ok(ALTERED_RULES.put(&self.tx, id.as_bytes(), &at)?)
    }

    /// The human was told of every one.
    pub fn remove_altered_rules(&mut self) -> Changed {
        Ok(ALTERED_RULES.remove_under(&self.tx, &[])?)
    }

    /// Mutes an agent, by its key.
    pub fn put_mute(&mut self, agent: &[u8; 32], row: &MuteRow) -> Changed {
        Ok(MUTES.put(&self.tx, agent, row)?)
    }

    /// An agent is heard again.
    pub fn remove_mute(&mut self, agent: &[u8; 32]) -> Changed {
        Ok(MUTES.remove(&self.tx, agent)?)
    }

    /// Blocks an agent, by its key.
    pub fn put_blocked_agent(&mut self, agent: &[u8; 32], row: &BlockedAgentRow) -> Changed {
        Ok(BLOCKED_AGENTS.put(&self.tx, agent, row)?)
    }

    /// An agent may ask to be let in again.
    pub fn remove_blocked_agent(&mut self, agent: &[u8; 32]) -> Changed {
        Ok(BLOCKED_AGENTS.remove(&self.tx, agent)?)
    }
}
