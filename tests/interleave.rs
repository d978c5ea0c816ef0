//! Whatever the order: agents, humans, peers, the clock, restarts and deaths of one real node
//! take turns as a seed decides, some of them at once, and after every step the laws of consent
//! hold.
//!
//! The node is whole: its events, its store (on a disk in memory), its outbox and its host. What
//! peers and agents say comes in where the host and the doors bring it, without a socket in
//! between. Ids and keys are new in every run; who does what, and when, follows from the seed.
//!
//! `TRACENET_STEPS` says how many steps in all, `TRACENET_SEED` where to begin. A world that
//! fails names its own seed: that, and its number of steps, show the same turns again.

#[path = "interleave/people.rs"]
mod people;
#[path = "interleave/race.rs"]
mod race;
#[path = "interleave/rules.rs"]
mod rules;
#[path = "interleave/steps.rs"]
mod steps;
#[path = "interleave/strangers.rs"]
mod strangers;
#[path = "interleave/world.rs"]
mod world;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};
use world::World;

/// Steps in all, where nobody says.
const STEPS: u64 = 100_000;
/// Steps of one world. Then another begins, with other dice.
const STEPS_OF_A_WORLD: u64 = 1_000;

/// What happens at least once in five thousand steps.
const COMMON: [&str; 22] = [
    "allowed",
    "by rule",
    "minded",
    "muted",
    "gone on",
    "denied",
    "withdrawn",
    "served",
    "not entitled",
    "told",
    "shut out",
    "let back in",
    "knocked",
    "accepted",
    "dismissed",
    "let",
    "let no more",
    "revoked",
    "signed",
    "died",
    "raced",
    "settled in a race",
];

fn number(name: &str, otherwise: u64) -> u64 {
    let said = std::env::var(name).ok().filter(|said| !said.is_empty());
    said.map_or(otherwise, |said| said.parse().unwrap_or_else(|e| panic!("{name}={said}: {e}")))
}

fn live(seed: u64, steps: u64) -> BTreeMap<&'static str, u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut world = World::begin(seed).await;
        for _ in 0..steps {
            world.step().await;
        }
        world.end().await
    })
}

#[test]
fn whatever_the_order_nothing_leaves_that_no_receipt_covers() {
    let (seed, steps) = (number("TRACENET_SEED", 1), number("TRACENET_STEPS", STEPS));
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let counts: Mutex<BTreeMap<&'static str, u64>> = Mutex::default();
    let worlds = steps.div_ceil(STEPS_OF_A_WORLD);
    // Every world waits for its own events most of the time: more of them than cores.
    let threads = 2 * thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= worlds {
                        break;
                    }
                    let here = STEPS_OF_A_WORLD.min(steps - n * STEPS_OF_A_WORLD);
                    let counted = live(seed.wrapping_add(n), here);
                    let mut counts = counts.lock().unwrap();
                    counted.into_iter().for_each(|(what, n)| *counts.entry(what).or_default() += n);
                }
            });
        }
    });
    let counts = counts.into_inner().unwrap();
    println!(
        "{steps} steps from seed {seed} in {:.1} s: {counts:?}",
        began.elapsed().as_secs_f64()
    );
    // Worlds in which nothing happens hold every law.
    for what in COMMON {
        let often = counts.get(what).copied().unwrap_or_default();
        assert!(often >= steps / 5_000, "{what} only {often} times in {steps} steps");
    }
}
