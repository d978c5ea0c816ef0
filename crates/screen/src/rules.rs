//! The rules: what to look for, what must stand there, and how random it must be.
//!
//! They are data, compiled in. Patterns are ASCII and never go over more than a bounded stretch
//! before the match is won: the engine anchors them where their keyword stands.

use crate::finding::Class;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use std::sync::{LazyLock, OnceLock};

/// What decides beside the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Check {
    /// Entropy alone.
    #[default]
    None,
    /// The match is the first line of an armoured key, whose body follows.
    Armor,
    /// The header of a JSON web token stands before its keyword.
    Jwt,
    /// Judged as a password.
    Password,
    /// Judged as a secret that a machine made.
    Secret,
    /// The password of an address, which names its user before it.
    Url,
    /// `user:password` in base64.
    Basic,
    /// The address of a person.
    Email,
    /// A telephone number.
    Phone,
    /// The home of a person.
    Home,
    /// A host that only an inner network knows.
    Host,
    /// An address of a private network.
    Address,
    /// The same, of IPv6.
    Address6,
}

/// One rule. Of rules that claim the same bytes the stricter class wins, then the longer claim,
/// then the first of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable between versions, such as `github-token`.
    pub id: String,
    /// What it finds, for people.
    pub what: String,
    /// What kind of thing that is.
    #[serde(default = "token")]
    pub class: Class,
    /// Literals one of which every match holds.
    #[serde(default)]
    pub(crate) keywords: Vec<String>,
    /// Whether keywords match in any case.
    #[serde(default)]
    pub(crate) fold: bool,
    /// Parts of the names whose values are judged, in any case.
    #[serde(default)]
    pub(crate) names: Vec<String>,
    #[serde(default)]
    pub(crate) pattern: String,
    /// How far before its keyword a match may begin.
    #[serde(default)]
    pub(crate) before: usize,
    /// The least Shannon entropy of what follows the keyword, in bits a byte.
    #[serde(default)]
    pub(crate) entropy: f32,
    #[serde(default)]
    pub(crate) check: Check,
    #[serde(default)]
    example: String,
    #[serde(default)]
    examples: Vec<String>,
    /// Where its facts were learnt.
    pub from: String,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

fn token() -> Class {
    Class::Token
}

impl Rule {
    /// Forms of what it finds, as `rules/tokens.toml` explains them. Empty where there is none.
    #[must_use]
    pub fn forms(&self) -> Vec<&str> {
        let all = std::iter::once(&self.example).chain(&self.examples);
        all.map(String::as_str).filter(|form| !form.is_empty()).collect()
    }

    /// Whether what tells it is the name that its value is given to.
    #[must_use]
    pub fn is_named(&self) -> bool {
        !self.names.is_empty()
    }

    /// Parts of such names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The pattern, compiled when it is first needed. `None` only for one that does not compile,
    /// which a test excludes.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        let compiled = self.regex.get_or_init(|| {
            let anchored = if self.is_named() {
                format!(r"\A(?:{})\z", self.pattern)
            } else if self.before > 0 {
                self.pattern.clone()
            } else {
                format!(r"\A(?:{})", self.pattern)
            };
            RegexBuilder::new(&anchored).unicode(false).build().ok()
        });
        compiled.as_ref()
    }
}

#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

/// The sources, in the order of the list.
const FILES: [&str; 4] = [
    include_str!("rules/keys.toml"),
    include_str!("rules/tokens.toml"),
    include_str!("rules/named.toml"),
    include_str!("rules/text.toml"),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let files: Result<Vec<File>, _> = FILES.iter().map(|text| toml::from_str(text)).collect();
    // A file that cannot be read leaves no rules at all, and a scan without rules says `spent`.
    files.map(|files| files.into_iter().flat_map(|file| file.rule).collect()).unwrap_or_default()
});

/// Every rule, in order.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

#[cfg(test)]
pub(crate) mod tests;
