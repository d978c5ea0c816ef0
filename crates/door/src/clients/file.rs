//! The human's own file: read with care, exchanged whole or not at all.
//!
//! Promises: a link stays a link, and what it names is exchanged; permissions stay; what is
//! not a plain file of this user, or is read-only on purpose, is left alone; a crash leaves
//! the old file or the new one; what came in between a look and the exchange is seen.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The most bytes of a file that is changed: Claude Code keeps a history in its own.
pub(super) const MAX_BYTES: u64 = 32 << 20;

/// Why a file is not touched.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A folder, a pipe, a device.
    #[error("{} is not a plain file", path.display())]
    NotAFile {
        /// What was found.
        path: PathBuf,
    },
    /// A link to nothing.
    #[error("{} is a link to a file that is not there", path.display())]
    Dangling {
        /// The link.
        path: PathBuf,
    },
    /// It belongs to someone else.
    #[error("{} belongs to user {uid}, not to you", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Its owner.
        uid: u32,
    },
    /// Its owner may not write it.
    #[error("{} is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Exchanging it would cut it off from its other names.
    #[error("{} has {names} names (hard links), and exchanging it would part them", path.display())]
    Linked {
        /// The file.
        path: PathBuf,
        /// How many.
        names: u64,
    },
    /// Too large to be this program's settings.
    #[error("{} has {bytes} bytes, and at most {MAX_BYTES} are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Not UTF-8.
    #[error("{} is not text in UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Somebody wrote it in the meantime.
    #[error("{} changed since its change was shown", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The system said no.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Original {
    /// The file itself, behind any links.
    target: PathBuf,
    pub(super) text: String,
    #[cfg(unix)]
    mode: u32,
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> FileError + '_ {
    |source| FileError::Io { path: path.to_owned(), source }
}

/// Reads a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Original>, FileError> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let link = path.symlink_metadata().is_ok();
            let dangling = FileError::Dangling { path: path.to_owned() };
            return if link { Err(dangling) } else { Ok(None) };
        }
        Err(e) => return Err(io_at(path)(e)),
    };
    // Looked at before it is opened: opening a pipe would wait for a writer.
    let about = fs::metadata(&target).map_err(io_at(path))?;
    if !about.is_file() {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    if about.len() > MAX_BYTES {
        return Err(FileError::TooLarge { path: path.to_owned(), bytes: about.len() });
    }
    let mut bytes = Vec::new();
    let file = File::open(&target).map_err(io_at(path))?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(io_at(path))?;
    let text =
        String::from_utf8(bytes).map_err(|_| FileError::NotText { path: path.to_owned() })?;
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o7777;
    Ok(Some(Original {
        target,
        text,
        #[cfg(unix)]
        mode,
    }))
}

/// Whether this user may exchange it, and may want to.
pub(super) fn check_writable(path: &Path, original: &Original) -> Result<(), FileError> {
    let path = path.to_owned();
    let about = fs::metadata(&original.target).map_err(io_at(&path))?;
    if about.permissions().readonly() {
        return Err(FileError::ReadOnly { path });
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if original.mode & 0o200 == 0 {
            return Err(FileError::ReadOnly { path });
        }
        let uid = about.uid();
        if uid != nix::unistd::geteuid().as_raw() {
            return Err(FileError::NotOurs { path, uid });
        }
        if about.nlink() > 1 {
            return Err(FileError::Linked { path, names: about.nlink() });
        }
    }
    Ok(())
}

/// Keeps a copy beside the file, under a name of its own and as closed as the file.
pub(super) fn back_up(path: &Path, original: &Original, stamp: &str) -> Result<PathBuf, FileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for n in 1..100_u32 {
        let again = if n == 1 { String::new() } else { format!("-{n}") };
        let copy = path.with_file_name(format!("{name}.before-tracenet-{stamp}{again}"));
        match write_new(&copy, original.text.as_bytes(), Some(original)) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            written => return written.map(|()| copy.clone()).map_err(io_at(&copy)),
        }
    }
    Err(io_at(path)(io::ErrorKind::AlreadyExists.into()))
}

/// Makes the folder that the file is to lie in, and names the outermost that was not there.
pub(super) fn make_folder(path: &Path) -> Result<Option<PathBuf>, FileError> {
    let folder = path.parent().unwrap_or(path);
    let missing = folder.ancestors().take_while(|f| f.symlink_metadata().is_err()).last();
    if missing.is_some() {
        fs::create_dir_all(folder).map_err(io_at(folder))?;
    }
    Ok(missing.map(Path::to_owned))
}

/// Takes the folders away that were made for the file, as far as nothing else came into them.
pub(super) fn leave_folder(path: &Path, made: &Path) {
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(made)) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Puts `new` in the place of what was read; `None` takes the file away.
pub(super) fn exchange(
    path: &Path,
    original: Option<&Original>,
    new: Option<&str>,
) -> Result<(), FileError> {
    let target = original.map_or(path, |original| &original.target);
    let folder = target.parent().unwrap_or(Path::new("/"));
    let Some(new) = new else {
        still(path, original)?;
        return fs::remove_file(target).map_err(io_at(path));
    };
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|e| io_at(path)(io::Error::other(e)))?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.join(format!("{name}.{}", data_encoding::HEXLOWER.encode(&seed)));
    write_new(&draft, new.as_bytes(), original).map_err(io_at(folder))?;
    let exchanged =
        still(path, original).and_then(|()| fs::rename(&draft, target).map_err(io_at(path)));
    if exchanged.is_err() {
        // The draft is ours and nobody's memory: when it stays, it is in nobody's way.
        let _ = fs::remove_file(&draft);
    }
    exchanged?;
    // The name is durable once the folder is; where folders cannot be opened, the system's
    // own time has to do.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// That the file is still what was read.
fn still(path: &Path, original: Option<&Original>) -> Result<(), FileError> {
    let now = read(path)?;
    let same = now.as_ref().map(|now| (&now.target, &now.text))
        == original.map(|original| (&original.target, &original.text));
    if same { Ok(()) } else { Err(FileError::Changed { path: path.to_owned() }) }
}

/// Writes a file that is not there yet, as closed as `like`, or to this user only.
fn write_new(path: &Path, bytes: &[u8], like: Option<&Original>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    if let Some(like) = like {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(like.mode);
        file.set_permissions(mode)?;
    }
    #[cfg(not(unix))]
    let _ = like;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
