//! Where the body of an armoured private key ends.
//!
//! A body is lines of base64 between what logs put around lines: quotes and escapes, `+` and
//! `-` of a diff, line numbers. A header with no such body (in code, in prose) is no key, and
//! a body that is cut off before its END line is one.

/// Base64 characters in a row that make a line of a body.
const LONG_RUN: usize = 16;
/// Short runs in a row that are still taken for a body's last line, checksum, line numbers.
const SHORT_RUNS: usize = 5;
/// The most bytes of armour headers (`Version:`, `Proc-Type:`) skipped before the body.
const MAX_HEADERS: usize = 1_024;

/// The end of the key whose BEGIN line ends at `at`, its END line included where it has one;
/// `None` when no body follows.
pub(crate) fn body_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut cursor = skip_headers(bytes, at);
    let (mut solid, mut short) = (None, 0);
    loop {
        cursor = skip_between(bytes, cursor);
        if let Some(end) = end_line(bytes, cursor) {
            return solid.and(Some(end));
        }
        let run = count(bytes, cursor, in_base64);
        cursor += run;
        match run {
            0 => return solid,
            LONG_RUN.. => {
                solid = Some(cursor);
                short = 0;
            }
            // Before the first long line only a line number may stand.
            _ if solid.is_none() && count(bytes, cursor - run, |b| b.is_ascii_digit()) < run => {
                return None;
            }
            _ => {
                short += 1;
                if short > SHORT_RUNS {
                    return solid;
                }
            }
        }
    }
}

fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn count(bytes: &[u8], from: usize, holds: impl Fn(u8) -> bool) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|b| holds(**b)).count()
}

/// Skips what may stand between two lines: white space, quotes, escapes, marks of a diff, and
/// the arrow that agents print after a line number.
fn skip_between(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match rest {
            [b'\\', b'n' | b'r' | b't', ..] => 2,
            // A diff's mark before the dashes of the END line.
            [b'-', b'-', b'-', b'-', b'-', b'-', ..] => 1,
            [b'-', b'-', b'-', b'-', b'-', ..] => return at,
            [0xe2, 0x86, 0x92, ..] => 3,
            [b'+', next, ..] if !in_base64(*next) => 1,
            [b'\\' | b'"' | b'\'' | b',' | b'-' | b'>' | b'|' | b'#' | b'*', ..] => 1,
            [b, ..] if b.is_ascii_whitespace() => 1,
            _ => return at,
        };
    }
}

fn skip_headers(bytes: &[u8], at: usize) -> usize {
    let limit = at + MAX_HEADERS;
    let bytes = bytes.get(..limit).unwrap_or(bytes);
    let mut cursor = at;
    loop {
        let name = skip_between(bytes, cursor);
        let colon = name + count(bytes, name, |b| b.is_ascii_alphanumeric() || b == b'-');
        if colon == name || bytes.get(colon) != Some(&b':') {
            break;
        }
        cursor = colon + count(bytes, colon, |b| !matches!(b, b'\n' | b'\r' | b'\\'));
    }
    if cursor < limit { cursor } else { at }
}

/// The end of a line `-----END … -----` that begins at `at`.
fn end_line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(b"-----END ")?;
    let label = rest.iter().take(64).take_while(|b| **b != b'-').count();
    rest.get(label..)?.starts_with(b"-----").then_some(at + 9 + label + 5)
}

#[cfg(test)]
mod tests;
