//! Distils a run into a crystal and its sidecar. A pure function of its arguments.

use crate::{
    Run, Sidecar, anchor::Anchors, dead_ends, edits, env, fix, fix::Cited, lesson, outcome,
    problem, run::NOTE_FORMAT, steps::cut_chars, tidy::Tidy, title,
};
use artifact::{
    ArtifactId, Crystal, Env, FixStep, Outcome, StepKind, crystal::Commitment,
    crystal::CommitmentKey,
};

/// The most characters of a note in a problem.
const NOTE_TEXT: usize = 4_000;
/// The most characters of one sentence of a lesson.
const LESSON_TEXT: usize = 500;
/// The shortest message that can teach anything, in characters.
const MESSAGE: usize = 40;

/// A crystal, not sealed yet, and where each of its fields stands in the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distilled {
    /// What may be shared once a human allows it.
    pub crystal: Crystal,
    /// What never leaves.
    pub sidecar: Sidecar,
}

/// Why there is nothing to distil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// The log holds no steps at all.
    #[error("the log is empty")]
    Empty,
    /// No human asked for anything in it.
    #[error("nothing was asked in this log")]
    NotAsked,
}

/// Distils `run`, whose sealed trace has the id `trace`. `key` keys the commitments; `mask`
/// masks secrets in a text, and sees every text before any of it is written or cut.
///
/// # Errors
/// [`Nothing`] when there is nothing to distil.
pub fn distil(
    run: &Run,
    trace: &ArtifactId,
    key: &CommitmentKey,
    mask: &dyn Fn(&str) -> String,
) -> Result<Distilled, Nothing> {
    if run.trace.steps.is_empty() {
        return Err(Nothing::Empty);
    }
    let tidy = Tidy::new(mask, run.place.cwd.as_deref());
    let mut anchors = Anchors::new(&run.trace, trace, key);
    if run.trace.source.format == NOTE_FORMAT {
        let crystal = of_note(run, &tidy, &mut anchors)?;
        return Ok(finish(crystal, anchors));
    }
    let asks = title::asks(run);
    let ask = title::first_real(&asks, !run.work.is_empty()).ok_or(Nothing::NotAsked)?;
    let mut crystal = empty(title::title(&ask.text, &tidy), run);
    anchors.add("title", ask.line, ask.line);

    crystal.problem = problem::problem(run, ask, &tidy, &mut anchors);
    let written = edits::follow(run);
    crystal.fix = cite("fix", fix::fix(run, &written, &tidy), &mut anchors);
    crystal.checks = cite("checks", fix::checks(run, &tidy), &mut anchors);
    let (outcome, from, to) = outcome::judge(run);
    crystal.outcome = outcome;
    anchors.add("outcome", from, to);
    crystal.dead_ends = cite("dead_ends", dead_ends::dead_ends(run, &written, &tidy), &mut anchors);
    let about = format!("{} {} {}", crystal.title, crystal.problem, fix_words(&crystal.fix));
    crystal.lesson = cite("lesson", last_lesson(run, &about, &tidy), &mut anchors);
    crystal.env = env::env(run, &written, &tidy);
    anchors.add("env", run.place.line, run.place.line);
    Ok(finish(crystal, anchors))
}

fn finish(mut crystal: Crystal, anchors: Anchors<'_>) -> Distilled {
    let (sidecar, evidence): (Sidecar, Vec<Commitment>) = anchors.finish();
    crystal.evidence = evidence;
    Distilled { crystal, sidecar }
}

fn empty(title: String, run: &Run) -> Crystal {
    Crystal {
        title,
        problem: String::new(),
        fix: Vec::new(),
        checks: Vec::new(),
        outcome: Outcome::Unknown,
        dead_ends: Vec::new(),
        lesson: Vec::new(),
        env: Env::default(),
        family: Vec::new(),
        supersedes: None,
        evidence: Vec::new(),
        iat: run.trace.ended,
    }
}

/// Anchors a list's entries by their place in it, and gives the entries.
fn cite<T>(field: &str, cited: Vec<Cited<T>>, anchors: &mut Anchors<'_>) -> Vec<T> {
    let mut entries = Vec::new();
    for (n, Cited { from, to, what }) in cited.into_iter().enumerate() {
        anchors.add(format!("{field}.{n}"), from, to);
        entries.push(what);
    }
    entries
}

/// The crystal of something that an agent asked to be remembered.
fn of_note(run: &Run, tidy: &Tidy<'_>, anchors: &mut Anchors<'_>) -> Result<Crystal, Nothing> {
    let text = run.trace.steps.first().map(|step| step.text.trim()).unwrap_or_default();
    if text.is_empty() {
        return Err(Nothing::NotAsked);
    }
    let whole = tidy.block(text, usize::MAX);
    let first = whole.lines().next().unwrap_or_default();
    let rest = whole.get(first.len()..).unwrap_or_default().trim();
    let mut crystal = empty(title::title(first, tidy), run);
    let cut = crystal.title.ends_with('…');
    crystal.problem = cut_chars(if rest.is_empty() || cut { &whole } else { rest }, NOTE_TEXT);
    crystal.lesson = lesson::lesson(&whole, &whole);
    for field in ["title", "problem"] {
        anchors.add(field, 1, 1);
    }
    for n in 0..crystal.lesson.len() {
        anchors.add(format!("lesson.{n}"), 1, 1);
    }
    Ok(crystal)
}

fn fix_words(fix: &[FixStep]) -> String {
    let words = fix.iter().map(|step| match step {
        FixStep::Command { text } => text.clone(),
        FixStep::Edit { file, text } => format!("{file} {text}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Quotes the last message that says anything.
fn last_lesson(run: &Run, about: &str, tidy: &Tidy<'_>) -> Vec<Cited<String>> {
    let mut says = run.trace.steps.iter().rev().filter(|step| step.kind == StepKind::Say);
    let Some(last) = says.find(|step| step.text.chars().count() >= MESSAGE) else {
        return Vec::new();
    };
    let quoted = lesson::lesson(&tidy.whole(&last.text), about);
    let cited = quoted.into_iter().map(|sentence| Cited {
        from: last.line,
        to: last.line,
        what: cut_chars(&sentence, LESSON_TEXT),
    });
    cited.collect()
}

#[cfg(test)]
mod tests;
