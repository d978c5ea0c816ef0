//! What is asked and written from outside: words and meanings behind one door.
//!
//! The words are in the index, the meanings in the vectors beside it. Words are level with the
//! store when a write returns; meanings follow in the background ([`Index::embed`]), newest
//! first, and an answer uses those that are there.

mod embed;
mod fuse;

use crate::{
    Link, Linked, ModelState, OpenError, Question, SearchError, Shared, WriteError,
    doc::{Doc, key},
    embedder::Embedder,
    text::Text,
    vectors::{Near, Vectors},
};
use artifact::ArtifactId;
pub use embed::EmbedError;
use embed::Queue;
use std::{path::Path, sync::Mutex};

/// One answer of a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The crystal's id.
    pub id: ArtifactId,
    /// How well it fits, about 0 to 1; comparable between questions that were answered alike.
    pub score: f32,
}

/// What an answer was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Words and meanings.
    Both,
    /// Words alone: no model, or nothing embedded yet.
    Words,
}

impl Means {
    /// From which score on the best hit is likely to be right. None by words alone: no score
    /// tells that then.
    #[must_use]
    pub const fn bound(self) -> Option<f32> {
        match self {
            Self::Both => Some(fuse::sure(self)),
            Self::Words => None,
        }
    }
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Best first.
    pub hits: Vec<Hit>,
    /// What they were found by.
    pub means: Means,
}

impl Found {
    /// Whether this hit of the answer is likely to be right, as far as its score tells.
    #[must_use]
    pub fn is_sure_of(&self, hit: &Hit) -> bool {
        hit.score >= fuse::sure(self.means)
    }

    /// Whether the best hit is likely to be right, as far as its score tells. When it is not,
    /// silence is the better answer.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.hits.first().is_some_and(|hit| self.is_sure_of(hit))
    }
}

/// The index of words and meanings. Searches run on any thread; writes wait for each other.
pub struct Index {
    text: Text,
    /// None in memory, and when the folder lets none be kept.
    vectors: Option<Vectors>,
    embedder: Embedder,
    queue: Mutex<Queue>,
}

impl Index {
    /// Opens the index in `dir`, a folder of its own, with the model in the folder `model`. What
    /// is damaged or was made by another version is made anew, which shows as `seq() == 0` or as
    /// documents that wait to be embedded.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(dir: &Path, model: Option<&Path>) -> Result<Self, OpenError> {
        let text = Text::open(dir)?;
        let vectors = Vectors::open(dir)?;
        let embedder = Embedder::new(model);
        Ok(Self { text, vectors: Some(vectors), embedder, queue: Mutex::default() })
    }

    /// An empty index of words that is gone when it is dropped.
    ///
    /// # Errors
    /// When its threads cannot be started.
    pub fn in_memory() -> Result<Self, OpenError> {
        let (text, embedder) = (Text::in_memory()?, Embedder::default());
        Ok(Self { text, vectors: None, embedder, queue: Mutex::default() })
    }

    /// The store's sequence number that the words are level with; 0 when new, healed or cleared.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.text.seq()
    }

    /// How many documents it holds.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.text.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many documents have vectors.
    #[must_use]
    pub fn embedded(&self) -> usize {
        self.vectors.as_ref().map_or(0, Vectors::documents)
    }

    /// Whether meanings can be looked for.
    #[must_use]
    pub fn model(&self) -> ModelState {
        self.embedder.state()
    }

    /// To be called now and then: drops the model from memory when nothing used it since the last
    /// call.
    pub fn rest(&self) {
        self.embedder.rest();
    }

    /// Adds `docs`, each in place of one with the same id, and moves to `seq`. Durable and
    /// found by searches when this returns.
    ///
    /// # Errors
    /// When it cannot be written: a full disk, another writer.
    pub fn put(&self, docs: &[Doc], seq: u64) -> Result<(), WriteError> {
        self.text.put(docs, seq)?;
        let keyed = docs.iter().map(|doc| (doc.id, doc.at, key(&doc.meaning())));
        self.queue_more(keyed);
        Ok(())
    }

    /// Removes the documents with these ids, those it holds, and moves to `seq`.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn forget(&self, ids: &[ArtifactId], seq: u64) -> Result<(), WriteError> {
        self.text.forget(ids, seq)?;
        self.retain(seq, |id| !ids.contains(id))
    }

    /// Takes the words of removed documents out of the files too, where they lie, unfound, until
    /// their segments are merged. Takes as long as writing these anew.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn expunge(&self) -> Result<(), WriteError> {
        self.text.expunge()
    }

    /// Removes everything and moves to sequence 0.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn clear(&self) -> Result<(), WriteError> {
        self.text.clear()?;
        self.retain(0, |_| false)
    }

    fn retain(&self, seq: u64, keep: impl Fn(&ArtifactId) -> bool) -> Result<(), WriteError> {
        match &self.vectors {
            Some(vectors) => vectors.retain(seq, keep).map_err(WriteError::Vectors),
            None => Ok(()),
        }
    }

    /// The best `limit` documents by their words, at once.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, question: &Question, limit: usize) -> Result<Found, SearchError> {
        let hits = fuse::by_words(&self.text.view(), question, limit)?;
        Ok(Found { hits, means: Means::Words })
    }

    /// The best `limit` documents by words and meanings: a few milliseconds more. By words alone
    /// when there is no model, or nothing is embedded yet.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ask(&self, question: &Question, limit: usize) -> Result<Found, SearchError> {
        if self.model() == ModelState::Missing || self.embedded() == 0 {
            return self.search(question, limit);
        }
        let view = self.text.view();
        // The words are looked up while the question is embedded.
        let (near, words) = std::thread::scope(|scope| {
            let words = scope.spawn(|| fuse::words(&view, question, limit.max(fuse::DEPTH)));
            (self.near(question, limit), words.join())
        });
        let Some(near) = near else { return self.search(question, limit) };
        let words = words.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let hits = fuse::by_both(&view, question, words, &near, limit)?;
        Ok(Found { hits, means: Means::Both })
    }

    /// The newest `limit` documents with this link, and how many have it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn linked(&self, link: &Link, limit: usize) -> Result<Linked, SearchError> {
        Ok(self.text.view().linked(link, limit)?)
    }

    /// How many documents have this link, own ones and others.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn shared(&self, link: &Link) -> Result<Shared, SearchError> {
        Ok(self.text.view().shared(link)?)
    }

    /// The best `limit` documents by their meanings alone, for measuring; `None` without a model.
    #[must_use]
    pub fn nearest(&self, question: &Question, limit: usize) -> Option<Vec<Hit>> {
        let near = self.near(question, limit)?.into_iter().take(limit);
        Some(near.map(|near| Hit { id: near.id, score: near.cosine }).collect())
    }

    fn near(&self, question: &Question, limit: usize) -> Option<Vec<Near>> {
        let vectors = self.vectors.as_ref().filter(|vectors| vectors.documents() > 0)?;
        if question.text.trim().is_empty() {
            return None;
        }
        let vector = self.embedder.model()?.embed_question(question.text);
        let vector = vector.inspect_err(|why| tracing::warn!(%why, "asked by words alone")).ok()?;
        let view = self.text.view();
        let wanted = |id: &ArtifactId| {
            // What cannot be looked up is nobody's.
            !question.except.contains(id) && (!question.own || view.is_own(id).unwrap_or(false))
        };
        Some(vectors.nearest(&vector, wanted, fuse::DEPTH.max(limit)))
    }
}

#[cfg(test)]
mod tests;
