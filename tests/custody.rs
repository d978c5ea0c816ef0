//! Custody of human_key over a real node: what stays in its memory after the lock, what a keychain
//! that fails costs, and how the other keys are replaced.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[cfg(target_os = "linux")]
#[path = "custody/bus.rs"]
mod bus;
#[path = "custody/cards.rs"]
mod cards;
#[path = "custody/failing.rs"]
mod failing;
#[cfg(target_os = "linux")]
#[path = "custody/memory.rs"]
mod memory;
#[path = "custody/rotate.rs"]
mod rotate;
