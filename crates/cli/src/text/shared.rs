//! What is shared, both ways, as text.

use super::{bytes, json, say, short, time};
use wire::{AheadView, Done, OfferedPage, ReceiptsPage, WouldRevokeView, count};

/// What was ended.
pub(crate) fn revoked(as_json: bool, done: &Done) {
    if as_json {
        return json(done);
    }
    let Done::Revoked { receipts, asks, people, unsigned, what } = done else { return };
    say(what);
    let (receipts, asks) = (count(*receipts, "receipt", "receipts"), waiting(*asks));
    let people = count(*people, "person was", "people were");
    say(&format!("{receipts}, {asks} withdrawn, {people} told."));
    if *unsigned > 0 {
        say(&format!("{}.", to_sign(*unsigned)));
    }
}

/// What would be ended.
pub(crate) fn would_revoke(would: &WouldRevokeView) -> String {
    let WouldRevokeView { receipts, people, asks } = would;
    let receipts = count(*receipts, "receipt", "receipts");
    let people = count(*people, "person", "people");
    format!("This ends {receipts} to {people} and withdraws {}.", waiting(*asks))
}

fn waiting(asks: u32) -> String {
    count(asks, "waiting ask", "waiting asks")
}

/// How many revocations are not signed yet.
pub(crate) fn to_sign(unsigned: u32) -> String {
    let waits = "revocation waits for your signature";
    count(unsigned, waits, "revocations wait for your signature")
}

/// How much is fetched ahead.
pub(crate) fn ahead(view: &AheadView) {
    let (taken, total, each) = (bytes(view.taken), bytes(view.total), bytes(view.per_peer));
    say(&format!("Taken: {taken} of {total}, at most {each} of one peer."));
    for peer in &view.peers {
        say(&format!("  {} {}", peer.name, bytes(peer.taken)));
    }
}

pub(crate) fn receipts(page: &ReceiptsPage) {
    if page.rows.is_empty() {
        say("Nothing was shared.");
    }
    for row in &page.rows {
        let asked = if row.agent.is_empty() { "you".to_owned() } else { row.agent.clone() };
        say(&format!(
            "{}  {:<8}  {}  {} {}  (asked by {asked})",
            short(&row.receipt),
            row.state,
            time(row.at),
            short(&row.artifact),
            row.title
        ));
        for holder in &row.holders {
            let has = match holder.state.as_str() {
                "acknowledged" => "has it, and signed for it",
                "sent" => "was sent all of it",
                "told" => "was told of it",
                _ => "may have it",
            };
            let ended = match (holder.ended, holder.unsigned) {
                (0, _) => String::new(),
                (at, true) => format!("; ended {}, not signed yet", time(at)),
                (at, false) => format!("; ended {}", time(at)),
            };
            say(&format!("          {} {has} ({}){ended}", holder.name, bytes(holder.bytes)));
        }
    }
    if page.unsigned > 0 {
        say(&format!("{}:", to_sign(page.unsigned)));
        say("  → tracenet revoke --sign, or your next yes");
    }
    if page.rows.iter().any(|row| row.holders.iter().any(|h| h.ended > 0)) {
        say("Copies that were received cannot be recalled.");
    }
}

pub(crate) fn offered(page: &OfferedPage) {
    if page.rows.is_empty() {
        say("Peers share nothing that is not here.");
    }
    for row in &page.rows {
        let state = match row.state.as_str() {
            "open" => "not fetched".to_owned(),
            "refused" => format!("refused. {}", row.reason),
            _ => format!("not fetched, {} is away since {}", row.peer, time(row.seen)),
        };
        say(&format!(
            "{}  {:<8}  {}  {}  from {}  ({state})",
            short(&row.id),
            row.outcome,
            bytes(row.size),
            row.title,
            row.peer
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_of_each() {
        let would = |n| would_revoke(&WouldRevokeView { receipts: n, people: n, asks: n });
        assert_eq!(would(1), "This ends 1 receipt to 1 person and withdraws 1 waiting ask.");
        assert_eq!(would(2), "This ends 2 receipts to 2 people and withdraws 2 waiting asks.");
        assert_eq!(to_sign(1), "1 revocation waits for your signature");
        assert_eq!(to_sign(3), "3 revocations wait for your signature");
    }
}
