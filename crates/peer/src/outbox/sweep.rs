//! Freeing bytes of the outbox. The store deletes only by its own collection, which can take
//! fresh bytes along: it runs when asked to, and never beside a write.

use crate::limit::lock;
use iroh_blobs::{
    Hash,
    api::Store,
    store::{GcConfig, ProtectOutcome},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{MutexGuard, OwnedMutexGuard, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// How often the store looks whether a collection is wanted.
const LOOK: Duration = Duration::from_secs(1);
/// The longest that one is waited for.
const LIMIT: Duration = Duration::from_secs(15);

/// What is to go, and whose turn it is to write.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    wanted: AtomicBool,
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Held by a collection while it runs.
    held: Mutex<Option<OwnedMutexGuard<()>>>,
    /// Changes at every look of the store.
    looks: watch::Sender<()>,
    gone: Mutex<BTreeSet<Hash>>,
    /// Cancelled when the store closes, and looks no more.
    ended: CancellationToken,
}

impl Sweep {
    /// How the store is to collect.
    pub(super) fn config(self: &Arc<Self>) -> GcConfig {
        let sweep = Arc::clone(self);
        GcConfig {
            interval: LOOK,
            add_protected: Some(Arc::new(move |_| {
                let outcome = sweep.begin();
                Box::pin(std::future::ready(outcome))
            })),
        }
    }

    fn begin(&self) -> ProtectOutcome {
        let mut held = lock(&self.held);
        // It looks again only when what it collected last is over.
        drop(held.take());
        self.looks.send_replace(());
        // A collection of a closed store fails, and only that ends the task that looks: it holds
        // the store, whose threads would stay as long as the process. The store logs the failure,
        // which the programs' usual filters leave out.
        if self.ended.is_cancelled() {
            return ProtectOutcome::Continue;
        }
        if !self.wanted.load(Ordering::Acquire) {
            return ProtectOutcome::Abort;
        }
        // Something is being written: at the next look.
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else {
            return ProtectOutcome::Abort;
        };
        self.wanted.store(false, Ordering::Release);
        *held = Some(turn);
        ProtectOutcome::Continue
    }

    /// Nothing is swept out while this is held. What is let go and what is wanted again is
    /// marked under it, so that the marks say what the tags say.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Marks as let go.
    pub(super) fn gone(&self, hashes: &BTreeSet<Hash>) {
        lock(&self.gone).extend(hashes);
    }

    /// Marks as put in again.
    pub(super) fn wanted_again(&self, hash: &Hash) {
        lock(&self.gone).remove(hash);
    }

    pub(super) fn is_gone(&self, hash: &Hash) -> bool {
        lock(&self.gone).contains(hash)
    }

    /// Has the store delete what no tag names, at its next look.
    pub(super) fn want(&self) {
        self.wanted.store(true, Ordering::Release);
    }

    /// The store closes: nobody waits for it any more.
    pub(super) fn end(&self) {
        let mut held = lock(&self.held);
        self.ended.cancel();
        drop(held.take());
    }

    /// Tells of every look of the store, and of its last.
    #[cfg(test)]
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.looks.subscribe()
    }

    /// Has the store delete what no tag names, and waits until `hashes` are out.
    pub(super) async fn out(&self, store: &Store, hashes: &BTreeSet<Hash>) {
        if hashes.is_empty() {
            return;
        }
        let mut looks = self.looks.subscribe();
        self.want();
        let over = async {
            loop {
                let mut left = false;
                for hash in hashes {
                    // What was put in again meanwhile stays.
                    left |= self.is_gone(hash) && store.has(*hash).await.unwrap_or(false);
                }
                if !left || looks.changed().await.is_err() {
                    return;
                }
            }
        };
        let in_time = tokio::select! {
            () = self.ended.cancelled() => return,
            over = timeout(LIMIT, over) => over.is_ok(),
        };
        if !in_time {
            // It looks no more, and nobody else would give the turn back.
            drop(lock(&self.held).take());
            tracing::warn!("some bytes of the outbox are freed later");
        }
    }
}
