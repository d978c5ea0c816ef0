//! What the node tells by itself: that something changed.

use consent::AskId;

/// How an import stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Job {
    /// Its number since the start of the node.
    pub id: u64,
    /// The file being read.
    pub file: String,
    /// Files done, and files in all.
    pub files: (u32, u32),
    /// Bytes read, and bytes in all.
    pub bytes: (u64, u64),
    /// New traces.
    pub traces: u32,
    /// New crystals.
    pub crystals: u32,
    /// Files that were here already.
    pub known: u32,
    /// Files that are no agent logs.
    pub skipped: u32,
    /// Logs in which nothing was asked.
    pub empty: u32,
    /// Lines that are kept but were not understood.
    pub odd_lines: u64,
    /// What failed, one sentence each.
    pub failures: Vec<String>,
    /// Whether it still runs, and how it ended.
    pub phase: JobPhase,
}

/// The phases of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum JobPhase {
    /// It runs.
    #[default]
    Running,
    /// It came to its end.
    Finished,
    /// The human stopped it.
    Cancelled,
    /// Not one file could be read.
    Failed,
}

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An ask was made and waits.
    Asked {
        /// Which.
        ask: AskId,
        /// Whether its agent is muted: it is not to come up by itself.
        quiet: bool,
    },
    /// An ask reached a final state, named by its word.
    Settled(AskId, &'static str),
    /// The human wants to see this prompt.
    Review(AskId),
    /// Crystals were added.
    Memory,
    /// A peer came, went or was pinned, or what was given and taken changed.
    Peers,
    /// Agents, keys or settings changed.
    Settings,
    /// An import moved on.
    Job(Job),
    /// Another start of the app wants this window.
    Raise,
}
