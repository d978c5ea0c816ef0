//! What was cut in two is put together, and escapes are undone.
//!
//! Cut by characters that nobody sees, by a line that goes on, by a string that is joined to the
//! next one. Only the neighbourhood of such places is made anew: the rest is scanned as it stands.

use crate::view::{Piece, Source};
use std::ops::Range;

/// How much around a place is made anew.
const AROUND: usize = 400;
/// The longest stretch between two strings that are joined.
const JOINT: usize = 96;
/// The last bytes of a view are looked at with this many behind them.
const LOOK: usize = 12;

/// A stretch that says something else than what is written: what it says, if anything.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seam {
    place: Range<usize>,
    says: Option<u8>,
}

/// Which places are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Cuts: nothing stands there.
    Cuts,
    /// Escapes: a byte stands there.
    Escapes,
}

/// A neighbourhood made anew: its bytes, where they come from, and how many places it holds.
pub(crate) struct Woven {
    pub(crate) bytes: Vec<u8>,
    pub(crate) source: Source,
    pub(crate) place: Range<usize>,
    pub(crate) seams: usize,
}

/// Every neighbourhood of `bytes` with such places, made anew one after the other.
pub(crate) fn woven(bytes: &[u8], kind: Kind) -> impl Iterator<Item = Woven> {
    let mut seams = seams(bytes, kind).peekable();
    std::iter::from_fn(move || {
        let first = seams.next()?;
        let start = first.place.start.saturating_sub(AROUND);
        let mut made =
            Woven { bytes: Vec::new(), source: Source::All(0..0), place: start..start, seams: 0 };
        let mut pieces = Vec::new();
        let mut next = Some(first);
        while let Some(seam) = next {
            made.plain(bytes, seam.place.start, &mut pieces);
            if let Some(byte) = seam.says {
                let each = (1, seam.place.len());
                pieces.push(Piece { inner: made.bytes.len(), outer: seam.place.start, each });
                made.bytes.push(byte);
            }
            made.place.end = seam.place.end;
            made.seams += 1;
            let near = made.place.end + AROUND;
            next = seams.next_if(|seam| seam.place.start < near);
        }
        let end = (made.place.end + AROUND).min(bytes.len());
        made.plain(bytes, end, &mut pieces);
        made.source = Source::Pieces(pieces);
        Some(made)
    })
}

impl Woven {
    /// Takes what stands there up to `end` as it is.
    fn plain(&mut self, bytes: &[u8], end: usize, pieces: &mut Vec<Piece>) {
        let text = bytes.get(self.place.end..end).unwrap_or_default();
        if !text.is_empty() {
            pieces.push(Piece { inner: self.bytes.len(), outer: self.place.end, each: (1, 1) });
            self.bytes.extend_from_slice(text);
        }
        self.place.end = self.place.end.max(end);
    }
}

/// Such places in order, none inside another.
fn seams(bytes: &[u8], kind: Kind) -> impl Iterator<Item = Seam> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            at += match kind {
                Kind::Cuts => rest.iter().position(|b| may_cut(*b))?,
                Kind::Escapes => memchr::memchr3(b'%', b'\\', b'&', rest)?,
            };
            let found = match kind {
                Kind::Cuts => cut(bytes, at).map(|width| (width, None)),
                Kind::Escapes => escape(bytes, at).map(|(width, byte)| (width, Some(byte))),
            };
            let Some((width, says)) = found else {
                at += 1;
                continue;
            };
            let place = at..at + width;
            at = place.end;
            return Some(Seam { place, says });
        }
    })
}

fn may_cut(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\' | 0xc2 | 0xcd | 0xe1 | 0xe2 | 0xef | 0xf3)
}

/// How many bytes at `at` are a cut.
fn cut(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    match rest {
        // Soft hyphen, grapheme joiner, vowel separator, zero width, word joiner, BOM, selectors.
        [0xc2, 0xad, ..] | [0xcd, 0x8f, ..] => Some(2),
        [0xe1, 0xa0, 0x8e, ..]
        | [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..]
        | [0xe2, 0x81, 0xa0..=0xaf, ..]
        | [0xef, 0xbb, 0xbf, ..]
        | [0xef, 0xb8, 0x80..=0x8f, ..] => Some(3),
        // Tags, which no font shows.
        [0xf3, 0xa0, 0x80..=0x81, _, ..] => Some(4),
        [b'\\', b'\r' | b'\n', ..] => line_goes_on(rest.get(1..)?).map(|width| width + 1),
        // Most quotes are followed by what no joint begins with.
        [b'\\', b'\\' | b'"' | b'\'' | b'`', ..]
        | [
            b'"' | b'\'' | b'`',
            b' ' | b'\t' | b'\n' | b'\r' | b'+' | b'.' | b'&' | b'|' | b'\\' | b'"' | b'\'' | b'`',
            ..,
        ] => joint(rest),
        _ => None,
    }
}

/// The end of a line behind a backslash, with the blanks that begin the next.
fn line_goes_on(after: &[u8]) -> Option<usize> {
    let width = match after {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    let rest = after.get(width..).unwrap_or_default();
    Some(width + rest.iter().take(JOINT).take_while(|b| matches!(b, b' ' | b'\t')).count())
}

/// The end of one string and the beginning of the next that is joined to it: `" + "`, `' . '`,
/// or nothing but blanks between them.
fn joint(rest: &[u8]) -> Option<usize> {
    let escapes = rest.iter().take(4).take_while(|b| **b == b'\\').count();
    let quote = *rest.get(escapes).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let rest = rest.get(..JOINT).unwrap_or(rest);
    let mut at = blanks(rest, escapes + 1);
    let sign = rest.get(at..)?;
    let width = match sign {
        [b'.', b'.', ..] | [b'|', b'|', ..] | [b'+', b'+', ..] => 2,
        [b'+' | b'.' | b'&' | b'\\', ..]
            if sign.get(1) != Some(&quote) || sign.first() != Some(&b'\\') =>
        {
            1
        }
        _ => 0,
    };
    at = blanks(rest, at + width);
    // The next may be of another kind than the first, and be marked as raw or as bytes.
    if at > escapes + 1 {
        let marks = rest.get(at..)?.iter().take(2);
        let mark = marks.take_while(|b| matches!(b, b'b' | b'r' | b'f' | b'u' | b'@')).count();
        at += if rest.get(at + mark).is_some_and(|b| matches!(b, b'"' | b'\'' | b'\\')) {
            mark
        } else {
            0
        };
    }
    let again = rest.get(at..)?.iter().take(4).take_while(|b| **b == b'\\').count();
    let next = *rest.get(at + again)?;
    let opens = if width > 0 { matches!(next, b'"' | b'\'' | b'`') } else { next == quote };
    // `""` is an empty string, unless it stands between two words: `"ab""cd"`.
    let inside = rest.get(at + again + 1).is_some_and(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'+' | b'=')
    });
    (opens && again == escapes && inside).then_some(at + again + 1)
}

/// Past blanks, ends of lines and their escapes.
fn blanks(rest: &[u8], mut at: usize) -> usize {
    loop {
        at += match rest.get(at..) {
            Some([b' ' | b'\t' | b'\n' | b'\r', ..]) => 1,
            Some([b'\\', b'n' | b't' | b'r', ..]) => 2,
            _ => return at,
        };
    }
}

/// How many bytes at `at` stand for which byte: `%41`, `\x41`, `\u0041`, `&#65;`, `\101`.
fn escape(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let rest = bytes.get(at..(at + LOOK).min(bytes.len()))?;
    let hex = |from: usize, count: usize| {
        let digits = rest.get(from..from + count)?;
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u8::from_str_radix(digits, 16).ok()
    };
    match rest {
        [b'%', ..] => hex(1, 2).map(|byte| (3, byte)),
        [b'\\', b'x', ..] => hex(2, 2).map(|byte| (4, byte)),
        [b'\\', b'u', b'{', ..] => {
            hex(3, 2).filter(|_| rest.get(5) == Some(&b'}')).map(|byte| (6, byte))
        }
        [b'\\', b'u', b'0', b'0', ..] => hex(4, 2).filter(u8::is_ascii).map(|byte| (6, byte)),
        [b'&', b'#', b'x' | b'X', ..] => {
            hex(3, 2).filter(|_| rest.get(5) == Some(&b';')).map(|byte| (6, byte))
        }
        [b'&', b'#', digits @ ..] => {
            let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let number = std::str::from_utf8(digits.get(..count)?).ok()?.parse::<u8>().ok()?;
            (digits.get(count) == Some(&b';')).then_some((count + 3, number))
        }
        [b'\\', a @ b'0'..=b'1', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            Some((4, (a - b'0') * 64 + (b - b'0') * 8 + (c - b'0')))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
