//! How well questions are answered: a folder of documents, questions and judgements, put through
//! the same index that the product uses.
//!
//! Everything is made in a temporary folder and gone afterwards. Documents are all alike but for
//! their text, so that nothing but the text ranks them.

mod score;
mod set;

use crate::{
    Doc, EmbedError, Hit, Index, ModelState, OpenError, Question, SearchError, WriteError,
};
use artifact::{ArtifactId, Outcome};
pub use score::{Abstain, Difference, Scores};
use serde::Serialize;
pub use set::{Set, SetError};
use std::{collections::HashMap, io, path::Path};

/// Answers looked at for each question; a right one further down counts as not found.
const DEPTH: usize = 100;
/// Documents that are written at once.
const BATCH: usize = 2_000;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// No temporary folder.
    #[error("no temporary folder: {0}")]
    Folder(#[from] io::Error),
    /// The index cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The documents cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The documents cannot be embedded.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// A question cannot be asked.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The model is there and cannot be used.
    #[error("the model cannot be used: {0}")]
    Model(String),
    /// No question has a judgement.
    #[error("no question has a right answer among the documents")]
    Nothing,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Documents are embedded.
    Embedding,
    /// Questions are asked.
    Asking,
}

/// What became of one question, by each of the three ways.
#[derive(Debug, Clone)]
pub struct Asked {
    words: Scores,
    vectors: Option<Scores>,
    fused: Scores,
    /// The score of the fused answer's first, and whether it is sure by the product's measure.
    first: f32,
    sure: bool,
}

/// The figures of one or several sets.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// By words alone: BM25.
    pub bm25: Scores,
    /// By meanings alone. Without a model there are none.
    pub vectors: Option<Scores>,
    /// As the product answers.
    pub fused: Scores,
    /// When the product is silent instead.
    pub abstain: Abstain,
    /// The questions that were counted.
    #[serde(skip)]
    pub questions: usize,
    /// What fusion gains over words and over meanings.
    #[serde(skip)]
    pub gains: (Difference, Option<Difference>),
    /// What other bounds of silence would give: from answering everything down.
    #[serde(skip)]
    pub curve: Vec<(f32, Abstain)>,
}

/// Asks every question of `set` and says how each was answered. `tell` hears how far it is.
///
/// # Errors
/// When the index cannot be made, or no question can be judged.
pub fn ask(
    set: &Set,
    model: Option<&Path>,
    mut tell: impl FnMut(Step, usize, usize),
) -> Result<Vec<Asked>, BenchError> {
    let folder = tempfile::tempdir()?;
    let index = Index::open(folder.path(), model)?;
    let docs: Vec<Doc> = set.docs.iter().map(doc).collect();
    let at: HashMap<ArtifactId, usize> =
        docs.iter().enumerate().map(|(place, doc)| (doc.id, place)).collect();
    for (some, level) in docs.chunks(BATCH).zip(1..) {
        index.put(some, level)?;
    }
    let read = |id: &ArtifactId| at.get(id).and_then(|place| docs.get(*place)).cloned();
    while let waiting @ 1.. = index.embed(read)? {
        tell(Step::Embedding, docs.len().saturating_sub(waiting), docs.len());
    }
    if let ModelState::Broken(why) = index.model() {
        return Err(BenchError::Model(why));
    }
    let judged: Vec<_> = set.questions.iter().filter(|q| !q.right.is_empty()).collect();
    let mut asked = Vec::with_capacity(judged.len());
    for (done, question) in judged.iter().enumerate() {
        tell(Step::Asking, done, judged.len());
        asked.push(one(&index, question)?);
    }
    if asked.is_empty() { Err(BenchError::Nothing) } else { Ok(asked) }
}

fn one(index: &Index, judged: &set::Judged) -> Result<Asked, BenchError> {
    let asked = Question { text: &judged.text, except: &judged.left_out, ..Question::default() };
    let scored = |hits: &[Hit]| Scores::of(hits, &judged.right);
    let fused = index.ask(&asked, DEPTH)?;
    Ok(Asked {
        words: scored(&index.search(&asked, DEPTH)?.hits),
        vectors: index.nearest(&asked, DEPTH).as_deref().map(scored),
        fused: scored(&fused.hits),
        first: fused.hits.first().map_or(f32::MIN, |hit| hit.score),
        sure: fused.is_sure(),
    })
}

/// The figures over all these questions.
#[must_use]
pub fn report(asked: &[Asked]) -> Report {
    let column =
        |of: fn(&Asked) -> Option<Scores>| asked.iter().map(of).collect::<Option<Vec<_>>>();
    let words: Vec<_> = asked.iter().map(|a| a.words).collect();
    let fused: Vec<_> = asked.iter().map(|a| a.fused).collect();
    let vectors = column(|a| a.vectors);
    let answered = |is: &dyn Fn(&Asked) -> bool| {
        let right = asked.iter().filter(|a| is(a)).map(|a| a.fused.hit1 > 0.0);
        Abstain::of(right.collect(), asked.len())
    };
    let mut bounds: Vec<f32> = asked.iter().map(|a| a.first).collect();
    bounds.sort_by(f32::total_cmp);
    let tenths = (0..10).filter_map(|tenth| bounds.get(bounds.len() * tenth / 10).copied());
    Report {
        bm25: Scores::mean(&words),
        vectors: vectors.as_deref().map(Scores::mean),
        fused: Scores::mean(&fused),
        abstain: answered(&|a| a.sure),
        questions: asked.len(),
        gains: (
            Difference::of(&fused, &words),
            vectors.as_deref().map(|vectors| Difference::of(&fused, vectors)),
        ),
        curve: tenths.map(|bound| (bound, answered(&|a| a.first >= bound))).collect(),
    }
}

fn doc(document: &set::Document) -> Doc {
    Doc {
        id: document.id,
        title: document.title.clone(),
        problem: String::new(),
        files: String::new(),
        commands: String::new(),
        body: document.text.clone(),
        peer: false,
        outcome: Outcome::Unknown,
        at: 0,
        repository: String::new(),
        helped: 0,
        links: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
