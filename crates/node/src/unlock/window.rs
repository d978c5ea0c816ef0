//! For how long a right PIN holds: ten minutes without use, twelve hours at most.
//!
//! Promises: the key lies in one place, on the heap, and is wiped when the window ends; whichever
//! clock has gone further decides, and one that went back ends it; what was to hold until the next
//! lock is not made after it.
//! It does not know who may end it: that needs no leave.

use super::Unlocked;
use crate::house::lock;
use artifact::{Human, KeyProtection, Secret, UnixMillis};
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// How long human_key stays unlocked without being used: 10 minutes.
const IDLE: UnixMillis = 10 * 60 * 1000;
/// How long it stays unlocked at most: 12 hours.
const LONGEST: UnixMillis = 12 * 60 * 60 * 1000;

/// Why human_key is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locked {
    /// The human said so.
    ByHand,
    /// It was not used for a while.
    Idle,
    /// It had been unlocked for long enough.
    Over,
    /// The screen is locked.
    Screen,
    /// The machine goes to sleep, or slept.
    Asleep,
    /// Neither can be seen any more.
    Unseen,
    /// A clock went back.
    ClockSetBack,
    /// The PIN is another.
    PinChanged,
    /// The node stops.
    NodeStopped,
}

impl Locked {
    /// The word for it in the journal.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::ByHand => "by-hand",
            Self::Idle => "idle",
            Self::Over => "over",
            Self::Screen => "screen-locked",
            Self::Asleep => "asleep",
            Self::Unseen => "unseen",
            Self::ClockSetBack => "clock-set-back",
            Self::PinChanged => "pin-changed",
            Self::NodeStopped => "node-stopped",
        }
    }
}

/// What both clocks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) now: UnixMillis,
    pub(crate) awake: UnixMillis,
}

impl Moment {
    /// How long ago `then` was, by the clock that went further; `None` when one went back.
    fn since(self, then: Self) -> Option<UnixMillis> {
        let (now, awake) = (self.now.checked_sub(then.now)?, self.awake.checked_sub(then.awake)?);
        Some(now.max(awake))
    }
}

/// human_key while it is unlocked.
struct Open {
    key: Secret<Human>,
    protection: KeyProtection,
    /// When the PIN was given.
    begun: Moment,
    /// When the key was used last.
    used: Moment,
}

impl Open {
    fn due(&self, at: Moment) -> Option<Locked> {
        match (at.since(self.begun), at.since(self.used)) {
            (Some(open), Some(_)) if open >= LONGEST => Some(Locked::Over),
            (Some(_), Some(idle)) if idle >= IDLE => Some(Locked::Idle),
            (Some(_), Some(_)) => None,
            _ => Some(Locked::ClockSetBack),
        }
    }
}

/// The unlock window of one node.
#[derive(Default)]
pub(crate) struct Window {
    open: Mutex<Option<Open>>,
    /// How often the key was locked in this run.
    locks: AtomicU64,
}

impl Window {
    /// From now on the key stays unlocked, or goes on being so after another right PIN: unless it
    /// was locked since `locks` were counted. Tells whether it does.
    pub(super) fn open(
        &self,
        key: &Secret<Human>,
        protection: KeyProtection,
        at: Moment,
        locks: u64,
    ) -> bool {
        let mut open = lock(&self.open);
        if self.locks() != locks {
            return false;
        }
        let begun = open.as_ref().map_or(at, |open| open.begun);
        let key = Secret::from_seed(key.seed());
        *open = Some(Open { key, protection, begun, used: at });
        true
    }

    /// The key for one signature, which counts as a use; `None` once it is locked.
    pub(super) fn take(&self, at: Moment) -> Option<Unlocked> {
        let mut open = lock(&self.open);
        let open = open.as_mut().filter(|open| open.due(at).is_none())?;
        open.used = at;
        let (key, protection) = (Secret::from_seed(open.key.seed()), open.protection);
        Some(Unlocked { key, protection, locks: self.locks() })
    }

    /// Until when the key stays unlocked if it is not used; `None` once it is locked.
    pub(crate) fn until(&self, at: Moment) -> Option<UnixMillis> {
        let open = lock(&self.open);
        let open = open.as_ref().filter(|open| open.due(at).is_none())?;
        let (idle, longest) = (open.used.now + IDLE, open.begun.now + LONGEST);
        Some(idle.min(longest))
    }

    /// Why the key is to be locked now, if its time is over.
    pub(crate) fn due(&self, at: Moment) -> Option<Locked> {
        lock(&self.open).as_ref().and_then(|open| open.due(at))
    }

    /// Wipes the key. Tells whether there was one.
    pub(super) fn close(&self) -> bool {
        let mut open = lock(&self.open);
        self.locks.fetch_add(1, Ordering::SeqCst);
        open.take().is_some()
    }

    /// How often the key was locked in this run.
    pub(crate) fn locks(&self) -> u64 {
        self.locks.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Moment = Moment { now: 1_000_000, awake: 500 };

    fn later(millis: UnixMillis) -> Moment {
        Moment { now: BEGIN.now + millis, awake: BEGIN.awake + millis }
    }

    fn opened() -> Window {
        let window = Window::default();
        assert!(window.open(&Secret::from_seed(&[7; 32]), KeyProtection::Pin, BEGIN, 0));
        window
    }

    #[test]
    fn it_ends_ten_minutes_after_its_last_use() {
        let window = opened();
        assert_eq!(window.until(BEGIN), Some(BEGIN.now + IDLE));
        assert!(window.take(later(IDLE - 1)).is_some());
        assert_eq!(window.due(later(IDLE)), None, "it was used since");
        assert_eq!(window.due(later(2 * IDLE - 1)), Some(Locked::Idle));
        assert!(window.take(later(2 * IDLE - 1)).is_none());
        assert_eq!(window.until(later(2 * IDLE - 1)), None);
    }

    #[test]
    fn it_ends_after_twelve_hours_of_use_and_of_right_pins() {
        let window = opened();
        for at in (0..LONGEST).step_by(60_000) {
            assert!(window.take(later(at)).is_some());
            assert!(window.open(&Secret::from_seed(&[7; 32]), KeyProtection::Pin, later(at), 0));
        }
        assert_eq!(window.until(later(LONGEST - 1)), Some(BEGIN.now + LONGEST));
        assert_eq!(window.due(later(LONGEST)), Some(Locked::Over));
        assert!(window.take(later(LONGEST)).is_none());
    }

    #[test]
    fn sleep_counts_and_a_clock_that_goes_back_ends_it() {
        let slept = Moment { now: BEGIN.now + IDLE, awake: BEGIN.awake };
        assert_eq!(opened().due(slept), Some(Locked::Idle));
        let back = Moment { now: BEGIN.now - 1, awake: BEGIN.awake + 1 };
        assert_eq!(opened().due(back), Some(Locked::ClockSetBack));
        assert!(opened().take(back).is_none());
    }

    #[test]
    fn a_lock_is_counted_and_leaves_no_key() {
        let window = opened();
        let before = window.take(BEGIN).map(|held| held.locks);
        assert!(window.close());
        assert!(!window.close(), "it was locked already");
        assert!(window.take(BEGIN).is_none());
        assert!(before < Some(window.locks()));
    }

    #[test]
    fn a_lock_while_a_pin_is_looked_at_stands() {
        let window = Window::default();
        let counted = window.locks();
        window.close();
        assert!(!window.open(&Secret::from_seed(&[7; 32]), KeyProtection::Pin, BEGIN, counted));
        assert!(window.take(BEGIN).is_none());
    }
}
