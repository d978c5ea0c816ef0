//! The engine: keywords by Aho-Corasick, then the rule's pattern at the hit, then its check.
//!
//! Every pattern is anchored where its keyword stands or searched in a bounded stretch around it,
//! and bytes that a rule has matched are never matched by it again, accepted or not: that keeps
//! the whole linear.

use crate::{
    armor, assign,
    check::{self, opens},
    finding::Class,
    mail, person,
    rules::{Check, Rule, rules},
};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// The longest header of a JSON web token, and how that begins.
const MAX_HEADER: usize = 16 << 10;
const HEADER: &[u8] = b"eyJ";
/// How far a match may reach behind its keyword where it may begin before it.
const REACH: usize = 512;
/// How much of a keyword the automaton knows: it stays small enough for the nearest caches.
const HEAD: usize = 5;
/// Keywords that are shorter need a place of their own: `x_s.` does not begin with `s.`.
const SHORT: usize = 5;

/// Bytes that a rule claims.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match {
    pub(crate) rule: &'static Rule,
    /// Where the rule stands in the list.
    pub(crate) rank: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many of the first bytes are the rule's keyword, which is no secret.
    pub(crate) keep: usize,
    /// Where all that the claim stands on begins and ends.
    pub(crate) seen: (usize, usize),
}

/// One keyword of one rule.
struct Keyword {
    rank: usize,
    rule: &'static Rule,
    text: &'static [u8],
}

/// An automaton and its keywords.
struct Pass {
    automaton: AhoCorasick,
    keywords: Vec<Keyword>,
    fold: bool,
}

/// Keywords as they stand, and keywords in any case: those of the one kind are often two letters,
/// which every word of the other case would hold.
struct Engine {
    exact: Pass,
    folded: Pass,
}

/// `None` only when there are no rules, which a test excludes; a scan then says `spent`.
static ENGINE: LazyLock<Option<Engine>> =
    LazyLock::new(|| Some(Engine { exact: Pass::new(false)?, folded: Pass::new(true)? }));

impl Pass {
    fn new(fold: bool) -> Option<Self> {
        let of_rule = |(rank, rule): (usize, &'static Rule)| {
            let words = rule.keywords.iter().filter(move |_| rule.fold == fold);
            let names = rule.names().iter().filter(move |_| fold);
            words.chain(names).map(move |text| Keyword { rank, rule, text: text.as_bytes() })
        };
        let keywords: Vec<Keyword> = rules().iter().enumerate().flat_map(of_rule).collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(fold)
            .build(keywords.iter().map(|keyword| keyword.text.get(..HEAD).unwrap_or(keyword.text)));
        let automaton = automaton.ok().filter(|_| !keywords.is_empty())?;
        Some(Self { automaton, keywords, fold })
    }

    fn find(&self, bytes: &[u8], mut take: impl FnMut(Match)) {
        let mut done = vec![0_usize; rules().len()];
        for hit in self.automaton.find_overlapping_iter(bytes) {
            let Some(keyword) = self.keywords.get(hit.pattern().as_usize()) else { continue };
            let Some(done) = done.get_mut(keyword.rank) else { continue };
            let (at, end) = (hit.start(), hit.start() + keyword.text.len());
            let Some(here) = bytes.get(at..end).filter(|_| at >= *done) else { continue };
            let fits = here == keyword.text || self.fold && here.eq_ignore_ascii_case(keyword.text);
            if !fits {
                continue;
            }
            let found = if keyword.rule.is_named() {
                named(bytes, keyword, at, end, done)
            } else {
                claim(bytes, keyword, at, done)
            };
            if let Some(found) = found {
                take(found);
            }
        }
    }
}

/// Hands everything in `bytes` that a rule claims to `take`. False when nothing could be looked
/// for.
pub(crate) fn find(bytes: &[u8], mut take: impl FnMut(Match)) -> bool {
    let Some(engine) = ENGINE.as_ref() else { return false };
    engine.exact.find(bytes, &mut take);
    engine.folded.find(bytes, &mut take);
    true
}

/// The value that is given to a name.
fn named(bytes: &[u8], word: &Keyword, at: usize, end: usize, done: &mut usize) -> Option<Match> {
    let name = assign::Name::around(bytes, at, end);
    if name.speaks_of_something_else() {
        return None;
    }
    let value = assign::value(bytes, at, end)?;
    let text = bytes.get(value.start..value.end)?;
    let fits = match word.rule.check {
        Check::Password => check::password(text, value.quoted),
        Check::Secret => check::secret(text, value.quoted),
        _ => {
            let hex = text.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
            let floor = if hex { 2.5 } else { 3.0 };
            !check::placeholder(text)
                && check::entropy(text) >= floor
                && word.rule.regex().is_some_and(|pattern| pattern.is_match(text))
        }
    };
    if !fits {
        return None;
    }
    *done = value.end;
    let Keyword { rank, rule, .. } = *word;
    let seen = (at, value.end);
    Some(Match { rule, rank, start: value.start, end: value.end, keep: 0, seen })
}

/// What a rule claims at its keyword at `at`; moves `done` past all that its pattern matched.
fn claim(bytes: &[u8], word: &Keyword, at: usize, done: &mut usize) -> Option<Match> {
    let Keyword { rank, rule, text: keyword, .. } = *word;
    let pattern = rule.regex()?;
    let (start, window) = match rule.check {
        Check::Email => {
            let name = walk_back(bytes, at, 64, mail::in_name);
            (mail::name_start(bytes, name, at), bytes.len())
        }
        Check::Jwt => (header_start(bytes, at)?, bytes.len()),
        _ if rule.before > 0 => (at.saturating_sub(rule.before), (at + REACH).min(bytes.len())),
        _ => (at, bytes.len()),
    };
    let start = start.max(*done);
    let exact = rule.before == 0;
    if exact && (!opens(bytes, start) || keyword.len() < SHORT && glued(bytes, start, rule)) {
        return None;
    }
    let seen = bytes.get(start..window)?;
    // Most keywords are nobody's: whether the pattern matches at all is cheaper to know.
    let whole = pattern.find(seen)?;
    if start + whole.start() > at || start + whole.end() <= at {
        return None;
    }
    let captures = pattern.captures(seen)?;
    let (whole, value) = (captures.get(0)?, captures.name("v").or(captures.get(0))?);
    if !exact && !opens(bytes, start + whole.start()) {
        return None;
    }
    let known = match rule.check {
        Check::Jwt => HEADER.len(),
        _ if exact => keyword.len(),
        _ => 0,
    };
    let keep = if value.start() == 0 { known } else { 0 };
    let found = Match {
        rule,
        rank,
        start: start + value.start(),
        end: start + value.end(),
        keep,
        seen: (start + whole.start(), start + whole.end()),
    };
    *done = start + whole.end();
    fits(bytes, found, done, || captures.name("n").map(|n| n.as_bytes()))
}

/// Whether what a pattern matched is what its rule means.
fn fits<'a>(
    bytes: &'a [u8],
    found: Match,
    done: &mut usize,
    name: impl FnOnce() -> Option<&'a [u8]>,
) -> Option<Match> {
    let (start, end) = (found.start, found.end);
    let open = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let text = bytes.get(start..end)?;
    let secret = bytes.get(start + found.keep..end)?;
    let personal = matches!(found.rule.check, Check::Home | Check::Phone | Check::Armor);
    if open && !personal {
        return None;
    }
    if found.rule.entropy > 0.0
        && (check::entropy(secret) < found.rule.entropy || check::placeholder(secret))
    {
        return None;
    }
    let good = match found.rule.check {
        Check::Armor => {
            *done = armor::body_end(bytes, end)?;
            let seen = (start, *done);
            return Some(Match { end: *done, keep: end - start, seen, ..found });
        }
        Check::None => true,
        Check::Jwt => !text.ends_with(check::KNOWN_JWT),
        Check::Password => check::password(text, true),
        Check::Secret => check::secret(text, true),
        Check::Url => check::address_password(bytes, start, end),
        Check::Basic => check::basic(text),
        Check::Email => mail::is_address(bytes, start, end),
        Check::Phone => person::is_phone(bytes, start, end),
        Check::Home => person::is_home(bytes, start, name()?),
        Check::Host => person::is_host(bytes, start, end),
        Check::Address => person::is_private(bytes, start, end),
        Check::Address6 => person::is_private6(bytes, start, end),
    };
    good.then_some(found)
}

fn walk_back(bytes: &[u8], at: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    let before = bytes.get(at.saturating_sub(most)..at).unwrap_or_default();
    at - before.iter().rev().take_while(|b| holds(**b)).count()
}

/// Whether a short keyword stands inside a longer word.
fn glued(bytes: &[u8], start: usize, rule: &Rule) -> bool {
    let before = start.checked_sub(1).and_then(|n| bytes.get(n));
    rule.class == Class::Token && before.is_some_and(|b| matches!(b, b'_' | b'-' | b'.'))
}

/// Where the header of a JSON web token begins that ends before `at`.
fn header_start(bytes: &[u8], at: usize) -> Option<usize> {
    let in_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let run = walk_back(bytes, at, MAX_HEADER, in_part);
    let mut begins = bytes.get(run..at)?.windows(HEADER.len()).enumerate();
    begins.find(|(n, three)| *three == HEADER && opens(bytes, run + n)).map(|(n, _)| run + n)
}

#[cfg(test)]
mod tests;
