//! How an agent stands with the human: heard, muted for an hour, or blocked.
//!
//! A muted agent may ask, and its asks wait like any other; they do not bring the prompt up by
//! themselves. A blocked one is shown out and may not ask to be let in.

use crate::{
    Fault, Node, Notice,
    ask::Unanswered,
    event::Event,
    house::{House, lock},
};
use artifact::UnixMillis;
use consent::{Ask, AskId, Event as Entry, Requester};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};
use store::{AgentRow, BlockedAgentRow, Change, MuteRow};

/// How long a mute lasts: one hour.
pub(crate) const MUTE: UnixMillis = 60 * 60 * 1000;
/// So many denials within [`DENIALS_WITHIN`] mute an agent by themselves.
const DENIALS: usize = 3;
/// 10 minutes.
const DENIALS_WITHIN: UnixMillis = 10 * 60 * 1000;

/// What the human does about the agent with a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuke {
    /// Its asks do not come up by themselves for an hour.
    Mute,
    /// It is shown out and may not ask to be let in again.
    Block,
}

/// The last denials of each agent, by key. Bounded: only paired agents are counted.
#[derive(Default)]
pub(crate) struct Denials(Mutex<BTreeMap<[u8; 32], VecDeque<UnixMillis>>>);

impl Denials {
    /// Counts one; whether it was one too many.
    fn are_too_many(&self, agent: &[u8; 32], now: UnixMillis) -> bool {
        let mut all = lock(&self.0);
        let times = all.entry(*agent).or_default();
        times.push_back(now);
        times.retain(|at| at.saturating_add(DENIALS_WITHIN) > now);
        let many = times.len() >= DENIALS;
        if many {
            all.remove(agent);
        }
        many
    }
}

impl Node {
    /// Whether, and until when, the asks of an agent do not come up by themselves.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn muted(&self, agent: &[u8; 32]) -> Result<Option<MuteRow>, Fault> {
        self.0.muted(agent)
    }

    /// Whether whoever asked this is muted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_quiet(&self, by: &Requester) -> Result<bool, Fault> {
        self.0.is_quiet(by)
    }

    /// Hears an agent again before its hour is over.
    ///
    /// # Errors
    /// When no agent of this name is muted.
    pub async fn unmute(&self, name: &str) -> Result<(), Fault> {
        self.0.happen(|reply| Event::Unmute(name.to_owned(), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    /// Shows an agent out for good: it may not ask to be let in again.
    ///
    /// # Errors
    /// When no agent of this name is paired.
    pub async fn block_agent(&self, name: &str) -> Result<(), Fault> {
        self.0.happen(|reply| Event::BlockAgent(name.to_owned(), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    /// Lets a blocked agent ask to be let in again. It is not let in by this.
    ///
    /// # Errors
    /// When no agent of this name is blocked.
    pub async fn unblock_agent(&self, name: &str) -> Result<(), Fault> {
        self.0.happen(|reply| Event::UnblockAgent(name.to_owned(), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    pub(crate) fn muted(&self, agent: &[u8; 32]) -> Result<Option<MuteRow>, Fault> {
        let now = self.now();
        Ok(self.look()?.mute(agent)?.filter(|mute| now < mute.until))
    }

    /// Whether whoever asked this is muted.
    pub(crate) fn is_quiet(&self, by: &Requester) -> Result<bool, Fault> {
        match by {
            Requester::Agent { key, .. } => Ok(self.muted(key)?.is_some()),
            Requester::Human { .. } => Ok(false),
        }
    }

    /// What follows from a no, inside its transaction. Gives the asks that are withdrawn by it.
    pub(crate) fn rebuke(
        &self,
        change: &mut Change<'_>,
        denied: &Ask,
        rebuke: Option<Rebuke>,
        now: UnixMillis,
    ) -> Result<Vec<AskId>, Fault> {
        let Requester::Agent { name, key, paired, .. } = &denied.by else {
            return match rebuke {
                None => Ok(Vec::new()),
                Some(_) => Err(Fault::invalid("no agent asked for this", "deny it without more")),
            };
        };
        let often = paired.is_some() && self.denials.are_too_many(key, now);
        match rebuke {
            Some(Rebuke::Block) => {
                let row = BlockedAgentRow { name: name.clone(), at: now };
                change.put_blocked_agent(key, &row)?;
                if change.agent(key)?.is_some() {
                    change.remove_agent(key)?;
                }
                change.append(Entry::AgentBlocked { name: name.clone(), key: *key }, now)?;
                self.withdraw_all_of(change, key, Some(&denied.id), now)
            }
            Some(Rebuke::Mute) => self.mute(change, (name, key), "by-hand", now),
            None if often => self.mute(change, (name, key), "denied-often", now),
            None => Ok(Vec::new()),
        }
    }

    fn mute(
        &self,
        change: &mut Change<'_>,
        (name, key): (&str, &[u8; 32]),
        why: &str,
        now: UnixMillis,
    ) -> Result<Vec<AskId>, Fault> {
        let (until, why) = (now.saturating_add(MUTE), why.to_owned());
        change.put_mute(key, &MuteRow { until, why: why.clone() })?;
        change.append(Entry::AgentMuted { name: name.to_owned(), key: *key, until, why }, now)?;
        Ok(Vec::new())
    }

    /// Withdraws every ask of an agent that waits, but `except`.
    pub(super) fn withdraw_all_of(
        &self,
        change: &mut Change<'_>,
        agent: &[u8; 32],
        except: Option<&AskId>,
        now: UnixMillis,
    ) -> Result<Vec<AskId>, Fault> {
        let theirs = |ask: &Ask| {
            let own = matches!(&ask.by, Requester::Agent { key, .. } if key == agent);
            own && Some(&ask.id) != except
        };
        let mut withdrawn = Vec::new();
        for ask in self.look()?.pending()?.into_iter().filter(theirs) {
            withdrawn.push(ask.id);
            self.end_ask(change, ask, Unanswered::Withdrawn, now)?;
        }
        Ok(withdrawn)
    }

    /// The human shows an agent out, and with `block` for good.
    pub(crate) fn on_unpair(&self, name: &str, block: bool) -> Result<(), Fault> {
        let out: Vec<([u8; 32], AgentRow)> =
            self.look()?.agents()?.into_iter().filter(|(_, row)| row.name == name).collect();
        if out.is_empty() {
            let name = artifact::display::line(name, 64);
            let hint = "`tracenet agents` lists them";
            return Err(Fault::invalid(format!("no agent called {name} is paired"), hint));
        }
        let now = self.now();
        let withdrawn = self.store.change::<_, Fault>(|change| {
            let mut withdrawn = Vec::new();
            for (key, row) in &out {
                change.remove_agent(key)?;
                let (name, key) = (row.name.clone(), *key);
                if block {
                    let row = BlockedAgentRow { name: name.clone(), at: now };
                    change.put_blocked_agent(&key, &row)?;
                    change.append(Entry::AgentBlocked { name, key }, now)?;
                } else {
                    change.append(Entry::AgentUnpaired { name, key }, now)?;
                }
                withdrawn.extend(self.withdraw_all_of(change, &key, None, now)?);
            }
            Ok(withdrawn)
        })?;
        for (key, _) in &out {
            self.end_rules_of_agent(*key);
        }
        withdrawn.iter().for_each(|ask| self.notify(Notice::Settled(*ask, "withdrawn")));
        Ok(())
    }

    pub(crate) fn on_unmute(&self, name: &str) -> Result<(), Fault> {
        let (look, now) = (self.look()?, self.now());
        let mut muted = Vec::new();
        for (key, row) in look.agents()?.into_iter().filter(|(_, row)| row.name == name) {
            if look.mute(&key)?.is_some_and(|mute| now < mute.until) {
                muted.push((key, row.name));
            }
        }
        if muted.is_empty() {
            let name = artifact::display::line(name, 64);
            return Err(Fault::not_now(format!("{name} is not muted"), ""));
        }
        self.store.change::<_, Fault>(|change| {
            for (key, name) in muted {
                change.remove_mute(&key)?;
                change.append(Entry::AgentUnmuted { name, key }, now)?;
            }
            Ok(())
        })
    }

    pub(crate) fn on_unblock_agent(&self, name: &str) -> Result<(), Fault> {
        let blocked: Vec<_> = self
            .look()?
            .blocked_agents()?
            .into_iter()
            .filter(|(_, row)| row.name == name)
            .collect();
        if blocked.is_empty() {
            let name = artifact::display::line(name, 64);
            return Err(Fault::not_now(format!("no agent called {name} is blocked"), ""));
        }
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            for (key, row) in blocked {
                change.remove_blocked_agent(&key)?;
                change.append(Entry::AgentUnblocked { name: row.name, key }, now)?;
            }
            Ok(())
        })
    }
}
