//! A full disk and a read-only one, on a file system of a chosen size that only the child sees.

use crate::house::*;
use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Command, Output},
};
use store::{ChangeError, OpenError, Store, VaultError};

/// Runs one test of this program in a mount namespace of its own, with a small disk on its home.
/// Says so and gives nothing where the system does not permit that.
fn on_a_disk_of(size: &str, test: &str) -> Option<Output> {
    let dir = tempfile::tempdir().unwrap();
    let script = format!("mount -t tmpfs -o size={size} disk \"$0\" && exec \"$@\"");
    let inside = |flags: &str| {
        let mut command = Command::new("unshare");
        command.args([flags, "sh", "-c", &script]).arg(dir.path());
        command
    };
    let permits = |flags: &str| {
        let tried = inside(flags).arg("true").output();
        tried.is_ok_and(|out| out.status.success())
    };
    let Some(flags) = ["-m", "-rm"].into_iter().find(|flags| permits(flags)) else {
        eprintln!("skipped: {test}: this system lets no test mount a disk of its own");
        return None;
    };
    let mut command = inside(flags);
    command.arg(std::env::current_exe().unwrap());
    child_args(&mut command, test, dir.path());
    Some(command.output().unwrap())
}

/// Mounts this child's disk anew with other options.
fn remount(disk: &Path, options: &str) {
    let options = format!("remount,{options}");
    let args = [OsStr::new("-o"), OsStr::new(&options), disk.as_os_str()];
    assert!(Command::new("mount").args(args).status().unwrap().success());
}

fn check(size: &str, test: &str) {
    let Some(out) = on_a_disk_of(size, test) else { return };
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(said.contains("1 passed"), "the child ran nothing: {said}");
}

fn incompressible(n: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&n.to_be_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Run as a child, on a disk of 8 MiB.
#[test]
fn child_fills_the_disk() {
    let Some(disk) = child_home() else { return };
    let home = disk.join("home");
    let open = || {
        let store = Store::open(&home)?;
        store.sign_with(journal_secret());
        Ok::<_, OpenError>(store)
    };
    let store = open().unwrap();
    let mut kept = 0;
    let failed = loop {
        let seq = kept + 1;
        let done = store.change(|c| {
            c.put_snapshot(&incompressible(seq, 100_000))?;
            c.append(event(seq), seq)
        });
        match done {
            Ok(_) => kept = seq,
            Err(failed) => break failed,
        }
        assert!(kept < 1_000, "the disk never filled");
    };
    assert!(matches!(failed, ChangeError::Full), "{failed}");
    assert!(kept > 5, "only {kept} changes fitted");
    // It does not pretend to go on, reads what is there, and goes on once there is room.
    let again = store.change(|c| c.append(event(kept + 1), 1)).unwrap_err();
    assert!(matches!(again, ChangeError::Full), "{again}");
    assert_eq!(store.look().unwrap().journal_len().unwrap(), kept);
    remount(&disk, "size=12m");
    kept = change(&store, |c| {
        c.put_snapshot(&incompressible(kept + 1, 100_000))?;
        c.append(event(kept + 1), kept + 1)
    });
    remount(&disk, "size=8m");
    drop(store);

    // Still full: it opens, or says what to do; it never calls itself damaged.
    match open() {
        Ok(_) | Err(OpenError::Full(_)) => {}
        Err(other) => panic!("{other}"),
    }
    remount(&disk, "size=64m");
    let store = open().unwrap();
    let look = store.look().unwrap();
    assert_eq!(look.verify_journal(&journal_key()).unwrap().unwrap().0, kept);
    for seq in 1..=kept {
        let bytes = incompressible(seq, 100_000);
        let frozen = look.snapshot(&artifact::ArtifactId::of(&bytes)).unwrap();
        assert_eq!(frozen, Some(bytes), "{seq}");
    }
    drop(look);
    assert_eq!(change(&store, |c| c.append(event(kept + 1), 1)), kept + 1);
}

#[test]
fn a_full_disk_undoes_one_change_and_no_other() {
    check("8m", "disk::child_fills_the_disk");
}

/// Run as a child, on a disk of a few pages.
#[test]
fn child_starts_on_a_full_disk() {
    let Some(disk) = child_home() else { return };
    let home = disk.join("home");
    for _ in 0..2 {
        let refused = Store::open(&home).map(drop).unwrap_err();
        assert!(matches!(refused, OpenError::Full(_)), "{refused:?}");
        assert!(refused.to_string().contains("free some space"), "{refused}");
        assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "something half-made is left");
    }
    remount(&disk, "size=64m");
    let store = Store::open(&home).unwrap();
    store.sign_with(journal_secret());
    assert_eq!(change(&store, |c| c.append(event(1), 1)), 1);
}

#[test]
fn a_first_start_on_a_full_disk_leaves_nothing_half_made() {
    // The file fails at another page each time.
    for size in ["4k", "8k", "12k"] {
        check(size, "disk::child_starts_on_a_full_disk");
    }
}

/// Run as a child, on a disk of 8 MiB.
#[test]
fn child_keeps_a_log_that_does_not_fit() {
    let Some(disk) = child_home() else { return };
    let store = Store::open(&disk.join("home")).unwrap();
    let (small, _) = store.vault().keep(b"small").unwrap();
    let large = incompressible(1, 16 << 20);
    let failed = store.vault().keep(&large).unwrap_err();
    let full = std::io::ErrorKind::StorageFull;
    assert!(matches!(&failed, VaultError::Io(e) if e.kind() == full), "{failed:?}");
    assert!(!store.vault().has(&artifact::ArtifactId::of(&large)));
    assert_eq!(fs::read_dir(disk.join("home/traces")).unwrap().count(), 1, "a part is left");
    assert_eq!(store.vault().read_all(&small, 5).unwrap(), b"small");
    remount(&disk, "size=64m");
    assert_eq!(store.vault().keep(&large).unwrap().0, artifact::ArtifactId::of(&large));
}

#[test]
fn a_log_that_does_not_fit_is_not_kept() {
    check("8m", "disk::child_keeps_a_log_that_does_not_fit");
}

/// Run as a child, on a disk of 8 MiB.
#[test]
fn child_opens_on_a_read_only_disk() {
    let Some(disk) = child_home() else { return };
    let (made, empty) = (disk.join("made"), disk.join("empty"));
    let store = Store::open(&made).unwrap();
    store.sign_with(journal_secret());
    change(&store, |c| c.append(event(1), 1));
    drop(store);
    fs::create_dir(&empty).unwrap();
    remount(&disk, "ro");
    for home in [&made, &empty, &disk.join("not-there")] {
        let refused = Store::open(home).map(drop).unwrap_err();
        assert!(matches!(refused, OpenError::NotWritable(_)), "{}: {refused:?}", home.display());
        assert!(refused.to_string().contains("TRACENET_HOME"), "{refused}");
    }
    remount(&disk, "rw");
    assert_eq!(Store::open(&made).unwrap().look().unwrap().journal_len().unwrap(), 1);
}

#[test]
fn a_read_only_disk_is_said_to_be_one() {
    check("8m", "disk::child_opens_on_a_read_only_disk");
}
