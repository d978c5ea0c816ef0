//! What is found on this machine: the logs of agents, and the programs they run in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a program that agents run in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ClientState {
    /// Nothing of it is here.
    NotFound,
    /// It is here, and does not know this node.
    NotConnected,
    /// It starts this node's shim.
    Connected,
    /// Its settings name a server of ours that starts something else.
    Changed,
    /// Its settings cannot be changed.
    Blocked,
}

views! {
    /// The logs of agents on this machine.
    pub struct FoundView {
        /// One row for each program that has any.
        pub logs: Vec<LogsRow>,
        /// Whether they are followed while the node runs.
        pub followed: bool,
        /// What of them could not be read.
        pub failures: Vec<String>,
    }
    /// The logs of one program. None was opened to say this.
    pub struct LogsRow {
        /// Its name as an agent.
        pub name: String,
        /// As people call it.
        pub title: String,
        /// Where they are.
        pub folder: String,
        /// How many sessions.
        #[ts(type = "number")]
        pub files: u64,
        /// Their bytes.
        #[ts(type = "number")]
        pub bytes: u64,
        /// When the oldest was written last; 0 when there is none.
        #[ts(type = "number")]
        pub oldest: u64,
        /// When the newest was written last; 0 when there is none.
        #[ts(type = "number")]
        pub newest: u64,
        /// For how many days the program keeps them; 0 when it deletes none.
        #[ts(type = "number")]
        pub keeps_days: u64,
        /// How many it deletes within a week.
        #[ts(type = "number")]
        pub soon: u64,
    }
    /// The programs that can be connected by a click.
    pub struct ClientsView {
        /// In a fixed order, found or not.
        pub clients: Vec<ClientView>,
    }
    /// One program.
    pub struct ClientView {
        /// Its name as an agent.
        pub name: String,
        /// As people call it.
        pub title: String,
        /// How it stands.
        pub state: ClientState,
        /// Its settings, there or not.
        pub file: String,
        /// Its executable; empty when only its settings were found.
        pub program: String,
        /// Whether its agent was let in.
        pub paired: bool,
        /// Why it cannot be connected; empty when it can.
        pub why: String,
        /// What to do about that.
        pub hint: String,
        /// What connecting would change.
        pub connect: Option<ChangeView>,
        /// What undoing would change.
        pub undo: Option<ChangeView>,
        /// Its hooks, by which its agent recalls by itself; absent where it has none.
        pub hooks: Option<HooksView>,
    }
    /// The hooks of a program.
    pub struct HooksView {
        /// How they stand.
        pub state: ClientState,
        /// The settings that hold them, there or not.
        pub file: String,
        /// Why they cannot be changed; empty when they can.
        pub why: String,
        /// What to do about that.
        pub hint: String,
        /// What connecting would change.
        pub connect: Option<ChangeView>,
        /// What undoing would change.
        pub undo: Option<ChangeView>,
    }
    /// A change that could be made.
    pub struct ChangeView {
        /// A unified diff over the real file; secrets in the lines around are masked.
        pub diff: String,
        /// Names this very change; to be given back with the act.
        pub seen: String,
    }
    /// What connecting a program did.
    pub struct ConnectedView {
        /// Its settings.
        pub file: String,
        /// The copy of what was there before; empty when nothing was, or nothing was written.
        pub backup: String,
        /// Whether the settings still start this node after the handshake.
        pub stands: bool,
        /// The handshake; absent when the command did not answer.
        pub handshake: Option<HandshakeView>,
        /// Why it did not answer; empty when it did.
        pub why: String,
        /// Where hooks were written; empty when they were not.
        pub hooks_file: String,
        /// The copy of what was there before; empty when nothing was.
        pub hooks_backup: String,
    }
    /// What the command that was written said when it was started.
    pub struct HandshakeView {
        /// The server's name and version.
        pub server: String,
        /// The version of MCP it speaks.
        pub protocol: String,
        /// Its tools.
        pub tools: Vec<String>,
        /// Whether the node behind it answered: the agent is let in.
        pub ready: bool,
        /// What was answered when it is not.
        pub said: String,
        /// The ask to let the agent in that waits; empty when none does.
        pub ask: String,
    }
    /// What undoing did.
    pub struct UndoneView {
        /// The settings that were changed.
        pub files: Vec<UndoneFile>,
    }
    /// What undoing did to one file.
    pub struct UndoneFile {
        /// The settings.
        pub file: String,
        /// Whether they are byte for byte what they were.
        pub exact: bool,
        /// A copy of what was there before this; empty when they are.
        pub backup: String,
    }
}
