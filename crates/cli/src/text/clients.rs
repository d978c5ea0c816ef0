//! What is found on this machine, as text.

use super::{bytes, say, time};
use wire::{ClientState, ClientView, ClientsView, ConnectedView, FoundView, UndoneView};

pub(crate) fn found(found: &FoundView) {
    if found.logs.is_empty() {
        say("No logs of agents were found.");
    }
    for logs in &found.logs {
        let size = bytes(logs.bytes);
        say(&format!("{}: {} sessions, {size}, in {}", logs.title, logs.files, logs.folder));
        say(&format!("  from {} to {}", time(logs.oldest), time(logs.newest)));
        if logs.soon > 0 {
            say(&format!(
                "  {} of them go within a week: it deletes them after {} days",
                logs.soon, logs.keeps_days
            ));
        }
    }
}

pub(crate) fn clients(found: &ClientsView) {
    let is_here = |client: &&ClientView| client.state != ClientState::NotFound;
    found.clients.iter().filter(is_here).for_each(client);
    let names: Vec<_> =
        found.clients.iter().filter(|c| !is_here(c)).map(|c| c.title.as_str()).collect();
    if !names.is_empty() {
        say(&format!("Not found on this machine: {}", names.join(", ")));
    }
}

pub(crate) fn client(client: &ClientView) {
    let state = match client.state {
        ClientState::NotFound => "not found",
        ClientState::NotConnected => "not connected",
        ClientState::Connected => "connected",
        ClientState::Changed => "starts something else under our name",
        ClientState::Blocked => "cannot be connected",
    };
    say(&format!("{} ({}): {state}, {}", client.title, client.name, client.file));
    if !client.why.is_empty() {
        say(&format!("  {}", client.why));
        say(&format!("  → {}", client.hint));
    }
}

pub(crate) fn connected(done: &ConnectedView) {
    if !done.backup.is_empty() {
        say(&format!("copy kept  {}", done.backup));
    }
    let Some(hands) = &done.handshake else { return };
    say(&format!(
        "handshake  {} speaks MCP {}, {} tools: {}",
        hands.server,
        hands.protocol,
        hands.tools.len(),
        hands.tools.join(", ")
    ));
    if hands.ready {
        say("let in     yes: it can recall and ask from its next start on");
        return;
    }
    say("let in     not yet");
    say(&format!("  {}", hands.said));
}

pub(crate) fn undone(done: &UndoneView) {
    if done.exact {
        say(&format!("{} is what it was before, byte for byte.", done.file));
        return;
    }
    say(&format!("{} names this node no more; what else changed in it stays.", done.file));
    if !done.backup.is_empty() {
        say(&format!("copy kept  {}", done.backup));
    }
}
