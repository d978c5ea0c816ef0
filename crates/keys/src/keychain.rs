//! The keychain of the operating system, asked so that it can neither prompt nor hang.
//!
//! Promises: every call runs on a thread of its own and is answered within [`ANSWER_LIMIT`],
//! so it may be made from anywhere, async tasks included (there, still, as a blocking call);
//! on Linux the lock is looked at before every read and write, because the Secret Service
//! would otherwise open a prompt and wait for it. A call takes about 10 ms.
//! It does not know what the entries mean. Entries are scoped, so that several nodes live on
//! one machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};
use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(target_os = "linux")]
use secret_service as system;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(not(target_os = "linux"))]
use native as system;

/// Longest that a call waits for the keychain.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// The service name that entries carry in the keychain.
pub const SERVICE: &str = "tracenet-desktop";
/// Calls that may hang at once before further ones are refused outright.
const MOST_HANGING: usize = 4;

/// What can be done with the keychain now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeychainState {
    /// It can be read and written.
    Ready,
    /// It is there, and locked.
    Locked,
    /// No keychain answers here, or there is no keyring in it.
    Missing,
    /// This session or system has no place for a keychain.
    Unsupported,
}

impl KeychainState {
    /// What it is and what to do, as one sentence without a dot.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Ready => "the keychain is ready",
            #[cfg(target_os = "linux")]
            Self::Locked => "the keychain is locked: unlock it in Passwords and Keys and try again",
            #[cfg(not(target_os = "linux"))]
            Self::Locked => "the keychain is locked: unlock it and try again",
            #[cfg(target_os = "linux")]
            Self::Missing => {
                "no keychain was found: install one (`sudo apt install gnome-keyring`), log in to \
                 the desktop again and try again; or choose a key file with a passphrase when you \
                 run `tracenet init`"
            }
            #[cfg(not(target_os = "linux"))]
            Self::Missing => {
                "no keychain was found: make one in the system's settings and try again; or \
                 choose a key file with a passphrase when you run `tracenet init`"
            }
            #[cfg(target_os = "linux")]
            Self::Unsupported => {
                "there is no session bus, so no keychain can answer: start from a desktop \
                 session or under `dbus-run-session`; or choose a key file with a passphrase \
                 when you run `tracenet init`"
            }
            #[cfg(not(target_os = "linux"))]
            Self::Unsupported => {
                "no keychain of this system is supported: choose a key file with a passphrase \
                 when you run `tracenet init`"
            }
        }
    }

    /// The command that unlocks or makes a keychain where there is no desktop to do it in: it
    /// reads the keychain's password from the terminal. Empty where no command does.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            #[cfg(target_os = "linux")]
            Self::Locked | Self::Missing => {
                r#"read -rs P; printf %s "$P" | gnome-keyring-daemon --replace --unlock"#
            }
            _ => "",
        }
    }

    /// The hint and the command, where only one sentence can be said.
    #[must_use]
    pub fn whole(self) -> String {
        match self.command() {
            "" => self.hint().to_owned(),
            command => format!(
                "{}; without a desktop run `{command}` and type the keychain's password",
                self.hint()
            ),
        }
    }
}

/// Why the keychain did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// It is not ready.
    #[error("{}", .0.whole())]
    NotReady(KeychainState),
    /// It did not answer in time.
    #[error(
        "the keychain did not answer within {} s: look for its password prompt, or restart it, \
         and try again", ANSWER_LIMIT.as_secs()
    )]
    NoAnswer,
    /// Several entries have the same name.
    #[error(
        "the keychain holds {count} entries {name:?}: delete all but the right one (in Passwords \
         and Keys) and try again"
    )]
    Ambiguous {
        /// The entry.
        name: String,
        /// How many there are.
        count: usize,
    },
    /// Anything else it said.
    #[error("the keychain refused: {0}")]
    Refused(String),
}

impl KeychainError {
    /// The state to show for it: what does not answer counts as locked, what fails as missing.
    #[must_use]
    pub const fn state(&self) -> KeychainState {
        match self {
            Self::NotReady(state) => *state,
            Self::NoAnswer => KeychainState::Locked,
            Self::Ambiguous { .. } => KeychainState::Ready,
            Self::Refused(_) => KeychainState::Missing,
        }
    }
}

/// A place for small secrets under names. Calls block, for at most [`ANSWER_LIMIT`].
pub trait SecretStore: Send + Sync {
    /// What can be done now. Never prompts.
    fn state(&self) -> KeychainState;
    /// The secret under `name`, if there is one.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;
    /// Puts `secret` under `name`, over what was there.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer. After [`KeychainError::NoAnswer`]
    /// the secret may have been written.
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError>;
    /// Removes what is under `name`, if anything.
    ///
    /// # Errors
    /// When the keychain is not ready or does not answer.
    fn delete(&self, name: &str) -> Result<(), KeychainError>;
}

/// The operating system's keychain.
#[derive(Debug)]
pub struct OsKeychain {
    scope: String,
    hanging: Arc<AtomicUsize>,
}

impl OsKeychain {
    /// The keychain as one node sees it. `scope` tells nodes of one user apart.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self { scope: scope.to_owned(), hanging: Arc::default() }
    }

    /// Runs `call` on a thread of its own: the Secret Service's client panics inside an async
    /// task, and blocks for good behind a prompt that nobody answers.
    fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let hanging = Hanging::begin(&self.hanging).ok_or(KeychainError::NoAnswer)?;
        let (answer, answered) = mpsc::sync_channel(1);
        let run = move || {
            let result = call();
            drop(hanging);
            // The receiver is gone when the answer comes too late: then it is dropped, wiped.
            drop(answer.send(result));
        };
        thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(run)
            .map_err(|e| KeychainError::Refused(e.to_string()))?;
        answered.recv_timeout(ANSWER_LIMIT).unwrap_or(Err(KeychainError::NoAnswer))
    }

    /// Runs `act` on the entry once the keychain is ready for it.
    fn with_entry<T: Send + 'static>(
        &self,
        name: &str,
        act: impl FnOnce(&keyring_core::Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>, KeychainError> {
        let (user, name) = (format!("{}/{name}", self.scope), name.to_owned());
        self.ask(move || match system::state(Some((SERVICE, &user))) {
            KeychainState::Ready => match system::entry(SERVICE, &user).and_then(|e| act(&e)) {
                Ok(done) => Ok(Some(done)),
                Err(keyring_core::Error::NoEntry) => Ok(None),
                Err(e) => Err(translate(&name, &e)),
            },
            state => Err(KeychainError::NotReady(state)),
        })
    }
}

/// Counts a call for as long as it runs, also when it panics.
struct Hanging(Arc<AtomicUsize>);

impl Hanging {
    fn begin(count: &Arc<AtomicUsize>) -> Option<Self> {
        let one = Self(Arc::clone(count));
        (count.fetch_add(1, Ordering::SeqCst) < MOST_HANGING).then_some(one)
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Says what went wrong without ever printing what was read.
fn translate(name: &str, error: &keyring_core::Error) -> KeychainError {
    match error {
        keyring_core::Error::NoStorageAccess(_) => KeychainError::NotReady(KeychainState::Locked),
        keyring_core::Error::Ambiguous(entries) => {
            KeychainError::Ambiguous { name: name.to_owned(), count: entries.len() }
        }
        keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
            KeychainError::Refused("the entry is not in the expected form".to_owned())
        }
        other => KeychainError::Refused(other.to_string()),
    }
}

impl SecretStore for OsKeychain {
    fn state(&self) -> KeychainState {
        self.ask(|| Ok(system::state(None))).unwrap_or_else(|e| e.state())
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        self.with_entry(name, |entry| entry.get_secret().map(Zeroizing::new))
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), KeychainError> {
        let secret = Zeroizing::new(secret.to_vec());
        let written = self.with_entry(name, move |entry| entry.set_secret(&secret))?;
        // The service can lose the keyring between the look and the write.
        written.ok_or(KeychainError::NotReady(KeychainState::Missing))
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        self.with_entry(name, keyring_core::Entry::delete_credential).map(drop)
    }
}
