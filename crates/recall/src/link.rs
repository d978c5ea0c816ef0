//! Links: what documents have in common, or how one names another, looked up by what it is.
//!
//! A link is a posting list of the index like that of a word: whoever asks for one reads the
//! documents that have it, and no others. What a link means is the caller's.

use crate::{
    doc::{NEWEST, PRIOR, is_own},
    view::View,
};
use artifact::ArtifactId;
use tantivy::{DocAddress, TantivyError};

/// Something that documents share. Equal ones are the same, and hardly ever others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link([u8; 16]);

impl Link {
    /// The link of this kind to this value.
    #[must_use]
    pub fn new(kind: &str, value: &[u8]) -> Self {
        let text = [kind.as_bytes(), &[0], value].concat();
        let hash = ArtifactId::of(&text);
        Self(hash.as_bytes().first_chunk().copied().unwrap_or_default())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Documents with one link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// The newest of them first.
    pub ids: Vec<ArtifactId>,
    /// How many there are.
    pub all: usize,
}

/// How many documents have a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shared {
    /// Made here.
    pub own: u64,
    /// Of peers.
    pub others: u64,
}

impl View {
    pub(crate) fn linked(&self, link: &Link, limit: usize) -> Result<Linked, TantivyError> {
        let mut all = self.with_prior(link)?;
        all.sort_unstable_by_key(|(at, prior)| (std::cmp::Reverse(prior & NEWEST), *at));
        let ids = all.iter().take(limit).map(|(at, _)| self.id(*at));
        Ok(Linked { ids: ids.collect::<Result<_, _>>()?, all: all.len() })
    }

    pub(crate) fn shared(&self, link: &Link) -> Result<Shared, TantivyError> {
        let mut shared = Shared::default();
        for (_, prior) in self.with_prior(link)? {
            *(if is_own(prior) { &mut shared.own } else { &mut shared.others }) += 1;
        }
        Ok(shared)
    }

    /// Every document with this link, and its prior.
    fn with_prior(&self, link: &Link) -> Result<Vec<(DocAddress, u64)>, TantivyError> {
        let mut at = Vec::new();
        self.each(&self.fields.link_term(link), |one| at.push(one))?;
        let mut found = Vec::with_capacity(at.len());
        // A segment's documents come in a row.
        for of_one in at.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let Some(first) = of_one.first() else { continue };
            let reader = self.searcher.segment_reader(first.segment_ord);
            let prior = reader.fast_fields().u64(PRIOR)?;
            found.extend(of_one.iter().map(|at| (*at, prior.first(at.doc_id).unwrap_or(0))));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
