//! Settling: a taker signs for what it received, the giver countersigns, and both keep both.
//!
//! It comes after the bytes and never holds them up: who does not sign is recorded as
//! unacknowledged, and is served all the same. A receipt is due until it is answered; what is
//! lost on the way is said again at the next Ready, and answered as before.

pub(crate) mod book;

use crate::{
    Fault, Notice,
    event::Event,
    house::{House, lock},
};
use artifact::{Delivery, HumanKey, UnixMillis};
use book::{Hand, Judged};
use consent::{DeliveryRefused, Event as Entry, Party, VerifiedCard};
use peer::{Code, Diverged, SettleReply};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// Delivery receipts that are said in one go.
const BATCH: usize = 64;
/// How long the end of serving may take to be known here after the taker has signed for it: the
/// last byte and the line about it part ways, and a taker may be the quicker.
const LAG: Duration = Duration::from_secs(3);

/// What was said to whom in a session, so that every receipt is said once in it, in order.
#[derive(Debug, Default)]
pub(crate) struct Said {
    session: u64,
    upto: u64,
}

/// The way to one giver: whoever holds it speaks.
#[derive(Debug, Default)]
pub(crate) struct Line {
    said: tokio::sync::Mutex<Said>,
    /// Whether somebody waits to speak: one is enough, for it says everything that is due.
    awaited: AtomicBool,
}

/// One line to each giver: receipts leave in the order of their numbers.
pub(crate) type Lines = Mutex<BTreeMap<HumanKey, Arc<Line>>>;

/// What became of a delivery receipt.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It is answered.
    Answered(SettleReply),
    /// It is not valid.
    Refused(DeliveryRefused),
}

/// As a taker.
impl House {
    /// Says every delivery receipt that is due and was not said in this session.
    async fn settle_up(self: &Arc<Self>, giver: HumanKey, line: &Line) {
        let mut said = line.said.lock().await;
        // What becomes due from here on may be missed below, and is somebody else's to say.
        line.awaited.store(false, Ordering::SeqCst);
        let Some(host) = self.host() else { return };
        let Some(session) = host.session(&giver) else { return };
        if said.session != session {
            *said = Said { session, upto: 0 };
        }
        loop {
            let look = self.look();
            let due = look.and_then(|look| Ok(look.deliveries_due(&giver, said.upto, BATCH)?));
            let due = match due {
                Ok(due) => due,
                Err(fault) => {
                    return tracing::error!(%fault, "delivery receipts cannot be read");
                }
            };
            let Some(upto) = due.last().map(|(number, _)| *number) else { return };
            let list = due.into_iter().map(|(_, row)| row.delivery.into_vec());
            let list = list.filter(|said| self.knows_our_author(&host, &giver, said)).collect();
            if let Err(error) = host.deliver(&giver, list).await {
                // Said again from the first that is due.
                *said = Said::default();
                return tracing::info!(%error, "delivery receipts are said later");
            }
            said.upto = upto;
        }
    }

    /// The same, in the background.
    pub(crate) fn settle_later(self: &Arc<Self>, giver: HumanKey) {
        let line = Arc::clone(lock(&self.settling).entry(giver).or_default());
        if line.awaited.swap(true, Ordering::SeqCst) {
            return;
        }
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = house.stop.cancelled() => {}
                () = house.settle_up(giver, &line) => {}
            }
        });
    }

    /// Says what could not be said, to everybody who is connected.
    pub(crate) fn settle_late(self: &Arc<Self>) {
        let connected = self.host().map(|host| host.connected()).unwrap_or_default();
        connected.into_iter().for_each(|c| self.settle_later(c.party.human));
    }

    /// Takes a giver's countersignature.
    pub(crate) async fn take_countersign(
        self: &Arc<Self>,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> Result<(), Code> {
        let event = |reply| Event::Countersigned(Box::new(card), envelope, reply);
        match self.happen(event).await {
            Ok(Ok(new)) => {
                if new {
                    self.notify(Notice::Peers);
                }
                Ok(())
            }
            Ok(Err(refused)) => Err(self.refuse_settling(from, &refused).await),
            Err(fault) => {
                tracing::error!(%fault, "a countersignature could not be kept");
                Ok(())
            }
        }
    }

    pub(crate) fn on_countersigned(
        &self,
        card: &VerifiedCard,
        envelope: Vec<u8>,
    ) -> Result<Result<bool, DeliveryRefused>, Fault> {
        let card = self.with_earlier(card)?;
        let open = match book::acknowledged(&self.look()?, &card, &envelope)? {
            Ok(open) => open,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(open) = open else { return Ok(Ok(false)) };
        let giver = card.card().human;
        self.store.change(|change| book::acknowledge(change, &giver, open, envelope))?;
        Ok(Ok(true))
    }

    /// A giver's book does not agree with a delivery receipt of this node.
    pub(crate) fn on_diverged(&self, giver: &HumanKey, theirs: Diverged) -> Result<(), Fault> {
        let (look, now) = (self.look()?, self.now());
        let known = look.delivery_named(giver, &theirs.delivery)?;
        // What changes nothing costs no transaction, however often it is said.
        if known.is_none_or(|(_, row)| row.countersign.is_some() || row.diverged.is_some()) {
            return Ok(());
        }
        let new = self.store.change(|change| book::differ(&look, change, giver, theirs, now))?;
        if new {
            self.notify(Notice::Peers);
        }
        Ok(())
    }
}

/// As a giver.
impl House {
    /// Takes a delivery receipt: countersigned, or answered with this node's totals.
    pub(crate) async fn take_delivery(
        self: &Arc<Self>,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> Result<SettleReply, Code> {
        // Opened once outside the loop, so that what is not even valid takes none of its time.
        let delivery = match Delivery::open(&envelope) {
            Ok((opened, _)) => opened,
            Err(error) => {
                return Err(self.refuse_settling(from, &DeliveryRefused::Envelope(error)).await);
            }
        };
        let mut ended = self.tally.ended();
        let settle = async {
            loop {
                ended.mark_unchanged();
                let (card, envelope) = (card.clone(), envelope.clone());
                let event = |reply| Event::Delivered(Box::new(card), envelope, reply);
                match self.happen(event).await {
                    Ok(Settled::Refused(DeliveryRefused::NotServed)) => {}
                    settled => return settled,
                }
                if ended.changed().await.is_err() {
                    return Err(Fault::stopping());
                }
            }
        };
        match timeout(LAG, settle).await {
            Ok(Ok(Settled::Answered(reply))) => Ok(reply),
            Ok(Ok(Settled::Refused(refused))) => Err(self.refuse_settling(from, &refused).await),
            Ok(Err(fault)) => {
                tracing::error!(%fault, "a delivery receipt could not be kept");
                Err(Code::Broken)
            }
            Err(_late) if self.is_older_than(&from.human, delivery.payload.iat) => {
                let given = self.look().ok().and_then(|look| look.peer(&from.human).ok().flatten());
                let given = given.map(|row| row.given).unwrap_or_default();
                Ok(SettleReply::Diverged(book::said(delivery.id, given)))
            }
            Err(_late) => Err(self.refuse_settling(from, &DeliveryRefused::NotServed).await),
        }
    }

    /// Writes a refusal down, and says how the session ends. Whoever signs what is not so is
    /// shut out for it.
    async fn refuse_settling(self: &Arc<Self>, from: Party, refused: &DeliveryRefused) -> Code {
        tracing::warn!(peer = %from.human, why = refused.why(), "refused");
        if refused.is_violation() {
            self.quarantine(from, refused.why()).await;
            return Code::Violation;
        }
        self.refused(from.transport, Some(from.human), refused.why());
        Code::Unsupported
    }

    pub(crate) fn on_delivered(
        &self,
        card: &VerifiedCard,
        envelope: Vec<u8>,
    ) -> Result<Settled, Fault> {
        // What was served is written down before it is signed for.
        self.on_served()?;
        let (me, now) = (self.me()?, self.now());
        let hand = Hand { human: me.row.human, author: &me.author, now };
        let card = self.with_earlier(card)?;
        let reply = match book::judge(&self.look()?, &me.row.human, &card, &envelope)? {
            Judged::Answered(reply) => return Ok(Settled::Answered(self.anew(reply, now)?)),
            Judged::Refused(refused) => return Ok(Settled::Refused(refused)),
            Judged::Agrees(id, delivery) => self
                .store
                .change(|change| book::countersign(change, hand, (id, &delivery), envelope))?,
            Judged::Differs(id, delivery, book) => self
                .store
                .change(|change| book::flag(change, now, (id, &delivery, book), envelope))?,
        };
        self.notify(Notice::Peers);
        Ok(Settled::Answered(reply))
    }

    /// Whether this store may have forgotten what a peer signed for at `iat`: it was restored from
    /// before, and that was seen at this time or later. What is signed after that is known here.
    fn is_older_than(&self, peer: &HumanKey, iat: UnixMillis) -> bool {
        let Ok(look) = self.look() else { return false };
        let by = |seen: UnixMillis| iat <= seen.saturating_add(consent::CLOCK_SKEW);
        if look.older(peer).ok().flatten().is_some_and(by) {
            return true;
        }
        let mut restored = None;
        let walked = look.journal(u64::MAX, |_, bytes| {
            let entry = consent::Entry::decode(&bytes).ok();
            let entry = entry.filter(|entry| matches!(entry.event, Entry::Restored { .. }));
            restored = entry.map(|entry| entry.at);
            restored.is_none()
        });
        walked.is_ok() && restored.is_some_and(by)
    }

    /// Keeps that a peer holds heads that this store does not know to have told.
    pub(crate) fn on_older(&self, peer: &HumanKey) -> Result<(), Fault> {
        let now = self.now();
        self.store.change(|change| {
            let Some(mut row) = change.peer(peer)? else { return Ok(()) };
            row.older = true;
            change.put_older(peer, now)?;
            Ok::<_, Fault>(change.put_peer(peer, &row)?)
        })
    }

    /// Writes down, before the first byte, that serving begins.
    pub(crate) fn on_serving(&self, event: Entry) -> Result<(), Fault> {
        let now = self.now();
        if let Entry::Serving { receipt, peer, .. } = &event
            && (self.gate.is_stopped(receipt, peer) || self.shut.human(peer))
        {
            return Err(Fault::refused("serving under this receipt was ended", ""));
        }
        self.store.change(|change| {
            if let Entry::Serving { receipt, peer, session, .. } = &event {
                change.open_serving(receipt, peer, *session)?;
            }
            Ok::<_, Fault>(change.append(event, now).map(drop)?)
        })
    }
}
