//! Real nodes on loopback, in this process.

use crate::{keychain::InMemory, logs};
use anyhow::{Context as _, Result, bail, ensure};
use artifact::{
    Act, ArtifactId, Audience, Author, Crystal, Human, HumanKey, KeyProtection, Limits, Nonce,
    Object, Receipt, Secret, UnixMillis,
};
use consent::{Answer, AskId, Origin, Requester, VerifiedCard, Way};
use keys::{Custody, EntropyError, NodeKeys};
use node::{Config, Given, JobPhase, KeepKey, Node, Notice, Request, Settled};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{Change, ChangeError, CrystalRow, PeerRow, ReceiptRow, Store};
use tempfile::TempDir;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Nothing here takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The PIN where there is one.
const PIN: &str = "maple orbit tin dune";

/// A node and its folder.
pub(crate) struct House {
    /// The node.
    pub(crate) node: Node,
    pin: bool,
    keychain: Arc<InMemory>,
    folder: TempDir,
}

/// The inside of a node that does not run.
pub(crate) struct Amend<'a> {
    pub(crate) store: Store,
    pub(crate) human: &'a Secret<Human>,
    pub(crate) author: &'a Secret<Author>,
}

impl Amend<'_> {
    /// A crystal of this node's own: its id, its row and its envelope.
    pub(crate) fn distilled(&self, crystal: Crystal) -> Result<(ArtifactId, CrystalRow, Vec<u8>)> {
        let envelope = crystal.seal(self.author)?;
        let row = CrystalRow {
            origin: Origin::Mine,
            trace: None,
            giver: None,
            receipt: None,
            author: self.author.public(),
            title: crystal.title,
            problem: crystal.problem,
            repo: String::new(),
            outcome: crystal.outcome,
            at: crystal.iat,
            added: crystal.iat,
            size: envelope.len() as u64,
            withdrawn: None,
        };
        Ok((ArtifactId::of(&envelope), row, envelope))
    }

    /// The human's consent to give something to somebody; no two of one number.
    pub(crate) fn consent(&self, bytes: &[u8], to: HumanKey, number: u32) -> Result<ReceiptRow> {
        let (iat, mut nonce) = (now(), [0; 16]);
        nonce[..4].copy_from_slice(&number.to_be_bytes());
        let artifact = ArtifactId::of(bytes);
        let receipt = Receipt {
            v: 0,
            act: Act::SharePrivate,
            obj: Object { id: artifact, size: bytes.len() as u64, children: None },
            aud: Audience::Peers(vec![to]),
            lim: Limits { until: None, reshare: false },
            iat,
            nonce: Nonce(nonce),
            key_protection: KeyProtection::Keychain,
            grant: None,
        };
        Ok(ReceiptRow {
            envelope: receipt.seal(self.human)?,
            artifact,
            act: Act::SharePrivate,
            peers: vec![to],
            iat,
            until: None,
            grant: None,
        })
    }
}

/// Keeps a receipt with the bytes it is over.
pub(crate) fn keep(
    change: &mut Change<'_>,
    row: &ReceiptRow,
    bytes: &[u8],
) -> Result<(), ChangeError> {
    change.put_snapshot(bytes)?;
    let id = ArtifactId::of(&row.envelope);
    // Nonces need only differ.
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&id.as_bytes()[..16]);
    change.put_receipt(&id, row, &Nonce(nonce))
}

/// A peer as the store of somebody who is connected to them for the first time knows them.
pub(crate) fn pinned(name: &str, card: &[u8]) -> Result<PeerRow> {
    let keys = VerifiedCard::open(card)?;
    Ok(PeerRow::pinned(name.to_owned(), card.to_vec(), keys.card(), now()))
}

/// The machine's time.
pub(crate) fn now() -> UnixMillis {
    node::Clock::now(&node::SystemClock)
}

/// The data folder of the node of a folder.
pub(crate) fn home(folder: &Path) -> PathBuf {
    folder.join("node")
}

/// A node of this folder with this keychain, not yet online.
pub(crate) fn opened(folder: &Path, keychain: &Arc<InMemory>, loopback_only: bool) -> Result<Node> {
    let mut config = Config::new(home(folder));
    config.keychain = Arc::<InMemory>::clone(keychain);
    config.loopback_only = loopback_only;
    Ok(Node::open(config)?)
}

/// The same on loopback, and without the model, whether there is one or not.
pub(crate) fn opened_by_words(folder: &Path, keychain: &Arc<InMemory>) -> Result<Node> {
    let mut config = Config::new(home(folder));
    config.keychain = Arc::<InMemory>::clone(keychain);
    (config.loopback_only, config.model) = (true, None);
    Ok(Node::open(config)?)
}

/// Imports what is at a path, and waits for the end of it.
pub(crate) async fn imported(node: &Node, path: &Path) -> Result<()> {
    let mut notices = node.notices();
    let job = node.import(path)?;
    let ended = async {
        loop {
            match notices.recv().await {
                Ok(Notice::Job(now)) if now.id == job && now.phase != JobPhase::Running => {
                    return Ok(now);
                }
                Ok(_) => {}
                Err(error) => bail!("the import was not followed to its end: {error}"),
            }
        }
    };
    let ended = timeout(PATIENCE, ended).await.context("the import does not end")??;
    ensure!(ended.phase == JobPhase::Finished, "the import failed: {:?}", ended.failures);
    Ok(())
}

/// Allows an ask, as a human does who looked at its prompt.
pub(crate) fn yes(node: &Node, ask: AskId, pin: &str) -> Result<Given> {
    let code = node.prompt(&ask)?.0.code;
    Ok(Given::plain(ask, Answer::Allow, Way::ConsentWindow, code, Zeroizing::new(pin.to_owned())))
}

impl House {
    /// A new node with its keys, online on loopback. `pin`: its human_key is wrapped by a PIN.
    pub(crate) async fn new(name: &str, pin: bool) -> Result<Self> {
        Self::of(name, pin, true).await
    }

    /// The same without a PIN, on whatever networks there are.
    pub(crate) async fn on_the_network(name: &'static str) -> Result<Self> {
        Self::of(name, false, false).await
    }

    async fn of(name: &str, pin: bool, loopback_only: bool) -> Result<Self> {
        let (folder, keychain) = (tempfile::tempdir()?, Arc::new(InMemory::default()));
        let node = opened(folder.path(), &keychain, loopback_only)?;
        let keep = if pin { KeepKey::Pin(Zeroizing::new(PIN.into())) } else { KeepKey::Keychain };
        node.init(keep, name).await?;
        node.go_online().await?;
        Ok(Self { node, pin, keychain, folder })
    }

    /// Stops it, changes its store, and starts it again: online when this returns, or still off.
    pub(crate) async fn amended(
        self,
        online: bool,
        change: impl FnOnce(&mut Amend<'_>) -> Result<()>,
    ) -> Result<Self> {
        let me = self.node.me().context("it has no keys")?;
        let (pin, keychain) = (self.pin, Arc::clone(&self.keychain));
        let folder = self.closed().await?;
        let (home, held) = (home(folder.path()), Arc::clone(&keychain));
        let custody = Custody::new(held, home.join("keys/human_key.wrapped"));
        let (human, _) = custody.unlock(&me.human, None)?;
        let none = &mut |_: &mut [u8]| Err(EntropyError("the keys are there".to_owned()));
        let keys = NodeKeys::open_or_create(&home.join("keys"), none)?;
        change(&mut Amend { store: Store::open(&home)?, human: &human, author: &keys.author })?;
        let node = opened(folder.path(), &keychain, true)?;
        if online {
            node.go_online().await?;
        }
        Ok(Self { node, pin, keychain, folder })
    }

    /// Stops it; its folder stays.
    pub(crate) async fn closed(self) -> Result<TempDir> {
        let freed = self.node.freed();
        self.node.stop().await;
        timeout(PATIENCE, freed).await.context("something still holds the folder")?;
        Ok(self.folder)
    }

    /// Its data folder.
    pub(crate) fn home(&self) -> PathBuf {
        home(self.folder.path())
    }

    /// A folder for logs, gone with the node.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Imports a log and waits for the end of it.
    pub(crate) async fn import(&self, path: &Path) -> Result<()> {
        imported(&self.node, path).await
    }

    /// Makes a crystal out of a short log of its own.
    pub(crate) async fn crystal(&self, number: u32) -> Result<(ArtifactId, u64)> {
        let path = self.folder().join(format!("{number}.jsonl"));
        logs::short(&path, number)?;
        self.import(&path).await?;
        let rows = self.node.look()?.crystals(|_, _| true)?;
        let (id, row) = rows.into_iter().max_by_key(|(_, row)| row.added).context("no crystal")?;
        Ok((id, row.size))
    }

    /// Asks, as the human at this machine.
    pub(crate) async fn ask(&self, request: Request) -> Result<AskId> {
        let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
        Ok(self.node.ask(by, request, String::new()).await?)
    }

    /// What the human answers to allow an ask, who looked at its prompt.
    pub(crate) fn yes(&self, ask: AskId) -> Result<Given> {
        yes(&self.node, ask, if self.pin { PIN } else { "" })
    }

    /// Asks, and allows it.
    pub(crate) async fn allow(&self, request: Request) -> Result<Settled> {
        let ask = self.ask(request).await?;
        Ok(self.node.answer(self.yes(ask)?).await?)
    }

    /// Connects to another by a ticket, both humans allowing it, and waits for both sides.
    pub(crate) async fn connect(&self, to: &Self) -> Result<()> {
        let ticket = to.allow(Request::Ticket).await?.ticket.context("no ticket")?;
        let (mut here, mut there) = (self.node.notices(), to.node.notices());
        self.allow(Request::Connect { ticket, name: "giver".into() }).await?;
        let linked = async {
            while self.node.links().is_empty() {
                here.recv().await?;
            }
            while to.node.links().is_empty() || to.node.look()?.peers()?.is_empty() {
                there.recv().await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        timeout(PATIENCE, linked).await.context("the nodes do not connect")?
    }
}
