//! A disk in memory for a store: it counts what is written, and dies where a test says so.
//!
//! What a death leaves is decided afterwards, by [`Disk::after`]: everything that was written,
//! as when a process is killed; only what was synced, as when the power goes; or what was synced
//! and any part of the rest, as disks that write in their own order leave it.

use redb::StorageBackend;
use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The disk. Clones are the same one.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<Platter>>);

#[derive(Default)]
struct Platter {
    bytes: Vec<u8>,
    /// What was done since the last sync, with what it replaced.
    unsynced: Vec<Done>,
    /// Writes, changes of length and syncs so far.
    done: u64,
    /// The one that fails, and whether all after it fail as well.
    fails: Option<(u64, Failure)>,
    dead: bool,
}

/// One thing done to the bytes.
enum Done {
    Wrote {
        at: usize,
        before: Vec<u8>,
        after: Vec<u8>,
    },
    /// The old end, and the new length.
    Length {
        before: Vec<u8>,
        from: usize,
        to: usize,
    },
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It fails once, and works again.
    Once,
    /// It fails from then on: the process, or the machine, is gone.
    ForGood,
}

/// What is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// All that was written.
    All,
    /// What was synced.
    Synced,
    /// What was synced, and of the rest what this number decides, down to halves of writes.
    Torn(u64),
}

impl Disk {
    /// How many writes, changes of length and syncs there were.
    pub fn done(&self) -> u64 {
        self.platter().done
    }

    /// From now on, the `n`th write, change of length or sync fails, counted from 1.
    pub fn fail(&self, n: u64, failure: Failure) {
        let mut platter = self.platter();
        platter.fails = Some((platter.done + n, failure));
    }

    /// Whether something failed already.
    pub fn has_failed(&self) -> bool {
        let platter = self.platter();
        platter.dead || platter.fails.is_some_and(|(n, _)| n <= platter.done)
    }

    /// A disk with what is left of this one. This one is dead from then on.
    pub fn after(&self, left: Left) -> Self {
        let mut platter = self.platter();
        platter.dead = true;
        let mut bytes = platter.bytes.clone();
        if left != Left::All {
            platter.unsynced.iter().rev().for_each(|done| done.undo(&mut bytes));
        }
        if let Left::Torn(seed) = left {
            let mut seed = seed;
            platter.unsynced.iter().for_each(|done| done.tear(&mut bytes, next(&mut seed)));
        }
        Self(Arc::new(Mutex::new(Platter { bytes, ..Platter::default() })))
    }

    /// A disk that holds the same, and has a life of its own.
    pub fn copy(&self) -> Self {
        let bytes = self.platter().bytes.clone();
        Self(Arc::new(Mutex::new(Platter { bytes, ..Platter::default() })))
    }

    /// Writes what it holds to a file.
    pub fn write_to(&self, path: &Path) {
        std::fs::write(path, &self.platter().bytes).unwrap();
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next number of a sequence that looks random (SplitMix64).
pub fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Done {
    fn undo(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Wrote { at, before, .. } => {
                bytes[*at..at + before.len()].copy_from_slice(before);
            }
            Self::Length { before, from, .. } => {
                bytes.truncate(from - before.len());
                bytes.extend_from_slice(before);
            }
        }
    }

    /// Does a part of it again, or all, or nothing.
    fn tear(&self, bytes: &mut Vec<u8>, how: u64) {
        let part = match how % 4 {
            0 => 0,
            1 => 2,
            _ => 1,
        };
        match self {
            // A length that was not kept makes what was written beyond it nothing.
            Self::Length { to, .. } if !how.is_multiple_of(8) => bytes.resize(*to, 0),
            Self::Wrote { at, after, .. } if part > 0 && at + after.len() <= bytes.len() => {
                let half = after.len() / part;
                bytes[*at..at + half].copy_from_slice(&after[..half]);
            }
            _ => {}
        }
    }
}

impl Platter {
    fn count(&mut self) -> io::Result<()> {
        if self.dead {
            return Err(io::Error::other("the disk is dead"));
        }
        self.done += 1;
        match self.fails {
            Some((n, failure)) if n == self.done => {
                self.dead = failure == Failure::ForGood;
                Err(io::Error::other("the disk fails"))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk").field("done", &self.done()).finish_non_exhaustive()
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

fn beyond() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "beyond the end")
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (at, platter) = (place(offset)?, self.platter());
        if platter.dead {
            return Err(io::Error::other("the disk is dead"));
        }
        out.copy_from_slice(platter.bytes.get(at..at + out.len()).ok_or_else(beyond)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let (to, mut platter) = (place(len)?, self.platter());
        platter.count()?;
        let from = platter.bytes.len();
        let before = platter.bytes.get(to..).unwrap_or_default().to_vec();
        platter.bytes.resize(to, 0);
        platter.unsynced.push(Done::Length { before, from, to });
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter();
        platter.count()?;
        platter.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (at, mut platter) = (place(offset)?, self.platter());
        let before = platter.bytes.get(at..at + data.len()).ok_or_else(beyond)?.to_vec();
        if platter.dead {
            return platter.count();
        }
        let failed = platter.count();
        // The write during which it fails may have reached it.
        platter.unsynced.push(Done::Wrote { at, before, after: data.to_vec() });
        failed?;
        platter.bytes[at..at + data.len()].copy_from_slice(data);
        Ok(())
    }
}
