//! The vectors of documents, in one file that is mapped: a cache beside the index.
//!
//! The file is a heading and records of one size, appended: rows (a document's id, a key of the
//! text it was made from, the vector in small numbers) and marks (the store's sequence number up
//! to which documents were taken out). Each record carries its checksum. What is cut, damaged or
//! of another version is dropped when the file is opened, so that it is embedded again; nothing
//! else is lost. Nothing that is mapped is ever written: taking rows out writes a new file.
//!
//! It does not know texts, and trusts that one process writes the folder.

mod rows;

use crate::{
    map::Map,
    model::{DIMENSIONS, Vector},
};
use artifact::ArtifactId;
use rows::{MANY, NUMBERS, Signs, Small};
use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

const NAME: &str = "vectors";
/// Changes whenever the same text gives another vector, or the records look otherwise.
const HEADING: [u8; 32] = *b"tracenet vectors 1 MiniLM-L6-v2\n";
const ID: usize = 32;
/// Where a record's parts end: id, key, scale, numbers, checksum.
const ENDS: [usize; 5] = [ID, ID + 8, ID + 12, ID + 12 + NUMBERS, RECORD];
const RECORD: usize = ID + 12 + NUMBERS + 4;
/// A record with this id is a mark. No document has it: it would be a hash of all zeros.
const MARK: [u8; ID] = [0; ID];

/// A document's vectors, as they are given to be kept.
pub(crate) struct Embedded {
    pub(crate) id: ArtifactId,
    /// Of the text that was embedded.
    pub(crate) key: u64,
    /// One for each part of the text.
    pub(crate) parts: Vec<Vector>,
}

/// A document that lies near to a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Near {
    pub(crate) id: ArtifactId,
    pub(crate) cosine: f32,
    /// The mean cosine to its ten nearest neighbours among those that were found.
    pub(crate) crowd: f32,
}

/// What readers look at: never changed, only replaced.
#[derive(Default)]
struct Rows {
    map: Option<Map>,
    count: usize,
    /// Of the first rows, when there are many.
    signs: Option<Arc<Signs>>,
}

/// What the file holds, and the way to add to it.
struct Written {
    file: File,
    held: HashMap<ArtifactId, u64>,
    seq: u64,
}

/// The vectors. Searches run on any thread; writes wait for each other.
pub(crate) struct Vectors {
    path: PathBuf,
    written: Mutex<Written>,
    rows: RwLock<Arc<Rows>>,
}

impl Vectors {
    /// Opens the file in `dir`, and heals it.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join(NAME);
        let open = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = open?;
        let length = file.metadata()?.len();
        let map = Map::of(&file, u64::MAX)?;
        let (kept, whole) = read(&map);
        let seq = kept.iter().rev().find(|r| r.id() == MARK).map_or(0, Record::key);
        let held = kept.iter().filter(|r| r.id() != MARK).map(|r| (r.artifact(), r.key()));
        let written = Written { file, held: held.collect(), seq };
        if whole {
            let count = kept.len();
            let rows = RwLock::new(Arc::new(Rows::new(map, count, None)));
            return Ok(Self { path, written: Mutex::new(written), rows });
        }
        if length > 0 {
            tracing::warn!(rows = kept.len(), "the vectors are healed: what is lost is made again");
        }
        let (file, rows) = rewrite(&path, kept.iter().filter(|r| r.id() != MARK), seq)?;
        let written = Mutex::new(Written { file, ..written });
        Ok(Self { path, written, rows: RwLock::new(Arc::new(rows)) })
    }

    /// The store's sequence number up to which documents were taken out.
    pub(crate) fn seq(&self) -> u64 {
        self.lock().seq
    }

    /// How many documents have vectors.
    pub(crate) fn documents(&self) -> usize {
        self.lock().held.len()
    }

    /// Whether this document has vectors, made from the text with this key.
    pub(crate) fn has(&self, id: &ArtifactId, key: u64) -> bool {
        self.lock().held.get(id) == Some(&key)
    }

    /// Adds those of `embedded` that `wanted` still wants when they are written.
    pub(crate) fn add(
        &self,
        embedded: &[Embedded],
        wanted: impl Fn(&ArtifactId) -> bool,
    ) -> io::Result<()> {
        let mut written = self.lock();
        let fresh: Vec<_> = embedded.iter().filter(|e| wanted(&e.id)).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        if fresh.iter().any(|e| written.held.contains_key(&e.id)) {
            self.drop_rows(&mut written, |id| !fresh.iter().any(|e| e.id == *id))?;
        }
        let mut bytes = Vec::new();
        for document in &fresh {
            for part in &document.parts {
                bytes.extend(row(&document.id, document.key, &Small::of(part)));
            }
        }
        bytes.extend(mark(written.seq));
        self.append(&mut written, &bytes)?;
        written.held.extend(fresh.iter().map(|e| (e.id, e.key)));
        Ok(())
    }

    /// Takes out every document that is not to be kept, and moves to `seq`.
    pub(crate) fn retain(&self, seq: u64, keep: impl Fn(&ArtifactId) -> bool) -> io::Result<()> {
        let mut written = self.lock();
        if written.held.keys().all(&keep) {
            if written.seq == seq {
                return Ok(());
            }
            let bytes = mark(seq);
            self.append(&mut written, &bytes)?;
            written.seq = seq;
            return Ok(());
        }
        written.seq = seq;
        self.drop_rows(&mut written, keep)
    }

    /// The `limit` documents nearest to `question`, nearest first. Of a document with several
    /// parts the nearest counts. Those that are not `wanted` are passed over, however many.
    pub(crate) fn nearest(
        &self,
        question: &Vector,
        wanted: impl Fn(&ArtifactId) -> bool,
        limit: usize,
    ) -> Vec<Near> {
        let rows = Arc::clone(&self.rows.read().unwrap_or_else(PoisonError::into_inner));
        let Some(records) = rows.records() else { return Vec::new() };
        let at = |place: usize| {
            let record = Record(records.get(place)?);
            record.scale().map(|scale| (scale, record.numbers()))
        };
        let asked = Small::of(question);
        let (mut depth, mut signs) =
            (limit.saturating_mul(2).saturating_add(8), rows.signs.as_deref());
        let (mut found, places) = loop {
            let best = rows::nearest(at, rows.count, signs, &asked, depth);
            let (mut found, mut places, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
            for (place, cosine) in best {
                let Some(record) = records.get(place).map(Record) else { continue };
                let id = record.artifact();
                let fits = found.len() < limit && record.id() != MARK;
                if fits && !seen.contains(&id) && wanted(&id) {
                    seen.insert(id);
                    found.push(Near { id, cosine, crowd: 0.0 });
                    places.push(place);
                }
            }
            if found.len() >= limit || (depth >= rows.count && signs.is_none()) {
                break (found, places);
            }
            // So many were passed over that all are looked at.
            (depth, signs) = (rows.count, None);
        };
        let crowds = rows::crowds(&places.into_iter().filter_map(at).collect::<Vec<_>>());
        for (near, crowd) in found.iter_mut().zip(crowds) {
            near.crowd = crowd;
        }
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, written: &mut Written, bytes: &[u8]) -> io::Result<()> {
        let before = written.file.metadata()?.len();
        if let Err(error) = written.file.write_all(bytes) {
            // Half a record would hide those that follow it.
            written.file.set_len(before)?;
            return Err(error);
        }
        let map = Map::of(&written.file, u64::MAX)?;
        let count = map.len().saturating_sub(HEADING.len()) / RECORD;
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        *rows = Arc::new(Rows::new(map, count, rows.signs.clone()));
        Ok(())
    }

    fn drop_rows(
        &self,
        written: &mut Written,
        keep: impl Fn(&ArtifactId) -> bool,
    ) -> io::Result<()> {
        let old = Arc::clone(&self.rows.read().unwrap_or_else(PoisonError::into_inner));
        let records = old.records().unwrap_or_default().iter().map(Record);
        let kept: Vec<_> = records.filter(|r| r.id() != MARK && keep(&r.artifact())).collect();
        let (file, rows) = rewrite(&self.path, kept.iter(), written.seq)?;
        written.file = file;
        written.held.retain(|id, _| keep(id));
        *self.rows.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rows);
        Ok(())
    }
}

impl Rows {
    fn new(map: Map, count: usize, signs: Option<Arc<Signs>>) -> Self {
        let mut rows = Self { map: Some(map), count, signs };
        let known = rows.signs.as_ref().map_or(0, |signs| signs.len());
        if count > MANY && count - known.min(count) > MANY / 4 {
            let records = rows.records().unwrap_or_default().iter();
            rows.signs = Some(Arc::new(Signs::of(records.map(|bytes| Record(bytes).numbers()))));
        }
        rows
    }

    fn records(&self) -> Option<&[[u8; RECORD]]> {
        let bytes = self.map.as_ref()?.get(HEADING.len()..)?;
        bytes.as_chunks().0.get(..self.count)
    }
}

/// One record of the file.
#[derive(Clone, Copy)]
struct Record<'a>(&'a [u8; RECORD]);

impl<'a> Record<'a> {
    fn part(&self, n: usize) -> &'a [u8] {
        let from = n.checked_sub(1).and_then(|n| ENDS.get(n)).copied().unwrap_or(0);
        ENDS.get(n).and_then(|to| self.0.get(from..*to)).unwrap_or_default()
    }

    fn id(&self) -> [u8; ID] {
        self.part(0).try_into().unwrap_or(MARK)
    }

    fn artifact(&self) -> ArtifactId {
        ArtifactId::from_bytes(self.id())
    }

    fn key(&self) -> u64 {
        u64::from_le_bytes(self.part(1).try_into().unwrap_or_default())
    }

    /// None for a mark.
    #[inline(always)]
    fn scale(&self) -> Option<f32> {
        let scale = f32::from_le_bytes(self.0.get(ID + 8..ID + 12)?.try_into().ok()?);
        (scale > 0.0).then_some(scale)
    }

    #[inline(always)]
    fn numbers(&self) -> &'a [u8] {
        self.0.get(ID + 12..ID + 12 + NUMBERS).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        let checked = self.0.get(..RECORD - 4).unwrap_or_default();
        crc32fast::hash(checked).to_le_bytes() == *self.part(4)
    }
}

/// The good records of a file, and whether there is nothing else in it.
fn read(bytes: &[u8]) -> (Vec<Record<'_>>, bool) {
    let Some(records) = bytes.strip_prefix(&HEADING) else { return (Vec::new(), false) };
    let (records, rest) = records.as_chunks();
    let all = records.iter().map(Record);
    let good: Vec<_> = all.filter(Record::is_whole).collect();
    let whole = rest.is_empty() && good.len() == records.len();
    (good, whole)
}

fn row(id: &ArtifactId, key: u64, vector: &Small) -> Vec<u8> {
    record(id.as_bytes(), key, vector.scale, &vector.numbers)
}

fn mark(seq: u64) -> Vec<u8> {
    record(&MARK, seq, 0.0, &[0; DIMENSIONS])
}

fn record(id: &[u8; ID], key: u64, scale: f32, numbers: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RECORD);
    bytes.extend(id);
    bytes.extend(key.to_le_bytes());
    bytes.extend(scale.to_le_bytes());
    bytes.extend(numbers);
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// Puts a file with these rows in the place of the one at `path`.
fn rewrite<'a>(
    path: &Path,
    kept: impl Iterator<Item = &'a Record<'a>>,
    seq: u64,
) -> io::Result<(File, Rows)> {
    let beside = path.with_extension("new");
    let mut writer = BufWriter::new(File::create(&beside)?);
    writer.write_all(&HEADING)?;
    for record in kept {
        writer.write_all(record.0)?;
    }
    writer.write_all(&mark(seq))?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
    std::fs::rename(&beside, path)?;
    let file = OpenOptions::new().read(true).append(true).open(path)?;
    let map = Map::of(&file, u64::MAX)?;
    let count = map.len().saturating_sub(HEADING.len()) / RECORD;
    Ok((file, Rows::new(map, count, None)))
}

#[cfg(test)]
mod tests;
