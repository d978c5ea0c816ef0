//! Earlier runs beyond their crystals, as text.

use super::{say, short, time};
use wire::{CostView, MetRow, RecurringView, SavedView, WhyView, count};

pub(crate) fn why(seen: &WhyView) {
    let Some(one) = &seen.written else {
        say("No run that is kept here wrote this line.");
        match (seen.looked, seen.left) {
            (0, _) => say("None of them is known to have touched this file."),
            (looked, 0) => say(&format!("Looked into {looked} that touched this file.")),
            (looked, left) => {
                say(&format!(
                    "Looked into the newest {looked} that touched this file; {left} more did."
                ));
            }
        }
        return;
    };
    let lines = match (one.from, one.to) {
        (from, to) if from == to => format!("line {from}"),
        (from, to) => format!("lines {from} to {to}"),
    };
    let crystal = &one.crystal;
    say(&format!("{}  {}  {}", short(&crystal.id), one.agent, time(crystal.at)));
    let place = if one.from_log { lines } else { "its log was purged".to_owned() };
    say(&format!("{}, {place}", one.source));
    // What others wrote stands last in its line: it cannot pretend to be what follows it.
    say(&format!("  {}", crystal.title));
    say(&format!("\nwrote {}", one.file));
    one.text.lines().for_each(|line| say(&format!("  | {line}")));
    if one.failed.is_empty() {
        let none = if one.from_log { "Nothing had failed before it in that run." } else { "" };
        say(&format!("\n{none}"));
        return;
    }
    say("\nbefore it failed");
    for failed in &one.failed {
        say(&format!("  line {}", failed.line));
        failed.tried.lines().for_each(|line| say(&format!("  $ {line}")));
        failed.error.lines().for_each(|line| say(&format!("  | {line}")));
    }
}

pub(crate) fn saved(seen: &SavedView) {
    if seen.rows.is_empty() {
        say("No agent has said yet that something it recalled had helped.");
    } else {
        let times = times(seen.recalls);
        say(&format!("Agents said {times} that what they recalled had helped."));
        say(&format!("The runs it came from had taken {}.", cost(&seen.total)));
    }
    if seen.wrong + seen.stale > 0 {
        let (wrong, stale) = (times(seen.wrong), times(seen.stale));
        say(&format!("{wrong} it was wrong, {stale} stale."));
    }
    for row in &seen.rows {
        let took = row.cost.as_ref().map_or_else(|| "its log is not here".to_owned(), cost);
        say(&format!(
            "\n{}  {}  helped {}",
            short(&row.crystal.id),
            time(row.at),
            row.agents.join(", ")
        ));
        say(&format!("  took  {took}"));
        say(&format!("  {}", row.crystal.title));
    }
    if !seen.rows.is_empty() {
        say("");
        sources();
    }
    if seen.without > 0 {
        let runs = count(seen.without, "run", "runs");
        say(&format!("Of {runs} something is not known, and is in no sum."));
    }
}

/// Where the figures come from.
fn sources() {
    say("Steps are what the agent said, thought and called; times are between entries of its log,");
    say("pauses over ten minutes left out; tokens are as the log counts them.");
}

pub(crate) fn recurring(seen: &RecurringView) {
    if seen.rows.is_empty() {
        say("No error was met in more than one run.");
        return;
    }
    say(&format!("Errors met in more than one run: {}. You solved these before:", seen.total));
    for row in &seen.rows {
        say(&format!("\nin {}", count(row.runs.len(), "run", "runs")));
        say(&format!("  | {}", row.error));
        row.runs.iter().for_each(met);
    }
    say("");
    sources();
}

fn met(run: &MetRow) {
    let crystal = &run.crystal;
    say(&format!("  {}  {}  {}", short(&crystal.id), time(crystal.at), times(run.times)));
    let Some(took) = &run.cost else {
        say("    its log was not read again");
        return;
    };
    if run.ended {
        say(&format!("    took {} until this passed:", cost(took)));
        run.passed.lines().for_each(|line| say(&format!("    $ {line}")));
        if !run.edited.is_empty() {
            say(&format!("    edited before: {}", run.edited.join(", ")));
        }
    } else {
        say(&format!("    took {} and was not ended in that run", cost(took)));
    }
}

fn times(n: u32) -> String {
    count(n, "time", "times")
}

fn cost(cost: &CostView) -> String {
    let time = match (cost.timed, cost.millis / 60_000) {
        (false, _) => "no times".to_owned(),
        (true, 0) => format!("{} s", cost.millis / 1_000),
        (true, minutes) => format!("{minutes} min"),
    };
    let tokens = if cost.counted {
        format!("{} read, {} written", count(cost.read, "token", "tokens"), cost.written)
    } else {
        "no tokens counted".to_owned()
    };
    format!("{}, {time}, {tokens}", count(cost.steps, "step", "steps"))
}
