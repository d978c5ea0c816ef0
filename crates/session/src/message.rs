//! What two nodes say to each other, as canonical CBOR, one message per frame.
//!
//! A message is a map with one entry, its name: `{"introduce": {…}}`. `introduce` never
//! changes its shape, so that any two versions can read each other's; everything after it may.

use artifact::{ArtifactId, CanonError, Kind, Signature, canon};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};
use std::collections::BTreeMap;

/// The most bytes of one frame.
pub const FRAME_CAP: usize = 64 << 10;
/// The most versions one node names.
const MAX_VERSIONS: usize = 16;
/// The most capabilities, policies or limits one node names.
const MAX_NAMED: usize = 32;
/// The most bytes of a name, a reason or a code.
const MAX_WORD: usize = 64;
/// The most offers in one frame.
pub const MAX_OFFERS: usize = 256;
/// The highest number of a head or a revocation: what every JSON reader holds exactly, and far
/// from where counting on would overflow.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;
/// The most revocations in one frame.
const MAX_REVOCATIONS: usize = 64;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// Control. The first message of either side.
    Introduce(Introduce),
    /// Control. Who I am, bound to this connection.
    Card(CardMessage),
    /// Control. What I can do.
    Capabilities(Capabilities),
    /// Control. I am still here.
    Ping(Ping),
    /// Control. I am leaving, and why.
    Close(Close),
    /// Control. You are not known here: show who you are, and wait for this human.
    Wait(Wait),
    /// Control. Who I am, to one who does not know me.
    Knock(CardMessage),
    /// Control. What my human has withdrawn from yours.
    Revocations(Revocations),
    /// Crystal. What your human may have.
    Heads(Heads),
    /// Crystal. I shall fetch this.
    Want(Want),
    /// Crystal. I shall not fetch this, and why.
    Decline(Decline),
    /// Settle. What I received of you.
    Delivery(Signed),
    /// Settle. My book says the same.
    Countersign(Signed),
    /// Settle. My book says otherwise.
    Diverged(Diverged),
}

/// The first message of either side. Its shape is the same in every version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introduce {
    /// The versions spoken, ascending, each once.
    pub versions: Vec<u64>,
    /// BLAKE3 of the card envelope that will follow.
    pub card: ArtifactId,
    /// The dialler's proof that it holds an invite: [`crate::invite_proof`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ByteArray<32>>,
}

/// A card with its binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardMessage {
    /// The card's envelope.
    #[serde(with = "serde_bytes")]
    pub card: Vec<u8>,
    /// The author_key's signature over [`crate::binding_bytes`].
    #[serde(with = "serde_bytes")]
    pub binding: Signature,
}

/// What a node can do. Names that are not known are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// ALPN-like names of what it speaks beside the handshake, sorted.
    pub caps: Vec<String>,
    /// Names of policies it holds itself to, sorted.
    pub policies: Vec<String>,
    /// Sizes in bytes, by name.
    pub limits: BTreeMap<String, u64>,
    /// What I hold of yours already.
    pub kept: Kept,
}

/// How much of what the other numbered is durably here: nothing at or below is told again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The highest number of a head.
    pub heads: u64,
    /// The highest number of a revocation.
    pub revocations: u64,
}

/// You are not known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {}

/// Revocations, in the order of their numbers, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    /// Their envelopes.
    pub list: Vec<ByteBuf>,
}

/// A signed envelope, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The envelope.
    pub envelope: ByteBuf,
}

/// What my book says of what I gave you.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diverged {
    /// The delivery receipt that does not agree.
    pub delivery: ArtifactId,
    /// Artifacts.
    pub count: u64,
    /// Bytes of them.
    pub bytes_total: u64,
}

/// I am still here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ping {}

/// I am leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// A word of [`crate::Code`].
    pub code: String,
}

/// Heads with the receipts that let them be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// The offers, in the giver's order.
    pub offers: Vec<Offered>,
}

/// One head with its receipt, both unverified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// Its number: the giver counts what it tells this human, from 1.
    pub seq: u64,
    /// The encoded head.
    pub head: ByteBuf,
    /// The consent receipt's envelope.
    pub receipt: ByteBuf,
    /// The grant it was signed under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<ByteBuf>,
}

/// I shall fetch this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// The artifact.
    pub id: ArtifactId,
}

/// I shall not fetch this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// The artifact.
    pub id: ArtifactId,
    /// One word.
    pub why: String,
}

impl Message {
    /// Encodes the message as one frame.
    ///
    /// # Errors
    /// When it is over [`FRAME_CAP`] or breaks a limit that a receiver holds it to.
    pub fn encode(&self) -> Result<Vec<u8>, CanonError> {
        self.check()?;
        let bytes = canon::encode(self)?;
        if bytes.len() > FRAME_CAP {
            return Err(CanonError::TooLarge { size: bytes.len(), cap: FRAME_CAP });
        }
        Ok(bytes)
    }

    /// Decodes one frame.
    ///
    /// # Errors
    /// When it is too large, not canonical, not a message, or over a limit.
    pub fn decode(frame: &[u8]) -> Result<Self, CanonError> {
        let message: Self = canon::decode(frame, FRAME_CAP)?;
        message.check()?;
        Ok(message)
    }

    fn check(&self) -> Result<(), CanonError> {
        let ok = match self {
            Self::Introduce(m) => {
                let few = (1..=MAX_VERSIONS).contains(&m.versions.len());
                few && m.versions.is_sorted_by(|a, b| a < b)
            }
            Self::Card(m) | Self::Knock(m) => m.card.len() <= Kind::Card.cap(),
            Self::Capabilities(m) => {
                let names = |list: &[String]| {
                    list.len() <= MAX_NAMED
                        && list.iter().all(|name| word(name))
                        && list.is_sorted_by(|a, b| a < b)
                };
                names(&m.caps)
                    && names(&m.policies)
                    && m.limits.len() <= MAX_NAMED
                    && m.limits.keys().all(|name| word(name))
                    && m.kept.heads.max(m.kept.revocations) <= MAX_NUMBER
            }
            Self::Ping(_) | Self::Want(_) | Self::Wait(_) | Self::Diverged(_) => true,
            Self::Revocations(m) => {
                let small = |one: &ByteBuf| one.len() <= Kind::Revocation.cap();
                (1..=MAX_REVOCATIONS).contains(&m.list.len()) && m.list.iter().all(small)
            }
            Self::Delivery(m) => m.envelope.len() <= Kind::Delivery.cap(),
            Self::Countersign(m) => m.envelope.len() <= Kind::Countersign.cap(),
            Self::Close(m) => word(&m.code),
            Self::Decline(m) => word(&m.why),
            Self::Heads(m) => {
                let rising = m.offers.is_sorted_by(|a, b| a.seq < b.seq);
                rising
                    && m.offers.len() <= MAX_OFFERS
                    && m.offers.iter().all(Offered::within_limits)
            }
        };
        if ok { Ok(()) } else { Err(CanonError::Malformed("a field is over its limit".to_owned())) }
    }
}

impl Offered {
    fn within_limits(&self) -> bool {
        (1..=MAX_NUMBER).contains(&self.seq)
            && self.head.len() <= artifact::head::MAX_HEAD
            && self.receipt.len() <= Kind::Consent.cap()
            && self.grant.as_ref().is_none_or(|grant| grant.len() <= Kind::Grant.cap())
    }
}

fn word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_WORD && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Packs offers into as few `heads` frames as their order allows.
///
/// # Errors
/// When one offer is over its own limits, or their numbers do not rise.
pub fn pack_heads(offers: Vec<Offered>) -> Result<Vec<Vec<u8>>, CanonError> {
    let size = |offer: &Offered| {
        PER_PIECE
            + offer.head.len()
            + offer.receipt.len()
            + offer.grant.as_ref().map_or(0, |g| g.len())
    };
    pack(offers, MAX_OFFERS, size, |offers| Message::Heads(Heads { offers }))
}

/// Packs revocations into as few frames as their order allows.
///
/// # Errors
/// When one is over its own limit.
pub fn pack_revocations(list: Vec<ByteBuf>) -> Result<Vec<Vec<u8>>, CanonError> {
    let size = |one: &ByteBuf| PER_PIECE + one.len();
    pack(list, MAX_REVOCATIONS, size, |list| Message::Revocations(Revocations { list }))
}

/// The map's and list's headers, rounded up.
const FIXED: usize = 32;
/// The keys, headers and numbers of one piece, rounded up.
const PER_PIECE: usize = 64;

fn pack<T>(
    pieces: Vec<T>,
    most: usize,
    size_of: impl Fn(&T) -> usize,
    message: impl Fn(Vec<T>) -> Message,
) -> Result<Vec<Vec<u8>>, CanonError> {
    let mut frames = Vec::new();
    let mut batch = Vec::new();
    let mut size = FIXED;
    for piece in pieces {
        let more = size_of(&piece);
        if !batch.is_empty() && (size + more > FRAME_CAP || batch.len() == most) {
            frames.push(message(std::mem::take(&mut batch)).encode()?);
            size = FIXED;
        }
        size += more;
        batch.push(piece);
    }
    if !batch.is_empty() {
        frames.push(message(batch).encode()?);
    }
    Ok(frames)
}
