//! A new key in the place of author_key, transport_key or journal_key.
//!
//! Order: the new key lies beside the one in use, durably; one transaction names it, with the card
//! that human_key signs and a line of the journal; then it takes the other's place, which is
//! overwritten. Killed anywhere, the next start finds the one or the other, and ends what was begun.
//!
//! A card that replaces another begins and ends when that did: receipts that were signed before are
//! looked at under it. human_key is never replaced: another one is another human.

use crate::{
    Fault,
    house::{House, Me},
};
use artifact::{
    Author, Card, CommitmentKey, Human, Journal, Secret, Transport, UnixMillis, key::Role,
};
use consent::{Event as Entry, NodeKey, Rotation};
use serde_bytes::ByteBuf;
use std::{path::Path, sync::Arc};
use store::{Change, Self_};

/// A key that was made and is not in use yet.
#[derive(Debug)]
enum Next {
    Author(Secret<Author>),
    Transport(Secret<Transport>),
    Journal(Secret<Journal>),
}

/// What a rotation leaves to be done once it is durable.
#[derive(Debug)]
pub(crate) struct Rotated {
    next: Next,
    row: Self_,
}

impl House {
    /// Replaces a key, in the transaction of the answer.
    pub(crate) fn rotate(
        &self,
        change: &mut Change<'_>,
        role: NodeKey,
        human: &Secret<Human>,
        now: UnixMillis,
    ) -> Result<Rotated, Fault> {
        let me = self.me()?;
        let next = self.next(role)?;
        let row = change.me()?.ok_or_else(Fault::not_initialised)?;
        let row = match &next {
            Next::Author(author) => {
                let row = Self_ { author: author.public(), ..row };
                recarded(row, human, author, &me.transport)?
            }
            Next::Transport(transport) => {
                let row = Self_ { transport: transport.public(), ..row };
                recarded(row, human, &me.author, transport)?
            }
            Next::Journal(journal) => Self_ { journal: journal.public(), ..row },
        };
        let card = ByteBuf::from(row.card.clone());
        match &next {
            Next::Author(_) => {
                let (before, after) = (me.row.author, row.author);
                change.put_earlier_card(&row.human, &before, &me.row.card)?;
                let key = Rotation::Author { before, after, card };
                change.append(Entry::KeyRotated { key }, now)?;
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
        }
        change.put_me(&row)?;
        Ok(Rotated { next, row })
    }

    fn next(&self, role: NodeKey) -> Result<Next, Fault> {
        let (dir, entropy) = (self.home.join("keys"), &mut keys::entropy::os);
        let next = match role {
            NodeKey::Author => keys::make_next(&dir, entropy).map(Next::Author),
            NodeKey::Transport => keys::make_next(&dir, entropy).map(Next::Transport),
            NodeKey::Journal => keys::make_next(&dir, entropy).map(Next::Journal),
        };
        next.map_err(|e| Fault::not_now(e.to_string(), "nothing was replaced"))
    }

    /// The transaction is durable: the new key is used from now on, and the one before goes.
    pub(crate) fn rotated(&self, rotated: Rotated) -> Result<(), Fault> {
        let me = self.me()?;
        let Rotated { next, row } = rotated;
        if let Err(error) = settle(&self.home.join("keys"), &row) {
            // The next start does it.
            tracing::error!(%error, "the key that was replaced is not overwritten yet");
        }
        let (author, transport) = match next {
            Next::Author(author) => (author, again(&me.transport)),
            Next::Transport(transport) => (again(&me.author), transport),
            Next::Journal(_) => (again(&me.author), again(&me.transport)),
        };
        let commitments = CommitmentKey::of(&author);
        self.set_me(Me { row, author, transport, commitments });
        Ok(())
    }

    /// Speaks to peers anew, under the new key.
    pub(crate) async fn speak_anew(self: &Arc<Self>) -> Result<(), Fault> {
        let Some(host) = self.set_host(None) else { return Ok(()) };
        host.shutdown().await;
        self.start_host().await?;
        self.network_moved();
        Ok(())
    }
}

/// The same key once more, in a box of its own.
fn again<R: Role>(key: &Secret<R>) -> Secret<R> {
    Secret::from_seed(key.seed())
}

/// The row with a card of the next number that names its keys.
fn recarded(
    row: Self_,
    human: &Secret<Human>,
    author: &Secret<Author>,
    transport: &Secret<Transport>,
) -> Result<Self_, Fault> {
    let before = Card::open(&row.card).map_err(Fault::broken)?.payload;
    let card = Card {
        author: author.public(),
        transport: transport.public(),
        seq: before.seq.saturating_add(1),
        ..before
    };
    let card = card.seal(human, author, transport).map_err(Fault::broken)?;
    Ok(Self_ { card, ..row })
}

/// Ends a rotation that was interrupted, one way or the other: the store says which.
pub(crate) fn settle(dir: &Path, row: &Self_) -> Result<(), keys::KeyFileError> {
    keys::settle(dir, &row.transport)?;
    keys::settle(dir, &row.author)?;
    keys::settle(dir, &row.journal)
}
