//! A node in memory, which writes down all that its host tells it.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use super::PATIENCE;
use artifact::{ArtifactId, HumanKey, TransportKey, UnixMillis};
use consent::{Party, VerifiedCard, VerifiedReceipt};
use peer::{
    Address, BoxFuture, DialTag, Diverged, Inside, Invite, InviteId, Kept, Offer, Offered,
    PinError, ServeError, SettleReply, Standing, TellError,
};
use session::Code;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

/// What a node was told, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Pin(HumanKey, Option<InviteId>, Option<String>),
    Ready(Party),
    Gone(Party, String),
    /// It was asked what it offers.
    Looked(Party),
    Heads(Party, Vec<Offered>),
    Revoked(Party, Vec<Vec<u8>>),
    Delivered(Party, Vec<u8>),
    Countersigned(Party, Vec<u8>),
    Diverged(Party, Diverged),
    Knocked(HumanKey, TransportKey),
    Serving(ArtifactId, Party, u64),
    Served {
        artifact: ArtifactId,
        to: Party,
        bytes: u64,
        whole: bool,
    },
    Refused(Option<HumanKey>, &'static str),
    Violated(Option<HumanKey>, Code),
    Wanted(Party, ArtifactId),
    Declined(Party, ArtifactId, String),
    Moved,
    Rerouted(Party),
    ReachedAt(Party, Vec<Address>),
}

/// A node in memory.
pub struct Node {
    clock: fn() -> UnixMillis,
    /// How much later it is than the clock says.
    pub later: AtomicU64,
    pub card: Arc<[u8]>,
    pub pins: Mutex<BTreeMap<TransportKey, Standing>>,
    pub invites: Mutex<Vec<Invite>>,
    pub blocked: Mutex<BTreeSet<HumanKey>>,
    pub offers: Mutex<BTreeMap<HumanKey, Vec<Offer>>>,
    /// What this node withdrew from each human, numbered as they lie, from 1.
    pub revocations: Mutex<BTreeMap<HumanKey, Vec<Vec<u8>>>>,
    /// The delivery receipts for each human.
    pub deliveries: Mutex<BTreeMap<HumanKey, Vec<Vec<u8>>>>,
    /// What this node answers to a delivery receipt.
    pub settles: Mutex<Option<SettleReply>>,
    pub entitled: Mutex<BTreeMap<(HumanKey, ArtifactId), VerifiedReceipt>>,
    /// With what this node ends the session of whoever tells it something.
    pub refuses: Mutex<Option<Code>>,
    pub may_serve: AtomicBool,
    /// Whether this node can say what it offers.
    pub may_look: AtomicBool,
    /// How many may be served at once, or be heard telling heads.
    pub serves: Semaphore,
    /// How often it was asked who may have something.
    pub looks: watch::Sender<usize>,
    pub events: watch::Sender<Vec<Event>>,
}

impl Node {
    /// A node that knows nobody and has nothing to give.
    pub fn new(card: Arc<[u8]>, clock: fn() -> UnixMillis) -> Self {
        Self {
            clock,
            later: AtomicU64::new(0),
            card,
            pins: Mutex::default(),
            invites: Mutex::default(),
            blocked: Mutex::default(),
            offers: Mutex::default(),
            revocations: Mutex::default(),
            deliveries: Mutex::default(),
            settles: Mutex::default(),
            entitled: Mutex::default(),
            refuses: Mutex::default(),
            may_serve: AtomicBool::new(true),
            may_look: AtomicBool::new(true),
            serves: Semaphore::new(Semaphore::MAX_PERMITS),
            looks: watch::Sender::new(0),
            events: watch::Sender::new(Vec::new()),
        }
    }

    fn note(&self, event: Event) {
        self.events.send_modify(|events| events.push(event));
    }

    fn refused_or<T>(&self, done: T) -> Result<T, Code> {
        self.refuses.lock().unwrap().map_or(Ok(done), Err)
    }

    /// Waits until the events so far satisfy `enough`.
    pub async fn until(&self, enough: impl FnMut(&Vec<Event>) -> bool) -> Vec<Event> {
        self.until_within(PATIENCE, enough).await
    }

    /// The same, for what takes longer.
    pub async fn until_within(
        &self,
        limit: Duration,
        enough: impl FnMut(&Vec<Event>) -> bool,
    ) -> Vec<Event> {
        let mut events = self.events.subscribe();
        let came = timeout(limit, events.wait_for(enough)).await;
        match came {
            Ok(Ok(events)) => events.clone(),
            _ => panic!("it never happened: {:?}", self.events.borrow()),
        }
    }

    pub async fn until_event(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        let events = self.until(|events| events.iter().any(&wanted)).await;
        events.into_iter().find(|event| wanted(event)).unwrap()
    }

    pub fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events.borrow().iter().filter(|event| wanted(event)).count()
    }
}

impl Inside for Node {
    fn now(&self) -> UnixMillis {
        (self.clock)() + self.later.load(Ordering::SeqCst)
    }
    fn card(&self) -> Arc<[u8]> {
        Arc::clone(&self.card)
    }
    fn standing(&self, endpoint: &TransportKey) -> Standing {
        self.pins.lock().unwrap().get(endpoint).copied().unwrap_or(Standing::Unknown)
    }
    fn blocked(&self, human: &HumanKey) -> bool {
        self.blocked.lock().unwrap().contains(human)
    }
    fn knocked<'a>(&'a self, card: VerifiedCard, endpoint: TransportKey) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.note(Event::Knocked(card.card().human, endpoint)) })
    }
    fn invites(&self) -> Vec<Invite> {
        self.invites.lock().unwrap().clone()
    }
    fn pin<'a>(
        &'a self,
        card: VerifiedCard,
        invite: Option<InviteId>,
        dialled: Option<DialTag>,
    ) -> BoxFuture<'a, Result<(), PinError>> {
        Box::pin(async move {
            if let Some(id) = invite {
                let mut invites = self.invites.lock().unwrap();
                let before = invites.len();
                invites.retain(|invite| invite.id != id);
                if invites.len() == before {
                    return Err(PinError::Spent);
                }
            }
            let card = card.card();
            let standing =
                Standing::Pinned { human: card.human, card_seq: card.seq, kept: Kept::default() };
            self.pins.lock().unwrap().insert(card.transport, standing);
            self.note(Event::Pin(card.human, invite, dialled.map(|tag| tag.0)));
            Ok(())
        })
    }
    fn ready<'a>(&'a self, party: Party, _card: VerifiedCard) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.note(Event::Ready(party)) })
    }
    fn gone(&self, party: Party, why: &str) {
        self.note(Event::Gone(party, why.to_owned()));
    }
    fn offers<'a>(&'a self, to: Party, kept: u64) -> BoxFuture<'a, Result<Vec<Offer>, TellError>> {
        Box::pin(async move {
            self.note(Event::Looked(to));
            if !self.may_look.load(Ordering::SeqCst) {
                return Err(TellError("the disk is gone".to_owned()));
            }
            let offers = self.offers.lock().unwrap();
            let mut offers = offers.get(&to.human).cloned().unwrap_or_default();
            offers.retain(|offer| offer.seq > kept);
            Ok(offers)
        })
    }
    fn heads<'a>(
        &'a self,
        from: Party,
        _card: VerifiedCard,
        offers: Vec<Offered>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            let _one = self.serves.acquire().await;
            self.note(Event::Heads(from, offers));
            self.refused_or(())
        })
    }
    fn revocations<'a>(
        &'a self,
        to: Party,
        kept: u64,
    ) -> BoxFuture<'a, Result<Vec<Vec<u8>>, TellError>> {
        Box::pin(async move {
            let list = self.revocations.lock().unwrap();
            let list = list.get(&to.human).cloned().unwrap_or_default();
            Ok(list.into_iter().skip(usize::try_from(kept).unwrap()).collect())
        })
    }
    fn revoked<'a>(
        &'a self,
        from: Party,
        _card: VerifiedCard,
        list: Vec<Vec<u8>>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            self.note(Event::Revoked(from, list));
            self.refused_or(())
        })
    }
    fn deliveries<'a>(&'a self, to: Party) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            self.deliveries.lock().unwrap().get(&to.human).cloned().unwrap_or_default()
        })
    }
    fn delivered<'a>(
        &'a self,
        from: Party,
        _card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<SettleReply, Code>> {
        Box::pin(async move {
            self.note(Event::Delivered(from, envelope));
            self.refused_or(())?;
            // A test says what it answers.
            Ok(self.settles.lock().unwrap().clone().unwrap())
        })
    }
    fn countersigned<'a>(
        &'a self,
        from: Party,
        _card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), Code>> {
        Box::pin(async move {
            self.note(Event::Countersigned(from, envelope));
            self.refused_or(())
        })
    }
    fn diverged<'a>(&'a self, from: Party, theirs: Diverged) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.note(Event::Diverged(from, theirs)) })
    }
    fn entitled(&self, to: &Party, id: &ArtifactId) -> Option<Arc<VerifiedReceipt>> {
        self.looks.send_modify(|looks| *looks += 1);
        self.entitled.lock().unwrap().get(&(to.human, *id)).cloned().map(Arc::new)
    }
    fn serving<'a>(
        &'a self,
        receipt: &'a VerifiedReceipt,
        to: Party,
        session: u64,
    ) -> BoxFuture<'a, Result<(), ServeError>> {
        Box::pin(async move {
            let _one = self.serves.acquire().await;
            if !self.may_serve.load(Ordering::SeqCst) {
                return Err(ServeError("the disk is full".to_owned()));
            }
            self.note(Event::Serving(receipt.id(), to, session));
            Ok(())
        })
    }
    fn served(
        &self,
        _receipt: ArtifactId,
        artifact: ArtifactId,
        to: Party,
        _session: u64,
        bytes: u64,
        whole: bool,
    ) {
        self.note(Event::Served { artifact, to, bytes, whole });
    }
    fn refused(&self, _endpoint: TransportKey, human: Option<HumanKey>, why: &'static str) {
        self.note(Event::Refused(human, why));
    }
    fn violated(&self, _endpoint: TransportKey, human: Option<HumanKey>, code: Code) {
        self.note(Event::Violated(human, code));
    }
    fn wanted(&self, from: Party, id: ArtifactId) {
        self.note(Event::Wanted(from, id));
    }
    fn moved(&self) {
        self.note(Event::Moved);
    }
    fn reached_at(&self, party: Party, addresses: Vec<Address>) {
        self.note(Event::ReachedAt(party, addresses));
    }
    fn rerouted(&self, party: Party) {
        self.note(Event::Rerouted(party));
    }
    fn declined(&self, from: Party, id: ArtifactId, why: &str) {
        self.note(Event::Declined(from, id, why.to_owned()));
    }
}
