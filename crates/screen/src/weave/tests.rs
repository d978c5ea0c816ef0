//! What is put together, and what stays apart.
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;

fn check(text: &str, kind: Kind, says: &str) {
    let made: Vec<String> = woven(text.as_bytes(), kind)
        .map(|w| String::from_utf8_lossy(&w.bytes).into_owned())
        .collect();
    assert_eq!(made.concat(), says, "{text}");
}

#[test]
fn cuts_go() {
    for cut in [
        "\u{200b}",
        "\u{ad}",
        "\u{2060}",
        "\u{feff}",
        "\u{e0020}",
        "\\\n   ",
        "\" + \"",
        "\"\n \"",
        "\" .. \"",
        "\"\"",
        "\" + b\"",
    ] {
        check(&format!("x = \"ab{cut}cd\""), Kind::Cuts, "x = \"abcd\"");
    }
    check(r#"{\"a\": \"ab\" + \"cd\"}"#, Kind::Cuts, r#"{\"a\": \"abcd\"}"#);
}

#[test]
fn what_is_no_cut_stays() {
    for text in [
        "f(\"a\", \"b\")",
        "x = \"\"",
        "[\"a\",\"b\"]",
        "it's a dog's",
        "{\"a\": \"b\"}",
        "a \\ b",
        "plain",
    ] {
        check(text, Kind::Cuts, "");
    }
}

#[test]
fn escapes_are_undone() {
    check("%41b%43", Kind::Escapes, "AbC");
    check(r"\x41\u0042&#67;&#x44;\105", Kind::Escapes, "ABCDE");
    check("100 % of \\n \\u00", Kind::Escapes, "");
}

#[test]
fn only_the_neighbourhood_is_made_anew() {
    let text = format!("{}%41{}", "x".repeat(5_000), "y".repeat(5_000));
    let made: Vec<_> = woven(text.as_bytes(), Kind::Escapes).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].bytes.len(), 2 * AROUND + 1);
    assert_eq!(made[0].source.outer(AROUND..AROUND + 1), 5_000..5_003);
}
