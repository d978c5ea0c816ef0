//! Ours: a real node that gives, with real receipts in its store, and a bare host that takes.
//!
//! The giver is what its user has: receipts kept in redb and verified at its start, an outbox, a
//! journal entry that is durable before the first transfer of each receipt in a session, totals
//! after every transfer. Only the taker keeps nothing: verifying and keeping a crystal is no part
//! of a fetch, and a crystal is never as large as the larger of these.

#[path = "../../../../crates/peer/tests/town/node.rs"]
mod double;

use crate::{
    nodes::{House, PATIENCE, keep, now, pinned},
    people::Person,
};
use anyhow::{Context as _, Result};
use artifact::{ArtifactId, HumanKey, TransportKey};
use double::{Event, Node};
use node::Self_;
use peer::{Address, Code, Config, Host, Inside, Kept, Standing};
use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError},
};
use store::ChangeError;
use tempfile::TempDir;
use tokio::time::timeout;

/// The most bytes of one fetch: the cap of a crystal is raised for this.
pub(crate) const LARGEST: u64 = 512 << 20;

/// A giver and a taker with a session.
pub(crate) struct Gated {
    giver: House,
    from: HumanKey,
    endpoint: TransportKey,
    taker: Taker,
}

impl Gated {
    /// Starts both, the giver with its human's consent to give each of these to the taker, and
    /// lets them shake hands.
    pub(crate) async fn new(gifts: &[Vec<u8>]) -> Result<Self> {
        let giver = House::new("giver", false).await?;
        let me = giver.node.me().context("the giver has no keys")?;
        let taker = Taker::new(&me).await?;
        let giver = giver
            .amended(true, |amend| {
                let to = taker.human;
                let row = pinned("taker", &taker.card)?;
                amend.store.change::<_, ChangeError>(|change| change.put_peer(&to, &row))?;
                for (gift, number) in gifts.iter().zip(1..) {
                    let receipt = amend.consent(gift, to, number)?;
                    amend.store.change(|change| keep(change, &receipt, gift))?;
                }
                Ok(())
            })
            .await?;
        let gated = Self { giver, from: me.human, endpoint: me.transport, taker };
        gated.meet().await?;
        Ok(gated)
    }

    /// The taker dials the giver; Ready there when this returns.
    pub(crate) async fn meet(&self) -> Result<()> {
        let port = self.giver.node.me().context("the giver has no keys")?.port;
        let at = [Address::Ip(SocketAddr::from(([127, 0, 0, 1], port)))];
        self.taker.host.dial(&self.endpoint, &at).await?;
        Ok(())
    }

    /// Ends the session, and waits until both know.
    pub(crate) async fn part(&self) -> Result<()> {
        let mut heard = self.giver.node.notices();
        let mut events = self.taker.node.events.subscribe();
        let gone = |event: &&Event| matches!(event, Event::Gone(..));
        let before = events.borrow().iter().filter(gone).count();
        self.taker.host.disconnect(&self.endpoint, Code::Leaving);
        let both = async {
            events.wait_for(|events| events.iter().filter(gone).count() > before).await?;
            while !self.giver.node.links().is_empty() {
                heard.recv().await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        timeout(PATIENCE, both).await.context("the hosts do not part")?
    }

    /// Has the taker hold the heads it was told, as a real node would: it is told none again.
    pub(crate) fn keep_heads(&self) {
        let told = self.taker.node.events.borrow().iter().fold(0, |told, event| match event {
            Event::Heads(_, offers) => offers.iter().map(|offer| offer.seq).fold(told, u64::max),
            _ => told,
        });
        let kept = Kept { heads: told, ..Kept::default() };
        let knows = Standing::Pinned { human: self.from, card_seq: 1, kept };
        let mut pins = self.taker.node.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.insert(self.endpoint, knows);
    }

    /// Fetches through the gate into memory.
    pub(crate) async fn fetch(&self, id: &ArtifactId, size: u64) -> Result<Vec<u8>> {
        Ok(self.taker.host.fetch(&self.from, id, size).await?)
    }

    /// Stops both.
    pub(crate) async fn shutdown(self) {
        self.taker.host.shutdown().await;
        self.giver.node.stop().await;
    }
}

/// A host in a node in memory, so that a fetch ends when its bytes are there.
struct Taker {
    human: HumanKey,
    card: Vec<u8>,
    node: Arc<Node>,
    host: Host,
    _folder: TempDir,
}

impl Taker {
    async fn new(giver: &Self_) -> Result<Self> {
        let Person { human, author, transport, card, .. } = Person::new(0)?;
        let node = Arc::new(Node::new(Arc::from(card.as_slice()), now));
        let knows = Standing::Pinned { human: giver.human, card_seq: 1, kept: Kept::default() };
        node.pins.lock().unwrap_or_else(PoisonError::into_inner).insert(giver.transport, knows);
        let folder = tempfile::tempdir()?;
        let mut config = Config::new(transport, folder.path().join("outbox"));
        config.loopback_only = true;
        config.largest = LARGEST;
        let inside: Arc<dyn Inside> = Arc::<Node>::clone(&node);
        let sign = Arc::new(move |bytes: &[u8]| author.sign(bytes));
        let host = Host::start(config, inside, sign).await?;
        Ok(Self { human: human.public(), card, node, host, _folder: folder })
    }
}
