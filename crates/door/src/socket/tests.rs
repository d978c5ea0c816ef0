//! The folder and the sockets: whose they are, who may enter, and which are replaced.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
use super::*;
use std::{
    fs,
    io::{Read, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        net::{UnixListener, UnixStream},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Both sockets take a caller in, and bytes pass.
async fn check(sockets: &Sockets, folder: &Path) {
    for at in [Entrance::Agent, Entrance::Control] {
        let (mut out, server) = dial(folder, at).await.unwrap();
        let (mut into, caller) = sockets.accept(at).await.unwrap().unwrap();
        assert_eq!((server, caller), (Some(std::process::id()), Some(std::process::id())));
        out.write_all(b"hello").await.unwrap();
        drop(out);
        let mut got = Vec::new();
        into.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"hello");
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_folder_is_closed_and_the_sockets_go_with_their_owner() {
    let home = tempdir().unwrap();
    let folder = home.path().join("deep/run");
    let sockets = Sockets::bind(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("agent.sock")), 0o600);
    assert_eq!(mode(&folder.join("control.sock")), 0o600);
    check(&sockets, &folder).await;
    drop(sockets);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let dialled = dial(&folder, Entrance::Agent).await;
    assert!(matches!(dialled, Err(ConnectError::NotRunning)), "{dialled:?}");
    let dialled = dial(&home.path().join("nowhere"), Entrance::Agent).await;
    assert!(matches!(dialled, Err(ConnectError::NotRunning)), "{dialled:?}");
}

#[tokio::test]
async fn an_open_folder_is_closed() {
    let folder = tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let _sockets = Sockets::bind(folder.path()).unwrap();
    assert_eq!(mode(folder.path()), 0o700);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_path_of_any_length_works() {
    let home = tempdir().unwrap();
    let folder = home.path().join("n".repeat(200)).join("m".repeat(200));
    let sockets = Sockets::bind(&folder).unwrap();
    check(&sockets, &folder).await;
    drop(sockets);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_living_one_is_not() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "a listener leaves its socket behind");
    let sockets = Sockets::bind(folder.path()).unwrap();
    check(&sockets, folder.path()).await;
    let second = Sockets::bind(folder.path());
    assert!(matches!(second, Err(BindError::InUse { .. })), "{second:?}");
    check(&sockets, folder.path()).await;
    drop(sockets);

    // Someone who does not hold the folder as we do is left alone too.
    let stranger = UnixListener::bind(&path).unwrap();
    let second = Sockets::bind(folder.path());
    assert!(matches!(second, Err(BindError::InUse { .. })), "{second:?}");
    assert!(UnixStream::connect(&path).is_ok(), "the stranger still serves");
    drop(stranger);
    assert!(Sockets::bind(folder.path()).is_ok());
}

#[tokio::test]
async fn nobody_elses_socket_is_removed() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    let sockets = Sockets::bind(folder.path()).unwrap();
    // Moved and not removed, so that the new one cannot get its number.
    fs::rename(&path, folder.path().join("old")).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    drop(sockets);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
}

#[tokio::test]
async fn what_is_no_folder_or_no_socket_is_refused() {
    let home = tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("real")).unwrap();
    symlink(at("real"), at("link")).unwrap();
    symlink(at("missing"), at("dangling")).unwrap();
    fs::write(at("file"), b"").unwrap();
    for name in ["link", "link/", "dangling", "file"] {
        let bound = Sockets::bind(&at(name));
        assert!(matches!(bound, Err(BindError::Folder(_))), "{name}: {bound:?}");
        let dialled = dial(&at(name), Entrance::Control).await;
        assert!(matches!(dialled, Err(ConnectError::Folder(_))), "{name}: {dialled:?}");
    }
    fs::write(at("real/agent.sock"), b"mine").unwrap();
    let bound = Sockets::bind(&at("real"));
    assert!(matches!(bound, Err(BindError::Occupied { .. })), "{bound:?}");
    assert_eq!(fs::read(at("real/agent.sock")).unwrap(), b"mine");
}

/// The user "nobody", where the tests may become it.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can stand in for two users");
    }
    root
}

#[tokio::test]
async fn another_users_folder_is_refused() {
    let folder = tempdir().unwrap();
    if !is_root() {
        return;
    }
    std::os::unix::fs::chown(folder.path(), Some(NOBODY), None).unwrap();
    let bound = Sockets::bind(folder.path());
    let want = FolderError::NotOurs { folder: folder.path().to_owned(), uid: NOBODY };
    assert_eq!(bound.unwrap_err().to_string(), want.to_string());
    assert!(matches!(
        dial(folder.path(), Entrance::Agent).await,
        Err(ConnectError::Folder(FolderError::NotOurs { uid: NOBODY, .. }))
    ));
}

/// Runs [`as_another_user`] as nobody, with a socket to `what` ("call" or "serve").
fn other_user(what: &str, socket: &Path) -> Option<Child> {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "socket::tests::as_another_user", "--nocapture"])
        .env("DOOR_TEST_WHAT", what)
        .env("DOOR_TEST_SOCKET", socket)
        .uid(NOBODY)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    match child {
        Ok(child) => Some(child),
        Err(e) => {
            eprintln!("skipped: another user cannot run the tests here: {e}");
            None
        }
    }
}

/// Not a test by itself: what the other user does.
#[test]
fn as_another_user() {
    let Some(socket) = std::env::var_os("DOOR_TEST_SOCKET") else { return };
    if std::env::var("DOOR_TEST_WHAT").unwrap() == "call" {
        let mut stream = UnixStream::connect(socket).unwrap();
        assert_eq!(stream.read(&mut [0; 9]).unwrap(), 0, "closed without a word");
    } else {
        let _listener = UnixListener::bind(socket).unwrap();
        std::io::stderr().write_all(b"!").unwrap();
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    }
}

#[tokio::test]
async fn another_users_call_is_turned_away() {
    let folder = tempdir().unwrap();
    if !is_root() {
        return;
    }
    let sockets = Sockets::bind(folder.path()).unwrap();
    // As if the folder's own lock had failed.
    let socket = folder.path().join("agent.sock");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
    let Some(mut child) = other_user("call", &socket) else { return };
    assert!(sockets.accept(Entrance::Agent).await.unwrap().is_none());
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn another_users_node_is_not_trusted() {
    let folder = tempdir().unwrap();
    if !is_root() {
        return;
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let socket = folder.path().join("control.sock");
    let Some(mut child) = other_user("serve", &socket) else { return };
    child.stderr.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let dialled = dial(folder.path(), Entrance::Control).await;
    assert!(matches!(dialled, Err(ConnectError::NotOurs { uid: NOBODY, .. })), "{dialled:?}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
