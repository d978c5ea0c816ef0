//! The keys a node needs to start unattended: transport_key, author_key, journal_key.
//!
//! One line of text per file: `tracenet <role> v0 <seed> <public>`, hex, so that a garbled
//! file is noticed. Whoever can read them can impersonate the node; they cannot consent.
//!
//! Promises: made in the order transport, author, journal, each durable before the next; a
//! start that was interrupted goes on where it stopped, and a key that is gone while a later
//! one is there is never replaced in silence. A key that replaces another lies beside it until
//! the store names it: killed anywhere, the node has the one or the other.
//! It does not know the public keys in the store: the caller compares.

use crate::{
    entropy::{Entropy, EntropyError},
    private::{self, PrivateFileError},
};
use artifact::{Author, Journal, Public, Secret, Transport, key::Role};
use data_encoding::HEXLOWER;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Most bytes a key file may have; a good one has fewer than 200.
const CAP: usize = 1024;

/// The three keys in files.
#[derive(Debug)]
pub struct NodeKeys {
    /// The identity on the wire.
    pub transport: Secret<Transport>,
    /// Signs what this node wrote.
    pub author: Secret<Author>,
    /// Signs the journal's head.
    pub journal: Secret<Journal>,
}

/// Why the node's keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file or folder itself.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// Cut off.
    #[error("{path} is cut short ({size} bytes): restore it from a backup")]
    Short {
        /// The file.
        path: PathBuf,
        /// Bytes found.
        size: usize,
    },
    /// Not a key file, or one whose halves do not belong together.
    #[error(
        "{path} is garbled, or written by a newer version: restore it from a backup, or update"
    )]
    Garbled {
        /// The file.
        path: PathBuf,
    },
    /// A key file, of another role.
    #[error("{path} holds another key than {role}: put the files back under their own names")]
    OtherRole {
        /// The file.
        path: PathBuf,
        /// The role it should hold.
        role: &'static str,
    },
    /// Gone, while a key that was made after it is there.
    #[error("{path} is gone: restore it from a backup; without it this node is another node")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// No such file.
    #[error("there is no {path}: name the file that the key was made in")]
    NotThere {
        /// The file.
        path: PathBuf,
    },
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl NodeKeys {
    /// Reads the keys in `dir`, and makes those that were never made.
    ///
    /// # Errors
    /// When a file is another user's, unreadable, cut short, garbled or gone, or when a new
    /// one cannot be written.
    pub fn open_or_create(dir: &Path, entropy: &mut Entropy<'_>) -> Result<Self, KeyFileError> {
        private::folder(dir)?;
        let transport = read::<Transport>(dir)?;
        let author = read::<Author>(dir)?;
        let journal = read::<Journal>(dir)?;
        if transport.is_none() && (author.is_some() || journal.is_some()) {
            return Err(KeyFileError::Missing { path: path::<Transport>(dir) });
        }
        if author.is_none() && journal.is_some() {
            return Err(KeyFileError::Missing { path: path::<Author>(dir) });
        }
        Ok(Self {
            transport: kept_or_new(transport, dir, entropy)?,
            author: kept_or_new(author, dir, entropy)?,
            journal: kept_or_new(journal, dir, entropy)?,
        })
    }
}

/// Makes a key of this role beside the one in use, which the store names. Durable when this
/// returns, and not used before [`settle`] finds that the store names it. What an earlier call began
/// is ended first: as long as that fails, the file beside may be all there is of the key in use.
///
/// # Errors
/// When what was begun before cannot be ended, or it cannot be written. The one in use is as it was.
pub fn make_next<R: Role>(
    dir: &Path,
    named: &Public<R>,
    entropy: &mut Entropy<'_>,
) -> Result<Secret<R>, KeyFileError> {
    settle(dir, named)?;
    let mut seed = Zeroizing::new([0_u8; 32]);
    entropy(seed.as_mut())?;
    let key = Secret::<R>::from_seed(&seed);
    private::write_new(&next_path::<R>(dir), line(&key).as_bytes())?;
    Ok(key)
}

/// Ends what [`make_next`] began, however it was interrupted: where the store names the new key it
/// takes the place of the one before, which is overwritten; else it goes.
///
/// # Errors
/// When a file cannot be read or written. It can be called again.
pub fn settle<R: Role>(dir: &Path, named: &Public<R>) -> Result<(), KeyFileError> {
    let next = next_path::<R>(dir);
    let key = match read_at::<R>(&next) {
        Ok(None) => return Ok(()),
        Ok(Some(key)) => Some(key),
        // Killed while it was overwritten: nobody needs it where the one in use is whole.
        Err(KeyFileError::Short { .. } | KeyFileError::Garbled { .. }) if is_in_use(dir, named) => {
            None
        }
        Err(error) => return Err(error),
    };
    if key.is_some_and(|key| key.public() == *named) {
        private::wipe_and_replace(&path::<R>(dir), &next)?;
    } else {
        private::wipe(&next)?;
    }
    Ok(())
}

/// Whether the key that the store names lies in its own file.
fn is_in_use<R: Role>(dir: &Path, named: &Public<R>) -> bool {
    matches!(read::<R>(dir), Ok(Some(key)) if key.public() == *named)
}

fn next_path<R: Role>(dir: &Path) -> PathBuf {
    dir.join(format!("{}.next", R::NAME))
}

fn path<R: Role>(dir: &Path) -> PathBuf {
    dir.join(R::NAME)
}

fn kept_or_new<R: Role>(
    kept: Option<Secret<R>>,
    dir: &Path,
    entropy: &mut Entropy<'_>,
) -> Result<Secret<R>, KeyFileError> {
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let mut seed = Zeroizing::new([0_u8; 32]);
    entropy(seed.as_mut())?;
    let key = Secret::<R>::from_seed(&seed);
    private::write_new(&path::<R>(dir), line(&key).as_bytes())?;
    Ok(key)
}

pub(crate) fn line<R: Role>(key: &Secret<R>) -> Zeroizing<String> {
    // Room for everything at once: a text that grows leaves copies behind.
    let mut line = Zeroizing::new(String::with_capacity(256));
    line.push_str("tracenet ");
    line.push_str(R::NAME);
    line.push_str(" v0 ");
    HEXLOWER.encode_append(key.seed(), &mut line);
    line.push(' ');
    HEXLOWER.encode_append(key.public().as_bytes(), &mut line);
    line.push('\n');
    line
}

fn read<R: Role>(dir: &Path) -> Result<Option<Secret<R>>, KeyFileError> {
    read_at(&path::<R>(dir))
}

pub(crate) fn read_at<R: Role>(path: &Path) -> Result<Option<Secret<R>>, KeyFileError> {
    let path = path.to_owned();
    let Some(bytes) = private::read(&path, CAP)? else { return Ok(None) };
    let whole = "tracenet  v0  \n".len() + R::NAME.len() + 64 + 64;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let mut words = text.strip_suffix('\n').unwrap_or(text).split(' ');
    let named = (words.next(), words.next(), words.next());
    match named {
        (Some("tracenet"), Some(role), Some("v0")) if role != R::NAME => {
            return Err(KeyFileError::OtherRole { path, role: R::NAME });
        }
        _ if bytes.len() < whole => return Err(KeyFileError::Short { path, size: bytes.len() }),
        (Some("tracenet"), Some(_), Some("v0")) => {}
        _ => return Err(KeyFileError::Garbled { path }),
    }
    let mut parsed = || {
        let key = Secret::<R>::from_seed(&*hex32(words.next()?)?);
        let public = hex32(words.next()?)?;
        (words.next().is_none() && key.public().as_bytes() == &*public).then_some(key)
    };
    parsed().map(Some).ok_or(KeyFileError::Garbled { path })
}

fn hex32(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    if text.len() != 64 {
        return None;
    }
    HEXLOWER.decode_mut(text.as_bytes(), bytes.as_mut()).ok()?;
    Some(bytes)
}

#[cfg(all(test, unix))]
mod tests;
