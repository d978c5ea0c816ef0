//! Reading one log: hash it, skip it when it is known, else parse and compress it in one pass.

use super::{
    Log,
    aside::Aside,
    earlier::{Beginnings, Earlier, Grown},
    files::{Found, Source, unreadable},
    jobs::Flag,
    opencode,
};
use crate::{Fault, house::House, notice::OddLines};
use artifact::ArtifactId;
use distil::{Format, RECOGNISE_BYTES};
use std::{fs::File, io::Read, sync::Arc};

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// What became of one file.
pub(crate) enum Outcome {
    /// It was read and kept.
    New { crystal: bool, odd_lines: OddLines },
    /// It was here already.
    Known,
    /// It is no log that this version can read.
    NotALog,
    /// The human stopped it.
    Cancelled,
}

/// What is read of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it, as it is now.
    All,
    /// These first bytes: the rest is a line that is being written.
    First(u64),
}

/// Who reads, for whom, and how far.
pub(crate) struct Reading<'a> {
    pub(crate) house: &'a Arc<House>,
    pub(crate) job: u64,
    pub(crate) cancelled: &'a Flag,
    pub(crate) earlier: &'a mut Earlier,
    pub(crate) databases: &'a mut opencode::Databases,
    pub(crate) extent: Extent,
}

/// Reads one log.
pub(crate) fn one(reading: &mut Reading<'_>, found: &Found) -> Result<Outcome, Fault> {
    if found.source != Source::File {
        return session(reading, found);
    }
    let cap = match reading.extent {
        Extent::All => u64::MAX,
        Extent::First(bytes) => bytes,
    };
    let (house, job) = (reading.house, reading.job);
    let open = || File::open(&found.path).map_err(|e| unreadable(&found.path, &e));
    let before = house.jobs.bytes(job);
    let skip = || house.jobs.update(job, |job| job.bytes.0 = before + found.bytes);
    let mut first = Vec::with_capacity(RECOGNISE_BYTES);
    let read = open()?.take(cap.min(RECOGNISE_BYTES as u64)).read_to_end(&mut first);
    read.map_err(|e| unreadable(&found.path, &e))?;
    if opencode::is_database(&first) {
        // Its sessions could not be listed: reading it says why.
        opencode::sessions(&found.path)?;
    }
    let Some(format) = distil::recognise(&first) else {
        skip();
        return Ok(Outcome::NotALog);
    };
    // Of another length than all that are known it is new: it need not be read twice to know.
    if reading.earlier.may_know(cap.min(found.bytes)) {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(open()?.take(cap)).map_err(|e| unreadable(&found.path, &e))?;
        let hash = ArtifactId::from_bytes(*hasher.finalize().as_bytes());
        if house.look()?.trace_of_log(&hash)?.is_some() {
            skip();
            return Ok(Outcome::Known);
        }
    }
    let mut kept = Kept::begin(reading, found, format)?;
    let mut file = open()?.take(cap);
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = file.read(&mut chunk).map_err(|e| unreadable(&found.path, &e))?;
        let bytes = chunk.get(..n).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        if !kept.push(reading, bytes)? {
            return Ok(Outcome::Cancelled);
        }
    }
    // The log may have grown since it was hashed: what was read now is what counts.
    kept.finish(reading, found)
}

/// Reads one session of many.
fn session(reading: &mut Reading<'_>, found: &Found) -> Result<Outcome, Fault> {
    let mut kept = Kept::begin(reading, found, Format::OpenCode)?;
    let mut databases = std::mem::take(reading.databases);
    let mut whole = true;
    let mut sink = |line: &[u8]| -> Result<bool, Fault> {
        whole = kept.push(reading, line)?;
        Ok(whole)
    };
    let read = match &found.source {
        Source::Database(id) => opencode::read(&mut databases, &found.path, id, &mut sink),
        Source::Tree(root, id) => opencode::read_tree(root, &found.path, id, &mut sink),
        Source::File => Ok(()),
    };
    *reading.databases = databases;
    read?;
    if !whole {
        return Ok(Outcome::Cancelled);
    }
    kept.finish(reading, found)
}

/// A log on its way into the vault and through its importer.
struct Kept {
    log: distil::Log,
    vault: Aside,
    beginnings: Beginnings,
    format: Format,
}

impl Kept {
    fn begin(reading: &Reading<'_>, found: &Found, format: Format) -> Result<Self, Fault> {
        let beginnings = reading.earlier.beginnings(&found.place());
        let vault = Aside::begin(reading.house.store.vault())?;
        Ok(Self { log: distil::Log::new(format), vault, beginnings, format })
    }

    /// False when the human stopped it.
    fn push(&mut self, reading: &Reading<'_>, bytes: &[u8]) -> Result<bool, Fault> {
        if reading.cancelled.is_set() || reading.house.stop.is_cancelled() {
            return Ok(false);
        }
        self.vault.write(bytes)?;
        self.log.push(bytes);
        self.beginnings.push(bytes);
        let (house, job) = (reading.house, reading.job);
        house.jobs.update(job, |job| job.bytes.0 += bytes.len() as u64);
        house.announce(job, false);
        Ok(true)
    }

    fn finish(self, reading: &mut Reading<'_>, found: &Found) -> Result<Outcome, Fault> {
        let (hash, bytes, stored) = self.vault.finish()?;
        let house = reading.house;
        if house.look()?.trace_of_log(&hash)?.is_some() {
            house.drop_unkept(&hash, &[hash])?;
            return Ok(Outcome::Known);
        }
        let run = self.log.finish(hash);
        let distil::Counts { malformed, unknown, oversized, .. } = run.counts;
        let odd_lines = OddLines { malformed, unknown, oversized };
        let place = found.place();
        // A log of lines grows at its end; others are written anew, and begin at the same time.
        let anew = found.source != Source::File || self.format.is_document();
        let started = Some(run.trace.started).filter(|at| anew && *at > 0);
        let grown = Grown { place: &place, bytes, beginnings: &self.beginnings, started };
        if reading.earlier.is_forgotten(&grown) {
            house.store.vault().remove(&[hash])?;
            return Ok(Outcome::Known);
        }
        let replaces = reading.earlier.superseded(house, &grown)?;
        let log = Log { hash, bytes, stored, place: place.clone(), replaces };
        let (new, crystal) = house.keep_run(&run, log)?;
        if !new {
            return Ok(Outcome::Known);
        }
        reading.earlier.learn(house, &hash)?;
        Ok(Outcome::New { crystal: crystal.is_some(), odd_lines })
    }
}
