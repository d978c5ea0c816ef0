//! A crystal as plain text: every word in it, so that what a human reads, and what the
//! scanner scans, is what would leave.

use super::{Crystal, FixStep};
use std::fmt::Write;

impl Crystal {
    /// Every text of this crystal, in a fixed order. Not canonical and never parsed back.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        line(&mut out, &self.title);
        section(&mut out, "Problem", std::iter::once(self.problem.clone()));
        section(&mut out, "Fix", self.fix.iter().map(step));
        section(
            &mut out,
            "Checks",
            self.checks.iter().map(|c| format!("$ {}   → exit {}", c.command, c.exit)),
        );
        section(
            &mut out,
            "Dead ends",
            self.dead_ends.iter().map(|d| format!("{}\n→ {}", d.tried, d.error)),
        );
        section(&mut out, "Lesson", self.lesson.iter().cloned());
        let env = [&self.env.os, &self.env.repo].into_iter().flatten();
        let env = env.chain(&self.env.tools).chain(&self.env.files).cloned();
        section(&mut out, "Environment", env);
        section(&mut out, "Family", self.family.iter().cloned());
        let outcome = format!("{:?}", self.outcome).to_lowercase();
        let evidence = format!("{outcome} · {} evidence commitments", self.evidence.len());
        section(&mut out, "Outcome", std::iter::once(evidence));
        let before = self.supersedes.map(|id| id.to_string());
        section(&mut out, "Supersedes", before.into_iter());
        out
    }
}

fn step(step: &FixStep) -> String {
    match step {
        FixStep::Command { text } => format!("$ {text}"),
        FixStep::Edit { file, text } => format!("edit {file}\n{text}"),
    }
}

fn section(out: &mut String, heading: &str, entries: impl Iterator<Item = String>) {
    let mut entries = entries.filter(|e| !e.trim().is_empty()).peekable();
    if entries.peek().is_none() {
        return;
    }
    line(out, "");
    line(out, heading);
    entries.for_each(|entry| line(out, &entry));
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
