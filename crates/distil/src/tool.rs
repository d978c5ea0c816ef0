//! What agents' tools do, whatever they are called: commands, edits and others, and how a piece of
//! work ended.

use crate::{
    failure, patch,
    run::{Deed, Span, Verdict, Work},
    steps::cut_bytes,
};

/// The most bytes kept of a command, or of one side of an edit.
pub(crate) const MAX_PART: usize = 16 << 10;
/// The most spans of one edit.
pub(crate) const MAX_SPANS: usize = 64;
/// The most bytes kept of an error, a first line of output, or the target of a tool.
pub(crate) const MAX_SHOWN: usize = 400;

/// A piece of work that begins on `line`.
pub(crate) fn begin(line: u64, deed: Deed) -> Work {
    Work {
        line,
        ended: None,
        deed,
        verdict: Verdict::Unknown,
        exit: None,
        refused: false,
        error: String::new(),
        said: String::new(),
    }
}

/// Work of a command line, or of the patch that it applies.
pub(crate) fn command(line: u64, text: &str) -> Vec<Work> {
    match patch::in_command(text) {
        Some(patch) => patched(line, patch),
        None => vec![begin(line, Deed::Command(part(text)))],
    }
}

/// Work of a patch: an edit for each file.
pub(crate) fn patched(line: u64, text: &str) -> Vec<Work> {
    let files = patch::files(text);
    files.into_iter().map(|(file, spans)| begin(line, Deed::Edit { file, spans })).collect()
}

/// Work of an edit of one file.
pub(crate) fn edit(line: u64, file: &str, spans: Vec<Span>) -> Vec<Work> {
    if file.is_empty() {
        return Vec::new();
    }
    vec![begin(line, Deed::Edit { file: cut_bytes(file, 1_024).to_owned(), spans })]
}

/// Work of any other tool.
pub(crate) fn other(line: u64, tool: &str, target: &str) -> Vec<Work> {
    let tool = cut_bytes(tool, 128).to_owned();
    let target = cut_bytes(target, MAX_SHOWN).to_owned();
    vec![begin(line, Deed::Other { tool, target })]
}

/// One replacement.
pub(crate) fn span(old: &str, new: &str) -> Span {
    Span { old: part(old), new: part(new), whole: false }
}

/// A whole file that is written.
pub(crate) fn whole(new: &str) -> Span {
    Span { old: String::new(), new: part(new), whole: true }
}

fn part(text: &str) -> String {
    cut_bytes(text, MAX_PART).to_owned()
}

/// How a call ended, apart from its text.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Ending {
    /// Whether the log says that it failed.
    pub(crate) failed: bool,
    pub(crate) exit: Option<i64>,
    /// Whether it goes on somewhere, so that nothing is known of its end.
    pub(crate) background: bool,
    /// Whether the human refused it.
    pub(crate) refused: bool,
    /// Whether a status is told when it is another than 0, and only then.
    pub(crate) silent: bool,
    /// Whether the log never tells a status, so that the output must.
    pub(crate) blind: bool,
}

impl Ending {
    /// An end with this exit status.
    pub(crate) fn of_exit(exit: Option<i64>) -> Self {
        Self { failed: exit.is_some_and(|exit| exit != 0), exit, ..Self::default() }
    }
}

/// Ends `work` on `line` with the whole text of its result.
pub(crate) fn end(work: &mut Work, line: u64, ending: Ending, text: &str) {
    work.ended = Some(line);
    work.refused = ending.refused || (ending.failed && failure::is_refusal(text));
    work.verdict = match &work.deed {
        _ if ending.failed || ending.refused => Verdict::Failed,
        _ if ending.background => Verdict::Unknown,
        Deed::Command(command) if ending.blind && failure::shows(command, text) => Verdict::Failed,
        Deed::Command(command) if failure::shows_through(command, text) => Verdict::Failed,
        _ => Verdict::Passed,
    };
    let passed = !ending.failed && !ending.background;
    let zero = passed && (ending.silent || failure::shows_success(text));
    work.exit = ending.exit.or_else(|| zero.then_some(0));
    if work.verdict == Verdict::Failed {
        work.error = cut_bytes(&failure::reason(text), MAX_SHOWN).to_owned();
    } else if matches!(work.deed, Deed::Command(_)) {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        work.said = cut_bytes(first.trim(), MAX_SHOWN).to_owned();
    }
}
