//! Importing: agent logs become traces and crystals.
//!
//! Read-only towards the logs. A file of a length that is known is hashed first, so that what was
//! read is skipped; else it is read once, line by line, and compressed into the vault beside.
//! Whatever the size of a log, only one line and the bounded run are in memory.

mod again;
mod aside;
mod earlier;
mod files;
mod follow;
mod jobs;
mod opencode;
mod read;
mod sources;
mod watch;

pub(crate) use earlier::Earlier;
pub(crate) use follow::Following;
pub(crate) use jobs::Jobs;
pub use sources::FoundLogs;

use crate::{Fault, Node, Notice, event::Event, house::House, notice::Job, notice::JobPhase};
use artifact::{ArtifactId, Crystal, UnixMillis};
use consent::Origin;
use distil::{Nothing, Run};
use std::{path::Path, sync::Arc};
use store::{CrystalRow, TraceRow};

/// A log that was read, on its way to the store.
pub(crate) struct Kept {
    trace: ArtifactId,
    row: TraceRow,
    crystal: Option<NewCrystal>,
    /// The trace of an earlier and shorter version of the same log.
    replaces: Option<(ArtifactId, TraceRow)>,
}

struct NewCrystal {
    id: ArtifactId,
    row: CrystalRow,
    envelope: Vec<u8>,
    sidecar: Vec<u8>,
}

/// Where a log came from and how large it is.
pub(crate) struct Log {
    hash: ArtifactId,
    bytes: u64,
    stored: u64,
    place: String,
    /// The trace of an earlier and shorter version of it.
    replaces: Option<(ArtifactId, TraceRow)>,
}

impl Node {
    /// Begins to read a log, or every log below a folder. Progress comes as notices.
    ///
    /// # Errors
    /// When there is nothing of that name or too much, several run already, or the node has no
    /// keys yet.
    pub fn import(&self, path: &Path) -> Result<u64, Fault> {
        self.0.me()?;
        let finds = files::find(path)?;
        if finds.more {
            return Err(files::too_many(path));
        }
        let busy = || Fault::not_now("several imports run already", "wait until one has ended");
        let (id, cancelled) = self.0.jobs.begin(&finds).ok_or_else(busy)?;
        let house = Arc::clone(&self.0);
        let whole = |_: &files::Found| read::Extent::All;
        self.0.tasks.spawn_blocking(move || run_job(&house, id, &finds.files, whole, &cancelled));
        Ok(id)
    }

    /// Stops an import. What was read so far is kept.
    pub fn cancel_import(&self, job: u64) {
        self.0.jobs.cancel(job);
    }

    /// Keeps a text that an agent dictated, as a crystal of its own.
    ///
    /// # Errors
    /// When there is nothing in it to keep, or the disk refuses.
    pub async fn remember(&self, text: String, agent: String) -> Result<(ArtifactId, bool), Fault> {
        let house = Arc::clone(&self.0);
        let kept = tokio::task::spawn_blocking(move || remember(&house, &text, &agent));
        kept.await.map_err(Fault::broken)?
    }
}

/// Reads every file, one after the other.
fn run_job(
    house: &Arc<House>,
    id: u64,
    files: &[files::Found],
    extent: fn(&files::Found) -> read::Extent,
    cancelled: &jobs::Flag,
) {
    let (mut readable, mut databases) = (0_u32, opencode::Databases::default());
    let earlier = house.look().and_then(|look| Earlier::of(&look));
    let mut earlier = earlier.unwrap_or_else(|fault| {
        // Nothing is superseded then, and nothing is lost.
        tracing::warn!(%fault, "what was read before is not known");
        Earlier::default()
    });
    for file in files {
        if cancelled.is_set() || house.stop.is_cancelled() {
            return finish(house, id, JobPhase::Cancelled);
        }
        house.jobs.update(id, |job| job.file = file.place());
        house.announce(id, false);
        let extent = extent(file);
        let mut reading = read::Reading {
            house,
            job: id,
            cancelled,
            earlier: &mut earlier,
            databases: &mut databases,
            extent,
        };
        let outcome = read::one(&mut reading, file);
        if !matches!(outcome, Err(_) | Ok(read::Outcome::NotALog)) {
            readable += 1;
        }
        house.jobs.update(id, |job| record(job, file, outcome));
    }
    let failed = files.is_empty() || (readable == 0 && !cancelled.is_set());
    finish(house, id, if failed { JobPhase::Failed } else { JobPhase::Finished });
}

fn finish(house: &Arc<House>, id: u64, phase: JobPhase) {
    house.jobs.update(id, |job| job.phase = phase);
    house.level_index();
    house.announce(id, true);
    house.notify(Notice::Memory);
}

fn record(job: &mut Job, file: &files::Found, outcome: Result<read::Outcome, Fault>) {
    job.files.0 += 1;
    match outcome {
        Ok(read::Outcome::New { crystal, odd_lines }) => {
            job.traces += 1;
            job.crystals += u32::from(crystal);
            job.empty += u32::from(!crystal);
            job.odd_lines.malformed += odd_lines.malformed;
            job.odd_lines.unknown += odd_lines.unknown;
            job.odd_lines.oversized += odd_lines.oversized;
        }
        Ok(read::Outcome::Known) => job.known += 1,
        Ok(read::Outcome::NotALog) if file.may_be_none() && job.files.1 > 1 => {}
        Ok(read::Outcome::NotALog) => {
            job.skipped += 1;
            let why = "not a log of an agent this version can read; nothing was kept";
            job.skips.add(format!("{}: {why}", artifact::display::line(&file.place(), 400)));
        }
        Ok(read::Outcome::Cancelled) => {}
        Err(fault) => job.failures.add(failure(file, &fault)),
    }
}

/// What is said of a log that could not be read: where it is, once, and why.
fn failure(file: &files::Found, fault: &Fault) -> String {
    let place = artifact::display::line(&file.place(), 400);
    let told = fault.to_string();
    let path = file.path.display().to_string();
    match told.strip_prefix(&path) {
        Some(why) if why.starts_with(' ') => format!("{place}{why}"),
        _ => format!("{place}: {told}"),
    }
}

impl House {
    /// Seals the trace and the crystal of a run and keeps both. False when the log is known.
    pub(crate) fn keep_run(
        &self,
        run: &Run,
        log: Log,
    ) -> Result<(bool, Option<ArtifactId>), Fault> {
        let me = self.me()?;
        let sealed = run.trace.seal(&me.author).map_err(Fault::broken)?;
        let (trace, _) = self.store.vault().keep(&sealed)?;
        let crystal = match distil::distil(run, &trace, &me.commitments, &screen::mask) {
            Ok(mut distilled) => {
                distilled.crystal.supersedes = self.line_before(log.replaces.as_ref())?;
                distilled.sidecar.used = self.used(run)?;
                Some(self.seal_crystal(&distilled, trace, &run.trace)?)
            }
            Err(Nothing::Empty | Nothing::NotAsked) => None,
        };
        let id = crystal.as_ref().map(|c| c.id);
        let row = TraceRow {
            agent: run.trace.agent.clone(),
            format: run.trace.source.format.clone(),
            log: log.hash,
            log_bytes: log.bytes,
            stored_bytes: log.stored,
            place: log.place,
            lines: run.counts.lines,
            malformed: run.counts.malformed + run.counts.oversized,
            unknown: run.counts.unknown,
            ended: run.trace.ended,
            imported: self.now(),
            crystal: id,
            purged: None,
        };
        let kept = Kept { trace, row, crystal, replaces: log.replaces };
        let new = self.happen_blocking(|reply| Event::Keep(Box::new(kept), reply))?;
        Ok((new, id))
    }

    /// The line that the crystal of a log that grew goes on with: the first version that was
    /// given to anybody. Versions that nobody has are simply replaced.
    fn line_before(
        &self,
        replaced: Option<&(ArtifactId, TraceRow)>,
    ) -> Result<Option<ArtifactId>, Fault> {
        let Some(before) = replaced.and_then(|(_, row)| row.crystal) else { return Ok(None) };
        let look = self.look()?;
        let Some(envelope) = look.envelope(&before)? else { return Ok(None) };
        let (opened, _) = Crystal::open(&envelope).map_err(Fault::broken)?;
        if opened.payload.supersedes.is_some() {
            return Ok(opened.payload.supersedes);
        }
        Ok((!look.receipts_of(&before)?.is_empty()).then_some(before))
    }

    /// The crystals that a run used, of those that are here.
    fn used(&self, run: &Run) -> Result<Vec<ArtifactId>, Fault> {
        let look = self.look()?;
        let mut used = Vec::new();
        for name in distil::used(run) {
            used.extend(look.crystal_named(&name)?.ok().filter(|id| !used.contains(id)));
        }
        Ok(used)
    }

    fn seal_crystal(
        &self,
        distilled: &distil::Distilled,
        trace: ArtifactId,
        of: &artifact::Trace,
    ) -> Result<NewCrystal, Fault> {
        let me = self.me()?;
        let envelope = distilled.crystal.seal(&me.author).map_err(Fault::broken)?;
        let id = ArtifactId::of(&envelope);
        let sidecar = artifact::canon::encode(&distilled.sidecar).map_err(Fault::broken)?;
        let now = self.now();
        let at = if of.ended == 0 { now } else { of.ended };
        let row =
            crystal_row(&distilled.crystal, Origin::Mine, me.row.author, &envelope, (at, now));
        let row = CrystalRow { trace: Some(trace), ..row };
        Ok(NewCrystal { id, row, envelope, sidecar })
    }

    pub(crate) fn on_keep(&self, kept: Kept) -> Result<bool, Fault> {
        let (new, old) = self.store.change::<_, Fault>(|change| {
            // It may have been forgotten since its log was read.
            if let Some((before, _)) = &kept.replaces
                && change.is_forgotten(before)?
            {
                return Ok((false, None));
            }
            if !change.put_trace(&kept.trace, &kept.row)? {
                return Ok((false, None));
            }
            if let Some(c) = &kept.crystal {
                change.put_crystal(&c.id, &c.row, &c.envelope, Some(&c.sidecar))?;
            }
            let Some((id, row)) = &kept.replaces else { return Ok((true, None)) };
            if let Some(crystal) = &row.crystal
                && self.is_asked_for(crystal)?
            {
                return Ok((true, None));
            }
            let old = change.supersede_trace(id, &kept.row)?;
            Ok((true, old.map(|row| (*id, row))))
        })?;
        if !new {
            self.drop_unkept(&kept.row.log, &[kept.trace, kept.row.log])?;
        }
        if let Some((id, row)) = old {
            // First the word, durably; then the bytes; then the row. A start finishes the second.
            self.store.vault().remove(&[id, row.log])?;
            self.store.change::<_, Fault>(|change| {
                Ok(change.drop_superseded(&id, &row.log, &kept.trace)?)
            })?;
        }
        Ok(new)
    }

    /// Lets go of what was written down of a log that is not kept, unless it was kept before:
    /// what was purged or forgotten does not come back with a log that is read again.
    pub(crate) fn drop_unkept(&self, log: &ArtifactId, files: &[ArtifactId]) -> Result<(), Fault> {
        let look = self.look()?;
        let known = look.trace_of_log(log)?.map(|trace| look.trace(&trace)).transpose()?.flatten();
        if !known.is_some_and(|row| row.purged.is_none() && row.log == *log) {
            self.store.vault().remove(files)?;
        }
        Ok(())
    }

    /// Tells the faces how a job stands, at most ten times a second unless it must be told.
    pub(crate) fn announce(&self, id: u64, always: bool) {
        if let Some(job) = self.jobs.to_tell(id, self.now(), always) {
            self.notify(Notice::Job(job));
        }
    }
}

/// The row of a crystal, for lists. `times` are the end of its run and now.
pub(crate) fn crystal_row(
    crystal: &Crystal,
    origin: Origin,
    author: artifact::AuthorKey,
    envelope: &[u8],
    times: (UnixMillis, UnixMillis),
) -> CrystalRow {
    CrystalRow {
        origin,
        trace: None,
        giver: None,
        receipt: None,
        author,
        title: crystal.title.clone(),
        problem: crystal.problem.chars().take(artifact::head::MAX_PROBLEM).collect(),
        repo: crystal.env.repo.clone().unwrap_or_default(),
        outcome: crystal.outcome,
        at: times.0,
        added: times.1,
        size: envelope.len() as u64,
        withdrawn: None,
    }
}

fn remember(house: &Arc<House>, text: &str, agent: &str) -> Result<(ArtifactId, bool), Fault> {
    let hash = ArtifactId::of(text.as_bytes());
    if let Some(known) = known_crystal(house, &hash)? {
        return Ok((known, false));
    }
    let look = house.look()?;
    if let Some(trace) = look.trace_of_log(&hash)?
        && look.is_forgotten(&trace)?
    {
        return Err(Fault::refused("the human forgot this, so it is not kept again", ""));
    }
    let run = distil::note(text, house.now(), agent, hash);
    let (hash, stored) = house.store.vault().keep(text.as_bytes())?;
    let place = format!("remembered by {agent}");
    let log = Log { hash, bytes: text.len() as u64, stored, place, replaces: None };
    let (new, crystal) = house.keep_run(&run, log)?;
    if !new && let Some(known) = known_crystal(house, &hash)? {
        return Ok((known, false));
    }
    let crystal = crystal.ok_or_else(|| {
        Fault::invalid(
            "there is nothing to keep in this text",
            "give a title line and what was learnt",
        )
    })?;
    house.level_index();
    house.notify(Notice::Memory);
    Ok((crystal, true))
}

/// The crystal of a log that was imported before.
fn known_crystal(house: &House, log: &ArtifactId) -> Result<Option<ArtifactId>, Fault> {
    let look = house.look()?;
    let Some(trace) = look.trace_of_log(log)? else { return Ok(None) };
    Ok(look.trace(&trace)?.and_then(|row| row.crystal))
}
