//! The envelope around everything that is signed: `{ t: type, p: payload, s: [{ k, g }] }`.
//!
//! Promises: signatures are checked over the received bytes, never over a re-encoding, and
//! only then is the payload decoded; exactly the roles that [`Kind::signers`] names have
//! signed, in that order. Format: DSSE pre-authentication encoding,
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>.

use crate::{ArtifactId, CanonError, Signature, canon};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What an envelope holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A raw agent log with its steps. Never leaves this machine.
    Trace,
    /// A distilled, reusable piece of memory.
    Crystal,
    /// A human's statement of which keys are theirs.
    Card,
    /// A human's consent to export exactly one artifact to exactly one audience.
    Consent,
    /// The signed head of a consent journal.
    JournalHead,
    /// A rule: a human lets a rule_key sign receipts of one line.
    Grant,
    /// A human's word to one peer that something is withdrawn.
    Revocation,
    /// What a taker says it received.
    Delivery,
    /// The giver's countersignature of it.
    Countersign,
    /// Where a consent journal stood when its human last decided. Never leaves this machine.
    Anchor,
    /// What an organisation forbids those who accept it. No node gives it to another.
    Policy,
}

/// A role that signs a kind, as [`Kind::signers`] lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// human_key
    Human,
    /// author_key
    Author,
    /// transport_key
    Transport,
    /// journal_key
    Journal,
    /// organisation_key
    Organisation,
}

impl Kind {
    /// Every kind, in the order of the specification.
    pub const ALL: [Self; 11] = [
        Self::Trace,
        Self::Crystal,
        Self::Card,
        Self::Consent,
        Self::JournalHead,
        Self::Grant,
        Self::Revocation,
        Self::Delivery,
        Self::Countersign,
        Self::Anchor,
        Self::Policy,
    ];

    /// The kind's word in the type string.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Crystal => "crystal",
            Self::Card => "card",
            Self::Consent => "consent",
            Self::JournalHead => "journal-head",
            Self::Grant => "grant",
            Self::Revocation => "revocation",
            Self::Delivery => "delivery",
            Self::Countersign => "countersign",
            Self::Anchor => "anchor",
            Self::Policy => "policy",
        }
    }

    /// The type string `t`.
    #[must_use]
    pub fn media_type(self) -> String {
        format!("application/vnd.tracenet.{}.v0+dag-cbor", self.word())
    }

    /// Which roles sign this kind, in this order, no fewer and no more. A consent that names a
    /// grant is signed by that grant's rule_key in place of human_key.
    #[must_use]
    pub const fn signers(self) -> &'static [Signer] {
        match self {
            Self::Trace | Self::Crystal | Self::Delivery | Self::Countersign => &[Signer::Author],
            Self::Card => &[Signer::Human, Signer::Author, Signer::Transport],
            Self::Consent | Self::Grant | Self::Revocation | Self::Anchor => &[Signer::Human],
            Self::JournalHead => &[Signer::Journal],
            Self::Policy => &[Signer::Organisation],
        }
    }

    /// Most bytes an envelope of this kind may have.
    #[must_use]
    pub const fn cap(self) -> usize {
        match self {
            Self::Trace => 64 << 20,
            Self::Crystal => 1 << 20,
            Self::Policy => 32 << 10,
            Self::Card | Self::Consent | Self::Grant => 8 << 10,
            Self::Revocation => 2 << 10,
            Self::JournalHead | Self::Delivery | Self::Countersign | Self::Anchor => 1 << 10,
        }
    }
}

/// Why an envelope is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes are too many, malformed or not canonical.
    #[error(transparent)]
    Canon(#[from] CanonError),
    /// A kind this node knows, in a version it does not. Not malice: the other is newer.
    #[error("version {0} of this kind is not supported here")]
    UnsupportedVersion(u32),
    /// A type string this node does not know.
    #[error("unknown type")]
    UnknownType,
    /// Another kind than the one that was expected here.
    #[error("expected a {expected}, this is a {found}")]
    WrongKind {
        /// The kind that belongs here.
        expected: &'static str,
        /// The kind that came.
        found: &'static str,
    },
    /// Not exactly one signature per role.
    #[error("{found} signatures, this kind has {expected}")]
    SignatureCount {
        /// Signatures the kind has.
        expected: usize,
        /// Signatures that came.
        found: usize,
    },
    /// A signature does not verify.
    #[error("signature {0} does not verify")]
    BadSignature(usize),
    /// A key that signs is not the key that the payload names for that role.
    #[error("signed by another key than the one it names")]
    WrongSigner,
    /// A field is outside what its kind allows.
    #[error("field {field} {why}")]
    BadField {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// One signature with the key that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    #[serde(with = "serde_bytes")]
    k: [u8; 32],
    #[serde(with = "serde_bytes")]
    g: Signature,
}

/// A decoded envelope whose signatures are not checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    t: String,
    #[serde(with = "serde_bytes")]
    p: Vec<u8>,
    s: Vec<Signed>,
}

/// A payload whose envelope was checked: canonical, of the expected kind, every signature good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened<T> {
    /// The payload.
    pub payload: T,
    /// BLAKE3 of the whole envelope.
    pub id: ArtifactId,
    /// The keys that signed, in the order of [`Kind::signers`].
    pub signers: Vec<[u8; 32]>,
}

impl<T> Opened<T> {
    /// The first key that signed, taken for the role that this kind's first signer has.
    ///
    /// # Errors
    /// Never for what [`open`] gave: every kind has a signer.
    pub fn signer<R>(&self) -> Result<crate::Public<R>, EnvelopeError> {
        let first = self.signers.first().copied().ok_or(EnvelopeError::WrongSigner)?;
        Ok(crate::Public::from_bytes(first))
    }
}

/// What a payload owes beyond its shape.
pub trait Payload: Serialize + DeserializeOwned {
    /// The kind whose envelope carries this payload.
    const KIND: Kind;

    /// Checks lengths, orders and relations between fields, and that `signers` are the keys
    /// the payload names, where it names any.
    ///
    /// # Errors
    /// [`EnvelopeError::BadField`] or [`EnvelopeError::WrongSigner`].
    fn check(&self, signers: &[[u8; 32]]) -> Result<(), EnvelopeError>;
}

/// `"DSSEv1" SP len(t) SP t SP len(p) SP p`: what is signed, so that a signature over one
/// kind can never be read as one over another.
#[must_use]
pub fn pae(media_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out =
        format!("DSSEv1 {} {media_type} {} ", media_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// A signer: its public key, and what signs the bytes it is given.
pub type SignWith<'a> = (&'a [u8; 32], &'a dyn Fn(&[u8]) -> Signature);

/// Puts `payload` into an envelope, signed by `sign` in the order of [`Kind::signers`].
/// Each signer is its public key and a function that signs the given bytes.
///
/// # Errors
/// When the payload breaks its own rules: what this node would refuse it does not sign.
pub fn seal<T: Payload>(payload: &T, signers: &[SignWith<'_>]) -> Result<Vec<u8>, EnvelopeError> {
    let expected = T::KIND.signers().len();
    if signers.len() != expected {
        return Err(EnvelopeError::SignatureCount { expected, found: signers.len() });
    }
    let keys: Vec<[u8; 32]> = signers.iter().map(|(key, _)| **key).collect();
    payload.check(&keys)?;
    let t = T::KIND.media_type();
    let p = canon::encode(payload)?;
    let message = pae(&t, &p);
    let s = signers.iter().map(|(key, sign)| Signed { k: **key, g: sign(&message) }).collect();
    let bytes = canon::encode(&Envelope { t, p, s })?;
    let cap = T::KIND.cap();
    if bytes.len() > cap {
        return Err(CanonError::TooLarge { size: bytes.len(), cap }.into());
    }
    Ok(bytes)
}

/// Opens an envelope of kind `T::KIND`: size, shape, kind and version, number of
/// signatures, signatures, payload, canonicity of the payload, its own rules; in that order.
///
/// # Errors
/// The first of these that fails.
pub fn open<T: Payload>(bytes: &[u8]) -> Result<Opened<T>, EnvelopeError> {
    let envelope: Envelope = canon::decode(bytes, T::KIND.cap())?;
    let found = parse_type(&envelope.t)?;
    if found != T::KIND {
        return Err(EnvelopeError::WrongKind { expected: T::KIND.word(), found: found.word() });
    }
    let expected = T::KIND.signers().len();
    if envelope.s.len() != expected {
        return Err(EnvelopeError::SignatureCount { expected, found: envelope.s.len() });
    }
    let message = pae(&envelope.t, &envelope.p);
    for (n, signed) in envelope.s.iter().enumerate() {
        if !crate::Public::<()>::from_bytes(signed.k).verifies(&message, &signed.g) {
            return Err(EnvelopeError::BadSignature(n));
        }
    }
    let payload: T = canon::decode(&envelope.p, T::KIND.cap())?;
    let signers: Vec<[u8; 32]> = envelope.s.iter().map(|signed| signed.k).collect();
    payload.check(&signers)?;
    Ok(Opened { payload, id: ArtifactId::of(bytes), signers })
}

/// Reads a type string: a kind of version 0, a known kind of another version, or unknown.
fn parse_type(t: &str) -> Result<Kind, EnvelopeError> {
    let (word, version) = t
        .strip_prefix("application/vnd.tracenet.")
        .and_then(|rest| rest.strip_suffix("+dag-cbor"))
        .and_then(|rest| rest.rsplit_once(".v"))
        .ok_or(EnvelopeError::UnknownType)?;
    let kind =
        Kind::ALL.into_iter().find(|k| k.word() == word).ok_or(EnvelopeError::UnknownType)?;
    let canonical = version == "0" || !version.starts_with(['0', '+']);
    match version.parse::<u32>() {
        Ok(0) if canonical => Ok(kind),
        Ok(n) if canonical => Err(EnvelopeError::UnsupportedVersion(n)),
        _ => Err(EnvelopeError::UnknownType),
    }
}

/// Refuses a text longer than `max` characters.
pub(crate) fn text(field: &'static str, text: &str, max: usize) -> Result<(), EnvelopeError> {
    check(text.chars().count() <= max, field, "is too long")
}

/// Refuses a list longer than `max`.
pub(crate) fn list<T>(field: &'static str, list: &[T], max: usize) -> Result<(), EnvelopeError> {
    check(list.len() <= max, field, "has too many entries")
}

/// Refuses `field` for the reason `why` unless it is `ok`.
pub(crate) fn check(ok: bool, field: &'static str, why: &'static str) -> Result<(), EnvelopeError> {
    if ok { Ok(()) } else { Err(EnvelopeError::BadField { field, why }) }
}
