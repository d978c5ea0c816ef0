//! Crystals that have to do with one another, as text: each under the one that it was reached from.

use super::{say, short, time};
use wire::{RelatedEdge, RelatedRow, RelatedView};

pub(crate) fn related(seen: &RelatedView) {
    let Some((first, others)) = seen.rows.split_first() else { return };
    let crystal = &first.crystal;
    say(&format!("{}  {}", short(&crystal.id), time(crystal.at)));
    // What others wrote stands last in its line: it cannot pretend to be what follows it.
    say(&format!("  {}", crystal.title));
    if seen.family.is_empty() {
        say("family: none of the vocabulary's words stands in it");
    } else {
        say(&format!("family: {}", seen.family.join(" · ")));
    }
    if others.is_empty() {
        say("\nNothing else here has to do with it.");
    }
    for row in others {
        one(seen, row);
    }
    if seen.more {
        say("\nThere are more than these: raise --limit, or walk on from one of them.");
    }
}

fn one(seen: &RelatedView, row: &RelatedRow) {
    let crystal = &row.crystal;
    let id = short(&crystal.id);
    let from =
        if crystal.peer.is_empty() { String::new() } else { format!("  from {}", crystal.peer) };
    say(&format!("\n{id}  {}  {}{from}", time(crystal.at), crystal.outcome));
    let nearer =
        |id: &str| seen.rows.iter().any(|other| other.crystal.id == id && other.steps < row.steps);
    for edge in &seen.edges {
        if edge.from == crystal.id && nearer(&edge.to) {
            say(&format!("  {} {}", said(edge, true), short(&edge.to)));
        } else if edge.to == crystal.id && nearer(&edge.from) {
            say(&format!("  {} {}", said(edge, false), short(&edge.from)));
        }
    }
    say(&format!("  {}", crystal.title));
}

/// What the one has to do with the other; `forth` where the edge goes from it.
fn said(edge: &RelatedEdge, forth: bool) -> String {
    let n = edge.shared;
    match (edge.relation.as_str(), forth, n) {
        ("supersedes", true, _) => "supersedes".to_owned(),
        ("supersedes", false, _) => "is superseded by".to_owned(),
        ("uses", true, _) => "used".to_owned(),
        ("uses", false, _) => "was used by".to_owned(),
        ("same-error", _, 0 | 1) => "met the same error as".to_owned(),
        ("same-error", ..) => format!("met {n} of the same errors as"),
        ("same-files", _, 0 | 1) => "touched the same file as".to_owned(),
        ("same-files", ..) => format!("touched {n} of the same files as"),
        ("from-peer", ..) => "came from the same peer as".to_owned(),
        (other, ..) => format!("{other} of"),
    }
}
