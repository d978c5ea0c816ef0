//! A proof of the protocol within small bounds: every order in which its steps can happen.
//!
//! Three explorations. [`sharing`] is one node with its agents, its human, its peers, a crash and
//! a revocation: what is asked, signed, let out, served and stopped. [`ruling`] is one rule: what
//! the human allowed an agent for a while, and what is signed under it. [`meeting`] is two real
//! session machines with somebody between them who delays, drops, doubles and replays.
//!
//! What is pure runs as it is: sessions, receipts, the receiver's order, revocations. What the
//! node adds around them is one step here for each step there, named after it; between any two
//! steps everything else may happen. A [`Slip`] leaves one guard out, and the exploration must
//! then find the state that it guards against: a proof that cannot fail proves nothing.
#![allow(clippy::unwrap_used, reason = "a model that cannot be built is a failed test")]
#![allow(clippy::indexing_slicing, reason = "every index is below a constant of the model")]

pub mod meeting;
pub mod people;
pub mod ruling;
pub mod sharing;
