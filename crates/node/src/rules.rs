//! Rules: what the human allowed one agent for a while.
//!
//! The key of a rule lives here, in memory, from the human's answer until the rule ends: by its
//! time, with the agent's session, by the human's word, or when the node stops. What the store
//! keeps of it cannot sign anything, and decides nothing: a row that says another thing than what
//! was made here is ignored, ended, and the human is told.

mod altered;
mod ends;
mod held;

pub(crate) use ends::Which;
pub use held::HeldRule;
pub(crate) use held::{Made, Rules, Signer};

use crate::{Fault, house::House, unlock::Unlocked};
use artifact::{Act, ArtifactId, Audience, Grant, Head, Secret, UnixMillis, key::Rule};
use consent::{
    Ask, Bounds, Event as Entry, Requester, Term, Wish,
    rule::{self, MAX_RULES, Request},
};
use serde_bytes::ByteBuf;
use std::sync::Arc;
use store::{Change, RuleRow};

impl House {
    /// Makes a rule of the human's answer, inside the transaction of that answer.
    pub(crate) fn make_rule(
        &self,
        change: &mut Change<'_>,
        ask: &Ask,
        term: Term,
        unlocked: &Unlocked,
        iat: UnixMillis,
    ) -> Result<Made, Fault> {
        let (Wish::SharePrivate { object, peers }, Some(life)) = (&ask.wish, term.lifetime())
        else {
            return Err(not_for_a_while());
        };
        let Requester::Agent { name, key: agent, session, .. } = &ask.by else {
            return Err(not_for_a_while());
        };
        if !rule::may_be_made(&ask.by, ask.scan_spent) || !self.is_distilled(&object.id)? {
            return Err(not_for_a_while());
        }
        if self.rules.count() >= MAX_RULES {
            let hint = "end some first, or allow it once: `tracenet rules` lists them";
            return Err(Fault::not_now(format!("{MAX_RULES} rules hold already"), hint));
        }
        if term == Term::Lock {
            self.not_locked_since(unlocked)?;
        }
        let head = self.frozen_head(&object.id)?;
        let secret = Secret::<Rule>::from_seed(&zeroize::Zeroizing::new(crate::clock::random()?));
        let grant = Grant {
            v: 0,
            rule: secret.public(),
            act: Act::SharePrivate,
            line: rule::line_of(&head),
            aud: Audience::Peers(peers.clone()),
            iat,
            until: iat.saturating_add(life),
        };
        let envelope = grant.seal(&unlocked.key).map_err(Fault::broken)?;
        let id = ArtifactId::of(&envelope);
        let bounds = Bounds {
            agent: *agent,
            name: name.clone(),
            term,
            session: session.clone(),
            peers: peers.clone(),
            shown: object.id,
        };
        let row = RuleRow {
            bounds: bounds.clone(),
            grant: ByteBuf::from(envelope.clone()),
            uses: 0,
            used: 0,
        };
        change.put_rule(&id, &row)?;
        let grant_bytes = ByteBuf::from(envelope.clone());
        change.append(
            Entry::RuleMade { ask: ask.id, bounds: Box::new(bounds.clone()), grant: grant_bytes },
            iat,
        )?;
        let signer = Signer { id, key: secret, grant, envelope, protection: unlocked.protection };
        Ok(Made { signer, bounds })
    }

    /// The rule that covers a request, if one does: the first in the order of their ids.
    pub(crate) fn covering(
        &self,
        by: &Requester,
        wish: &Wish,
        head: &Head,
        found: (&[consent::Finding], bool),
        now: UnixMillis,
    ) -> Result<Option<(Arc<Signer>, RuleRow)>, Fault> {
        let (Wish::SharePrivate { object, peers }, Requester::Agent { key, .. }) = (wish, by)
        else {
            return Ok(None);
        };
        self.end_altered_rules()?;
        if self.rules.count() == 0 {
            return Ok(None);
        }
        let look = self.look()?;
        // Whoever was told to be quiet is asked about.
        if look.mute(key)?.is_some_and(|mute| now < mute.until) {
            return Ok(None);
        }
        // An agent has a hand in what it wrote itself: that is looked at each time.
        if !self.is_distilled(&object.id)? {
            return Ok(None);
        }
        let request = Request { by, peers, head, findings: found.0, scan_spent: found.1 };
        for (id, held) in self.rules.all() {
            if held.bounds.term == Term::Lock && self.window.due(self.moment()).is_some() {
                // The key is locked by now: only the tick has not come yet.
                continue;
            }
            if held.bounds.cover(&held.signer.grant, &request, now).is_ok() {
                let row = look.rule(&id)?.ok_or_else(|| Fault::broken("a rule lost its row"))?;
                return Ok(Some((held.signer, row)));
            }
        }
        Ok(None)
    }

    /// Whether a crystal was distilled here from a log, rather than from what an agent said.
    pub(crate) fn is_distilled(&self, id: &ArtifactId) -> Result<bool, Fault> {
        let look = self.look()?;
        let whole = look.crystal(&look.whole_of(id)?)?;
        let Some(trace) = whole.and_then(|row| row.trace) else { return Ok(false) };
        Ok(look.trace(&trace)?.is_some_and(|row| row.format != distil::NOTE_FORMAT))
    }

    /// The head of frozen bytes.
    fn frozen_head(&self, id: &ArtifactId) -> Result<Head, Fault> {
        let bytes = self.look()?.snapshot(id)?;
        let bytes = bytes.ok_or_else(|| Fault::broken("the frozen bytes of this ask are gone"))?;
        Head::of(&bytes).map_err(Fault::broken)
    }
}

fn not_for_a_while() -> Fault {
    let hint = "allow it once";
    Fault::refused("this cannot be allowed for longer than once", hint)
}
