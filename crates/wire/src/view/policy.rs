//! Policies of organisations, as a face is shown them.

use super::*;

views! {
    /// What organisations forbid here.
    pub struct PoliciesView {
        /// By organisation.
        pub policies: Vec<PolicyView>,
        /// Why nobody can tell which policies hold; empty where that is known.
        pub trouble: String,
    }
    /// One policy.
    pub struct PolicyView {
        /// What the organisation calls itself.
        pub org: String,
        /// Its key, in hex.
        pub key: String,
        /// Six words of it.
        pub words: String,
        /// Which version of its policy this is.
        #[ts(type = "number")]
        pub seq: u64,
        /// What it forbids, in a few words.
        pub short: String,
        /// The same in sentences, a line each.
        pub text: String,
        /// When it was accepted; 0 where it is not.
        #[ts(type = "number")]
        pub accepted: u64,
        /// Until when it forbids; 0 for as long as it is accepted.
        #[ts(type = "number")]
        pub until: u64,
        /// Whether it is over.
        pub over: bool,
    }
    /// What accepting a policy would come to.
    pub struct WouldAcceptView {
        /// The policy.
        pub policy: PolicyView,
        /// Why it cannot be accepted; empty where it can.
        pub refused: String,
        /// The version it takes the place of; 0 for none.
        #[ts(type = "number")]
        pub replaces: u64,
        /// What that one forbids and this one does not, in words.
        pub eased: Vec<String>,
        /// Shares that run and that it would have forbidden. They go on.
        pub shares: u32,
        /// Rules that it ends.
        pub rules: u32,
        /// Asks that wait and could not be allowed any more.
        pub asks: u32,
        /// Words in it that this node's scanner does not know.
        pub unknown: Vec<String>,
    }
}
