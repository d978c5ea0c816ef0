//! What an import reads: one log, or every log below a folder, newest first. Links are not
//! followed.

use super::{
    FAILURES,
    opencode::{self, Listings},
};
use crate::Fault;
use artifact::display;
use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The most files one import takes.
pub(super) const MAX_FILES: usize = 200_000;
/// Files in which programs keep what lets them in: never opened, whatever lies beside them.
const SECRET: [&str; 5] =
    ["auth.json", "mcp-auth.json", "oauth_creds.json", ".credentials.json", "google_accounts.json"];
/// The deepest folder below the one that was named.
const MAX_DEPTH: usize = 32;

/// A log to read.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) source: Source,
    changed: SystemTime,
}

/// Where the bytes of a log are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// They are the file.
    File,
    /// They are a session of a database.
    Database(String),
    /// They are a session of a tree of files, which begins at a folder.
    Tree(PathBuf, String),
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
    let finds = find_again(path, &mut Listings::default())?;
    if finds.files.is_empty() {
        let what = format!("there are no logs of agents below {}", path.display());
        let usual = || "`tracenet sources` says where agents keep theirs".to_owned();
        return Err(Fault::invalid(what, finds.closed.first().cloned().unwrap_or_else(usual)));
    }
    Ok(finds)
}

/// The same, knowing how databases were listed before. A folder without a log is no fault.
pub(super) fn find_again(path: &Path, listings: &mut Listings) -> Result<Finds, Fault> {
    let meta = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    let mut finds = Finds::default();
    if meta.is_file() {
        if begins_as_database(path) {
            finds.add(listings.sessions(path)?);
        } else {
            finds.add([found(path.to_owned(), &meta)]);
        }
    } else if meta.is_dir() {
        walk(path, 0, &mut finds, listings)?;
    } else {
        let what = format!("{} is neither a file nor a folder", path.display());
        return Err(Fault::invalid(what, "name a log, or a folder of logs"));
    }
    newest_first(&mut finds.files);
    Ok(finds)
}

/// The first useful recall comes soon, whatever the size of the history.
pub(crate) fn newest_first(files: &mut [Found]) {
    files.sort_by(|a, b| {
        let (a_name, b_name) = ((&a.path, a.name()), (&b.path, b.name()));
        b.changed.cmp(&a.changed).then_with(|| a_name.cmp(&b_name))
    });
}

fn begins_as_database(path: &Path) -> bool {
    let mut first = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(16).read_to_end(&mut first));
    read.is_ok() && opencode::is_database(&first)
}

fn walk(dir: &Path, depth: usize, finds: &mut Finds, listings: &mut Listings) -> Result<(), Fault> {
    if opencode::is_tree(dir) {
        finds.add(opencode::tree(dir));
        return Ok(());
    }
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
            walk(&path, depth + 1, finds, listings)?;
        } else if kind.is_file() && is_named_as_log(&path) {
            let Ok(meta) = entry.metadata() else { continue };
            // A database that cannot be read is a finding, told where its file is read.
            match is_database(&path).then(|| listings.sessions(&path)) {
                Some(Ok(sessions)) => finds.add(sessions),
                Some(Err(_)) | None => finds.add([found(path, &meta)]),
            }
        }
        if finds.more {
            break;
        }
    }
    Ok(())
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|end| endings.iter().any(|one| end == *one))
}

fn is_named_as_database(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("opencode") && ends(path, &["db"])
}

fn is_database(path: &Path) -> bool {
    is_named_as_database(path) && begins_as_database(path)
}

/// Whether a file below a folder is looked into.
fn is_named_as_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let log = ends(path, &["jsonl", "traj", "json"]) && !SECRET.contains(&name);
    log || is_named_as_database(path)
}

impl Finds {
    fn add(&mut self, logs: impl IntoIterator<Item = Found>) {
        for log in logs {
            if self.files.len() >= MAX_FILES {
                self.more = true;
                return;
            }
            self.files.push(log);
        }
    }

    fn close(&mut self, folder: &Path, why: &str) {
        if self.closed.len() < FAILURES {
            let place = display::line(&folder.display().to_string(), 400);
            self.closed.push(format!("{place}: this folder was not looked into: {why}"));
        }
    }
}

impl Found {
    pub(crate) const fn new(
        path: PathBuf,
        bytes: u64,
        changed: SystemTime,
        source: Source,
    ) -> Self {
        Self { path, bytes, source, changed }
    }

    /// When it was written last.
    pub(crate) const fn changed(&self) -> SystemTime {
        self.changed
    }

    /// The session's id, of one among many; empty for a file.
    pub(crate) fn name(&self) -> &str {
        match &self.source {
            Source::File => "",
            Source::Database(id) | Source::Tree(_, id) => id,
        }
    }

    /// Where it was read, for the human, and to know it again when it grew.
    pub(crate) fn place(&self) -> String {
        let path = self.path.display();
        match &self.source {
            Source::Database(id) => format!("{path}#{id}"),
            Source::File | Source::Tree(..) => path.to_string(),
        }
    }

    /// Whether it was taken for a log by a name that most files have which are none.
    pub(crate) fn may_be_none(&self) -> bool {
        self.source == Source::File && ends(&self.path, &["json"])
    }
}

fn found(path: PathBuf, meta: &fs::Metadata) -> Found {
    let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Found::new(path, meta.len(), changed, Source::File)
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    let hint = match error.kind() {
        std::io::ErrorKind::NotFound => "check the path",
        std::io::ErrorKind::PermissionDenied => "this user may not read it",
        _ => "",
    };
    Fault::invalid(format!("{} cannot be read: {error}", path.display()), hint)
}
