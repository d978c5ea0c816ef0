//! Delivery receipts: what was given and taken, and who signed for it.

use super::{Look, LookError, id_at, shelves::*};
use crate::{
    rows::{DeliveryRow, SettleRow},
    shelf::{join, number},
};
use artifact::{ArtifactId, HumanKey, Receipt, UnixMillis};
use std::collections::BTreeMap;

/// Where a taker's delivery receipt stands: one that agrees, one that does not.
pub(crate) fn given_key(taker: &HumanKey, artifact: &ArtifactId, diverged: bool) -> Vec<u8> {
    join(&join(taker.as_bytes(), artifact.as_bytes()), &[u8::from(diverged)])
}

/// Something that a peer was served, as far as this node wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Under which receipt.
    pub receipt: ArtifactId,
    /// How far it came.
    pub row: DeliveryRow,
}

impl Look {
    /// When it was last seen that a peer holds more of what was told than this store knows.
    pub fn older(&self, peer: &HumanKey) -> Result<Option<UnixMillis>, LookError> {
        Ok(OLDER.get(&self.tx, peer.as_bytes())?)
    }

    /// This node's delivery receipts to a giver, by artifact.
    ///
    /// # Errors
    /// When the file cannot be read; so for every question below.
    pub fn deliveries_taken(
        &self,
        giver: &HumanKey,
    ) -> Result<Vec<(ArtifactId, SettleRow)>, LookError> {
        let rows = DELIVERIES_TAKEN.under(&self.tx, giver.as_bytes())?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 32)?, row))).collect())
    }

    /// The delivery receipts of a taker, by artifact: those that agree with the book, and those
    /// that do not.
    pub fn deliveries_given(
        &self,
        taker: &HumanKey,
    ) -> Result<Vec<(ArtifactId, SettleRow)>, LookError> {
        let rows = DELIVERIES_GIVEN.under(&self.tx, taker.as_bytes())?;
        Ok(rows.into_iter().filter_map(|(key, row)| Some((id_at(&key, 32)?, row))).collect())
    }

    /// A taker's delivery receipt for one artifact: the one that agrees with the book, or the
    /// one that does not.
    pub fn delivery_given(
        &self,
        taker: &HumanKey,
        artifact: &ArtifactId,
        diverged: bool,
    ) -> Result<Option<SettleRow>, LookError> {
        Ok(DELIVERIES_GIVEN.get(&self.tx, &given_key(taker, artifact, diverged))?)
    }

    /// This node's delivery receipt of this id to a giver, with its artifact.
    pub fn delivery_named(
        &self,
        giver: &HumanKey,
        id: &ArtifactId,
    ) -> Result<Option<(ArtifactId, SettleRow)>, LookError> {
        let named = join(giver.as_bytes(), id.as_bytes());
        let Some(artifact) = DELIVERY_IDS.get(&self.tx, &named)? else { return Ok(None) };
        let key = join(giver.as_bytes(), artifact.as_bytes());
        Ok(DELIVERIES_TAKEN.get(&self.tx, &key)?.map(|row| (artifact, row)))
    }

    /// At most `most` delivery receipts that a giver did not answer yet and whose number is
    /// above `above`, in their order, each with its number.
    pub fn deliveries_due(
        &self,
        giver: &HumanKey,
        above: u64,
        most: usize,
    ) -> Result<Vec<(u64, SettleRow)>, LookError> {
        let Some(first) = above.checked_add(1) else { return Ok(Vec::new()) };
        let mut found: Vec<(u64, ArtifactId)> = Vec::new();
        let from = join(giver.as_bytes(), &first.to_be_bytes());
        DELIVERIES_DUE.walk(&self.tx, &from, false, |key, artifact| {
            let theirs = key.strip_prefix(giver.as_bytes().as_slice());
            found.extend(theirs.map(|key| (number(key), artifact)));
            theirs.is_some() && found.len() < most
        })?;
        let mut due = Vec::with_capacity(found.len());
        for (number, artifact) in found {
            let key = join(giver.as_bytes(), artifact.as_bytes());
            due.extend(DELIVERIES_TAKEN.get(&self.tx, &key)?.map(|row| (number, row)));
        }
        Ok(due)
    }

    /// The size of an artifact that a peer was served whole, or may have been: it may when
    /// serving began and nothing is written of its end.
    pub fn served_size(
        &self,
        peer: &HumanKey,
        artifact: &ArtifactId,
    ) -> Result<Option<u64>, LookError> {
        for (id, receipt) in self.receipts_over(artifact)? {
            let row = self.delivery(&id, peer)?;
            if row.is_some_and(|row| row.whole > 0 || row.open.is_some()) {
                let opened = Receipt::open(&receipt.envelope);
                return Ok(opened.ok().map(|(opened, _)| opened.payload.obj.size));
            }
        }
        Ok(None)
    }

    /// Everything that was served, by peer.
    pub fn servings(&self) -> Result<BTreeMap<HumanKey, Vec<Serving>>, LookError> {
        let mut servings: BTreeMap<HumanKey, Vec<Serving>> = BTreeMap::new();
        DELIVERIES.walk(&self.tx, &[], false, |key, row| {
            let peer = key.get(32..64).and_then(|peer| peer.try_into().ok());
            if let (Some(receipt), Some(peer)) = (id_at(key, 0), peer)
                && (row.bytes > 0 || row.whole > 0 || row.open.is_some())
            {
                let of_peer = servings.entry(HumanKey::from_bytes(peer)).or_default();
                of_peer.push(Serving { receipt, row });
            }
            true
        })?;
        Ok(servings)
    }
}
