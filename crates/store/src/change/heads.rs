//! What peers offer: heads by giver, and every receipt that covers them.

use super::{Change, Changed};
use crate::{AheadRow, CrystalRow, HeadRow, OfferRow, look::shelves::*, shelf::join};
use artifact::{ArtifactId, HumanKey, UnixMillis};

/// What a head that was told does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headed {
    /// Its body is not here, and was not known before.
    New,
    /// Its body is here and had been withdrawn: it is given again.
    Again,
    /// Nothing new.
    Known,
    /// Its body was refused, and this is no newer word on it.
    Refused,
}

impl Change<'_> {
    /// How many offers of a giver are kept.
    pub fn offers_held(&self, giver: &HumanKey) -> Changed<usize> {
        Ok(OFFERS.count_under(&self.tx, giver.as_bytes())?)
    }

    /// Keeps a head that a peer told, with the receipt that covers it.
    ///
    /// A body that was refused stays refused until its giver tells of it under a higher number.
    pub fn put_offer(
        &mut self,
        id: &ArtifactId,
        head: &HeadRow,
        (receipt, offer): (&ArtifactId, &OfferRow),
    ) -> Changed<Headed> {
        let giver = &head.giver;
        let key = join(id.as_bytes(), giver.as_bytes());
        let known = HEADS.peek(&self.tx, &key)?;
        if known.as_ref().is_some_and(|known| !known.refused.is_empty() && head.seq <= known.seq) {
            return Ok(Headed::Refused);
        }
        let crystal = CRYSTALS.peek(&self.tx, id.as_bytes())?;
        // A crystal has one author, and so one giver: of anybody else this is no offer.
        if crystal.as_ref().is_some_and(|row| row.giver != Some(*giver)) {
            return Ok(Headed::Known);
        }
        let place = [giver.as_bytes().as_slice(), id.as_bytes(), receipt.as_bytes()].concat();
        if OFFERS.peek(&self.tx, &place)?.as_ref() != Some(offer) {
            OFFERS.put(&self.tx, &place, offer)?;
        }
        if let Some(row) = crystal {
            if row.withdrawn.is_none() {
                return Ok(Headed::Known);
            }
            let row = CrystalRow { withdrawn: None, receipt: Some(*receipt), ..row };
            CRYSTALS.put(&self.tx, id.as_bytes(), &row)?;
            self.note_change(id)?;
            return Ok(Headed::Again);
        }
        // Told again as it was, it is not written again: only when it was heard first is of interest.
        let same = |known: &HeadRow| *known == HeadRow { at: known.at, ..head.clone() };
        if !known.as_ref().is_some_and(same) {
            HEADS.put(&self.tx, &key, head)?;
        }
        let new = OPEN_HEADS.put_new(&self.tx, &join(giver.as_bytes(), id.as_bytes()), &())?;
        if new {
            self.note_change(id)?;
        }
        Ok(if new { Headed::New } else { Headed::Known })
    }

    /// Marks that the body of a head was refused.
    pub fn refuse_head(&mut self, id: &ArtifactId, giver: &HumanKey, why: &str) -> Changed {
        let key = join(id.as_bytes(), giver.as_bytes());
        let Some(row) = HEADS.peek(&self.tx, &key)? else { return Ok(()) };
        HEADS.put(&self.tx, &key, &HeadRow { refused: why.to_owned(), ..row })?;
        OPEN_HEADS.remove(&self.tx, &join(giver.as_bytes(), id.as_bytes()))?;
        self.note_change(id)
    }

    /// Forgets offers of a giver whose time has passed.
    pub fn drop_expired_offers(&mut self, giver: &HumanKey, now: UnixMillis) -> Changed {
        for (key, row) in OFFERS.peek_under(&self.tx, giver.as_bytes())? {
            if row.until.is_some_and(|until| until <= now) {
                OFFERS.remove(&self.tx, &key)?;
            }
        }
        Ok(())
    }

    /// Says how much is fetched ahead.
    pub fn put_ahead(&mut self, row: &AheadRow) -> Changed {
        Ok(FETCH_AHEAD.put(&self.tx, b"ahead", row)?)
    }

    /// Forgets a head.
    pub(super) fn drop_head(&mut self, id: &ArtifactId, giver: &HumanKey) -> Changed {
        HEADS.remove(&self.tx, &join(id.as_bytes(), giver.as_bytes()))?;
        Ok(OPEN_HEADS.remove(&self.tx, &join(giver.as_bytes(), id.as_bytes()))?)
    }

    /// Forgets every giver's head of an artifact whose body is here now.
    pub(super) fn drop_heads_of(&mut self, id: &ArtifactId) -> Changed {
        for (_, row) in HEADS.peek_under(&self.tx, id.as_bytes())? {
            self.drop_head(id, &row.giver)?;
        }
        Ok(())
    }

    /// Says that the index must look at an artifact again.
    pub(super) fn note_change(&mut self, id: &ArtifactId) -> Changed {
        let next = CHANGES.last_number(&self.tx)? + 1;
        Ok(CHANGES.put(&self.tx, &next.to_be_bytes(), id)?)
    }
}
