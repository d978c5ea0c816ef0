//! The two sockets and the folder they stand in.
//!
//! `agent.sock` is for agents, `control.sock` for the human's own command line and second
//! windows. Promises: the folder is this user's own and closed to others (0700), the sockets
//! are 0600; one process at a time holds the folder; a socket is replaced only when nobody
//! answers on it; both ends learn from the system that the other is the same user, or part;
//! the sockets go when [`Sockets`] does. Paths of any length work on Linux.
//!
//! Unix only: elsewhere every act answers `Unsupported`.

use std::{io, path::PathBuf};

#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as here;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(not(unix))]
use elsewhere as here;

pub use here::Sockets;
pub(crate) use here::{Stream, dial, process_of};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Agents come in here. Nothing can be approved through it.
    Agent,
    /// The human's own programs come in here.
    Control,
}

impl Entrance {
    /// The file's name in the folder.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has the files"))]
    pub(crate) const fn file(self) -> &'static str {
        match self {
            Self::Agent => "agent.sock",
            Self::Control => "control.sock",
        }
    }
}

/// Why the sockets could not be put up.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process serves there.
    #[error("another tracenet serves in {}: end it first", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder is not one of ours.
    #[error("{}", .0)]
    Folder(#[from] FolderError),
    /// There is something at the socket's place that is not a socket.
    #[error("{} is not a socket: move it away", path.display())]
    Occupied {
        /// The path.
        path: PathBuf,
    },
    /// The system said no.
    #[error("cannot serve in {}: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// This system has no such sockets.
    #[error("local agents cannot be let in on this system yet")]
    Unsupported,
}

/// Why a folder is not trusted with sockets.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is a link to somewhere else, or a file.
    #[error("{} is a link or a file, and must be a folder", folder.display())]
    NotAFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// It belongs to someone else.
    #[error("{} belongs to user {uid}, not to you", folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// Its owner.
        uid: u32,
    },
}

/// Why the node could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody serves there.
    #[error("tracenet is not running: start the app or `tracenet node`")]
    NotRunning,
    /// The folder is not one of ours.
    #[error("{}", .0)]
    Folder(#[from] FolderError),
    /// Somebody else serves there.
    #[error("user {uid} serves in {}, not you", folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// Who serves.
        uid: u32,
    },
    /// The node has no room for another connection now.
    #[error("tracenet has too many connections now: try again in a moment")]
    Busy,
    /// The system said no.
    #[error("cannot reach tracenet in {}: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// This system has no such sockets.
    #[error("tracenet cannot be reached by a local socket on this system yet")]
    Unsupported,
}

#[cfg(all(test, unix))]
mod tests;
