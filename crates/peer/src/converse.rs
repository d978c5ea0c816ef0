//! A settled session: pings, what the other says, and its end.

use crate::{
    Address, Path,
    frame::{self, NoFrame},
    handshake::Over,
    limit::{Rate, lock},
    live::Live,
    seat::close,
    shared::Shared,
    ticket::MAX_ADDRESSES,
};
use iroh::endpoint::{RecvStream, SendStream};
use n0_future::StreamExt as _;
use serde_bytes::ByteBuf;
use session::{Channel, Code, Effect, Input, Message, Ping};
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Between two looks at whether a session has a path left. Paths end after 15 s of silence, those
/// by relay after 30 s; the connection that lost its last one would stay for longer.
const LOOK: Duration = Duration::from_secs(5);

/// Ends a session when it is dropped, however that comes about: its connections are closed, and
/// the node is told exactly once that it is gone, if it was told that it was ready.
pub(crate) struct Grave {
    pub(crate) shared: Arc<Shared>,
    pub(crate) live: Arc<Live>,
}

impl Drop for Grave {
    fn drop(&mut self) {
        let live = &self.live;
        live.end(Code::Gone);
        let code = live.why();
        self.shared.sessions.close(live);
        close(&live.conn, code);
        // Held by a task that watches `end` and drops them itself.
        for speech in [&live.crystal, &live.settle] {
            if let Ok(mut speech) = speech.try_lock()
                && let Some((conn, _)) = speech.take()
            {
                close(&conn, code);
            }
        }
        if let Ok(mut packet) = live.packet.try_lock()
            && let Some(conn) = packet.take()
        {
            close(&conn, code);
        }
        if live.take_told() {
            self.shared.inside.gone(live.party, code.word());
        }
        live.buried.cancel();
    }
}

/// The ways of a session's packets, as the node knows them.
pub(crate) struct Ways {
    path: Path,
    /// Where the other end was reached in this session, the newest first.
    addresses: Vec<Address>,
}

impl Ways {
    pub(crate) fn of(live: &Live) -> Self {
        Self { path: live.route().0, addresses: live.addresses() }
    }

    /// Looks again, and tells the node what has changed.
    fn look(&mut self, shared: &Shared, live: &Live) {
        let Self { path, mut addresses } = Self::of(live);
        // What is gone stays known: a path that is dead already may outlive a new one.
        addresses.retain(|address| !self.addresses.contains(address));
        if !addresses.is_empty() {
            self.addresses.splice(..0, addresses);
            self.addresses.truncate(MAX_ADDRESSES);
            shared.inside.reached_at(live.party, self.addresses.clone());
        }
        if std::mem::replace(&mut self.path, path) != path {
            shared.inside.rerouted(live.party);
        }
    }
}

/// Reads one frame and gives the stream back, so that the read can be waited for beside
/// other things without being cut.
async fn next(mut recv: RecvStream, rest: Duration) -> (RecvStream, Result<Vec<u8>, NoFrame>) {
    let got = frame::read(&mut recv, None, rest).await;
    (recv, got)
}

/// Keeps the session up. Returns why it ended.
pub(crate) async fn converse(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    mut ways: Ways,
    mut send: SendStream,
    recv: RecvStream,
) -> Code {
    let timings = shared.timings;
    let frames = Rate::default();
    let Ok(ping) = Message::Ping(Ping {}).encode() else { return Code::Broken };
    let mut pings = interval(timings.ping);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let Some(mut outgoing) = lock(&live.outgoing).take() else { return Code::Broken };
    // Half of what the other allows, so that its clock cannot make this too fast.
    let pace = Rate::default();
    let (mut looks, mut cut) = (interval(LOOK), false);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut paths = live.conn.path_events();
    // They may have changed before the events were asked for.
    ways.look(shared, live);
    let mut reading = Box::pin(next(recv, timings.read));
    loop {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return Code::Leaving,
            () = live.end.cancelled() => return live.why(),
            (recv, got) = &mut reading => {
                if let Err(code) = heard(shared, live, &frames, got).await {
                    return code;
                }
                reading = Box::pin(next(recv, timings.read));
            }
            Some(bytes) = outgoing.recv() => {
                let remote = live.party.transport;
                pace.wait(remote);
                sleep(pace.wait(remote)).await;
                if frame::write(&mut send, &bytes, timings.read).await.is_err() {
                    return Over::of(&live.conn).code();
                }
            }
            Some(_) = paths.next() => ways.look(shared, live),
            _ = looks.tick() => {
                // Twice in a row: between two paths there may be none for a moment.
                let was = std::mem::replace(&mut cut, live.is_cut());
                if was && cut {
                    return Code::Gone;
                }
            }
            _ = pings.tick() => {
                if live.silence() >= timings.idle {
                    return Code::Idle;
                }
                if frame::write(&mut send, &ping, timings.read).await.is_err() {
                    return Over::of(&live.conn).code();
                }
            }
        }
    }
}

/// One thing heard on the control channel, or the end of it.
async fn heard(
    shared: &Shared,
    live: &Live,
    frames: &Rate,
    got: Result<Vec<u8>, NoFrame>,
) -> Result<(), Code> {
    let remote = live.party.transport;
    let refused = |code: Code| {
        live.end(code);
        if live.why() == code {
            shared.closed(remote, Some(live.party.human), code);
        }
        Err(code)
    };
    let input = match &got {
        Ok(bytes) => Input::Frame(Channel::Control, bytes),
        Err(NoFrame::Late) => Input::Late,
        Err(NoFrame::Oversized) => Input::Oversized,
        Err(NoFrame::Ended | NoFrame::Lost) => return Err(Over::of(&live.conn).code()),
    };
    live.heard();
    if !frames.take(remote) {
        return refused(Code::TooFast);
    }
    match live.step(shared, input) {
        Ok(step) => {
            for effect in step.effects {
                match effect {
                    Effect::Closed(code) => return Err(code),
                    Effect::Revocations(list) => {
                        let list = list.into_iter().map(ByteBuf::into_vec).collect();
                        let inside = &shared.inside;
                        let taken = inside.revoked(live.party, live.card.clone(), list).await;
                        taken.or_else(refused)?;
                    }
                    _ => {}
                }
            }
            Ok(())
        }
        Err(refusal) => refused(refusal.code),
    }
}
