//! Frames outside the handshake: each side says its own over its own connection, on one stream,
//! one connection for each ALPN; and hears the other's one stream after the other.

use crate::{
    CRYSTAL_ALPN, SETTLE_ALPN, crystal,
    frame::{self, NoFrame},
    limit::{LOOK, instant},
    live::{Live, Speech},
    seat::{close, remote_of},
    settle,
    shared::Shared,
};
use iroh::{
    endpoint::{Connection, RecvStream, SendStream},
    protocol::{AcceptError, ProtocolHandler},
};
use session::{Channel, Code, Input};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::MutexGuard,
    time::{interval_at, timeout},
};

/// Nothing was said: the connection broke, or the session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;

/// What is said beside the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Heads, and what is said about them.
    Crystal,
    /// Delivery receipts.
    Settle,
}

impl Subject {
    pub(crate) const fn alpn(self) -> &'static [u8] {
        match self {
            Self::Crystal => CRYSTAL_ALPN,
            Self::Settle => SETTLE_ALPN,
        }
    }

    const fn channel(self) -> Channel {
        match self {
            Self::Crystal => Channel::Crystal,
            Self::Settle => Channel::Settle,
        }
    }

    const fn of(self, live: &Live) -> &Speech {
        match self {
            Self::Crystal => &live.crystal,
            Self::Settle => &live.settle,
        }
    }
}

/// Writes frames on this side's stream.
pub(crate) async fn say(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    subject: Subject,
    frames: &[Vec<u8>],
) -> Result<(), Lost> {
    say_while(shared, live, subject, frames, || true).await.map(drop)
}

/// The same, for as long as they `may` be said.
pub(crate) async fn say_while(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    subject: Subject,
    frames: &[Vec<u8>],
    may: impl Fn() -> bool,
) -> Result<Said, Lost> {
    if frames.is_empty() {
        return Ok(Said::Whole);
    }
    tokio::select! {
        biased;
        () = live.end.cancelled() => Err(Lost),
        said = async { turn(shared, live, subject).await.say(frames, may).await } => said,
    }
}

/// How saying went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// All of it is on its way.
    Whole,
    /// It may be said no more: nothing of it was written, or the stream was cut in the middle.
    Cut,
}

/// This side's turn to speak on a subject: nobody else's frames come in between.
pub(crate) struct Turn<'a> {
    shared: &'a Arc<Shared>,
    live: &'a Arc<Live>,
    subject: Subject,
    open: MutexGuard<'a, Option<(Connection, SendStream)>>,
}

/// Waits for this side's turn.
pub(crate) async fn turn<'a>(
    shared: &'a Arc<Shared>,
    live: &'a Arc<Live>,
    subject: Subject,
) -> Turn<'a> {
    Turn { shared, live, subject, open: subject.of(live).lock().await }
}

impl Turn<'_> {
    /// Writes frames, over a fresh connection where the old one broke, for as long as they `may` be
    /// said: that is asked before the first byte, whenever something ends for anybody, and now and
    /// then, because time ends things too.
    pub(crate) async fn say(
        &mut self,
        frames: &[Vec<u8>],
        may: impl Fn() -> bool,
    ) -> Result<Said, Lost> {
        let mut ended = self.shared.ended.subscribe();
        if self.open.as_ref().is_some_and(|(conn, _)| conn.close_reason().is_some()) {
            *self.open = None;
        }
        if self.open.is_none() {
            *self.open = Some(connect(self.shared, self.live, self.subject).await?);
        }
        if !may() {
            return Ok(Said::Cut);
        }
        let Some((_, send)) = self.open.as_mut() else { return Err(Lost) };
        let said = {
            let writing = write_all(send, frames, self.shared.timings.read);
            tokio::pin!(writing);
            let mut looks = interval_at(instant() + LOOK, LOOK);
            loop {
                tokio::select! {
                    biased;
                    // The sender lives as long as the host.
                    _ = ended.changed() => if !may() { break Ok(Said::Cut) },
                    _ = looks.tick() => if !may() { break Ok(Said::Cut) },
                    written = &mut writing => break written.map(|()| Said::Whole),
                }
            }
        };
        if said != Ok(Said::Whole)
            && let Some((conn, mut send)) = self.open.take()
        {
            // What is not on its way yet is thrown away; dropped, the stream would send it.
            let _ = send.reset(Code::Gone.number().into());
            close(&conn, Code::Gone);
        }
        said
    }
}

async fn write_all(send: &mut SendStream, frames: &[Vec<u8>], limit: Duration) -> Result<(), Lost> {
    for bytes in frames {
        frame::write(send, bytes, limit).await.map_err(|_| Lost)?;
    }
    Ok(())
}

async fn connect(
    shared: &Shared,
    live: &Live,
    subject: Subject,
) -> Result<(Connection, SendStream), Lost> {
    let address = live.address();
    let endpoint = shared.endpoint_to(&address).ok_or(Lost)?;
    let connecting = endpoint.connect(address, subject.alpn());
    let conn = timeout(shared.timings.dial, connecting).await;
    let conn = conn.map_err(|_| Lost)?.map_err(|_| Lost)?;
    let send = timeout(shared.timings.read, conn.open_uni()).await;
    let send = send.map_err(|_| Lost)?.map_err(|_| Lost)?;
    Ok((conn, send))
}

/// Takes what the other says on one subject.
#[derive(Debug, Clone)]
pub(crate) struct Ear(pub(crate) Arc<Shared>, pub(crate) Subject);

impl ProtocolHandler for Ear {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        let (shared, subject) = (Arc::clone(&self.0), self.1);
        // A panic here would stop the endpoint: it ends in the inner task.
        let done = self.0.tasks.spawn(async move { accept(&shared, conn, subject).await });
        if let Err(error) = done.await {
            tracing::error!("hearing ended: {error}");
        }
        Ok(())
    }
}

async fn accept(shared: &Arc<Shared>, conn: Connection, subject: Subject) {
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
    let code = tokio::select! {
        biased;
        () = shared.stop.cancelled() => Code::Leaving,
        () = live.end.cancelled() => live.why(),
        code = listen(shared, &live, &conn, subject) => code,
    };
    close(&conn, code);
}

/// Hears streams one after the other, until the connection ends or breaks a rule.
async fn listen(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    conn: &Connection,
    subject: Subject,
) -> Code {
    while let Ok(mut recv) = conn.accept_uni().await {
        if let Err(code) = hear(shared, live, &mut recv, subject).await {
            // What breaks a rule on one channel ends the session.
            live.end(code);
            // The first reason stands: what comes after an end says nothing.
            if live.why() == code {
                shared.closed(live.party.transport, Some(live.party.human), code);
            }
            return code;
        }
    }
    Code::Gone
}

async fn hear(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    recv: &mut RecvStream,
    subject: Subject,
) -> Result<(), Code> {
    loop {
        let got = frame::read(recv, None, shared.timings.read).await;
        let input = match &got {
            Ok(bytes) => Input::Frame(subject.channel(), bytes),
            Err(NoFrame::Late) => Input::Late,
            Err(NoFrame::Oversized) => Input::Oversized,
            Err(NoFrame::Ended | NoFrame::Lost) => return Ok(()),
        };
        live.heard();
        let step = live.step(shared, input).map_err(|refusal| refusal.code)?;
        match subject {
            Subject::Crystal => crystal::take(shared, live, step).await?,
            Subject::Settle => settle::take(shared, live, step).await?,
        }
    }
}
