//! The node's keys are made once, come back the same, and every damage has its own error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use super::*;
use crate::entropy;
use std::{fs, os::unix::fs::PermissionsExt};

const NAMES: [&str; 3] = ["transport_key", "author_key", "journal_key"];

fn open(dir: &Path) -> Result<NodeKeys, KeyFileError> {
    NodeKeys::open_or_create(dir, &mut entropy::os)
}

fn publics(keys: &NodeKeys) -> [[u8; 32]; 3] {
    let NodeKeys { transport, author, journal } = keys;
    [*transport.public().as_bytes(), *author.public().as_bytes(), *journal.public().as_bytes()]
}

/// Damages a fresh set of keys and opens it again.
fn check(damage: impl FnOnce(&Path), expected: impl FnOnce(&KeyFileError) -> bool) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    open(&dir).unwrap();
    damage(&dir);
    let names = |dir: &Path| -> Vec<_> {
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name()).collect()
    };
    let before = names(&dir);
    let refused = open(&dir).expect_err("damaged keys were opened");
    assert!(expected(&refused), "{refused:?}: {refused}");
    assert_eq!(before, names(&dir), "a refusal changed the folder");
}

#[test]
fn made_once_and_private() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("data/keys");
    let made = open(&dir).unwrap();
    let [a, b, c] = publics(&made);
    assert!(a != b && b != c && a != c);
    assert_eq!(publics(&open(&dir).unwrap()), [a, b, c]);
    assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for name in NAMES {
        let mode = dir.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!format!("{made:?}").contains("seed"));
}

#[test]
fn an_interrupted_first_start_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    let mut calls = 0;
    let mut dry_later = |bytes: &mut [u8]| {
        calls += 1;
        if calls > 1 { Err(EntropyError("dry".to_owned())) } else { entropy::os(bytes) }
    };
    let refused = NodeKeys::open_or_create(&dir, &mut dry_later).unwrap_err();
    assert!(matches!(refused, KeyFileError::Entropy(_)), "{refused}");
    let transport = fs::read(dir.join("transport_key")).unwrap();
    open(&dir).unwrap();
    assert_eq!(fs::read(dir.join("transport_key")).unwrap(), transport);
}

#[test]
fn a_key_that_is_gone_is_not_replaced() {
    for name in ["transport_key", "author_key"] {
        check(
            |dir| fs::remove_file(dir.join(name)).unwrap(),
            |e| matches!(e, KeyFileError::Missing { path } if path.ends_with(name)),
        );
    }
}

#[test]
fn damage_is_named() {
    for name in NAMES {
        let good_length = "tracenet  v0  \n".len() + name.len() + 128;
        let cut = |dir: &Path, to: usize| {
            let good = fs::read(dir.join(name)).unwrap();
            assert_eq!(good.len(), good_length);
            fs::write(dir.join(name), &good[..to]).unwrap();
        };
        for to in [0, 1, 40, good_length - 1] {
            check(
                |dir| cut(dir, to),
                |e| matches!(e, KeyFileError::Short { size, .. } if *size == to),
            );
        }
        for at in 0..good_length {
            let flip = |dir: &Path| {
                let mut bytes = fs::read(dir.join(name)).unwrap();
                bytes[at] ^= 1;
                fs::write(dir.join(name), bytes).unwrap();
            };
            let named = |e: &KeyFileError| {
                matches!(e, KeyFileError::Garbled { .. } | KeyFileError::OtherRole { .. })
            };
            check(flip, named);
        }
        let noise = |dir: &Path| fs::write(dir.join(name), [0xff; 300]).unwrap();
        check(noise, |e| matches!(e, KeyFileError::Garbled { .. }));
        let flood = |dir: &Path| fs::write(dir.join(name), vec![b'a'; 1 << 20]).unwrap();
        check(flood, |e| matches!(e, KeyFileError::File(PrivateFileError::TooLarge { .. })));
    }
}

#[test]
fn swapped_files_are_noticed() {
    check(
        |dir| {
            fs::rename(dir.join("author_key"), dir.join("spare")).unwrap();
            fs::copy(dir.join("journal_key"), dir.join("author_key")).unwrap();
        },
        |e| matches!(e, KeyFileError::OtherRole { role: "author_key", .. }),
    );
}

#[test]
fn a_new_key_takes_the_place_of_the_one_before_once_the_store_names_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    let before = publics(&open(&dir).unwrap());
    let mut named = Public::<Author>::from_bytes(before[1]);
    let file = dir.join("author_key");
    // Made, and never named: it goes, and the one in use stays.
    let unnamed = make_next(&dir, &named, &mut entropy::os).unwrap();
    assert!(dir.join("author_key.next").exists());
    settle(&dir, &named).unwrap();
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    // Named: it takes its place, also after the one in use was overwritten and no more.
    let kept = fs::read(&file).unwrap();
    for overwritten in [false, true] {
        let next = make_next(&dir, &named, &mut entropy::os).unwrap();
        named = next.public();
        assert_ne!(next.public(), unnamed.public());
        if overwritten {
            fs::write(&file, vec![0; kept.len()]).unwrap();
        }
        for _ in 0..2 {
            settle(&dir, &next.public()).unwrap();
            let after = publics(&open(&dir).unwrap());
            assert_eq!(after, [before[0], *next.public().as_bytes(), before[2]]);
        }
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    }
}

#[test]
fn the_key_before_is_overwritten_where_it_lay() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    let named = open(&dir).unwrap().journal.public();
    // Another name for the same bytes on the disk.
    let same = home.path().join("same");
    fs::hard_link(dir.join("journal_key"), &same).unwrap();
    let next = make_next(&dir, &named, &mut entropy::os).unwrap();
    settle(&dir, &next.public()).unwrap();
    assert!(fs::read(&same).unwrap().iter().all(|byte| *byte == 0));
}

/// The store names the key that lies beside, and it could not take its place: it is all there is.
#[test]
fn no_other_key_is_made_while_the_one_in_use_lies_beside() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    let before = open(&dir).unwrap().author.public();
    let named = make_next(&dir, &before, &mut entropy::os).unwrap().public();
    let (file, next) = (dir.join("author_key"), dir.join("author_key.next"));
    let kept = fs::read(&next).unwrap();
    // Nothing can be put into its place.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let refused = make_next(&dir, &named, &mut entropy::os).unwrap_err();
    assert!(matches!(refused, KeyFileError::File(_)), "{refused}");
    assert_eq!(fs::read(&next).unwrap(), kept, "the only copy of the key in use");
    // Once something can, it is settled first, and another is made.
    fs::remove_dir(&file).unwrap();
    let another = make_next(&dir, &named, &mut entropy::os).unwrap();
    assert_eq!(fs::read(&file).unwrap(), kept);
    assert_ne!(another.public(), named);
}

/// Killed while what nothing names is overwritten, or cut short.
#[test]
fn what_is_left_of_a_wiped_key_goes_where_the_one_in_use_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("keys");
    let named = open(&dir).unwrap().author.public();
    let (file, next) = (dir.join("author_key"), dir.join("author_key.next"));
    let good = fs::read(&file).unwrap();
    for left in [&[][..], &[0; 30], &good[..40], &vec![0; good.len()]] {
        fs::write(&next, left).unwrap();
        settle(&dir, &named).unwrap();
        assert!(!next.exists());
        assert_eq!(fs::read(&file).unwrap(), good);
        // Where the one in use is not whole, nothing is thrown away.
        fs::write(&next, left).unwrap();
        fs::write(&file, vec![0; good.len()]).unwrap();
        settle(&dir, &named).unwrap_err();
        assert!(next.exists());
        fs::write(&file, &good).unwrap();
    }
    // Nor is a key of another role.
    fs::copy(dir.join("journal_key"), &next).unwrap();
    let refused = settle(&dir, &named).unwrap_err();
    assert!(matches!(refused, KeyFileError::OtherRole { .. }), "{refused}");
}
