//! What is said between nodes: ids, canonical bytes, envelopes, trace, crystal, head, card,
//! receipt bytes, key roles, and the checks that need nothing but the bytes.
//!
//! Pure: no IO, no clock, no randomness. It does not know who is trusted, what is stored,
//! or that a network exists. Every byte format here is specified in `docs/spec/`, and the
//! vectors under `tests/vectors/` hold it there.

pub mod canon;
pub mod card;
pub mod crystal;
pub mod delivery;
pub mod display;
pub mod envelope;
pub mod grant;
pub mod head;
pub mod id;
pub mod key;
pub mod policy;
pub mod receipt;
pub mod revocation;
pub mod stack;
pub mod trace;
pub mod words;

pub use canon::CanonError;
pub use card::Card;
pub use crystal::{Check, CommitmentKey, Crystal, DeadEnd, Env, FixStep, Outcome};
pub use delivery::{Countersign, Delivery};
pub use display::{DisplaySafe, display_safe};
pub use envelope::{Envelope, EnvelopeError, Kind, Opened};
pub use grant::Grant;
pub use head::Head;
pub use id::ArtifactId;
pub use key::{
    Author, AuthorKey, Human, HumanKey, Journal, JournalKey, Organisation, OrganisationKey, Public,
    Role, Rule, RuleKey, Secret, Signature, Solana, SolanaKey, Transport, TransportKey,
};
pub use policy::{Forbid, Policy};
pub use receipt::{Act, Audience, KeyProtection, Limits, Nonce, Object, Receipt, SignedBy};
pub use revocation::{Revocation, Target};
pub use trace::{Source, Step, StepKind, Trace};

/// Milliseconds since 1970-01-01T00:00:00Z, the only unit of time on the wire.
pub type UnixMillis = u64;
