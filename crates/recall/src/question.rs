//! What is asked, and the terms it is asked in.

use crate::words;
use artifact::{ArtifactId, UnixMillis};
use std::collections::BTreeMap;

/// Bytes of a question's text that are read for terms; the rest is ignored.
const MAX_TEXT: usize = 8 << 10;

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'a> {
    /// In the asker's words, errors and code included. No character of it is syntax.
    pub text: &'a str,
    /// The repository it is asked in, as documents name theirs; empty when unknown.
    pub repository: &'a str,
    /// When it is asked: what is recent counts a little more.
    pub now: UnixMillis,
    /// Documents that are no answer, such as the one that the question was taken from: they are
    /// ranked by nothing, and nothing is ranked by them.
    pub except: &'a [ArtifactId],
    /// Only what was made here is an answer: however much peers tell of, and however well that
    /// fits, it takes no place among these.
    pub own: bool,
}

/// What a question is known by, at home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Distinct terms that say something.
    pub terms: usize,
    /// The exact ones among them: paths, versions, error codes, names.
    pub exact: Vec<String>,
}

impl Question<'_> {
    /// Its terms counted, and the exact ones by name, in order.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let terms = self.terms();
        let exact = terms.keys().filter(|term| words::is_exact(term)).cloned().collect();
        Fingerprint { terms: terms.len(), exact }
    }

    /// Its terms without stopwords, each with how much its repetition weighs: what a long text
    /// says again and again is what it is about.
    pub(crate) fn terms(&self) -> BTreeMap<String, f32> {
        let text = self.text.get(..self.text.floor_char_boundary(MAX_TEXT)).unwrap_or_default();
        let mut counts = BTreeMap::<String, u16>::new();
        words::terms(text, |term| {
            if !words::is_stopword(term) {
                let count = counts.entry(term.to_owned()).or_default();
                *count = count.saturating_add(1);
            }
        });
        counts.into_iter().map(|(term, n)| (term, (1.0 + f32::from(n)).log2())).collect()
    }
}
