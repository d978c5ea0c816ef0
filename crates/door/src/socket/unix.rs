//! The sockets on Unix.

use super::{
    BindError, ConnectError, Entrance,
    folder::{Folder, OpenError},
};
use crate::process::Process;
use nix::unistd::geteuid;
use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::Path,
    time::Duration,
};
use tokio::{net::UnixListener, time::sleep};

/// A connection.
pub(crate) type Stream = tokio::net::UnixStream;

/// The node's two sockets. Dropped, they are removed.
#[derive(Debug)]
pub struct Sockets {
    // In this order: the sockets go before the folder is let go.
    agent: Bound,
    control: Bound,
    folder: std::sync::Arc<Folder>,
}

impl Sockets {
    /// Puts up both sockets in `folder`, which is made when missing and closed to others.
    /// Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When another process serves there, when the folder or what is in it is not ours, or
    /// when the system says no.
    pub fn bind(folder: &Path) -> Result<Self, BindError> {
        let io_error = |source| BindError::Io { folder: folder.to_owned(), source };
        let open = match Folder::make(folder) {
            Ok(open) => std::sync::Arc::new(open),
            Err(OpenError::Distrusted(e)) => return Err(e.into()),
            Err(OpenError::Io(e)) => return Err(io_error(e)),
        };
        if !open.hold().map_err(io_error)? {
            return Err(BindError::InUse { folder: folder.to_owned() });
        }
        let agent = Bound::new(&open, Entrance::Agent)?;
        let control = Bound::new(&open, Entrance::Control)?;
        Ok(Self { agent, control, folder: open })
    }

    /// The folder they stand in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The next connection, with the other end's process id where the system tells; `None`
    /// for one that is not this user's, which is closed at once.
    pub(crate) async fn accept(&self, at: Entrance) -> io::Result<Option<(Stream, Option<u32>)>> {
        let bound = match at {
            Entrance::Agent => &self.agent,
            Entrance::Control => &self.control,
        };
        let (stream, _) = bound.listener.accept().await?;
        let (uid, pid) = other_end(&stream)?;
        if uid == geteuid().as_raw() {
            return Ok(Some((stream, pid)));
        }
        tracing::warn!(uid, "turned away a connection of another user");
        Ok(None)
    }
}

/// The uid and the pid of the other end, as the system noted them when it connected.
fn other_end(stream: &Stream) -> io::Result<(u32, Option<u32>)> {
    let who = stream.peer_cred()?;
    Ok((who.uid(), who.pid().and_then(|pid| u32::try_from(pid).ok())))
}

/// The process at the other end, looked at while the kernel holds it where it can: a process id
/// alone may be another's by now.
pub(crate) fn process_of(stream: &Stream, pid: Option<u32>) -> Option<Process> {
    let holds = holder(stream);
    let process = Process::look(pid?)?;
    Some(Process { held: holds.is_some_and(|holds| holds() == Some(process.pid)), ..process })
}

/// Tells which process a handle of the kernel's holds, as long as it lives.
type Holder = Box<dyn Fn() -> Option<u32>>;

/// The handle that the kernel (6.5 and later) keeps of who connected.
#[cfg(target_os = "linux")]
fn holder(stream: &Stream) -> Option<Holder> {
    use nix::sys::socket::{getsockopt, sockopt::PeerPidfd};
    use std::os::fd::AsRawFd;
    let handle = getsockopt(stream, PeerPidfd).ok()?;
    Some(Box::new(move || {
        let told = fs::read_to_string(format!("/proc/self/fdinfo/{}", handle.as_raw_fd())).ok()?;
        // `-1` once it is gone.
        told.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()
    }))
}

/// No such handle here.
#[cfg(not(target_os = "linux"))]
fn holder(_stream: &Stream) -> Option<Holder> {
    None
}

/// A socket of ours, removed on drop.
#[derive(Debug)]
struct Bound {
    listener: UnixListener,
    folder: std::sync::Arc<Folder>,
    file: &'static str,
    /// Which file it is, so that we never remove another's.
    inode: u64,
}

impl Bound {
    fn new(folder: &std::sync::Arc<Folder>, at: Entrance) -> Result<Self, BindError> {
        let file = at.file();
        let io_error = |source| BindError::Io { folder: folder.path().to_owned(), source };
        let path = folder.at(file);
        match fs::symlink_metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(io_error(e)),
            Ok(there) if !there.file_type().is_socket() => {
                return Err(BindError::Occupied { path: folder.path().join(file) });
            }
            Ok(_) if somebody_answers(&path).map_err(io_error)? => {
                return Err(BindError::InUse { folder: folder.path().to_owned() });
            }
            // Left behind by a process that was killed.
            Ok(_) => fs::remove_file(&path).map_err(io_error)?,
        }
        let listener = UnixListener::bind(&path).map_err(io_error)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(io_error)?;
        let inode = fs::symlink_metadata(&path).map_err(io_error)?.ino();
        Ok(Self { listener, folder: folder.clone(), file, inode })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let path = self.folder.at(self.file);
        if fs::symlink_metadata(&path).is_ok_and(|there| there.ino() == self.inode) {
            // A socket left behind is replaced by the next node: nothing is lost.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether a process listens on the socket at `path`. Never waits: a full queue is an answer.
#[cfg(target_os = "linux")]
fn somebody_answers(path: &Path) -> io::Result<bool> {
    use nix::{
        errno::Errno,
        sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket},
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let probe = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match connect(std::os::fd::AsRawFd::as_raw_fd(&probe), &UnixAddr::new(path)?) {
        Ok(()) | Err(Errno::EAGAIN) => Ok(true),
        Err(Errno::ECONNREFUSED | Errno::ENOENT) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Whether a process listens on the socket at `path`.
#[cfg(not(target_os = "linux"))]
fn somebody_answers(path: &Path) -> io::Result<bool> {
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => Ok(false),
        Err(e) => Err(e),
    }
}

/// How often and how long a caller waits for a node whose queue is full.
const QUEUE: (u32, Duration) = (50, Duration::from_millis(20));

/// Connects to the node that serves in `folder`, and makes sure that it is this user's.
/// With the node's process id where the system tells.
pub(crate) async fn dial(
    folder: &Path,
    at: Entrance,
) -> Result<(Stream, Option<u32>), ConnectError> {
    let io_error = |source| ConnectError::Io { folder: folder.to_owned(), source };
    let open = match Folder::open(folder) {
        Ok(open) => open,
        Err(OpenError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
            return Err(ConnectError::NotRunning);
        }
        Err(OpenError::Distrusted(e)) => return Err(e.into()),
        Err(OpenError::Io(e)) => return Err(io_error(e)),
    };
    let path = open.at(at.file());
    let mut tries = 0;
    let stream = loop {
        match Stream::connect(&path).await {
            Ok(stream) => break stream,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && tries < QUEUE.0 => {
                tries += 1;
                sleep(QUEUE.1).await;
            }
            Err(e) => {
                return Err(match e.kind() {
                    io::ErrorKind::WouldBlock => ConnectError::Busy,
                    io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                        ConnectError::NotRunning
                    }
                    _ => io_error(e),
                });
            }
        }
    };
    let (uid, pid) = other_end(&stream).map_err(io_error)?;
    if uid != geteuid().as_raw() {
        return Err(ConnectError::NotOurs { folder: folder.to_owned(), uid });
    }
    Ok((stream, pid))
}
