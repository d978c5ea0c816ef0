//! The people, crystals and asks that this crate's tests are about.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::{Ask, AskId, Requester, State, VerifiedCard, Way, Wish};
use artifact::{
    Act, ArtifactId, Audience, Card, Crystal, Env, HumanKey, KeyProtection, Limits, Nonce, Object,
    Outcome, Receipt, Secret, UnixMillis,
    key::{Author, Human, Transport},
};

/// The clock, wherever a test does not move it.
pub(crate) const NOW: UnixMillis = 1_900_000_000_000;
const DAY: UnixMillis = 24 * 60 * 60 * 1000;

/// Somebody with every key.
pub(crate) struct Person {
    pub(crate) human: Secret<Human>,
    pub(crate) author: Secret<Author>,
    pub(crate) transport: Secret<Transport>,
}

/// Who gives.
pub(crate) fn ada() -> Person {
    person(10)
}

/// Who receives.
pub(crate) fn bo() -> Person {
    person(20)
}

/// Who has no part in it.
pub(crate) fn mallory() -> Person {
    person(30)
}

fn person(seed: u8) -> Person {
    Person {
        human: Secret::from_seed(&[seed; 32]),
        author: Secret::from_seed(&[seed + 1; 32]),
        transport: Secret::from_seed(&[seed + 2; 32]),
    }
}

impl Person {
    pub(crate) fn key(&self) -> HumanKey {
        self.human.public()
    }

    /// This person's card, valid from `iat` until `exp`.
    pub(crate) fn card_between(&self, iat: UnixMillis, exp: UnixMillis) -> VerifiedCard {
        self.card_of(1, iat, exp)
    }

    /// The same, of this number.
    pub(crate) fn card_of(&self, seq: u64, iat: UnixMillis, exp: UnixMillis) -> VerifiedCard {
        let card = Card {
            human: self.key(),
            author: self.author.public(),
            transport: self.transport.public(),
            solana: None,
            name: None,
            seq,
            iat,
            exp,
        };
        let sealed = card.seal(&self.human, &self.author, &self.transport).unwrap();
        VerifiedCard::open(&sealed).unwrap()
    }

    /// This person's card, valid for half a year around now.
    pub(crate) fn card(&self) -> VerifiedCard {
        self.card_between(NOW - 90 * DAY, NOW + 90 * DAY)
    }

    /// A crystal of this title that this person wrote.
    pub(crate) fn crystal(&self, title: &str) -> Vec<u8> {
        crystal(title).seal(&self.author).unwrap()
    }
}

fn crystal(title: &str) -> Crystal {
    Crystal {
        title: title.into(),
        problem: "the port is taken when two jobs run at once".into(),
        fix: Vec::new(),
        checks: Vec::new(),
        outcome: Outcome::Passed,
        dead_ends: Vec::new(),
        lesson: vec!["bind to port 0".into()],
        env: Env::default(),
        family: vec!["tool:cargo".into()],
        supersedes: None,
        evidence: Vec::new(),
        iat: NOW - DAY,
    }
}

/// Exactly these bytes.
pub(crate) fn object(bytes: &[u8]) -> Object {
    Object { id: ArtifactId::of(bytes), size: bytes.len() as u64, children: None }
}

/// The envelope with one bit of its last signature flipped.
pub(crate) fn forged(envelope: &[u8]) -> Vec<u8> {
    // `g`, and 64 bytes that follow: see the DAG-CBOR of an envelope.
    let mark = [0x61, b'g', 0x58, 0x40];
    let place = envelope.windows(4).rposition(|w| w == mark).unwrap() + 4;
    let mut bytes = envelope.to_vec();
    *bytes.get_mut(place).unwrap() ^= 1;
    bytes
}

/// Consent to give `bytes` to Bo, signed by nobody yet.
pub(crate) fn receipt_for_bo(bytes: &[u8]) -> Receipt {
    Receipt {
        v: 0,
        act: Act::SharePrivate,
        obj: object(bytes),
        aud: Audience::Peers(vec![bo().key()]),
        lim: Limits { until: None, reshare: false },
        iat: NOW,
        nonce: Nonce([7; 16]),
        key_protection: KeyProtection::Pin,
        grant: None,
    }
}

/// An agent that the human let in.
pub(crate) fn scribe() -> Requester {
    Requester::Agent {
        name: "scribe".into(),
        key: [9; 32],
        paired: Some(NOW - DAY),
        session: "e0a1".into(),
        process: vec!["node".into(), "zsh".into(), "terminal".into()],
        verified: false,
    }
}

/// The human at the main window.
pub(crate) fn the_human() -> Requester {
    Requester::Human { way: Way::MainWindow, process: Vec::new() }
}

/// A waiting ask.
pub(crate) fn ask(by: Requester, wish: Wish, reason: &str) -> Ask {
    Ask {
        id: AskId([0xa5; 16]),
        at: NOW,
        by,
        wish,
        reason: reason.into(),
        findings: Vec::new(),
        scan_spent: false,
        state: State::Pending {},
        redacts: None,
    }
}
