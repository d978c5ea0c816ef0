//! Finds secrets and personal data in bytes, and masks the secrets in text.
//!
//! Own engine: one Aho-Corasick pass over the literals of all rules; at each hit the rule's
//! regex, anchored; then the rule's entropy floor. The rules are data (`rules.rs`).
//!
//! Promises: pure, never panics, time linear in the bytes, ranges lie inside them and never
//! overlap, and no more than eight characters of a secret stand in a finding.
//! It does not know what the bytes mean, whether a secret is live, or who asks. It reads what
//! stands there: nothing is decoded or normalised first, so a secret in base64 is not found.

mod armor;
mod engine;
mod finding;
mod mail;
mod mask;
mod rules;

pub use finding::{Class, Finding, MAX_BYTES, MAX_FINDINGS, Report, scan};
pub use mask::mask;
