//! The stream on which a byte is changed where that was asked for.

use bytes::Bytes;
use iroh::endpoint::{SendStream, VarInt};
use std::io;

/// A stream that changes the hundredth byte, which is beyond the size in front.
#[derive(Debug)]
pub(super) struct Bent {
    pub(super) inner: SendStream,
    pub(super) bend: bool,
    pub(super) sent: usize,
}

impl Bent {
    fn bent(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        if self.bend && (self.sent..self.sent + bytes.len()).contains(&100) {
            bytes[100 - self.sent] ^= 1;
        }
        self.sent += bytes.len();
        bytes
    }
}

impl iroh_blobs::util::SendStream for Bent {
    async fn send_bytes(&mut self, bytes: Bytes) -> io::Result<()> {
        let bytes = self.bent(&bytes);
        Ok(self.inner.write_all(&bytes).await?)
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let bytes = self.bent(bytes);
        Ok(self.inner.write_all(&bytes).await?)
    }

    async fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn reset(&mut self, code: VarInt) -> io::Result<()> {
        Ok(self.inner.reset(code)?)
    }

    async fn stopped(&mut self) -> io::Result<Option<VarInt>> {
        Ok(self.inner.stopped().await?)
    }

    fn id(&self) -> u64 {
        self.inner.id().index()
    }
}
