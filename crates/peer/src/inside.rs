//! What a host asks of the node it belongs to.
//!
//! Every method may be called from several tasks at once. Those that are not futures answer
//! from memory: they run between two packets.

use crate::Address;
use artifact::{ArtifactId, HumanKey, Signature, TransportKey, UnixMillis};
use consent::{Party, VerifiedCard, VerifiedReceipt};
use session::{Code, Diverged, Invite, InviteId, Offered, Standing};
use std::{pin::Pin, sync::Arc};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Signs with the node's author_key.
pub type SignAuthor = Arc<dyn Fn(&[u8]) -> Signature + Send + Sync>;

/// What the caller of [`crate::Host::connect`] gave, handed to [`Inside::pin`] untouched: the
/// local name for the human, or the ask under which the ticket is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialTag(pub String);

/// Something this human's peer may hear of, with the consent that lets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its number among all that this human was told, from 1.
    pub seq: u64,
    /// The consent.
    pub receipt: VerifiedReceipt,
    /// The encoded head.
    pub head: Vec<u8>,
}

/// Why a human was not pinned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// The invite was used up meanwhile.
    #[error("the invitation was already used")]
    Spent,
    /// This human is not to be pinned.
    #[error("this human is not to be pinned")]
    Refused,
    /// This human is known by a newer card, or by another one of the same number.
    #[error("this human is known by a newer card")]
    CardOld,
    /// Nothing could be written.
    #[error("the pin could not be kept: {0}")]
    Broken(String),
}

/// Why serving could not be written down, so that nothing is served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("serving could not be written down: {0}")]
pub struct ServeError(pub String);

/// Why the node could not say what is to be told: it is asked again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is to be told could not be looked up: {0}")]
pub struct TellError(pub String);

/// What the node says to a delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettleReply {
    /// The envelope of the countersignature.
    Countersign(Vec<u8>),
    /// The totals of this node's book, which the receipt does not follow.
    Diverged(Diverged),
}

/// The node, as its host sees it. Where a method gives a [`Code`] as its error, the session is
/// ended with it.
pub trait Inside: Send + Sync + 'static {
    /// The clock.
    fn now(&self) -> UnixMillis;

    /// My card's envelope, the current one.
    fn card(&self) -> Arc<[u8]>;

    /// What this node thinks of an endpoint.
    fn standing(&self, endpoint: &TransportKey) -> Standing;

    /// Whether a human is shut out, wherever they come from.
    fn blocked(&self, human: &HumanKey) -> bool;

    /// Somebody who is not known here, and is who the card says, came to this endpoint: a row
    /// of the inbox. The connection is closed already.
    fn knocked<'a>(&'a self, card: VerifiedCard, endpoint: TransportKey) -> BoxFuture<'a, ()>;

    /// The invites that are out.
    fn invites(&self) -> Vec<Invite>;

    /// Pins this human in one durable transaction, which also spends the invite and refuses if
    /// it is spent already. Called on the accepting side with the invite that was proven, after
    /// card and binding were verified; on the dialling side with the tag given to `connect`,
    /// after the human's digest matched the ticket. May be called for one who is pinned already.
    fn pin<'a>(
        &'a self,
        card: VerifiedCard,
        invite: Option<InviteId>,
        dialled: Option<DialTag>,
    ) -> BoxFuture<'a, Result<(), PinError>>;

    /// A session is Ready. The card may be newer than the pinned one.
    fn ready<'a>(&'a self, party: Party, card: VerifiedCard) -> BoxFuture<'a, ()>;

    /// A session that was ready is over. Comes exactly once per `ready`, and before the next
    /// `ready` of the same endpoint. `why` is a word of [`session::Code`].
    fn gone(&self, party: Party, why: &str);

    /// What this human is entitled to hear and does not hold: those with numbers above `kept`.
    /// That it is told is durable before this returns.
    fn offers<'a>(&'a self, to: Party, kept: u64) -> BoxFuture<'a, Result<Vec<Offer>, TellError>>;

    /// Heads came, each with its receipt; nothing about them is verified.
    fn heads<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        offers: Vec<Offered>,
    ) -> BoxFuture<'a, Result<(), Code>>;

    /// The revocations for this human with numbers above `kept`, as envelopes, in order.
    fn revocations<'a>(
        &'a self,
        to: Party,
        kept: u64,
    ) -> BoxFuture<'a, Result<Vec<Vec<u8>>, TellError>>;

    /// Revocations came; nothing about them is verified.
    fn revoked<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        list: Vec<Vec<u8>>,
    ) -> BoxFuture<'a, Result<(), Code>>;

    /// Delivery receipts for this human that they have not countersigned, as envelopes.
    fn deliveries<'a>(&'a self, to: Party) -> BoxFuture<'a, Vec<Vec<u8>>>;

    /// A delivery receipt came; nothing about it is verified.
    fn delivered<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<SettleReply, Code>>;

    /// A countersignature came; nothing about it is verified.
    fn countersigned<'a>(
        &'a self,
        from: Party,
        card: VerifiedCard,
        envelope: Vec<u8>,
    ) -> BoxFuture<'a, Result<(), Code>>;

    /// The other's book does not agree with one of this node's delivery receipts.
    fn diverged<'a>(&'a self, from: Party, theirs: Diverged) -> BoxFuture<'a, ()>;

    /// The one lookup of the gate: the receipt under which `to` may have `id` now, if any.
    fn entitled(&self, to: &Party, id: &ArtifactId) -> Option<Arc<VerifiedReceipt>>;

    /// Writes down, durably and before the first byte, that `to` is served under `receipt` in
    /// `session`. Called once per receipt, peer and session. On an error nothing is served.
    fn serving<'a>(
        &'a self,
        receipt: &'a VerifiedReceipt,
        to: Party,
        session: u64,
    ) -> BoxFuture<'a, Result<(), ServeError>>;

    /// A transfer ended after `bytes` bytes of response, complete or not.
    fn served(
        &self,
        receipt: ArtifactId,
        artifact: ArtifactId,
        to: Party,
        session: u64,
        bytes: u64,
        whole: bool,
    );

    /// Something was refused, for the journal. At most ten a second per endpoint.
    fn refused(&self, endpoint: TransportKey, human: Option<HumanKey>, why: &'static str);

    /// This node is somewhere else than before: another address, another relay, or a network
    /// again after none. A good time to dial whoever is missed. May come often.
    fn moved(&self) {}

    /// The packets of a session go another way than before: from machine to machine, or by a
    /// relay. May come often.
    fn rerouted(&self, _party: Party) {}

    /// A session reaches its peer at another address than before. `addresses` are all at which it
    /// did, the newest first, and no more than a ticket has. May come often.
    fn reached_at(&self, _party: Party, _addresses: Vec<Address>) {}

    /// The other end of a connection broke the protocol with `code`, which is a violation.
    /// `human` is who is behind it, where the binding was verified in this session. The
    /// connection ends with this code. May come often: nothing limits it.
    fn violated(&self, endpoint: TransportKey, human: Option<HumanKey>, code: Code);

    /// The other side says that it will fetch `id`.
    fn wanted(&self, _from: Party, _id: ArtifactId) {}

    /// The other side says that it will not fetch `id`.
    fn declined(&self, _from: Party, _id: ArtifactId, _why: &str) {}
}
