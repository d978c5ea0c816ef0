//! What every task of a host shares.

use crate::{
    EARLIER_CARDS, Inside, Reach, SignAuthor, Timings,
    bind::Ends,
    limit::{Places, Rate, lock},
    outbox::Outbox,
    reach::Hidden,
    sessions::Sessions,
};
use artifact::{ArtifactId, HumanKey, TransportKey};
use iroh::{Endpoint, EndpointAddr};
use session::{Capabilities, Code, FRAME_CAP, Kept, Standing};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::{Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Streams served at once.
pub(crate) const STREAMS: usize = 256;

pub(crate) struct Shared {
    wire: Mutex<Wire>,
    /// Whom this machine's addresses are hidden from.
    pub(crate) hidden: Hidden,
    pub(crate) inside: Arc<dyn Inside>,
    pub(crate) sign: SignAuthor,
    pub(crate) human: HumanKey,
    pub(crate) outbox: Outbox,
    pub(crate) sessions: Arc<Sessions>,
    /// Handshakes of who is not pinned.
    pub(crate) strangers: Arc<Places>,
    /// Handshakes and sessions of who is.
    pub(crate) peers: Arc<Places>,
    /// What else they have open.
    pub(crate) channels: Arc<Places>,
    pub(crate) timings: Timings,
    pub(crate) largest: u64,
    pub(crate) capabilities: Capabilities,
    pub(crate) streams: Semaphore,
    /// Refusals at the gate.
    pub(crate) refusals: Rate,
    /// Lines in the journal.
    lines: Rate,
    stops: Mutex<BTreeMap<(ArtifactId, Option<HumanKey>), CancellationToken>>,
    /// Told whenever one of `stops` is cancelled.
    pub(crate) ended: watch::Sender<()>,
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the host shuts down.
    pub(crate) stop: CancellationToken,
}

/// How this host is on the network now.
#[derive(Debug, Default)]
struct Wire {
    /// None while they are exchanged and after the shutdown: a socket is let go only with the
    /// last of its endpoint.
    ends: Option<Ends>,
    reach: Reach,
    port: u16,
    kept: bool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// The parts that [`Shared`] is made of.
pub(crate) struct Parts {
    pub(crate) inside: Arc<dyn Inside>,
    pub(crate) sign: SignAuthor,
    pub(crate) human: HumanKey,
    pub(crate) outbox: Outbox,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) hidden: Hidden,
    pub(crate) timings: Timings,
    pub(crate) largest: u64,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let limits =
            [("artifact".to_owned(), parts.largest), ("frame".to_owned(), FRAME_CAP as u64)];
        let capabilities = Capabilities {
            caps: ["crystal/0", EARLIER_CARDS, "packet/0", "settle/0"].map(str::to_owned).into(),
            policies: Vec::new(),
            limits: limits.into(),
            kept: Kept::default(),
        };
        Arc::new(Self {
            wire: Mutex::default(),
            hidden: parts.hidden,
            inside: parts.inside,
            sign: parts.sign,
            human: parts.human,
            outbox: parts.outbox,
            sessions: parts.sessions,
            strangers: Places::strangers(),
            peers: Places::peers(),
            channels: Places::channels(),
            timings: parts.timings,
            largest: parts.largest,
            capabilities,
            streams: Semaphore::new(STREAMS),
            refusals: Rate::default(),
            lines: Rate::default(),
            stops: Mutex::default(),
            ended: watch::Sender::new(()),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// The endpoints, until the shutdown.
    pub(crate) fn ends(&self) -> Option<Ends> {
        lock(&self.wire).ends.clone()
    }

    /// The endpoint that reaches an address of a session.
    pub(crate) fn endpoint_to(&self, address: &EndpointAddr) -> Option<Endpoint> {
        self.ends().map(|ends| ends.to(address, &self.hidden).clone())
    }

    pub(crate) fn reach(&self) -> Reach {
        lock(&self.wire).reach.clone()
    }

    /// The UDP port (IPv4), the last one while none is bound.
    pub(crate) fn port(&self) -> u16 {
        lock(&self.wire).port
    }

    /// Whether the port is the one that was wanted.
    pub(crate) fn port_kept(&self) -> bool {
        lock(&self.wire).kept
    }

    /// Puts endpoints to use.
    pub(crate) fn connect(&self, ends: Ends, reach: Reach, kept: bool) {
        let port = ends.port();
        *lock(&self.wire) = Wire { ends: Some(ends), reach, port, kept };
    }

    /// Lets the endpoints go.
    pub(crate) fn drop_ends(&self) {
        lock(&self.wire).ends = None;
    }

    /// This side closes with `code`: told as a violation where it is one, else written down as
    /// a refusal. `human` is who was proven in this session.
    pub(crate) fn closed(&self, endpoint: TransportKey, human: Option<HumanKey>, code: Code) {
        if code.is_violation() {
            self.inside.violated(endpoint, human, code);
        } else {
            self.refused(endpoint, code.word());
        }
    }

    /// Writes a refusal into the journal, within the rate.
    pub(crate) fn refused(&self, endpoint: TransportKey, why: &'static str) {
        if self.lines.take(endpoint) {
            let human = match self.inside.standing(&endpoint) {
                Standing::Pinned { human, .. } => Some(human),
                Standing::Unknown | Standing::Blocked => None,
            };
            self.inside.refused(endpoint, human, why);
        }
    }

    /// What is cancelled when serving under this receipt must stop, for everybody or for one
    /// human; cancelled at once when it had to stop before. Stopping is for good: what is
    /// stopped never serves again.
    pub(crate) fn stop_of(&self, receipt: ArtifactId, to: Option<HumanKey>) -> CancellationToken {
        lock(&self.stops).entry((receipt, to)).or_default().clone()
    }

    /// Whether nothing may be served to this human under this receipt any more.
    pub(crate) fn stopped(&self, receipt: ArtifactId, to: HumanKey) -> bool {
        let stops = lock(&self.stops);
        let is = |to| stops.get(&(receipt, to)).is_some_and(CancellationToken::is_cancelled);
        is(None) || is(Some(to))
    }
}
