//! The index itself: opening and healing, writing, searching.

use crate::{
    doc::{Doc, Fields, schema},
    words,
};
use artifact::ArtifactId;
use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tantivy::{
    DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError,
    Term,
    collector::TopDocs,
    indexer::IndexWriterOptions,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{IndexRecordOption, Value},
};

/// Bytes of query text that are read; the rest is ignored.
const MAX_QUERY: usize = 8 << 10;
/// Distinct terms of a query that are searched for: the rarest ones.
const MAX_TERMS: usize = 64;
/// The most hits of one search.
const MAX_HITS: usize = 1_000;
/// Bytes that documents may take in memory before they are written out.
const WRITER_MEMORY: usize = 20_000_000;

/// One answer of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The crystal's id.
    pub id: ArtifactId,
    /// Its BM25 score: above 0, comparable within one search only.
    pub score: f32,
}

/// Why an index could not be opened, although a damaged one is made anew.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or cleared.
    #[error("the folder of the search index cannot be written: {0}")]
    Folder(#[from] io::Error),
    /// A new index cannot be made in it.
    #[error("the search index cannot be made: {0}")]
    Make(#[from] TantivyError),
}

/// Why a change did not reach the index. `seq` is then as it was, and the same change may be
/// made again.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another writer holds the folder.
    #[error("another process is writing the search index; close it and try again")]
    Busy,
    /// The change could not be written.
    #[error("the search index cannot be written: {0}")]
    Write(TantivyError),
}

impl From<TantivyError> for WriteError {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::LockFailure(..) => Self::Busy,
            other => Self::Write(other),
        }
    }
}

/// Why a search has no answer. Never because of the query's text.
#[derive(Debug, thiserror::Error)]
#[error("the search index cannot be read: {0}")]
pub struct SearchError(#[from] TantivyError);

/// The full-text index. Searches run on any thread; writes wait for each other.
pub struct Index {
    index: tantivy::Index,
    reader: IndexReader,
    /// Opened by the first write.
    writer: Mutex<Option<IndexWriter>>,
    seq: AtomicU64,
    fields: Fields,
}

impl Index {
    /// Opens the index in `dir`, a folder of its own. One that is damaged or was made by
    /// another version is deleted and made anew, which shows as `seq() == 0`.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(dir)?;
        if fs::exists(dir.join("meta.json"))? {
            match Self::open_existing(dir) {
                Ok(index) => return Ok(index),
                Err(why) => tracing::warn!(%why, "the search index is made anew"),
            }
        }
        clear_folder(dir)?;
        Self::with(tantivy::Index::create_in_dir(dir, schema().0)?).map_err(OpenError::Make)
    }

    /// An empty index that is gone when it is dropped.
    ///
    /// # Errors
    /// When its threads cannot be started.
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::with(tantivy::Index::create_in_ram(schema().0)).map_err(OpenError::Make)
    }

    fn open_existing(dir: &Path) -> Result<Self, TantivyError> {
        let index = tantivy::Index::open_in_dir(dir)?;
        if index.schema() != schema().0 {
            return Err(TantivyError::SchemaError("made by another version".to_owned()));
        }
        // Readers trust what they map, so the files are proved before one is opened.
        if let Some(file) = index.validate_checksum()?.into_iter().next() {
            return Err(TantivyError::InternalError(format!("{} is damaged", file.display())));
        }
        Self::with(index)
    }

    fn with(index: tantivy::Index) -> Result<Self, TantivyError> {
        index.tokenizers().register(words::NAME, words::Words);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let payload = index.load_metas()?.payload;
        let seq = payload.and_then(|text| text.parse().ok()).unwrap_or(0);
        let writer = Mutex::new(None);
        Ok(Self { index, reader, writer, seq: AtomicU64::new(seq), fields: schema().1 })
    }

    /// The store's sequence number that the index is level with; 0 when new, healed or cleared.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// How many documents it holds.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds `docs`, each in place of one with the same id, and moves to `seq`. Durable and
    /// found by searches when this returns.
    ///
    /// # Errors
    /// When it cannot be written: a full disk, another writer.
    pub fn put(&self, docs: &[Doc], seq: u64) -> Result<(), WriteError> {
        self.write(seq, |writer| {
            for doc in docs {
                writer.delete_term(self.fields.id_term(&doc.id));
                writer.add_document(self.fields.document(doc))?;
            }
            Ok(())
        })
    }

    /// Removes the documents with these ids, those it holds, and moves to `seq`.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn forget(&self, ids: &[ArtifactId], seq: u64) -> Result<(), WriteError> {
        self.write(seq, |writer| {
            for id in ids {
                writer.delete_term(self.fields.id_term(id));
            }
            Ok(())
        })
    }

    /// Removes everything and moves to sequence 0.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn clear(&self) -> Result<(), WriteError> {
        self.write(0, |writer| writer.delete_all_documents().map(|_| ()))
    }

    fn write(
        &self,
        seq: u64,
        change: impl FnOnce(&mut IndexWriter) -> Result<(), TantivyError>,
    ) -> Result<(), WriteError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that a writer that failed is dropped with all it had not committed.
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => self.index.writer_with_options(
                IndexWriterOptions::builder()
                    .memory_budget_per_thread(WRITER_MEMORY)
                    .num_merge_threads(1)
                    .build(),
            )?,
        };
        change(&mut writer)?;
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&seq.to_string());
        commit.commit()?;
        *slot = Some(writer);
        self.reader.reload()?;
        self.seq.store(seq, Ordering::Release);
        Ok(())
    }

    /// The best `limit` documents for `query`, best first. Every character of the query is
    /// plain text; a document is found when it holds any of its terms.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>, SearchError> {
        let searcher = self.reader.searcher();
        let terms = self.rarest(&searcher, query)?;
        if terms.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let clause = |term| {
            let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(query) as Box<dyn Query>)
        };
        let query = BooleanQuery::new(terms.into_iter().map(clause).collect());
        let top = TopDocs::with_limit(limit.min(MAX_HITS)).order_by_score();
        let mut hits = Vec::new();
        for (score, address) in searcher.search(&query, &top)? {
            let (id, prior) = self.read(&searcher, address)?;
            hits.push((Hit { id, score }, prior));
        }
        hits.sort_by(|(a, a_prior), (b, b_prior)| {
            b.score.total_cmp(&a.score).then(b_prior.cmp(a_prior)).then(a.id.cmp(&b.id))
        });
        Ok(hits.into_iter().map(|(hit, _)| hit).collect())
    }

    /// The rarest terms of a query that some document holds.
    fn rarest(&self, searcher: &Searcher, query: &str) -> Result<Vec<Term>, TantivyError> {
        let query = query.get(..query.floor_char_boundary(MAX_QUERY)).unwrap_or_default();
        let mut distinct = BTreeSet::new();
        words::terms(query, |term| {
            if !words::is_stopword(term) {
                distinct.insert(term.to_owned());
            }
        });
        let mut counted = Vec::new();
        for term in distinct {
            let term = Term::from_field_text(self.fields.text, &term);
            counted.push((searcher.doc_freq(&term)?, term));
        }
        counted.retain(|(documents, _)| *documents > 0);
        counted.sort_by_key(|(documents, _)| *documents);
        Ok(counted.into_iter().take(MAX_TERMS).map(|(_, term)| term).collect())
    }

    fn read(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> Result<(ArtifactId, u64), TantivyError> {
        let document: TantivyDocument = searcher.doc(address)?;
        let id = document.get_first(self.fields.id).and_then(|value| value.as_bytes());
        let id = id.and_then(|bytes| bytes.try_into().ok()).map(ArtifactId::from_bytes);
        let id =
            id.ok_or_else(|| TantivyError::InternalError("a document has no id".to_owned()))?;
        let segment = searcher.segment_reader(address.segment_ord);
        let prior = segment.fast_fields().u64("prior")?.first(address.doc_id);
        Ok((id, prior.unwrap_or(0)))
    }
}

/// Deletes what an index leaves in its folder, and nothing else: the caller may be mistaken
/// about the folder.
fn clear_folder(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let segment = name.split_once('.').is_some_and(|(stem, _)| {
            stem.len() == 32 && stem.bytes().all(|b| b.is_ascii_hexdigit())
        });
        let ours = segment
            || name == "meta.json"
            || name == ".managed.json"
            || name.starts_with(".tantivy-");
        if ours && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
