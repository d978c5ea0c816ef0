//! Words: how paths, names and errors are cut into what is searched.

use super::*;
use proptest::prelude::*;

fn check(text: &str, wanted: &[&str]) {
    let mut got = Vec::new();
    terms(text, |term| got.push(term.to_owned()));
    assert_eq!(got, wanted, "{text}");
}

#[test]
fn identifiers_stand_whole_and_in_parts() {
    check("parseHTTPResponse_v2", &["parsehttpresponse_v2", "pars", "http", "respons", "v2"]);
    check("__init__ snake_case", &["init", "snake_case", "snak", "cas"]);
    check("E0277 utf8 sha256Sum", &["e0277", "utf8", "sha256sum", "sha256", "sum"]);
    check("XMLHttpRequest", &["xmlhttprequest", "xml", "http", "request"]);
}

#[test]
fn paths_stand_whole_and_in_parts() {
    check("at src/fooBar.rs:", &["at", "src/foobar.rs", "src", "foobar", "foo", "bar", "rs"]);
    check("std::io::Error", &["std::io::error", "std", "io", "error"]);
    check(r"C:\a\b.txt", &[r"c:\a\b.txt", "c", "a", "b", "txt"]);
    check("2.53.1", &["2.53.1", "2", "53", "1"]);
    check("--no-default well-known.", &["no", "default", "well", "known"]);
}

#[test]
fn forms_of_an_english_word_meet() {
    for forms in [
        "parse parses parsed parsing",
        "stop stops stopped stopping",
        "fix fixes fixed fixing",
        "fall falls falling",
        "tests tested testing",
    ] {
        let mut stems = Vec::new();
        terms(forms, |term| stems.push(term.to_owned()));
        let alike = |pair: &[String]| matches!(pair, [a, b] if a == b);
        assert!(stems.windows(2).all(alike), "{forms}: {stems:?}");
    }
    check("class status this string red", &["class", "status", "this", "string", "red"]);
}

#[test]
fn stopwords_are_known_by_their_stems() {
    for word in STOPWORDS.split_ascii_whitespace() {
        terms(word, |term| assert!(is_stopword(term), "{word}"));
    }
    assert!(!is_stopword("error"));
}

#[test]
fn unspaced_scripts_give_their_characters() {
    check("検索index化", &["検", "索", "index", "化"]);
    check("Größe поиск", &["größe", "поиск"]);
}

#[test]
fn noise_gives_nothing() {
    check(&"A".repeat(10_000), &[]);
    check(" \0\u{1b}[ _ ... -- :: \u{feff}", &[]);
}

proptest! {
    #[test]
    fn any_text_gives_short_lowercase_terms(text in any::<String>()) {
        terms(&text, |term| assert!(!term.is_empty() && term.len() <= 3 * MAX_RUN));
    }

    #[test]
    fn code_like_text_too(text in "[a-zA-Z0-9_./:@ éß検-]{0,300}") {
        terms(&text, |term| assert!(!term.is_empty() && term.len() <= 3 * MAX_RUN));
    }
}
