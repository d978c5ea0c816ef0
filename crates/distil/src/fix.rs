//! What solved it: edits that survived, and commands that went from failing to passing.

use crate::{
    Run, command,
    edits::{self, Written},
    run::{Deed, Verdict, Work},
    tidy::Tidy,
};
use artifact::{Check, FixStep};
use std::collections::{BTreeMap, BTreeSet};

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

/// A step of the fix before its text is made ready.
enum Source<'a> {
    Edit(&'a Written),
    Command(&'a Tried<'a>),
}

impl Source<'_> {
    fn lines(&self) -> (u64, u64) {
        match self {
            Self::Edit(edit) => (edit.from, edit.to),
            Self::Command(tried) => (tried.work.line, tried.work.ended.unwrap_or(tried.work.line)),
        }
    }

    fn render(&self, tidy: &Tidy<'_>) -> FixStep {
        match self {
            Self::Edit(edit) => {
                let text = if edit.new.trim().is_empty() {
                    tidy.block(&format!("(removed) {}", edit.old), EDIT_TEXT)
                } else {
                    tidy.block(&edit.new, EDIT_TEXT)
                };
                FixStep::Edit { file: file_name(&edit.file, tidy), text }
            }
            Self::Command(tried) => FixStep::Command { text: tidy.block(tried.text, COMMAND_TEXT) },
        }
    }
}

/// The steps of the fix in the order of the log, the same step once.
pub(crate) fn fix(run: &Run, written: &[Written], tidy: &Tidy<'_>) -> Vec<Cited<FixStep>> {
    let commands = commands(run);
    let edits = edits::surviving(written).filter(|edit| !is_agents_own(run, &edit.file));
    let mut sources: Vec<Source<'_>> = edits.map(Source::Edit).collect();
    sources.extend(mended(&commands).into_iter().map(Source::Command));
    if sources.is_empty() {
        let did = |tried: &&Tried<'_>| {
            let looks = command::looks(tried.text) || command::checks(tried.text);
            tried.work.verdict == Verdict::Passed && !looks
        };
        sources = commands.iter().rev().filter(did).take(MAX_PLAIN).map(Source::Command).collect();
    }
    sources.sort_by_key(Source::lines);
    let mut kept: Vec<Cited<FixStep>> = Vec::new();
    for source in &sources {
        if kept.len() >= MAX_FIX {
            break;
        }
        let ((from, to), what) = (source.lines(), source.render(tidy));
        if !kept.iter().any(|earlier| earlier.what == what) {
            kept.push(Cited { from, to, what });
        }
    }
    kept
}

/// Of each form, the first command that passed after one of its form had failed.
fn mended<'a>(commands: &'a [Tried<'a>]) -> Vec<&'a Tried<'a>> {
    let mut failed: BTreeSet<&str> = BTreeSet::new();
    let mut mended: BTreeMap<&str, &Tried<'_>> = BTreeMap::new();
    for tried in commands {
        match tried.work.verdict {
            Verdict::Failed => {
                failed.insert(&tried.form);
            }
            Verdict::Passed if failed.contains(tried.form.as_str()) => {
                mended.entry(&tried.form).or_insert(tried);
            }
            _ => {}
        }
    }
    mended.into_values().collect()
}

/// The last passing run of each test or build, the last few of them in order. When the last
/// one of all failed, it stands at the end. Only those whose status the log tells: what a pipe hid
/// is no check, nor is what nobody told.
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
    let told = last.into_iter().filter_map(|tried| Some((tried, tried.work.exit?)));
    let last: Vec<_> = told
        .filter(|(tried, exit)| (*exit == 0) == (tried.work.verdict == Verdict::Passed))
        .collect();
    let skip = last.len().saturating_sub(MAX_CHECKS);
    let cited = last.into_iter().skip(skip).map(|(tried, exit)| {
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
