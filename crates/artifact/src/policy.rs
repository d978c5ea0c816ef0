//! A policy: what an organisation forbids those who accept it. It has no way to allow anything.
//!
//! This module knows the bytes. Which policies hold here, and what they say of a share, is decided
//! in `consent`.

use crate::{
    HumanKey, Kind, OrganisationKey, Secret, UnixMillis,
    envelope::{self, EnvelopeError, Opened, Payload, check, list, text},
    key::Organisation,
};
use serde::{Deserialize, Serialize};

/// The most characters of an organisation's name.
pub const MAX_NAME: usize = 64;
/// The most entries of each list.
pub const MAX_ENTRIES: usize = 128;
/// The most characters of a word.
pub const MAX_WORD: usize = 64;
/// The highest number of a version.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The payload of kind `policy`, signed by the organisation's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// 0.
    pub v: u64,
    /// Counts the versions of this organisation's policy: only a higher one replaces a lower one.
    pub seq: u64,
    /// What the organisation calls itself.
    pub org: String,
    /// Whom it is meant for; absent for whoever accepts it.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub meant: Option<Vec<HumanKey>>,
    /// What it forbids.
    pub forbid: Forbid,
    /// When it was signed.
    pub iat: UnixMillis,
    /// Until when it forbids; absent for as long as it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixMillis>,
}

/// What must not be shared. Whatever is not named here is left to the human.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbid {
    /// Anything, with everybody.
    pub public: bool,
    /// Anything, with anybody but these: so nothing with everybody either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<HumanKey>>,
    /// What holds findings of these classes or rules of the scanner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// What any agent asks to share but those of these names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<String>>,
}

impl Payload for Policy {
    const KIND: Kind = Kind::Policy;

    fn check(&self, _signers: &[[u8; 32]]) -> Result<(), EnvelopeError> {
        check(self.v == 0, "v", "is not 0")?;
        check((1..=MAX_NUMBER).contains(&self.seq), "seq", "is out of range")?;
        check(!self.org.trim().is_empty(), "org", "is empty")?;
        text("org", &self.org, MAX_NAME)?;
        if let Some(meant) = &self.meant {
            check(!meant.is_empty(), "for", "names nobody")?;
            each_once("for", meant)?;
        }
        if let Some(people) = &self.forbid.people {
            each_once("people", people)?;
        }
        words("findings", &self.forbid.findings)?;
        words("agents", self.forbid.agents.as_deref().unwrap_or_default())?;
        check(self.until.is_none_or(|until| self.iat < until), "until", "is not after iat")
    }
}

/// Sorted, each once, and not too many.
fn each_once<T: PartialOrd>(field: &'static str, entries: &[T]) -> Result<(), EnvelopeError> {
    list(field, entries, MAX_ENTRIES)?;
    check(entries.is_sorted_by(|a, b| a < b), field, "is not sorted")
}

fn words(field: &'static str, words: &[String]) -> Result<(), EnvelopeError> {
    check(words.iter().all(|word| is_word(word)), field, "has an entry that is no word")?;
    each_once(field, words)
}

/// Whether this can name a rule, a class or an agent.
#[must_use]
pub fn is_word(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=MAX_WORD).contains(&word.len()) && word.bytes().all(plain)
}

impl Policy {
    /// Signs this policy.
    ///
    /// # Errors
    /// When a field breaks its rule.
    pub fn seal(&self, organisation: &Secret<Organisation>) -> Result<Vec<u8>, EnvelopeError> {
        envelope::seal(self, &[(organisation.public().as_bytes(), &|m| organisation.sign(m))])
    }

    /// Opens a policy's envelope and tells which organisation signed it. Says nothing of whether
    /// anybody accepted it.
    ///
    /// # Errors
    /// See [`envelope::open`].
    pub fn open(bytes: &[u8]) -> Result<(Opened<Self>, OrganisationKey), EnvelopeError> {
        let opened = envelope::open::<Self>(bytes)?;
        let organisation = opened.signer()?;
        Ok((opened, organisation))
    }

    /// Whether it still forbids at this time.
    #[must_use]
    pub fn holds_at(&self, at: UnixMillis) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    /// Whether it is meant for this human.
    #[must_use]
    pub fn is_for(&self, human: &HumanKey) -> bool {
        self.meant.as_ref().is_none_or(|meant| meant.contains(human))
    }
}
