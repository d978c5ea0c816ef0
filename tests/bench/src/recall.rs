//! A question to a hundred thousand crystals: ours by words, ours by words and meanings, tantivy
//! as it comes, and SQLite's full-text search, in turns.
//!
//! The texts are made up, the vectors too: embedding as many would take an hour. A question is
//! embedded by the real model; where there is none, that half is left out.

mod rivals;

use crate::{
    report::{Measure, Outcome},
    sample::Samples,
};
use anyhow::{Result, ensure};
use artifact::{ArtifactId, Outcome as Ended};
use recall::{Doc, Index, Means, Question};
use rivals::{Bare, Sqlite};
use std::{fs::File, io::Write, path::Path, time::Instant};

const CRYSTALS: u64 = 100_000;
const MANY: u64 = 1_000_000;
/// Crystals that are put into an index at a time.
const BATCH: usize = 5_000;
/// Questions to each; SQLite, which is slow, gets one of so many.
const QUESTIONS: u64 = 400;
const SQLITE_GETS: u64 = 5;
const BEST: usize = 10;
/// Starts that are measured.
const STARTS: usize = 5;

/// Words that stand in crystals: few are frequent, most are rare.
const WORDS: [&str; 32] = [
    "port",
    "binding",
    "timeout",
    "linker",
    "borrow",
    "checker",
    "async",
    "runtime",
    "panic",
    "overflow",
    "socket",
    "permission",
    "denied",
    "cargo",
    "clippy",
    "webpack",
    "typescript",
    "migration",
    "postgres",
    "deadlock",
    "cache",
    "invalid",
    "certificate",
    "proxy",
    "docker",
    "volume",
    "kernel",
    "segfault",
    "unicode",
    "encoding",
    "latency",
    "retry",
];

/// Measures all four in turns.
pub(crate) fn run() -> Result<Outcome> {
    let (ours_at, theirs_at) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let model = node::model_folder();
    write_index(ours_at.path(), CRYSTALS)?;
    let docs: Vec<Doc> = (0..CRYSTALS).map(doc).collect();
    let bare = Bare::new(theirs_at.path(), &docs)?;
    let sqlite = Sqlite::new(&theirs_at.path().join("fts5.db"), &docs)?;
    let (mut starts, mut ours) = (Samples::default(), None);
    for _ in 0..STARTS {
        drop(ours.take());
        let began = Instant::now();
        let index = Index::open(ours_at.path(), model.as_deref())?;
        std::hint::black_box(index.search(&asked(&question(0)), BEST)?);
        starts.push(began.elapsed());
        ours = Some(index);
    }
    let Some(ours) = ours else { return Ok(Outcome::Skipped("no index was opened".to_owned())) };
    let warm = ours.ask(&asked(&question(0)), BEST)?.means == Means::Both;
    let [mut words, mut both, mut tantivy, mut fts5] = [const { Samples::new() }; 4];
    for number in 0..QUESTIONS {
        let question = question(number);
        timed(&mut words, || Ok(ours.search(&asked(&question), BEST)?.hits.len()))?;
        timed(&mut tantivy, || bare.search(&question, BEST))?;
        if warm {
            timed(&mut both, || Ok(ours.ask(&asked(&question), BEST)?.hits.len()))?;
        }
        if number.is_multiple_of(SQLITE_GETS) {
            timed(&mut fts5, || sqlite.search(&question, BEST))?;
        }
    }
    let at = |name: &str, own: &Samples, share, peer, other: &Samples| {
        Measure::new(name, own.quantile(share), "ms", (peer, other.quantile(share)))
    };
    let (bare, sqlite) = ("tantivy as it comes", "SQLite FTS5");
    let mut measures = vec![
        at("recall-words-p50", &words, 0.5, bare, &tantivy),
        at("recall-words-p95", &words, 0.95, bare, &tantivy),
        at("recall-words-p50-fts5", &words, 0.5, sqlite, &fts5),
        at("recall-words-p95-fts5", &words, 0.95, sqlite, &fts5),
        at("recall-start", &starts, 0.5, sqlite, &fts5),
    ];
    if warm {
        measures.push(at("recall-both-p50", &both, 0.5, sqlite, &fts5));
        measures.push(at("recall-both-p95", &both, 0.95, sqlite, &fts5));
    } else {
        eprintln!("bench: no model here (TRACENET_MODEL): words alone");
    }
    Ok(Outcome::Measured(measures))
}

/// The same questions to ten times as many crystals, in turns with the hundred thousand.
pub(crate) fn grown() -> Result<Outcome> {
    let model = node::model_folder();
    let opened = |at: &Path, count: u64| -> Result<Index> {
        eprintln!("bench: writing {count} crystals …");
        write_index(at, count)?;
        Ok(Index::open(at, model.as_deref())?)
    };
    let (few_at, many_at) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (few, many) = (opened(few_at.path(), CRYSTALS)?, opened(many_at.path(), MANY)?);
    let warm = few.ask(&asked(&question(0)), BEST)?.means == Means::Both;
    let [mut words, mut words_many, mut both, mut both_many] = [const { Samples::new() }; 4];
    for number in 0..QUESTIONS {
        let question = question(number);
        timed(&mut words, || Ok(few.search(&asked(&question), BEST)?.hits.len()))?;
        timed(&mut words_many, || Ok(many.search(&asked(&question), BEST)?.hits.len()))?;
        if warm {
            timed(&mut both, || Ok(few.ask(&asked(&question), BEST)?.hits.len()))?;
            timed(&mut both_many, || Ok(many.ask(&asked(&question), BEST)?.hits.len()))?;
        }
    }
    let against = "a tenth as many crystals";
    let at = |name: &str, own: &Samples, other: &Samples| {
        Measure::new(name, own.quantile(0.95), "ms", (against, other.quantile(0.95)))
    };
    let mut measures = vec![at("recall-million-words-p95", &words_many, &words)];
    if warm {
        measures.push(at("recall-million-both-p95", &both_many, &both));
    }
    Ok(Outcome::Measured(measures))
}

/// An index of so many crystals that are made up, with vectors that mean nothing.
fn write_index(at: &Path, count: u64) -> Result<()> {
    let index = Index::open(at, None)?;
    for (first, level) in (0..count).step_by(BATCH).zip(1..) {
        let some = first..count.min(first + BATCH as u64);
        index.put(&some.map(doc).collect::<Vec<_>>(), level)?;
    }
    drop(index);
    write_vectors(&at.join("vectors"), count)
}

/// Times one question that must find something.
fn timed(samples: &mut Samples, ask: impl FnOnce() -> Result<usize>) -> Result<()> {
    let began = Instant::now();
    let found = std::hint::black_box(ask()?);
    samples.push(began.elapsed());
    ensure!(found > 0, "nothing was found");
    Ok(())
}

const fn asked(text: &str) -> Question<'_> {
    Question { text, repository: "", now: 0, except: &[], own: false }
}

/// A vectors' file as the index keeps it, of numbers that mean nothing.
fn write_vectors(path: &Path, count: u64) -> Result<()> {
    let mut file = std::io::BufWriter::new(File::create(path)?);
    file.write_all(b"tracenet vectors 1 MiniLM-L6-v2\n")?;
    for number in 0..count {
        let mut dice = Dice::new(number + 7);
        let mut record = ArtifactId::of(&number.to_le_bytes()).as_bytes().to_vec();
        record.extend(number.to_le_bytes());
        record.extend((1.0_f32 / 1_000.0).to_le_bytes());
        record.extend((0..48).flat_map(|_| dice.next().to_le_bytes()));
        record.extend(crc32fast::hash(&record).to_le_bytes());
        file.write_all(&record)?;
    }
    Ok(file.flush()?)
}

/// A stream of numbers from a seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A word: one of the list, or as often one with a number that is its own or nearly.
    fn word(&mut self) -> String {
        let roll = self.next();
        let place = usize::try_from(roll % 32).unwrap_or(0);
        let word = WORDS.get(place).copied().unwrap_or("port");
        match self.next() % 2 {
            0 => word.to_owned(),
            _ => format!("{word}{}", self.next() % 3_000),
        }
    }

    pub(crate) fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn doc(number: u64) -> Doc {
    let mut dice = Dice::new(number + 1);
    Doc {
        id: ArtifactId::of(&number.to_le_bytes()),
        title: dice.words(8),
        problem: dice.words(60),
        files: format!("src/{}.rs\nsrc/{}.rs", dice.word(), dice.word()),
        commands: format!("cargo test -p {}\ncargo clippy -p {}", dice.word(), dice.word()),
        body: dice.words(120),
        peer: number.is_multiple_of(5),
        outcome: Ended::Passed,
        at: number,
        repository: String::new(),
        helped: 0,
        links: Vec::new(),
    }
}

/// A title with an error text, as agents ask.
fn question(number: u64) -> String {
    Dice::new(number + 1_000_003).words(14)
}
