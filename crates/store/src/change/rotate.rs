//! Keys that were replaced: cards that named them, and journals that another key goes on with.

use super::{Change, ChangeError, Changed};
use crate::{
    look::shelves::{EARLIER_CARDS, FORMER_JOURNALS, SEALED_ANEW, SEALS_OF},
    shelf::join,
};
use artifact::{ArtifactId, HumanKey, Journal, Secret, UnixMillis};
use consent::{Event, Rotation, SignedHead};
use serde_bytes::ByteBuf;

impl Change<'_> {
    /// Lets another journal_key go on: the one until now signs the entry that names it, and that
    /// head stands in the entry after.
    ///
    /// # Errors
    /// Storage errors. Nothing is changed then.
    pub fn hand_over(&mut self, heir: Secret<Journal>, at: UnixMillis) -> Changed {
        let key = self.journal.ok_or(ChangeError::NoJournalKey)?;
        let (before, after) = (key.public(), heir.public());
        let rotated = Event::KeyRotated { key: Rotation::Journal { before, after } };
        let seq = self.append(rotated, at)?;
        let (_, hash) = self.appended.ok_or(ChangeError::NoJournalKey)?;
        let head = SignedHead::seal(seq, hash, key);
        let head = head.map_err(|e| ChangeError::Storage(e.to_string()))?.0;
        FORMER_JOURNALS.put(&self.tx, before.as_bytes(), &seq)?;
        self.heir = Some(heir);
        self.append(Event::JournalHandedOver { head: ByteBuf::from(head) }, at)?;
        Ok(())
    }

    /// Keeps a card that another has replaced: it stays good for what its author_key signed, and for
    /// receipts of its time.
    ///
    /// # Errors
    /// Storage errors.
    pub fn put_earlier_card(&mut self, human: &HumanKey, card: &[u8]) -> Changed {
        let key = join(human.as_bytes(), ArtifactId::of(card).as_bytes());
        Ok(EARLIER_CARDS.put(&self.tx, &key, &ByteBuf::from(card))?)
    }

    /// Keeps of which crystal something was sealed anew: whatever is said of the one is said of the
    /// other.
    ///
    /// # Errors
    /// Storage errors.
    pub fn put_sealed_anew(&mut self, anew: &ArtifactId, of: &ArtifactId) -> Changed {
        SEALED_ANEW.put(&self.tx, anew.as_bytes(), of)?;
        Ok(SEALS_OF.put(&self.tx, &join(of.as_bytes(), anew.as_bytes()), &())?)
    }
}
