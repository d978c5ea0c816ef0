//! `tracenet node`: the node without a window, until it is stopped.

use crate::{Call, Ended, args::RunNode, gates::start_fault, text};
use node::{Config, Node};
use tokio::signal::unix::{SignalKind, signal};
use wire::Fault;

pub(crate) async fn run(call: &Call, args: &RunNode) -> Result<Ended, Fault> {
    let broken = |e: std::io::Error| Fault::from(node::Fault::broken(e));
    // Both before anything says that the node runs: from then on it ends in order.
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    let mut config = Config::new(call.home.clone());
    config.loopback_only = args.loopback;
    let opened = tokio::task::spawn_blocking(move || Node::open(config)).await;
    let node = opened.map_err(|e| Fault::from(node::Fault::broken(e)))?.map_err(start_fault)?;
    wire::serve_control(&node);
    let started = start(&node).await;
    if let Err(fault) = started {
        node.stop().await;
        return Err(fault);
    }
    announce(call, &node);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = node.ended() => {
            node.stop().await;
            let hint = "start it again; the log says what happened";
            return Err(node::Fault::new(node::Code::Broken, "the node broke", hint).into());
        }
    }
    if !call.json {
        text::say("Stopping.");
    }
    node.stop().await;
    Ok(Ended::Well)
}

async fn start(node: &Node) -> Result<(), Fault> {
    node.open_doors()?;
    node.lock_when_away();
    node.go_online().await?;
    Ok(())
}

fn announce(call: &Call, node: &Node) {
    if call.json {
        let ready = serde_json::json!({
            "ready": true, "initialised": node.me().is_some(), "port": node.port(),
            "home": call.home, "pid": std::process::id(),
        });
        return text::json(&ready);
    }
    match node.me() {
        Some(_) => {
            text::say(&format!("The node runs on UDP port {}. Stop it with Ctrl-C.", node.port()))
        }
        None => {
            text::say("The node runs, without keys yet: run `tracenet init` in another terminal.")
        }
    }
}
