//! Reads one log of any format from its bytes, in chunks of any size, and hands its records to
//! the importer of the format. At most one record is held.

mod document;

use crate::{
    Format,
    run::{Importer, MAX_LINE, Run},
    tokens::Counting,
};
use artifact::ArtifactId;
use document::Document;

/// A log that is being read.
pub struct Log {
    importer: Box<dyn Importer>,
    cut: Cut,
}

/// How a log is cut into records.
enum Cut {
    Lines(Lines),
    Document(Document),
}

impl Log {
    /// Begins a log of this format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self::with(format, format.importer())
    }

    /// Begins a log of this format whose tokens are counted too, which takes longer.
    #[must_use]
    pub fn counting(format: Format) -> Self {
        Self::with(format, Box::new(Counting::new(format)))
    }

    fn with(format: Format, importer: Box<dyn Importer>) -> Self {
        let cut = match format.lists() {
            [] => Cut::Lines(Lines::default()),
            lists => Cut::Document(Document::new(lists, format.passed_over())),
        };
        Self { importer, cut }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.cut {
            Cut::Lines(lines) => lines.push(bytes, &mut *self.importer),
            Cut::Document(document) => document.push(bytes, &mut *self.importer),
        }
    }

    /// Ends the log; what was begun last counts as a record. `source` is the BLAKE3 of all its
    /// bytes.
    #[must_use]
    pub fn finish(mut self, source: ArtifactId) -> Run {
        match self.cut {
            Cut::Lines(lines) => lines.finish(&mut *self.importer),
            Cut::Document(document) => document.finish(&mut *self.importer),
        }
        self.importer.finish(source)
    }

    /// Reads a log that is held whole.
    #[must_use]
    pub fn read(format: Format, bytes: &[u8]) -> Run {
        let mut log = Self::new(format);
        log.push(bytes);
        log.finish(ArtifactId::of(bytes))
    }
}

/// Cuts a stream of bytes into lines, holding at most one of [`MAX_LINE`] bytes.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    /// Bytes of a line that is too long to be held; 0 when the line is held.
    skipped: u64,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], importer: &mut dyn Importer) {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            // A line that came in one piece is read where it lies.
            if self.partial.is_empty() && self.skipped == 0 && line.len() <= MAX_LINE {
                importer.record("", line);
            } else {
                self.add(line);
                self.end_line(importer);
            }
            rest = after.get(1..).unwrap_or_default();
        }
        if !rest.is_empty() {
            self.add(rest);
        }
    }

    fn add(&mut self, piece: &[u8]) {
        if self.skipped > 0 {
            self.skipped += piece.len() as u64;
        } else if self.partial.len() + piece.len() > MAX_LINE {
            self.skipped = (self.partial.len() + piece.len()) as u64;
            self.partial = Vec::new();
        } else {
            self.partial.extend_from_slice(piece);
        }
    }

    fn end_line(&mut self, importer: &mut dyn Importer) {
        if self.skipped > 0 {
            importer.oversized(self.skipped);
            self.skipped = 0;
        } else {
            importer.record("", &self.partial);
            self.partial.clear();
        }
    }

    /// A last line without its line break counts as a line.
    fn finish(mut self, importer: &mut dyn Importer) {
        if !self.partial.is_empty() || self.skipped > 0 {
            self.end_line(importer);
        }
    }
}

#[cfg(test)]
mod tests;
