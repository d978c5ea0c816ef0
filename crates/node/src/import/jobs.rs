//! Imports that run, and how the last ones ended.

use super::files::Finds;
use crate::{
    house::lock,
    notice::{Job, JobPhase, Said},
};
use artifact::UnixMillis;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// How many imports run at once.
const AT_ONCE: usize = 4;
/// How many imports are remembered, those that run among them.
const REMEMBERED: usize = 20;
/// Milliseconds between two notices of one import.
const QUIET: UnixMillis = 100;

/// Set once, by the human.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Entry {
    job: Job,
    cancelled: Flag,
    told: UnixMillis,
    /// It comes to an end by itself.
    ends: bool,
    /// It is not told of.
    quiet: bool,
}

impl Entry {
    /// Whether it runs, and was begun by somebody who is shown it.
    fn runs(&self) -> bool {
        self.job.phase == JobPhase::Running && !self.quiet
    }
}

/// Every import since the node started, the oldest forgotten.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<(u64, BTreeMap<u64, Entry>)>);

impl Jobs {
    /// Begins an import, or with nothing found one that has no end; `None` when too many run.
    pub(crate) fn begin(&self, finds: &Finds) -> Option<(u64, Flag)> {
        let mut jobs = lock(&self.0);
        if jobs.1.values().filter(|entry| entry.runs()).count() >= AT_ONCE {
            return None;
        }
        jobs.0 += 1;
        let id = jobs.0;
        let total = finds.files.iter().map(|f| f.bytes).sum();
        let count = u32::try_from(finds.files.len()).unwrap_or(u32::MAX);
        let (failures, skips) = (finds.closed.clone(), finds.links.clone());
        let links = skips.count;
        let (files, bytes) = ((0, count), (0, total));
        let job = Job { id, files, bytes, links, failures, skips, ..Job::default() };
        let cancelled = Flag::default();
        let ends = !finds.files.is_empty();
        jobs.1.insert(id, Entry { job, cancelled: cancelled.clone(), told: 0, ends, quiet: false });
        let ended = |(_, entry): &(&u64, &Entry)| entry.job.phase != JobPhase::Running;
        if jobs.1.len() > REMEMBERED
            && let Some(oldest) = jobs.1.iter().find(ended).map(|(id, _)| *id)
        {
            jobs.1.remove(&oldest);
        }
        Some((id, cancelled))
    }

    /// Begins what has no end, and nobody is shown.
    pub(super) fn begin_quiet(&self) -> (u64, Flag) {
        let mut jobs = lock(&self.0);
        jobs.0 += 1;
        let (id, cancelled) = (jobs.0, Flag::default());
        let job = Job { id, ..Job::default() };
        jobs.1.insert(
            id,
            Entry { job, cancelled: cancelled.clone(), told: 0, ends: false, quiet: true },
        );
        (id, cancelled)
    }

    /// Whether an import runs that comes to an end.
    pub(super) fn is_busy(&self) -> bool {
        lock(&self.0).1.values().any(|entry| entry.runs() && entry.ends)
    }

    /// What failed in a job.
    pub(super) fn failures(&self, id: u64) -> Said {
        lock(&self.0).1.get(&id).map(|entry| entry.job.failures.clone()).unwrap_or_default()
    }

    pub(crate) fn cancel(&self, id: u64) {
        if let Some(entry) = lock(&self.0).1.get(&id) {
            entry.cancelled.0.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn update(&self, id: u64, change: impl FnOnce(&mut Job)) {
        if let Some(entry) = lock(&self.0).1.get_mut(&id) {
            change(&mut entry.job);
        }
    }

    pub(crate) fn bytes(&self, id: u64) -> u64 {
        lock(&self.0).1.get(&id).map_or(0, |entry| entry.job.bytes.0)
    }

    /// The job, when it is time to tell of it again.
    pub(crate) fn to_tell(&self, id: u64, now: UnixMillis, always: bool) -> Option<Job> {
        let mut jobs = lock(&self.0);
        let entry = jobs.1.get_mut(&id)?;
        if entry.quiet || (!always && now.saturating_sub(entry.told) < QUIET) {
            return None;
        }
        entry.told = now;
        Some(entry.job.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;

    #[test]
    fn twenty_imports_are_remembered_and_those_that_run() {
        let jobs = Jobs::default();
        let begin = || jobs.begin(&Finds::default()).unwrap().0;
        let knows = |id| jobs.to_tell(id, 0, true).is_some();
        let runs = begin();
        for _ in 1..REMEMBERED {
            let id = begin();
            assert!((runs..=id).all(knows));
            jobs.update(id, |job| job.phase = JobPhase::Finished);
        }
        // The next pushes out the first that has ended.
        let last = begin();
        assert_eq!((runs..=last).filter(|id| !knows(*id)).collect::<Vec<_>>(), [runs + 1]);
    }
}
