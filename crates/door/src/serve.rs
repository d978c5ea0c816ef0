//! The node's side of both sockets.
//!
//! [`serve`] takes connections in until it is told to stop, and asks [`Inside`] about
//! everything that has a meaning. Promises: bounded memory whatever comes (connections, calls
//! in flight, frames and time each have a cap); agents cannot take the human's place in the
//! queue, each entrance has its own; whoever was let in is reported gone, exactly once, on
//! every path out.
//!
//! Unpaired agents may ask: the node decides what they are told.

use crate::{
    agent::{AgentKey, AgentName},
    frame::{self, FrameWriter},
    guests::Guests,
    handshake::{Code, Refused, ToAgent, encode},
    process::Process,
    request::{AgentReply, AgentRequest},
    socket::{Entrance, Sockets, Stream},
};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, broadcast},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

mod agents;
mod controls;

/// The most agents that are in at once, and the most that may be in the handshake at once.
pub const MAX_AGENTS: usize = 64;
/// The most control connections at once.
pub const MAX_CONTROLS: usize = 64;
/// The most calls of one agent that are worked on at once; more wait unread.
pub const MAX_IN_FLIGHT: usize = 8;
/// How long the node may work on one call.
pub const CALL_LIMIT: Duration = Duration::from_secs(120);
/// How long calls already taken may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait after the system could not accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// A boxed future, so that [`Inside`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who called, on the agents' socket.
#[derive(Debug, Clone)]
pub struct AgentCaller {
    /// The name it entered under. Anyone may claim any name: the key tells.
    pub name: AgentName,
    /// The key it proved to hold.
    pub key: AgentKey,
    /// The connection, a number never used again by this process: one agent session.
    pub connection: u64,
    /// The shim's process when it connected; `None` where the system does not tell.
    pub process: Option<Process>,
}

/// Who called, on the control socket.
#[derive(Debug, Clone)]
pub struct ControlCaller {
    /// The connection, a number never used again by this process.
    pub connection: u64,
    /// The caller's process when it connected; `None` where the system does not tell.
    pub process: Option<Process>,
    /// The agent from whose program, or from below whose program, the call comes. Such a
    /// caller may be the agent itself: it gives no answer for the human.
    pub below: Option<AgentName>,
}

/// What the door asks of the node.
pub trait Inside: Send + Sync + 'static {
    /// Whether the human has paired this key under this name.
    fn is_paired(&self, name: &str, key: &AgentKey) -> bool;

    /// Serves one request of an agent, paired or not. The request is within its caps.
    fn agent<'a>(&'a self, who: AgentCaller, request: AgentRequest) -> BoxFuture<'a, AgentReply>;

    /// Serves one frame of the human's own programs. Bytes in, bytes out, both at most
    /// [`frame::CONTROL`] less one. What comes may hold a PIN: it is wiped when it is dropped.
    fn control<'a>(
        &'a self,
        who: ControlCaller,
        frame: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, Zeroizing<Vec<u8>>>;

    /// What control connections that subscribed are told.
    fn notices(&self) -> broadcast::Receiver<Vec<u8>>;

    /// The agent's connection has ended.
    fn gone(&self, connection: u64);
}

/// What all connections share.
struct House {
    inside: Arc<dyn Inside>,
    guests: Guests,
    connections: AtomicU64,
    /// Places in the agents' handshake.
    porch: Semaphore,
    /// Places for agents.
    agents: Semaphore,
    /// Places for control connections.
    controls: Semaphore,
    stop: CancellationToken,
}

impl House {
    fn number(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }
}

/// Serves both sockets until `stop`, then ends every connection and removes the sockets.
///
/// Calls already taken get two seconds to finish.
pub async fn serve(sockets: Sockets, inside: Arc<dyn Inside>, stop: CancellationToken) {
    let house = Arc::new(House {
        inside,
        guests: Guests::default(),
        connections: AtomicU64::new(1),
        porch: Semaphore::new(MAX_AGENTS),
        agents: Semaphore::new(MAX_AGENTS),
        controls: Semaphore::new(MAX_CONTROLS),
        stop: stop.clone(),
    });
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            taken = sockets.accept(Entrance::Agent) => {
                if let Some((stream, pid)) = settle(taken).await {
                    tasks.spawn(agents::attend(house.clone(), stream, pid));
                }
            }
            taken = sockets.accept(Entrance::Control) => {
                if let Some((stream, pid)) = settle(taken).await {
                    tasks.spawn(controls::attend(house.clone(), stream, pid));
                }
            }
            // A connection's panic ends that connection only; it was logged by the panic hook.
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
        }
    }
    // New callers learn at once that nobody serves here.
    drop(sockets);
    let all = async { while tasks.join_next().await.is_some() {} };
    if timeout(GRACE * 2, all).await.is_err() {
        tasks.shutdown().await;
    }
}

/// What came of accepting. The system's refusals (too many open files, mostly) pass with
/// time, so they are waited out.
async fn settle(
    taken: std::io::Result<Option<(Stream, Option<u32>)>>,
) -> Option<(Stream, Option<u32>)> {
    match taken {
        Ok(came) => came,
        Err(e) => {
            tracing::warn!("could not accept a connection: {e}");
            sleep(PAUSE).await;
            None
        }
    }
}

/// Tells an agent why this is the end. Whether it still listens does not matter.
async fn refuse<W: tokio::io::AsyncWrite + Unpin>(write: &mut FrameWriter<W>, refused: Refused) {
    tracing::debug!(code = ?refused.code, "refused an agent: {}", refused.what);
    if let Ok(frame) = encode(&ToAgent::Refused(refused)) {
        let _ = write.send(frame).await;
    }
}

/// What is said to one who cannot be taken in now.
fn busy() -> Refused {
    Refused::new(Code::Busy, "too many connections: try again in a moment")
}

/// What is said of a frame that could not be read; `None` where nobody is left to hear it.
fn unreadable(error: &frame::FrameError) -> Option<Refused> {
    match error {
        frame::FrameError::TooBig { .. } => Some(Refused::new(Code::TooBig, error.to_string())),
        frame::FrameError::Stuck | frame::FrameError::Broken(_) => None,
    }
}

#[cfg(all(test, unix))]
pub(crate) mod tests;
