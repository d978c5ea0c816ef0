//! Two books over what one human gave another: delivery receipts as the giver takes them, and
//! countersignatures as the taker does.

use crate::{
    VerifiedCard,
    receive::{UNSUPPORTED, is_newer},
};
use artifact::{ArtifactId, Countersign, Delivery, EnvelopeError, HumanKey};
use serde::{Deserialize, Serialize};

/// One direction's totals: what the last receipt that was taken says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    /// Artifacts.
    pub count: u64,
    /// Bytes of them.
    pub bytes_total: u64,
}

impl Book {
    /// The book after this delivery.
    #[must_use]
    pub const fn after(delivery: &Delivery) -> Self {
        Self { count: delivery.count, bytes_total: delivery.bytes_total }
    }

    /// The book with one more artifact of `size` bytes; none past the largest number.
    #[must_use]
    pub fn plus(self, size: u64) -> Option<Self> {
        let count = self.count.checked_add(1)?;
        Some(Self { count, bytes_total: self.bytes_total.checked_add(size)? })
    }

    /// Whether this one is further on than `other`: by artifacts, then by bytes.
    #[must_use]
    pub fn is_above(self, other: Self) -> bool {
        (self.count, self.bytes_total) > (other.count, other.bytes_total)
    }
}

/// Why a delivery receipt, or a countersignature, is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefused {
    /// Not well-formed and signed.
    #[error("the delivery receipt is not valid: {0}")]
    Envelope(EnvelopeError),
    /// Signed by another author than the card's.
    #[error("the delivery receipt was signed by another author than the card's")]
    NotTheirs,
    /// It names other people.
    #[error("the delivery receipt is about other people")]
    NotUs,
    /// This was never served to them whole, or has another size.
    #[error("the delivery receipt is about something that was not served to them")]
    NotServed,
    /// It countersigns something else.
    #[error("the countersignature is about another delivery receipt")]
    OtherDelivery,
}

impl DeliveryRefused {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "delivery",
            Self::NotTheirs => "not-theirs",
            Self::NotUs => "not-us",
            Self::NotServed => "not-served",
            Self::OtherDelivery => "other-delivery",
        }
    }

    /// The word for the journal: the code, but `unsupported` for what is only of a newer version.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        match self {
            Self::Envelope(e) if is_newer(e) => UNSUPPORTED,
            _ => self.code(),
        }
    }

    /// Whether this shows malice or a malformed artifact, rather than a newer version.
    #[must_use]
    pub const fn is_violation(&self) -> bool {
        match self {
            Self::Envelope(e) => !is_newer(e),
            _ => true,
        }
    }
}

/// What the giver does with a delivery receipt that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It follows from the book: it is countersigned.
    Follows(ArtifactId, Delivery),
    /// Its totals are not what the book says. Kept and shown, not countersigned.
    Diverges(ArtifactId, Delivery),
}

/// Takes a delivery receipt as the giver. `served` is the size of that artifact if it was
/// served whole to this taker, under a receipt, as this node knows.
///
/// # Errors
/// The first check that fails.
pub fn take(
    envelope: &[u8],
    taker: &VerifiedCard,
    me: &HumanKey,
    book: Book,
    served: &dyn Fn(&ArtifactId) -> Option<u64>,
) -> Result<Taken, DeliveryRefused> {
    let (opened, author) = Delivery::open(envelope).map_err(DeliveryRefused::Envelope)?;
    let delivery = opened.payload;
    if !taker.is_author(&author) {
        return Err(DeliveryRefused::NotTheirs);
    }
    if delivery.giver != *me || delivery.taker != taker.card().human {
        return Err(DeliveryRefused::NotUs);
    }
    if served(&delivery.artifact) != Some(delivery.size) {
        return Err(DeliveryRefused::NotServed);
    }
    Ok(if delivery.follows(book.count, book.bytes_total) {
        Taken::Follows(opened.id, delivery)
    } else {
        Taken::Diverges(opened.id, delivery)
    })
}

/// Takes a countersignature as the taker. `known` tells whether that delivery receipt is one
/// of mine for this giver. Gives which it is.
///
/// # Errors
/// The first check that fails.
pub fn countersigned(
    envelope: &[u8],
    giver: &VerifiedCard,
    known: &dyn Fn(&ArtifactId) -> bool,
) -> Result<ArtifactId, DeliveryRefused> {
    let (opened, author) = Countersign::open(envelope).map_err(DeliveryRefused::Envelope)?;
    if !giver.is_author(&author) {
        return Err(DeliveryRefused::NotTheirs);
    }
    let delivery = opened.payload.delivery;
    if known(&delivery) { Ok(delivery) } else { Err(DeliveryRefused::OtherDelivery) }
}

#[cfg(test)]
mod tests;
