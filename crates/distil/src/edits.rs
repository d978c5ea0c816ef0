//! Which edits survived to the end of a run, and which were undone on the way.
//!
//! Files are not read: an edit is followed through later edits of the same file, and through
//! commands that put files back or remove them.

use crate::{
    command::{self, Simple},
    run::{Deed, Run, Span, Verdict, Work},
};

/// An edit that was made, followed to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) file: String,
    /// What stood there before.
    pub(crate) old: String,
    /// What it wrote, as later edits left it.
    pub(crate) new: String,
    /// The lines of its call and its result.
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) fate: Fate,
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stands.
    Survived,
    /// Later work on this line wrote something else in its place.
    Replaced(u64),
    /// Later work on this line put back what stood there.
    Reverted(u64),
}

/// The most comparisons of edits and commands with earlier edits; a run that needs more is
/// followed no further, and what was not followed counts as surviving.
const MAX_COMPARED: usize = 4_000_000;

/// All edits that took effect, in order.
pub(crate) fn follow(run: &Run) -> Vec<Written> {
    let mut written: Vec<Written> = Vec::new();
    let mut compared = 0;
    for work in &run.work {
        compared += written.len();
        if compared > MAX_COMPARED {
            break;
        }
        match &work.deed {
            Deed::Edit { file, spans } => {
                if let (Some(to), Verdict::Passed) = (work.ended, work.verdict) {
                    for span in spans {
                        write(&mut written, work, to, file, span);
                    }
                }
            }
            Deed::Command(line) if work.verdict != Verdict::Failed && work.ended.is_some() => {
                for one in command::simple(line) {
                    put_back(&mut written, &one, work.line);
                }
            }
            _ => {}
        }
    }
    written
}

/// The edits that still stand.
pub(crate) fn surviving(written: &[Written]) -> impl Iterator<Item = &Written> {
    written.iter().filter(|edit| edit.fate == Fate::Survived && edit.old != edit.new)
}

fn standing<'a>(
    written: &'a mut [Written],
    file: &'a str,
) -> impl Iterator<Item = &'a mut Written> {
    written.iter_mut().filter(move |edit| edit.fate == Fate::Survived && edit.file == file)
}

fn write(written: &mut Vec<Written>, work: &Work, to: u64, file: &str, span: &Span) {
    let mut undoes = false;
    for earlier in standing(written, file) {
        if span.whole {
            earlier.fate = Fate::Replaced(work.line);
        } else if !earlier.new.trim().is_empty() && span.old.contains(&earlier.new) {
            let reverts = span.old.replace(&earlier.new, &earlier.old) == span.new;
            undoes |= reverts;
            earlier.fate =
                if reverts { Fate::Reverted(work.line) } else { Fate::Replaced(work.line) };
        } else if !span.old.trim().is_empty() && earlier.new.contains(&span.old) {
            if span.old.len() * 2 >= earlier.new.len() {
                earlier.fate = Fate::Replaced(work.line);
            } else {
                earlier.new = earlier.new.replacen(&span.old, &span.new, 1);
            }
        }
    }
    // An edit that puts back what stood before changes nothing in the end.
    if !undoes {
        written.push(Written {
            file: file.to_owned(),
            old: span.old.clone(),
            new: span.new.clone(),
            from: work.line,
            to,
            fate: Fate::Survived,
        });
    }
}

/// Follows a command that puts files back or removes them.
fn put_back(written: &mut [Written], one: &Simple, line: u64) {
    let arguments = one.arguments();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let (all, named) = match one.form().as_str() {
        "git checkout" if has("-b") || has("-B") => (false, false),
        "git checkout" | "git restore" if has("--staged") && !has("--worktree") => (false, false),
        "git checkout" | "git restore" => (has("."), true),
        "git reset" => (has("--hard"), false),
        "git stash" => (!["pop", "apply", "list", "show", "drop"].iter().any(|w| has(w)), false),
        "rm" | "git rm" => (false, true),
        _ => (false, false),
    };
    for edit in written.iter_mut().filter(|edit| edit.fate == Fate::Survived) {
        let hit = named && arguments.iter().any(|argument| is_file(&edit.file, argument));
        if all || hit {
            edit.fate = Fate::Reverted(line);
        }
    }
}

/// Whether `argument`, a path as it was typed, names `file` or a folder that holds it.
fn is_file(file: &str, argument: &str) -> bool {
    let argument = argument.trim_start_matches("./").trim_end_matches('/');
    if argument.is_empty() || argument == "." || argument.starts_with('-') {
        return false;
    }
    let ends =
        file.strip_suffix(argument).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    ends || file.contains(&format!("/{}/", argument.trim_start_matches('/')))
        || file.starts_with(&format!("{argument}/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use artifact::ArtifactId;

    fn work(line: u64, deed: Deed) -> Work {
        let (error, said) = (String::new(), String::new());
        let ended = Some(line);
        Work {
            line,
            ended,
            deed,
            verdict: Verdict::Passed,
            exit: None,
            refused: false,
            error,
            said,
        }
    }

    fn edit(line: u64, old: &str, new: &str) -> Work {
        let span = Span { old: old.to_owned(), new: new.to_owned(), whole: old.is_empty() };
        work(line, Deed::Edit { file: "/w/src/a.rs".to_owned(), spans: vec![span] })
    }

    fn check(all: &[Work], want: &[(&str, Fate)]) {
        let mut run = crate::note("x", 0, "test", ArtifactId::of(b"x"));
        run.work = all.to_vec();
        let got = follow(&run);
        let got: Vec<(&str, Fate)> = got.iter().map(|w| (w.new.as_str(), w.fate)).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn an_edit_is_followed_to_its_end() {
        use Fate::{Replaced, Reverted, Survived};
        check(&[edit(1, "a()", "b()"), edit(2, "x", "y")], &[("b()", Survived), ("y", Survived)]);
        check(
            &[edit(1, "a()", "b()"), edit(2, "b()", "c()")],
            &[("b()", Replaced(2)), ("c()", Survived)],
        );
        check(&[edit(1, "a()", "b()"), edit(2, "b()", "a()")], &[("b()", Reverted(2))]);
        check(
            &[edit(1, "", "one two three four five"), edit(2, "two", "2")],
            &[("one 2 three four five", Survived), ("2", Survived)],
        );
        check(
            &[edit(1, "a", "b1"), edit(2, "", "whole")],
            &[("b1", Replaced(2)), ("whole", Survived)],
        );
    }

    #[test]
    fn commands_put_files_back() {
        let after = |command: &str| {
            let mut run = crate::note("x", 0, "test", ArtifactId::of(b"x"));
            run.work = vec![edit(1, "a()", "b()"), work(2, Deed::Command(command.to_owned()))];
            follow(&run).first().unwrap().fate == Fate::Survived
        };
        for undone in [
            "git checkout -- src/a.rs",
            "cd /w && git restore ./src/a.rs",
            "git checkout .",
            "git reset --hard HEAD",
            "git stash",
            "rm -rf src",
            "rm /w/src/a.rs",
        ] {
            assert!(!after(undone), "{undone}");
        }
        for kept in
            ["git checkout main", "git checkout -b a.rs", "git stash pop", "rm b.rs", "git reset"]
        {
            assert!(after(kept), "{kept}");
        }
    }
}
