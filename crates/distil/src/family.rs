//! The family of a crystal: what it is about, in a few words of a vocabulary that is shipped and
//! public, `kind:term`, sorted.
//!
//! Promises: a family holds no word but those of `family/vocabulary.toml`, whatever the crystal
//! says; the same crystal gives the same family under the same version of it; a family is short.
//! It is derived wherever it is needed and stands in no crystal's bytes: those would change with
//! every word that the vocabulary gains.

use crate::command;
use artifact::{Crystal, FixStep};
use serde::Deserialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// The most terms of one kind: the ones with most marks. What is rarer says more of who wrote
/// it than of what it is about.
const DOMAINS: usize = 3;
const TOOLS: usize = 3;
const ERRORS: usize = 3;
const ACTIONS: usize = 2;
/// The most words of one mark.
const PHRASE: usize = 7;

/// Terms of one kind, each with its marks.
type Terms = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    domain: Terms,
    tool: Terms,
    error: Terms,
    action: Terms,
}

/// Terms of one kind by their marks, in lower case.
#[derive(Default)]
struct Marks(BTreeMap<String, BTreeSet<String>>);

/// The shipped vocabulary.
#[derive(Default)]
struct Vocabulary {
    version: u64,
    domain: Marks,
    tool: Marks,
    error: Marks,
    action: Marks,
}

/// One that cannot be read, which a test excludes, leaves every family empty: then nothing is
/// said rather than something else.
static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let file: Option<File> = toml::from_str(include_str!("family/vocabulary.toml")).ok();
    let Some(file) = file else { return Vocabulary::default() };
    Vocabulary {
        version: file.version,
        domain: Marks::of("domain", &file.domain),
        tool: Marks::of("tool", &file.tool),
        error: Marks::of("error", &file.error),
        action: Marks::of("action", &file.action),
    }
});

/// The version of the vocabulary: families of two versions are not compared.
#[must_use]
pub fn vocabulary() -> u64 {
    VOCABULARY.version
}

/// The family of a crystal, sorted; empty where nothing in it has a word of the vocabulary. What
/// the crystal itself says of its family is its author's word, and not looked at.
#[must_use]
pub fn family(crystal: &Crystal) -> Vec<String> {
    let words = &*VOCABULARY;
    let (mut domain, mut tool, mut error, mut action) =
        (Met::default(), Met::default(), Met::default(), Met::default());
    let edited = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Edit { file, .. } => Some(file),
        FixStep::Command { .. } => None,
    });
    for file in crystal.env.files.iter().chain(edited).collect::<BTreeSet<_>>() {
        domain.file(&words.domain, file);
    }
    for text in [&crystal.title, &crystal.problem] {
        domain.text(&words.domain, text);
    }
    for command in commands(crystal) {
        for simple in command::simple(command) {
            tool.meet(&words.tool, &simple.program().to_lowercase());
        }
    }
    error.text(&words.error, &crystal.problem);
    for end in &crystal.dead_ends {
        error.text(&words.error, &end.error);
    }
    action.text(&words.action, &crystal.title);
    let most = [(domain, DOMAINS), (tool, TOOLS), (error, ERRORS), (action, ACTIONS)];
    let family: BTreeSet<String> =
        most.into_iter().flat_map(|(met, most)| met.most(most)).collect();
    family.into_iter().collect()
}

fn commands(crystal: &Crystal) -> impl Iterator<Item = &str> {
    let fix = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Command { text } => Some(text.as_str()),
        FixStep::Edit { .. } => None,
    });
    fix.chain(crystal.checks.iter().map(|check| check.command.as_str()))
}

impl Marks {
    fn of(kind: &str, terms: &Terms) -> Self {
        let mut marks = BTreeMap::<String, BTreeSet<String>>::new();
        for (term, told_by) in terms {
            for mark in told_by {
                let term = format!("{kind}:{term}");
                marks.entry(mark.to_lowercase()).or_default().insert(term);
            }
        }
        Self(marks)
    }
}

/// Terms that a crystal was seen to be about, and how often.
#[derive(Default)]
struct Met(BTreeMap<&'static str, usize>);

impl Met {
    fn meet(&mut self, marks: &'static Marks, mark: &str) {
        for term in marks.0.get(mark).into_iter().flatten() {
            *self.0.entry(term).or_default() += 1;
        }
    }

    /// A file's name, and its ending.
    fn file(&mut self, marks: &'static Marks, path: &str) {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
        self.meet(marks, &format!("={name}"));
        if let Some((_, ending)) = name.rsplit_once('.') {
            self.meet(marks, &format!("*.{ending}"));
        }
    }

    /// Words that stand in a row.
    fn text(&mut self, marks: &'static Marks, text: &str) {
        let words: Vec<String> = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        for at in 0..words.len() {
            let mut phrase = String::new();
            for word in words.iter().skip(at).take(PHRASE) {
                if !phrase.is_empty() {
                    phrase.push(' ');
                }
                phrase.push_str(word);
                self.meet(marks, &phrase);
            }
        }
    }

    /// The terms met most, the earlier in the alphabet among equals.
    fn most(self, most: usize) -> impl Iterator<Item = String> {
        let mut met: Vec<(usize, &'static str)> = self.0.into_iter().map(|(t, n)| (n, t)).collect();
        met.sort_by_key(|(n, term)| (Reverse(*n), *term));
        met.into_iter().take(most).map(|(_, term)| term.to_owned())
    }
}

#[cfg(test)]
mod tests;
