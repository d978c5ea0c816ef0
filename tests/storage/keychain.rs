//! A backup that is put back, with the keychain of a real desktop: gnome-keyring on a private
//! bus with a private home. The test starts this binary again inside that bus.

use super::{copy, put_back};
use consent::{Answer, Way};
use node::{Config, Given, KeepKey, Node, Request};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};
use town::PIN;
use zeroize::Zeroizing;

/// Set for the copy of this binary that runs inside the private bus.
const INSIDE: &str = "TRACENET_TEST_KEYRING_HOME";

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

#[test]
fn a_backup_is_noticed_by_a_real_keychain() {
    if let Some(home) = std::env::var_os(INSIDE) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(inside(Path::new(&home)));
    }
    if !installed("dbus-run-session") || !installed("gnome-keyring-daemon") {
        eprintln!("skipped: dbus-run-session and gnome-keyring-daemon are not both installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut run = Command::new("dbus-run-session");
    run.arg("--").arg(std::env::current_exe().unwrap());
    run.args(["--exact", "keychain::a_backup_is_noticed_by_a_real_keychain", "--nocapture"]);
    for gone in ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"]
    {
        run.env_remove(gone);
    }
    run.env(INSIDE, home.path()).env("HOME", home.path());
    for place in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        let folder = home.path().join(place);
        keys::private::folder(&folder).unwrap();
        run.env(place, folder);
    }
    assert!(run.status().unwrap().success(), "it failed inside its bus");
}

/// Gives the private bus a keyring that is open.
fn unlock() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--daemonize", "--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(b"keyring password").unwrap();
    assert!(daemon.wait().unwrap().success());
}

async fn start(home: &Path) -> Node {
    let mut config = Config::new(home.to_owned());
    config.loopback_only = true;
    let node = tokio::task::spawn_blocking(move || Node::open(config)).await.unwrap().unwrap();
    node.go_online().await.unwrap();
    node
}

/// Asks for something, and allows it in the consent window with the PIN.
async fn allow(node: &Node, request: Request) {
    let by = consent::Requester::Human { way: Way::MainWindow, process: Vec::new() };
    let ask = node.ask(by, request, String::new()).await.unwrap();
    let (prompt, _) = node.prompt(&ask).unwrap();
    let pin = Zeroizing::new(PIN.to_owned());
    let (answer, way) = (Answer::Allow, Way::ConsentWindow);
    let given = Given::plain(ask, answer, way, prompt.code, pin);
    assert_eq!(node.answer(given).await.unwrap().state, "allowed");
}

async fn inside(ground: &Path) {
    unlock();
    let home = ground.join("node");
    std::fs::create_dir(&home).unwrap();
    let node = start(&home).await;
    assert_eq!(node.key_state().await, keys::KeyState::NoKey);
    let pin = Zeroizing::new(PIN.to_owned());
    node.init(KeepKey::Pin(pin), "north").await.unwrap();
    allow(&node, Request::Ticket).await;
    node.stop().await;
    let backup = ground.join("backup");
    copy(&home, &backup);

    let node = start(&home).await;
    assert_eq!(node.anchored().await, super::HOLDS);
    allow(&node, Request::Ticket).await;
    node.stop().await;
    put_back(&backup, &home);

    let node = start(&home).await;
    let seen = node.anchored().await;
    assert!(seen.is_distrusted(), "{seen:?}");
    assert_eq!(node.port(), 0);
    allow(&node, Request::Resume).await;
    assert_eq!(node.anchored().await, super::HOLDS);
    assert_ne!(node.port(), 0);
    node.stop().await;

    // What was accepted is what the next start finds.
    let node = start(&home).await;
    assert_eq!(node.anchored().await, super::HOLDS);
    node.stop().await;
}
