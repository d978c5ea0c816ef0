//! What is kept on this machine: how large it really is, and what of it goes.
//!
//! Promises: a trace goes in two steps, first the word and then the bytes, so that a purge that
//! is killed in between is finished at the next start and never half believed; what is purged is
//! said first, with what depends on it; a crystal never goes with its trace.

use crate::{
    Fault, Node, Notice,
    event::Event,
    house::{House, lock},
};
use artifact::{ArtifactId, Crystal, UnixMillis};
use std::{collections::BTreeMap, sync::Arc};
use store::{CrystalRow, Look, RetentionRow, TraceRow, disk};

const DAY: UnixMillis = 24 * 60 * 60 * 1000;
/// Traces that one tick purges at most: the rest waits for the next.
const AT_ONCE: usize = 256;

/// What everything takes on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Parts of the data folder by name, and their bytes, as `du` counts them.
    pub parts: Vec<(&'static str, u64)>,
    /// The whole folder.
    pub total: u64,
    /// Traces that are here.
    pub traces: u64,
    /// Bytes of the logs they were made from, before compression.
    pub log_bytes: u64,
    /// Traces that were purged.
    pub purged: u64,
    /// How long traces are kept.
    pub retention: RetentionRow,
}

/// A trace that would go, and what depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Which.
    pub trace: ArtifactId,
    /// Its row.
    pub row: TraceRow,
    /// Bytes on the disk that come free.
    pub frees: u64,
    /// Its crystal, which stays.
    pub crystal: Option<(ArtifactId, CrystalRow)>,
    /// Receipts over that crystal: those who hold it keep it.
    pub receipts: usize,
    /// Commitments of the crystal to lines of the trace, which can be shown to nobody any more.
    pub evidence: usize,
    /// Fields of the crystal that point into the trace.
    pub anchors: usize,
}

/// The parts of a data folder.
const PARTS: [(&str, &str); 5] = [
    ("store", "store.redb"),
    ("traces", "traces"),
    ("index", "index"),
    ("outbox", "outbox"),
    ("keys", "keys"),
];

impl Node {
    /// What everything takes on the disk. Walks the folder.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn storage(&self) -> Result<Storage, Fault> {
        let (home, look) = (&self.0.home, self.0.look()?);
        let total = disk::used(home);
        let mut parts: Vec<(&'static str, u64)> =
            PARTS.map(|(name, path)| (name, disk::used(&home.join(path)))).into();
        let named = parts.iter().fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        parts.push(("other", total.saturating_sub(named)));
        let (traces, log_bytes) = look.traces()?;
        let all = look.every_trace()?;
        let purged = all.iter().filter(|(_, row)| row.purged.is_some()).count() as u64;
        Ok(Storage { parts, total, traces, log_bytes, purged, retention: look.retention()? })
    }

    /// What purging these would do; each is named by its own id or its crystal's.
    ///
    /// # Errors
    /// When one of them names nothing, or nothing that can be purged.
    pub fn would_purge(&self, names: &[String]) -> Result<Vec<Leaving>, Fault> {
        let look = self.0.look()?;
        let mut leaving = BTreeMap::new();
        for name in names {
            let id = named(&look, name)?;
            let row = look.trace(&id)?.ok_or_else(|| gone(&id))?;
            if row.purged.is_some() {
                let what = format!("the trace {} was purged already", id.short());
                return Err(Fault::invalid(what, ""));
            }
            leaving.insert(id, self.0.leaving(&look, id, row)?);
        }
        Ok(leaving.into_values().collect())
    }

    /// What this retention would purge now, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn would_retain(&self, retention: RetentionRow) -> Result<Vec<Leaving>, Fault> {
        let look = self.0.look()?;
        let due = self.0.due(&look, retention)?;
        due.into_iter().map(|(id, row)| self.0.leaving(&look, id, row)).collect()
    }

    /// Purges traces for good, and gives the bytes on the disk that came free.
    ///
    /// # Errors
    /// When one of them names nothing, or the disk refuses.
    pub async fn purge(&self, names: Vec<String>) -> Result<u64, Fault> {
        let node = self.clone();
        let leaving = tokio::task::spawn_blocking(move || node.would_purge(&names));
        let leaving = leaving.await.map_err(Fault::broken)??;
        let ids = leaving.into_iter().map(|one| one.trace).collect();
        let freed = self.0.happen(|reply| Event::Purge(ids, reply)).await?;
        self.0.notify(Notice::Memory);
        Ok(freed)
    }

    /// Says how long traces are kept. What is due goes at the next tick.
    ///
    /// # Errors
    /// When it makes no sense, or cannot be written.
    pub async fn retain(&self, retention: RetentionRow) -> Result<(), Fault> {
        if retention.days == Some(0) || retention.bytes == Some(0) {
            let hint = "give at least one day, or some bytes; or purge traces by name";
            return Err(Fault::invalid("this would keep no trace at all", hint));
        }
        self.0.happen(|reply| Event::Retain(retention, reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

/// The trace of this name, or of the crystal of this name.
fn named(look: &Look, name: &str) -> Result<ArtifactId, Fault> {
    if let Ok(trace) = look.trace_named(name)? {
        return Ok(trace);
    }
    let crystal = look.crystal_named(name)??;
    let trace = look.crystal(&crystal)?.and_then(|row| row.trace);
    trace.ok_or_else(|| {
        let what = format!("the crystal {} came without a trace", crystal.short());
        Fault::invalid(what, "a peer's trace never leaves its machine")
    })
}

fn gone(id: &ArtifactId) -> Fault {
    Fault::invalid(format!("trace {} is not here", id.short()), "")
}

impl House {
    fn leaving(&self, look: &Look, trace: ArtifactId, row: TraceRow) -> Result<Leaving, Fault> {
        let vault = self.store.vault();
        let frees = vault.used_by(&trace).saturating_add(vault.used_by(&row.log));
        let mut leaving =
            Leaving { trace, frees, crystal: None, receipts: 0, evidence: 0, anchors: 0, row };
        let Some(id) = leaving.row.crystal else { return Ok(leaving) };
        if let (Some(row), Some(envelope)) = (look.crystal(&id)?, look.envelope(&id)?) {
            let (opened, _) = Crystal::open(&envelope).map_err(Fault::broken)?;
            leaving.evidence = opened.payload.evidence.len();
            leaving.receipts = look.receipts_of(&id)?.len();
            leaving.crystal = Some((id, row));
        }
        if let Some(sidecar) = look.sidecar(&id)? {
            let sidecar: distil::Sidecar =
                artifact::canon::decode(&sidecar, usize::MAX).map_err(Fault::broken)?;
            leaving.anchors = sidecar.anchors.len();
        }
        Ok(leaving)
    }

    /// What this retention lets go of now, oldest first.
    fn due(
        &self,
        look: &Look,
        retention: RetentionRow,
    ) -> Result<Vec<(ArtifactId, TraceRow)>, Fault> {
        if retention.keeps_all() {
            return Ok(Vec::new());
        }
        let mut kept = look.every_trace()?;
        kept.retain(|(_, row)| row.purged.is_none());
        // Newest first, by the end of the run; a log without times counts from its import.
        let age = |row: &TraceRow| if row.ended == 0 { row.imported } else { row.ended };
        kept.sort_by_key(|(id, row)| (std::cmp::Reverse(age(row)), *id));
        let before = retention.days.map(|d| self.now().saturating_sub(d.saturating_mul(DAY)));
        let vault = self.store.vault();
        let mut room = retention.bytes;
        let mut due = Vec::new();
        for (id, row) in kept {
            let old = before.is_some_and(|before| age(&row) < before);
            let fits = room.is_none_or(|left| {
                let takes = vault.used_by(&id).saturating_add(vault.used_by(&row.log));
                // What does not fit ends the room: nothing older is kept in its place.
                room = Some(left.saturating_sub(takes));
                takes <= left
            });
            if old || !fits {
                due.push((id, row));
            }
        }
        due.reverse();
        Ok(due)
    }

    /// Purges what is due, a bounded part of it at a time.
    pub(crate) fn retain(&self) -> Result<(), Fault> {
        let look = self.look()?;
        let retention = look.retention()?;
        let due = self.due(&look, retention)?;
        let due: Vec<ArtifactId> = due.into_iter().map(|(id, _)| id).take(AT_ONCE).collect();
        if due.is_empty() {
            return Ok(());
        }
        let freed = self.on_purge(&due)?;
        tracing::info!(traces = due.len(), freed, "traces were purged, as this human set");
        self.notify(Notice::Memory);
        Ok(())
    }

    pub(crate) fn on_retain(&self, row: RetentionRow) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.put_retention(row)?))
    }

    /// First the word, durably; then the bytes.
    pub(crate) fn on_purge(&self, ids: &[ArtifactId]) -> Result<u64, Fault> {
        let now = self.now();
        let rows = self.store.change::<_, Fault>(|change| {
            let mut rows = Vec::new();
            for id in ids {
                rows.extend(change.purge_trace(id, now)?.map(|row| (*id, row)));
            }
            Ok(rows)
        })?;
        lock(&self.last_trace).take();
        self.let_go(rows)
    }

    pub(crate) fn let_go(&self, rows: Vec<(ArtifactId, TraceRow)>) -> Result<u64, Fault> {
        let vault = self.store.vault();
        let files: Vec<ArtifactId> = rows.iter().flat_map(|(id, row)| [*id, row.log]).collect();
        let used = files.iter().fold(0_u64, |sum, id| sum.saturating_add(vault.used_by(id)));
        vault.remove(&files)?;
        Ok(used)
    }

    /// Finishes purges that were interrupted after their word.
    pub(crate) fn sweep(self: &Arc<Self>) -> Result<(), Fault> {
        let vault = self.store.vault();
        let mut left = self.look()?.every_trace()?;
        left.retain(|(id, row)| row.purged.is_some() && (vault.has(id) || vault.has(&row.log)));
        if !left.is_empty() {
            let freed = self.let_go(left)?;
            tracing::info!(freed, "a purge that was interrupted is finished");
        }
        Ok(())
    }
}
