//! Balances as text: figures with their units, and the receipts behind them.

use super::{bytes, say, short, time};
use wire::{BalanceSide, BalancesView, DeliveriesPage, DeliveryLine, Figure, PeerBalance};

pub(crate) fn balances(view: &BalancesView) {
    lines(view).iter().for_each(|line| say(line));
}

fn lines(view: &BalancesView) -> Vec<String> {
    if view.peers.is_empty() {
        return vec!["You have no peers, so nothing was given or taken.".to_owned()];
    }
    let mut lines: Vec<String> = view.peers.iter().flat_map(peer).collect();
    lines.push("all peers".to_owned());
    lines.extend(side("given", &view.given, "they"));
    lines.extend(side("taken", &view.taken, "you"));
    if view.given.all.count + view.taken.all.count > 0 {
        lines.push("  → tracenet balances --all".to_owned());
        let kinds = "--signed countersigned, unacknowledged or diverged";
        lines.push(format!(
            "Each lists the receipts behind the figures above it; one kind: {kinds}"
        ));
    }
    lines
}

fn peer(peer: &PeerBalance) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", peer.name, peer.words)];
    lines.extend(side("given", &peer.given, "they"));
    lines.extend(side("taken", &peer.taken, "you"));
    for one in &peer.differing {
        lines.push(format!("  ! {}", differs(one)));
    }
    if peer.given.all.count + peer.taken.all.count > 0 {
        lines.push(format!("  → tracenet balances {}", typed(peer)));
    }
    lines
}

/// How a peer is named on a command line: by the words of their key where the name wants quotes.
fn typed(peer: &PeerBalance) -> &str {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    let simple = peer.name.starts_with(plain) && peer.name.chars().all(|c| plain(c) || c == '-');
    if simple { &peer.name } else { &peer.words }
}

/// What went one way, and which of it is signed by whom.
fn side(word: &str, side: &BalanceSide, taker: &str) -> Vec<String> {
    let mut lines = vec![format!("  {word:<6} {}", figure(&side.all, "artifact"))];
    if side.all.count == 0 && side.diverged.count == 0 {
        return lines;
    }
    lines.push(format!("         {} signed by both", figure(&side.countersigned, "artifact")));
    if side.unacknowledged.count > 0 {
        let missing = if taker == "they" {
            "that they did not sign for"
        } else {
            "that you signed for and they did not confirm yet"
        };
        lines.push(format!("         {} {missing}", figure(&side.unacknowledged, "artifact")));
    }
    if side.diverged.count > 0 {
        let differ = "whose totals differ";
        lines.push(format!("         {} {differ}", figure(&side.diverged, "receipt")));
    }
    lines
}

fn figure(figure: &Figure, noun: &str) -> String {
    let many = format!("{noun}s");
    format!("{}, {}", wire::count(figure.count, noun, &many), bytes(figure.bytes))
}

pub(crate) fn deliveries(page: &DeliveriesPage) {
    page_lines(page).iter().for_each(|line| say(line));
}

fn page_lines(page: &DeliveriesPage) -> Vec<String> {
    let way = if page.direction == "given" { "Given to" } else { "Taken from" };
    let whose = if page.name.is_empty() { "all peers" } else { page.name.as_str() };
    let mut lines = vec![format!("{way} {whose}: {} in all", page.total)];
    let mut last = "";
    for row in &page.rows {
        if page.name.is_empty() && row.peer != last {
            last = &row.peer;
            lines.push(last.to_owned());
        }
        lines.push(delivery(row));
    }
    lines
}

fn delivery(line: &DeliveryLine) -> String {
    let what = format!("{}  {:>10}  {}", short(&line.artifact), bytes(line.size), line.title);
    if line.delivery.is_empty() {
        return format!("  {:<14}  {what}", line.signed);
    }
    let receipt = format!("receipt {} of {}", short(&line.delivery), time(line.at));
    let confirmed = match line.countersign.as_str() {
        "" => String::new(),
        id => format!(", countersigned {}", short(id)),
    };
    let counted = format!("no. {}, {} in all", line.count, bytes(line.bytes_total));
    let mut text = format!("  {:<14}  {what}\n      {receipt}{confirmed}; {counted}", line.signed);
    if line.book.is_some() {
        text.push_str(&format!("\n    ! {}", differs(line)));
    }
    text
}

/// A receipt that differs, with both totals.
fn differs(line: &DeliveryLine) -> String {
    let book = line.book.as_ref().map_or_else(String::new, |book| figure(book, "artifact"));
    let (taker, giver) = if line.direction == "given" {
        ("they count", "you had counted")
    } else {
        ("you count", "they had counted")
    };
    let claim = figure(&Figure { count: line.count, bytes: line.bytes_total }, "artifact");
    let id = short(&line.delivery);
    format!("receipt {id} differs: with it {taker} {claim}; {giver} {book}")
}

#[cfg(test)]
mod tests;
