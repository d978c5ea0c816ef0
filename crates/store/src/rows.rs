//! What the store keeps, row by row. Field names are part of the file's format.
//!
//! A row has exactly the fields of its type: a new field needs a line in the step of `migrate`
//! that goes to the version which has it.

use artifact::{
    Act, ArtifactId, AuthorKey, HumanKey, JournalKey, KeyProtection, Outcome, SolanaKey,
    TransportKey, UnixMillis,
};
use consent::{Book, Bounds, Origin, Reach};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

macro_rules! rows {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

rows! {
    /// Who this node is. Secrets live elsewhere.
    pub struct Self_ {
        /// human_key.
        pub human: HumanKey,
        /// author_key.
        pub author: AuthorKey,
        /// transport_key.
        pub transport: TransportKey,
        /// journal_key.
        pub journal: JournalKey,
        /// solana_key.
        pub solana: SolanaKey,
        /// How human_key is kept.
        pub protection: KeyProtection,
        /// The signed card.
        #[serde(with = "serde_bytes")]
        pub card: Vec<u8>,
        /// The UDP port of the last run, so that tickets stay good; 0 before the first.
        pub port: u16,
    }
    /// One imported log.
    pub struct TraceRow {
        /// The agent that wrote it.
        pub agent: String,
        /// Its format.
        pub format: String,
        /// BLAKE3 of the raw log: its name in the vault.
        pub log: ArtifactId,
        /// Bytes of the raw log.
        pub log_bytes: u64,
        /// Bytes it takes compressed.
        pub stored_bytes: u64,
        /// Where it was read, for the human; not used to find it again.
        pub place: String,
        /// Lines of the raw log.
        pub lines: u64,
        /// Lines that were not JSON.
        pub malformed: u64,
        /// Records of a kind that is kept but not interpreted.
        pub unknown: u64,
        /// The end of the run.
        pub ended: UnixMillis,
        /// When it was imported.
        pub imported: UnixMillis,
        /// The crystal distilled from it, where there was something to distil.
        pub crystal: Option<ArtifactId>,
        /// When its bytes were purged. The row stays and says so.
        pub purged: Option<UnixMillis>,
    }
    /// One crystal, beside its envelope.
    pub struct CrystalRow {
        /// Where it came from.
        pub origin: Origin,
        /// Its trace, of mine.
        pub trace: Option<ArtifactId>,
        /// Its giver, of a peer's.
        pub giver: Option<HumanKey>,
        /// The giver's receipt, of a peer's.
        pub receipt: Option<ArtifactId>,
        /// Its author.
        pub author: AuthorKey,
        /// Its title, for lists.
        pub title: String,
        /// The first of its problem, for lists.
        pub problem: String,
        /// The repository's name, for lists.
        pub repo: String,
        /// How the run ended.
        pub outcome: Outcome,
        /// The end of its run.
        pub at: UnixMillis,
        /// When it was added here.
        pub added: UnixMillis,
        /// Bytes of the envelope.
        pub size: u64,
        /// When its giver withdrew it, of a peer's: agents are not given it any more.
        #[serde(default)]
        pub withdrawn: Option<UnixMillis>,
    }
    /// A signed receipt of this human.
    pub struct ReceiptRow {
        /// The envelope.
        #[serde(with = "serde_bytes")]
        pub envelope: Vec<u8>,
        /// The artifact it covers.
        pub artifact: ArtifactId,
        /// The act.
        pub act: Act,
        /// The named people, or none for public.
        pub peers: Vec<HumanKey>,
        /// When it was signed.
        pub iat: UnixMillis,
        /// Not served after this.
        pub until: Option<UnixMillis>,
        /// The envelope of the grant it was signed under.
        #[serde(default)]
        pub grant: Option<ByteBuf>,
    }
    /// A person whose human_key is pinned.
    pub struct PeerRow {
        /// The name this human gave.
        pub name: String,
        /// Their card's envelope.
        #[serde(with = "serde_bytes")]
        pub card: Vec<u8>,
        /// The number of that card; only a higher one replaces it.
        pub card_seq: u64,
        /// Their endpoint id.
        pub transport: TransportKey,
        /// When pinned.
        pub since: UnixMillis,
        /// When last connected.
        pub seen: UnixMillis,
        /// Socket addresses that worked last, as text.
        pub addrs: Vec<String>,
        /// Bytes of artifacts served to them.
        pub bytes_given: u64,
        /// Bytes of artifacts received from them.
        pub bytes_taken: u64,
        /// Whether this human lets them: their crystals are fetched ahead, and used unasked.
        #[serde(default)]
        pub let_in: bool,
        /// Whether they are reached by relays alone, so that they learn no address of this machine.
        #[serde(default)]
        pub relay_only: bool,
        /// The highest number of a head that they were told.
        #[serde(default)]
        pub heads_told: u64,
        /// The highest number of a head of theirs that is here.
        #[serde(default)]
        pub heads_kept: u64,
        /// The number of the last revocation that was signed for them.
        #[serde(default)]
        pub revocations_told: u64,
        /// The highest number of a revocation of theirs that is here.
        #[serde(default)]
        pub revocations_kept: u64,
        /// What their delivery receipts say that they received.
        #[serde(default)]
        pub given: Book,
        /// What this node's delivery receipts to them say.
        #[serde(default)]
        pub taken: Book,
        /// Whether they hold more of what this node told than its store knows of: it was
        /// restored from before, and their receipts may be about what it forgot.
        #[serde(default)]
        pub older: bool,
    }
    /// An endpoint that is shut out.
    pub struct BlockRow {
        /// The human behind it, where that is proven: shut out wherever they come from.
        pub human: Option<HumanKey>,
        /// The name they had here, or none.
        pub name: String,
        /// Why: `by-hand`, or the code of what was refused.
        pub why: String,
        /// Since when.
        pub at: UnixMillis,
    }
    /// Somebody who knocked: a row of the inbox, by endpoint.
    pub struct KnockRow {
        /// Who it is; their card is proven.
        pub human: HumanKey,
        /// Their card's envelope.
        #[serde(with = "serde_bytes")]
        pub card: Vec<u8>,
        /// When they first came.
        pub first: UnixMillis,
        /// When they last came.
        pub last: UnixMillis,
        /// How often.
        pub times: u64,
    }
    /// Serving that was ended, by receipt and human (all zero for everybody it names).
    pub struct StopRow {
        /// When.
        pub at: UnixMillis,
        /// Why, in this human's words.
        pub reason: Option<String>,
    }
    /// A revocation that waits for the next time human_key is unlocked.
    pub struct DueRow {
        /// When serving was ended.
        pub at: UnixMillis,
        /// Why, in this human's words.
        pub reason: Option<String>,
    }
    /// One receipt of a peer over what it offers, whether the body is here or not.
    pub struct OfferRow {
        /// The receipt's envelope.
        pub receipt: ByteBuf,
        /// The envelope of the grant it was signed under.
        pub grant: Option<ByteBuf>,
        /// The id of that grant.
        pub grant_id: Option<ArtifactId>,
        /// When it was signed.
        pub iat: UnixMillis,
        /// Not served after this.
        pub until: Option<UnixMillis>,
    }
    /// How much of what let peers share is fetched before anybody asks for it.
    pub struct AheadRow {
        /// Bytes of one peer.
        pub per_peer: u64,
        /// Bytes of all of them.
        pub total: u64,
    }
    /// A delivery receipt, on either side.
    pub struct SettleRow {
        /// Its envelope.
        pub delivery: ByteBuf,
        /// Bytes of the artifact, as the envelope says: sums are made without opening any.
        pub size: u64,
        /// The taker's totals, this one included, as the envelope says.
        pub claim: Book,
        /// The giver's countersignature, once it is there.
        pub countersign: Option<ByteBuf>,
        /// The giver's totals, where this one does not follow from them.
        pub diverged: Option<Book>,
        /// When it was made, or came.
        pub at: UnixMillis,
    }
    /// From where this node may be reached.
    pub struct ReachRow {
        /// The switches.
        pub reach: Reach,
    }
    /// An invite secret that a ticket carries.
    pub struct InviteRow {
        /// The secret.
        #[serde(with = "serde_bytes")]
        pub secret: Vec<u8>,
        /// Not accepted after this.
        pub expires: UnixMillis,
        /// When it was used, and by whom.
        pub spent: Option<HumanKey>,
        /// Whether its ticket holds no address of this machine: who uses it learns none.
        pub hidden: bool,
    }
    /// What an allowed ticket became.
    pub struct TicketRow {
        /// The ticket's text.
        pub ticket: String,
        /// Not accepted after this.
        pub expires: UnixMillis,
    }
    /// A connection the human allowed and that is still to be made.
    pub struct ConnectRow {
        /// The ticket.
        pub ticket: String,
        /// The name to give.
        pub name: String,
    }
    /// A paired agent.
    pub struct AgentRow {
        /// Its name.
        pub name: String,
        /// When it was paired.
        pub since: UnixMillis,
        /// Its asks so far.
        pub asks: u64,
        /// Its recalls so far.
        pub recalls: u64,
    }
    /// A rule that holds, by the id of its grant. Its key is in memory only.
    pub struct RuleRow {
        /// What it is bound to.
        pub bounds: Bounds,
        /// The whole signed grant.
        pub grant: ByteBuf,
        /// How often something was allowed by it.
        pub uses: u64,
        /// When that was last; 0 before the first time.
        pub used: UnixMillis,
    }
    /// An agent whose asks are not brought before the human by themselves.
    pub struct MuteRow {
        /// Until when.
        pub until: UnixMillis,
        /// Why: `by-hand`, or `denied-often`.
        pub why: String,
    }
    /// An agent that was shown out for good.
    pub struct BlockedAgentRow {
        /// The name it had.
        pub name: String,
        /// Since when.
        pub at: UnixMillis,
    }
    /// A head that a peer told, whose body may not be here.
    pub struct HeadRow {
        /// The encoded head.
        #[serde(with = "serde_bytes")]
        pub head: Vec<u8>,
        /// The receipt's envelope.
        #[serde(with = "serde_bytes")]
        pub receipt: Vec<u8>,
        /// Whose.
        pub giver: HumanKey,
        /// When it came.
        pub at: UnixMillis,
        /// Why its body was refused; empty while it may still come.
        pub refused: String,
        /// The giver's number for it.
        #[serde(default)]
        pub seq: u64,
        /// The envelope of the grant its receipt was signed under.
        #[serde(default)]
        pub grant: Option<ByteBuf>,
    }
    /// What a peer received under a receipt.
    pub struct DeliveryRow {
        /// Whether the head was told.
        pub told: bool,
        /// Bytes sent in all.
        pub bytes: u64,
        /// How often the whole artifact was sent.
        pub whole: u64,
        /// The number of its head among those that this peer was told; 0 before.
        #[serde(default)]
        pub seq: u64,
        /// A session in which serving began and of whose end nothing is written: the node may
        /// have been killed after the last byte.
        #[serde(default)]
        pub open: Option<u64>,
    }
    /// What an agent says a crystal did for it.
    pub struct OutcomeRow {
        /// `helped`, `wrong` or `stale`.
        pub outcome: String,
        /// The agent.
        pub agent: String,
        /// When.
        pub at: UnixMillis,
    }
    /// The store was brought to another version.
    pub struct UpgradeRow {
        /// The version it had.
        pub from: u64,
        /// The version it has since.
        pub to: u64,
        /// Whether the journal tells of it.
        pub told: bool,
    }
    /// Wrong PINs in a row through one face.
    pub struct TryRow {
        /// How many.
        pub wrong: u64,
        /// When the last of them was begun.
        pub at: UnixMillis,
    }
    /// What the human chose about human_key. Its secret lies elsewhere.
    pub struct KeyCareRow {
        /// Whether the PIN is asked for at every grant.
        pub pin_always: bool,
        /// When the recovery phrase was written down and verified.
        pub phrase_verified: Option<UnixMillis>,
    }
    /// How long traces are kept. Without limits: for ever.
    pub struct RetentionRow {
        /// Days since the end of their run.
        pub days: Option<u64>,
        /// Bytes of the newest, as they lie on the disk.
        pub bytes: Option<u64>,
    }
}

impl RetentionRow {
    /// Whether nothing is ever purged by itself.
    #[must_use]
    pub const fn keeps_all(&self) -> bool {
        self.days.is_none() && self.bytes.is_none()
    }
}

impl Default for AheadRow {
    fn default() -> Self {
        Self { per_peer: 256 << 20, total: 2 << 30 }
    }
}

impl PeerRow {
    /// Somebody who is pinned now, of whom nothing else is known yet.
    #[must_use]
    pub fn pinned(name: String, card: Vec<u8>, keys: &artifact::Card, now: UnixMillis) -> Self {
        Self {
            name,
            card,
            card_seq: keys.seq,
            transport: keys.transport,
            since: now,
            seen: now,
            addrs: Vec::new(),
            bytes_given: 0,
            bytes_taken: 0,
            let_in: false,
            relay_only: false,
            heads_told: 0,
            heads_kept: 0,
            revocations_told: 0,
            revocations_kept: 0,
            given: Book::default(),
            taken: Book::default(),
            older: false,
        }
    }
}

impl Copy for RetentionRow {}
impl Copy for KeyCareRow {}
