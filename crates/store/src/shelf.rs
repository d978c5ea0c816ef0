//! A typed table: a name, a kind of row, canonical CBOR in between.
//!
//! Keys are bytes whose order is the order of the table; numbers in them are big-endian.

use artifact::canon;
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Serialize, de::DeserializeOwned};
use std::{cell::Cell, marker::PhantomData, ops::Deref};

type Bytes = &'static [u8];

/// A table of rows of type `V`.
pub(crate) struct Shelf<V> {
    table: TableDefinition<'static, Bytes, Bytes>,
    row: PhantomData<fn() -> V>,
}

/// A transaction that knows whether anything was written in it: one in which nothing was is not
/// worth the disk's time.
pub(crate) struct Writing {
    tx: WriteTransaction,
    wrote: Cell<bool>,
}

impl Writing {
    pub(crate) const fn new(tx: WriteTransaction) -> Self {
        Self { tx, wrote: Cell::new(false) }
    }

    /// Makes what was written durable, if anything was.
    pub(crate) fn commit(self) -> Result<(), redb::Error> {
        if self.wrote.get() { self.tx.commit().map_err(Into::into) } else { Ok(()) }
    }

    /// A table in order to write into it.
    fn open(
        &self,
        table: TableDefinition<'static, Bytes, Bytes>,
    ) -> Result<Opened<'_>, ShelfError> {
        self.wrote.set(true);
        self.tx.open_table(table).map_err(storage)
    }
}

impl Deref for Writing {
    type Target = WriteTransaction;

    fn deref(&self) -> &WriteTransaction {
        &self.tx
    }
}

type Opened<'tx> = Table<'tx, Bytes, Bytes>;

/// A row that cannot be read, or a table that cannot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error(transparent)]
    Storage(#[from] redb::Error),
    #[error("a row of {table} cannot be read: {source}")]
    Row { table: String, source: artifact::CanonError },
}

impl<V: Serialize + DeserializeOwned> Shelf<V> {
    /// A table of this name. The name ends in the version of its rows.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { table: TableDefinition::new(name), row: PhantomData }
    }

    /// Creates the table where it is not there yet.
    pub(crate) fn create(&self, tx: &Writing) -> Result<(), ShelfError> {
        tx.open(self.table).map(drop)
    }

    pub(crate) fn get(&self, tx: &ReadTransaction, key: &[u8]) -> Result<Option<V>, ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        table.get(key).map_err(storage)?.map(|guard| self.decode(guard.value())).transpose()
    }

    /// Like [`Self::get`], seeing what this transaction has already written.
    pub(crate) fn peek(&self, tx: &WriteTransaction, key: &[u8]) -> Result<Option<V>, ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        let row = table.get(key).map_err(storage)?;
        row.map(|guard| self.decode(guard.value())).transpose()
    }

    pub(crate) fn put(&self, tx: &Writing, key: &[u8], row: &V) -> Result<(), ShelfError> {
        let bytes = canon::encode(row).map_err(|source| self.bad_row(source))?;
        let mut table = tx.open(self.table)?;
        table.insert(key, bytes.as_slice()).map_err(storage)?;
        Ok(())
    }

    /// Puts a row where there is none; false when there is one.
    pub(crate) fn put_new(&self, tx: &Writing, key: &[u8], row: &V) -> Result<bool, ShelfError> {
        if self.peek(tx, key)?.is_some() {
            return Ok(false);
        }
        self.put(tx, key, row).map(|()| true)
    }

    pub(crate) fn remove(&self, tx: &Writing, key: &[u8]) -> Result<(), ShelfError> {
        let mut table = tx.open(self.table)?;
        table.remove(key).map_err(storage)?;
        Ok(())
    }

    /// The number that the last key begins with; 0 for an empty table.
    pub(crate) fn last_number(&self, tx: &WriteTransaction) -> Result<u64, ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        let last = table.last().map_err(storage)?;
        Ok(last.map_or(0, |(key, _)| number(key.value())))
    }

    /// Removes every row whose key begins with `prefix`.
    pub(crate) fn remove_under(&self, tx: &Writing, prefix: &[u8]) -> Result<(), ShelfError> {
        let mut keys = Vec::new();
        self.each_key_under(tx, prefix, |key| keys.push(key.to_vec()))?;
        if keys.is_empty() {
            return Ok(());
        }
        let mut table = tx.open(self.table)?;
        for key in keys {
            table.remove(key.as_slice()).map_err(storage)?;
        }
        Ok(())
    }

    /// Every row under keys that begin with `prefix`, as this transaction sees them.
    pub(crate) fn peek_under(
        &self,
        tx: &WriteTransaction,
        prefix: &[u8],
    ) -> Result<Vec<(Vec<u8>, V)>, ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        let mut rows = Vec::new();
        for item in table.range::<&[u8]>(prefix..).map_err(storage)? {
            let (key, row) = item.map_err(storage)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            rows.push((key.value().to_vec(), self.decode(row.value())?));
        }
        Ok(rows)
    }

    /// How many keys begin with `prefix`, as this transaction sees them. Reads no row.
    pub(crate) fn count_under(
        &self,
        tx: &WriteTransaction,
        prefix: &[u8],
    ) -> Result<usize, ShelfError> {
        let mut count = 0;
        self.each_key_under(tx, prefix, |_| count += 1)?;
        Ok(count)
    }

    fn each_key_under(
        &self,
        tx: &WriteTransaction,
        prefix: &[u8],
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        for item in table.range::<&[u8]>(prefix..).map_err(storage)? {
            let (key, _) = item.map_err(storage)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            each(key.value());
        }
        Ok(())
    }

    pub(crate) fn len(&self, tx: &ReadTransaction) -> Result<u64, ShelfError> {
        use redb::ReadableTableMetadata;
        tx.open_table(self.table).map_err(storage)?.len().map_err(storage)
    }

    /// Rows from key `from` on, or those before it from the end, as far as `keep` goes on.
    /// `keep` returns false to stop.
    pub(crate) fn walk(
        &self,
        tx: &ReadTransaction,
        from: &[u8],
        backwards: bool,
        mut keep: impl FnMut(&[u8], V) -> bool,
    ) -> Result<(), ShelfError> {
        self.walk_encoded(tx, from, backwards, |key, row| Ok(keep(key, self.decode(row)?)))
    }

    /// Like [`Self::walk`], with rows as they lie in the file.
    pub(crate) fn walk_encoded(
        &self,
        tx: &ReadTransaction,
        from: &[u8],
        backwards: bool,
        mut keep: impl FnMut(&[u8], &[u8]) -> Result<bool, ShelfError>,
    ) -> Result<(), ShelfError> {
        let table = tx.open_table(self.table).map_err(storage)?;
        let mut range = if backwards {
            table.range::<&[u8]>(..from).map_err(storage)?
        } else {
            table.range::<&[u8]>(from..).map_err(storage)?
        };
        while let Some(item) = if backwards { range.next_back() } else { range.next() } {
            let (key, row) = item.map_err(storage)?;
            if !keep(key.value(), row.value())? {
                break;
            }
        }
        Ok(())
    }

    /// Every row under keys that begin with `prefix`.
    pub(crate) fn under(
        &self,
        tx: &ReadTransaction,
        prefix: &[u8],
    ) -> Result<Vec<(Vec<u8>, V)>, ShelfError> {
        let mut rows = Vec::new();
        self.walk(tx, prefix, false, |key, row| {
            let inside = key.starts_with(prefix);
            if inside {
                rows.push((key.to_vec(), row));
            }
            inside
        })?;
        Ok(rows)
    }

    /// Decodes a row of this table.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<V, ShelfError> {
        canon::decode(bytes, usize::MAX).map_err(|source| self.bad_row(source))
    }

    fn bad_row(&self, source: artifact::CanonError) -> ShelfError {
        use redb::TableHandle;
        ShelfError::Row { table: self.table.name().to_owned(), source }
    }
}

fn storage(error: impl Into<redb::Error>) -> ShelfError {
    ShelfError::Storage(error.into())
}

/// Two parts of a key, one after the other.
pub(crate) fn join(a: &[u8], b: &[u8]) -> Vec<u8> {
    [a, b].concat()
}

/// The big-endian number that a key begins with.
pub(crate) fn number(key: &[u8]) -> u64 {
    key.iter().take(8).fold(0, |n, b| (n << 8) | u64::from(*b))
}
