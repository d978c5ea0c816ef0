//! The keys of a puppet, and what is signed with them.

use super::{Identity, crystal};
use crate::clock::{BEGIN, DAY};
use artifact::{
    Act, ArtifactId, Audience, Author, Card, Human, HumanKey, KeyProtection, Limits, Nonce, Object,
    Receipt, Secret, Transport, UnixMillis,
};

/// A person's keys, all of them.
pub struct Person {
    /// Signs consent.
    pub human: Secret<Human>,
    /// Signs what it wrote.
    pub author: Secret<Author>,
    transport: [u8; 32],
    card: Vec<u8>,
    now: UnixMillis,
}

impl Person {
    /// A person whose keys follow from one byte.
    pub fn new(seed: u8) -> Self {
        Self::named(seed, &format!("puppet-{seed}"), BEGIN)
    }

    /// The same under a name of their own choice, who lives at another time.
    pub fn named(seed: u8, name: &str, now: UnixMillis) -> Self {
        Self::of([0, 1, 2].map(|role| [seed + role; 32]), name, now)
    }

    /// One of very many, who lives at this time.
    pub fn one_of_many(n: u32, now: UnixMillis) -> Self {
        let seed = |role: u8| {
            let mut seed = [role; 32];
            seed[..4].copy_from_slice(&n.to_be_bytes());
            seed
        };
        Self::of([0xa0, 0xa1, 0xa2].map(seed), &format!("puppet-{n}"), now)
    }

    fn of([human, author, transport]: [[u8; 32]; 3], name: &str, now: UnixMillis) -> Self {
        let human = Secret::<Human>::from_seed(&human);
        let author = Secret::<Author>::from_seed(&author);
        let transport = Secret::<Transport>::from_seed(&transport);
        let card = Card {
            human: human.public(),
            author: author.public(),
            transport: transport.public(),
            solana: None,
            name: Some(name.to_owned()),
            seq: 1,
            iat: now - DAY,
            exp: now + 100 * DAY,
        };
        let card = card.seal(&human, &author, &transport).unwrap();
        Self { human, author, transport: *transport.seed(), card, now }
    }

    /// What of it goes on the network.
    pub fn identity(&self) -> Identity {
        Identity {
            author: Secret::from_seed(self.author.seed()),
            transport: Secret::from_seed(&self.transport),
            card: self.card.clone(),
            now: self.now,
        }
    }

    /// Their card's envelope.
    pub fn card(&self) -> &[u8] {
        &self.card
    }

    /// A crystal this person wrote.
    pub fn crystal(&self, title: &str) -> Vec<u8> {
        crystal(title).seal(&self.author).unwrap()
    }

    /// This person's consent to give `bytes` to `to`, changed by `bend` before it is signed.
    pub fn receipt(&self, bytes: &[u8], to: HumanKey, bend: impl FnOnce(&mut Receipt)) -> Vec<u8> {
        let mut receipt = Receipt {
            v: 0,
            act: Act::SharePrivate,
            obj: Object { id: ArtifactId::of(bytes), size: bytes.len() as u64, children: None },
            aud: Audience::Peers(vec![to]),
            lim: Limits { until: None, reshare: false },
            iat: self.now,
            nonce: Nonce([7; 16]),
            key_protection: KeyProtection::Pin,
            grant: None,
        };
        bend(&mut receipt);
        receipt.seal(&self.human).unwrap()
    }
}
