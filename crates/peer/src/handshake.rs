//! From the first frame to a settled session.

use crate::{
    converse::{Grave, Ways, converse},
    crystal,
    frame::{self, NoFrame},
    limit::instant,
    live::Live,
    seat::{Seat, close, remote_of},
    sessions::Attempt,
    settle,
    shared::Shared,
};
use consent::{Party, VerifiedCard};
use iroh::{
    endpoint::{Connection, ConnectionError, RecvStream, SendStream},
    protocol::{AcceptError, ProtocolHandler},
};
use session::{
    Channel, Code, Effect, Input, InviteId, Kept, Refusal, Role, Session, Standing, Step,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep_until, timeout};

/// How long the end of a replaced session may take before the new one is told.
const BURIAL: Duration = Duration::from_secs(5);

/// How a handshake ended without a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// This side closed.
    Ours(Code),
    /// The other side closed.
    Theirs(Code),
    /// The connection broke.
    Lost,
}

impl Over {
    /// What a closed connection says.
    pub(crate) fn of(conn: &Connection) -> Self {
        match conn.close_reason() {
            Some(ConnectionError::ApplicationClosed(close)) => {
                Self::Theirs(Code::from_number(close.error_code.into_inner()))
            }
            _ => Self::Lost,
        }
    }

    /// The code to remember it by.
    pub(crate) const fn code(self) -> Code {
        match self {
            Self::Ours(code) | Self::Theirs(code) => code,
            Self::Lost => Code::Gone,
        }
    }
}

/// Takes handshakes.
#[derive(Debug, Clone)]
pub(crate) struct Handshake(pub(crate) Arc<Shared>);

impl ProtocolHandler for Handshake {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        let shared = Arc::clone(&self.0);
        // A panic here would stop the endpoint: it ends in the inner task.
        let done = self.0.tasks.spawn(async move { accept(&shared, conn).await });
        if let Err(error) = done.await {
            tracing::error!("a session ended: {error}");
        }
        Ok(())
    }
}

async fn accept(shared: &Arc<Shared>, conn: Connection) {
    let remote = remote_of(&conn);
    let deadline = instant() + shared.timings.handshake;
    // Whoever is not known costs nothing to make, and takes no place from anybody who is.
    let stranger = !matches!(shared.inside.standing(&remote), Standing::Pinned { .. });
    let places = if stranger { &shared.strangers } else { &shared.peers };
    let Some(place) = places.enter(remote) else { return close(&conn, Code::TooMany) };
    let attempt = match shared.sessions.accepted(remote) {
        Ok(attempt) => attempt,
        Err(code) => return close(&conn, code),
    };
    let opened = tokio::select! {
        biased;
        () = shared.stop.cancelled() => return close(&conn, Code::Leaving),
        () = attempt.cut.cancelled() => return close(&conn, Code::Duplicate),
        opened = timeout(shared.timings.first(), conn.accept_bi()) => opened,
    };
    let (send, recv) = match opened {
        Ok(Ok(streams)) => streams,
        Ok(Err(_)) => return,
        Err(_) => {
            shared.refused(remote, Code::Late.word());
            return close(&conn, Code::Late);
        }
    };
    let Some(seat) = Seat::take(shared, &conn, Role::Accepter, None) else {
        return close(&conn, Code::Broken);
    };
    let wire = Wire { shared: Arc::clone(shared), conn, send, recv, deadline };
    let Ok(settled) = wire.shake(seat, attempt).await else { return };
    // Who came with an invite is known from here on.
    let place = if stranger { shared.peers.enter(remote) } else { Some(place) };
    match place {
        Some(_place) => settled.run().await,
        None => settled.refuse(Code::TooMany),
    }
}

/// A connection on the handshake ALPN, with its one stream.
pub(crate) struct Wire {
    pub(crate) shared: Arc<Shared>,
    pub(crate) conn: Connection,
    pub(crate) send: SendStream,
    pub(crate) recv: RecvStream,
    /// When the handshake is to be over, whatever it waits for.
    pub(crate) deadline: Instant,
}

/// A session that both sides can use.
pub(crate) struct Settled {
    wire: Wire,
    grave: Grave,
    ways: Ways,
}

impl Settled {
    pub(crate) fn party(&self) -> Party {
        self.grave.live.party
    }

    /// Ends the session before it is used.
    fn refuse(self, code: Code) {
        self.grave.live.end(code);
    }

    /// Keeps the session up until one side ends it.
    pub(crate) async fn run(self) {
        let Self { wire, grave, ways } = self;
        let code = converse(&wire.shared, &grave.live, ways, wire.send, wire.recv).await;
        grave.live.end(code);
    }
}

impl Wire {
    /// Shakes hands. On an error the connection is closed, and the refusal written down.
    pub(crate) async fn shake(mut self, seat: Seat, attempt: Attempt) -> Result<Settled, Over> {
        let remote = seat.remote;
        let mut proven = None;
        let shaken = match self.prove(seat, attempt).await {
            Ok(grave) => {
                proven = Some(grave.live.party.human);
                match self.settle(&grave.live).await {
                    Ok(ways) => Ok((grave, ways)),
                    Err(over) => {
                        grave.live.end(over.code());
                        Err(over)
                    }
                }
            }
            Err(over) => Err(over),
        };
        match shaken {
            Ok((grave, ways)) => Ok(Settled { wire: self, grave, ways }),
            Err(over) => {
                if let Over::Ours(code) = over {
                    // A stranger who waits is a row of the inbox, not a refusal.
                    if !matches!(code, Code::Duplicate | Code::Leaving | Code::Waiting) {
                        self.shared.closed(remote, proven, code);
                    }
                    close(&self.conn, code);
                }
                Err(over)
            }
        }
    }

    /// Until the other is proven, this node's card is sent, and its other ALPNs are let in.
    async fn prove(&mut self, seat: Seat, attempt: Attempt) -> Result<Grave, Over> {
        let (shared, cut) = (Arc::clone(&self.shared), attempt.cut.clone());
        let (party, card, machine, step) = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return Err(Over::Ours(Code::Leaving)),
            () = cut.cancelled() => return Err(Over::Ours(Code::Duplicate)),
            () = sleep_until(self.deadline) => return Err(Over::Ours(Code::Late)),
            proven = self.listen(&seat) => proven?,
        };
        let live = Live::new(party, card, seat, shared.inside.now(), self.conn.clone(), machine);
        let live = Arc::new(live);
        let old = shared.sessions.open(&attempt, &live).map_err(Over::Ours)?;
        let grave = Grave { shared, live };
        drop(attempt);
        if let Some(old) = old {
            old.end(Code::Duplicate);
            // The node hears that the old one is gone before it hears of the new one.
            let _ = timeout(BURIAL, old.buried.cancelled()).await;
        }
        self.say(&step.send).await?;
        Ok(grave)
    }

    /// The machine from its beginning until it opens.
    async fn listen(&mut self, seat: &Seat) -> Result<(Party, VerifiedCard, Session, Step), Over> {
        let shared = Arc::clone(&self.shared);
        let begun = seat.with(&shared, Session::begin);
        let (mut machine, step) = self.or_close(begun).await?;
        self.say(&step.send).await?;
        let mut first = shared.timings.first();
        loop {
            let got = frame::read(&mut self.recv, Some(first), shared.timings.read).await;
            first = shared.timings.read;
            let input = self.input(&got)?;
            let stepped = seat.with(&shared, |facts| machine.step(facts, input));
            let mut step = self.or_close(stepped).await?;
            if let Some((card, invite)) = to_pin(&step) {
                let answer = Input::Pinned(seat.pin(&shared, card, invite).await);
                let stepped = seat.with(&shared, |facts| machine.step(facts, answer));
                step = self.or_close(stepped).await?;
            }
            for effect in &step.effects {
                match effect {
                    Effect::Knocked(card) => {
                        // Answered first: how long noting takes tells nothing.
                        let _ = self.say(&step.send).await;
                        close(&self.conn, Code::Waiting);
                        shared.inside.knocked(card.clone(), seat.remote).await;
                        return Err(Over::Ours(Code::Waiting));
                    }
                    Effect::Open(party) => {
                        let card = machine.card().cloned().ok_or(Over::Ours(Code::Broken))?;
                        return Ok((*party, card, machine, step));
                    }
                    Effect::Closed(code) => return Err(Over::Theirs(*code)),
                    _ => {}
                }
            }
            self.say(&step.send).await?;
        }
    }

    /// Until the other's capabilities came and the node knows of the session. Gives the ways that
    /// its packets went by then.
    async fn settle(&mut self, live: &Arc<Live>) -> Result<Ways, Over> {
        let shared = Arc::clone(&self.shared);
        let limit = shared.timings.read;
        let got = tokio::select! {
            biased;
            () = shared.stop.cancelled() => return Err(Over::Ours(Code::Leaving)),
            () = live.end.cancelled() => return Err(Over::Ours(live.why())),
            () = sleep_until(self.deadline) => Err(NoFrame::Late),
            got = frame::read(&mut self.recv, Some(limit), limit) => got,
        };
        let input = self.input(&got)?;
        let stepped = live.step(&shared, input);
        let step = self.or_close(stepped).await?;
        let mut kept = Kept::default();
        for effect in step.effects {
            match effect {
                Effect::Speak(theirs) => {
                    tracing::debug!(caps = ?theirs.caps, "session ready");
                    kept = theirs.kept;
                    let _ = live.caps.set(theirs.caps);
                }
                Effect::Closed(code) => return Err(Over::Theirs(code)),
                _ => return Err(Over::Ours(Code::Broken)),
            }
        }
        let ways = Ways::of(live);
        let _ = live.kept.set(kept);
        live.told.store(true, Ordering::Release);
        shared.inside.ready(live.party, live.card.clone()).await;
        live.heard();
        live.settle();
        shared.sessions.tell_change();
        let (shared, live) = (Arc::clone(&shared), Arc::clone(live));
        let tasks = shared.tasks.clone();
        tasks.spawn(async move {
            crystal::tell_all(&shared, &live).await;
            settle::tell_deliveries(&shared, &live).await;
        });
        Ok(ways)
    }

    fn input<'a>(&self, got: &'a Result<Vec<u8>, NoFrame>) -> Result<Input<'a>, Over> {
        match got {
            Ok(bytes) => Ok(Input::Frame(Channel::Control, bytes)),
            Err(NoFrame::Late) => Ok(Input::Late),
            Err(NoFrame::Oversized) => Ok(Input::Oversized),
            Err(NoFrame::Ended | NoFrame::Lost) => Err(Over::of(&self.conn)),
        }
    }

    /// A refusal is said as the last frame; the caller closes.
    async fn or_close<T>(&mut self, stepped: Result<T, Refusal>) -> Result<T, Over> {
        match stepped {
            Ok(step) => Ok(step),
            Err(refusal) => {
                // The close carries the same code: this frame may be lost on the way.
                let _ = self.say(&[refusal.say]).await;
                Err(Over::Ours(refusal.code))
            }
        }
    }

    async fn say(&mut self, frames: &[Vec<u8>]) -> Result<(), Over> {
        for bytes in frames {
            let written = frame::write(&mut self.send, bytes, self.shared.timings.read).await;
            written.map_err(|_| Over::of(&self.conn))?;
        }
        Ok(())
    }
}

fn to_pin(step: &Step) -> Option<(VerifiedCard, Option<InviteId>)> {
    step.effects.iter().find_map(|effect| match effect {
        Effect::Pin { card, invite } => Some((card.clone(), *invite)),
        _ => None,
    })
}
