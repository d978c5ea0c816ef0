//! Taking what peers share: heads are verified before they are kept, bodies are verified when
//! they come, and kept with where they came from.

use crate::{
    Fault, Notice,
    event::Event,
    exchange::{
        settle::book::{self, Hand},
        tally::Over,
    },
    house::{House, lock},
    import::crystal_row,
};
use artifact::{ArtifactId, Crystal, HumanKey, KeyProtection, Receipt, TransportKey};
use consent::{Arrival, Event as Entry, Origin, Party, Received, Refused, VerifiedCard, receive};
use peer::{Code, FetchError, Offered};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::{CrystalRow, HeadRow, Headed, Look, OfferRow};
use tokio::time::sleep;

/// The most bytes of bodies that are taken from one peer: 1 GiB.
const MAX_TAKEN: u64 = 1 << 30;
/// The most receipts of one peer that are kept, over what is here and what is not.
const MAX_OFFERS: usize = 20_000;
/// How long each further frame of heads is held up in a session in which there were more.
const OVER: Duration = Duration::from_millis(100);

/// A head whose receipt holds, with that receipt.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    id: ArtifactId,
    receipt: ArtifactId,
    head: HeadRow,
    offer: OfferRow,
}

/// What became of heads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    /// Whether one of them was not known.
    new: bool,
    /// Whether a crystal that had been withdrawn is given again.
    again: bool,
    /// Whether there were more than are kept for one peer.
    over: bool,
}

impl House {
    /// Verifies heads as they come and keeps those that hold. While they are written down the
    /// next ones are verified already.
    pub(crate) async fn take_heads(
        self: &Arc<Self>,
        from: Party,
        card: &VerifiedCard,
        offers: Vec<Offered>,
    ) -> Result<(), Code> {
        if self.tally.is_over(&from.human) {
            // Known to be too many: it is told again at the next Ready, and costs little till then.
            sleep(OVER).await;
            return Ok(());
        }
        let (house, card) = (Arc::clone(self), card.clone());
        let verified = tokio::task::spawn_blocking(move || house.verify(&card, offers));
        let (taken, refusals) = verified.await.map_err(|_| Code::Broken)?.map_err(|fault| {
            tracing::error!(%fault, "heads could not be verified");
            Code::Broken
        })?;
        // One line for each reason, however many heads of one frame have it.
        for refused in refusals.values() {
            self.refuse(from, refused).await;
        }
        if refusals.values().any(Refused::is_violation) {
            return Err(Code::Violation);
        }
        if taken.is_empty() {
            return Ok(());
        }
        // One peer has one place in the queue of events, however fast it tells.
        let turn = Arc::clone(lock(&self.hearing).entry(from.human).or_default());
        let turn = turn.lock_owned().await;
        let told: Vec<ArtifactId> = taken.iter().map(|one| one.id).collect();
        let (reply, heard) = tokio::sync::oneshot::channel();
        self.queue(Event::Heads(taken, reply)).await.map_err(|_| Code::Leaving)?;
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            let heard = heard.await;
            drop(turn);
            match heard {
                Ok(Ok(heard)) => {
                    let failed = house.fetching.told(&from.human, &told);
                    house.heard(from, Heard { new: heard.new || failed, ..heard }).await;
                }
                Ok(Err(fault)) => tracing::error!(%fault, "heads could not be kept"),
                Err(_) => {}
            }
        });
        Ok(())
    }

    async fn heard(self: &Arc<Self>, from: Party, heard: Heard) {
        // What fits is kept, and the session goes on.
        if heard.over && self.tally.first_over(&from.human, Over::Heads) {
            self.refused(from.transport, Some(from.human), Code::TooMuch.word());
        }
        if heard.again {
            drop(self.level_aside().await);
        }
        // Faces show how many are known and not here yet.
        self.notify(Notice::Memory);
        if heard.new || heard.again {
            self.fetch_open(from);
        }
    }

    /// Those that hold, and why the others do not.
    fn verify(
        &self,
        card: &VerifiedCard,
        offers: Vec<Offered>,
    ) -> Result<(Vec<Taken>, BTreeMap<&'static str, Refused>), Fault> {
        let (now, look, giver) = (self.now(), self.look()?, card.card().human);
        let (mut taken, mut refusals) = (Vec::new(), BTreeMap::new());
        let card = &self.with_earlier(card)?;
        for Offered { seq, head, receipt, grant } in offers {
            let parts = (head.as_slice(), receipt.as_slice(), grant.as_deref().map(Vec::as_slice));
            match self.expect(&look, parts, card) {
                Ok(expected) => {
                    let signed = expected.receipt().receipt();
                    let offer = OfferRow {
                        receipt: receipt.clone(),
                        grant: grant.clone(),
                        grant_id: signed.grant,
                        iat: signed.iat,
                        until: signed.lim.until,
                    };
                    let (head, receipt) = (head.into_vec(), receipt.into_vec());
                    let refused = String::new();
                    let head = HeadRow { head, receipt, giver, at: now, refused, seq, grant };
                    let (id, receipt) = (expected.head().id, expected.receipt().id());
                    taken.push(Taken { id, receipt, head, offer });
                }
                Err(refused) => {
                    // What time heals is told again at the next Ready, as long as no head after it
                    // is kept.
                    let passes = match refused {
                        Refused::FromTheFuture => true,
                        // A newer card may cover it; what is older than every card stays so.
                        Refused::CardExpired => Receipt::open(&receipt)
                            .is_ok_and(|(opened, _)| opened.payload.iat >= card.card().exp),
                        _ => false,
                    };
                    refusals.insert(refused.why(), refused);
                    if passes {
                        break;
                    }
                }
            }
        }
        Ok((taken, refusals))
    }

    fn expect(
        &self,
        look: &Look,
        (head, receipt, grant): (&[u8], &[u8], Option<&[u8]>),
        giver: &VerifiedCard,
    ) -> Result<receive::Expected, Refused> {
        let Ok(me) = self.me() else { return Err(Refused::NotForMe) };
        let human = giver.card().human;
        receive::expect(&Arrival {
            receipt,
            head,
            giver,
            me: &me.row.human,
            now: self.now(),
            // What cannot be looked up is held to be withdrawn.
            revoked: &|id, receipt| look.is_withdrawn(&human, id, receipt).unwrap_or(true),
            grant,
            floor: KeyProtection::File,
        })
    }

    /// Writes a refusal down. Whoever breaks consent or form is shut out for it.
    async fn refuse(self: &Arc<Self>, from: Party, refused: &Refused) {
        tracing::warn!(peer = %from.human, why = refused.why(), "refused");
        if refused.is_violation() {
            return self.quarantine(from, refused.why()).await;
        }
        self.refused(from.transport, Some(from.human), refused.why());
    }

    /// Has a refusal written down: a line of its own while there are few, and for what a peer
    /// repeats in one session, once; else a count.
    pub(crate) fn refused(
        self: &Arc<Self>,
        endpoint: TransportKey,
        human: Option<HumanKey>,
        why: &'static str,
    ) {
        if self.tally.may_refuse((endpoint, self.whose(&endpoint)), why, self.now()) {
            self.send(Event::Refused(endpoint, human, why.to_owned()));
        }
    }

    /// Writes a refusal down, and lets the faces look.
    pub(crate) fn on_refused(
        &self,
        endpoint: TransportKey,
        peer: Option<HumanKey>,
        why: String,
    ) -> Result<(), Fault> {
        self.on_journal(Entry::Refused { peer, endpoint, why })?;
        self.notify(Notice::Peers);
        Ok(())
    }

    /// Keeps heads, with the receipts that cover them.
    pub(crate) fn on_heads(&self, taken: &[Taken]) -> Result<Heard, Fault> {
        let Some(first) = taken.first() else { return Ok(Heard::default()) };
        let (giver, now) = (first.head.giver, self.now());
        let (heard, held) = self.store.change::<_, Fault>(|change| {
            let mut held = match self.tally.held(&giver) {
                Some(held) => held,
                None => change.offers_held(&giver)?,
            };
            let mut heard = Heard::default();
            let Some(mut peer) = change.peer(&giver)? else { return Ok((heard, held)) };
            if held + taken.len() > MAX_OFFERS {
                held = held.saturating_sub(change.drop_expired_offers(&giver, now)?);
            }
            let kept = peer.heads_kept;
            for one in taken {
                let Taken { id, receipt, head, offer } = one;
                if held >= MAX_OFFERS && !change.holds_offer(&giver, id, receipt)? {
                    heard.over = true;
                    break;
                }
                // Only as far as was kept: the rest is told again.
                peer.heads_kept = peer.heads_kept.max(head.seq);
                let (grant, iat) = (offer.grant_id.as_ref(), offer.iat);
                if change.is_withdrawn(&giver, receipt, grant, iat)? {
                    continue;
                }
                let (headed, added) = change.put_offer(id, head, (receipt, offer))?;
                held += usize::from(added);
                match headed {
                    Headed::New => heard.new = true,
                    Headed::Again => heard.again = true,
                    Headed::Known | Headed::Refused => {}
                }
            }
            if peer.heads_kept > kept {
                change.put_peer(&giver, &peer)?;
            }
            Ok((heard, held))
        })?;
        self.tally.set_held(&giver, held);
        Ok(heard)
    }

    /// Fetches one body and runs every check. True when it is new here.
    pub(crate) async fn fetch(
        self: &Arc<Self>,
        from: Party,
        card: &VerifiedCard,
        id: &ArtifactId,
    ) -> Result<bool, Fault> {
        let look = self.look()?;
        let Some(row) = look.head_from(id, &from.human)? else { return Ok(false) };
        let taken = look.peer(&from.human)?.map_or(0, |peer| peer.bytes_taken);
        let host = self.host().ok_or_else(crate::ask::offline)?;
        let parts =
            (row.head.as_slice(), row.receipt.as_slice(), row.grant.as_deref().map(Vec::as_slice));
        let card = self.with_earlier(card)?;
        let expected = match self.expect(&look, parts, &card) {
            Ok(expected) => expected,
            Err(refused) => return self.drop_head(from, id, &refused).await,
        };
        // Nothing is held of the store while the network is waited for.
        drop(look);
        let size = expected.head().size;
        if taken.saturating_add(size) > MAX_TAKEN {
            let what = "no more than 1 GiB is taken from one peer, and this would be more";
            return Err(Fault::not_now(what, ""));
        }
        let session = host.session(&from.human).unwrap_or_default();
        let bytes = match host.fetch(&from.human, id, size).await {
            Ok(bytes) => bytes,
            // Not what the receipt names. Like every refusal for good: were it tried again, each
            // head of this peer would bring the same bytes once more.
            Err(FetchError::WrongBytes | FetchError::TooLarge { .. }) => {
                return self.drop_head(from, id, &Refused::WrongBytes).await;
            }
            Err(e @ FetchError::Refused) => {
                let hint = "it can be asked for again when they tell of it anew";
                return Err(Fault::refused(e.to_string(), hint));
            }
            Err(e) => {
                if e == FetchError::Late {
                    self.refused(from.transport, Some(from.human), Code::Late.word());
                }
                return Err(Fault::not_now(e.to_string(), "it is tried again later"));
            }
        };
        match expected.accept(&bytes) {
            Ok(received) => {
                let event = |reply| Event::Received(Box::new(received), bytes, session, reply);
                let new = self.happen(event).await?;
                self.settle_later(from.human);
                Ok(new)
            }
            Err(refused) => self.drop_head(from, id, &refused).await,
        }
    }

    /// The head stays, marked: it is not fetched a second time.
    async fn drop_head(
        self: &Arc<Self>,
        from: Party,
        id: &ArtifactId,
        why: &Refused,
    ) -> Result<bool, Fault> {
        let (id, code) = (*id, why.why().to_owned());
        self.happen(|reply| Event::HeadRefused(id, from.human, code, reply)).await?;
        self.refuse(from, why).await;
        Ok(false)
    }

    pub(crate) fn on_head_refused(
        &self,
        id: &ArtifactId,
        giver: &HumanKey,
        why: String,
    ) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.refuse_head(id, giver, &why)?))
    }

    /// Keeps a body that passed every check, with whose it is and under which receipt, and signs
    /// for it.
    pub(crate) fn on_received(
        &self,
        received: &Received,
        bytes: &[u8],
        session: u64,
    ) -> Result<bool, Fault> {
        if self.shut.human(&received.giver) {
            return Ok(false);
        }
        let now = self.now();
        let (_, author) = Crystal::open(bytes).map_err(Fault::broken)?;
        let row = crystal_row(
            &received.crystal,
            Origin::Peer,
            author,
            bytes,
            (received.crystal.iat.min(now), now),
        );
        let receipt = received.receipt.id();
        let row = CrystalRow { giver: Some(received.giver), receipt: Some(receipt), ..row };
        let (artifact, peer) = (received.head.id, received.giver);
        let me = self.me()?;
        let hand = Hand { human: me.row.human, author: &me.author, now };
        let signed = received.receipt.receipt();
        self.store.change::<_, Fault>(|change| {
            let size = bytes.len() as u64;
            book::sign(change, hand, &peer, (artifact, size), session)?;
            // Withdrawn while it was on its way: it came all the same, and is not kept.
            if change.is_withdrawn(&peer, &receipt, signed.grant.as_ref(), signed.iat)? {
                return Ok(false);
            }
            if !change.put_crystal(&artifact, &row, bytes, None)? {
                return Ok(false);
            }
            if let Some(mut from) = change.peer(&peer)? {
                from.bytes_taken = from.bytes_taken.saturating_add(bytes.len() as u64);
                change.put_peer(&peer, &from)?;
            }
            change.append(Entry::Received { artifact, peer, receipt }, now)?;
            Ok(true)
        })
    }
}
