//! Keys that were replaced, here and at others.
//!
//! Promises: what a former author_key signed stays its human's, as far as this node has seen the card
//! that named the key; somebody who comes from another endpoint is taken for who they are only with
//! the same human_key and the same author_key, and a newer card; what a former author_key of this
//! node sealed is told to nobody who would not know the key.

use crate::{
    Fault, Notice, audience::MAX_NAME, event::Event, exchange::strangers::Visit, house::House,
};
use artifact::{
    Audience, Countersign, Crystal, Delivery, HumanKey, TransportKey, UnixMillis, display,
};
use consent::{Event as Entry, VerifiedCard, VerifiedReceipt};
use peer::{Host, SettleReply};
use std::{collections::BTreeMap, sync::Arc};
use store::{Change, Look, PeerRow};

/// The most earlier cards of one human that are kept: a new one costs its human nothing.
pub(crate) const MAX_EARLIER: usize = 64;

/// As whom somebody comes who is not known at their endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comes {
    /// As somebody whom this human is to let in.
    New,
    /// As somebody who is pinned, from another endpoint than before: their card is newer, and they
    /// have proven the author_key of the last one.
    Moved,
    /// With a card that a pinned human has replaced.
    Old,
}

impl House {
    /// The card, beside those that were kept of the same human before, and the one that it could
    /// not be kept in the place of.
    pub(crate) fn with_earlier(&self, card: &VerifiedCard) -> Result<VerifiedCard, Fault> {
        let (look, human) = (self.look()?, card.card().human);
        let mut earlier = look.earlier_cards(&human)?;
        earlier.extend(look.peer(&human)?.map(|row| row.card));
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

    /// Whom what was shared does not reach any more once the author_key is another, for the human's
    /// eye.
    pub(crate) fn lost_with_author(&self, look: &Look) -> Result<String, Fault> {
        let peers: BTreeMap<HumanKey, PeerRow> = look.peers()?.into_iter().collect();
        let mut lost: BTreeMap<HumanKey, usize> = BTreeMap::new();
        for receipt in self.kept_receipts()? {
            let id = receipt.id();
            let named = match &receipt.receipt().aud {
                Audience::Peers(named) => named.clone(),
                Audience::Public => peers.keys().copied().collect(),
            };
            for human in named {
                let told = look.delivery(&id, &human)?.is_some_and(|delivery| delivery.told);
                if !told && !self.gate.is_stopped(&id, &human) {
                    *lost.entry(human).or_default() += 1;
                }
            }
        }
        let asks = look.pending()?.iter().filter(|ask| ask.wish.object().is_some()).count();
        let mut lines: Vec<String> = Vec::new();
        for (human, shares) in &lost {
            let name = peers.get(human).map_or("somebody forgotten", |row| row.name.as_str());
            let shares = display::count(*shares, "share has", "shares have");
            lines.push(format!(
                "{shares} not been told to {} and will not be",
                display::line(name, MAX_NAME)
            ));
        }
        if lost.is_empty() {
            lines.push("everybody was told of what was shared with them".to_owned());
        }
        if asks > 0 {
            let asks = display::count(asks, "ask to share waits", "asks to share wait");
            lines.push(format!("{asks}, to be cancelled"));
        }
        Ok(lines.join("\n"))
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

    /// As whom somebody comes who is not known at their endpoint.
    pub(crate) fn comes_as(look: &Look, card: &VerifiedCard) -> Result<Comes, Fault> {
        let (new, Some(row)) = (card.card(), look.peer(&card.card().human)?) else {
            return Ok(Comes::New);
        };
        if is_old(&row, card) {
            return Ok(Comes::Old);
        }
        let before = VerifiedCard::open(&row.card).map_err(Fault::broken)?;
        let old = before.card();
        let moved = new.transport != old.transport && new.author == old.author;
        Ok(if moved && new.seq > row.card_seq { Comes::Moved } else { Comes::New })
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
        if self.shut.holds(&endpoint, &human)
            || Self::comes_as(&self.look()?, card)? != Comes::Moved
        {
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

    /// Takes a card into a row: the only place where that changes. The one before is kept where it
    /// named another author_key or began earlier. An old card is refused with all that came with it.
    pub(crate) fn put_card(
        &self,
        change: &mut Change<'_>,
        row: &mut PeerRow,
        card: &VerifiedCard,
    ) -> Result<(), Fault> {
        let keys = card.card();
        if is_old(row, card) {
            let hint = "ask them over another way what happened";
            return Err(Fault::invalid("a newer card of this human is known here", hint));
        }
        if keys.seq == row.card_seq {
            return Ok(());
        }
        if let Ok(before) = VerifiedCard::open(&row.card)
            && (before.card().author != keys.author || before.card().iat < keys.iat)
            && self.look()?.earlier_cards(&keys.human)?.len() < MAX_EARLIER
        {
            change.put_earlier_card(&keys.human, &row.card)?;
        }
        (row.card, row.card_seq) = (card.envelope().to_vec(), keys.seq);
        Ok(())
    }
}

/// Whether a card is older than the one that is kept of its human, or another one of its number:
/// whoever shows it may hold keys that were replaced.
pub(crate) fn is_old(row: &PeerRow, card: &VerifiedCard) -> bool {
    let seq = card.card().seq;
    seq < row.card_seq || (seq == row.card_seq && card.envelope() != row.card.as_slice())
}
