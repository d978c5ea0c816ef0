//! Status.

use super::small;
use crate::{Fault, KeyView, Phase, StatusView, from};
use artifact::{KeyProtection, words::key_words};
use node::{Node, Self_};

pub(crate) async fn status(node: &Node) -> Result<StatusView, Fault> {
    let me = node.me();
    let (keychain, keychain_hint, keychain_command) = from::keychain(&node.key_state().await);
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
        keychain_command,
        anchor: super::storage::anchor(&node.anchored().await),
        unlock: super::key::unlock(node)?,
        window: node.has_window(),
        crystals: counts.crystals.0,
        from_peers: counts.crystals.1,
        heads: counts.heads,
        traces: counts.traces,
        peers: small(peers.len()),
        connected: small(node.links().len()),
        pending: small(pending.len()),
        unsigned: u32::try_from(look.due_count().map_err(node::Fault::from)?).unwrap_or(u32::MAX),
        altered: small(look.altered_rules().map_err(node::Fault::from)?.len()),
        agents: small(agents.len()),
        port: node.port(),
        reach: super::network::words(&node.network()?),
        pid: std::process::id(),
    })
}

pub(crate) fn keys(me: &Self_) -> KeyView {
    KeyView {
        human: me.human.to_string(),
        author: me.author.to_string(),
        transport: me.transport.to_string(),
        solana: me.solana.to_string(),
        journal: me.journal.to_string(),
        words: key_words(&me.human),
    }
}

pub(crate) const fn protection(protection: KeyProtection) -> &'static str {
    match protection {
        KeyProtection::Pin => "pin",
        KeyProtection::Keychain => "keychain",
        KeyProtection::File => "file",
    }
}
