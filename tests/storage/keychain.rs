//! A backup that is put back, with the keychain of a real desktop: gnome-keyring on a bus of its
//! own.

use super::put_back;
use consent::{Answer, Way};
use node::{Config, Given, KeepKey, Node, Request};
use std::path::Path;
use town::{PIN, bus, folder::copy};
use zeroize::Zeroizing;

#[test]
fn a_backup_is_noticed_by_a_real_keychain() {
    let name = "keychain::a_backup_is_noticed_by_a_real_keychain";
    let Some(home) = bus::inside(name) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(inside(&home));
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
