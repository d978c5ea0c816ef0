//! What the node tells a face by itself: that something changed. The face then looks again.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How an import stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JobState {
    /// The job.
    #[ts(type = "number")]
    pub job: u64,
    /// The file being read.
    pub file: String,
    /// Files done.
    pub done: u32,
    /// Files in all.
    pub files: u32,
    /// Bytes read so far.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes in all.
    #[ts(type = "number")]
    pub total: u64,
    /// New traces.
    pub traces: u32,
    /// New crystals.
    pub crystals: u32,
    /// Files that were here already.
    pub known: u32,
    /// Files that are no agent logs.
    pub skipped: u32,
    /// Logs in which nothing was asked: kept, without a crystal.
    pub empty: u32,
    /// Links that were not followed.
    pub links: u32,
    /// Lines that are not in the form of their log; kept byte for byte.
    #[ts(type = "number")]
    pub malformed: u64,
    /// Lines of a kind that is not known; kept byte for byte.
    #[ts(type = "number")]
    pub unknown: u64,
    /// Lines longer than one that is read; kept byte for byte.
    #[ts(type = "number")]
    pub oversized: u64,
    /// Logs that could not be read, and folders that were not looked into.
    pub failed: u32,
    /// What is said of the first 20 that failed.
    pub failures: Vec<String>,
    /// What is said of the first 20 that are no agent logs, or links.
    pub skips: Vec<String>,
    /// `running`, `finished`, `cancelled` or `failed`.
    pub state: String,
}

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "notice", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Notice {
    /// An ask was made and waits.
    Asked {
        /// The ask.
        ask: String,
        /// Whether its agent is muted: it is not to come up by itself.
        quiet: bool,
    },
    /// An ask reached a final state.
    Settled {
        /// The ask.
        ask: String,
        /// The state.
        state: String,
    },
    /// The human wants to see this prompt.
    Review {
        /// The ask.
        ask: String,
    },
    /// Crystals were added.
    Memory {},
    /// A peer came, went or was pinned, or what was given and taken changed.
    Peers {},
    /// Agents, keys or settings changed.
    Settings {},
    /// A rule was not what the human signed for: it is ignored, and ended.
    Altered {},
    /// An import moved on.
    Job {
        /// How it stands.
        state: JobState,
    },
    /// Another start of the app wants this window.
    Raise {},
    /// Notices were missed: look at everything again.
    Missed {},
}
