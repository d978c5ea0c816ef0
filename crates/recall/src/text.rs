//! The full-text index: opening and healing, and writing. What is read of it is a [`View`].

use crate::{
    doc::{Doc, Fields, schema},
    view::View,
    words,
};
use artifact::ArtifactId;
use std::{
    fs, io,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, SegmentMeta, TantivyError, index::SegmentId,
    indexer::IndexWriterOptions,
};

/// Bytes that documents may take in memory before they are written out.
const WRITER_MEMORY: usize = 20_000_000;

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
    /// Vectors of what was removed could not be.
    #[error("the vectors cannot be written: {0}")]
    Vectors(io::Error),
}

impl From<TantivyError> for WriteError {
    fn from(error: TantivyError) -> Self {
        match error {
            TantivyError::LockFailure(..) => Self::Busy,
            other => Self::Write(other),
        }
    }
}

/// The full-text index. Searches run on any thread; writes wait for each other.
pub(crate) struct Text {
    index: tantivy::Index,
    reader: IndexReader,
    /// Opened by the first write.
    writer: Mutex<Option<IndexWriter>>,
    seq: AtomicU64,
    fields: Fields,
}

impl Text {
    /// Opens the index in `dir`, a folder of its own. One that is damaged or was made by
    /// another version is deleted and made anew, which shows as `seq() == 0`.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(crate) fn open(dir: &Path) -> Result<Self, OpenError> {
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
    pub(crate) fn in_memory() -> Result<Self, OpenError> {
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
    pub(crate) fn seq(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }

    /// How many documents it holds.
    pub(crate) fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Adds `docs`, each in place of one with the same id, and moves to `seq`. Durable and
    /// found by searches when this returns.
    ///
    /// # Errors
    /// When it cannot be written: a full disk, another writer.
    pub(crate) fn put(&self, docs: &[Doc], seq: u64) -> Result<(), WriteError> {
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
    /// As [`Text::put`].
    pub(crate) fn forget(&self, ids: &[ArtifactId], seq: u64) -> Result<(), WriteError> {
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
    /// As [`Text::put`].
    pub(crate) fn clear(&self) -> Result<(), WriteError> {
        self.write(0, |writer| writer.delete_all_documents().map(|_| ()))
    }

    /// Writes the segments that still hold removed documents anew without them: until then their
    /// words lie in the files, though no search finds them.
    ///
    /// # Errors
    /// As [`Text::put`].
    pub(crate) fn expunge(&self) -> Result<(), WriteError> {
        // Opens the writer where there is none.
        self.write(self.seq(), |_| Ok(()))?;
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = slot.as_mut() else { return Ok(()) };
        let metas = self.index.searchable_segment_metas()?;
        let with = metas.iter().filter(|meta| meta.num_deleted_docs() > 0);
        let with: Vec<SegmentId> = with.map(SegmentMeta::id).collect();
        if !with.is_empty() {
            writer.merge(&with).wait()?;
        }
        self.reader.reload()?;
        writer.garbage_collect_files().wait()?;
        Ok(())
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

    /// A view of the documents as they are now.
    pub(crate) fn view(&self) -> View {
        View::new(self.reader.searcher(), self.fields)
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
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use artifact::Outcome;

    fn doc(word: &str) -> Doc {
        Doc {
            id: ArtifactId::of(word.as_bytes()),
            title: word.to_owned(),
            problem: String::new(),
            files: String::new(),
            commands: String::new(),
            body: String::new(),
            peer: false,
            outcome: Outcome::Unknown,
            at: 1,
            repository: String::new(),
            helped: 0,
            links: Vec::new(),
        }
    }

    #[test]
    fn nothing_of_what_is_expunged_is_left_in_a_segment() {
        let folder = tempfile::tempdir().unwrap();
        let text = Text::open(folder.path()).unwrap();
        text.put(&[doc("gasket"), doc("zyzzyva")], 1).unwrap();
        let removed = || -> u32 {
            let metas = text.index.searchable_segment_metas().unwrap();
            metas.iter().map(SegmentMeta::num_deleted_docs).sum()
        };
        text.forget(&[doc("zyzzyva").id], 2).unwrap();
        assert_eq!((removed(), text.len()), (1, 1), "removed, and its words lie there");
        text.expunge().unwrap();
        assert_eq!((removed(), text.len(), text.seq()), (0, 1, 2));
        drop(text);
        let text = Text::open(folder.path()).unwrap();
        assert_eq!((text.len(), text.seq()), (1, 2), "whole, and level as it was");
    }
}
