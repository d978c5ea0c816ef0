//! Findings: where they stand, how they are shown, and that a spent budget is said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use crate::{
    mask,
    rules::tests::{ALNUM, armor, examples, noise},
};
use proptest::prelude::*;

fn check(text: &str, rules: &[&str]) {
    let report = scan(text.as_bytes());
    let found: Vec<_> = report.findings.iter().map(|f| f.rule).collect();
    assert_eq!(found, rules, "{text}");
}

#[test]
fn look_alikes_are_left_alone() {
    let hex = |n| noise("0123456789abcdef", n);
    for text in [
        format!("commit {}", hex(40)),
        format!("sha256:{} SK{}", hex(64), hex(33)),
        format!("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12)),
        format!("\"integrity\": \"sha512-{}==\"", noise(ALNUM, 86)),
        format!("checksum = \"{}\"", hex(64)),
        format!("data:image/png;base64,iVBORw0KGgo{}eyJ{}=", noise(ALNUM, 400), noise(ALNUM, 90)),
        format!("{}{}", "AKIAIOSFODNN7", "EXAMPLE"),
        format!("task-{0} risk-{0} asgh{1}{0}", noise(ALNUM, 48), "p_"),
        format!("sk-{}", "x".repeat(48)),
        format!("{}{}", "ghp_", "0".repeat(36)),
        format!("sk-{}", "your-api-key-goes-here-and-it-is-long"),
        "eyJhbGciOiJIUzI1NiJ9 alone is a header".to_owned(),
    ] {
        check(&text, &[]);
    }
}

#[test]
fn a_secret_beats_the_address_it_stands_in() {
    let token = format!("{}{}", "ghp_", noise(ALNUM, 36));
    check(&format!("https://{token}@github.com/a/b"), &["github-token"]);
    check(&format!("{token}@mail.dev"), &["github-token"]);
}

#[test]
fn lines_are_counted_from_one() {
    let token = format!("{}{}", "npm_", noise(ALNUM, 36));
    let report =
        scan(format!("{token}\n\n{token}\r\n{}\n{token}", armor("PRIVATE KEY")).as_bytes());
    let lines: Vec<_> = report.findings.iter().map(|f| f.line).collect();
    assert_eq!(lines, [1, 3, 4, 9]);
}

#[test]
fn a_spent_budget_is_said() {
    let token = format!("{}{} ", "npm_", noise(ALNUM, 36));
    let mut bytes = vec![b' '; MAX_BYTES];
    assert!(!scan(&bytes).spent);
    bytes.extend_from_slice(token.as_bytes());
    let report = scan(&bytes);
    assert!(report.spent);
    let rest: Vec<_> = report.findings.iter().map(|f| (f.class, f.start, f.end)).collect();
    assert_eq!(rest, [(Class::Unread, MAX_BYTES, bytes.len())]);

    let full = scan(token.repeat(MAX_FINDINGS).as_bytes());
    assert!(full.findings.len() == MAX_FINDINGS && !full.spent);
    let over = scan(token.repeat(MAX_FINDINGS + 1).as_bytes());
    assert!(over.findings.len() == MAX_FINDINGS && over.spent);
}

#[test]
fn addresses_cannot_crowd_out_a_secret() {
    let token = format!("{}{} ", "npm_", noise(ALNUM, 36));
    let report = scan(format!("{}{token}", "ada@lovelace.org ".repeat(5_000)).as_bytes());
    assert!(report.spent && report.findings.len() == MAX_FINDINGS);
    assert_eq!(report.findings.last().unwrap().rule, "npm-token");
}

#[test]
fn every_class_of_hostile_repetition_ends() {
    for piece in [
        "@",
        "a@",
        "eyJ-",
        "eyJeyJ.",
        "sk-",
        "MT",
        "-----BEGIN PRIVATE KEY-----",
        ":AA",
        "1:AA",
        "-----BEGIN PRIVATE KEY-----a:",
        "AKIA",
        "hooks.slack.com/",
        "\\n",
        "ssh a@b.de ",
    ] {
        let report = scan(piece.repeat((1 << 20) / piece.len()).as_bytes());
        assert!(report.findings.iter().all(|f| !f.class.is_secret()), "{piece}");
    }
}

/// Text made of what rules look for, so that random cases come near to them.
fn fragments() -> impl Strategy<Value = String> {
    let mut pieces: Vec<String> = examples().into_iter().map(|e| e.1 + &e.2 + &e.3).collect();
    let halves = pieces.iter().map(|p| p.split_at(p.len() / 2));
    let halves: Vec<_> = halves.flat_map(|(a, b)| [a.to_owned(), b.to_owned()]).collect();
    pieces.extend(halves);
    pieces.extend(
        crate::rules::rules().iter().flat_map(|r| r.keywords.iter().chain(r.names())).cloned(),
    );
    pieces
        .extend([" ", "\n", "\\n", "-----END X-----", "@", ".", "…", "=", "é"].map(str::to_owned));
    let piece = prop_oneof![
        4 => prop::sample::select(pieces),
        1 => "[A-Za-z0-9_.-]{0,40}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn sound(bytes: &[u8]) -> Result<(), TestCaseError> {
    let report = scan(bytes);
    let mut at = 0;
    for finding in &report.findings {
        prop_assert!(at <= finding.start && finding.start < finding.end);
        prop_assert!(finding.end <= bytes.len());
        at = finding.end;
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_give_a_sound_report(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        sound(&bytes)?;
    }

    #[test]
    fn masking_leaves_no_secret_and_is_idempotent(text in fragments()) {
        sound(text.as_bytes())?;
        let masked = mask(&text);
        let left = scan(masked.as_bytes()).findings;
        prop_assert!(left.iter().all(|f| !f.class.is_secret()), "{masked:?}: {left:?}");
        prop_assert_eq!(mask(&masked), masked);
    }
}
