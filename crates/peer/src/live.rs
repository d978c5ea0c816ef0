//! One Ready session: who it is with, and what hangs on it. When it ends, everything that
//! hangs on it ends too.

use crate::{
    Address, Path,
    limit::{instant, lock},
    seat::Seat,
    shared::Shared,
};
use artifact::{ArtifactId, UnixMillis};
use consent::{Party, VerifiedCard};
use iroh::{
    EndpointAddr,
    endpoint::{Connection, LocalTransportAddr, SendStream},
};
use session::{Code, Input, Kept, Refusal, Session, Stage, Step};
use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

/// Streams served to one peer at once.
const STREAMS_PER_PEER: usize = 32;

/// A connection of ours with its one stream, made on first use and kept.
pub(crate) type Speech = tokio::sync::Mutex<Option<(Connection, SendStream)>>;

/// Frames that may wait for the control stream.
const CONTROL_QUEUE: usize = 8;

/// A session whose other end is proven.
pub(crate) struct Live {
    pub(crate) party: Party,
    pub(crate) card: VerifiedCard,
    /// Names the session in both nodes' journals: it is drawn from the connection's exporter.
    pub(crate) session: u64,
    pub(crate) since: UnixMillis,
    /// The handshake connection, which is the session.
    pub(crate) conn: Connection,
    seat: Seat,
    machine: Mutex<Session>,
    /// The connection that carries our heads, with its one stream.
    pub(crate) crystal: Speech,
    /// The connection that carries our delivery receipts, with its one stream.
    pub(crate) settle: Speech,
    /// Frames to be said on the control stream.
    pub(crate) control: mpsc::Sender<Vec<u8>>,
    /// The other end of [`Live::control`], until the conversation takes it.
    pub(crate) outgoing: Mutex<Option<mpsc::Receiver<Vec<u8>>>>,
    /// The connection that we fetch over.
    pub(crate) packet: tokio::sync::Mutex<Option<Connection>>,
    /// Receipts whose serving is written down for this session.
    pub(crate) written: tokio::sync::Mutex<BTreeSet<ArtifactId>>,
    pub(crate) streams: Arc<Semaphore>,
    /// Cancelled when the session is to end.
    pub(crate) end: CancellationToken,
    /// Cancelled when all is over and the node has been told.
    pub(crate) buried: CancellationToken,
    /// Whether the node was told that the session is ready.
    pub(crate) told: AtomicBool,
    /// What the other held of what it was told, when the session began.
    pub(crate) kept: OnceLock<Kept>,
    /// What the other speaks, by name.
    pub(crate) caps: OnceLock<Vec<String>>,
    /// Whether something could not be told, and is to be told again.
    pub(crate) untold: AtomicBool,
    settled: watch::Sender<bool>,
    why: OnceLock<Code>,
    heard: Mutex<Instant>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("party", &self.party).finish_non_exhaustive()
    }
}

impl Live {
    pub(crate) fn new(
        party: Party,
        card: VerifiedCard,
        seat: Seat,
        since: UnixMillis,
        conn: Connection,
        machine: Session,
    ) -> Self {
        let (control, outgoing) = mpsc::channel(CONTROL_QUEUE);
        Self {
            party,
            card,
            session: session_number(&seat.exporter),
            since,
            conn,
            seat,
            machine: Mutex::new(machine),
            crystal: Speech::default(),
            settle: Speech::default(),
            control,
            outgoing: Mutex::new(Some(outgoing)),
            packet: tokio::sync::Mutex::default(),
            written: tokio::sync::Mutex::default(),
            streams: Arc::new(Semaphore::new(STREAMS_PER_PEER)),
            end: CancellationToken::new(),
            buried: CancellationToken::new(),
            told: AtomicBool::new(false),
            kept: OnceLock::new(),
            caps: OnceLock::new(),
            untold: AtomicBool::new(false),
            settled: watch::Sender::new(false),
            why: OnceLock::new(),
            heard: Mutex::new(instant()),
        }
    }

    /// Takes one step of the session.
    pub(crate) fn step(&self, shared: &Shared, input: Input<'_>) -> Result<Step, Refusal> {
        self.seat.with(shared, |facts| {
            let mut machine = lock(&self.machine);
            // It may have ended on another channel meanwhile: no fault of this one.
            if machine.stage() == Stage::Closed {
                return Err(Refusal { code: Code::Gone, say: Vec::new() });
            }
            machine.step(facts, input)
        })
    }

    /// Ends the session for `code`; the first reason stays.
    pub(crate) fn end(&self, code: Code) {
        let _ = self.why.set(code);
        self.end.cancel();
    }

    /// Why it ended.
    pub(crate) fn why(&self) -> Code {
        self.why.get().copied().unwrap_or(Code::Gone)
    }

    /// The other's capabilities came and the node knows: other channels may be used.
    pub(crate) fn settle(&self) {
        self.settled.send_replace(true);
    }

    pub(crate) fn is_settled(&self) -> bool {
        *self.settled.borrow() && !self.end.is_cancelled()
    }

    /// Waits until the session is settled. False when it ended or `limit` passed before.
    pub(crate) async fn settled(&self, limit: Duration) -> bool {
        let mut settled = self.settled.subscribe();
        let came = timeout(limit, settled.wait_for(|settled| *settled));
        tokio::select! {
            biased;
            () = self.end.cancelled() => false,
            came = came => matches!(came, Ok(Ok(_))),
        }
    }

    /// Something came, on whatever channel.
    pub(crate) fn heard(&self) {
        *lock(&self.heard) = instant();
    }

    /// How long nothing came.
    pub(crate) fn silence(&self) -> Duration {
        instant().saturating_duration_since(*lock(&self.heard))
    }

    /// Where the other end is now.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let mut found: Vec<Address> = Vec::new();
        for path in self.conn.paths().iter() {
            if let Some(address) = Address::of(path.remote_addr())
                && !found.contains(&address)
            {
                found.push(address);
            }
        }
        found
    }

    /// How its packets travel, and for how long there and back.
    pub(crate) fn route(&self) -> (Path, Duration) {
        let paths = self.conn.paths();
        // With several connections to one peer no path may be marked as selected.
        let selected = paths.iter().find(iroh::endpoint::Path::is_selected);
        let fastest = || paths.iter().min_by_key(iroh::endpoint::Path::rtt);
        selected.or_else(fastest).map_or((Path::Direct, Duration::ZERO), |path| {
            (if path.is_relay() { Path::Relayed } else { Path::Direct }, path.rtt())
        })
    }

    /// Whether all its packets leave from addresses that are not `here`.
    pub(crate) fn is_stranded(&self, here: &BTreeSet<IpAddr>) -> bool {
        let paths = self.conn.paths();
        !paths.is_empty()
            && paths.iter().all(|path| match path.local_addr() {
                LocalTransportAddr::Ip(Some(ip)) => !here.contains(&ip.to_canonical()),
                _ => false,
            })
    }

    /// Whether there is no way left for its packets.
    pub(crate) fn is_cut(&self) -> bool {
        self.conn.paths().is_empty()
    }

    /// How to reach the other end for another connection.
    pub(crate) fn address(&self) -> EndpointAddr {
        let addresses = self.addresses();
        let addresses = addresses.iter().map(Address::transport);
        EndpointAddr::from_parts(self.conn.remote_id(), addresses)
    }

    /// Whether this is the time to tell the node that the session is over.
    pub(crate) fn take_told(&self) -> bool {
        self.told.swap(false, Ordering::AcqRel)
    }
}

/// 53 bits, which every JSON reader holds exactly.
fn session_number(exporter: &[u8; 32]) -> u64 {
    let mut eight = [0; 8];
    blake3::Hasher::new_derive_key("tracenet session number v0")
        .update(exporter)
        .finalize_xof()
        .fill(&mut eight);
    u64::from_be_bytes(eight) >> 11
}
