//! Files that only this user may read: 0600 in a 0700 folder, written whole or not at all.
//!
//! Promises: what belongs to another user, or is no plain file, is refused; what is ours but
//! readable by others is closed to them, with a warning in the log; a crash while writing
//! leaves the old state. It does not know what the bytes mean.
//! On Windows the user's profile folder carries the access rules, and modes are not touched.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Why a private file or its folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFileError {
    /// Another user owns it.
    #[error("{path} belongs to another user (uid {owner}): run as that user, or move it away")]
    NotOurs {
        /// The file or folder.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// A link, a folder, a device.
    #[error("{path} is not a plain file: put the key file itself there, or move it away")]
    NotAFile {
        /// What was found.
        path: PathBuf,
    },
    /// A file where the folder should be.
    #[error("{path} is not a folder: move it away")]
    NotAFolder {
        /// What was found.
        path: PathBuf,
    },
    /// Larger than what is kept there can be.
    #[error("{path} is larger than {cap} bytes: this is no key file; restore it from a backup")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes allowed.
        cap: usize,
    },
    /// A file of this name is there already; nothing is overwritten.
    #[error("{path} exists already and is not overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system forbids it.
    #[error("{path} may not be used: give yourself access (chmod u+rw) and try again")]
    Denied {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file system is mounted read-only.
    #[error("{path} cannot be written: its file system is read-only; make it writable")]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
    },
    /// No space left, or none for this user.
    #[error("{path} cannot be written: the disk is full; free some space and try again")]
    DiskFull {
        /// The file or folder.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PrivateFileError {
    fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        #[cfg(unix)]
        if source.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32) {
            return Self::NotAFile { path };
        }
        match source.kind() {
            ErrorKind::PermissionDenied => Self::Denied { path },
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path },
            ErrorKind::AlreadyExists => Self::Exists { path },
            ErrorKind::NotADirectory => Self::NotAFolder { path },
            ErrorKind::IsADirectory => Self::NotAFile { path },
            _ => Self::Io { path, source },
        }
    }
}

/// Makes `folder` and what is missing above it, and closes it to others.
///
/// # Errors
/// When it is another user's, no folder, or cannot be made.
pub fn folder(folder: &Path) -> Result<(), PrivateFileError> {
    let failed = |e| PrivateFileError::from_io(folder, e);
    if folder.symlink_metadata().is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
        if let Some(above) = folder.parent().filter(|p| !p.as_os_str().is_empty()) {
            sync_folder(above)?;
        }
    }
    let found = File::open(folder).map_err(failed)?;
    if !found.metadata().map_err(failed)?.is_dir() {
        return Err(PrivateFileError::NotAFolder { path: folder.to_owned() });
    }
    close_to_others(folder, &found, 0o700)
}

/// The bytes of the file at `path`, at most `cap`; `None` when there is none.
///
/// # Errors
/// When it is another user's, no plain file, too large, or cannot be read.
pub fn read(path: &Path, cap: usize) -> Result<Option<Zeroizing<Vec<u8>>>, PrivateFileError> {
    let failed = |e| PrivateFileError::from_io(path, e);
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        // NONBLOCK: a named pipe put here must not hold the start up.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits());
    }
    let found = match options.open(path) {
        Ok(found) => found,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(e)),
    };
    if !found.metadata().map_err(failed)?.is_file() {
        return Err(PrivateFileError::NotAFile { path: path.to_owned() });
    }
    close_to_others(path, &found, 0o600)?;
    // Room for everything at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(cap + 64));
    let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    found.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > cap {
        return Err(PrivateFileError::TooLarge { path: path.to_owned(), cap });
    }
    Ok(Some(bytes))
}

/// Writes a new file at `path`, durable when this returns. Never overwrites.
///
/// # Errors
/// When there is one already, or it cannot be written; then nothing of it is left.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PrivateFileError> {
    if path.symlink_metadata().is_ok() {
        return Err(PrivateFileError::Exists { path: path.to_owned() });
    }
    write_over(path, bytes)
}

/// Writes the file at `path` in the place of what is there, durable when this returns: a reader
/// finds the one or the other.
///
/// # Errors
/// When it cannot be written; then it is as it was.
pub fn write_over(path: &Path, bytes: &[u8]) -> Result<(), PrivateFileError> {
    let failed = |e| PrivateFileError::from_io(path, e);
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(PrivateFileError::NotAFile { path: path.to_owned() });
    };
    let mut draft_name = std::ffi::OsString::from(".");
    draft_name.push(name);
    draft_name.push(".new");
    let draft = above.join(draft_name);
    // What an earlier crash left was never named as the key, so nobody relies on it.
    match fs::remove_file(&draft) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(e)),
        _ => {}
    }
    let written = write_draft(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    if let Err(e) = written {
        if let Err(left) = fs::remove_file(&draft) {
            tracing::debug!(path = %draft.display(), error = %left, "a draft stays behind");
        }
        return Err(failed(e));
    }
    sync_folder(above)
}

/// Removes the file at `path`. Tells whether there was one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<bool, PrivateFileError> {
    match fs::remove_file(path) {
        Ok(()) => {
            if let Some(above) = path.parent() {
                sync_folder(above)?;
            }
            Ok(true)
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(PrivateFileError::from_io(path, e)),
    }
}

/// Overwrites the file at `path`, if there is one, and removes it. What the disk keeps of bytes that
/// are overwritten is the disk's.
///
/// # Errors
/// When it cannot be overwritten or removed.
pub fn wipe(path: &Path) -> Result<(), PrivateFileError> {
    overwrite(path)?;
    remove(path).map(drop)
}

/// Overwrites the file at `path`, if there is one, and puts `next` in its place. Killed in between,
/// it can be called again.
///
/// # Errors
/// When it cannot be overwritten or replaced.
pub fn wipe_and_replace(path: &Path, next: &Path) -> Result<(), PrivateFileError> {
    overwrite(path)?;
    fs::rename(next, path).map_err(|e| PrivateFileError::from_io(path, e))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn overwrite(path: &Path) -> Result<(), PrivateFileError> {
    let failed = |e| PrivateFileError::from_io(path, e);
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits());
    }
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    let facts = file.metadata().map_err(failed)?;
    if !facts.is_file() {
        return Err(PrivateFileError::NotAFile { path: path.to_owned() });
    }
    let zeros = vec![0; usize::try_from(facts.len()).unwrap_or_default()];
    file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(failed)
}

fn write_draft(draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<(), PrivateFileError> {
    // A name without a folder part has the empty path above it, which means "here".
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| PrivateFileError::from_io(folder, e))
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> Result<(), PrivateFileError> {
    Ok(())
}

#[cfg(unix)]
fn close_to_others(path: &Path, found: &File, mode: u32) -> Result<(), PrivateFileError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let failed = |e| PrivateFileError::from_io(path, e);
    let facts = found.metadata().map_err(failed)?;
    if facts.uid() != nix::unistd::geteuid().as_raw() {
        return Err(PrivateFileError::NotOurs { path: path.to_owned(), owner: facts.uid() });
    }
    let was = facts.permissions().mode() & 0o7777;
    if was & 0o077 != 0 {
        found.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
        tracing::warn!(
            path = %path.display(),
            "others could use this (mode {was:o}); it is closed to them now (mode {mode:o})"
        );
    }
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path, _found: &File, _mode: u32) -> Result<(), PrivateFileError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests;
