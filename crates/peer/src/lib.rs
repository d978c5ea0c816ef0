//! Speaks to other nodes over iroh.
//!
//! Promises: no ALPN but the handshake is accepted from an endpoint whose session is not Ready;
//! no byte of an artifact leaves but through the gate, which asks [`Inside::entitled`] once per
//! request and answers everything else alike; the outbox holds only what [`Host::export`] was
//! given a [`consent::VerifiedReceipt`] for; nothing looks up or relays but as [`Reach`] says, and
//! nothing maps a port; who is to be reached only by relay learns no address of this machine.
//!
//! It does not know where pins, invites and receipts are kept, who the human is, or when to
//! dial again: the node is [`Inside`] and decides all of that.
//!
//! On shutdown: connections are closed with a code, the outbox is synced. What was told to
//! [`Inside`] before stays told; a transfer in flight is cut and reported as not whole.

mod address;
mod bind;
mod config;
mod converse;
mod crystal;
mod dial;
mod fetch;
mod frame;
mod gate;
mod handshake;
mod hook;
mod host;
mod inside;
mod limit;
mod live;
mod net;
mod outbox;
mod reach;
mod seat;
mod sessions;
mod settle;
mod shared;
mod speech;
mod ticket;

pub use address::{Address, AddressError, ServerUrl, ServerUrlError};
pub use config::{Config, Timings};
pub use dial::DialError;
pub use fetch::FetchError;
pub use host::{Connected, Host, Path, PushError, StartError};
pub use inside::{
    BoxFuture, DialTag, Inside, Offer, PinError, ServeError, SettleReply, SignAuthor, TellError,
};
pub use net::ReachError;
pub use outbox::ExportError;
pub use reach::{Anywhere, Lookup, OnlyByRelay, Reach, RelayState, Relays};
pub use session::{Code, Diverged, Invite, InviteId, Kept, Offered, Standing};
pub use ticket::{Ticket, TicketError};

/// Introductions, cards, capabilities.
pub const HANDSHAKE_ALPN: &[u8] = b"tracenet/handshake/0";
/// Heads and what is said about them.
pub const CRYSTAL_ALPN: &[u8] = b"tracenet/crystal/0";
/// Delivery receipts and what is said about them.
pub const SETTLE_ALPN: &[u8] = b"tracenet/settle/0";
/// The only protocol that serves artifacts.
pub const PACKET_ALPN: &[u8] = b"tracenet/packet/0";
/// Said by a node that keeps earlier cards of people.
pub(crate) const EARLIER_CARDS: &str = "earlier-cards";
