//! What a face is shown of balances: figures, and the receipts that each is a sum of.

use super::*;

views! {
    /// What was given and taken, peer by peer.
    pub struct BalancesView {
        /// By name.
        pub peers: Vec<PeerBalance>,
        /// To all of them.
        pub given: BalanceSide,
        /// From all of them.
        pub taken: BalanceSide,
    }
    /// What went both ways between this human and one peer.
    pub struct PeerBalance {
        /// The name this human gave.
        pub name: String,
        /// human_key, in hex.
        pub human: String,
        /// Six words of it.
        pub words: String,
        /// What was given to them.
        pub given: BalanceSide,
        /// What was taken from them.
        pub taken: BalanceSide,
        /// The first of the receipts that differ, both ways; all of them are in the pages.
        pub differing: Vec<DeliveryLine>,
    }
    /// What went one way. Each figure is the sum of the receipts that its page shows.
    pub struct BalanceSide {
        /// Artifacts that went over whole, each once.
        pub all: Figure,
        /// Signed for by the taker and countersigned by the giver.
        pub countersigned: Figure,
        /// Went over whole, and one of the two signatures is not here.
        pub unacknowledged: Figure,
        /// Signed for, with totals that are not the giver's.
        pub diverged: Figure,
    }
    /// A figure.
    pub struct Figure {
        /// Artifacts, or receipts.
        #[ts(type = "number")]
        pub count: u64,
        /// Bytes.
        #[ts(type = "number")]
        pub bytes: u64,
    }
    /// A page of deliveries between this human and one peer, or everybody.
    pub struct DeliveriesPage {
        /// The name this human gave the peer; empty for everybody.
        pub name: String,
        /// `given` or `taken`.
        pub direction: String,
        /// All that match.
        pub total: u32,
        /// Peer by peer, by the taker's number; what nobody signed for comes last.
        pub rows: Vec<DeliveryLine>,
    }
    /// One artifact that went over whole, and who signed for it.
    pub struct DeliveryLine {
        /// The name this human gave the peer.
        pub peer: String,
        /// `given` or `taken`.
        pub direction: String,
        /// The artifact's id.
        pub artifact: String,
        /// Its title, where it is here.
        pub title: String,
        /// Bytes of it.
        #[ts(type = "number")]
        pub size: u64,
        /// `countersigned`, `unacknowledged` or `diverged`.
        pub signed: String,
        /// The delivery receipt's id; empty when the taker did not sign.
        pub delivery: String,
        /// The countersignature's id; empty when the giver did not countersign.
        pub countersign: String,
        /// Artifacts in all, as the taker counts, this one included; 0 when it did not sign.
        #[ts(type = "number")]
        pub count: u64,
        /// Bytes in all, as the taker counts, this one included.
        #[ts(type = "number")]
        pub bytes_total: u64,
        /// The giver's totals where they do not agree.
        pub book: Option<Figure>,
        /// When the delivery receipt was made or came; 0 when there is none.
        #[ts(type = "number")]
        pub at: u64,
        /// The giver's consent receipts under which it was served, of what was given.
        pub receipts: Vec<String>,
    }
    /// A page of signed envelopes, for a proof to others.
    pub struct ProofsPage {
        /// The name this human gave the peer.
        pub name: String,
        /// The cards of both, whose author_keys signed, in hex: this human's, then theirs,
        /// then earlier ones that name other author_keys.
        pub cards: Vec<String>,
        /// Delivery receipts in all.
        pub total: u32,
        /// This page.
        pub rows: Vec<ProofRow>,
    }
    /// A delivery receipt with its countersignature.
    pub struct ProofRow {
        /// `given` or `taken`.
        pub direction: String,
        /// The delivery receipt's envelope, in hex.
        pub delivery: String,
        /// The countersignature's envelope, in hex; empty when there is none.
        pub countersign: String,
        /// Whether its totals are not the giver's.
        pub diverged: bool,
    }
}
