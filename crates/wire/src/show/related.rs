//! Crystals that have to do with one another.

use super::memory::crystal_row;
use crate::{Fault, RelatedEdge, RelatedRow, RelatedView};
use node::Node;

pub(crate) fn related(node: &Node, id: &str, steps: u32, limit: u32) -> Result<RelatedView, Fault> {
    let seen = node.related(id, steps, usize::try_from(limit).unwrap_or(usize::MAX))?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let rows = seen.crystals.iter().map(|one| {
        let crystal = crystal_row(&look, &peers, &one.id, &one.row)?;
        Ok::<_, Fault>(RelatedRow { crystal, steps: one.steps })
    });
    let edges = seen.edges.iter().map(|edge| RelatedEdge {
        from: edge.from.to_string(),
        to: edge.to.to_string(),
        relation: edge.relation.word().to_owned(),
        shared: edge.shared,
    });
    let family = seen.crystals.first().map(|one| node.family(&one.id)).transpose()?;
    Ok(RelatedView {
        family: family.unwrap_or_default(),
        rows: rows.collect::<Result<_, _>>()?,
        edges: edges.collect(),
        more: seen.more,
    })
}
