//! Makes connections: to one who gave a ticket, or to one who is pinned.

use crate::{
    HANDSHAKE_ALPN, TicketError,
    bind::Ends,
    handshake::{Over, Wire},
    limit::instant,
    seat::{Invited, Seat, close},
    sessions::{Attempt, Dialled},
    shared::Shared,
};
use artifact::TransportKey;
use consent::Party;
use iroh::{
    Endpoint, EndpointAddr, TransportAddr,
    endpoint::{ConnectError, Connection, ConnectionError},
};
use session::{Code, Role, Standing};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

/// How long sockets alone are tried before the relay is, where these are two endpoints.
const HEAD_START: Duration = Duration::from_millis(500);

/// Why no session came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The ticket is not good.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// This node's own address.
    #[error("this is this node's own ticket: give it to the other human")]
    Myself,
    /// Not an endpoint id.
    #[error("the endpoint id is not a key: ask for a new ticket")]
    NoEndpoint,
    /// Nothing to dial.
    #[error("no address is known for this node: ask for a ticket with addresses")]
    NoAddress,
    /// A relay is needed, and this node uses none.
    #[error(
        "this node is reached by a relay only, and yours uses none: let it reach anywhere first"
    )]
    NoRelay,
    /// Neither a ticket nor a pin.
    #[error("this node is not pinned here: connect with a ticket")]
    NotPinned,
    /// This human blocked it.
    #[error("this node is blocked here")]
    Blocked,
    /// Nobody answered.
    #[error("the other node did not answer ({0}): is it running, and on the same network?")]
    Unreachable(String),
    /// The other side closed.
    #[error("the other node closed with {0}: {advice}", advice = .0.advice())]
    Refused(Code),
    /// This side closed.
    #[error("this node closed with {0}: {advice}", advice = .0.advice())]
    Stopped(Code),
    /// The connection broke.
    #[error("the connection broke before the session was ready: try again")]
    Lost,
    /// This host is shutting down.
    #[error("this node is shutting down")]
    ShuttingDown,
}

/// Makes sure that there is a settled session with the node at `address`.
pub(crate) async fn dial(
    shared: &Arc<Shared>,
    address: EndpointAddr,
    invited: Option<Invited>,
) -> Result<Party, DialError> {
    let remote = TransportKey::from_bytes(*address.id.as_bytes());
    let sessions = &shared.sessions;
    if remote == sessions.me() {
        return Err(DialError::Myself);
    }
    match shared.inside.standing(&remote) {
        Standing::Blocked => return Err(DialError::Blocked),
        Standing::Unknown if invited.is_none() => return Err(DialError::NotPinned),
        Standing::Unknown | Standing::Pinned { .. } => {}
    }
    let Some(_busy) = sessions.begin_dial(remote) else { return join(shared, &remote).await };
    if let Some(live) = sessions.live(&remote)
        && live.settled(shared.timings.introduce).await
    {
        return Ok(live.party);
    }
    // The other may come in while this node still tries an old address.
    let came = async {
        match sessions.wait(&remote, shared.timings.dial).await {
            Some(live) => live.party,
            None => std::future::pending().await,
        }
    };
    let conn = tokio::select! {
        biased;
        conn = connect(shared, address) => conn,
        party = came => return Ok(party),
    };
    let conn = conn.inspect_err(|error| note_shy(shared, remote, error))?;
    let over = match sessions.dialled(remote) {
        Dialled::There => {
            close(&conn, Code::Duplicate);
            Over::Ours(Code::Duplicate)
        }
        Dialled::Run(attempt) => match shake(shared, conn, attempt, invited).await {
            Ok(party) => return Ok(party),
            Err(over) => over,
        },
    };
    match over {
        Over::Ours(Code::Duplicate) | Over::Theirs(Code::Duplicate) => join(shared, &remote).await,
        Over::Ours(Code::Leaving) => Err(DialError::ShuttingDown),
        // A dialler tells nobody to wait but those who are shut out.
        Over::Ours(Code::Waiting) => Err(DialError::Blocked),
        Over::Ours(code) => Err(DialError::Stopped(code)),
        Over::Theirs(code) => Err(DialError::Refused(code)),
        Over::Lost => Err(DialError::Lost),
    }
    .inspect_err(|error| note_shy(shared, remote, error))
}

/// The one thing that *not ready* says to a handshake: come by relay.
fn note_shy(shared: &Shared, remote: TransportKey, error: &DialError) {
    if *error == DialError::Refused(Code::NotReady) {
        shared.sessions.shy(remote);
    }
}

/// Waits for the session that another connection is making.
async fn join(shared: &Shared, remote: &TransportKey) -> Result<Party, DialError> {
    let limit = shared.timings.dial + shared.timings.introduce;
    let live = tokio::select! {
        () = shared.stop.cancelled() => return Err(DialError::ShuttingDown),
        live = shared.sessions.wait(remote, limit) => live,
    };
    live.map(|live| live.party).ok_or(DialError::Lost)
}

async fn connect(shared: &Shared, address: EndpointAddr) -> Result<Connection, DialError> {
    let ends = shared.ends().ok_or_else(|| {
        if shared.stop.is_cancelled() { DialError::ShuttingDown } else { DialError::Lost }
    })?;
    let connecting = ways(shared, &ends, address)?.connect();
    drop(ends);
    let connected = tokio::select! {
        biased;
        () = shared.stop.cancelled() => return Err(DialError::ShuttingDown),
        connected = timeout(shared.timings.dial, connecting) => connected,
    };
    connected.map_err(|_| DialError::Unreachable("no answer in time".to_owned()))?.map_err(|e| {
        match e {
            ConnectError::Connection {
                source: ConnectionError::ApplicationClosed(close), ..
            } => DialError::Refused(Code::from_number(close.error_code.into_inner())),
            other => DialError::Unreachable(format!("{other:#}")),
        }
    })
}

/// By which endpoint to dial, and where.
struct Ways {
    first: (Endpoint, EndpointAddr),
    /// Tried when the first says no, or nothing for a while.
    second: Option<(Endpoint, EndpointAddr)>,
}

/// What there is to dial. Where somebody is hidden from, what has sockets knows of no relay, and
/// what has the relay of no sockets.
fn ways(shared: &Shared, ends: &Ends, address: EndpointAddr) -> Result<Ways, DialError> {
    let (near, far) = shared.reach().finds();
    let remote = TransportKey::from_bytes(*address.id.as_bytes());
    let hidden = shared.hidden.from(&remote);
    let relayed = shared.reach().anywhere.is_some();
    let by_relay = |a: &TransportAddr| matches!(a, TransportAddr::Relay(_));
    let (relays, sockets): (Vec<_>, Vec<_>) = address.addrs.into_iter().partition(by_relay);
    let unknown = relays.is_empty() && sockets.is_empty();
    let shy = shared.sessions.is_shy(&remote) && relayed && (far || !relays.is_empty());
    let sockets = if shy { Vec::new() } else { sockets };
    let to = |addrs: Vec<TransportAddr>| EndpointAddr::from_parts(address.id, addrs);
    let (open, veiled) = match &ends.veiled {
        None if hidden => return Err(DialError::NoRelay),
        None => {
            let usable = if relayed { [relays, sockets].concat() } else { sockets };
            let found = !usable.is_empty() || near || far;
            (found.then(|| (ends.open.clone(), to(usable))), None)
        }
        Some(veiled) => {
            let near = !hidden && !shy && (!sockets.is_empty() || near);
            let far = !relays.is_empty() || far;
            let open = near.then(|| (ends.open.clone(), to(sockets)));
            (open, far.then(|| (veiled.clone(), to(relays))))
        }
    };
    match (open, veiled) {
        (Some(first), second) => Ok(Ways { first, second }),
        (None, Some(first)) => Ok(Ways { first, second: None }),
        // A relay is known, and none is in use here.
        (None, None) if !unknown && !relayed => Err(DialError::NoRelay),
        (None, None) => Err(DialError::NoAddress),
    }
}

impl Ways {
    async fn connect(self) -> Result<Connection, ConnectError> {
        let (endpoint, address) = self.first;
        let first = endpoint.connect(address, HANDSHAKE_ALPN);
        let Some((endpoint, address)) = self.second else { return first.await };
        let second = async {
            sleep(HEAD_START).await;
            endpoint.connect(address, HANDSHAKE_ALPN).await
        };
        tokio::pin!(first, second);
        tokio::select! {
            biased;
            conn = &mut first => match conn {
                Ok(conn) => Ok(conn),
                Err(_) => second.await,
            },
            conn = &mut second => match conn {
                Ok(conn) => Ok(conn),
                Err(_) => first.await,
            },
        }
    }
}

/// Shakes hands on a connection this node made, in a task that outlives the caller.
async fn shake(
    shared: &Arc<Shared>,
    conn: Connection,
    attempt: Attempt,
    invited: Option<Invited>,
) -> Result<Party, Over> {
    let seat = Seat::take(shared, &conn, Role::Dialler, invited);
    let seat = seat.ok_or(Over::Ours(Code::Broken))?;
    let Ok((send, recv)) = conn.open_bi().await else { return Err(Over::of(&conn)) };
    let deadline = instant() + shared.timings.handshake;
    let wire = Wire { shared: Arc::clone(shared), conn, send, recv, deadline };
    let (tell, told) = oneshot::channel();
    shared.tasks.spawn(async move {
        // Nobody may be waiting for the answer any more; the session goes on all the same.
        match wire.shake(seat, attempt).await {
            Ok(settled) => {
                let _ = tell.send(Ok(settled.party()));
                settled.run().await;
            }
            Err(over) => drop(tell.send(Err(over))),
        }
    });
    told.await.unwrap_or(Err(Over::Ours(Code::Broken)))
}
