//! Reads OpenCode's sessions out of its database, or out of the tree of files of older versions,
//! as the lines that [`distil::Format::OpenCode`] is read from.
//!
//! Promises: nothing of the agent's is written, nor made beside it: a database that nobody
//! writes to is opened as one that cannot change, one in use by its own locks, and where neither
//! will do a copy of it with its log is read. What was kept is given byte for byte, but for line
//! breaks between its parts, which become spaces.

use super::files::{Found, Source, unreadable};
use crate::Fault;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, types::ValueRef};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// How every SQLite database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The most sessions of one database.
const MAX_SESSIONS: u32 = 100_000;
/// The longest value that is read.
const MAX_VALUE: u64 = distil::MAX_LINE as u64 - 4_096;
/// How long another program's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a database is copied that is written to meanwhile.
const COPIES: usize = 3;
/// What stands beside a database and belongs to it: its log, or what takes back an unfinished
/// change.
const BESIDE: [&str; 2] = ["-wal", "-journal"];
const WAIT: &str = "close the agent, or wait until it has finished writing, and try again";
const DAMAGED: &str = "it is damaged, or no database of this agent";

/// What takes the lines of a session; false ends it.
pub(super) type Sink<'a> = dyn FnMut(&[u8]) -> Result<bool, Fault> + 'a;

/// Whether a file is a database.
pub(super) fn is_database(first: &[u8]) -> bool {
    first.starts_with(MAGIC)
}

/// An open database, and the copy that it was made from, which goes with it.
struct Database {
    connection: Connection,
    _copy: Option<TempDir>,
}

fn broken(path: &Path, error: &rusqlite::Error) -> Fault {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => WAIT,
        _ => DAMAGED,
    };
    Fault::invalid(format!("{} cannot be read as a database: {error}", path.display()), hint)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A path as the address of a database, with what has a meaning in one written in hex.
fn address(path: &Path, options: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri + options
}

fn open_as(path: &Path, options: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(address(path, options), flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Opening touches nothing: whether it can be read shows at the first question.
    connection.query_row("SELECT count(*) FROM session", [], |_| Ok(()))?;
    Ok(connection)
}

fn open(path: &Path) -> Result<Database, Fault> {
    let written = fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0);
    let locked = beside(path, "-shm").exists() || beside(path, "-journal").exists();
    let plain = match (written, locked) {
        (false, false) => open_as(path, "?mode=ro&immutable=1"),
        (_, true) => open_as(path, "?mode=ro"),
        // A log without its index: only a copy may be given one.
        (true, false) => Err(rusqlite::Error::InvalidQuery),
    };
    match plain {
        Ok(connection) => Ok(Database { connection, _copy: None }),
        Err(_) => copied(path),
    }
}

/// Opens a copy, made while nobody wrote. What its writer left unfinished is taken back in it.
fn copied(path: &Path) -> Result<Database, Fault> {
    for _ in 0..COPIES {
        let before = stamp(path);
        let folder = copy(path)?;
        if stamp(path) == before {
            let copy = folder.path().join(COPY);
            let connection = open_copy(&copy).map_err(|e| broken(path, &e))?;
            return Ok(Database { connection, _copy: Some(folder) });
        }
    }
    Err(Fault::invalid(format!("{} is being written to", path.display()), WAIT))
}

const COPY: &str = "copy.db";

fn copy(path: &Path) -> Result<TempDir, Fault> {
    let folder = tempfile::tempdir().map_err(Fault::broken)?;
    let copy = folder.path().join(COPY);
    fs::copy(path, &copy).map_err(|e| unreadable(path, &e))?;
    for end in BESIDE {
        let file = beside(path, end);
        match fs::copy(&file, beside(&copy, end)) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(unreadable(&file, &e)),
            _ => {}
        }
    }
    Ok(folder)
}

fn open_copy(copy: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said != "ok" {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(code, Some(said)));
    }
    connection.query_row("SELECT count(*) FROM session", [], |_| Ok(()))?;
    Ok(connection)
}

/// The sizes and times of a database and of what belongs to it, by which it shows that it was
/// written to.
type Stamp = [Option<(u64, SystemTime)>; 3];

fn stamp(path: &Path) -> Stamp {
    ["", "-wal", "-journal"].map(|end| {
        let meta = fs::metadata(beside(path, end)).ok()?;
        Some((meta.len(), meta.modified().ok()?))
    })
}

/// The databases that a job reads from, opened anew only if they were written to since: so one is
/// copied once, and its lock waited for once, however many sessions are in it.
#[derive(Default)]
pub(crate) struct Databases(BTreeMap<PathBuf, (Stamp, Result<Database, Fault>)>);

impl Databases {
    fn opened(&mut self, path: &Path) -> Result<&Database, Fault> {
        let now = stamp(path);
        let (then, opened) = self.0.entry(path.to_owned()).or_insert_with(|| (now, open(path)));
        if *then != now {
            (*then, *opened) = (now, open(path));
        }
        opened.as_ref().map_err(Fault::clone)
    }
}

/// The sessions of databases, as they were listed last.
#[derive(Default)]
pub(super) struct Listings(BTreeMap<PathBuf, (Stamp, Vec<Found>)>);

impl Listings {
    /// The sessions of a database, which is opened only if it was written to since.
    pub(super) fn sessions(&mut self, path: &Path) -> Result<Vec<Found>, Fault> {
        // Before it is read: what is written meanwhile shows at the next look.
        let now = stamp(path);
        if let Some((_, listed)) = self.0.get(path).filter(|(then, _)| *then == now) {
            return Ok(listed.clone());
        }
        let listed = sessions(path)?;
        self.0.insert(path.to_owned(), (now, listed.clone()));
        Ok(listed)
    }
}

/// The sessions of a database, each as something to import.
pub(super) fn sessions(path: &Path) -> Result<Vec<Found>, Fault> {
    let database = open(path)?;
    let list = || -> rusqlite::Result<Vec<Found>> {
        let mut all = database.connection.prepare(
            "SELECT id, time_updated, (SELECT coalesce(sum(octet_length(data)), 0) FROM part
             WHERE session_id = session.id) FROM session ORDER BY time_updated DESC LIMIT ?1",
        )?;
        let rows = all.query_map([MAX_SESSIONS], |row| {
            let (id, updated, bytes): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let changed = UNIX_EPOCH + Duration::from_millis(u64::try_from(updated).unwrap_or(0));
            let bytes = u64::try_from(bytes).unwrap_or(0);
            Ok(Found::new(path.to_owned(), bytes, changed, Source::Database(id)))
        })?;
        rows.collect()
    };
    list().map_err(|e| broken(path, &e))
}

/// Reads one session of a database.
pub(super) fn read(
    databases: &mut Databases,
    path: &Path,
    session: &str,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let connection = &databases.opened(path)?.connection;
    // One look at all of it, whatever the agent writes meanwhile.
    let look = connection.unchecked_transaction().map_err(|e| broken(path, &e))?;
    let outcome = rows(&look, session, sink);
    outcome.map_err(|stop| match stop {
        Stop::Fault(fault) => fault,
        Stop::Database(error) => broken(path, &error),
    })
}

/// Why reading ended before its end.
enum Stop {
    Fault(Fault),
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

fn rows(connection: &Connection, session: &str, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut one = connection.prepare("SELECT * FROM session WHERE id = ?1")?;
    let names: Vec<String> = one.column_names().map(str::to_owned).collect();
    let columns = one.query_row([session], |row| {
        let mut columns = Map::new();
        for (n, name) in names.iter().enumerate() {
            columns.insert(name.clone(), value(row.get_ref(n)?));
        }
        Ok(columns)
    });
    let Some(columns) = columns.optional()? else { return Ok(()) };
    let data = Value::Object(columns).to_string();
    if !put(sink, "session", session, data.as_bytes())? {
        return Ok(());
    }
    let mut messages = connection.prepare(
        "SELECT id, data, length(data) FROM message WHERE session_id = ?1 ORDER BY time_created, id",
    )?;
    let mut parts = connection
        .prepare("SELECT id, data, length(data) FROM part WHERE message_id = ?1 ORDER BY id")?;
    let mut message = messages.query([session])?;
    while let Some(row) = message.next()? {
        let id: String = row.get(0)?;
        if !put_row(sink, "message", &id, row)? {
            return Ok(());
        }
        let mut part = parts.query([&id])?;
        while let Some(row) = part.next()? {
            let id: String = row.get(0)?;
            if !put_row(sink, "part", &id, row)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => json!(String::from_utf8_lossy(text)),
    }
}

fn put_row(
    sink: &mut Sink<'_>,
    table: &str,
    id: &str,
    row: &rusqlite::Row<'_>,
) -> Result<bool, Stop> {
    let length: Option<i64> = row.get(2)?;
    if length.and_then(|l| u64::try_from(l).ok()).is_some_and(|length| length > MAX_VALUE) {
        return put(sink, table, id, b"null");
    }
    match row.get_ref(1)? {
        ValueRef::Text(data) | ValueRef::Blob(data) => put(sink, table, id, data),
        _ => put(sink, table, id, b"null"),
    }
}

/// Gives one line.
fn put(sink: &mut Sink<'_>, table: &str, id: &str, data: &[u8]) -> Result<bool, Stop> {
    let mut line = format!("{{\"table\":\"{table}\",\"id\":{},\"data\":", json!(id)).into_bytes();
    // A line break stands between the parts of a value, never in a text of it.
    line.extend(data.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    line.extend_from_slice(b"}\n");
    sink(&line).map_err(Stop::Fault)
}

/// Whether a folder is the tree of an older version.
pub(super) fn is_tree(folder: &Path) -> bool {
    ["session", "message", "part"].iter().all(|name| folder.join(name).is_dir())
}

/// The sessions of a tree: `session/<project>/<id>.json`.
pub(super) fn tree(folder: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    for project in listed(&folder.join("session")) {
        for file in listed(&project) {
            let id = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            let Ok(meta) = fs::symlink_metadata(&file) else { continue };
            if id.is_empty() || !meta.is_file() || found.len() >= MAX_SESSIONS as usize {
                continue;
            }
            let messages = listed(&folder.join("message").join(&id));
            let newest = messages.last().and_then(|last| fs::metadata(last).ok());
            let changed = newest.as_ref().unwrap_or(&meta).modified().unwrap_or(UNIX_EPOCH);
            let bytes = meta.len();
            found.push(Found::new(file, bytes, changed, Source::Tree(folder.to_owned(), id)));
        }
    }
    found
}

/// Reads one session of a tree.
pub(super) fn read_tree(
    folder: &Path,
    file: &Path,
    session: &str,
    sink: &mut Sink<'_>,
) -> Result<(), Fault> {
    let mut give = |table: &str, path: &Path| -> Result<bool, Fault> {
        let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let meta = fs::symlink_metadata(path).map_err(|e| unreadable(path, &e))?;
        let data = if meta.len() > MAX_VALUE || !meta.is_file() {
            b"null".to_vec()
        } else {
            fs::read(path).map_err(|e| unreadable(path, &e))?
        };
        let data = data.strip_suffix(b"\n").unwrap_or(&data);
        put(sink, table, id, data).map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Database(error) => Fault::broken(error),
        })
    };
    if !give("session", file)? {
        return Ok(());
    }
    for message in listed(&folder.join("message").join(session)) {
        let id = message.file_stem().unwrap_or_default().to_owned();
        if !give("message", &message)? {
            return Ok(());
        }
        for part in listed(&folder.join("part").join(id)) {
            if !give("part", &part)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What is in a folder, by name, which is by time where ids are.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests;
