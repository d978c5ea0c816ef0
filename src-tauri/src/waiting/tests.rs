//! What the tray lists of what waits.

#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::Waiting;
use wire::AskRow;

fn ask(n: usize, what: &str) -> AskRow {
    AskRow {
        id: format!("ask{n}"),
        wish: "share-private".to_owned(),
        heading: "SHARE PRIVATELY".to_owned(),
        what: what.to_owned(),
        who: "claude".to_owned(),
        by_agent: true,
        to: "north".to_owned(),
        at: 0,
        expires: 0,
        state: "pending".to_owned(),
        ended: 0,
        findings: 0,
        quiet: false,
    }
}

fn check(what: &str, label: &str) {
    let waiting = Waiting::of(&[ask(1, what)]);
    assert_eq!(waiting.entries[0].label, format!("Review: {label}"));
    assert_eq!(waiting.entries[0].deny, format!("Deny: {label}"));
    assert_eq!(waiting.entries[0].ask, "ask1");
}

#[test]
fn an_ask_is_listed_by_its_title() {
    check("Fix for flaky port binding", "Fix for flaky port binding");
}

#[test]
fn a_title_stays_one_short_line() {
    check("one\ntwo\t three", "one two three");
    check(&"ä".repeat(60), &format!("{}…", "ä".repeat(48)));
}

#[test]
fn a_title_makes_no_mnemonic() {
    check("mend && run & see", "mend &&&& run && see");
}

#[test]
fn ten_are_listed_and_the_rest_is_counted() {
    let asks: Vec<_> = (0..13).map(|n| ask(n, "x")).collect();
    let waiting = Waiting::of(&asks);
    assert_eq!((waiting.entries.len(), waiting.rest()), (10, Some("and 3 more".to_owned())));
    assert_eq!(Waiting::of(&asks[..10]).rest(), None);
    assert!(Waiting::of(&[]).is_empty());
}
