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
    let named = Public::<Author>::from_bytes(before[1]);
    let file = dir.join("author_key");
    // Made, and never named: it goes, and the one in use stays.
    let unnamed = make_next::<Author>(&dir, &mut entropy::os).unwrap();
    assert!(dir.join("author_key.next").exists());
    settle(&dir, &named).unwrap();
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
    // Named: it takes its place, also after the one in use was overwritten and no more.
    let kept = fs::read(&file).unwrap();
    for overwritten in [false, true] {
        let next = make_next::<Author>(&dir, &mut entropy::os).unwrap();
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
    open(&dir).unwrap();
    // Another name for the same bytes on the disk.
    let same = home.path().join("same");
    fs::hard_link(dir.join("journal_key"), &same).unwrap();
    let next = make_next::<Journal>(&dir, &mut entropy::os).unwrap();
    settle(&dir, &next.public()).unwrap();
    assert!(fs::read(&same).unwrap().iter().all(|byte| *byte == 0));
}
