//! Policies that the human accepted: what they forbid here, and how one is accepted and dropped.
//!
//! Which hold is read from the journal when the node starts, and held in memory from then on: a
//! policy that was accepted is no row that could be edited away. Promises: nothing that one forbids
//! is asked, allowed or signed under a rule; where nobody can tell which hold, nothing is. What was
//! given before goes on: a policy forbids new consent, and takes nothing back.

use crate::{Fault, Node, answer::Settled, house::House};
use artifact::{ArtifactId, HumanKey, OrganisationKey, Policy, UnixMillis, words::key_words};
use consent::{
    Accepted, Ask, Bounds, Event as Entry, Objection, Policies, Requester, Share, Wish,
    policy::{NotAccepted, Replay, in_words},
    prompt::PolicyFact,
};
use serde_bytes::ByteBuf;
use std::sync::{PoisonError, RwLock};
use store::Look;

mod organisation;

pub use organisation::{PolicyTerms, make_policy, new_organisation_key, organisation_words};

/// The rule of what the scanner did not look through, and its class.
const NOT_READ: (&str, &str) = ("not-read", "unread");

/// The policies that hold, in memory.
#[derive(Default)]
pub(crate) struct Held(RwLock<Policies>);

impl Held {
    fn get(&self) -> Policies {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Policies)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What the human decided about policies, to be held to once it is durable.
#[derive(Debug)]
pub(crate) enum Decided {
    Accepted(Box<Accepted>),
    Dropped(Option<OrganisationKey>),
}

/// What a policy in a file says, and what it would change here. Changes nothing.
#[derive(Debug, Clone)]
pub struct WouldAccept {
    /// The policy.
    pub policy: Accepted,
    /// What it forbids, in sentences.
    pub text: String,
    /// What it would come to.
    pub fact: PolicyFact,
    /// Why it cannot be accepted.
    pub refused: Option<NotAccepted>,
}

impl Node {
    /// Every policy that is accepted here.
    #[must_use]
    pub fn policies(&self) -> Policies {
        self.0.policies.get()
    }

    /// What a policy forbids, in sentences that name whom this human knows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn policy_text(&self, policy: &Policy) -> Result<String, Fault> {
        policy_text(&self.0.look()?, policy)
    }

    /// What accepting a policy would come to.
    ///
    /// # Errors
    /// When it is no policy, or was changed since it was signed.
    pub fn would_accept(&self, envelope: &[u8]) -> Result<WouldAccept, Fault> {
        let (house, look) = (&self.0, self.0.look()?);
        let policy = opened(envelope, house.now())?;
        let me = house.me().ok().map(|me| me.row.human);
        let refused =
            me.and_then(|me| house.policies.get().may_accept(&policy, &me, house.now()).err());
        let text = policy_text(&look, &policy.policy)?;
        let fact = house.fact_of_accepting(&look, &policy)?;
        Ok(WouldAccept { policy, text, fact, refused })
    }
}

/// A policy from outside.
fn opened(envelope: &[u8], at: UnixMillis) -> Result<Accepted, Fault> {
    Accepted::open(envelope, at).map_err(|e| {
        let what = format!("this is no policy, or it was changed since it was signed: {e}");
        Fault::invalid(what, "let the organisation give you the file again")
    })
}

fn policy_text(look: &Look, policy: &Policy) -> Result<String, Fault> {
    let peers = look.peers()?;
    let known = |human: &HumanKey| {
        let row = peers.iter().find(|(key, _)| key == human);
        row.map(|(_, row)| artifact::display::line(&row.name, 64))
    };
    Ok(in_words(policy, &known))
}

/// The class of a rule of the scanner.
pub(crate) fn class_of(rule: &str) -> Option<&'static str> {
    if rule == NOT_READ.0 {
        return Some(NOT_READ.1);
    }
    screen::rules().iter().find(|known| known.id == rule).map(|known| known.class.word())
}

/// Whether the scanner knows a class or a rule of this name.
#[must_use]
pub fn is_scanner_word(word: &str) -> bool {
    screen::Class::ALL.iter().any(|class| class.word() == word) || class_of(word).is_some()
}

/// What stands against a share, as its human is told.
pub(crate) fn forbidden(objections: &[Objection]) -> Fault {
    let what: Vec<String> = objections.iter().map(Objection::sentence).collect();
    let hint = "`tracenet policy` says what holds; you accepted it, and may drop it";
    Fault::refused(what.join("; "), hint)
}

fn not_accepted(why: NotAccepted) -> Fault {
    Fault::refused(why.to_string(), "`tracenet policy` says what is accepted")
}

impl House {
    /// Reads from the journal which policies hold.
    pub(crate) fn load_policies(&self) -> Result<(), Fault> {
        let (look, key) = (self.look()?, self.me()?.row.journal);
        let (mut replay, mut read, all) = (Replay::default(), 0, look.journal_len()?);
        let mut unreadable = false;
        loop {
            let step = look.journal_after(read, |entry| {
                replay.next(&entry);
                read += 1;
                true
            });
            let Err(error) = step else { break };
            if !unreadable {
                tracing::warn!(%error, entry = read + 1, "an entry of the journal cannot be read");
            }
            unreadable = true;
            // An entry that says nothing is a fault like others: what the human says later counts.
            replay.next(&[]);
            read += 1;
            if read >= all {
                break;
            }
        }
        let policies = match look.journal_head() {
            Ok(head) => replay.end(head.as_ref(), &key),
            Err(error) => {
                tracing::warn!(%error, "the journal's head cannot be read");
                replay.end(None, &key)
            }
        };
        if policies.is_unknown() {
            tracing::warn!("the journal was changed: which policies hold cannot be told");
        }
        self.policies.change(|held| *held = policies);
        Ok(())
    }

    /// What accepted policies say against a share.
    pub(crate) fn against(&self, share: Option<&Share<'_>>) -> Vec<Objection> {
        let policies = self.policies.get();
        share.map(|share| policies.against(share, &class_of, self.now())).unwrap_or_default()
    }

    /// The same before anything was looked through: what no scan can change.
    pub(crate) fn against_wish(&self, by: &Requester, wish: &Wish) -> Vec<Objection> {
        self.against(Share::of(by, wish, &[], false).as_ref())
    }

    /// Refuses an ask that a policy forbids as it stands.
    pub(crate) fn refuse_forbidden(&self, ask: &Ask) -> Result<(), Fault> {
        let objections = self.against(Share::of_ask(ask).as_ref());
        if objections.is_empty() { Ok(()) } else { Err(forbidden(&objections)) }
    }

    /// The wish to accept a policy.
    pub(crate) fn accept_policy_wish(&self, envelope: Vec<u8>) -> Result<Wish, Fault> {
        let policy = opened(&envelope, self.now())?;
        let me = self.me()?.row.human;
        self.policies.get().may_accept(&policy, &me, self.now()).map_err(not_accepted)?;
        Ok(Wish::AcceptPolicy { policy: ByteBuf::from(envelope) })
    }

    /// The wish to drop one policy, or all of them.
    pub(crate) fn drop_policy_wish(&self, who: Option<&str>) -> Result<Wish, Fault> {
        let policies = self.policies.get();
        let Some(who) = who.map(str::trim) else {
            if policies.all().next().is_none() && !policies.is_unknown() {
                return Err(Fault::not_now("no policy is accepted here", ""));
            }
            return Ok(Wish::DropPolicy { organisation: None, name: String::new() });
        };
        let named = |held: &&Accepted| {
            let key = held.organisation;
            held.name() == who || key_words(&key) == who || key.to_string() == who.to_lowercase()
        };
        let mut found = policies.all().filter(named);
        match (found.next(), found.next()) {
            (Some(held), None) => Ok(Wish::DropPolicy {
                organisation: Some(held.organisation),
                name: held.policy.org.clone(),
            }),
            (Some(_), Some(_)) => Err(Fault::invalid(
                "more than one organisation is called so",
                "name it by the words of its key: `tracenet policy` shows them",
            )),
            (None, _) => Err(Fault::invalid(
                "no policy of this organisation is accepted here",
                "`tracenet policy` lists them",
            )),
        }
    }

    /// The human accepts or drops a policy, inside the transaction of that answer. Gives what the
    /// journal is to say of it.
    pub(crate) fn settle_policy(
        &self,
        ask: &Ask,
        settled: &mut Settled,
        now: UnixMillis,
    ) -> Result<Entry, Fault> {
        match &ask.wish {
            Wish::AcceptPolicy { policy: envelope } => {
                let policy = opened(envelope, now)?;
                let me = self.me()?.row.human;
                self.policies.get().may_accept(&policy, &me, now).map_err(not_accepted)?;
                settled.what = format!("Accepted. What {} forbids is not asked.", policy.name());
                settled.policy = Some(Decided::Accepted(Box::new(policy)));
                Ok(Entry::PolicyAccepted { ask: ask.id, policy: envelope.clone() })
            }
            Wish::DropPolicy { organisation, .. } => {
                settled.what = "Dropped. What it forbade is yours to allow again.".into();
                settled.policy = Some(Decided::Dropped(*organisation));
                Ok(Entry::PolicyDropped { organisation: *organisation })
            }
            _ => Err(Fault::broken("this wish is not about a policy")),
        }
    }

    /// Holds to what was decided: after its transaction. Rules that are forbidden now end; that
    /// the word of it was not kept is no failure of what was decided, because they sign nothing.
    pub(crate) fn hold_to(&self, decided: Decided) {
        self.policies.change(|held| match decided {
            Decided::Accepted(policy) => held.accept(*policy),
            Decided::Dropped(organisation) => held.drop_one(organisation.as_ref()),
        });
        let forbidden = self.rules_against(|share| !self.against(Some(share)).is_empty());
        if let Err(fault) = self.end_forbidden_rules(&forbidden) {
            tracing::error!(%fault, "that rules ended could not be kept");
        }
    }

    /// Rules that would sign what this says of a share.
    fn rules_against(&self, is_forbidden: impl Fn(&Share<'_>) -> bool) -> Vec<ArtifactId> {
        let would = |(_, bounds): &(ArtifactId, Bounds)| {
            let (agent, with) = (Some(bounds.name.as_str()), Some(bounds.peers.as_slice()));
            is_forbidden(&Share { agent, with, findings: &[], scan_spent: false })
        };
        self.rules.bounds().into_iter().filter(would).map(|(id, _)| id).collect()
    }

    /// What policies have to do with an ask.
    pub(crate) fn policy_fact(&self, look: &Look, ask: &Ask) -> Result<PolicyFact, Fault> {
        let (policies, now) = (self.policies.get(), self.now());
        let in_force = || policies.in_force(now).cloned();
        Ok(match &ask.wish {
            Wish::SharePrivate { .. } | Wish::SharePublic { .. } => PolicyFact {
                touching: in_force().collect(),
                against: self.against(Share::of_ask(ask).as_ref()),
                ..PolicyFact::default()
            },
            Wish::Pair { name, .. } => PolicyFact {
                touching: in_force()
                    .filter(|held| {
                        let agents = held.policy.forbid.agents.as_ref();
                        agents.is_some_and(|agents| !agents.contains(name))
                    })
                    .collect(),
                ..PolicyFact::default()
            },
            Wish::Accept { peer, .. } => PolicyFact {
                touching: in_force()
                    .filter(|held| {
                        let people = held.policy.forbid.people.as_ref();
                        people.is_some_and(|people| !people.contains(peer))
                    })
                    .collect(),
                ..PolicyFact::default()
            },
            Wish::AcceptPolicy { policy } => match Accepted::open(policy, now) {
                Ok(policy) => self.fact_of_accepting(look, &policy)?,
                Err(_) => PolicyFact::default(),
            },
            Wish::DropPolicy { organisation, .. } => PolicyFact {
                touching: policies
                    .all()
                    .filter(|held| organisation.is_none_or(|one| one == held.organisation))
                    .cloned()
                    .collect(),
                unknown: policies.is_unknown(),
                ..PolicyFact::default()
            },
            _ => PolicyFact::default(),
        })
    }

    /// What accepting this one would come to.
    fn fact_of_accepting(&self, look: &Look, policy: &Accepted) -> Result<PolicyFact, Fault> {
        let is_against = |share: &Share<'_>| !policy.against(share, &class_of).is_empty();
        let mut shares = 0;
        for (receipt, ask) in look.allowed()? {
            let over = || -> Result<bool, Fault> {
                let row = look.receipt(&receipt)?;
                let ended = row.is_none_or(|row| row.until.is_some_and(|at| at <= self.now()));
                Ok(ended || look.is_stopped(&receipt)?)
            };
            if Share::of_ask(&ask).is_some_and(|share| is_against(&share)) && !over()? {
                shares += 1;
            }
        }
        let waits = |ask: &Ask| Share::of_ask(ask).is_some_and(|share| is_against(&share));
        let words = policy.policy.forbid.findings.iter().filter(|word| !is_scanner_word(word));
        Ok(PolicyFact {
            replaces: self.policies.get().of(&policy.organisation).cloned(),
            unknown_words: words.cloned().collect(),
            shares,
            rules: self.rules_against(is_against).len(),
            asks: look.pending()?.iter().filter(|ask| waits(ask)).count(),
            ..PolicyFact::default()
        })
    }
}

/// The text of a prompt about a policy: what would be forbidden, or no longer.
pub(crate) fn describe(look: &Look, envelope: &[u8]) -> Result<String, Fault> {
    match Policy::open(envelope) {
        Ok((opened, _)) => policy_text(look, &opened.payload),
        Err(_) => Ok(String::new()),
    }
}

/// The text of a prompt about dropping policies.
pub(crate) fn describe_dropped(look: &Look, fact: &PolicyFact) -> Result<String, Fault> {
    let mut texts = Vec::new();
    for held in &fact.touching {
        texts.push(format!("{}:\n{}", held.name(), policy_text(look, &held.policy)?));
    }
    Ok(texts.join("\n\n"))
}
