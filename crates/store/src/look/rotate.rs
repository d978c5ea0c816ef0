//! Keys that were replaced.

use super::{
    Look, LookError,
    shelves::{EARLIER_CARDS, FORMER_JOURNALS},
};
use artifact::{HumanKey, JournalKey};

impl Look {
    /// The last entry that a former journal_key of this node signed for; `None` for any other key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn former_journal(&self, key: &JournalKey) -> Result<Option<u64>, LookError> {
        Ok(FORMER_JOURNALS.get(&self.tx, key.as_bytes())?)
    }

    /// The cards by which a human vouches for author_keys that are theirs no more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn earlier_cards(&self, human: &HumanKey) -> Result<Vec<Vec<u8>>, LookError> {
        let cards = EARLIER_CARDS.under(&self.tx, human.as_bytes())?;
        Ok(cards.into_iter().map(|(_, card)| card.into_vec()).collect())
    }
}
