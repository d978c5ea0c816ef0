//! Earlier runs beyond their crystals.

use super::{line, lines, memory::crystal_row, small};
use crate::{
    CostView, FailedRow, Fault, MetRow, RecurringRow, RecurringView, SavedRow, SavedView, WhyView,
    WrittenView,
};
use node::{Cost, Node};

/// The most characters of what an edit wrote, and of one failure.
const TEXT: usize = 2_000;

pub(crate) fn why(node: &Node, file: &str, around: &[String], at: u32) -> Result<WhyView, Fault> {
    let seen = node.why(file, around, usize::try_from(at).unwrap_or(usize::MAX))?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let written = seen.written.map(|one| {
        let failed = one.wrote.failed.iter().map(|failed| FailedRow {
            line: failed.line,
            tried: lines(&failed.tried, TEXT),
            error: lines(&failed.error, TEXT),
        });
        Ok::<_, Fault>(WrittenView {
            crystal: crystal_row(&look, &peers, &one.crystal, &one.row)?,
            agent: line(&one.trace.agent, 64),
            source: format!("{} · {}", one.trace.format, line(&one.trace.place, 500)),
            file: line(&one.wrote.file, 1_024),
            from: one.wrote.from,
            to: one.wrote.to,
            text: lines(&one.wrote.text, TEXT),
            from_log: one.from_log,
            failed: failed.collect(),
        })
    });
    Ok(WhyView {
        written: written.transpose()?,
        looked: small(seen.looked),
        left: small(seen.left),
    })
}

pub(crate) fn saved(node: &Node) -> Result<SavedView, Fault> {
    let seen = node.saved()?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let costs: Vec<Cost> = seen.helped.iter().filter_map(|one| one.cost).collect();
    let whole = |cost: &&Cost| cost.millis.is_some() && cost.tokens.is_some();
    let rows = seen.helped.iter().map(|one| {
        Ok::<_, Fault>(SavedRow {
            crystal: crystal_row(&look, &peers, &one.crystal, &one.row)?,
            agents: one.said.iter().map(|said| line(&said.agent, 64)).collect(),
            at: one.said.first().map_or(0, |said| said.at),
            cost: one.cost.as_ref().map(cost),
        })
    });
    Ok(SavedView {
        recalls: small(seen.helped.iter().map(|one| one.said.len()).sum()),
        wrong: small(seen.wrong),
        stale: small(seen.stale),
        total: costs.iter().map(cost).fold(cost(&Cost::default()), added),
        without: small(seen.helped.len() - costs.iter().filter(whole).count()),
        rows: rows.collect::<Result<_, _>>()?,
    })
}

pub(crate) fn recurring(node: &Node) -> Result<RecurringView, Fault> {
    let (seen, total) = node.recurring()?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let mut rows = Vec::new();
    for one in seen {
        let runs = one.runs.into_iter().map(|run| {
            let ended = run.stood.as_ref().is_some_and(|stood| stood.to.is_some());
            Ok::<_, Fault>(MetRow {
                crystal: crystal_row(&look, &peers, &run.crystal, &run.row)?,
                times: run.times,
                cost: run.stood.as_ref().map(|stood| cost(&stood.cost)),
                ended,
                passed: run.stood.as_ref().map(|s| lines(&s.passed, TEXT)).unwrap_or_default(),
                edited: run
                    .stood
                    .map(|s| s.edited.iter().map(|file| line(file, 1_024)).collect())
                    .unwrap_or_default(),
            })
        });
        let runs = runs.collect::<Result<_, _>>()?;
        rows.push(RecurringRow { error: line(&one.error, 400), runs });
    }
    Ok(RecurringView { total: small(total), rows })
}

fn cost(cost: &Cost) -> CostView {
    CostView {
        steps: cost.steps,
        timed: cost.millis.is_some(),
        millis: cost.millis.unwrap_or_default(),
        counted: cost.tokens.is_some(),
        read: cost.tokens.map_or(0, |tokens| tokens.read),
        written: cost.tokens.map_or(0, |tokens| tokens.written),
    }
}

fn added(sum: CostView, one: CostView) -> CostView {
    CostView {
        steps: sum.steps.saturating_add(one.steps),
        timed: sum.timed || one.timed,
        millis: sum.millis.saturating_add(one.millis),
        counted: sum.counted || one.counted,
        read: sum.read.saturating_add(one.read),
        written: sum.written.saturating_add(one.written),
    }
}
