//! What is worth sharing, as text.

use super::{say, short};
use std::collections::BTreeMap;
use wire::{WorthRow, WorthView};

pub(crate) fn worth(worth: &WorthView) {
    if worth.peers == 0 {
        say("You know nobody to share with yet: `tracenet ticket`, `tracenet connect`.");
        return;
    }
    if worth.rows.is_empty() {
        say("Nothing is worth sharing yet. What helped an agent, what you marked as passed or");
        say("accepted, and what ended an error that came again is listed here.");
        return;
    }
    let mut ready: BTreeMap<&str, usize> = BTreeMap::new();
    for row in worth.rows.iter().filter(|row| row.ready) {
        for person in &row.people {
            *ready.entry(person.name.as_str()).or_default() += 1;
        }
    }
    for (name, count) in ready {
        let finds = if count == 1 { "find" } else { "finds" };
        say(&format!("{count} {finds} worth sharing with {name}"));
        say(&format!("  → tracenet worth share --to {name}"));
    }
    worth.rows.iter().for_each(row);
    let more = (worth.total as usize).saturating_sub(worth.rows.len());
    if more > 0 {
        say(&format!("{more} more."));
    }
}

fn row(row: &WorthRow) {
    say(&format!("{}  {}  ({})", short(&row.crystal.id), row.crystal.title, row.why.join("; ")));
    let names: Vec<&str> = row.people.iter().map(|person| person.name.as_str()).collect();
    say(&format!("          not shared with {}", names.join(", ")));
    for found in &row.findings {
        say(&format!("          found {} (line {}: {})", found.label, found.line, found.masked));
    }
    if !row.ready {
        let id = short(&row.crystal.id);
        say(&format!("          → tracenet share {id} --to …, and answer with redact"));
    }
}
