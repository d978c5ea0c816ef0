//! Runs to crystals: which field is filled from what, and where its anchors point.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;
use crate::Format;
use artifact::{Author, Check, DeadEnd, Secret};
use std::fmt::Write;

/// A log in the making; each call takes one line for the call and one for its result.
struct Log(String, usize);

impl Log {
    fn asks(text: &str) -> Self {
        Self(String::new(), 0).asked(text)
    }

    fn line(mut self, record: &serde_json::Value) -> Self {
        writeln!(self.0, "{record}").unwrap();
        self
    }

    fn asked(self, text: &str) -> Self {
        self.line(&serde_json::json!({
            "type": "user", "cwd": "/home/ann/git/shop", "sessionId": "s", "version": "2.1.0",
            "message": { "content": text },
        }))
    }

    fn says(self, text: &str) -> Self {
        let content = serde_json::json!([{ "type": "text", "text": text }]);
        self.line(&serde_json::json!({ "type": "assistant", "message": { "content": content } }))
    }

    fn call(mut self, name: &str, input: serde_json::Value, failed: bool, output: &str) -> Self {
        self.1 += 1;
        let id = format!("t{}", self.1);
        let call =
            serde_json::json!([{ "type": "tool_use", "id": id, "name": name, "input": input }]);
        let result = serde_json::json!([{
            "type": "tool_result", "tool_use_id": id, "is_error": failed, "content": output,
        }]);
        self.line(&serde_json::json!({ "type": "assistant", "message": { "content": call } }))
            .line(&serde_json::json!({ "type": "user", "message": { "content": result } }))
    }

    fn runs(self, command: &str, failed: bool, output: &str) -> Self {
        self.call("Bash", serde_json::json!({ "command": command }), failed, output)
    }

    fn edits(self, file: &str, old: &str, new: &str) -> Self {
        let file = format!("/home/ann/git/shop/{file}");
        let input = serde_json::json!({ "file_path": file, "old_string": old, "new_string": new });
        self.call("Edit", input, false, "ok")
    }
}

fn key() -> Secret<Author> {
    Secret::from_seed(&[7; 32])
}

fn distil_log(log: &str) -> Result<(Run, Distilled), Nothing> {
    let mut importer = Format::ClaudeCode.importer();
    log.lines().for_each(|line| importer.record("", line.as_bytes()));
    let run = importer.finish(ArtifactId::of(log.as_bytes()));
    let id = ArtifactId::of(&run.trace.seal(&key()).unwrap());
    let mask = |text: &str| text.replace("hunter2", "[masked]");
    let made = distil(&run, &id, &CommitmentKey::of(&key()), &mask)?;
    let sealed = made.crystal.seal(&key()).unwrap();
    assert_eq!(artifact::Crystal::open(&sealed).unwrap().0.payload, made.crystal);
    Ok((run, made))
}

fn check(log: Log, expect: impl Fn(&Crystal)) {
    let (run, made) = distil_log(&log.0).unwrap();
    expect(&made.crystal);
    assert_eq!(made.crystal.evidence.len(), made.sidecar.anchors.len());
    assert!(made.sidecar.anchors.iter().all(|anchor| anchor.holds(&run.trace)));
    assert_eq!(run.trace.outcome, made.crystal.outcome);
    let told = serde_json::to_string(&made.crystal).unwrap();
    assert!(!told.contains("/ann") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_repair_becomes_a_crystal() {
    let log = Log::asks("<system-reminder>r</system-reminder>The parser drops commas. Fix it.\nSee /home/ann/git/shop/a.rs")
        .runs("cargo test", true, "Exit code 101\nerror[E0308]: mismatched types\n  --> src/lex.rs:12:5")
        .edits("src/lex.rs", "skip(',')", "skip(';')")
        .runs("cargo test", true, "Exit code 101\nerror[E0308]: mismatched types\n  --> src/lex.rs:14:5")
        .edits("src/lex.rs", "skip(';')", "push(',')")
        .runs("cargo test 2>&1 | tail -3", false, "test result: ok. 5 passed; 0 failed")
        .runs("npm run deploy", true, "Exit code 1\nnpm error missing token hunter2")
        .says("Done! The lexer now keeps commas, so the parser sees them. Have a nice day.");
    check(log, |crystal| {
        assert_eq!(crystal.title, "The parser drops commas. Fix it.");
        assert_eq!(
            crystal.problem,
            "The parser drops commas. Fix it.\nSee a.rs\n\n\
             first error: error[E0308]: mismatched types --> src/lex.rs:<n> (2 times)"
        );
        let command = "cargo test 2>&1 | tail -3".to_owned();
        let edit = FixStep::Edit { file: "src/lex.rs".to_owned(), text: "push(',')".to_owned() };
        assert_eq!(crystal.fix, [edit, FixStep::Command { text: command.clone() }]);
        assert_eq!(crystal.checks, [Check { command, exit: 0 }]);
        assert_eq!(crystal.outcome, Outcome::Passed);
        let dead = |tried: &str, error: &str| DeadEnd { tried: tried.into(), error: error.into() };
        assert_eq!(
            crystal.dead_ends,
            [
                dead("src/lex.rs: skip(';')", "error[E0308]: mismatched types --> src/lex.rs:14:5"),
                dead("npm run deploy", "npm error missing token [masked]"),
            ]
        );
        assert_eq!(crystal.lesson, ["The lexer now keeps commas, so the parser sees them."]);
        assert_eq!(crystal.env.repo.as_deref(), Some("shop"));
        assert_eq!(crystal.env.os.as_deref(), Some("linux"));
        assert_eq!(crystal.env.files, ["src/lex.rs"]);
        assert_eq!(crystal.env.tools, ["claude-code 2.1.0", "cargo"]);
    });
}

#[test]
fn an_outcome_follows_its_rule() {
    let judged = |log: Log, want: Outcome| check(log, |crystal| assert_eq!(crystal.outcome, want));
    let asked = || Log::asks("please rename the module");
    judged(asked().says("It is renamed now."), Outcome::Accepted);
    judged(asked().says("Renamed.").asked("no, the other one").says("Sorry."), Outcome::Unknown);
    judged(asked().says("Renamed.").asked("now document it").says("Done."), Outcome::Accepted);
    judged(asked().says("I begin.").runs("mv a b", true, "mv: cannot stat"), Outcome::Unknown);
    judged(asked().runs("npm test", true, "Exit code 1").says("It fails."), Outcome::Failed);
    judged(asked(), Outcome::Unknown);
}

#[test]
fn a_failing_check_is_told_with_its_status() {
    check(
        Log::asks("make the tests pass").runs("pytest -q", true, "Exit code 4\nE   assert 1"),
        |crystal| {
            let command = "pytest -q".to_owned();
            assert_eq!(crystal.checks, [Check { command, exit: 4 }]);
            assert!(crystal.dead_ends.is_empty() && crystal.fix.is_empty());
        },
    );
}

#[test]
fn without_edits_and_failures_commands_are_the_fix() {
    let log = Log::asks("install jq on this machine").runs("which jq", false, "").runs(
        "sudo apt-get install -y jq",
        false,
        "done",
    );
    check(log, |crystal| {
        let text = "sudo apt-get install -y jq".to_owned();
        assert_eq!(crystal.fix, [FixStep::Command { text }]);
    });
}

#[test]
fn where_nothing_was_asked_there_is_nothing() {
    assert_eq!(distil_log("").unwrap_err(), Nothing::Empty);
    assert_eq!(distil_log("noise\nmore").unwrap_err(), Nothing::NotAsked);
    assert_eq!(
        distil_log(&Log::asks("Warmup").says("I am ready.").0).unwrap_err(),
        Nothing::NotAsked
    );
}

#[test]
fn the_same_log_gives_the_same_bytes() {
    let log = Log::asks("fix the flaky test in the shop").runs("make test", true, "FAILED a").0;
    let sealed = || distil_log(&log).unwrap().1.crystal.seal(&key()).unwrap();
    assert_eq!(sealed(), sealed());
}

#[test]
fn a_note_is_a_run_of_one_step() {
    let text =
        "Use rustls, not openssl\nThe openssl crate breaks musl builds. Rustls has no C code.";
    let run = crate::note(text, 77, "aider", ArtifactId::of(text.as_bytes()));
    let id = ArtifactId::of(&run.trace.seal(&key()).unwrap());
    let made = distil(&run, &id, &CommitmentKey::of(&key()), &|text| text.to_owned()).unwrap();
    let crystal = &made.crystal;
    assert_eq!(crystal.title, "Use rustls, not openssl");
    assert_eq!(crystal.problem, "The openssl crate breaks musl builds. Rustls has no C code.");
    assert_eq!(crystal.lesson.len(), 3);
    assert_eq!((crystal.outcome, crystal.iat), (Outcome::Unknown, 77));
    assert!(made.sidecar.anchors.iter().all(|anchor| anchor.holds(&run.trace)));
    let empty = crate::note(" \n", 0, "a", id);
    assert!(distil(&empty, &id, &CommitmentKey::of(&key()), &|text| text.to_owned()).is_err());
}
