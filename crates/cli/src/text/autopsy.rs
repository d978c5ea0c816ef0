//! Secrets in kept logs, each once, with where it stands.

use super::{bytes, json, say, time};
use serde::Serialize;
use std::collections::BTreeMap;
use wire::AutopsyView;

/// Places of one secret that are printed.
const PLACES: usize = 5;

/// One secret and where it stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    rule: String,
    label: String,
    masked: String,
    places: Vec<Place>,
}

/// Where a secret stands, for scripts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    trace: String,
    place: String,
    line: u64,
    agent: String,
    at: u64,
}

/// All that was found so far.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keys {
    keys: BTreeMap<(String, String), Key>,
    untold: u64,
    looked: u64,
    bytes: u64,
    #[serde(skip)]
    total: u32,
    #[serde(skip)]
    next: String,
}

impl Keys {
    /// Where to go on; empty at the end and in the beginning.
    pub(crate) fn next(&self) -> &str {
        &self.next
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn add(&mut self, seen: &AutopsyView) {
        for one in &seen.found {
            let key = self.keys.entry((one.rule.clone(), one.same.clone()));
            let key = key.or_insert_with(|| Key {
                rule: one.rule.clone(),
                label: one.label.clone(),
                masked: one.masked.clone(),
                places: Vec::new(),
            });
            key.places.push(Place {
                trace: one.trace.clone(),
                place: one.place.clone(),
                line: one.line,
                agent: one.agent.clone(),
                at: one.at,
            });
        }
        self.untold += u64::from(seen.untold);
        self.looked += u64::from(seen.looked);
        self.bytes += seen.bytes;
        self.total = seen.total;
        self.next.clone_from(&seen.next);
    }

    /// How far it came, on a line of its own that is written again.
    pub(crate) fn progress(&self) {
        eprint!(
            "\r{} of {}, {}\x1b[K",
            self.looked,
            wire::count(self.total, "log", "logs"),
            wire::count(self.keys.len(), "key", "keys")
        );
        if self.next.is_empty() {
            eprintln!();
        }
    }

    pub(crate) fn show(&self, as_json: bool) {
        let mut keys: Vec<&Key> = self.keys.values().collect();
        // What was used last is what most likely still works.
        let last = |key: &Key| key.places.iter().map(|place| place.at).max();
        keys.sort_by_key(|key| std::cmp::Reverse(last(key)));
        if as_json {
            let (untold, looked, size) = (self.untold, self.looked, self.bytes);
            return json(&serde_json::json!({
                "keys": keys, "untold": untold, "looked": looked, "bytes": size,
            }));
        }
        say(&self.lead());
        for key in keys {
            let (first, last) = (key.places.iter().map(|one| one.at).min(), last(key));
            say(&format!("\n{}  {}", key.label, key.masked));
            match (first, last) {
                (Some(first), Some(last)) if first < last => {
                    say(&format!("  first {}, last {}", time(first), time(last)));
                }
                (_, Some(last)) => say(&format!("  {}", time(last))),
                _ => {}
            }
            for one in key.places.iter().take(PLACES) {
                say(&format!("  {}  line {} of {}", one.agent, one.line, one.place));
            }
            if let more @ 1.. = key.places.len().saturating_sub(PLACES) {
                say(&format!("  and in {}", wire::count(more, "more place", "more places")));
            }
        }
        if self.untold > 0 {
            say(&format!("\n{} more stand in logs that hold too many to tell.", self.untold));
        }
    }

    fn lead(&self) -> String {
        let (logs, of) = (wire::count(self.looked, "log", "logs"), bytes(self.bytes));
        match self.keys.len() {
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
