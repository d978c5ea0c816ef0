//! The form of the vector files: a check, and its cases with inputs and expected results.

use artifact::KeyProtection;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The least length of a run of one byte that is written as a run.
const RUN: usize = 96;

/// Bytes, written as hex; where a byte repeats long, as a list of hex and runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Hex(String),
    Parts(Vec<Part>),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Part {
    Hex(String),
    Run { repeat: String, times: usize },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut parts, mut plain) = (Vec::new(), Vec::new());
        for run in self.0.chunk_by(|a, b| a == b) {
            if run.len() < RUN {
                plain.extend_from_slice(run);
                continue;
            }
            if !plain.is_empty() {
                parts.push(Part::Hex(HEXLOWER.encode(&std::mem::take(&mut plain))));
            }
            parts.push(Part::Run { repeat: HEXLOWER.encode(&run[..1]), times: run.len() });
        }
        if parts.is_empty() {
            return Written::Hex(HEXLOWER.encode(&plain)).serialize(serializer);
        }
        if !plain.is_empty() {
            parts.push(Part::Hex(HEXLOWER.encode(&plain)));
        }
        Written::Parts(parts).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).map_err(serde::de::Error::custom);
        let mut out = Vec::new();
        match Written::deserialize(deserializer)? {
            Written::Hex(text) => out = hex(&text)?,
            Written::Parts(parts) => {
                for part in parts {
                    match part {
                        Part::Hex(text) => out.extend(hex(&text)?),
                        Part::Run { repeat, times } => out.extend(hex(&repeat)?.repeat(times)),
                    }
                }
            }
        }
        Ok(Self(out))
    }
}

impl Bytes {
    pub(crate) fn array<const N: usize>(&self) -> [u8; N] {
        self.0.as_slice().try_into().unwrap()
    }
}

impl<T: AsRef<[u8]>> From<T> for Bytes {
    fn from(bytes: T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

macro_rules! cases {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            pub(crate) name: String,
            $($(#[$attr])* pub(crate) $field: $type,)*
        }
    )*};
}

cases! {
    /// BLAKE3: plain, keyed, or derived for a context.
    HashCase {
        bytes: Bytes,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Bytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<String>,
        hash: Bytes,
    }
    /// Strict Ed25519.
    SignatureCase { key: Bytes, message: Bytes, signature: Bytes, good: bool, }
    /// The DSSE pre-authentication encoding.
    PaeCase { t: String, payload: Bytes, pae: Bytes, }
    /// An artifact's id.
    IdCase { bytes: Bytes, id: Bytes, }
    /// Words of a key, of a code (ask id, then snapshot) or of an id.
    WordsCase { of: String, bytes: Bytes, indices: Vec<usize>, words: String, }
    /// A commitment to a range of a trace.
    CommitmentCase {
        author_seed: Bytes,
        trace: Bytes,
        from: u64,
        to: u64,
        text: String,
        commitment: Bytes,
    }
    /// A ticket's text, and the addresses in it when it is one.
    TicketCase {
        text: String,
        verdict: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        addresses: Option<Vec<String>>,
    }
    /// Text made safe to show.
    DisplayCase {
        given: String,
        max: usize,
        lines: bool,
        text: String,
        cut: bool,
        escaped: bool,
        mixed_scripts: bool,
    }
    /// An envelope opened as one of `kind`.
    EnvelopeCase {
        kind: String,
        bytes: Bytes,
        verdict: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<Bytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signers: Option<Vec<Bytes>>,
    }
    /// A head; with a crystal, it is the head of that crystal.
    HeadCase {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crystal: Option<Bytes>,
        bytes: Bytes,
        verdict: String,
    }
    /// All that a receiver is given.
    ArrivalCase {
        card: Bytes,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        earlier: Vec<Bytes>,
        receipt: Bytes,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grant: Option<Bytes>,
        head: Bytes,
        delivered: Bytes,
        me: Bytes,
        now: u64,
        floor: KeyProtection,
        revocations: Vec<Bytes>,
        verdict: String,
    }
    /// A revocation, as its recipient takes it above the number `kept`.
    RevokingCase { revocation: Bytes, card: Bytes, me: Bytes, kept: u64, now: u64, verdict: String, }
    /// A delivery receipt, as the giver takes it into a book of these totals.
    SettlingCase {
        delivery: Bytes,
        card: Bytes,
        me: Bytes,
        count: u64,
        bytes_total: u64,
        served: Vec<Served>,
        verdict: String,
    }
    /// A countersignature, as the taker of these delivery receipts takes it.
    CountersigningCase { countersign: Bytes, card: Bytes, known: Vec<Bytes>, verdict: String, }
    /// A journal with its signed head.
    JournalCase {
        entries: Vec<Bytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head: Option<Bytes>,
        key: Bytes,
        verdict: String,
    }
}

/// What was served whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Served {
    pub(crate) artifact: Bytes,
    pub(crate) size: u64,
}

/// The cases of one file: all of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "check", content = "cases", rename_all = "lowercase")]
pub(crate) enum Cases {
    Hash(Vec<HashCase>),
    Signature(Vec<SignatureCase>),
    Pae(Vec<PaeCase>),
    Id(Vec<IdCase>),
    Words(Vec<WordsCase>),
    Commitment(Vec<CommitmentCase>),
    Display(Vec<DisplayCase>),
    Envelope(Vec<EnvelopeCase>),
    Head(Vec<HeadCase>),
    Ticket(Vec<TicketCase>),
    Arrival(Vec<ArrivalCase>),
    Revoking(Vec<RevokingCase>),
    Settling(Vec<SettlingCase>),
    Countersigning(Vec<CountersigningCase>),
    Journal(Vec<JournalCase>),
}

/// One file of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VectorFile {
    pub(crate) about: String,
    #[serde(flatten)]
    pub(crate) cases: Cases,
}
