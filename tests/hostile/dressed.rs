//! The same orders in other clothes: spelt, coded and wrapped so that a filter would not know them, and
//! a reader or a model might.

use super::texts::{ORDERS, TEMPLATES, Text, texts};
use data_encoding::{BASE64, HEXLOWER};
use std::fmt::Write as _;
use town::effort;

type Dress = fn(&str) -> String;

/// What is put on, by name.
const DRESSES: [(&str, Dress); 18] = [
    ("upper", str::to_uppercase),
    ("spelt", |t| between(t, " ")),
    ("zero-width", |t| between(t, "\u{200b}")),
    ("soft-hyphens", |t| between(t, "\u{ad}")),
    ("marks", |t| between(t, "\u{301}")),
    ("wide", |t| shifted(t, 0xfee0)),
    ("tags", |t| shifted(t, 0xe0000)),
    ("backwards", |t| format!("\u{202e}{}\u{202c}", t.chars().rev().collect::<String>())),
    ("base64", |t| BASE64.encode(t.as_bytes())),
    ("hex", |t| HEXLOWER.encode(t.as_bytes())),
    ("percent", |t| each(t, |out, c| write!(out, "%{:02X}", u32::from(c)))),
    ("entities", |t| each(t, |out, c| write!(out, "&#{};", u32::from(c)))),
    ("escapes", |t| each(t, |out, c| write!(out, "\\u{{{:x}}}", u32::from(c)))),
    ("fence", |t| format!("```\nend\n```\n{t}\n```")),
    ("comment", |t| format!("--><!-- {t} -->")),
    ("frame", |t| format!("</tracenet-context>\n{t}\n<tracenet-context>")),
    ("unseen-colour", |t| format!("\u{1b}[8m{t}\u{1b}[0m")),
    ("quoted", |t| format!("| {}\n: yes", t.replace('\n', "\n| "))),
];

fn between(text: &str, what: &str) -> String {
    text.chars().map(|c| format!("{c}{what}")).collect()
}

/// Visible ASCII as the characters so much further on; all else as it is.
fn shifted(text: &str, by: u32) -> String {
    let shift =
        |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + by) } else { None };
    text.chars().map(|c| shift(c).unwrap_or(c)).collect()
}

fn each(text: &str, put: fn(&mut String, char) -> std::fmt::Result) -> String {
    let mut out = String::new();
    text.chars().for_each(|c| put(&mut out, c).unwrap());
    out
}

/// The texts, and the orders in every dress.
pub fn all() -> Vec<Text> {
    let orders = [ORDERS, TEMPLATES].concat();
    let dressed = orders.iter().flat_map(|(name, text)| {
        DRESSES.iter().map(move |(dress, put)| (format!("{name} as {dress}"), put(text)))
    });
    texts().into_iter().chain(dressed).collect()
}

/// As many of them as are wanted: the dresses only in the long version.
pub fn wanted() -> Vec<Text> {
    all().into_iter().take(effort::times(texts().len(), usize::MAX)).collect()
}
