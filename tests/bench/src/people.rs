//! People of a measurement, made from numbers: their keys and their cards.

use crate::nodes::now;
use anyhow::Result;
use artifact::{Card, Secret, UnixMillis, key};

const DAY: UnixMillis = 24 * 60 * 60 * 1000;

/// Somebody who takes part.
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) human: Secret<key::Human>,
    pub(crate) author: Secret<key::Author>,
    pub(crate) transport: Secret<key::Transport>,
    /// The sealed card, which holds for a day.
    pub(crate) card: Vec<u8>,
}

impl Person {
    /// Person number `number`.
    pub(crate) fn new(number: u32) -> Result<Self> {
        let seed = |kind: u8| {
            let mut seed = [kind; 32];
            seed[..4].copy_from_slice(&number.to_be_bytes());
            seed
        };
        let human = Secret::<key::Human>::from_seed(&seed(1));
        let author = Secret::<key::Author>::from_seed(&seed(2));
        let transport = Secret::<key::Transport>::from_seed(&seed(3));
        let now = now();
        let card = Card {
            human: human.public(),
            author: author.public(),
            transport: transport.public(),
            solana: None,
            name: None,
            seq: 1,
            iat: now - DAY,
            exp: now + DAY,
        };
        let card = card.seal(&human, &author, &transport)?;
        Ok(Self { number, human, author, transport, card })
    }
}
