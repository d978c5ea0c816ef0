//! Layers, and the budget they are paid from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use crate::{
    rules::tests::{ALNUM, noise},
    scan,
};
use data_encoding::BASE64;
use std::io::Write;

fn token() -> String {
    format!("{}{}", "npm_", noise(ALNUM, 36))
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

fn layers(text: &str, count: usize) -> String {
    (0..count).fold(text.to_owned(), |text, _| BASE64.encode(text.as_bytes()))
}

#[test]
fn three_layers_are_undone_and_a_fourth_is_said() {
    let text = format!("the token is {}", token());
    for count in 1..=LAYERS {
        let hidden = format!("x: {} y", layers(&text, count));
        let report = scan(hidden.as_bytes());
        assert_eq!(report.findings.len(), 1, "{count}: {report:?}");
        let found = &report.findings[0];
        assert_eq!((found.rule, report.spent), ("npm-token", false), "{count}");
        assert!(found.start >= 3 && found.end <= hidden.len() - 2, "{found:?}");
        assert!(found.masked.starts_with("npm_…"), "{found:?}");
    }
    let report = scan(format!("x: {} y", layers(&text, LAYERS + 1)).as_bytes());
    assert!(report.spent);
    assert_eq!(report.findings[0].class, Class::Unread);
}

#[test]
fn what_unpacks_to_too_much_is_said() {
    let report = scan(&packed(&vec![b' '; UNPACKED + 1]));
    assert!(report.spent);
    assert_eq!(report.findings.iter().map(|f| f.class).collect::<Vec<_>>(), [Class::Unread]);
    assert!(!scan(&packed(&vec![b' '; UNPACKED])).spent);
}

#[test]
fn a_spent_budget_is_a_finding_where_it_was_spent() {
    let bomb = packed(&vec![b' '; UNPACKED]);
    let report = scan(&[bomb.as_slice(), b"\n"].concat().repeat(MADE / UNPACKED + 2));
    assert!(report.spent);
    assert!(report.findings.iter().all(|f| f.class == Class::Unread));
    assert!(report.findings[0].start > bomb.len(), "what was paid for was looked through");
}

#[test]
fn findings_of_one_blob_stand_apart_where_the_code_allows() {
    let text = format!("{}\n{}\n{}", token(), "an ordinary line between them", token());
    let report = scan(BASE64.encode(text.as_bytes()).as_bytes());
    assert_eq!(report.findings.iter().map(|f| f.rule).collect::<Vec<_>>(), ["npm-token"; 2]);
}

#[test]
fn every_hostile_repetition_of_layers_ends() {
    for piece in [
        "%41",
        "\\x41",
        "\" + \"",
        "\u{200b}",
        "QUFB",
        "41",
        "\u{1f}\u{8b}\u{8}",
        "eyJhIjoi",
        "\\u0041\"\"",
        "password='",
        "x://a:b",
        "'''\\\n",
    ] {
        let report = scan(piece.repeat((1 << 19) / piece.len()).as_bytes());
        assert!(report.findings.len() <= crate::MAX_FINDINGS, "{piece}");
    }
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0].repeat(20_000);
    drop(scan(&gzip));
}
