//! Killed at every write of the way that a receipt goes, from the ask to the last total: what
//! was acknowledged is there, what left is covered, nothing is done twice, and the journal is
//! whole.
//!
//! The node and its store are real; only the disk under the store is one that fails at the write
//! that a test names. What is left of it then is tried in three forms: all that was written, as
//! after a kill; what was synced, as after a power cut; and what was synced with parts of the
//! rest.

#[path = "interleave/people.rs"]
#[allow(dead_code, reason = "the other half is for the interleavings")]
mod people;

#[path = "crash/rotate.rs"]
mod rotate;

use artifact::{ArtifactId, Receipt};
use consent::{Answer, AskId, Requester, State, Way};
use door::AgentRequest;
use iroh_blobs::{Hash, store::fs::FsStore};
use keys::{KeychainError, KeychainState, SecretStore};
use node::{Config, Fault, Given, KeepKey, Node, Request, Revoke};
use people::Peer;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use store::{ChangeError, Store};
use town::{
    HandClock,
    disk::{Disk, Failure, Left},
    laws::Books,
};
use zeroize::Zeroizing;

/// A keychain that can be copied, as it was when the disk was.
#[derive(Debug, Clone, Default)]
struct Keychain(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Keychain {
    fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }
}

impl SecretStore for Keychain {
    fn state(&self) -> KeychainState {
        KeychainState::Ready
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

/// A node that does not run, and all it needs to.
struct House {
    ground: tempfile::TempDir,
    keychain: Keychain,
    disk: Disk,
}

impl House {
    /// The same house again, with a life of its own. The outbox is a copy that is made anew.
    fn copy(&self, disk: Disk) -> Self {
        let ground = tempfile::tempdir().unwrap();
        fs::create_dir(ground.path().join("keys")).unwrap();
        for file in fs::read_dir(self.ground.path().join("keys")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), ground.path().join("keys").join(file.file_name())).unwrap();
        }
        private(&ground.path().join("keys"));
        Self { ground, keychain: self.keychain.copy(), disk }
    }

    async fn run(&self) -> Node {
        let config = Config {
            home: self.ground.path().to_owned(),
            keychain: Arc::new(self.keychain.clone()),
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
    async fn exported(&self, id: &ArtifactId) -> bool {
        let outbox = FsStore::load(self.ground.path().join("outbox")).await.unwrap();
        let has = outbox.has(Hash::from_bytes(*id.as_bytes())).await.unwrap();
        outbox.shutdown().await.unwrap();
        has
    }
}

fn private(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).unwrap();
}

/// A house with one peer and one crystal.
async fn built() -> (House, Peer, ArtifactId) {
    let ground = tempfile::tempdir().unwrap();
    let house = House { ground, keychain: Keychain::default(), disk: Disk::default() };
    let (node, peer) = (house.run().await, Peer::new(10));
    node.init(KeepKey::Keychain, "north").await.unwrap();
    node.go_online().await.unwrap();
    let ask = ask(&node, Request::Ticket).await.unwrap();
    allow(&node, ask).await.unwrap();
    let inside = node.toward_peers();
    let invite = inside.invites()[0].id;
    inside.pin(peer.card.clone(), Some(invite), None).await.unwrap();
    let text = "The lighthouse is dark\nits lamp was never lit".to_owned();
    let (id, _) = node.remember(text, "agent".to_owned()).await.unwrap();
    node.stop().await;
    (house, peer, id)
}

async fn ask(node: &Node, request: Request) -> Result<AskId, Fault> {
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    node.ask(by, request, String::new()).await
}

async fn allow(node: &Node, ask: AskId) -> Result<node::Settled, Fault> {
    let (code, pin) = (node.prompt(&ask)?.0.code, Zeroizing::new(String::new()));
    let (answer, way) = (Answer::Allow, Way::ConsentWindow);
    node.answer(Given::plain(ask, answer, way, code, pin)).await
}

async fn deny(node: &Node, ask: AskId) -> Result<node::Settled, Fault> {
    let (code, pin) = (String::new(), Zeroizing::new(String::new()));
    let (answer, way) = (Answer::Deny, Way::MainWindow);
    node.answer(Given::plain(ask, answer, way, code, pin)).await
}

/// What was acknowledged on the way.
#[derive(Debug, Default)]
struct Acknowledged {
    asked: Option<AskId>,
    allowed: bool,
    told: Vec<ArtifactId>,
    serving: Option<ArtifactId>,
    totals: bool,
    asked_again: Option<AskId>,
    denied: bool,
    ended: bool,
    signed: bool,
}

const SESSION: u64 = 7;
const BYTES: u64 = 321;

/// The whole way of a receipt, as far as it goes, and then an ask that is denied.
async fn walk(node: &Node, peer: &Peer, id: &ArtifactId) -> Acknowledged {
    let mut done = Acknowledged::default();
    let to = vec![peer.human().to_string()];
    let wish = Request::SharePrivate { id: id.to_string(), to };
    done.asked = ask(node, wish).await.ok();
    let Some(asked) = done.asked else { return done };
    drop(node.shown(asked, Way::ConsentWindow).await);
    done.allowed = allow(node, asked).await.is_ok();
    let inside = node.toward_peers();
    inside.ready(peer.party, peer.card.clone()).await;
    let offers = inside.offers(peer.party, 0).await.unwrap_or_default();
    done.told = offers.iter().map(|offer| offer.receipt.id()).collect();
    if let Some(receipt) = inside.entitled(&peer.party, id)
        && inside.serving(&receipt, peer.party, SESSION).await.is_ok()
    {
        done.serving = Some(receipt.id());
        inside.served(receipt.id(), *id, peer.party, SESSION, BYTES, true);
    }
    done.totals = node.tick().await.is_ok() && done.serving.is_some();
    inside.gone(peer.party, "gone");
    done.asked_again = ask(node, Request::SharePublic { id: id.to_string() }).await.ok();
    if let Some(again) = done.asked_again {
        done.denied = deny(node, again).await.is_ok();
    }
    done.ended = node.revoke(Revoke::All, "").await.is_ok();
    let pin = Zeroizing::new(String::new());
    let signed = node.sign_revocations(pin, Way::ConsentWindow).await;
    done.signed = done.ended && signed.is_ok();
    done
}

/// What must hold of a node that was started again after its death.
async fn check(node: &Node, peer: &Peer, id: &ArtifactId, done: &Acknowledged, exported: bool) {
    let verdict = node.verify_journal().await.unwrap();
    assert!(verdict.is_ok(), "the journal: {verdict:?}");
    let mut books = Books::new("north", node.me().unwrap().human);
    books.follow(node);
    books.agree_with_the_store(node);
    books.agree_with_deliveries(node);
    let state = |ask: &AskId| node.look().unwrap().ask(ask).unwrap().map(|ask| ask.state);
    let receipts: Vec<ArtifactId> = books.receipts().map(|(id, _)| *id).collect();
    assert!(receipts.len() <= 1, "{receipts:?}");
    if done.allowed {
        let allowed = done.asked.and_then(|ask| state(&ask));
        assert!(matches!(allowed, Some(State::Allowed { .. })), "a grant is lost: {allowed:?}");
        assert_eq!(receipts.len(), 1, "the receipt of a grant is lost");
    }
    assert!(!exported || receipts.len() == 1, "bytes lie in the outbox without a receipt");
    for receipt in &done.told {
        assert!(books.was_told(receipt, &peer.human()), "told, and not written down");
    }
    if let Some(receipt) = &done.serving {
        let announced = books.was_announced(receipt, &peer.human(), SESSION);
        assert!(announced, "served, and not written down");
        let sent = books.sent(receipt, &peer.human(), SESSION);
        assert!(sent == BYTES || (sent == 0 && !done.totals), "{sent} bytes were written down");
    }
    if let Some(ask) = &done.asked {
        assert!(state(ask).is_some(), "an ask is lost");
    }
    if let Some(ask) = &done.asked_again {
        let state = state(ask);
        let denied = matches!(state, Some(State::Denied { .. }));
        assert!(denied || (!done.denied && state == Some(State::Pending {})), "{state:?}");
    }
    let open = node.toward_peers().entitled(&peer.party, id).is_some();
    assert_eq!(open, books.covers(id, &peer.human()), "the gate and the journal");
    assert!(!(done.ended && open), "what was ended is served again");
    let unsigned = node.look().unwrap().due_count().unwrap();
    assert!(!done.signed || unsigned == 0, "a signed revocation is lost");
}

/// Everything that can be answered is answered again: each ask makes one receipt at most.
async fn replay(node: &Node, peer: &Peer, id: &ArtifactId, done: &Acknowledged) {
    if let Some(ask) = done.asked {
        let waits = node.look().unwrap().ask(&ask).unwrap().unwrap().state.is_pending();
        assert_eq!(allow(node, ask).await.is_ok(), waits, "an answer counts once");
        assert!(allow(node, ask).await.is_err(), "an answer counted twice");
    }
    let mut books = Books::new("north", node.me().unwrap().human);
    books.follow(node);
    let state = |ask: AskId| node.look().unwrap().ask(&ask).unwrap().unwrap().state;
    let allowed = matches!(done.asked.map(state), Some(State::Allowed { .. }));
    assert_eq!(books.receipts().count(), usize::from(allowed), "one receipt for one answer");
    let open = node.toward_peers().entitled(&peer.party, id).is_some();
    assert_eq!(open, books.covers(id, &peer.human()), "the gate and the journal");
}

/// No receipt is kept twice under one nonce, whatever was before.
fn replay_nonces(house: &House) {
    let store = Store::open_on(house.ground.path(), house.disk.clone()).unwrap();
    for (id, row) in store.look().unwrap().receipts().unwrap() {
        let nonce = Receipt::open(&row.envelope).unwrap().0.payload.nonce;
        let again = store.change(|change| change.put_receipt(&id, &row, &nonce));
        assert!(matches!(again, Err(ChangeError::NonceSpent)), "{again:?}");
    }
}

/// Dies at the `n`th write, or fails at it once, and is looked at in every form it may have.
async fn fail_at(n: u64, failure: Failure, from: &(House, Peer, ArtifactId)) {
    let (built, peer, id) = from;
    let house = built.copy(built.disk.copy());
    let node = house.run().await;
    house.disk.fail(n, failure);
    let done = walk(&node, peer, id).await;
    node.stop().await;
    let exported = house.exported(id).await;
    let forms = match failure {
        Failure::Once => vec![Left::All],
        Failure::ForGood => vec![Left::All, Left::Synced, Left::Torn(n), Left::Torn(!n)],
    };
    for left in forms {
        let told = format!("write {n} fails {failure:?}, {left:?} is left, after {done:?}");
        let _said = Said(told);
        let after = house.copy(house.disk.after(left));
        let node = after.run().await;
        check(&node, peer, id, &done, exported).await;
        replay(&node, peer, id, &done).await;
        node.stop().await;
        replay_nonces(&after);
    }
}

/// Says what was tried, when that fails.
struct Said(String);

impl Drop for Said {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

fn alone<T>(run: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run)
}

/// Fails at each write of the way, one after the other.
fn at_every_write(failure: Failure) {
    let from = alone(built());
    let writes = alone(async {
        let (built, peer, id) = &from;
        let house = built.copy(built.disk.copy());
        let node = house.run().await;
        let before = house.disk.done();
        let done = walk(&node, peer, id).await;
        assert!(done.totals && done.denied && done.signed && done.told.len() == 1, "{done:?}");
        let writes = house.disk.done() - before;
        node.stop().await;
        check(&house.run().await, peer, id, &done, true).await;
        writes
    });
    assert!(writes > 30, "the way has only {writes} writes");
    let next = AtomicU64::new(1);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    // The last ones fail while the node stops.
                    if n > writes + 5 {
                        break;
                    }
                    alone(fail_at(n, failure, &from));
                }
            });
        }
    });
    println!("{writes} writes and syncs, each failing {failure:?}");
}

#[test]
fn dying_at_any_write_loses_nothing_and_lets_nothing_out() {
    at_every_write(Failure::ForGood);
}

#[test]
fn a_write_that_fails_once_loses_nothing_and_lets_nothing_out() {
    at_every_write(Failure::Once);
}

/// A block cuts before it is written, and where it cannot be written it cuts all the same.
#[tokio::test]
async fn a_block_that_the_disk_refuses_cuts_off_all_the_same() {
    let (house, peer, id) = built().await;
    let node = house.run().await;
    let to = vec![peer.human().to_string()];
    let shared = ask(&node, Request::SharePrivate { id: id.to_string(), to }).await.unwrap();
    allow(&node, shared).await.unwrap();
    let inside = node.toward_peers();
    assert!(inside.entitled(&peer.party, &id).is_some());
    house.disk.fail(1, Failure::ForGood);
    let fault = node.block(&peer.human().to_string(), "").await.unwrap_err();
    assert!(fault.hint.contains("cut off while this node runs"), "{fault}");
    for _ in 0..2 {
        assert!(inside.entitled(&peer.party, &id).is_none());
        assert!(inside.blocked(&peer.human()));
        assert_eq!(inside.standing(&peer.party.transport), peer::Standing::Blocked);
        assert!(inside.offers(peer.party, 0).await.unwrap_or_default().is_empty());
        // It is tried again, in vain: nothing forgets it meanwhile.
        assert!(node.tick().await.is_err());
    }
    node.stop().await;
    // The store never knew.
    let after = house.copy(house.disk.after(Left::All));
    let node = after.run().await;
    assert!(node.blocked().unwrap().is_empty());
    node.stop().await;
}

/// What was only counted is counted on when the disk refuses it.
#[tokio::test]
async fn what_a_refusing_disk_did_not_take_is_counted_on() {
    let (house, _, id) = built().await;
    let (node, caller) = (house.run().await, people::agent(0));
    let (agents, inside) = (node.toward_agents(), node.toward_peers());
    drop(agents.agent(caller.clone(), AgentRequest::Peers {}).await);
    let pairing = node.look().unwrap().pending().unwrap()[0].id;
    allow(&node, pairing).await.unwrap();
    let stranger = Peer::new(40);
    let used = || {
        let (key, row) = node.look().unwrap().agents().unwrap().remove(0);
        (row.recalls + node.agent_not_written(&key).1, row.recalls)
    };
    let knocks = || node.inbox().unwrap()[0].times;
    let comes = || inside.knocked(stranger.card.clone(), stranger.party.transport);
    let recall = || {
        let request = serde_json::from_value(serde_json::json!({ "recall": { "query": "x" } }));
        agents.agent(caller.clone(), request.unwrap())
    };
    for _ in 0..3 {
        comes().await;
        drop(recall().await);
    }
    node.tick().await.unwrap();
    assert_eq!((used(), knocks()), ((3, 3), 3));
    for _ in 0..2 {
        comes().await;
        drop(recall().await);
    }
    house.disk.fail(1, Failure::Once);
    for _ in 0..3 {
        assert!(node.tick().await.is_err());
        comes().await;
        drop(recall().await);
    }
    assert_eq!((used(), knocks()), ((8, 3), 8));
    assert!(node.look().unwrap().crystal(&id).unwrap().is_some());
    node.stop().await;
}
