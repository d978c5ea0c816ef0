//! What the importers have in common whose one scribe writes down all of a log: every record is
//! counted before it is read, and kept as unreadable when it cannot be.

use crate::{
    run::{Importer, Run},
    scribe::Scribe,
};
use artifact::ArtifactId;

/// An importer, as far as it differs from the others.
pub(crate) trait Scribed {
    /// The name of its format, as it stands in a trace's source.
    const NAME: &'static str;

    fn scribe(&mut self) -> &mut Scribe;

    /// Reads a record that is not blank, without the blanks around it. False when it cannot be read.
    fn read(&mut self, member: &str, bytes: &[u8]) -> bool;

    /// The end of the log: what was held back is written down.
    fn end(self) -> Scribe;
}

impl<T: Scribed> Importer for T {
    fn format(&self) -> &'static str {
        T::NAME
    }

    fn record(&mut self, member: &str, bytes: &[u8]) {
        if !self.scribe().next(bytes) {
            return;
        }
        let bytes = bytes.trim_ascii();
        if !self.read(member, bytes) {
            self.scribe().unreadable(bytes);
        }
    }

    fn oversized(&mut self, bytes: u64) {
        self.scribe().oversized(bytes);
    }

    fn finish(self: Box<Self>, source: ArtifactId) -> Run {
        self.end().finish(source)
    }
}
