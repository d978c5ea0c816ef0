//! A stolen or copied disk: the whole data folder and everything that the keychain holds, brought
//! to another machine. It is the same human's node there, and without the PIN it signs nothing.

use artifact::{Human, Secret};
use consent::{Answer, AskId, NodeKey, Requester, Way};
use keys::{ANCHOR, Custody, MARK, SecretStore, custody::ENTRY};
use node::{Code, Fault, Given, KeepKey, Node, Request};
use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};
use town::{
    PIN, Town,
    folder::{self, walked},
};
use wire::{Act, Face};
use zeroize::Zeroizing;

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

async fn ask(node: &Node, request: Request) -> AskId {
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    node.ask(by, request, String::new()).await.unwrap()
}

/// Answers yes, in this way with this PIN.
async fn yes(node: &Node, ask: AskId, (way, pin): (Way, &str)) -> Result<(), Fault> {
    let code = node.prompt(&ask)?.0.code;
    let given = Given::plain(ask, Answer::Allow, way, code, secret(pin));
    node.answer(given).await.map(drop)
}

/// `north`, whose key is open and has signed, with an ask that waits; and then its copy, which runs
/// in its place as `thief`.
async fn copied(keep: KeepKey) -> (Town, AskId) {
    // As every program of ours begins.
    node::keep_private();
    let mut town = Town::new();
    town.build("north");
    town.start("north").await;
    let node = town.node("north");
    node.init(keep, "north").await.unwrap();
    let id = town.import_small("north", 1).await.to_string();
    let public = ask(node, Request::SharePublic { id }).await;
    yes(node, public, (Way::ConsentWindow, PIN)).await.unwrap();
    let ticket = ask(node, Request::Ticket).await;
    yes(node, ticket, (Way::ConsentWindow, "")).await.expect("the key is open");
    let waits = ask(node, Request::Rotate(NodeKey::Transport)).await;
    town.stop("north").await;
    town.build("thief");
    folder::copy(town.home("north"), town.home("thief"));
    for entry in [ENTRY, ANCHOR, MARK] {
        if let Some(held) = town.keychain("north").read(entry).unwrap() {
            town.keychain("thief").write(entry, &held).unwrap();
        }
    }
    (town, waits)
}

/// Only their owner may read the files, and none of them, nor an entry of the keychain, holds what
/// would open or be the key.
fn holds_no_key(town: &Town) {
    let (home, keychain) = (town.home("thief"), town.keychain("thief"));
    let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
    for path in walked(home) {
        let mode = path.symlink_metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
        kept.push((path.display().to_string(), std::fs::read(&path).unwrap()));
    }
    assert!(kept.len() > 5, "{} files", kept.len());
    for entry in [ENTRY, ANCHOR, MARK] {
        kept.extend(keychain.read(entry).unwrap().map(|held| (entry.to_owned(), held.to_vec())));
    }
    let key = opened(home, town);
    let phrase = keys::phrase::of(&key);
    for (name, bytes) in kept {
        for (what, secret) in [
            ("the seed", &key.seed()[..]),
            ("the PIN", PIN.as_bytes()),
            ("the phrase", phrase.as_bytes()),
        ] {
            let found = memchr::memmem::find(&bytes, secret);
            assert_eq!(found, None, "{what} lies in {name}");
        }
    }
}

/// The key, by its PIN: the copy is whole.
fn opened(home: &Path, town: &Town) -> Secret<Human> {
    let keychain = Arc::new(keys::MemoryKeychain::default());
    if let Some(held) = town.keychain("thief").read(ENTRY).unwrap() {
        keychain.write(ENTRY, &held).unwrap();
    }
    let custody = Custody::new(keychain, home.join("keys/human_key.wrapped"));
    let (human, _) = custody.found().unwrap().unwrap();
    custody.unlock(&human, Some(PIN)).unwrap().0
}

async fn signs_nothing(keep: KeepKey) {
    let (mut town, waits) = copied(keep).await;
    holds_no_key(&town);
    town.start("thief").await;
    let node = town.node("thief");
    let receipts = || node.look().unwrap().receipts().unwrap().len();
    assert_eq!((receipts(), node.unlock().unwrap().until), (1, None), "what was open is closed");
    let id = town.import_small("thief", 7).await.to_string();
    let mut asks = vec![waits];
    for request in [
        Request::Ticket,
        Request::SharePublic { id },
        Request::Rotate(NodeKey::Author),
        Request::Rotate(NodeKey::Journal),
    ] {
        asks.push(ask(node, request).await);
    }
    for ask in &asks {
        for way in [Way::ConsentWindow, Way::Terminal] {
            let fault = yes(node, *ask, (way, "")).await.unwrap_err();
            assert_eq!(fault.code, Code::PinNeeded, "{fault}");
        }
    }
    let wrong = yes(node, waits, (Way::ConsentWindow, "another pin altogether")).await;
    assert_eq!(wrong.unwrap_err().code, Code::PinWrong);
    let gate = town.gate("thief");
    for face in [Face::MainWindow, Face::ConsentWindow] {
        let shown = gate.act(face.clone(), Act::ShowPhrase { pin: secret("").into() }).await;
        assert!(shown.is_err(), "{face:?} is shown the phrase");
    }
    assert_eq!(receipts(), 1, "nothing was signed");
    assert_eq!(town.pending("thief").len(), asks.len(), "and everything waits");
    // With the PIN it does: nothing else stood in the way.
    yes(node, asks[2], (Way::ConsentWindow, PIN)).await.unwrap();
    assert_eq!(receipts(), 2);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_disk_and_keychain_sign_nothing_without_the_pin() {
    signs_nothing(KeepKey::Pin(secret(PIN))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_disk_with_its_key_file_signs_nothing_without_the_passphrase() {
    signs_nothing(KeepKey::File(secret(PIN))).await;
}
