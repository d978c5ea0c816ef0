//! Where human_key is kept, and how it is had for a signature.
//!
//! One key, in one of two places: an entry of the keychain, or the key file when its human
//! chose that. Promises: no state is worked out by prompting; the place is never changed in
//! silence; what two places both claim to hold, or what holds another key than expected, is
//! refused and said. It does not know how long a key may stay unlocked, nor what it signs.

pub mod change;
pub mod state;

use self::state::{KeyState, Tampering};
use crate::{
    entropy::{Entropy, EntropyError},
    keychain::{KeychainError, KeychainState, SecretStore},
    pin::{WeakPin, check_new_pin},
    private::{self, PrivateFileError},
    wrap::{self, Costs, Record, WrapError},
};
use artifact::{Human, HumanKey, KeyProtection, Secret};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

/// The name of the entry in the keychain.
pub const ENTRY: &str = "human_key";
/// The name of the entry that holds the journal's anchor. What it says is not known here.
pub const ANCHOR: &str = "anchor";
/// The name of the entry that holds the human's phrase and colour. What it says is not known here.
pub const MARK: &str = "mark";

/// Where a new key is to be kept, as its human chose at first start.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// In the keychain; without a PIN, any program of this user can take it.
    Keychain {
        /// What closes it.
        pin: Option<&'a str>,
    },
    /// In the key file.
    File {
        /// What closes it.
        passphrase: &'a str,
    },
}

/// Why no key was handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// A PIN or passphrase closes the key, and none was given.
    #[error("the {} is needed", word(*protection))]
    PinNeeded {
        /// How it is kept.
        protection: KeyProtection,
    },
    /// It does not open the key.
    #[error("the {} is wrong: try again", word(*protection))]
    WrongPin {
        /// How it is kept.
        protection: KeyProtection,
    },
    /// The keychain is not ready or does not answer.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// There is nothing where the key was.
    #[error(
        "the secret of human_key is gone from the keychain, and there is no key file: restore it \
         from a backup, or begin as a new node with `tracenet init` in another folder"
    )]
    Lost,
    /// What is kept is not the key it should be.
    #[error(transparent)]
    Tampered(#[from] Tampering),
    /// This machine cannot spare the memory that checking the PIN takes.
    #[error(transparent)]
    NoMemory(WrapError),
}

/// Why no key was made or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// There is one already.
    #[error("there is a human_key already, in {place}: it is not overwritten")]
    Exists {
        /// The keychain, or the file.
        place: String,
    },
    /// Something is there that is no good key; it is not overwritten either.
    #[error(transparent)]
    Tampered(#[from] Tampering),
    /// The new PIN or passphrase is too easy.
    #[error(transparent)]
    Weak(#[from] WeakPin),
    /// The keychain is not ready or does not answer.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// The key file cannot be written.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// The key could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// What was written does not come back. It was removed again.
    #[error("the new human_key could not be read back: {0}; nothing was kept")]
    ReadBack(UnlockError),
}

const fn word(protection: KeyProtection) -> &'static str {
    match protection {
        KeyProtection::File => "passphrase",
        KeyProtection::Pin | KeyProtection::Keychain => "PIN",
    }
}

/// Keeps human_key. Calls may take as long as the keychain's limit, and an unlock with a PIN
/// about half a second more: not for a task that must not block.
pub struct Custody {
    store: Arc<dyn SecretStore>,
    file: PathBuf,
    costs: Costs,
}

impl Custody {
    /// Custody over a keychain and the place where a key file would be.
    #[must_use]
    pub fn new(store: Arc<dyn SecretStore>, file: PathBuf) -> Self {
        Self { store, file, costs: Costs::NEW }
    }

    /// With the least costs allowed, for tests that make many keys.
    #[cfg(any(test, feature = "memory"))]
    #[must_use]
    pub fn cheap(self) -> Self {
        Self { costs: Costs::LEAST, ..self }
    }

    /// Where the key file is, or would be.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is the matter with the key; `expected` is the public key in the store, if any.
    #[must_use]
    pub fn state(&self, expected: Option<&HumanKey>) -> KeyState {
        match self.find(expected) {
            Ok(Some(record)) => KeyState::Ready { protection: record.protection() },
            Ok(None) if expected.is_some() => KeyState::Lost,
            Ok(None) => KeyState::NoKey,
            Err(Refusal::Tampered(tampering)) => KeyState::Tampered(tampering),
            Err(Refusal::Keychain(e)) => {
                tracing::debug!(error = %e, "the keychain is not ready");
                match e.state() {
                    KeychainState::Ready | KeychainState::Missing => KeyState::Missing,
                    KeychainState::Locked => KeyState::Locked,
                    KeychainState::Unsupported => KeyState::Unsupported,
                }
            }
        }
    }

    /// The public key that is kept, for a first start that was interrupted between making the
    /// key and storing its public half. Only [`Custody::unlock`] proves it.
    ///
    /// # Errors
    /// When the keychain is not ready or what is kept is no good key.
    pub fn found(&self) -> Result<Option<(HumanKey, KeyProtection)>, UnlockError> {
        let found = self.find(None)?;
        Ok(found.map(|record| (*record.human(), record.protection())))
    }

    /// Makes a new key, keeps it as `keep` says, and reads it back before it tells.
    ///
    /// # Errors
    /// When there is one already, the PIN is weak, or the place cannot be written. Nothing is
    /// left behind then, unless the keychain gave no answer: see [`Custody::found`].
    pub fn create(
        &self,
        keep: Keep<'_>,
        entropy: &mut Entropy<'_>,
    ) -> Result<HumanKey, CustodyError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        entropy(seed.as_mut())?;
        self.restore(&Secret::from_seed(&seed), keep, entropy)
    }

    /// Keeps a key that was made elsewhere before, as [`Custody::create`] keeps a new one.
    ///
    /// # Errors
    /// As [`Custody::create`].
    pub fn restore(
        &self,
        key: &Secret<Human>,
        keep: Keep<'_>,
        entropy: &mut Entropy<'_>,
    ) -> Result<HumanKey, CustodyError> {
        self.check_vacant(keep)?;
        let secret = match keep {
            Keep::Keychain { pin } => pin,
            Keep::File { passphrase } => Some(passphrase),
        };
        secret.map_or(Ok(()), check_new_pin)?;
        let human = key.public();
        let record = match keep {
            Keep::Keychain { pin: None } => Record::plain(key),
            Keep::Keychain { pin: Some(pin) } => {
                Record::wrapped(key, pin, KeyProtection::Pin, self.costs, entropy)?
            }
            Keep::File { passphrase } => {
                Record::wrapped(key, passphrase, KeyProtection::File, self.costs, entropy)?
            }
        };
        self.put(keep, &record.encode()?)?;
        match self.unlock(&human, secret) {
            Ok(_) => {
                // This store has signed nothing yet: what lies there is of another's life.
                if let Err(e) = self.store.delete(ANCHOR) {
                    tracing::debug!(error = %e, "an old anchor may stay behind");
                }
                Ok(human)
            }
            Err(why) => {
                if let Err(left) = self.undo(keep) {
                    tracing::warn!(error = %left, "a key that does not work stays behind");
                }
                Err(CustodyError::ReadBack(why))
            }
        }
    }

    /// The secret half of `expected`, and how it was kept. Blocks; see the type.
    ///
    /// # Errors
    /// A missing or wrong PIN, a keychain that is not ready, or a key that is not there or is
    /// not the expected one.
    pub fn unlock(
        &self,
        expected: &HumanKey,
        pin: Option<&str>,
    ) -> Result<(Secret<Human>, KeyProtection), UnlockError> {
        let record = self.find(Some(expected))?.ok_or(UnlockError::Lost)?;
        let protection = record.protection();
        match record.open(expected, pin) {
            Ok(key) => Ok((key, protection)),
            Err(WrapError::PinNeeded) => Err(UnlockError::PinNeeded { protection }),
            Err(WrapError::WrongPin) => Err(UnlockError::WrongPin { protection }),
            Err(e @ WrapError::NoMemory { .. }) => Err(UnlockError::NoMemory(e)),
            Err(why) => {
                let place = self.place(&record);
                Err(Tampering::Changed { place, why }.into())
            }
        }
    }

    /// What was kept last by [`Self::keep_anchor`], wherever human_key is kept.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    pub fn anchor(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        Ok(self.store.read(ANCHOR)?.map(|bytes| bytes.to_vec()))
    }

    /// Keeps the journal's anchor beside human_key's entry, over the one before. It is signed
    /// and no secret; it lies there so that it is not in the data folder.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    pub fn keep_anchor(&self, anchor: &[u8]) -> Result<(), KeychainError> {
        self.store.write(ANCHOR, anchor)
    }

    /// What was kept last by [`Self::keep_mark`].
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    pub fn mark(&self) -> Result<Option<Vec<u8>>, KeychainError> {
        Ok(self.store.read(MARK)?.map(|bytes| bytes.to_vec()))
    }

    /// Keeps the human's phrase and colour, over those before.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    pub fn keep_mark(&self, mark: &[u8]) -> Result<(), KeychainError> {
        self.store.write(MARK, mark)
    }

    /// Removes the key from both places: to undo a first start, and for tests. Without a copy
    /// the key is gone for good.
    ///
    /// # Errors
    /// When a place that may hold it cannot be cleared.
    pub fn forget(&self) -> Result<(), CustodyError> {
        let was_a_file = private::remove(&self.file)?;
        match self.store.delete(ENTRY).and_then(|()| self.store.delete(ANCHOR)) {
            Err(KeychainError::NotReady(_)) if was_a_file => Ok(()),
            other => Ok(other?),
        }
    }

    /// Nothing is kept yet, as far as can be seen.
    fn check_vacant(&self, keep: Keep<'_>) -> Result<(), CustodyError> {
        match self.find(None) {
            Ok(None) => Ok(()),
            Ok(Some(record)) => Err(CustodyError::Exists { place: self.place(&record) }),
            // Whoever chooses the file often does so because there is no keychain.
            Err(Refusal::Keychain(_)) if matches!(keep, Keep::File { .. }) => Ok(()),
            Err(Refusal::Keychain(e)) => Err(e.into()),
            Err(Refusal::Tampered(tampering)) => Err(tampering.into()),
        }
    }

    fn put(&self, keep: Keep<'_>, bytes: &[u8]) -> Result<(), CustodyError> {
        match keep {
            Keep::Keychain { .. } => Ok(self.store.write(ENTRY, bytes)?),
            Keep::File { .. } => {
                // A folder that is there may be shared on purpose: the file is closed by itself.
                if let Some(above) = self.file.parent().filter(|above| !above.exists()) {
                    private::folder(above)?;
                }
                Ok(private::write_new(&self.file, bytes)?)
            }
        }
    }

    /// Where a record lies, as people read it.
    fn place(&self, record: &Record) -> String {
        match record.protection() {
            KeyProtection::File => self.file.display().to_string(),
            KeyProtection::Pin | KeyProtection::Keychain => KEYCHAIN.to_owned(),
        }
    }

    fn undo(&self, keep: Keep<'_>) -> Result<(), CustodyError> {
        match keep {
            Keep::Keychain { .. } => Ok(self.store.delete(ENTRY)?),
            Keep::File { .. } => Ok(private::remove(&self.file).map(drop)?),
        }
    }

    /// The one record that is kept, checked as far as can be without the PIN.
    fn find(&self, expected: Option<&HumanKey>) -> Result<Option<Record>, Refusal> {
        let in_file = private::read(&self.file, wrap::CAP)
            .map_err(|e| Refusal::Tampered(Tampering::File(e.to_string())))?;
        let in_keychain = self.store.read(ENTRY);
        let file = || self.file.display().to_string();
        let (place, bytes, is_file) = match (in_file, in_keychain) {
            (Some(_), Ok(Some(_))) => {
                return Err(Refusal::Tampered(Tampering::Twice { file: file() }));
            }
            // The file was chosen: then it does not matter that the keychain is not ready.
            (Some(bytes), _) => (file(), bytes, true),
            (None, Ok(Some(bytes))) => (KEYCHAIN.to_owned(), bytes, false),
            (None, Ok(None)) => return Ok(None),
            (None, Err(e)) => return Err(Refusal::Keychain(e)),
        };
        let record = match Record::decode(&bytes) {
            Ok(record) => record,
            Err(why) => return Err(Refusal::Tampered(Tampering::Changed { place, why })),
        };
        if is_file != (record.protection() == KeyProtection::File) {
            return Err(Refusal::Tampered(Tampering::Misplaced { place }));
        }
        if expected.is_some_and(|expected| expected != record.human()) {
            let found = *record.human();
            return Err(Refusal::Tampered(Tampering::OtherKey { place, found }));
        }
        Ok(Some(record))
    }
}

/// How people read the place that is no file.
const KEYCHAIN: &str = "the keychain";

/// Why there is no record to look at.
enum Refusal {
    Keychain(KeychainError),
    Tampered(Tampering),
}

impl From<Refusal> for UnlockError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Keychain(e) => Self::Keychain(e),
            Refusal::Tampered(tampering) => Self::Tampered(tampering),
        }
    }
}

#[cfg(test)]
mod tests;
