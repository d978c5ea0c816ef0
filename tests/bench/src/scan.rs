//! The scanner over the labelled corpus, and over an agent's log.
//!
//! The peer is detect-secrets as it comes, over the same files in the same run, without asking
//! anybody whether a secret is live. What it finds counts when it names a line of what was to be
//! found. Its one class stands beside each of ours.

use crate::{
    logs, made,
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Context, Result, ensure};
use screen::Class;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

const NAME: &str = "detect-secrets";
/// What is scanned for the rate: by us, and by the slower peer.
const LOG: u64 = 64 << 20;
const PEER_LOG: u64 = 1 << 20;
const ROUNDS: usize = 5;

/// Found and all, of whatever is counted.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    good: u32,
    all: u32,
}

impl Share {
    fn count(&mut self, good: bool) {
        self.good += u32::from(good);
        self.all += 1;
    }

    fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { 100.0 * f64::from(self.good) / f64::from(self.all) }
    }
}

/// One text of the corpus as a file: its group and lines, or neither for a look-alike.
struct Text {
    name: String,
    bytes: Vec<u8>,
    wanted: Option<(&'static str, std::ops::Range<usize>)>,
}

/// Measures recall, precision and rate of both.
pub(crate) fn run() -> Result<Outcome> {
    let Some(program) = std::env::var_os("TRACENET_BENCH_DETECT_SECRETS").map(PathBuf::from) else {
        return Ok(Outcome::Skipped("no detect-secrets here: ./dev bench brings it".into()));
    };
    let folder = tempfile::tempdir()?;
    let texts = texts();
    for text in &texts {
        fs::write(folder.path().join(&text.name), &text.bytes)?;
    }
    let theirs = peer(&program, folder.path())?;
    let mut measures = quality(&texts, &theirs);
    measures.extend(rates(&program)?);
    Ok(Outcome::Measured(measures))
}

fn texts() -> Vec<Text> {
    let samples = made::all().into_iter().map(|s| (s.bytes, Some((s.group, s.place))));
    let alikes = made::look_alikes().into_iter().map(|(_, bytes)| (bytes, None));
    let all = samples.chain(alikes).enumerate();
    all.map(|(n, (bytes, wanted))| Text { name: format!("{n:05}.txt"), bytes, wanted }).collect()
}

fn quality(texts: &[Text], theirs: &BTreeMap<String, Vec<usize>>) -> Vec<Measure> {
    let mut recall: BTreeMap<&str, (Share, Share)> = BTreeMap::new();
    let mut precision: BTreeMap<Class, Share> = BTreeMap::new();
    let mut their_precision = Share::default();
    for text in texts {
        let findings = screen::scan(&text.bytes).findings;
        let lines = text.wanted.as_ref().map(|(_, place)| lines(&text.bytes, place));
        let meets = |start: usize, end: usize| {
            text.wanted.as_ref().is_some_and(|(_, at)| start < at.end && at.start < end)
        };
        for found in &findings {
            precision.entry(found.class).or_default().count(meets(found.start, found.end));
        }
        let named = theirs.get(&text.name).map(Vec::as_slice).unwrap_or_default();
        let on_it = |line: &usize| lines.as_ref().is_some_and(|lines| lines.contains(line));
        for line in named {
            their_precision.count(on_it(line));
        }
        if let Some((group, _)) = &text.wanted {
            let (ours, peer) = recall.entry(group).or_default();
            ours.count(findings.iter().any(|f| meets(f.start, f.end) && f.class != Class::Unread));
            peer.count(named.iter().any(on_it));
        }
    }
    let mut measures = Vec::new();
    for group in made::GROUPS {
        if let Some((ours, peer)) = recall.get(group) {
            let name = format!("scan-recall-{group}");
            measures.push(Measure::new(&name, ours.percent(), "%", (NAME, peer.percent())));
        }
    }
    for (class, share) in precision {
        let name = format!("scan-precision-{}", class.word());
        let peer = (NAME, their_precision.percent());
        measures.push(Measure::new(&name, share.percent(), "%", peer));
    }
    measures
}

/// The lines, from 1, that `place` stands on.
fn lines(bytes: &[u8], place: &std::ops::Range<usize>) -> RangeInclusive<usize> {
    let line = |at: usize| 1 + bytes.iter().take(at).filter(|b| **b == b'\n').count();
    line(place.start)..=line(place.end)
}

/// Bytes a second of an agent's log, and how long one mebibyte takes.
fn rates(program: &Path) -> Result<Vec<Measure>> {
    let folder = tempfile::tempdir()?;
    let (log, short) = (folder.path().join("log.jsonl"), tempfile::tempdir()?);
    logs::long(&log, LOG)?;
    let bytes = fs::read(&log)?;
    let part = bytes.get(..usize::try_from(PEER_LOG)?).context("a short log")?;
    fs::write(short.path().join("log.txt"), part)?;
    let (mut all, mut one, mut peer) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for window in bytes.chunks(screen::MAX_BYTES) {
            std::hint::black_box(screen::scan(window));
        }
        all.push(began.elapsed());
        let began = Instant::now();
        std::hint::black_box(screen::scan(part));
        one.push(began.elapsed());
        let began = Instant::now();
        self::peer(program, short.path())?;
        peer.push(began.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let (whole, half) = (bytes.len() as f64 / 1e6, part.len() as f64 / 1e6);
    Ok(vec![
        Measure::new("scan-rate", all.rate(whole), "MB/s", (NAME, peer.rate(half))),
        Measure::new(
            "scan-1mib",
            half / one.rate(half) * 1e3,
            "ms",
            (NAME, half / peer.rate(half) * 1e3),
        ),
    ])
}

/// What detect-secrets finds below `folder`: the lines of each file.
fn peer(program: &Path, folder: &Path) -> Result<BTreeMap<String, Vec<usize>>> {
    #[derive(Deserialize)]
    struct Told {
        results: BTreeMap<String, Vec<Line>>,
    }
    #[derive(Deserialize)]
    struct Line {
        line_number: usize,
    }
    let ran = Command::new(program)
        .args(["scan", "--all-files", "--no-verify", "."])
        .current_dir(folder)
        .output()
        .context("detect-secrets does not start")?;
    ensure!(ran.status.success(), "detect-secrets: {}", String::from_utf8_lossy(&ran.stderr));
    let told: Told = serde_json::from_slice(&ran.stdout)?;
    let line = |(name, lines): (String, Vec<Line>)| {
        (name.trim_start_matches("./").to_owned(), lines.iter().map(|l| l.line_number).collect())
    };
    Ok(told.results.into_iter().map(line).collect())
}
