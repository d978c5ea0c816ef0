//! Delivery receipts: those this node made as a taker, and those it took as a giver.

use super::{Change, Changed, EMPTY_DELIVERY};
use crate::{
    look::{books::given_key, shelves::*},
    rows::SettleRow,
    shelf::join,
};
use artifact::{ArtifactId, HumanKey, UnixMillis};

impl Change<'_> {
    /// Remembers when it was seen that a peer holds more of what was told than this store knows.
    pub fn put_older(&mut self, peer: &HumanKey, seen: UnixMillis) -> Changed {
        Ok(OLDER.put(&self.tx, peer.as_bytes(), &seen)?)
    }

    /// Marks that serving begins, until it is written how it ended.
    pub fn open_serving(&mut self, receipt: &ArtifactId, peer: &HumanKey, session: u64) -> Changed {
        let key = join(receipt.as_bytes(), peer.as_bytes());
        let mut row = DELIVERIES.peek(&self.tx, &key)?.unwrap_or(EMPTY_DELIVERY);
        row.open = Some(session);
        Ok(DELIVERIES.put(&self.tx, &key, &row)?)
    }

    /// This node's delivery receipt for what a giver gave, as this transaction sees it.
    pub fn delivery_taken(
        &self,
        giver: &HumanKey,
        artifact: &ArtifactId,
    ) -> Changed<Option<SettleRow>> {
        Ok(DELIVERIES_TAKEN.peek(&self.tx, &join(giver.as_bytes(), artifact.as_bytes()))?)
    }

    /// Keeps a delivery receipt of this node. It is due until the giver answers it.
    pub fn put_delivery_taken(
        &mut self,
        giver: &HumanKey,
        artifact: &ArtifactId,
        id: &ArtifactId,
        row: &SettleRow,
    ) -> Changed {
        let named = join(giver.as_bytes(), id.as_bytes());
        DELIVERY_IDS.put(&self.tx, &named, artifact)?;
        let due = join(giver.as_bytes(), &row.claim.count.to_be_bytes());
        if row.countersign.is_none() && row.diverged.is_none() {
            DELIVERIES_DUE.put(&self.tx, &due, artifact)?;
        } else {
            DELIVERIES_DUE.remove(&self.tx, &due)?;
        }
        let key = join(giver.as_bytes(), artifact.as_bytes());
        Ok(DELIVERIES_TAKEN.put(&self.tx, &key, row)?)
    }

    /// Keeps a delivery receipt of a taker: for each artifact at most one that agrees with the
    /// book and one that does not, so that a peer takes no more room than it was served.
    pub fn put_delivery_given(
        &mut self,
        taker: &HumanKey,
        artifact: &ArtifactId,
        row: &SettleRow,
    ) -> Changed {
        let key = given_key(taker, artifact, row.diverged.is_some());
        Ok(DELIVERIES_GIVEN.put(&self.tx, &key, row)?)
    }
}
