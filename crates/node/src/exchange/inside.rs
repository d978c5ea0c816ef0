//! What the network asks of the node.

use crate::{Notice, event::Event, exchange::earlier, house::House};
use artifact::{ArtifactId, HumanKey, TransportKey, UnixMillis};
use consent::{AskId, Event as Entry, Party, VerifiedCard, VerifiedReceipt};
use peer::{
    Address, BoxFuture, Code, DialTag, Diverged, Inside, Invite, InviteId, Kept, Offer, Offered,
    PinError, ServeError, SettleReply, Standing, TellError,
};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// The node as its host sees it. Weak, so that the host never keeps the node alive.
pub(crate) struct Network(Weak<House>);

impl Network {
    pub(crate) fn new(house: &Arc<House>) -> Self {
        Self(Arc::downgrade(house))
    }
}

impl Inside for Network {
    fn now(&self) -> UnixMillis {
        self.0.upgrade().map_or(0, |house| house.now())
    }

    fn card(&self) -> Arc<[u8]> {
        let me = self.0.upgrade().and_then(|house| house.me().ok());
        me.map_or_else(|| Arc::from([]), |me| Arc::from(me.row.card.as_slice()))
    }

    fn standing(&self, endpoint: &TransportKey) -> Standing {
        let Some(house) = self.0.upgrade() else { return Standing::Unknown };
        if house.shut.endpoint(endpoint) {
            return Standing::Blocked;
        }
        let pinned = house.look().ok().and_then(|look| {
            let human = look.human_at(endpoint).ok().flatten()?;
            if house.shut.human(&human) {
                return Some(Standing::Blocked);
            }
            let row = look.peer(&human).ok().flatten()?;
            let kept = Kept { heads: row.heads_kept, revocations: row.revocations_kept };
            Some(Standing::Pinned { human, card_seq: row.card_seq, kept })
        });
        pinned.unwrap_or(Standing::Unknown)
    }

    fn invites(&self) -> Vec<Invite> {
        let Some(house) = self.0.upgrade() else { return Vec::new() };
        let rows = house.look().and_then(|look| Ok(look.invites(house.now())?));
        let rows = rows.unwrap_or_default();
        let invite = |(id, row): (InviteId, store::InviteRow)| {
            Some(Invite { id, secret: row.secret.try_into().ok()?, expires: row.expires })
        };
        rows.into_iter().filter_map(invite).collect()
    }

    fn pin<'a>(
        &'a self,
        card: VerifiedCard,
        invite: Option<InviteId>,
        dialled: Option<DialTag>,
    ) -> BoxFuture<'a, Result<(), PinError>> {
        Box::pin(async move {
            let stopped = || PinError::Broken("the node is stopping".into());
            let house = self.0.upgrade().ok_or_else(stopped)?;
            let ask = dialled.and_then(|tag| tag.0.parse::<AskId>().ok());
            let pinned = house.happen(|reply| Event::Pin(Box::new(card), invite, ask, reply)).await;
            // Whoever used a ticket without addresses stays hidden from as the peer they are now.
            house.hide_later();
            pinned.map_err(|fault| match fault.code {
                crate::Code::Refused => PinError::Spent,
                crate::Code::NotNow => PinError::Refused,
                crate::Code::Invalid => PinError::CardOld,
                _ => PinError::Broken(fault.what),
            })
        })
    }

    fn ready<'a>(&'a self, party: Party, card: VerifiedCard) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(house) = self.0.upgrade() else { return };
            let row = house.look().ok().and_then(|look| look.peer(&party.human).ok()?);
            if row.as_ref().is_some_and(|row| earlier::is_old(row, &card)) {
                let (endpoint, code) = (party.transport, Code::CardOld);
                house.refused(endpoint, Some(party.human), code.word());
                if let Some(host) = house.host() {
                    host.shut_out(&endpoint, None, code);
                }
                return;
            }
            house.tally.began(&party.human);
            house.fetching.forget(&party.human);
            let addrs = house.host().map(|h| h.last_addrs(&party.transport)).unwrap_or_default();
            let addrs = addrs.iter().map(ToString::to_string).collect();
            // What waits is of the session before; what this one tells from now on is newer.
            house.forget_whereabouts(&party.human);
            let newer = row.is_none_or(|row| card.card().seq > row.card_seq);
            let (reply, kept) = oneshot::channel();
            house.send(Event::Seen(party, Box::new(card), addrs, reply));
            // A newer card is kept before anything is done on its word. That one was seen again
            // holds up nobody.
            if newer {
                // What failed has been logged.
                drop(kept.await);
            }
            house.dialling.succeeded(&party.human);
            // Shut out while hands were shaken: it goes no further.
            if let Some(host) = house.host()
                && house.shut.holds(&party.transport, &party.human)
            {
                host.shut_out(&party.transport, Some(&party.human), Code::Waiting);
            }
        })
    }

    fn gone(&self, party: Party, why: &str) {
        let Some(house) = self.0.upgrade() else { return };
        tracing::info!(peer = %party.human, why, "a session is over");
        house.tally.gone(&party.human);
        house.send(Event::Gone(party.human));
        house.notify(Notice::Peers);
    }

    fn offers<'a>(&'a self, to: Party, kept: u64) -> BoxFuture<'a, Result<Vec<Offer>, TellError>> {
        Box::pin(async move {
            let Some(house) = self.0.upgrade() else { return Ok(Vec::new()) };
            // Only now is the session among those that are connected: before, nothing could be
            // fetched over it, and a face that looked again would not have seen it.
            house.notify(Notice::Peers);
            house.fetch_open(to);
            house.offers_to(&to.human, kept).await.map_err(|fault| TellError(fault.what))
        })
    }

    fn heads<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        offers: Vec<Offered>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            let house = self.0.upgrade().ok_or(Code::Leaving)?;
            house.take_heads(from, &card, offers).await
        })
    }

    fn blocked(&self, human: &HumanKey) -> bool {
        self.0.upgrade().is_some_and(|house| house.shut.human(human))
    }

    fn knocked<'a>(&'a self, card: VerifiedCard, endpoint: TransportKey) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(house) = self.0.upgrade() {
                house.knocked(card, endpoint).await;
            }
        })
    }

    fn violated(&self, endpoint: TransportKey, human: Option<HumanKey>, code: Code) {
        if let Some(house) = self.0.upgrade() {
            house.violated(endpoint, human, code);
        }
    }

    fn revocations<'a>(
        &'a self,
        to: Party,
        kept: u64,
    ) -> BoxFuture<'a, Result<Vec<Vec<u8>>, TellError>> {
        Box::pin(async move {
            let Some(house) = self.0.upgrade() else { return Ok(Vec::new()) };
            let told = house.revocations_for(&to.human, kept).await;
            told.map_err(|fault| TellError(fault.what))
        })
    }

    fn revoked<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        list: Vec<Vec<u8>>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            let house = self.0.upgrade().ok_or(Code::Leaving)?;
            house.take_revocations(from, &card, list).await
        })
    }

    fn deliveries<'a>(&'a self, to: Party) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            // Said from one place, so that they leave in their order whatever comes meanwhile.
            if let Some(house) = self.0.upgrade() {
                house.settle_later(to.human);
            }
            Vec::new()
        })
    }

    fn delivered<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<SettleReply, Code>> {
        Box::pin(async move {
            let house = self.0.upgrade().ok_or(Code::Leaving)?;
            house.take_delivery(from, card, envelope).await
        })
    }

    fn countersigned<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            let house = self.0.upgrade().ok_or(Code::Leaving)?;
            house.take_countersign(from, card, envelope).await
        })
    }

    fn diverged<'a>(&'a self, from: Party, theirs: Diverged) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(house) = self.0.upgrade() else { return };
            let event = |reply| Event::Diverged(from.human, theirs, reply);
            if let Err(fault) = house.happen(event).await {
                tracing::error!(%fault, "a receipt that differs could not be kept");
            }
        })
    }

    fn entitled(&self, to: &Party, id: &ArtifactId) -> Option<Arc<VerifiedReceipt>> {
        let house = self.0.upgrade()?;
        if house.shut.holds(&to.transport, &to.human) {
            return None;
        }
        let receipt = house.gate.entitles(&to.human, id, house.now())?;
        // What cannot be looked up is not served.
        house.may_be_told(&to.human, &receipt).unwrap_or(false).then_some(receipt)
    }

    fn serving<'a>(
        &'a self,
        receipt: &'a VerifiedReceipt,
        to: Party,
        session: u64,
    ) -> BoxFuture<'a, Result<(), ServeError>> {
        Box::pin(async move {
            let stopped = || ServeError("the node is stopping".into());
            let house = self.0.upgrade().ok_or_else(stopped)?;
            let entry = Entry::Serving {
                receipt: receipt.id(),
                artifact: receipt.receipt().obj.id,
                peer: to.human,
                session,
            };
            let written = house.happen(|reply| Event::Serving(entry, reply)).await;
            written.map_err(|fault| ServeError(fault.what))
        })
    }

    fn served(
        &self,
        receipt: ArtifactId,
        artifact: ArtifactId,
        to: Party,
        session: u64,
        bytes: u64,
        whole: bool,
    ) {
        let Some(house) = self.0.upgrade() else { return };
        if house.tally.served(receipt, session, (artifact, to, bytes, whole)) {
            house.send(Event::Served);
        }
    }

    fn moved(&self) {
        if let Some(house) = self.0.upgrade() {
            house.network_moved();
        }
    }

    fn reached_at(&self, party: Party, addresses: Vec<Address>) {
        if let Some(house) = self.0.upgrade() {
            house.reached_at(party.human, &addresses);
        }
    }

    fn rerouted(&self, _party: Party) {
        if let Some(house) = self.0.upgrade() {
            house.notify(Notice::Peers);
        }
    }

    fn refused(&self, endpoint: TransportKey, human: Option<HumanKey>, why: &'static str) {
        if let Some(house) = self.0.upgrade() {
            house.refused(endpoint, human, why);
        }
    }
}
