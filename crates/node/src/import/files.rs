//! What an import reads: one log, or every log below a folder, newest first. Links are not
//! followed: where there may be logs behind one, that is said.

use super::opencode::{self, Listings};
use crate::{Fault, notice::Said};
use artifact::display;
use std::{
    fs,
    io::{self, Read as _},
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

/// A log of more bytes waits until all that have fewer are read.
const LARGE: u64 = 64 << 20;

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
    /// The files, in the order in which they are read.
    pub(crate) files: Vec<Found>,
    /// Whether there are more than one import takes: which of all these are, is chance.
    pub(crate) more: bool,
    /// What was not looked into, and why not.
    pub(crate) closed: Said,
    /// The links that were not followed.
    pub(crate) links: Said,
}

/// Finds what is to be read.
pub(crate) fn find(path: &Path) -> Result<Finds, Fault> {
    let finds = find_again(path, &mut Listings::default())?;
    if finds.files.is_empty() {
        let what = format!("there are no logs of agents below {}", path.display());
        let usual = || "`tracenet sources` says where agents keep theirs".to_owned();
        let passed = finds.closed.sentences.first().or(finds.links.sentences.first());
        return Err(Fault::invalid(what, passed.cloned().unwrap_or_else(usual)));
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
    in_order(&mut finds.files);
    Ok(finds)
}

pub(crate) fn too_many(path: &Path) -> Fault {
    let what = format!("there are more than {MAX_FILES} logs below {}", path.display());
    Fault::invalid(what, "import its folders one by one")
}

/// The first useful recall comes soon, whatever the size of the history: the newest first, and
/// large ones after all others.
pub(crate) fn in_order(files: &mut [Found]) {
    newest_first(files);
    files.sort_by_key(|file| file.bytes > LARGE);
}

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
            finds.close(dir, "this folder was not looked into", &e.to_string());
            return Ok(());
        }
        Err(e) => return Err(unreadable(dir, &e)),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                finds.close(dir, "not all of this folder was looked into", &e.to_string());
                break;
            }
        };
        let path = entry.path();
        // Of a link, not of what it leads to.
        match entry.metadata() {
            Ok(meta) if meta.is_dir() && depth >= MAX_DEPTH => {
                let why = format!("below {MAX_DEPTH} others; import it by itself");
                finds.close(&path, "this folder was not looked into", &why);
            }
            Ok(meta) if meta.is_dir() => walk(&path, depth + 1, finds, listings)?,
            Ok(meta) if meta.is_symlink() => finds.pass_link(&path),
            Ok(meta) if meta.is_file() && is_named_as_log(&path) => {
                // A database that cannot be read is a finding, told where its file is read.
                match is_database(&path).then(|| listings.sessions(&path)) {
                    Some(Ok(sessions)) => finds.add(sessions),
                    Some(Err(_)) | None => finds.add([found(path, &meta)]),
                }
            }
            Ok(_) => {}
            // It went since the folder was listed.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => finds.close(&path, "this was not looked into", &e.to_string()),
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

    fn close(&mut self, path: &Path, what: &str, why: &str) {
        let place = display::line(&path.display().to_string(), 400);
        self.closed.add(format!("{place}: {what}: {why}"));
    }

    /// Says of a link that it was not followed, unless it leads to what would not be read either.
    fn pass_link(&mut self, path: &Path) {
        if is_named_as_log(path) || fs::metadata(path).is_ok_and(|meta| meta.is_dir()) {
            let place = display::line(&path.display().to_string(), 400);
            self.links.add(format!("{place}: a link; import what it leads to by itself"));
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

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Fault {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "this user may not read it",
        _ => "",
    };
    Fault::invalid(format!("{} cannot be read: {error}", path.display()), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_large_log_waits_for_all_that_are_smaller() {
        let log = |name: &str, day: u64, bytes: u64| {
            let changed = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * day);
            Found::new(PathBuf::from(name), bytes, changed, Source::File)
        };
        let mut logs = [
            log("old and large", 1, LARGE + 1),
            log("old", 2, 1),
            log("new", 4, LARGE),
            log("new and large", 5, 2 * LARGE),
            log("middle", 3, 9),
        ];
        in_order(&mut logs);
        let names: Vec<_> = logs.iter().map(Found::place).collect();
        assert_eq!(names, ["new", "middle", "old", "new and large", "old and large"]);
    }
}
