//! Reading one log: hash it, skip it when it is known, else parse and compress it in one pass.

use super::{
    Log,
    files::{Found, unreadable},
    jobs::Flag,
};
use crate::{Fault, house::House};
use artifact::ArtifactId;
use distil::{Importer, MAX_LINE, RECOGNISE_BYTES};
use std::{fs::File, io::Read, sync::Arc};

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// What became of one file.
pub(crate) enum Outcome {
    /// It was read and kept.
    New { crystal: bool, odd_lines: u64 },
    /// It was here already.
    Known,
    /// It is no log that this version can read.
    NotALog,
    /// The human stopped it.
    Cancelled,
}

/// Reads one file.
pub(crate) fn one(
    house: &Arc<House>,
    found: &Found,
    job: u64,
    cancelled: &Flag,
) -> Result<Outcome, Fault> {
    let open = || File::open(&found.path).map_err(|e| unreadable(&found.path, &e));
    let before = house.jobs.bytes(job);
    let mut first = Vec::with_capacity(RECOGNISE_BYTES);
    let read = open()?.take(RECOGNISE_BYTES as u64).read_to_end(&mut first);
    read.map_err(|e| unreadable(&found.path, &e))?;
    let Some(format) = distil::recognise(&first) else {
        house.jobs.update(job, |job| job.bytes.0 = before + found.bytes);
        return Ok(Outcome::NotALog);
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(open()?).map_err(|e| unreadable(&found.path, &e))?;
    let hash = ArtifactId::from_bytes(*hasher.finalize().as_bytes());
    if house.look()?.trace_of_log(&hash)?.is_some() {
        house.jobs.update(job, |job| job.bytes.0 = before + found.bytes);
        return Ok(Outcome::Known);
    }
    let mut lines = Lines { importer: format.importer(), partial: Vec::new(), skipped: 0 };
    let mut vault = house.store.vault().begin()?;
    let mut file = open()?;
    let mut chunk = vec![0; CHUNK];
    loop {
        if cancelled.is_set() || house.stop.is_cancelled() {
            return Ok(Outcome::Cancelled);
        }
        let n = file.read(&mut chunk).map_err(|e| unreadable(&found.path, &e))?;
        let bytes = chunk.get(..n).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        vault.write(bytes)?;
        lines.push(bytes);
        house.jobs.update(job, |job| job.bytes.0 += n as u64);
        house.announce(job, false);
    }
    // The log may have grown since it was hashed: what was read now is what counts.
    let (hash, bytes, stored) = vault.finish()?;
    let run = lines.finish(hash);
    let odd_lines = run.counts.malformed + run.counts.unknown + run.counts.oversized;
    let place = found.path.display().to_string();
    let (new, crystal) = house.keep_run(&run, Log { hash, bytes, stored, place })?;
    if new {
        Ok(Outcome::New { crystal: crystal.is_some(), odd_lines })
    } else {
        Ok(Outcome::Known)
    }
}

/// Cuts a stream of bytes into lines, holding at most one of [`MAX_LINE`] bytes.
struct Lines {
    importer: Box<dyn Importer>,
    partial: Vec<u8>,
    /// Bytes of a line that is too long to be held; 0 when the line is held.
    skipped: u64,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.add(end);
                    self.end_line();
                }
                None => self.add(piece),
            }
        }
    }

    fn add(&mut self, piece: &[u8]) {
        if self.skipped > 0 {
            self.skipped += piece.len() as u64;
        } else if self.partial.len() + piece.len() > MAX_LINE {
            self.skipped = (self.partial.len() + piece.len()) as u64;
            self.partial = Vec::new();
        } else {
            self.partial.extend_from_slice(piece);
        }
    }

    fn end_line(&mut self) {
        if self.skipped > 0 {
            self.importer.oversized(self.skipped);
            self.skipped = 0;
        } else {
            self.importer.line(&self.partial);
            self.partial.clear();
        }
    }

    /// A last line without its line break counts as a line.
    fn finish(mut self, source: ArtifactId) -> distil::Run {
        if !self.partial.is_empty() || self.skipped > 0 {
            self.end_line();
        }
        self.importer.finish(source)
    }
}
