//! The scan against its definition.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(clippy::cast_precision_loss, reason = "small numbers")]

use super::*;

/// A vector of length one from a seed.
pub(crate) fn vector(seed: u64) -> Vector {
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut vector = [0.0; DIMENSIONS];
    for number in &mut vector {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        *number = (dice >> 40) as f32 / (1 << 23) as f32 - 1.0;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.map(|x| x / length)
}

fn cosine_of(a: &Vector, b: &Vector) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn rows(count: u64) -> (Vec<Vector>, Vec<Small>) {
    let vectors: Vec<Vector> = (0..count).map(vector).collect();
    let small = vectors.iter().map(Small::of).collect();
    (vectors, small)
}

fn near(small: &[Small], signs: Option<&Signs>, asked: &Vector, limit: usize) -> Vec<(usize, f32)> {
    let at = |place: usize| small.get(place).map(|s| (s.scale, s.numbers.as_slice()));
    nearest(at, small.len(), signs, &Small::of(asked), limit)
}

#[test]
fn small_numbers_keep_the_cosine() {
    let (vectors, small) = rows(300);
    let asked = vector(1_000_000);
    for (place, score) in near(&small, None, &asked, 300) {
        assert!((score - cosine_of(&vectors[place], &asked)).abs() < 0.005);
    }
    assert_eq!(Small::of(&[0.0; DIMENSIONS]).numbers, [0; NUMBERS]);
}

#[test]
fn the_nearest_come_first_and_equals_in_their_order() {
    let (vectors, mut small) = rows(300);
    small[7] = small[3].clone();
    let found = near(&small, None, &vectors[3], 5);
    assert_eq!((found[0].0, found[1].0, found.len()), (3, 7, 5));
    assert!(found.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    assert!(near(&small, None, &vectors[3], 0).is_empty());
    assert_eq!(near(&small, None, &vectors[3], 1_000).len(), 300);
}

#[test]
fn the_signs_let_what_is_near_pass() {
    let (vectors, small) = rows(4_000);
    let signs = Signs::of(small.iter().map(|s| s.numbers.as_slice()).take(3_900));
    for asked in [5, 2_000, 3_950] {
        // Between the vector and another: near, but not the same.
        let mut between = vectors[asked];
        for (number, other) in between.iter_mut().zip(&vector(77_777)) {
            *number = 0.8 * *number + 0.5 * other;
        }
        let (all, some) =
            (near(&small, None, &between, 1), near(&small, Some(&signs), &between, 1));
        assert_eq!(all[0].0, asked);
        assert_eq!(some, all);
    }
}

#[test]
fn a_crowd_is_the_mean_of_the_nearest_neighbours() {
    let (vectors, small) = rows(12);
    let given: Vec<_> = small.iter().map(|s| (s.scale, s.numbers.as_slice())).collect();
    let mut wanted: Vec<f32> = (1..12).map(|n| cosine_of(&vectors[0], &vectors[n])).collect();
    wanted.sort_by(|a, b| b.total_cmp(a));
    let wanted = wanted.iter().take(NEIGHBOURS).sum::<f32>() / 10.0;
    assert!((crowds(&given)[0] - wanted).abs() < 0.005);
    assert_eq!(crowds(&given[..1]), [0.0]);
    assert!(crowds(&[]).is_empty());
}
