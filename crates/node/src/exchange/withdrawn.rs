//! What peers end: their revocations, verified, kept in order, and held to. A crystal whose last
//! receipt is withdrawn stays with the human, marked; no agent is given it any more.

use crate::{Fault, Notice, event::Event, exchange::tally::Over, house::House};
use artifact::{HumanKey, Revocation};
use consent::{Event as Entry, Party, VerifiedCard, revoke, revoke::RevocationRefused};
use peer::Code;
use serde_bytes::ByteBuf;
use std::sync::Arc;

/// The most revocations of one peer that are kept.
const MAX_REVOCATIONS: usize = 4_096;

impl House {
    /// Verifies revocations as they come, in order, and keeps those that hold. What breaks a
    /// rule ends the session; what came before it is kept all the same.
    pub(crate) async fn take_revocations(
        self: &Arc<Self>,
        from: Party,
        card: &VerifiedCard,
        list: Vec<Vec<u8>>,
    ) -> Result<(), Code> {
        let (me, now) = (self.me().map_err(|_| Code::Broken)?.row.human, self.now());
        let row = self.look().and_then(|look| Ok(look.peer(&from.human)?));
        let row = row.map_err(|_| Code::Broken)?;
        let mut kept = row.map_or(0, |row| row.revocations_kept);
        let (mut good, mut bad) = (Vec::new(), None);
        for envelope in list {
            match revoke::take(&envelope, card, &me, kept, now) {
                Ok((_, revocation)) => {
                    kept = revocation.seq;
                    good.push((revocation, envelope));
                }
                Err(refused) => {
                    if refused.is_violation() {
                        bad = Some(refused);
                        break;
                    }
                    self.refused(from.transport, Some(from.human), refused.why());
                    // One that is no good yet is told again at the next Ready, as long as none
                    // after it is kept. One that is held already is no loss.
                    if refused != RevocationRefused::Stale {
                        break;
                    }
                }
            }
        }
        if !good.is_empty() {
            match self.happen(|reply| Event::RevokedBy(from.human, good, reply)).await {
                Ok(true) => {}
                // All of it is held to, and what fits is kept: the rest is told again.
                Ok(false) => {
                    if self.tally.first_over(&from.human, Over::Revocations) {
                        self.refused(from.transport, Some(from.human), Code::TooMuch.word());
                    }
                }
                Err(fault) => {
                    tracing::error!(%fault, "revocations could not be kept");
                    return Err(Code::Broken);
                }
            }
            // The index forgets before anybody is told.
            drop(self.level_aside().await);
            self.notify(Notice::Memory);
            self.notify(Notice::Peers);
        }
        match bad {
            Some(refused) => {
                self.quarantine(from, refused.why()).await;
                Err(Code::Violation)
            }
            None => Ok(()),
        }
    }

    /// Keeps revocations and withdraws what they cover. False when a giver has more of them
    /// than are kept: what fits is, and what the others cover goes as well, each time that they
    /// are told.
    pub(crate) fn on_revoked(
        &self,
        giver: &HumanKey,
        list: &[(Revocation, Vec<u8>)],
    ) -> Result<bool, Fault> {
        let now = self.now();
        let fits = self.store.change::<_, Fault>(|change| {
            let Some(mut row) = change.peer(giver)? else { return Ok(true) };
            let room = MAX_REVOCATIONS.saturating_sub(change.taken_revocations(giver)?);
            let new = list.iter().filter(|(revocation, _)| revocation.seq > row.revocations_kept);
            let new: Vec<&(Revocation, Vec<u8>)> = new.collect();
            for (revocation, envelope) in new.iter().take(room) {
                change.put_taken_revocation(giver, revocation, envelope)?;
                row.revocations_kept = revocation.seq;
                let revocation_bytes = ByteBuf::from(envelope.as_slice());
                let entry = Entry::RevokedByPeer { peer: *giver, revocation: revocation_bytes };
                change.append(entry, now)?;
            }
            if !new.is_empty() && room > 0 {
                change.put_peer(giver, &row)?;
            }
            let all: Vec<Revocation> = new.iter().map(|(one, _)| one.clone()).collect();
            change.withdraw(giver, &all, now)?;
            Ok(new.len() <= room)
        })?;
        self.tally.forget_held(giver);
        Ok(fits)
    }
}
