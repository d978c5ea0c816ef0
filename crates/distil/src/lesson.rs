//! What the last message says about the problem and its fix: whole sentences, quoted.

use std::{cmp::Reverse, collections::BTreeSet};

/// The most sentences.
const MAX_SENTENCES: usize = 5;
/// The fewest and the most characters of a sentence worth quoting.
const LENGTH: std::ops::RangeInclusive<usize> = 20..=400;

/// Words too common to tell what a sentence is about.
const STOP: &[&str] = &[
    "about", "after", "all", "also", "and", "any", "are", "been", "but", "can", "could", "did",
    "does", "done", "each", "error", "every", "file", "files", "first", "for", "from", "get",
    "had", "has", "have", "here", "how", "into", "its", "just", "let", "like", "make", "may",
    "more", "most", "need", "needs", "new", "not", "now", "once", "one", "only", "other", "our",
    "out", "over", "please", "should", "some", "such", "than", "that", "the", "their", "them",
    "then", "there", "these", "they", "this", "those", "use", "used", "using", "very", "was",
    "were", "what", "when", "where", "which", "while", "will", "with", "would", "you", "your",
];

/// Up to five sentences of `message` that share most words with `about`, in their order.
pub(crate) fn lesson(message: &str, about: &str) -> Vec<String> {
    let about = words(about);
    let mut scored: Vec<(usize, usize, String)> = Vec::new();
    for (n, sentence) in sentences(message).into_iter().enumerate() {
        let score = words(&sentence).intersection(&about).count();
        if score > 0 && !scored.iter().any(|(_, _, earlier)| *earlier == sentence) {
            scored.push((score, n, sentence));
        }
    }
    scored.sort_by_key(|(score, n, _)| (Reverse(*score), *n));
    scored.truncate(MAX_SENTENCES);
    scored.sort_by_key(|(_, n, _)| *n);
    scored.into_iter().map(|(_, _, sentence)| sentence).collect()
}

/// The words of a text that tell what it is about, in lower case, a plural's `s` taken off.
fn words(text: &str) -> BTreeSet<String> {
    let split = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words = split.filter(|word| word.chars().count() >= 3 || !word.is_ascii());
    let lower = words.map(str::to_lowercase).filter(|word| !STOP.contains(&word.as_str()));
    lower
        .map(|word| match word.strip_suffix('s') {
            Some(stem) if stem.len() > 3 && !stem.ends_with('s') => stem.to_owned(),
            _ => word,
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The sentences of a Markdown text: marks of lists and headings taken off, code left out.
fn sentences(message: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut fenced = false;
    for line in message.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        // Tables, headings and bare links are no sentences.
        if fenced || line.starts_with(['|', '#']) || line.starts_with("---") {
            continue;
        }
        let line = without_mark(line);
        if !line.starts_with(['[', '<', '!']) && !line.starts_with("http") {
            split_sentences(&line.replace("**", ""), &mut all);
        }
    }
    all
}

/// A line without the mark of a list or a quotation: `- `, `> `, `3. `.
fn without_mark(line: &str) -> &str {
    let line = line.trim_start_matches(['-', '*', '+', '>', '•', ' ']);
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = rest.len() < line.len();
    let after = rest.strip_prefix(['.', ')']).and_then(|rest| rest.strip_prefix(' '));
    after.filter(|_| number).unwrap_or(line)
}

fn split_sentences(line: &str, all: &mut Vec<String>) {
    let mut sentence = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        sentence.push(c);
        let ends = matches!(c, '.' | '!' | '?') && chars.peek().is_none_or(|next| *next == ' ');
        if ends || matches!(c, '。' | '！' | '？') || chars.peek().is_none() {
            let whole = std::mem::take(&mut sentence);
            let whole = whole.trim();
            let asks = whole.ends_with(['?', '？', ':']);
            if LENGTH.contains(&whole.chars().count()) && !asks {
                all.push(whole.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_about_the_matter_are_quoted() {
        let message = "All done! The parser dropped **trailing commas** because the lexer ate \
            them.\n\n```\nlet parser = x;\n```\n- Lexer tokens now keep their commas.\n\
            Would you like me to fix another parser?\nLunch is at noon in the garden today.";
        let got = lesson(message, "fix the parser: comma lost in lexer");
        assert_eq!(
            got,
            [
                "The parser dropped trailing commas because the lexer ate them.",
                "Lexer tokens now keep their commas.",
            ]
        );
    }
}
