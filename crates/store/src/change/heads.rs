//! What peers offer: heads by giver, and every receipt that covers them.

use super::{Change, Changed};
use crate::{
    AheadRow, CrystalRow, HeadRow, OfferRow,
    look::shelves::*,
    shelf::{join, number},
};
use artifact::{ArtifactId, HumanKey, UnixMillis};
use std::collections::BTreeSet;

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

    /// Whether this offer of a giver is kept.
    pub fn holds_offer(
        &self,
        giver: &HumanKey,
        id: &ArtifactId,
        receipt: &ArtifactId,
    ) -> Changed<bool> {
        Ok(OFFERS.peek(&self.tx, &offer_at(giver, id, receipt))?.is_some())
    }

    /// Keeps a head that a peer told, with the receipt that covers it. Tells also whether that is
    /// one receipt more.
    ///
    /// A body that was refused stays refused until its giver tells of it under a higher number.
    pub fn put_offer(
        &mut self,
        id: &ArtifactId,
        head: &HeadRow,
        (receipt, offer): (&ArtifactId, &OfferRow),
    ) -> Changed<(Headed, bool)> {
        let giver = &head.giver;
        let key = join(id.as_bytes(), giver.as_bytes());
        let known = HEADS.peek(&self.tx, &key)?;
        if known.as_ref().is_some_and(|known| !known.refused.is_empty() && head.seq <= known.seq) {
            return Ok((Headed::Refused, false));
        }
        let crystal = CRYSTALS.peek(&self.tx, id.as_bytes())?;
        // A crystal has one author, and so one giver: of anybody else this is no offer.
        if crystal.as_ref().is_some_and(|row| row.giver != Some(*giver)) {
            return Ok((Headed::Known, false));
        }
        let place = offer_at(giver, id, receipt);
        let held = OFFERS.peek(&self.tx, &place)?;
        let added = held.is_none();
        if held.as_ref() != Some(offer) {
            OFFERS.put(&self.tx, &place, offer)?;
        }
        if let Some(row) = crystal {
            if row.withdrawn.is_none() {
                return Ok((Headed::Known, added));
            }
            let row = CrystalRow { withdrawn: None, receipt: Some(*receipt), ..row };
            CRYSTALS.put(&self.tx, id.as_bytes(), &row)?;
            self.note_change(id)?;
            return Ok((Headed::Again, added));
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
        Ok((if new { Headed::New } else { Headed::Known }, added))
    }

    /// Marks that the body of a head was refused.
    pub fn refuse_head(&mut self, id: &ArtifactId, giver: &HumanKey, why: &str) -> Changed {
        let key = join(id.as_bytes(), giver.as_bytes());
        let Some(row) = HEADS.peek(&self.tx, &key)? else { return Ok(()) };
        HEADS.put(&self.tx, &key, &HeadRow { refused: why.to_owned(), ..row })?;
        OPEN_HEADS.remove(&self.tx, &join(giver.as_bytes(), id.as_bytes()))?;
        self.note_change(id)
    }

    /// Forgets offers of a giver whose time has passed, and tells how many.
    pub fn drop_expired_offers(&mut self, giver: &HumanKey, now: UnixMillis) -> Changed<usize> {
        let mut dropped = 0;
        for (key, row) in OFFERS.peek_under(&self.tx, giver.as_bytes())? {
            if row.until.is_some_and(|until| until <= now) {
                OFFERS.remove(&self.tx, &key)?;
                dropped += 1;
            }
        }
        Ok(dropped)
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

    /// Forgets changes that tell an index nothing: of an artifact that changed again later, and
    /// of one that is gone, where the index is level with that. The last stays whatever it tells,
    /// so that no number is given twice. Gives how many went.
    pub fn prune_changes(&mut self, level: u64) -> Changed<usize> {
        let (mut later, mut stale) = (BTreeSet::new(), Vec::new());
        let rows = CHANGES.peek_under(&self.tx, &[])?;
        for (back, (key, id)) in rows.into_iter().rev().enumerate() {
            let again = !later.insert(id);
            if back > 0 && (again || (number(&key) <= level && self.is_gone(&id)?)) {
                stale.push(key);
            }
        }
        for key in &stale {
            CHANGES.remove(&self.tx, key)?;
        }
        Ok(stale.len())
    }

    /// Whether neither a crystal nor a head of this id is here.
    fn is_gone(&self, id: &ArtifactId) -> Changed<bool> {
        Ok(CRYSTALS.peek(&self.tx, id.as_bytes())?.is_none()
            && HEADS.count_under(&self.tx, id.as_bytes())? == 0)
    }
}

/// The key of an offer.
fn offer_at(giver: &HumanKey, id: &ArtifactId, receipt: &ArtifactId) -> Vec<u8> {
    [giver.as_bytes().as_slice(), id.as_bytes(), receipt.as_bytes()].concat()
}
