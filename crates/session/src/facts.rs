//! What a session is decided on, and what follows from it: everything that crosses the border
//! between the state machine and whoever runs it.

use crate::{
    Capabilities, Code,
    message::{Diverged, Kept, Offered},
};
use artifact::{ArtifactId, HumanKey, Signature, TransportKey, UnixMillis};
use consent::{Party, VerifiedCard};
use std::fmt;

/// The name of an invite, for whoever keeps them. Not secret.
pub type InviteId = [u8; 16];

/// An invite that was given and not used yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its name.
    pub id: InviteId,
    /// Its one-use secret.
    pub secret: [u8; 32],
    /// When it stops being good.
    pub expires: UnixMillis,
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What a dialler takes from a ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// Digest of the human_key that must answer: [`crate::human_digest`].
    pub human: [u8; 32],
    /// The invite's secret.
    pub secret: [u8; 32],
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").finish_non_exhaustive()
    }
}

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Made the connection.
    Dialler,
    /// Took it.
    Accepter,
}

impl Role {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Dialler => Self::Accepter,
            Self::Accepter => Self::Dialler,
        }
    }
}

/// Where a message came from or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// `tracenet/handshake/0`
    Control,
    /// `tracenet/crystal/0`
    Crystal,
    /// `tracenet/settle/0`
    Settle,
}

/// What this node thinks of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Never met.
    Unknown,
    /// This human is pinned for it.
    Pinned {
        /// The pinned human_key.
        human: HumanKey,
        /// The highest `seq` of their cards seen.
        card_seq: u64,
        /// What this node holds of theirs.
        kept: Kept,
    },
    /// Shut out. Answered like a stranger, and never noted in the inbox.
    Blocked,
}

/// What a step is decided on, beside the message. All of it is passed in.
pub struct Facts<'a> {
    /// Which end this is.
    pub role: Role,
    /// 32 bytes of this connection's keying material.
    pub exporter: &'a [u8; 32],
    /// The TLS endpoint id of the other end.
    pub remote: TransportKey,
    /// My card's envelope, the same for the whole session.
    pub card: &'a [u8],
    /// Signs with my author_key.
    pub sign: &'a dyn Fn(&[u8]) -> Signature,
    /// What I think of the other end now.
    pub standing: Standing,
    /// Whether a human is shut out, wherever they come from.
    pub blocked: &'a dyn Fn(&HumanKey) -> bool,
    /// For an accepter: the invites that are out.
    pub invites: &'a [Invite],
    /// For a dialler: what its ticket says, if it came by one.
    pub invitation: Option<Invitation>,
    /// What I can do; what I hold of theirs is added from [`Facts::standing`].
    pub capabilities: &'a Capabilities,
    /// This clock.
    pub now: UnixMillis,
}

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A frame came.
    Frame(Channel, &'a [u8]),
    /// A frame over the cap was announced, and not read.
    Oversized,
    /// Nothing came in time.
    Late,
    /// The answer to [`Effect::Pin`].
    Pinned(Result<(), PinRefused>),
}

/// Why a human could not be pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinRefused {
    /// The invite was used up meanwhile, or this human is not to be pinned.
    Refused,
    /// This human is known by a newer card, or by another one of the same number.
    CardOld,
    /// Nothing could be written.
    Broken,
}

/// What must be done beside sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Pin this human durably, spending the invite in the same transaction, and answer with
    /// [`Input::Pinned`] before anything else.
    Pin {
        /// The verified card.
        card: VerifiedCard,
        /// On the accepting side, the invite that was proven.
        invite: Option<InviteId>,
    },
    /// The other is proven: other ALPNs may be accepted from it. Comes before the frames of the
    /// same step are sent.
    Open(Party),
    /// A stranger, proven to be who this card says: this human may accept them. The session is
    /// over: the connection is closed with [`Code::Waiting`] once the frame of this step is sent,
    /// and before this is noted, so that nothing tells a stranger from one who is shut out.
    Knocked(VerifiedCard),
    /// Its capabilities came: other ALPNs may be dialled.
    Speak(Capabilities),
    /// It withdraws these, unverified.
    Revocations(Vec<serde_bytes::ByteBuf>),
    /// It says that it received something: an envelope, unverified.
    Delivery(serde_bytes::ByteBuf),
    /// It countersigns: an envelope, unverified.
    Countersign(serde_bytes::ByteBuf),
    /// Its book differs from one of our delivery receipts.
    Diverged(Diverged),
    /// It offers these, unverified.
    Heads(Vec<Offered>),
    /// It will fetch this.
    Want(ArtifactId),
    /// It will not fetch this.
    Decline(ArtifactId, String),
    /// It closed the session.
    Closed(Code),
}

/// What follows from an input: frames to send on the control channel, in order, and effects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Frames for the control channel.
    pub send: Vec<Vec<u8>>,
    /// Effects, in order.
    pub effects: Vec<Effect>,
}

/// The session is closed by this side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("session refused: {code}")]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// The last frame for the control channel.
    pub say: Vec<u8>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Introduced itself, waits for the other to.
    Dialled,
    /// Waits for the dialler to introduce itself.
    Accepted,
    /// Not known here; waits for it to show who it is.
    Inbox,
    /// Not known there; has shown who it is, and waits for the other's close.
    Knocking,
    /// Both are introduced; waits for the other's card.
    Introduced,
    /// The other's card and binding hold; waits for the pin to be durable.
    Pinning,
    /// The other is proven and has our card.
    Ready,
    /// Over.
    Closed,
}
