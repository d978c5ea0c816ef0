//! Bytes that were made out of others, and where in these each of them comes from.

use std::ops::Range;

/// A stretch of a view: each `each.0` bytes of it, from `inner` on, were `each.1` bytes outside,
/// from `outer` on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) inner: usize,
    pub(crate) outer: usize,
    pub(crate) each: (usize, usize),
}

/// Where the bytes of a view come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// Stretches in order, which may leave bytes of the outer text out.
    Pieces(Vec<Piece>),
    /// Every byte from all of a range: it was compressed.
    All(Range<usize>),
}

/// Bytes, and the view they were made of. None for what is scanned itself.
pub(crate) struct View<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) from: Option<(&'a View<'a>, Source)>,
}

impl View<'_> {
    /// Which bytes of what is scanned `range` of this view stands for.
    pub(crate) fn outermost(&self, range: Range<usize>) -> Range<usize> {
        match &self.from {
            None => range,
            Some((outer, source)) => outer.outermost(source.outer(range)),
        }
    }
}

impl Source {
    /// The bytes of the view outside that became `range`.
    pub(crate) fn outer(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::All(all) => all.clone(),
            Self::Pieces(pieces) => {
                let place = |at: usize, past: usize| {
                    let next = pieces.partition_point(|piece| piece.inner <= at);
                    let piece = next.checked_sub(1).and_then(|n| pieces.get(n));
                    piece.map_or(0, |piece| {
                        let (inner, outer) = piece.each;
                        piece.outer + (at - piece.inner) / inner.max(1) * outer + outer * past
                    })
                };
                let start = place(range.start, 0);
                start..place(range.end.saturating_sub(1), 1).max(start)
            }
        }
    }

    /// Whether `range` was written otherwise outside: something was taken out or undone in it.
    pub(crate) fn altered(&self, range: Range<usize>) -> bool {
        self.outer(range.clone()).len() != range.len()
    }
}

#[cfg(test)]
mod tests;
