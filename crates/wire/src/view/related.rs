//! What a face is shown of crystals that have to do with one another.

use super::memory::CrystalRow;
use super::*;

views! {
    /// Crystals that have to do with one, walked step by step.
    pub struct RelatedView {
        /// What the one that was asked for is about, `kind:term` of the public vocabulary.
        pub family: Vec<String>,
        /// The one that was asked for, then the others, nearest first.
        pub rows: Vec<RelatedRow>,
        /// What they have to do with one another, as far as was walked.
        pub edges: Vec<RelatedEdge>,
        /// Whether there are more than were given.
        pub more: bool,
    }
    /// One crystal of a walk.
    pub struct RelatedRow {
        /// The crystal.
        pub crystal: CrystalRow,
        /// How many steps it is away; 0 is the one that was asked for.
        pub steps: u32,
    }
    /// What two crystals have to do with one another.
    pub struct RelatedEdge {
        /// Id of the one that supersedes or uses the other; of the rest, the one reached first.
        pub from: String,
        /// Id of the other.
        pub to: String,
        /// `supersedes`, `uses`, `same-error`, `same-files` or `from-peer`.
        pub relation: String,
        /// How many errors or files they share; 1 otherwise.
        pub shared: u32,
    }
}
