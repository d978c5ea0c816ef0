//! An organisation's key is made once, read again, and no other key is taken for it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::private::PrivateFileError;
use std::{fs, os::unix::fs::PermissionsExt};

#[test]
fn it_is_made_once_and_only_its_owner_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.key");
    let mut seed = |bytes: &mut [u8]| {
        bytes.fill(7);
        Ok(())
    };
    let public = new(&file, &mut seed).unwrap();
    assert_eq!(read(&file).unwrap().public(), public);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = new(&file, &mut seed).unwrap_err();
    assert!(matches!(again, KeyFileError::File(PrivateFileError::Exists { .. })), "{again}");
}

#[test]
fn no_other_file_is_taken_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.key");
    assert!(matches!(read(&file), Err(KeyFileError::NotThere { .. })));
    let author = Secret::<artifact::Author>::from_seed(&[7; 32]);
    private::write_new(&file, line(&author).as_bytes()).unwrap();
    assert!(matches!(read(&file), Err(KeyFileError::OtherRole { .. })));
    fs::write(&file, "something else that is as long as a key's file would be".repeat(4)).unwrap();
    assert!(matches!(read(&file), Err(KeyFileError::Garbled { .. })));
}
