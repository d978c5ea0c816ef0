//! Agent logs made up for measuring: the shapes and proportions of real ones, no content of any.

use anyhow::Result;
use artifact::{Crystal, Env, FixStep, Outcome, UnixMillis};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

/// Writes one short session about a problem of its own, from which one crystal comes.
pub(crate) fn short(path: &Path, number: u32) -> Result<()> {
    let mut log = BufWriter::new(File::create(path)?);
    for turn in 0..3 {
        write_turn(&mut log, number, turn, 2)?;
    }
    Ok(log.flush()?)
}

/// Writes one session about a problem in these words: it shows in a command, and ends with an edit.
pub(crate) fn about(path: &Path, number: u32, title: &str, problem: &str) -> Result<()> {
    let said = |text: &str| json!({ "role": "user", "content": text });
    let uses = |id: &str, tool: &str, input: Value| {
        json!({ "role": "assistant", "content": [
            { "type": "tool_use", "id": id, "name": tool, "input": input },
        ] })
    };
    let answers = |id: &str, text: &str, is_error: bool| {
        json!({ "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": id, "content": text, "is_error": is_error },
        ] })
    };
    let test = json!({ "command": "cargo test" });
    let file = json!({ "file_path": "/home/ann/shop/a.rs", "old_string": "1", "new_string": "2" });
    let lines = [
        ("user", said(&format!("{title}\n\n{problem}"))),
        ("assistant", uses("one", "Bash", test.clone())),
        ("user", answers("one", &format!("error: {problem}"), true)),
        ("assistant", uses("two", "Edit", file)),
        ("user", answers("two", "updated", false)),
        ("assistant", uses("three", "Bash", test)),
        ("user", answers("three", "test result: ok. 4 passed; 0 failed", false)),
    ];
    let mut log = BufWriter::new(File::create(path)?);
    for (second, (kind, message)) in lines.into_iter().enumerate() {
        let line = json!({
            "type": kind, "uuid": format!("{number}-{second}"), "cwd": "/home/ann/shop",
            "sessionId": format!("88f04c6a-d128-40bf-96b3-{number:012}"), "version": "2.1.11",
            "timestamp": format!("2026-01-21T10:00:{second:02}.000Z"), "message": message,
        });
        writeln!(log, "{line}")?;
    }
    Ok(log.flush()?)
}

/// Writes one session of at least this many bytes.
pub(crate) fn long(path: &Path, bytes: u64) -> Result<()> {
    let mut log = BufWriter::new(File::create(path)?);
    let (mut written, mut turn) = (0, 0);
    while written < bytes {
        written += write_turn(&mut log, 0, turn, 90)?;
        turn += 1;
    }
    Ok(log.flush()?)
}

/// One round of asking, running a command and editing a file. `weight` sets how much the command
/// says and how long the file is.
fn write_turn(log: &mut impl std::io::Write, number: u32, turn: u32, weight: usize) -> Result<u64> {
    let said = format!("error[E{number:04}]: cannot bind port {turn}: address in use\\n --> src/net{number}.rs:{turn}:9\\n")
        .repeat(weight);
    let file = "fn main() {\\n    println!(\\\"{}\\\", 42);\\n}\\n".repeat(weight);
    let stamp = |part: u32| {
        let second = turn * 7 + part;
        let (h, m, s) = (second / 3600 % 24, second / 60 % 60, second % 60);
        format!("2026-01-21T{h:02}:{m:02}:{s:02}.000Z")
    };
    let line = |part: u32, kind: &str, rest: &str| {
        format!(
            r#"{{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/home/ann/git/shop{number}","sessionId":"88f04c6a-d128-40bf-96b3-{number:012}","version":"2.1.11","gitBranch":"main","type":"{kind}","uuid":"9f344c29-bf23-46ef-{part:04}-{turn:012}","timestamp":"{at}",{rest}}}"#,
            at = stamp(part),
        )
    };
    let lines = [
        line(
            0,
            "user",
            &format!(
                r#""message":{{"role":"user","content":"the port binding of service {number} fails in CI, round {turn}: please fix it"}}"#
            ),
        ),
        line(
            1,
            "assistant",
            &format!(
                r#""message":{{"model":"m","role":"assistant","content":[{{"type":"text","text":"I will look into round {turn}."}}],"usage":{{"input_tokens":10,"output_tokens":3}}}}"#
            ),
        ),
        line(
            2,
            "assistant",
            &format!(
                r#""message":{{"role":"assistant","content":[{{"type":"tool_use","id":"toolu_{turn}","name":"Bash","input":{{"command":"cargo test -p net{number} 2>&1 | tail -40"}}}}]}}"#
            ),
        ),
        line(
            3,
            "user",
            &format!(
                r#""message":{{"role":"user","content":[{{"tool_use_id":"toolu_{turn}","type":"tool_result","content":"{said}","is_error":{failed}}}]}},"toolUseResult":{{"stdout":"{said}","stderr":"","interrupted":false}}"#,
                failed = turn % 3 != 2
            ),
        ),
        line(
            4,
            "assistant",
            &format!(
                r#""message":{{"role":"assistant","content":[{{"type":"tool_use","id":"toole_{turn}","name":"Edit","input":{{"file_path":"/home/ann/git/shop{number}/src/net{number}.rs","old_string":"bind(80)","new_string":"bind({turn})"}}}}]}}"#
            ),
        ),
        line(
            5,
            "user",
            &format!(
                r#""message":{{"role":"user","content":[{{"tool_use_id":"toole_{turn}","type":"tool_result","content":"updated"}}]}},"toolUseResult":{{"filePath":"f","originalFile":"{file}"}}"#
            ),
        ),
        line(6, "progress", r#""data":{"type":"bash_progress","output":""}"#),
    ];
    let mut written = 0;
    for line in lines {
        log.write_all(line.as_bytes())?;
        log.write_all(b"\n")?;
        written += line.len() as u64 + 1;
    }
    Ok(written)
}

/// A crystal such as becomes of a short log; no two of one number.
pub(crate) fn crystal(number: u32, now: UnixMillis) -> Crystal {
    Crystal {
        title: format!("The port binding of service {number} fails in CI"),
        problem: format!(
            "error[E{number:04}]: cannot bind port {number}: address in use, while the tests of \
             service {number} start their servers side by side on a machine with few ports free"
        ),
        fix: vec![FixStep::Command { text: format!("cargo test -p net{number} -- --port 0") }],
        checks: Vec::new(),
        outcome: Outcome::Passed,
        dead_ends: Vec::new(),
        lesson: vec!["A server of a test asks for port 0 and says which it got.".to_owned()],
        env: Env::default(),
        family: Vec::new(),
        supersedes: None,
        evidence: Vec::new(),
        iat: now,
    }
}
