//! What a new PIN or passphrase must be, and how one is made.
//!
//! Promises: nothing is trimmed or changed in silence: what was typed is what will be asked
//! for. It checks the obvious only; the cost of a guess is what [`crate::wrap`] sets.

use crate::entropy::{Entropy, EntropyError};

/// Fewest characters.
pub const MIN_CHARS: usize = 10;
/// Most bytes: more is a pasted file.
pub const MAX_BYTES: usize = 1024;
/// Words in a generated one: five of 2048 are 55 bits.
pub const WORDS: usize = 5;

/// Fewest characters that must be left when every run of the obvious is taken out.
const MIN_SURPRISE: usize = 5;
/// Shortest run that counts as obvious.
const RUN: usize = 3;
/// Rows of keys and other texts that everybody tries first.
const OBVIOUS: [&str; 14] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "password",
    "passw0rd",
    "passphrase",
    "iloveyou",
    "letmein",
    "tracenet",
];

/// Why a new PIN or passphrase is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPin {
    /// Fewer than [`MIN_CHARS`].
    #[error("{chars} characters are too few: take at least {MIN_CHARS}, or five made words")]
    Short {
        /// Characters given.
        chars: usize,
    },
    /// More than [`MAX_BYTES`].
    #[error("{bytes} bytes are too many: take at most {MAX_BYTES}")]
    Long {
        /// Bytes given.
        bytes: usize,
    },
    /// Digits, at most with separators.
    #[error("digits alone are too easy: add letters, or take five made words")]
    Digits,
    /// One character or one short piece over and over.
    #[error("one piece over and over is too easy: take something else, or five made words")]
    Repeats,
    /// Made of rows of keys, the alphabet, or a word everybody tries.
    #[error("this is among the first that anybody tries: take something else, or five made words")]
    Obvious,
    /// A space at an end, or a character that cannot be seen.
    #[error("it begins or ends with a space, or has a character that cannot be seen: leave it out")]
    Unseen,
}

/// Whether `pin` may become the PIN or passphrase of a key.
///
/// # Errors
/// The first rule it breaks.
pub fn check_new_pin(pin: &str) -> Result<(), WeakPin> {
    let chars: Vec<char> = pin.chars().collect();
    if pin.len() > MAX_BYTES {
        return Err(WeakPin::Long { bytes: pin.len() });
    }
    if pin.trim() != pin || chars.iter().any(|c| c.is_control() || is_invisible(*c)) {
        return Err(WeakPin::Unseen);
    }
    if chars.len() < MIN_CHARS {
        return Err(WeakPin::Short { chars: chars.len() });
    }
    let separator = |c: &char| c.is_whitespace() || "-./:,_".contains(*c);
    if chars.iter().all(|c| c.is_numeric() || separator(c)) {
        return Err(WeakPin::Digits);
    }
    if repeats(&chars) {
        return Err(WeakPin::Repeats);
    }
    if surprise(&chars) < MIN_SURPRISE {
        return Err(WeakPin::Obvious);
    }
    Ok(())
}

/// Five different words of the BIP-39 English list, joined by hyphens.
///
/// # Errors
/// When `entropy` gives nothing.
pub fn generate(entropy: &mut Entropy<'_>) -> Result<zeroize::Zeroizing<String>, EntropyError> {
    let mut left = bip39::Language::English.word_list().to_vec();
    let mut pin = zeroize::Zeroizing::new(String::with_capacity(WORDS * 9));
    for _ in 0..WORDS {
        let mut bytes = zeroize::Zeroizing::new([0_u8; 8]);
        entropy(bytes.as_mut())?;
        // 64 bits over 2048 words: the bias is below 2^-52.
        let count = left.len().max(1) as u64;
        let at = usize::try_from(u64::from_le_bytes(*bytes) % count).unwrap_or_default();
        if !pin.is_empty() {
            pin.push('-');
        }
        if at < left.len() {
            pin.push_str(left.swap_remove(at));
        }
    }
    Ok(pin)
}

/// Zero-width characters and direction marks: typed once by accident, never again on purpose.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{00ad}')
}

/// Fewer than four different characters, or one piece at least twice and nothing else.
fn repeats(chars: &[char]) -> bool {
    let different: std::collections::BTreeSet<&char> = chars.iter().collect();
    let piece_again =
        |length: usize| chars.iter().zip(chars.iter().skip(length)).all(|(a, b)| a == b);
    different.len() < 4 || (1..=chars.len().div_ceil(2)).any(piece_again)
}

/// Characters outside every obvious run, each run counting as one.
fn surprise(chars: &[char]) -> usize {
    let lower: Vec<char> = chars.iter().flat_map(|c| c.to_lowercase()).collect();
    let rows: Vec<Vec<char>> = OBVIOUS
        .iter()
        .flat_map(|row| [row.chars().collect(), row.chars().rev().collect()])
        .collect();
    let mut rest = lower.as_slice();
    let mut left = 0;
    while let Some((first, tail)) = rest.split_first() {
        let same = rest.iter().take_while(|c| *c == first).count();
        let run = rows.iter().map(|row| run_in(row, rest)).max().unwrap_or_default().max(same);
        left += 1;
        rest = if run >= RUN { rest.get(run..).unwrap_or_default() } else { tail };
    }
    left
}

/// How many of the first characters of `text` stand in this order somewhere in `row`.
fn run_in(row: &[char], text: &[char]) -> usize {
    let from = |start| row.iter().skip(start).zip(text).take_while(|(a, b)| a == b).count();
    (0..row.len()).map(from).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
