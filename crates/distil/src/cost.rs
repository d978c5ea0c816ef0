//! What a run took: what its agent did, for how long, and the tokens that its own log counts.
//!
//! Nothing is estimated: a log without times has no duration, one without tokens has none.

use crate::{Run, tokens::Tokens};
use artifact::{StepKind, UnixMillis};
use serde::{Deserialize, Serialize};

/// The longest time between two entries of a log that counts as work: what is longer is a pause.
pub const PAUSE: UnixMillis = 10 * 60 * 1000;

/// What a run, or a part of it, took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// What the agent said, thought and called.
    pub steps: u64,
    /// Milliseconds between the entries of the log, pauses over [`PAUSE`] left out.
    pub millis: Option<u64>,
    /// Tokens, as the log counts them; of a part of a run, none.
    pub tokens: Option<Tokens>,
}

/// What the whole run took.
#[must_use]
pub fn cost(run: &Run) -> Cost {
    Cost { tokens: run.tokens, ..part(run, 0, u64::MAX) }
}

/// What the lines `from..=to` of its log took.
pub(crate) fn part(run: &Run, from: u64, to: u64) -> Cost {
    let (mut steps, mut worked, mut last) = (0, None::<u64>, None::<UnixMillis>);
    for step in run.trace.steps.iter().filter(|step| (from..=to).contains(&step.line)) {
        if matches!(step.kind, StepKind::Say | StepKind::Think | StepKind::Call) {
            steps += 1;
        }
        let Some(at) = step.at.filter(|at| *at > 0) else { continue };
        if let Some(before) = last {
            // A clock that went back counts nothing.
            let gap = Some(at.saturating_sub(before)).filter(|gap| *gap <= PAUSE).unwrap_or(0);
            worked = Some(worked.unwrap_or_default().saturating_add(gap));
        }
        last = Some(at);
    }
    Cost { steps, millis: worked, tokens: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artifact::{ArtifactId, Step};

    fn run(steps: &[(StepKind, u64, Option<u64>)]) -> Run {
        let mut run = crate::note("x", 0, "test", ArtifactId::of(b"x"));
        let first = run.trace.steps.pop();
        run.trace.steps = steps
            .iter()
            .filter_map(|(kind, line, at)| {
                let step = first.clone()?;
                Some(Step { kind: *kind, line: *line, at: *at, ..step })
            })
            .collect();
        run
    }

    #[test]
    fn steps_and_time_are_counted_and_pauses_are_not() {
        use StepKind::{Ask, Call, Note, Result, Say};
        let day = 24 * 60 * 60 * 1000;
        let steps = [
            (Ask, 1, Some(1_000)),
            (Call, 2, Some(4_000)),
            (Note, 3, None),
            (Result, 4, Some(9_000)),
            (Say, 5, Some(9_000 + day)),
            (Call, 6, Some(9_500 + day)),
            (Result, 7, Some(8_000 + day)),
        ];
        let whole = cost(&run(&steps));
        assert_eq!((whole.steps, whole.millis, whole.tokens), (3, Some(8_500), None));
        let part = part(&run(&steps), 2, 4);
        assert_eq!((part.steps, part.millis), (1, Some(5_000)));
        let timeless = cost(&run(&[(Ask, 1, None), (Call, 2, None)]));
        assert_eq!((timeless.steps, timeless.millis), (1, None), "nothing is invented");
    }
}
