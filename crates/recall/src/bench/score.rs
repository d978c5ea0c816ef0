//! The usual figures of retrieval, and how sure they are.

use crate::Hit;
use artifact::ArtifactId;
use serde::Serialize;
use std::collections::HashMap;

/// Places that count as seen.
const SEEN: usize = 10;
/// Resamples of a bootstrap.
const RESAMPLES: usize = 2_000;

/// How well one question was answered, or many in the mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002).
    pub ndcg10: f64,
    /// Whether the first is right.
    pub hit1: f64,
    /// Whether one of the first ten is right.
    pub hit10: f64,
    /// One by the place of the first right one.
    pub mrr: f64,
}

impl Scores {
    /// Of one question, whose right answers have these gains.
    pub(super) fn of(hits: &[Hit], right: &HashMap<ArtifactId, f64>) -> Self {
        let gains: Vec<f64> =
            hits.iter().map(|hit| right.get(&hit.id).copied().unwrap_or(0.0)).collect();
        let mut ideal: Vec<f64> = right.values().copied().collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best = discounted(&ideal);
        let first = gains.iter().position(|gain| *gain > 0.0);
        let within = |places| if first.is_some_and(|place| place < places) { 1.0 } else { 0.0 };
        Self {
            ndcg10: if best > 0.0 { discounted(&gains) / best } else { 0.0 },
            hit1: within(1),
            hit10: within(SEEN),
            mrr: first.map_or(0.0, |place| 1.0 / count(place.saturating_add(1))),
        }
    }

    pub(super) fn mean(all: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| all.iter().map(of).sum::<f64>() / count(all.len().max(1));
        Self {
            ndcg10: mean(|s| s.ndcg10),
            hit1: mean(|s| s.hit1),
            hit10: mean(|s| s.hit10),
            mrr: mean(|s| s.mrr),
        }
    }
}

fn discounted(gains: &[f64]) -> f64 {
    let places = gains.iter().take(SEEN).zip(2..);
    places.map(|(gain, place)| gain / f64::from(place).log2()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions")]
const fn count(n: usize) -> f64 {
    n as f64
}

/// How often the product answers, and how often rightly when it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Abstain {
    /// Of the questions that were answered, the share whose first answer is right; 0 for none.
    pub precision: f64,
    /// Of all questions, the share that was answered.
    pub coverage: f64,
}

impl Abstain {
    /// From whether each answered question was answered rightly.
    pub(super) fn of(answered: Vec<bool>, questions: usize) -> Self {
        let total = answered.len();
        let right = answered.into_iter().filter(|right| *right).count();
        Self {
            precision: count(right) / count(total.max(1)),
            coverage: count(total) / count(questions.max(1)),
        }
    }
}

/// A mean difference in nDCG@10 and the interval that holds it 95 times of 100, by a bootstrap
/// over questions that keeps each question's pair together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Difference {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Difference {
    /// Of `ours` over `theirs`, question by question. The same for the same input.
    pub(super) fn of(ours: &[Scores], theirs: &[Scores]) -> Self {
        let pairs: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a.ndcg10 - b.ndcg10).collect();
        let total = count(pairs.len().max(1));
        let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
        let mut draw = || {
            // xorshift64 (Marsaglia, 2003)
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let place = usize::try_from(dice >> 11).unwrap_or(0) % pairs.len().max(1);
            pairs.get(place).copied().unwrap_or(0.0)
        };
        let mut means: Vec<f64> =
            (0..RESAMPLES).map(|_| (0..pairs.len()).map(|_| draw()).sum::<f64>() / total).collect();
        means.sort_by(f64::total_cmp);
        let at = |place: usize| means.get(place).copied().unwrap_or(0.0);
        let tail = RESAMPLES / 40;
        Self {
            mean: pairs.iter().sum::<f64>() / total,
            low: at(tail),
            high: at(RESAMPLES - 1 - tail),
        }
    }
}
