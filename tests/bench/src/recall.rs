//! A question to ten thousand crystals, asked of the index alone.
//!
//! The peer is tantivy as it comes: one field a part, its default tokenizer, the same words joined
//! by OR, ten best. Ours tokenizes code and error text, weighs the parts and breaks ties.

use crate::report::{Measure, Outcome};
use crate::sample::Samples;
use anyhow::{Context as _, Result};
use artifact::{ArtifactId, Outcome as Ended};
use recall::{Doc, Index};
use std::time::Instant;
use tantivy::{
    TantivyDocument,
    collector::TopDocs,
    query::QueryParser,
    schema::{Field, STORED, Schema, TEXT, Value as _},
};

const CRYSTALS: u64 = 10_000;
const QUESTIONS: u64 = 400;
const BEST: usize = 10;

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

/// Measures both in turns.
pub(crate) fn run() -> Result<Outcome> {
    let docs: Vec<Doc> = (0..CRYSTALS).map(doc).collect();
    let (ours_at, theirs_at) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let ours = Index::open(ours_at.path())?;
    for (some, level) in docs.chunks(2_000).zip(1..) {
        ours.put(some, level)?;
    }
    let theirs = Bare::new(theirs_at.path(), &docs)?;
    let (mut own, mut bare) = (Samples::default(), Samples::default());
    for number in 0..QUESTIONS {
        let question = question(number);
        let began = Instant::now();
        std::hint::black_box(ours.search(&question, BEST)?);
        let took = began.elapsed();
        let began = Instant::now();
        std::hint::black_box(theirs.search(&question)?);
        bare.push(began.elapsed());
        own.push(took);
    }
    let peer = "tantivy as it comes";
    let at =
        |name, share| Measure::new(name, own.quantile(share), "ms", (peer, bare.quantile(share)));
    Ok(Outcome::Measured(vec![at("recall-p50", 0.5), at("recall-p95", 0.95)]))
}

/// A stream of numbers from a seed (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
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

    fn words(&mut self, count: usize) -> String {
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
    }
}

/// A title with an error text, as agents ask.
fn question(number: u64) -> String {
    Dice::new(number + 1_000_003).words(12)
}

/// Tantivy as it comes.
struct Bare {
    reader: tantivy::IndexReader,
    parser: QueryParser,
    id: Field,
}

impl Bare {
    fn new(folder: &std::path::Path, docs: &[Doc]) -> Result<Self> {
        let mut schema = Schema::builder();
        let id = schema.add_bytes_field("id", STORED);
        let fields = ["title", "problem", "files", "commands", "body"]
            .map(|n| schema.add_text_field(n, TEXT));
        let index = tantivy::Index::create_in_dir(folder, schema.build())?;
        let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, 50_000_000)?;
        for doc in docs {
            let mut written = TantivyDocument::default();
            written.add_bytes(id, doc.id.as_bytes());
            let parts = [&doc.title, &doc.problem, &doc.files, &doc.commands, &doc.body];
            for (field, text) in fields.into_iter().zip(parts) {
                written.add_text(field, text);
            }
            writer.add_document(written)?;
        }
        writer.commit()?;
        let parser = QueryParser::for_index(&index, fields.to_vec());
        Ok(Self { reader: index.reader()?, parser, id })
    }

    fn search(&self, question: &str) -> Result<Vec<(f32, Vec<u8>)>> {
        let searcher = self.reader.searcher();
        let query = self.parser.parse_query(question)?;
        let top = searcher.search(&query, &TopDocs::with_limit(BEST).order_by_score())?;
        let mut found = Vec::with_capacity(top.len());
        for (score, address) in top {
            let doc: TantivyDocument = searcher.doc(address)?;
            let id = doc.get_first(self.id).and_then(|id| id.as_bytes()).context("no id")?;
            found.push((score, id.to_vec()));
        }
        Ok(found)
    }
}
