//! Which version a store is of: newer ones are refused untouched, older ones brought to today's
//! form, and one that is older than its human signed for is refused.

use super::{OpenError, VERSION, from_redb, from_shelf};
use crate::{
    look::shelves,
    migrate,
    rows::UpgradeRow,
    shelf::{Shelf, ShelfError, Writing},
};
use redb::{Database, ReadTransaction, ReadableDatabase};
use std::path::Path;

/// Tells the lowest version that the human has signed for, if that is known.
pub type Floor<'a> = &'a dyn Fn() -> Option<u64>;

/// These two stay as they are for ever: every older program reads the first, and every newer
/// one is named by the second.
const STORE_VERSION: Shelf<u64> = Shelf::named("version");
const WRITTEN_BY: Shelf<String> = Shelf::named("written-by-0");

/// The program that writes this version, as people know it.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Refuses a newer store, and one older than its human signed for, without a write to its file:
/// opening for writing already is one.
///
/// Says nothing where redb cannot read it so, as after a crash: then the opening for writing
/// repairs it first, and [`check_version`] has the last word.
pub(super) fn refuse_untouched(file: &Path, floor: Floor<'_>) -> Result<(), OpenError> {
    let builder = Database::builder();
    let begun = match builder.open_read_only(file) {
        Ok(db) => db.begin_read().map_err(|e| from_redb(file, e.into()))?,
        Err(redb::DatabaseError::DatabaseAlreadyOpen) => {
            return Err(OpenError::InUse(file.to_owned()));
        }
        Err(_) => return Ok(()),
    };
    match version_of(&begun) {
        Some(found) if found > VERSION => {
            let by = WRITTEN_BY.get(&begun, b"program").ok().flatten();
            Err(newer(found, by))
        }
        Some(found) if (1..VERSION).contains(&found) => refuse_below(found, floor),
        _ => Ok(()),
    }
}

fn refuse_below(found: u64, floor: Floor<'_>) -> Result<(), OpenError> {
    let above = floor().filter(|floor| *floor > found);
    above.map_or(Ok(()), |floor| Err(OpenError::Older { found, floor }))
}

fn version_of(tx: &ReadTransaction) -> Option<u64> {
    STORE_VERSION.get(tx, b"version").ok().flatten()
}

/// The name of a program of the future is shown to a human: it is cut like any text.
fn newer(found: u64, by: Option<String>) -> OpenError {
    OpenError::Newer { found, by: by.map(|by| artifact::display::line(&by, 32)) }
}

/// Refuses a newer store before a row is written, makes the tables of a fresh one, brings an
/// older one to today's form: in one durable transaction, so that an interrupted upgrade has
/// not happened. True when there was one.
pub(super) fn check_version(
    db: &Database,
    file: &Path,
    floor: Floor<'_>,
) -> Result<bool, OpenError> {
    let damaged = |e: ShelfError| from_shelf(file, e);
    let begun = Writing::new(db.begin_write().map_err(|e| from_redb(file, e.into()))?);
    let found = STORE_VERSION.peek(&begun, b"version").map_err(damaged)?;
    match found {
        Some(found) if found > VERSION => {
            let by = WRITTEN_BY.peek(&begun, b"program").ok().flatten();
            return Err(newer(found, by));
        }
        Some(0) => {
            let why = "it says that it is of version 0, which never was".to_owned();
            return Err(OpenError::Damaged { path: file.to_owned(), why });
        }
        Some(found) if found < VERSION => {
            refuse_below(found, floor)?;
            upgrade(&begun, found).map_err(damaged)?;
        }
        Some(_) => shelves::create(&begun).map_err(damaged)?,
        None => {
            shelves::create(&begun).map_err(damaged)?;
            STORE_VERSION.put(&begun, b"version", &VERSION).map_err(damaged)?;
        }
    }
    let by = PROGRAM.to_owned();
    if WRITTEN_BY.peek(&begun, b"program").map_err(damaged)?.as_ref() != Some(&by) {
        WRITTEN_BY.put(&begun, b"program", &by).map_err(damaged)?;
    }
    begun.commit().map_err(|e| from_redb(file, e))?;
    Ok(found.is_some_and(|found| found < VERSION))
}

fn upgrade(tx: &Writing, found: u64) -> Result<(), ShelfError> {
    migrate::from(tx, found)?;
    shelves::create(tx)?;
    let row = UpgradeRow { from: found, to: VERSION, told: false };
    shelves::UPGRADES.put(tx, &VERSION.to_be_bytes(), &row)?;
    STORE_VERSION.put(tx, b"version", &VERSION)?;
    tracing::info!(from = found, to = VERSION, "the store was brought to today's form");
    Ok(())
}
