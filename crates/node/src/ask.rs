//! Asking: from a request to a stored ask that waits for the human.
//!
//! The order is fixed: may this agent name this artifact → freeze the bytes → scan them →
//! store the ask and journal it, in one transaction → tell the faces. No byte moves.

use crate::{Fault, Node, Notice, event::Event, house::House, rules::Which};
use artifact::{ArtifactId, Crystal, Head, HumanKey, Object, UnixMillis};
use consent::{
    Ask, AskId, Event as Entry, Redaction, Requester, State, VerifiedReceipt, Wish,
    ask::{MAX_PENDING, MAX_PENDING_OWN, MAX_PENDING_PAIRINGS, MAX_PENDING_PER_AGENT, MAX_REASON},
};
use std::sync::Arc;

pub(crate) mod redact;

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
}

/// What is wished for, before names are resolved and bytes frozen.
#[derive(Debug, Clone)]
pub enum Request {
    /// Share a crystal with people, named in any way that names one.
    SharePrivate {
        /// The crystal's id, or the start of it.
        id: String,
        /// Names, key words or keys.
        to: Vec<String>,
    },
    /// Share a crystal with anyone.
    SharePublic {
        /// The crystal's id, or the start of it.
        id: String,
    },
    /// Let an agent in.
    Pair {
        /// Its name.
        name: String,
        /// Its key.
        key: [u8; 32],
    },
    /// Give out a ticket.
    Ticket,
    /// Give out a ticket that holds no address of this machine.
    HiddenTicket,
    /// Switch on what others reach this node by.
    Reach(crate::reach::Switch),
    /// No longer hide this machine's addresses from a peer.
    Unhide {
        /// Their name, key words or key.
        peer: String,
    },
    /// Go on with a store that is not the one this human last signed for.
    Resume,
    /// Sign the word of what was ended.
    SignRevocations,
    /// Put a new key in the place of one of this node's.
    Rotate(consent::NodeKey),
    /// Use a ticket.
    Connect {
        /// The ticket.
        ticket: String,
        /// What to call its giver; may be empty.
        name: String,
    },
    /// Let somebody of the inbox in.
    Accept {
        /// Key, key words, endpoint or suggested name.
        who: String,
        /// What to call them; may be empty.
        name: String,
    },
    /// Lift a block.
    Unblock {
        /// Name, key, key words or endpoint.
        who: String,
    },
    /// Let a peer: fetch their crystals ahead, and give them to agents unasked.
    Let {
        /// Name, key words or key.
        who: String,
    },
}

impl Node {
    /// Makes an ask, or finds the one that already waits for the same. Exports nothing.
    ///
    /// # Errors
    /// When what is wished for makes no sense, or too many asks wait.
    pub async fn ask(
        &self,
        by: Requester,
        request: Request,
        reason: String,
    ) -> Result<AskId, Fault> {
        let house = std::sync::Arc::clone(&self.0);
        if matches!(request, Request::Resume) {
            // What the wish says is what the comparison saw.
            house.anchored().await;
        }
        // Reading and scanning the bytes takes long for large ones.
        let prepared = tokio::task::spawn_blocking(move || house.prepare(by, request, reason));
        let new = match prepared.await.map_err(Fault::broken)?? {
            Prepared::New(new) => new,
            Prepared::Waits(id) => return Ok(id),
        };
        let (id, made) = self.0.happen(|reply| Event::Ask(new, reply)).await?;
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
        Ok(id)
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
            redacts: None,
        };
        let new = match request {
            Request::SharePrivate { id, to } => {
                let (bytes, object) = self.shareable(&id)?;
                let peers = self.audience(&to)?;
                let wish = Wish::SharePrivate { object, peers };
                if let Some(id) = self.waits_or_fits(&by, &wish)? {
                    return Ok(Prepared::Waits(id));
                }
                share(by, wish, reason, bytes)
            }
            Request::SharePublic { id } => {
                let (bytes, object) = self.shareable(&id)?;
                let wish = Wish::SharePublic { object };
                if let Some(id) = self.waits_or_fits(&by, &wish)? {
                    return Ok(Prepared::Waits(id));
                }
                share(by, wish, reason, bytes)
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
        };
        Ok(Prepared::New(Box::new(new)))
    }

    /// The ask that waits for the same already, if one does; refuses when no more may wait. Asked
    /// before bytes are scanned as well: whoever repeats itself costs nothing.
    fn waits_or_fits(&self, by: &Requester, wish: &Wish) -> Result<Option<AskId>, Fault> {
        let pending = self.look()?.pending()?;
        if let Some(same) = pending.iter().find(|ask| ask.coalesces_with(by, wish)) {
            return Ok(Some(same.id));
        }
        check_caps(&pending, by, wish).map(|()| None)
    }

    /// The bytes of a crystal that may be named in a share.
    fn shareable(&self, id: &str) -> Result<(Vec<u8>, Object), Fault> {
        let look = self.look()?;
        let id: ArtifactId = look.crystal_named(id)??;
        let row = look.crystal(&id)?.ok_or_else(|| gone(&id))?;
        consent::may_name(row.origin).map_err(|e| Fault::refused(e.to_string(), ""))?;
        let mut bytes = look.envelope(&id)?.ok_or_else(|| gone(&id))?;
        let me = self.me()?;
        if row.author != me.row.author {
            // Sealed anew: whoever never saw the card that names the former author_key would take
            // it for somebody else's.
            let (opened, _) = Crystal::open(&bytes).map_err(Fault::broken)?;
            bytes = opened.payload.seal(&me.author).map_err(Fault::broken)?;
        }
        let object =
            Object { id: ArtifactId::of(&bytes), size: bytes.len() as u64, children: None };
        Ok((bytes, object))
    }

    /// Stores the ask with its frozen bytes, or gives the one that already waits for the same.
    /// Where a rule covers it, it is settled in the same transaction.
    pub(crate) fn on_ask(&self, new: NewAsk) -> Result<(AskId, Made), Fault> {
        self.me()?;
        if let Some(same) = self.waits_or_fits(&new.by, &new.wish)? {
            return Ok((same, Made::Waits));
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
            Some(head) => self.covering(&new.by, &new.wish, &head, found, now)?,
            None => None,
        };
        let mut new = new;
        let bytes = new.bytes.take();
        let mut ask = new.stored(Self::ask_id()?, now);
        self.store.change::<_, Fault>(|change| {
            if let Some(bytes) = &bytes {
                change.put_snapshot(bytes)?;
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
            Ok((ask.id, made))
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
    NewAsk { by, wish, reason, findings, scan_spent, bytes, redacts: None }
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
