//! What is left of a crystal, wherever somebody cuts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
use super::*;
use crate::{
    Outcome,
    crystal::{Check, DeadEnd, Env},
    envelope::Payload,
};
use proptest::prelude::*;

fn crystal() -> Crystal {
    Crystal {
        title: "Rotate the key K1".into(),
        problem: "it said K1\nand ünlock K2".into(),
        fix: vec![
            FixStep::Command { text: "export KEY=K1".into() },
            FixStep::Edit { file: "src/K2.rs".into(), text: "let key = \"K1\";".into() },
        ],
        checks: vec![Check { command: "curl -H K2".into(), exit: 0 }],
        outcome: Outcome::Passed,
        dead_ends: vec![DeadEnd { tried: "K1".into(), error: "bad K1".into() }],
        lesson: vec!["never write K1".into()],
        env: Env {
            os: Some("K1".into()),
            repo: Some("shop".into()),
            tools: vec!["K1 1.0".into()],
            files: vec!["a/K1".into()],
        },
        family: vec!["lang:rust".into(), "tool:K1".into()],
        supersedes: None,
        evidence: Vec::new(),
        iat: 7,
    }
}

fn cuts(text: &str, word: &str, mark: &str) -> Vec<Cut> {
    let found = text.match_indices(word);
    found.map(|(at, _)| Cut { range: at..at + word.len(), mark: mark.into() }).collect()
}

#[test]
fn every_text_is_reached_and_nothing_else_changes() {
    let whole = crystal();
    let redacted = whole.redact(&cuts(&whole.text(), "K1", "[redacted: key]"));
    let text = redacted.crystal.text();
    assert!(!text.contains("K1"), "{text}");
    assert_eq!(text.matches("[redacted: key]").count(), 10, "{text}");
    assert_eq!(redacted.crystal.family, ["lang:rust"]);
    assert_eq!(redacted.crystal.checks, whole.checks);
    assert_eq!(redacted.crystal.env.repo, whole.env.repo);
    let fields: Vec<&str> = redacted.fields.iter().map(String::as_str).collect();
    let want = ["dead_ends.0", "env", "family", "fix.0", "fix.1", "lesson.0", "problem", "title"];
    assert_eq!(fields, want);
    redacted.crystal.check(&[]).unwrap();
}

#[test]
fn a_mark_that_does_not_fit_is_a_short_one() {
    let whole = Crystal { title: "K".repeat(MAX_TITLE), ..crystal() };
    let mark = "[redacted: key]".to_owned();
    let redacted = whole.redact(&[Cut { range: 3..4, mark }]);
    assert_eq!(redacted.crystal.title.chars().count(), MAX_TITLE);
    assert!(redacted.crystal.title.starts_with("KKK…K"));
    redacted.crystal.check(&[]).unwrap();
}

#[test]
fn a_cut_over_several_texts_leaves_its_mark_in_each() {
    let whole = crystal();
    let text = whole.text();
    let from = text.find("said").unwrap();
    let to = text.find("export").unwrap() + 3;
    let redacted = whole.redact(&[Cut { range: from..to, mark: "[x]".into() }]);
    assert_eq!(redacted.crystal.problem, "it [x]");
    assert_eq!(redacted.crystal.fix[0], FixStep::Command { text: "[x]ort KEY=K1".into() });
}

proptest! {
    /// Wherever somebody cuts, what was cut is gone and what is left is a crystal.
    #[test]
    fn any_cuts_leave_a_crystal(ranges in prop::collection::vec((0_usize..400, 0_usize..40), 0..6)) {
        let whole = crystal();
        let cuts: Vec<Cut> = ranges
            .into_iter()
            .map(|(from, long)| Cut { range: from..from + long, mark: "[x]".into() })
            .collect();
        let redacted = whole.redact(&cuts);
        prop_assert!(redacted.crystal.check(&[]).is_ok());
        prop_assert_eq!(redacted.fields.is_empty(), redacted.crystal == whole);
        let layout = whole.layout();
        let kept = layout.places.iter().filter(|(place, _)| !redacted.fields.contains(&place.field()));
        let text = redacted.crystal.text();
        for (_, at) in kept {
            prop_assert!(text.contains(layout.text.get(at.clone()).unwrap()));
        }
    }
}
