//! A rule: what the human allowed one agent for a while, so that it need not be asked again.
//!
//! On the wire a rule is a grant. Here stand the conditions that only this node can check: whose
//! rule it is, over which connection, and that the scanner finds nothing the human did not see.

use crate::{Finding, Requester};
use artifact::{ArtifactId, Grant, Head, HumanKey, UnixMillis};
use serde::{Deserialize, Serialize};

/// The most rules that hold at once. A human who needs more is asked too often by other means.
pub const MAX_RULES: usize = 64;

/// For how long an answer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// This one ask.
    #[default]
    Once,
    /// Until the agent's connection ends, 12 hours at most.
    Session,
    /// Until human_key is locked again, 12 hours at most.
    Lock,
    /// 24 hours.
    Day,
}

impl Term {
    /// The word for it in answers and lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Session => "session",
            Self::Lock => "lock",
            Self::Day => "day",
        }
    }

    /// How long a rule of this term holds at most; `None` for an answer that makes none.
    #[must_use]
    pub const fn lifetime(self) -> Option<UnixMillis> {
        match self {
            Self::Once => None,
            Self::Session | Self::Lock => Some(12 * 60 * 60 * 1000),
            Self::Day => Some(artifact::grant::MAX_LIFE),
        }
    }
}

/// What a rule is bound to, beside its grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The agent's key.
    #[serde(with = "serde_bytes")]
    pub agent: [u8; 32],
    /// The agent's name, for people.
    pub name: String,
    /// For how long it was made.
    pub term: Term,
    /// The connection it was made for, which alone may use a rule of a session.
    pub session: String,
    /// Whom a receipt may name now: the grant's audience, or what the human narrowed it to.
    pub peers: Vec<HumanKey>,
    /// The very artifact that the human saw.
    pub shown: ArtifactId,
}

/// Why a rule does not cover a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outside {
    /// Another agent, or one whose key proves nothing.
    #[error("it was made for another agent")]
    Agent,
    /// Another connection of the agent.
    #[error("it was made for another session of this agent")]
    Session,
    /// It has ended, or does not hold yet.
    #[error("it has ended")]
    Time,
    /// Somebody whom it does not name.
    #[error("it does not name everybody who would receive this")]
    People,
    /// Another artifact.
    #[error("it was made for another artifact")]
    Line,
    /// The scanner found what the human has not seen, or did not come to the end.
    #[error("something was found that you have not seen yet")]
    Finding,
}

/// A request to share, as a rule sees it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub by: &'a Requester,
    /// With whom it is to be shared.
    pub peers: &'a [HumanKey],
    /// The head of the frozen bytes.
    pub head: &'a Head,
    /// What the scanner found in them.
    pub findings: &'a [Finding],
    /// Whether the scanner stopped before their end.
    pub scan_spent: bool,
}

/// Whether a rule may be made of an answer to this request at all: a known agent asks, and the
/// whole text was scanned.
#[must_use]
pub const fn may_be_made(by: &Requester, scan_spent: bool) -> bool {
    matches!(by, Requester::Agent { paired: Some(_), .. }) && !scan_spent
}

/// The line an artifact belongs to: the first of its versions that was given to anybody.
#[must_use]
pub fn line_of(head: &Head) -> ArtifactId {
    head.supersedes.unwrap_or(head.id)
}

impl Bounds {
    /// Whether a rule within these bounds, under this grant, covers a request.
    ///
    /// # Errors
    /// The first condition that does not hold.
    pub fn cover(
        &self,
        grant: &Grant,
        request: &Request<'_>,
        now: UnixMillis,
    ) -> Result<(), Outside> {
        let Requester::Agent { key, paired: Some(_), session, .. } = request.by else {
            return Err(Outside::Agent);
        };
        if *key != self.agent {
            return Err(Outside::Agent);
        }
        if self.term == Term::Session && *session != self.session {
            return Err(Outside::Session);
        }
        if self.term == Term::Once || !(grant.iat..grant.until).contains(&now) {
            return Err(Outside::Time);
        }
        let named = |human: &HumanKey| self.peers.contains(human) && grant.aud.holds(human);
        if request.peers.is_empty() || !request.peers.iter().all(named) {
            return Err(Outside::People);
        }
        if !grant.is_of_line(&request.head.id, request.head.supersedes.as_ref()) {
            return Err(Outside::Line);
        }
        // Masked values cannot be told apart: of another version nothing may be found at all.
        let was_seen = request.head.id == self.shown || request.findings.is_empty();
        if request.scan_spent || !was_seen {
            return Err(Outside::Finding);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
