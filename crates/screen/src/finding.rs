//! What a scan reports, and the budget it works in.

use crate::search::{self, Found};
use serde::Deserialize;

/// The most bytes one scan reads.
pub const MAX_BYTES: usize = 8 << 20;
/// The most findings one scan reports.
pub const MAX_FINDINGS: usize = 1_000;

/// What kind of thing was found, strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A private key.
    PrivateKey,
    /// A token, or an address that grants access by itself: told by its form.
    Token,
    /// A password or secret: told by the name it is given to, or by where it stands.
    Password,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The path of a person's home.
    Home,
    /// A host or an address that only an inner network knows.
    Host,
    /// What was not looked through.
    Unread,
}

impl Class {
    /// Every class, strictest first.
    pub const ALL: [Self; 8] = [
        Self::PrivateKey,
        Self::Token,
        Self::Password,
        Self::Email,
        Self::Phone,
        Self::Home,
        Self::Host,
        Self::Unread,
    ];

    /// Whether it gives access: such things are masked in texts, all others stay.
    #[must_use]
    pub fn is_secret(self) -> bool {
        self <= Self::Password
    }

    /// As rules and tables name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::Token => "token",
            Self::Password => "password",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Home => "home",
            Self::Host => "host",
            Self::Unread => "unread",
        }
    }
}

/// The rule of what was not looked through.
pub(crate) const UNREAD: (&str, &str) = ("not-read", "not looked through");

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, such as `github-token`. Stable between versions.
    pub rule: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// What kind of thing it is.
    pub class: Class,
    /// The line it begins on, counted from 1.
    pub line: u32,
    /// Its first byte. What stands in another layer is where its encoding stands.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// How it may be shown: a prefix that everyone knows and at most eight characters of it.
    pub masked: String,
}

/// All that one scan found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order of the bytes; none overlaps another. Where two rules claim the same bytes
    /// the stricter class wins, then the longer claim.
    pub findings: Vec<Finding>,
    /// A budget ended before the bytes did, so there may be more. What was not looked through
    /// is among the findings.
    pub spent: bool,
}

/// Scans the first [`MAX_BYTES`] of `bytes` and reports at most [`MAX_FINDINGS`] of what stands
/// in them. Where there are more, secrets go before all else.
#[must_use]
pub fn scan(bytes: &[u8]) -> Report {
    let read = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let (mut found, whole) = search::search(read, MAX_FINDINGS);
    let mut spent = !whole;
    if found.len() > MAX_FINDINGS {
        spent = true;
        found.sort_by_key(|one| (!one.class().is_secret(), one.start));
        found.truncate(MAX_FINDINGS);
        found.sort_by_key(|one| one.start);
    }
    if read.len() < bytes.len() {
        let masked = "the rest of what is too large".to_owned();
        found.push(Found { found: None, start: read.len(), end: bytes.len(), masked });
    }
    spent |= found.iter().any(|one| one.class() == Class::Unread);
    Report { findings: lined(bytes, found), spent }
}

fn lined(bytes: &[u8], found: Vec<Found>) -> Vec<Finding> {
    let (mut line, mut counted) = (1_u32, 0);
    let mut finding = |one: Found| {
        let skipped = bytes.get(counted..one.start).unwrap_or_default();
        let breaks = memchr::memchr_iter(b'\n', skipped).count();
        line = line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        counted = one.start;
        let (rule, label) =
            one.found.map_or(UNREAD, |found| (found.rule.id.as_str(), found.rule.what.as_str()));
        let Found { start, end, masked, .. } = one;
        Finding {
            rule,
            label,
            class: one.found.map_or(Class::Unread, |f| f.rule.class),
            line,
            start,
            end,
            masked,
        }
    };
    found.into_iter().map(&mut finding).collect()
}

#[cfg(test)]
mod tests;
