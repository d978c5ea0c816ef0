//! Every table there is. A name ends in the version of its rows.

use crate::{
    rows::{
        AgentRow, AheadRow, BlockRow, BlockedAgentRow, ConnectRow, CrystalRow, DeliveryRow, DueRow,
        HeadRow, InviteRow, KeyCareRow, KnockRow, MuteRow, OfferRow, OutcomeRow, PeerRow, ReachRow,
        ReceiptRow, RetentionRow, RuleRow, Self_, SettleRow, StopRow, TicketRow, TraceRow, TryRow,
        UpgradeRow,
    },
    shelf::{Shelf, ShelfError, Writing},
};
use artifact::{ArtifactId, HumanKey, UnixMillis};
use consent::Ask;
use serde_bytes::ByteBuf;

macro_rules! tables {
    ($($name:ident: $row:ty = $table:literal;)*) => {
        $(pub(crate) const $name: Shelf<$row> = Shelf::named($table);)*

        pub(crate) fn create(tx: &Writing) -> Result<(), ShelfError> {
            $($name.create(tx)?;)*
            Ok(())
        }
    };
}

tables! {
    SELF: Self_ = "self-0";
    TRACES: TraceRow = "traces-0";
    TRACE_OF_LOG: ArtifactId = "trace-of-log-0";
    CRYSTALS: CrystalRow = "crystals-0";
    ENVELOPES: ByteBuf = "crystal-envelopes-0";
    SIDECARS: ByteBuf = "sidecars-0";
    CRYSTALS_BY_TIME: () = "crystals-by-time-0";
    FROM_PEERS: () = "crystals-from-peers-0";
    CHANGES: ArtifactId = "crystal-changes-0";
    ASKS: Ask = "asks-0";
    ASKS_PENDING: () = "asks-pending-0";
    ASKS_ENDED: () = "asks-ended-0";
    SNAPSHOTS: ByteBuf = "snapshots-0";
    TICKETS: TicketRow = "tickets-0";
    CONNECTS: ConnectRow = "connects-0";
    RECEIPTS: ReceiptRow = "receipts-0";
    RECEIPTS_OF: () = "receipts-of-artifact-0";
    NONCES: () = "nonces-0";
    DELIVERIES: DeliveryRow = "deliveries-0";
    JOURNAL: ByteBuf = "journal-0";
    JOURNAL_HEAD: ByteBuf = "journal-head-0";
    PEERS: PeerRow = "peers-0";
    ENDPOINTS: HumanKey = "endpoints-0";
    INVITES: InviteRow = "invites-0";
    AGENTS: AgentRow = "agents-0";
    AGENT_NAMES: () = "agent-names-0";
    HEADS: HeadRow = "heads-0";
    OUTCOMES: OutcomeRow = "outcomes-0";
    INBOX: KnockRow = "inbox-0";
    BLOCKS: BlockRow = "blocks-0";
    BLOCKED_HUMANS: () = "blocked-humans-0";
    STOPS: StopRow = "stops-0";
    REVOCATIONS_DUE: DueRow = "revocations-due-0";
    WITHDRAWN: UnixMillis = "withdrawn-0";
    FORGOTTEN: UnixMillis = "forgotten-0";
    LEARNT: ByteBuf = "learnt-0";
    JUDGED: UnixMillis = "judged-0";
    WITHHELD: UnixMillis = "withheld-0";
    OFFERS: OfferRow = "offers-0";
    OPEN_HEADS: () = "open-heads-0";
    FETCH_AHEAD: AheadRow = "fetch-ahead-0";
    REVOCATIONS_GIVEN: ByteBuf = "revocations-given-0";
    REVOCATIONS_TAKEN: ByteBuf = "revocations-taken-0";
    DELIVERIES_GIVEN: SettleRow = "deliveries-given-0";
    DELIVERIES_TAKEN: SettleRow = "deliveries-taken-0";
    DELIVERIES_DUE: ArtifactId = "deliveries-due-0";
    DELIVERY_IDS: ArtifactId = "delivery-ids-0";
    REACH: ReachRow = "reach-0";
    UPGRADES: UpgradeRow = "upgrades-0";
    ANCHORED: u64 = "anchored-0";
    FOLLOWED: () = "followed-0";
    RETENTION: RetentionRow = "retention-0";
    RULES: RuleRow = "rules-0";
    ALTERED_RULES: UnixMillis = "altered-rules-0";
    MUTES: MuteRow = "mutes-0";
    BLOCKED_AGENTS: BlockedAgentRow = "blocked-agents-0";
    OLDER: UnixMillis = "older-0";
    TRIES: TryRow = "pin-tries-0";
    KEY_CARE: KeyCareRow = "key-care-0";
    EARLIER_CARDS: ByteBuf = "earlier-cards-0";
    SEALED_ANEW: ArtifactId = "sealed-anew-0";
    SEALS_OF: () = "seals-of-0";
    FORMER_JOURNALS: u64 = "former-journals-0";
}
