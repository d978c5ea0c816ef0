//! Secrets in kept logs.

use super::{line, small};
use crate::{AutopsyView, Fault, RecordedRow};
use artifact::ArtifactId;
use node::Node;

pub(crate) fn autopsy(node: &Node, after: &str) -> Result<AutopsyView, Fault> {
    let after = Some(after).filter(|text| !text.is_empty());
    let after = after.map(str::parse::<ArtifactId>).transpose();
    let after = after.map_err(|e| node::Fault::invalid(e.to_string(), "begin anew"))?;
    let seen = node.autopsy(after)?;
    let found = seen.found.into_iter().map(|one| RecordedRow {
        rule: one.rule.to_owned(),
        label: one.label.to_owned(),
        masked: line(&one.masked, 64),
        same: format!("{:016x}", one.same),
        line: one.line,
        trace: one.trace.to_string(),
        place: line(&one.place, 500),
        agent: line(&one.agent, 64),
        at: one.at,
    });
    Ok(AutopsyView {
        found: found.collect(),
        untold: small(seen.untold),
        looked: small(seen.looked),
        bytes: seen.bytes,
        total: small(seen.total),
        next: seen.next.map(|id| id.to_string()).unwrap_or_default(),
    })
}
