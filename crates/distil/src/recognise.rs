//! Which format a log has, by its beginning. Content decides, never a file's name.

use crate::{ClaudeCode, Importer, claude};

/// How much of a log's beginning is looked at, in bytes.
pub const RECOGNISE_BYTES: usize = 64 << 10;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Claude Code session or sub-agent log: a JSON object per line.
    ClaudeCode,
}

impl Format {
    /// The format's name, as it stands in a trace's source.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => claude::FORMAT,
        }
    }

    /// An importer for one log of this format.
    #[must_use]
    pub fn importer(self) -> Box<dyn Importer> {
        match self {
            Self::ClaudeCode => Box::new(ClaudeCode::default()),
        }
    }
}

/// Recognises a log by its first bytes; [`RECOGNISE_BYTES`] of them are enough. Lines that are
/// not JSON may come first. `None`: no log that is known here.
#[must_use]
pub fn recognise(first_bytes: &[u8]) -> Option<Format> {
    let window = first_bytes.get(..RECOGNISE_BYTES).unwrap_or(first_bytes);
    let known = window.split(|byte| *byte == b'\n').any(claude::is_record);
    known.then_some(Format::ClaudeCode)
}
