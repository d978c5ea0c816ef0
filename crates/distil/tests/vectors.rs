//! Each format's own fixture gives its crystal to the byte, and the same story in every format.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use artifact::{ArtifactId, Author, FixStep, Outcome, Secret, crystal::CommitmentKey};
use distil::{Distilled, Format, Log, Run, distil, recognise};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Every fixture, its format, and how many of its records are not understood by intent.
const FIXTURES: [(&str, Format, u64); 7] = [
    ("claude-code.jsonl", Format::ClaudeCode, 2),
    ("codex.jsonl", Format::Codex, 1),
    ("gemini.jsonl", Format::Gemini, 2),
    ("gemini.json", Format::GeminiDocument, 0),
    ("opencode.jsonl", Format::OpenCode, 1),
    ("swe-agent.traj", Format::SweAgent, 0),
    ("atif.json", Format::Atif, 0),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

fn key() -> Secret<Author> {
    Secret::from_seed(&[1; 32])
}

fn made(run: &Run) -> Distilled {
    let id = ArtifactId::of(&run.trace.seal(&key()).unwrap());
    distil(run, &id, &CommitmentKey::of(&key()), &|text| text.to_owned()).unwrap()
}

/// Reads a fixture, checks what must be true of every one, and gives what came of it.
fn check(name: &str, format: Format, odd: u64) -> (Run, Distilled) {
    let bytes = std::fs::read(folder().join(name)).unwrap();
    assert_eq!(recognise(&bytes), Some(format), "{name}");
    let run = Log::read(format, &bytes);
    let mut slowly = Log::new(format);
    bytes.chunks(5).for_each(|chunk| slowly.push(chunk));
    assert_eq!(slowly.finish(ArtifactId::of(&bytes)), run, "{name}, five bytes at a time");
    let counts = &run.counts;
    assert_eq!(counts.malformed + counts.unknown + counts.oversized, odd, "{name}: {counts:?}");
    let ordered = run.trace.steps.is_sorted_by_key(|step| step.line);
    assert!(ordered, "{name}: steps stand in the order of the log");
    let made = made(&run);
    assert!(made.sidecar.anchors.iter().all(|anchor| anchor.holds(&run.trace)), "{name}");
    (run, made)
}

#[test]
fn every_fixture_gives_its_crystal_to_the_byte() {
    for (name, format, odd) in FIXTURES {
        let (run, made) = check(name, format, odd);
        let sealed = made.crystal.seal(&key()).unwrap();
        let anchors: Vec<String> = made
            .sidecar
            .anchors
            .iter()
            .map(|anchor| format!("{} {}-{}", anchor.field, anchor.from, anchor.to))
            .collect();
        let told = json!({
            "id": ArtifactId::of(&sealed).to_string(),
            "kinds": run.counts.kinds,
            "crystal": artifact::Crystal { evidence: Vec::new(), ..made.crystal },
            "anchors": anchors,
        });
        let told = format!("{}\n", serde_json::to_string_pretty(&told).unwrap());
        let path = folder().join(format!("{name}.crystal.json"));
        if std::env::var_os("TRACENET_BLESS").is_some() {
            std::fs::write(&path, &told).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(told, kept, "{name}");
    }
}

/// One story was written down in all formats: the same must be learnt from each.
#[test]
fn every_format_tells_the_same_story() {
    for (name, format, odd) in FIXTURES {
        let (run, made) = check(name, format, odd);
        let crystal = &made.crystal;
        assert_eq!(
            crystal.title,
            "The checkout drops the last item of a cart. Please fix it and run the tests.",
            "{name}"
        );
        assert_eq!(crystal.outcome, Outcome::Passed, "{name}");
        assert!(crystal.problem.contains("\n\nfirst error: "), "{name}: {}", crystal.problem);
        let python = format == Format::SweAgent;
        let edits: Vec<(&str, &str)> = crystal
            .fix
            .iter()
            .filter_map(|step| match step {
                FixStep::Edit { file, text } => Some((file.as_str(), text.as_str())),
                FixStep::Command { .. } => None,
            })
            .collect();
        let edit = if python {
            ("src/cart.py", "for item in items:")
        } else {
            ("src/cart.rs", "for item in &items {")
        };
        let [(file, text)] = edits.as_slice() else { panic!("{name}: {edits:?}") };
        // Some formats never tell the folder that a run took place in.
        let file = file.strip_prefix("~/git/shop/").unwrap_or(file);
        assert_eq!((file, *text), edit, "{name}");
        let command = if python { "python reproduce.py" } else { "cargo test -p shop" };
        assert!(
            crystal.fix.iter().any(|step| {
                matches!(step, FixStep::Command { text } if text.starts_with(command))
            }),
            "{name}: {:?}",
            crystal.fix
        );
        // That log keeps no status, and what the command prints shows none.
        let told = if python { 0 } else { 1 };
        assert_eq!(crystal.checks.len(), told, "{name}: {:?}", crystal.checks);
        assert!(crystal.checks.iter().all(|check| check.exit == 0), "{name}");
        let reverted = crystal.dead_ends.iter().any(|dead| dead.tried.contains("skip(1)"));
        assert_eq!(reverted, !python, "{name}: {:?}", crystal.dead_ends);
        assert!(crystal.lesson.iter().any(|said| said.contains("last item")), "{name}");
        assert!(run.counts.dropped == 0 && !run.place.sidechain, "{name}");
    }
}

#[test]
fn a_trajectory_is_written_so_that_it_reads_the_same() {
    for (name, format, odd) in FIXTURES {
        let (run, made) = check(name, format, odd);
        let written = distil::atif(&run.trace, "session", &|text| text.to_owned());
        let steps = written["steps"].as_array().unwrap();
        for (n, step) in steps.iter().enumerate() {
            assert_eq!(step["step_id"], n + 1, "{name}");
            assert!(step["message"].is_string() && step["source"].is_string(), "{name}: {step}");
        }
        assert_eq!(written["schema_version"], "ATIF-v1.7");
        let bytes = written.to_string();
        assert_eq!(recognise(bytes.as_bytes()), Some(Format::Atif), "{name}");
        let again = Log::read(Format::Atif, bytes.as_bytes());
        assert_eq!(again.counts.malformed + again.counts.unknown, 0, "{name}");
        assert_eq!(again.trace.agent, run.trace.agent, "{name}");
        let told = |run: &Run| -> Vec<String> {
            let spoken = run.trace.steps.iter().filter(|step| {
                matches!(step.kind, artifact::StepKind::Ask | artifact::StepKind::Say)
            });
            spoken.map(|step| step.text.clone()).collect()
        };
        assert_eq!(told(&again), told(&run), "{name}");
        assert_eq!(self::made(&again).crystal.title, made.crystal.title, "{name}");
    }
}
