//! Bad envelopes, one fault each: faults of the envelope and of the canonical form, made for
//! every kind. Where the fault lies below a signature, the signature is good.

use super::{
    format::EnvelopeCase,
    people::{base, public, sealed, seed, signed, signers, wrap},
    raw::{Raw, nested},
};
use artifact::{Kind, envelope::pae};
use ed25519_dalek::Signer;

/// The order of the base point, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The bad envelopes of one kind, as they are collected.
pub(crate) struct Faults {
    pub(crate) kind: Kind,
    /// The good payload.
    pub(crate) payload: Raw,
    /// The good envelope.
    pub(crate) envelope: Raw,
    pub(crate) cases: Vec<EnvelopeCase>,
}

impl Faults {
    pub(crate) fn of(kind: Kind) -> Self {
        let payload = base(kind);
        let envelope = Raw::parse(&sealed(kind, &payload));
        Self { kind, payload, envelope, cases: Vec::new() }
    }

    /// Adds these bytes, to be refused with `code`.
    pub(crate) fn bytes(&mut self, name: &str, code: &str, bytes: Vec<u8>) {
        self.cases.push(EnvelopeCase {
            name: name.to_owned(),
            kind: self.kind.word().to_owned(),
            bytes: bytes.into(),
            verdict: code.to_owned(),
            id: None,
            signers: None,
        });
    }

    /// Adds the good envelope with a change made after signing.
    pub(crate) fn envelope(&mut self, name: &str, code: &str, change: impl FnOnce(&mut Raw)) {
        let bytes = self.envelope.but(change).write();
        self.bytes(name, code, bytes);
    }

    /// Adds a well-signed envelope over this payload.
    pub(crate) fn payload(&mut self, name: &str, code: &str, payload: &Raw) {
        let bytes = sealed(self.kind, payload);
        self.bytes(name, code, bytes);
    }

    /// Adds a well-signed envelope of another type string.
    fn typed(&mut self, name: &str, code: &str, t: &str) {
        let bytes = wrap(t, &self.payload.write(), &signers(self.kind, "north")).write();
        self.bytes(name, code, bytes);
    }
}

fn bytes_of(value: &mut Raw) -> &mut Vec<u8> {
    match value {
        Raw::Bytes(bytes) => bytes,
        other => panic!("no bytes: {other:?}"),
    }
}

fn list_of(value: &mut Raw) -> &mut Vec<Raw> {
    match value {
        Raw::List(items) => items,
        other => panic!("no list: {other:?}"),
    }
}

/// Adds L to the scalar of a signature: the same number modulo L, not below it.
pub(crate) fn add_order(signature: &mut [u8]) {
    let mut carry = 0_u16;
    for (byte, l) in signature[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(l);
        *byte = carry as u8;
        carry >>= 8;
    }
}

/// Faults of signatures and keys.
pub(crate) fn signature_faults(f: &mut Faults) {
    let last = f.kind.signers().len() - 1;
    let (k, g) = (format!("s.{last}.k"), format!("s.{last}.g"));
    let bad = "bad-signature";
    f.envelope("a bit of the payload is flipped", bad, |e| bytes_of(e.at("p"))[3] ^= 1);
    f.envelope("the last bit of the payload is flipped", bad, |e| {
        *bytes_of(e.at("p")).last_mut().unwrap() ^= 1;
    });
    f.envelope("a bit of R is flipped", bad, |e| bytes_of(e.at(&g))[0] ^= 1);
    f.envelope("a bit of S is flipped", bad, |e| bytes_of(e.at(&g))[32] ^= 1);
    f.envelope("a bit of the key is flipped", bad, |e| bytes_of(e.at(&k))[5] ^= 4);
    f.envelope("the sign of the key is flipped", bad, |e| bytes_of(e.at(&k))[31] ^= 0x80);
    f.envelope("the sign of R is flipped", bad, |e| bytes_of(e.at(&g))[31] ^= 0x80);
    f.envelope("the highest bit of S is set", bad, |e| bytes_of(e.at(&g))[63] |= 0x80);
    f.envelope("S is not below L", bad, |e| add_order(bytes_of(e.at(&g))));
    f.envelope("the signature is zero", bad, |e| bytes_of(e.at(&g)).fill(0));
    f.envelope("the key is neutral, with the signature that fits all", bad, |e| {
        let mut neutral = [0_u8; 64];
        neutral[0] = 1;
        *e.at(&k) = Raw::Bytes(neutral[..32].to_vec());
        *e.at(&g) = Raw::Bytes(neutral.to_vec());
    });
    f.envelope("R is of small order", bad, |e| {
        bytes_of(e.at(&g))[..32].fill(0);
        bytes_of(e.at(&g))[0] = 1;
    });
    f.envelope("the key is no point", bad, |e| {
        *e.at(&k) = Raw::Bytes([vec![2], vec![0; 31]].concat());
    });
    f.envelope("another person's key beside the signature", bad, |e| {
        *e.at(&k) = Raw::Bytes(public::<()>("island human").as_bytes().to_vec());
    });
    let secret = ed25519_dalek::SigningKey::from_bytes(&seed(&signers(f.kind, "north")[last]));
    let (t, p) = (f.kind.media_type(), f.payload.write());
    let unframed = secret.sign(&p).to_bytes();
    f.envelope("signed without the pre-authentication encoding", bad, |e| {
        *e.at(&g) = Raw::Bytes(unframed.to_vec());
    });
    let other = if f.kind == Kind::Trace { Kind::Crystal } else { Kind::Trace };
    let elsewhere = secret.sign(&pae(&other.media_type(), &p)).to_bytes();
    f.envelope("signed as another kind", bad, |e| *e.at(&g) = Raw::Bytes(elsewhere.to_vec()));
    let count = "signature-count";
    f.envelope("no signatures", count, |e| list_of(e.at("s")).clear());
    if last > 0 {
        f.envelope("the last signature is missing", count, |e| {
            list_of(e.at("s")).pop();
        });
    }
    let extra = signed("island human", &t, &p);
    f.envelope("one signature too many", count, |e| list_of(e.at("s")).push(extra));
    f.envelope("the same signature twice", count, |e| {
        let again = e.at("s.0").clone();
        list_of(e.at("s")).push(again);
    });
}

/// Faults of the type string.
pub(crate) fn type_faults(f: &mut Faults) {
    let word = f.kind.word();
    let other = if f.kind == Kind::Card { Kind::Consent } else { Kind::Card };
    f.typed("another kind, well signed", "wrong-kind", &other.media_type());
    let t = |version: &str| format!("application/vnd.tracenet.{word}.v{version}+dag-cbor");
    f.typed("version 1", "unsupported-version", &t("1"));
    f.typed("version 4294967295", "unsupported-version", &t("4294967295"));
    let unknown = "unknown-type";
    f.typed("version 4294967296", unknown, &t("4294967296"));
    f.typed("version 00", unknown, &t("00"));
    f.typed("version 01", unknown, &t("01"));
    f.typed("version +0", unknown, &t("+0"));
    f.typed("no version", unknown, &t(""));
    f.typed("a type of two lines", unknown, &format!("{}\n", t("0")));
    f.typed("upper case", unknown, &t("0").to_uppercase());
    f.typed("an unknown kind", unknown, "application/vnd.tracenet.gossip.v0+dag-cbor");
    f.typed("an unknown kind of version 1", unknown, "application/vnd.tracenet.gossip.v1+dag-cbor");
    f.typed("another format", unknown, &t("0").replace("dag-cbor", "json"));
    f.typed("an empty type", unknown, "");
}

/// Faults of the envelope's bytes.
pub(crate) fn form_faults(f: &mut Faults) {
    let bad = "malformed";
    let good = f.envelope.write();
    f.bytes("empty", bad, Vec::new());
    f.bytes("truncated by a byte", bad, good[..good.len() - 1].to_vec());
    f.bytes("cut in half", bad, good[..good.len() / 2].to_vec());
    f.bytes("a trailing byte", bad, [&*good, &[0]].concat());
    f.bytes("the envelope twice", bad, [&*good, &*good].concat());
    let cap = f.kind.cap();
    f.bytes("a byte over the cap", "too-large", vec![0; cap + 1]);
    let envelope = f.envelope.clone();
    let padded = envelope.with("p", Raw::Bytes(vec![0; cap])).write();
    f.bytes("well formed, over the cap", "too-large", padded);
    f.envelope("keys out of order", bad, |e| e.entries().reverse());
    f.envelope("a key twice", bad, |e| {
        let t = e.entries()[2].clone();
        e.entries().push(t);
    });
    f.bytes("an unknown field", bad, envelope.plus("", "x", Raw::Uint(0)).write());
    f.bytes("no payload", bad, envelope.without("", "p").write());
    f.bytes("no signatures field", bad, envelope.without("", "s").write());
    f.bytes("no type", bad, envelope.without("", "t").write());
    f.bytes(
        "an unknown field beside a signature",
        bad,
        envelope.plus("s.0", "x", Raw::Uint(0)).write(),
    );
    f.bytes("a signature without its key", bad, envelope.without("s.0", "k").write());
    f.envelope("a key of 31 bytes", bad, |e| {
        bytes_of(e.at("s.0.k")).pop();
    });
    f.envelope("a signature of 65 bytes", bad, |e| bytes_of(e.at("s.0.g")).push(0));
    f.envelope("the payload as a text", bad, |e| *e.at("p") = Raw::text("payload"));
    f.envelope("the type as bytes", bad, |e| *e.at("t") = Raw::Bytes(b"type".to_vec()));
    f.envelope("the type is not UTF-8", bad, |e| *e.at("t") = Raw::Bare(vec![0x62, 0xc3, 0x28]));
    f.envelope("the payload as a list of numbers", bad, |e| {
        *e.at("p") = Raw::List(vec![Raw::Uint(1), Raw::Uint(2)]);
    });
    let list = Raw::List(envelope.clone().entries().iter().map(|(_, v)| v.clone()).collect());
    f.bytes("a list in place of the map", bad, list.write());
    let long = [vec![0xb8, 3], good[1..].to_vec()].concat();
    f.bytes("a length that is not the shortest", bad, long);
    let open = [vec![0xbf], good[1..].to_vec(), vec![0xff]].concat();
    f.bytes("indefinite length", bad, open);
    f.bytes("wrapped in a tag", bad, [&[0xd8, 0x2a], &*good].concat());
    f.bytes("a length beyond the end", bad, vec![0xa3, 0x61, 0x70, 0x5a, 0xff, 0xff, 0xff, 0xff]);
    f.bytes("a list of 2^63 items", bad, vec![0x9b, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    f.envelope("16 levels", bad, |e| *e.at("s") = nested(15));
    f.envelope("17 levels", "too-deep", |e| *e.at("s") = nested(16));
    f.bytes("1000 levels", "too-deep", nested(1_000).write());
}

/// Faults of the payload's bytes, below good signatures.
pub(crate) fn payload_form_faults(f: &mut Faults) {
    let bad = "malformed";
    let base = f.payload.clone();
    let good = base.write();
    let bare = |bytes: Vec<u8>| Raw::Bare(bytes);
    f.payload("payload: empty", bad, &bare(Vec::new()));
    f.payload("payload: truncated by a byte", bad, &bare(good[..good.len() - 1].to_vec()));
    f.payload("payload: a trailing byte", bad, &bare([&*good, &[0xf6]].concat()));
    f.payload("payload: keys out of order", bad, &base.but(|p| p.entries().swap(0, 1)));
    f.payload(
        "payload: a key twice",
        bad,
        &base.but(|p| {
            let first = p.entries()[0].clone();
            p.entries().insert(0, first);
        }),
    );
    f.payload("payload: an unknown field", bad, &base.plus("", "zz", Raw::Uint(0)));
    f.payload(
        "payload: a key that is no text",
        bad,
        &base.but(|p| {
            p.entries()[0].0 = Raw::Bytes(b"v".to_vec());
        }),
    );
    f.payload("payload: a list in place of the map", bad, &Raw::List(Vec::new()));
    f.payload("payload: null", bad, &bare(vec![0xf6]));
    let entries = u8::try_from(base.clone().entries().len()).unwrap();
    let open = [vec![0xbf], good[1..].to_vec(), vec![0xff]].concat();
    f.payload("payload: indefinite length", bad, &bare(open));
    let long = [vec![0xb9, 0, entries], good[1..].to_vec()].concat();
    f.payload("payload: a length that is not the shortest", bad, &bare(long));
    f.payload("payload: wrapped in a tag", bad, &bare([&[0xc1], &*good].concat()));
    f.payload("payload: 17 levels", "too-deep", &base.plus("", "zz", nested(16)));
    f.payload("payload: 16 levels", bad, &base.plus("", "zz", nested(15)));
    for (key, value) in base.clone().entries().clone() {
        let Raw::Text(key) = key else { panic!("a text") };
        let of_policies: &[&str] = if f.kind == Kind::Policy { &["for", "until"] } else { &[] };
        let optional = ["model", "name", "reason"].contains(&key.as_str());
        let optional = optional || of_policies.contains(&key.as_str());
        if !optional {
            f.payload(&format!("payload: no {key}"), bad, &base.without("", &key));
            let null = base.with(&key, bare(vec![0xf6]));
            f.payload(&format!("payload: {key} is null"), bad, &null);
        }
        let wrong = if matches!(value, Raw::Map(_)) { Raw::Uint(1) } else { Raw::Map(Vec::new()) };
        f.payload(&format!("payload: {key} of a wrong type"), bad, &base.with(&key, wrong));
    }
    let number = match f.kind {
        Kind::Trace => "started",
        Kind::JournalHead => "seq",
        _ => "iat",
    };
    let mut set = |name: &str, bytes: &[u8]| {
        f.payload(name, bad, &base.with(number, bare(bytes.to_vec())));
    };
    set("payload: a number in nine bytes where one would do", &[0x1b, 0, 0, 0, 0, 0, 0, 0, 7]);
    set("payload: a number in two bytes where one would do", &[0x18, 23]);
    set("payload: a number below zero", &[0x20]);
    set("payload: a float", &[0xfb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0]);
    set("payload: a half float", &[0xf9, 0x47, 0]);
    set("payload: a big number", &[0xc2, 0x41, 7]);
    set("payload: undefined", &[0xf7]);
    set("payload: a simple value", &[0xf8, 0x20]);
    set("payload: a reserved header", &[0x1c]);
}
