//! The verbs that make an ask. Where a human sits at the terminal and a PIN is set, the
//! prompt is shown at once; else the ask waits for the window.

use crate::{
    Call,
    args::{Connect, Pair, Rename, Share, Ticket},
    gates::{Gates, Notices},
    terminal, text,
    verb::answer,
};
use wire::{Act, AskView, Done, Fault, Notice, Query, View};

pub(crate) async fn share(call: &Call, args: Share) -> Result<(), Fault> {
    let act = Act::Share { id: args.id, to: args.to, public: args.public, reason: args.reason };
    make(call, act, args.wait).await
}

pub(crate) async fn ticket(call: &Call, args: &Ticket) -> Result<(), Fault> {
    make(call, Act::Ticket {}, args.wait).await
}

pub(crate) async fn connect(call: &Call, args: Connect) -> Result<(), Fault> {
    make(call, Act::Connect { ticket: args.ticket, name: args.name }, args.wait).await
}

pub(crate) async fn pair(call: &Call, args: Pair) -> Result<(), Fault> {
    make(call, Act::Pair { name: args.name }, false).await
}

pub(crate) async fn unpair(call: &Call, args: Pair) -> Result<(), Fault> {
    simple(call, Act::Unpair { name: args.name }, "Shown out. Its waiting asks are withdrawn.")
        .await
}

pub(crate) async fn rename(call: &Call, args: Rename) -> Result<(), Fault> {
    simple(call, Act::Rename { peer: args.peer, name: args.name }, "Renamed.").await
}

async fn simple(call: &Call, act: Act, done: &str) -> Result<(), Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = gates.act(act).await;
    gates.close().await;
    outcome?;
    if call.json {
        text::json(&serde_json::json!({ "done": true }));
    } else {
        text::say(done);
    }
    Ok(())
}

async fn make(call: &Call, act: Act, wait: bool) -> Result<(), Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = ask(call, &mut gates, act, wait).await;
    gates.close().await;
    outcome
}

async fn ask(call: &Call, gates: &mut Gates, act: Act, wait: bool) -> Result<(), Fault> {
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
        return Ok(());
    }
    if terminal::is_interactive() && answer::can_answer(gates).await? {
        return answer::here(call, gates, &ask).await;
    }
    text::waiting(&ask, &code);
    Ok(())
}

/// Waits until the ask has reached a final state, and shows it.
async fn settled(
    call: &Call,
    gates: &mut Gates,
    notices: &mut Notices,
    ask: &str,
) -> Result<(), Fault> {
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

fn shown(call: &Call, view: AskView) -> Result<(), Fault> {
    let state = view.row.state.clone();
    text::view(call.json, &View::Ask(view));
    if state == "allowed" {
        return Ok(());
    }
    if call.json {
        std::process::exit(1);
    }
    Err(node::Fault::refused(format!("the ask was {state}"), "").into())
}
