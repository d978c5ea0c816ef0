//! Frames: a big-endian 32-bit length, then that many bytes.
//!
//! Promises: no more than the cap of the moment is ever buffered, in either direction; a
//! frame over the cap is told apart from a broken connection, so that the other end can be
//! told why; a reader that stops reading holds a writer for at most [`PATIENCE`].
//! What the bytes mean is not known here.

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec, LengthDelimitedCodecError};
use zeroize::Zeroize;

/// The largest frame from an agent to the node, in bytes: a remembered text of up to 1 MiB,
/// written as JSON.
pub const AGENT_TO_NODE: usize = 2 << 20;
/// The largest frame from the node to an agent, in bytes.
pub const NODE_TO_AGENT: usize = 64 << 10;
/// The largest frame on the control socket, either way, in bytes.
pub const CONTROL: usize = 16 << 20;
/// The largest frame before an agent has said who it is, in bytes.
pub const HANDSHAKE: usize = 4 << 10;
/// A reply that holds a recovery phrase has fewer bytes: longer ones are not wiped.
pub(crate) const SHORT: usize = 4 << 10;
/// Bytes that the buffer of a writer has from the start (`tokio_util` gives no name for it).
const WRITE_BUFFER: usize = 8 << 10;
/// How long a handshake may take, and how long the other end may refuse to read.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Why no frame came, or none could be sent.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The frame is larger than the cap of the moment.
    #[error("a frame here has at most {cap} bytes")]
    TooBig {
        /// The cap in bytes.
        cap: usize,
    },
    /// The other end did not read for [`PATIENCE`].
    #[error("the other end does not read")]
    Stuck,
    /// The connection broke, or ended inside a frame.
    #[error(transparent)]
    Broken(#[from] io::Error),
}

fn codec(cap: usize) -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().max_frame_length(cap).new_codec()
}

fn told_apart(error: io::Error, cap: usize) -> FrameError {
    let too_big = error.get_ref().is_some_and(|e| e.is::<LengthDelimitedCodecError>());
    if too_big { FrameError::TooBig { cap } } else { FrameError::Broken(error) }
}

/// The reading end.
pub(crate) struct FrameReader<R> {
    frames: FramedRead<R, LengthDelimitedCodec>,
    cap: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads frames of at most `cap` bytes.
    pub(crate) fn new(read: R, cap: usize) -> Self {
        Self { frames: FramedRead::new(read, codec(cap)), cap }
    }

    /// From now on frames have at most `cap` bytes.
    pub(crate) fn set_cap(&mut self, cap: usize) {
        self.cap = cap;
        self.frames.decoder_mut().set_max_frame_length(cap);
    }

    /// The next frame, `None` at the orderly end. Nothing is lost when it is dropped unready.
    pub(crate) async fn next(&mut self) -> Result<Option<BytesMut>, FrameError> {
        self.frames.next().await.transpose().map_err(|e| told_apart(e, self.cap))
    }

    /// Whether the connection is at rest: open, and with nothing to read. Reads away what
    /// there is, so it is only for ends that expect nothing.
    pub(crate) fn is_at_rest(&mut self) -> bool {
        self.next().now_or_never().is_none()
    }
}

/// The writing end.
pub(crate) struct FrameWriter<W> {
    frames: FramedWrite<W, LengthDelimitedCodec>,
    cap: usize,
}

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    /// Writes frames of at most `cap` bytes.
    pub(crate) fn new(write: W, cap: usize) -> Self {
        Self { frames: FramedWrite::new(write, codec(cap)), cap }
    }

    /// Sends one frame.
    pub(crate) async fn send(&mut self, frame: impl Into<Bytes>) -> Result<(), FrameError> {
        let cap = self.cap;
        match timeout(PATIENCE, self.frames.send(frame.into())).await {
            Ok(sent) => sent.map_err(|e| told_apart(e, cap)),
            Err(_) => Err(FrameError::Stuck),
        }
    }

    /// Sends one frame that may hold a PIN or a phrase, and wipes the buffers that it went through here.
    pub(crate) async fn send_secret(&mut self, frame: BytesMut) -> Result<(), FrameError> {
        let frame = frame.freeze();
        let sent = self.send(frame.clone()).await;
        // Nobody else holds it any more, but where that is not so it is not ours to wipe.
        if let Ok(mut frame) = frame.try_into_mut() {
            frame.as_mut().zeroize();
        }
        let buffer = self.frames.write_buffer_mut();
        if buffer.is_empty() {
            // The whole of it again, from its beginning.
            buffer.reserve(WRITE_BUFFER);
        }
        buffer.spare_capacity_mut().zeroize();
        sent
    }
}

#[cfg(test)]
mod tests;
