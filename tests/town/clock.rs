//! The town's clock: it moves only by hand, and a node that looks at it can be held up.

use artifact::UnixMillis;
use node::Clock;
use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use tokio::sync::watch;

/// When every town begins: after the logs that are imported in it.
pub const BEGIN: UnixMillis = 1_790_000_000_000;
/// A second.
pub const SECOND: UnixMillis = 1_000;
/// A day.
pub const DAY: UnixMillis = 24 * 60 * 60 * SECOND;

/// The thread of a node that takes its events.
const EVENTS: &str = "tracenet-events";

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct HandClock {
    now: AtomicU64,
    slept: AtomicU64,
    gate: Arc<Gate>,
}

impl Default for HandClock {
    fn default() -> Self {
        Self { now: AtomicU64::new(BEGIN), slept: AtomicU64::new(0), gate: Arc::default() }
    }
}

/// Where the events wait while they are held up.
#[derive(Debug, Default)]
struct Gate {
    /// Whether it is shut.
    shut: Mutex<bool>,
    changed: Condvar,
    /// Whether an event waits before it.
    reached: watch::Sender<bool>,
}

/// The events are held up until this is dropped.
#[derive(Debug)]
pub struct Held(Arc<Gate>);

impl HandClock {
    /// Sets the clock.
    pub fn set(&self, now: UnixMillis) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn pass(&self, millis: UnixMillis) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// Holds up the events of every node that goes by this clock, each at its next look at it.
    pub fn hold_events(&self) -> Held {
        self.gate.reached.send_replace(false);
        self.gate.set(true);
        Held(Arc::clone(&self.gate))
    }

    /// Moves the clock on while the machine sleeps.
    pub fn sleep(&self, millis: UnixMillis) {
        self.slept.fetch_add(millis, Ordering::SeqCst);
        self.pass(millis);
    }
}

impl Held {
    /// Waits until an event is held up.
    pub async fn reached(&self) {
        self.0.reached.subscribe().wait_for(|reached| *reached).await.unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Gate {
    fn set(&self, shut: bool) {
        *self.shut.lock().unwrap_or_else(PoisonError::into_inner) = shut;
        self.changed.notify_all();
    }

    /// Passes, once it is open.
    fn pass(&self) {
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        if *shut {
            self.reached.send_replace(true);
        }
        drop(self.changed.wait_while(shut, |shut| *shut));
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        if thread::current().name() == Some(EVENTS) {
            self.gate.pass();
        }
        self.now.load(Ordering::SeqCst)
    }

    fn awake(&self) -> UnixMillis {
        self.now().saturating_sub(self.slept.load(Ordering::SeqCst))
    }
}
