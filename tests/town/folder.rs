//! Folders of a node that nobody has open.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Copies a folder with all that is in it, as a backup does.
pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

/// Every file in a folder and those below it.
pub fn walked(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(walked(&path)),
            path => found.push(path),
        }
    }
    found
}
