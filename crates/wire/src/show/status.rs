//! Status and settings.

use super::{line, small};
use crate::{AgentRow, Fault, KeyView, Phase, SettingsView, StatusView, from};
use artifact::{KeyProtection, words::key_words};
use node::{Node, Self_};

pub(crate) async fn status(node: &Node) -> Result<StatusView, Fault> {
    let me = node.me();
    let (keychain, keychain_hint) = from::keychain(&node.key_state().await);
    let counts = node.counts()?;
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let pending = look.pending().map_err(node::Fault::from)?;
    let agents = look.agents().map_err(node::Fault::from)?;
    Ok(StatusView {
        phase: if me.is_some() { Phase::Ready } else { Phase::New },
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: node.home().display().to_string(),
        protection: me.as_ref().map_or("", |me| protection(me.protection)).to_owned(),
        keys: me.as_ref().map(keys),
        keychain,
        keychain_hint,
        anchor: super::storage::anchor(&node.anchored().await),
        window: node.has_window(),
        crystals: counts.crystals.0,
        from_peers: counts.crystals.1,
        heads: counts.heads,
        traces: counts.traces,
        peers: small(peers.len()),
        connected: small(node.links().len()),
        pending: small(pending.len()),
        unsigned: u32::try_from(look.due_count().map_err(node::Fault::from)?).unwrap_or(u32::MAX),
        agents: small(agents.len()),
        port: node.port(),
        reach: super::network::words(&node.network()?),
        pid: std::process::id(),
    })
}

pub(crate) async fn settings(node: &Node) -> Result<SettingsView, Fault> {
    let me = node.me();
    let (keychain, keychain_hint) = from::keychain(&node.key_state().await);
    let (sizes, index_bytes) = node.sizes();
    let mut agents: Vec<AgentRow> = node
        .look()?
        .agents()
        .map_err(node::Fault::from)?
        .into_iter()
        .map(|(key, row)| (key, row, node.agent_not_written(&key)))
        .map(|(key, row, more)| AgentRow {
            name: line(&row.name, 64),
            key: artifact::Public::<()>::from_bytes(key).to_string(),
            since: row.since,
            connected: node.is_agent_connected(&key),
            asks: u32::try_from(row.asks + more.0).unwrap_or(u32::MAX),
            recalls: u32::try_from(row.recalls + more.1).unwrap_or(u32::MAX),
        })
        .collect();
    agents.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(SettingsView {
        agents,
        keychain,
        keychain_hint,
        protection: me.as_ref().map_or("", |me| protection(me.protection)).to_owned(),
        keys: me.as_ref().map(keys),
        home: node.home().display().to_string(),
        trace_bytes: sizes.stored,
        log_bytes: node.counts()?.log_bytes,
        store_bytes: sizes.store,
        index_bytes,
        mcp_command: mcp_command(node),
    })
}

/// How an agent's configuration starts the shim. The folder is named only when it is not the
/// default one.
fn mcp_command(node: &Node) -> String {
    let plain = node::default_home().is_some_and(|home| home == node.home())
        && std::env::var_os("TRACENET_HOME").is_none();
    let home = node.home().display();
    if plain {
        "tracenet mcp --as NAME".to_owned()
    } else {
        format!("env TRACENET_HOME={home} tracenet mcp --as NAME")
    }
}

fn keys(me: &Self_) -> KeyView {
    KeyView {
        human: me.human.to_string(),
        author: me.author.to_string(),
        transport: me.transport.to_string(),
        solana: me.solana.to_string(),
        journal: me.journal.to_string(),
        words: key_words(&me.human),
    }
}

const fn protection(protection: KeyProtection) -> &'static str {
    match protection {
        KeyProtection::Pin => "pin",
        KeyProtection::Keychain => "keychain",
        KeyProtection::File => "file",
    }
}
