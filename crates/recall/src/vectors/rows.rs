//! Rows of small numbers, and which of them lie nearest to a question: an exact scan, with a
//! prefilter over their signs when there are very many.
//!
//! It does not know ids or files: a row is its place.

use crate::model::{DIMENSIONS, Vector};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Bytes of one row's numbers, one a dimension.
pub(super) const NUMBERS: usize = DIMENSIONS;
/// Words of one row's signs.
const SIGNS: usize = DIMENSIONS / 64;
/// From here on the signs are looked at first.
pub(super) const MANY: usize = 50_000;
/// Of that many rows, one in so many passes the signs.
const PASS: usize = 20;

/// Neighbours whose nearness makes a crowd.
const NEIGHBOURS: usize = 10;

/// A vector in small numbers: each is `scale` times its byte, which is signed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Small {
    pub(super) scale: f32,
    pub(super) numbers: [u8; NUMBERS],
}

impl Small {
    pub(super) fn of(vector: &Vector) -> Self {
        let most = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
        let mut numbers = [0; NUMBERS];
        for (to, from) in numbers.iter_mut().zip(vector) {
            #[expect(clippy::cast_possible_truncation, reason = "at most 127 by the scale")]
            let number = (from / scale).round() as i8;
            *to = number.cast_unsigned();
        }
        Self { scale, numbers }
    }

    fn signs(&self) -> [u64; SIGNS] {
        signs(&self.numbers)
    }
}

/// One bit a dimension: whether it is below zero.
fn signs(numbers: &[u8]) -> [u64; SIGNS] {
    let mut words = [0; SIGNS];
    for (word, part) in words.iter_mut().zip(numbers.chunks(64)) {
        *word = part.iter().rev().fold(0, |bits, n| bits << 1 | u64::from(n >> 7));
    }
    words
}

#[inline(always)]
fn product(a: &[u8], b: &[u8]) -> i32 {
    let wide = |n: &u8| i32::from(i16::from(n.cast_signed()));
    a.iter().zip(b).map(|(x, y)| wide(x) * wide(y)).sum()
}

/// The signs of all rows, in memory: 48 bytes a row.
#[derive(Default)]
pub(super) struct Signs(Vec<[u64; SIGNS]>);

impl Signs {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Self {
        Self(rows.map(signs).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The places of the rows whose signs agree most with the question's, in order.
    fn nearest(&self, question: &Small) -> Vec<usize> {
        let asked = question.signs();
        let mut apart = Vec::with_capacity(self.0.len());
        pulp::Arch::new().dispatch(|| {
            apart.extend(
                self.0.iter().map(|row| {
                    row.iter().zip(&asked).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>()
                }),
            );
        });
        let mut counts = [0_usize; DIMENSIONS + 1];
        for distance in &apart {
            if let Some(count) = counts.get_mut(*distance as usize) {
                *count += 1;
            }
        }
        let (mut bound, mut passed, wanted) = (0_u32, 0, self.0.len() / PASS);
        for (distance, count) in (0_u32..).zip(counts) {
            bound = distance;
            passed += count;
            if passed >= wanted {
                break;
            }
        }
        (0..apart.len()).filter(|at| apart.get(*at).is_some_and(|d| *d <= bound)).collect()
    }
}

/// The places of the `limit` rows nearest to `question` and their cosines, nearest first; of
/// equals the earlier row.
pub(super) fn nearest<'a>(
    rows: impl Fn(usize) -> Option<(f32, &'a [u8])> + Copy,
    count: usize,
    signs: Option<&Signs>,
    question: &Small,
    limit: usize,
) -> Vec<(usize, f32)> {
    let passed = signs.map(|signs| {
        // Rows that came after the signs were taken all pass.
        let mut places = signs.nearest(question);
        places.extend(signs.len()..count);
        places
    });
    let limit = limit.min(count);
    let mut best = Best { limit, heap: BinaryHeap::with_capacity(limit.saturating_add(1)) };
    pulp::Arch::new().dispatch(|| match &passed {
        Some(places) => places.iter().for_each(|at| best.take(*at, cosine(rows, *at, question))),
        None => (0..count).for_each(|at| best.take(at, cosine(rows, at, question))),
    });
    best.sorted()
}

/// Of each row, the mean cosine to its nearest neighbours among the others.
pub(super) fn crowds(rows: &[(f32, &[u8])]) -> Vec<f32> {
    pulp::Arch::new().dispatch(|| {
        let crowd = |(place, (scale, numbers)): (usize, &(f32, &[u8]))| {
            let others = rows.iter().enumerate().filter(|(other, _)| *other != place);
            #[expect(clippy::cast_precision_loss, reason = "six million fits")]
            let cosine = |(_, (s, n)): (_, &(f32, &[u8]))| product(numbers, n) as f32 * scale * s;
            let mut cosines: Vec<f32> = others.map(cosine).collect();
            cosines.sort_by(|a, b| b.total_cmp(a));
            cosines.truncate(NEIGHBOURS);
            #[expect(clippy::cast_precision_loss, reason = "at most ten")]
            let count = cosines.len().max(1) as f32;
            cosines.iter().sum::<f32>() / count
        };
        rows.iter().enumerate().map(crowd).collect()
    })
}

#[inline(always)]
fn cosine<'a>(rows: impl Fn(usize) -> Option<(f32, &'a [u8])>, at: usize, question: &Small) -> f32 {
    rows(at).map_or(f32::MIN, |(scale, numbers)| {
        #[expect(clippy::cast_precision_loss, reason = "six million fits")]
        let product = product(numbers, &question.numbers) as f32;
        product * scale * question.scale
    })
}

/// The highest few of many.
struct Best {
    limit: usize,
    heap: BinaryHeap<Reverse<(Score, Reverse<usize>)>>,
}

impl Best {
    #[inline(always)]
    fn take(&mut self, at: usize, score: f32) {
        let full = self.heap.len() >= self.limit;
        if full && self.heap.peek().is_none_or(|Reverse((least, _))| score <= least.0) {
            return;
        }
        self.heap.push(Reverse((Score(score), Reverse(at))));
        if full {
            self.heap.pop();
        }
    }

    fn sorted(self) -> Vec<(usize, f32)> {
        let rows = self.heap.into_sorted_vec().into_iter();
        rows.map(|Reverse((score, Reverse(at)))| (at, score.0)).collect()
    }
}

/// Numbers in their total order.
#[derive(PartialEq)]
struct Score(f32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
pub(crate) mod tests;
