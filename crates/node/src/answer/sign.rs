//! Signing a receipt: by the human whose key is unlocked, or under a rule of theirs.

use crate::{
    Fault,
    clock::random,
    house::{House, Me},
    rules::Signer,
};
use artifact::{
    Act, ArtifactId, Audience, Human, KeyProtection, Limits, Nonce, Object, Receipt, Secret,
    UnixMillis,
};
use consent::{Ask, Event as Entry, State, VerifiedReceipt, Wish};
use serde_bytes::ByteBuf;
use std::sync::Arc;
use store::{Change, ReceiptRow, RuleRow};

/// Who signs a receipt.
pub(super) enum By<'a> {
    /// The human, and how their key was kept.
    Human(&'a Secret<Human>, KeyProtection),
    /// A rule of theirs.
    Rule(&'a Signer),
}

impl By<'_> {
    const fn protection(&self) -> KeyProtection {
        match self {
            Self::Human(_, protection) => *protection,
            Self::Rule(signer) => signer.protection,
        }
    }

    fn grant(&self) -> Option<(ArtifactId, &[u8])> {
        match self {
            Self::Human(..) => None,
            Self::Rule(signer) => Some((signer.id, &signer.envelope)),
        }
    }

    fn seal(&self, receipt: &Receipt) -> Result<Vec<u8>, artifact::EnvelopeError> {
        match self {
            Self::Human(key, _) => receipt.seal(key),
            Self::Rule(signer) => receipt.seal_under(&signer.key),
        }
    }
}

impl House {
    /// Settles an ask that a rule covers: nobody is asked, and the journal says under which.
    pub(crate) fn allow_by_rule(
        &self,
        change: &mut Change<'_>,
        ask: &mut Ask,
        (signer, mut row): (&Signer, RuleRow),
        now: UnixMillis,
    ) -> Result<Arc<VerifiedReceipt>, Fault> {
        let Wish::SharePrivate { object, peers } = &ask.wish else {
            return Err(Fault::broken("a rule covers private shares only"));
        };
        peers.iter().try_for_each(|human| self.refuse_shut_out(human))?;
        let (me, aud) = (self.me()?, Audience::Peers(peers.clone()));
        let by = By::Rule(signer);
        let receipt = self.sign(change, &me, Act::SharePrivate, object, aud, &by, now)?;
        (row.uses, row.used) = (row.uses.saturating_add(1), now);
        change.put_rule(&signer.id, &row)?;
        ask.state = State::Allowed { at: now, receipt: Some(receipt.id()) };
        let bytes = ByteBuf::from(receipt.envelope());
        change
            .append(Entry::AllowedByRule { ask: ask.id, rule: signer.id, receipt: bytes }, now)?;
        Ok(receipt)
    }

    /// Signs a receipt over the frozen bytes, verifies it as anybody would, and keeps it.
    #[expect(clippy::too_many_arguments, reason = "each is one field of the receipt")]
    pub(super) fn sign(
        &self,
        change: &mut Change<'_>,
        me: &Me,
        act: Act,
        object: &Object,
        aud: Audience,
        by: &By<'_>,
        now: UnixMillis,
    ) -> Result<Arc<VerifiedReceipt>, Fault> {
        let nonce = Nonce(random()?);
        let peers = match &aud {
            Audience::Peers(peers) => peers.clone(),
            Audience::Public => Vec::new(),
        };
        // After all that was withdrawn from these people, even in the same millisecond: what
        // withdrew everything until then does not withdraw this.
        let iat = change.stopped_all(&peers)?.map_or(now, |at| now.max(at.saturating_add(1)));
        let receipt = Receipt {
            v: 0,
            act,
            obj: object.clone(),
            aud,
            lim: Limits { until: None, reshare: act == Act::SharePublic },
            iat,
            nonce,
            key_protection: by.protection(),
            grant: by.grant().map(|(id, _)| id),
        };
        let envelope = by.seal(&receipt).map_err(Fault::broken)?;
        let grant = by.grant().map(|(_, envelope)| envelope);
        let bytes = change.snapshot(&object.id)?;
        let bytes = bytes.ok_or_else(|| Fault::broken("the frozen bytes of this ask are gone"))?;
        let verified = VerifiedReceipt::own(&envelope, grant, &me.row.human, &bytes, now)
            .map_err(Fault::broken)?;
        let grant = grant.map(ByteBuf::from);
        let row = ReceiptRow { envelope, artifact: object.id, act, peers, iat, until: None, grant };
        change.put_receipt(&verified.id(), &row, &nonce)?;
        Ok(Arc::new(verified))
    }
}
