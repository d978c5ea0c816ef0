//! Lines that some edit wrote, and lines that none did.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;
use crate::Span;
use artifact::ArtifactId;

fn work(line: u64, deed: Deed, verdict: Verdict, error: &str) -> Work {
    Work {
        line,
        ended: Some(line + 1),
        deed,
        verdict,
        exit: None,
        refused: false,
        error: error.to_owned(),
        said: String::new(),
    }
}

fn edit(line: u64, old: &str, new: &str) -> Work {
    let span = Span { old: old.to_owned(), new: new.to_owned(), whole: old.is_empty() };
    let deed = Deed::Edit { file: "/w/shop/src/a.rs".to_owned(), spans: vec![span] };
    work(line, deed, Verdict::Passed, "")
}

fn command(line: u64, text: &str, verdict: Verdict, error: &str) -> Work {
    work(line, Deed::Command(text.to_owned()), verdict, error)
}

fn run(all: Vec<Work>) -> Run {
    let mut run = crate::note("x", 0, "test", ArtifactId::of(b"x"));
    run.place.cwd = Some("/w/shop".to_owned());
    run.work = all;
    run
}

/// The line of the log on which the edit stands that wrote line `at` of `lines`.
fn found(run: &Run, lines: &[&str], at: usize) -> Option<Wrote> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let sought = Sought { file: "/w/shop/src/a.rs", lines: &lines, at };
    wrote(run, &sought, &|text| text.replace("hunter2", "[masked]"))
}

#[test]
fn the_edit_that_wrote_a_line_is_found_with_what_failed_before_it() {
    let run = run(vec![
        command(1, "cargo test", Verdict::Failed, "panicked: address in use"),
        edit(3, "bind(80)", "let port = 0;\nbind(port)"),
        command(5, "cargo clippy", Verdict::Failed, "error: unused"),
        edit(7, "fn b() {}", "fn bound() {\n    listen(\"hunter2\");\n}"),
    ]);
    let got = found(&run, &["    bind(port)"], 0).unwrap();
    assert_eq!((got.from, got.file.as_str()), (3, "src/a.rs"));
    let failed: Vec<_> = got.failed.iter().map(|f| (f.line, f.tried.as_str())).collect();
    assert_eq!(failed, [(1, "cargo test")], "nothing that failed later");
    assert_eq!(got.failed.first().unwrap().error, "panicked: address in use");
    let got = found(&run, &["fn bound() {"], 0).unwrap();
    assert_eq!((got.from, got.failed.len()), (7, 2));
    assert!(got.text.contains("[masked]"), "{}", got.text);
    assert_eq!(found(&run, &["bind(80)"], 0), None, "it was taken out");
    assert_eq!(found(&run, &["bind(8080)"], 0), None, "nobody wrote it");
}

#[test]
fn a_line_that_was_only_quoted_around_an_edit_was_not_written_by_it() {
    let run = run(vec![edit(1, "first_line();\nold();", "first_line();\nnew_call();")]);
    assert_eq!(found(&run, &["first_line();"], 0), None);
    assert!(found(&run, &["new_call();"], 0).is_some());
}

#[test]
fn an_edit_that_did_not_survive_wrote_nothing() {
    let undone = run(vec![
        edit(1, "a_first()", "b_second()"),
        command(3, "git checkout -- src/a.rs", Verdict::Passed, ""),
    ]);
    assert_eq!(found(&undone, &["b_second()"], 0), None);
    let twice = run(vec![edit(1, "", "one_line()\ntwo_line()"), edit(3, "", "one_line()")]);
    assert_eq!(found(&twice, &["one_line()"], 0).unwrap().from, 3, "the newest");
}

#[test]
fn a_line_that_says_little_is_told_by_its_neighbour() {
    let run = run(vec![
        edit(1, "x", "fn first_one() {\n    call_it();\n}\n"),
        edit(3, "y", "fn second_one() {\n    call_other();\n}\n"),
    ]);
    let lines = ["fn second_one() {", "    call_other();", "}", "", "fn third_one() {"];
    assert_eq!(found(&run, &lines, 2).unwrap().from, 3);
    assert_eq!(found(&run, &["}"], 0), None, "a brace by itself is in every file");
    assert_eq!(found(&run, &["fn other() {", "}"], 1), None);
    assert_eq!(found(&run, &["", "  "], 0), None);
    assert_eq!(found(&run, &[], 0), None);
    assert_eq!(found(&run, &["call_it();"], 7), None, "a place that is not there");
}

#[test]
fn a_file_is_the_same_below_another_folder() {
    let check = |sought: &str, file: &str, cwd: &str, want: bool| {
        let lines = [String::new()];
        let sought = Sought { file: sought, lines: &lines, at: 0 };
        assert_eq!(sought.is_in(file, cwd), want, "{} {file} {cwd}", sought.file);
    };
    check("/w/shop/src/a.rs", "/w/shop/src/a.rs", "", true);
    check("/w/shop/src/a.rs", "src/a.rs", "/w/shop", true);
    check("/moved/shop/src/a.rs", "/w/shop/src/a.rs", "/w/shop", true);
    check("/moved/shop/src/a.rs", "/w/shop/src/a.rs", "", false);
    check("/w/shop/src/ba.rs", "a.rs", "/w/shop", false);
    check("/w/shop/src/a.rs", "", "/w/shop", false);
    check("/w/shop/src/a.rs", "/w/shop", "/w/shop", false);
    check("/home/ann/x/notes.md", "~/x/notes.md", "", true);
    check("C:\\w\\shop\\src\\a.rs", "src\\a.rs", "C:\\w\\shop", true);
}
