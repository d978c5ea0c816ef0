//! Agents, and what the human decided about them; the rest of the settings beside them.

use super::*;
use crate::Term;

views! {
    /// Agents, keys, storage.
    pub struct SettingsView {
        /// Paired agents.
        pub agents: Vec<AgentRow>,
        /// Rules that hold, by agent.
        pub rules: Vec<RuleView>,
        /// Rules that were not what was signed for and ended, since the human saw it last.
        pub altered: u32,
        /// Agents that may not ask to be let in.
        pub blocked_agents: Vec<BlockedAgent>,
        /// How the keychain stands.
        pub keychain: Keychain,
        /// What to do about it.
        pub keychain_hint: String,
        /// A command that does it where there is no desktop; empty where none does.
        pub keychain_command: String,
        /// `pin`, `keychain` or `file`.
        pub protection: String,
        /// For how long a right PIN holds.
        pub unlock: UnlockView,
        /// The public keys.
        pub keys: Option<KeyView>,
        /// The data folder.
        pub home: String,
        /// Bytes of compressed traces.
        #[ts(type = "number")]
        pub trace_bytes: u64,
        /// Bytes of the logs they were made from.
        #[ts(type = "number")]
        pub log_bytes: u64,
        /// Bytes of the store's file.
        #[ts(type = "number")]
        pub store_bytes: u64,
        /// Bytes of the search index.
        #[ts(type = "number")]
        pub index_bytes: u64,
        /// How an agent's configuration starts the shim.
        pub mcp_command: String,
    }
    /// One agent.
    pub struct AgentRow {
        /// Its name.
        pub name: String,
        /// Its key, in hex.
        pub key: String,
        /// When it was paired.
        #[ts(type = "number")]
        pub since: u64,
        /// Whether it is connected now.
        pub connected: bool,
        /// Its asks so far.
        pub asks: u32,
        /// Its recalls so far.
        pub recalls: u32,
        /// Until when its asks do not come up by themselves; 0 when they do.
        #[ts(type = "number")]
        pub muted_until: u64,
    }
    /// A rule: what one agent may share for a while without the human being asked.
    pub struct RuleView {
        /// The id of its grant.
        pub id: String,
        /// The agent it was made for.
        pub agent: String,
        /// `session`, `lock` or `day`.
        pub term: Term,
        /// Title of what was shown when it was made.
        pub what: String,
        /// The artifact that was shown.
        pub artifact: String,
        /// Whom it names, as this human calls them.
        pub to: Vec<String>,
        /// Until when it holds at most.
        #[ts(type = "number")]
        pub until: u64,
        /// How often something was allowed by it.
        pub uses: u32,
        /// When that was last; 0 before the first time.
        #[ts(type = "number")]
        pub used: u64,
    }
    /// An agent that was shown out and may not ask to be let in.
    pub struct BlockedAgent {
        /// The name it had.
        pub name: String,
        /// Its key, in hex.
        pub key: String,
        /// Since when.
        #[ts(type = "number")]
        pub at: u64,
    }
}
