//! Ending what was given. The stop is local, at once, and needs no key; the word of it, signed,
//! follows when human_key is unlocked the next time. Copies that were received cannot be
//! recalled.

use crate::{
    Fault, Node, Notice,
    ask::Unanswered,
    event::Event,
    house::{House, lock},
    rules::Which,
};
use artifact::{ArtifactId, HumanKey, Target, revocation::MAX_REASON};
use consent::{Ask, Event as Entry, Requester, Way, Wish};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{DueRow, Look, ReceiptRow, Stop, StopRow};

/// What is to be ended, in words that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoke {
    /// One receipt, or every receipt over one artifact: the start of its id.
    One(String),
    /// All that was given to one peer.
    Peer(String),
    /// All that agents of this name asked for.
    Agent(String),
    /// Everything.
    All,
}

/// What was ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revoked {
    /// Receipts under which less is served from now on.
    pub receipts: usize,
    /// Asks that waited and were withdrawn.
    pub asks: usize,
    /// People who were told of something that was ended: they are sent the signed word.
    pub people: usize,
    /// Revocations that wait for a signature now.
    pub unsigned: usize,
    /// Receipts that nobody is served under any more.
    over: BTreeSet<ArtifactId>,
}

/// What would be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldRevoke {
    /// Receipts under which less would be served.
    pub receipts: usize,
    /// People who would be served no more under one of them: those it names, or of a public one
    /// those who were told of it.
    pub people: usize,
    /// Asks that wait and would be withdrawn.
    pub asks: usize,
}

/// What an ending is about, once it is known which.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    Receipt(ArtifactId),
    Artifact(ArtifactId),
    Peer(HumanKey),
    Agent(String),
    All,
}

/// An ending on its way to the store.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    scope: Scope,
    reason: Option<String>,
}

/// Revocations that were just signed, by whom they are for.
pub(crate) type SignedRevocations = BTreeMap<HumanKey, Vec<Vec<u8>>>;

impl Node {
    /// Ends what was given: at once, and without any key.
    ///
    /// # Errors
    /// When it names nothing, or nothing of it is served any more.
    pub async fn revoke(&self, what: Revoke, reason: &str) -> Result<Revoked, Fault> {
        let scope = self.0.scope(what)?;
        let reason = reason.trim();
        if reason.chars().count() > MAX_REASON {
            let what = format!("the reason has more than {MAX_REASON} characters");
            return Err(Fault::invalid(what, "the people who are told of it read it: be short"));
        }
        let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        let ending = Ending { scope, reason };
        let ended = self.0.happen(|reply| Event::Revoke(Box::new(ending), reply)).await?;
        self.0.notify(Notice::Peers);
        self.0.notify(Notice::Memory);
        if let (Some(host), false) = (self.0.host(), ended.over.is_empty()) {
            let over = ended.over.clone();
            self.0.tasks.spawn(async move {
                if let Err(error) = host.let_go(&over).await {
                    tracing::error!(%error, "bytes stay in the outbox until the next start");
                }
            });
        }
        Ok(ended)
    }

    /// What [`Node::revoke`] would end, without ending it.
    ///
    /// # Errors
    /// When it names nothing.
    pub fn would_revoke(&self, what: Revoke) -> Result<WouldRevoke, Fault> {
        let scope = self.0.scope(what)?;
        let look = self.0.look()?;
        let plan = Plan::of(&look, &scope, &self.0)?;
        let asks = look.pending()?.iter().filter(|ask| plan.concerns(&scope, ask)).count();
        Ok(WouldRevoke { receipts: plan.stops.len(), people: plan.people.len(), asks })
    }

    /// Signs the revocations that wait, and tells whom they are for and who is connected. Gives
    /// how many were signed.
    ///
    /// # Errors
    /// When the key cannot be had. What was ended stays ended.
    pub async fn sign_revocations(
        &self,
        pin: zeroize::Zeroizing<String>,
        way: Way,
    ) -> Result<usize, Fault> {
        if self.0.look()?.due_count()? == 0 {
            return Ok(0);
        }
        let key = self.0.unlock(pin, way, way == Way::Terminal).await?.key;
        let signed = self.0.happen(|reply| Event::SignRevocations(key, reply)).await?;
        let count = signed.values().map(Vec::len).sum();
        self.0.send_revocations(signed);
        self.0.notify(Notice::Peers);
        Ok(count)
    }
}

impl House {
    fn scope(&self, what: Revoke) -> Result<Scope, Fault> {
        let look = self.look()?;
        match what {
            Revoke::One(text) => match (look.receipt_named(&text)?, look.crystal_named(&text)?) {
                (Ok(receipt), Err(store::PrefixError::Nothing(_))) => Ok(Scope::Receipt(receipt)),
                (Err(store::PrefixError::Nothing(_)), Ok(id)) => Ok(Scope::Artifact(id)),
                (Err(error), _) | (_, Err(error)) => Err(error.into()),
                (Ok(_), Ok(_)) => Err(store::PrefixError::Several(text).into()),
            },
            Revoke::Peer(name) => Ok(Scope::Peer(crate::audience::resolve(&look.peers()?, &name)?)),
            Revoke::Agent(name) => {
                let paired = look.agents()?.iter().any(|(_, row)| row.name == name);
                if !paired && !look.has_asked(&name)? {
                    let name = artifact::display::line(&name, 64);
                    let hint = "`tracenet receipts` shows who asked for what";
                    return Err(Fault::invalid(format!("no agent {name} ever asked"), hint));
                }
                Ok(Scope::Agent(name))
            }
            Revoke::All => Ok(Scope::All),
        }
    }

    /// Ends serving: the gate and every open stream first, so that no byte leaves between the
    /// two, then all that is kept of it in one transaction.
    pub(crate) fn on_revoke(&self, ending: &Ending) -> Result<Revoked, Fault> {
        let (now, look) = (self.now(), self.look()?);
        let plan = Plan::of(&look, &ending.scope, self)?;
        let asks: Vec<Ask> =
            look.pending()?.into_iter().filter(|ask| plan.concerns(&ending.scope, ask)).collect();
        let over = self.stop(&plan.stops);
        let rules = self.end_rules_of(&ending.scope, &look).map_err(not_kept)?;
        if plan.stops.is_empty() && asks.is_empty() && rules == 0 {
            let hint = "`tracenet receipts` lists what is served";
            return Err(Fault::not_now("nothing of this is served any more", hint));
        }
        let mut ended =
            Revoked { receipts: plan.stops.len(), asks: asks.len(), over, ..Revoked::default() };
        let kept = self.store.change::<_, Fault>(|change| {
            let stop = StopRow { at: now, reason: ending.reason.clone() };
            for (receipt, to) in &plan.stops {
                change.put_stop(receipt, to.as_ref(), &stop)?;
                change.append(Entry::Stopped { receipt: *receipt, peer: *to }, now)?;
            }
            for human in &plan.wholly {
                change.put_stopped_all(human, &stop)?;
            }
            for (human, target) in &plan.told {
                let due = DueRow { at: now, reason: ending.reason.clone() };
                change.put_due(human, target, &due)?;
            }
            for ask in &asks {
                self.end_ask(change, ask.clone(), Unanswered::Withdrawn, now)?;
            }
            Ok(change.due()?.len())
        });
        ended.unsigned = kept.map_err(not_kept)?;
        ended.people = plan.told.iter().map(|(human, _)| human).collect::<BTreeSet<_>>().len();
        asks.iter().for_each(|ask| self.notify(Notice::Settled(ask.id, "withdrawn")));
        Ok(ended)
    }

    /// Ends the rules that would sign anew what is ended, or takes a human out of them.
    fn end_rules_of(&self, scope: &Scope, look: &Look) -> Result<usize, Fault> {
        let which = match scope {
            Scope::All => Which::All,
            Scope::Agent(name) => Which::Named(name.clone()),
            Scope::Artifact(id) => {
                let ended = |id: &ArtifactId| self.on_end_rules(&Which::About(*id));
                // Each, whatever fails for another.
                let all: Vec<_> = look.seals_of(id)?.iter().map(ended).collect();
                return all.into_iter().sum();
            }
            Scope::Receipt(id) => match look.receipt(id)? {
                Some(row) => Which::About(row.artifact),
                None => return Ok(0),
            },
            Scope::Peer(human) => return self.on_narrow_rules(None, human),
        };
        self.on_end_rules(&which)
    }

    /// Closes the gate for these, and cuts what is under way. Gives the receipts that serve
    /// nobody any more.
    fn stop(&self, stops: &[Stop]) -> BTreeSet<ArtifactId> {
        let mut over = self.gate.stop(stops.iter().copied());
        lock(&self.unstocked).retain(|receipt| {
            let dead = self.gate.is_dead(receipt);
            // Its bytes may be there, and only the line about them be missing.
            if dead {
                over.insert(receipt.id());
            }
            !dead
        });
        if let Some(host) = self.host() {
            stops.iter().for_each(|(receipt, to)| host.stop(receipt, *to));
        }
        over
    }

    /// Tells those who are connected. The others, and whoever is missed, learn it when they
    /// connect.
    pub(crate) fn send_revocations(self: &Arc<Self>, signed: SignedRevocations) {
        let Some(host) = self.host() else { return };
        for (human, list) in signed {
            let host = host.clone();
            self.tasks.spawn(async move {
                if let Err(error) = host.withdraw(&human, list).await {
                    tracing::info!(%error, "a revocation is told at the next connection");
                }
            });
        }
    }

    /// The revocations for somebody who holds those up to `kept`.
    pub(crate) async fn revocations_for(
        self: &Arc<Self>,
        to: &HumanKey,
        kept: u64,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let row = self.look()?.peer(to)?;
        if row.is_some_and(|row| row.revocations_told < kept) {
            self.happen(|reply| Event::NumberAnew(*to, kept, reply)).await?;
            self.notify(Notice::Peers);
        }
        Ok(self.look()?.revocations(to, kept)?)
    }

    pub(crate) fn on_number_anew(&self, to: &HumanKey, kept: u64) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.number_anew(to, kept)?))
    }
}

/// What an ending comes to.
#[derive(Default)]
struct Plan {
    /// Receipts, and to whom no more is served under them.
    stops: Vec<Stop>,
    /// Who was told of one of these, and what they are to be told now.
    told: Vec<(HumanKey, Target)>,
    /// Who is served no more under one of these.
    people: BTreeSet<HumanKey>,
    /// To whom everything is ended.
    wholly: BTreeSet<HumanKey>,
    /// The artifacts and audiences of what is ended.
    covered: Vec<(ArtifactId, Vec<HumanKey>)>,
    /// The crystal that is ended, and as what it was sealed anew.
    about: Vec<ArtifactId>,
}

impl Plan {
    fn of(look: &Look, scope: &Scope, house: &House) -> Result<Self, Fault> {
        let mut plan = Self::default();
        let asked: BTreeSet<ArtifactId> = match scope {
            Scope::Agent(name) => look
                .allowed()?
                .into_iter()
                .filter(|(_, ask)| is_by(ask, name))
                .map(|(receipt, _)| receipt)
                .collect(),
            _ => BTreeSet::new(),
        };
        let receipts = match scope {
            Scope::Receipt(id) => look.receipt(id)?.map(|row| (*id, row)).into_iter().collect(),
            Scope::Artifact(id) => {
                plan.about = look.seals_of(id)?;
                look.receipts_about(id)?
            }
            _ => look.receipts()?,
        };
        for (id, row) in receipts {
            let concerned = match scope {
                Scope::Peer(human) => row.peers.is_empty() || row.peers.contains(human),
                Scope::Agent(_) => asked.contains(&id),
                _ => true,
            };
            let to = match scope {
                Scope::Peer(human) => Some(*human),
                _ => None,
            };
            if concerned {
                plan.end(look, house, (id, &row), to, scope)?;
            }
        }
        if matches!(scope, Scope::All) {
            plan.wholly = plan.told.iter().map(|(human, _)| *human).collect();
        }
        if let Scope::Peer(human) = scope {
            plan.wholly.insert(*human);
        }
        let wholly = &plan.wholly;
        plan.told.iter_mut().filter(|(h, _)| wholly.contains(h)).for_each(|(_, target)| {
            *target = Target::All;
        });
        plan.told.sort();
        plan.told.dedup();
        Ok(plan)
    }

    /// Adds one receipt, unless it is ended already.
    fn end(
        &mut self,
        look: &Look,
        house: &House,
        (id, row): (ArtifactId, &ReceiptRow),
        to: Option<HumanKey>,
        scope: &Scope,
    ) -> Result<(), Fault> {
        self.covered.push((row.artifact, row.peers.clone()));
        let ended = |human: &HumanKey| house.gate.is_stopped(&id, human);
        let over = match to {
            Some(human) => ended(&human),
            None => look.is_stopped(&id)?,
        };
        if over {
            return Ok(());
        }
        self.stops.push((id, to));
        let named = to.map_or_else(|| row.peers.clone(), |to| vec![to]);
        self.people.extend(named.into_iter().filter(|human| !ended(human)));
        for (human, delivery) in look.deliveries(&id)? {
            let concerned = to.is_none_or(|to| to == human);
            let known = ended(&human) && !matches!(scope, Scope::All);
            if delivery.told && concerned && !ended(&human) {
                self.people.insert(human);
            }
            if delivery.told && concerned && !known {
                self.told.push((human, Target::Receipt(id)));
            }
        }
        Ok(())
    }

    /// Whether an ask that waits is about what is ended.
    fn concerns(&self, scope: &Scope, ask: &Ask) -> bool {
        let Some(object) = ask.wish.object() else { return false };
        let people: &[HumanKey] = match &ask.wish {
            Wish::SharePrivate { peers, .. } => peers,
            _ => &[],
        };
        match scope {
            Scope::All => true,
            Scope::Artifact(_) => self.about.iter().any(|id| ask.is_about(id)),
            Scope::Peer(human) => people.contains(human),
            Scope::Agent(name) => is_by(ask, name),
            Scope::Receipt(_) => self.covered.iter().any(|(id, audience)| {
                let meet = people.iter().any(|human| audience.contains(human));
                *id == object.id && (meet || (audience.is_empty() && people.is_empty()))
            }),
        }
    }
}

/// What was ended in memory and could not be written down.
fn not_kept(fault: Fault) -> Fault {
    let hint = "it is not served while this node runs, but that could not be kept: make room \
                and repeat this before the node stops";
    Fault { hint: hint.into(), ..fault }
}

fn is_by(ask: &Ask, agent: &str) -> bool {
    matches!(&ask.by, Requester::Agent { name, .. } if name == agent)
}
