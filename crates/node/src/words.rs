//! The words for the codes by which this node refuses things and shuts people out.
//!
//! The journal and the store keep codes, which later versions add to; people and agents are told
//! these sentences, everywhere the same ones.

use crate::BY_HAND;
use artifact::display::{count, line};

/// Why something was refused, in one sentence: what shuts nobody out, and what does.
#[must_use]
pub fn refusal(why: &str) -> String {
    if let Some(more) = why.strip_suffix("-more") {
        let more = more
            .parse()
            .map_or_else(|_| line(more, 20), |n: u64| count(n, "more time", "more times"));
        return format!("That was {more} than is written down one by one.");
    }
    let sentence = match why {
        "card-expired" => "Its giver's card was not valid at that time.",
        "card-old" => "Its giver showed an older card than before.",
        "from-the-future" => "It was signed later than now: one of the two clocks is wrong.",
        "expired" => "The time for which it was shared is over.",
        "unknown-grant" => "It was shared under a rule that was never shown here.",
        "revoked" => "Its giver withdrew it.",
        "weak-custody" => "Its giver's key is kept less safely than this node asks for.",
        "inbox-full" => "The inbox has no room for another stranger.",
        "not-invited" => "They came without a ticket.",
        "wrong-human" => "The ticket was for somebody else.",
        "unsupported" => "The two nodes share no version of this: one of them is older.",
        "waiting" => "They wait for an answer.",
        "too-many" | "too-fast" => "They came too often in a short time.",
        "too-much" => "It was more than this node keeps for one peer.",
        "late" | "idle" => "They did not answer in time.",
        "gone" | "leaving" => "They ended the connection.",
        "duplicate" => "They were connected already.",
        "not-entitled" => "They asked for something that they may not have, or no longer.",
        "stale" => "They told again of a withdrawal that had come before.",
        "not-ready" => "They asked for something before they were let in.",
        "broken" => "A node failed inside: its log says more.",
        other => return reason(other),
    };
    sentence.to_owned()
}

/// Why somebody is shut out, in one sentence that a human understands.
#[must_use]
pub fn reason(why: &str) -> String {
    if let Some(rest) = why.strip_prefix(BY_HAND) {
        let own = line(rest.trim_start_matches(':').trim(), 280);
        return if own.is_empty() {
            "You blocked them.".to_owned()
        } else {
            format!("You blocked them: {own}")
        };
    }
    let sentence = match why {
        "human-changed" => {
            "Another human answered from a node you know. Ask them over another way what happened."
        }
        "out-of-order" => "They said something that has no place there.",
        "too-large" => "They sent more in one piece than is allowed.",
        "malformed" => "They sent something that is not well-formed.",
        "card-invalid" => "Their card is not signed as a card must be.",
        "card-swapped" => "They showed another card than they had announced.",
        "wrong-endpoint" => "They showed a card that belongs to another machine.",
        "bad-binding" => "They could not prove that the card they showed is theirs.",
        "receipt" => "They offered something with a consent that is not validly signed.",
        "not-theirs" => "They used a signature of somebody else as their own.",
        "not-for-me" => "They sent you something whose consent names other people.",
        "wrong-act" => "They sent something whose consent does not allow that.",
        "grant" => "They offered something under a rule that is not validly signed.",
        "outside-grant" => "They offered something that their own rule does not allow.",
        "wrong-bytes" => "They sent other bytes than the ones they had announced.",
        "artifact" => "They sent something that is no validly signed crystal.",
        "wrong-head" => "What they said of a crystal is not what the crystal says.",
        "wrong-author" => "They gave a crystal that somebody else wrote as their own.",
        "revocation" => "They sent a withdrawal that is not validly signed.",
        "delivery" => "They sent a delivery receipt that is not validly signed.",
        "not-us" => "They sent a delivery receipt about other people.",
        "not-served" => "They sent a delivery receipt for something they were not given.",
        "other-delivery" => "They countersigned a delivery that is not yours.",
        "violation" => "They broke the rules of consent.",
        other => return format!("They broke a rule: {}.", line(other, 64)),
    };
    sentence.to_owned()
}

#[cfg(test)]
mod tests {
    use super::{reason, refusal};
    use crate::BY_HAND;
    use artifact::EnvelopeError::{UnknownType, UnsupportedVersion};
    use consent::{DeliveryRefused as D, Refused as R, RevocationRefused as V};

    /// What is no refusal of `consent` and no code of a session, and is written down all the same.
    const OWN: [&str; 3] = ["not-entitled", "inbox-full", "60-more"];

    #[test]
    fn every_code_has_a_sentence() {
        let bodies = [
            R::Receipt(UnsupportedVersion(9)),
            R::Receipt(UnknownType),
            R::NotTheirs,
            R::CardExpired,
            R::FromTheFuture,
            R::Expired,
            R::NotForMe,
            R::WrongAct,
            R::UnknownGrant,
            R::Grant(UnknownType),
            R::OutsideGrant,
            R::Revoked,
            R::WeakCustody,
            R::WrongBytes,
            R::Artifact(UnknownType),
            R::WrongHead,
            R::WrongAuthor,
        ];
        let withdrawals =
            [V::Envelope(UnknownType), V::NotTheirs, V::NotForMe, V::FromTheFuture, V::Stale];
        let deliveries =
            [D::Envelope(UnknownType), D::NotTheirs, D::NotUs, D::NotServed, D::OtherDelivery];
        let sessions = session::Code::ALL.iter().map(|code| code.word());
        let unsaid = refusal("of-tomorrow");
        assert!(unsaid.contains("of-tomorrow"), "{unsaid}");
        let told = bodies.iter().map(R::why).chain(withdrawals.iter().map(V::why));
        let told = told.chain(deliveries.iter().map(D::why)).chain(OWN);
        for code in told.chain(sessions) {
            let said = refusal(code);
            assert_ne!(said, unsaid.replace("of-tomorrow", code));
            assert!(said.ends_with('.'), "{said}");
        }
    }

    /// Nobody is accused of what is no offence.
    #[test]
    fn what_shuts_nobody_out_breaks_no_rule() {
        for code in ["not-entitled", "stale", "late", R::Grant(UnsupportedVersion(9)).why()] {
            let said = refusal(code);
            assert!(!said.contains("rule") && !said.contains("signed"), "{said}");
        }
        assert_eq!(reason(BY_HAND), "You blocked them.");
    }
}
