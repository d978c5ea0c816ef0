//! A keychain that fails in the middle of an answer, and two answers to one prompt: one receipt or
//! none, and an ask that waits where there is none.

use consent::{Answer, AskId, Requester, State, Way};
use keys::{KeychainError, KeychainState, MemoryKeychain, SecretStore};
use node::{Config, Fault, Given, KeepKey, Node, Request};
use std::sync::{Arc, Mutex};
use town::{HandClock, PIN};
use zeroize::Zeroizing;

/// What a keychain does once its calls are used up.
#[derive(Debug, Clone, Copy)]
enum Failing {
    /// It is locked, by its human or by the desktop.
    Locks,
    /// It does not answer any more: the call comes back when its time is over.
    Hangs,
    /// It is there, and empty.
    Loses,
}

/// A keychain that fails after so many calls.
#[derive(Debug, Default)]
struct Keychain {
    inner: MemoryKeychain,
    fails: Mutex<Option<(usize, Failing)>>,
}

impl Keychain {
    fn fail_after(&self, calls: usize, how: Failing) {
        *self.fails.lock().unwrap() = Some((calls, how));
    }

    fn heal(&self) {
        *self.fails.lock().unwrap() = None;
    }

    /// How it fails at this call, if it does.
    fn fails(&self) -> Option<Failing> {
        let mut fails = self.fails.lock().unwrap();
        let (left, how) = fails.as_mut()?;
        if *left == 0 {
            return Some(*how);
        }
        *left -= 1;
        None
    }

    fn call<T>(
        &self,
        gone: T,
        act: impl FnOnce() -> Result<T, KeychainError>,
    ) -> Result<T, KeychainError> {
        match self.fails() {
            None => act(),
            Some(Failing::Locks) => Err(KeychainError::NotReady(KeychainState::Locked)),
            Some(Failing::Hangs) => Err(KeychainError::NoAnswer),
            Some(Failing::Loses) => Ok(gone),
        }
    }
}

impl SecretStore for Keychain {
    fn state(&self) -> KeychainState {
        self.inner.state()
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.call(None, || self.inner.read(name))
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.call((), || self.inner.write(name, secret))
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.call((), || self.inner.delete(name))
    }
}

/// A node with a PIN, and a crystal that it is asked to make public.
struct House {
    keychain: Arc<Keychain>,
    node: Node,
    id: artifact::ArtifactId,
    _ground: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let (ground, keychain) = (tempfile::tempdir().unwrap(), Arc::<Keychain>::default());
        let config = Config {
            home: ground.path().join("home"),
            keychain: Arc::<Keychain>::clone(&keychain),
            clock: Arc::<HandClock>::default(),
            loopback_only: true,
            window: true,
            model: None,
        };
        let node = tokio::task::spawn_blocking(move || Node::open(config)).await.unwrap().unwrap();
        node.init(KeepKey::Pin(Zeroizing::new(PIN.to_owned())), "north").await.unwrap();
        let text = "The lighthouse is dark\nits lamp was never lit".to_owned();
        let (id, _) = node.remember(text, "agent".to_owned()).await.unwrap();
        Self { keychain, node, id, _ground: ground }
    }

    async fn ask(&self) -> AskId {
        let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
        let wish = Request::SharePublic { id: self.id.to_string() };
        self.node.ask(by, wish, String::new()).await.unwrap()
    }

    /// Answers yes in the consent window with the PIN.
    async fn allow(&self, ask: AskId) -> Result<node::Settled, Fault> {
        let code = self.node.prompt(&ask)?.0.code;
        let pin = Zeroizing::new(PIN.to_owned());
        self.node.answer(Given::plain(ask, Answer::Allow, Way::ConsentWindow, code, pin)).await
    }

    fn state(&self, ask: &AskId) -> State {
        self.node.look().unwrap().ask(ask).unwrap().unwrap().state
    }

    fn receipts(&self) -> usize {
        self.node.look().unwrap().receipts().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_fails_at_any_of_its_calls_grants_all_or_nothing() {
    let house = House::new().await;
    for how in [Failing::Locks, Failing::Hangs, Failing::Loses] {
        let (mut refused, mut allowed) = (0, 0);
        // The last ones are after the signature: the anchor's, which stops no grant.
        for calls in 0..6 {
            let (ask, before) = (house.ask().await, house.receipts());
            house.keychain.fail_after(calls, how);
            let outcome = house.allow(ask).await;
            house.keychain.heal();
            match outcome {
                Ok(_) => allowed += 1,
                Err(fault) => {
                    refused += 1;
                    assert_eq!(fault.hint, "the ask keeps waiting", "{how:?}: {fault}");
                    assert!(!fault.what.contains('\n') && fault.what.len() > 20, "{fault}");
                    assert_eq!(house.state(&ask), State::Pending {}, "{how:?}, {calls}");
                    assert_eq!(house.receipts(), before, "{how:?}, {calls}: nothing was signed");
                    // It was no wrong PIN, and the same answer goes through now.
                    house.allow(ask).await.unwrap();
                }
            }
            assert!(matches!(house.state(&ask), State::Allowed { .. }));
            assert_eq!(house.receipts(), before + 1, "one receipt for one answer");
        }
        assert!(refused > 0 && allowed > 0, "{how:?}: {refused} refused, {allowed} allowed");
    }
    assert!(house.node.look().unwrap().tries().unwrap().is_empty());
    assert!(house.node.verify_journal().await.unwrap().is_ok());
    house.node.stop().await;
}

/// Two windows show one prompt, and both are answered at once.
#[tokio::test(flavor = "multi_thread")]
async fn two_answers_to_one_prompt_make_one_receipt() {
    let house = House::new().await;
    for n in 1..=5 {
        let ask = house.ask().await;
        let (one, other) = tokio::join!(house.allow(ask), house.allow(ask));
        let faults: Vec<Fault> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].what, "this ask is allowed already");
        assert_eq!(house.receipts(), n);
    }
    house.node.stop().await;
}
