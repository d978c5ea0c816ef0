//! How rules end, and how they come to name fewer people. What was made here decides, never what
//! the store says of it.

use super::{altered::ALTERED, held::Held};
use crate::{Fault, Node, Notice, event::Event, house::House};
use artifact::{ArtifactId, HumanKey, UnixMillis};
use consent::{Bounds, Event as Entry, Term};
use std::sync::Arc;

/// The word for an end by the human's own hand, in the journal.
const BY_HAND: &str = "by-hand";

/// Which rules are to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// This one, by the start of its id.
    One(String),
    /// Those of a session that is over.
    Session(String),
    /// Those that hold until human_key is locked.
    Lock,
    /// Those whose time has passed.
    Over,
    /// Those of an agent, by its key.
    Agent([u8; 32]),
    /// Those of agents of this name.
    Named(String),
    /// Those about this artifact.
    About(ArtifactId),
    /// Every one.
    All,
}

impl Which {
    /// The word for why, in the journal.
    const fn why(&self) -> &'static str {
        match self {
            Self::One(_) => BY_HAND,
            Self::Session(_) => "session-over",
            Self::Lock => "locked",
            Self::Over => "over",
            Self::Agent(_) => "agent-shown-out",
            Self::Named(_) | Self::About(_) | Self::All => "revoked",
        }
    }

    /// Whether a rule is meant, by what was made and narrowed here.
    fn means(&self, id: &ArtifactId, held: &Held, now: UnixMillis) -> bool {
        let (bounds, grant) = (&held.bounds, &held.signer.grant);
        match self {
            Self::One(start) => id.to_string().starts_with(start.as_str()),
            Self::Session(session) => bounds.term == Term::Session && bounds.session == *session,
            Self::Lock => bounds.term == Term::Lock,
            Self::Over => grant.until <= now,
            Self::Agent(key) => bounds.agent == *key,
            Self::Named(name) => bounds.name == *name,
            Self::About(artifact) => bounds.shown == *artifact || grant.line == *artifact,
            Self::All => true,
        }
    }
}

impl Node {
    /// Ends one rule, named by the start of its id. What was shared under it stays shared.
    ///
    /// # Errors
    /// When no rule, or more than one, is meant.
    pub async fn end_rule(&self, id: &str) -> Result<(), Fault> {
        let id = self.rule_named(id)?;
        self.0.happen(|reply| Event::EndRules(Which::One(id.to_string()), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    /// Takes somebody out of a rule. A rule that names nobody any more ends.
    ///
    /// # Errors
    /// When there is no such rule, or it does not name them.
    pub async fn narrow_rule(&self, id: &str, without: &str) -> Result<(), Fault> {
        let id = self.rule_named(id)?;
        let human = crate::audience::resolve(&self.0.look()?.peers()?, without)?;
        self.0.happen(|reply| Event::NarrowRules(Some(id), human, reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }

    fn rule_named(&self, text: &str) -> Result<ArtifactId, Fault> {
        let text = text.trim().to_lowercase();
        let rules = self.0.rules.all();
        let mut found = rules.keys().filter(|id| id.to_string().starts_with(&text));
        match (found.next(), found.next()) {
            (Some(id), None) if !text.is_empty() => Ok(*id),
            (Some(_), _) => {
                Err(Fault::invalid("more than one rule begins so", "give more of its id"))
            }
            (None, _) => {
                Err(Fault::invalid("there is no such rule", "`tracenet rules` lists them"))
            }
        }
    }
}

impl House {
    /// A session is over, and what was allowed for it.
    pub(crate) fn end_session(self: &Arc<Self>, session: String) {
        if self.rules.count() > 0 {
            let (reply, _nobody_waits) = tokio::sync::oneshot::channel();
            self.send(Event::EndRules(Which::Session(session), reply));
        }
    }

    /// What an agent was allowed ends with it. That the word of it was not kept is no failure of
    /// what was decided: the keys are gone, and the next tick writes it.
    pub(crate) fn end_rules_of_agent(&self, agent: [u8; 32]) {
        if let Err(fault) = self.on_end_rules(&Which::Agent(agent)) {
            tracing::error!(%fault, "that rules ended could not be kept");
        }
    }

    pub(crate) fn on_end_rules(&self, which: &Which) -> Result<usize, Fault> {
        let (all, now) = (self.rules.all(), self.now());
        let over = all.iter().filter(|(id, held)| which.means(id, held, now));
        let over: Vec<ArtifactId> = over.map(|(id, _)| *id).collect();
        self.end_rules(&over, which.why())?;
        Ok(over.len())
    }

    /// Writes down what ended and could not be written then.
    pub(crate) fn end_unwritten_rules(&self) -> Result<(), Fault> {
        for (id, why) in self.rules.unwritten() {
            self.end_rules(&[id], &why)?;
        }
        Ok(())
    }

    /// Policies forbid what these would sign.
    pub(crate) fn end_forbidden_rules(&self, ids: &[ArtifactId]) -> Result<(), Fault> {
        self.end_rules(ids, "policy")
    }

    /// First the keys go, then the word of it is kept: whatever fails, nothing more is signed.
    pub(super) fn end_rules(&self, ids: &[ArtifactId], why: &str) -> Result<(), Fault> {
        if ids.is_empty() {
            return Ok(());
        }
        ids.iter().for_each(|id| self.rules.close(id, why));
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            for id in ids {
                change.remove_rule(id)?;
                change.append(Entry::RuleEnded { rule: *id, why: why.to_owned() }, now)?;
                if why == ALTERED {
                    change.put_altered_rule(id, now)?;
                }
            }
            Ok(())
        })?;
        ids.iter().for_each(|id| self.rules.written(id));
        self.notify(Notice::Settings);
        if why == ALTERED {
            self.notify(Notice::Altered);
        }
        Ok(())
    }

    /// Takes a human out of one rule, or of every rule. Gives how many name fewer people now.
    pub(crate) fn on_narrow_rules(
        &self,
        which: Option<ArtifactId>,
        human: &HumanKey,
    ) -> Result<usize, Fault> {
        let named = |(id, bounds): &(ArtifactId, Bounds)| {
            which.is_none_or(|one| one == *id) && bounds.peers.contains(human)
        };
        let rules: Vec<_> = self.rules.bounds().into_iter().filter(named).collect();
        if rules.is_empty() && which.is_some() {
            return Err(Fault::invalid("this rule does not name them", ""));
        }
        // What decides is narrowed first: whatever fails, nothing more is signed.
        rules.iter().for_each(|(id, _)| self.rules.narrow(id, human));
        let written = self.write_narrowed(&rules, human);
        if written.is_err() {
            // What cannot be written down does not hold.
            rules.iter().for_each(|(id, _)| self.rules.close(id, BY_HAND));
        }
        written.map(|()| rules.len())
    }

    /// Writes down that these rules name somebody no more. One that named nobody else ends.
    fn write_narrowed(
        &self,
        rules: &[(ArtifactId, Bounds)],
        human: &HumanKey,
    ) -> Result<(), Fault> {
        let (last, narrower): (Vec<_>, Vec<_>) =
            rules.iter().partition(|(_, bounds)| bounds.peers.len() == 1);
        self.end_rules(&last.iter().map(|(id, _)| *id).collect::<Vec<_>>(), BY_HAND)?;
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            for (id, _) in narrower {
                let Some(mut row) = change.rule(id)? else { continue };
                row.bounds.peers.retain(|peer| peer != human);
                let peers = row.bounds.peers.clone();
                change.put_rule(id, &row)?;
                change.append(Entry::RuleNarrowed { rule: *id, peers }, now)?;
            }
            Ok(())
        })
    }
}
