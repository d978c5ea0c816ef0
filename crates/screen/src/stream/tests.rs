//! Windows: what they find is what one look at all of it finds.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;

type Row = (&'static str, u64, u64, u64);

fn found(bytes: &[u8], size: usize) -> (Vec<Row>, u64) {
    let mut rows = Vec::new();
    let read = by_windows(&mut &bytes[..], size, |met| {
        let (start, end) = (usize::try_from(met.start).unwrap(), usize::try_from(met.end).unwrap());
        assert_eq!(Some(met.bytes), bytes.get(start..end));
        rows.push((met.finding.rule, met.line, met.start, met.end));
    });
    (rows, read.unwrap())
}

#[test]
fn windows_find_what_one_look_finds() {
    let token = format!("{}{}", "npm_", "x7Kq2Lm9Zp4Rt6Wv8Yb1Nc3Df5Gh0Js2Ua4Q");
    let line = format!("an ordinary line before it\nkey: {token}\nwrite to ada@lovelace.org\n");
    let text = line.repeat(40);
    let (whole, read) = found(text.as_bytes(), 1 << 20);
    assert_eq!((whole.len(), read), (80, text.len() as u64));
    assert_eq!(whole.first().map(|row| (row.0, row.1)), Some(("npm-token", 2)));
    for size in [600, 1_000, 1_777, 4_096] {
        assert_eq!(found(text.as_bytes(), size).0, whole, "{size}");
    }
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(found(b"", 1_000), (Vec::new(), 0));
    assert_eq!(found(&[b'\n'; 5_000], 1_000).0, []);
}
