//! What a puppet hears, byte by byte: everything that a house says to it on any channel, for tests
//! that look for what should not be there.

use super::{Identity, PATIENCE, Puppet, Way};
use iroh::endpoint::{Connection, RecvStream};
use std::sync::{Arc, Mutex};
use tokio::{sync::Notify, time::timeout};

/// What was heard so far.
#[derive(Clone, Default)]
pub(super) struct Ear {
    /// Whether heads are listened to as well: a puppet that is none of these turns them away.
    pub(super) open: bool,
    heard: Arc<Mutex<Vec<u8>>>,
    more: Arc<Notify>,
}

impl Ear {
    pub(super) fn takes(&self, bytes: &[u8]) {
        self.heard.lock().unwrap().extend_from_slice(bytes);
        self.more.notify_waiters();
    }

    /// Takes every frame of every stream of a connection.
    pub(super) async fn follows(self, conn: Connection) {
        while let Ok(recv) = conn.accept_uni().await {
            tokio::spawn(self.clone().reads(recv));
        }
    }

    /// Takes every frame of a stream.
    pub(super) async fn reads(self, mut recv: RecvStream) {
        while let Some(frame) = next(&mut recv).await {
            self.takes(&frame);
        }
    }
}

impl Puppet {
    /// Shakes hands as [`Puppet::enter`] does, and listens to all that it is told.
    pub async fn listening(identity: Identity, way: &Way) -> Self {
        Self::with(identity, way, Ear { open: true, ..Ear::default() }).await
    }

    /// Everything that the house said so far.
    pub fn heard(&self) -> Vec<u8> {
        self.ear.heard.lock().unwrap().clone()
    }

    /// Waits until the house has said this.
    pub async fn hears(&self, what: &[u8]) {
        let said = async {
            loop {
                let more = self.ear.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if crate::left::contains(&self.heard(), what) {
                    return;
                }
                more.await;
            }
        };
        timeout(PATIENCE, said).await.expect("the house never said it");
    }
}

/// A frame behind its length.
pub(super) fn framed(frame: &[u8]) -> Vec<u8> {
    [&u32::try_from(frame.len()).unwrap().to_be_bytes(), frame].concat()
}

/// The next frame; `None` when the stream ends before it.
pub(super) async fn next(recv: &mut RecvStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    recv.read_exact(&mut length).await.ok()?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    recv.read_exact(&mut frame).await.ok()?;
    Some(frame)
}

/// The next frame, which must come.
pub(super) async fn heard(recv: &mut RecvStream) -> Vec<u8> {
    timeout(PATIENCE, next(recv)).await.unwrap().expect("no frame came")
}
