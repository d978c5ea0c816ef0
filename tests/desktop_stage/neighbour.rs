//! Another person's node, in the test's own process and on loopback: who is shared with.

use crate::app::until;
use node::{Config, Node};
use std::sync::Arc;
use tempfile::TempDir;
use wire::{
    Act, Answer, Answered, CrystalRow, Done, Face, Gate, KeepKey, PeerRow, Pin, Query, Verdict,
    View,
};

/// A node that answers its own asks.
pub struct Neighbour {
    node: Node,
    gate: Gate,
    _home: TempDir,
}

impl Neighbour {
    /// Starts one whose card says `harbour`.
    pub async fn start() -> Self {
        let home = TempDir::new().unwrap();
        let mut config = Config::new(home.path().to_owned());
        config.keychain = Arc::new(keys::MemoryKeychain::default());
        config.loopback_only = true;
        let node = Node::open(config).unwrap();
        let gate = Gate::new(node.clone());
        let init = Act::Init { keep: KeepKey::Keychain {}, name: "harbour".to_owned() };
        gate.act(Face::MainWindow, init).await.unwrap();
        node.go_online().await.unwrap();
        Self { node, gate, _home: home }
    }

    /// A ticket by which one other node may connect.
    pub async fn ticket(&self) -> String {
        self.allowed(Act::Ticket {}).await.ticket
    }

    /// Lets a peer, so that their bodies come by themselves.
    pub async fn lets(&self, peer: &PeerRow) {
        self.allowed(Act::Let { who: peer.human.clone() }).await;
    }

    /// Asks for something and allows it.
    async fn allowed(&self, act: Act) -> Answered {
        let asked = self.gate.act(Face::MainWindow, act).await.unwrap();
        let Done::Asked { ask, code } = asked else { panic!("not asked: {asked:?}") };
        let answer = Answer::plain(ask, Verdict::Allow, code, Pin::default());
        self.gate.answer(Face::ConsentWindow, answer).await.unwrap()
    }

    /// The first peer, once one is pinned.
    pub async fn peer(&self) -> PeerRow {
        until("a peer of the neighbour", async || {
            match self.gate.view(Face::MainWindow, Query::Peers {}).await.unwrap() {
                View::Peers(view) => view.peers.into_iter().next(),
                _ => None,
            }
        })
        .await
    }

    /// What it was given so far.
    pub async fn given(&self) -> Vec<CrystalRow> {
        let all = Query::Memory {
            text: String::new(),
            origin: "peer".to_owned(),
            outcome: String::new(),
            offset: 0,
            limit: 10,
            at_once: false,
        };
        match self.gate.view(Face::MainWindow, all).await.unwrap() {
            View::Memory(page) => page.rows,
            other => panic!("not memory: {other:?}"),
        }
    }

    /// The artifact with this id, once it has arrived.
    pub async fn receives(&self, id: &str) -> CrystalRow {
        until("the artifact at the neighbour", async || {
            self.given().await.into_iter().find(|row| row.id == id)
        })
        .await
    }

    /// Ends it.
    pub async fn stop(self) {
        self.node.stop().await;
    }
}
