//! Checks of this machine, each with what to do.

use super::line;
use crate::{DoctorCheck, DoctorView, Fault, from};
use artifact::{KeyProtection, display::count};
use node::{ModelState, Node, RelayState};

pub(crate) async fn doctor(node: &Node) -> Result<DoctorView, Fault> {
    let mut checks = vec![folder(node), keys(node).await];
    checks.push(journal(node).await);
    checks.push(anchor(node).await);
    checks.extend(card(node));
    checks.push(recall(node));
    checks.push(network(node));
    let protection = node.me().map(|me| me.protection);
    checks.push(display(protection));
    checks.push(session_bus(protection));
    Ok(DoctorView { checks })
}

fn check(name: &str, well: bool, what: impl Into<String>, hint: &str) -> DoctorCheck {
    let hint = if well { String::new() } else { hint.to_owned() };
    DoctorCheck { name: name.to_owned(), well, what: line(&what.into(), 500), hint }
}

fn folder(node: &Node) -> DoctorCheck {
    let (sizes, _) = node.sizes();
    let what = format!("{} ({} KiB)", node.home().display(), sizes.store / 1024);
    check("data folder", true, what, "")
}

async fn keys(node: &Node) -> DoctorCheck {
    if node.me().is_none() {
        let hint = "open the app and choose a PIN, or run `tracenet init`";
        return check("keys", false, "not made yet", hint);
    }
    let state = node.key_state().await;
    let well = from::keychain(&state).0 == crate::Keychain::Ready;
    let hint = if well { String::new() } else { state.whole() };
    check("human_key", well, if well { "ready" } else { "not ready" }, &hint)
}

async fn journal(node: &Node) -> DoctorCheck {
    if node.me().is_none() {
        return check("journal", true, "begins with the keys", "");
    }
    match node.verify_journal().await {
        Ok(Ok((entries, _))) => check("journal", true, format!("whole, entries: {entries}"), ""),
        Ok(Err(problem)) => {
            let hint = "run `tracenet log verify`, and compare with a backup";
            check("journal", false, problem.to_string(), hint)
        }
        Err(fault) => check("journal", false, fault.what, &fault.hint),
    }
}

/// A key in a file needs no keychain; then there is nowhere to keep an anchor, and that is said.
async fn anchor(node: &Node) -> DoctorCheck {
    let anchored = node.anchored().await;
    let view = super::storage::anchor(&anchored);
    let in_file = node.me().is_some_and(|me| me.protection == KeyProtection::File);
    let well = match anchored {
        node::Anchored::NotYet => true,
        node::Anchored::Unread(_) => in_file,
        node::Anchored::Lost => false,
        node::Anchored::Compared(standing) => standing.holds(),
    };
    check("anchor", well, view.what, &view.hint)
}

/// Peers take no card that ended, and nothing but its human's yes renews it.
fn card(node: &Node) -> Option<DoctorCheck> {
    let (left, near) = node.card_lasts()?;
    let what = match left {
        0 => "over: no peer takes it".to_owned(),
        left => format!("valid for {}", count(left.div_ceil(24 * 60 * 60 * 1000), "day", "days")),
    };
    Some(check("card", !near, what, "allow anything once: the next yes renews it"))
}

fn network(node: &Node) -> DoctorCheck {
    match node.port() {
        0 => check("network", false, "offline", "start the app, or run `tracenet node`"),
        port => reached(node, port),
    }
}

/// Without a model recall works all the same; one that is there and broken is worth a look.
fn recall(node: &Node) -> DoctorCheck {
    match node.model() {
        ModelState::Loaded | ModelState::Resting => {
            check("recall", true, "by words and by meaning", "")
        }
        ModelState::Missing => check("recall", true, "by words: there is no model here", ""),
        ModelState::Broken(why) => {
            let hint = "install the app again: its model is damaged";
            check("recall", false, format!("by words: {why}"), hint)
        }
    }
}

/// Online: how far, and whether the relay that others need answers.
fn reached(node: &Node, port: u16) -> DoctorCheck {
    let network = match node.network() {
        Ok(network) => network,
        Err(fault) => return check("network", false, fault.what, &fault.hint),
    };
    let words = super::network::words(&network);
    let relay = match &network.relay {
        RelayState::Off => String::new(),
        RelayState::Searching => ", no relay has answered yet".to_owned(),
        RelayState::Connected(url) => format!(", relay {url}"),
        RelayState::Failed { relay, why } => {
            let what = format!("UDP port {port}, {words}, but {relay} does not answer: {why}");
            let hint = "look whether this machine is online; the relay is tried again by itself";
            return check("network", false, what, hint);
        }
    };
    check("network", true, format!("UDP port {port}, {words}{relay}"), "")
}

/// A machine without a screen is well: a terminal grants wherever a PIN closes the key.
fn display(protection: Option<KeyProtection>) -> DoctorCheck {
    let seen = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if seen("WAYLAND_DISPLAY") {
        let what = "Wayland: the prompt may not stay on top; the notification is the way in";
        return check("display", true, what, "");
    }
    if seen("DISPLAY") {
        return check("display", true, "X11", "");
    }
    if protection == Some(KeyProtection::Keychain) {
        let hint = "human_key has no PIN, so only the app's window can allow anything: start the \
                    app in a desktop session";
        return check("display", false, "none", hint);
    }
    check("display", true, "none: asks are answered in a terminal, with the PIN", "")
}

/// Without a session bus there is no keychain; a key in a file needs none.
fn session_bus(protection: Option<KeyProtection>) -> DoctorCheck {
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
        || std::env::var_os("XDG_RUNTIME_DIR")
            .is_some_and(|dir| std::path::Path::new(&dir).join("bus").exists());
    match (bus, protection) {
        (true, _) => check("session bus", true, "present", ""),
        (false, Some(KeyProtection::File)) => {
            let what = "none: no tray and no notifications; the key is in a file and needs none";
            check("session bus", true, what, "")
        }
        (false, Some(_)) => {
            let hint = "without it no keychain answers: log in to a desktop session";
            check("session bus", false, "none", hint)
        }
        (false, None) => {
            let hint = "without it no keychain answers: log in to a desktop session, or keep the \
                        key in a file with `tracenet init --key-file`";
            check("session bus", false, "none", hint)
        }
    }
}
