//! What solved it: edits that survived, and commands that went from failing to passing.

use crate::{
    Run, command,
    edits::{self, Written},
    run::{Deed, Verdict, Work},
    tidy::Tidy,
};
use artifact::{Check, FixStep};
use std::collections::BTreeMap;

/// The most steps of a fix.
const MAX_FIX: usize = 64;
/// The most checks.
const MAX_CHECKS: usize = 4;
/// The most commands that stand for a fix when nothing failed and no file was edited.
const MAX_PLAIN: usize = 8;
/// The most characters of an edit's text, and of a command.
const EDIT_TEXT: usize = 700;
pub(crate) const COMMAND_TEXT: usize = 500;

/// Something that a crystal cites, with its lines.
pub(crate) struct Cited<T> {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) what: T,
}

/// A command of a run, with its form.
struct Tried<'a> {
    work: &'a Work,
    text: &'a str,
    form: String,
}

fn commands(run: &Run) -> Vec<Tried<'_>> {
    let tried = run.work.iter().filter(|work| !work.refused);
    tried
        .filter_map(|work| match &work.deed {
            Deed::Command(text) => Some(Tried { work, text, form: command::form(text) }),
            _ => None,
        })
        .collect()
}

/// The steps of the fix in the order of the log.
pub(crate) fn fix(run: &Run, written: &[Written], tidy: &Tidy<'_>) -> Vec<Cited<FixStep>> {
    let mut steps: Vec<Cited<FixStep>> = Vec::new();
    for edit in edits::surviving(written).filter(|edit| !is_agents_own(run, &edit.file)) {
        let text = if edit.new.trim().is_empty() {
            tidy.block(&format!("(removed) {}", edit.old), EDIT_TEXT)
        } else {
            tidy.block(&edit.new, EDIT_TEXT)
        };
        let what = FixStep::Edit { file: file_name(&edit.file, tidy), text };
        steps.push(Cited { from: edit.from, to: edit.to, what });
    }
    let commands = commands(run);
    let mut failing: BTreeMap<&str, bool> = BTreeMap::new();
    for tried in &commands {
        let state = failing.entry(&tried.form).or_insert(false);
        match tried.work.verdict {
            Verdict::Failed => *state = true,
            Verdict::Passed if *state => {
                *state = false;
                steps.push(cite(tried, tidy));
            }
            _ => {}
        }
    }
    if steps.is_empty() {
        let passed = commands.iter().rev().filter(|tried| {
            let looks = command::looks(tried.text) || command::checks(tried.text);
            tried.work.verdict == Verdict::Passed && !looks
        });
        steps = passed.take(MAX_PLAIN).map(|tried| cite(tried, tidy)).collect();
    }
    steps.sort_by_key(|step| step.from);
    fold(steps)
}

fn cite(tried: &Tried<'_>, tidy: &Tidy<'_>) -> Cited<FixStep> {
    let text = tidy.block(tried.text, COMMAND_TEXT);
    let to = tried.work.ended.unwrap_or(tried.work.line);
    Cited { from: tried.work.line, to, what: FixStep::Command { text } }
}

/// Drops steps that say the same as an earlier one, and all beyond [`MAX_FIX`].
fn fold(steps: Vec<Cited<FixStep>>) -> Vec<Cited<FixStep>> {
    let mut kept: Vec<Cited<FixStep>> = Vec::new();
    for step in steps {
        if kept.len() < MAX_FIX && !kept.iter().any(|earlier| earlier.what == step.what) {
            kept.push(step);
        }
    }
    kept
}

/// The last passing run of each test or build, the last few of them in order. When the last
/// one of all failed, it stands at the end with its status.
pub(crate) fn checks(run: &Run, tidy: &Tidy<'_>) -> Vec<Cited<Check>> {
    let mut last: BTreeMap<String, &Tried<'_>> = BTreeMap::new();
    let commands = commands(run);
    for tried in commands.iter().filter(|tried| tried.work.verdict != Verdict::Unknown) {
        if command::checks(tried.text) {
            last.insert(tried.form.clone(), tried);
        }
    }
    let mut last: Vec<&Tried<'_>> = last.into_values().collect();
    last.sort_by_key(|tried| tried.work.line);
    let end = last.last().map(|tried| tried.work.line);
    last.retain(|tried| tried.work.verdict == Verdict::Passed || Some(tried.work.line) == end);
    let skip = last.len().saturating_sub(MAX_CHECKS);
    let cited = last.into_iter().skip(skip).map(|tried| {
        let passed = tried.work.verdict == Verdict::Passed;
        // A status that a pipe hid is told as 1.
        let exit = if passed { 0 } else { tried.work.exit.filter(|e| *e != 0).unwrap_or(1) };
        let what = Check { command: tidy.block(tried.text, COMMAND_TEXT), exit };
        Cited { from: tried.work.line, to: tried.work.ended.unwrap_or(tried.work.line), what }
    });
    cited.collect()
}

/// A file as a crystal names it: relative to the repository, never through a home folder.
pub(crate) fn file_name(file: &str, tidy: &Tidy<'_>) -> String {
    tidy.line(file, 1_000)
}

/// Whether a file is the agent program's own: plans, memories, settings. No part of the work.
pub(crate) fn is_agents_own(run: &Run, file: &str) -> bool {
    let inside = run.place.cwd.as_deref().is_some_and(|cwd| file.starts_with(cwd));
    !inside && (file.contains("/.claude/") || file.contains("\\.claude\\"))
}
