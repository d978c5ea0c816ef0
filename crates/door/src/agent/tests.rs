//! Agents' names and key files: what is a name, and that a key file is private and kept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
use super::*;
use std::os::unix::fs::PermissionsExt;

fn check(home: &Path, seed: u8) -> Result<AgentKey, KeyFileError> {
    let name = "north-agent".parse().unwrap();
    load_or_make(home, &name, || Ok(Zeroizing::new([seed; 32]))).map(|key| key.public())
}

#[test]
fn a_key_is_made_once_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let first = check(home.path(), 1).unwrap();
    assert_eq!(first, AgentSecret::from_seed(&[1; 32]).public());
    assert_eq!(check(home.path(), 2).unwrap(), first, "the second seed is not used");
    let folder = home.path().join("agents");
    let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("north-agent.key")), 0o600);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no draft is left");
}

#[test]
fn who_comes_second_takes_the_first_ones_key() {
    let home = tempfile::tempdir().unwrap();
    let name: AgentName = "twin".parse().unwrap();
    let first = load_or_make(home.path(), &name, || {
        // The other one comes between our look and our write.
        load_or_make(home.path(), &name, || Ok(Zeroizing::new([7; 32]))).unwrap();
        Ok(Zeroizing::new([8; 32]))
    });
    assert_eq!(first.unwrap().public(), AgentSecret::from_seed(&[7; 32]).public());
}

#[test]
fn what_is_no_key_is_refused_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    check(home.path(), 1).unwrap();
    let path = home.path().join("agents/north-agent.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(check(home.path(), 1), Err(KeyFileError::Loose { mode: 0o644, .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for text in [&b""[..], b"zz", &[b'a'; 63], &[b'a'; 66], &[0xff; 200]] {
        fs::write(&path, text).unwrap();
        assert!(matches!(check(home.path(), 1), Err(KeyFileError::NotAKey { .. })));
        assert_eq!(fs::read(&path).unwrap(), text);
    }
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(matches!(check(home.path(), 1), Err(KeyFileError::Io { .. })));
}

#[test]
fn names_are_plain() {
    for good in ["a", "claude-code", "x_9", &"n".repeat(32)] {
        assert!(good.parse::<AgentName>().is_ok(), "{good}");
    }
    for bad in ["", "A", "a b", "../x", "a.b", "ä", "a\0", &"n".repeat(33)] {
        assert!(bad.parse::<AgentName>().is_err(), "{bad}");
    }
}
