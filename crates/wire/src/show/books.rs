//! Balances as figures, and the receipts behind each.

use super::{hex, line, small};
use crate::{
    BalanceSide, BalancesView, DeliveriesPage, DeliveryLine, Fault, Figure, PeerBalance, ProofRow,
    ProofsPage,
};
use artifact::{ArtifactId, words::key_words};
use node::{Balance, Delivered, Direction, Look, Node, Side, Signed, Sum};

/// The most rows of one page.
const PAGE: u32 = 200;
/// The most envelopes of one page: a page is one frame of the control socket.
const PROOFS: u32 = 50;
/// Receipts that differ and are shown beside the figures.
const DIFFERING: usize = 20;

pub(crate) fn balances(node: &Node) -> Result<BalancesView, Fault> {
    let look = node.look()?;
    let (mut given, mut taken) = (Side::default(), Side::default());
    let mut peers = Vec::new();
    for balance in node.balances()? {
        let sides = (Side::of(&balance.given), Side::of(&balance.taken));
        given.join(&sides.0);
        taken.join(&sides.1);
        peers.push(peer(&look, &balance, sides)?);
    }
    Ok(BalancesView { peers, given: side(&given), taken: side(&taken) })
}

fn peer(
    look: &Look,
    balance: &Balance,
    (given, taken): (Side, Side),
) -> Result<PeerBalance, Fault> {
    let differs = |entry: &&(Direction, &Delivered)| entry.1.signed == Signed::Diverged;
    let both = both(balance);
    let differing = both.iter().filter(differs).take(DIFFERING);
    let differing = differing.map(|(way, entry)| row(look, balance, *way, entry));
    let differing = differing.collect::<Result<_, _>>();
    Ok(PeerBalance {
        name: line(&balance.peer.name, 64),
        human: balance.human.to_string(),
        words: key_words(&balance.human),
        given: side(&given),
        taken: side(&taken),
        differing: differing?,
    })
}

fn both(balance: &Balance) -> Vec<(Direction, &Delivered)> {
    let given = balance.given.iter().map(|entry| (Direction::Given, entry));
    given.chain(balance.taken.iter().map(|entry| (Direction::Taken, entry))).collect()
}

pub(crate) fn deliveries(
    node: &Node,
    peer: &str,
    direction: &str,
    signed: &str,
    (offset, limit): (u32, u32),
) -> Result<DeliveriesPage, Fault> {
    let way = match direction {
        "given" => Direction::Given,
        "taken" => Direction::Taken,
        _ => {
            let hint = "a direction is given or taken";
            return Err(node::Fault::invalid("no such direction", hint).into());
        }
    };
    let look = node.look()?;
    let of = if peer.is_empty() { node.balances()? } else { vec![node.balance(peer)?] };
    let entries = of.iter().flat_map(|balance| {
        let entries = match way {
            Direction::Given => &balance.given,
            Direction::Taken => &balance.taken,
        };
        entries.iter().map(move |entry| (balance, entry))
    });
    let is_wanted = |entry: &Delivered| signed.is_empty() || signed == word(entry.signed);
    let wanted: Vec<_> = entries.filter(|(_, entry)| is_wanted(entry)).collect();
    let page = wanted.iter().skip(offset as usize).take(limit.min(PAGE) as usize);
    let rows = page.map(|(balance, entry)| row(&look, balance, way, entry));
    let rows = rows.collect::<Result<_, _>>()?;
    let name = if peer.is_empty() { None } else { of.first() };
    Ok(DeliveriesPage {
        name: name.map(|balance| line(&balance.peer.name, 64)).unwrap_or_default(),
        direction: direction.to_owned(),
        total: small(wanted.len()),
        rows,
    })
}

pub(crate) fn proofs(
    node: &Node,
    peer: &str,
    (offset, limit): (u32, u32),
) -> Result<ProofsPage, Fault> {
    let balance = node.balance(peer)?;
    let me = node.me().ok_or_else(node::Fault::not_initialised)?;
    let all: Vec<ProofRow> = both(&balance)
        .into_iter()
        .filter_map(|(way, entry)| {
            let row = entry.row.as_ref()?;
            Some(ProofRow {
                direction: way_word(way).to_owned(),
                delivery: hex(&row.delivery),
                countersign: row.countersign.as_ref().map(|c| hex(c)).unwrap_or_default(),
                diverged: row.diverged.is_some(),
            })
        })
        .collect();
    let total = small(all.len());
    let rows = all.into_iter().skip(offset as usize).take(limit.min(PROOFS) as usize).collect();
    let look = node.look()?;
    let mut cards = vec![hex(&me.card), hex(&balance.peer.card)];
    for human in [&me.human, &balance.human] {
        let earlier = look.earlier_cards(human).map_err(node::Fault::from)?;
        cards.extend(earlier.iter().map(|card| hex(card)));
    }
    Ok(ProofsPage { name: line(&balance.peer.name, 64), cards, total, rows })
}

fn row(
    look: &Look,
    balance: &Balance,
    way: Direction,
    entry: &Delivered,
) -> Result<DeliveryLine, Fault> {
    let crystal = look.crystal(&entry.artifact).map_err(node::Fault::from)?;
    let id = |bytes: &[u8]| ArtifactId::of(bytes).to_string();
    let (kept, claim) = (entry.row.as_ref(), entry.claim().unwrap_or_default());
    let countersign = kept.and_then(|row| row.countersign.as_ref());
    let book = kept.and_then(|row| row.diverged);
    Ok(DeliveryLine {
        peer: line(&balance.peer.name, 64),
        direction: way_word(way).to_owned(),
        artifact: entry.artifact.to_string(),
        title: crystal.map(|row| line(&row.title, 160)).unwrap_or_default(),
        size: entry.size,
        signed: word(entry.signed).to_owned(),
        delivery: kept.map(|row| id(&row.delivery)).unwrap_or_default(),
        countersign: countersign.map(|c| id(c)).unwrap_or_default(),
        count: claim.count,
        bytes_total: claim.bytes_total,
        book: book.map(|book| Figure { count: book.count, bytes: book.bytes_total }),
        at: kept.map_or(0, |row| row.at),
        receipts: entry.receipts.iter().map(ToString::to_string).collect(),
    })
}

const fn word(signed: Signed) -> &'static str {
    match signed {
        Signed::Countersigned => "countersigned",
        Signed::Unacknowledged => "unacknowledged",
        Signed::Diverged => "diverged",
    }
}

const fn way_word(way: Direction) -> &'static str {
    match way {
        Direction::Given => "given",
        Direction::Taken => "taken",
    }
}

const fn side(side: &Side) -> BalanceSide {
    BalanceSide {
        all: figure(side.all),
        countersigned: figure(side.countersigned),
        unacknowledged: figure(side.unacknowledged),
        diverged: figure(side.diverged),
    }
}

const fn figure(sum: Sum) -> Figure {
    Figure { count: sum.count, bytes: sum.bytes }
}
