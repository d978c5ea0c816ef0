//! How a run ended, by rule. The human may correct it.
//!
//! The last test or build that told anything decides. Without one, a run whose last ask was
//! answered and not corrected counts as accepted; everything else is unknown.

use crate::{
    Run, command,
    run::{Deed, Verdict, Work},
    title::asks,
};
use artifact::{Outcome, StepKind};

/// How a human begins who corrects. Matched at the start of an ask or after a full stop.
const CORRECTIONS: &[&str] = &[
    "no,",
    "no.",
    "no ",
    "nope",
    "wrong",
    "that's not",
    "thats not",
    "that is not",
    "not what",
    "that's wrong",
    "this is wrong",
    "this doesn't",
    "it doesn't",
    "doesn't work",
    "does not work",
    "didn't work",
    "not working",
    "still ",
    "revert",
    "undo",
    "incorrect",
    "you broke",
    "you forgot",
    "you didn't",
    "why did you",
    "why didn't you",
    "why won't you",
    "it fails",
    "it failed",
    "stop",
];

/// How `run` ended, and the lines that show it; 0 where nothing does.
pub(crate) fn judge(run: &Run) -> (Outcome, u64, u64) {
    if let Some(check) = last_check(run) {
        let outcome =
            if check.verdict == Verdict::Passed { Outcome::Passed } else { Outcome::Failed };
        return (outcome, check.line, check.ended.unwrap_or(check.line));
    }
    match accepted(run) {
        Some(line) => (Outcome::Accepted, line, line),
        None => (Outcome::Unknown, 0, 0),
    }
}

/// The last test or build whose end is known.
pub(crate) fn last_check(run: &Run) -> Option<&Work> {
    run.work.iter().rev().find(|work| {
        let told = work.verdict != Verdict::Unknown && !work.refused;
        told && matches!(&work.deed, Deed::Command(line) if command::checks(line))
    })
}

/// The line of the answer to the last ask, if it was let stand.
fn accepted(run: &Run) -> Option<u64> {
    let last_ask = asks(run).pop()?;
    if corrects(&last_ask.text) {
        return None;
    }
    let after = run.trace.steps.iter().rev().take_while(|step| step.line > last_ask.line);
    let mut answer = None;
    for step in after {
        match (step.kind, step.name.as_deref()) {
            (StepKind::Note, Some("interrupted" | "synthetic")) => return None,
            (StepKind::Say, _) => answer = answer.or(Some(step.line)),
            // Work that failed, or never ended, with no word after it.
            (StepKind::Call, _) if answer.is_none() => return None,
            (StepKind::Result, _) if answer.is_none() => return None,
            _ => {}
        }
    }
    answer
}

fn corrects(ask: &str) -> bool {
    let ask: String = ask.chars().take(300).collect::<String>().to_lowercase();
    ask.split(['.', '\n', '!']).any(|sentence| {
        let sentence = format!("{} ", sentence.trim_start());
        CORRECTIONS.iter().any(|correction| sentence.starts_with(correction))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_is_heard() {
        for ask in ["No, the other one", "still broken", "ok. that's not it", "Undo this", "no"] {
            assert!(corrects(ask), "{ask}");
        }
        for ask in ["now add a test", "note the time", "thanks", "add a stopwatch"] {
            assert!(!corrects(ask), "{ask}");
        }
    }
}
