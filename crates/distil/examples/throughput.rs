//! How fast a log is read: a synthetic one of 200 MB, made in memory a turn at a time.
//! Run with `cargo run --release -p distil --example throughput`.

use artifact::ArtifactId;
use std::time::{Duration, Instant};

const TOTAL: usize = 200 << 20;

fn main() {
    let output =
        "warning: unused variable `x`\\n  --> src/main.rs:12:9\\n\\\"quoted\\\" text – ".repeat(90);
    let file = "fn main() {\\n    println!(\\\"{}\\\", 42);\\n}\\n".repeat(140);
    let mut importer = distil::Format::ClaudeCode.importer();
    let (mut bytes, mut turn) = (0, 0_u64);
    let mut spent = Duration::ZERO;
    while bytes < TOTAL {
        turn += 1;
        let head = format!(
            r#"{{"parentUuid":"c7ec3edb-8394-4c33-a0b0-{turn:012}","isSidechain":false,"userType":"external","cwd":"/home/ann/git/shop","sessionId":"88f04c6a-d128-40bf-96b3-6b2aa787f62c","version":"2.1.11","gitBranch":"main""#
        );
        let (s, ms) = (turn / 1000 % 60, turn % 1000);
        let tail = format!(
            r#""uuid":"9f344c29-bf23-46ef-993e-{turn:012}","timestamp":"2026-01-21T15:30:{s:02}.{ms:03}Z"}}"#
        );
        let lines = [
            format!(
                r#"{head},"type":"user","message":{{"role":"user","content":"please fix warning {turn}"}},{tail}"#
            ),
            format!(
                r#"{head},"message":{{"model":"m","role":"assistant","content":[{{"type":"text","text":"I will look into warning {turn} now."}}],"usage":{{"input_tokens":10,"output_tokens":3}}}},"type":"assistant",{tail}"#
            ),
            format!(
                r#"{head},"message":{{"role":"assistant","content":[{{"type":"tool_use","id":"toolu_{turn}","name":"Bash","input":{{"command":"cargo build 2>&1 | tail -40"}}}}]}},"type":"assistant",{tail}"#
            ),
            format!(
                r#"{head},"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"toolu_{turn}","type":"tool_result","content":"{output}","is_error":false}}]}},"toolUseResult":{{"stdout":"{output}","stderr":"","interrupted":false}},{tail}"#
            ),
            format!(
                r#"{head},"message":{{"role":"assistant","content":[{{"type":"tool_use","id":"toole_{turn}","name":"Edit","input":{{"file_path":"/home/ann/git/shop/src/f{turn}.rs","old_string":"let x","new_string":"let _x"}}}}]}},"type":"assistant",{tail}"#
            ),
            format!(
                r#"{head},"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"toole_{turn}","type":"tool_result","content":"updated"}}]}},"toolUseResult":{{"filePath":"f","originalFile":"{file}"}},{tail}"#
            ),
            format!(
                r#"{head},"type":"progress","data":{{"type":"bash_progress","output":""}},{tail}"#
            ),
        ];
        let start = Instant::now();
        for line in &lines {
            importer.record("", line.as_bytes());
            bytes += line.len() + 1;
        }
        spent += start.elapsed();
    }
    let run = importer.finish(ArtifactId::of(b""));
    let rate = bytes as f64 / spent.as_secs_f64() / 1e6;
    println!(
        "{} lines, {} steps, {} pieces of work",
        run.counts.lines,
        run.trace.steps.len(),
        run.work.len()
    );
    println!("read {:.0} MB in {spent:.2?}: {rate:.0} MB/s", bytes as f64 / 1e6);
    let key = artifact::Secret::<artifact::Author>::from_seed(&[1; 32]);
    let start = Instant::now();
    let key = artifact::crystal::CommitmentKey::of(&key);
    let made = distil::distil(&run, &ArtifactId::of(b""), &key, &|text| text.to_owned());
    println!("distilled in {:.2?}: {:?}", start.elapsed(), made.map(|made| made.crystal.title));
}
