//! What did not work: edits that were undone, and what failed and was given up, each with the
//! error that ended it.

use crate::{
    Run, command,
    edits::{Fate, Written},
    fix::{COMMAND_TEXT, Cited, file_name, is_agents_own},
    outcome,
    run::{Deed, Verdict, Work},
    tidy::{Tidy, one_line},
};
use artifact::DeadEnd;
use std::collections::BTreeMap;

/// The most dead ends of a crystal.
const MAX_DEAD_ENDS: usize = 12;
/// The most characters of what was tried, of an edit.
const EDIT_TEXT: usize = 240;
/// The most characters of an error.
pub(crate) const ERROR_TEXT: usize = 300;

/// Something tried in vain before its text is made ready.
enum Source<'a> {
    /// An edit that was undone, and the failure that came before that.
    Edit(&'a Written, Option<&'a Work>),
    /// Work that failed and was given up.
    Work(&'a Work),
}

impl Source<'_> {
    fn lines(&self) -> (u64, u64) {
        match self {
            Self::Edit(edit, _) => (edit.from, edit.to),
            Self::Work(work) => (work.line, work.ended.unwrap_or(work.line)),
        }
    }

    fn render(&self, tidy: &Tidy<'_>) -> DeadEnd {
        match self {
            Self::Edit(edit, cause) => {
                let text = tidy.block(&edit.new, EDIT_TEXT);
                let error = cause.map_or("undone".to_owned(), |work| error(work, tidy));
                DeadEnd { tried: format!("{}: {text}", file_name(&edit.file, tidy)), error }
            }
            Self::Work(work) => {
                let tried = match &work.deed {
                    Deed::Command(text) => tidy.block(text, COMMAND_TEXT),
                    Deed::Other { tool, target } => {
                        format!("{tool}: {}", tidy.line(target, EDIT_TEXT))
                    }
                    Deed::Edit { file, .. } => file_name(file, tidy),
                };
                DeadEnd { tried, error: error(work, tidy) }
            }
        }
    }
}

/// The dead ends in the order of the log; the last ones where there are too many.
pub(crate) fn dead_ends(run: &Run, written: &[Written], tidy: &Tidy<'_>) -> Vec<Cited<DeadEnd>> {
    let mut sources: Vec<Source<'_>> = given_up(run).into_iter().map(Source::Work).collect();
    sources.extend(undone(run, written));
    sources.sort_by_key(Source::lines);
    let mut kept: Vec<Cited<DeadEnd>> = Vec::new();
    for source in sources.iter().rev() {
        if kept.len() >= MAX_DEAD_ENDS {
            break;
        }
        let ((from, to), what) = (source.lines(), source.render(tidy));
        if !kept.iter().any(|later| later.what == what) {
            kept.push(Cited { from, to, what });
        }
    }
    kept.reverse();
    kept
}

/// Edits that were reverted, or written over after something had failed.
fn undone<'a>(run: &'a Run, written: &'a [Written]) -> Vec<Source<'a>> {
    let failed =
        |work: &&Work| work.verdict == Verdict::Failed && matches!(work.deed, Deed::Command(_));
    let failures: Vec<&Work> = run.work.iter().filter(failed).collect();
    let mut sources = Vec::new();
    for edit in written.iter().filter(|edit| !is_agents_own(run, &edit.file)) {
        let (until, reverted) = match edit.fate {
            Fate::Survived => continue,
            Fate::Replaced(line) => (line, false),
            Fate::Reverted(line) => (line, true),
        };
        let before = failures.partition_point(|work| work.line < until);
        let last = before.checked_sub(1).and_then(|n| failures.get(n)).copied();
        let cause = last.filter(|work| work.line > edit.to);
        // An edit that was only written over is a refinement, unless an error came between.
        if cause.is_some() || reverted {
            sources.push(Source::Edit(edit, cause));
        }
    }
    sources
}

/// Commands and tools that failed and never passed in the same form: the last try of each.
fn given_up(run: &Run) -> Vec<&Work> {
    let mut last: BTreeMap<String, &Work> = BTreeMap::new();
    for work in &run.work {
        let form = match &work.deed {
            Deed::Command(text) if command::looks(text) => continue,
            Deed::Command(text) => command::form(text),
            Deed::Other { tool, .. } => tool.clone(),
            // Edits fail over how a text was quoted, which teaches nothing.
            Deed::Edit { .. } => continue,
        };
        match work.verdict {
            Verdict::Unknown => {}
            Verdict::Passed => {
                last.remove(&form);
            }
            Verdict::Failed => {
                last.insert(form, work);
            }
        }
    }
    // A check that fails at the very end is the outcome.
    let open = outcome::last_check(run).filter(|check| check.verdict == Verdict::Failed);
    last.retain(|_, work| open.is_none_or(|open| open.line != work.line));
    last.into_values().collect()
}

/// The error that ended it, in one line.
pub(crate) fn error(work: &Work, tidy: &Tidy<'_>) -> String {
    if work.refused {
        return "refused by the human".to_owned();
    }
    let error = one_line(&tidy.block(&work.error, ERROR_TEXT));
    match (error.is_empty(), work.exit) {
        (false, _) => error,
        (true, Some(exit)) => format!("exit code {exit}"),
        (true, None) => "failed without a word".to_owned(),
    }
}
