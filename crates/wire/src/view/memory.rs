//! What a face is shown of memory: crystals in lists, one crystal, the trace behind it.

use super::*;

views! {
    /// A page of crystals.
    pub struct MemoryPage {
        /// All that match.
        pub total: u32,
        /// This page.
        pub rows: Vec<CrystalRow>,
        /// Heads of peers that match and whose bodies are not here.
        pub heads: u32,
        /// Whether a text was looked for by its words alone: there is no model here.
        pub by_words: bool,
    }
    /// One crystal in a list.
    pub struct CrystalRow {
        /// Its id.
        pub id: String,
        /// Three words of it.
        pub words: String,
        /// Title.
        pub title: String,
        /// The first of its problem.
        pub problem: String,
        /// How it ended.
        pub outcome: String,
        /// The repository's name; may be empty.
        pub repo: String,
        /// `mine` or `peer`.
        pub origin: String,
        /// The peer's name; empty when mine.
        pub peer: String,
        /// The end of its run.
        #[ts(type = "number")]
        pub at: u64,
        /// Bytes of the envelope.
        #[ts(type = "number")]
        pub size: u64,
        /// With how many people it is shared; public counts as one more.
        pub shared: u32,
        /// When its giver withdrew it; 0 while it is given. Agents are not given it any more.
        #[ts(type = "number")]
        pub withdrawn: u64,
    }
    /// A step of a fix.
    pub struct FixRow {
        /// `command` or `edit`.
        pub kind: String,
        /// The file, of an edit.
        pub file: String,
        /// The command, or what was written.
        pub text: String,
    }
    /// From a field of the crystal to lines of the log.
    pub struct Anchor {
        /// `title`, `problem`, `fix.0`, …
        pub field: String,
        /// First line, from 1.
        #[ts(type = "number")]
        pub from: u64,
        /// Last line.
        #[ts(type = "number")]
        pub to: u64,
    }
    /// Who may have, or has, a crystal of mine.
    pub struct Receiver {
        /// The name, or `anyone`.
        pub name: String,
        /// The receipt's id.
        pub receipt: String,
        /// `share-private` or `share-public`.
        pub act: String,
        /// When it was consented to.
        #[ts(type = "number")]
        pub at: u64,
        /// Whether this peer was told its head.
        pub told: bool,
        /// Whether it was delivered whole.
        pub delivered: bool,
    }
    /// One crystal.
    pub struct CrystalView {
        /// As in the list.
        pub row: CrystalRow,
        /// How its run ended by the rule of distillation, as the signed crystal says: the row has
        /// the human's word where there is one.
        pub distilled: String,
        /// When the human said how it ended; 0 where the rule's word stands.
        #[ts(type = "number")]
        pub judged: u64,
        /// What was asked, and what stood in the way.
        pub problem: String,
        /// What solved it.
        pub fix: Vec<FixRow>,
        /// Commands that show it, with their exit status.
        pub checks: Vec<String>,
        /// What did not work: tried, and the error.
        pub dead_ends: Vec<FixRow>,
        /// What was learnt.
        pub lesson: Vec<String>,
        /// Operating system; may be empty.
        pub os: String,
        /// Tools.
        pub tools: Vec<String>,
        /// Files touched.
        pub files: Vec<String>,
        /// The author's key, in hex.
        pub author: String,
        /// Whether the trace is here.
        pub has_trace: bool,
        /// When its trace was purged; 0 where it was not.
        #[ts(type = "number")]
        pub trace_purged: u64,
        /// The log's format and where it was read; empty for a peer's.
        pub source: String,
        /// The anchors.
        pub anchors: Vec<Anchor>,
        /// With whom it is shared.
        pub receivers: Vec<Receiver>,
        /// Of a peer's: its receipt's id; empty when mine.
        pub receipt: String,
        /// Commitments to evidence.
        pub evidence: u32,
    }
    /// Steps of a trace.
    pub struct TracePage {
        /// All steps.
        pub total: u32,
        /// This page.
        pub steps: Vec<StepRow>,
    }
    /// One step.
    pub struct StepRow {
        /// Its number, from 0.
        pub n: u32,
        /// Line of the log, from 1.
        #[ts(type = "number")]
        pub line: u64,
        /// `ask`, `say`, `think`, `call`, `result` or `note`.
        pub kind: String,
        /// The tool's name, or the record's type.
        pub name: String,
        /// Whether it says that it failed.
        pub failed: bool,
        /// The text.
        pub text: String,
        /// Bytes of the whole text.
        #[ts(type = "number")]
        pub bytes: u64,
    }
}
