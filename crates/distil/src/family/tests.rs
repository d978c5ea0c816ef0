//! Families: which words they take, which they never do, and what a reader of one could tell by it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use artifact::{Check, DeadEnd, Env, Outcome};
use proptest::prelude::*;

fn empty(title: &str) -> Crystal {
    Crystal {
        title: title.to_owned(),
        problem: String::new(),
        fix: Vec::new(),
        checks: Vec::new(),
        outcome: Outcome::Unknown,
        dead_ends: Vec::new(),
        lesson: Vec::new(),
        env: Env::default(),
        family: Vec::new(),
        supersedes: None,
        evidence: Vec::new(),
        iat: 1,
    }
}

#[track_caller]
fn check(crystal: Crystal, want: &[&str]) {
    assert_eq!(family(&crystal), want);
}

#[test]
fn each_kind_is_told_by_marks_of_its_own() {
    let files = ["src/quay.rs", "Cargo.toml", "web/Crane.tsx"].map(str::to_owned).to_vec();
    check(
        Crystal { env: Env { files, ..Env::default() }, ..empty("x") },
        &["domain:react", "domain:rust", "domain:typescript"],
    );
    let command = "cd /srv && RUST_LOG=debug cargo test -p quay 2>&1 | tail -5".to_owned();
    let checks = vec![Check { command, exit: 0 }];
    check(Crystal { checks, ..empty("x") }, &["tool:cargo"]);
    let problem = "It stops.\n\nfirst error: error[E0502]: Address already in use (os error)";
    check(
        Crystal { problem: problem.to_owned(), ..empty("x") },
        &["error:E0502", "error:EADDRINUSE"],
    );
    let dead_ends = vec![DeadEnd { tried: "docker".to_owned(), error: "EPIPE".to_owned() }];
    check(Crystal { dead_ends, ..empty("x") }, &["error:EPIPE"]);
    check(empty("Please mend the flaky lighthouse test"), &["action:fix", "action:test"]);
    check(empty("Speed up the login of the Django admin"), &["action:optimize", "domain:django"]);
}

#[test]
fn a_word_inside_of_a_word_is_no_mark() {
    let problem = "cargo, gitter and reactor: no EPIPES, no xE0502".to_owned();
    check(Crystal { problem, ..empty("latest contest") }, &[]);
}

#[test]
fn what_a_crystal_says_of_its_family_is_not_looked_at() {
    let family = vec!["domain:rust".to_owned(), "project:lighthouse".to_owned()];
    check(Crystal { family, ..empty("x") }, &[]);
}

#[test]
fn only_the_terms_that_are_met_most_stay() {
    let files = ["a.rs", "b.rs", "c.py", "d.py", "e.go", "f.go", "g.zig", "h.lua"];
    let files = files.map(str::to_owned).to_vec();
    check(
        Crystal { env: Env { files, ..Env::default() }, ..empty("x") },
        &["domain:go", "domain:python", "domain:rust"],
    );
}

#[test]
fn the_vocabulary_is_read_and_every_mark_can_be_met() {
    let file: File = toml::from_str(include_str!("vocabulary.toml")).unwrap();
    assert_eq!(vocabulary(), file.version);
    let kinds = [&file.domain, &file.tool, &file.error, &file.action];
    assert!(kinds.iter().all(|terms| terms.len() >= 14), "a kind is all but empty");
    for (terms, words) in [(&file.domain, true), (&file.error, true), (&file.action, true)] {
        for mark in terms.values().flatten().filter(|mark| !mark.starts_with(['*', '='])) {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || " _".contains(c);
            assert!(words && mark.chars().all(plain), "{mark:?} is not how words are told");
            assert!(mark.split(' ').count() <= PHRASE, "{mark:?} has too many words");
        }
    }
    for (kind, terms) in ["domain", "tool", "error", "action"].iter().zip(kinds) {
        for (term, marks) in terms {
            assert!(!marks.is_empty() && kind.len() + term.len() < 63, "{kind}:{term}");
        }
    }
}

/// Every term of the vocabulary.
fn terms() -> BTreeSet<String> {
    let words = &*VOCABULARY;
    let kinds = [&words.domain, &words.tool, &words.error, &words.action];
    kinds.iter().flat_map(|marks| marks.0.values().flatten().cloned()).collect()
}

proptest! {
    /// Whatever stands in a crystal: its family is a family, and of public words alone.
    #[test]
    fn a_family_holds_no_word_of_its_own(
        texts in prop::collection::vec("[a-z./=*_ E0-9\u{e4}\n]{0,40}", 6),
        mixed in prop::collection::vec(prop::sample::select(vec![
            "error[E0502]", "cargo test", "hunter2", "acme-billing", "src/acme.rs", "timed out",
        ]), 0..8),
    ) {
        let [title, problem, command, file, tried, error] = <[String; 6]>::try_from(texts).unwrap();
        let crystal = Crystal {
            problem: format!("{problem} {}", mixed.join(" ")),
            checks: vec![Check { command: format!("{command} && {}", mixed.concat()), exit: 1 }],
            env: Env { files: vec![file, mixed.concat()], ..Env::default() },
            dead_ends: vec![DeadEnd { tried, error }],
            ..empty(&title)
        };
        let family = family(&crystal);
        let all = terms();
        prop_assert!(family.iter().all(|term| all.contains(term)), "{family:?}");
        prop_assert!(family.is_sorted_by(|a, b| a < b) && family.len() <= 11);
    }
}
