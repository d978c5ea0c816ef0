//! Importing an agent log of 200 MB: read, hashed, compressed, parsed, distilled, sealed, stored and
//! indexed by a real node.
//!
//! The peer is what nobody can do without: each line parsed as JSON, the whole hashed by BLAKE3
//! and compressed by zstd at its usual level.

use crate::{
    logs,
    nodes::House,
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::Result;
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    time::{Duration, Instant},
};

const BYTES: u64 = 200_000_000;
const ROUNDS: usize = 3;

/// Measures both in turns, ours into a new node each time.
pub(crate) async fn run() -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log.jsonl");
    logs::long(&log, BYTES)?;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred million")]
    let mib = std::fs::metadata(&log)?.len() as f64 / f64::from(1 << 20);
    let (mut ours, mut parse) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let parsed = log.clone();
        parse.push(tokio::task::spawn_blocking(move || bare_pass(&parsed)).await??);
        let house = House::new("importer", false).await?;
        let began = Instant::now();
        house.import(&log).await?;
        ours.push(began.elapsed());
        house.node.stop().await;
    }
    let peer = ("serde_json, zstd and BLAKE3", parse.rate(mib));
    Ok(Outcome::Measured(vec![Measure::new("import", ours.rate(mib), "MiB/s", peer)]))
}

/// Parses, hashes and compresses a log in one pass. What is compressed goes nowhere.
fn bare_pass(log: &Path) -> Result<Duration> {
    let began = Instant::now();
    let mut lines = BufReader::with_capacity(256 << 10, File::open(log)?);
    let mut zstd = zstd::Encoder::new(std::io::sink(), zstd::DEFAULT_COMPRESSION_LEVEL)?;
    let mut hasher = blake3::Hasher::new();
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let value: serde_json::Value = serde_json::from_slice(&line)?;
        std::hint::black_box(value);
        hasher.update(&line);
        zstd.write_all(&line)?;
        line.clear();
    }
    zstd.finish()?;
    std::hint::black_box(hasher.finalize());
    Ok(began.elapsed())
}
