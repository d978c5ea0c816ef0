//! What a receiver checks before it keeps a byte, in one fixed order, failing closed.
//!
//! Two halves of one list: [`expect`] runs when a head arrives, [`Expected::accept`] when the
//! bytes do. The order is part of the specification, because the first failing check is the
//! error both sides see.

use crate::VerifiedReceipt;
use artifact::{
    Act, ArtifactId, Audience, AuthorKey, CanonError, Card, Crystal, EnvelopeError, Grant, Head,
    HumanKey, KeyProtection, Opened, Receipt, SignedBy, UnixMillis,
};

/// How far ahead of this clock a receipt may have been signed: 10 minutes.
pub const CLOCK_SKEW: UnixMillis = 10 * 60 * 1000;

/// The weakest custody of a giver's key that this node accepts.
pub type Floor = KeyProtection;

/// A card whose envelope was opened: the keys in it prove that they belong together. Whether
/// its human is *trusted* is another question, which pinning answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCard {
    card: Card,
    id: ArtifactId,
    envelope: Vec<u8>,
    /// Earlier cards of this human.
    former: Vec<Card>,
}

impl VerifiedCard {
    /// Opens a card's envelope.
    ///
    /// # Errors
    /// The envelope's own.
    pub fn open(envelope: &[u8]) -> Result<Self, EnvelopeError> {
        let Opened { payload, id, .. } = Card::open(envelope)?;
        Ok(Self { card: payload, id, envelope: envelope.to_vec(), former: Vec::new() })
    }

    /// Beside earlier cards of the same human: what their author_keys signed was theirs too, and so
    /// were receipts of their time. Cards of others, newer ones and what is no card say nothing.
    #[must_use]
    pub fn after<'a>(mut self, earlier: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let opened = earlier.into_iter().filter_map(|bytes| Card::open(bytes).ok());
        let mine = |card: &Card| card.human == self.card.human && card.seq < self.card.seq;
        self.former = opened.map(|opened| opened.payload).filter(mine).collect();
        self
    }

    /// Whether this human says that the key is, or was, their author_key.
    #[must_use]
    pub fn is_author(&self, key: &AuthorKey) -> bool {
        self.card.author == *key || self.former.iter().any(|card| card.author == *key)
    }

    /// Whether this card, or an earlier one, was valid at `at`.
    #[must_use]
    pub fn was_valid_at(&self, at: UnixMillis) -> bool {
        self.card.valid_at(at) || self.former.iter().any(|card| card.valid_at(at))
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// The envelope as it was received.
    #[must_use]
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// BLAKE3 of the card's envelope.
    #[must_use]
    pub const fn id(&self) -> ArtifactId {
        self.id
    }
}

/// Why a delivery is refused. [`Refused::code`] is on the wire and in the vectors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The receipt is no well-formed, signed consent.
    #[error("the receipt is not valid: {0}")]
    Receipt(EnvelopeError),
    /// The receipt was signed by another human than the card's.
    #[error("the receipt was signed by another key than the card's human_key")]
    NotTheirs,
    /// The card was not valid when the receipt was signed.
    #[error("the giver's card was not valid when the receipt was signed")]
    CardExpired,
    /// Signed more than [`CLOCK_SKEW`] ahead of this clock.
    #[error("the receipt was signed more than 10 minutes in the future")]
    FromTheFuture,
    /// Its time has passed.
    #[error("the receipt has expired")]
    Expired,
    /// Neither public nor addressed to this human.
    #[error("the receipt is addressed to somebody else")]
    NotForMe,
    /// An act that does not export.
    #[error("the receipt does not allow this act")]
    WrongAct,
    /// It names a grant that did not come with it, or another came.
    #[error("the receipt names a grant that did not come with it")]
    UnknownGrant,
    /// The grant is no well-formed, signed grant.
    #[error("the grant is not valid: {0}")]
    Grant(EnvelopeError),
    /// It lies outside what its grant allows.
    #[error("the receipt is outside what its grant allows")]
    OutsideGrant,
    /// The giver has revoked it.
    #[error("the receipt was revoked")]
    Revoked,
    /// The giver's key is kept less safely than this node demands.
    #[error("the giver's key is kept less safely than this node demands")]
    WeakCustody,
    /// The bytes are not the ones consented to.
    #[error("the bytes are not the ones that the receipt names")]
    WrongBytes,
    /// The bytes are no well-formed, signed crystal.
    #[error("the artifact is not valid: {0}")]
    Artifact(EnvelopeError),
    /// The head that came before is not the head of these bytes.
    #[error("the head does not match the artifact")]
    WrongHead,
    /// The artifact was written by somebody else than the giver.
    #[error("the artifact was signed by another author than the card's")]
    WrongAuthor,
}

/// The word in the journal for what is only of a newer version, whatever it is.
pub(crate) const UNSUPPORTED: &str = "unsupported";

/// Whether an envelope does not open here because it is of a newer version: no offence.
pub(crate) const fn is_newer(error: &EnvelopeError) -> bool {
    matches!(error, EnvelopeError::UnsupportedVersion(_))
}

impl Refused {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::NotTheirs => "not-theirs",
            Self::CardExpired => "card-expired",
            Self::FromTheFuture => "from-the-future",
            Self::Expired => "expired",
            Self::NotForMe => "not-for-me",
            Self::WrongAct => "wrong-act",
            Self::UnknownGrant => "unknown-grant",
            Self::Grant(_) => "grant",
            Self::OutsideGrant => "outside-grant",
            Self::Revoked => "revoked",
            Self::WeakCustody => "weak-custody",
            Self::WrongBytes => "wrong-bytes",
            Self::Artifact(_) => "artifact",
            Self::WrongHead => "wrong-head",
            Self::WrongAuthor => "wrong-author",
        }
    }

    /// The word for the journal: the code, but `unsupported` for what is only of a newer version.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        match self {
            Self::Receipt(e) | Self::Grant(e) | Self::Artifact(e) if is_newer(e) => UNSUPPORTED,
            _ => self.code(),
        }
    }

    /// Whether this shows a breach of consent or a malformed artifact, rather than time
    /// passing or a newer version.
    #[must_use]
    pub const fn is_violation(&self) -> bool {
        match self {
            Self::Receipt(e) | Self::Grant(e) | Self::Artifact(e) => !is_newer(e),
            Self::CardExpired
            | Self::FromTheFuture
            | Self::Expired
            | Self::UnknownGrant
            | Self::Revoked
            | Self::WeakCustody => false,
            _ => true,
        }
    }
}

/// Whether a receipt, by its id, has been withdrawn by its giver. Under a grant, the receipt's
/// `iat` is the grant's here.
pub type IsRevoked<'a> = &'a dyn Fn(&ArtifactId, &Receipt) -> bool;

/// What came with a head, and against what it is checked.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// The consent receipt's envelope.
    pub receipt: &'a [u8],
    /// The envelope of the grant it was signed under.
    pub grant: Option<&'a [u8]>,
    /// The encoded head.
    pub head: &'a [u8],
    /// The giver's card.
    pub giver: &'a VerifiedCard,
    /// This human.
    pub me: &'a HumanKey,
    /// This clock.
    pub now: UnixMillis,
    /// What the giver has revoked.
    pub revoked: IsRevoked<'a>,
    /// The weakest custody accepted.
    pub floor: Floor,
}

/// A head with a receipt that holds. The bytes are still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    receipt: VerifiedReceipt,
    head: Head,
    giver: VerifiedCard,
}

/// An artifact that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What was delivered.
    pub crystal: Crystal,
    /// Its head.
    pub head: Head,
    /// The consent it came with.
    pub receipt: VerifiedReceipt,
    /// Whose consent that is.
    pub giver: HumanKey,
}

/// Runs every check that needs no bytes of the artifact.
///
/// # Errors
/// The first check that fails.
pub fn expect(arrival: &Arrival<'_>) -> Result<Expected, Refused> {
    let (opened, by) = Receipt::open(arrival.receipt).map_err(Refused::Receipt)?;
    let receipt = &opened.payload;
    let card = arrival.giver.card();
    let grant = signed_for(receipt, by, arrival.grant, &card.human)?;
    let granted_at = grant.as_ref().map_or(receipt.iat, |grant| grant.iat);
    let valid = |at| arrival.giver.was_valid_at(at);
    if !valid(receipt.iat) || !valid(granted_at) {
        return Err(Refused::CardExpired);
    }
    if receipt.iat > arrival.now.saturating_add(CLOCK_SKEW) {
        return Err(Refused::FromTheFuture);
    }
    if receipt.lim.until.is_some_and(|until| until <= arrival.now) {
        return Err(Refused::Expired);
    }
    if !receipt.aud.holds(arrival.me) {
        return Err(Refused::NotForMe);
    }
    if !act_fits(receipt) {
        return Err(Refused::WrongAct);
    }
    // A grant that was withdrawn with all else signs nothing new: consent counts from when the
    // human gave it.
    let given = Receipt { iat: granted_at, ..receipt.clone() };
    if (arrival.revoked)(&opened.id, &given) {
        return Err(Refused::Revoked);
    }
    if receipt.key_protection < arrival.floor {
        return Err(Refused::WeakCustody);
    }
    let head = Head::decode(arrival.head).map_err(Refused::Artifact)?;
    if head.id != receipt.obj.id || head.size != receipt.obj.size {
        return Err(Refused::WrongHead);
    }
    let of_line = |grant: &Grant| grant.is_of_line(&head.id, head.supersedes.as_ref());
    if !grant.as_ref().is_none_or(of_line) {
        return Err(Refused::OutsideGrant);
    }
    let human = card.human;
    let receipt = VerifiedReceipt::after_checks(opened, human, arrival.receipt, arrival.grant);
    Ok(Expected { receipt, head, giver: arrival.giver.clone() })
}

/// Whether `by` may sign for `human`: it is their key, or the rule_key of a grant of theirs that
/// covers this receipt. Gives that grant.
pub(crate) fn signed_for(
    receipt: &Receipt,
    by: SignedBy,
    grant: Option<&[u8]>,
    human: &HumanKey,
) -> Result<Option<Grant>, Refused> {
    match (by, grant) {
        (SignedBy::Human(key), None) if key == *human => Ok(None),
        (SignedBy::Human(_), None) => Err(Refused::NotTheirs),
        (SignedBy::Human(_), Some(_)) | (SignedBy::Rule(_), None) => Err(Refused::UnknownGrant),
        (SignedBy::Rule(rule), Some(bytes)) => {
            let (opened, signer) = Grant::open(bytes).map_err(Refused::Grant)?;
            if receipt.grant != Some(opened.id) {
                return Err(Refused::UnknownGrant);
            }
            if signer != *human || opened.payload.rule != rule {
                return Err(Refused::NotTheirs);
            }
            if !opened.payload.covers(receipt) {
                return Err(Refused::OutsideGrant);
            }
            Ok(Some(opened.payload))
        }
    }
}

/// A receipt's act fits what it is about: a single artifact, exported.
fn act_fits(receipt: &Receipt) -> bool {
    let fits = matches!(
        (receipt.act, &receipt.aud),
        (Act::SharePrivate, Audience::Peers(_)) | (Act::SharePublic, Audience::Public)
    );
    fits && receipt.obj.children.is_none()
}

impl Expected {
    /// The head, to be shown to the human or ranked at home; never to an agent.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The receipt it came with.
    #[must_use]
    pub const fn receipt(&self) -> &VerifiedReceipt {
        &self.receipt
    }

    /// Runs the checks that need the bytes.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn accept(self, bytes: &[u8]) -> Result<Received, Refused> {
        let object = &self.receipt.receipt().obj;
        if bytes.len() as u64 != object.size || ArtifactId::of(bytes) != object.id {
            return Err(Refused::WrongBytes);
        }
        let (opened, author) = Crystal::open(bytes).map_err(Refused::Artifact)?;
        let head = Head::of(bytes).map_err(Refused::Artifact)?;
        if head != self.head {
            return Err(Refused::WrongHead);
        }
        if !self.giver.is_author(&author) {
            return Err(Refused::WrongAuthor);
        }
        let giver = self.giver.card().human;
        Ok(Received { crystal: opened.payload, head, receipt: self.receipt, giver })
    }
}

/// Maps an envelope error to the stable word the vectors use.
#[must_use]
pub const fn envelope_code(error: &EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::Canon(CanonError::TooLarge { .. }) => "too-large",
        EnvelopeError::Canon(CanonError::TooDeep) => "too-deep",
        EnvelopeError::Canon(CanonError::Malformed(_)) => "malformed",
        EnvelopeError::Canon(CanonError::NotCanonical) => "not-canonical",
        EnvelopeError::UnsupportedVersion(_) => "unsupported-version",
        EnvelopeError::UnknownType => "unknown-type",
        EnvelopeError::WrongKind { .. } => "wrong-kind",
        EnvelopeError::SignatureCount { .. } => "signature-count",
        EnvelopeError::BadSignature(_) => "bad-signature",
        EnvelopeError::WrongSigner => "wrong-signer",
        EnvelopeError::BadField { .. } => "bad-field",
    }
}

#[cfg(test)]
mod tests;
