//! A keychain in memory whose state is set by hand, for tests.

use crate::keychain::{KeychainError, KeychainState, SecretStore};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

type Held = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// A keychain that forgets everything when it is dropped. Ready at first.
#[derive(Debug)]
pub struct MemoryKeychain {
    inside: Mutex<(KeychainState, Held)>,
}

impl Default for MemoryKeychain {
    fn default() -> Self {
        Self { inside: Mutex::new((KeychainState::Ready, BTreeMap::new())) }
    }
}

impl MemoryKeychain {
    /// From now on the keychain is in `state`. What it holds stays.
    pub fn set_state(&self, state: KeychainState) {
        self.lock().0 = state;
    }

    fn lock(&self) -> MutexGuard<'_, (KeychainState, Held)> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Held) -> T) -> Result<T, KeychainError> {
        let mut inside = self.lock();
        match inside.0 {
            KeychainState::Ready => Ok(act(&mut inside.1)),
            state => Err(KeychainError::NotReady(state)),
        }
    }
}

impl SecretStore for MemoryKeychain {
    fn state(&self) -> KeychainState {
        self.lock().0
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.with(|held| held.get(name).cloned())
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.with(|held| {
            held.insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        })
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.with(|held| {
            held.remove(name);
        })
    }
}
