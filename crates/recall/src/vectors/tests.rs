//! The vectors' file: what is kept, what is taken out, and how it heals.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::{rows::tests::vector, *};
use std::fs;

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

fn embedded(name: &str, key: u64, seeds: &[u64]) -> Embedded {
    Embedded { id: id(name), key, parts: seeds.iter().map(|seed| vector(*seed)).collect() }
}

/// Three documents, the last with two parts.
fn town(dir: &Path) -> Vectors {
    let vectors = Vectors::open(dir).unwrap();
    vectors.retain(41, |_| true).unwrap();
    vectors.add(&[embedded("crane", 1, &[1]), embedded("boat", 2, &[2])], |_| true).unwrap();
    vectors.add(&[embedded("quay", 3, &[3, 4])], |_| true).unwrap();
    vectors
}

fn first(vectors: &Vectors, seed: u64) -> Option<ArtifactId> {
    vectors
        .nearest(&vector(seed), |_| true, 2)
        .first()
        .filter(|near| near.cosine > 0.9)
        .map(|near| near.id)
}

/// However many lie nearer and are passed over.
#[test]
fn what_is_wanted_is_found_behind_many_that_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = town(dir.path());
    let near = |n: usize| Embedded { id: id(&n.to_string()), ..embedded("", 9, &[1]) };
    vectors.add(&(0..500).map(near).collect::<Vec<_>>(), |_| true).unwrap();
    let ours = [id("crane"), id("boat"), id("quay")];
    let found = vectors.nearest(&vector(1), |one| ours.contains(one), 2);
    assert_eq!((found.len(), found[0].id), (2, id("crane")));
}

#[test]
fn what_was_added_is_found_by_any_part_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    for vectors in [town(dir.path()), Vectors::open(dir.path()).unwrap()] {
        assert_eq!((vectors.documents(), vectors.seq()), (3, 41));
        for (seed, name) in [(1, "crane"), (2, "boat"), (3, "quay"), (4, "quay")] {
            assert_eq!(first(&vectors, seed), Some(id(name)));
        }
        let near = vectors.nearest(&vector(4), |_| true, 10);
        assert_eq!(near.len(), 3, "a document is found once, and a mark never");
        let others = vectors.nearest(&vector(4), |near| *near != id("quay"), 10);
        assert_eq!(others.len(), 2, "what is no answer is passed over");
        assert!(vectors.has(&id("boat"), 2) && !vectors.has(&id("boat"), 9));
    }
}

#[test]
fn what_is_taken_out_leaves_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = town(dir.path());
    vectors.retain(50, |of| *of != id("boat")).unwrap();
    assert_eq!((vectors.documents(), vectors.seq(), first(&vectors, 2)), (2, 50, None));
    let bytes = fs::read(dir.path().join(NAME)).unwrap();
    assert!(!bytes.windows(ID).any(|part| part == id("boat").as_bytes()));
    let again = Vectors::open(dir.path()).unwrap();
    assert_eq!((again.documents(), again.seq(), first(&again, 4)), (2, 50, Some(id("quay"))));
}

#[test]
fn a_text_that_changed_takes_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = town(dir.path());
    vectors.add(&[embedded("quay", 8, &[9])], |_| true).unwrap();
    assert_eq!((vectors.documents(), vectors.has(&id("quay"), 8)), (3, true));
    assert_eq!((first(&vectors, 9), first(&vectors, 3)), (Some(id("quay")), None));
}

#[test]
fn what_was_forgotten_meanwhile_is_not_added() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = town(dir.path());
    vectors.add(&[embedded("late", 5, &[5])], |of| *of != id("late")).unwrap();
    assert_eq!((vectors.documents(), first(&vectors, 5)), (3, None));
}

/// Damages the file of the town, opens it, and says which documents are left.
fn healed(damage: impl Fn(&mut Vec<u8>)) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    drop(town(dir.path()));
    let path = dir.path().join(NAME);
    let mut bytes = fs::read(&path).unwrap();
    damage(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let vectors = Vectors::open(dir.path()).unwrap();
    let names = ["crane", "boat", "quay"].into_iter().zip(1..);
    let left = names.filter(|(name, key)| vectors.has(&id(name), *key)).map(|(name, _)| name);
    let left: Vec<_> = left.collect();
    // Whole again, and it goes on.
    vectors.add(&[embedded("after", 6, &[6])], |_| true).unwrap();
    let again = Vectors::open(dir.path()).unwrap();
    assert_eq!((again.documents(), first(&again, 6)), (left.len() + 1, Some(id("after"))));
    left
}

#[test]
fn a_cut_or_damaged_file_loses_only_what_is_damaged() {
    let all = vec!["crane", "boat", "quay"];
    assert_eq!(healed(|_| {}), all);
    assert_eq!(healed(Vec::clear), Vec::<&str>::new());
    assert_eq!(healed(|bytes| bytes[0] ^= 1), Vec::<&str>::new());
    assert_eq!(healed(|bytes| bytes.extend([7; 100])), all);
    assert_eq!(healed(|bytes| bytes.truncate(bytes.len() - 1)), all, "the last is a mark");
    // The file begins with the heading and the mark of an empty file, then that of 41.
    let start = |record: usize| HEADING.len() + record * RECORD;
    assert_eq!(healed(|bytes| bytes.truncate(start(3) + 5)), ["crane"]);
    for at in [0, ID, ID + 9, ID + 20, RECORD - 1] {
        assert_eq!(healed(|bytes| bytes[start(3) + at] ^= 1), ["crane", "quay"]);
    }
}

#[test]
fn a_file_that_is_deleted_while_it_is_mapped_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let vectors = town(dir.path());
    fs::remove_file(dir.path().join(NAME)).unwrap();
    assert_eq!(first(&vectors, 1), Some(id("crane")), "what is mapped stays");
    assert_eq!(Vectors::open(dir.path()).unwrap().documents(), 0);
}
