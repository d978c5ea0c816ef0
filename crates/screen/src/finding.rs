//! What a scan reports, and the budget it works in.

use crate::{engine, mask};

/// The most bytes one scan reads.
pub const MAX_BYTES: usize = 8 << 20;
/// The most findings one scan reports.
pub const MAX_FINDINGS: usize = 1_000;

/// What kind of thing was found, strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A private key.
    PrivateKey,
    /// A token, password or address that grants access by itself.
    Token,
    /// An e-mail address.
    Email,
}

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
    /// Its first byte.
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
    /// The budget ended before the bytes did, so there may be more: itself a finding to show.
    pub spent: bool,
}

/// Scans the first [`MAX_BYTES`] of `bytes` and reports at most [`MAX_FINDINGS`]. Where there
/// are more, secrets go before e-mail addresses.
#[must_use]
pub fn scan(bytes: &[u8]) -> Report {
    let read = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let (mut matches, mut spent) = engine::find(read, MAX_FINDINGS);
    spent |= read.len() < bytes.len();
    if matches.len() > MAX_FINDINGS {
        spent = true;
        matches.sort_by_key(|m| (m.rule.class == Class::Email, m.start));
        matches.truncate(MAX_FINDINGS);
        matches.sort_by_key(|m| m.start);
    }
    let (mut line, mut counted) = (1_u32, 0);
    let findings = matches.iter().map(|m| {
        let breaks = read.get(counted..m.start).unwrap_or_default().iter().filter(|b| **b == b'\n');
        line = line.saturating_add(u32::try_from(breaks.count()).unwrap_or(u32::MAX));
        counted = m.start;
        Finding {
            rule: m.rule.id,
            label: m.rule.label,
            class: m.rule.class,
            line,
            start: m.start,
            end: m.end,
            masked: mask::masked(read, m),
        }
    });
    let findings = findings.collect();
    Report { findings, spent }
}

#[cfg(test)]
mod tests;
