//! What this implementation says about each case, computed anew from its inputs alone.

use super::format::{
    ArrivalCase, Bytes, Cases, CommitmentCase, CountersigningCase, DisplayCase, EnvelopeCase,
    HashCase, HeadCase, IdCase, JournalCase, PaeCase, RevokingCase, SettlingCase, SignatureCase,
    WordsCase,
};
use artifact::{
    ArtifactId, Card, Countersign, Crystal, Delivery, EnvelopeError, Grant, Head, HumanKey,
    JournalKey, Policy, Public, Receipt, Revocation, Trace,
    crystal::{Commitment, CommitmentKey},
    display_safe, envelope, words,
};
use consent::{
    Anchor, Arrival, Book, ChainError, DeliveryRefused, JournalHead, Refused, RevocationRefused,
    SignedHead, VerifiedCard, book,
    journal::Chain,
    receive::{envelope_code, expect},
    revoke,
};

/// The name and verdict of a case, as this implementation finds it.
type Line<'a> = (&'a str, bool);

impl Cases {
    /// Each case's name, and whether this implementation agrees with it.
    pub(crate) fn judged(&self) -> Vec<Line<'_>> {
        match self {
            Self::Hash(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Signature(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Pae(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Id(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Words(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Commitment(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Display(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Envelope(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Head(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Ticket(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Arrival(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Revoking(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Settling(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Countersigning(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
            Self::Journal(c) => c.iter().map(|c| (&*c.name, c.agrees())).collect(),
        }
    }
}

/// The specification's code of an envelope error.
pub(crate) fn code(error: &EnvelopeError) -> String {
    match error {
        EnvelopeError::BadField { field, .. } => format!("{}:{field}", envelope_code(error)),
        _ => envelope_code(error).to_owned(),
    }
}

/// Opens an envelope as one of `kind`: its id and the keys that signed it.
pub(crate) fn open(kind: &str, bytes: &[u8]) -> Result<(ArtifactId, Vec<[u8; 32]>), EnvelopeError> {
    match kind {
        "trace" => Trace::open(bytes).map(|o| (o.id, o.signers)),
        "crystal" => Crystal::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "card" => Card::open(bytes).map(|o| (o.id, o.signers)),
        "consent" => Receipt::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "grant" => Grant::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "revocation" => Revocation::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "delivery" => Delivery::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "policy" => Policy::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "countersign" => Countersign::open(bytes).map(|(o, _)| (o.id, o.signers)),
        "journal-head" => envelope::open::<JournalHead>(bytes).map(|o| (o.id, o.signers)),
        "anchor" => envelope::open::<Anchor>(bytes).map(|o| (o.id, o.signers)),
        other => panic!("no kind {other}"),
    }
}

fn verdict<T>(result: Result<T, EnvelopeError>) -> String {
    result.map_or_else(|e| code(&e), |_| "ok".to_owned())
}

impl HashCase {
    fn agrees(&self) -> bool {
        let found = match (&self.key, &self.context) {
            (Some(key), None) => blake3::keyed_hash(&key.array(), &self.bytes.0),
            (None, Some(context)) => blake3::derive_key(context, &self.bytes.0).into(),
            _ => blake3::hash(&self.bytes.0),
        };
        self.hash == found.as_bytes().into()
    }
}

impl SignatureCase {
    fn agrees(&self) -> bool {
        let key = Public::<()>::from_bytes(self.key.array());
        self.good == key.verifies(&self.message.0, &self.signature.array())
    }
}

impl PaeCase {
    fn agrees(&self) -> bool {
        self.pae.0 == envelope::pae(&self.t, &self.payload.0)
    }
}

impl IdCase {
    fn agrees(&self) -> bool {
        self.id == ArtifactId::of(&self.bytes.0).as_bytes().into()
    }
}

impl WordsCase {
    pub(crate) fn words(of: &str, bytes: &[u8]) -> String {
        let id = |at: usize| ArtifactId::from_bytes(bytes[at..].try_into().unwrap());
        match of {
            "key" => words::key_words(&HumanKey::from_bytes(bytes.try_into().unwrap())),
            "code" => words::code_words(bytes[..16].try_into().unwrap(), &id(16)),
            "id" => words::id_words(&id(0)),
            other => panic!("no words of {other}"),
        }
    }

    /// The eleven-bit groups behind the words.
    pub(crate) fn indices(of: &str, bytes: &[u8], count: usize) -> Vec<usize> {
        let digest = blake3::derive_key(&format!("tracenet 2026 v0 {of} words"), bytes);
        let bit = |n: usize| usize::from(digest[n / 8] >> (7 - n % 8) & 1);
        (0..count).map(|n| (n * 11..n * 11 + 11).fold(0, |acc, at| acc << 1 | bit(at))).collect()
    }

    fn agrees(&self) -> bool {
        let indices = Self::indices(&self.of, &self.bytes.0, self.indices.len());
        self.words == Self::words(&self.of, &self.bytes.0) && self.indices == indices
    }
}

impl CommitmentCase {
    fn agrees(&self) -> bool {
        let secret = CommitmentKey::of(&artifact::Secret::from_seed(&self.author_seed.array()));
        let trace = ArtifactId::from_bytes(self.trace.array());
        let found = Commitment::new(&secret, &trace, self.from, self.to, &self.text);
        self.commitment == found.as_bytes().into()
    }
}

impl DisplayCase {
    fn agrees(&self) -> bool {
        let found = display_safe(&self.given, self.max, self.lines);
        let flags = (self.cut, self.escaped, self.mixed_scripts);
        found.text == self.text && flags == (found.cut, found.escaped, found.mixed_scripts)
    }
}

impl EnvelopeCase {
    fn agrees(&self) -> bool {
        let (found, id, signers) = match open(&self.kind, &self.bytes.0) {
            Ok((id, signers)) => {
                let signers = signers.iter().map(Into::into).collect();
                ("ok".to_owned(), Some(id.as_bytes().into()), Some(signers))
            }
            Err(error) => (code(&error), None, None),
        };
        (&self.verdict, &self.id, &self.signers) == (&found, &id, &signers)
    }
}

impl HeadCase {
    fn agrees(&self) -> bool {
        let of = |crystal: &Bytes| Head::of(&crystal.0).and_then(|head| head.encode());
        let matches = self.crystal.as_ref().is_none_or(|c| of(c).as_ref() == Ok(&self.bytes.0));
        matches && self.verdict == verdict(Head::decode(&self.bytes.0))
    }
}

impl ArrivalCase {
    fn agrees(&self) -> bool {
        self.verdict == self.found()
    }

    fn found(&self) -> String {
        let giver = match VerifiedCard::open(&self.card.0) {
            Ok(giver) => giver.after(self.earlier.iter().map(|card| card.0.as_slice())),
            Err(error) => return format!("card:{}", code(&error)),
        };
        let open = |bytes: &Bytes| Revocation::open(&bytes.0).unwrap().0.payload;
        let revocations: Vec<Revocation> = self.revocations.iter().map(open).collect();
        let arrival = Arrival {
            receipt: &self.receipt.0,
            grant: self.grant.as_ref().map(|grant| grant.0.as_slice()),
            head: &self.head.0,
            giver: &giver,
            me: &HumanKey::from_bytes(self.me.array()),
            now: self.now,
            revoked: &|id, receipt| revocations.iter().any(|one| one.hits(id, receipt)),
            floor: self.floor,
        };
        match expect(&arrival).and_then(|expected| expected.accept(&self.delivered.0)) {
            Ok(_) => "ok".to_owned(),
            Err(refused) => match &refused {
                Refused::Receipt(e) | Refused::Grant(e) | Refused::Artifact(e) => {
                    format!("{}:{}", refused.code(), code(e))
                }
                _ => refused.code().to_owned(),
            },
        }
    }
}

/// What is said of something that came with this card.
fn with_card(card: &Bytes, find: impl FnOnce(&VerifiedCard) -> String) -> String {
    match VerifiedCard::open(&card.0) {
        Ok(card) => find(&card),
        Err(error) => format!("card:{}", code(&error)),
    }
}

fn refusal(refused: &DeliveryRefused) -> String {
    match refused {
        DeliveryRefused::Envelope(e) => format!("{}:{}", refused.code(), code(e)),
        _ => refused.code().to_owned(),
    }
}

impl RevokingCase {
    fn agrees(&self) -> bool {
        let me = HumanKey::from_bytes(self.me.array());
        let found = with_card(&self.card, |card| {
            match revoke::take(&self.revocation.0, card, &me, self.kept, self.now) {
                Ok(_) => "ok".to_owned(),
                Err(refused) => match &refused {
                    RevocationRefused::Envelope(e) => format!("{}:{}", refused.code(), code(e)),
                    _ => refused.code().to_owned(),
                },
            }
        });
        self.verdict == found
    }
}

impl SettlingCase {
    fn agrees(&self) -> bool {
        let me = HumanKey::from_bytes(self.me.array());
        let book = Book { count: self.count, bytes_total: self.bytes_total };
        let served = |id: &ArtifactId| {
            let mut served = self.served.iter();
            served.find(|s| s.artifact == id.as_bytes().into()).map(|s| s.size)
        };
        let found = with_card(&self.card, |card| {
            match book::take(&self.delivery.0, card, &me, book, &served) {
                Ok(book::Taken::Follows(..)) => "ok".to_owned(),
                Ok(book::Taken::Diverges(..)) => "diverges".to_owned(),
                Err(refused) => refusal(&refused),
            }
        });
        self.verdict == found
    }
}

impl CountersigningCase {
    fn agrees(&self) -> bool {
        let known = |id: &ArtifactId| self.known.contains(&id.as_bytes().into());
        let found = with_card(&self.card, |card| {
            match book::countersigned(&self.countersign.0, card, &known) {
                Ok(_) => "ok".to_owned(),
                Err(refused) => refusal(&refused),
            }
        });
        self.verdict == found
    }
}

impl JournalCase {
    fn agrees(&self) -> bool {
        let found = match self.found() {
            Ok(()) => "ok",
            Err(ChainError::Unreadable { .. }) => "unreadable",
            Err(ChainError::Missing { .. }) => "missing",
            Err(ChainError::Broken { .. }) => "broken",
            Err(ChainError::Truncated { .. }) => "truncated",
            Err(ChainError::Unsigned { .. }) => "unsigned",
            Err(ChainError::Rewritten) => "rewritten",
            Err(ChainError::NotHandedOver { .. }) => "not-handed-over",
            Err(ChainError::BadHead) => "bad-head",
        };
        self.verdict == found
    }

    fn found(&self) -> Result<(), ChainError> {
        let mut chain = Chain::default();
        for entry in &self.entries {
            chain.next(&entry.0)?;
        }
        let head = self.head.clone().map(|head| SignedHead(head.0));
        chain.end(head.as_ref(), &JournalKey::from_bytes(self.key.array())).map(|_| ())
    }
}
