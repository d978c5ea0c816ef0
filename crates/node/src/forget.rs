//! What the human says of memory: how a run ended, and that it is to be forgotten.
//!
//! How a run ended is first said by the rule of distillation, which stands in the signed crystal
//! and does not change; the human's word stands beside it and counts here. What is forgotten goes
//! with its log; a tombstone stays, so that no import brings it back. Receipts and the journal
//! stay as they were signed, and copies that others have cannot be recalled.

use crate::{Fault, Node, Notice, event::Event, house::House, house::lock};
use artifact::{ArtifactId, Crystal, Outcome, UnixMillis};
use consent::Origin;
use std::collections::BTreeSet;

impl Node {
    /// Says how the run of a crystal ended; with none, what distillation found stands again.
    ///
    /// # Errors
    /// When there is no such crystal, or the store cannot be written.
    pub async fn judge(&self, id: &str, outcome: Option<Outcome>) -> Result<(), Fault> {
        let id = self.0.look()?.crystal_named(id)??;
        self.0.happen(|reply| Event::Judge(id, outcome, reply)).await?;
        self.0.notify(Notice::Memory);
        Ok(())
    }

    /// Forgets a crystal of mine with its log, for good: no import brings it back. The bytes that
    /// came free.
    ///
    /// # Errors
    /// When there is no such crystal, it is a peer's, or others may fetch it still.
    pub async fn forget(&self, id: &str) -> Result<u64, Fault> {
        let id = self.0.look()?.crystal_named(id)??;
        let freed = self.0.happen(|reply| Event::Forget(id, reply)).await?;
        let house = std::sync::Arc::clone(&self.0);
        self.0.tasks.spawn_blocking(move || {
            house.level_index();
            if let Err(error) = house.index.expunge() {
                tracing::warn!(%error, "words of what was forgotten stay in the index for a while");
            }
        });
        self.0.notify(Notice::Memory);
        Ok(freed)
    }
}

fn gone(id: &ArtifactId) -> Fault {
    Fault::invalid(format!("crystal {} is not here", id.short()), "")
}

impl House {
    pub(crate) fn on_judge(&self, id: &ArtifactId, outcome: Option<Outcome>) -> Result<(), Fault> {
        let envelope = self.look()?.envelope(id)?.ok_or_else(|| gone(id))?;
        let found = Crystal::open(&envelope).map_err(Fault::broken)?.0.payload.outcome;
        let at = outcome.map(|_| self.now());
        let outcome = outcome.unwrap_or(found);
        let judged = self.store.change::<_, Fault>(|c| Ok(c.judge(id, outcome, at)?))?;
        if judged { Ok(()) } else { Err(gone(id)) }
    }

    /// First the word, durably; then the bytes. A start finishes the second.
    pub(crate) fn on_forget(&self, id: &ArtifactId) -> Result<u64, Fault> {
        let row = self.look()?.crystal(id)?.ok_or_else(|| gone(id))?;
        if row.origin == Origin::Peer {
            let hint = "agents are given nothing of a peer whom you do not let, or whom you block";
            return Err(Fault::refused("only what was made here can be forgotten", hint));
        }
        self.refuse_if_shared(id)?;
        // A log that is written anew as a whole is known again by when its run began.
        let started = row.trace.map(|trace| self.began(&trace)).transpose()?.flatten();
        let (started, now) = (started.unwrap_or_default(), self.now());
        // Of what was redacted of it the rest goes as well.
        let about = self.look()?.receipts_about(id)?;
        let forgotten = self.store.change::<_, Fault>(|change| {
            for (_, row) in &about {
                change.drop_snapshot(&row.artifact)?;
            }
            Ok(change.forget_crystal(id, started, now)?)
        })?;
        lock(&self.heads).remove(id);
        lock(&self.last_trace).take();
        self.let_go(forgotten.into_iter().collect())
    }

    /// When the run of a kept trace began.
    pub(crate) fn began(&self, trace: &ArtifactId) -> Result<Option<UnixMillis>, Fault> {
        let vault = self.store.vault();
        if !vault.has(trace) {
            return Ok(None);
        }
        let bytes = vault.read_all(trace, artifact::Kind::Trace.cap() as u64)?;
        Ok(Some(artifact::Trace::open(&bytes).map_err(Fault::broken)?.payload.started))
    }

    /// What others may fetch, or may be allowed to at any moment, is ended first.
    fn refuse_if_shared(&self, id: &ArtifactId) -> Result<(), Fault> {
        let about: BTreeSet<ArtifactId> =
            self.look()?.receipts_about(id)?.into_iter().map(|(receipt, _)| receipt).collect();
        if self.kept_receipts()?.iter().any(|receipt| about.contains(&receipt.id())) {
            let hint = "end that first, where you see who has it: `tracenet revoke`";
            return Err(Fault::refused("this is shared, so it is not forgotten", hint));
        }
        if self.is_asked_for(id)? {
            let hint = "answer the ask first";
            return Err(Fault::refused("you are being asked to share this", hint));
        }
        Ok(())
    }
}
