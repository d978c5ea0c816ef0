//! The engine: every rule compiles, and has its anchors.

use super::*;

#[test]
fn every_rule_compiles() {
    assert_eq!(ENGINE.as_ref().map(|engine| engine.patterns.len()), Some(RULES.len()));
}

#[test]
fn entropy_is_in_bits_a_byte() {
    for (text, bits) in [("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("", 0.0)] {
        assert!((entropy(text.as_bytes()) - bits).abs() < 1e-6, "{text}");
    }
}
