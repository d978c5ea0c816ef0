//! Logs to import: a small built-in one, always; the real ones where they are.

use std::path::{Path, PathBuf};

/// A short Claude Code session: a test fails, a file is edited, the test passes. Every number
/// gives another session.
pub fn small(n: u32) -> String {
    let user = |text: &str, at: u32| {
        serde_json::json!({
            "type": "user", "cwd": "/home/dev/git/harbour", "sessionId": format!("s{n}"),
            "timestamp": format!("2026-01-21T15:30:{at:02}.000Z"),
            "message": { "role": "user", "content": text },
        })
    };
    let call = |id: &str, name: &str, input: serde_json::Value, at: u32| {
        serde_json::json!({
            "type": "assistant", "sessionId": format!("s{n}"),
            "timestamp": format!("2026-01-21T15:30:{at:02}.000Z"),
            "message": { "role": "assistant", "model": "a-model", "content": [
                { "type": "tool_use", "id": id, "name": name, "input": input },
            ] },
        })
    };
    let result = |id: &str, text: &str, failed: bool, at: u32| {
        serde_json::json!({
            "type": "user", "sessionId": format!("s{n}"),
            "timestamp": format!("2026-01-21T15:30:{at:02}.000Z"),
            "message": { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": id, "content": text, "is_error": failed },
            ] },
        })
    };
    let test = serde_json::json!({ "command": format!("cargo test -p quay{n}") });
    let edit = serde_json::json!({
        "file_path": "/home/dev/git/harbour/src/quay.rs",
        "old_string": format!("bind(\"127.0.0.1:80{n}\")"), "new_string": "bind(\"127.0.0.1:0\")",
    });
    let failure = format!(
        "Exit code 101\nthread 'quay{n}' panicked: lighthouse number {n} is dark: \
         address already in use"
    );
    let said = serde_json::json!({
        "type": "assistant", "sessionId": format!("s{n}"), "timestamp": "2026-01-21T15:30:09.000Z",
        "message": { "role": "assistant", "content": [
            { "type": "text", "text": format!("Lighthouse {n} shines: it binds port 0 now.") },
        ] },
    });
    let lines = [
        user(&format!("Please mend the flaky lighthouse test number {n} of the quay"), 1),
        call("t1", "Bash", test.clone(), 2),
        result("t1", &failure, true, 3),
        call("t2", "Edit", edit, 4),
        result("t2", "The file has been updated.", false, 5),
        call("t3", "Bash", test, 6),
        result("t3", "test result: ok. 3 passed; 0 failed", false, 7),
        said,
    ];
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What run `n` goes on with: somebody says something more at this second, and it is done.
pub fn more(n: u32, text: &str, at: u32) -> String {
    let session = format!("s{n}");
    let (said, did) = (time(at), time(at + 1));
    let user = serde_json::json!({
        "type": "user", "cwd": "/home/dev/git/harbour", "sessionId": session, "timestamp": said,
        "message": { "role": "user", "content": text },
    });
    let call = serde_json::json!({
        "type": "assistant", "sessionId": session, "timestamp": did,
        "message": { "role": "assistant", "model": "a-model", "content": [
            { "type": "tool_use", "id": format!("m{at}"), "name": "Bash",
              "input": { "command": format!("cargo test -p pier{at}") } },
        ] },
    });
    let result = serde_json::json!({
        "type": "user", "sessionId": session, "timestamp": did,
        "message": { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": format!("m{at}"),
              "content": "test result: ok. 2 passed", "is_error": false },
        ] },
    });
    format!("{user}\n{call}\n{result}\n")
}

fn time(second: u32) -> String {
    format!("2026-01-21T15:31:{second:02}.000Z")
}

/// A real log of this name, or a line that says that it was skipped.
pub fn real(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/claude-code");
    let path = folder.join(name);
    if !path.is_file() {
        eprintln!("skipped: no real log at {}", path.display());
        return None;
    }
    Some(path)
}
