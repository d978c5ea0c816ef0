//! The documents at one moment, asked by their words.
//!
//! A document's score is its BM25 as a share of what a document could reach that holds every term
//! of the question without end: 0 to 1, comparable between questions, unlike BM25 itself.

use crate::{
    doc::{Fields, HELPED, KEY, NEWEST, PRIOR, REPOSITORY, is_own, repository},
    question::Question,
    words,
};
use artifact::ArtifactId;
use std::{collections::BTreeMap, sync::OnceLock};
use tantivy::{
    DocAddress, DocSet, Searcher, SegmentReader, TERMINATED, TantivyDocument, TantivyError, Term,
    collector::{FilterCollector, TopDocs},
    columnar::Column,
    query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery},
    schema::{IndexRecordOption, Value},
};

/// Distinct terms of a question that are searched for: the rarest ones.
const MAX_TERMS: usize = 64;
/// The most documents of one answer.
const MAX_DOCUMENTS: usize = 1_000;
/// What tantivy multiplies a term's weight by, at the most: 1 + k1.
const FULL: f32 = 2.2;
/// In how many documents a term is rare; or in one of so many of them all.
const RARE: (u64, u64) = (3, 1_000);
/// A month, after which what is recent counts half as much.
const MONTH: f32 = 30.0 * 24.0 * 3_600.0 * 1_000.0;

/// Why a search has no answer. Never because of the question's text.
#[derive(Debug, thiserror::Error)]
#[error("the search index cannot be read: {0}")]
pub struct SearchError(#[from] TantivyError);

/// The documents at one moment.
pub(crate) struct View {
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    /// Of each segment, once they were asked for: opening them costs more than reading them.
    columns: Vec<OnceLock<Columns>>,
}

/// What stands beside the documents of a segment.
struct Columns {
    prior: Column<u64>,
    repository: Column<u64>,
    helped: Column<i64>,
}

/// A question in the terms that some document holds.
pub(crate) struct Asked {
    query: BooleanQuery,
    /// Exact rare ones, each with its share of the whole.
    exact: Vec<(Term, f32)>,
    /// What a document could reach.
    whole: f32,
}

/// What stands beside a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The higher goes first among equals.
    pub(crate) prior: u64,
    repository: u64,
    helped: i64,
}

impl Columns {
    fn of(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        Ok(Self {
            prior: columns.u64(PRIOR)?,
            repository: columns.u64(REPOSITORY)?,
            helped: columns.i64(HELPED)?,
        })
    }
}

impl View {
    pub(crate) fn new(searcher: Searcher, fields: Fields) -> Self {
        let columns = searcher.segment_readers().iter().map(|_| OnceLock::new()).collect();
        Self { searcher, fields, columns }
    }

    /// The rarest terms of a question; `None` when no document holds any.
    pub(crate) fn asked(&self, question: &Question) -> Result<Option<Asked>, TantivyError> {
        let documents = self.searcher.num_docs().max(1);
        let mut counted = Vec::new();
        for (text, weight) in question.terms() {
            let term = Term::from_field_text(self.fields.text, &text);
            let holding = self.searcher.doc_freq(&term)?;
            if holding > 0 {
                counted.push((holding, text, term, weight));
            }
        }
        counted.sort_by_key(|(holding, ..)| *holding);
        counted.truncate(MAX_TERMS);
        let rarity = |holding: u64| {
            #[expect(clippy::cast_precision_loss, reason = "counts of documents")]
            let (all, n) = (documents.max(holding) as f32, holding as f32);
            (1.0 + (all - n + 0.5) / (n + 0.5)).ln() * FULL
        };
        let whole: f32 = counted.iter().map(|(n, _, _, weight)| rarity(*n) * weight).sum();
        if counted.is_empty() || whole <= 0.0 {
            return Ok(None);
        }
        let rare = RARE.0.max(documents / RARE.1);
        let exact = counted
            .iter()
            .filter(|(holding, text, ..)| *holding <= rare && words::is_exact(text))
            .map(|(holding, _, term, _)| (term.clone(), rarity(*holding) / whole));
        let exact = exact.collect();
        let clause = |(_, _, term, weight)| {
            let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(BoostQuery::new(Box::new(query), weight)) as Box<dyn Query>)
        };
        let query = BooleanQuery::new(counted.into_iter().map(clause).collect());
        Ok(Some(Asked { query, exact, whole }))
    }

    /// The best `limit` documents by their words, best first; only `own` ones where that is asked.
    pub(crate) fn best(
        &self,
        asked: &Asked,
        limit: usize,
        own: bool,
    ) -> Result<Vec<(DocAddress, f32)>, TantivyError> {
        let top = TopDocs::with_limit(limit.clamp(1, MAX_DOCUMENTS)).order_by_score();
        let found = if own {
            // Looks at every document that holds a term, where the other passes most of them over.
            let top = FilterCollector::new(PRIOR.to_owned(), is_own, top);
            self.searcher.search(&asked.query, &top)?
        } else {
            self.searcher.search(&asked.query, &top)?
        };
        let shares = found.into_iter().map(|(score, at)| (at, score / asked.whole));
        Ok(shares.collect())
    }

    /// The documents that hold exact rare terms of the question, each with the share of the whole
    /// that those make.
    pub(crate) fn pinned(&self, asked: &Asked) -> Result<BTreeMap<DocAddress, f32>, TantivyError> {
        let mut pinned = BTreeMap::new();
        for (term, share) in &asked.exact {
            self.each(term, |at| *pinned.entry(at).or_default() += share)?;
        }
        Ok(pinned)
    }

    /// Where the document with this id stands.
    pub(crate) fn find(&self, id: &ArtifactId) -> Result<Option<DocAddress>, TantivyError> {
        let mut found = None;
        self.each(&self.fields.id_term(id), |at| found = Some(at))?;
        Ok(found)
    }

    /// Whether the document with this id was made here.
    pub(crate) fn is_own(&self, id: &ArtifactId) -> Result<bool, TantivyError> {
        match self.find(id)? {
            Some(at) => Ok(is_own(self.facts(at)?.prior)),
            None => Ok(false),
        }
    }

    /// Calls `give` with every document that holds `term`.
    pub(crate) fn each(
        &self,
        term: &Term,
        mut give: impl FnMut(DocAddress),
    ) -> Result<(), TantivyError> {
        for (segment, reader) in (0..).zip(self.searcher.segment_readers()) {
            let inverted = reader.inverted_index(term.field())?;
            let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                if !reader.is_deleted(postings.doc()) {
                    give(DocAddress::new(segment, postings.doc()));
                }
                postings.advance();
            }
        }
        Ok(())
    }

    /// The id of a document.
    pub(crate) fn id(&self, at: DocAddress) -> Result<ArtifactId, TantivyError> {
        let document: TantivyDocument = self.searcher.doc(at)?;
        let id = document.get_first(self.fields.id).and_then(|value| value.as_bytes());
        id.and_then(|bytes| bytes.try_into().ok())
            .map(ArtifactId::from_bytes)
            .ok_or_else(|| TantivyError::InternalError("a document has no id".to_owned()))
    }

    /// What stands beside a document.
    pub(crate) fn facts(&self, at: DocAddress) -> Result<Facts, TantivyError> {
        let Columns { prior, repository, helped } = self.columns(at)?;
        Ok(Facts {
            prior: prior.first(at.doc_id).unwrap_or(0),
            repository: repository.first(at.doc_id).unwrap_or(0),
            helped: helped.first(at.doc_id).unwrap_or(0),
        })
    }

    fn columns(&self, at: DocAddress) -> Result<&Columns, TantivyError> {
        let none = || TantivyError::InternalError("there is no such segment".to_owned());
        let cell = self.columns.get(at.segment_ord as usize).ok_or_else(none)?;
        if let Some(columns) = cell.get() {
            return Ok(columns);
        }
        let columns = Columns::of(self.searcher.segment_reader(at.segment_ord))?;
        Ok(cell.get_or_init(|| columns))
    }

    /// Every document: its id, when it is from, and the key of its meaning.
    pub(crate) fn all(&self) -> Result<Vec<(ArtifactId, u64, u64)>, TantivyError> {
        let mut all = Vec::new();
        for reader in self.searcher.segment_readers() {
            let columns = reader.fast_fields();
            let (prior, key) = (columns.u64(PRIOR)?, columns.u64(KEY)?);
            each_id(reader, self.fields, |id, document| {
                let at = prior.first(document).unwrap_or(0) & NEWEST;
                all.push((id, at, key.first(document).unwrap_or(0)));
            })?;
        }
        Ok(all)
    }
}

fn each_id(
    reader: &SegmentReader,
    fields: Fields,
    mut give: impl FnMut(ArtifactId, u32),
) -> Result<(), TantivyError> {
    let inverted = reader.inverted_index(fields.id)?;
    let mut ids = inverted.terms().stream()?;
    while ids.advance() {
        let Ok(id) = ids.key().try_into() else { continue };
        let mut postings =
            inverted.read_postings_from_terminfo(ids.value(), IndexRecordOption::Basic)?;
        while postings.doc() != TERMINATED {
            if !reader.is_deleted(postings.doc()) {
                give(ArtifactId::from_bytes(id), postings.doc());
            }
            postings.advance();
        }
    }
    Ok(())
}

impl Facts {
    /// What speaks for a document besides its text, in parts of a score: little, so that it
    /// decides between documents that fit about alike.
    pub(crate) fn bonus(&self, question: &Question) -> f32 {
        let outcome = match self.prior >> 62 {
            3 | 2 => 0.01,
            1 => 0.0,
            _ => -0.01,
        };
        let same = self.repository != 0 && self.repository == repository(question.repository);
        let age = question.now.saturating_sub(self.prior & NEWEST);
        #[expect(clippy::cast_precision_loss, reason = "days do")]
        let recent = if question.now == 0 { 0.0 } else { (-(age as f32) / MONTH).exp2() };
        #[expect(clippy::cast_precision_loss, reason = "at most three")]
        let helped = self.helped.clamp(-3, 3) as f32;
        outcome + if same { 0.02 } else { 0.0 } + 0.01 * recent + 0.01 * helped
    }
}
