//! What each field of a crystal stands on, and crystals written for other programs.

use super::{line, lines};
use crate::{EvidenceRow, EvidenceView, ExportView, Fault};
use artifact::{ArtifactId, Crystal, FixStep, Outcome};
use node::{Look, Node, TraceRow, outcome_word};

/// Characters of what a field says, and of the evidence for it.
const SAYS: usize = 500;
const EVIDENCE: usize = 700;

/// A crystal of this node with the trace that it came from.
struct Distilled {
    id: ArtifactId,
    crystal: Crystal,
    trace: ArtifactId,
    row: TraceRow,
    /// How the human says that its run ended, where that was said.
    said: Option<Outcome>,
}

/// By the name of either.
fn named(look: &Look, name: &str) -> Result<Distilled, Fault> {
    let crystal = look.crystal_named(name).map_err(node::Fault::from)?;
    let id = match (look.trace_named(name).map_err(node::Fault::from)?, crystal) {
        (Ok(trace), Err(_)) => {
            let row = look.trace(&trace).map_err(node::Fault::from)?;
            row.and_then(|row| row.crystal).ok_or_else(|| {
                let what = "nothing was distilled from this trace: nobody asked for anything in it";
                node::Fault::invalid(what, "")
            })?
        }
        (_, crystal) => crystal.map_err(node::Fault::from)?,
    };
    let gone = || node::Fault::invalid(format!("crystal {} is not here", id.short()), "");
    let row = look.crystal(&id).map_err(node::Fault::from)?.ok_or_else(gone)?;
    let envelope = look.envelope(&id).map_err(node::Fault::from)?.ok_or_else(gone)?;
    let crystal = Crystal::open(&envelope).map_err(node::Fault::broken)?.0.payload;
    let judged = look.judged(&id).map_err(node::Fault::from)?;
    let said = judged.map(|_| row.outcome);
    let trace = row.trace.ok_or_else(|| {
        let what = "this crystal's trace is not here";
        node::Fault::invalid(what, "a peer's trace never leaves its machine")
    })?;
    let row = look.trace(&trace).map_err(node::Fault::from)?.ok_or_else(gone)?;
    Ok(Distilled { id, crystal, trace, row, said })
}

pub(crate) fn evidence(node: &Node, name: &str) -> Result<EvidenceView, Fault> {
    let Distilled { id, crystal, trace, row, .. } = named(&node.look()?, name)?;
    let steps = node.trace(&trace)?;
    let anchors = node.sidecar(&id)?.map(|sidecar| sidecar.anchors).unwrap_or_default();
    let fields = anchors.into_iter().map(|anchor| EvidenceRow {
        says: lines(&says(&crystal, &anchor.field), SAYS),
        evidence: lines(&node::evidence_text(&steps, anchor.from, anchor.to), EVIDENCE),
        holds: anchor.holds(&steps),
        field: line(&anchor.field, 64),
        from: anchor.from,
        to: anchor.to,
    });
    Ok(EvidenceView {
        crystal: id.to_string(),
        trace: trace.to_string(),
        format: line(&row.format, 64),
        place: line(&row.place, 1_000),
        lines: row.lines,
        odd: row.malformed + row.unknown,
        fields: fields.collect(),
    })
}

/// What the crystal says in a field of this name.
fn says(crystal: &Crystal, field: &str) -> String {
    let (name, n) = field.split_once('.').unwrap_or((field, "0"));
    let n: usize = n.parse().unwrap_or(usize::MAX);
    let told = match name {
        "title" => Some(crystal.title.clone()),
        "problem" => Some(crystal.problem.clone()),
        "fix" => crystal.fix.get(n).map(|step| match step {
            FixStep::Edit { file, text } => format!("edit {file}\n{text}"),
            FixStep::Command { text } => format!("$ {text}"),
        }),
        "checks" => crystal.checks.get(n).map(|c| format!("$ {} → exit {}", c.command, c.exit)),
        "dead_ends" => crystal.dead_ends.get(n).map(|d| format!("{}\n→ {}", d.tried, d.error)),
        "lesson" => crystal.lesson.get(n).cloned(),
        "outcome" => Some(outcome_word(crystal.outcome).to_owned()),
        "env" => crystal.env.repo.clone(),
        _ => None,
    };
    told.unwrap_or_default()
}

pub(crate) fn export(node: &Node, name: &str, form: &str) -> Result<ExportView, Fault> {
    let Distilled { id, crystal, trace, said, .. } = named(&node.look()?, name)?;
    let text = match form {
        "skill" => node::as_skill(&id, &crystal, said),
        "atif" => {
            let steps = node.trace(&trace)?;
            node::as_atif(&trace, &steps)
        }
        _ => {
            let what = format!("{form} is no form of export");
            return Err(node::Fault::invalid(what, "say skill or atif").into());
        }
    };
    Ok(ExportView { form: form.to_owned(), text })
}
