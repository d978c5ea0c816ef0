//! What was done to a program's settings, so that it can be undone: a small file in the data
//! folder. When it is lost, undoing still takes our own member out.

use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The most bytes of a record.
pub(super) const MAX_BYTES: u64 = 64 << 10;

/// The record cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("what was changed cannot be remembered in {}: {source}", path.display())]
pub struct RecordError {
    path: PathBuf,
    source: io::Error,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The settings.
    pub(super) file: PathBuf,
    /// The copy of what was there; none where nothing was.
    pub(super) backup: Option<PathBuf>,
    /// BLAKE3 of what was there, in hex.
    pub(super) before: Option<String>,
    /// BLAKE3 of what was written, in hex.
    pub(super) after: String,
    /// The outermost folder that was made for it; none where it was there.
    #[serde(default)]
    pub(super) made: Option<PathBuf>,
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join("clients").join(format!("{name}.json"))
}

/// The record of this name, if there is a readable one of this file.
pub(super) fn of(folder: &Path, name: &str, file: &Path) -> Option<Record> {
    let path = path(folder, name);
    let about = path.symlink_metadata().ok()?;
    if !about.is_file() || about.len() > MAX_BYTES {
        return None;
    }
    let record: Record = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (record.file == file).then_some(record)
}

/// Keeps a record in the place of the one before.
pub(super) fn keep(folder: &Path, name: &str, record: &Record) -> Result<(), RecordError> {
    let path = path(folder, name);
    write(&path, record).map_err(|source| RecordError { path, source })
}

fn write(path: &Path, record: &Record) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let draft = path.with_extension("draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(&serde_json::to_vec(record)?)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

/// Forgets it.
pub(super) fn forget(folder: &Path, name: &str) {
    // When it stays, it names a file that has changed since, and is not believed.
    let _ = fs::remove_file(path(folder, name));
}
