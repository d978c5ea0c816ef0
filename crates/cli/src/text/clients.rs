//! What is found on this machine, as text.

use super::{bytes, say, time};
use wire::{ClientState, ClientView, ClientsView, ConnectedView, FoundView, UndoneView, count};

pub(crate) fn found(found: &FoundView) {
    if found.logs.is_empty() {
        say("No logs of agents were found.");
    }
    for logs in &found.logs {
        let size = bytes(logs.bytes);
        let sessions = count(logs.files, "session", "sessions");
        say(&format!("{}: {sessions}, {size}, in {}", logs.title, logs.folder));
        say(&format!("  from {} to {}", time(logs.oldest), time(logs.newest)));
        if logs.soon > 0 {
            say(&format!(
                "  {} within a week: it deletes them after {}",
                count(logs.soon, "of them goes", "of them go"),
                count(logs.keeps_days, "day", "days")
            ));
        }
    }
    if found.followed {
        say("What agents write is read while this node runs.");
    } else if !found.logs.is_empty() {
        say("What agents write from now on is not read by itself: `tracenet sources --follow on`.");
    }
    for failure in &found.failures {
        say(&format!("  {failure}"));
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
    let stands = state(client.state);
    say(&format!("{} ({}): {stands}, {}", client.title, client.name, client.file));
    trouble(&client.why, &client.hint);
    let Some(hooks) = &client.hooks else { return };
    say(&format!("  hooks: {}, {}", state(hooks.state), hooks.file));
    trouble(&hooks.why, &hooks.hint);
}

const fn state(state: ClientState) -> &'static str {
    match state {
        ClientState::NotFound => "not found",
        ClientState::NotConnected => "not connected",
        ClientState::Connected => "connected",
        ClientState::Changed => "connected but changed",
        ClientState::Blocked => "cannot be connected",
    }
}

fn trouble(why: &str, hint: &str) {
    if !why.is_empty() {
        say(&format!("  {why}"));
        say(&format!("  → {hint}"));
    }
}

pub(crate) fn connected(done: &ConnectedView) {
    if !done.backup.is_empty() {
        say(&format!("copy kept  {}", done.backup));
    }
    if !done.hooks_file.is_empty() {
        say(&format!("hooks      {}", done.hooks_file));
    }
    if !done.hooks_backup.is_empty() {
        say(&format!("copy kept  {}", done.hooks_backup));
    }
    let Some(hands) = &done.handshake else { return };
    say(&format!(
        "handshake  {} speaks MCP {}, {}: {}",
        hands.server,
        hands.protocol,
        count(hands.tools.len(), "tool", "tools"),
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
    for done in &done.files {
        if done.exact {
            say(&format!("{} is what it was before, byte for byte.", done.file));
            continue;
        }
        say(&format!("{} names this node no more; what else changed in it stays.", done.file));
        if !done.backup.is_empty() {
            say(&format!("copy kept  {}", done.backup));
        }
    }
}
