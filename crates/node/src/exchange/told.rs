//! Telling heads: each peer hears only what a live receipt lets it hear, and the journal has
//! it before the wire does.

use crate::{
    Fault,
    event::Event,
    house::{House, lock},
};
use artifact::{ArtifactId, Head, HumanKey};
use consent::{Event as Entry, VerifiedReceipt};
use std::sync::Arc;

/// A head that a peer is about to be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tell {
    pub(crate) receipt: ArtifactId,
    pub(crate) artifact: ArtifactId,
}

impl House {
    /// What `to` is entitled to hear now and does not hold, journalled as told.
    pub(crate) async fn offers_to(
        self: &Arc<Self>,
        to: &HumanKey,
        kept: u64,
    ) -> Result<Vec<peer::Offer>, Fault> {
        let row = self.look()?.peer(to)?;
        // They hold what this store does not know to have told: it was restored from before.
        let anew = row.as_ref().is_some_and(|row| kept > row.heads_told);
        if anew && row.is_some_and(|row| !row.older) {
            self.happen(|reply| Event::Older(*to, reply)).await?;
        }
        let now = self.now();
        let mut offers = Vec::new();
        if self.shut.human(to) {
            return Ok(offers);
        }
        let look = self.look()?;
        for receipt in self.gate.entitling(to, now) {
            // What they acknowledged is most of it: nothing more is done about that.
            let told = look.delivery(&receipt.id(), to)?.map_or(0, |delivery| delivery.seq);
            if !anew && (1..=kept).contains(&told) {
                continue;
            }
            match self.offer_to(to, &receipt) {
                Ok(offer) => offers.extend(offer),
                // One that cannot be read keeps nobody from the others.
                Err(fault) => tracing::error!(receipt = %receipt.id(), %fault, "it is not offered"),
            }
        }
        drop(look);
        self.tell(&mut offers, to, kept).await?;
        offers.retain(|offer| offer.seq > kept);
        offers.sort_by_key(|offer| offer.seq);
        Ok(offers)
    }

    /// Tells the connected members of an audience at once. Gives how many were told.
    pub(crate) async fn tell_connected(
        self: &Arc<Self>,
        host: &peer::Host,
        receipt: &Arc<VerifiedReceipt>,
    ) -> usize {
        let mut told = 0;
        for connected in host.connected() {
            let human = connected.party.human;
            if !receipt.admits(&human, &receipt.receipt().obj.id, self.now()) {
                continue;
            }
            match self.push(host, &human, receipt).await {
                Ok(()) => told += 1,
                Err(fault) => {
                    tracing::info!(%fault, "a peer is told at the next tick, or connection");
                    host.tell_again(&human);
                }
            }
        }
        told
    }

    async fn push(
        self: &Arc<Self>,
        host: &peer::Host,
        human: &HumanKey,
        receipt: &Arc<VerifiedReceipt>,
    ) -> Result<(), Fault> {
        let mut offers: Vec<peer::Offer> = self.offer_to(human, receipt)?.into_iter().collect();
        self.tell(&mut offers, human, 0).await?;
        // One that was ended meanwhile has no number.
        offers.retain(|offer| offer.seq > 0);
        if offers.is_empty() {
            return Err(Fault::not_now("it was ended meanwhile", ""));
        }
        host.push(human, offers).await.map_err(|e| Fault::not_now(e.to_string(), ""))
    }

    fn offer_to(
        &self,
        to: &HumanKey,
        receipt: &Arc<VerifiedReceipt>,
    ) -> Result<Option<peer::Offer>, Fault> {
        if self.may_be_told(to, receipt)? { self.offer(receipt) } else { Ok(None) }
    }

    fn offer(&self, receipt: &Arc<VerifiedReceipt>) -> Result<Option<peer::Offer>, Fault> {
        let id = receipt.receipt().obj.id;
        let known = lock(&self.heads).get(&id).cloned();
        let head = match known {
            Some(head) => head,
            None => {
                let Some(bytes) = self.look()?.snapshot(&id)? else { return Ok(None) };
                let head = Head::of(&bytes).and_then(|h| h.encode()).map_err(Fault::broken)?;
                lock(&self.heads).insert(id, head.clone());
                head
            }
        };
        Ok(Some(peer::Offer { seq: 0, receipt: VerifiedReceipt::clone(receipt), head }))
    }

    /// Writes down that `peer`, who holds heads up to `kept`, is told these, and numbers them.
    async fn tell(
        self: &Arc<Self>,
        offers: &mut [peer::Offer],
        peer: &HumanKey,
        kept: u64,
    ) -> Result<(), Fault> {
        let told = |offer: &peer::Offer| {
            let receipt = &offer.receipt;
            Tell { receipt: receipt.id(), artifact: receipt.receipt().obj.id }
        };
        let tells: Vec<Tell> = offers.iter().map(told).collect();
        if tells.is_empty() {
            return Ok(());
        }
        let numbers = self.happen(|reply| Event::Told(*peer, tells, kept, reply)).await?;
        offers.iter_mut().zip(numbers).for_each(|(offer, seq)| offer.seq = seq);
        Ok(())
    }

    /// Numbers what a peer is told. One line a receipt and peer, however often it is told again.
    ///
    /// A peer that holds more than it was ever told is told everything again above that: this
    /// store is older than the one that told it.
    pub(crate) fn on_told(
        &self,
        peer: &HumanKey,
        tells: &[Tell],
        kept: u64,
    ) -> Result<Vec<u64>, Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            let Some(mut row) = change.peer(peer)? else { return Ok(vec![0; tells.len()]) };
            let anew = kept > row.heads_told;
            row.heads_told = row.heads_told.max(kept);
            let before = row.heads_told;
            let mut numbers = Vec::with_capacity(tells.len());
            for Tell { receipt, artifact } in tells.iter().copied() {
                if self.gate.is_stopped(&receipt, peer) || self.shut.human(peer) {
                    numbers.push(0);
                    continue;
                }
                let known = change.delivery(&receipt, peer)?.map_or(0, |delivery| delivery.seq);
                if known > 0 && !anew {
                    numbers.push(known);
                    continue;
                }
                row.heads_told += 1;
                numbers.push(row.heads_told);
                if change.put_told(&receipt, peer, row.heads_told)? {
                    change.append(Entry::Told { receipt, artifact, peer: *peer }, now)?;
                }
            }
            if anew || row.heads_told > before {
                change.put_peer(peer, &row)?;
            }
            Ok(numbers)
        })
    }
}
