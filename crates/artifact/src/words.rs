//! Keys, codes and ids as words that people can compare aloud.
//!
//! Eleven bits a word from the BIP-39 English list
//! (<https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt>): six words of a key
//! are 66 bits, four of a code 44. They are for recognising, never for looking anything up.

use crate::{ArtifactId, Public};

/// Six words of a key that people compare: a human's, or an organisation's.
#[must_use]
pub fn key_words<R>(key: &Public<R>) -> String {
    words(blake3::derive_key("tracenet 2026 v0 key words", key.as_bytes()), 6)
}

/// Four words that tie an ask to the bytes it is about.
#[must_use]
pub fn code_words(ask: &[u8; 16], snapshot: &ArtifactId) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("tracenet 2026 v0 code words");
    hasher.update(ask);
    hasher.update(snapshot.as_bytes());
    words(*hasher.finalize().as_bytes(), 4)
}

/// Three words of an artifact's id, shown beside its short hash.
#[must_use]
pub fn id_words(id: &ArtifactId) -> String {
    words(blake3::derive_key("tracenet 2026 v0 id words", id.as_bytes()), 3)
}

fn words(hash: [u8; 32], count: usize) -> String {
    let list = bip39::Language::English.word_list();
    let bits = |n: usize| {
        (n * 11..n * 11 + 11).fold(0_usize, |acc, bit| {
            let byte = hash.get(bit / 8).copied().unwrap_or_default();
            (acc << 1) | usize::from((byte >> (7 - bit % 8)) & 1)
        })
    };
    (0..count).filter_map(|n| list.get(bits(n)).copied()).collect::<Vec<_>>().join("-")
}
