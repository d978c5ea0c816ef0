//! Writing a log into the vault beside its parsing: hashing and compressing it takes about as long
//! as reading it, and a machine has more than one processor.

use crate::Fault;
use artifact::ArtifactId;
use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread::JoinHandle,
};
use store::{Vault, VaultError, VaultWriter};

/// Pieces that may wait to be written. They are as large as what is read at a time.
const WAITING: usize = 4;

type Written = Result<VaultWriter, VaultError>;

/// A log on its way into the vault, on a thread of its own. Dropping it keeps nothing.
pub(super) struct Aside {
    pieces: Option<SyncSender<Vec<u8>>>,
    thread: Option<JoinHandle<Written>>,
}

impl Aside {
    pub(super) fn begin(vault: &Vault) -> Result<Self, Fault> {
        let mut writer = vault.begin()?;
        let (pieces, coming) = sync_channel::<Vec<u8>>(WAITING);
        let write = move || {
            for piece in coming {
                writer.write(&piece)?;
            }
            Ok(writer)
        };
        let thread = std::thread::Builder::new().name("tracenet-vault".to_owned()).spawn(write);
        let thread =
            thread.map_err(|e| Fault::not_now(format!("no thread can be had: {e}"), ""))?;
        Ok(Self { pieces: Some(pieces), thread: Some(thread) })
    }

    /// Adds bytes. What the disk refuses is said by the next call.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let taken = self.pieces.as_ref().is_some_and(|to| to.send(bytes.to_vec()).is_ok());
        if taken {
            return Ok(());
        }
        self.ended()?;
        Err(Fault::broken("the vault stopped before the log did"))
    }

    /// Makes it durable: its hash, its bytes, and the bytes they take.
    pub(super) fn finish(mut self) -> Result<(ArtifactId, u64, u64), Fault> {
        Ok(self.ended()?.finish()?)
    }

    /// Waits for what was given to be written.
    fn ended(&mut self) -> Result<VaultWriter, Fault> {
        self.pieces = None;
        let ended = self.thread.take().map(JoinHandle::join);
        let Some(Ok(written)) = ended else {
            return Err(Fault::broken("the vault's thread broke off"));
        };
        Ok(written?)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.pieces = None;
        // What was begun is gone when this returns.
        drop(self.thread.take().map(JoinHandle::join));
    }
}
