//! Makes connections: to one who gave a ticket, or to one who is pinned.

use crate::{
    HANDSHAKE_ALPN, TicketError,
    handshake::{Over, Wire},
    seat::{Invited, Seat, close},
    sessions::{Attempt, Dialled},
    shared::Shared,
};
use artifact::TransportKey;
use consent::Party;
use iroh::{EndpointAddr, endpoint::Connection};
use session::{Code, Role, Standing};
use std::sync::Arc;
use tokio::{sync::oneshot, time::timeout};

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
        conn = connect(shared, address) => conn?,
        party = came => return Ok(party),
    };
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
        Over::Ours(code) => Err(DialError::Stopped(code)),
        Over::Theirs(code) => Err(DialError::Refused(code)),
        Over::Lost => Err(DialError::Lost),
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
    if address.is_empty() {
        return Err(DialError::NoAddress);
    }
    let endpoint = shared.endpoint().ok_or(DialError::ShuttingDown)?;
    let connecting = endpoint.connect(address, HANDSHAKE_ALPN);
    let connected = tokio::select! {
        biased;
        () = shared.stop.cancelled() => return Err(DialError::ShuttingDown),
        connected = timeout(shared.timings.dial, connecting) => connected,
    };
    connected
        .map_err(|_| DialError::Unreachable("no answer in time".to_owned()))?
        .map_err(|e| DialError::Unreachable(format!("{e:#}")))
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
    let wire = Wire { shared: Arc::clone(shared), conn, send, recv };
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
