//! What is indexed of a crystal, and how.
//!
//! All text of a document is one field, in which the words of its title and of its error stand
//! three times, of its files and commands twice (BM25 with weighted term frequencies: Robertson,
//! Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", 2004). One field keeps
//! a query one scorer a term, which tantivy can prune.

use crate::words;
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
}

/// Where the parts of a document stand in the index.
#[derive(Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) text: Field,
    prior: Field,
}

/// The one schema; an index with another is made anew.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(words::NAME)
        .set_index_option(IndexRecordOption::WithFreqs);
    let fields = Fields {
        id: schema.add_bytes_field("id", BytesOptions::default().set_indexed().set_stored()),
        text: schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing)),
        prior: schema.add_u64_field("prior", NumericOptions::default().set_fast()),
    };
    (schema.build(), fields)
}

impl Fields {
    pub(crate) fn id_term(&self, id: &ArtifactId) -> Term {
        Term::from_field_bytes(self.id, id.as_bytes())
    }

    /// What the index stores of `doc`.
    pub(crate) fn document(&self, doc: &Doc) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.id, doc.id.as_bytes());
        document.add_u64(self.prior, prior(doc));
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

/// Which of two documents with equal scores goes first, the higher: a run that ended well before one that did not, one's own before a
/// peer's, newer before older. Packed into one number: two bits, one bit, 61 bits.
fn prior(doc: &Doc) -> u64 {
    let outcome = match doc.outcome {
        Outcome::Passed => 3,
        Outcome::Accepted => 2,
        Outcome::Unknown => 1,
        Outcome::Failed => 0,
    };
    let newest = (1 << 61) - 1;
    (outcome << 62) | (u64::from(!doc.peer) << 61) | doc.at.min(newest)
}
