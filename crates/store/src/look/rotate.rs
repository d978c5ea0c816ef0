//! Keys that were replaced.

use super::{
    Look, LookError,
    shelves::{EARLIER_CARDS, FORMER_JOURNALS, SEALED_ANEW, SEALS_OF},
};
use crate::keys::id_at;
use artifact::{ArtifactId, HumanKey, JournalKey};

impl Look {
    /// The last entry that a former journal_key of this node signed for; `None` for any other key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn former_journal(&self, key: &JournalKey) -> Result<Option<u64>, LookError> {
        Ok(FORMER_JOURNALS.get(&self.tx, key.as_bytes())?)
    }

    /// The cards of a human that others have replaced.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn earlier_cards(&self, human: &HumanKey) -> Result<Vec<Vec<u8>>, LookError> {
        let cards = EARLIER_CARDS.under(&self.tx, human.as_bytes())?;
        Ok(cards.into_iter().map(|(_, card)| card.into_vec()).collect())
    }

    /// The crystal here that an artifact was sealed anew from; of every other artifact, itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn whole_of(&self, id: &ArtifactId) -> Result<ArtifactId, LookError> {
        Ok(SEALED_ANEW.get(&self.tx, id.as_bytes())?.unwrap_or(*id))
    }

    /// A crystal, and as what it was sealed anew to be shared.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seals_of(&self, id: &ArtifactId) -> Result<Vec<ArtifactId>, LookError> {
        let anew = SEALS_OF.under(&self.tx, id.as_bytes())?;
        Ok([*id].into_iter().chain(anew.iter().filter_map(|(key, ())| id_at(key, 32))).collect())
    }
}
