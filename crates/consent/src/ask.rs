//! An ask: a stored request for the human's decision, and what may be asked at all.

use crate::NodeKey;
use artifact::{ArtifactId, HumanKey, Object, OrganisationKey, TransportKey, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

mod id;
mod scope;

pub use id::{AskId, AskIdError};
pub use scope::{Origin, ScopeError, may_name};

/// How long an ask waits before it expires: 24 hours. Silence is no.
pub const LIFETIME: UnixMillis = 24 * 60 * 60 * 1000;
/// The most asks of one agent that may wait at once.
pub const MAX_PENDING_PER_AGENT: usize = 5;
/// The most pairings that may wait at once.
pub const MAX_PENDING_PAIRINGS: usize = 3;
/// The most asks that the human's own faces made and that may wait at once.
pub const MAX_PENDING_OWN: usize = 20;
/// The most asks of any kind that may wait at once.
pub const MAX_PENDING: usize = 100;
/// The most characters of an agent's reason that are kept.
pub const MAX_REASON: usize = 500;

/// What the human is asked to allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Wish {
    /// Export one artifact to named people.
    SharePrivate {
        /// The frozen bytes.
        object: Object,
        /// Their human keys, sorted.
        peers: Vec<HumanKey>,
    },
    /// Export one artifact to anyone.
    SharePublic {
        /// The frozen bytes.
        object: Object,
    },
    /// Let a local agent in.
    Pair {
        /// The name it wants.
        name: String,
        /// Its public key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
        /// Whether another key has used this name before.
        known_before: bool,
    },
    /// Give out a ticket: whoever holds it may connect once.
    Ticket {
        /// How long it can be used, in milliseconds.
        lifetime: UnixMillis,
        /// Whether it holds no address of this machine: who uses it is reached by relay alone.
        #[serde(default, skip_serializing_if = "is_no")]
        hidden: bool,
    },
    /// Use a ticket: connect to its giver and pin their key.
    Connect {
        /// The ticket as it was entered.
        ticket: String,
        /// The name this human gives the other, if they chose one.
        name: Option<String>,
    },
    /// Let in somebody who knocked: pin their key.
    Accept {
        /// Their key, which their card and its binding proved.
        peer: HumanKey,
        /// Their endpoint.
        endpoint: TransportKey,
        /// The name this human gives them, if they chose one.
        name: Option<String>,
    },
    /// Lift a block.
    Unblock {
        /// Whose key it is, where that was proven.
        peer: Option<HumanKey>,
        /// The endpoint.
        endpoint: TransportKey,
    },
    /// Let a peer: fetch what they share ahead, and let agents use it unasked.
    Let {
        /// Their key.
        peer: HumanKey,
    },
    /// No longer hide this machine's addresses from a peer.
    Unhide {
        /// Their key.
        peer: HumanKey,
    },
    /// Let this node be reached from further away.
    Reach {
        /// From where.
        reach: Reach,
    },
    /// Go on with a store that is not the one this human last signed for: a restored backup.
    Resume {
        /// The last entry of the journal that was signed for.
        anchored: u64,
        /// The last entry of this store's journal.
        found: u64,
    },
    /// Sign the word of what was ended, so that those who were told of it learn the end.
    SignRevocations {},
    /// Put a new key in the place of one of this node's.
    Rotate {
        /// Which.
        role: NodeKey,
    },
    /// Accept what an organisation forbids.
    AcceptPolicy {
        /// The whole signed policy.
        policy: ByteBuf,
    },
    /// Drop a policy that was accepted.
    DropPolicy {
        /// Whose; nobody for all of them.
        organisation: Option<OrganisationKey>,
        /// What it calls itself; empty for all of them.
        name: String,
    },
}

/// From where this node can be reached, and what it uses for that. All off is this network only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// From anywhere: by relays and a lookup service, which see addresses and never content.
    pub anywhere: bool,
    /// A relay of one's own, as a URL; none for the public ones.
    pub relay: Option<String>,
    /// Announced on the local network, so that peers near by find it.
    pub nearby: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_no(said: &bool) -> bool {
    !*said
}

impl Wish {
    /// Every word that [`Self::word`] gives.
    pub const WORDS: [&'static str; 15] = [
        "share-private",
        "share-public",
        "pair",
        "ticket",
        "connect",
        "accept",
        "unblock",
        "let",
        "unhide",
        "reach",
        "resume",
        "sign-revocations",
        "rotate",
        "accept-policy",
        "drop-policy",
    ];

    /// The word for this wish in lists, logs and notifications.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SharePrivate { .. } => "share-private",
            Self::SharePublic { .. } => "share-public",
            Self::Pair { .. } => "pair",
            Self::Ticket { .. } => "ticket",
            Self::Connect { .. } => "connect",
            Self::Accept { .. } => "accept",
            Self::Unblock { .. } => "unblock",
            Self::Let { .. } => "let",
            Self::Unhide { .. } => "unhide",
            Self::Reach { .. } => "reach",
            Self::Resume { .. } => "resume",
            Self::SignRevocations {} => "sign-revocations",
            Self::Rotate { .. } => "rotate",
            Self::AcceptPolicy { .. } => "accept-policy",
            Self::DropPolicy { .. } => "drop-policy",
        }
    }

    /// The bytes it would export, if it would export any.
    #[must_use]
    pub const fn object(&self) -> Option<&Object> {
        match self {
            Self::SharePrivate { object, .. } | Self::SharePublic { object } => Some(object),
            Self::Pair { .. }
            | Self::Ticket { .. }
            | Self::Connect { .. }
            | Self::Accept { .. }
            | Self::Unblock { .. }
            | Self::Let { .. }
            | Self::Unhide { .. }
            | Self::Reach { .. }
            | Self::Resume { .. }
            | Self::SignRevocations {}
            | Self::Rotate { .. }
            | Self::AcceptPolicy { .. }
            | Self::DropPolicy { .. } => None,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Requester {
    /// A local agent, by the key it got at pairing.
    Agent {
        /// The name it was paired under.
        name: String,
        /// Its public key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
        /// When it was paired; `None` while it is not.
        paired: Option<UnixMillis>,
        /// The connection it asks over, as a short word.
        session: String,
        /// What the system says about its process, as evidence and never as authority.
        process: Vec<String>,
        /// Whether the first of these is the very program that connected: the kernel held it while
        /// it was looked at, and it ran the same file when it asked.
        #[serde(default, skip_serializing_if = "is_no")]
        verified: bool,
    },
    /// The human, from the window or a terminal.
    Human {
        /// Where from.
        way: Way,
        /// What the system says about the process it came from.
        process: Vec<String>,
    },
}

/// Through which face something was decided or asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The consent window.
    ConsentWindow,
    /// The main window. May ask and deny; never grants.
    MainWindow,
    /// A terminal, with the PIN.
    Terminal,
    /// A desktop notification. May deny; never grants.
    Notification,
    /// The tray. May deny; never grants.
    Tray,
}

impl Way {
    /// Whether an answer that grants may come this way at all.
    #[must_use]
    pub const fn may_grant(self) -> bool {
        matches!(self, Self::ConsentWindow | Self::Terminal)
    }

    /// The word in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ConsentWindow => "consent-window",
            Self::MainWindow => "main-window",
            Self::Terminal => "terminal",
            Self::Notification => "notification",
            Self::Tray => "tray",
        }
    }
}

/// Something the scanner found in the frozen bytes, as the human sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The scanner's rule.
    pub rule: String,
    /// What the rule looks for, in words.
    pub label: String,
    /// The line of the shown text, counted from 1.
    pub line: u64,
    /// The value, masked.
    pub masked: String,
}

/// The human's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Yes, once.
    Allow,
    /// No.
    Deny,
}

/// Where an ask stands. Every state but the first is final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum State {
    /// It waits for the human.
    Pending {},
    /// The human allowed it.
    Allowed {
        /// When.
        at: UnixMillis,
        /// The receipt, for a share.
        receipt: Option<ArtifactId>,
    },
    /// The human denied it.
    Denied {
        /// When.
        at: UnixMillis,
        /// The ask about a redacted version, which the human had made in its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<AskId>,
    },
    /// Nobody answered in time.
    Expired {
        /// When.
        at: UnixMillis,
    },
    /// Its agent took it back.
    Withdrawn {
        /// When.
        at: UnixMillis,
    },
    /// What it was about is gone.
    Cancelled {
        /// When.
        at: UnixMillis,
    },
}

impl State {
    /// The word for this state.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pending {} => "pending",
            Self::Allowed { .. } => "allowed",
            Self::Denied { .. } => "denied",
            Self::Expired { .. } => "expired",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether the human can still answer.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self, Self::Pending {})
    }

    /// When the final state was reached.
    #[must_use]
    pub const fn ended(&self) -> Option<UnixMillis> {
        match self {
            Self::Pending {} => None,
            Self::Allowed { at, .. }
            | Self::Denied { at, .. }
            | Self::Expired { at }
            | Self::Withdrawn { at }
            | Self::Cancelled { at } => Some(*at),
        }
    }
}

/// A request for the human's decision: a stored record, never a blocked call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Its name.
    pub id: AskId,
    /// When it was made.
    pub at: UnixMillis,
    /// Who asks.
    pub by: Requester,
    /// For what.
    pub wish: Wish,
    /// What the requester says, quoted and never believed.
    pub reason: String,
    /// What the scanner found in the bytes.
    pub findings: Vec<Finding>,
    /// Whether the scanner stopped before the bytes did: itself a finding.
    pub scan_spent: bool,
    /// Where it stands.
    pub state: State,
    /// Whose place it takes, when the human took something out of what another asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacts: Option<Redaction>,
}

/// What a redacted artifact was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The ask that the human answered so.
    pub ask: AskId,
    /// The crystal that is kept here, whole.
    pub of: ArtifactId,
    /// How many findings were taken out, in all.
    pub taken_out: u64,
}

impl Ask {
    /// When it stops waiting.
    #[must_use]
    pub const fn expires(&self) -> UnixMillis {
        self.at.saturating_add(LIFETIME)
    }

    /// Whether this would export an artifact, or a redacted version of it.
    #[must_use]
    pub fn is_about(&self, id: &ArtifactId) -> bool {
        self.wish.object().is_some_and(|object| object.id == *id)
            || self.redacts.is_some_and(|redaction| redaction.of == *id)
    }

    /// Whether the human may answer this in one go with others: a private share that somebody
    /// known asks for, in all of which nothing was found. Everything else is looked at alone: also
    /// what was redacted, and what a terminal asks for, which may be an agent's.
    #[must_use]
    pub const fn may_be_batched(&self) -> bool {
        let known = match &self.by {
            Requester::Agent { paired, .. } => paired.is_some(),
            Requester::Human { way, .. } => !matches!(way, Way::Terminal),
        };
        let private = matches!(self.wish, Wish::SharePrivate { .. }) && self.redacts.is_none();
        private && known && self.findings.is_empty() && !self.scan_spent && self.state.is_pending()
    }

    /// Whether this ask and another may be answered in one go: both may be, and the same people
    /// would be given both.
    #[must_use]
    pub fn goes_with(&self, other: &Self) -> bool {
        let same = match (&self.wish, &other.wish) {
            (Wish::SharePrivate { peers: a, .. }, Wish::SharePrivate { peers: b, .. }) => a == b,
            _ => false,
        };
        same && self.may_be_batched() && other.may_be_batched()
    }

    /// Whether this ask and another want the same from the same agent, so that one prompt
    /// can stand for both. A human's own asks stand each for itself, but for the word of what
    /// was ended: there is only one such word.
    #[must_use]
    pub fn coalesces_with(&self, by: &Requester, wish: &Wish) -> bool {
        let same = match (&self.by, by) {
            (Requester::Agent { key: a, .. }, Requester::Agent { key: b, .. }) => a == b,
            (Requester::Human { way: a, .. }, Requester::Human { way: b, .. }) => {
                a == b && matches!(wish, Wish::SignRevocations {})
            }
            _ => false,
        };
        self.state.is_pending() && same && self.wish == *wish
    }
}

#[cfg(test)]
mod tests;
