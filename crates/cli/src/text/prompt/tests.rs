//! What a prompt in a terminal shows: everything, in the order of the window.
#![allow(clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use super::*;
use wire::{ChangesView, Term};

fn shown() -> PromptView {
    PromptView {
        ask: "a1b2".into(),
        state: "pending".into(),
        wish: "share-private".into(),
        heading: "Share privately with 1 person".into(),
        position: 1,
        waiting: 1,
        what: "Bind port 0 in tests".into(),
        size: 2_048,
        artifact: "c3d4".into(),
        artifact_words: "maple-orbit-tin".into(),
        head: None,
        text: "title: Bind port 0 in tests".into(),
        changes: None,
        found: Vec::new(),
        scan_spent: false,
        to: vec!["harbour".into()],
        who: vec!["You, from this app".into()],
        by_agent: false,
        unknown: false,
        says: String::new(),
        code: "maple-orbit-tin-seven".into(),
        warnings: vec!["Copies cannot be recalled.".into()],
        policies: Vec::new(),
        forbidden: Vec::new(),
        irrevocable: false,
        pin: true,
        choose_reach: false,
        terms: Vec::new(),
        batch: Vec::new(),
        keychain: Keychain::Ready,
        keychain_hint: String::new(),
        keychain_command: String::new(),
        expires: 0,
    }
}

fn place(rows: &[String], start: &str) -> usize {
    let at = rows.iter().position(|row| row.trim_start().starts_with(start));
    at.unwrap_or_else(|| panic!("no row {start:?}: {rows:#?}"))
}

#[test]
fn every_line_of_the_text_and_of_the_changes_is_shown() {
    let text: Vec<String> = (1..=300).map(|n| format!("line number {n}")).collect();
    let diff: Vec<String> = (1..=300).map(|n| format!("+added {n}")).collect();
    let changes = Some(ChangesView { since: "Since then".into(), diff: diff.join("\n") });
    let rows = rows(&PromptView { text: text.join("\n"), changes, ..shown() });
    for line in text.iter().chain(&diff) {
        assert_eq!(rows.iter().filter(|row| row.ends_with(line)).count(), 1, "{line}");
    }
    assert!(rows.contains(&"    300 │ line number 300".to_owned()), "numbered as findings are");
}

#[test]
fn the_rows_come_in_the_order_of_the_window() {
    let found = wire::FindingRow {
        rule: "email".into(),
        label: "E-mail address".into(),
        line: 1,
        masked: "an…".into(),
    };
    let rows = rows(&PromptView {
        found: vec![found],
        changes: Some(ChangesView { since: "Since then".into(), diff: "+x".into() }),
        policies: vec!["Quay & Sons".into()],
        terms: vec![Term::Once, Term::Day],
        ..shown()
    });
    let order = [
        "Share privately",
        "What ",
        "Changes ",
        "Found ",
        "To ",
        "Who ",
        "Says ",
        "Code ",
        "Policy ",
        "Note ",
        "For ",
    ];
    let places: Vec<usize> = order.iter().map(|start| place(&rows, start)).collect();
    assert!(places.is_sorted(), "{rows:#?}");
}

#[test]
fn the_text_is_called_what_it_is() {
    let check = |wish: &str, artifact: &str, called: &str| {
        let (wish, artifact) = (wish.to_owned(), artifact.to_owned());
        let rows = rows(&PromptView { wish, artifact, ..shown() });
        place(&rows, called);
    };
    check("share-public", "c3d4", "the whole text that would leave:");
    check("sign-revocations", "", "what you sign: each of them is told this:");
    check("accept-policy", "", "what it forbids:");
    check("drop-policy", "", "what it forbids:");
    check("accept", "", "what is known of it:");
}

#[test]
fn a_keychain_that_is_not_ready_is_told_with_what_to_do() {
    assert!(!rows(&shown()).iter().any(|row| row.starts_with("Key ")), "nothing is the matter");
    for keychain in [
        Keychain::Locked,
        Keychain::Missing,
        Keychain::Unsupported,
        Keychain::Lost,
        Keychain::Tampered,
    ] {
        let keychain_hint = "the keychain is not ready: unlock it and try again".to_owned();
        let keychain_command = "unlock-it --now".to_owned();
        let rows = rows(&PromptView { keychain, keychain_hint, keychain_command, ..shown() });
        let at = place(&rows, "Key     the keychain is not ready: unlock it");
        assert_eq!(rows[at + 1].trim(), "unlock-it --now");
        assert!(rows[at + 2].contains("CANNOT BE ALLOWED"), "{rows:#?}");
    }
}
