//! Crystals and the traces they came from.

use super::{line, lines, name_of, small};
use crate::{
    Anchor, CrystalRow, CrystalView, Fault, FixRow, MemoryPage, Receiver, StepRow, TracePage,
};
use artifact::{Act, ArtifactId, Crystal, FixStep, HumanKey, StepKind, words::id_words};
use consent::Origin;
use node::{Look, Means, ModelState, Node, PeerRow, outcome_word};

/// The most rows of one page.
const PAGE: u32 = 200;
/// The most steps of one page.
const STEPS: u32 = 500;
/// How many hits a search looks at.
const HITS: usize = 1_000;

/// Which page of which crystals.
pub(crate) struct Page {
    pub(crate) text: String,
    pub(crate) origin: String,
    pub(crate) outcome: String,
    pub(crate) offset: u32,
    pub(crate) limit: u32,
    pub(crate) at_once: bool,
}

type Row = (ArtifactId, node::CrystalRow);

pub(crate) fn page(node: &Node, page: &Page) -> Result<MemoryPage, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let fits = |row: &node::CrystalRow| {
        let origin = if row.origin == Origin::Mine { "mine" } else { "peer" };
        (page.origin.is_empty() || page.origin == origin)
            && (page.outcome.is_empty() || page.outcome == outcome_word(row.outcome))
    };
    let (offset, limit) = (page.offset as usize, page.limit.min(PAGE) as usize);
    let (total, rows): (usize, Vec<Row>) = if !page.text.trim().is_empty() {
        let by = if page.at_once { Means::Words } else { Means::Both };
        let found = node.search(&page.text, HITS, by)?;
        let all: Vec<Row> =
            found.into_iter().filter(|f| fits(&f.row)).map(|f| (f.id, f.row)).collect();
        (all.len(), all.into_iter().skip(offset).take(limit).collect())
    } else if page.origin.is_empty() && page.outcome.is_empty() {
        look.crystals_page(offset, limit).map_err(node::Fault::from)?
    } else {
        let all = look.crystals(|_, row| fits(row)).map_err(node::Fault::from)?;
        (all.len(), all.into_iter().skip(offset).take(limit).collect())
    };
    let row = |(id, row): &Row| crystal_row(&look, &peers, id, row);
    let by_words = matches!(node.model(), ModelState::Missing | ModelState::Broken(_));
    Ok(MemoryPage {
        total: small(total),
        rows: rows.iter().map(row).collect::<Result<_, _>>()?,
        heads: node.counts()?.heads,
        by_words: by_words && !page.text.trim().is_empty(),
    })
}

pub(crate) fn crystal_row(
    look: &Look,
    peers: &[(HumanKey, PeerRow)],
    id: &ArtifactId,
    row: &node::CrystalRow,
) -> Result<CrystalRow, Fault> {
    let receipts = look.receipts_of(id).map_err(node::Fault::from)?;
    let shared: usize = receipts.iter().map(|(_, r)| r.peers.len().max(1)).sum();
    Ok(CrystalRow {
        id: id.to_string(),
        words: id_words(id),
        title: line(&row.title, 160),
        problem: lines(&row.problem, 280),
        outcome: outcome_word(row.outcome).to_owned(),
        repo: line(&row.repo, 128),
        origin: if row.origin == Origin::Mine { "mine" } else { "peer" }.to_owned(),
        peer: row.giver.as_ref().map(|giver| name_of(peers, giver)).unwrap_or_default(),
        at: row.at,
        size: row.size,
        shared: small(shared),
        withdrawn: row.withdrawn.unwrap_or_default(),
    })
}

pub(crate) fn crystal(node: &Node, name: &str) -> Result<CrystalView, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let id = look.crystal_named(name).map_err(node::Fault::from)?.map_err(node::Fault::from)?;
    let gone = || node::Fault::invalid(format!("crystal {} is not here", id.short()), "");
    let row = look.crystal(&id).map_err(node::Fault::from)?.ok_or_else(gone)?;
    let envelope = look.envelope(&id).map_err(node::Fault::from)?.ok_or_else(gone)?;
    let (opened, author) = Crystal::open(&envelope).map_err(node::Fault::broken)?;
    let crystal = opened.payload;
    let trace = match &row.trace {
        Some(trace) => look.trace(trace).map_err(node::Fault::from)?,
        None => None,
    };
    let anchors = node.sidecar(&id)?.map(|s| s.anchors).unwrap_or_default();
    let texts = |list: &[String]| list.iter().map(|t| lines(t, 8_000)).collect::<Vec<_>>();
    Ok(CrystalView {
        row: crystal_row(&look, &peers, &id, &row)?,
        distilled: outcome_word(crystal.outcome).to_owned(),
        judged: look.judged(&id).map_err(node::Fault::from)?.unwrap_or_default(),
        problem: lines(&crystal.problem, 8_000),
        fix: crystal.fix.iter().map(fix_row).collect(),
        checks: crystal
            .checks
            .iter()
            .map(|c| format!("{}   → exit {}", line(&c.command, 8_000), c.exit))
            .collect(),
        dead_ends: crystal
            .dead_ends
            .iter()
            .map(|d| FixRow {
                kind: "dead-end".to_owned(),
                file: lines(&d.tried, 8_000),
                text: lines(&d.error, 8_000),
            })
            .collect(),
        lesson: texts(&crystal.lesson),
        os: line(crystal.env.os.as_deref().unwrap_or_default(), 256),
        tools: texts(&crystal.env.tools),
        files: texts(&crystal.env.files),
        author: author.to_string(),
        has_trace: trace.as_ref().is_some_and(|t| t.purged.is_none()),
        trace_purged: trace.as_ref().and_then(|t| t.purged).unwrap_or_default(),
        source: trace
            .map(|t| format!("{} · {}", t.format, line(&t.place, 500)))
            .unwrap_or_default(),
        anchors: anchors
            .into_iter()
            .map(|a| Anchor { field: a.field, from: a.from, to: a.to })
            .collect(),
        receivers: receivers(&look, &peers, &id)?,
        receipt: row.receipt.map(|id| id.to_string()).unwrap_or_default(),
        evidence: small(crystal.evidence.len()),
    })
}

fn fix_row(step: &FixStep) -> FixRow {
    match step {
        FixStep::Command { text } => {
            FixRow { kind: "command".to_owned(), file: String::new(), text: lines(text, 8_000) }
        }
        FixStep::Edit { file, text } => {
            FixRow { kind: "edit".to_owned(), file: line(file, 1_024), text: lines(text, 8_000) }
        }
    }
}

/// Who may have a crystal of mine, who was told, who has it.
fn receivers(
    look: &Look,
    peers: &[(HumanKey, PeerRow)],
    id: &ArtifactId,
) -> Result<Vec<Receiver>, Fault> {
    let mut receivers = Vec::new();
    for (receipt, row) in look.receipts_of(id).map_err(node::Fault::from)? {
        let public = row.act == Act::SharePublic;
        let people: Vec<HumanKey> =
            if public { peers.iter().map(|(key, _)| *key).collect() } else { row.peers.clone() };
        let entry = |name: String, told, delivered| Receiver {
            name,
            receipt: receipt.to_string(),
            act: row.act.word().to_owned(),
            at: row.iat,
            told,
            delivered,
        };
        if public {
            receivers.push(entry("anyone".to_owned(), false, false));
        }
        for human in people {
            let delivery = look.delivery(&receipt, &human).map_err(node::Fault::from)?;
            let told = delivery.as_ref().is_some_and(|d| d.told);
            let delivered = delivery.as_ref().is_some_and(|d| d.whole > 0);
            if told || !public {
                receivers.push(entry(name_of(peers, &human), told, delivered));
            }
        }
    }
    Ok(receivers)
}

pub(crate) fn trace(node: &Node, name: &str, offset: u32, limit: u32) -> Result<TracePage, Fault> {
    let look = node.look()?;
    let id = look.crystal_named(name).map_err(node::Fault::from)?.map_err(node::Fault::from)?;
    let row = look.crystal(&id).map_err(node::Fault::from)?;
    let no_trace = || {
        node::Fault::invalid(
            "this crystal's trace is not here",
            "a peer's trace never leaves its machine",
        )
    };
    let trace = row.and_then(|row| row.trace).ok_or_else(no_trace)?;
    let trace = node.trace(&trace)?;
    let steps = &trace.steps;
    let page = steps.iter().enumerate().skip(offset as usize).take(limit.min(STEPS) as usize);
    Ok(TracePage {
        total: small(steps.len()),
        steps: page
            .map(|(n, step)| StepRow {
                n: small(n),
                line: step.line,
                kind: kind(step.kind).to_owned(),
                name: line(step.name.as_deref().unwrap_or_default(), 128),
                failed: step.failed,
                text: lines(&step.text, 8_192),
                bytes: step.bytes,
            })
            .collect(),
    })
}

const fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Ask => "ask",
        StepKind::Say => "say",
        StepKind::Think => "think",
        StepKind::Call => "call",
        StepKind::Result => "result",
        StepKind::Note => "note",
    }
}
