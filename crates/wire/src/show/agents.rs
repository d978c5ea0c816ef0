//! Settings: agents, what the human decided about them, keys, storage.

use super::{line, name_of, small, status};
use crate::{AgentRow, BlockedAgent, Fault, RuleView, SettingsView, from};
use artifact::Public;
use node::{HeldRule, Look, Node};

pub(crate) async fn settings(node: &Node) -> Result<SettingsView, Fault> {
    let me = node.me();
    let (keychain, keychain_hint, keychain_command) = from::keychain(&node.key_state().await);
    let (sizes, index_bytes) = node.sizes();
    let look = node.look()?;
    let mut agents = Vec::new();
    for (key, row) in look.agents().map_err(node::Fault::from)? {
        agents.push(agent(node, &key, &row)?);
    }
    agents.sort_by(|a: &AgentRow, b| a.name.cmp(&b.name));
    Ok(SettingsView {
        agents,
        rules: rules(node, &look)?,
        altered: small(look.altered_rules().map_err(node::Fault::from)?.len()),
        blocked_agents: blocked(&look)?,
        keychain,
        keychain_hint,
        keychain_command,
        protection: me.as_ref().map_or("", |me| status::protection(me.protection)).to_owned(),
        unlock: super::key::unlock(node)?,
        keys: me.as_ref().map(status::keys),
        home: node.home().display().to_string(),
        trace_bytes: sizes.stored,
        log_bytes: node.counts()?.log_bytes,
        store_bytes: sizes.store,
        index_bytes,
        mcp_command: mcp_command(node),
    })
}

fn agent(node: &Node, key: &[u8; 32], row: &node::AgentRow) -> Result<AgentRow, Fault> {
    let (asks, recalls) = node.agent_not_written(key);
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(AgentRow {
        name: line(&row.name, 64),
        key: Public::<()>::from_bytes(*key).to_string(),
        since: row.since,
        connected: node.is_agent_connected(key),
        asks: count(row.asks.saturating_add(asks)),
        recalls: count(row.recalls.saturating_add(recalls)),
        muted_until: node.muted(key)?.map_or(0, |mute| mute.until),
    })
}

/// Rules that hold, by agent, the newest first.
fn rules(node: &Node, look: &Look) -> Result<Vec<RuleView>, Fault> {
    let peers = look.peers().map_err(node::Fault::from)?;
    let mut rules = Vec::new();
    for HeldRule { id, bounds, until, uses, used } in node.rules()? {
        let shown = look.crystal(&bounds.shown).map_err(node::Fault::from)?;
        rules.push(RuleView {
            id: id.to_string(),
            agent: line(&bounds.name, 64),
            term: from::shown_term(bounds.term),
            what: shown.map_or_else(|| bounds.shown.short(), |c| line(&c.title, 160)),
            artifact: bounds.shown.to_string(),
            to: bounds.peers.iter().map(|human| name_of(&peers, human)).collect(),
            until,
            uses: u32::try_from(uses).unwrap_or(u32::MAX),
            used,
        });
    }
    rules.sort_by(|a, b| (&a.agent, b.until, &a.id).cmp(&(&b.agent, a.until, &b.id)));
    Ok(rules)
}

fn blocked(look: &Look) -> Result<Vec<BlockedAgent>, Fault> {
    let rows = look.blocked_agents().map_err(node::Fault::from)?;
    let view = |(key, row): ([u8; 32], node::BlockedAgentRow)| BlockedAgent {
        name: line(&row.name, 64),
        key: Public::<()>::from_bytes(key).to_string(),
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
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
