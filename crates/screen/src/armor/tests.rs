//! Private keys in armour: whole, cut, indented, and things that only look like one.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use crate::{
    mask,
    rules::tests::{ALNUM, armor, noise},
    scan,
};

/// What is left of `text` after masking.
fn check(text: &str, masked: &str) {
    assert_eq!(mask(text), masked, "{text}");
}

#[test]
fn a_key_goes_with_its_whole_body_however_a_log_wraps_it() {
    let key = armor("RSA PRIVATE KEY");
    let want = "a -----BEGIN RSA PRIVATE KEY----- … b";
    check(&format!("a {key} b"), want);
    check(&format!("a {} b", key.replace('\n', "\r\n")), want);
    check(&format!("a {} b", key.replace('\n', r"\n")), want);
    check(&format!("a {} b", key.replace('\n', r"\\n")), want);
    check(&format!("a {} b", key.replace('\n', "\n+")), want);
    check(&format!("a {} b", key.replace('\n', "\n-")), want);
    check(&format!("a {} b", key.replace('\n', "\n> ")), want);
    check(&format!("a {} b", key.replace('\n', "\\n\" +\n    \"")), want);
    let lines = key.lines().enumerate().map(|(n, line)| format!("{:>6}→{line}", n + 7));
    let numbered = lines.collect::<Vec<_>>().join("\n");
    let numbered = numbered.trim_start_matches("     7→");
    check(&format!("a {numbered} b"), want);
}

#[test]
fn armour_headers_belong_to_the_key() {
    let headers = "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n";
    let key = armor("RSA PRIVATE KEY").replacen("-----\n", headers, 1);
    check(&key, "-----BEGIN RSA PRIVATE KEY----- …");
    let key = armor("PGP PRIVATE KEY BLOCK").replacen("-----\n", "-----\nVersion: G v2\n\n", 1);
    let key = key.replacen("==\n", "==\n=aB3d\n", 1);
    check(&key, "-----BEGIN PGP PRIVATE KEY BLOCK----- …");
}

#[test]
fn a_key_without_its_end_is_still_a_key() {
    let begin = format!("-----BEGIN {}", "PRIVATE KEY-----");
    let line = noise(ALNUM, 64);
    check(&format!("{begin}\n{line}\n{line}"), "-----BEGIN PRIVATE KEY----- …");
    let prose = "\nand this went on.";
    check(&format!("{begin}\n{line}{prose}"), &format!("-----BEGIN PRIVATE KEY----- …{prose}"));
}

#[test]
fn a_header_alone_is_no_key() {
    let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
    for text in [
        format!("if line == \"{begin}\" {{ start(); }} // until {end}"),
        format!("{begin} … {end}"),
        format!("{begin}\n{end}"),
        format!("{begin}\n(40 lines of internationalizationally long words)\n{end}"),
        armor("PUBLIC KEY"),
        armor("CERTIFICATE"),
        armor("PGP MESSAGE"),
    ] {
        assert_eq!(scan(text.as_bytes()).findings, [], "{text}");
    }
}
