//! What is refused, what is repaired, and what is left after a failure.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn written_files_are_private_and_whole() {
    let home = tempfile::tempdir().unwrap();
    let inner = home.path().join("a/b");
    folder(&inner).unwrap();
    assert_eq!((mode(&inner), mode(&home.path().join("a"))), (0o700, 0o700));
    let file = inner.join("key");
    assert!(read(&file, 10).unwrap().is_none());
    // What a crash left behind does not matter.
    fs::write(inner.join(".key.new"), "half").unwrap();
    write_new(&file, b"secret").unwrap();
    assert_eq!(mode(&file), 0o600);
    assert_eq!(*read(&file, 10).unwrap().unwrap(), b"secret");
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    let again = write_new(&file, b"other").unwrap_err();
    assert!(matches!(again, PrivateFileError::Exists { .. }), "{again}");
    assert!(matches!(read(&file, 5), Err(PrivateFileError::TooLarge { cap: 5, .. })));
    assert!(remove(&file).unwrap());
    assert!(!remove(&file).unwrap());
}

#[test]
fn what_others_can_read_is_closed() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("key");
    fs::write(&file, "secret").unwrap();
    set_mode(&file, 0o644);
    set_mode(home.path(), 0o755);
    folder(home.path()).unwrap();
    assert_eq!(*read(&file, 10).unwrap().unwrap(), b"secret");
    assert_eq!((mode(&file), mode(home.path())), (0o600, 0o700));
}

#[test]
fn what_is_no_plain_file_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::write(at("real"), "secret").unwrap();
    symlink(at("real"), at("link")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for name in ["link", "folder", "pipe"] {
        let refused = read(&at(name), 10).unwrap_err();
        assert!(matches!(refused, PrivateFileError::NotAFile { .. }), "{name}: {refused}");
    }
    for name in ["real", "real/below"] {
        let refused = folder(&at(name)).unwrap_err();
        assert!(matches!(refused, PrivateFileError::NotAFolder { .. }), "{name}: {refused}");
    }
}

#[test]
fn what_another_user_owns_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("key");
    fs::write(&file, "secret").unwrap();
    if chown(&file, Some(12_345), None).is_err() {
        eprintln!("skipped: only root can give a file away");
        return;
    }
    let refused = read(&file, 10).unwrap_err();
    assert!(matches!(refused, PrivateFileError::NotOurs { owner: 12_345, .. }), "{refused}");
    chown(home.path(), Some(12_345), None).unwrap();
    let refused = folder(home.path()).unwrap_err();
    assert!(matches!(refused, PrivateFileError::NotOurs { owner: 12_345, .. }), "{refused}");
    chown(home.path(), Some(0), None).unwrap();
}
