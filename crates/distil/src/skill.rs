//! A crystal as a `SKILL.md` (<https://agentskills.io/specification>), for an agent to load.
//!
//! The same crystal gives the same text. It states how the run ended and where it took place, so
//! that whoever loads it can judge whether it applies. The caller masks what must not leave.

use crate::{
    steps::{cut_bytes, cut_chars},
    tidy::one_line,
};
use artifact::{ArtifactId, Crystal, FixStep, Outcome};
use std::fmt::Write as _;

/// The most characters of a skill's name and of its description, by the specification.
const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 1_024;

/// What a skill is for, and when. A problem that begins with the title is not told twice.
fn about(title: &str, problem: &str) -> String {
    if problem.starts_with(title.trim_end_matches('…')) {
        return format!("Use when: {problem}");
    }
    let stop = if title.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{title}{stop} Use when: {problem}")
}

/// `crystal` as a skill, each text passed through `mask`; `said` is how its human says that the run
/// ended, where that was said.
#[must_use]
pub fn skill(
    id: &ArtifactId,
    crystal: &Crystal,
    said: Option<Outcome>,
    mask: &dyn Fn(&str) -> String,
) -> String {
    let title = one_line(&mask(&crystal.title));
    let problem = mask(&crystal.problem);
    let mut text = String::new();
    let about = about(&title, &one_line(&problem));
    let about = serde_json::Value::from(cut_chars(&about, MAX_DESCRIPTION));
    // A JSON text is a YAML text.
    let _ =
        writeln!(text, "---\nname: {}\ndescription: {about}\n---\n\n# {title}", name(&title, id));
    let _ = writeln!(text, "\n## Problem\n\n{}", problem.trim());
    section(&mut text, "What solved it", crystal.fix.len(), |n| match crystal.fix.get(n)? {
        FixStep::Edit { file, text } => {
            Some(format!("Edit `{}`:\n\n{}", plain(&mask(file)), fenced(&mask(text))))
        }
        FixStep::Command { text } => Some(format!("Run:\n\n{}", fenced(&mask(text)))),
    });
    section(&mut text, "Check", crystal.checks.len(), |n| {
        let check = crystal.checks.get(n)?;
        Some(format!("Exit status {}:\n\n{}", check.exit, fenced(&mask(&check.command))))
    });
    section(&mut text, "What did not work", crystal.dead_ends.len(), |n| {
        let dead = crystal.dead_ends.get(n)?;
        let error = one_line(&mask(&dead.error));
        Some(format!("Ended by: {error}\n\n{}", fenced(&mask(&dead.tried))))
    });
    section(&mut text, "Learnt", crystal.lesson.len(), |n| {
        crystal.lesson.get(n).map(|said| one_line(&mask(said)))
    });
    let ended = match said.unwrap_or(crystal.outcome) {
        Outcome::Passed if said.is_some() => "its human says that it passed",
        Outcome::Failed if said.is_some() => "its human says that it failed",
        Outcome::Passed => "the last test or build passed",
        Outcome::Failed => "the last test or build failed",
        Outcome::Accepted => "the human let the answer stand",
        Outcome::Unknown => "how it ended is not known",
    };
    let _ = writeln!(text, "\n## Where this comes from\n\nOne run of an agent: {ended}.");
    let env = &crystal.env;
    for (what, told) in [
        ("Repository", env.repo.clone().unwrap_or_default()),
        ("System", env.os.clone().unwrap_or_default()),
        ("Tools", env.tools.join(", ")),
        ("Files", env.files.join(", ")),
        ("Crystal", id.to_string()),
    ] {
        if !told.is_empty() {
            let _ = writeln!(text, "- {what}: {}", plain(&one_line(&mask(&told))));
        }
    }
    text
}

/// A list under a heading; nothing where it is empty.
fn section(text: &mut String, title: &str, length: usize, entry: impl Fn(usize) -> Option<String>) {
    if length == 0 {
        return;
    }
    let _ = writeln!(text, "\n## {title}\n");
    for n in 0..length {
        let Some(entry) = entry(n) else { continue };
        let mark = format!("{}. ", n + 1);
        let indent = " ".repeat(mark.len());
        for (n, line) in entry.lines().enumerate() {
            let lead = if n == 0 { mark.as_str() } else { indent.as_str() };
            let _ = writeln!(text, "{}", format!("{lead}{line}").trim_end());
        }
    }
}

/// A block of code whose fence is longer than any in it.
fn fenced(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}", code.trim_end())
}

/// A text that ends no code span and begins no line.
fn plain(text: &str) -> String {
    one_line(text).replace('`', "'")
}

/// The title in lower case with dashes, and the start of the id, which tells it from others.
fn name(title: &str, id: &ArtifactId) -> String {
    let mut name = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let id = id.to_string();
    let id = cut_bytes(&id, 8);
    let room = MAX_NAME - id.len() - 1;
    match cut_bytes(&name, room).trim_matches('-') {
        "" => format!("crystal-{id}"),
        name => format!("{name}-{id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artifact::{Check, DeadEnd, Env};

    #[test]
    fn a_skill_says_what_the_crystal_says() {
        let crystal = Crystal {
            title: "Fix: the \"last\" item".into(),
            problem: "It is dropped.\n\nfirst error: E1".into(),
            fix: vec![
                FixStep::Edit { file: "a.rs".into(), text: "```\nx\n```".into() },
                FixStep::Command { text: "make".into() },
            ],
            checks: vec![Check { command: "make test".into(), exit: 0 }],
            outcome: Outcome::Passed,
            dead_ends: vec![DeadEnd { tried: "y".into(), error: "E2".into() }],
            lesson: vec!["Count all.".into()],
            env: Env { repo: Some("shop".into()), ..Env::default() },
            family: Vec::new(),
            supersedes: None,
            evidence: Vec::new(),
            iat: 0,
        };
        let id = ArtifactId::of(b"x");
        let mask = |text: &str| text.replace("Count", "[masked]");
        let id_text = id.to_string();
        let short = cut_bytes(&id_text, 8);
        let want = format!(
            "---\nname: fix-the-last-item-{short}\n\
             description: \"Fix: the \\\"last\\\" item. Use when: It is dropped. first error: E1\"\n---\n\n\
             # Fix: the \"last\" item\n\n## Problem\n\nIt is dropped.\n\nfirst error: E1\n\n\
             ## What solved it\n\n1. Edit `a.rs`:\n\n   ````\n   ```\n   x\n   ```\n   ````\n\
             2. Run:\n\n   ```\n   make\n   ```\n\n## Check\n\n\
             1. Exit status 0:\n\n   ```\n   make test\n   ```\n\n## What did not work\n\n\
             1. Ended by: E2\n\n   ```\n   y\n   ```\n\n## Learnt\n\n1. [masked] all.\n\n\
             ## Where this comes from\n\nOne run of an agent: the last test or build passed.\n\
             - Repository: shop\n- Crystal: {id}\n"
        );
        assert_eq!(skill(&id, &crystal, None, &mask), want);
        let want = want.replace("the last test or build passed", "its human says that it failed");
        assert_eq!(skill(&id, &crystal, Some(Outcome::Failed), &mask), want);
        assert_eq!(name("…", &id), format!("crystal-{short}"));
        assert_eq!(about("It is…", "It is dropped."), "Use when: It is dropped.");
        assert!(name(&"word ".repeat(40), &id).len() <= MAX_NAME);
    }
}
