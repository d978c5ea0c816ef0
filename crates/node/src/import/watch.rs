//! Following logs while they are written: what is new or has grown is read when its writer
//! pauses; a last line that is not whole waits.
//!
//! Sizes and times are looked at every few seconds, which works on every system and for any
//! number of logs. What did not change is not opened; of what grew only the end is read, until a
//! whole line is new; a long log, which is then read whole, is waited for the longer. What a
//! program deletes or moves away stays here as it was kept.

use super::{
    Earlier, files,
    files::{Found, Source},
    finish,
    jobs::Flag,
    opencode::{Databases, Listings},
    read::{self, Extent, Outcome, Reading},
    record, sources,
};
use crate::{Fault, Node, Notice, Said, house::House, notice::JobPhase};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Between two looks, at the least.
const EVERY: Duration = Duration::from_secs(3);
/// Of its time a watch spends at most one part in so many on looking what changed.
const SHARE: u64 = 20;
/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_secs(300);
/// How many looks a log must have stood still for before it is read, and one more for each so
/// many of its bytes: however large it is, no more than these are read of it at a look.
const STILL: u64 = 1;
const A_LOOK: u64 = 16 << 20;
/// How many times as long it is waited for at the most while it never does.
const AT_MOST: u64 = 20;
/// How far back from the end the last line break is looked for: no line that is read is longer.
const LOOKED_BACK: u64 = distil::MAX_LINE as u64;

/// What was seen of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    size: u64,
    changed: SystemTime,
    /// Looks since it changed first and was not read yet.
    waited: u64,
    /// Looks since it changed last.
    still: u64,
    read: bool,
    /// Whether it could not be read: another program holds it, or the disk is full.
    failed: bool,
}

/// The logs that are followed.
#[derive(Default)]
struct Watch {
    seen: BTreeMap<(PathBuf, String), Seen>,
    /// The sessions of databases, which are listed anew when one was written to.
    listings: Listings,
    /// What was closed to it and which links it passed, at the last look.
    closed: Said,
    links: Said,
}

impl Node {
    /// Follows the logs at or below `path`, or those of every agent that is known, until the job
    /// is cancelled. What is there already is read first.
    ///
    /// # Errors
    /// When there is nothing of that name, or the node has no keys yet.
    pub fn watch(&self, path: Option<&Path>) -> Result<u64, Fault> {
        self.0.me()?;
        if let Some(path) = path {
            std::fs::metadata(path).map_err(|e| files::unreadable(path, &e))?;
        }
        let busy = || Fault::not_now("several imports run already", "wait until one has ended");
        let (id, cancelled) = self.0.jobs.begin(&files::Finds::default()).ok_or_else(busy)?;
        let place = path.map_or(Where::Programs, |path| Where::At(path.to_owned()));
        spawn(&self.0, id, place, cancelled);
        Ok(id)
    }
}

/// What is followed.
#[derive(Clone)]
pub(super) enum Where {
    /// The logs at or below a path.
    At(PathBuf),
    /// The logs of every program that is known.
    Programs,
    /// The same, between imports that come to an end: they show what they read.
    Aside,
}

impl Where {
    fn roots(&self) -> Vec<PathBuf> {
        match self {
            Self::At(path) => vec![path.clone()],
            Self::Programs | Self::Aside => sources::roots(),
        }
    }
}

/// Follows logs until this job is cancelled or the node stops.
pub(super) fn spawn(house: &Arc<House>, id: u64, place: Where, cancelled: Flag) {
    let house = Arc::clone(house);
    house.tasks.clone().spawn(async move {
        let mut watch = Watch::default();
        loop {
            let mut pause = EVERY;
            if !matches!(place, Where::Aside) || !house.jobs.is_busy() {
                let (of, flag, place) = (Arc::clone(&house), cancelled.clone(), place.clone());
                let look = tokio::task::spawn_blocking(move || {
                    let pause = watch.look(&of, id, &place.roots(), &flag);
                    (watch, pause)
                });
                let Ok(looked) = look.await else { break };
                (watch, pause) = looked;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = house.stop.cancelled() => break,
            }
            if cancelled.is_set() {
                break;
            }
        }
        finish(&house, id, JobPhase::Cancelled);
    });
}

impl Watch {
    /// Looks once, and reads what is due. Gives how long to pause until the next look: what there
    /// is to look at may be much.
    fn look(
        &mut self,
        house: &Arc<House>,
        job: u64,
        roots: &[PathBuf],
        cancelled: &Flag,
    ) -> Duration {
        let began = house.now();
        let mut found = Vec::new();
        let (mut closed, mut links) = (Said::default(), Said::default());
        for root in roots {
            match files::find_again(root, &mut self.listings) {
                Ok(mut finds) => {
                    found.append(&mut finds.files);
                    closed.append(finds.closed);
                    links.append(finds.links);
                    if finds.more {
                        closed.add(files::too_many(root).to_string());
                    }
                }
                Err(fault) => closed.add(fault.to_string()),
            }
        }
        house.jobs.update(job, |job| {
            job.failures.append(self.closed.news(closed));
            let news = self.links.news(links);
            job.links += news.count;
            job.skips.append(news);
        });
        let took = house.now().saturating_sub(began).saturating_mul(SHARE);
        let pause = Duration::from_millis(took).clamp(EVERY, PAUSE);
        files::in_order(&mut found);
        found.retain(|log| self.is_due(log));
        if !found.is_empty()
            && let Ok(mut earlier) = house.look().and_then(|look| Earlier::of(&look))
        {
            self.read(house, job, &found, &mut earlier, cancelled);
        }
        pause
    }

    fn read(
        &mut self,
        house: &Arc<House>,
        job: u64,
        due: &[Found],
        earlier: &mut Earlier,
        cancelled: &Flag,
    ) {
        let (mut news, mut databases) = (false, Databases::default());
        for log in due {
            if cancelled.is_set() || house.stop.is_cancelled() {
                break;
            }
            let outcome = match new_lines(log, earlier) {
                Some(extent) => {
                    let mut reading = Reading {
                        house,
                        job,
                        cancelled,
                        earlier,
                        databases: &mut databases,
                        extent,
                    };
                    read::one(&mut reading, log)
                }
                None => Ok(Outcome::Known),
            };
            news |= matches!(outcome, Ok(Outcome::New { .. }));
            // What failed before, and failed again, was told of.
            if outcome.is_err() && self.try_again(log) {
                continue;
            }
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

    /// Whether a log is to be read now.
    fn is_due(&mut self, log: &Found) -> bool {
        let key = (log.path.clone(), log.name().to_owned());
        let Some(seen) = self.seen.get_mut(&key) else {
            // What was there before anybody looked is read at once.
            let (size, changed) = (log.bytes, log.changed());
            let seen = Seen { size, changed, waited: 0, still: 0, read: true, failed: false };
            self.seen.insert(key, seen);
            return true;
        };
        if (seen.size, seen.changed) != (log.bytes, log.changed()) {
            (seen.size, seen.changed) = (log.bytes, log.changed());
            (seen.still, seen.read, seen.failed) = (0, false, false);
        } else {
            seen.still += 1;
        }
        if seen.read {
            return false;
        }
        seen.waited += 1;
        let still = (STILL + log.bytes / A_LOOK) * if seen.failed { AT_MOST } else { 1 };
        if seen.still < still && seen.waited < AT_MOST * still {
            return false;
        }
        (seen.read, seen.waited) = (true, 0);
        true
    }

    /// A log that could not be read is tried again, after as long a wait as for one that never
    /// pauses. Gives whether it failed before, and did not change since.
    fn try_again(&mut self, log: &Found) -> bool {
        let seen = self.seen.get_mut(&(log.path.clone(), log.name().to_owned()));
        seen.is_some_and(|seen| {
            (seen.read, seen.still) = (false, 0);
            std::mem::replace(&mut seen.failed, true)
        })
    }
}

/// What is to be read of a log; none where no whole line of it is new. A log of lines is read to
/// its last line break, all else to its end.
fn new_lines(log: &Found, earlier: &Earlier) -> Option<Extent> {
    if log.source != Source::File {
        return Some(Extent::All);
    }
    if earlier.has_all_of(log) {
        return None;
    }
    let kept = earlier.kept_of(&log.place()).filter(|kept| *kept <= log.bytes);
    let extent = whole_lines(log);
    match (extent, kept) {
        (Extent::First(end), Some(kept)) if end <= kept => None,
        _ => Some(extent),
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
        assert!(watch.is_due(&log(1)), "at the first look");
        assert!(!watch.is_due(&log(1)), "nothing changed");
        assert!(!watch.is_due(&log(2)), "it is being written");
        assert!(watch.is_due(&log(2)), "its writer paused");
        assert!(!watch.is_due(&log(2)));
        let due = (3..40).filter(|bytes| watch.is_due(&log(*bytes))).count();
        assert_eq!(due, 1, "one that never pauses is read now and then");
    }

    /// Looks that a log of so many bytes waits, once its writer has paused, until it is read.
    fn check_wait(bytes: u64, failed: bool, looks: usize) {
        let log = |changed: u64| {
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(changed);
            Found::new(PathBuf::from("/l.jsonl"), bytes, changed, Source::File)
        };
        let mut watch = Watch::default();
        assert!(watch.is_due(&log(1)));
        if failed {
            watch.try_again(&log(1));
        } else {
            assert!(!watch.is_due(&log(2)), "it is being written");
        }
        let changed = if failed { 1 } else { 2 };
        let waited = (1..10_000).find(|_| watch.is_due(&log(changed)));
        assert_eq!(waited, Some(looks), "{bytes}");
    }

    #[test]
    fn a_long_log_is_waited_for_the_longer() {
        check_wait(1_000, false, 1);
        check_wait(200 << 20, false, 13);
        check_wait(1_000, true, 20);
    }
}
