//! What is worth sharing, and with whom.

use super::{line, memory::crystal_row, name_of, shown_finding, small};
use crate::{Fault, WorthPerson, WorthRow, WorthView};
use node::{Node, Worthy, outcome_word};

pub(crate) fn worth(node: &Node) -> Result<WorthView, Fault> {
    let seen = node.worth()?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let rows = seen.rows.iter().map(|one| {
        let person = |human| WorthPerson { name: name_of(&peers, human), human: human.to_string() };
        Ok(WorthRow {
            crystal: crystal_row(&look, &peers, &one.crystal, &one.row)?,
            why: one.why.iter().map(why).collect(),
            findings: one.findings.iter().map(shown_finding).collect(),
            ready: one.ready,
            people: one.people.iter().map(person).collect(),
        })
    });
    Ok(WorthView {
        total: small(seen.total),
        rows: rows.collect::<Result<_, Fault>>()?,
        peers: small(peers.len()),
    })
}

fn why(worthy: &Worthy) -> String {
    match worthy {
        Worthy::Helped(agents) => {
            let names: Vec<String> = agents.iter().map(|name| line(name, 64)).collect();
            format!("helped {}", names.join(", "))
        }
        Worthy::Marked(outcome) => format!("you marked it {}", outcome_word(*outcome)),
        Worthy::Solved(runs) => format!("ended an error that {runs} runs met"),
    }
}
