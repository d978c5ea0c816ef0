//! Rules, and what the human decided about agents.

use super::{Look, LookError, id_at, shelves::*};
use crate::rows::{BlockedAgentRow, MuteRow, RuleRow};
use artifact::{ArtifactId, UnixMillis};

impl Look {
    /// Every rule that holds, by the id of its grant.
    ///
    /// # Errors
    /// When the file cannot be read; so for every question below.
    pub fn rules(&self) -> Result<Vec<(ArtifactId, RuleRow)>, LookError> {
        let rows = RULES.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 0)?, row))).collect())
    }

    /// A rule, by the id of its grant.
    pub fn rule(&self, id: &ArtifactId) -> Result<Option<RuleRow>, LookError> {
        Ok(RULES.get(&self.tx, id.as_bytes())?)
    }

    /// Rules that were not what was signed for, and when that was seen, until the human was told.
    pub fn altered_rules(&self) -> Result<Vec<(ArtifactId, UnixMillis)>, LookError> {
        let rows = ALTERED_RULES.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, at)| Some((id_at(&key, 0)?, at))).collect())
    }

    /// How an agent is muted, if it was.
    pub fn mute(&self, agent: &[u8; 32]) -> Result<Option<MuteRow>, LookError> {
        Ok(MUTES.get(&self.tx, agent)?)
    }

    /// Whether, and since when, an agent is blocked.
    pub fn blocked_agent(&self, agent: &[u8; 32]) -> Result<Option<BlockedAgentRow>, LookError> {
        Ok(BLOCKED_AGENTS.get(&self.tx, agent)?)
    }

    /// Every agent that is blocked, by its key.
    pub fn blocked_agents(&self) -> Result<Vec<([u8; 32], BlockedAgentRow)>, LookError> {
        let rows = BLOCKED_AGENTS.under(&self.tx, &[])?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((key.try_into().ok()?, row))).collect())
    }
}
