//! The outbox: a store apart from everything else this node keeps, holding only artifacts that
//! a human's receipt lets out. It is a cache that can be rebuilt; what was consented to is
//! written elsewhere.

use artifact::{ArtifactId, HumanKey};
use bytes::Bytes;
use consent::VerifiedReceipt;
use iroh_blobs::{Hash, HashAndFormat, api::Store, store::fs::FsStore};
use std::path::Path;

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

/// The outbox.
#[derive(Debug)]
pub(crate) struct Outbox(FsStore);

impl Outbox {
    /// Opens the outbox in `folder`, creating it where it is missing.
    pub(crate) async fn open(folder: &Path) -> Result<Self, String> {
        FsStore::load(folder).await.map(Self).map_err(|e| format!("{e:#}"))
    }

    /// The store behind it, for the gate alone.
    pub(crate) fn store(&self) -> Store {
        Store::clone(&self.0)
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
        let hash = Hash::from_bytes(*object.id.as_bytes());
        let added = self.0.add_bytes(Bytes::copy_from_slice(bytes)).temp_tag().await;
        let added = added.map_err(|e| broken(&e))?;
        if added.hash() != hash {
            return Err(ExportError::OtherBytes);
        }
        let tag = format!("consent/{}", receipt.id());
        self.0.tags().set(tag, HashAndFormat::raw(hash)).await.map_err(|e| broken(&e))?;
        // The store answers before it commits: this is the barrier.
        self.0.sync_db().await.map_err(|e| broken(&e))
    }

    /// Whether these bytes are there, whole.
    pub(crate) async fn has(&self, id: &ArtifactId) -> bool {
        self.0.has(Hash::from_bytes(*id.as_bytes())).await.unwrap_or(false)
    }

    /// Writes out and closes the store.
    pub(crate) async fn shutdown(&self) {
        if let Err(error) = self.0.shutdown().await {
            tracing::warn!("the outbox did not close: {error:#}");
        }
    }
}
