//! What an entry tells: every event of consent there is, a closed list.

use crate::{Ask, AskId, Bounds, Reach, Rotation, Way};
use artifact::{
    ArtifactId, HumanKey, JournalKey, KeyProtection, OrganisationKey, TransportKey, UnixMillis,
};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// This node was made.
    Opened {
        /// Its human.
        human: HumanKey,
        /// The key that signs this journal's head.
        journal: JournalKey,
    },
    /// Somebody asked. The whole ask stands here, with what was found.
    Asked {
        /// The ask.
        ask: Box<Ask>,
    },
    /// The prompt was shown.
    Shown {
        /// Which.
        ask: AskId,
        /// Where.
        way: Way,
    },
    /// The human allowed it.
    Allowed {
        /// Which.
        ask: AskId,
        /// Where.
        way: Way,
        /// The whole signed receipt, for a share.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt: Option<serde_bytes::ByteBuf>,
    },
    /// A rule allowed it, and nobody was asked.
    AllowedByRule {
        /// Which.
        ask: AskId,
        /// The id of the rule's grant.
        rule: ArtifactId,
        /// The whole receipt, signed by the rule's key.
        receipt: serde_bytes::ByteBuf,
    },
    /// The human allowed more of the same for a while.
    RuleMade {
        /// The ask it was an answer to.
        ask: AskId,
        /// What it is bound to.
        bounds: Box<Bounds>,
        /// The whole signed grant.
        grant: serde_bytes::ByteBuf,
    },
    /// The human took people out of a rule.
    RuleNarrowed {
        /// The id of its grant.
        rule: ArtifactId,
        /// Who is left.
        peers: Vec<HumanKey>,
    },
    /// A rule ended: nothing is signed under it any more.
    RuleEnded {
        /// The id of its grant.
        rule: ArtifactId,
        /// Why, as a stable word.
        why: String,
    },
    /// The human accepted what an organisation forbids. The whole signed policy stands here, and
    /// nowhere else.
    PolicyAccepted {
        /// The ask it was an answer to.
        ask: AskId,
        /// Its whole envelope.
        policy: serde_bytes::ByteBuf,
    },
    /// The human dropped a policy.
    PolicyDropped {
        /// Whose; nobody for all of them.
        organisation: Option<OrganisationKey>,
    },
    /// Asks of an agent are not brought before the human by themselves for a while.
    AgentMuted {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
        /// Until when.
        until: UnixMillis,
        /// Why: `by-hand`, or `denied-often`.
        why: String,
    },
    /// They are again.
    AgentUnmuted {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
    },
    /// An agent was shown out and may not ask to be let in again.
    AgentBlocked {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
    },
    /// It may ask again.
    AgentUnblocked {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
    },
    /// Somebody denied it.
    Denied {
        /// Which.
        ask: AskId,
        /// Where.
        way: Way,
    },
    /// Nobody answered in time.
    Expired {
        /// Which.
        ask: AskId,
    },
    /// Its agent took it back.
    Withdrawn {
        /// Which.
        ask: AskId,
    },
    /// What it was about is gone.
    Cancelled {
        /// Which.
        ask: AskId,
    },
    /// A grant failed: a wrong PIN, a locked keychain, a forbidden way.
    GrantFailed {
        /// Which.
        ask: AskId,
        /// Where.
        way: Way,
        /// Why, as a stable word.
        why: String,
    },
    /// The bytes lie in the outbox.
    Exported {
        /// The receipt that allows it.
        receipt: ArtifactId,
        /// The artifact.
        artifact: ArtifactId,
    },
    /// A peer was told the head.
    Told {
        /// The receipt that allows it.
        receipt: ArtifactId,
        /// The artifact.
        artifact: ArtifactId,
        /// Who was told.
        peer: HumanKey,
    },
    /// Serving a peer begins. Written before the first byte leaves, once per receipt, peer
    /// and session.
    Serving {
        /// The receipt that allows it.
        receipt: ArtifactId,
        /// The artifact.
        artifact: ArtifactId,
        /// To whom.
        peer: HumanKey,
        /// The session, as this node counts them since it started.
        session: u64,
    },
    /// Serving a peer ended.
    Served {
        /// The receipt that allows it.
        receipt: ArtifactId,
        /// The artifact.
        artifact: ArtifactId,
        /// To whom.
        peer: HumanKey,
        /// The session.
        session: u64,
        /// Bytes of the artifact that were sent.
        bytes: u64,
        /// Whether all of it was.
        whole: bool,
    },
    /// An artifact came from a peer and passed every check.
    Received {
        /// The artifact.
        artifact: ArtifactId,
        /// From whom.
        peer: HumanKey,
        /// The peer's receipt.
        receipt: ArtifactId,
    },
    /// Something from a peer was refused.
    Refused {
        /// From whom, where that is proven.
        peer: Option<HumanKey>,
        /// The endpoint.
        endpoint: TransportKey,
        /// Why, as a stable word.
        why: String,
    },
    /// A peer's key was pinned.
    PeerPinned {
        /// Whose.
        peer: HumanKey,
        /// Its endpoint.
        endpoint: TransportKey,
        /// The name this human gave.
        name: String,
    },
    /// Somebody who is not known here, and whose key is proven, waits in the inbox.
    Knocked {
        /// Whose.
        peer: HumanKey,
        /// Its endpoint.
        endpoint: TransportKey,
    },
    /// An endpoint, and the human behind it where that is proven, is shut out.
    PeerBlocked {
        /// Whose, where that is proven.
        peer: Option<HumanKey>,
        /// The endpoint.
        endpoint: TransportKey,
        /// Why: `by-hand`, or the code of what was refused.
        why: String,
    },
    /// A block was lifted.
    PeerUnblocked {
        /// Whose, where that is proven.
        peer: Option<HumanKey>,
        /// The endpoint.
        endpoint: TransportKey,
    },
    /// A peer's crystals are fetched ahead and used unasked from now on.
    PeerLet {
        /// Whose.
        peer: HumanKey,
    },
    /// They no longer are.
    PeerUnlet {
        /// Whose.
        peer: HumanKey,
    },
    /// Nothing more is served under a receipt. Needs no key, and comes before the signature.
    Stopped {
        /// The receipt.
        receipt: ArtifactId,
        /// To whom; nobody for everybody it names.
        peer: Option<HumanKey>,
    },
    /// This human signed a revocation.
    Revoked {
        /// Its whole envelope.
        revocation: serde_bytes::ByteBuf,
    },
    /// A peer withdrew something it gave.
    RevokedByPeer {
        /// Who.
        peer: HumanKey,
        /// The whole envelope.
        revocation: serde_bytes::ByteBuf,
    },
    /// A delivery receipt does not agree with this node's book.
    Diverged {
        /// The other side.
        peer: HumanKey,
        /// The delivery receipt.
        delivery: ArtifactId,
    },
    /// This node is reached from elsewhere now.
    ReachChanged {
        /// From where.
        reach: Reach,
    },
    /// The store was brought to a newer version.
    Upgraded {
        /// The version before.
        from: u64,
        /// The version now.
        to: u64,
    },
    /// The human took up a store that is older than the keychain's anchor.
    Restored {
        /// The last entry that the anchor names.
        anchor: u64,
        /// The last entry there was.
        found: u64,
    },
    /// A right PIN was given, and human_key stays unlocked for a while.
    KeyUnlocked {
        /// Where it was given.
        way: Way,
    },
    /// human_key is locked again.
    KeyLocked {
        /// Why, as a stable word.
        why: String,
    },
    /// human_key is closed by another PIN, by its first one, or by none any more.
    PinChanged {
        /// Where that was said.
        way: Way,
        /// How it is kept since.
        protection: KeyProtection,
    },
    /// The recovery phrase of human_key was shown.
    PhraseShown {
        /// Where.
        way: Way,
    },
    /// It was written down: somebody typed it, and it is this key's.
    PhraseVerified {
        /// Where.
        way: Way,
    },
    /// Somebody who is pinned comes from another endpoint: their newer card and the author_key of
    /// the last one say so.
    PeerMoved {
        /// Who.
        peer: HumanKey,
        /// The endpoint until now.
        before: TransportKey,
        /// The endpoint from now on.
        endpoint: TransportKey,
    },
    /// A new key is in the place of one of this node's.
    KeyRotated {
        /// Which, and by what.
        key: Rotation,
    },
    /// From here on another journal_key signs the head. Follows the [`Event::KeyRotated`] that
    /// names it.
    JournalHandedOver {
        /// The head over that entry, the last that the key before signed.
        head: serde_bytes::ByteBuf,
    },
    /// An agent was let in.
    AgentPaired {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
    },
    /// An agent was shown out.
    AgentUnpaired {
        /// Its name.
        name: String,
        /// Its key.
        #[serde(with = "serde_bytes")]
        key: [u8; 32],
    },
}

impl Event {
    /// The word for this event in lists.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Asked { .. } => "asked",
            Self::Shown { .. } => "shown",
            Self::Allowed { .. } => "allowed",
            Self::AllowedByRule { .. } => "allowed-by-rule",
            Self::RuleMade { .. } => "rule-made",
            Self::RuleNarrowed { .. } => "rule-narrowed",
            Self::RuleEnded { .. } => "rule-ended",
            Self::PolicyAccepted { .. } => "policy-accepted",
            Self::PolicyDropped { .. } => "policy-dropped",
            Self::AgentMuted { .. } => "agent-muted",
            Self::AgentUnmuted { .. } => "agent-unmuted",
            Self::AgentBlocked { .. } => "agent-blocked",
            Self::AgentUnblocked { .. } => "agent-unblocked",
            Self::Denied { .. } => "denied",
            Self::Expired { .. } => "expired",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Cancelled { .. } => "cancelled",
            Self::GrantFailed { .. } => "grant-failed",
            Self::Exported { .. } => "exported",
            Self::Told { .. } => "told",
            Self::Serving { .. } => "serving",
            Self::Served { .. } => "served",
            Self::Received { .. } => "received",
            Self::Refused { .. } => "refused",
            Self::PeerPinned { .. } => "peer-pinned",
            Self::Knocked { .. } => "knocked",
            Self::PeerBlocked { .. } => "peer-blocked",
            Self::PeerUnblocked { .. } => "peer-unblocked",
            Self::PeerLet { .. } => "peer-let",
            Self::PeerUnlet { .. } => "peer-unlet",
            Self::Stopped { .. } => "stopped",
            Self::Revoked { .. } => "revoked",
            Self::RevokedByPeer { .. } => "revoked-by-peer",
            Self::Diverged { .. } => "diverged",
            Self::ReachChanged { .. } => "reach-changed",
            Self::Upgraded { .. } => "upgraded",
            Self::Restored { .. } => "restored",
            Self::KeyUnlocked { .. } => "key-unlocked",
            Self::KeyLocked { .. } => "key-locked",
            Self::PinChanged { .. } => "pin-changed",
            Self::PhraseShown { .. } => "phrase-shown",
            Self::PhraseVerified { .. } => "phrase-verified",
            Self::PeerMoved { .. } => "peer-moved",
            Self::KeyRotated { .. } => "key-rotated",
            Self::JournalHandedOver { .. } => "journal-handed-over",
            Self::AgentPaired { .. } => "agent-paired",
            Self::AgentUnpaired { .. } => "agent-unpaired",
        }
    }
}
