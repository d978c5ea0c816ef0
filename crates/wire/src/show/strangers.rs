//! The inbox, and who is shut out and why.

use super::{line, name_of};
use crate::{BlockRow, BlockedView, Fault, InboxView, KnockRow};
use artifact::words::key_words;
use node::{Node, reason};

pub(crate) fn inbox(node: &Node) -> Result<InboxView, Fault> {
    let peers = node.look()?.peers().map_err(node::Fault::from)?;
    let rows: Vec<KnockRow> = node
        .inbox()?
        .into_iter()
        .map(|knock| {
            let known = peers.iter().any(|(human, _)| *human == knock.human);
            KnockRow {
                endpoint: knock.endpoint.to_string(),
                human: knock.human.to_string(),
                words: key_words(&knock.human),
                name: line(&knock.name, 64),
                known: if known { name_of(&peers, &knock.human) } else { String::new() },
                first: knock.first,
                last: knock.last,
                times: knock.times,
            }
        })
        .collect();
    Ok(InboxView { full: rows.len() >= node::MAX_INBOX, rows })
}

pub(crate) fn blocked(node: &Node) -> Result<BlockedView, Fault> {
    let row = |blocked: node::Blocked| {
        let node::Blocked { endpoint, row } = blocked;
        BlockRow {
            endpoint: endpoint.to_string(),
            human: row.human.map(|human| human.to_string()).unwrap_or_default(),
            words: row.human.as_ref().map(key_words).unwrap_or_default(),
            name: line(&row.name, 64),
            why: line(&row.why, 320),
            reason: reason(&row.why),
            at: row.at,
        }
    };
    Ok(BlockedView { rows: node.blocked()?.into_iter().map(row).collect() })
}
