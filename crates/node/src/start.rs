//! Opening a node, taking it online, and stopping it.
//!
//! [`Node::open`] takes the folder for this process and works alone; [`Node::go_online`]
//! opens the doors and the network. Stopping goes the other way: doors, network, events.

use crate::{
    Clock, Config, Control, Fault, Notice, agent::Indoors, event, event::Event, house::House,
    unlock::Locked,
};
use artifact::{Author, Journal, Transport, key::Role};
use keys::NodeKeys;
use std::{sync::Arc, time::Duration};
use store::{OpenError, Store};
use tokio::sync::{broadcast, mpsc, oneshot};

/// How often the clock is looked at: asks expire and peers are dialled again.
const TICK: Duration = Duration::from_secs(20);

/// A running node. Clones are the same node.
#[derive(Clone)]
pub struct Node(pub(crate) Arc<House>);

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be taken.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key files are not what they should be.
    #[error(transparent)]
    Keys(#[from] keys::KeyFileError),
    /// The key files are another node's.
    #[error(
        "the keys in {0} are not the ones this store was made with: restore the folder as a whole from a backup"
    )]
    OtherKeys(String),
    /// Anything else.
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl Node {
    /// Takes the folder for this process and starts the events. No network, no doors.
    ///
    /// # Errors
    /// When the folder is in use, newer, damaged or not writable, or its keys are missing.
    pub fn open(config: Config) -> Result<Self, StartError> {
        let floor = || crate::anchor::floor(&*config.keychain);
        let store = Store::open_above(&config.home, &floor)?;
        Self::open_with(config, store)
    }

    /// Like [`Node::open`], with a store of this folder that is open already.
    ///
    /// # Errors
    /// When the folder's keys are missing or of another node.
    pub fn open_with(config: Config, store: impl Into<Arc<Store>>) -> Result<Self, StartError> {
        let index = recall::Index::open(&config.home.join("index"), config.model.as_deref())
            .map_err(|e| Fault::not_now(format!("the search index cannot be opened: {e}"), ""))?;
        let (send, events) = mpsc::channel(event::QUEUE);
        let house = Arc::new(House::new(config, store.into(), index, send));
        house.shut.load(&house.look()?)?;
        if let Some(row) = house.look()?.me().map_err(Fault::from)? {
            let dir = house.home.join("keys");
            crate::rotate::settle(&dir, &row)?;
            let keys = keys_of(&dir)?;
            let same = keys.author.public() == row.author
                && keys.transport.public() == row.transport
                && keys.journal.public() == row.journal;
            if !same {
                return Err(StartError::OtherKeys(dir.display().to_string()));
            }
            house.store.sign_with(artifact::Secret::from_seed(keys.journal.seed()));
            house.take_keys(row, keys);
            house.load_policies()?;
            let stops = house.look()?.stops().map_err(Fault::from)?;
            house.gate.stop(stops.into_iter().map(|(stop, _)| stop));
            crate::anchor::tell_upgrades(&house.store, house.now())?;
            house.sweep()?;
            if let Err(fault) = house.end_left_rules() {
                // Their keys are gone. That is written as soon as there is room.
                tracing::warn!(%fault, "rules of an earlier run are still written down");
            }
            let tries = house.look()?.tries().map_err(Fault::from)?;
            house.tries.load(tries, house.now(), house.clock.awake());
        }
        let run = Arc::clone(&house);
        let thread = std::thread::Builder::new()
            .name("tracenet-events".to_owned())
            .spawn(move || {
                // A panic there would leave a node that can do nothing: it ends as a whole.
                let work = std::panic::AssertUnwindSafe(|| event::run(&run, events));
                if std::panic::catch_unwind(work).is_err() {
                    tracing::error!("the events ended in a panic: the node stops");
                    run.stop.cancel();
                }
            })
            .map_err(|e| Fault::broken(format!("no thread for the events: {e}")))?;
        *crate::house::lock(&house.thread) = Some(thread);
        Ok(Self(house))
    }

    /// Opens the doors for agents and the command line, and begins to keep time.
    ///
    /// # Errors
    /// When another node of this folder has them, or they cannot be made.
    pub fn open_doors(&self) -> Result<(), Fault> {
        let dir = crate::config::socket_dir(&self.0.home);
        let sockets = door::Sockets::bind(&dir).map_err(|e| Fault::not_now(e.to_string(), ""))?;
        self.0.stays.store(true, std::sync::atomic::Ordering::Relaxed);
        let indoors = Arc::new(Indoors::new(&self.0));
        self.0.tasks.spawn(door::serve(sockets, indoors, self.0.stop.clone()));
        self.0.follow_as_said();
        let (house, stop) = (Arc::downgrade(&self.0), self.0.stop.clone());
        self.0.tasks.spawn(crate::embed::embed(house.clone(), stop.clone(), TICK));
        self.0.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(TICK);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = ticks.tick() => {}
                }
                let Some(house) = house.upgrade() else { return };
                house.tick().await;
            }
        });
        Ok(())
    }

    /// Starts to speak to peers: now, when this node has keys, else as soon as it has them.
    ///
    /// # Errors
    /// When no socket can be had.
    pub async fn go_online(&self) -> Result<(), Fault> {
        self.0.online.store(true, std::sync::atomic::Ordering::Relaxed);
        self.0.start_host().await
    }

    /// Answers the control socket with this.
    pub fn serve_control(&self, control: Arc<dyn Control>) {
        if self.0.set_control(Some(control)).is_some() {
            tracing::warn!("the control socket was answered by another");
        }
    }

    /// Returns when the node stops by itself, because something in it broke.
    pub async fn ended(&self) {
        self.0.stop.cancelled().await;
    }

    /// What the node tells by itself from now on.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.0.notices()
    }

    /// Tells every face something, on behalf of one of them.
    pub fn notify(&self, notice: Notice) {
        self.0.notify(notice);
    }

    /// Lets the clock be looked at now: what is due happens before this returns.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn tick(&self) -> Result<(), Fault> {
        self.0.lock_if_due().await;
        self.0.look_for_sleep().await;
        self.0.speak_if_silent().await;
        self.0.happen(Event::Tick).await
    }

    /// The time this node goes by.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// Returns when nothing holds the folder any more. That is after [`Node::stop`], when every
    /// other clone of this node is gone, and what was under way when it stopped: a look at the
    /// store cannot be interrupted.
    pub fn freed(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.gone.0.clone().cancelled_owned()
    }

    /// Stops everything, in order. For when the folder is free again see [`Node::freed`].
    pub async fn stop(self) {
        self.0.stop.cancel();
        if self.0.window.until(self.0.moment()).is_some() {
            self.0.lock_or_say(Locked::NodeStopped).await;
        }
        // Whoever was starting it has started it, and nobody does after this.
        let turn = self.0.starting.lock().await;
        if let Some(host) = self.0.set_host(None) {
            host.shutdown().await;
        }
        drop(turn);
        self.0.tasks.close();
        self.0.tasks.wait().await;
        if let Err(fault) = self.0.happen(Event::Tick).await {
            tracing::error!(%fault, "the last totals could not be written");
        }
        let (done, stopped) = oneshot::channel();
        self.0.happen_last(Event::Stop(done)).await;
        // The events may have ended before: then there is nothing to wait for.
        drop(stopped.await);
        let thread = crate::house::lock(&self.0.thread).take();
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join());
            if !matches!(joined.await, Ok(Ok(()))) {
                tracing::error!("the events ended in a panic");
            }
        }
        // It holds this node: without this the store would stay open as long as the process.
        drop(self.0.set_control(None));
    }
}

/// The keys that a store was made with. None is made here: with a new one this would be another
/// node, and the old one could not be put back into its place.
fn keys_of(dir: &std::path::Path) -> Result<NodeKeys, StartError> {
    for name in [Transport::NAME, Author::NAME, Journal::NAME] {
        let path = dir.join(name);
        if !path.exists() {
            return Err(keys::KeyFileError::Missing { path }.into());
        }
    }
    Ok(NodeKeys::open_or_create(dir, &mut keys::entropy::os)?)
}

impl House {
    async fn tick(self: &Arc<Self>) {
        self.lock_if_due().await;
        if let Err(fault) = self.happen(Event::Tick).await {
            tracing::error!(%fault, "the clock could not be looked at");
        }
        // Nobody has paged through it for a while.
        if let Ok(mut last) = self.last_trace.try_lock() {
            last.take();
        }
        self.compare_late().await;
        self.speak_if_silent().await;
        self.look_for_sleep().await;
        self.hide_later();
        self.stock_late().await;
        if let Some(host) = self.host() {
            host.tell_late();
        }
        self.fetch_late();
        self.settle_late();
        self.dial_known().await;
    }
}
