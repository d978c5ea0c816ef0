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
const MAX_OFFERS: usize = 256;

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
    /// Crystal. What your human may have.
    Heads(Heads),
    /// Crystal. I shall fetch this.
    Want(Want),
    /// Crystal. I shall not fetch this, and why.
    Decline(Decline),
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
    /// The encoded head.
    pub head: ByteBuf,
    /// The consent receipt's envelope.
    pub receipt: ByteBuf,
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
            Self::Card(m) => m.card.len() <= Kind::Card.cap(),
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
            }
            Self::Ping(_) | Self::Want(_) => true,
            Self::Close(m) => word(&m.code),
            Self::Decline(m) => word(&m.why),
            Self::Heads(m) => {
                m.offers.len() <= MAX_OFFERS && m.offers.iter().all(Offered::within_limits)
            }
        };
        if ok { Ok(()) } else { Err(CanonError::Malformed("a field is over its limit".to_owned())) }
    }
}

impl Offered {
    fn within_limits(&self) -> bool {
        self.head.len() <= artifact::head::MAX_HEAD && self.receipt.len() <= Kind::Consent.cap()
    }
}

fn word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_WORD && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Packs offers (head, receipt) into as few `heads` frames as their order allows.
///
/// # Errors
/// When one offer is over its own limits.
pub fn pack_heads<'a>(
    offers: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
) -> Result<Vec<Vec<u8>>, CanonError> {
    // The map's and list's headers, and per offer the two keys and three headers, rounded up.
    const FIXED: usize = 32;
    const PER_OFFER: usize = 32;
    let mut frames = Vec::new();
    let mut batch: Vec<Offered> = Vec::new();
    let mut size = FIXED;
    for (head, receipt) in offers {
        let more = PER_OFFER + head.len() + receipt.len();
        if !batch.is_empty() && (size + more > FRAME_CAP || batch.len() == MAX_OFFERS) {
            frames.push(Message::Heads(Heads { offers: std::mem::take(&mut batch) }).encode()?);
            size = FIXED;
        }
        size += more;
        batch.push(Offered {
            head: ByteBuf::from(head.to_vec()),
            receipt: ByteBuf::from(receipt.to_vec()),
        });
    }
    if !batch.is_empty() {
        frames.push(Message::Heads(Heads { offers: batch }).encode()?);
    }
    Ok(frames)
}
