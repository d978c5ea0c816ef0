//! A card: a human's statement of which keys are theirs, signed by all of them.

use crate::{
    AuthorKey, HumanKey, Kind, Secret, SolanaKey, TransportKey, UnixMillis,
    envelope::{self, EnvelopeError, Opened, Payload, check, text},
    key::{Author, Human, Transport},
};
use serde::{Deserialize, Serialize};

/// Longest life of a card: 366 days.
pub const MAX_LIFE: UnixMillis = 366 * 24 * 60 * 60 * 1000;

/// The payload of kind `card`. human_key, author_key and transport_key sign it in this order;
/// the last two as proof of possession.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The human's key: the identity that others pin.
    pub human: HumanKey,
    /// Signs what this node writes.
    pub author: AuthorKey,
    /// The endpoint id on the wire.
    pub transport: TransportKey,
    /// Where settlement arrives; absent unless its owner added it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solana: Option<SolanaKey>,
    /// A suggestion only, at most 64 characters: names are given by the one who reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A card with a higher number replaces a lower one of the same human.
    pub seq: u64,
    /// When it was signed.
    pub iat: UnixMillis,
    /// When it stops being valid; at most [`MAX_LIFE`] after `iat`.
    pub exp: UnixMillis,
}

impl Payload for Card {
    const KIND: Kind = Kind::Card;

    fn check(&self, signers: &[[u8; 32]]) -> Result<(), EnvelopeError> {
        let named = [*self.human.as_bytes(), *self.author.as_bytes(), *self.transport.as_bytes()];
        if signers != named {
            return Err(EnvelopeError::WrongSigner);
        }
        let [human, author, transport] = named;
        check(
            human != author && author != transport && human != transport,
            "keys",
            "are shared between roles",
        )?;
        text("name", self.name.as_deref().unwrap_or_default(), 64)?;
        let life = self.exp.checked_sub(self.iat).filter(|life| *life > 0 && *life <= MAX_LIFE);
        check(life.is_some(), "exp", "is not within a year after iat")
    }
}

impl Card {
    /// Signs this card with the three keys it names.
    ///
    /// # Errors
    /// When a key is not the one named, or a field breaks its rule.
    pub fn seal(
        &self,
        human: &Secret<Human>,
        author: &Secret<Author>,
        transport: &Secret<Transport>,
    ) -> Result<Vec<u8>, EnvelopeError> {
        envelope::seal(
            self,
            &[
                (human.public().as_bytes(), &|m| human.sign(m)),
                (author.public().as_bytes(), &|m| author.sign(m)),
                (transport.public().as_bytes(), &|m| transport.sign(m)),
            ],
        )
    }

    /// Opens a card's envelope. Says nothing about whether it is valid now or trusted.
    ///
    /// # Errors
    /// See [`envelope::open`].
    pub fn open(bytes: &[u8]) -> Result<Opened<Self>, EnvelopeError> {
        envelope::open(bytes)
    }

    /// Whether the card was valid at `at`.
    #[must_use]
    pub fn valid_at(&self, at: UnixMillis) -> bool {
        self.iat <= at && at < self.exp
    }
}
