//! What is indexed of a crystal, and how.
//!
//! Vectors are made of the title, the problem and the fix, in that order: what the model reads
//! first counts most.
//!
//! All text of a document is one field, in which the words of its title and of its error stand
//! three times, of its files and commands twice (BM25 with weighted term frequencies: Robertson,
//! Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004). One field keeps
//! a query one scorer a term, which tantivy can prune.

use crate::{Link, words};
use artifact::{ArtifactId, Outcome, UnixMillis};
use tantivy::{
    TantivyDocument, Term,
    schema::{
        BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing,
        TextOptions,
    },
};

/// What is indexed of one crystal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// The crystal's id.
    pub id: ArtifactId,
    /// Its title.
    pub title: String,
    /// What went wrong, error text included.
    pub problem: String,
    /// Paths of the files it touched.
    pub files: String,
    /// The commands it ran.
    pub commands: String,
    /// Everything else worth finding it by.
    pub body: String,
    /// Whether it came from a peer.
    pub peer: bool,
    /// How its run ended.
    pub outcome: Outcome,
    /// When.
    pub at: UnixMillis,
    /// The repository it belongs to, in any form that is always the same; empty when unknown.
    pub repository: String,
    /// How often it helped, less how often it was wrong.
    pub helped: i32,
    /// What it has in common with others, and what it names. No question is answered by it.
    pub links: Vec<Link>,
}

impl Doc {
    /// The text whose meaning is looked for.
    pub(crate) fn meaning(&self) -> String {
        [&self.title, &self.problem, &self.commands, &self.body]
            .into_iter()
            .filter(|part| !part.trim().is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// A short name of a text: equal for equal texts, and hardly ever for others.
pub(crate) fn key(text: &str) -> u64 {
    let hash = ArtifactId::of(text.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Where the parts of a document stand in the index.
#[derive(Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) text: Field,
    prior: Field,
    key: Field,
    repository: Field,
    helped: Field,
    links: Field,
}

/// Numbers beside a document, one column each.
pub(crate) const PRIOR: &str = "prior";
/// Of the text whose meaning is looked for.
pub(crate) const KEY: &str = "key";
/// Of the repository's name; 0 when unknown.
pub(crate) const REPOSITORY: &str = "repository";
pub(crate) const HELPED: &str = "helped";
/// Changes whenever the same crystal is given other links, as under another vocabulary: an index
/// made under another name is made anew.
pub const LINKS: &str = "links-1";

/// The one schema; an index with another is made anew.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(words::NAME)
        .set_index_option(IndexRecordOption::WithFreqs);
    let column = NumericOptions::default().set_fast();
    let fields = Fields {
        id: schema.add_bytes_field("id", BytesOptions::default().set_indexed().set_stored()),
        text: schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing)),
        prior: schema.add_u64_field(PRIOR, column.clone()),
        key: schema.add_u64_field(KEY, column.clone()),
        repository: schema.add_u64_field(REPOSITORY, column.clone()),
        helped: schema.add_i64_field(HELPED, column),
        links: schema.add_bytes_field(LINKS, BytesOptions::default().set_indexed()),
    };
    (schema.build(), fields)
}

impl Fields {
    pub(crate) fn id_term(&self, id: &ArtifactId) -> Term {
        Term::from_field_bytes(self.id, id.as_bytes())
    }

    pub(crate) fn link_term(&self, link: &Link) -> Term {
        Term::from_field_bytes(self.links, link.as_bytes())
    }

    /// What the index stores of `doc`.
    pub(crate) fn document(&self, doc: &Doc) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.id, doc.id.as_bytes());
        document.add_u64(self.prior, prior(doc));
        document.add_u64(self.key, key(&doc.meaning()));
        document.add_u64(self.repository, repository(&doc.repository));
        document.add_i64(self.helped, i64::from(doc.helped));
        for link in &doc.links {
            document.add_bytes(self.links, link.as_bytes());
        }
        let weighted = [
            (&doc.title, 3),
            (&doc.problem, 3),
            (&doc.files, 2),
            (&doc.commands, 2),
            (&doc.body, 1),
        ];
        for (text, weight) in weighted {
            for _ in 0..weight {
                document.add_text(self.text, text);
            }
        }
        document
    }
}

/// A repository's name as its column has it.
pub(crate) fn repository(name: &str) -> u64 {
    if name.is_empty() { 0 } else { key(name).max(1) }
}

/// The newest time that a prior can hold.
pub(crate) const NEWEST: u64 = (1 << 61) - 1;

const OWN: u64 = 1 << 61;

/// Which of two documents with equal scores goes first, the higher: a run that ended well before
/// one that did not, one's own before a peer's, newer before older. Packed into one number: two
/// bits, one bit, 61 bits.
fn prior(doc: &Doc) -> u64 {
    let outcome = match doc.outcome {
        Outcome::Passed => 3,
        Outcome::Accepted => 2,
        Outcome::Unknown => 1,
        Outcome::Failed => 0,
    };
    (outcome << 62) | (u64::from(!doc.peer) * OWN) | doc.at.min(NEWEST)
}

/// Whether a document with this prior was made here.
pub(crate) const fn is_own(prior: u64) -> bool {
    prior & OWN != 0
}
