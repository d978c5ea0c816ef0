//! Frames on a stream: a 4-byte big-endian length, then that many bytes, at most 64 KiB.

use iroh::endpoint::{ReadExactError, RecvStream, SendStream};
use session::FRAME_CAP;
use std::time::Duration;
use tokio::time::timeout;

/// Why no frame came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFrame {
    /// The stream ended between two frames.
    Ended,
    /// The stream or its connection broke.
    Lost,
    /// Nothing came in time.
    Late,
    /// A longer frame than allowed was announced.
    Oversized,
}

/// Reads one frame: waits `first` for its beginning (forever without one) and `rest` for the
/// rest. Not cancel-safe: a frame that was begun must be read to its end.
pub(crate) async fn read(
    recv: &mut RecvStream,
    first: Option<Duration>,
    rest: Duration,
) -> Result<Vec<u8>, NoFrame> {
    let mut begin = [0; 1];
    let began = recv.read_exact(&mut begin);
    let began = match first {
        Some(limit) => timeout(limit, began).await.map_err(|_| NoFrame::Late)?,
        None => began.await,
    };
    began.map_err(|e| match e {
        ReadExactError::FinishedEarly(_) => NoFrame::Ended,
        ReadExactError::ReadError(_) => NoFrame::Lost,
    })?;
    timeout(rest, body(recv, begin)).await.map_err(|_| NoFrame::Late)?
}

async fn body(recv: &mut RecvStream, [begin]: [u8; 1]) -> Result<Vec<u8>, NoFrame> {
    let mut more = [0; 3];
    recv.read_exact(&mut more).await.map_err(|_| NoFrame::Lost)?;
    let [a, b, c] = more;
    let length = u32::from_be_bytes([begin, a, b, c]);
    let length = usize::try_from(length).ok().filter(|length| *length <= FRAME_CAP);
    let mut bytes = vec![0; length.ok_or(NoFrame::Oversized)?];
    recv.read_exact(&mut bytes).await.map_err(|_| NoFrame::Lost)?;
    Ok(bytes)
}

/// Writes one frame, within `limit`.
pub(crate) async fn write(
    send: &mut SendStream,
    frame: &[u8],
    limit: Duration,
) -> Result<(), NoFrame> {
    let length = u32::try_from(frame.len()).map_err(|_| NoFrame::Oversized)?;
    let mut bytes = Vec::with_capacity(frame.len() + 4);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(frame);
    let written = timeout(limit, send.write_all(&bytes)).await;
    written.map_err(|_| NoFrame::Late)?.map_err(|_| NoFrame::Lost)
}
