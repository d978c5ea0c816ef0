//! What the human says of memory: how a run ended, and that it is to be forgotten.

use super::look::look;
use crate::{
    Call, Ended,
    args::{Forget, Outcome},
    gates::Gates,
    terminal, text,
};
use serde_json::json;
use std::collections::BTreeSet;
use wire::{Act, CrystalView, Done, Fault, Query, View};

pub(crate) async fn outcome(call: &Call, args: Outcome) -> Result<Ended, Fault> {
    if args.outcome.is_some() || args.rule {
        let outcome = args.outcome.map(|outcome| outcome.word().to_owned()).unwrap_or_default();
        let mut gates = Gates::open(call).await?;
        let done = gates.act(Act::Judge { id: args.id.clone(), outcome }).await;
        gates.close().await;
        done?;
    }
    let crystal = crystal(call, &args.id).await?;
    let (outcome, rule, judged) = (&crystal.row.outcome, &crystal.distilled, crystal.judged);
    if call.json {
        text::json(&json!({ "outcome": outcome, "rule": rule, "judged": judged }));
        return Ok(Ended::Well);
    }
    let lines = crystal.anchors.iter().find(|anchor| anchor.field == "outcome");
    let lines = lines.map(|a| format!(", from lines {} to {} of its log", a.from, a.to));
    let lines = lines.unwrap_or_default();
    if judged > 0 {
        text::say(&format!("{outcome}, as you said on {}", text::time(judged)));
        text::say(&format!("{rule} by the rule{lines}"));
    } else {
        text::say(&format!("{outcome} by the rule{lines}"));
    }
    Ok(Ended::Well)
}

async fn crystal(call: &Call, id: &str) -> Result<Box<CrystalView>, Fault> {
    match look(call, Query::Crystal { id: id.to_owned() }).await? {
        View::Crystal(crystal) => Ok(crystal),
        _ => Err(node::Fault::broken("no crystal came").into()),
    }
}

pub(crate) async fn forget(call: &Call, args: Forget) -> Result<Ended, Fault> {
    let crystal = crystal(call, &args.id).await?;
    if !args.yes {
        if call.json || !terminal::is_interactive() {
            let what = "what was forgotten does not come back, and nobody is here to confirm";
            return Err(node::Fault::refused(what, "say --yes").into());
        }
        text::say(&crystal.row.title);
        for name in holders(&crystal) {
            text::say(&format!("{name} has a copy, which cannot be recalled."));
        }
        let question = "It goes with its log, and no import brings it back. Type `forget`: ";
        if !terminal::confirm(question, "forget") {
            return Err(node::Fault::refused("nothing was forgotten", "").into());
        }
    }
    let mut gates = Gates::open(call).await?;
    let done = gates.act(Act::Forget { id: crystal.row.id.clone() }).await;
    gates.close().await;
    let Done::Freed { bytes } = done? else {
        return Err(node::Fault::broken("nothing was said of what came free").into());
    };
    let held: Vec<&str> = holders(&crystal).into_iter().collect();
    if call.json {
        text::json(&json!({ "freed": bytes, "held": held }));
        return Ok(Ended::Well);
    }
    text::say(&format!("Forgotten. {} came free.", text::bytes(bytes)));
    if !held.is_empty() {
        text::say(&format!("Copies stay with: {}.", held.join(", ")));
    }
    Ok(Ended::Well)
}

/// Who received it whole, each once.
fn holders(crystal: &CrystalView) -> BTreeSet<&str> {
    let all = crystal.receivers.iter().filter(|receiver| receiver.delivered);
    all.map(|receiver| receiver.name.as_str()).collect()
}
