//! Another PIN for the same key.

use super::{Custody, CustodyError, UnlockError};
use crate::{entropy::Entropy, pin::check_new_pin, private, wrap::Record};
use artifact::{Human, HumanKey, KeyProtection, Secret};

/// Why the PIN is what it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePinError {
    /// The key cannot be unlocked by what was given.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// What was to close it from now on cannot, or cannot be written.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// A file is closed by a passphrase or not at all.
    #[error("a key file always has a passphrase: give a new one")]
    FileNeedsPassphrase,
}

impl Custody {
    /// Closes the key by `new` instead of `old`, where it is kept; without `new` by nothing. Gives
    /// how it is kept since. Blocks; see the type.
    ///
    /// What is kept is replaced at once and read back. Nothing was changed when this fails, unless
    /// the keychain gave no answer: then one of the two opens it.
    ///
    /// # Errors
    /// When `old` does not open it, `new` is weak, or the place cannot be written.
    pub fn change_pin(
        &self,
        expected: &HumanKey,
        old: Option<&str>,
        new: Option<&str>,
        entropy: &mut Entropy<'_>,
    ) -> Result<KeyProtection, ChangePinError> {
        let before = self.find(Some(expected)).map_err(UnlockError::from)?;
        let before = before.ok_or(UnlockError::Lost)?;
        let (key, was) = self.unlock(expected, old)?;
        let after = self.closed_by(&key, was, new, entropy)?;
        self.put_over(&after)?;
        match self.unlock(expected, new) {
            Ok((_, protection)) => Ok(protection),
            Err(why) => {
                if let Err(left) = self.put_over(&before) {
                    tracing::error!(error = %left, "the PIN as it was could not be put back");
                }
                Err(CustodyError::ReadBack(why).into())
            }
        }
    }

    fn closed_by(
        &self,
        key: &Secret<Human>,
        was: KeyProtection,
        new: Option<&str>,
        entropy: &mut Entropy<'_>,
    ) -> Result<Record, ChangePinError> {
        let in_file = was == KeyProtection::File;
        let Some(pin) = new else {
            return if in_file {
                Err(ChangePinError::FileNeedsPassphrase)
            } else {
                Ok(Record::plain(key))
            };
        };
        check_new_pin(pin).map_err(CustodyError::from)?;
        let protection = if in_file { KeyProtection::File } else { KeyProtection::Pin };
        let made = Record::wrapped(key, pin, protection, self.costs, entropy);
        Ok(made.map_err(CustodyError::from)?)
    }

    /// Puts a record where the one before it lies.
    fn put_over(&self, record: &Record) -> Result<(), CustodyError> {
        let bytes = record.encode()?;
        match record.protection() {
            KeyProtection::File => Ok(private::write_over(&self.file, &bytes)?),
            KeyProtection::Pin | KeyProtection::Keychain => {
                Ok(self.store.write(super::ENTRY, &bytes)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use crate::{
        custody::{Keep, state::KeyState},
        entropy,
        keychain::{KeychainError, KeychainState, SecretStore},
        memory::MemoryKeychain,
        pin::WeakPin,
    };
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use zeroize::Zeroizing;

    const OLD: &str = "north harbour 7";
    const NEW: &str = "east quay under 8";

    fn made(keep: Keep<'_>) -> (tempfile::TempDir, Arc<MemoryKeychain>, Custody, HumanKey) {
        let home = tempfile::tempdir().unwrap();
        let keychain = Arc::new(MemoryKeychain::default());
        let custody = Custody::new(keychain.clone(), home.path().join("human_key")).cheap();
        let human = custody.create(keep, &mut entropy::os).unwrap();
        (home, keychain, custody, human)
    }

    fn change(
        custody: &Custody,
        human: &HumanKey,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Result<KeyProtection, ChangePinError> {
        custody.change_pin(human, old, new, &mut entropy::os)
    }

    #[test]
    fn a_pin_is_changed_taken_away_and_set() {
        let (_home, _, custody, human) = made(Keep::Keychain { pin: Some(OLD) });
        assert_eq!(change(&custody, &human, Some(OLD), Some(NEW)).unwrap(), KeyProtection::Pin);
        let old = custody.unlock(&human, Some(OLD)).unwrap_err();
        assert_eq!(old, UnlockError::WrongPin { protection: KeyProtection::Pin });
        assert_eq!(change(&custody, &human, Some(NEW), None).unwrap(), KeyProtection::Keychain);
        assert_eq!(custody.unlock(&human, None).unwrap().0.public(), human);
        assert_eq!(change(&custody, &human, None, Some(OLD)).unwrap(), KeyProtection::Pin);
        assert_eq!(custody.unlock(&human, Some(OLD)).unwrap().0.public(), human);
    }

    #[test]
    fn the_passphrase_of_a_file_is_changed_and_never_taken_away() {
        let (_home, keychain, custody, human) = made(Keep::File { passphrase: OLD });
        let refused = change(&custody, &human, Some(OLD), None).unwrap_err();
        assert!(matches!(refused, ChangePinError::FileNeedsPassphrase), "{refused}");
        keychain.set_state(KeychainState::Missing);
        assert_eq!(change(&custody, &human, Some(OLD), Some(NEW)).unwrap(), KeyProtection::File);
        assert_eq!(custody.unlock(&human, Some(NEW)).unwrap().0.public(), human);
        assert_eq!(
            custody.state(Some(&human)),
            KeyState::Ready { protection: KeyProtection::File }
        );
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let (_home, keychain, custody, human) = made(Keep::Keychain { pin: Some(OLD) });
        let wrong = change(&custody, &human, Some(NEW), Some(NEW)).unwrap_err();
        assert!(matches!(wrong, ChangePinError::Unlock(UnlockError::WrongPin { .. })), "{wrong}");
        let weak = change(&custody, &human, Some(OLD), Some("1234567890")).unwrap_err();
        let is_weak = matches!(weak, ChangePinError::Custody(CustodyError::Weak(WeakPin::Digits)));
        assert!(is_weak, "{weak}");
        keychain.set_state(KeychainState::Locked);
        let locked = change(&custody, &human, Some(OLD), Some(NEW)).unwrap_err();
        assert!(matches!(locked, ChangePinError::Unlock(UnlockError::Keychain(_))), "{locked}");
        keychain.set_state(KeychainState::Ready);
        assert_eq!(custody.unlock(&human, Some(OLD)).unwrap().0.public(), human);
    }

    /// A keychain that keeps something else than it was given, once.
    struct Garbles(MemoryKeychain, AtomicUsize);

    impl SecretStore for Garbles {
        fn state(&self) -> KeychainState {
            self.0.state()
        }

        fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            self.0.read(name)
        }

        fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
            let garbles = self.1.fetch_add(1, Ordering::SeqCst) == 1;
            self.0.write(name, if garbles { b"something else" } else { secret })
        }

        fn delete(&self, name: &str) -> Result<(), KeychainError> {
            self.0.delete(name)
        }
    }

    #[test]
    fn what_does_not_come_back_is_put_back_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let keychain = Arc::new(Garbles(MemoryKeychain::default(), AtomicUsize::new(0)));
        let custody = Custody::new(keychain, home.path().join("human_key")).cheap();
        let keep = Keep::Keychain { pin: Some(OLD) };
        let human = custody.create(keep, &mut entropy::os).unwrap();
        let refused = change(&custody, &human, Some(OLD), Some(NEW)).unwrap_err();
        let is_read_back = matches!(refused, ChangePinError::Custody(CustodyError::ReadBack(_)));
        assert!(is_read_back, "{refused}");
        assert_eq!(custody.unlock(&human, Some(OLD)).unwrap().0.public(), human);
    }
}
