//! How much any one endpoint may ask for, and all together.
//!
//! Rates are for what costs this node something without an entitlement: handshakes, refusals,
//! journal lines. Entitled gets are limited by the gate's semaphores alone.

use artifact::TransportKey;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Events a second and endpoint, and how many may come at once.
pub(crate) const PER_SECOND: u32 = 10;
/// Endpoints remembered before those at rest are forgotten.
const REMEMBERED: usize = 4096;
/// Handshakes of strangers at once, and of one of them. Endpoint ids cost nothing: whoever makes
/// many of them takes places from strangers alone.
const STRANGERS: usize = 32;
const STRANGERS_PER_ENDPOINT: usize = 4;
/// Handshakes and sessions of who is pinned, at once, and of one of them: more than one, because
/// who comes again after a cut is here before the old session is known to be dead.
const PEERS: usize = 1024;
const PEERS_PER_ENDPOINT: usize = 4;
/// Connections for heads, bodies and receipts at once, and of one endpoint: enough for every
/// session to have one of each.
const CHANNELS: usize = 4096;
const CHANNELS_PER_ENDPOINT: usize = 12;
const _: () = assert!(3 * PEERS <= CHANNELS, "one of each for every session");

/// The longest between two looks at whether what leaves under a receipt may go on: the clock tells
/// nobody when its time is over.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// The monotonic clock: the one place in this crate that reads it.
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Locks, also after a panic elsewhere: what is kept under these locks is whole at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`PER_SECOND`] events a second for each endpoint.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<BTreeMap<TransportKey, Instant>>);

impl Rate {
    /// How long this event must wait to be within the rate; zero when it is. What waits is
    /// counted, so that many at once wait in a row.
    pub(crate) fn wait(&self, endpoint: TransportKey) -> Duration {
        let mut next = lock(&self.0);
        let now = instant();
        let (at, wait) = Self::place(next.get(&endpoint).copied(), now);
        Self::keep(&mut next, endpoint, at, now);
        wait
    }

    /// Whether an event is within the rate. One that is not is not counted.
    pub(crate) fn take(&self, endpoint: TransportKey) -> bool {
        let mut next = lock(&self.0);
        let now = instant();
        let (at, wait) = Self::place(next.get(&endpoint).copied(), now);
        if wait.is_zero() {
            Self::keep(&mut next, endpoint, at, now);
        }
        wait.is_zero()
    }

    /// A virtual queue: each event takes a tenth of a second of it, and up to one second of
    /// queue is no wait.
    fn place(queued: Option<Instant>, now: Instant) -> (Instant, Duration) {
        let each = Duration::from_secs(1) / PER_SECOND;
        let at = queued.unwrap_or(now).max(now) + each;
        (at, (at - now).saturating_sub(Duration::from_secs(1)))
    }

    fn keep(
        next: &mut BTreeMap<TransportKey, Instant>,
        endpoint: TransportKey,
        at: Instant,
        now: Instant,
    ) {
        if next.len() >= REMEMBERED {
            next.retain(|_, at| *at > now);
        }
        if next.len() < REMEMBERED || next.contains_key(&endpoint) {
            next.insert(endpoint, at);
        }
    }
}

/// How many connections of one kind are open, in all and by endpoint.
#[derive(Debug)]
pub(crate) struct Places {
    most: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: BTreeMap<TransportKey, usize>,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    endpoint: TransportKey,
}

impl Places {
    fn new(most: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { most, each, taken: Mutex::default() })
    }

    /// Places for the handshakes of strangers.
    pub(crate) fn strangers() -> Arc<Self> {
        Self::new(STRANGERS, STRANGERS_PER_ENDPOINT)
    }

    /// Places for the handshakes and sessions of who is pinned.
    pub(crate) fn peers() -> Arc<Self> {
        Self::new(PEERS, PEERS_PER_ENDPOINT)
    }

    /// Places for all other connections of who has a session.
    pub(crate) fn channels() -> Arc<Self> {
        Self::new(CHANNELS, CHANNELS_PER_ENDPOINT)
    }

    /// Takes a place, if there is one.
    pub(crate) fn enter(self: &Arc<Self>, endpoint: TransportKey) -> Option<Place> {
        let mut taken = lock(&self.taken);
        let own = taken.by.get(&endpoint).copied().unwrap_or_default();
        if taken.all >= self.most || own >= self.each {
            return None;
        }
        taken.all += 1;
        taken.by.insert(endpoint, own + 1);
        Some(Place { places: Arc::clone(self), endpoint })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.places.taken);
        taken.all = taken.all.saturating_sub(1);
        match taken.by.get(&self.endpoint).copied() {
            Some(own @ 2..) => drop(taken.by.insert(self.endpoint, own - 1)),
            _ => drop(taken.by.remove(&self.endpoint)),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Rates and places, with the clock stopped.
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ten_a_second_then_the_rest_waits() {
        let (rate, one, two) =
            (Rate::default(), TransportKey::from_bytes([1; 32]), TransportKey::from_bytes([2; 32]));
        assert!((0..10).all(|_| rate.take(one)));
        assert!(!rate.take(one));
        assert!(rate.take(two), "another endpoint has its own rate");
        assert_eq!(rate.wait(one), Duration::from_millis(100));
        assert_eq!(rate.wait(one), Duration::from_millis(200));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!((0..10).all(|_| rate.take(one)));
        assert!(!rate.take(one));
    }

    fn endpoint(n: u64) -> TransportKey {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        TransportKey::from_bytes(bytes)
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_endpoints_are_remembered_than_there_is_room_for() {
        let rate = Rate::default();
        for n in 0..3 * REMEMBERED as u64 {
            assert!(rate.take(endpoint(n)), "endpoint {n} comes for the first time");
        }
        assert_eq!(lock(&rate.0).len(), REMEMBERED);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(rate.take(endpoint(u64::MAX)));
        assert_eq!(lock(&rate.0).len(), 1, "those at rest are forgotten");
    }

    #[test]
    fn places_of_each_kind_are_so_many_and_no_more() {
        let kinds = [
            (Places::strangers(), STRANGERS, STRANGERS_PER_ENDPOINT),
            (Places::peers(), PEERS, PEERS_PER_ENDPOINT),
            (Places::channels(), CHANNELS, CHANNELS_PER_ENDPOINT),
        ];
        for (places, most, each) in kinds {
            let all = (0..).flat_map(|n| (0..each).map(move |_| endpoint(n)));
            let taken: Vec<Place> = all.map_while(|endpoint| places.enter(endpoint)).collect();
            assert_eq!(taken.len(), most);
            let known = lock(&places.taken).by.len();
            for n in 0..10_000 {
                assert!(places.enter(endpoint(u64::MAX - n)).is_none());
            }
            let left = lock(&places.taken).by.len();
            assert_eq!(left, known, "who is refused leaves nothing behind");
            drop(taken);
            assert!(places.enter(endpoint(0)).is_some());
        }
    }

    #[test]
    fn places_are_given_back() {
        let places = Places::peers();
        let endpoint = TransportKey::from_bytes([1; 32]);
        let taken: Vec<Place> =
            std::iter::repeat_with(|| places.enter(endpoint)).map_while(|place| place).collect();
        assert_eq!(taken.len(), PEERS_PER_ENDPOINT);
        assert!(places.enter(TransportKey::from_bytes([2; 32])).is_some());
        drop(taken);
        assert!(places.enter(endpoint).is_some());
        assert!(lock(&places.taken).by.is_empty());
        assert_eq!(lock(&places.taken).all, 0);
    }
}
