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

/// The dead ends in the order of the log; the last ones where there are too many.
pub(crate) fn dead_ends(run: &Run, written: &[Written], tidy: &Tidy<'_>) -> Vec<Cited<DeadEnd>> {
    let mut ends = given_up(run, tidy);
    for edit in written.iter().filter(|edit| !is_agents_own(run, &edit.file)) {
        let (until, reverted) = match edit.fate {
            Fate::Survived => continue,
            Fate::Replaced(line) => (line, false),
            Fate::Reverted(line) => (line, true),
        };
        let cause = cause(run, edit.to, until);
        // An edit that was only written over is a refinement, unless an error came between.
        if cause.is_none() && !reverted {
            continue;
        }
        let text = tidy.block(&edit.new, EDIT_TEXT);
        let what = DeadEnd {
            tried: format!("{}: {text}", file_name(&edit.file, tidy)),
            error: cause.map_or("undone".to_owned(), |work| error(work, tidy)),
        };
        ends.push(Cited { from: edit.from, to: edit.to, what });
    }
    ends.sort_by_key(|end| end.from);
    ends.dedup_by(|a, b| a.what == b.what);
    let skip = ends.len().saturating_sub(MAX_DEAD_ENDS);
    ends.drain(..skip);
    ends
}

/// The last failure of a command between two lines.
fn cause(run: &Run, from: u64, until: u64) -> Option<&Work> {
    run.work.iter().rev().find(|work| {
        let between = work.line > from && work.line < until;
        between && work.verdict == Verdict::Failed && matches!(work.deed, Deed::Command(_))
    })
}

/// Commands and tools that failed and never passed in the same form: the last try of each.
fn given_up(run: &Run, tidy: &Tidy<'_>) -> Vec<Cited<DeadEnd>> {
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
            Verdict::Passed if work.ended.is_some() => {
                last.remove(&form);
            }
            _ => {
                last.insert(form, work);
            }
        }
    }
    // A check that fails at the very end is the outcome.
    let open = outcome::last_check(run).filter(|check| check.verdict == Verdict::Failed);
    last.retain(|_, work| open.is_none_or(|open| open.line != work.line));
    let cited = last.into_values().map(|work| {
        let tried = match &work.deed {
            Deed::Command(text) => tidy.block(text, COMMAND_TEXT),
            Deed::Other { tool, target } => format!("{tool}: {}", tidy.line(target, EDIT_TEXT)),
            Deed::Edit { file, .. } => file_name(file, tidy),
        };
        let what = DeadEnd { tried, error: error(work, tidy) };
        Cited { from: work.line, to: work.ended.unwrap_or(work.line), what }
    });
    cited.collect()
}

fn error(work: &Work, tidy: &Tidy<'_>) -> String {
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
