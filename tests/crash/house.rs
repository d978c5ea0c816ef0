//! A node that does not run, and all that it needs to: its folder, its keychain and the disk under
//! its store.

use crate::people::{self, Peer};
use artifact::ArtifactId;
use consent::{Answer, AskId, Requester, Term, Way};
use door::{AgentReply, AgentRequest};
use iroh_blobs::{Hash, store::fs::FsStore};
use keys::{KeychainError, KeychainState, SecretStore};
use node::{Config, Fault, Given, KeepKey, Node, Request};
use redb::StorageBackend;
use std::{fs, io, path::PathBuf, sync::Arc};
use store::Store;
use town::{Disk, HandClock, folder, log};
use zeroize::Zeroizing;

/// A keychain of files, which is copied with its house and outlives whoever is killed.
#[derive(Debug)]
struct Keychain(PathBuf);

fn failed(error: io::Error) -> KeychainError {
    KeychainError::Refused(error.to_string())
}

impl SecretStore for Keychain {
    fn state(&self) -> KeychainState {
        KeychainState::Ready
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        match fs::read(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => Ok(Some(Zeroizing::new(read.map_err(failed)?))),
        }
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        // A keychain holds the secret before or the one after, whoever is killed.
        let draft = self.0.join(format!("{name}.new"));
        fs::write(&draft, secret).map_err(failed)?;
        fs::rename(draft, self.0.join(name)).map_err(failed)
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }
}

/// What a store lies on.
pub trait Ground: StorageBackend + Clone + 'static {
    /// Whether something failed on it already.
    fn has_failed(&self) -> bool;
}

impl Ground for Disk {
    fn has_failed(&self) -> bool {
        Self::has_failed(self)
    }
}

/// A node that does not run, and all it needs to.
pub struct House<D> {
    /// Its folder.
    pub home: PathBuf,
    /// What its store lies on.
    pub disk: D,
    /// Goes with it, where the folder is its own.
    _ground: Option<tempfile::TempDir>,
}

impl<D: Ground> House<D> {
    fn new(disk: D) -> Self {
        let ground = tempfile::tempdir().unwrap();
        Self { home: ground.path().to_owned(), disk, _ground: Some(ground) }
    }

    /// In a folder that is there.
    pub fn within(home: PathBuf, disk: D) -> Self {
        Self { home, disk, _ground: None }
    }

    /// The same house on another disk, with a life of its own. The outbox is a copy that is made
    /// anew.
    pub fn copy<E: Ground>(&self, disk: E) -> House<E> {
        let copy = House::new(disk);
        for kept in ["keys", "keychain"] {
            folder::copy(&self.home.join(kept), &copy.home.join(kept));
        }
        copy
    }

    pub async fn run(&self) -> Node {
        let keychain = self.home.join("keychain");
        fs::create_dir_all(&keychain).unwrap();
        let config = Config {
            home: self.home.clone(),
            keychain: Arc::new(Keychain(keychain)),
            clock: Arc::<HandClock>::default(),
            loopback_only: true,
            window: true,
            model: None,
        };
        let disk = self.disk.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let store = Store::open_on(&config.home, disk).unwrap();
            Node::open_with(config, store).unwrap()
        });
        let node = opened.await.unwrap();
        // On a disk that fails meanwhile it does not come online, and that is no matter here.
        if let Err(fault) = node.go_online().await {
            assert!(self.disk.has_failed(), "{fault}");
        }
        node
    }

    /// Whether the outbox holds the bytes. The node does not run.
    pub async fn exported(&self, id: &ArtifactId) -> bool {
        let outbox = FsStore::load(self.home.join("outbox")).await.unwrap();
        let has = outbox.has(Hash::from_bytes(*id.as_bytes())).await.unwrap();
        outbox.shutdown().await.unwrap();
        has
    }
}

/// The peer whom every such house knows.
pub fn peer() -> Peer {
    Peer::new(10)
}

/// A house with one peer, one agent and one crystal, which was distilled.
pub async fn built() -> (House<Disk>, Peer, ArtifactId) {
    let house = House::new(Disk::default());
    let (node, peer) = (house.run().await, peer());
    node.init(KeepKey::Keychain, "north").await.unwrap();
    node.go_online().await.unwrap();
    let ticket = ask(&node, Request::Ticket).await.unwrap();
    allow(&node, ticket).await.unwrap();
    let inside = node.toward_peers();
    let invite = inside.invites()[0].id;
    inside.pin(peer.card.clone(), Some(invite), None).await.unwrap();
    drop(says(&node, AgentRequest::Peers {}).await);
    let pairing = node.look().unwrap().pending().unwrap()[0].id;
    allow(&node, pairing).await.unwrap();
    let run = house.home.join("run.jsonl");
    fs::write(&run, log::small(1)).unwrap();
    let id = town::import(&node, &run).await;
    node.stop().await;
    (house, peer, id)
}

/// What the agent says, and is answered.
pub async fn says(node: &Node, request: AgentRequest) -> AgentReply {
    node.toward_agents().agent(people::agent(0), request).await
}

pub async fn ask(node: &Node, request: Request) -> Result<AskId, Fault> {
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    node.ask(by, request, String::new()).await
}

pub async fn allow(node: &Node, ask: AskId) -> Result<node::Settled, Fault> {
    allow_for(node, ask, Term::Once).await
}

pub async fn allow_for(node: &Node, ask: AskId, term: Term) -> Result<node::Settled, Fault> {
    let (code, pin) = (node.prompt(&ask)?.0.code, Zeroizing::new(String::new()));
    let (answer, way) = (Answer::Allow, Way::ConsentWindow);
    node.answer(Given { term, ..Given::plain(ask, answer, way, code, pin) }).await
}

pub async fn deny(node: &Node, ask: AskId) -> Result<node::Settled, Fault> {
    let (code, pin) = (String::new(), Zeroizing::new(String::new()));
    let (answer, way) = (Answer::Deny, Way::MainWindow);
    node.answer(Given::plain(ask, answer, way, code, pin)).await
}
