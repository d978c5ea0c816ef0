//! The recovery phrase: human_key's seed as 24 words of the
//! [BIP-39](https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki) English list, the last
//! of which holds a checksum.
//!
//! Promises: the same key gives the same words and the words the same key, on any machine; what is
//! wrong with a phrase is said by the place of the word and never by the word; what is made here
//! of either is wiped.

use artifact::{Human, Secret, stack::traceless};
use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

/// How many words there are: 256 bits, and 8 of the checksum.
pub const WORDS: usize = 24;
/// The most letters of a word of the list, and a space.
const ROOM: usize = 9;

/// Why words are no recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Too few or too many.
    #[error("these are {words} words: a recovery phrase has {WORDS}")]
    Count {
        /// How many there are.
        words: usize,
    },
    /// One that is not in the list.
    #[error("word {place} is not of the list: look at how it is spelled")]
    Unknown {
        /// Which, from 1.
        place: usize,
    },
    /// All are of the list, and do not belong together.
    #[error("the words do not fit together: one is another than you wrote down, or their order is")]
    Checksum,
}

/// The phrase of a key, its words apart by one space.
#[must_use]
pub fn of(key: &Secret<Human>) -> Zeroizing<String> {
    traceless(|| write(key))
}

fn write(key: &Secret<Human>) -> Zeroizing<String> {
    // Room for everything at once: a text that grows leaves copies behind.
    let mut phrase = Zeroizing::new(String::with_capacity(WORDS * ROOM));
    // A seed always has the 32 bytes that this asks for.
    let words = Mnemonic::from_entropy_in(Language::English, key.seed()).ok();
    for word in words.iter().flat_map(Mnemonic::words) {
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(word);
    }
    phrase
}

/// The key of a phrase. Case and the space between words do not matter.
///
/// # Errors
/// When it is none.
pub fn key_of(phrase: &str) -> Result<Secret<Human>, PhraseError> {
    traceless(|| read(phrase))
}

fn read(phrase: &str) -> Result<Secret<Human>, PhraseError> {
    let words = phrase.split_whitespace().count();
    if words != WORDS {
        return Err(PhraseError::Count { words });
    }
    let list = Language::English.word_list();
    let mut plain = Zeroizing::new(String::with_capacity(phrase.len().max(WORDS * ROOM)));
    for (n, word) in phrase.split_whitespace().enumerate() {
        let known = list.iter().find(|known| known.eq_ignore_ascii_case(word));
        let known = known.ok_or(PhraseError::Unknown { place: n + 1 })?;
        if n > 0 {
            plain.push(' ');
        }
        plain.push_str(known);
    }
    let words = Mnemonic::parse_in_normalized(Language::English, &plain);
    let (bytes, _) = words.map_err(|_| PhraseError::Checksum)?.to_entropy_array();
    let bytes = Zeroizing::new(bytes);
    let seed = bytes.first_chunk::<32>().ok_or(PhraseError::Checksum)?;
    Ok(Secret::from_seed(seed))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    /// Of the vectors of BIP-39, which every wallet holds to.
    const ZEROS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon art";

    #[test]
    fn it_is_the_phrase_that_others_read() {
        assert_eq!(of(&Secret::from_seed(&[0; 32])).as_str(), ZEROS);
        assert_eq!(key_of(ZEROS).unwrap().seed(), &[0; 32]);
    }

    #[test]
    fn every_key_comes_back() {
        for n in 0..=255 {
            let key = Secret::from_seed(&[n; 32]);
            let phrase = of(&key);
            assert_eq!(phrase.split(' ').count(), WORDS);
            assert_eq!(key_of(&phrase).unwrap().public(), key.public());
        }
    }

    #[test]
    fn it_is_read_as_people_write() {
        let typed = format!("  {}\n", ZEROS.to_uppercase().replace(' ', "\n  "));
        assert_eq!(key_of(&typed).unwrap().seed(), &[0; 32]);
    }

    #[test]
    fn what_is_wrong_is_said_by_its_place() {
        let refused = |phrase: &str| key_of(phrase).map(drop).unwrap_err();
        assert_eq!(refused(""), PhraseError::Count { words: 0 });
        assert_eq!(refused(&format!("{ZEROS} art")), PhraseError::Count { words: 25 });
        let misspelled = ZEROS.replacen(" abandon", " abandom", 1);
        assert_eq!(refused(&misspelled), PhraseError::Unknown { place: 2 });
        assert!(!refused(&misspelled).to_string().contains("abandom"));
        assert_eq!(refused(&ZEROS.replace("art", "arm")), PhraseError::Checksum);
        let turned = ZEROS.replacen("abandon", "art", 1).replace(" art", " abandon");
        assert_eq!(refused(&turned), PhraseError::Checksum);
    }
}
