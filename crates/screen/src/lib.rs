//! Finds secrets and personal data in bytes, and masks the secrets in text.
//!
//! Own engine over rules that are data (`rules/*.toml`): one Aho-Corasick pass over the keywords
//! of all rules; at each hit the rule's pattern, anchored; then what the rule asks of the value.
//! What is written in base64, in hex, in escapes or compressed is read too, up to three layers
//! deep, and so is what was cut in two by quotes, by a line's end or by invisible characters.
//!
//! Promises: pure, never panics, time linear in the bytes, memory bounded, the same bytes give
//! the same report; ranges lie inside the bytes and never overlap; no more than eight characters
//! of a secret stand in a finding; what was not looked through is a finding itself.
//! It does not know what the bytes mean, whether a secret is live, or who asks.

mod armor;
mod assign;
mod check;
mod engine;
mod finding;
mod mail;
mod mask;
mod person;
mod rules;
mod runs;
mod search;
mod stream;
mod view;
mod weave;

pub use finding::{Class, Finding, MAX_BYTES, MAX_FINDINGS, Report, scan};
pub use mask::mask;
pub use rules::{Rule, rules};
pub use stream::{Met, scan_all};
