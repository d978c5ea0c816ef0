//! What a face is shown of one recall: what was found, and every step on the way.

use super::memory::CrystalRow;
use super::*;

views! {
    /// One recall, as an agent's goes.
    pub struct RecallView {
        /// What was found, best first.
        pub rows: Vec<CrystalRow>,
        /// Whether the best is likely to be right. When it is not, an agent is given none.
        pub sure: bool,
        /// Bodies of peers that fit as well and did not come.
        pub missing: u32,
        /// What was tried, in order.
        pub steps: Vec<RecallStep>,
    }
    /// One step of a recall.
    pub struct RecallStep {
        /// `fingerprint`, `memory`, `heads`, `fetch` or `context`.
        pub step: String,
        /// Whether it was taken.
        pub taken: bool,
        /// How long it took, in milliseconds; 0 where it was not taken.
        #[ts(type = "number")]
        pub took: u64,
        /// What came of it, or why it was not taken, as a word.
        pub reason: String,
        /// The same in one sentence.
        pub why: String,
    }
}
