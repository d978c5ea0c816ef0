//! The problem: what was asked, and the errors that stood in the way, as comparable text.

use crate::{
    Run, Verdict, Work,
    anchor::Anchors,
    dead_ends::ERROR_TEXT,
    failure,
    run::Deed,
    steps::cut_chars,
    tidy::{Tidy, one_line},
    title::Ask,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// The most characters of an ask in a problem.
const ASK_TEXT: usize = 1_500;
/// The most errors that are compared.
const MAX_ERRORS: usize = 4_000;
/// What stands before the first error, after its count, and before the most repeated one.
const FIRST: &str = "\n\nfirst error: ";
const TIMES: &str = " times)";
const MOST: &str = "\nmost repeated, ";

/// The ask, the first error and the most repeated one.
pub(crate) fn problem(run: &Run, ask: &Ask, tidy: &Tidy<'_>, anchors: &mut Anchors<'_>) -> String {
    let mut text = tidy.block(&ask.text, ASK_TEXT);
    anchors.add("problem", ask.line, ask.line);
    let mut met: BTreeMap<String, (usize, &Work)> = BTreeMap::new();
    let mut first: Option<String> = None;
    for work in failures(run) {
        let error = comparable(work, tidy);
        met.entry(error.clone()).or_insert((0, work)).0 += 1;
        first.get_or_insert(error);
    }
    let Some((first, (times, work))) = first.and_then(|first| met.remove_entry(&first)) else {
        return text;
    };
    text.push_str(&format!("{FIRST}{first}"));
    anchors.add("problem", work.line, work.ended.unwrap_or(work.line));
    if times > 1 {
        text.push_str(&format!(" ({times}{TIMES}"));
    }
    let most = met.into_iter().max_by_key(|(_, (times, work))| (*times, Reverse(work.line)));
    if let Some((error, (more, work))) = most.filter(|(_, (more, _))| *more > times) {
        text.push_str(&format!("{MOST}{more} times: {error}"));
        anchors.add("problem", work.line, work.ended.unwrap_or(work.line));
    }
    text
}

/// What failed in a way that is part of the problem, the first ones.
pub(crate) fn failures(run: &Run) -> impl Iterator<Item = &Work> {
    run.work.iter().filter(|work| is_error(work)).take(MAX_ERRORS)
}

/// An error as it is compared between runs.
pub(crate) fn comparable(work: &Work, tidy: &Tidy<'_>) -> String {
    let error = one_line(&failure::normalise(&tidy.whole(&work.error)));
    cut_chars(&error, ERROR_TEXT)
}

/// The errors that a problem tells, each with how often it was met. An ask that quotes one tells
/// nothing: what distillation wrote stands at the end.
pub(crate) fn errors(problem: &str) -> Vec<(&str, u32)> {
    let Some((_, told)) = problem.rsplit_once(FIRST) else { return Vec::new() };
    let (first, most) = told.split_once(MOST).map_or((told, None), |(a, b)| (a, Some(b)));
    let often = first.strip_suffix(TIMES).and_then(|first| {
        let (error, times) = first.rsplit_once(" (")?;
        Some((error, times.parse().ok()?))
    });
    let most = most.and_then(|most| {
        let (times, error) = most.split_once(" times: ")?;
        Some((error, times.parse().ok()?))
    });
    std::iter::once(often.unwrap_or((first, 1))).chain(most).collect()
}

/// Whether work failed in a way that is part of the problem.
fn is_error(work: &Work) -> bool {
    let quoting = matches!(work.deed, Deed::Edit { .. });
    work.verdict == Verdict::Failed && !work.refused && !quoting && !work.error.is_empty()
}
