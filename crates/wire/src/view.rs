//! Everything a face is shown. Texts that came from agents, peers or artifacts have gone
//! through `display_safe`; times are unix milliseconds, sizes bytes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! views {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

pub(crate) mod agents;
pub(crate) mod asks;
pub(crate) mod autopsy;
pub(crate) mod clients;
pub(crate) mod storage;

use agents::SettingsView;
use asks::{AskView, AsksView, MarkView, PromptView};
use autopsy::AutopsyView;
use clients::{ClientsView, FoundView};
pub(crate) mod books;
pub(crate) mod evidence;
pub(crate) mod key;
pub(crate) mod left;
pub(crate) mod memory;
pub(crate) mod network;
pub(crate) mod past;
pub(crate) mod policy;
pub(crate) mod recall;
pub(crate) mod related;
pub(crate) mod shared;
pub(crate) mod strangers;
pub(crate) mod worth;

use books::{BalancesView, DeliveriesPage, ProofsPage};
use evidence::{EvidenceView, ExportView};
use key::UnlockView;
use left::{EntriesView, LeftPage};
use memory::{CrystalView, MemoryPage, TracePage};
use network::NetworkView;
use past::{RecurringView, SavedView, WhyView};
use policy::{PoliciesView, WouldAcceptView};
use recall::RecallView;
use related::RelatedView;
use shared::{AheadView, OfferedPage, ReceiptsPage, WouldRevokeView};
use storage::{AnchorView, PurgeView, StorageView};
use strangers::{BlockedView, InboxView};
use worth::WorthView;

/// What a [`crate::Query`] is answered with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "view", rename_all = "kebab-case")]
pub enum View {
    /// Of the node.
    Status(StatusView),
    /// Of the key.
    Unlock(UnlockView),
    /// Of what waits.
    Asks(AsksView),
    /// Of one ask.
    Ask(AskView),
    /// Of one prompt.
    Prompt(Box<PromptView>),
    /// Of the human's own.
    Mark(MarkView),
    /// Of crystals.
    Memory(MemoryPage),
    /// Of one recall.
    Recall(RecallView),
    /// Of a line of a file.
    Why(WhyView),
    /// Of what recall saved.
    Saved(SavedView),
    /// Of errors that came again.
    Recurring(RecurringView),
    /// Of secrets in kept logs.
    Autopsy(AutopsyView),
    /// Of crystals that have to do with one another.
    Related(RelatedView),
    /// Of one crystal.
    Crystal(Box<CrystalView>),
    /// Of a trace.
    Trace(TracePage),
    /// Of people.
    Peers(PeersView),
    /// Of the network.
    Network(NetworkView),
    /// Of what was given and taken.
    Balances(BalancesView),
    /// Of the receipts behind a figure.
    Deliveries(DeliveriesPage),
    /// Of signed envelopes.
    Proofs(ProofsPage),
    /// Of who knocked.
    Inbox(InboxView),
    /// Of who is shut out.
    Blocked(BlockedView),
    /// Of what was given.
    Receipts(ReceiptsPage),
    /// Of what would be ended.
    WouldRevoke(WouldRevokeView),
    /// Of what is fetched ahead.
    Ahead(AheadView),
    /// Of what is offered.
    Offered(OfferedPage),
    /// Of the journal.
    Journal(JournalPage),
    /// Of what is worth sharing.
    Worth(WorthView),
    /// Of what ever left.
    Left(LeftPage),
    /// Of the journal as it lies in the store.
    Entries(EntriesView),
    /// Of the journal's health.
    Verify(JournalVerdict),
    /// Of settings.
    Settings(SettingsView),
    /// Of what organisations forbid.
    Policies(PoliciesView),
    /// Of what accepting a policy would come to.
    WouldAccept(Box<WouldAcceptView>),
    /// Of this machine.
    Doctor(DoctorView),
    /// Of the logs that are here.
    Found(FoundView),
    /// Of the programs agents run in.
    Clients(ClientsView),
    /// Of the disk.
    Storage(StorageView),
    /// Of what would be purged.
    Purge(PurgeView),
    /// Of what a crystal stands on.
    Evidence(EvidenceView),
    /// Of a crystal in another form.
    Export(ExportView),
}

/// Where the node stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// No keys yet: first start.
    New,
    /// Running.
    Ready,
}

/// How the keychain stands. Each has its own screen and its own next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Keychain {
    /// The key can be used.
    Ready,
    /// The keychain is locked.
    Locked,
    /// There is no keychain service, or no keyring in it.
    Missing,
    /// This system has no keychain that is supported.
    Unsupported,
    /// The node's public key is known, and its secret is gone.
    Lost,
    /// What the keychain holds is not this node's key.
    Tampered,
}

views! {
    /// What the node is doing.
    pub struct StatusView {
        /// Where it stands in its life.
        pub phase: Phase,
        /// The program's version.
        pub version: String,
        /// The data folder.
        pub home: String,
        /// The keys; absent before first start.
        pub keys: Option<KeyView>,
        /// How the keychain stands.
        pub keychain: Keychain,
        /// What to do about the keychain; empty when ready.
        pub keychain_hint: String,
        /// A command that does it where there is no desktop; empty where none does.
        pub keychain_command: String,
        /// How the store stands to what was signed for.
        pub anchor: AnchorView,
        /// `pin`, `keychain` or `file`; empty before first start.
        pub protection: String,
        /// For how long a right PIN holds.
        pub unlock: UnlockView,
        /// Whether the running node has a window.
        pub window: bool,
        /// Crystals made here.
        pub crystals: u32,
        /// Crystals from peers.
        pub from_peers: u32,
        /// Heads of peers whose bodies are not here yet.
        pub heads: u32,
        /// Traces kept.
        pub traces: u32,
        /// People pinned.
        pub peers: u32,
        /// People connected now.
        pub connected: u32,
        /// Asks that wait.
        pub pending: u32,
        /// Revocations that wait for the next time the key is unlocked.
        pub unsigned: u32,
        /// Rules that were not what was signed for and ended, since the human saw it last.
        pub altered: u32,
        /// Agents paired.
        pub agents: u32,
        /// The UDP port.
        pub port: u16,
        /// How far this node reaches, in a few words.
        pub reach: String,
        /// The process id of the node.
        pub pid: u32,
    }
    /// The public keys, in hex.
    pub struct KeyView {
        /// human_key.
        pub human: String,
        /// author_key.
        pub author: String,
        /// transport_key: the endpoint id.
        pub transport: String,
        /// solana_key.
        pub solana: String,
        /// journal_key.
        pub journal: String,
        /// Six words of human_key.
        pub words: String,
    }
    /// The people this node knows.
    pub struct PeersView {
        /// By name.
        pub peers: Vec<PeerRow>,
    }
    /// One person.
    pub struct PeerRow {
        /// The name this human gave.
        pub name: String,
        /// human_key, in hex.
        pub human: String,
        /// Six words of it.
        pub words: String,
        /// The endpoint id, in hex.
        pub transport: String,
        /// When pinned.
        #[ts(type = "number")]
        pub since: u64,
        /// Connected now.
        pub connected: bool,
        /// `direct`, `relayed`, or empty when not connected.
        pub path: String,
        /// Since when it is connected; 0 when not.
        #[ts(type = "number")]
        pub connected_since: u64,
        /// Whether this machine's addresses are hidden from this person.
        pub hidden: bool,
        /// Round trip in milliseconds; 0 when not connected.
        pub rtt: f64,
        /// When last connected.
        #[ts(type = "number")]
        pub seen: u64,
        /// Crystals shared with this person.
        pub given: u32,
        /// Crystals received from this person.
        pub taken: u32,
        /// Bytes served to this person.
        #[ts(type = "number")]
        pub bytes_given: u64,
        /// Bytes received from this person.
        #[ts(type = "number")]
        pub bytes_taken: u64,
        /// Whether agents are given their crystals unasked.
        pub let_in: bool,
        /// Why they are shut out, in one sentence; empty when they are not.
        pub blocked: String,
    }
    /// Journal entries.
    pub struct JournalPage {
        /// Entries in all.
        #[ts(type = "number")]
        pub total: u64,
        /// Newest first.
        pub rows: Vec<JournalRow>,
    }
    /// One entry.
    pub struct JournalRow {
        /// Its number.
        #[ts(type = "number")]
        pub seq: u64,
        /// When.
        #[ts(type = "number")]
        pub at: u64,
        /// The event's word.
        pub event: String,
        /// In one sentence.
        pub what: String,
        /// The ask, artifact or receipt it names; may be empty.
        pub about: String,
        /// Who wished for it: an agent's name, a peer's, or `you`; may be empty, as what follows.
        pub who: String,
        /// What it is about: a title, or a wish in a line.
        pub thing: String,
        /// Whom it reaches.
        pub whom: String,
        /// Why, as whoever asked said; of an ending, as this human did.
        pub why: String,
        /// The entry's hash, in hex.
        pub hash: String,
    }
    /// Whether the journal is whole.
    pub struct JournalVerdict {
        /// Whether it is.
        pub whole: bool,
        /// Entries checked.
        #[ts(type = "number")]
        pub entries: u64,
        /// What is wrong; empty when nothing is.
        pub problem: String,
        /// What to do; empty when nothing is wrong.
        pub hint: String,
        /// The hash of the last entry, in hex.
        pub head: String,
        /// How the journal stands to the anchor in the keychain.
        pub anchor: AnchorView,
    }
    /// Checks of this machine.
    pub struct DoctorView {
        /// In order.
        pub checks: Vec<DoctorCheck>,
    }
    /// One check.
    pub struct DoctorCheck {
        /// What is looked at.
        pub name: String,
        /// Whether it is well.
        pub well: bool,
        /// What was seen.
        pub what: String,
        /// What to do; empty when well.
        pub hint: String,
    }
}
