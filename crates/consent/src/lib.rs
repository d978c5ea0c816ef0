//! Asks, decisions, receipts, the journal's chain, and the pure prompt built from facts.
//!
//! Promises: a [`VerifiedReceipt`] exists only after every check of [`receive`] or
//! [`VerifiedReceipt::own`] passed; the prompt is a function of facts computed from frozen
//! bytes, so nothing an agent says can change a row of it but the one that quotes it.
//!
//! Pure: no IO, no clock, no randomness. It does not know where asks are stored, how a human
//! is reached, or how bytes travel.

pub mod anchor;
pub mod ask;
pub mod book;
pub mod journal;
pub mod policy;
pub mod prompt;
pub mod receipt;
pub mod receive;
pub mod revoke;
pub mod rotation;
pub mod rule;

pub use anchor::{Anchor, Standing};
pub use ask::{
    Answer, Ask, AskId, Finding, Origin, Reach, Redaction, Requester, ScopeError, State, Way, Wish,
    may_name,
};
pub use book::{Book, DeliveryRefused};
pub use journal::{ChainError, Entry, EntryHash, Event, JournalHead, SignedHead};
pub use policy::{Accepted, Objection, Policies, Share};
pub use prompt::{Alike, Before, Facts, PeerFact, Prompt, prompt, words_of};
pub use receipt::{OwnReceiptError, Party, VerifiedReceipt};
pub use receive::{Arrival, CLOCK_SKEW, Expected, Floor, Received, Refused, VerifiedCard};
pub use revoke::RevocationRefused;
pub use rotation::{NodeKey, Rotation};
pub use rule::{Bounds, Outside, Term};

#[cfg(test)]
mod tests;
