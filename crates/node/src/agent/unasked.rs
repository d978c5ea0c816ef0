//! What an agent may be told that did not ask.
//!
//! A recall is asking: what it finds is given, own memory first, and each hit says in
//! [`crate::Found::unasked`] which side of this line it is on. Whatever puts a crystal before an
//! agent by itself, be it the greeting of a session, a hook, a resource or a hint in another
//! answer, goes by this line and by nothing else.

use consent::Origin;
use store::{CrystalRow, PeerRow};

/// Whether this crystal may be put before an agent that did not ask for it. `giver` is what is
/// known here of whoever gave it: nothing of one's own making, nothing of somebody forgotten.
///
/// What was made here may. A peer's may once this human lets that peer, and not before: pinning
/// alone, or having it verified, is not enough.
#[must_use]
pub fn may_offer_unasked(row: &CrystalRow, giver: Option<&PeerRow>) -> bool {
    match row.origin {
        Origin::Mine => true,
        Origin::Peer => giver.is_some_and(|peer| peer.let_in),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
    use super::*;
    use artifact::{AuthorKey, Card, HumanKey, Outcome, SolanaKey, TransportKey};

    fn crystal(origin: Origin) -> CrystalRow {
        let giver = (origin == Origin::Peer).then(|| HumanKey::from_bytes([1; 32]));
        CrystalRow {
            origin,
            trace: None,
            giver,
            receipt: None,
            author: AuthorKey::from_bytes([2; 32]),
            title: "a title".to_owned(),
            problem: String::new(),
            repo: String::new(),
            outcome: Outcome::Unknown,
            at: 1,
            added: 1,
            size: 1,
            withdrawn: None,
        }
    }

    fn peer(let_in: bool) -> PeerRow {
        let card = Card {
            human: HumanKey::from_bytes([1; 32]),
            author: AuthorKey::from_bytes([2; 32]),
            transport: TransportKey::from_bytes([3; 32]),
            solana: None::<SolanaKey>,
            name: None,
            seq: 1,
            iat: 1,
            exp: 2,
        };
        PeerRow { let_in, ..PeerRow::pinned("north".to_owned(), Vec::new(), &card, 1) }
    }

    #[test]
    fn only_what_is_ours_or_of_a_peer_who_is_let() {
        assert!(may_offer_unasked(&crystal(Origin::Mine), None));
        assert!(may_offer_unasked(&crystal(Origin::Mine), Some(&peer(false))));
        assert!(!may_offer_unasked(&crystal(Origin::Peer), None), "nobody is let who is forgotten");
        assert!(
            !may_offer_unasked(&crystal(Origin::Peer), Some(&peer(false))),
            "pinned is not let"
        );
        assert!(may_offer_unasked(&crystal(Origin::Peer), Some(&peer(true))));
    }
}
