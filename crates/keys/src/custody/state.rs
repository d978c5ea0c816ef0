//! What is the matter with human_key, in the words a human reads.

use super::UnlockError;
use crate::{keychain::KeychainState, wrap::WrapError};
use artifact::{HumanKey, KeyProtection};

/// What is the matter with human_key now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It is there; a PIN or passphrase may still be needed.
    Ready {
        /// How it is kept.
        protection: KeyProtection,
    },
    /// The keychain is locked.
    Locked,
    /// There is no keychain.
    Missing,
    /// There can be no keychain here.
    Unsupported,
    /// No key was made yet.
    NoKey,
    /// The public key is known, and its secret is gone.
    Lost,
    /// What is kept is not the key it should be.
    Tampered(Tampering),
}

impl KeyState {
    /// What it is and what to do, as one sentence without a dot.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Ready { protection: KeyProtection::Keychain } => {
                "human_key is in the keychain, without a PIN".to_owned()
            }
            Self::Ready { protection: KeyProtection::Pin } => {
                "human_key is in the keychain, closed by its PIN".to_owned()
            }
            Self::Ready { protection: KeyProtection::File } => {
                "human_key is in its key file, closed by its passphrase".to_owned()
            }
            Self::Locked => KeychainState::Locked.hint().to_owned(),
            Self::Missing => KeychainState::Missing.hint().to_owned(),
            Self::Unsupported => KeychainState::Unsupported.hint().to_owned(),
            Self::NoKey => "there is no human_key yet: run `tracenet init`".to_owned(),
            Self::Lost => UnlockError::Lost.to_string(),
            Self::Tampered(tampering) => tampering.to_string(),
        }
    }

    /// The hint and the command, where only one sentence can be said.
    #[must_use]
    pub fn whole(&self) -> String {
        match self {
            Self::Locked => KeychainState::Locked.whole(),
            Self::Missing => KeychainState::Missing.whole(),
            _ => self.hint(),
        }
    }

    /// The command that opens the keychain where there is no desktop; empty where none does.
    #[must_use]
    pub const fn command(&self) -> &'static str {
        match self {
            Self::Locked => KeychainState::Locked.command(),
            Self::Missing => KeychainState::Missing.command(),
            _ => "",
        }
    }
}

/// Why what is kept is not taken for the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// It cannot be read as a key, or its parts do not belong together.
    #[error(
        "human_key in {place} was changed: {why}; restore it from a backup, and find out who did"
    )]
    Changed {
        /// The keychain, or the file.
        place: String,
        /// What is wrong with it.
        why: WrapError,
    },
    /// It is another human's key.
    #[error(
        "{place} holds another human_key ({found}) than this node's: put the right one back, or \
         point TRACENET_HOME at the folder it belongs to"
    )]
    OtherKey {
        /// The keychain, or the file.
        place: String,
        /// The public key found.
        found: HumanKey,
    },
    /// It says that it is kept elsewhere.
    #[error("human_key in {place} was made for another place: put it back where it was")]
    Misplaced {
        /// The keychain, or the file.
        place: String,
    },
    /// Both places hold a key.
    #[error(
        "the keychain and {file} both hold a human_key, and it was put in one of them only: move \
         the file away, or delete the keychain's entry, whichever you did not make"
    )]
    Twice {
        /// The key file.
        file: String,
    },
    /// The key file is not to be trusted, or not to be read.
    #[error("the file of human_key cannot be used: {0}")]
    File(String),
}
