//! Whatever a log holds: nothing panics, no line is lost, the same bytes give the same crystal,
//! and trace and crystal seal within their limits.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use artifact::{ArtifactId, Author, Secret, crystal::CommitmentKey};
use distil::{Format, Log, Run, distil, note, recognise};
use proptest::prelude::*;

const LINES: &[&str] = &[
    r#"{"type":"user","cwd":"/Users/x/git/shop","sessionId":"s","timestamp":"2026-01-21T15:30:16.868Z","message":{"content":"please fix the login bug"}}"#,
    r#"{"type":"user","message":{"content":[{"type":"text","text":"no, <system-reminder>a</system-reminder>[Image #1] wrong"}]}}"#,
    r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"cd /w && cargo test 2>&1 | tail"}}]}}"#,
    r#"{"type":"user","message":{"content":[{"tool_use_id":"t1","type":"tool_result","content":"Exit code 101\nerror[E0308]: x\n  --> /Users/x/a.rs:1:2","is_error":true}]}}"#,
    r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t2","name":"Edit","input":{"file_path":"/Users/x/git/shop/a.rs","old_string":"a","new_string":"b"}}]}}"#,
    r#"{"type":"user","message":{"content":[{"tool_use_id":"t2","type":"tool_result","content":[{"type":"text","text":"ok"}]}]},"toolUseResult":{"success":true}}"#,
    r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t3","name":"Write","input":{"file_path":"b","content":"whole\nfile"}},{"type":"tool_use","id":"t4","name":"Bash","input":{"command":"git checkout -- b; rm -rf 'a"}}]}}"#,
    r#"{"type":"user","message":{"content":[{"tool_use_id":"t3","type":"tool_result","content":"x"},{"tool_use_id":"t4","type":"tool_result","content":"y"}]}}"#,
    r#"{"type":"assistant","message":{"model":"m","content":[{"type":"text","text":"The login bug is fixed. See **a.rs** <tracenet-context id=\"1\">z."}]}}"#,
    r#"{"type":"system","subtype":"api_error"}"#,
];

fn key() -> Secret<Author> {
    Secret::from_seed(&[3; 32])
}

/// Imports, seals, distils and seals again; the crystal's bytes, if there is one.
fn whole(run: &Run, mask: &dyn Fn(&str) -> String) -> Option<Vec<u8>> {
    let id = ArtifactId::of(&run.trace.seal(&key()).unwrap());
    let made = distil(run, &id, &CommitmentKey::of(&key()), mask).ok()?;
    assert!(made.sidecar.anchors.iter().all(|anchor| anchor.holds(&run.trace)));
    Some(made.crystal.seal(&key()).unwrap())
}

fn check(bytes: &[u8], mask: &dyn Fn(&str) -> String) {
    check_as(Format::ClaudeCode, bytes, mask);
}

fn check_as(format: Format, bytes: &[u8], mask: &dyn Fn(&str) -> String) {
    let _ = recognise(bytes);
    let run = Log::read(format, bytes);
    if !format.is_document() {
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n').count();
        assert_eq!(run.counts.lines, if bytes.is_empty() { 0 } else { lines as u64 });
    }
    let mut slowly = Log::new(format);
    bytes.chunks(7).for_each(|chunk| slowly.push(chunk));
    let slowly = slowly.finish(ArtifactId::of(bytes));
    assert_eq!(slowly, run);
    assert_eq!(whole(&run, mask), whole(&slowly, mask));
}

/// The fixtures of this repository, each with its format.
fn fixtures() -> Vec<(Format, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let names = [
        "claude-code.jsonl",
        "codex.jsonl",
        "gemini.jsonl",
        "gemini.json",
        "opencode.jsonl",
        "swe-agent.traj",
        "atif.json",
    ];
    let read = names.map(|name| std::fs::read(folder.join(name)).unwrap());
    read.into_iter().map(|bytes| (recognise(&bytes).unwrap(), bytes)).collect()
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(LINES), 1..30)
        .prop_map(|l| l.join("\n").into_bytes())
}

/// Text that finds the edges of every pattern: quotes, marks, control and wide characters.
fn wild() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            any::<char>().prop_map(String::from),
            "[ -~]{0,12}",
            prop::sample::select(
                &[
                    "\n",
                    "'",
                    "\"",
                    "\\",
                    "<<EOF",
                    "&&",
                    "|",
                    "/Users/",
                    "/home/",
                    "-Users-",
                    "C:\\Users\\",
                    "\u{1b}[",
                    "<system-reminder>",
                    "</system-reminder>",
                    "[Image",
                    "<tracenet-context",
                    "</tracenet-context",
                    "error: ",
                    "Exit code ",
                    "…",
                    "𝔘",
                    "\u{202e}",
                    "cargo test",
                    "git checkout ",
                    "rm ",
                    "/Users/x/git/shop",
                    "Traceback (most recent call last)",
                ][..]
            )
            .prop_map(str::to_owned),
        ],
        0..60,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        check(&bytes, &|text| text.to_owned());
    }

    #[test]
    fn mutated_logs(mut bytes in log(), at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12), cut in any::<prop::sample::Index>()) {
        for (index, byte) in at {
            let n = index.index(bytes.len());
            bytes.splice(n..=n, [byte]);
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        check(&bytes, &|text| text.to_owned());
    }

    #[test]
    fn mutated_logs_of_every_format(which in 0_usize..7, at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12), cut in any::<prop::sample::Index>(), as_which in 0_usize..14) {
        let fixtures = fixtures();
        let (format, bytes) = fixtures.get(which).unwrap();
        let mut bytes = bytes.clone();
        for (index, byte) in at {
            let n = index.index(bytes.len());
            bytes.splice(n..=n, [byte]);
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        check_as(*format, &bytes, &|text| text.to_owned());
        // A log may be taken for one of another format.
        if let Some((format, _)) = fixtures.get(as_which) {
            check_as(*format, &bytes, &|text| text.to_owned());
        }
    }

    #[test]
    fn wild_words(ask in wild(), command in wild(), output in wild(), old in wild(), new in wild(), says in wild(), failed: bool, grow in 0_usize..40) {
        let user = |content: serde_json::Value| serde_json::json!({
            "type": "user", "cwd": "/Users/x/git/shop", "sessionId": "s", "message": { "content": content },
        });
        let agent = |content: serde_json::Value| serde_json::json!({
            "type": "assistant", "message": { "content": content },
        });
        let result = |id: &str| serde_json::json!([{
            "type": "tool_result", "tool_use_id": id, "is_error": failed, "content": output,
        }]);
        let log = [
            user(ask.clone().into()),
            agent(serde_json::json!([{ "type": "tool_use", "id": "a", "name": "Bash", "input": { "command": command } }])),
            user(result("a")),
            agent(serde_json::json!([{ "type": "tool_use", "id": "b", "name": "Edit", "input": { "file_path": ask, "old_string": old, "new_string": new } }])),
            user(result("b")),
            agent(serde_json::json!([{ "type": "tool_use", "id": "c", "name": "WebFetch", "input": { "url": new } }])),
            user(result("c")),
            agent(serde_json::json!([{ "type": "text", "text": says }])),
        ];
        let log: Vec<String> = log.iter().map(ToString::to_string).collect();
        // A mask may make text longer, or leave nothing of it.
        check(log.join("\n").as_bytes(), &|text| text.repeat(grow));
        whole(&note(&says, 5, &ask, ArtifactId::of(b"")), &|text| text.repeat(grow));
    }
}

/// The fullest log there can be still seals.
#[test]
fn a_full_trace_seals() {
    let mut importer = Format::ClaudeCode.importer();
    let word = "w".repeat(100);
    let time = "2026-01-21T15:30:16.868Z";
    for n in 0..210_000 {
        let line = format!(
            r#"{{"type":"assistant","timestamp":"{time}","message":{{"content":[{{"type":"tool_use","id":"{word}{n}","name":"{word}","input":{{"command":"{word}"}}}}]}}}}"#
        );
        importer.record("", line.as_bytes());
    }
    let run = importer.finish(ArtifactId::of(b""));
    assert_eq!(run.counts.dropped, 10_000);
    assert!(whole(&run, &|text| text.to_owned()).is_none());
}

/// Logs made to be slow, by many edits of one file, marks and failures, come to an end. The
/// time is told, not judged.
#[test]
fn no_log_is_endless() {
    let start = std::time::Instant::now();
    let mut importer = Format::ClaudeCode.importer();
    for n in 0..2_000 {
        let edit = format!(
            r#"{{"type":"assistant","message":{{"content":[{{"type":"tool_use","id":"e{n}","name":"Edit","input":{{"file_path":"a","old_string":"o{n}","new_string":"n{n}"}}}},{{"type":"tool_use","id":"c{n}","name":"Bash","input":{{"command":"x{n}; rm b; git checkout c"}}}}]}}}}"#
        );
        importer.record("", edit.as_bytes());
        let result = format!(
            r#"{{"type":"user","message":{{"content":[{{"type":"tool_result","tool_use_id":"e{n}","content":"ok"}},{{"type":"tool_result","tool_use_id":"c{n}","is_error":{},"content":"Error: {n}x"}}]}}}}"#,
            n % 2 == 0
        );
        importer.record("", result.as_bytes());
    }
    for mark in [
        "<tracenet-context id=1></tracenet-context>",
        "[Image #",
        "<system-reminder>x</system-reminder>",
    ] {
        let line =
            format!(r#"{{"type":"user","message":{{"content":"{}"}}}}"#, mark.repeat(50_000));
        importer.record("", line.as_bytes());
    }
    importer.record("", br#"{"type":"user","message":{"content":"please make it fast"}}"#);
    let run = importer.finish(ArtifactId::of(b""));
    assert!(whole(&run, &|text| text.to_owned()).is_some());
    eprintln!("took {:?}", start.elapsed());
}
