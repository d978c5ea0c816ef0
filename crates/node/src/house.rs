//! The inside of a node: what it holds while it runs.

use crate::{
    Clock, Config, Fault, Notice,
    clock::random,
    event::{Event, Reply},
    import::Jobs,
    unlock::{Tries, Window},
};
use artifact::{ArtifactId, Author, CommitmentKey, Secret, Transport, UnixMillis};
use consent::{OwnReceiptError, VerifiedReceipt};
use keys::Custody;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};
use store::{Look, Self_, Store};
use tokio::sync::{broadcast, mpsc, oneshot};

/// Who this node is, with the secrets that work unattended.
pub(crate) struct Me {
    /// What the store knows.
    pub(crate) row: Self_,
    /// Signs what this node writes.
    pub(crate) author: Secret<Author>,
    /// The wire identity.
    pub(crate) transport: Secret<Transport>,
    /// Keys commitments to evidence.
    pub(crate) commitments: CommitmentKey,
}

/// Everything a running node holds.
pub(crate) struct House {
    pub(crate) home: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) has_window: bool,
    pub(crate) loopback_only: bool,
    /// Whether this process is to speak to peers.
    pub(crate) online: std::sync::atomic::AtomicBool,
    pub(crate) store: Arc<Store>,
    pub(crate) index: recall::Index,
    /// One thread at a time brings the index level with the store.
    pub(crate) levelling: Mutex<()>,
    /// Whether a thread brings it level in the background.
    pub(crate) catching_up: std::sync::atomic::AtomicBool,
    pub(crate) custody: Arc<Custody>,
    pub(crate) tries: Tries,
    /// human_key, while a right PIN holds.
    pub(crate) window: Window,
    /// Whether this process stays: a key is not kept for a command that is done with it.
    pub(crate) stays: std::sync::atomic::AtomicBool,
    /// Whether the screen's lock and the machine's sleep are seen.
    pub(crate) watched: std::sync::atomic::AtomicBool,
    pub(crate) anchoring: crate::anchor::Anchoring,
    /// Held while the keychain is asked how it stands.
    pub(crate) key_look: tokio::sync::Mutex<()>,
    me: RwLock<Option<Arc<Me>>>,
    /// The live receipts, and what was ended of them.
    pub(crate) gate: crate::exchange::Gate,
    host: RwLock<Option<peer::Host>>,
    /// Held while the host is started, or kept down.
    pub(crate) starting: tokio::sync::Mutex<()>,
    pub(crate) dialling: crate::exchange::Dialling,
    /// Held while the network is brought level with the store.
    pub(crate) reaching: tokio::sync::Mutex<()>,
    /// Whom the network was last told to hide from.
    pub(crate) hidden_from: Mutex<Option<peer::OnlyByRelay>>,
    /// What the clocks said last.
    pub(crate) wakes: Mutex<crate::reach::Wakes>,
    pub(crate) tally: crate::exchange::Tally,
    pub(crate) whereabouts: crate::exchange::Whereabouts,
    /// Who is shut out.
    pub(crate) shut: crate::exchange::Shut,
    pub(crate) fetching: crate::exchange::Fetching,
    /// What delivery receipts were said to whom.
    pub(crate) settling: crate::exchange::settle::Lines,
    /// Whose heads are being kept: one frame of each peer at a time.
    pub(crate) hearing: Mutex<BTreeMap<artifact::HumanKey, Arc<tokio::sync::Mutex<()>>>>,
    /// Receipts whose bytes could not be put into the outbox yet.
    pub(crate) unstocked: Mutex<Vec<Arc<VerifiedReceipt>>>,
    /// Encoded heads of what the gate knows.
    pub(crate) heads: Mutex<BTreeMap<ArtifactId, Vec<u8>>>,
    pub(crate) jobs: Jobs,
    /// The job that follows agents' logs.
    pub(crate) following: crate::import::Following,
    pub(crate) guests: crate::agent::Guests,
    /// What the human denied agents lately.
    pub(crate) denials: crate::agent::Denials,
    /// Signs what rules cover.
    pub(crate) rules: crate::rules::Rules,
    /// What accepted policies forbid.
    pub(crate) policies: crate::policy::Held,
    /// What agents' hooks told of their sessions.
    pub(crate) sessions: crate::agent::Sessions,
    /// Holds the node, as the node holds it: taken out when the node stops.
    control: Mutex<Option<Arc<dyn crate::Control>>>,
    events: mpsc::Sender<Event>,
    /// The thread that takes events, until it is joined.
    pub(crate) thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    notices: broadcast::Sender<Notice>,
    /// What was journalled of an ask that waits and needs no second line.
    pub(crate) noted: Noted,
    /// The trace that was looked at last: pages of one trace come in a row.
    pub(crate) last_trace: Mutex<Option<(ArtifactId, Arc<artifact::Trace>)>>,
    /// Background work that ends with the node.
    pub(crate) tasks: tokio_util::task::TaskTracker,
    pub(crate) stop: tokio_util::sync::CancellationToken,
    /// Cancelled when all of the above is gone. The last field: they drop in this order.
    pub(crate) gone: Gone,
}

/// Tells who waits for it that the house it is in was dropped.
#[derive(Default)]
pub(crate) struct Gone(pub(crate) tokio_util::sync::CancellationToken);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Lines that the journal needs once for each ask: that it was shown somewhere, that a grant
/// failed for some reason. Without this a program could fill the journal by asking again.
#[derive(Default)]
pub(crate) struct Noted(Mutex<BTreeSet<(consent::AskId, consent::Way, &'static str)>>);

impl Noted {
    /// Whether it was noted before.
    pub(crate) fn has(&self, ask: consent::AskId, way: consent::Way, what: &'static str) -> bool {
        lock(&self.0).contains(&(ask, way, what))
    }

    /// Notes it, once it stands in the journal.
    pub(crate) fn put(&self, ask: consent::AskId, way: consent::Way, what: &'static str) {
        lock(&self.0).insert((ask, way, what));
    }

    /// The ask is settled: nothing more will be noted of it.
    pub(crate) fn forget(&self, ask: &consent::AskId) {
        lock(&self.0).retain(|(which, _, _)| which != ask);
    }
}

/// A poisoned lock means a panic elsewhere; what it guards is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl House {
    pub(crate) fn new(
        config: Config,
        store: Arc<Store>,
        index: recall::Index,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let custody = Custody::new(config.keychain, config.home.join("keys/human_key.wrapped"));
        Self {
            clock: config.clock,
            has_window: config.window,
            loopback_only: config.loopback_only,
            online: std::sync::atomic::AtomicBool::new(false),
            store,
            index,
            levelling: Mutex::new(()),
            catching_up: std::sync::atomic::AtomicBool::new(false),
            custody: Arc::new(custody),
            tries: Tries::default(),
            window: Window::default(),
            stays: std::sync::atomic::AtomicBool::new(false),
            watched: std::sync::atomic::AtomicBool::new(false),
            anchoring: crate::anchor::Anchoring::default(),
            key_look: tokio::sync::Mutex::default(),
            me: RwLock::new(None),
            gate: crate::exchange::Gate::default(),
            host: RwLock::new(None),
            starting: tokio::sync::Mutex::default(),
            dialling: crate::exchange::Dialling::default(),
            reaching: tokio::sync::Mutex::default(),
            hidden_from: Mutex::default(),
            wakes: Mutex::default(),
            tally: crate::exchange::Tally::default(),
            whereabouts: crate::exchange::Whereabouts::default(),
            shut: crate::exchange::Shut::default(),
            fetching: crate::exchange::Fetching::default(),
            settling: Mutex::default(),
            hearing: Mutex::default(),
            unstocked: Mutex::default(),
            heads: Mutex::default(),
            jobs: Jobs::default(),
            following: crate::import::Following::default(),
            guests: crate::agent::Guests::default(),
            denials: crate::agent::Denials::default(),
            rules: crate::rules::Rules::default(),
            policies: crate::policy::Held::default(),
            sessions: crate::agent::Sessions::default(),
            control: Mutex::new(None),
            events,
            thread: Mutex::new(None),
            notices: broadcast::Sender::new(1_024),
            noted: Noted::default(),
            last_trace: Mutex::new(None),
            tasks: tokio_util::task::TaskTracker::new(),
            stop: tokio_util::sync::CancellationToken::new(),
            gone: Gone::default(),
            home: config.home,
        }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Who this node is.
    ///
    /// # Errors
    /// Before the first start.
    pub(crate) fn me(&self) -> Result<Arc<Me>, Fault> {
        let me = self.me.read().unwrap_or_else(PoisonError::into_inner);
        me.clone().ok_or_else(Fault::not_initialised)
    }

    pub(crate) fn set_me(&self, me: Me) {
        *self.me.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(me));
    }

    pub(crate) fn look(&self) -> Result<Look, Fault> {
        Ok(self.store.look()?)
    }

    /// Sends an event, waiting only for its place in the queue.
    pub(crate) async fn queue(&self, event: Event) -> Result<(), Fault> {
        self.events.send(event).await.map_err(|_| Fault::stopping())
    }

    /// Sends an event and waits until it has happened.
    pub(crate) async fn happen<T>(
        &self,
        event: impl FnOnce(Reply<T>) -> Event,
    ) -> Result<T, Fault> {
        let (reply, done) = oneshot::channel();
        self.events.send(event(reply)).await.map_err(|_| Fault::stopping())?;
        done.await.map_err(|_| Fault::stopping())?
    }

    /// Sends an event from a thread that may block, and waits until it has happened.
    pub(crate) fn happen_blocking<T>(
        &self,
        event: impl FnOnce(Reply<T>) -> Event,
    ) -> Result<T, Fault> {
        let (reply, done) = oneshot::channel();
        self.events.blocking_send(event(reply)).map_err(|_| Fault::stopping())?;
        done.blocking_recv().map_err(|_| Fault::stopping())?
    }

    /// Sends the last event, from whoever stops the node.
    pub(crate) async fn happen_last(&self, event: Event) {
        // The events may have ended already.
        drop(self.events.send(event).await);
    }

    /// Sends an event whose outcome nobody waits for. It waits for its place in the queue.
    pub(crate) fn send(self: &Arc<Self>, event: Event) {
        if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
            let events = self.events.clone();
            self.tasks.spawn(async move {
                // The loop ends only when the node does.
                drop(events.send(event).await);
            });
        }
    }

    pub(crate) fn notify(&self, notice: Notice) {
        // Nobody may be listening, and that is fine.
        drop(self.notices.send(notice));
    }

    pub(crate) fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    pub(crate) fn control(&self) -> Option<Arc<dyn crate::Control>> {
        lock(&self.control).clone()
    }

    pub(crate) fn set_control(
        &self,
        control: Option<Arc<dyn crate::Control>>,
    ) -> Option<Arc<dyn crate::Control>> {
        std::mem::replace(&mut *lock(&self.control), control)
    }

    pub(crate) fn host(&self) -> Option<peer::Host> {
        self.host.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_host(&self, host: Option<peer::Host>) -> Option<peer::Host> {
        let mut slot = self.host.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, host)
    }

    /// Every kept receipt that still holds, verified anew over its frozen bytes. The log says
    /// why one does not.
    pub(crate) fn kept_receipts(&self) -> Result<Vec<Arc<VerifiedReceipt>>, Fault> {
        let mut kept = Vec::new();
        let human = self.me()?.row.human;
        let look = self.look()?;
        for (id, row) in look.receipts()? {
            if look.is_stopped(&id)? {
                continue;
            }
            let Some(bytes) = look.snapshot(&row.artifact)? else {
                // What was forgotten is shared no more.
                if look.crystal(&row.artifact)?.is_none() {
                    continue;
                }
                tracing::error!(receipt = %id.short(), "the frozen bytes of a receipt are gone");
                continue;
            };
            match VerifiedReceipt::own(
                &row.envelope,
                row.grant.as_deref().map(Vec::as_slice),
                &human,
                &bytes,
                self.now(),
            ) {
                // To each that it names it may have been ended.
                Ok(receipt) if self.gate.is_dead(&receipt) => {}
                Ok(receipt) => kept.push(Arc::new(receipt)),
                Err(OwnReceiptError::Expired) => {}
                Err(e) => {
                    tracing::error!(receipt = %id.short(), error = %e, "a receipt is refused")
                }
            }
        }
        Ok(kept)
    }

    /// Appends a line to the journal that changes nothing else.
    pub(crate) fn on_journal(&self, event: consent::Event) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| Ok(change.append(event, now).map(drop)?))
    }

    /// A fresh id for an ask.
    pub(crate) fn ask_id() -> Result<consent::AskId, Fault> {
        Ok(consent::AskId(random()?))
    }
}
