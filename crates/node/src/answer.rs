//! Answering: the only way from an ask to a signature.
//!
//! The order is fixed: the ask still waits → this way may grant → the code is the one that
//! was shown → the key is unlocked → then, in one event and one durable transaction, the ask
//! is consumed, the nonce spent and the journal extended. An error anywhere before that
//! leaves the ask waiting and nothing signed.

mod leave;
mod sign;
mod together;

use sign::By;
pub use together::Together;

use crate::{
    Code, Fault, Node, Notice, Rebuke,
    ask::no_such_ask,
    clock::random,
    event::Event,
    exchange::revoke::SignedRevocations,
    house::{House, Me},
    rotate, rules,
    unlock::Unlocked,
    unlock::{GRANT_ELSEWHERE, proves_a_human},
};
use artifact::{Act, Audience, UnixMillis};
use consent::{
    Answer, Ask, AskId, Event as Entry, Requester, State, Term, VerifiedReceipt, Way, Wish,
    prompt::GONE,
};
use serde_bytes::ByteBuf;
use std::sync::Arc;
use store::{AgentRow, Change, ConnectRow, InviteRow, TicketRow};

/// A human's answer on its way to the store.
pub(crate) struct Settle {
    ask: AskId,
    answer: Answer,
    way: Way,
    /// Whether this node is to be reached from anywhere, where that is chosen with the answer.
    anywhere: Option<bool>,
    /// For how long a yes holds.
    term: Term,
    /// What is done about the agent with a no.
    rebuke: Option<Rebuke>,
    /// Present exactly when the answer grants.
    key: Option<Key>,
}

/// human_key as it is held for what is answered in one go.
type Key = Arc<Unlocked>;

/// What an answer made.
#[derive(Debug, Default)]
pub struct Settled {
    /// The ask's final state.
    pub state: &'static str,
    /// The ticket, when one was allowed.
    pub ticket: Option<String>,
    /// What came of it, for the human.
    pub what: String,
    receipt: Option<Arc<VerifiedReceipt>>,
    /// Signs what the rule covers that was made.
    rule: Option<rules::Made>,
    /// Asks of the same agent that were withdrawn with a no.
    withdrawn: Vec<AskId>,
    connect: bool,
    /// A key or card that is to be used from now on.
    rotated: Option<rotate::Rotated>,
    /// For the keychain, after every grant.
    anchor: Option<crate::anchor::Signed>,
    /// Whether somebody is known, let or shut out otherwise than before.
    pub(crate) people: bool,
    /// Asks that this answer made pointless.
    pub(crate) cancelled: Vec<AskId>,
    /// What was decided about policies.
    pub(crate) policy: Option<crate::policy::Decided>,
    /// Revocations that waited for this unlock.
    pub(crate) revocations: SignedRevocations,
}

/// An answer as a face gives it.
#[derive(Clone)]
pub struct Given {
    /// Which ask.
    pub ask: AskId,
    /// Yes or no.
    pub answer: Answer,
    /// Through which face. Whoever calls [`Node::answer`] vouches for it.
    pub way: Way,
    /// The code that was shown, for a yes.
    pub code: String,
    /// The PIN or passphrase; empty for none.
    pub pin: zeroize::Zeroizing<String>,
    /// Where the prompt lets choose: whether this node is to be reached from anywhere, or from
    /// this network only, which is also what no choice means.
    pub anywhere: Option<bool>,
    /// For how long a yes holds, where the prompt lets choose.
    pub term: Term,
    /// What to do about the agent with a no.
    pub rebuke: Option<Rebuke>,
}

impl Given {
    /// A plain answer: once, without a choice, and without more about the agent.
    #[must_use]
    pub const fn plain(
        ask: AskId,
        answer: Answer,
        way: Way,
        code: String,
        pin: zeroize::Zeroizing<String>,
    ) -> Self {
        Self { ask, answer, way, code, pin, anywhere: None, term: Term::Once, rebuke: None }
    }
}

impl Node {
    /// Takes the human's answer.
    ///
    /// # Errors
    /// When the ask is settled already, this way may not grant, the code is another's, or the
    /// key cannot be had. The ask keeps waiting then, and nothing was signed.
    pub async fn answer(&self, given: Given) -> Result<Settled, Fault> {
        let ask = given.ask;
        self.try_answer(given).await.map_err(|fault| self.0.still_waiting(&ask, fault))
    }

    async fn try_answer(&self, given: Given) -> Result<Settled, Fault> {
        let ask = self.0.look()?.ask(&given.ask)?.ok_or_else(|| no_such_ask(&given.ask))?;
        still_waits(&ask)?;
        let key = match given.answer {
            Answer::Deny => None,
            Answer::Allow => match self.unlock_for(&given).await {
                Ok(key) => Some(Arc::new(key)),
                Err(fault) => {
                    self.0.grant_failed(given.ask, given.way, &fault).await;
                    return Err(fault);
                }
            },
        };
        self.settle(&ask, given, key).await
    }

    /// Writes down an answer whose key is there, and does what follows from it.
    async fn settle(&self, ask: &Ask, given: Given, key: Option<Key>) -> Result<Settled, Fault> {
        let Given { anywhere, way, answer, term, rebuke, .. } = given;
        let settle = Settle { ask: given.ask, answer, way, anywhere, term, rebuke, key };
        let hushed = self.0.hush(ask, answer).await;
        let settled = self.0.happen(|reply| Event::Settle(Box::new(settle), reply)).await;
        let speaks = self.0.speak_again(hushed).await;
        let mut settled = settled?;
        self.0.noted.forget(&given.ask);
        // Who waits for a ticket reads it when told so: with its relay in it.
        let reached = match settled.state {
            "allowed" => self.0.reach_settled(ask, &mut settled).await,
            _ => Ok(()),
        };
        self.0.notify(Notice::Settled(given.ask, settled.state));
        self.0.told_cancelled(&settled.cancelled);
        let withdrawn = std::mem::take(&mut settled.withdrawn);
        withdrawn.iter().for_each(|ask| self.0.notify(Notice::Settled(*ask, "withdrawn")));
        if matches!(ask.by, Requester::Agent { .. }) {
            // It is muted, blocked, or has a rule more.
            self.0.notify(Notice::Settings);
        }
        self.0.send_revocations(std::mem::take(&mut settled.revocations));
        if let Some(anchor) = settled.anchor.take() {
            if anchor.resumes() {
                settled.what = self.0.resume(anchor).await?;
            } else {
                self.0.keep_anchor_later(anchor);
            }
        }
        if let Some(receipt) = settled.receipt.clone() {
            settled.what = self.0.export(&receipt).await;
        }
        reached?;
        if let Err(fault) = speaks {
            let what = "The network did not come back, and is tried again by itself";
            settled.what = format!("{} {what}: {}.", settled.what, fault.what);
        }
        if settled.connect {
            settled.what = self.0.connect_allowed(given.ask).await?;
        }
        if settled.people {
            self.0.people_changed().await;
            // Who is let now is fetched from ahead.
            self.0.fetch_late();
        }
        Ok(settled)
    }

    /// Every condition of a grant, the key last.
    async fn unlock_for(&self, given: &Given) -> Result<Unlocked, Fault> {
        if !given.way.may_grant() {
            let what = format!("the {} can deny, but never grant", given.way.word());
            return Err(Fault::refused(
                what,
                "answer in the consent window, or with the PIN in a terminal",
            ));
        }
        let protection = self.0.me()?.row.protection;
        proves_a_human(given.way, protection, GRANT_ELSEWHERE)?;
        let (prompt, ask) = self.prompt(&given.ask)?;
        self.0.check_anchored(&ask.wish).await?;
        self.0.refuse_forbidden(&ask)?;
        // No PIN is typed in vain.
        if ask.wish.object().is_some() && prompt.artifact.is_none() {
            return Err(Fault::refused(GONE, "deny it, and let it be asked for anew"));
        }
        if given.term != Term::Once && !prompt.terms.contains(&given.term) {
            let what = "this cannot be allowed for longer than once";
            return Err(Fault::refused(what, "allow it once"));
        }
        if prompt.code != given.code {
            return Err(other_code());
        }
        // A terminal proves nothing by itself, and what is public cannot be taken back.
        let public = matches!(ask.wish, Wish::SharePublic { .. });
        let anew = given.way == Way::Terminal || public;
        self.0.unlock(given.pin.clone(), given.way, anew).await
    }
}

const fn denied(rebuke: Option<Rebuke>) -> &'static str {
    match rebuke {
        None => "Denied. Nothing left.",
        Some(Rebuke::Mute) => {
            "Denied. Nothing left. What this agent asks comes up by itself again in an hour."
        }
        Some(Rebuke::Block) => "Denied. Nothing left. This agent is shown out and blocked.",
    }
}

/// What an ask that could not be answered now is said to do.
pub(crate) const KEEPS_WAITING: &str = "the ask keeps waiting";

pub(crate) fn other_code() -> Fault {
    Fault::refused("the code is not the one of this prompt", "look at it again")
}

pub(crate) fn still_waits(ask: &Ask) -> Result<(), Fault> {
    if ask.state.is_pending() {
        return Ok(());
    }
    Err(Fault::not_now(format!("this ask is {} already", ask.state.word()), ""))
}

/// Whether it still waits, and its time has not passed without the tick having come.
pub(crate) fn may_be_settled(ask: &Ask, now: UnixMillis) -> Result<(), Fault> {
    still_waits(ask)?;
    if ask.expires() <= now {
        return Err(Fault::not_now("this ask has expired", "let the agent ask again"));
    }
    Ok(())
}

/// What the human does not share with somebody is not proposed to them for that again.
pub(crate) fn withhold(change: &mut Change<'_>, ask: &Ask, now: UnixMillis) -> Result<(), Fault> {
    if let Wish::SharePrivate { object, peers } = &ask.wish {
        let whole = ask.redacts.map_or(object.id, |redaction| redaction.of);
        change.withhold(&whole, peers, now)?;
    }
    Ok(())
}

impl House {
    /// Whatever could not be done now, the human learns that the ask is not lost by it.
    pub(crate) fn still_waiting(&self, ask: &AskId, fault: Fault) -> Fault {
        let waits = || -> Result<bool, Fault> {
            let ask = self.look()?.ask(ask)?;
            Ok(ask.is_some_and(|ask| may_be_settled(&ask, self.now()).is_ok()))
        };
        let is_passing = matches!(fault.code, Code::NotNow | Code::Broken);
        if !is_passing || fault.hint.contains(KEEPS_WAITING) || !waits().unwrap_or(false) {
            return fault;
        }
        let hint = match fault.hint.as_str() {
            "" => KEEPS_WAITING.to_owned(),
            hint => format!("{hint}; {KEEPS_WAITING}"),
        };
        Fault { hint, ..fault }
    }

    async fn grant_failed(&self, ask: AskId, way: Way, fault: &Fault) {
        let why = match fault.code {
            Code::PinNeeded | Code::NotNow => return,
            Code::PinWrong => "pin-wrong",
            Code::KeychainLocked => "keychain-locked",
            Code::KeychainMissing => "keychain-missing",
            _ => "refused",
        };
        // A wrong PIN is slowed down by itself; everything else could be repeated without end.
        if why != "pin-wrong" && self.noted.has(ask, way, why) {
            return;
        }
        let event = Entry::GrantFailed { ask, way, why: why.to_owned() };
        if let Err(fault) = self.happen(|r| Event::Journal(Box::new(event), r)).await {
            tracing::error!(%fault, "a failed grant could not be journalled");
            return;
        }
        self.noted.put(ask, way, why);
    }

    /// Consumes the ask. Everything it makes stands in one transaction.
    pub(crate) fn on_settle(&self, settle: Settle) -> Result<Settled, Fault> {
        let me = self.me()?;
        let now = self.now();
        let (ask, way) = (settle.ask, settle.way);
        let (mut resumes, mut blocked) = (false, None);
        let mut settled = self.store.change::<_, Fault>(|change| {
            let mut ask = change.ask(&ask)?.ok_or_else(|| no_such_ask(&ask))?;
            may_be_settled(&ask, now)?;
            let mut settled = match (settle.answer, &settle.key) {
                (Answer::Allow, Some(unlocked)) => {
                    self.refuse_forbidden(&ask)?;
                    let chosen = self.choose_reach(change, &ask, settle.anywhere)?;
                    let mut settled = self.allow(change, &me, &mut ask, way, unlocked, now)?;
                    if let (Some(receipt), true) = (&settled.receipt, settle.term != Term::Once) {
                        let iat = receipt.receipt().iat;
                        settled.rule =
                            Some(self.make_rule(change, &ask, settle.term, unlocked, iat)?);
                    }
                    if let Some(chosen) = chosen {
                        change.append(chosen, now)?;
                    }
                    settled
                }
                (Answer::Allow, None) => return Err(Fault::broken("a grant came without its key")),
                (Answer::Deny, _) => {
                    ask.state = State::Denied { at: now, instead: None };
                    change.append(Entry::Denied { ask: ask.id, way }, now)?;
                    withhold(change, &ask, now)?;
                    let withdrawn = self.rebuke(change, &ask, settle.rebuke, now)?;
                    let what = denied(settle.rebuke).to_owned();
                    Settled { state: "denied", what, withdrawn, ..Settled::default() }
                }
            };
            if let Some(Unlocked { key, .. }) = settle.key.as_deref() {
                self.settle_revocations(change, &ask, key, &mut settled)?;
                if settled.rotated.is_none() {
                    settled.rotated = self.renew_in_time(change, key, now)?;
                }
            }
            resumes = matches!(ask.wish, Wish::Resume { .. });
            if let (Some(Rebuke::Block), Requester::Agent { key, .. }) = (settle.rebuke, &ask.by) {
                blocked = Some(*key);
            }
            change.put_ask(&ask)?;
            if settled.receipt.is_none() {
                self.thaw(change, &ask)?;
            }
            Ok(settled)
        })?;
        if let Some(rotated) = settled.rotated.take() {
            self.rotated(rotated)?;
        }
        if let Some(made) = settled.rule.take() {
            self.rules.open(made);
        }
        if let Some(agent) = blocked {
            self.end_rules_of_agent(agent);
        }
        if let Some(decided) = settled.policy.take() {
            self.hold_to(decided);
        }
        if let Some(Unlocked { key, .. }) = settle.key.as_deref() {
            // What was decided stands: that no anchor was signed for it is no failure of it.
            settled.anchor = self.sign_anchor(key, resumes).unwrap_or_else(|fault| {
                tracing::error!(%fault, "no anchor was signed");
                None
            });
        }
        Ok(settled)
    }

    fn allow(
        &self,
        change: &mut Change<'_>,
        me: &Me,
        ask: &mut Ask,
        way: Way,
        unlocked: &Unlocked,
        now: UnixMillis,
    ) -> Result<Settled, Fault> {
        let mut settled = Settled { state: "allowed", ..Settled::default() };
        let mut receipt_id = None;
        let mut receipt_bytes = None;
        let (mut after, mut rotating) = (None, None);
        match &ask.wish {
            Wish::SharePrivate { object, peers } => {
                peers.iter().try_for_each(|human| self.refuse_shut_out(human))?;
                let aud = Audience::Peers(peers.clone());
                let by = By::Human(&unlocked.key, unlocked.protection);
                let receipt = self.sign(change, me, Act::SharePrivate, object, aud, &by, now)?;
                receipt_id = Some(receipt.id());
                receipt_bytes = Some(ByteBuf::from(receipt.envelope()));
                settled.receipt = Some(receipt);
            }
            Wish::SharePublic { object } => {
                let (by, aud) = (By::Human(&unlocked.key, unlocked.protection), Audience::Public);
                let receipt = self.sign(change, me, Act::SharePublic, object, aud, &by, now)?;
                receipt_id = Some(receipt.id());
                receipt_bytes = Some(ByteBuf::from(receipt.envelope()));
                settled.receipt = Some(receipt);
            }
            Wish::Pair { name, key, .. } => {
                let row = AgentRow { name: name.clone(), since: now, asks: 0, recalls: 0 };
                change.put_agent(key, &row)?;
                settled.what = format!("{} is paired.", artifact::display::line(name, 64));
                after = Some(Entry::AgentPaired { name: name.clone(), key: *key });
            }
            Wish::Ticket { lifetime, hidden } => {
                let expires = now.saturating_add(*lifetime);
                settled.ticket = Some(self.make_ticket(change, me, &ask.id, expires, *hidden)?);
                settled.what = "Give this ticket to one person. It works once.".into();
            }
            Wish::Connect { ticket, name } => {
                let name = name.clone().unwrap_or_default();
                change.put_connect(&ask.id, &ConnectRow { ticket: ticket.clone(), name })?;
                settled.connect = true;
            }
            Wish::Resume { anchored, found } => {
                let numbers = (*anchored, *found);
                let renewed = self.allow_resume(change, &ask.id, numbers, &unlocked.key, now)?;
                settled.rotated = Some(renewed);
            }
            Wish::Accept { .. } | Wish::Unblock { .. } | Wish::Let { .. } => {
                after = Some(self.settle_people(change, ask, &mut settled)?);
            }
            Wish::Reach { reach } => after = self.put_reach(change, reach)?,
            Wish::Unhide { peer } => self.unhide(change, peer)?,
            Wish::AcceptPolicy { .. } | Wish::DropPolicy { .. } => {
                after = Some(self.settle_policy(ask, &mut settled, now)?);
            }
            // Signed with every yes: `settle_revocations`.
            Wish::SignRevocations {} => {}
            Wish::Rotate { role } => rotating = Some(*role),
        }
        ask.state = State::Allowed { at: now, receipt: receipt_id };
        change.append(Entry::Allowed { ask: ask.id, way, receipt: receipt_bytes }, now)?;
        if let Some(entry) = after {
            change.append(entry, now)?;
        }
        if let Some(role) = rotating {
            let (rotated, cancelled) = self.rotate(change, role, &unlocked.key, now)?;
            (settled.rotated, settled.cancelled) = (Some(rotated), cancelled);
        }
        Ok(settled)
    }

    fn make_ticket(
        &self,
        change: &mut Change<'_>,
        me: &Me,
        ask: &AskId,
        expires: UnixMillis,
        hidden: bool,
    ) -> Result<String, Fault> {
        if hidden && !change.reach()?.is_some_and(|reach| reach.anywhere) {
            return Err(crate::reach::needs_relay());
        }
        let host = self.host().ok_or_else(crate::ask::offline)?;
        let (id, secret) = (random::<16>()?, random::<32>()?);
        let invite = peer::Invite { id, secret, expires };
        let ticket = host.ticket(&me.row.human, &invite, !hidden);
        let row = InviteRow { secret: secret.to_vec(), expires, spent: None, hidden };
        change.put_ticket(ask, &TicketRow { ticket: ticket.clone(), expires }, &id, &row)?;
        Ok(ticket)
    }
}
