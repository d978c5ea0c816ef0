//! One control connection: requests one after another, and notices for those who subscribed.

use super::{GRACE, House};
use crate::{
    control::{LAGGED, NOTICE, REFUSED, REPLY, REQUEST, SUBSCRIBE, tagged},
    frame::{self, FrameError, FrameReader, FrameWriter},
    serve::ControlCaller,
    socket::{Stream, process_of},
};
use bytes::BytesMut;
use std::sync::Arc;
use tokio::{
    io::WriteHalf,
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};
use zeroize::{Zeroize, Zeroizing};

type Writer = FrameWriter<WriteHalf<Stream>>;

/// Serves one connection to its end.
pub(super) async fn attend(house: Arc<House>, stream: Stream, pid: Option<u32>) {
    let process = process_of(&stream, pid);
    let (read, write) = tokio::io::split(stream);
    let mut read = FrameReader::new(read, frame::CONTROL);
    let mut write = FrameWriter::new(write, frame::CONTROL);
    let Ok(_place) = house.controls.try_acquire() else {
        return refuse(&mut write, "too many connections: try again in a moment").await;
    };
    let connection = house.number();
    let mut notices: Option<Receiver<Vec<u8>>> = None;
    loop {
        let sent = tokio::select! {
            () = house.stop.cancelled() => return,
            told = next_notice(&mut notices) => match told {
                Some(frame) => write.send(frame).await,
                None => return,
            },
            frame = read.next() => match frame {
                Ok(Some(frame)) => match taken(frame) {
                    Taken::Request(request) => {
                        let process = process.clone();
                        let below = process.as_ref().and_then(|p| house.guests.above(p));
                        let caller = ControlCaller { connection, process, below };
                        let Some(reply) = serve(&house, caller, request).await else { return };
                        reply_with(&mut write, &reply).await
                    }
                    Taken::Subscribe => {
                        notices.get_or_insert_with(|| house.inside.notices());
                        // So that a subscriber knows from when on it misses nothing.
                        write.send(tagged(REPLY, b"")).await
                    }
                    Taken::Unknown => {
                        return refuse(&mut write, "not understood: update tracenet").await;
                    }
                },
                Ok(None) | Err(FrameError::Broken(_) | FrameError::Stuck) => return,
                Err(e @ FrameError::TooBig { .. }) => {
                    return refuse(&mut write, &e.to_string()).await;
                }
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

/// What a frame was.
enum Taken {
    Request(Zeroizing<Vec<u8>>),
    Subscribe,
    Unknown,
}

/// What a frame was. Its own bytes are wiped: a request may hold a PIN.
fn taken(mut frame: BytesMut) -> Taken {
    let taken = match frame.split_first() {
        Some((&REQUEST, rest)) => Taken::Request(rest.to_vec().into()),
        Some((&SUBSCRIBE, [])) => Taken::Subscribe,
        _ => Taken::Unknown,
    };
    frame.as_mut().zeroize();
    taken
}

/// The node's reply. A request once taken is finished even when its sender leaves; only the
/// end of the node cuts it short, after a while.
async fn serve(
    house: &House,
    caller: ControlCaller,
    request: Zeroizing<Vec<u8>>,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut reply = house.inside.control(caller, request);
    tokio::select! {
        reply = &mut reply => Some(reply),
        () = house.stop.cancelled() => timeout(GRACE, reply).await.ok(),
    }
}

async fn reply_with(write: &mut Writer, reply: &[u8]) -> Result<(), FrameError> {
    if reply.len() < frame::SHORT {
        return write.send_secret(tagged(REPLY, reply)).await;
    }
    if reply.len() < frame::CONTROL {
        return write.send(tagged(REPLY, reply)).await;
    }
    refuse(write, &format!("the reply has {} bytes, more than fit in a frame", reply.len())).await;
    Err(FrameError::TooBig { cap: frame::CONTROL })
}

/// The next frame for a subscriber; waits for ever for those who are none, `None` when the
/// node tells nothing any more.
async fn next_notice(notices: &mut Option<Receiver<Vec<u8>>>) -> Option<BytesMut> {
    let Some(notices) = notices else { return std::future::pending().await };
    match notices.recv().await {
        Ok(notice) if notice.len() < frame::CONTROL => Some(tagged(NOTICE, &notice)),
        // Over the cap it cannot be told; that something was missed can.
        Ok(_) => Some(tagged(LAGGED, &1_u64.to_be_bytes())),
        Err(RecvError::Lagged(missed)) => Some(tagged(LAGGED, &missed.to_be_bytes())),
        Err(RecvError::Closed) => None,
    }
}

async fn refuse(write: &mut Writer, what: &str) {
    // The end either way; whether it is heard does not matter.
    let _ = write.send(tagged(REFUSED, what.as_bytes())).await;
}
