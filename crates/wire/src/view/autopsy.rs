//! What a face is shown of secrets in kept logs.

use super::*;

views! {
    /// Secrets that stand in some of the kept logs.
    pub struct AutopsyView {
        /// In the order of the logs.
        pub found: Vec<RecordedRow>,
        /// Secrets that are not told, because one log holds too many.
        pub untold: u32,
        /// Logs that were looked through.
        pub looked: u32,
        /// Their bytes.
        #[ts(type = "number")]
        pub bytes: u64,
        /// Kept logs in all.
        pub total: u32,
        /// To be named in the next query, which goes on behind these; empty at the end.
        pub next: String,
    }
    /// A secret in a log.
    pub struct RecordedRow {
        /// The scanner's rule.
        pub rule: String,
        /// What it is, for people.
        pub label: String,
        /// The value, masked.
        pub masked: String,
        /// The same for the same secret, until the node stops. It tells nothing of it.
        pub same: String,
        /// Line of the log.
        #[ts(type = "number")]
        pub line: u64,
        /// The log, by its trace.
        pub trace: String,
        /// Where it was read.
        pub place: String,
        /// The agent that wrote it.
        pub agent: String,
        /// The end of the run.
        #[ts(type = "number")]
        pub at: u64,
    }
}
