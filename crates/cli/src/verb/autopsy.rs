//! `tracenet autopsy`: secrets that agents wrote into the kept logs, found a few logs at a time.

use crate::{Call, Ended, gates::Gates, text};
use std::io::IsTerminal as _;
use wire::{AutopsyView, Fault, Query, View};

pub(crate) async fn autopsy(call: &Call) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let mut all = text::autopsy::Keys::default();
    let looked = loop {
        let seen = one(&mut gates, all.next()).await;
        if let Ok(seen) = &seen {
            all.add(seen);
        }
        if !call.json && std::io::stderr().is_terminal() {
            all.progress();
        }
        if seen.is_err() || all.next().is_empty() {
            break seen;
        }
    };
    gates.close().await;
    looked?;
    all.show(call.json);
    Ok(if all.is_empty() { Ended::Well } else { Ended::Ill })
}

async fn one(gates: &mut Gates, after: &str) -> Result<AutopsyView, Fault> {
    match gates.view(Query::Autopsy { after: after.to_owned() }).await? {
        View::Autopsy(seen) => Ok(seen),
        _ => Err(node::Fault::broken("the node answered something else").into()),
    }
}
