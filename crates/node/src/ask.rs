//! Asking: from a request to a stored ask that waits for the human.
//!
//! The order is fixed: may this agent name this artifact → freeze the bytes → scan them →
//! store the ask and journal it, in one transaction → tell the faces. No byte moves.

use crate::{Fault, Node, Notice, event::Event, house::House, rules::Which};
use artifact::{ArtifactId, Crystal, Head, HumanKey, Object, UnixMillis};
use consent::{
    Ask, AskId, Event as Entry, Objection, Redaction, Requester, Share, State, VerifiedReceipt,
    Wish,
    ask::{MAX_PENDING, MAX_PENDING_OWN, MAX_PENDING_PAIRINGS, MAX_PENDING_PER_AGENT, MAX_REASON},
    policy::can_be_redacted,
};
use std::sync::Arc;

pub(crate) mod redact;
mod request;

pub use request::Request;

/// How long a ticket can be used: 24 hours.
pub(crate) const TICKET_LIFETIME: u64 = 24 * 60 * 60 * 1000;

/// An ask on its way to the store.
pub(crate) struct NewAsk {
    by: Requester,
    wish: Wish,
    reason: String,
    /// The bytes to freeze, for a share.
    bytes: Option<Vec<u8>>,
    findings: Vec<consent::Finding>,
    scan_spent: bool,
    /// The crystal that its bytes are sealed anew from.
    anew_of: Option<ArtifactId>,
    /// Whose place it takes, without what the human took out.
    redacts: Option<Redaction>,
}

impl NewAsk {
    /// The ask as it is kept: waiting.
    fn stored(self, id: AskId, at: UnixMillis) -> Ask {
        Ask {
            id,
            at,
            by: self.by,
            wish: self.wish,
            reason: self.reason,
            findings: self.findings,
            scan_spent: self.scan_spent,
            state: State::Pending {},
            redacts: self.redacts,
        }
    }
}

/// What came of an ask.
pub(crate) enum Placed {
    /// It is stored, or one for the same waits.
    Ask(AskId, Made),
    /// Policies forbid it: nothing was stored, and nobody was asked.
    Forbidden(Vec<Objection>),
}

/// What came of storing an ask.
pub(crate) enum Made {
    /// One that waits already is for the same.
    Waits,
    /// It waits for the human, who is told.
    New,
    /// It waits for the human, who asked not to be told of this agent for a while.
    Quiet,
    /// A rule covers it, and this is what was signed under the rule.
    ByRule(Arc<VerifiedReceipt>),
}

/// How an ask ends without an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unanswered {
    /// Nobody answered in time.
    Expired,
    /// Whoever asked, or the human, took it back.
    Withdrawn,
    /// What it was about is gone.
    Cancelled,
}

/// What came of preparing an ask.
enum Prepared {
    /// It can be stored.
    New(Box<NewAsk>),
    /// One that waits already is for the same.
    Waits(AskId),
    /// Policies forbid it, whatever stands in it.
    Forbidden(Vec<Objection>),
}

impl Node {
    /// Makes an ask, or finds the one that already waits for the same. Exports nothing.
    ///
    /// # Errors
    /// When what is wished for makes no sense, policies forbid it, or too many asks wait.
    pub async fn ask(
        &self,
        by: Requester,
        request: Request,
        reason: String,
    ) -> Result<AskId, Fault> {
        let placed = self.ask_or_objections(by, request, reason).await?;
        placed.map_err(|objections| crate::policy::forbidden(&objections))
    }

    /// The same, for whoever says in other words what stands against it.
    pub(crate) async fn ask_or_objections(
        &self,
        by: Requester,
        request: Request,
        reason: String,
    ) -> Result<Result<AskId, Vec<Objection>>, Fault> {
        let house = std::sync::Arc::clone(&self.0);
        if matches!(request, Request::Resume) {
            // What the wish says is what the comparison saw.
            house.anchored().await;
        }
        // Reading and scanning the bytes takes long for large ones.
        let prepared = tokio::task::spawn_blocking(move || house.prepare(by, request, reason));
        let new = match prepared.await.map_err(Fault::broken)?? {
            Prepared::New(new) => new,
            Prepared::Waits(id) => return Ok(Ok(id)),
            Prepared::Forbidden(objections) => return Ok(Err(objections)),
        };
        let (id, made) = match self.0.happen(|reply| Event::Ask(new, reply)).await? {
            Placed::Ask(id, made) => (id, made),
            Placed::Forbidden(objections) => return Ok(Err(objections)),
        };
        match made {
            // The same wish again does not bring the prompt back that the human put off.
            Made::Waits => {}
            Made::New => self.0.notify(Notice::Asked { ask: id, quiet: false }),
            Made::Quiet => self.0.notify(Notice::Asked { ask: id, quiet: true }),
            Made::ByRule(receipt) => {
                self.0.notify(Notice::Settled(id, "allowed"));
                self.0.export(&receipt).await;
                self.0.notify(Notice::Settings);
            }
        }
        Ok(Ok(id))
    }
}

impl House {
    /// Everything that can be done before the store is changed.
    fn prepare(&self, by: Requester, request: Request, reason: String) -> Result<Prepared, Fault> {
        let me = self.me()?;
        let reason: String = reason.chars().take(MAX_REASON).collect();
        let plain = |by, wish, reason| NewAsk {
            by,
            wish,
            reason,
            bytes: None,
            findings: Vec::new(),
            scan_spent: false,
            anew_of: None,
            redacts: None,
        };
        let new = match request {
            Request::SharePrivate { id, to } => {
                let (bytes, object, anew_of) = self.shareable(&id)?;
                let peers = self.audience(&to)?;
                let wish = Wish::SharePrivate { object, peers };
                match self.answered(&by, &wish)? {
                    Some(answered) => return Ok(answered),
                    None => NewAsk { anew_of, ..share(by, wish, reason, bytes) },
                }
            }
            Request::SharePublic { id } => {
                let (bytes, object, anew_of) = self.shareable(&id)?;
                let wish = Wish::SharePublic { object };
                match self.answered(&by, &wish)? {
                    Some(answered) => return Ok(answered),
                    None => NewAsk { anew_of, ..share(by, wish, reason, bytes) },
                }
            }
            Request::Pair { name, key } => {
                self.refuse_blocked(&by, &name, &key)?;
                let agents = self.look()?.agents()?;
                if agents.iter().any(|(known, row)| *known == key && row.name == name) {
                    return Err(Fault::refused(format!("{name} is paired already"), ""));
                }
                let known_before = self.look()?.name_was_used(&name, &key)?;
                plain(by, Wish::Pair { name, key, known_before }, reason)
            }
            Request::Resume => plain(by, self.resume_wish()?, reason),
            Request::SignRevocations => plain(by, self.sign_revocations_wish()?, reason),
            Request::Rotate(role) => plain(by, Wish::Rotate { role }, reason),
            Request::Ticket => {
                self.host().ok_or_else(offline)?;
                plain(by, Wish::Ticket { lifetime: TICKET_LIFETIME, hidden: false }, reason)
            }
            Request::HiddenTicket => {
                self.host().ok_or_else(offline)?;
                self.check_hidden()?;
                plain(by, Wish::Ticket { lifetime: TICKET_LIFETIME, hidden: true }, reason)
            }
            Request::Reach(switch) => plain(by, self.reach_wish(&switch)?, reason),
            Request::Unhide { peer } => plain(by, self.unhide_wish(&peer)?, reason),
            Request::Connect { ticket, name } => {
                self.host().ok_or_else(offline)?;
                let ticket = ticket.trim().to_owned();
                self.check_ticket(&ticket, &me.row.human)?;
                let name = crate::audience::check_name(&name)?;
                plain(by, Wish::Connect { ticket, name }, reason)
            }
            Request::Accept { who, name } => plain(by, self.wish_accept(&who, &name)?, reason),
            Request::Unblock { who } => plain(by, self.wish_unblock(&who)?, reason),
            Request::Let { who } => plain(by, self.wish_let(&who)?, reason),
            Request::AcceptPolicy { envelope } => {
                plain(by, self.accept_policy_wish(envelope)?, reason)
            }
            Request::DropPolicy { who } => {
                plain(by, self.drop_policy_wish(who.as_deref())?, reason)
            }
        };
        Ok(Prepared::New(Box::new(new)))
    }

    /// What can be said of a share before its bytes are looked through: whoever repeats itself, or
    /// asks for what is forbidden, costs nothing.
    fn answered(&self, by: &Requester, wish: &Wish) -> Result<Option<Prepared>, Fault> {
        let objections = self.against_wish(by, wish);
        if !objections.is_empty() {
            return Ok(Some(Prepared::Forbidden(objections)));
        }
        Ok(self.waits_or_fits(by, wish)?.map(Prepared::Waits))
    }

    /// The ask that waits for the same already, if one does; refuses when no more may wait.
    fn waits_or_fits(&self, by: &Requester, wish: &Wish) -> Result<Option<AskId>, Fault> {
        let pending = self.look()?.pending()?;
        if let Some(same) = pending.iter().find(|ask| ask.coalesces_with(by, wish)) {
            return Ok(Some(same.id));
        }
        check_caps(&pending, by, wish).map(|()| None)
    }

    /// The bytes of a crystal that may be named in a share, and the crystal where they are not its
    /// own.
    fn shareable(&self, id: &str) -> Result<(Vec<u8>, Object, Option<ArtifactId>), Fault> {
        let look = self.look()?;
        let id: ArtifactId = look.crystal_named(id)??;
        let row = look.crystal(&id)?.ok_or_else(|| gone(&id))?;
        consent::may_name(row.origin).map_err(|e| Fault::refused(e.to_string(), ""))?;
        let mut bytes = look.envelope(&id)?.ok_or_else(|| gone(&id))?;
        let (me, mut anew_of) = (self.me()?, None);
        if row.author != me.row.author {
            // Sealed anew: whoever never saw the card that names the former author_key would take
            // it for somebody else's.
            let (opened, _) = Crystal::open(&bytes).map_err(Fault::broken)?;
            bytes = opened.payload.seal(&me.author).map_err(Fault::broken)?;
            anew_of = Some(id);
        }
        let object =
            Object { id: ArtifactId::of(&bytes), size: bytes.len() as u64, children: None };
        Ok((bytes, object, anew_of))
    }

    /// Stores the ask with its frozen bytes, or gives the one that already waits for the same.
    /// Where a rule covers it, it is settled in the same transaction.
    /// Where a policy forbids what was found in it, the human is asked, who may take that out.
    pub(crate) fn on_ask(&self, new: NewAsk) -> Result<Placed, Fault> {
        self.me()?;
        let share = Share::of(&new.by, &new.wish, &new.findings, new.scan_spent);
        let objections = self.against(share.as_ref());
        if !can_be_redacted(&objections) {
            return Ok(Placed::Forbidden(objections));
        }
        if let Some(same) = self.waits_or_fits(&new.by, &new.wish)? {
            return Ok(Placed::Ask(same, Made::Waits));
        }
        let now = self.now();
        if let Requester::Agent { key, .. } = &new.by
            && !self.tally.may_ask(key, now)
        {
            let hint = "go on without it, and ask for less";
            return Err(Fault::not_now("this agent has asked too often within an hour", hint));
        }
        let quiet = self.is_quiet(&new.by)?;
        let found = (new.findings.as_slice(), new.scan_spent);
        let rule = match new.bytes.as_deref().map(Head::of).transpose().map_err(Fault::broken)? {
            Some(head) if objections.is_empty() => {
                self.covering(&new.by, &new.wish, &head, found, now)?
            }
            _ => None,
        };
        let mut new = new;
        let (bytes, anew_of) = (new.bytes.take(), new.anew_of);
        let mut ask = new.stored(Self::ask_id()?, now);
        self.store.change::<_, Fault>(|change| {
            if let Some(bytes) = &bytes {
                change.put_snapshot(bytes)?;
            }
            if let (Some(of), Some(object)) = (&anew_of, ask.wish.object()) {
                change.put_sealed_anew(&object.id, of)?;
            }
            change.append(Entry::Asked { ask: Box::new(ask.clone()) }, now)?;
            let made = match &rule {
                Some((signer, row)) => {
                    let rule = (signer.as_ref(), row.clone());
                    Made::ByRule(self.allow_by_rule(change, &mut ask, rule, now)?)
                }
                None if quiet => Made::Quiet,
                None => Made::New,
            };
            change.put_ask(&ask)?;
            Ok(Placed::Ask(ask.id, made))
        })
    }

    /// Whom the human blocked is not brought before them again, under this key or this name.
    fn refuse_blocked(&self, by: &Requester, name: &str, key: &[u8; 32]) -> Result<(), Fault> {
        let blocked = self.look()?.blocked_agents()?;
        if !blocked.iter().any(|(known, row)| known == key || row.name == name) {
            return Ok(());
        }
        let hint = match by {
            Requester::Human { .. } => "`tracenet agents unblock` lets it ask again",
            Requester::Agent { .. } => "go on without TraceNet",
        };
        Err(Fault::refused("the human has blocked this agent", hint))
    }

    /// An agent takes its own ask back.
    pub(crate) fn on_withdraw(&self, id: &AskId, agent: &[u8; 32]) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            let ask = change.ask(id)?.ok_or_else(|| no_such_ask(id))?;
            let own = matches!(&ask.by, Requester::Agent { key, .. } if key == agent);
            if !own {
                return Err(no_such_ask(id));
            }
            if !ask.state.is_pending() {
                let state = ask.state.word();
                return Err(Fault::not_now(format!("this ask is {state} already"), ""));
            }
            self.end_ask(change, ask, Unanswered::Withdrawn, now)
        })?;
        self.notify(Notice::Settled(*id, "withdrawn"));
        Ok(())
    }

    /// Silence is no: asks that waited a day expire.
    pub(crate) fn on_tick(&self) -> Result<(), Fault> {
        self.write_totals()?;
        self.end_altered_rules()?;
        self.on_end_rules(&Which::Over)?;
        self.prune_changes()?;
        let now = self.now();
        let due: Vec<Ask> =
            self.look()?.pending()?.into_iter().filter(|ask| ask.expires() <= now).collect();
        for ask in due {
            let id = ask.id;
            self.store.change(|change| self.end_ask(change, ask, Unanswered::Expired, now))?;
            self.notify(Notice::Settled(id, "expired"));
        }
        self.retain()
    }

    /// Ends an ask that nobody answered, and says so in the journal.
    pub(crate) fn end_ask(
        &self,
        change: &mut store::Change<'_>,
        mut ask: Ask,
        why: Unanswered,
        at: UnixMillis,
    ) -> Result<(), Fault> {
        let id = ask.id;
        let (state, entry) = match why {
            Unanswered::Expired => (State::Expired { at }, Entry::Expired { ask: id }),
            Unanswered::Withdrawn => (State::Withdrawn { at }, Entry::Withdrawn { ask: id }),
            Unanswered::Cancelled => (State::Cancelled { at }, Entry::Cancelled { ask: id }),
        };
        ask.state = state;
        change.put_ask(&ask)?;
        self.thaw(change, &ask)?;
        change.append(entry, at)?;
        Ok(())
    }

    /// Lets go of the frozen bytes of an ask that came to nothing, unless another ask waits
    /// for them or a receipt covers them.
    pub(crate) fn thaw(&self, change: &mut store::Change<'_>, ask: &Ask) -> Result<(), Fault> {
        let Some(object) = ask.wish.object() else { return Ok(()) };
        let look = self.look()?;
        let waits = |other: &Ask| {
            other.id != ask.id && other.wish.object().is_some_and(|o| o.id == object.id)
        };
        if look.pending()?.iter().any(waits) || !look.receipts_of(&object.id)?.is_empty() {
            return Ok(());
        }
        Ok(change.drop_snapshot(&object.id)?)
    }

    /// The people that these words name, sorted by key, each once.
    fn audience(&self, names: &[String]) -> Result<Vec<HumanKey>, Fault> {
        let peers = self.look()?.peers()?;
        let mut keys: Vec<HumanKey> = names
            .iter()
            .map(|name| crate::audience::resolve(&peers, name))
            .collect::<Result<_, _>>()?;
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            let hint = crate::audience::valid_names(&peers);
            return Err(Fault::invalid("a private share needs somebody to share with", hint));
        }
        keys.iter().try_for_each(|human| self.refuse_shut_out(human))?;
        Ok(keys)
    }
}

fn share(by: Requester, wish: Wish, reason: String, bytes: Vec<u8>) -> NewAsk {
    let (findings, scan_spent) = looked_through(&crate::prompt::text_of(&bytes));
    let bytes = Some(bytes);
    NewAsk { by, wish, reason, findings, scan_spent, bytes, anew_of: None, redacts: None }
}

/// What the scanner finds in a text, and whether it stopped early.
pub(crate) fn looked_through(text: &str) -> (Vec<consent::Finding>, bool) {
    let report = screen::scan(text.as_bytes());
    (report.findings.iter().map(shown).collect(), report.spent)
}

/// A finding as the prompt keeps it.
fn shown(found: &screen::Finding) -> consent::Finding {
    consent::Finding {
        rule: found.rule.to_owned(),
        label: found.label.to_owned(),
        line: u64::from(found.line),
        masked: artifact::display::line(&found.masked, 80),
    }
}

/// Nothing from outside reaches the human unbounded.
fn check_caps(pending: &[Ask], by: &Requester, wish: &Wish) -> Result<(), Fault> {
    let hint = "wait until the human has answered, or withdraw one";
    if pending.len() >= MAX_PENDING {
        return Err(Fault::not_now(format!("{MAX_PENDING} asks wait already"), hint));
    }
    if matches!(wish, Wish::Pair { .. }) {
        let pairings = pending.iter().filter(|a| matches!(a.wish, Wish::Pair { .. })).count();
        if pairings >= MAX_PENDING_PAIRINGS {
            let what = format!("{MAX_PENDING_PAIRINGS} pairings wait already");
            return Err(Fault::not_now(what, hint));
        }
    }
    if let Requester::Human { .. } = by {
        let own = |ask: &&Ask| matches!(ask.by, Requester::Human { .. });
        if pending.iter().filter(own).count() >= MAX_PENDING_OWN {
            let what = format!("{MAX_PENDING_OWN} of your own asks wait already");
            return Err(Fault::not_now(what, "answer them first: `tracenet asks`"));
        }
    }
    if let Requester::Agent { key, .. } = by {
        let own = |ask: &&Ask| matches!(&ask.by, Requester::Agent { key: k, .. } if k == key);
        if pending.iter().filter(own).count() >= MAX_PENDING_PER_AGENT {
            let what = format!("{MAX_PENDING_PER_AGENT} asks of this agent wait already");
            return Err(Fault::not_now(what, hint));
        }
    }
    Ok(())
}

pub(crate) fn offline() -> Fault {
    Fault::not_now(
        "this needs the running node",
        "start the app, or `tracenet node` in another terminal, and repeat this",
    )
}

pub(crate) fn no_such_ask(id: &AskId) -> Fault {
    Fault::invalid(format!("there is no ask {id}"), "`tracenet asks` lists them")
}

fn gone(id: &ArtifactId) -> Fault {
    Fault::invalid(format!("crystal {} is not here", id.short()), "")
}

#[cfg(test)]
mod tests;
