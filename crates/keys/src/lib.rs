//! The keys: OS keychain, PIN wrapping, recovery phrase, key files.
//!
//! transport_key, author_key and journal_key lie in 0600 files so that the node starts
//! unattended; human_key lies in the OS keychain, wrapped by a PIN unless its human refused
//! one, or in a passphrase-wrapped file when its human chose that. Its recovery phrase brings it
//! to another machine. Beside them: when the human goes away, after which no key is to be in
//! memory, and that no crash writes memory to a disk.
//!
//! Promises: nothing here ever waits for a prompt or longer than [`ANSWER_LIMIT`] for a
//! keychain; nothing falls back from the keychain to a file; a secret that is handed out is
//! the one whose public half the caller named.
//! It does not know what is signed, who asks, or how long a key may stay unlocked.
//!
//! Feature `memory`: `MemoryKeychain`, for tests of other crates.

pub mod away;
pub mod custody;
pub mod dump;
pub mod entropy;
pub mod files;
pub mod keychain;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod organisation;
pub mod phrase;
pub mod pin;
pub mod private;
pub mod umask;
pub mod wrap;

pub use custody::change::ChangePinError;
pub use custody::state::{KeyState, Tampering};
pub use custody::{ANCHOR, Custody, CustodyError, Keep, MARK, UnlockError};
pub use entropy::{Entropy, EntropyError};
pub use files::{KeyFileError, NodeKeys, make_next, settle};
pub use keychain::{ANSWER_LIMIT, KeychainError, KeychainState, OsKeychain, SecretStore};
#[cfg(any(test, feature = "memory"))]
pub use memory::MemoryKeychain;
pub use phrase::PhraseError;
pub use pin::{WeakPin, check_new_pin};
pub use private::PrivateFileError;
pub use wrap::{Costs, Record, WrapError};
