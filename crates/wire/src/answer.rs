//! The one gate that grants. The consent window's capability alone may pass it, and a
//! terminal with the PIN.

use crate::Pin;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The human's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// No to this, and ask about a version without what was found in it.
    Redact,
}

/// For how long a yes holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// This one ask.
    #[default]
    Once,
    /// Until the agent's connection ends, 12 hours at most.
    Session,
    /// Until the key is locked again, 12 hours at most.
    Lock,
    /// 24 hours.
    Day,
}

/// What is done about the agent with a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Rebuke {
    /// What it asks does not come up by itself for an hour.
    Mute,
    /// It is shown out and may not ask to be let in again.
    Block,
}

/// An answer to one ask.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// The ask.
    pub ask: String,
    /// The decision.
    pub verdict: Verdict,
    /// The code that was shown: an answer to a prompt that has changed is refused.
    pub code: String,
    /// The PIN or passphrase, where one is needed; else empty.
    pub pin: Pin,
    /// Where the prompt lets choose: whether to be reached from anywhere. Absent is this
    /// network only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub anywhere: Option<bool>,
    /// Where the prompt lets choose: for how long a yes holds. Absent is once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub term: Option<Term>,
    /// What to do about the agent with a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rebuke: Option<Rebuke>,
    /// What to take out, with a redaction: findings by their place in the prompt, counted from 1.
    /// Absent is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub findings: Option<Vec<u32>>,
    /// Others that go together with this one and get the same answer, each with its own receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub with: Option<Vec<Beside>>,
}

/// An ask that is answered together with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Beside {
    /// The ask.
    pub ask: String,
    /// The code that was shown for it.
    pub code: String,
}

impl Answer {
    /// A plain answer: once, without a choice, and without more about the agent.
    #[must_use]
    pub const fn plain(ask: String, verdict: Verdict, code: String, pin: Pin) -> Self {
        let (anywhere, term, rebuke, findings, with) = (None, None, None, None, None);
        Self { ask, verdict, code, pin, anywhere, term, rebuke, findings, with }
    }
}

/// Never prints the PIN.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} {:?})", self.ask, self.verdict)
    }
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The ask.
    pub ask: String,
    /// Its state now: `allowed` or `denied`.
    pub state: String,
    /// One sentence for the human.
    pub what: String,
    /// The ticket, when a ticket was allowed; else empty.
    pub ticket: String,
    /// The ask about the redacted version, when something was taken out; else empty.
    pub instead: String,
}
