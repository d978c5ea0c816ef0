//! The folder of the sockets, held open, so that it cannot be exchanged under our hands.

use super::FolderError;
use nix::{fcntl::OFlag, unistd::geteuid};
use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io,
    os::{
        fd::AsRawFd,
        unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

/// An open folder that belongs to us.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    open: File,
}

/// Why a folder could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    Distrusted(FolderError),
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Folder {
    /// Makes the folder when it is missing, and closes it to others.
    pub(super) fn make(path: &Path) -> Result<Self, OpenError> {
        match DirBuilder::new().recursive(true).mode(0o700).create(path) {
            // Something that is no folder stands there: opening it says what.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        let folder = Self::open(path)?;
        folder.open.set_permissions(Permissions::from_mode(0o700))?;
        Ok(folder)
    }

    /// Opens a folder that is there.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let not_a_folder = || FolderError::NotAFolder { folder: path.to_owned() };
        // A slash at the end would follow a link in spite of the flag.
        let path: PathBuf = path.components().collect();
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
        let open = OpenOptions::new().read(true).custom_flags(flags.bits()).open(&path);
        let open = match open {
            Err(e) if matches!(e.raw_os_error(), Some(code) if is_not_a_folder(code)) => {
                return Err(OpenError::Distrusted(not_a_folder()));
            }
            opened => opened?,
        };
        let uid = open.metadata()?.uid();
        if uid != geteuid().as_raw() {
            return Err(OpenError::Distrusted(FolderError::NotOurs { folder: path, uid }));
        }
        Ok(Self { path, open })
    }

    /// The folder's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Holds the folder for this process until it is dropped; `false` when another does.
    pub(super) fn hold(&self) -> io::Result<bool> {
        match self.open.try_lock() {
            Ok(()) => Ok(true),
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(e)) => Err(e),
        }
    }

    /// A path to `file` in this very folder. On Linux it leads through the open folder, which
    /// keeps it under the 107 bytes a socket's path may have however deep the folder lies.
    pub(super) fn at(&self, file: &str) -> PathBuf {
        let through = PathBuf::from(format!("/proc/self/fd/{}", self.open.as_raw_fd()));
        let linux = cfg!(target_os = "linux") && through.exists();
        if linux { through.join(file) } else { self.path.join(file) }
    }
}

fn is_not_a_folder(code: i32) -> bool {
    code == nix::errno::Errno::ENOTDIR as i32 || code == nix::errno::Errno::ELOOP as i32
}
