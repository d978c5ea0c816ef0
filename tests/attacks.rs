//! What a machine does that means harm, as often as it likes: requests by the ten thousand, peers by
//! the thousand, a clock that jumps by years. Each goes to a short figure in every test run and to
//! a long one in `./dev test --long`, and says how far it went. And what it does once: agents that
//! reach beyond their place, a program that becomes another, a disk that is carried away.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "attacks/clock.rs"]
mod clock;
#[path = "attacks/copied.rs"]
mod copied;
#[path = "attacks/deputy.rs"]
mod deputy;
#[cfg(target_os = "linux")]
#[path = "attacks/evidence.rs"]
mod evidence;
#[path = "attacks/neighbour.rs"]
mod neighbour;
#[path = "attacks/peers.rs"]
mod peers;
#[path = "attacks/requests.rs"]
mod requests;
#[allow(dead_code, reason = "shared with the tests of the command, which use other parts")]
#[path = "command/rig.rs"]
mod rig;
#[path = "attacks/watched.rs"]
mod watched;
