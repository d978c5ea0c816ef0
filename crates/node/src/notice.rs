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
    /// Links that were not followed.
    pub links: u32,
    /// Lines that are kept but were not understood.
    pub odd_lines: OddLines,
    /// What failed: logs that could not be read, folders that were not looked into.
    pub failures: Said,
    /// What was passed over: files that are no agent logs, and links.
    pub skips: Said,
    /// Whether it still runs, and how it ended.
    pub phase: JobPhase,
}

/// Lines that are kept but were not understood, by what is wrong with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OddLines {
    /// They are not in the form of their log.
    pub malformed: u64,
    /// They are of a kind that is not known.
    pub unknown: u64,
    /// They are longer than a line that is read.
    pub oversized: u64,
}

/// What is said of many things, one sentence each: the first sentences, and how many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// How many there were.
    pub count: u32,
    /// What is said of the first.
    pub sentences: Vec<String>,
}

impl Said {
    /// The most sentences that are kept.
    pub const MOST: usize = 20;

    pub(crate) fn add(&mut self, sentence: String) {
        self.count = self.count.saturating_add(1);
        if self.sentences.len() < Self::MOST {
            self.sentences.push(sentence);
        }
    }

    /// Takes in what was said of more.
    pub(crate) fn append(&mut self, more: Self) {
        self.count = self.count.saturating_add(more.count);
        let room = Self::MOST.saturating_sub(self.sentences.len());
        self.sentences.extend(more.sentences.into_iter().take(room));
    }

    /// What `now` says beyond what this said, which then is `now`.
    pub(crate) fn news(&mut self, now: Self) -> Self {
        let count = now.count.saturating_sub(self.count);
        let is_new = |sentence: &&String| !self.sentences.contains(sentence);
        let sentences = now.sentences.iter().filter(is_new).cloned().collect();
        *self = now;
        Self { count, sentences }
    }
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
    /// A rule was not what the human signed for: it is ignored, and ended.
    Altered,
    /// An import moved on.
    Job(Job),
    /// Another start of the app wants this window.
    Raise,
}
