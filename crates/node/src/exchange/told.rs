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
    pub(crate) peer: HumanKey,
}

impl House {
    /// What `to` is entitled to hear now, journalled as told.
    pub(crate) async fn offers_to(
        self: &Arc<Self>,
        to: &HumanKey,
    ) -> Result<Vec<peer::Offer>, Fault> {
        let now = self.now();
        let mut offers = Vec::new();
        for receipt in self.live_receipts() {
            if receipt.admits(to, &receipt.receipt().obj.id, now) {
                offers.extend(self.offer(&receipt)?);
            }
        }
        self.tell(&offers, to).await?;
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
                Err(fault) => tracing::info!(%fault, "a peer is told at its next connection"),
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
        let offers: Vec<peer::Offer> = self.offer(receipt)?.into_iter().collect();
        self.tell(&offers, human).await?;
        host.push(human, offers).await.map_err(|e| Fault::not_now(e.to_string(), ""))
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
        Ok(Some(peer::Offer { receipt: VerifiedReceipt::clone(receipt), head }))
    }

    async fn tell(self: &Arc<Self>, offers: &[peer::Offer], peer: &HumanKey) -> Result<(), Fault> {
        let tells: Vec<Tell> = offers
            .iter()
            .map(|o| Tell {
                receipt: o.receipt.id(),
                artifact: o.receipt.receipt().obj.id,
                peer: *peer,
            })
            .collect();
        if tells.is_empty() {
            return Ok(());
        }
        self.happen(|reply| Event::Told(tells, reply)).await
    }

    /// One line a receipt and peer, however often the head is told again.
    pub(crate) fn on_told(&self, tells: &[Tell]) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            for Tell { receipt, artifact, peer } in tells.iter().copied() {
                if change.put_told(&receipt, &peer)? {
                    change.append(Entry::Told { receipt, artifact, peer }, now)?;
                }
            }
            Ok(())
        })
    }
}
