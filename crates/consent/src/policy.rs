//! Policies that the human accepted, and what they say of a share.
//!
//! A policy only forbids: whatever it says, the human is asked as before, or not at all. Which
//! policies hold is read from the journal, where the whole signed policy stands with the human's
//! yes: there is no other list that could be edited to lift one ([`Replay`]). Where the journal
//! does not hold together nothing tells which policies hold, and everything is forbidden until the
//! human says that none does.

use crate::{Ask, Finding, Requester, Wish};
use artifact::{ArtifactId, EnvelopeError, HumanKey, OrganisationKey, Policy, UnixMillis, display};
use std::collections::BTreeMap;

mod replay;
mod words;

pub use replay::Replay;
pub use words::{eased, in_short, in_words};

/// The most policies that are accepted at once.
pub const MAX_POLICIES: usize = 16;

/// One accepted policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Who signed it.
    pub organisation: OrganisationKey,
    /// What it says.
    pub policy: Policy,
    /// The id of its envelope.
    pub id: ArtifactId,
    /// When the human accepted it.
    pub at: UnixMillis,
}

impl Accepted {
    /// Opens a policy's envelope, as accepted at this time.
    ///
    /// # Errors
    /// See [`Policy::open`].
    pub fn open(envelope: &[u8], at: UnixMillis) -> Result<Self, EnvelopeError> {
        let (opened, organisation) = Policy::open(envelope)?;
        Ok(Self { organisation, policy: opened.payload, id: opened.id, at })
    }

    /// The organisation's name, safe to show.
    #[must_use]
    pub fn name(&self) -> String {
        display::line(&self.policy.org, artifact::policy::MAX_NAME)
    }
}

/// Why a policy cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// It is for others.
    #[error("this policy is meant for other people")]
    NotForMe,
    /// It forbids nothing any more.
    #[error("this policy is over")]
    Over,
    /// Its time has not come.
    #[error("this policy is dated in the future")]
    FromTheFuture,
    /// This organisation's policy is here in this version or a newer one.
    #[error("version {held} of this organisation's policy is accepted; this is version {found}")]
    Older {
        /// The version that is accepted.
        held: u64,
        /// The version that this is.
        found: u64,
    },
    /// Too many are accepted.
    #[error("{MAX_POLICIES} policies are accepted already")]
    TooMany,
}

/// Every policy that is accepted here, by organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    accepted: BTreeMap<OrganisationKey, Accepted>,
    /// The journal was changed: which policies hold cannot be told.
    unknown: bool,
}

/// A share, as a policy sees it.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    /// The name of the agent that asks; none where the human does.
    pub agent: Option<&'a str>,
    /// With whom; none for anybody.
    pub with: Option<&'a [HumanKey]>,
    /// What the scanner found.
    pub findings: &'a [Finding],
    /// Whether it stopped before the end.
    pub scan_spent: bool,
}

impl<'a> Share<'a> {
    /// What a wish would share; none where it shares nothing.
    #[must_use]
    pub fn of(
        by: &'a Requester,
        wish: &'a Wish,
        findings: &'a [Finding],
        scan_spent: bool,
    ) -> Option<Self> {
        let with = match wish {
            Wish::SharePrivate { peers, .. } => Some(peers.as_slice()),
            Wish::SharePublic { .. } => None,
            _ => return None,
        };
        let agent = match by {
            Requester::Agent { name, .. } => Some(name.as_str()),
            Requester::Human { .. } => None,
        };
        Some(Self { agent, with, findings, scan_spent })
    }

    /// What an ask would share.
    #[must_use]
    pub fn of_ask(ask: &'a Ask) -> Option<Self> {
        Self::of(&ask.by, &ask.wish, &ask.findings, ask.scan_spent)
    }
}

/// What of a share is forbidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forbidden {
    /// That it is public.
    Public,
    /// Whom it goes to.
    People,
    /// Which agent asks.
    Agent,
    /// What was found in it, by places among the findings, from 0. These can be taken out.
    Findings(Vec<usize>),
    /// That not all of it was looked through.
    Unread,
    /// Anything, as long as nobody knows which policies hold.
    Unknown,
}

/// What one policy says against a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The organisation's name, safe to show; empty where no policy can be told.
    pub org: String,
    /// What it forbids.
    pub what: Forbidden,
    /// The same in a few words of ours: `no public sharing`.
    pub rule: String,
}

impl Objection {
    /// Whether it falls away with what was found.
    #[must_use]
    pub const fn can_be_taken_out(&self) -> bool {
        matches!(self.what, Forbidden::Findings(_))
    }

    /// The whole of it, for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.what {
            Forbidden::Unknown => self.rule.clone(),
            _ => format!("forbidden by the policy of {}: {}", self.org, self.rule),
        }
    }
}

/// Whether only findings stand against a share: then it may go without them.
#[must_use]
pub fn can_be_redacted(objections: &[Objection]) -> bool {
    objections.iter().all(Objection::can_be_taken_out)
}

/// Tells the class of a rule of the scanner.
pub type ClassOf<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

impl Policies {
    /// Those that hold at this time, by organisation.
    pub fn in_force(&self, now: UnixMillis) -> impl Iterator<Item = &Accepted> {
        self.accepted.values().filter(move |held| held.policy.holds_at(now))
    }

    /// All that were accepted and not dropped, those that are over among them.
    pub fn all(&self) -> impl Iterator<Item = &Accepted> {
        self.accepted.values()
    }

    /// The policy of an organisation.
    #[must_use]
    pub fn of(&self, organisation: &OrganisationKey) -> Option<&Accepted> {
        self.accepted.get(organisation)
    }

    /// Whether nobody can tell which policies hold.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// The human accepted one. A lower or equal version of the same organisation's changes
    /// nothing.
    pub fn accept(&mut self, accepted: Accepted) {
        let held = self.of(&accepted.organisation).map(|held| held.policy.seq);
        if held.is_none_or(|held| held < accepted.policy.seq) {
            self.accepted.insert(accepted.organisation, accepted);
        }
    }

    /// The human dropped one, or all of them, and with them the doubt which there were.
    pub fn drop_one(&mut self, organisation: Option<&OrganisationKey>) {
        match organisation {
            Some(organisation) => drop(self.accepted.remove(organisation)),
            None => *self = Self::default(),
        }
    }

    /// Whether this human may accept a policy now.
    ///
    /// # Errors
    /// When it is for others, over, not newer than the one that is here, or one too many.
    pub fn may_accept(
        &self,
        found: &Accepted,
        me: &HumanKey,
        now: UnixMillis,
    ) -> Result<(), NotAccepted> {
        if !found.policy.is_for(me) {
            return Err(NotAccepted::NotForMe);
        }
        if !found.policy.holds_at(now) {
            return Err(NotAccepted::Over);
        }
        if found.policy.iat > now.saturating_add(crate::CLOCK_SKEW) {
            return Err(NotAccepted::FromTheFuture);
        }
        match self.of(&found.organisation).map(|held| held.policy.seq) {
            Some(held) if held >= found.policy.seq => {
                Err(NotAccepted::Older { held, found: found.policy.seq })
            }
            None if self.accepted.len() >= MAX_POLICIES => Err(NotAccepted::TooMany),
            _ => Ok(()),
        }
    }

    /// What stands against a share now: all policies must agree.
    #[must_use]
    pub fn against(
        &self,
        share: &Share<'_>,
        class_of: ClassOf<'_>,
        now: UnixMillis,
    ) -> Vec<Objection> {
        let unknown = self.unknown.then(|| Objection {
            org: String::new(),
            what: Forbidden::Unknown,
            rule: words::UNKNOWN.to_owned(),
        });
        let objections = self.in_force(now).flat_map(|held| held.against(share, class_of));
        unknown.into_iter().chain(objections).collect()
    }
}

impl Accepted {
    /// What this policy says against a share, whatever the time.
    #[must_use]
    pub fn against(&self, share: &Share<'_>, class_of: ClassOf<'_>) -> Vec<Objection> {
        let forbid = &self.policy.forbid;
        let mut found = Vec::new();
        match (share.with, &forbid.people) {
            (None, _) if forbid.public => found.push((Forbidden::Public, words::public())),
            (None, Some(people)) => found.push((Forbidden::People, words::people(people))),
            (Some(with), Some(people)) if !with.iter().all(|human| people.contains(human)) => {
                found.push((Forbidden::People, words::people(people)));
            }
            _ => {}
        }
        if let (Some(agent), Some(agents)) = (share.agent, &forbid.agents)
            && !agents.iter().any(|name| name == agent)
        {
            found.push((Forbidden::Agent, words::agents(agents)));
        }
        if !forbid.findings.is_empty() {
            found.extend(self.against_findings(share, class_of));
        }
        let of = |(what, rule)| Objection { org: self.name(), what, rule };
        found.into_iter().map(of).collect()
    }

    fn against_findings(
        &self,
        share: &Share<'_>,
        class_of: ClassOf<'_>,
    ) -> Option<(Forbidden, String)> {
        let forbidden = &self.policy.forbid.findings;
        let mut hit = Vec::new();
        let mut places = Vec::new();
        for (place, finding) in share.findings.iter().enumerate() {
            let class = class_of(&finding.rule);
            let named = forbidden
                .iter()
                .find(|word| **word == finding.rule || Some(word.as_str()) == class);
            // What was not looked through may hold any of it.
            let unread = named.is_none() && class.is_none_or(|class| class == words::UNREAD);
            if named.is_some() || unread {
                places.push(place);
                hit.push(named.map_or(words::UNREAD, String::as_str));
            }
        }
        hit.sort_unstable();
        hit.dedup();
        if !places.is_empty() {
            return Some((Forbidden::Findings(places), words::findings(&hit)));
        }
        share.scan_spent.then(|| (Forbidden::Unread, words::findings(&[words::UNREAD])))
    }
}

#[cfg(test)]
mod tests;
