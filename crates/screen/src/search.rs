//! One scan through all layers of what the bytes say, within a budget.
//!
//! Invariant: every byte that is made, by decoding or by putting together, is paid for before it
//! is looked at. What cannot be paid for any more, or lies deeper than the layers go, is a
//! finding: it was not looked through.

use crate::{
    engine::{self, Match},
    finding::Class,
    mask, runs,
    view::{Source, View},
    weave::{self, Kind},
};
use std::ops::Range;

/// How many layers of base64, hex, escapes and compression are undone.
pub(crate) const LAYERS: usize = 3;
/// The most bytes that one scan makes out of others, beside eight for each that it was given.
pub(crate) const MADE: usize = 32 << 20;
/// The most bytes that one compressed run unpacks to.
pub(crate) const UNPACKED: usize = 8 << 20;
/// Escapes of a neighbourhood below the last layer that are worth a word.
const WORTH: usize = 8;

/// Something found: where it stands in what was scanned, and how it may be shown.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The rule's place in the list; none for what was not looked through.
    pub(crate) found: Option<Match>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) masked: String,
}

impl Found {
    pub(crate) fn class(&self) -> Class {
        self.found.map_or(Class::Unread, |found| found.rule.class)
    }
}

/// All that a scan gathers.
pub(crate) struct Search {
    found: Vec<Found>,
    cap: usize,
    secrets: usize,
    others: usize,
    left: usize,
    blind: bool,
}

/// Everything that is claimed in `bytes`, sorted and without overlaps; whether that is all.
/// Stops adding secrets, and apart from them everything else, after `cap` + 1 of each.
pub(crate) fn search(bytes: &[u8], cap: usize) -> (Vec<Found>, bool) {
    let left = MADE.saturating_add(bytes.len().saturating_mul(8));
    let mut search = Search { found: Vec::new(), cap, secrets: 0, others: 0, left, blind: false };
    search.look(&View { bytes, from: None }, 0, false, true);
    let whole = !search.blind && search.secrets <= cap && search.others <= cap;
    (resolve(search.found), whole)
}

impl Search {
    /// Looks through one view and all that can be made of it. In a view that was put together,
    /// only what the putting together changed is new.
    fn look(&mut self, view: &View<'_>, depth: usize, joined: bool, text: bool) {
        let new = |range: Range<usize>| match &view.from {
            Some((_, source @ Source::Pieces(_))) => source.altered(range),
            _ => true,
        };
        let looked = engine::find(view.bytes, |found| {
            let secret = found.rule.class <= Class::Token;
            if (text || secret) && new(found.seen.0..found.seen.1) {
                self.take(view, found);
            }
        });
        self.blind |= !looked;
        self.undo(view, depth, new);
        if !joined {
            for made in weave::woven(view.bytes, Kind::Cuts) {
                if self.pays(made.bytes.len()) {
                    self.look(&within(view, &made.bytes, made.source), depth, true, text);
                } else {
                    self.unread(view, made.place, "the budget of the scan was spent");
                }
            }
        }
        for made in weave::woven(view.bytes, Kind::Escapes) {
            if depth == LAYERS {
                if made.seams >= WORTH {
                    self.unread(view, made.place, "deeper than three layers");
                }
            } else if self.pays(made.bytes.len()) {
                self.look(&within(view, &made.bytes, made.source), depth + 1, false, text);
            } else {
                self.unread(view, made.place, "the budget of the scan was spent");
            }
        }
    }

    /// Undoes every run of `view`, and what is compressed.
    fn undo(&mut self, view: &View<'_>, depth: usize, new: impl Fn(Range<usize>) -> bool) {
        let mut from = 0;
        while let Some(at) = runs::gzip(view.bytes, from) {
            // What was read for one is not read for another: that keeps it linear.
            from = at + self.unpack(view, at, depth).max(3);
        }
        for run in runs::runs(view.bytes) {
            if !new(run.whole()) {
                continue;
            }
            if !self.pays(run.whole().len()) {
                self.unread(view, run.whole(), "the budget of the scan was spent");
                continue;
            }
            for (plain, source) in runs::undone(view.bytes, &run) {
                let text = runs::is_text(&plain);
                if depth == LAYERS {
                    if text || runs::packed(&plain) {
                        self.unread(view, run.whole(), "deeper than three layers");
                    }
                    continue;
                }
                let inner = within(view, &plain, source);
                if runs::packed(&plain) {
                    self.unpack(&inner, 0, depth + 1);
                } else {
                    self.look(&inner, depth + 1, false, text);
                }
            }
        }
    }

    /// Looks through what the bytes from `at` on unpack to, and says how many these are.
    fn unpack(&mut self, view: &View<'_>, at: usize, depth: usize) -> usize {
        let packed = view.bytes.get(at..).unwrap_or_default();
        let made = runs::unpacked(packed, self.left.min(UNPACKED));
        let place = at..at + made.read;
        if made.plain.is_empty() && made.whole {
            return made.read;
        }
        if depth == LAYERS {
            self.unread(view, place, "deeper than three layers");
            return made.read;
        }
        self.left -= made.plain.len().min(self.left);
        let text = runs::is_text(&made.plain);
        let inner = within(view, &made.plain, Source::All(place.clone()));
        self.look(&inner, depth + 1, false, text);
        if !made.whole {
            self.unread(view, place, "unpacks to more than is looked at");
        }
        made.read
    }

    fn pays(&mut self, bytes: usize) -> bool {
        let paid = self.left.checked_sub(bytes);
        self.left = paid.unwrap_or(self.left);
        paid.is_some()
    }

    fn take(&mut self, view: &View<'_>, found: Match) {
        let secret = found.rule.class <= Class::Password;
        let count = if secret { &mut self.secrets } else { &mut self.others };
        if *count > self.cap {
            return;
        }
        *count += 1;
        let place = view.outermost(found.start..found.end);
        let masked = mask::masked(view.bytes, &found);
        self.found.push(Found { found: Some(found), start: place.start, end: place.end, masked });
    }

    fn unread(&mut self, view: &View<'_>, place: Range<usize>, why: &str) {
        if self.others <= self.cap {
            self.others += 1;
            let place = view.outermost(place);
            let masked = why.to_owned();
            self.found.push(Found { found: None, start: place.start, end: place.end, masked });
        }
    }
}

fn within<'a>(outer: &'a View<'a>, bytes: &'a [u8], source: Source) -> View<'a> {
    View { bytes, from: Some((outer, source)) }
}

/// Sorts and keeps, of claims that overlap, the stricter class, then the longer, then the rule
/// that stands first in the list.
fn resolve(mut found: Vec<Found>) -> Vec<Found> {
    let rank = |found: &Found| {
        let place = found.found.map_or(usize::MAX, |found| found.rank);
        (found.class(), std::cmp::Reverse(found.end - found.start), place)
    };
    found.sort_by_key(|found| (found.start, rank(found)));
    let mut kept: Vec<Found> = Vec::with_capacity(found.len());
    for one in found {
        match kept.last_mut() {
            Some(last) if one.start < last.end => {
                if rank(&one) < rank(last) {
                    *last = one;
                }
            }
            _ => kept.push(one),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
