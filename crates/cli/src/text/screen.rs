//! What `tracenet screen` found, as a list that is written while it grows.

use super::{bytes, say};
use crate::verb::screen::Counts;
use screen::{Finding, Met};
use serde::Serialize;
use std::io::Write;

/// A finding, for scripts.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    line: u64,
    start: u64,
    end: u64,
    masked: &'a str,
}

/// The list.
pub(crate) struct List {
    json: bool,
    rows: u64,
}

impl List {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, rows: 0 }
    }

    /// Writes one finding.
    pub(crate) fn add(&mut self, met: &Met<'_>) {
        if self.json {
            let Met { finding, line, start, end, .. } = *met;
            let row = Row { rule: finding.rule, line, start, end, masked: &finding.masked };
            let begin = if self.rows == 0 { "[" } else { "," };
            put(&format!("{begin}{}", serde_json::to_string(&row).unwrap_or_default()));
        } else {
            say(&row(met.line, met.finding));
        }
        self.rows += 1;
    }

    /// Ends the list with what it comes to.
    pub(crate) fn end(&self, counts: &Counts) {
        if !self.json {
            if self.rows > 0 {
                say("");
            }
            return say(&summary(counts));
        }
        if self.rows == 0 {
            put("[");
        }
        say("]");
    }
}

/// Without a line's end.
fn put(text: &str) {
    // A reader that went away (`| head`) is no failure of this command.
    let _ = write!(std::io::stdout().lock(), "{text}");
}

fn row(line: u64, found: &Finding) -> String {
    // The ends that a mask leaves come from the file: nothing in them may move the cursor.
    let plain = |c: char| if c.is_ascii_graphic() || matches!(c, ' ' | '…') { c } else { '·' };
    let masked: String = found.masked.chars().map(plain).collect();
    format!("line {line:>6}  {:<38}  {masked}", found.label)
}

fn summary(counts: &Counts) -> String {
    let Counts { bytes: size, secrets, personal, unread } = counts;
    let of = bytes(*size);
    let many = |n: u64, one: &str, more: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {more}")),
    };
    let found = [
        many(*secrets, "secret", "secrets"),
        many(
            *personal,
            "thing that tells of a person or a network",
            "things that tell of people or networks",
        ),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    let said = if found.is_empty() { "Nothing".to_owned() } else { found.join(" and ") };
    let rest = many(*unread, "place was not looked through", "places were not looked through");
    let rest = rest.map(|rest| format!(" {rest}.")).unwrap_or_default();
    format!("{said} found in {of}.{rest}")
}

#[cfg(test)]
mod tests;
