//! A keychain in memory, so that no service of the desktop stands in a measurement. The one of
//! `keys` is behind a feature that would change the build that is measured.

use keys::{KeychainError, KeychainState, SecretStore};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

type Held = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Forgets everything when it is dropped.
#[derive(Default)]
pub(crate) struct InMemory(Mutex<Held>);

impl InMemory {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for InMemory {
    fn state(&self) -> KeychainState {
        KeychainState::Ready
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.held().get(name).cloned())
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        self.held().insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.held().remove(name);
        Ok(())
    }
}
