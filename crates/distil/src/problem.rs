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

/// The ask, the first error and the most repeated one.
pub(crate) fn problem(run: &Run, ask: &Ask, tidy: &Tidy<'_>, anchors: &mut Anchors<'_>) -> String {
    let mut text = tidy.block(&ask.text, ASK_TEXT);
    anchors.add("problem", ask.line, ask.line);
    let mut met: BTreeMap<String, (usize, &Work)> = BTreeMap::new();
    let mut first: Option<String> = None;
    for work in run.work.iter().filter(|work| is_error(work)).take(MAX_ERRORS) {
        let error = one_line(&failure::normalise(&tidy.whole(&work.error)));
        let error = cut_chars(&error, ERROR_TEXT);
        met.entry(error.clone()).or_insert((0, work)).0 += 1;
        first.get_or_insert(error);
    }
    let Some((first, (times, work))) = first.and_then(|first| met.remove_entry(&first)) else {
        return text;
    };
    text.push_str(&format!("\n\nfirst error: {first}"));
    anchors.add("problem", work.line, work.ended.unwrap_or(work.line));
    if times > 1 {
        text.push_str(&format!(" ({times} times)"));
    }
    let most = met.into_iter().max_by_key(|(_, (times, work))| (*times, Reverse(work.line)));
    if let Some((error, (more, work))) = most.filter(|(_, (more, _))| *more > times) {
        text.push_str(&format!("\nmost repeated, {more} times: {error}"));
        anchors.add("problem", work.line, work.ended.unwrap_or(work.line));
    }
    text
}

/// Whether work failed in a way that is part of the problem.
fn is_error(work: &Work) -> bool {
    let quoting = matches!(work.deed, Deed::Edit { .. });
    work.verdict == Verdict::Failed && !work.refused && !quoting && !work.error.is_empty()
}
