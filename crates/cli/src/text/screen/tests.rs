//! Rows and their sum, as a person reads them.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;

#[test]
fn a_row_says_where_what_and_how_little() {
    let token = format!("{}{}", "npm_", "x7Kq2Lm9Zp4Rt6Wv8Yb1Nc3Df5Gh0Js2Ua4Q");
    let report = screen::scan(token.as_bytes());
    let shown = row(14, report.findings.first().unwrap());
    assert_eq!(shown, "line     14  npm token                               npm_…Ua4Q");
}

#[test]
fn the_sum_is_one_sentence() {
    let sum =
        |secrets, personal, unread| summary(&Counts { bytes: 12_400, secrets, personal, unread });
    assert_eq!(sum(0, 0, 0), format!("Nothing found in {}.", bytes(12_400)));
    assert!(sum(1, 0, 0).starts_with("1 secret found in "));
    assert!(
        sum(2, 1, 0)
            .starts_with("2 secrets and 1 thing that tells of a person or a network found in ")
    );
    assert!(sum(0, 0, 2).ends_with(" 2 places were not looked through."));
}
