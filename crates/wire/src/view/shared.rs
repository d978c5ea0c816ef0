//! What a face is shown of sharing: what was given to whom and ended, and what peers offer.

use super::*;

views! {
    /// A page of what this human consented to, newest first.
    pub struct ReceiptsPage {
        /// All that match.
        pub total: u32,
        /// This page.
        pub rows: Vec<SharedRow>,
        /// Revocations that wait for the next time the key is unlocked.
        pub unsigned: u32,
    }
    /// One receipt, and who holds what of it.
    pub struct SharedRow {
        /// The receipt's id.
        pub receipt: String,
        /// The artifact's id.
        pub artifact: String,
        /// Its title.
        pub title: String,
        /// `share-private` or `share-public`.
        pub act: String,
        /// When it was signed.
        #[ts(type = "number")]
        pub at: u64,
        /// Not served after this; 0 for no end.
        #[ts(type = "number")]
        pub until: u64,
        /// The agent that asked; empty for this human.
        pub agent: String,
        /// `served`, `expired` or `stopped`.
        pub state: String,
        /// Everybody it names; of a public one, everybody who was told.
        pub holders: Vec<HolderRow>,
    }
    /// One human, and how far something came to them.
    pub struct HolderRow {
        /// The name this human gave.
        pub name: String,
        /// human_key, in hex.
        pub human: String,
        /// `may-have`, `told`, `sent` (all of it) or `acknowledged` (they signed for it).
        pub state: String,
        /// Bytes sent.
        #[ts(type = "number")]
        pub bytes: u64,
        /// When serving them ended; 0 while they are served. A copy they have stays theirs.
        #[ts(type = "number")]
        pub ended: u64,
        /// Why, in this human's words; may be empty.
        pub reason: String,
        /// Whether the word of that end still waits for a signature.
        pub unsigned: bool,
    }
    /// What an ending would come to.
    pub struct WouldRevokeView {
        /// Receipts under which less would be served.
        pub receipts: u32,
        /// People who would be served no more under one of them.
        pub people: u32,
        /// Asks that wait and would be withdrawn.
        pub asks: u32,
    }
    /// How much is fetched ahead of peers who are let. Beyond it nothing goes, and nothing more
    /// comes unasked.
    pub struct AheadView {
        /// The most bytes of one peer.
        #[ts(type = "number")]
        pub per_peer: u64,
        /// The most bytes of all.
        #[ts(type = "number")]
        pub total: u64,
        /// Bytes taken from everybody: fetched ahead or asked for.
        #[ts(type = "number")]
        pub taken: u64,
        /// The peers who are let, most taken first.
        pub peers: Vec<AheadPeer>,
    }
    /// A peer who is let.
    pub struct AheadPeer {
        /// The name this human gave.
        pub name: String,
        /// human_key, in hex.
        pub human: String,
        /// Bytes taken from them.
        #[ts(type = "number")]
        pub taken: u64,
    }
    /// A page of what peers share with this human and is not here.
    pub struct OfferedPage {
        /// All that match.
        pub total: u32,
        /// This page.
        pub rows: Vec<OfferedRow>,
    }
    /// One thing that a peer shares and that is not here.
    pub struct OfferedRow {
        /// Its id.
        pub id: String,
        /// Three words of it.
        pub words: String,
        /// Its title.
        pub title: String,
        /// The first of its problem.
        pub problem: String,
        /// How its run ended.
        pub outcome: String,
        /// Bytes.
        #[ts(type = "number")]
        pub size: u64,
        /// The end of its run.
        #[ts(type = "number")]
        pub at: u64,
        /// The peer's name.
        pub peer: String,
        /// Their human_key, in hex.
        pub human: String,
        /// `open` (it can be fetched now), `away` (its giver is not connected) or `refused`.
        pub state: String,
        /// Why it was refused, as a code; else empty.
        pub why: String,
        /// Why it was refused, in a sentence; else empty.
        pub reason: String,
        /// When its giver was last connected.
        #[ts(type = "number")]
        pub seen: u64,
    }
}
