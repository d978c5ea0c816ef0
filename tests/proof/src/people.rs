//! Who takes part, with fixed keys, and the clock, which stands still.

use artifact::{
    ArtifactId, Author, Card, Crystal, Env, Human, HumanKey, Outcome, Secret, Transport, UnixMillis,
};
use consent::VerifiedCard;

/// The clock.
pub const NOW: UnixMillis = 1_900_000_000_000;
const DAY: UnixMillis = 24 * 60 * 60 * 1000;

/// Somebody with every key.
#[derive(Debug)]
pub struct Person {
    /// human_key
    pub human: Secret<Human>,
    /// author_key
    pub author: Secret<Author>,
    /// transport_key
    pub transport: Secret<Transport>,
    /// Their card.
    pub card: VerifiedCard,
}

impl Person {
    /// The person of this seed; each differs.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let human = Secret::from_seed(&[seed; 32]);
        let author = Secret::from_seed(&[seed + 1; 32]);
        let transport = Secret::from_seed(&[seed + 2; 32]);
        let card = Card {
            human: human.public(),
            author: author.public(),
            transport: transport.public(),
            solana: None,
            name: None,
            seq: 1,
            iat: NOW - DAY,
            exp: NOW + DAY,
        };
        let card = card.seal(&human, &author, &transport).unwrap();
        let card = VerifiedCard::open(&card).unwrap();
        Self { human, author, transport, card }
    }

    /// Their human_key.
    #[must_use]
    pub fn key(&self) -> HumanKey {
        self.human.public()
    }

    /// A crystal they wrote.
    #[must_use]
    pub fn crystal(&self, title: &str) -> Vec<u8> {
        self.version(title, None)
    }

    /// A crystal they wrote, of this line.
    #[must_use]
    pub fn version(&self, title: &str, supersedes: Option<ArtifactId>) -> Vec<u8> {
        let crystal = Crystal {
            title: title.to_owned(),
            problem: "the port is taken when two jobs run at once".to_owned(),
            fix: Vec::new(),
            checks: Vec::new(),
            outcome: Outcome::Passed,
            dead_ends: Vec::new(),
            lesson: vec!["bind to port 0".to_owned()],
            env: Env::default(),
            family: Vec::new(),
            supersedes,
            evidence: Vec::new(),
            iat: NOW - DAY,
        };
        crystal.seal(&self.author).unwrap()
    }
}
