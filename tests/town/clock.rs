//! The town's clock: it moves only by hand.

use artifact::UnixMillis;
use node::Clock;
use std::sync::atomic::{AtomicU64, Ordering};

/// When every town begins: after the logs that are imported in it.
pub const BEGIN: UnixMillis = 1_790_000_000_000;
/// A second.
pub const SECOND: UnixMillis = 1_000;
/// A day.
pub const DAY: UnixMillis = 24 * 60 * 60 * SECOND;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct HandClock(AtomicU64);

impl Default for HandClock {
    fn default() -> Self {
        Self(AtomicU64::new(BEGIN))
    }
}

impl HandClock {
    /// Sets the clock.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn pass(&self, millis: UnixMillis) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        self.0.load(Ordering::SeqCst)
    }
}
