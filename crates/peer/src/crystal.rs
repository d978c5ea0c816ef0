//! Heads and revocations: telling a peer what its human may have and may have no longer, and
//! hearing the same from it. What is told was filtered for that human before it was serialised,
//! and is checked once more here.

use crate::{
    Offer, TellError,
    live::Live,
    shared::Shared,
    speech::{self, Lost, Said, Subject},
};
use artifact::Head;
use serde_bytes::ByteBuf;
use session::{Code, Effect, MAX_OFFERS, Offered, Step, pack_heads, pack_revocations};
use std::sync::{Arc, atomic::Ordering};

/// Why nothing was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Untold {
    /// The node could not say what is to be told.
    Unknown(TellError),
    /// A receipt does not let this human hear of it.
    NotAdmitted,
    /// A head or a receipt is over its limit.
    TooLarge,
    /// The connection broke, or the session ended.
    Lost,
}

/// Tells a peer all that it may hear and did not hold when the session began: what ended before
/// what is offered. What could not be told is told again when the node next says so.
pub(crate) async fn tell_all(shared: &Arc<Shared>, live: &Arc<Live>) {
    let kept = live.kept.get().copied().unwrap_or_default();
    for told in [
        tell_revocations(shared, live, kept.revocations).await,
        tell_offers(shared, live, kept.heads).await,
    ] {
        match told {
            Ok(()) => {}
            Err(error) if live.end.is_cancelled() => {
                tracing::info!(?error, "the rest is told at the next session");
            }
            // It would fit no better the next time.
            Err(Untold::TooLarge) => tracing::warn!("what is too large is not told"),
            Err(error) => {
                tracing::warn!(?error, "not everything was told: it is told again");
                live.untold.store(true, Ordering::Release);
            }
        }
    }
}

/// Tells again what could not be told to who is connected.
pub(crate) fn tell_late(shared: &Arc<Shared>) {
    for live in shared.sessions.settled() {
        if live.untold.swap(false, Ordering::AcqRel) {
            let shared = Arc::clone(shared);
            let tasks = shared.tasks.clone();
            tasks.spawn(async move { tell_all(&shared, &live).await });
        }
    }
}

/// Tells a peer all that the node says it may hear.
async fn tell_offers(shared: &Arc<Shared>, live: &Arc<Live>, kept: u64) -> Result<(), Untold> {
    let offers = tokio::select! {
        biased;
        () = live.end.cancelled() => return Err(Untold::Lost),
        offers = shared.inside.offers(live.party, kept) => offers.map_err(Untold::Unknown)?,
    };
    let told = async {
        let mut turn = speech::turn(shared, live, Subject::Crystal).await;
        let mut held_back = 0;
        for some in offers.chunks(MAX_OFFERS) {
            // One bad offer must not silence the others, nor one that is ended meanwhile.
            loop {
                let good: Vec<&Offer> =
                    some.iter().filter(|offer| admitted(shared, live, offer)).collect();
                let frames = pack(&good)?;
                let may = || good.iter().all(|offer| admitted(shared, live, offer));
                if good.is_empty() || turn.say(&frames, may).await? == Said::Whole {
                    held_back += some.len() - good.len();
                    break;
                }
            }
        }
        Ok::<_, Untold>(held_back)
    };
    let held_back = tokio::select! {
        biased;
        () = live.end.cancelled() => return Err(Untold::Lost),
        told = told => told?,
    };
    if held_back > 0 {
        tracing::warn!(held_back, "offers are not for this human any more, and not told");
    }
    Ok(())
}

/// Whether `offer` may be told: the consent is this human's, holds, names this peer, and is
/// about the very artifact that the head is of.
fn admitted(shared: &Shared, live: &Live, offer: &Offer) -> bool {
    let receipt = &offer.receipt;
    let Ok(head) = Head::decode(&offer.head) else { return false };
    receipt.human() == shared.human
        && !shared.stopped(receipt.id(), live.party.human)
        && receipt.admits(&live.party.human, &head.id, shared.inside.now())
}

fn offered(offer: &Offer) -> Offered {
    let receipt = &offer.receipt;
    Offered {
        seq: offer.seq,
        head: ByteBuf::from(offer.head.as_slice()),
        receipt: ByteBuf::from(receipt.envelope()),
        grant: receipt.grant().map(ByteBuf::from),
    }
}

/// Tells a peer of `offers`, all or nothing.
pub(crate) async fn tell(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    offers: &[Offer],
) -> Result<(), Untold> {
    let may = || offers.iter().all(|offer| admitted(shared, live, offer));
    if !may() {
        return Err(Untold::NotAdmitted);
    }
    let frames = pack(&offers.iter().collect::<Vec<_>>())?;
    match speech::say_while(shared, live, Subject::Crystal, &frames, may).await? {
        Said::Whole => Ok(()),
        Said::Cut => Err(Untold::NotAdmitted),
    }
}

fn pack(offers: &[&Offer]) -> Result<Vec<Vec<u8>>, Untold> {
    pack_heads(offers.iter().map(|offer| offered(offer)).collect()).map_err(|_| Untold::TooLarge)
}

impl From<Lost> for Untold {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}

/// What a peer says of heads.
pub(crate) async fn take(shared: &Shared, live: &Live, step: Step) -> Result<(), Code> {
    let inside = &shared.inside;
    for effect in step.effects {
        match effect {
            Effect::Heads(offers) => {
                inside.heads(live.party, live.card.clone(), offers).await?;
            }
            Effect::Want(id) => inside.wanted(live.party, id),
            Effect::Decline(id, why) => inside.declined(live.party, id, &why),
            _ => {}
        }
    }
    Ok(())
}

/// Tells a peer what this human has withdrawn and it does not know of.
async fn tell_revocations(shared: &Arc<Shared>, live: &Arc<Live>, kept: u64) -> Result<(), Untold> {
    let list = tokio::select! {
        biased;
        () = live.end.cancelled() => return Err(Untold::Lost),
        list = shared.inside.revocations(live.party, kept) => list.map_err(Untold::Unknown)?,
    };
    withdraw(live, list).await
}

/// Tells a peer of these revocations.
pub(crate) async fn withdraw(live: &Arc<Live>, list: Vec<Vec<u8>>) -> Result<(), Untold> {
    let list = list.into_iter().map(ByteBuf::from).collect();
    for frame in pack_revocations(list).map_err(|_| Untold::TooLarge)? {
        tokio::select! {
            biased;
            () = live.end.cancelled() => return Err(Untold::Lost),
            sent = live.control.send(frame) => sent.map_err(|_| Untold::Lost)?,
        }
    }
    Ok(())
}
