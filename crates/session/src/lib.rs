//! A peer session as a state machine without IO: (state, channel, message) → (state, messages,
//! effects), or a refusal with a code.
//!
//! Promises: no session is Ready before the other's card was opened, found valid now, found to
//! name the TLS endpoint it came over, and bound to this very connection by its author_key;
//! who is neither invited nor pinned is told to show themselves and to wait, and nothing else;
//! the same inputs give the same bytes.
//!
//! Pure: no IO, no clock, no randomness. It does not know what a socket is, where pins and
//! invites are kept, or how a human is told.

pub mod binding;
pub mod code;
pub mod facts;
pub mod machine;
pub mod message;

pub use binding::{EXPORTER_LABEL, binding_bytes, human_digest, invite_proof};
pub use code::Code;
pub use facts::{
    Channel, Effect, Facts, Input, Invitation, Invite, InviteId, PinRefused, Refusal, Role, Stage,
    Standing, Step,
};
pub use machine::Session;
pub use message::{
    Capabilities, CardMessage, Close, Decline, Diverged, FRAME_CAP, Heads, Introduce, Kept,
    MAX_NUMBER, MAX_OFFERS, Message, Offered, Ping, Revocations, Signed, Wait, Want, pack_heads,
    pack_revocations,
};

/// The newest version of the wire that this crate speaks.
pub const VERSION: u64 = 0;
/// Every version that this crate speaks, ascending.
pub const VERSIONS: &[u64] = &[VERSION];
