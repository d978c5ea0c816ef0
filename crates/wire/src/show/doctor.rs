//! Checks of this machine, each with what to do.

use super::line;
use crate::{DoctorCheck, DoctorView, Fault, from};
use node::Node;

pub(crate) async fn doctor(node: &Node) -> Result<DoctorView, Fault> {
    let mut checks = vec![folder(node), keys(node).await];
    checks.push(journal(node).await);
    checks.push(network(node));
    checks.push(display());
    checks.push(session_bus());
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
    let (keychain, hint) = from::keychain(&state);
    let well = keychain == crate::Keychain::Ready;
    check("human_key", well, if well { "ready" } else { "not ready" }, &hint)
}

async fn journal(node: &Node) -> DoctorCheck {
    match node.verify_journal().await {
        Ok(Ok((entries, _))) => check("journal", true, format!("{entries} entries, whole"), ""),
        Ok(Err(problem)) => {
            let hint = "run `tracenet log verify`, and compare with a backup";
            check("journal", false, problem.to_string(), hint)
        }
        Err(fault) => check("journal", node.me().is_none(), fault.what, &fault.hint),
    }
}

fn network(node: &Node) -> DoctorCheck {
    match node.port() {
        0 => check("network", false, "offline", "start the app, or run `tracenet node`"),
        port => check("network", true, format!("UDP port {port}, this network only"), ""),
    }
}

fn display() -> DoctorCheck {
    let seen = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let hint = "answers need the app's window, or a terminal with the PIN";
    if seen("WAYLAND_DISPLAY") {
        let what = "Wayland: the prompt may not stay on top; the notification is the way in";
        return check("display", true, what, "");
    }
    check("display", seen("DISPLAY"), if seen("DISPLAY") { "X11" } else { "none" }, hint)
}

fn session_bus() -> DoctorCheck {
    let bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
        || std::env::var_os("XDG_RUNTIME_DIR")
            .is_some_and(|dir| std::path::Path::new(&dir).join("bus").exists());
    let hint = "without it there is no keychain, tray or notification: log in to a desktop session";
    check("session bus", bus, if bus { "present" } else { "none" }, hint)
}
