//! Real logs of Claude Code and SWE-agent, read in place where they are.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use artifact::{ArtifactId, Author, FixStep, Outcome, Secret, crystal::CommitmentKey};
use distil::{Distilled, Format, Log, RECOGNISE_BYTES, Run, distil, recognise};
use std::path::{Path, PathBuf};

/// The folder of logs, or a line that says that this test was skipped.
fn logs(agent: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures").join(agent);
    if !folder.is_dir() {
        eprintln!("skipped: no real logs at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
}

fn import(path: &Path) -> (Run, Distilled) {
    let bytes = std::fs::read(path).unwrap();
    let start = bytes.get(..RECOGNISE_BYTES).unwrap_or(&bytes);
    assert_eq!(recognise(start), Some(Format::ClaudeCode), "{}", path.display());
    let run = Log::read(Format::ClaudeCode, &bytes);
    let lines: Vec<&[u8]> =
        bytes.strip_suffix(b"\n").unwrap_or(&bytes).split(|b| *b == b'\n').collect();
    assert_eq!(run.counts.lines, lines.len() as u64);
    let told = lines.iter().filter(|line| !line.is_empty()).count();
    let mut kept: Vec<u64> = run.trace.steps.iter().map(|step| step.line).collect();
    kept.dedup();
    assert_eq!(kept.len(), told, "every line became a step: {}", path.display());
    assert_eq!((run.counts.unknown, run.counts.oversized, run.counts.dropped), (0, 0, 0));
    let made = distilled(&run);
    (run, made)
}

fn distilled(run: &Run) -> Distilled {
    let key = Secret::<Author>::from_seed(&[1; 32]);
    let id = ArtifactId::of(&run.trace.seal(&key).unwrap());
    let made = distil(run, &id, &CommitmentKey::of(&key), &|text| text.to_owned()).unwrap();
    let sealed = made.crystal.seal(&key).unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("/Users/"), "{}", made.crystal.title);
    made
}

#[test]
fn every_log_is_read_whole() {
    let Some(folder) = logs("claude-code") else { return };
    let mut found = Vec::new();
    files(&folder, &mut found);
    assert!(found.len() >= 12, "{found:?}");
    for path in &found {
        let (run, made) = import(path);
        assert_eq!(run.place.sidechain, path.to_string_lossy().contains("subagents"));
        assert!(!made.crystal.title.starts_with('<'), "{}", made.crystal.title);
        assert!(made.crystal.iat > 1_700_000_000_000);
    }
}

#[test]
fn a_long_session_gives_a_sensible_crystal() {
    let Some(folder) = logs("claude-code") else { return };
    let (run, made) = import(&folder.join("general-tool-calls.jsonl"));
    let crystal = &made.crystal;
    assert_eq!(run.counts.malformed, 2);
    assert!(crystal.title.starts_with("read plan.md and roadmap.md."), "{}", crystal.title);
    assert!(crystal.problem.contains("Session info not available"), "{}", crystal.problem);
    let edited = |name: &str| {
        crystal.fix.iter().any(|step| matches!(step, FixStep::Edit { file, .. } if file == name))
    };
    assert!(edited("claude-code-session-share/publish_session.py"), "{:?}", crystal.fix);
    assert!(crystal.fix.iter().any(|step| {
        matches!(step, FixStep::Command { text } if text.contains("bypassPermissions"))
    }));
    assert_eq!(crystal.outcome, Outcome::Passed);
    assert!(crystal.checks.iter().any(|check| check.command.contains("py_compile")));
    assert_eq!(crystal.env.repo.as_deref(), Some("session-share"));
    assert!(!crystal.lesson.is_empty());
}

#[test]
fn edits_are_followed_in_a_real_log() {
    let Some(folder) = logs("claude-code") else { return };
    let (_, made) = import(&folder.join("edit-tool-variants.jsonl"));
    let texts: Vec<&str> = made
        .crystal
        .fix
        .iter()
        .map(|step| match step {
            FixStep::Edit { text, .. } | FixStep::Command { text } => text.as_str(),
        })
        .collect();
    assert!(texts.contains(&"This file has baz repeated several times."), "{texts:?}");
}

#[test]
fn a_trajectory_gives_its_issue_and_its_patch() {
    let Some(folder) = logs("swe-agent") else { return };
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(recognise(&bytes), Some(Format::SweAgent), "{name}");
        let run = Log::read(Format::SweAgent, &bytes);
        assert_eq!(run.counts.malformed + run.counts.unknown + run.counts.oversized, 0, "{name}");
        distilled(&run).crystal
    };
    let edited = |crystal: &artifact::Crystal, of: &str, part: &str| {
        crystal.fix.iter().any(|step| {
            matches!(step, FixStep::Edit { file, text } if file == of && text.contains(part))
        })
    };
    let crystal = read("marshmallow-1867.traj");
    assert_eq!(crystal.title, "TimeDelta serialization precision");
    assert!(edited(&crystal, "src/marshmallow/fields.py", "round(value.total_seconds()"));
    assert_eq!(crystal.env.files, ["src/marshmallow/fields.py"]);
    assert_eq!(crystal.outcome, Outcome::Passed);
    let crystal = read("pydicom-1458.traj");
    assert!(crystal.title.starts_with("Pixel Representation attribute should be optional"));
    assert!(crystal.problem.contains("first error: AttributeError"), "{}", crystal.problem);
    assert!(edited(&crystal, "pydicom/pixel_data_handlers/numpy_handler.py", "'PixelData' in ds"));
    assert_eq!(crystal.env.files, ["pydicom/pixel_data_handlers/numpy_handler.py"]);
    assert_eq!(crystal.outcome, Outcome::Passed);
}
