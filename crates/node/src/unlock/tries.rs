//! What guessing costs: each wrong PIN in a row makes the next wait longer, up to five minutes,
//! and a restart of the node forgets none of them. Nothing is ever wiped.
//!
//! Waits run by the clock that nobody sets. What ran of one before a restart is told by the other,
//! which counts for nothing when it went back.

use crate::{Fault, answer::KEEPS_WAITING, house::lock};
use artifact::UnixMillis;
use consent::Way;
use std::{collections::BTreeMap, sync::Mutex};
use store::TryRow;

/// Wrong PINs that cost nothing.
const FREE_TRIES: u64 = 3;
/// The longest wait after wrong PINs: 5 minutes.
const MAX_WAIT: UnixMillis = 5 * 60 * 1000;

/// Wrong PINs in a row, and until when no further one is tried.
#[derive(Default)]
pub(crate) struct Tries {
    /// One key derivation at a time: each takes 256 MiB.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// By the word of the way: what is typed into terminals does not lock the window out.
    wrong: Mutex<BTreeMap<String, Count>>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    wrong: u64,
    /// By the clock that stands still in sleep.
    until: UnixMillis,
}

/// How long the next try has to wait after so many wrong ones.
fn wait(wrong: u64) -> UnixMillis {
    match wrong.checked_sub(FREE_TRIES) {
        // Far above the longest wait, and far from where a shift would lose bits.
        Some(more) => (1_000 << more.min(16)).min(MAX_WAIT),
        None => 0,
    }
}

impl Tries {
    /// Takes up what the store remembers of earlier runs.
    pub(crate) fn load(&self, rows: Vec<(String, TryRow)>, now: UnixMillis, awake: UnixMillis) {
        let count = |row: TryRow| {
            let left = wait(row.wrong).saturating_sub(now.saturating_sub(row.at));
            Count { wrong: row.wrong, until: awake.saturating_add(left) }
        };
        *lock(&self.wrong) = rows.into_iter().map(|(way, row)| (way, count(row))).collect();
    }

    pub(super) fn count(&self, way: Way) -> u64 {
        lock(&self.wrong).get(way.word()).map_or(0, |count| count.wrong)
    }

    pub(super) fn check(&self, way: Way, awake: UnixMillis) -> Result<(), Fault> {
        let count = lock(&self.wrong).get(way.word()).copied().unwrap_or_default();
        // A clock without sleep may be set back after all: nobody waits longer for that.
        let left = count.until.saturating_sub(awake).min(wait(count.wrong));
        if left == 0 {
            return Ok(());
        }
        let seconds = left.div_ceil(1000);
        let what = format!("too many wrong PINs: the next try is possible in {seconds} s");
        Err(Fault::not_now(what, KEEPS_WAITING))
    }

    pub(super) fn put(&self, way: Way, wrong: u64, awake: UnixMillis) {
        let count = Count { wrong, until: awake.saturating_add(wait(wrong)) };
        lock(&self.wrong).insert(way.word().to_owned(), count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: Way = Way::ConsentWindow;

    /// The first second at which a PIN is tried again.
    fn opens(tries: &Tries, from: UnixMillis) -> Option<UnixMillis> {
        let open = |awake: &UnixMillis| tries.check(WAY, *awake).is_ok();
        (from..=from + MAX_WAIT).step_by(1_000).find(open).map(|awake| awake - from)
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_never_get_shorter() {
        let tries = Tries::default();
        let mut waited = Vec::new();
        for wrong in 1..=200 {
            tries.put(WAY, wrong, 0);
            waited.push(opens(&tries, 0));
        }
        let seconds = |n: u64| Some(n * 1_000);
        assert_eq!(
            waited.get(..2),
            Some([seconds(0); 2].as_slice()),
            "the first ones cost nothing"
        );
        assert_eq!(waited.get(2..6), Some([1, 2, 4, 8].map(seconds).as_slice()));
        assert!(waited.is_sorted() && waited.last() == Some(&Some(MAX_WAIT)), "{waited:?}");
        assert!(tries.check(Way::Terminal, 0).is_ok(), "another way has its own count");
    }

    #[test]
    fn a_restart_forgets_no_wrong_pin_whatever_the_clock_says() {
        let at = 10 * MAX_WAIT;
        let restarted = |now: UnixMillis| {
            let tries = Tries::default();
            tries.load(vec![(WAY.word().to_owned(), TryRow { wrong: 20, at })], now, 7_000);
            assert_eq!(tries.count(WAY), 20);
            opens(&tries, 7_000)
        };
        assert_eq!(restarted(at), Some(MAX_WAIT));
        assert_eq!(restarted(at + MAX_WAIT - 1_000), Some(1_000), "what ran of it counts");
        assert_eq!(restarted(at + MAX_WAIT), Some(0));
        assert_eq!(restarted(at - 5 * MAX_WAIT), Some(MAX_WAIT), "a clock set back waits no more");
    }
}
