//! The verbs that make an ask. Where a human sits at the terminal and a PIN is set, the
//! prompt is shown at once; else the ask waits for the window.

use crate::{
    Call, Ended,
    args::{Connect, Share, Ticket, agents::Pair},
    gates::{Gates, Notices},
    terminal, text,
    verb::answer,
};
use wire::{Act, AskView, Done, Fault, Notice, Query, View};

pub(crate) async fn share(call: &Call, args: Share) -> Result<Ended, Fault> {
    let act = Act::Share { id: args.id, to: args.to, public: args.public, reason: args.reason };
    make(call, act, args.wait).await
}

pub(crate) async fn ticket(call: &Call, args: &Ticket) -> Result<Ended, Fault> {
    let act = if args.without_addresses { Act::HiddenTicket {} } else { Act::Ticket {} };
    make(call, act, args.wait).await
}

pub(crate) async fn connect(call: &Call, args: Connect) -> Result<Ended, Fault> {
    make(call, Act::Connect { ticket: args.ticket, name: args.name }, args.wait).await
}

pub(crate) async fn pair(call: &Call, args: Pair) -> Result<Ended, Fault> {
    make(call, Act::Pair { name: args.name }, false).await
}

pub(crate) async fn unpair(call: &Call, args: Pair) -> Result<Ended, Fault> {
    simple(call, Act::Unpair { name: args.name }, "Shown out. Its waiting asks are withdrawn.")
        .await
}

pub(crate) async fn simple(call: &Call, act: Act, done: &str) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = gates.act(act).await;
    gates.close().await;
    outcome?;
    if call.json {
        text::json(&serde_json::json!({ "done": true }));
    } else {
        text::say(done);
    }
    Ok(Ended::Well)
}

pub(crate) async fn make(call: &Call, act: Act, wait: bool) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = ask(call, &mut gates, act, wait).await;
    gates.close().await;
    outcome
}

async fn ask(call: &Call, gates: &mut Gates, act: Act, wait: bool) -> Result<Ended, Fault> {
    let mut notices = gates.notices(call).await?;
    let Done::Asked { ask, code } = gates.act(act).await? else {
        return Err(node::Fault::broken("no ask was made").into());
    };
    if wait {
        if !call.json {
            text::waiting(&ask, &code);
        }
        return settled(call, gates, &mut notices, &ask).await;
    }
    if call.json {
        text::json(&serde_json::json!({ "ask": ask, "code": code, "state": "pending" }));
        return Ok(Ended::Well);
    }
    if terminal::is_interactive() && answer::can_answer(gates).await? {
        return answer::here(call, gates, &ask).await;
    }
    text::waiting(&ask, &code);
    Ok(Ended::Well)
}

/// Waits until the ask has reached a final state, and shows it.
async fn settled(
    call: &Call,
    gates: &mut Gates,
    notices: &mut Notices,
    ask: &str,
) -> Result<Ended, Fault> {
    loop {
        let query = Query::Ask { ask: ask.to_owned() };
        if let View::Ask(view) = gates.view(query).await?
            && view.row.state != "pending"
        {
            return shown(call, view);
        }
        loop {
            match notices.next().await? {
                Notice::Settled { ask: which, .. } if which == ask => break,
                Notice::Missed {} => break,
                _ => {}
            }
        }
    }
}

fn shown(call: &Call, view: AskView) -> Result<Ended, Fault> {
    let state = view.row.state.clone();
    text::view(call.json, &View::Ask(view));
    if state == "allowed" {
        return Ok(Ended::Well);
    }
    call.ill(node::Fault::refused(format!("the ask was {state}"), ""))
}
