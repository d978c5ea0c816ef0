//! The people this node knows.

use super::{line, small};
use crate::{Fault, PeerRow, PeersView};
use artifact::{HumanKey, words::key_words};
use consent::Origin;
use node::{Node, reason};

pub(crate) fn peers(node: &Node) -> Result<PeersView, Fault> {
    let look = node.look()?;
    let links = node.links();
    let blocks = node.blocked()?;
    let receipts = look.receipts().map_err(node::Fault::from)?;
    let taken = look.crystals(|_, row| row.origin == Origin::Peer).map_err(node::Fault::from)?;
    let mut peers: Vec<PeerRow> = look
        .peers()
        .map_err(node::Fault::from)?
        .into_iter()
        .map(|(human, row)| {
            let link = links.iter().find(|link| link.human == human);
            let path = match link {
                Some(link) if link.direct => "direct",
                Some(_) => "relayed",
                None => "",
            };
            PeerRow {
                name: line(&row.name, 64),
                human: human.to_string(),
                words: key_words(&human),
                transport: row.transport.to_string(),
                since: row.since,
                connected: link.is_some(),
                path: path.to_owned(),
                rtt: link.map_or(0.0, |link| link.rtt),
                connected_since: link.map_or(0, |link| link.since),
                hidden: row.relay_only,
                // This session may not be in the row yet.
                seen: link.map_or(row.seen, |link| link.since.max(row.seen)),
                given: small(receipts.iter().filter(|(_, r)| r.peers.contains(&human)).count()),
                taken: small(taken.iter().filter(|(_, r)| r.giver == Some(human)).count()),
                bytes_given: row.bytes_given,
                bytes_taken: row.bytes_taken,
                let_in: row.let_in,
                blocked: blocked(&blocks, &human, &row),
            }
        })
        .collect();
    peers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(PeersView { peers })
}

/// Why a pinned person is shut out; empty when they are not.
fn blocked(blocks: &[node::Blocked], human: &HumanKey, row: &node::PeerRow) -> String {
    let theirs =
        |one: &&node::Blocked| one.row.human == Some(*human) || one.endpoint == row.transport;
    blocks.iter().find(theirs).map(|one| reason(&one.row.why)).unwrap_or_default()
}
