//! A run: what an importer makes of one log, bounded whatever the size of the log.
//!
//! The trace is what is kept and signed. Beside it stands the work: commands, edits and other
//! deeds with how each ended, read from whole inputs and outputs while the line was at hand,
//! because a step keeps only the beginning of its text. A run is never written anywhere.

use crate::{outcome, steps::cut_bytes, tokens::Tokens};
use artifact::{
    ArtifactId, Outcome, Source, Step, StepKind, Trace, UnixMillis, trace::MAX_STEP_TEXT,
};
use std::collections::BTreeMap;

/// The longest record that is read, in bytes. A longer one is counted and noted by its length.
pub const MAX_LINE: usize = 8 << 20;

/// The `source.format` of a trace that an agent dictated instead of leaving a log.
/// The format of what an agent asked to be remembered.
pub const NOTE_FORMAT: &str = "note";

/// Reads one log of one format, a record at a time, in order. [`Log`](crate::Log) cuts a log
/// into its records: the lines of a log that is written line by line, the members of one that is
/// a single document.
pub trait Importer {
    /// The format's name, as it stands in a trace's source.
    fn format(&self) -> &'static str;

    /// Takes the next record. `member` names the list or the field of a document that it stands
    /// in; it is empty for a line, which comes without its line break. Never fails: what cannot
    /// be read is counted and kept as a note.
    fn record(&mut self, member: &str, bytes: &[u8]);

    /// Takes note of a record of `bytes` bytes that was not held because it is over
    /// [`MAX_LINE`].
    fn oversized(&mut self, bytes: u64);

    /// Ends the log. `source` is the BLAKE3 of all its bytes.
    fn finish(self: Box<Self>, source: ArtifactId) -> Run;
}

/// One imported log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What is kept.
    pub trace: Trace,
    /// What was met on the way.
    pub counts: Counts,
    /// Where it took place.
    pub place: Place,
    /// What the agent did, in the order of the calls.
    pub work: Vec<Work>,
    /// The tokens that the log counts, where it was read to count them.
    pub tokens: Option<Tokens>,
}

/// What the lines of a log were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// All lines, blank ones too; of a log that is one document, its records.
    pub lines: u64,
    /// Records that are not JSON.
    pub malformed: u64,
    /// Records of a type this version does not know.
    pub unknown: u64,
    /// Records over [`MAX_LINE`].
    pub oversized: u64,
    /// Steps that were not kept because the trace was full.
    pub dropped: u64,
    /// Records by their type.
    pub kinds: BTreeMap<String, u64>,
}

/// Where a run took place, as the log says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The first working directory.
    pub cwd: Option<String>,
    /// The line that names it; 0 when none does.
    pub line: u64,
    /// The git branch.
    pub branch: Option<String>,
    /// The commit that the work began on.
    pub head: Option<String>,
    /// The session's id.
    pub session: Option<String>,
    /// The sub-agent's id, in a sub-agent's log.
    pub agent: Option<String>,
    /// The agent program's version.
    pub version: Option<String>,
    /// Whether this is the log of a sub-agent, so that its asks are another agent's.
    pub sidechain: bool,
}

/// One thing the agent did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The line of the call.
    pub line: u64,
    /// The line of the result, if one came.
    pub ended: Option<u64>,
    /// What it was.
    pub deed: Deed,
    /// How it ended.
    pub verdict: Verdict,
    /// Its exit status, where the log tells one, or the end of a test's output does.
    pub exit: Option<i64>,
    /// Whether the human refused it.
    pub refused: bool,
    /// When it failed: the line of its output that says why.
    pub error: String,
    /// When it passed: the first line of its output.
    pub said: String,
}

/// What kind of thing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A command line was run.
    Command(String),
    /// A file was changed.
    Edit {
        /// The file, as the agent named it.
        file: String,
        /// What was replaced, in order.
        spans: Vec<Span>,
    },
    /// Another tool was used.
    Other {
        /// The tool's name.
        tool: String,
        /// What it was used on, shortened.
        target: String,
    },
}

/// One replacement in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// What stood there; empty when the whole file was written.
    pub old: String,
    /// What stands there now.
    pub new: String,
    /// Whether the whole file was written.
    pub whole: bool,
}

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeded.
    Passed,
    /// It failed.
    Failed,
    /// The log does not tell.
    Unknown,
}

/// A run of one step: what an agent asked to be remembered, said at `at`.
/// `source` is the BLAKE3 of the text.
#[must_use]
pub fn note(text: &str, at: UnixMillis, agent: &str, source: ArtifactId) -> Run {
    let agent: String = agent.chars().take(64).collect();
    let text = crate::scaffold::without_injected(text);
    let step = Step {
        kind: StepKind::Say,
        line: 1,
        at: Some(at),
        name: None,
        call: None,
        failed: false,
        text: cut_bytes(&text, MAX_STEP_TEXT).to_owned(),
        bytes: text.len() as u64,
    };
    Run {
        trace: Trace {
            agent,
            model: None,
            started: at,
            ended: at,
            outcome: Outcome::Unknown,
            source: Source { format: NOTE_FORMAT.to_owned(), hash: source },
            steps: vec![step],
        },
        counts: Counts { lines: 1, ..Counts::default() },
        place: Place::default(),
        work: Vec::new(),
        tokens: None,
    }
}

impl Work {
    /// Bytes of text held.
    pub(crate) fn weight(&self) -> usize {
        let deed = match &self.deed {
            Deed::Command(command) => command.len(),
            Deed::Edit { file, spans } => {
                file.len() + spans.iter().map(|s| s.old.len() + s.new.len()).sum::<usize>()
            }
            Deed::Other { tool, target } => tool.len() + target.len(),
        };
        deed + self.error.len() + self.said.len()
    }
}

impl Run {
    /// Puts a run together and judges how it ended.
    pub(crate) fn new(trace: Trace, counts: Counts, place: Place, work: Vec<Work>) -> Self {
        let mut run = Self { trace, counts, place, work, tokens: None };
        run.trace.outcome = outcome::judge(&run).0;
        run
    }
}
