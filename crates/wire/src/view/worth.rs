//! What a face is shown of what is worth sharing.

use super::{asks::FindingRow, *};
use memory::CrystalRow;

views! {
    /// Own crystals that helped, with the people who were not given them.
    pub struct WorthView {
        /// All there are.
        pub total: u32,
        /// The newest first, at most a hundred.
        pub rows: Vec<WorthRow>,
        /// How many people there are to share with.
        pub peers: u32,
    }
    /// One of them.
    pub struct WorthRow {
        /// It.
        pub crystal: CrystalRow,
        /// Why, in short sentences.
        pub why: Vec<String>,
        /// What the scanner found in it.
        pub findings: Vec<FindingRow>,
        /// Whether it may be answered together with others: nothing stands against it.
        pub ready: bool,
        /// Who was not given it yet.
        pub people: Vec<WorthPerson>,
    }
    /// Somebody to share with.
    pub struct WorthPerson {
        /// The name this human gave.
        pub name: String,
        /// human_key, in hex.
        pub human: String,
    }
}
