//! The disk as text: what everything takes, and what would go.

use super::{bytes, say, short, time};
use wire::{AnchorView, PurgeView, StorageView, count};

pub(crate) fn storage(s: &StorageView) {
    say(&format!("{:<10} {}", "folder", s.home));
    for part in &s.parts {
        say(&format!("{:<10} {}", part.name, bytes(part.bytes)));
    }
    say(&format!("{:<10} {}", "total", bytes(s.total)));
    let purged = if s.purged > 0 { format!(", {} purged", s.purged) } else { String::new() };
    let traces = count(s.traces, "trace", "traces");
    say(&format!("{traces} of {} of logs{purged}", bytes(s.log_bytes)));
    let limits = [
        (s.keep_days > 0).then(|| format!("of the last {}", count(s.keep_days, "day", "days"))),
        (s.keep_bytes > 0).then(|| format!("up to {}", bytes(s.keep_bytes))),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if limits.is_empty() {
        say("Traces are kept for ever.");
    } else {
        let due = count(s.due, "goes", "go");
        let due = if s.due > 0 { format!(" {due} at the next tick.") } else { String::new() };
        say(&format!("Traces are kept: {}.{due}", limits.join(", ")));
    }
    anchor(&s.anchor);
}

pub(crate) fn anchor(a: &AnchorView) {
    say(&format!("{:<10} {}", "anchor", a.what));
    if !a.hint.is_empty() {
        say(&format!("           → {}", a.hint));
    }
}

pub(crate) fn plan(plan: &PurgeView) {
    if plan.traces == 0 {
        say("No trace would go.");
        return;
    }
    for row in &plan.rows {
        say(&format!(
            "{}  {}  {}  {}",
            short(&row.trace),
            time(row.at),
            bytes(row.frees),
            row.place
        ));
        if row.crystal.is_empty() {
            continue;
        }
        say(&format!("          stays: {} {}", short(&row.crystal), row.title));
        if row.evidence + row.anchors > 0 {
            say(&format!(
                "          goes: {}, {}",
                count(row.anchors, "place it points to", "places it points to"),
                count(row.evidence, "line that could be proven", "lines that could be proven")
            ));
        }
        if row.receipts > 0 {
            let receipts = count(row.receipts, "receipt", "receipts");
            say(&format!("          shared by {receipts}: who holds it keeps it"));
        }
    }
    let shown = plan.rows.len();
    if (plan.traces as usize) > shown {
        say(&format!("… and {} more", plan.traces as usize - shown));
    }
    let traces = count(plan.traces, "trace goes", "traces go");
    say(&format!("{traces}, {} come free.", bytes(plan.frees)));
}
