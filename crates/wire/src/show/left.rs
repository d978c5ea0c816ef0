//! What ever left this machine, row by row, with what is known of it today.

use super::{journal, line, name_of, small};
use crate::{Fault, LeftPage, LeftRow};
use artifact::{ArtifactId, HumanKey};
use consent::Requester;
use node::{Leaver, Left, Look, Node, PeerRow, title_of};

/// The most rows of one page.
const PAGE: u32 = 200;

pub(crate) fn left(node: &Node, text: &str, offset: u32, limit: u32) -> Result<LeftPage, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let found = node.left(text, offset as usize, limit.min(PAGE) as usize)?;
    let rows = found.rows.iter().map(|left| row(&look, &peers, left));
    Ok(LeftPage {
        total: small(found.total),
        rows: rows.collect::<Result<_, Fault>>()?,
        unreadable: small(found.unreadable),
    })
}

fn row(look: &Look, peers: &[(HumanKey, PeerRow)], left: &Left) -> Result<LeftRow, Fault> {
    let agent = match &left.by {
        Some(Requester::Agent { name, .. }) => line(name, 64),
        _ => String::new(),
    };
    let allowed = match (left.way, &left.ask) {
        (Some(way), _) => journal::place(way).to_owned(),
        (None, Some(_)) => "a rule of yours".to_owned(),
        (None, None) => String::new(),
    };
    let plain = LeftRow {
        seq: left.seq,
        what: String::new(),
        id: String::new(),
        title: String::new(),
        here: false,
        receipt: String::new(),
        act: String::new(),
        name: String::new(),
        human: String::new(),
        state: String::new(),
        signed: String::new(),
        bytes: left.bytes,
        first: left.first,
        last: left.last,
        ask: left.ask.map(|ask| ask.to_string()).unwrap_or_default(),
        agent,
        reason: line(&left.reason, consent::ask::MAX_REASON),
        allowed,
        ended: 0,
        unsigned: false,
    };
    let to = |row: LeftRow, peer: &HumanKey| LeftRow {
        name: name_of(peers, peer),
        human: peer.to_string(),
        ..row
    };
    Ok(match &left.what {
        Leaver::Artifact { receipt, artifact, peer } => {
            shared(look, left, to(plain, peer), (receipt, artifact, peer))?
        }
        Leaver::Ticket(ask) => LeftRow { what: "ticket".to_owned(), id: ask.to_string(), ..plain },
        Leaver::Card(peer) => LeftRow { what: "card".to_owned(), ..to(plain, peer) },
        Leaver::Revocation(id, peer) => {
            LeftRow { what: "ending".to_owned(), id: id.to_string(), ..to(plain, peer) }
        }
    })
}

fn shared(
    look: &Look,
    left: &Left,
    plain: LeftRow,
    (receipt, artifact, peer): (&ArtifactId, &ArtifactId, &HumanKey),
) -> Result<LeftRow, Fault> {
    let given = |diverged| look.delivery_given(peer, artifact, diverged);
    let agrees = given(false).map_err(node::Fault::from)?;
    let signed = match &agrees {
        Some(row) if row.countersign.is_some() => "countersigned",
        Some(_) => "acknowledged",
        None if given(true).map_err(node::Fault::from)?.is_some() => "diverged",
        None if left.whole > 0 || left.open => "unacknowledged",
        None => "",
    };
    let state = match (left.whole, left.bytes) {
        (1.., _) if agrees.is_some() => "acknowledged",
        (1.., _) => "sent",
        _ if left.open => "may-have",
        (0, 1..) => "part",
        (0, 0) => "told",
    };
    let what = if left.bytes == 0 && !left.open { "head" } else { "crystal" };
    let stop = look.stop(receipt, peer).map_err(node::Fault::from)?;
    let unsigned = stop.is_some() && look.is_due(peer, receipt).map_err(node::Fault::from)?;
    let act = look.receipt(receipt).map_err(node::Fault::from)?;
    Ok(LeftRow {
        what: what.to_owned(),
        id: artifact.to_string(),
        title: line(&title_of(look, artifact)?.unwrap_or_default(), 160),
        here: look.crystal(artifact).map_err(node::Fault::from)?.is_some(),
        receipt: receipt.to_string(),
        act: act.map(|row| row.act.word().to_owned()).unwrap_or_default(),
        state: state.to_owned(),
        signed: signed.to_owned(),
        ended: stop.map_or(0, |stop| stop.at),
        unsigned,
        ..plain
    })
}
