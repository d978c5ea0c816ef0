//! How long an error stood in a run, and what ended it. Two runs met the same error when their
//! crystals say it in the same words: numbers, paths and hashes are taken out of it there.

use crate::{
    Run, command,
    cost::{self, Cost},
    edits, fix, problem,
    run::{Deed, Verdict, Work},
    steps::cut_chars,
    tidy::{Tidy, replace_all},
};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The most characters of the command that ended it.
const COMMAND_TEXT: usize = 300;
/// The most characters of an error that was cut, when it is compared without a thread's name:
/// where it was cut depends on how long the name was.
const ALIKE: usize = 120;
/// The most files that are told.
const MAX_FILES: usize = 8;

/// An error in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// How often something failed with it.
    pub times: u32,
    /// The line of the log on which it came first.
    pub from: u64,
    /// The line on which what had failed passed; none when it never did.
    pub to: Option<u64>,
    /// What the run took from the one to the other, or to its end.
    pub cost: Cost,
    /// What passed in the end; empty when nothing did.
    pub passed: String,
    /// The files that were edited between the two, by edits that survived.
    pub edited: Vec<String>,
}

/// An error as the problem of a crystal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// The error, without what varies between runs.
    pub error: String,
    /// How often it was met.
    pub times: u32,
}

/// The errors that the problem of a crystal tells: the first one of its run, and the one that
/// was met most.
#[must_use]
pub fn errors(problem: &str) -> Vec<Met> {
    problem::errors(problem)
        .into_iter()
        .map(|(error, times)| Met { error: error.to_owned(), times })
        .collect()
}

/// The thread that panicked: a test runs in one of its own name.
static THREAD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bthread '[^']{0,200}'( \((\d+|<n>)\))? panicked").ok());

/// The error without what tells runs apart but not matters: equal for errors that are alike. The
/// texts of crystals stay as they are signed.
#[must_use]
pub fn alike(error: &str) -> String {
    match THREAD.as_ref().filter(|thread| thread.is_match(error)) {
        Some(thread) => {
            let named = replace_all(thread, error.to_owned(), "thread <name> panicked");
            if error.ends_with('…') { cut_chars(&named, ALIKE) } else { named }
        }
        None => error.to_owned(),
    }
}

/// How long this error stood in `run`, and what ended it. `mask` is the one that the run's
/// crystal was made with.
#[must_use]
pub fn stood(run: &Run, error: &str, mask: &dyn Fn(&str) -> String) -> Option<Stood> {
    let tidy = Tidy::new(mask, run.place.cwd.as_deref());
    let met: Vec<&Work> =
        problem::failures(run).filter(|work| problem::comparable(work, &tidy) == error).collect();
    let (first, last) = (met.first()?, met.last()?);
    let form = form(last);
    let passed = run.work.iter().find(|work| {
        let after = work.line > last.line && work.verdict == Verdict::Passed;
        after && self::form(work) == form
    });
    let to = passed.map(|work| work.ended.unwrap_or(work.line));
    let mut edited: Vec<String> = Vec::new();
    for edit in edits::surviving(&edits::follow(run)) {
        let between = edit.from > first.line && to.is_some_and(|to| edit.from < to);
        let file = fix::file_name(&edit.file, &tidy);
        if between && edited.len() < MAX_FILES && !edited.contains(&file) {
            edited.push(file);
        }
    }
    Some(Stood {
        times: u32::try_from(met.len()).unwrap_or(u32::MAX),
        from: first.line,
        to,
        cost: cost::part(run, first.line, to.unwrap_or(u64::MAX)),
        passed: passed.map(|work| told(work, &tidy)).unwrap_or_default(),
        edited,
    })
}

/// What makes work comparable with its retries.
fn form(work: &Work) -> String {
    match &work.deed {
        Deed::Command(text) => command::form(text),
        Deed::Other { tool, .. } => tool.clone(),
        Deed::Edit { file, .. } => file.clone(),
    }
}

fn told(work: &Work, tidy: &Tidy<'_>) -> String {
    match &work.deed {
        Deed::Command(text) => tidy.block(text, COMMAND_TEXT),
        Deed::Other { tool, target } => format!("{tool}: {}", tidy.line(target, COMMAND_TEXT)),
        Deed::Edit { file, .. } => fix::file_name(file, tidy),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use crate::{Format, Log};

    fn line(kind: &str, content: &serde_json::Value, second: u32) -> String {
        let record = serde_json::json!({
            "type": kind, "cwd": "/home/ann/git/shop",
            "timestamp": format!("2026-01-21T15:30:{second:02}.000Z"),
            "message": { "role": kind, "content": content },
        });
        format!("{record}\n")
    }

    fn ran(id: &str, command: &str, said: &str, failed: bool, second: u32) -> String {
        let call = serde_json::json!([{ "type": "tool_use", "id": id, "name": "Bash",
            "input": { "command": command } }]);
        let result = serde_json::json!([{ "type": "tool_result", "tool_use_id": id,
            "content": said, "is_error": failed }]);
        line("assistant", &call, second) + &line("user", &result, second + 1)
    }

    fn edited(id: &str, second: u32) -> String {
        let call = serde_json::json!([{ "type": "tool_use", "id": id, "name": "Edit", "input": {
            "file_path": "/home/ann/git/shop/src/a.rs", "old_string": "a", "new_string": "b" } }]);
        let result = serde_json::json!([{ "type": "tool_result", "tool_use_id": id,
            "content": "The file has been updated." }]);
        line("assistant", &call, second) + &line("user", &result, second + 1)
    }

    fn run(parts: &[String]) -> Run {
        let ask = line("user", &"please mend the failing build of the shop".into(), 0);
        Log::read(Format::ClaudeCode, (ask + &parts.concat()).as_bytes())
    }

    #[test]
    fn an_error_stands_until_what_failed_passes() {
        let error = "Exit code 1\nerror: port 8080 is taken";
        let run = run(&[
            ran("1", "make test", error, true, 1),
            ran("2", "ls", "a", false, 5),
            ran("3", "make test", "Exit code 1\nerror: port 9090 is taken", true, 11),
            edited("4", 21),
            ran("5", "make test", "ok", false, 31),
        ]);
        let key = distilled_errors(&run);
        assert_eq!(key, [("error: port <n> is taken".to_owned(), 2)]);
        let got = stood(&run, &key.first().unwrap().0, &|text| text.to_owned()).unwrap();
        assert_eq!((got.times, got.from, got.to), (2, 2, Some(11)));
        assert_eq!((got.cost.steps, got.cost.millis), (5, Some(31_000)));
        assert_eq!((got.passed.as_str(), got.edited), ("make test", vec!["src/a.rs".to_owned()]));
        assert_eq!(stood(&run, "error: another", &|text| text.to_owned()), None);
    }

    #[test]
    fn an_error_that_nothing_ended_stands_to_the_end() {
        let run = run(&[
            ran("1", "make test", "Exit code 1\nerror: the disk is full", true, 1),
            ran("2", "make lint", "ok", false, 9),
        ]);
        let got = stood(&run, "error: the disk is full", &|text| text.to_owned()).unwrap();
        assert_eq!((got.to, got.passed.as_str(), got.cost.millis), (None, "", Some(9_000)));
    }

    #[test]
    fn the_name_of_a_thread_makes_no_other_error() {
        assert!(THREAD.is_some(), "it compiles");
        let check = |error: &str, want: &str| assert_eq!(alike(error), want);
        check("thread 'quay' panicked: dark", "thread <name> panicked: dark");
        check("thread 'a b' (<n>) panicked at src/a.rs", "thread <name> panicked at src/a.rs");
        check("thread 'main' has overflowed its stack", "thread 'main' has overflowed its stack");
        check("error: port <n> is taken", "error: port <n> is taken");
        let cut =
            |name: &str| cut_chars(&format!("thread '{name}' panicked {}", "x".repeat(300)), 200);
        assert_eq!(alike(&cut("a")), alike(&cut("a longer name")));
    }

    /// The errors, as the crystal of the run tells them.
    fn distilled_errors(run: &Run) -> Vec<(String, u32)> {
        let seed = artifact::Secret::<artifact::Author>::from_seed(&[7; 32]);
        let key = artifact::crystal::CommitmentKey::of(&seed);
        let id = artifact::ArtifactId::of(b"trace");
        let made = crate::distil(run, &id, &key, &|text| text.to_owned()).unwrap();
        errors(&made.crystal.problem).into_iter().map(|met| (met.error, met.times)).collect()
    }
}
