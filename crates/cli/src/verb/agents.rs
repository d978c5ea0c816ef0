//! `tracenet agents`: who was let in, and writing this node into the settings of the programs
//! agents run in. What would change is shown before it is done.

use crate::{
    Call, Ended,
    args::agents::{Agents, AgentsVerb, SetUp},
    gates::Gates,
    terminal, text,
};
use wire::{Act, ChangeView, ClientState, ClientView, Done, Fault, Query, View};

/// What is done to the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Connect,
    Undo,
}

pub(crate) async fn agents(call: &Call, args: Agents) -> Result<Ended, Fault> {
    let (way, args) = match args.verb {
        None => return list(call).await,
        Some(AgentsVerb::Connect(args)) => (Way::Connect, args),
        Some(AgentsVerb::Undo(args)) => (Way::Undo, args),
        Some(AgentsVerb::Unmute(args)) => {
            let act = Act::Unmute { name: args.name };
            return super::ask::simple(call, act, "Its asks come up by themselves again.").await;
        }
        Some(AgentsVerb::Block(args)) => {
            let done = "Shown out and blocked. Its waiting asks are withdrawn.";
            return super::ask::simple(call, Act::BlockAgent { name: args.name }, done).await;
        }
        Some(AgentsVerb::Unblock(args)) => {
            let done = "It may ask to be let in again.";
            return super::ask::simple(call, Act::UnblockAgent { name: args.name }, done).await;
        }
    };
    let mut gates = Gates::open(call).await?;
    let outcome = set_up(call, &mut gates, way, &args).await;
    gates.close().await;
    outcome
}

async fn list(call: &Call) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let settings = gates.view(Query::Settings {}).await;
    let clients = gates.view(Query::Clients {}).await;
    gates.close().await;
    if let (View::Settings(settings), View::Clients(found)) = (settings?, clients?) {
        if call.json {
            let (agents, blocked) = (settings.agents, settings.blocked_agents);
            text::json(&serde_json::json!({
                "agents": agents, "blocked": blocked, "clients": found.clients,
            }));
            return Ok(Ended::Well);
        }
        text::show::agents(&settings);
        text::clients::clients(&found);
    }
    Ok(Ended::Well)
}

async fn set_up(call: &Call, gates: &mut Gates, way: Way, args: &SetUp) -> Result<Ended, Fault> {
    let client = found(gates, &args.client).await?;
    if args.dry_run && call.json {
        text::json(&client);
        return Ok(Ended::Well);
    }
    let changes = changes(way, &client, args)?;
    if args.dry_run && changes.is_empty() {
        text::clients::client(&client);
        return Ok(Ended::Well);
    }
    if !call.json {
        changes.iter().for_each(|(_, change)| text::say(change.diff.trim_end()));
    }
    if args.dry_run {
        return Ok(Ended::Well);
    }
    let files: Vec<&str> = changes.iter().map(|(file, _)| *file).collect();
    if !files.is_empty() && !args.yes && !agreed(way, &files.join(" and "))? {
        text::say("Nothing was changed.");
        return Ok(Ended::Well);
    }
    let seen = |wanted: &str| {
        let change = changes.iter().find(|(file, _)| *file == wanted);
        change.map(|(_, change)| change.seen.clone()).unwrap_or_default()
    };
    let hooks = client.hooks.as_ref().map(|hooks| seen(&hooks.file)).unwrap_or_default();
    let (seen, client) = (seen(&client.file), client.name.clone());
    let done = gates.act(match way {
        Way::Connect => Act::ConnectClient { client, seen, hooks },
        Way::Undo => Act::UndoClient { client, seen, hooks },
    });
    finish(call, done.await?)
}

/// What is to be done, file by file. A program that is connected already is tried out again:
/// nothing is written.
fn changes<'c>(
    way: Way,
    client: &'c ClientView,
    args: &SetUp,
) -> Result<Vec<(&'c str, &'c ChangeView)>, Fault> {
    let mut changes = Vec::new();
    let hooks = match &client.hooks {
        None if args.hooks => {
            let what = format!("{} has no hooks that this version can use", client.title);
            return Err(node::Fault::invalid(what, "connect it without them").into());
        }
        hooks => hooks.as_ref(),
    };
    let connected = way == Way::Connect && client.state == ClientState::Connected;
    let left = client.undo.is_none() && hooks.is_some_and(|hooks| hooks.undo.is_some());
    let only_hooks = way == Way::Undo && (args.hooks || left);
    if !only_hooks && !connected {
        changes.push((client.file.as_str(), change(way, client)?));
    }
    let Some(hooks) = hooks else { return Ok(changes) };
    let of = if way == Way::Connect { &hooks.connect } else { &hooks.undo };
    match of {
        Some(change) if args.hooks || way == Way::Undo => {
            changes.push((hooks.file.as_str(), change));
        }
        None if args.hooks && hooks.state == ClientState::Blocked => {
            return Err(node::Fault::not_now(&hooks.why, &hooks.hint).into());
        }
        None if only_hooks => {
            let what = format!("{} names no hook of ours", hooks.file);
            return Err(node::Fault::invalid(what, "there is nothing to undo").into());
        }
        _ => {}
    }
    Ok(changes)
}

async fn found(gates: &mut Gates, name: &str) -> Result<ClientView, Fault> {
    let View::Clients(view) = gates.view(Query::Clients {}).await? else {
        return Err(node::Fault::broken("no programs were listed").into());
    };
    let names: Vec<_> = view.clients.iter().map(|client| client.name.clone()).collect();
    view.clients.into_iter().find(|client| client.name == name).ok_or_else(|| {
        let what = format!("no agent called `{name}` can be connected by this version");
        let hint =
            format!("one of: {}; let others start `tracenet mcp --as NAME`", names.join(", "));
        node::Fault::invalid(what, hint).into()
    })
}

/// The change, or why there is none.
fn change(way: Way, client: &ClientView) -> Result<&ChangeView, Fault> {
    let change = if way == Way::Connect { &client.connect } else { &client.undo };
    if let Some(change) = change {
        return Ok(change);
    }
    let fault = match client.state {
        _ if !client.why.is_empty() => node::Fault::not_now(&client.why, &client.hint),
        ClientState::NotFound => {
            let what = format!("{} was not found on this machine", client.title);
            node::Fault::not_now(what, "install it and start it once, then try again")
        }
        _ => {
            let what = format!("{} names no server of ours", client.file);
            node::Fault::invalid(what, "there is nothing to undo")
        }
    };
    Err(fault.into())
}

fn agreed(way: Way, files: &str) -> Result<bool, Fault> {
    if !terminal::is_interactive() {
        let hint = "look at it with --dry-run, then give --yes";
        return Err(node::Fault::not_now("there is no terminal here to ask in", hint).into());
    }
    let question = match way {
        Way::Connect => format!("Write this into {files}? A copy is kept. [y/N] "),
        Way::Undo => format!("Write this into {files}? [y/N] "),
    };
    Ok(terminal::confirm(&question, "y"))
}

fn finish(call: &Call, done: Done) -> Result<Ended, Fault> {
    if call.json {
        text::json(&done);
    }
    match done {
        Done::Connected(done) => {
            if !call.json {
                text::clients::connected(&done);
            }
            if done.handshake.is_none() {
                let what = format!("the command that was written does not work: {}", done.why);
                return call.ill(node::Fault::not_now(what, "undo it with `tracenet agents undo`"));
            }
            if !done.stands {
                let what = format!("{} was written over by another program", done.file);
                return call.ill(node::Fault::not_now(what, "end that program and connect again"));
            }
        }
        Done::Undone(done) if !call.json => text::clients::undone(&done),
        _ => {}
    }
    Ok(Ended::Well)
}
