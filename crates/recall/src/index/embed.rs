//! Embedding in the background: newest first, a few at a time, so that it may stop after any.
//!
//! What waits is what the words hold and the vectors do not. It is found once, by comparing the
//! two, and kept up as documents come; so nothing of it needs to be durable.

use super::Index;
use crate::{
    doc::{Doc, key},
    model::ModelError,
    vectors::{Embedded, Vectors},
};
use artifact::ArtifactId;
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    io,
    sync::{MutexGuard, PoisonError},
};
use tantivy::TantivyError;

/// Documents embedded at a time: some tenths of a second.
const STEP: usize = 8;

/// Why a step was not made. What waited still waits.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The words cannot be compared with the vectors.
    #[error("the search index cannot be read: {0}")]
    Index(#[from] TantivyError),
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The vectors cannot be kept.
    #[error("the vectors cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// What waits to be embedded.
#[derive(Default)]
pub(super) struct Queue {
    /// Whether the two were compared.
    known: bool,
    /// The newest first.
    waiting: BTreeSet<(Reverse<u64>, ArtifactId)>,
}

impl Index {
    /// How many documents wait to be embedded; 0 before the first [`Index::embed`].
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queued().waiting.len()
    }

    /// Embeds the next few documents that `read` still has, newest first, and says how many wait
    /// after them: 0 too when there is no model to embed them with.
    ///
    /// # Errors
    /// When the index cannot be read, the model fails, or the disk is full.
    pub fn embed(
        &self,
        mut read: impl FnMut(&ArtifactId) -> Option<Doc>,
    ) -> Result<usize, EmbedError> {
        let Some(vectors) = &self.vectors else { return Ok(0) };
        self.compare(vectors)?;
        let next: Vec<_> = self.queued().waiting.iter().take(STEP).copied().collect();
        if next.is_empty() {
            return Ok(0);
        }
        let Some(model) = self.embedder.model() else { return Ok(0) };
        let docs: Vec<(ArtifactId, String)> =
            next.iter().filter_map(|(_, id)| read(id)).map(|doc| (doc.id, doc.meaning())).collect();
        let texts: Vec<&str> = docs.iter().map(|(_, text)| text.as_str()).collect();
        let parts = model.embed_documents(&texts)?;
        let embedded = docs.iter().zip(parts);
        let embedded: Vec<_> = embedded
            .map(|((id, text), parts)| Embedded { id: *id, key: key(text), parts })
            .collect();
        // Looked at under the vectors' lock: a document that was forgotten meanwhile stays so.
        vectors.add(&embedded, |id| self.text.view().find(id).is_ok_and(|at| at.is_some()))?;
        let mut queue = self.queued();
        for done in &next {
            queue.waiting.remove(done);
        }
        Ok(queue.waiting.len())
    }

    /// Lets the documents wait whose text is new to the vectors.
    pub(super) fn queue_more(&self, keyed: impl Iterator<Item = (ArtifactId, u64, u64)>) {
        let Some(vectors) = &self.vectors else { return };
        let mut queue = self.queued();
        if queue.known {
            let new = keyed.filter(|(id, _, key)| !vectors.has(id, *key));
            queue.waiting.extend(new.map(|(id, at, _)| (Reverse(at), id)));
        }
    }

    /// Finds once what waits, and drops vectors of documents that are not there any more.
    fn compare(&self, vectors: &Vectors) -> Result<(), EmbedError> {
        let mut queue = self.queued();
        if queue.known {
            return Ok(());
        }
        let all = self.text.view().all()?;
        tracing::debug!(
            words = self.seq(),
            vectors = vectors.seq(),
            "words and vectors are compared"
        );
        let keys: HashMap<_, _> = all.iter().map(|(id, _, key)| (*id, *key)).collect();
        vectors.retain(self.seq(), |id| keys.contains_key(id))?;
        let new = all.into_iter().filter(|(id, _, key)| !vectors.has(id, *key));
        queue.waiting = new.map(|(id, at, _)| (Reverse(at), id)).collect();
        queue.known = true;
        Ok(())
    }

    fn queued(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
