//! Somebody opens the file behind the store's back: the journal says which entry was touched,
//! and nothing is added over an end that was.

use crate::house::*;
use artifact::{Secret, canon};
use consent::{ChainError, Entry, EntryHash, SignedHead};
use redb::{ReadableTable, TableDefinition};
use serde_bytes::ByteBuf;
use std::path::Path;

type Table<'a> = redb::Table<'a, &'static [u8], &'static [u8]>;

/// Changes a table of a closed store.
fn behind_its_back(file: &Path, table: &str, tamper: impl FnOnce(&mut Table<'_>)) {
    let db = redb::Database::open(file).unwrap();
    let tx = db.begin_write().unwrap();
    tamper(&mut tx.open_table(TableDefinition::new(table)).unwrap());
    tx.commit().unwrap();
}

fn get(table: &Table<'_>, seq: u64) -> Vec<u8> {
    let row = table.get(seq.to_be_bytes().as_slice()).unwrap().unwrap();
    canon::decode::<ByteBuf>(row.value(), usize::MAX).unwrap().into_vec()
}

fn put(table: &mut Table<'_>, seq: u64, entry: &[u8]) {
    let row = canon::encode(&ByteBuf::from(entry)).unwrap();
    table.insert(seq.to_be_bytes().as_slice(), row.as_slice()).unwrap();
}

fn remove(table: &mut Table<'_>, seq: u64) {
    table.remove(seq.to_be_bytes().as_slice()).unwrap().unwrap();
}

/// Lets the entry say another time.
fn reword(table: &mut Table<'_>, seq: u64) {
    let mut entry = Entry::decode(&get(table, seq)).unwrap();
    entry.at += 1;
    put(table, seq, &entry.encode().unwrap().0);
}

/// Writes a chain of other events from `from` to `to`.
fn rewrite(table: &mut Table<'_>, from: u64, to: u64) -> EntryHash {
    let mut prev =
        if from == 1 { EntryHash::ZERO } else { consent::journal::hash(&get(table, from - 1)) };
    for seq in from..=to {
        let entry = Entry { v: 0, seq, prev, at: 999, event: event(1000 + seq) };
        let (bytes, hash) = entry.encode().unwrap();
        put(table, seq, &bytes);
        prev = hash;
    }
    prev
}

/// What the store says of its journal.
fn verdict(house: &House) -> Result<u64, ChainError> {
    let store = house.open();
    let verdict = store.look().unwrap().verify_journal(&journal_key()).unwrap();
    verdict.map(|(entries, _)| entries)
}

/// Whether the store would append another entry.
fn goes_on(house: &House) -> bool {
    let store = house.open();
    let before = store.look().unwrap().journal_len().unwrap();
    let appended = store.change(|c| c.append(event(500), 500));
    let added = store.look().unwrap().journal_len().unwrap() - before;
    assert_eq!(added, u64::from(appended.is_ok()));
    if let Err(refused) = &appended {
        assert!(refused.to_string().contains("tracenet log verify"), "{refused}");
    }
    appended.is_ok()
}

/// Tampers with the entries of a journal of six.
fn check(tamper: impl FnOnce(&mut Table<'_>), want: ChainError, end_untouched: bool) {
    let house = House::with_entries(6);
    assert_eq!(verdict(&house), Ok(6));
    behind_its_back(&house.file(), "journal-0", tamper);
    assert_eq!(verdict(&house), Err(want.clone()));
    assert_eq!(goes_on(&house), end_untouched, "{want}");
    // An entry that was added since does not cover it up.
    if end_untouched {
        assert_eq!(verdict(&house), Err(want));
    } else {
        assert!(verdict(&house).is_err());
    }
}

#[test]
fn a_changed_entry_is_named() {
    check(|t| reword(t, 1), ChainError::Broken { seq: 2 }, true);
    check(|t| reword(t, 3), ChainError::Broken { seq: 4 }, true);
    check(|t| reword(t, 6), ChainError::Rewritten, false);
    check(|t| put(t, 3, b"no entry"), ChainError::Unreadable { seq: 3 }, true);
}

#[test]
fn a_row_that_is_no_row_is_named() {
    let noise = |t: &mut Table<'_>, seq: u64| {
        t.insert(seq.to_be_bytes().as_slice(), [0xff, 0x00].as_slice()).unwrap();
    };
    check(|t| noise(t, 3), ChainError::Unreadable { seq: 3 }, true);
}

#[test]
fn a_dropped_entry_is_named() {
    check(|t| remove(t, 1), ChainError::Missing { expected: 1, found: 2 }, true);
    check(|t| remove(t, 4), ChainError::Missing { expected: 4, found: 5 }, true);
    check(|t| remove(t, 6), ChainError::Truncated { found: 5, signed: 6 }, false);
}

#[test]
fn swapped_entries_are_named() {
    let swap = |t: &mut Table<'_>, a: u64, b: u64| {
        let (at_a, at_b) = (get(t, a), get(t, b));
        put(t, a, &at_b);
        put(t, b, &at_a);
    };
    check(|t| swap(t, 2, 4), ChainError::Missing { expected: 2, found: 4 }, true);
    check(|t| swap(t, 5, 6), ChainError::Missing { expected: 5, found: 6 }, false);
}

#[test]
fn a_cut_end_is_named() {
    let cut = |t: &mut Table<'_>, from: u64| (from..=6).for_each(|seq| remove(t, seq));
    check(|t| cut(t, 3), ChainError::Truncated { found: 2, signed: 6 }, false);
    check(|t| cut(t, 1), ChainError::Truncated { found: 0, signed: 6 }, false);
}

#[test]
fn a_rewritten_end_and_an_added_entry_are_named() {
    let rewrite = |from: u64, to: u64| {
        move |t: &mut Table<'_>| {
            rewrite(t, from, to);
        }
    };
    check(rewrite(4, 6), ChainError::Rewritten, false);
    check(rewrite(1, 6), ChainError::Rewritten, false);
    check(rewrite(7, 7), ChainError::Unsigned { found: 7, signed: 6 }, false);
}

#[test]
fn an_entry_under_a_key_of_another_form_is_named() {
    // Between 3 and 4, so that the order of the entries is still whole.
    let move_it = |t: &mut Table<'_>, suffix: u8| {
        let row = canon::encode(&ByteBuf::from(get(t, 3))).unwrap();
        remove(t, 3);
        let key = [3_u64.to_be_bytes().as_slice(), &[suffix]].concat();
        t.insert(key.as_slice(), row.as_slice()).unwrap();
    };
    check(|t| move_it(t, 0), ChainError::Unreadable { seq: 3 }, true);
}

/// Tampers with the head of a journal of six.
fn check_head(tamper: impl FnOnce(&mut Table<'_>), want: ChainError) {
    let house = House::with_entries(6);
    behind_its_back(&house.file(), "journal-head-0", tamper);
    assert_eq!(verdict(&house), Err(want.clone()));
    assert!(!goes_on(&house), "{want}");
}

#[test]
fn a_head_that_was_touched_is_found() {
    let replace = |t: &mut Table<'_>, head: &[u8]| {
        let row = canon::encode(&ByteBuf::from(head)).unwrap();
        t.insert(b"head".as_slice(), row.as_slice()).unwrap();
    };
    check_head(|t| drop(t.remove(b"head".as_slice()).unwrap()), ChainError::BadHead);
    check_head(|t| replace(t, b"no head"), ChainError::BadHead);
    check_head(
        |t| drop(t.insert(b"head".as_slice(), [0xff].as_slice()).unwrap()),
        ChainError::BadHead,
    );
    let other = SignedHead::seal(6, consent::journal::hash(b"x"), &Secret::from_seed(&[78; 32]));
    check_head(|t| replace(t, &other.unwrap().0), ChainError::BadHead);
    // A head of the right key, of an earlier day.
    let old = SignedHead::seal(4, consent::journal::hash(b"x"), &journal_secret()).unwrap();
    check_head(|t| replace(t, &old.0), ChainError::Unsigned { found: 6, signed: 4 });
}

/// Takes every entry and the head away.
fn wipe(house: &House) {
    behind_its_back(&house.file(), "journal-0", |t| (1..=6).for_each(|seq| remove(t, seq)));
    behind_its_back(&house.file(), "journal-head-0", |t| {
        drop(t.remove(b"head".as_slice()).unwrap());
    });
}

#[test]
fn a_journal_that_is_gone_is_missed() {
    let house = House::with_entries(6);
    change(&house.open(), |c| c.put_me(&me()));
    wipe(&house);
    assert_eq!(verdict(&house), Err(ChainError::BadHead));
    assert!(!goes_on(&house));
}

#[test]
fn who_holds_journal_key_can_write_another_history() {
    // Said here as it is said in the journal's own words: it detects, it does not prevent.
    let house = House::with_entries(6);
    let mut last = EntryHash::ZERO;
    behind_its_back(&house.file(), "journal-0", |t| last = rewrite(t, 3, 6));
    behind_its_back(&house.file(), "journal-head-0", |t| {
        let head = SignedHead::seal(6, last, &journal_secret()).unwrap();
        let row = canon::encode(&ByteBuf::from(head.0)).unwrap();
        t.insert(b"head".as_slice(), row.as_slice()).unwrap();
    });
    assert_eq!(verdict(&house), Ok(6));
}
