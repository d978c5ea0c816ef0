//! Which edit of a run wrote a line of a file, and what had failed before it.
//!
//! A line is looked for in what the run's surviving edits wrote, by its words: indentation and
//! the number of the line may have changed since. A line that says little (a brace, nothing at
//! all) is in every file, so it counts only beside the nearest line that says something.

use crate::{
    Run, dead_ends, edits, fix,
    run::{Deed, Verdict, Work},
    tidy::Tidy,
};

/// The fewest letters and digits of a line that can be told by itself.
const SAYS: usize = 6;
/// The most failures that are told.
const FAILURES: usize = 3;
/// The most characters of what an edit wrote, and of what was tried.
const TEXT: usize = 1_200;
const TRIED: usize = 300;

/// A line of a file, with those around it.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The file, absolute.
    pub file: &'a str,
    /// Lines that stand in a row.
    pub lines: &'a [String],
    /// Which of them is sought.
    pub at: usize,
}

/// The edit that wrote a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrote {
    /// The lines of the log that it stands on.
    pub from: u64,
    /// The last of them.
    pub to: u64,
    /// The file, as a crystal names it.
    pub file: String,
    /// What it wrote, as later edits left it.
    pub text: String,
    /// What had failed before it, in order.
    pub failed: Vec<Failed>,
}

/// Something that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The line of the log.
    pub line: u64,
    /// What was tried.
    pub tried: String,
    /// The error.
    pub error: String,
}

impl Sought<'_> {
    /// Whether `file`, as an agent named it in the folder `cwd`, may be the file that is sought:
    /// the same path, or the same path below another folder.
    #[must_use]
    pub fn is_in(&self, file: &str, cwd: &str) -> bool {
        let plain = |path: &str| path.replace('\\', "/");
        let (sought, file, cwd) = (plain(self.file), plain(file), plain(cwd));
        let cwd = cwd.trim_end_matches('/');
        let below = file.strip_prefix(cwd).filter(|rest| !cwd.is_empty() && rest.starts_with('/'));
        let relative = below.unwrap_or(&file).trim_start_matches("./").trim_start_matches("~/");
        let relative = relative.trim_start_matches('/');
        sought == file
            || (below.is_some() || !file.starts_with('/'))
                && !relative.is_empty()
                && sought.strip_suffix(relative).is_some_and(|rest| rest.ends_with('/'))
    }

    /// How many of the lines stand in `new` in this order around the one that is sought; none
    /// when it is not there, or stood in `old` as often.
    #[must_use]
    pub fn fits(&self, old: &str, new: &str) -> Option<usize> {
        let line = self.line(self.at)?;
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.lines().map(str::trim).collect(), new.lines().map(str::trim).collect());
        let beside = if says(line) { None } else { Some(self.neighbour()?) };
        let stands = |text: &[&str], at: usize| {
            text.get(at).is_some_and(|found| *found == line)
                && beside.is_none_or(|step| {
                    let there = at.checked_add_signed(step).and_then(|at| text.get(at));
                    there.is_some() && there.copied() == self.line_at(step)
                })
        };
        let count = |text: &[&str]| (0..text.len()).filter(|at| stands(text, *at)).count();
        if count(&new) <= count(&old) {
            return None;
        }
        (0..new.len()).filter(|at| stands(&new, *at)).map(|at| self.alike(&new, at)).max()
    }

    fn line(&self, at: usize) -> Option<&str> {
        self.lines.get(at).map(|line| line.trim())
    }

    fn line_at(&self, step: isize) -> Option<&str> {
        self.at.checked_add_signed(step).and_then(|at| self.line(at))
    }

    /// How far away the nearest line stands that says something.
    fn neighbour(&self) -> Option<isize> {
        let most = isize::try_from(self.lines.len()).unwrap_or(isize::MAX);
        let steps = (1..=most).flat_map(|step| [-step, step]);
        steps.into_iter().find(|step| self.line_at(*step).is_some_and(says))
    }

    /// How many lines in a row are alike, with the one that is sought at `at`.
    fn alike(&self, text: &[&str], at: usize) -> usize {
        let same = |step: isize| {
            let there = at.checked_add_signed(step).and_then(|at| text.get(at));
            there.is_some() && there.copied() == self.line_at(step)
        };
        let above = (1..).take_while(|step: &isize| same(-step)).count();
        let below = (1..).take_while(|step: &isize| same(*step)).count();
        1 + above + below
    }
}

fn says(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphanumeric()).take(SAYS).count() == SAYS
}

/// The edit of `run` that wrote the line, the one that fits most lines around it, the last of
/// those. `mask` masks secrets in what is told of it.
#[must_use]
pub fn wrote(run: &Run, sought: &Sought<'_>, mask: &dyn Fn(&str) -> String) -> Option<Wrote> {
    let cwd = run.place.cwd.as_deref();
    let written = edits::follow(run);
    let fits = edits::surviving(&written).filter_map(|edit| {
        let here = sought.is_in(&edit.file, cwd.unwrap_or_default());
        here.then(|| sought.fits(&edit.old, &edit.new)).flatten().map(|lines| (lines, edit))
    });
    let (_, edit) = fits.max_by_key(|(lines, edit)| (*lines, edit.from))?;
    let tidy = Tidy::new(mask, cwd);
    let before = |work: &&Work| {
        let failed = work.verdict == Verdict::Failed && !work.refused;
        // Edits fail over how a text was quoted, which tells nothing of why a line is there.
        failed && work.line < edit.from && !matches!(work.deed, Deed::Edit { .. })
    };
    let mut failed: Vec<Failed> =
        run.work.iter().rev().filter(before).take(FAILURES).map(|work| tell(work, &tidy)).collect();
    failed.reverse();
    Some(Wrote {
        from: edit.from,
        to: edit.to,
        file: fix::file_name(&edit.file, &tidy),
        text: tidy.block(&edit.new, TEXT),
        failed,
    })
}

fn tell(work: &Work, tidy: &Tidy<'_>) -> Failed {
    let tried = match &work.deed {
        Deed::Command(text) => tidy.block(text, TRIED),
        Deed::Other { tool, target } => format!("{tool}: {}", tidy.line(target, TRIED)),
        Deed::Edit { file, .. } => fix::file_name(file, tidy),
    };
    Failed { line: work.line, tried, error: dead_ends::error(work, tidy) }
}

#[cfg(test)]
mod tests;
