//! human_key: for how long a right PIN holds.

use super::*;

views! {
    /// For how long a right PIN holds.
    pub struct UnlockView {
        /// When the key is locked again unless it is used; 0 while it is locked.
        #[ts(type = "number")]
        pub until: u64,
        /// Whether the PIN is asked for at every grant.
        pub pin_always: bool,
        /// Whether the screen's lock and the machine's sleep are seen, and lock the key.
        pub watched: bool,
        /// Whether the recovery phrase was written down and verified.
        pub phrase_verified: bool,
    }
}
