//! An agent's identity: a name, and an Ed25519 key in a file only its owner may read.
//!
//! The key is made at first use by the shim, in `<home>/agents/<name>.key`, and never
//! replaced. It says who speaks; it protects nothing from programs of the same user.

use artifact::key::{Public, Role, Secret};
use data_encoding::HEXLOWER_PERMISSIVE;
use std::{
    fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    str::FromStr,
};
use zeroize::Zeroizing;

/// The role of the keys by which local agents are told apart.
#[derive(Debug)]
pub enum Agent {}
impl Role for Agent {
    const NAME: &'static str = "agent_key";
}
/// The public half of an agent's key, 32 bytes.
pub type AgentKey = Public<Agent>;
/// An agent's key.
pub type AgentSecret = Secret<Agent>;

/// The most characters of an agent's name.
const MAX_NAME: usize = 32;

/// What an agent calls itself: 1 to 32 of `a-z`, `0-9`, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentName(String);

/// Text that is no agent's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an agent's name has 1 to {MAX_NAME} characters of a-z, 0-9, _ and -")]
pub struct AgentNameError;

impl AgentName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AgentName {
    type Err = AgentNameError;

    fn from_str(text: &str) -> Result<Self, AgentNameError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let fits = (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(plain);
        if fits { Ok(Self(text.to_owned())) } else { Err(AgentNameError) }
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an agent's key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others may read the file, so the key in it names nobody.
    #[error("{} is open to others (mode {mode:o}): run chmod 600 on it", path.display())]
    Loose {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{} is not an agent's key: move it away, the agent gets a new key and is paired anew", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The file system said no.
    #[error("cannot keep the agent's key in {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// The key of the agent `name` under `home`, made from `seed` when there is none yet.
///
/// Two that come at once get the same key: the first to finish wins.
///
/// # Errors
/// When the file is open to others, holds no key, or cannot be read or written.
pub fn load_or_make(
    home: &Path,
    name: &AgentName,
    seed: impl FnOnce() -> io::Result<Zeroizing<[u8; 32]>>,
) -> Result<AgentSecret, KeyFileError> {
    let folder = home.join("agents");
    let path = folder.join(format!("{name}.key"));
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| KeyFileError::Io { path, source }
    };
    if let Some(key) = load(&path)? {
        return Ok(key);
    }
    make_folder(&folder).map_err(io_at(&folder))?;
    let seed = seed().map_err(io_at(&path))?;
    put(&folder, &path, name, &seed).map_err(io_at(&path))?;
    load(&path)?.ok_or_else(|| io_at(&path)(io::ErrorKind::NotFound.into()))
}

/// Reads the key, `None` when there is no file.
fn load(path: &Path) -> Result<Option<AgentSecret>, KeyFileError> {
    let io_error = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Neither a link to somewhere else nor a pipe that never answers.
        options
            .custom_flags((nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits());
    }
    let file = match options.open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(io_error)?,
    };
    let about = file.metadata().map_err(io_error)?;
    if !about.is_file() {
        return Err(KeyFileError::NotAKey { path: path.to_owned() });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = about.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Loose { path: path.to_owned(), mode });
        }
    }
    let mut text = Zeroizing::new(String::with_capacity(128));
    let read = file.take(128).read_to_string(&mut text);
    let decoded = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map(Zeroizing::new);
    let (Ok(_), Ok(bytes)) = (read, decoded) else {
        return Err(KeyFileError::NotAKey { path: path.to_owned() });
    };
    let seed: &[u8; 32] =
        bytes.as_slice().try_into().map_err(|_| KeyFileError::NotAKey { path: path.to_owned() })?;
    Ok(Some(AgentSecret::from_seed(seed)))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Writes the key beside its place and links it there: whole or not at all, and never over
/// another.
fn put(folder: &Path, path: &Path, name: &AgentName, seed: &[u8; 32]) -> io::Result<()> {
    // The public half makes the name of the draft its own, without more randomness.
    let draft = folder.join(format!(".{name}.{}", AgentSecret::from_seed(seed).public()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let text = Zeroizing::new(data_encoding::HEXLOWER.encode(seed));
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, path) {
            // Another came first: its key is the agent's.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without links.
            Err(_) if !path.exists() => fs::rename(&draft, path),
            linked => linked,
        });
    // After a rename it is gone already, and a draft left behind is no key to anyone.
    let _ = fs::remove_file(&draft);
    written
}

#[cfg(test)]
mod tests;
