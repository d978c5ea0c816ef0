//! The journal in the store: appended to, read and verified, across restarts.

use crate::house::*;
use artifact::{Secret, canon};
use consent::{Entry, Event};
use store::ChangeError;

#[test]
fn entries_follow_each_other_across_restarts() {
    let house = House::with_entries(3);
    for n in 4..=6 {
        let store = house.open();
        assert_eq!(change(&store, |c| c.append(event(n), n)), n);
    }
    let store = house.open();
    // Several in one transaction.
    let last = change(&store, |c| {
        c.append(event(7), 7)?;
        c.append(event(8), 8)
    });
    assert_eq!(last, 8);
    let look = store.look().unwrap();
    let (entries, hash) = look.verify_journal(&journal_key()).unwrap().unwrap();
    assert_eq!((entries, look.journal_len().unwrap()), (8, 8));
    assert!(look.journal_head().unwrap().unwrap().signs(8, hash, &journal_key()));
    let mut seen = Vec::new();
    look.journal_from_start(|bytes| {
        seen.push(Entry::decode(&bytes).unwrap());
        true
    })
    .unwrap();
    assert!(seen.iter().zip(1..).all(|(e, n)| (e.seq, e.at, &e.event) == (n, n, &event(n))));
}

#[test]
fn the_journal_is_read_backwards_from_any_entry() {
    let house = House::with_entries(5);
    let store = house.open();
    let look = store.look().unwrap();
    let check = |before: u64, most: usize, want: &[u64]| {
        let mut seen = Vec::new();
        look.journal(before, |seq, bytes| {
            assert_eq!(Entry::decode(&bytes).unwrap().seq, seq);
            seen.push(seq);
            seen.len() < most
        })
        .unwrap();
        assert_eq!(seen, want, "before {before}, at most {most}");
    };
    check(u64::MAX, 9, &[5, 4, 3, 2, 1]);
    check(4, 9, &[3, 2, 1]);
    check(4, 2, &[3, 2]);
    check(1, 9, &[]);
    check(0, 9, &[]);
}

#[test]
fn without_keys_nothing_is_journalled() {
    let house = House::new();
    let store = store::Store::open(&house.home()).unwrap();
    let refused = store.change(|c| c.append(event(1), 1)).unwrap_err();
    assert!(matches!(refused, ChangeError::NoJournalKey), "{refused}");
    assert_eq!(store.look().unwrap().verify_journal(&journal_key()).unwrap().unwrap().0, 0);
    store.sign_with(journal_secret());
    assert_eq!(change(&store, |c| c.append(event(1), 1)), 1);
}

#[test]
fn an_entry_that_is_too_large_is_not_kept() {
    let house = House::with_entries(1);
    let store = house.open();
    let why = "x".repeat(consent::journal::MAX_ENTRY);
    let large = Event::Refused { peer: None, endpoint: endpoint(1), why };
    let refused = store.change(|c| c.append(large, 2)).unwrap_err();
    assert!(matches!(&refused, ChangeError::Storage(why) if why.contains("1048576")), "{refused}");
    assert_eq!(change(&store, |c| c.append(event(2), 2)), 2);
}

#[test]
fn another_nodes_key_neither_verifies_nor_goes_on() {
    let house = House::with_entries(2);
    let store = house.open();
    let other = || Secret::from_seed(&[78; 32]);
    let look = store.look().unwrap();
    let verdict = look.verify_journal(&other().public()).unwrap();
    assert_eq!(verdict, Err(consent::ChainError::BadHead));
    drop(look);
    store.sign_with(other());
    let refused = store.change(|c| c.append(event(3), 3)).unwrap_err();
    assert!(refused.to_string().contains("tracenet log verify"), "{refused}");
    assert_eq!(store.look().unwrap().journal_len().unwrap(), 2);
}

#[test]
fn the_thing_and_its_entry_are_never_apart() {
    let house = House::with_entries(1);
    let store = house.open();
    let nonce = artifact::Nonce([1; 16]);
    change(&store, |c| {
        c.put_receipt(&id(1), &receipt_row(id(2)), &nonce)?;
        c.append(event(2), 2)
    });
    // The nonce is refused after the entry was appended: neither stays.
    let refused = store.change(|c| {
        c.append(event(3), 3)?;
        c.put_receipt(&id(3), &receipt_row(id(2)), &nonce)
    });
    assert!(matches!(refused, Err(ChangeError::NonceSpent)));
    assert_eq!(store.look().unwrap().verify_journal(&journal_key()).unwrap().unwrap().0, 2);
}

#[test]
fn entries_lie_in_the_file_as_canonical_byte_strings() {
    // Other readers of the file rely on it, the tampering tests here first of all.
    let house = House::with_entries(1);
    let mut first = Vec::new();
    let look = house.open().look().unwrap();
    look.journal_from_start(|bytes| {
        first = bytes;
        true
    })
    .unwrap();
    let row = canon::encode(&serde_bytes::ByteBuf::from(first.clone())).unwrap();
    assert_eq!(row[row.len() - first.len()..], first);
}
