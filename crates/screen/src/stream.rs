//! Scanning what is larger than one scan reads: a window at a time, each finding once.

use crate::finding::{Finding, MAX_BYTES, scan};
use std::io::Read;

/// What stands so near to the end of a window is left to the next one: no finding is cut in two.
const LEFT: usize = 256 << 10;
/// What the next window sees of the last one: a value may hang on the name before it.
const BEFORE: usize = 4 << 10;

/// A finding in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met<'a> {
    /// What was found; its line and its bytes are counted in a window, and mean nothing here.
    pub finding: &'a Finding,
    /// The line it begins on, counted from 1.
    pub line: u64,
    /// Its first byte in the stream.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// Its bytes, as they stand there. They are not masked.
    pub bytes: &'a [u8],
}

/// Scans all that `input` gives and hands on each finding, in the order of the bytes. Gives how
/// many bytes there were. Holds some [`MAX_BYTES`] at a time, however many there are.
///
/// # Errors
/// When the input cannot be read; what was found until then was handed on.
pub fn scan_all(input: &mut dyn Read, each: impl FnMut(Met<'_>)) -> std::io::Result<u64> {
    by_windows(input, MAX_BYTES, each)
}

fn by_windows(
    input: &mut dyn Read,
    size: usize,
    mut each: impl FnMut(Met<'_>),
) -> std::io::Result<u64> {
    let mut window = Vec::new();
    // Where the window begins, the lines before it, and from where on findings are new.
    let (mut base, mut lines, mut new) = (0_u64, 0_u64, 0_u64);
    loop {
        let room = size.saturating_sub(window.len());
        let read = input.take(room as u64).read_to_end(&mut window)?;
        let last = read < room;
        let left = if last { 0 } else { LEFT.min(size / 4) };
        let until = base + window.len().saturating_sub(left) as u64;
        for finding in &scan(&window).findings {
            let (start, end) = (base + finding.start as u64, base + finding.end as u64);
            if start < new || start >= until && !last {
                continue;
            }
            new = end;
            let bytes = window.get(finding.start..finding.end).unwrap_or_default();
            each(Met { finding, line: lines + u64::from(finding.line), start, end, bytes });
        }
        if last {
            return Ok(base + window.len() as u64);
        }
        new = new.max(until);
        let gone = window.len().saturating_sub(left + BEFORE.min(size / 4));
        let passed = window.get(..gone).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        window.drain(..gone);
        base += gone as u64;
    }
}

#[cfg(test)]
mod tests;
