//! Heads: telling a peer what its human may have, and hearing the same from it.
//!
//! Each side tells over its own connection, on one stream; what it tells was filtered for that
//! human before it was serialised, and is checked once more here.

use crate::{
    CRYSTAL_ALPN, Offer,
    frame::{self, NoFrame},
    live::Live,
    seat::{close, remote_of},
    shared::Shared,
};
use artifact::Head;
use iroh::{
    endpoint::{Connection, RecvStream, SendStream},
    protocol::{AcceptError, ProtocolHandler},
};
use session::{Channel, Code, Effect, Input, Step, pack_heads};
use std::sync::Arc;
use tokio::time::timeout;

/// Why nothing was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untold {
    /// A receipt does not let this human hear of it.
    NotAdmitted,
    /// A head or a receipt is over its limit.
    TooLarge,
    /// The connection broke, or the session ended.
    Lost,
}

/// Tells a peer, at Ready, all that the node says it may hear.
pub(crate) async fn tell_offers(shared: &Arc<Shared>, live: &Arc<Live>) {
    let offers = tokio::select! {
        biased;
        () = live.end.cancelled() => return,
        offers = shared.inside.offers(live.party) => offers,
    };
    // One bad offer must not silence the others.
    let (good, bad): (Vec<Offer>, Vec<Offer>) =
        offers.into_iter().partition(|offer| admitted(shared, live, offer));
    if !bad.is_empty() {
        tracing::error!(count = bad.len(), "offers were not for this human, and not told");
    }
    if let Err(error) = tell(shared, live, &good).await {
        tracing::warn!(?error, "offers were not told");
    }
}

/// Whether `offer` may be told: the consent is this human's, holds, names this peer, and is
/// about the very artifact that the head is of.
fn admitted(shared: &Shared, live: &Live, offer: &Offer) -> bool {
    let receipt = &offer.receipt;
    let Ok(head) = Head::decode(&offer.head) else { return false };
    receipt.human() == shared.human
        && !shared.stop_of(receipt.id()).is_cancelled()
        && receipt.admits(&live.party.human, &head.id, shared.inside.now())
}

/// Tells a peer of `offers`, all or nothing.
pub(crate) async fn tell(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    offers: &[Offer],
) -> Result<(), Untold> {
    if !offers.iter().all(|offer| admitted(shared, live, offer)) {
        return Err(Untold::NotAdmitted);
    }
    let parts = offers.iter().map(|offer| (offer.head.as_slice(), offer.receipt.envelope()));
    let frames = pack_heads(parts).map_err(|_| Untold::TooLarge)?;
    say(shared, live, &frames).await
}

/// Writes frames on this side's crystal stream, over a fresh connection where the old one broke.
pub(crate) async fn say(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    frames: &[Vec<u8>],
) -> Result<(), Untold> {
    if frames.is_empty() {
        return Ok(());
    }
    tokio::select! {
        biased;
        () = live.end.cancelled() => Err(Untold::Lost),
        said = say_all(shared, live, frames) => said,
    }
}

async fn say_all(shared: &Arc<Shared>, live: &Arc<Live>, frames: &[Vec<u8>]) -> Result<(), Untold> {
    let mut open = live.crystal.lock().await;
    if open.as_ref().is_some_and(|(conn, _)| conn.close_reason().is_some()) {
        *open = None;
    }
    if open.is_none() {
        *open = Some(connect(shared, live).await?);
    }
    let Some((_, send)) = open.as_mut() else { return Err(Untold::Lost) };
    for bytes in frames {
        if frame::write(send, bytes, shared.timings.read).await.is_err() {
            *open = None;
            return Err(Untold::Lost);
        }
    }
    Ok(())
}

async fn connect(shared: &Shared, live: &Live) -> Result<(Connection, SendStream), Untold> {
    let endpoint = shared.endpoint().ok_or(Untold::Lost)?;
    let connecting = endpoint.connect(live.address(), CRYSTAL_ALPN);
    let conn = timeout(shared.timings.dial, connecting).await;
    let conn = conn.map_err(|_| Untold::Lost)?.map_err(|_| Untold::Lost)?;
    let send = timeout(shared.timings.read, conn.open_uni()).await;
    let send = send.map_err(|_| Untold::Lost)?.map_err(|_| Untold::Lost)?;
    Ok((conn, send))
}

/// Takes heads.
#[derive(Debug, Clone)]
pub(crate) struct Crystal(pub(crate) Arc<Shared>);

impl ProtocolHandler for Crystal {
    async fn accept(&self, conn: Connection) -> Result<(), AcceptError> {
        let shared = Arc::clone(&self.0);
        // A panic here would stop the endpoint: it ends in the inner task.
        let done = self.0.tasks.spawn(async move { accept(&shared, conn).await });
        if let Err(error) = done.await {
            tracing::error!("hearing heads ended: {error}");
        }
        Ok(())
    }
}

async fn accept(shared: &Arc<Shared>, conn: Connection) {
    let remote = remote_of(&conn);
    let Some(_place) = shared.places.enter(remote) else {
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
        code = listen(shared, &live, &conn) => code,
    };
    close(&conn, code);
}

/// Hears streams one after the other, until the connection ends or breaks a rule.
async fn listen(shared: &Arc<Shared>, live: &Arc<Live>, conn: &Connection) -> Code {
    while let Ok(mut recv) = conn.accept_uni().await {
        if let Err(code) = hear(shared, live, &mut recv).await {
            // What breaks a rule on one channel ends the session.
            shared.refused(live.party.transport, code.word());
            live.end(code);
            return code;
        }
    }
    Code::Gone
}

async fn hear(shared: &Arc<Shared>, live: &Arc<Live>, recv: &mut RecvStream) -> Result<(), Code> {
    loop {
        let got = frame::read(recv, None, shared.timings.read).await;
        let input = match &got {
            Ok(bytes) => Input::Frame(Channel::Crystal, bytes),
            Err(NoFrame::Late) => Input::Late,
            Err(NoFrame::Oversized) => Input::Oversized,
            Err(NoFrame::Ended | NoFrame::Lost) => return Ok(()),
        };
        live.heard();
        let step = live.step(shared, input).map_err(|refusal| refusal.code)?;
        take(shared, live, step).await;
    }
}

async fn take(shared: &Shared, live: &Live, step: Step) {
    let inside = &shared.inside;
    for effect in step.effects {
        match effect {
            Effect::Heads(offers) => {
                let parts = offers.into_iter().map(|o| (o.head.into_vec(), o.receipt.into_vec()));
                inside.heads(live.party, live.card.clone(), parts.collect()).await;
            }
            Effect::Want(id) => inside.wanted(live.party, id),
            Effect::Decline(id, why) => inside.declined(live.party, id, &why),
            _ => {}
        }
    }
}
