//! The outbox: a store apart from everything else this node keeps, holding only artifacts that
//! a human's receipt lets out. It is a cache that can be rebuilt; what was consented to is
//! written elsewhere.
//!
//! Each receipt has a tag of its own on its bytes, and they stay as long as any tag does: the end
//! of one receipt takes nothing from another that was given meanwhile. What no receipt covers any
//! more is not had from the moment it is let go. Its bytes leave the disk a moment later; they
//! are freed, not overwritten.

mod sweep;

use artifact::{ArtifactId, HumanKey};
use bytes::Bytes;
use consent::VerifiedReceipt;
use iroh_blobs::{
    Hash, HashAndFormat,
    api::Store,
    store::fs::{FsStore, options::Options},
};
use n0_future::StreamExt;
use std::{collections::BTreeSet, path::Path, sync::Arc};
use sweep::Sweep;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Why nothing was put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The receipt is about other bytes.
    #[error("the bytes are not the ones that the receipt names")]
    OtherBytes,
    /// The consent of another human: this node passes nothing on.
    #[error("the receipt is not of this node's human")]
    NotMine,
    /// The folder could not be written.
    #[error("the outbox could not be written: {0}")]
    Broken(String),
}

/// How many looks into the store may begin at once. It refuses what comes faster than it takes up
/// its work, which is ten looks at one artifact.
const LOOKS: usize = 8;

/// The outbox.
#[derive(Debug)]
pub(crate) struct Outbox {
    store: FsStore,
    sweep: Arc<Sweep>,
    looks: Arc<Semaphore>,
}

impl Outbox {
    /// Opens the outbox in `folder`, creating it where it is missing.
    pub(crate) async fn open(folder: &Path) -> Result<Self, String> {
        let sweep = Arc::new(Sweep::default());
        let options = Options { gc: Some(sweep.config()), ..Options::new(folder) };
        let store = FsStore::load_with_opts(folder.join("blobs.db"), options).await;
        let looks = Arc::new(Semaphore::new(LOOKS));
        Ok(Self { store: store.map_err(|e| format!("{e:#}"))?, sweep, looks })
    }

    /// A turn to look into the store: until it answers, and not while its answer is on the way to
    /// somebody.
    pub(crate) async fn look(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.looks).acquire_owned().await.ok()
    }

    /// The store behind it, for the gate alone.
    pub(crate) fn store(&self) -> Store {
        Store::clone(&self.store)
    }

    /// Puts `bytes` in under `receipt`, which is of `me`; they are on disk when this returns.
    pub(crate) async fn export(
        &self,
        me: &HumanKey,
        receipt: &VerifiedReceipt,
        bytes: &[u8],
    ) -> Result<(), ExportError> {
        if receipt.human() != *me {
            return Err(ExportError::NotMine);
        }
        let object = &receipt.receipt().obj;
        if ArtifactId::of(bytes) != object.id || bytes.len() as u64 != object.size {
            return Err(ExportError::OtherBytes);
        }
        let broken = |e: &dyn std::fmt::Display| ExportError::Broken(e.to_string());
        let hash = hash_of(&object.id);
        // What is put in while others are swept out could go with them.
        let _turn = self.sweep.turn().await;
        let added = self.store.add_bytes(Bytes::copy_from_slice(bytes)).temp_tag().await;
        let added = added.map_err(|e| broken(&e))?;
        if added.hash() != hash {
            return Err(ExportError::OtherBytes);
        }
        let tag = tag_of(&receipt.id());
        self.store.tags().set(tag, HashAndFormat::raw(hash)).await.map_err(|e| broken(&e))?;
        // The store answers before it commits: this is the barrier.
        self.store.sync_db().await.map_err(|e| broken(&e))?;
        self.sweep.wanted_again(&hash);
        Ok(())
    }

    /// Whether these bytes are there, whole, and were not let go.
    pub(crate) async fn has(&self, id: &ArtifactId) -> bool {
        let (hash, _turn) = (hash_of(id), self.look().await);
        !self.sweep.is_gone(&hash) && self.store.has(hash).await.unwrap_or(false)
    }

    /// Whether the bytes of a receipt are there under that receipt: then no other's end takes
    /// them away.
    pub(crate) async fn holds(&self, receipt: &VerifiedReceipt) -> bool {
        let tag = self.store.tags().get(tag_of(&receipt.id())).await;
        matches!(tag, Ok(Some(_))) && self.has(&receipt.receipt().obj.id).await
    }

    /// Lets go of what these receipts covered. What no other receipt covers is not had from then
    /// on, and off the disk when this returns.
    ///
    /// # Errors
    /// When the folder could not be written: then they go at the next start.
    pub(crate) async fn let_go(&self, receipts: &BTreeSet<ArtifactId>) -> Result<(), ExportError> {
        let names: BTreeSet<String> = receipts.iter().map(tag_of).collect();
        self.free(|name| names.contains(name)).await
    }

    /// Lets go of what any other receipt than these covered.
    ///
    /// # Errors
    /// As [`Outbox::let_go`].
    pub(crate) async fn keep_only(
        &self,
        receipts: &BTreeSet<ArtifactId>,
    ) -> Result<(), ExportError> {
        let names: BTreeSet<String> = receipts.iter().map(tag_of).collect();
        self.free(|name| !names.contains(name)).await?;
        // What was let go in the last moment of an earlier run has no tag any more.
        self.sweep.want();
        Ok(())
    }

    async fn free(&self, goes: impl Fn(&str) -> bool) -> Result<(), ExportError> {
        let broken = |e: &dyn std::fmt::Display| ExportError::Broken(e.to_string());
        let (mut out, mut stays) = (BTreeSet::new(), BTreeSet::new());
        {
            let _turn = self.sweep.turn().await;
            let tags = self.store.tags().list_prefix(TAG).await.map_err(|e| broken(&e))?;
            let mut tags = std::pin::pin!(tags);
            let mut names = Vec::new();
            while let Some(tag) = tags.next().await {
                let tag = tag.map_err(|e| broken(&e))?;
                if goes(&String::from_utf8_lossy(&tag.name.0)) {
                    out.insert(tag.hash);
                    names.push(tag.name);
                } else {
                    stays.insert(tag.hash);
                }
            }
            out.retain(|hash| !stays.contains(hash));
            for name in names {
                self.store.tags().delete(name).await.map_err(|e| broken(&e))?;
            }
            self.store.sync_db().await.map_err(|e| broken(&e))?;
            self.sweep.gone(&out);
        }
        self.sweep.out(&self.store, &out).await;
        Ok(())
    }

    /// Writes out and closes the store.
    pub(crate) async fn shutdown(&self) {
        self.sweep.end();
        if let Err(error) = self.store.shutdown().await {
            tracing::warn!("the outbox did not close: {error:#}");
        }
    }
}

/// How a tag's name begins; it ends in the receipt's id.
const TAG: &str = "consent/";

fn tag_of(receipt: &ArtifactId) -> String {
    format!("{TAG}{receipt}")
}

const fn hash_of(id: &ArtifactId) -> Hash {
    Hash::from_bytes(*id.as_bytes())
}

#[cfg(test)]
mod tests {
    //! What is left of an outbox that was closed.
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[tokio::test]
    async fn nothing_looks_into_a_closed_outbox_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).await.unwrap();
        let mut looks = outbox.sweep.subscribe();
        outbox.shutdown().await;
        drop(outbox);
        // The store's task was the last to hold the sweep.
        let ended = async { while looks.changed().await.is_ok() {} };
        tokio::time::timeout(std::time::Duration::from_secs(30), ended).await.unwrap();
    }
}
