//! What was given to whom, what was ended of it, and what peers offer.

use super::{line, lines, name_of, small};
use crate::{
    AheadPeer, AheadView, Fault, HolderRow, OfferedPage, OfferedRow, ReceiptsPage, SharedRow,
    WouldRevokeView,
};
use artifact::{Act, ArtifactId, Crystal, Head, HumanKey, words::id_words};
use consent::{Ask, Requester};
use node::{Look, Node, PeerRow, ReceiptRow, outcome_word};
use std::collections::{BTreeMap, BTreeSet};

/// The most rows of one page.
const PAGE: u32 = 200;

type Peers = [(HumanKey, PeerRow)];

/// Which receipts: over one artifact, naming one peer, or all.
pub(crate) struct Wanted {
    pub(crate) artifact: String,
    pub(crate) peer: String,
    pub(crate) offset: u32,
    pub(crate) limit: u32,
}

pub(crate) fn receipts(node: &Node, wanted: &Wanted) -> Result<ReceiptsPage, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let mut rows = if wanted.artifact.is_empty() {
        look.receipts().map_err(node::Fault::from)?
    } else {
        let named = look.crystal_named(&wanted.artifact).map_err(node::Fault::from)?;
        look.receipts_about(&named.map_err(node::Fault::from)?).map_err(node::Fault::from)?
    };
    if !wanted.peer.is_empty() {
        let human = node::resolve(&peers, &wanted.peer)?;
        rows.retain(|(_, row)| row.peers.is_empty() || row.peers.contains(&human));
    }
    rows.sort_by(|a, b| b.1.iat.cmp(&a.1.iat).then(a.0.cmp(&b.0)));
    let total = rows.len();
    let limit = wanted.limit.min(PAGE) as usize;
    let page: Vec<_> = rows.into_iter().skip(wanted.offset as usize).take(limit).collect();
    let asks: BTreeMap<ArtifactId, Ask> =
        look.allowed().map_err(node::Fault::from)?.into_iter().collect();
    let now = node.clock().now();
    let row =
        |(id, row): &(ArtifactId, ReceiptRow)| shared(&look, &peers, (id, row), asks.get(id), now);
    Ok(ReceiptsPage {
        total: small(total),
        rows: page.iter().map(row).collect::<Result<_, Fault>>()?,
        unsigned: small(
            usize::try_from(look.due_count().map_err(node::Fault::from)?).unwrap_or(usize::MAX),
        ),
    })
}

fn shared(
    look: &Look,
    peers: &Peers,
    (id, row): (&ArtifactId, &ReceiptRow),
    ask: Option<&Ask>,
    now: u64,
) -> Result<SharedRow, Fault> {
    let bytes = look.snapshot(&row.artifact).map_err(node::Fault::from)?;
    let title = bytes.and_then(|bytes| Crystal::open(&bytes).ok());
    let title = title.map_or_else(String::new, |(opened, _)| line(&opened.payload.title, 160));
    let told = look.deliveries(id).map_err(node::Fault::from)?;
    let people: BTreeSet<HumanKey> = match row.act {
        Act::SharePrivate => row.peers.iter().copied().collect(),
        Act::SharePublic => told.iter().map(|(human, _)| *human).collect(),
    };
    let mut holders = Vec::with_capacity(people.len());
    for human in people {
        holders.push(holder(look, peers, (id, row), human)?);
    }
    let over = look.is_stopped(id).map_err(node::Fault::from)?;
    let nobody = row.act == Act::SharePrivate && holders.iter().all(|h| h.ended > 0);
    let state = if over || nobody {
        "stopped"
    } else if row.until.is_some_and(|until| until <= now) {
        "expired"
    } else {
        "served"
    };
    let agent = match ask.map(|ask| &ask.by) {
        Some(Requester::Agent { name, .. }) => line(name, 64),
        _ => String::new(),
    };
    Ok(SharedRow {
        receipt: id.to_string(),
        artifact: row.artifact.to_string(),
        title,
        act: row.act.word().to_owned(),
        at: row.iat,
        until: row.until.unwrap_or_default(),
        agent,
        state: state.to_owned(),
        holders,
    })
}

fn holder(
    look: &Look,
    peers: &Peers,
    (id, row): (&ArtifactId, &ReceiptRow),
    human: HumanKey,
) -> Result<HolderRow, Fault> {
    let delivery = look.delivery(id, &human).map_err(node::Fault::from)?;
    let signed = look.delivery_given(&human, &row.artifact, false).map_err(node::Fault::from)?;
    let stop = look.stop(id, &human).map_err(node::Fault::from)?;
    let state = match &delivery {
        Some(d) if d.whole > 0 && signed.is_some() => "acknowledged",
        Some(d) if d.whole > 0 => "sent",
        Some(d) if d.told => "told",
        _ => "may-have",
    };
    let unsigned = stop.is_some() && look.is_due(&human, id).map_err(node::Fault::from)?;
    Ok(HolderRow {
        name: name_of(peers, &human),
        human: human.to_string(),
        state: state.to_owned(),
        bytes: delivery.map_or(0, |d| d.bytes),
        ended: stop.as_ref().map_or(0, |stop| stop.at),
        reason: stop.and_then(|stop| stop.reason).map_or_else(String::new, |r| line(&r, 280)),
        unsigned,
    })
}

pub(crate) fn would_revoke(node: &Node, what: node::Revoke) -> Result<WouldRevokeView, Fault> {
    let would = node.would_revoke(what)?;
    Ok(WouldRevokeView {
        receipts: small(would.receipts),
        people: small(would.people),
        asks: small(would.asks),
    })
}

pub(crate) fn ahead(node: &Node) -> Result<AheadView, Fault> {
    let look = node.look()?;
    let limits = look.ahead().map_err(node::Fault::from)?;
    let all = look.peers().map_err(node::Fault::from)?;
    let taken = all.iter().fold(0_u64, |sum, (_, row)| sum.saturating_add(row.bytes_taken));
    let mut peers: Vec<AheadPeer> = all
        .iter()
        .filter(|(_, row)| row.let_in)
        .map(|(human, row)| AheadPeer {
            name: line(&row.name, 64),
            human: human.to_string(),
            taken: row.bytes_taken,
        })
        .collect();
    peers.sort_by(|a, b| b.taken.cmp(&a.taken).then_with(|| a.name.cmp(&b.name)));
    Ok(AheadView { per_peer: limits.per_peer, total: limits.total, taken, peers })
}

pub(crate) fn offered(
    node: &Node,
    peer: &str,
    offset: u32,
    limit: u32,
) -> Result<OfferedPage, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let giver = if peer.is_empty() { None } else { Some(node::resolve(&peers, peer)?) };
    let links = node.links();
    let (offset, limit) = (offset as usize, limit.min(PAGE) as usize);
    let page = look.heads_page(giver.as_ref(), offset, limit).map_err(node::Fault::from)?;
    let (total, rows) = page;
    let rows = rows.into_iter().filter_map(|(id, row)| {
        let head = Head::decode(&row.head).ok()?;
        let here = links.iter().any(|link| link.human == row.giver);
        let state = match (row.refused.is_empty(), here) {
            (false, _) => "refused",
            (true, true) => "open",
            (true, false) => "away",
        };
        let seen = peers.iter().find(|(human, _)| *human == row.giver).map_or(0, |(_, p)| p.seen);
        Some(OfferedRow {
            id: id.to_string(),
            words: id_words(&id),
            title: line(&head.title, 160),
            problem: lines(&head.problem, 280),
            outcome: outcome_word(head.outcome).to_owned(),
            size: head.size,
            at: head.iat,
            peer: name_of(&peers, &row.giver),
            human: row.giver.to_string(),
            state: state.to_owned(),
            why: line(&row.refused, 64),
            reason: if row.refused.is_empty() {
                String::new()
            } else {
                node::refusal(&row.refused)
            },
            seen,
        })
    });
    Ok(OfferedPage { total: small(total), rows: rows.collect() })
}
