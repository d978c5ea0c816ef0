//! What is worth sharing: a list, an ask for each, and never again.

use crate::{
    Call, Ended,
    args::{Worth, WorthVerb, worth::WorthShare},
    gates::Gates,
    text,
    verb::{ask, look},
};
use serde_json::json;
use wire::{Act, Done, Fault, Query, View, WorthRow, WorthView};

pub(crate) async fn worth(call: &Call, args: Worth) -> Result<Ended, Fault> {
    match args.verb {
        Some(WorthVerb::Share(args)) => {
            let mut gates = Gates::open(call).await?;
            let asked = share(&mut gates, args).await;
            gates.close().await;
            let asked = asked?;
            if call.json {
                text::json(&json!({ "asks": asked }));
            } else {
                let count = asked.len();
                text::say(&format!("{count} asks wait for your answer. Nothing left yet."));
                text::say("  → tracenet answer, or the app's window");
            }
            Ok(Ended::Well)
        }
        Some(WorthVerb::Withhold(args)) => {
            let act = Act::Withhold { id: args.id, from: args.from };
            ask::simple(call, act, "Withheld. It is not proposed to you for them again.").await
        }
        None => {
            let View::Worth(mut seen) = look::look(call, Query::Worth {}).await? else {
                return Err(unexpected());
            };
            if !args.person.is_empty() {
                seen.rows.retain(|row| is_for(row, &args.person));
                seen.total = text::small(seen.rows.len());
            }
            text::view(call.json, &View::Worth(seen));
            Ok(Ended::Well)
        }
    }
}

/// One ask for each that is clean and was not shared with all of these people.
async fn share(gates: &mut Gates, args: WorthShare) -> Result<Vec<serde_json::Value>, Fault> {
    let View::Worth(seen) = gates.view(Query::Worth {}).await? else { return Err(unexpected()) };
    let chosen = chosen(&seen, &args);
    if chosen.is_empty() {
        let hint = "`tracenet worth` lists what is; `tracenet share` shares what you choose";
        return Err(node::Fault::not_now("nothing of this is worth sharing with them", hint).into());
    }
    let mut asked = Vec::with_capacity(chosen.len());
    for id in chosen {
        let act = Act::Share { id, to: args.to.clone(), public: false, reason: String::new() };
        let Done::Asked { ask, code } = gates.act(act).await? else { return Err(unexpected()) };
        asked.push(json!({ "ask": ask, "code": code, "state": "pending" }));
    }
    Ok(asked)
}

fn chosen(seen: &WorthView, args: &WorthShare) -> Vec<String> {
    let named = |id: &str| args.ids.is_empty() || args.ids.iter().any(|one| id.starts_with(one));
    let wanted = |row: &&WorthRow| {
        row.ready && named(&row.crystal.id) && args.to.iter().all(|who| is_for(row, who))
    };
    seen.rows.iter().filter(wanted).map(|row| row.crystal.id.clone()).collect()
}

fn is_for(row: &WorthRow, who: &str) -> bool {
    row.people.iter().any(|person| person.name == who || person.human.starts_with(who))
}

fn unexpected() -> Fault {
    node::Fault::broken("the node answered something else than it was asked").into()
}
