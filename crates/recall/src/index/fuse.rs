//! How words and meanings become one order.
//!
//! score = cosine − `CROWD` · crowd + (lead / `LEAD`)³ + exact + bonus
//!
//! `lead` is how far the share of the question's weight that a document's words cover stands above
//! the field, which is the mean of the ten best shares. Words are trusted where they single a
//! document out; where many documents hold a few common ones they say next to nothing, and the cube
//! keeps them quiet there. `crowd` is how near a document lies to its neighbours among the
//! candidates: what is near to everything says little. `exact` is the part that exact rare terms
//! make (error codes, paths): they count once more, whatever the meaning. `bonus` is what speaks
//! for a document besides its text. All are measures that mean the same in every question, so they
//! are added as they are. How the numbers were chosen, and what ranks alone would give, is in
//! `docs/recall.md`.

use super::{Hit, Means};
use crate::{SearchError, doc::is_own, question::Question, vectors::Near, view::View};
use std::collections::{BTreeMap, BTreeSet};
use tantivy::{DocAddress, TantivyError};

/// Documents that are looked at on either side.
pub(super) const DEPTH: usize = 100;
const CROWD: f32 = 0.2;
/// The lead that counts as much as the highest cosine.
const LEAD: f32 = 0.42;
/// The best shares whose mean is the field. Where fewer documents hold any word, the rest are 0.
const FIELD: usize = 10;

/// From which score on the best hit is likely to be right. By words alone no score tells that.
pub(super) const fn sure(means: Means) -> f32 {
    match means {
        Means::Both => 0.57,
        Means::Words => f32::NEG_INFINITY,
    }
}

/// The best by words alone.
pub(super) fn by_words(
    view: &View,
    question: &Question,
    limit: usize,
) -> Result<Vec<Hit>, SearchError> {
    let Words { shares, pinned } = words(view, question, limit)?;
    let least = shares.last().map_or(0.0, |(_, share)| *share);
    let mut scored: BTreeMap<_, _> = shares.into_iter().collect();
    for at in pinned.keys() {
        scored.entry(*at).or_insert(least);
    }
    Ok(ranked(view, question, &pinned, scored, limit)?)
}

/// The best by words and by meanings, of which `near` has the nearest documents.
pub(super) fn by_both(
    view: &View,
    question: &Question,
    Words { shares, pinned }: Words,
    near: &[Near],
    limit: usize,
) -> Result<Vec<Hit>, SearchError> {
    #[expect(clippy::cast_precision_loss, reason = "ten")]
    let field = shares.iter().take(FIELD).map(|(_, share)| share).sum::<f32>() / FIELD as f32;
    let meaning = |near: &Near| near.cosine - CROWD * near.crowd;
    // What is not among the nearest is below all that are.
    let below = near.iter().map(meaning).fold(1.0, f32::min);
    let mut scored = BTreeMap::new();
    for one in near {
        if let Some(at) = view.find(&one.id)? {
            scored.insert(at, meaning(one));
        }
    }
    for at in pinned.keys() {
        scored.entry(*at).or_insert(below);
    }
    for (at, share) in shares {
        *scored.entry(at).or_insert(below) += ((share - field).max(0.0) / LEAD).powi(3);
    }
    Ok(ranked(view, question, &pinned, scored, limit)?)
}

/// What exact rare terms add to a document.
type Pinned = BTreeMap<DocAddress, f32>;

/// What words say of documents.
#[derive(Default)]
pub(super) struct Words {
    /// The best shares, highest first.
    shares: Vec<(DocAddress, f32)>,
    pinned: Pinned,
}

/// What the words say of the best `limit` documents.
pub(super) fn words(view: &View, question: &Question, limit: usize) -> Result<Words, TantivyError> {
    let Some(asked) = view.asked(question)?.filter(|_| limit > 0) else {
        return Ok(Words::default());
    };
    let mut except = BTreeSet::new();
    for id in question.except {
        except.extend(view.find(id)?);
    }
    let mut shares = view.best(&asked, limit.saturating_add(except.len()), question.own)?;
    shares.retain(|(at, _)| !except.contains(at));
    let mut pinned = view.pinned(&asked)?;
    pinned.retain(|at, _| !except.contains(at));
    if question.own {
        let mut own = Pinned::new();
        for (at, share) in pinned {
            if is_own(view.facts(at)?.prior) {
                own.insert(at, share);
            }
        }
        pinned = own;
    }
    Ok(Words { shares, pinned })
}

/// The best `limit` of `scored`, with what comes on top of a score.
fn ranked(
    view: &View,
    question: &Question,
    pinned: &Pinned,
    scored: BTreeMap<DocAddress, f32>,
    limit: usize,
) -> Result<Vec<Hit>, TantivyError> {
    let mut hits = Vec::with_capacity(scored.len());
    for (at, score) in scored {
        let facts = view.facts(at)?;
        let exact = pinned.get(&at).copied().unwrap_or(0.0);
        hits.push((at, score + exact + facts.bonus(question), facts.prior));
    }
    hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.2.cmp(&a.2)));
    hits.truncate(limit);
    hits.into_iter().map(|(at, score, _)| Ok(Hit { id: view.id(at)?, score })).collect()
}
