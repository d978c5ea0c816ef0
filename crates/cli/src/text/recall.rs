//! One recall as text: what was found, then every step on the way.

use super::{say, show::crystal_row};
use wire::RecallView;

pub(crate) fn recall(seen: &RecallView) {
    if seen.rows.is_empty() {
        say("Nothing like this is remembered here.");
    }
    seen.rows.iter().for_each(crystal_row);
    if !seen.rows.is_empty() && !seen.sure {
        say("An agent is given none of these: they fit too badly.");
    }
    say("");
    for (n, step) in (1..).zip(&seen.steps) {
        let took = if step.taken { format!("{} ms", step.took) } else { "not taken".to_owned() };
        say(&format!("{n}  {:<11}  {took:>9}  {}", step.step, step.why));
    }
}
