//! Opening the store: one owner, one version, every table there.

use crate::{
    Change, ChangeError, Look, LookError, Vault, VaultError, disk,
    shelf::{ShelfError, Writing},
};
use artifact::{Journal, Secret};
use redb::{Database, ReadableDatabase, StorageBackend};
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

mod version;

pub use version::Floor;
use version::{check_version, refuse_untouched};

/// The version of the store's format that this program writes.
pub const VERSION: u64 = 2;

/// redb's page cache. The working set of a node is small; the default of 1 GiB is for servers.
const CACHE_BYTES: usize = 32 << 20;

/// What a change may take: its rows, a body of a mebibyte at most, and redb's copies of pages. With
/// less free none is begun, because redb takes nothing more once a write has failed.
const ROOM: u64 = 2 << 20;

/// Why the store cannot be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another TraceNet process: quit it, or let it do the work", .0.display())]
    InUse(PathBuf),
    /// Written by a newer program.
    #[error(
        "this data was written by a newer TraceNet{} (store version {found}, this program knows {VERSION}): install the newer one again; nothing was changed",
        .by.as_ref().map(|by| format!(", {by}")).unwrap_or_default()
    )]
    Newer {
        /// The version found.
        found: u64,
        /// The program that wrote it, where it says so.
        by: Option<String>,
    },
    /// Of an earlier version than this node's human has signed for.
    #[error(
        "this data is of store version {found}, but it was of version {floor} when you last allowed something: an older copy was put in its place. Put the newer one back; or, where that is lost, go on with the older one by `tracenet storage accept`. Nothing was changed"
    )]
    Older {
        /// The version found.
        found: u64,
        /// The version that was signed for.
        floor: u64,
    },
    /// The folder cannot be written.
    #[error("{} cannot be written: make it writable for this user, or set TRACENET_HOME to another folder", .0.display())]
    NotWritable(PathBuf),
    /// A folder that others use and that holds no node.
    #[error("{} holds other things and is open to others: choose an empty folder of its own", .0.display())]
    Foreign(PathBuf),
    /// The disk is full.
    #[error("the disk of {} is full: free some space and start again; nothing was lost", .0.display())]
    Full(PathBuf),
    /// The file is not a store, or is damaged.
    #[error("{} cannot be read as a store ({why}): restore it from a backup, or move it away to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What redb says.
        why: String,
    },
    /// Anything else the system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Bytes on disk, as `du` counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The store's file.
    pub store: u64,
    /// Compressed logs.
    pub stored: u64,
}

/// The open store. Cheap reads from any thread; one change at a time.
pub struct Store {
    db: Database,
    file: PathBuf,
    vault: Vault,
    /// Signs the journal's head; absent until the node has keys.
    journal: Mutex<Option<Secret<Journal>>>,
}

impl Store {
    /// Opens, or makes, the store in `home` and takes it for this process.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing is changed when it fails.
    pub fn open(home: &Path) -> Result<Self, OpenError> {
        Self::open_above(home, &|| None)
    }

    /// The same, where the human has signed for a version that the store was already of. An
    /// older one is refused instead of upgraded: it is a copy of an earlier day. `floor` is
    /// asked only when there is something to upgrade.
    ///
    /// # Errors
    /// See [`OpenError`]. Nothing is changed when it fails.
    pub fn open_above(home: &Path, floor: Floor<'_>) -> Result<Self, OpenError> {
        refuse_foreign(home)?;
        private_dir(home).map_err(|e| from_io(home, e))?;
        let file = home.join("store.redb");
        // redb answers most damage with an error, and some with a panic.
        let db = catch_unwind(AssertUnwindSafe(|| open_database(home, &file, floor)))
            .unwrap_or_else(|_| Err(contradictory(&file)))?;
        remove_unmade(home).map_err(|e| from_io(home, e))?;
        Self::with(home, file, db)
    }

    /// Opens, or makes, a store whose facts lie in `backend` and not in a file of `home`: in
    /// memory, or on a disk that fails when it is told to. The logs lie in `home` all the same.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_on(home: &Path, backend: impl StorageBackend) -> Result<Self, OpenError> {
        private_dir(home).map_err(|e| from_io(home, e))?;
        let file = home.join("store.redb");
        let open = || {
            let db = Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(backend);
            let db = db.map_err(|e| from_database(&file, e))?;
            check_version(&db, &file, &|| None)?;
            Ok(db)
        };
        let db = catch_unwind(AssertUnwindSafe(open));
        let db = db.unwrap_or_else(|_| Err(contradictory(&file)))?;
        Self::with(home, file, db)
    }

    fn with(home: &Path, file: PathBuf, db: Database) -> Result<Self, OpenError> {
        let traces = home.join("traces");
        let vault = Vault::open(&traces).map_err(|e| from_vault(&traces, e))?;
        Ok(Self { db, file, vault, journal: Mutex::new(None) })
    }

    /// Gives the key that signs the journal's head. Without it nothing can be journalled.
    pub fn sign_with(&self, key: Secret<Journal>) {
        *lock(&self.journal) = Some(key);
    }

    /// A consistent look at everything committed so far.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn look(&self) -> Result<Look, LookError> {
        Ok(Look::new(self.db.begin_read().map_err(redb::Error::from)?))
    }

    /// Runs `change` in one durable transaction: all of it happens, or none.
    ///
    /// # Errors
    /// `E` when `change` gives it up, and storage errors as `E`. On a full disk nothing is begun, and
    /// once there is room it goes on.
    pub fn change<T, E: From<ChangeError>>(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if disk::free(&self.file).is_some_and(|free| free < ROOM) {
            return Err(ChangeError::Full.into());
        }
        let tx = self.db.begin_write().map_err(|e| ChangeError::from(redb::Error::from(e)))?;
        let mut journal = lock(&self.journal);
        let mut open = Change::new(Writing::new(tx), journal.as_ref());
        let out = change(&mut open)?;
        if let Some(heir) = open.commit()? {
            *journal = Some(heir);
        }
        Ok(out)
    }

    /// The compressed logs.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Bytes on disk.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes { store: disk::used(&self.file), stored: self.vault.bytes_on_disk() }
    }
}

fn open_database(home: &Path, file: &Path, floor: Floor<'_>) -> Result<Database, OpenError> {
    if file.exists() {
        refuse_untouched(file, floor)?;
    } else {
        make(home, file)?;
    }
    let mut db = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .open(file)
        .map_err(|e| from_database(file, e))?;
    let upgraded = check_version(&db, file, floor)?;
    give_back(&mut db, file, upgraded);
    Ok(db)
}

/// A file smaller than this is not looked at: what it could give back is not worth the look.
const WORTH_A_LOOK: u64 = 64 << 20;

/// Gives pages that nothing uses back to the disk when they are most of a large file, or when
/// an upgrade has just written every row anew. Killed in between, the file is as before.
fn give_back(db: &mut Database, file: &Path, upgraded: bool) {
    let before = disk::used(file);
    let most_is_free = || -> Result<bool, redb::Error> {
        let stats = db.begin_write()?.stats()?;
        Ok(stats.fragmented_bytes() > before / 2)
    };
    let pays = upgraded || (before > WORTH_A_LOOK && most_is_free().unwrap_or(false));
    if !pays {
        return;
    }
    match db.compact() {
        Ok(_) => tracing::info!(before, after = disk::used(file), "the store was compacted"),
        // It is as good as it was: only larger than it need be.
        Err(e) => tracing::warn!(error = %e, "the store could not be compacted"),
    }
}

fn contradictory(file: &Path) -> OpenError {
    OpenError::Damaged { path: file.to_owned(), why: "its pages contradict each other".into() }
}

/// Makes the file whole before it gets its name: an interrupted or failed first start leaves
/// none, where redb would leave one that it cannot open again.
fn make(home: &Path, file: &Path) -> Result<(), OpenError> {
    let io = |e: io::Error| from_io(file, e);
    let new = tempfile::Builder::new().prefix(UNMADE.0).suffix(UNMADE.1).tempfile_in(home);
    let new = new.map_err(io)?;
    let db = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create_file(new.reopen().map_err(io)?)
        .map_err(|e| from_database(file, e))?;
    check_version(&db, file, &|| None)?;
    drop(db);
    match new.persist_noclobber(file) {
        // Where it exists after all, another process was faster, and its file stands.
        Err(e) if !file.exists() => return Err(io(e.error)),
        _ => {}
    }
    // Without this a power cut could take the name away again.
    fs::File::open(home).and_then(|dir| dir.sync_all()).map_err(io)
}

/// How the name of a file that is still being made begins and ends.
const UNMADE: (&str, &str) = ("store.", ".new");

/// Removes what interrupted first starts left.
fn remove_unmade(home: &Path) -> io::Result<()> {
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNMADE.0) && name.ends_with(UNMADE.1) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What a node keeps in its folder; what else is there is somebody else's.
const OURS: [&str; 7] = ["store.", "traces", "keys", "agents", "index", "outbox", "run"];

/// A folder that is shared with others and holds no node is not taken over: closing it to
/// everybody else would break what it is for.
fn refuse_foreign(home: &Path) -> Result<(), OpenError> {
    let Ok(meta) = fs::metadata(home) else { return Ok(()) };
    let shared = meta.permissions().mode() & 0o077 != 0;
    let ours = |entry: io::Result<fs::DirEntry>| {
        let name = entry.map(|e| e.file_name()).unwrap_or_default();
        let name = name.to_string_lossy();
        OURS.iter().any(|own| name.starts_with(own))
    };
    let only_ours = fs::read_dir(home).map_or(true, |mut entries| entries.all(ours));
    if shared && !only_ours {
        return Err(OpenError::Foreign(home.to_owned()));
    }
    Ok(())
}

/// A poisoned lock means a panic elsewhere; the value behind it is still whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Makes a folder that only this user can enter.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

pub(crate) fn from_io(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotWritable(path)
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::Full(path),
        _ => OpenError::Io { path, source },
    }
}

fn from_vault(traces: &Path, error: VaultError) -> OpenError {
    match error {
        VaultError::Io(source) => from_io(traces, source),
        other => OpenError::Damaged { path: traces.to_owned(), why: other.to_string() },
    }
}

fn from_database(path: &Path, error: redb::DatabaseError) -> OpenError {
    match error {
        redb::DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        other => from_redb(path, other.into()),
    }
}

fn from_redb(path: &Path, error: redb::Error) -> OpenError {
    match error {
        // What the system did not say is redb's word on the file's form.
        redb::Error::Io(source) if source.raw_os_error().is_none() => {
            OpenError::Damaged { path: path.to_owned(), why: source.to_string() }
        }
        redb::Error::Io(source) => from_io(path, source),
        redb::Error::DatabaseAlreadyOpen => OpenError::InUse(path.to_owned()),
        other => OpenError::Damaged { path: path.to_owned(), why: other.to_string() },
    }
}

fn from_shelf(path: &Path, error: ShelfError) -> OpenError {
    match error {
        ShelfError::Storage(source) => from_redb(path, source),
        row @ ShelfError::Row { .. } => {
            OpenError::Damaged { path: path.to_owned(), why: row.to_string() }
        }
    }
}
