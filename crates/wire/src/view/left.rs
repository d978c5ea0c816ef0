//! What a face is shown of what ever left, and the journal as it lies in the store.

use super::*;

views! {
    /// A page of what ever left this machine, what left last first.
    pub struct LeftPage {
        /// All that match.
        pub total: u32,
        /// This page.
        pub rows: Vec<LeftRow>,
        /// Entries of the journal that cannot be read: the list lacks what they told of.
        pub unreadable: u32,
    }
    /// One thing that left, to one human.
    pub struct LeftRow {
        /// The number of the newest entry about it.
        #[ts(type = "number")]
        pub seq: u64,
        /// `crystal`, `head` (as long as no byte of the crystal was served), `ticket`, `card` or
        /// `ending`.
        pub what: String,
        /// Its id: of a crystal or its head the artifact's, of a ticket its ask's, of an ending
        /// its envelope's; empty for a card.
        pub id: String,
        /// The title of a crystal; empty where nothing of it is here any more.
        pub title: String,
        /// Whether the crystal can be opened here.
        pub here: bool,
        /// Under which receipt; may be empty.
        pub receipt: String,
        /// `share-private`, `share-public`, or empty.
        pub act: String,
        /// The name this human gave whoever has it; empty for a ticket.
        pub name: String,
        /// Their human_key, in hex; empty for a ticket.
        pub human: String,
        /// `told`, `part`, `may-have`, `sent` or `acknowledged` for what is shared; else empty.
        pub state: String,
        /// Of what was served: `countersigned`, `acknowledged` (not countersigned yet),
        /// `diverged`, `unacknowledged`; else empty.
        pub signed: String,
        /// Bytes of it that were sent, in all.
        #[ts(type = "number")]
        pub bytes: u64,
        /// When it first left.
        #[ts(type = "number")]
        pub first: u64,
        /// When last.
        #[ts(type = "number")]
        pub last: u64,
        /// The ask that it comes from; may be empty.
        pub ask: String,
        /// The agent that asked; empty for this human.
        pub agent: String,
        /// Why, as whoever asked said.
        pub reason: String,
        /// Where it was allowed, in words; empty where nobody was asked for it.
        pub allowed: String,
        /// When serving them ended; 0 while they are served.
        #[ts(type = "number")]
        pub ended: u64,
        /// Whether the word of that end still waits for a signature.
        pub unsigned: bool,
    }
    /// Entries of the journal as they lie in the store.
    pub struct EntriesView {
        /// In order.
        pub rows: Vec<EntryRow>,
        /// The signed head, in hex, once these go up to the end; else empty.
        pub head: String,
    }
    /// One entry.
    pub struct EntryRow {
        /// Its bytes, in hex.
        pub entry: String,
        /// Its number; 0 where it cannot be read. As what follows only for reading.
        #[ts(type = "number")]
        pub seq: u64,
        /// When.
        #[ts(type = "number")]
        pub at: u64,
        /// The event's word.
        pub event: String,
        /// In one sentence.
        pub what: String,
    }
}
