//! Which files an import reads: one, or every `.jsonl` below a folder, newest first. Links
//! are not followed.

use super::FAILURES;
use crate::Fault;
use artifact::display;
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The most files one import takes.
pub(super) const MAX_FILES: usize = 200_000;
/// The deepest folder below the one that was named.
const MAX_DEPTH: usize = 32;

/// A file to read.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    changed: SystemTime,
}

/// What an import reads, and what it does not look into.
#[derive(Default)]
pub(crate) struct Finds {
    /// The files, newest first.
    pub(crate) files: Vec<Found>,
    /// Whether there are more than one import takes: which of all these are, is chance.
    pub(crate) more: bool,
    /// The folders that were not looked into, and why not: as many as one import tells of.
    pub(crate) closed: Vec<String>,
}

/// Finds what is to be read.
pub(crate) fn find(path: &Path) -> Result<Finds, Fault> {
    let meta = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    if meta.is_file() {
        return Ok(Finds { files: vec![found(path.to_owned(), &meta)], ..Finds::default() });
    }
    if !meta.is_dir() {
        let what = format!("{} is neither a file nor a folder", path.display());
        return Err(Fault::invalid(what, "name a log, or a folder of logs"));
    }
    let mut finds = Finds::default();
    walk(path, 0, &mut finds)?;
    if finds.files.is_empty() {
        let what = format!("there are no .jsonl logs below {}", path.display());
        let usual = || "Claude Code keeps its logs in ~/.claude/projects".to_owned();
        return Err(Fault::invalid(what, finds.closed.first().cloned().unwrap_or_else(usual)));
    }
    finds.files.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.path.cmp(&b.path)));
    Ok(finds)
}

fn walk(dir: &Path, depth: usize, finds: &mut Finds) -> Result<(), Fault> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        // A folder below that cannot be read must not hide the others.
        Err(e) if depth > 0 => {
            finds.close(dir, &e.to_string());
            return Ok(());
        }
        Err(e) => return Err(unreadable(dir, &e)),
    };
    for entry in entries.flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        let Ok(kind) = kind else { continue };
        if kind.is_dir() && depth >= MAX_DEPTH {
            finds.close(&path, &format!("below {MAX_DEPTH} others; import it by itself"));
        } else if kind.is_dir() {
            walk(&path, depth + 1, finds)?;
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "jsonl") {
            if finds.files.len() >= MAX_FILES {
                finds.more = true;
            } else {
                finds.files.extend(entry.metadata().ok().map(|meta| found(path, &meta)));
            }
        }
        if finds.more {
            break;
        }
    }
    Ok(())
}

impl Finds {
    fn close(&mut self, folder: &Path, why: &str) {
        if self.closed.len() < FAILURES {
            let place = display::line(&folder.display().to_string(), 400);
            self.closed.push(format!("{place}: this folder was not looked into: {why}"));
        }
    }
}

impl Found {
    /// When it was written last.
    pub(crate) const fn changed(&self) -> SystemTime {
        self.changed
    }
}

fn found(path: PathBuf, meta: &fs::Metadata) -> Found {
    let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Found { path, bytes: meta.len(), changed }
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    let hint = match error.kind() {
        std::io::ErrorKind::NotFound => "check the path",
        std::io::ErrorKind::PermissionDenied => "this user may not read it",
        _ => "",
    };
    Fault::invalid(format!("{} cannot be read: {error}", path.display()), hint)
}
