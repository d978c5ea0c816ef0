//! What is written in base64 or hex, or compressed: found and undone.
//!
//! Both alphabets of base64 are read, with and without padding, broken into lines as programs
//! break it, and from whichever of four characters it begins at behind others that look alike.
//! It does not know whether what comes out means anything.

use crate::view::{Piece, Source};
use data_encoding::{Encoding, HEXLOWER_PERMISSIVE, Specification};
use std::{borrow::Cow, io::Read, ops::Range, sync::LazyLock};

/// The shortest run of base64 that can hold a secret worth the name: 15 bytes.
const SHORTEST: usize = 20;
/// The same of hex: 16 bytes.
const SHORTEST_HEX: usize = 32;
/// The least that a line holds that is followed by another one.
const LINE: usize = 40;
/// Longer runs are read from their first character only.
const SHIFTED: usize = 4_096;
/// The least of readable characters in a row that make it worth looking at: three whole groups
/// of base64, wherever they begin.
const READABLE: usize = 12;

/// Lines of characters that belong together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) lines: Vec<Range<usize>>,
}

impl Run {
    pub(crate) fn whole(&self) -> Range<usize> {
        let start = self.lines.first().map_or(0, |line| line.start);
        start..self.lines.last().map_or(start, |line| line.end)
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let part = |line: &Range<usize>| bytes.get(line.clone()).unwrap_or_default();
        match self.lines.as_slice() {
            [line] => Cow::Borrowed(part(line)),
            lines => lines.iter().flat_map(part).copied().collect(),
        }
    }

    /// Where each `each.1` of the characters from `skip` on became `each.0` bytes.
    fn source(&self, skip: usize, each: (usize, usize)) -> Source {
        let (mut pieces, mut seen) = (Vec::new(), 0);
        for line in &self.lines {
            let ahead = skip.saturating_sub(seen).min(line.len());
            let inner = (seen + ahead).saturating_sub(skip) / each.1 * each.0;
            pieces.push(Piece { inner, outer: line.start + ahead, each });
            seen += line.len();
        }
        Source::Pieces(pieces)
    }
}

fn in_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Both alphabets at once; what is left over at the end is none of our business.
static BASE64: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    form.translate.from.push_str("-_");
    form.translate.to.push_str("+/");
    form.check_trailing_bits = false;
    form.encoding().ok()
});

/// Every run of `bytes`, in order.
pub(crate) fn runs(bytes: &[u8]) -> impl Iterator<Item = Run> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let lines = wrapped(bytes, long(bytes, at)?);
        at = lines.last()?.end;
        Some(Run { lines })
    })
}

/// The first run from `at` on that is long enough. Looks at the place where such a run would end:
/// in most texts none of what is before has to be read.
fn long(bytes: &[u8], mut at: usize) -> Option<Range<usize>> {
    loop {
        let seen = bytes.get(at..at + SHORTEST)?;
        let reach = seen.iter().rev().take_while(|b| in_run(**b)).count();
        if reach == SHORTEST {
            return Some(at..at + reach + length(bytes, at + reach));
        }
        at += SHORTEST - reach;
    }
}

fn length(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|b| in_run(**b)).count()
}

/// The lines that go on with `first`: as long as it, and the last one at most so.
fn wrapped(bytes: &[u8], first: Range<usize>) -> Vec<Range<usize>> {
    let width = first.len();
    let mut lines = vec![first];
    while let Some(last) = lines.last().cloned()
        && width >= LINE
        && width.is_multiple_of(4)
        && last.len() == width
        && let Some(start) = next_line(bytes, last.end)
    {
        let count = length(bytes, start).min(width);
        if count == 0 {
            break;
        }
        lines.push(start..start + count);
    }
    lines
}

/// Where the line behind a line's end begins, its indent and marks skipped.
fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let breaks = [&b"\r\n"[..], b"\n", b"\\r\\n", b"\\n"];
    let width = breaks.iter().find(|line| rest.starts_with(line))?.len();
    let indent =
        rest.get(width..)?.iter().take(16).take_while(|b| matches!(b, b' ' | b'\t' | b'>'));
    Some(at + width + indent.count())
}

/// What `run` may say, each with where it comes from.
pub(crate) fn undone(bytes: &[u8], run: &Run) -> Vec<(Vec<u8>, Source)> {
    let text = run.text(bytes);
    let hex = text.len() - text.len() % 2;
    if text.len() >= SHORTEST_HEX && text.iter().all(u8::is_ascii_hexdigit) {
        let plain = text.get(..hex).and_then(|text| HEXLOWER_PERMISSIVE.decode(text).ok());
        return plain
            .into_iter()
            .filter(|p| promising(p))
            .map(|p| (p, run.source(0, (1, 2))))
            .collect();
    }
    let Some(base64) = BASE64.as_ref() else { return Vec::new() };
    let most = if text.len() <= SHIFTED { 4 } else { 1 };
    let mut all = Vec::new();
    for skip in 0..most {
        let rest = text.get(skip..).unwrap_or_default();
        if !may_say(rest) {
            continue;
        }
        // One character alone is six bits of nothing.
        let even = rest.len() - usize::from(rest.len() % 4 == 1);
        let plain = rest.get(..even).and_then(|rest| base64.decode(rest).ok());
        if let Some(plain) = plain.filter(|plain| promising(plain)) {
            all.push((plain, run.source(skip, (3, 4))));
        }
    }
    all
}

/// Whether base64 may say anything that can be read, or is compressed, as far as the first of each
/// four characters tells: the upper bits of what can be read, or of a tab or a line's end.
fn may_say(base64: &[u8]) -> bool {
    let mut row = 0;
    let mut groups = base64.iter().step_by(4);
    matches!(base64, [b'H', b'4', b's', ..] | [b'e', b'A' | b'F' | b'J' | b'N', ..])
        || groups.any(|b| {
            row = if matches!(b, b'I'..=b'Z' | b'a'..=b'f' | b'C') { row + 1 } else { 0 };
            row >= READABLE / 4
        })
}

/// Whether bytes hold anything that can be read, or are compressed.
fn promising(plain: &[u8]) -> bool {
    let mut row = 0;
    packed(plain)
        || plain.iter().any(|b| {
            row = if (b' '..=b'~').contains(b) || matches!(b, b'\n' | b'\t') { row + 1 } else { 0 };
            row >= READABLE
        })
}

/// Whether nearly all of it can be read: then it is a text, and no accident.
pub(crate) fn is_text(plain: &[u8]) -> bool {
    let read =
        plain.iter().filter(|b| **b >= b' ' && **b != 0x7f || b.is_ascii_whitespace()).count();
    std::str::from_utf8(plain).is_ok() && read * 20 >= plain.len() * 19
}

/// Whether bytes begin as gzip or zlib does.
pub(crate) fn packed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1f, 0x8b, 8, ..] | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// Where gzip begins at `from` or behind it.
pub(crate) fn gzip(bytes: &[u8], from: usize) -> Option<usize> {
    Some(from + memchr::memmem::find(bytes.get(from..)?, &[0x1f, 0x8b, 8])?)
}

/// What was unpacked.
pub(crate) struct Unpacked {
    pub(crate) plain: Vec<u8>,
    /// How many bytes were read for it.
    pub(crate) read: usize,
    /// Whether that is all of it.
    pub(crate) whole: bool,
}

/// What `bytes` unpack to, at most `most` of it: nothing when they are no such thing.
pub(crate) fn unpacked(bytes: &[u8], most: usize) -> Unpacked {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    let mut rest = bytes;
    // What is cut off or damaged says what it says up to there.
    let _whole = if bytes.first() == Some(&0x1f) {
        flate2::bufread::GzDecoder::new(&mut rest).take(limit).read_to_end(&mut plain)
    } else {
        flate2::bufread::ZlibDecoder::new(&mut rest).take(limit).read_to_end(&mut plain)
    };
    let whole = plain.len() <= most;
    plain.truncate(most);
    Unpacked { plain, read: bytes.len() - rest.len(), whole }
}

#[cfg(test)]
mod tests;
