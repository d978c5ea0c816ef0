//! Masking: secrets go, everything else stays as it was.

use crate::{
    mask,
    rules::tests::{ALNUM, noise},
};

fn check(text: &str, masked: &str) {
    assert_eq!(mask(text), masked);
    assert_eq!(mask(masked), masked);
}

#[test]
fn secrets_go_and_the_rest_stays() {
    let body = noise(ALNUM, 48);
    let tail = body.get(44..).unwrap_or_default();
    check(&format!("a sk-{body} b"), &format!("a sk-…{tail} b"));
    check("ada@lovelace.org says grüß", "ada@lovelace.org says grüß");
    check("", "");
}

#[test]
fn all_of_a_long_text_is_masked() {
    let token = format!("{}{}", "npm_", noise(ALNUM, 36));
    let text = format!("{}{}{token}", format!("{token} ").repeat(3_000), " ".repeat(9 << 20));
    assert!(!mask(&text).contains(&token));
}
