//! What a face is shown of earlier runs beyond their crystals.

use super::memory::CrystalRow;
use super::*;

views! {
    /// Which run wrote a line of a file.
    pub struct WhyView {
        /// The run; absent where no run that is kept here wrote the line.
        pub written: Option<WrittenView>,
        /// Runs that touched the file and were looked into, newest first.
        pub looked: u32,
        /// Runs that touched it and were not looked into, because there are too many.
        pub left: u32,
    }
    /// The edit that wrote a line, and its run.
    pub struct WrittenView {
        /// The run's crystal.
        pub crystal: CrystalRow,
        /// The agent.
        pub agent: String,
        /// The log's format and where it was read.
        pub source: String,
        /// The file, as the run's crystal names it.
        pub file: String,
        /// Line of the log on which the edit begins; 0 where the log was purged.
        #[ts(type = "number")]
        pub from: u64,
        /// Its last line.
        #[ts(type = "number")]
        pub to: u64,
        /// What the edit wrote.
        pub text: String,
        /// Whether the log was still here to be read: else only the crystal tells.
        pub from_log: bool,
        /// What had failed before it in that run, in order.
        pub failed: Vec<FailedRow>,
    }
    /// Something that failed.
    pub struct FailedRow {
        /// Line of the log.
        #[ts(type = "number")]
        pub line: u64,
        /// What was tried.
        pub tried: String,
        /// The error.
        pub error: String,
    }
    /// What a run, or a part of it, took. Nothing in it is estimated.
    pub struct CostView {
        /// What the agent said, thought and called.
        #[ts(type = "number")]
        pub steps: u64,
        /// Whether the log has times.
        pub timed: bool,
        /// Milliseconds between its entries, pauses over ten minutes left out.
        #[ts(type = "number")]
        pub millis: u64,
        /// Whether the log counts tokens.
        pub counted: bool,
        /// Tokens that the model read, cached or not.
        #[ts(type = "number")]
        pub read: u64,
        /// Tokens that it wrote.
        #[ts(type = "number")]
        pub written: u64,
    }
    /// What recall saved.
    pub struct SavedView {
        /// How often an agent said that what it recalled had helped.
        pub recalls: u32,
        /// How often that it was wrong.
        pub wrong: u32,
        /// How often that it was stale.
        pub stale: u32,
        /// What the runs behind those that helped had taken, each run once: the sum of the rows.
        pub total: CostView,
        /// Runs whose logs are not here, or have no times or tokens: they are in no sum.
        pub without: u32,
        /// Crystals that helped, the last one first.
        pub rows: Vec<SavedRow>,
    }
    /// A crystal that helped.
    pub struct SavedRow {
        /// The crystal.
        pub crystal: CrystalRow,
        /// The agents that said so.
        pub agents: Vec<String>,
        /// When one last did.
        #[ts(type = "number")]
        pub at: u64,
        /// What its run had taken; absent where its log is not here.
        pub cost: Option<CostView>,
    }
    /// Errors that more than one run met.
    pub struct RecurringView {
        /// All of them.
        pub total: u32,
        /// Those of most runs.
        pub rows: Vec<RecurringRow>,
    }
    /// An error that came again.
    pub struct RecurringRow {
        /// The error, without what varies between runs.
        pub error: String,
        /// The runs that met it, newest first.
        pub runs: Vec<MetRow>,
    }
    /// A run that met an error.
    pub struct MetRow {
        /// Its crystal.
        pub crystal: CrystalRow,
        /// How often it met it.
        pub times: u32,
        /// What it took from the error to its end; absent where the log was not read again.
        pub cost: Option<CostView>,
        /// Whether what had failed passed in that run.
        pub ended: bool,
        /// What passed; empty where nothing did.
        pub passed: String,
        /// The files that were edited until then.
        pub edited: Vec<String>,
    }
}
