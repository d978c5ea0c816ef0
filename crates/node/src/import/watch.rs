//! Following logs while they are written: what is new or has grown is read when its writer
//! pauses; a last line that is not whole waits.
//!
//! Sizes and times are looked at every few seconds, which works on every system and for any
//! number of logs. What a program deletes or moves away stays here as it was kept.

use super::{
    Earlier, files,
    files::{Found, Source},
    finish,
    jobs::Flag,
    read::{self, Extent, Reading},
    record, sources,
};
use crate::{Fault, Node, Notice, house::House, notice::JobPhase};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(3);
/// How many looks a log must have stood still for before it is read.
const STILL: u32 = 1;
/// How many looks it is waited for at the most while it never does.
const AT_MOST: u32 = 20;
/// How far back from the end the last line break is looked for: no line that is read is longer.
const LOOKED_BACK: u64 = distil::MAX_LINE as u64;

/// What was seen of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    size: u64,
    changed: SystemTime,
    /// Looks since it changed first and was not read yet.
    waited: u32,
    /// Looks since it changed last.
    still: u32,
    read: bool,
}

/// The logs that are followed.
#[derive(Default)]
struct Watch {
    seen: BTreeMap<(PathBuf, String), Seen>,
}

impl Node {
    /// Follows the logs at or below `path`, or those of every agent that is known, until the job
    /// is cancelled. What is there already is read first.
    ///
    /// # Errors
    /// When there is nothing of that name, or the node has no keys yet.
    pub fn watch(&self, path: Option<&Path>) -> Result<u64, Fault> {
        self.0.me()?;
        let roots = path.map(|path| vec![path.to_owned()]);
        if let Some(path) = path {
            std::fs::metadata(path).map_err(|e| files::unreadable(path, &e))?;
        }
        let busy = || Fault::not_now("several imports run already", "wait until one has ended");
        let (id, cancelled) = self.0.jobs.begin(&files::Finds::default()).ok_or_else(busy)?;
        let house = Arc::clone(&self.0);
        self.0.tasks.spawn(async move {
            let mut watch = Watch::default();
            loop {
                let (of, flag) = (Arc::clone(&house), cancelled.clone());
                let roots = roots.clone().unwrap_or_else(sources::roots);
                let look = tokio::task::spawn_blocking(move || {
                    watch.look(&of, id, &roots, &flag);
                    watch
                });
                let Ok(looked) = look.await else { break };
                watch = looked;
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    () = house.stop.cancelled() => break,
                }
                if cancelled.is_set() {
                    break;
                }
            }
            finish(&house, id, JobPhase::Cancelled);
        });
        Ok(id)
    }
}

impl Watch {
    /// Looks once, and reads what is due.
    fn look(&mut self, house: &Arc<House>, job: u64, roots: &[PathBuf], cancelled: &Flag) {
        let mut found: Vec<Found> =
            roots.iter().flat_map(|root| files::find(root).unwrap_or_default().files).collect();
        files::newest_first(&mut found);
        let due: Vec<(Found, bool)> = found
            .into_iter()
            .filter_map(|log| self.is_due(&log).map(|settled| (log, settled)))
            .collect();
        if due.is_empty() {
            return;
        }
        let earlier = house.look().and_then(|look| Earlier::of(&look));
        let Ok(mut earlier) = earlier else { return };
        let mut news = false;
        for (log, settled) in &due {
            if cancelled.is_set() || house.stop.is_cancelled() {
                break;
            }
            let extent = if *settled { Extent::All } else { whole_lines(log) };
            let mut reading = Reading { house, job, cancelled, earlier: &mut earlier, extent };
            let outcome = read::one(&mut reading, log);
            news |= matches!(outcome, Ok(read::Outcome::New { .. }));
            house.jobs.update(job, |job| {
                job.file = log.place();
                job.files.1 += 1;
                record(job, log, outcome);
            });
        }
        house.announce(job, true);
        if news {
            house.level_index();
            house.notify(Notice::Memory);
        }
    }

    /// Whether a log is to be read now, and whether it has settled: a settled log is read to its
    /// end, one that is being written to its last line break.
    fn is_due(&mut self, log: &Found) -> Option<bool> {
        let key = (log.path.clone(), log.name().to_owned());
        let Some(seen) = self.seen.get_mut(&key) else {
            // What was there before anybody looked is read at once.
            let seen =
                Seen { size: log.bytes, changed: log.changed(), waited: 0, still: 0, read: true };
            self.seen.insert(key, seen);
            return Some(log.source != Source::File);
        };
        if (seen.size, seen.changed) != (log.bytes, log.changed()) {
            (seen.size, seen.changed) = (log.bytes, log.changed());
            (seen.still, seen.read) = (0, false);
        } else {
            seen.still += 1;
        }
        if seen.read {
            return None;
        }
        seen.waited += 1;
        if seen.still < STILL && seen.waited < AT_MOST {
            return None;
        }
        (seen.read, seen.waited) = (true, 0);
        Some(log.source != Source::File)
    }
}

/// A log up to its last line break. A document has none that matters, and is read to its end.
pub(super) fn whole_lines(log: &Found) -> Extent {
    let document = log.path.extension().is_some_and(|end| end == "json" || end == "traj");
    let end = if document { None } else { last_break(&log.path, log.bytes) };
    end.map_or(Extent::All, Extent::First)
}

/// Where the last whole line ends; `None` when no line break was found.
fn last_break(path: &Path, size: u64) -> Option<u64> {
    const STEP: u64 = 64 << 10;
    let mut file = File::open(path).ok()?;
    let mut end = size;
    while end > 0 && size - end < LOOKED_BACK {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut bytes = Vec::new();
        file.by_ref().take(end - start).read_to_end(&mut bytes).ok()?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Some(start + at as u64 + 1);
        }
        end = start;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn a_last_line_that_is_not_whole_waits() {
        let folder = tempfile::tempdir().unwrap();
        let check = |text: &[u8], want: Option<u64>| {
            let path = folder.path().join("log.jsonl");
            std::fs::write(&path, text).unwrap();
            assert_eq!(last_break(&path, text.len() as u64), want);
        };
        check(b"{}\n{\"a\":", Some(3));
        check(b"{}\n", Some(3));
        check(b"{", None);
        check(b"", None);
        let long = [b"{}\n".to_vec(), vec![b'x'; 300_000]].concat();
        check(&long, Some(3));
    }

    #[test]
    fn a_log_is_due_when_its_writer_pauses() {
        let log = |bytes: u64| {
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(bytes);
            Found::new(PathBuf::from("/l.jsonl"), bytes, changed, Source::File)
        };
        let mut watch = Watch::default();
        assert_eq!(watch.is_due(&log(1)), Some(false), "at the first look");
        assert_eq!(watch.is_due(&log(1)), None, "nothing changed");
        assert_eq!(watch.is_due(&log(2)), None, "it is being written");
        assert_eq!(watch.is_due(&log(2)), Some(false), "its writer paused");
        assert_eq!(watch.is_due(&log(2)), None);
        let due = (3..40).filter(|bytes| watch.is_due(&log(*bytes)).is_some()).count();
        assert_eq!(due, 1, "one that never pauses is read now and then");
    }
}
