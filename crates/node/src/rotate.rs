//! A new key in the place of author_key, transport_key or journal_key.
//!
//! Order: the new key lies beside the one in use, durably; one transaction names it, with the card
//! that human_key signs and a line of the journal; then it takes the other's place, which is
//! overwritten. Killed anywhere, the next start finds the one or the other, and ends what was begun.
//!
//! A card that replaces another begins as early as it may: receipts that were signed before are
//! looked at under it. One that comes near its end is replaced with the next yes. human_key is never
//! replaced: another one is another human.

use crate::{
    Fault, Node,
    ask::Unanswered,
    house::{House, Me},
};
use artifact::{
    Author, Card, CommitmentKey, Human, Journal, Secret, Transport, UnixMillis, card::MAX_LIFE,
    key::Role,
};
use consent::{Answer, Ask, AskId, Event as Entry, NodeKey, Rotation, Wish};
use serde_bytes::ByteBuf;
use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};
use store::{Change, Self_};
use tokio::sync::MutexGuard;

/// How long a new card is good for at least: half of the longest life. The other half lies before
/// it, for what was signed by then.
const LIFE: UnixMillis = MAX_LIFE / 2;
/// A card with less to live than this is replaced: a quarter of the longest life.
const NEAR_ITS_END: UnixMillis = MAX_LIFE / 4;

/// A key that was made and is not in use yet.
#[derive(Debug)]
enum Next {
    Author(Secret<Author>),
    Transport(Secret<Transport>),
    Journal(Secret<Journal>),
    /// No key: only the card is another.
    None,
}

/// What a rotation leaves to be done once it is durable.
#[derive(Debug)]
pub(crate) struct Rotated {
    next: Next,
    row: Self_,
}

impl Node {
    /// For how much longer this node's card is valid, and whether the next yes renews it; none
    /// before there are keys.
    #[must_use]
    pub fn card_lasts(&self) -> Option<(UnixMillis, bool)> {
        let card = Card::open(&self.me()?.card).ok()?.payload;
        let left = card.exp.saturating_sub(self.0.now());
        Some((left, left < NEAR_ITS_END))
    }
}

impl House {
    /// Replaces a key, in the transaction of the answer. Gives the asks that it cancels.
    pub(crate) fn rotate(
        &self,
        change: &mut Change<'_>,
        role: NodeKey,
        human: &Secret<Human>,
        now: UnixMillis,
    ) -> Result<(Rotated, Vec<AskId>), Fault> {
        let me = self.me()?;
        let next = self.next(role, &me.row)?;
        let row = change.me()?.ok_or_else(Fault::not_initialised)?;
        let row = match &next {
            Next::Author(author) => {
                let row = Self_ { author: author.public(), ..row };
                recarded(row, human, (author, &me.transport), (0, now))?
            }
            Next::Transport(transport) => {
                let row = Self_ { transport: transport.public(), ..row };
                recarded(row, human, (&me.author, transport), (0, now))?
            }
            Next::Journal(journal) => Self_ { journal: journal.public(), ..row },
            Next::None => row,
        };
        let card = ByteBuf::from(row.card.clone());
        let mut cancelled = Vec::new();
        match &next {
            Next::Author(_) => {
                let (before, after) = (me.row.author, row.author);
                change.put_earlier_card(&row.human, &me.row.card)?;
                let key = Rotation::Author { before, after, card };
                change.append(Entry::KeyRotated { key }, now)?;
                // What they are about is sealed by the key before, which tells nobody new of it.
                for ask in self.look()?.pending()? {
                    if ask.wish.object().is_some() {
                        cancelled.push(ask.id);
                        self.end_ask(change, ask, Unanswered::Cancelled, now)?;
                    }
                }
            }
            Next::Transport(_) => {
                let (before, after) = (me.row.transport, row.transport);
                let key = Rotation::Transport { before, after, card };
                change.append(Entry::KeyRotated { key }, now)?;
                // They lead to an endpoint that nobody answers at any more.
                for (invite, _) in self.look()?.invites(now)? {
                    change.end_invite(&invite, now)?;
                }
            }
            Next::Journal(journal) => {
                change.hand_over(Secret::from_seed(journal.seed()), now)?;
            }
            Next::None => {}
        }
        change.put_me(&row)?;
        Ok((Rotated { next, row }, cancelled))
    }

    /// Signs the card anew, with the same keys and a number above `floor` too, in the transaction of
    /// an answer.
    pub(crate) fn renew(
        &self,
        change: &mut Change<'_>,
        human: &Secret<Human>,
        (floor, now): (u64, UnixMillis),
    ) -> Result<Rotated, Fault> {
        let me = self.me()?;
        let row = change.me()?.ok_or_else(Fault::not_initialised)?;
        let row = recarded(row, human, (&me.author, &me.transport), (floor, now))?;
        change.put_me(&row)?;
        Ok(Rotated { next: Next::None, row })
    }

    /// The same, once the card comes near its end, or begins later than this clock is.
    pub(crate) fn renew_in_time(
        &self,
        change: &mut Change<'_>,
        human: &Secret<Human>,
        now: UnixMillis,
    ) -> Result<Option<Rotated>, Fault> {
        let card = Card::open(&self.me()?.row.card).map_err(Fault::broken)?.payload;
        let due = now < card.iat || card.exp < now.saturating_add(NEAR_ITS_END);
        due.then(|| self.renew(change, human, (0, now))).transpose()
    }

    fn next(&self, role: NodeKey, row: &Self_) -> Result<Next, Fault> {
        let (dir, entropy) = (self.home.join("keys"), &mut keys::entropy::os);
        let next = match role {
            NodeKey::Author => keys::make_next(&dir, &row.author, entropy).map(Next::Author),
            NodeKey::Transport => {
                keys::make_next(&dir, &row.transport, entropy).map(Next::Transport)
            }
            NodeKey::Journal => keys::make_next(&dir, &row.journal, entropy).map(Next::Journal),
        };
        next.map_err(|e| Fault::not_now(e.to_string(), "nothing was replaced"))
    }

    /// The transaction is durable: the new key is used from now on, and the one before goes.
    pub(crate) fn rotated(&self, rotated: Rotated) -> Result<(), Fault> {
        let me = self.me()?;
        let Rotated { next, row } = rotated;
        if let Err(error) = settle(&self.home.join("keys"), &row) {
            // The next start does it, or the next rotation.
            tracing::error!(%error, "the key that was replaced is not overwritten yet");
        }
        let (author, transport) = match next {
            Next::Author(author) => (author, again(&me.transport)),
            Next::Transport(transport) => (again(&me.author), transport),
            Next::Journal(_) | Next::None => (again(&me.author), again(&me.transport)),
        };
        let commitments = CommitmentKey::of(&author);
        self.set_me(Me { row, author, transport, commitments });
        Ok(())
    }

    /// Takes the network down before a key that it speaks with is replaced: no session begins
    /// under the one key and goes on under the other. It stays down while this is held.
    pub(crate) async fn hush(&self, ask: &Ask, answer: Answer) -> Option<MutexGuard<'_, ()>> {
        let spoken = |role: &NodeKey| *role != NodeKey::Journal;
        let rotates = matches!(&ask.wish, Wish::Rotate { role } if spoken(role));
        if !rotates || answer != Answer::Allow {
            return None;
        }
        let turn = self.starting.lock().await;
        if let Some(host) = self.set_host(None) {
            host.shutdown().await;
        }
        Some(turn)
    }

    /// Speaks to peers again after [`Self::hush`], under whichever key is in use now.
    pub(crate) async fn speak_again(
        self: &Arc<Self>,
        hushed: Option<MutexGuard<'_, ()>>,
    ) -> Result<(), Fault> {
        let Some(turn) = hushed else { return Ok(()) };
        if !self.online.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.start_host_in(&turn).await?;
        drop(turn);
        self.network_moved();
        Ok(())
    }

    /// Speaks to peers where this node is to, and could not when it last tried.
    pub(crate) async fn speak_if_silent(self: &Arc<Self>) {
        let silent = self.online.load(Ordering::Relaxed) && self.host().is_none();
        if !silent || self.me().is_err() || self.anchored().await.is_distrusted() {
            return;
        }
        if let Err(fault) = self.start_host().await {
            tracing::error!(%fault, "not speaking to peers; it is tried again");
        }
    }
}

/// The same key once more, in a box of its own.
fn again<R: Role>(key: &Secret<R>) -> Secret<R> {
    Secret::from_seed(key.seed())
}

/// The row with a card that names its keys, of a number after its own and after `floor`: the time,
/// where that is later, so that a node that was put back from a backup is beyond the cards it lost.
fn recarded(
    row: Self_,
    human: &Secret<Human>,
    (author, transport): (&Secret<Author>, &Secret<Transport>),
    (floor, now): (u64, UnixMillis),
) -> Result<Self_, Fault> {
    let before = Card::open(&row.card).map_err(Fault::broken)?.payload;
    let (iat, exp) = life(&before, now);
    let card = Card {
        author: author.public(),
        transport: transport.public(),
        seq: before.seq.max(floor).saturating_add(1).max(now),
        iat,
        exp,
        ..before
    };
    let card = card.seal(human, author, transport).map_err(Fault::broken)?;
    Ok(Self_ { card, ..row })
}

/// From when and until when the card after this one is valid: no shorter than it, and from as early
/// as that lets it be. One that begins later than this clock is was made by a clock set wrong.
fn life(before: &Card, now: UnixMillis) -> (UnixMillis, UnixMillis) {
    let fresh = now.saturating_add(LIFE);
    let exp = if before.iat <= now { fresh.max(before.exp) } else { fresh };
    let iat = exp.saturating_sub(MAX_LIFE);
    (if before.iat <= now { iat.max(before.iat) } else { iat }, exp)
}

/// Ends a rotation that was interrupted, one way or the other: the store says which.
pub(crate) fn settle(dir: &Path, row: &Self_) -> Result<(), keys::KeyFileError> {
    keys::settle(dir, &row.transport)?;
    keys::settle(dir, &row.author)?;
    keys::settle(dir, &row.journal)
}
