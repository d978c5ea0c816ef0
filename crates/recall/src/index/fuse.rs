//! How words and meanings become one order.
//!
//! score = cosine − `CROWD` · crowd + `WORDS` · share + `LEAD` · (share − field) + exact + bonus
//!
//! `share` is the part of the question's weight that a document's words cover; `field` is the mean
//! of the ten best shares, and what is not above it adds nothing: words are trusted where they
//! single a document out. `crowd` is how near a document lies to its neighbours among the
//! candidates: what is near to everything says little. `exact` is the part that exact rare terms
//! make (error codes, paths): they count once more, whatever the meaning. `bonus` is what speaks
//! for a document besides its text. All are measures that mean the same in every question, so they
//! are added as they are. How the numbers were chosen, and what ranks alone would give, is in
//! `docs/recall.md`.

use super::{Hit, Means};
use crate::{
    SearchError,
    question::Question,
    vectors::Near,
    view::{Asked, View},
};
use std::collections::BTreeMap;
use tantivy::{DocAddress, TantivyError};

/// Documents that are looked at on either side.
pub(super) const DEPTH: usize = 100;
const CROWD: f32 = 0.2;
const WORDS: f32 = 0.1;
const LEAD: f32 = 0.6;
/// The best shares whose mean is the field.
const FIELD: usize = 10;

/// From which score on the best hit is likely to be right.
pub(super) const fn sure(means: Means) -> f32 {
    match means {
        Means::Both => 0.6,
        Means::Words => 0.2,
    }
}

/// What either side says of a document.
#[derive(Clone, Copy)]
struct Sides {
    share: f32,
    /// The cosine, less the crowd.
    meaning: f32,
}

/// The best by words alone.
pub(super) fn by_words(
    view: &View,
    question: &Question,
    limit: usize,
) -> Result<Vec<Hit>, SearchError> {
    let (asked, words) = words(view, question, limit)?;
    let pinned = pinned(view, asked.as_ref())?;
    Ok(ranked(view, question, &pinned, words.into_iter().collect(), limit)?)
}

/// The best by words and by meanings, of which `near` has the nearest documents.
pub(super) fn by_both(
    view: &View,
    question: &Question,
    near: &[Near],
    limit: usize,
) -> Result<Vec<Hit>, SearchError> {
    let (asked, words) = words(view, question, limit.max(DEPTH))?;
    let pinned = pinned(view, asked.as_ref())?;
    let field: Vec<f32> = words.iter().take(FIELD).map(|(_, share)| *share).collect();
    #[expect(clippy::cast_precision_loss, reason = "at most ten")]
    let field = field.iter().sum::<f32>() / field.len().max(1) as f32;
    let meaning = |near: &Near| near.cosine - CROWD * near.crowd;
    // What a side does not tell of is below all that it tells of.
    let full = words.len() >= DEPTH;
    let below = Sides {
        share: words.last().filter(|_| full).map_or(0.0, |(_, share)| *share),
        meaning: near.iter().map(meaning).fold(f32::INFINITY, f32::min).min(1.0),
    };
    let mut sides = BTreeMap::<DocAddress, Sides>::new();
    for (at, share) in words {
        sides.entry(at).or_insert(below).share = share;
    }
    for one in near {
        if let Some(at) = view.find(&one.id)? {
            sides.entry(at).or_insert(below).meaning = meaning(one);
        }
    }
    for at in pinned.keys() {
        sides.entry(*at).or_insert(below);
    }
    let fused = |s: Sides| s.meaning + WORDS * s.share + LEAD * (s.share - field).max(0.0);
    let scored = sides.into_iter().map(|(at, sides)| (at, fused(sides))).collect();
    Ok(ranked(view, question, &pinned, scored, limit)?)
}

type Pinned = BTreeMap<DocAddress, f32>;

fn pinned(view: &View, asked: Option<&Asked>) -> Result<Pinned, TantivyError> {
    asked.map_or_else(|| Ok(Pinned::new()), |asked| view.pinned(asked))
}

type Words = (Option<Asked>, Vec<(DocAddress, f32)>);

fn words(view: &View, question: &Question, limit: usize) -> Result<Words, TantivyError> {
    let asked = view.asked(question)?;
    let words = match &asked {
        Some(asked) if limit > 0 => view.best(asked, limit)?,
        _ => Vec::new(),
    };
    Ok((asked, words))
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
