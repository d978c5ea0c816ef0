//! Secrets in kept logs, by kind and file, with their age.

use super::{bytes, json, say, time};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wire::{AutopsyView, RecordedRow};

/// Lines of one secret in one file that are printed.
const LINES: usize = 5;

/// Secrets of one kind.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    rule: String,
    label: String,
    /// How many there are, each counted once.
    keys: usize,
    #[serde(flatten)]
    age: Age,
    files: Vec<LogFile>,
}

/// When the first and the last run ended in which it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Age {
    first: u64,
    last: u64,
}

/// A file in which some of them stand.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogFile {
    place: String,
    agent: String,
    #[serde(flatten)]
    age: Age,
    keys: Vec<Stands>,
}

/// Where one secret stands in a file.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stands {
    /// The same number for the same secret, within its kind, from 1.
    key: usize,
    masked: String,
    lines: Vec<u64>,
}

/// All that was found so far.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    found: Vec<RecordedRow>,
    untold: u64,
    looked: u64,
    bytes: u64,
    total: u32,
    next: String,
}

impl Keys {
    /// Where to go on; empty at the end and in the beginning.
    pub(crate) fn next(&self) -> &str {
        &self.next
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn add(&mut self, seen: &AutopsyView) {
        self.found.extend(seen.found.iter().cloned());
        self.untold += u64::from(seen.untold);
        self.looked += u64::from(seen.looked);
        self.bytes += seen.bytes;
        self.total = seen.total;
        self.next.clone_from(&seen.next);
    }

    /// Different secrets.
    fn count(&self) -> usize {
        let keys: BTreeSet<(&str, &str)> =
            self.found.iter().map(|one| (one.rule.as_str(), one.same.as_str())).collect();
        keys.len()
    }

    /// How far it came, on a line of its own that is written again.
    pub(crate) fn progress(&self) {
        eprint!(
            "\r{} of {}, {}\x1b[K",
            self.looked,
            wire::count(self.total, "log", "logs"),
            wire::count(self.count(), "key", "keys")
        );
        if self.next.is_empty() {
            eprintln!();
        }
    }

    pub(crate) fn show(&self, as_json: bool) {
        if as_json {
            let (untold, looked, size) = (self.untold, self.looked, self.bytes);
            return json(&serde_json::json!({
                "kinds": kinds(&self.found), "untold": untold, "looked": looked, "bytes": size,
            }));
        }
        say(&self.lead());
        kinds(&self.found).iter().flat_map(kind).for_each(|line| say(&line));
        if self.untold > 0 {
            say(&format!("\n{} more stand in logs that hold too many to tell.", self.untold));
        }
    }

    fn lead(&self) -> String {
        let (logs, of) = (wire::count(self.looked, "log", "logs"), bytes(self.bytes));
        match self.count() {
            0 => format!("No key was found in {logs} ({of})."),
            1 => {
                format!("Your agents recorded 1 key that looks live, in {logs} ({of}). Rotate it.")
            }
            n => format!(
                "Your agents recorded {n} keys that look live, in {logs} ({of}). Rotate them."
            ),
        }
    }
}

/// What was found by kind, and below each its files: what was used last comes first, it most
/// likely still works.
fn kinds(found: &[RecordedRow]) -> Vec<Kind> {
    let mut rules: BTreeMap<&str, Vec<&RecordedRow>> = BTreeMap::new();
    for one in found {
        rules.entry(&one.rule).or_default().push(one);
    }
    let of = |rows: Vec<&RecordedRow>| {
        let first = rows.first()?;
        let (files, keys) = files(&rows);
        let (rule, label) = (first.rule.clone(), first.label.clone());
        Some(Kind { rule, label, keys, age: age(&rows)?, files })
    };
    let mut kinds: Vec<Kind> = rules.into_values().filter_map(of).collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.age.last));
    kinds
}

/// The files of one kind, and how many secrets stand in them.
fn files(rows: &[&RecordedRow]) -> (Vec<LogFile>, usize) {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places: BTreeMap<&str, Vec<&RecordedRow>> = BTreeMap::new();
    for one in rows {
        let next = numbers.len() + 1;
        numbers.entry(&one.same).or_insert(next);
        places.entry(&one.place).or_default().push(one);
    }
    let of = |rows: Vec<&RecordedRow>| {
        let first = rows.first()?;
        let mut keys: BTreeMap<usize, Stands> = BTreeMap::new();
        for one in &rows {
            let key = numbers.get(one.same.as_str()).copied().unwrap_or_default();
            let masked = one.masked.clone();
            let stands = keys.entry(key).or_insert_with(|| Stands { key, masked, lines: vec![] });
            stands.lines.push(one.line);
        }
        let keys = keys.into_values().collect();
        let (place, agent) = (first.place.clone(), first.agent.clone());
        Some(LogFile { place, agent, age: age(&rows)?, keys })
    };
    let mut files: Vec<LogFile> = places.into_values().filter_map(of).collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.age.last));
    (files, numbers.len())
}

fn age(rows: &[&RecordedRow]) -> Option<Age> {
    let first = rows.iter().map(|one| one.at).min()?;
    Some(Age { first, last: rows.iter().map(|one| one.at).max()? })
}

fn kind(kind: &Kind) -> Vec<String> {
    let files = wire::count(kind.files.len(), "file", "files");
    let mut lines = vec![format!("\n{}: {} in {files}, {}", kind.label, kind.keys, aged(kind.age))];
    for file in &kind.files {
        lines.push(format!("  {}  {}, {}", file.place, file.agent, aged(file.age)));
        for key in &file.keys {
            let numbers: Vec<String> = key.lines.iter().take(LINES).map(u64::to_string).collect();
            let word = if key.lines.len() == 1 { "line" } else { "lines" };
            let more = match key.lines.len().saturating_sub(LINES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            lines.push(format!("    {}  {word} {}{more}", key.masked, numbers.join(", ")));
        }
    }
    lines
}

fn aged(age: Age) -> String {
    let last = time(age.last);
    if age.first == age.last {
        return format!("used {last}");
    }
    format!("first used {}, last {last}", time(age.first))
}

#[cfg(test)]
mod tests;
