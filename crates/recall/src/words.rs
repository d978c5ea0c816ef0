//! From text to terms, alike for documents and queries.
//!
//! A run of letters, digits and joints (`src/parseHTTP.rs`, `std::io`, `serde_json@1.0.2`)
//! gives the run itself, each identifier in it, and the identifier's camelCase and snake_case
//! parts; all lowercase, plain English words cut to a light stem. Scripts without spaces give
//! their characters one by one. Runs too long to be anybody's word (base64) give nothing.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Changes whenever the same text gives other terms: an index made under another name is made
/// anew.
pub(crate) const NAME: &str = "words-1";
/// Bytes of the longest word that is indexed.
const MAX_WORD: usize = 64;
/// Bytes of the longest joined run that is indexed whole, such as a path.
const MAX_RUN: usize = 160;

/// English words that carry no topic. Dropped from queries only, so that a rebuild is never
/// needed to change them.
const STOPWORDS: &str = "a about above after again all also am an and any are as at be because been \
    before being below between both but by can could did do does doing don down during each few \
    for from further get had has have having he her here hers him his how i if in into is it its \
    just let me more most my no nor not now of off on once only or other our out over own please \
    s same she should so some such t than that the their them then there these they this those \
    through to too under until up us very was we were what when where which while who whom why \
    will with would you your";

/// Calls `give` with every term of `text`, in order, duplicates included.
pub(crate) fn terms(text: &str, mut give: impl FnMut(&str)) {
    for run in text.split(|c: char| !in_run(c)) {
        let run = run.trim_matches(is_joint);
        if run.is_empty() {
            continue;
        }
        // A hyphen alone joins words of prose; its parts find it.
        if run.len() <= MAX_RUN && run.contains(|c| is_joint(c) && c != '-') {
            give(&run.to_lowercase());
        }
        for word in run.split(is_joint) {
            word_terms(word.trim_matches('_'), &mut give);
        }
    }
}

/// Whether a term, as [`terms`] gives it, says nothing about a query's topic.
pub(crate) fn is_stopword(term: &str) -> bool {
    STOPWORDS.split_ascii_whitespace().any(|word| stem(word) == term)
}

/// Whether a term, as [`terms`] gives it, is something exact: a path, a version, an error's code.
pub(crate) fn is_exact(term: &str) -> bool {
    let mixed = || {
        let has = |kind: fn(char) -> bool| term.contains(kind);
        has(|c| c.is_ascii_digit()) && has(char::is_alphabetic)
    };
    term.len() >= 4 && (term.contains(|c| c == '_' || is_joint(c) && c != '-') || mixed())
}

fn is_joint(c: char) -> bool {
    matches!(c, '.' | '/' | '\\' | ':' | '-' | '@')
}

fn in_run(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_joint(c)
}

fn word_terms(word: &str, give: &mut impl FnMut(&str)) {
    if word.is_empty() || word.len() > MAX_WORD {
        return;
    }
    if word.chars().any(is_unspaced) {
        for piece in word.split_inclusive(is_unspaced) {
            let mut buffer = [0; 4];
            let last = piece.chars().next_back().filter(|c| is_unspaced(*c));
            let spaced = piece.strip_suffix(|c| Some(c) == last).unwrap_or(piece);
            word_terms(spaced, give);
            if let Some(c) = last {
                give(c.encode_utf8(&mut buffer));
            }
        }
        return;
    }
    let parts = parts(word);
    if parts.len() > 1 {
        give(&word.to_lowercase());
    }
    for part in parts {
        let part = part.to_lowercase();
        give(stem(&part));
    }
}

/// Scripts that write words without spaces between them.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

/// `parseHTTPResponse_v2` → `parse`, `HTTP`, `Response`, `v2`.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in word.split('_').filter(|piece| !piece.is_empty()) {
        let chars: Vec<(usize, char)> = piece.char_indices().collect();
        let mut from = 0;
        for window in chars.windows(2).enumerate() {
            let (n, [(_, before), (at, here)]) = window else { continue };
            let next = chars.get(n + 2).is_some_and(|(_, c)| c.is_lowercase());
            let opens = here.is_uppercase()
                && (before.is_lowercase() || before.is_numeric() || before.is_uppercase() && next);
            if opens {
                parts.extend(piece.get(from..*at));
                from = *at;
            }
        }
        parts.extend(piece.get(from..));
    }
    parts
}

/// A light English stem: plural, past and progressive endings off plain words, then a last
/// `e`, so that `parse`, `parses`, `parsed` and `parsing` meet.
fn stem(word: &str) -> &str {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    let word = singular(word);
    let cut = ["ing", "ed"].into_iter().find_map(|ending| {
        word.strip_suffix(ending).filter(|rest| rest.len() > 2 && rest.contains(is_vowel))
    });
    let word = cut.map_or(word, undoubled);
    word.strip_suffix('e').filter(|rest| rest.len() > 2).unwrap_or(word)
}

fn singular(word: &str) -> &str {
    let Some(one) = word.strip_suffix('s') else { return word };
    if one.ends_with(['s', 'u', 'i']) {
        return word;
    }
    let sibilant = |rest: &&str| ["ss", "x", "ch", "sh", "z"].iter().any(|end| rest.ends_with(end));
    one.strip_suffix('e').filter(sibilant).unwrap_or(one)
}

/// `stopp` → `stop`; but `fall`, `pass` and `buzz` stay.
fn undoubled(word: &str) -> &str {
    let mut last = word.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !matches!(a, 'l' | 's' | 'z') && !is_vowel(a) => {
            word.strip_suffix(a).unwrap_or(word)
        }
        _ => word,
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// The same terms as tantivy asks for them.
#[derive(Clone, Copy)]
pub(crate) struct Words;

/// The terms of one text.
pub(crate) struct Stream {
    rest: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Stream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream {
        let mut all = Vec::new();
        terms(text, |term| all.push(term.to_owned()));
        Stream { rest: all.into_iter(), token: Token::default() }
    }
}

impl TokenStream for Stream {
    fn advance(&mut self) -> bool {
        let Some(text) = self.rest.next() else { return false };
        self.token.text = text;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests;
