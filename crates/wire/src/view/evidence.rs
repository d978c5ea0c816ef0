//! What a crystal stands on, and what it is written as for others to read.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// Each field of a crystal beside the lines of the log that it was distilled from.
    pub struct EvidenceView {
        /// The crystal's id.
        pub crystal: String,
        /// The trace's id.
        pub trace: String,
        /// The log's format.
        pub format: String,
        /// Where it was read.
        pub place: String,
        /// Lines of the log; records, of a log that is one document.
        #[ts(type = "number")]
        pub lines: u64,
        /// Those that could not be read, and those that were not understood.
        #[ts(type = "number")]
        pub odd: u64,
        /// In the order of the crystal.
        pub fields: Vec<EvidenceRow>,
    }
    /// One field, or one entry of it.
    pub struct EvidenceRow {
        /// Which, such as `fix.0`.
        pub field: String,
        /// What the crystal says there.
        pub says: String,
        /// First line of the log.
        #[ts(type = "number")]
        pub from: u64,
        /// Last line, included.
        #[ts(type = "number")]
        pub to: u64,
        /// What the log says there, cut short.
        pub evidence: String,
        /// Whether the log still says what the field was made from.
        pub holds: bool,
    }
    /// A crystal, or its trace, written in a form of others.
    pub struct ExportView {
        /// `skill` or `atif`.
        pub form: String,
        /// The whole text, secrets masked.
        pub text: String,
    }
}
