//! Keys that were replaced, here and at others.
//!
//! Promises: what a former author_key signed stays its human's, as far as this node has seen the card
//! that named the key; somebody who comes from another endpoint is taken for who they are only with
//! the same human_key and the same author_key, and a newer card; what a former author_key of this
//! node sealed is told to nobody who would not know the key.

use crate::{Fault, Notice, event::Event, exchange::strangers::Visit, house::House};
use artifact::{Countersign, Crystal, Delivery, HumanKey, TransportKey, UnixMillis};
use consent::{Event as Entry, VerifiedCard, VerifiedReceipt};
use peer::{Host, SettleReply};
use std::sync::Arc;
use store::{Change, Look, PeerRow};

/// The most earlier cards of one human that are kept: a new one costs its human nothing.
pub(crate) const MAX_EARLIER: usize = 64;

impl House {
    /// The card, beside those that were kept of the same human before.
    pub(crate) fn with_earlier(&self, card: &VerifiedCard) -> Result<VerifiedCard, Fault> {
        let earlier = self.look()?.earlier_cards(&card.card().human)?;
        Ok(card.clone().after(earlier.iter().map(Vec::as_slice)))
    }

    /// Whether a peer may be told of, and given, what a receipt covers. What a former author_key
    /// sealed goes on to whom it was told before, and to nobody else: they have seen the card.
    pub(crate) fn may_be_told(
        &self,
        to: &HumanKey,
        receipt: &VerifiedReceipt,
    ) -> Result<bool, Fault> {
        let (me, look) = (self.me()?, self.look()?);
        if look.earlier_cards(&me.row.human)?.is_empty() {
            return Ok(true);
        }
        let Some(bytes) = look.snapshot(&receipt.receipt().obj.id)? else { return Ok(false) };
        let (_, author) = Crystal::open(&bytes).map_err(Fault::broken)?;
        if author == me.row.author {
            return Ok(true);
        }
        let told = look.delivery(&receipt.id(), to)?.is_some_and(|delivery| delivery.told);
        Ok(told && self.host().is_some_and(|host| host.keeps_earlier_cards(to)))
    }

    /// Whether a giver knows the author_key that signed a delivery receipt of this node.
    pub(crate) fn knows_our_author(&self, host: &Host, giver: &HumanKey, said: &[u8]) -> bool {
        let is_ours = || {
            let (author, me) = (Delivery::open(said).ok()?.1, self.me().ok()?);
            Some(author == me.row.author)
        };
        host.keeps_earlier_cards(giver) || is_ours() == Some(true)
    }

    /// An answer that was given before, by the author_key of now: the taker may know no other.
    pub(crate) fn anew(&self, reply: SettleReply, now: UnixMillis) -> Result<SettleReply, Fault> {
        let SettleReply::Countersign(bytes) = &reply else { return Ok(reply) };
        let (me, (opened, author)) = (self.me()?, Countersign::open(bytes).map_err(Fault::broken)?);
        if author == me.row.author {
            return Ok(reply);
        }
        let signed = Countersign { iat: now, ..opened.payload }.seal(&me.author);
        Ok(SettleReply::Countersign(signed.map_err(Fault::broken)?))
    }

    /// Whether this is somebody who is pinned, and comes from another endpoint than before: their
    /// card is newer, and they have proven the author_key of the last one.
    pub(crate) fn has_moved(look: &Look, card: &VerifiedCard) -> Result<bool, Fault> {
        let (new, Some(row)) = (card.card(), look.peer(&card.card().human)?) else {
            return Ok(false);
        };
        let before = VerifiedCard::open(&row.card).map_err(Fault::broken)?;
        let old = before.card();
        Ok(new.transport != old.transport && new.author == old.author && new.seq > row.card_seq)
    }

    /// Somebody who is pinned moved. They come again by themselves.
    pub(crate) async fn moved(self: &Arc<Self>, card: VerifiedCard, endpoint: TransportKey) {
        let human = card.card().human;
        let moved = |reply| Visit::Moved(Box::new(card), endpoint, reply);
        match self.happen(|reply| Event::Stranger(moved(reply))).await {
            Ok(()) => {
                self.notify(Notice::Peers);
                // Where they were is where they are, more often than not.
                self.dialling.succeeded(&human);
                let house = Arc::clone(self);
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = house.stop.cancelled() => {}
                        () = house.dial_known() => {}
                    }
                });
            }
            Err(fault) => tracing::error!(%fault, "that a peer moved could not be kept"),
        }
    }

    pub(crate) fn on_moved(
        &self,
        card: &VerifiedCard,
        endpoint: TransportKey,
    ) -> Result<(), Fault> {
        let (now, human) = (self.now(), card.card().human);
        if self.shut.holds(&endpoint, &human) || !Self::has_moved(&self.look()?, card)? {
            return Ok(());
        }
        self.store.change::<_, Fault>(|change| {
            let taken = change.human_at(&endpoint)?.is_some_and(|other| other != human);
            let Some(mut row) = change.peer(&human)?.filter(|_| !taken) else { return Ok(()) };
            let before = row.transport;
            self.put_card(change, &mut row, card)?;
            row.transport = endpoint;
            change.put_peer(&human, &row)?;
            change.append(Entry::PeerMoved { peer: human, before, endpoint }, now)?;
            Ok(())
        })
    }

    /// Takes a newer card into a row. The one before is kept where it named another author_key.
    pub(crate) fn put_card(
        &self,
        change: &mut Change<'_>,
        row: &mut PeerRow,
        card: &VerifiedCard,
    ) -> Result<(), Fault> {
        let keys = card.card();
        if keys.seq <= row.card_seq {
            return Ok(());
        }
        if let Ok(before) = VerifiedCard::open(&row.card)
            && before.card().author != keys.author
            && self.look()?.earlier_cards(&keys.human)?.len() < MAX_EARLIER
        {
            change.put_earlier_card(&keys.human, &before.card().author, &row.card)?;
        }
        (row.card, row.card_seq) = (card.envelope().to_vec(), keys.seq);
        Ok(())
    }
}
