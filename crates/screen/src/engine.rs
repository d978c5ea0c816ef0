//! The engine: literals by Aho-Corasick, then the rule's regex at the hit, then entropy.
//!
//! Every regex is anchored where its literal stands, and bytes that a rule has matched are
//! never matched by it again, accepted or not: that keeps the whole linear.

use crate::{
    armor,
    finding::Class,
    mail,
    rules::{Lead, RULES, Rule},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// How far a match may begin before its literal.
const MAX_LEAD: usize = 64;
/// The same for the header of a JSON web token, and how that begins.
const MAX_HEADER: usize = 16 << 10;
const HEADER: &[u8] = b"eyJ";

/// Bytes that a rule claims.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match {
    pub(crate) rule: &'static Rule,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many of the first bytes are the rule's literal, which is no secret.
    pub(crate) keep: usize,
}

/// One literal of one rule.
struct Literal {
    rule: usize,
    length: usize,
}

struct Engine {
    automaton: AhoCorasick,
    literals: Vec<Literal>,
    patterns: Vec<Regex>,
}

/// `None` only when a rule does not compile, which a test excludes; a scan then says `spent`.
static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
    let named = || {
        let rules = RULES.iter().enumerate();
        rules.flat_map(|(n, rule)| rule.literals.iter().map(move |text| (n, *text)))
    };
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(named().map(|(_, text)| text));
    let patterns = RULES
        .iter()
        .map(|rule| RegexBuilder::new(&format!(r"\A(?:{})", rule.pattern)).unicode(false).build());
    Some(Engine {
        automaton: automaton.ok()?,
        literals: named().map(|(rule, text)| Literal { rule, length: text.len() }).collect(),
        patterns: patterns.collect::<Result<_, _>>().ok()?,
    })
});

/// Everything in `bytes` that a rule claims, sorted and without overlaps. Stops adding
/// secrets, and apart from them addresses, after `cap` + 1 of each; the flag says that the
/// search was not complete.
pub(crate) fn find(bytes: &[u8], cap: usize) -> (Vec<Match>, bool) {
    let Some(engine) = ENGINE.as_ref() else { return (Vec::new(), true) };
    let mut found = Vec::new();
    let (mut secrets, mut addresses) = (0_usize, 0_usize);
    let mut done = vec![0_usize; RULES.len()];
    for hit in engine.automaton.find_overlapping_iter(bytes) {
        let Some(literal) = engine.literals.get(hit.pattern().as_usize()) else { continue };
        let (Some(rule), Some(pattern), Some(done)) = (
            RULES.get(literal.rule),
            engine.patterns.get(literal.rule),
            done.get_mut(literal.rule),
        ) else {
            continue;
        };
        let count = if rule.class == Class::Email { &mut addresses } else { &mut secrets };
        if hit.start() < *done || *count > cap {
            continue;
        }
        if let Some(m) = claim(bytes, rule, pattern, hit.start(), literal.length, done) {
            *count += 1;
            found.push(m);
        }
    }
    (resolve(found), secrets > cap || addresses > cap)
}

/// What `rule` claims at its literal at `at`; moves `done` past all that its regex matched.
fn claim(
    bytes: &[u8],
    rule: &'static Rule,
    pattern: &Regex,
    at: usize,
    literal: usize,
    done: &mut usize,
) -> Option<Match> {
    let (start, known) = match rule.lead {
        Lead::None => (at, literal),
        Lead::Digits => (walk_back(bytes, at, MAX_LEAD, |b| b.is_ascii_digit()), 0),
        Lead::MailName => {
            (mail::name_start(bytes, walk_back(bytes, at, MAX_LEAD, mail::in_name), at), 0)
        }
        Lead::JwtHeader => (header_start(bytes, at)?, HEADER.len()),
    };
    let start = start.max(*done);
    // Addresses of a bot's interface write `/bot` right before the digits.
    if rule.lead != Lead::Digits && !opens(bytes, start) {
        return None;
    }
    let found = pattern.captures(bytes.get(start..)?)?;
    let (whole, value) = (found.get(0)?, found.name("v").or(found.get(0))?);
    let m = Match {
        rule,
        start: start + value.start(),
        end: start + value.end(),
        keep: if value.start() == 0 { known } else { 0 },
    };
    *done = start + whole.end();
    if bytes.get(m.end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let secret = bytes.get(m.start + m.keep..m.end)?;
    if rule.entropy > 0.0 && entropy(secret) < rule.entropy || secret.ends_with(b"EXAMPLE") {
        return None;
    }
    match rule.class {
        Class::PrivateKey if rule.armored => {
            let end = armor::body_end(bytes, m.end)?;
            *done = end;
            Some(Match { end, keep: m.end - m.start, ..m })
        }
        Class::Email if !mail::is_address(bytes, m.start, m.end) => None,
        _ => Some(m),
    }
}

fn walk_back(bytes: &[u8], at: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    let before = bytes.get(at.saturating_sub(most)..at).unwrap_or_default();
    at - before.iter().rev().take_while(|b| holds(**b)).count()
}

/// Where the header of a JSON web token begins that ends before `at`.
fn header_start(bytes: &[u8], at: usize) -> Option<usize> {
    let in_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let run = walk_back(bytes, at, MAX_HEADER, in_part);
    let mut begins = bytes.get(run..at)?.windows(HEADER.len()).enumerate();
    begins.find(|(n, three)| *three == HEADER && opens(bytes, run + n)).map(|(n, _)| run + n)
}

/// Whether a word can begin at `start`: not inside another one, unless what stands before is
/// an escape (`\n`, `\u003c`, `%3D`) or the end of a terminal colour, as agent logs have them.
fn opens(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(..start).unwrap_or_default();
    let inside = before.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.get(start).is_some_and(u8::is_ascii_alphanumeric);
    if !inside {
        return true;
    }
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'\\', b'u', a, b, c, d] => hex(&[*a, *b, *c, *d]),
        [.., b'%', a, b] => hex(&[*a, *b]),
        [colour @ .., b'm'] => {
            let numbers = |b: &&u8| b.is_ascii_digit() || **b == b';';
            let skipped = colour.iter().rev().take(16).take_while(numbers).count();
            colour.iter().rev().nth(skipped) == Some(&b'[')
        }
        _ => false,
    }
}

/// Shannon entropy of the bytes, in bits a byte.
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    // Longer secrets are judged by their beginning: 4 KiB are plenty.
    let judged = bytes.get(..4096).unwrap_or(bytes);
    for byte in judged {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = f32::from(u16::try_from(judged.len()).unwrap_or(u16::MAX));
    let shares = counts.iter().filter(|n| **n > 0).map(|n| f32::from(*n) / total);
    shares.map(|share| -share * share.log2()).sum()
}

/// Sorts and keeps, of claims that overlap, the stricter class, then the longer, then the rule
/// that stands first in the table.
fn resolve(mut found: Vec<Match>) -> Vec<Match> {
    found.sort_by_key(|m| m.start);
    let mut kept: Vec<Match> = Vec::with_capacity(found.len());
    for m in found {
        match kept.last_mut() {
            Some(last) if m.start < last.end => {
                let rank = |m: &Match| (m.rule.class, std::cmp::Reverse(m.end - m.start));
                if rank(&m) < rank(last) {
                    *last = m;
                }
            }
            _ => kept.push(m),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
