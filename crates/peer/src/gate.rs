//! The gate: the only place from which bytes of an artifact leave.
//!
//! A request is a `Get` of one whole blob or a part of it; anything that would make the
//! provider read a blob as a list of further hashes is refused. Who asks is known from TLS and
//! a Ready session. One lookup on (human, id) decides before any blob is touched, and every
//! refusal, whatever its reason, is the same reset with the same code.

use crate::{
    Inside,
    limit::LOOK,
    live::Live,
    seat::{close, remote_of},
    shared::Shared,
};
use artifact::ArtifactId;
use bytes::Bytes;
use consent::VerifiedReceipt;
use iroh::{
    endpoint::{Connection, RecvStream, SendStream, VarInt},
    protocol::{AcceptError, ProtocolHandler},
};
use iroh_blobs::{
    protocol::{ERR_PERMISSION, GetRequest, Request},
    provider::{self, StreamPair, events::EventSender},
};
use session::Code;
use std::{
    future::pending,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Streams that one connection may have open at once; more wait on the other side.
const STREAMS_PER_CONNECTION: u32 = 64;

/// The most bytes of a request: far above what a get of one artifact needs, and far below what
/// the provider would read.
const REQUEST: usize = 4 << 10;

/// Serves artifacts.
#[derive(Debug, Clone)]
pub(crate) struct Gate(pub(crate) Arc<Shared>);

impl ProtocolHandler for Gate {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        let shared = Arc::clone(&self.0);
        // A panic here would stop the endpoint: it ends in the inner task.
        let served = self.0.tasks.spawn(async move { accept(&shared, conn).await });
        if let Err(error) = served.await {
            tracing::error!("serving ended: {error}");
        }
        Ok(())
    }
}

async fn accept(shared: &Arc<Shared>, conn: Connection) {
    let remote = remote_of(&conn);
    let Some(_place) = shared.channels.enter(remote) else {
        return close(&conn, Code::TooMany);
    };
    let Some(live) = shared.sessions.live(&remote) else {
        return close(&conn, Code::NotReady);
    };
    if !live.settled(shared.timings.introduce).await {
        return close(&conn, Code::NotReady);
    }
    conn.set_max_concurrent_bi_streams(STREAMS_PER_CONNECTION.into());
    let mut streams = JoinSet::new();
    let code = loop {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => break Code::Leaving,
            () = live.end.cancelled() => break live.why(),
            opened = conn.accept_bi() => match opened {
                Ok((send, recv)) => {
                    live.heard();
                    let one = One {
                        shared: Arc::clone(shared),
                        live: Arc::clone(&live),
                        conn: conn.stable_id() as u64,
                    };
                    streams.spawn(one.serve(send, recv));
                }
                Err(_) => break Code::Gone,
            },
            // Reaps what ended, and swallows panics.
            Some(_) = streams.join_next(), if !streams.is_empty() => {}
        }
    };
    streams.shutdown().await;
    close(&conn, code);
}

/// One stream: one request.
struct One {
    shared: Arc<Shared>,
    live: Arc<Live>,
    conn: u64,
}

/// What a request is served under.
struct Permit {
    receipt: Arc<VerifiedReceipt>,
    /// Cancelled when this receipt serves nobody any more, or not this human.
    stops: [CancellationToken; 2],
}

impl One {
    async fn serve(self, send: SendStream, mut recv: RecvStream) {
        let sent = Arc::new(AtomicU64::new(0));
        let limit = self.shared.timings.read;
        // Any early return from here on resets the stream with the one refusal code.
        let send =
            ResetOnDrop { inner: send, done: false, look: None, sent: Arc::clone(&sent), limit };
        let Ok(Ok((request, _))) = timeout(limit, Request::read_async(&mut Brief(&mut recv))).await
        else {
            return self.refuse(send).await;
        };
        let Some(get) = shape(request) else { return self.refuse(send).await };
        let id = ArtifactId::from_bytes(*get.hash.as_bytes());
        let served = {
            let Ok(_own) = self.live.streams.acquire().await else { return };
            let Ok(_all) = self.shared.streams.acquire().await else { return };
            match self.permit(&id).await {
                Some(permit) => {
                    self.transfer(permit, id, get, send, recv, &sent).await;
                    None
                }
                None => Some(send),
            }
        };
        // Refusals wait without a slot, so that they hold up nobody's entitled gets.
        if let Some(send) = served {
            self.refuse(send).await;
        }
    }

    /// Everything that must hold before a byte leaves, ending with the durable entry.
    async fn permit(&self, id: &ArtifactId) -> Option<Permit> {
        let (shared, live) = (&self.shared, &self.live);
        let receipt = shared.inside.entitled(&live.party, id)?;
        let mine = receipt.human() == shared.human;
        if !mine || !receipt.admits(&live.party.human, id, shared.inside.now()) {
            return None;
        }
        let to = live.party.human;
        let stops = [None, Some(to)].map(|to| shared.stop_of(receipt.id(), to));
        if stops.iter().any(CancellationToken::is_cancelled) {
            return None;
        }
        let mut written = live.written.lock().await;
        if !written.contains(&receipt.id()) {
            // What leaves the outbox later has its receipts stopped before.
            if !shared.outbox.has(id).await {
                return None;
            }
            let entry = shared.inside.serving(&receipt, live.party, live.session).await;
            if let Err(error) = entry {
                tracing::warn!("nothing is served: {error}");
                return None;
            }
            written.insert(receipt.id());
        }
        Some(Permit { receipt, stops })
    }

    async fn transfer(
        &self,
        permit: Permit,
        id: ArtifactId,
        get: GetRequest,
        mut send: ResetOnDrop,
        recv: RecvStream,
        sent: &AtomicU64,
    ) {
        let (shared, live) = (&self.shared, &self.live);
        let [for_all, for_them] = &permit.stops;
        // Told also when this task is cut in the middle.
        let mut total = Total { one: self, receipt: permit.receipt.id(), id, sent, whole: false };
        send.look = shared.outbox.look().await;
        let pair = StreamPair::new(self.conn, recv, send, EventSender::DEFAULT);
        tokio::select! {
            biased;
            // Each of these drops the pair, which resets the stream.
            () = for_all.cancelled() => {}
            () = for_them.cancelled() => {}
            () = self.lapse(&permit.receipt, &id) => {}
            () = live.end.cancelled() => {}
            () = shared.stop.cancelled() => {}
            done = provider::handle_get(pair, shared.outbox.store(), get) => {
                total.whole = done.is_ok();
            }
        }
        live.heard();
    }

    /// Waits until a receipt admits this human no more because its time is over. The clock is
    /// looked at again and again: it may be set, and this machine may sleep.
    async fn lapse(&self, receipt: &VerifiedReceipt, id: &ArtifactId) {
        let (inside, human) = (&self.shared.inside, self.live.party.human);
        let Some(until) = receipt.receipt().lim.until else { return pending().await };
        while receipt.admits(&human, id, inside.now()) {
            let left = Duration::from_millis(until.saturating_sub(inside.now()));
            sleep(left.min(LOOK)).await;
        }
    }

    /// Resets the stream, at most ten times a second for one endpoint: the rest waits.
    async fn refuse(&self, send: ResetOnDrop) {
        let remote = self.live.party.transport;
        let wait = self.shared.refusals.wait(remote);
        if wait.is_zero() {
            self.shared.refused(remote, "not-entitled");
        } else {
            sleep(wait).await;
        }
        drop(send);
    }
}

/// A request as it comes, of which no more is held than [`REQUEST`].
struct Brief<'a>(&'a mut RecvStream);

impl iroh_blobs::util::RecvStream for Brief<'_> {
    /// What is longer leaves a rest, which the reader takes for no request.
    async fn recv_bytes(&mut self, len: usize) -> io::Result<Bytes> {
        iroh_blobs::util::RecvStream::recv_bytes(self.0, len.min(REQUEST)).await
    }

    async fn recv_bytes_exact(&mut self, len: usize) -> io::Result<Bytes> {
        if len > REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        iroh_blobs::util::RecvStream::recv_bytes_exact(self.0, len).await
    }

    async fn recv_exact(&mut self, target: &mut [u8]) -> io::Result<()> {
        iroh_blobs::util::RecvStream::recv_exact(self.0, target).await
    }

    fn stop(&mut self, code: VarInt) -> io::Result<()> {
        iroh_blobs::util::RecvStream::stop(self.0, code)
    }

    fn id(&self) -> u64 {
        iroh_blobs::util::RecvStream::id(self.0)
    }
}

/// The one shape of request that is served: a `Get` that stays within its blob.
fn shape(request: Request) -> Option<GetRequest> {
    match request {
        Request::Get(get) if get.ranges.is_blob() => Some(get),
        _ => None,
    }
}

/// Tells the node how a transfer ended, when it does.
struct Total<'a> {
    one: &'a One,
    receipt: ArtifactId,
    id: ArtifactId,
    sent: &'a AtomicU64,
    whole: bool,
}

impl Drop for Total<'_> {
    fn drop(&mut self) {
        let live = &self.one.live;
        let bytes = self.sent.load(Ordering::Relaxed);
        let inside: &dyn Inside = &*self.one.shared.inside;
        inside.served(self.receipt, self.id, live.party, live.session, bytes, self.whole);
    }
}

/// A send stream that is reset, not finished, when it is dropped before the response ended:
/// a plain stream would finish, and the other could tell one refusal from another.
#[derive(Debug)]
struct ResetOnDrop {
    inner: SendStream,
    done: bool,
    /// Held until the outbox answered.
    look: Option<OwnedSemaphorePermit>,
    sent: Arc<AtomicU64>,
    limit: Duration,
}

impl ResetOnDrop {
    async fn within<T, E: Into<io::Error>>(
        limit: Duration,
        written: impl Future<Output = Result<T, E>>,
    ) -> io::Result<T> {
        let written = timeout(limit, written).await.map_err(|_| io::ErrorKind::TimedOut)?;
        written.map_err(Into::into)
    }

    fn count(&mut self, bytes: usize) {
        self.look = None;
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl iroh_blobs::util::SendStream for ResetOnDrop {
    async fn send_bytes(&mut self, bytes: Bytes) -> io::Result<()> {
        // Counted before: what is cut in the middle may have left.
        self.count(bytes.len());
        Self::within(self.limit, self.inner.write_chunk(bytes)).await
    }

    async fn send(&mut self, buf: &[u8]) -> io::Result<()> {
        self.count(buf.len());
        Self::within(self.limit, self.inner.write_all(buf)).await
    }

    /// Called once, after the last byte of a response.
    async fn sync(&mut self) -> io::Result<()> {
        self.done = true;
        Ok(())
    }

    /// One code for every failure.
    fn reset(&mut self, _code: VarInt) -> io::Result<()> {
        self.done = true;
        Ok(self.inner.reset(ERR_PERMISSION)?)
    }

    async fn stopped(&mut self) -> io::Result<Option<VarInt>> {
        Ok(self.inner.stopped().await?)
    }

    fn id(&self) -> u64 {
        self.inner.id().index()
    }
}

impl Drop for ResetOnDrop {
    fn drop(&mut self) {
        if !self.done {
            // An error means that the stream is closed already.
            let _ = self.inner.reset(ERR_PERMISSION);
        }
    }
}
