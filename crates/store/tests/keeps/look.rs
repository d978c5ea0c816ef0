//! Looking: pages, counts, changes, and ids by their first digits.

use crate::house::*;
use artifact::{ArtifactId, Nonce};
use consent::Origin;
use store::{PrefixError, Store};

fn put(store: &Store, id: ArtifactId, at: u64, origin: Origin) {
    change(store, |c| c.put_crystal(&id, &crystal_row(at, origin), b"envelope", None));
}

/// An id that begins with these bytes.
fn beginning(with: &[u8]) -> ArtifactId {
    let mut bytes = [0x11; 32];
    bytes[..with.len()].copy_from_slice(with);
    ArtifactId::from_bytes(bytes)
}

/// Whatever is said of a crystal is said of what it was sealed anew as, and the other way round.
#[test]
fn what_was_sealed_anew_goes_with_its_crystal() {
    let house = House::new();
    let store = house.open();
    let (whole, anew, other) = (beginning(&[1]), beginning(&[0xab]), beginning(&[0xac]));
    put(&store, whole, 1, Origin::Mine);
    change(&store, |c| c.put_sealed_anew(&anew, &whole));
    change(&store, |c| c.put_sealed_anew(&other, &beginning(&[9])));
    change(&store, |c| c.put_receipt(&id(1), &receipt_row(anew), &Nonce([1; 16])));
    change(&store, |c| c.withhold(&anew, &[human(8)], 5));
    let look = store.look().unwrap();
    assert_eq!((look.whole_of(&anew).unwrap(), look.whole_of(&whole).unwrap()), (whole, whole));
    assert_eq!(look.seals_of(&whole).unwrap(), [whole, anew]);
    for seal in [&whole, &anew] {
        assert_eq!(look.receipts_of(seal).unwrap().len(), 1);
    }
    assert_eq!(look.receipts_about(&whole).unwrap().len(), 1);
    assert!(look.is_withheld(&whole, &human(8)).unwrap());
    let named = |id: &ArtifactId| look.crystal_named(&id.to_string()).unwrap();
    assert_eq!((named(&whole), named(&anew)), (Ok(whole), Ok(whole)));
    assert!(named(&other).is_err(), "nothing of it is here");
}

#[test]
fn a_crystal_is_found_by_its_first_digits() {
    let house = House::new();
    let store = house.open();
    let (one, near, far) =
        (beginning(&[0xab, 0xcd, 0x10]), beginning(&[0xab, 0xcd, 0x1f]), beginning(&[0xff; 32]));
    for (n, id) in [one, near, far].into_iter().enumerate() {
        put(&store, id, n as u64, Origin::Mine);
    }
    let look = store.look().unwrap();
    let check = |prefix: &str, want: Result<ArtifactId, PrefixError>| {
        assert_eq!(look.crystal_named(prefix).unwrap(), want, "{prefix:?}");
    };
    let several = |p: &str| Err(PrefixError::Several(p.into()));
    let nothing = |p: &str| Err(PrefixError::Nothing(p.into()));
    let not_an_id = |p: &str| Err(PrefixError::NotAnId(p.into()));
    check("abcd", several("abcd"));
    check("abcd1", several("abcd1")); // an odd digit, shared by both
    check("abcd10", Ok(one));
    check("abcd1f", Ok(near));
    check("ABCD1F", Ok(near));
    check(" abcd1f\n", Ok(near));
    check("abcd1f1", Ok(near)); // an odd digit that goes on
    check("abcd1f2", nothing("abcd1f2"));
    check("abcd2", nothing("abcd2"));
    check("abcc", nothing("abcc"));
    check("fffff", Ok(far));
    check(&one.to_string(), Ok(one));
    check(&"f".repeat(64), Ok(far));
    check("", not_an_id(""));
    check("abc", not_an_id("abc"));
    check("abcg", not_an_id("abcg"));
    check("+abc", not_an_id("+abc"));
    check("äöüß", not_an_id("äöüß"));
    let long = "a".repeat(65);
    assert!(matches!(look.crystal_named(&long).unwrap(), Err(PrefixError::NotAnId(_))));
    // What is repeated to the human is fit to be shown.
    let Err(hostile) = look.crystal_named("ab\u{202e}cd\u{1b}[2J").unwrap() else { panic!() };
    assert!(!hostile.to_string().contains(['\u{202e}', '\u{1b}']), "{hostile}");
}

#[test]
fn an_ask_is_found_by_its_first_digits() {
    let house = House::new();
    let store = house.open();
    for n in [0x1234_5678_0000_0000, 0x1234_5679_0000_0000] {
        change(&store, |c| c.put_ask(&ask(n, 1, consent::State::Pending {})));
    }
    let look = store.look().unwrap();
    let found = |prefix: &str| look.ask_named(prefix).unwrap();
    assert_eq!(found("12345678"), Ok(ask_id(0x1234_5678_0000_0000)));
    assert_eq!(found("1234567"), Err(PrefixError::Several("1234567".into())));
    assert_eq!(found("1235"), Err(PrefixError::Nothing("1235".into())));
    assert_eq!(found("123"), Err(PrefixError::NotAnId("123".into())));
    assert_eq!(found(&"0".repeat(33)), Err(PrefixError::Nothing("0".repeat(33))));
}

#[test]
fn crystals_come_newest_first_by_the_page() {
    let house = House::new();
    let store = house.open();
    for n in [3, 1, 5, 2, 4] {
        put(&store, id(n), n * 10, Origin::Mine);
    }
    let look = store.look().unwrap();
    let check = |offset: usize, limit: usize, want: &[u64]| {
        let (total, rows) = look.crystals_page(offset, limit).unwrap();
        let ids: Vec<_> = rows.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, want.iter().map(|n| id(*n)).collect::<Vec<_>>(), "{offset} {limit}");
        assert_eq!(total, 5);
    };
    check(0, 2, &[5, 4]);
    check(2, 2, &[3, 2]);
    check(4, 2, &[1]);
    check(5, 2, &[]);
    check(usize::MAX, 2, &[]);
    check(0, 0, &[]);
    check(3, 0, &[]);
    check(0, usize::MAX, &[5, 4, 3, 2, 1]);
    let all: Vec<_> = look.crystals(|_, _| true).unwrap();
    assert_eq!(all, look.crystals_page(0, 9).unwrap().1);
    let odd = look.crystals(|_, row| row.at / 10 % 2 == 1).unwrap();
    assert_eq!(odd.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [id(5), id(3), id(1)]);
}

#[test]
fn the_ends_of_time_have_their_place() {
    let house = House::new();
    let store = house.open();
    put(&store, beginning(&[0xff; 32]), u64::MAX, Origin::Mine);
    put(&store, beginning(&[0]), 0, Origin::Mine);
    let (total, rows) = store.look().unwrap().crystals_page(0, 9).unwrap();
    assert_eq!((total, rows.len()), (2, 2));
    assert_eq!(rows[0].1.at, u64::MAX);
}

#[test]
fn crystals_are_counted_by_where_they_came_from() {
    let house = House::new();
    let store = house.open();
    for n in 0..7 {
        put(&store, id(n), n, if n < 3 { Origin::Peer } else { Origin::Mine });
    }
    assert_eq!(store.look().unwrap().crystal_counts().unwrap(), (4, 3));
}

#[test]
fn changes_are_told_from_any_number_on() {
    let house = House::new();
    let store = house.open();
    assert_eq!(store.look().unwrap().last_change().unwrap(), 0);
    change(&store, |c| {
        for n in 1..=520 {
            c.put_crystal(&id(n), &crystal_row(n, Origin::Mine), b"e", None)?;
        }
        Ok(())
    });
    let look = store.look().unwrap();
    assert_eq!(look.last_change().unwrap(), 520);
    assert_eq!(look.changes(518).unwrap(), [(519, id(519)), (520, id(520))]);
    assert_eq!(look.changes(0).unwrap().len(), 500, "a page at most");
    assert_eq!(look.changes(500).unwrap().len(), 20);
    assert!(look.changes(520).unwrap().is_empty());
    assert!(look.changes(u64::MAX).unwrap().is_empty());
}

#[test]
fn who_this_node_is_survives_a_restart() {
    let house = House::new();
    assert_eq!(house.open().look().unwrap().me().unwrap(), None);
    change(&house.open(), |c| c.put_me(&me()));
    assert_eq!(house.open().look().unwrap().me().unwrap(), Some(me()));
}
