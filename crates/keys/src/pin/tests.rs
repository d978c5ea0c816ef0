//! What is refused as a PIN, what is not, and what is made.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use std::cell::Cell;

#[test]
fn the_weak_and_the_good() {
    let check = |pin: &str, expected: Result<(), WeakPin>| {
        assert_eq!(check_new_pin(pin), expected, "{pin:?}");
    };
    check("", Err(WeakPin::Short { chars: 0 }));
    check("kX9!harbo", Err(WeakPin::Short { chars: 9 }));
    check("Größe-äöü", Err(WeakPin::Short { chars: 9 }));
    check("1234567890", Err(WeakPin::Digits));
    check("4071 9926 5531", Err(WeakPin::Digits));
    check("12-03-1984-7", Err(WeakPin::Digits));
    check("٣١٤١٥٩٢٦٥٣", Err(WeakPin::Digits));
    check("aaaaaaaaaaaa", Err(WeakPin::Repeats));
    check("abababababab", Err(WeakPin::Repeats));
    check("zoo zoo zoo zoo zoo", Err(WeakPin::Repeats));
    check("maple maple", Err(WeakPin::Repeats));
    check("qwertyuiop", Err(WeakPin::Obvious));
    check("poiuytrewq", Err(WeakPin::Obvious));
    check("abcdefghij", Err(WeakPin::Obvious));
    check("Password123", Err(WeakPin::Obvious));
    check("passphrase!", Err(WeakPin::Obvious));
    check("qwerty12345", Err(WeakPin::Obvious));
    check("aaaabbbbcccd", Err(WeakPin::Obvious));
    check(" north harbour", Err(WeakPin::Unseen));
    check("north harbour\n", Err(WeakPin::Unseen));
    check("north\u{200b}harbour", Err(WeakPin::Unseen));
    check(&"n0rth-h4rbour".repeat(100), Err(WeakPin::Long { bytes: 1300 }));
    check("north harbour", Ok(()));
    check("kX9!harb0r", Ok(()));
    check("ice-tin-ink-pear-zoo", Ok(()));
    check("maple orbit tin dune ink", Ok(()));
    check("密码很长很难猜的句子吧", Ok(()));
    check("1984 was a book", Ok(()));
}

#[test]
fn made_ones_are_five_different_words_and_pass() {
    let list = bip39::Language::English.word_list();
    for seed in 0..200_u64 {
        let state = Cell::new(seed);
        let mut next = |bytes: &mut [u8]| {
            state.set(state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99));
            bytes.iter_mut().zip(state.get().to_be_bytes()).for_each(|(b, n)| *b = n);
            Ok(())
        };
        let pin = generate(&mut next).unwrap();
        let words: std::collections::BTreeSet<&str> = pin.split('-').collect();
        assert_eq!(words.len(), WORDS, "{}", *pin);
        assert!(words.iter().all(|w| list.contains(w)), "{}", *pin);
        assert_eq!(check_new_pin(&pin), Ok(()), "{}", *pin);
    }
    // Even a source without any chance in it makes different words.
    let mut zeros = |bytes: &mut [u8]| {
        bytes.fill(0);
        Ok(())
    };
    let pin = generate(&mut zeros).unwrap();
    assert_eq!(check_new_pin(&pin), Ok(()), "{}", *pin);
    assert_ne!(*generate(&mut crate::entropy::os).unwrap(), *pin);
}

#[test]
fn a_source_that_fails_makes_nothing() {
    let dry = EntropyError("dry".to_owned());
    assert_eq!(generate(&mut |_| Err(EntropyError("dry".to_owned()))).unwrap_err(), dry);
}
