//! A keychain that fails while its human answers: gnome-keyring on a bus of its own, which the test
//! ends under it.

use consent::{Answer, AskId, Requester, State, Way};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use node::{Code, Config, Fault, Given, KeepKey, Node, Request};
use std::path::Path;
use town::{PIN, bus};
use zbus::{Connection, fdo::DBusProxy};
use zeroize::Zeroizing;

/// Who is asked for by name on the bus: the keychain, and the bus itself.
const SECRETS: &str = "org.freedesktop.secrets";
const BUS: &str = "org.freedesktop.DBus";

#[test]
fn a_keychain_or_bus_that_dies_at_an_answer_lets_nothing_out() {
    let name = "bus::a_keychain_or_bus_that_dies_at_an_answer_lets_nothing_out";
    let Some(home) = bus::inside(name) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(inside(&home));
}

async fn pid_of(bus: &DBusProxy<'_>, name: &'static str) -> Pid {
    let pid = bus.get_connection_unix_process_id(name.try_into().unwrap()).await.unwrap();
    Pid::from_raw(pid.try_into().unwrap())
}

/// Answers yes in the consent window with the PIN.
async fn allow(node: &Node, ask: AskId) -> Result<node::Settled, Fault> {
    let code = node.prompt(&ask).unwrap().0.code;
    let pin = Zeroizing::new(PIN.to_owned());
    node.answer(Given::plain(ask, Answer::Allow, Way::ConsentWindow, code, pin)).await
}

/// The answer is refused for this reason, the ask waits, and nobody may have the crystal.
async fn refused(node: &Node, ask: AskId, codes: &[Code], said: &[&str]) {
    let fault = allow(node, ask).await.unwrap_err();
    assert!(codes.contains(&fault.code), "{fault:?}");
    assert!(said.iter().any(|said| fault.what.contains(said)), "{fault:?}");
    assert_eq!(fault.hint, "the ask keeps waiting");
    let look = node.look().unwrap();
    assert_eq!(look.ask(&ask).unwrap().unwrap().state, State::Pending {});
    assert!(look.receipts().unwrap().is_empty());
}

async fn inside(ground: &Path) {
    let home = ground.join("node");
    std::fs::create_dir(&home).unwrap();
    let mut config = Config::new(home);
    config.loopback_only = true;
    let keychain = std::sync::Arc::clone(&config.keychain);
    let node = tokio::task::spawn_blocking(move || Node::open(config)).await.unwrap().unwrap();
    node.init(KeepKey::Pin(Zeroizing::new(PIN.to_owned())), "north").await.unwrap();
    let text = "The lighthouse is dark\nits lamp was never lit".to_owned();
    let (id, _) = node.remember(text, "agent".to_owned()).await.unwrap();
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    let wish = Request::SharePublic { id: id.to_string() };
    let ask = node.ask(by.clone(), wish, String::new()).await.unwrap();
    // The first anchor is written behind the start: after it nothing is under way.
    let anchored = async {
        while node.look().unwrap().anchored().unwrap() == 0 {
            node.tick().await.unwrap();
        }
    };
    tokio::time::timeout(town::PATIENCE, anchored).await.unwrap();
    let bus = Connection::session().await.unwrap();
    let bus = DBusProxy::new(&bus).await.unwrap();
    let (keyring, daemon) = (pid_of(&bus, SECRETS).await, pid_of(&bus, BUS).await);

    kill(keyring, Signal::SIGSTOP).unwrap();
    let silent = ["did not answer", "the keychain is locked"];
    refused(&node, ask, &[Code::KeychainMissing, Code::KeychainLocked], &silent).await;
    kill(keyring, Signal::SIGCONT).unwrap();
    // What hung is answered, and the next one is.
    let read = tokio::task::spawn_blocking(move || keychain.read(keys::custody::ENTRY).unwrap());
    assert!(read.await.unwrap().is_some());

    kill(daemon, Signal::SIGKILL).unwrap();
    let gone = ["no session bus", "no keychain was found"];
    refused(&node, ask, &[Code::KeychainMissing], &gone).await;
    // The node lives on: it is denied without any key, and journalled.
    let no = Given::plain(ask, Answer::Deny, Way::MainWindow, String::new(), Zeroizing::default());
    assert_eq!(node.answer(no).await.unwrap().state, "denied");
    assert!(node.verify_journal().await.unwrap().is_ok());
    node.stop().await;
}
