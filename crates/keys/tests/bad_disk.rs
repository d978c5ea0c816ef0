//! Keys on a full and on a read-only disk: clear errors, nothing half-written.
//!
//! Starts this binary again in a mount namespace of its own; says that it skipped where the
//! system does not allow that.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use keys::{
    Custody, CustodyError, Keep, KeyFileError, NodeKeys, OsKeychain, PrivateFileError, entropy,
};
use std::{fs, path::Path, process::Command, sync::Arc};

/// Set for the copy of this binary that runs inside, to the folder where the disk is mounted.
const INSIDE: &str = "TRACENET_TEST_DISK";

/// Runs `inside` with a small disk, prepared by the shell commands `prepare`.
fn check(name: &str, prepare: &str, inside: impl FnOnce(&Path)) {
    if let Some(disk) = std::env::var_os(INSIDE) {
        return inside(Path::new(&disk));
    }
    let may = Command::new("unshare").args(["-rm", "true"]).output();
    if !may.is_ok_and(|ran| ran.status.success()) {
        eprintln!("skipped: unshare -rm is not allowed here");
        return;
    }
    let disk = tempfile::tempdir().unwrap();
    let script = format!("set -e; cd \"${INSIDE}\"; {prepare}; exec \"$0\" \"$@\"");
    let ran = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, disk.path())
        // No keychain: its place is a file here.
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", disk.path())
        .status();
    assert!(ran.unwrap().success(), "{name} failed inside");
}

fn open(disk: &Path) -> PrivateFileError {
    match NodeKeys::open_or_create(&disk.join("keys"), &mut entropy::os).unwrap_err() {
        KeyFileError::File(e) => e,
        other => unreachable!("{other}"),
    }
}

fn keep_in_file(disk: &Path) -> PrivateFileError {
    let custody = Custody::new(Arc::new(OsKeychain::new("north")), disk.join("keys/human_key"));
    let keep = Keep::File { passphrase: "north harbour 7" };
    match custody.create(keep, &mut entropy::os).unwrap_err() {
        CustodyError::File(e) => e,
        other => unreachable!("{other}"),
    }
}

#[test]
fn a_full_disk() {
    let prepare = "mount -t tmpfs -o size=64k,mode=700 none .; cd \"$TRACENET_TEST_DISK\"; \
                   mkdir -m 700 keys; dd if=/dev/zero of=fill bs=4k 2>/dev/null || true";
    check("a_full_disk", prepare, |disk| {
        for refused in [open(disk), keep_in_file(disk)] {
            assert!(matches!(refused, PrivateFileError::DiskFull { .. }), "{refused}");
        }
        assert_eq!(fs::read_dir(disk.join("keys")).unwrap().count(), 0);
        fs::remove_file(disk.join("fill")).unwrap();
        NodeKeys::open_or_create(&disk.join("keys"), &mut entropy::os).unwrap();
    });
}

#[test]
fn a_read_only_disk() {
    let prepare = "mount -t tmpfs -o mode=700 none .; mkdir -m 700 \"$TRACENET_TEST_DISK/keys\"; \
                   mount -o remount,ro \"$TRACENET_TEST_DISK\"";
    check("a_read_only_disk", prepare, |disk| {
        for refused in [open(disk), keep_in_file(disk)] {
            assert!(matches!(refused, PrivateFileError::ReadOnly { .. }), "{refused}");
        }
        // The folder itself cannot be made either.
        let refused = NodeKeys::open_or_create(&disk.join("new"), &mut entropy::os).unwrap_err();
        assert!(
            matches!(refused, KeyFileError::File(PrivateFileError::ReadOnly { .. })),
            "{refused}"
        );
    });
}
