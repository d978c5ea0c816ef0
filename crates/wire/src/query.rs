//! Everything a face may look at.

use crate::Revoke;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A look at something. Never changes anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "view",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Query {
    /// What the node is doing, in one line and in numbers.
    Status {},
    /// For how long a right PIN holds. Asks no keychain.
    Unlock {},
    /// What waits, and what was decided lately.
    Asks {},
    /// One ask with its outcome; for a ticket, the ticket itself once it was allowed.
    Ask {
        /// Its id, or the start of one that names a single ask.
        ask: String,
    },
    /// The prompt of one ask, exactly as the human is to see it.
    Prompt {
        /// Its id.
        ask: String,
    },
    /// The human's phrase and colour. Only the consent window is shown them.
    Mark {},
    /// Crystals, best match first, or newest first when nothing is searched.
    Memory {
        /// What to search; empty for all.
        text: String,
        /// `mine`, `peer`, or empty for both.
        origin: String,
        /// `passed`, `failed`, `accepted`, `unknown`, or empty for all.
        outcome: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 200.
        limit: u32,
        /// By words alone, at once. What meanings add is answered a moment later to the same
        /// query without this.
        #[serde(default)]
        at_once: bool,
    },
    /// What an agent would be given, and every step on the way with its reason. Bodies that
    /// peers share are fetched for it as they are for an agent.
    Recall {
        /// What is asked.
        text: String,
        /// The folder it is asked in; empty when unknown. It is not looked into.
        cwd: String,
        /// Crystals to give, at most 50.
        limit: u32,
    },
    /// Which run that is kept here wrote a line of a file, and what had failed before it. The
    /// file is not opened: its lines are told.
    Why {
        /// The file, absolute.
        file: String,
        /// Lines that stand in a row in it.
        lines: Vec<String>,
        /// Which of them is asked for, from 0.
        at: u32,
    },
    /// What recall saved: what agents said helped, and what those runs had taken.
    Saved {},
    /// Errors that more than one run met, what they cost, and what ended them.
    Recurring {},
    /// Own crystals that helped and are not shared yet, looked through by the scanner.
    Worth {},
    /// Secrets that agents wrote into some of the kept logs. Not told below an agent's program.
    Autopsy {
        /// Where the last answer ended; empty to begin.
        after: String,
    },
    /// Crystals that have to do with one: what they supersede or used, and errors, files and
    /// givers that they share.
    Related {
        /// Its id, or the start of one that names a single crystal.
        id: String,
        /// Steps to walk from it, at most 3.
        steps: u32,
        /// Crystals to give beside it, at most 200.
        limit: u32,
    },
    /// One crystal.
    Crystal {
        /// Its id, or the start of one that names a single crystal.
        id: String,
    },
    /// Steps of the trace a crystal was distilled from.
    Trace {
        /// The crystal's id.
        id: String,
        /// Steps to skip.
        offset: u32,
        /// Steps to give, at most 500.
        limit: u32,
    },
    /// The people this node knows.
    Peers {},
    /// What this human consented to, who holds what of it, and what was ended.
    Receipts {
        /// Only over this artifact; empty for all.
        artifact: String,
        /// Only for this peer; empty for all.
        peer: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 200.
        limit: u32,
    },
    /// What ending this would come to. Ends nothing.
    WouldRevoke {
        /// What.
        what: Revoke,
    },
    /// How much of what let peers share is fetched before anybody asks for it.
    Ahead {},
    /// What peers share with this human and is not here.
    Offered {
        /// Only of this peer; empty for all.
        peer: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 200.
        limit: u32,
    },
    /// How far this node reaches, and where it can be reached.
    Network {},
    /// What was given and taken, peer by peer.
    Balances {},
    /// The receipts behind a figure of a balance.
    Deliveries {
        /// The peer: a name, six words or the key in hex; empty for everybody.
        peer: String,
        /// `given` or `taken`.
        direction: String,
        /// `countersigned`, `unacknowledged`, `diverged`, or empty for all.
        signed: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 200.
        limit: u32,
    },
    /// The signed envelopes between this human and a peer, for a proof to others.
    Proofs {
        /// The peer: a name, six words or the key in hex.
        peer: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 50.
        limit: u32,
    },
    /// Who knocked and was not answered.
    Inbox {},
    /// Who is shut out, and why.
    Blocked {},
    /// Journal entries, newest first.
    Journal {
        /// Only entries before this number; 0 for the newest.
        #[ts(type = "number")]
        before: u64,
        /// Rows to give, at most 500.
        limit: u32,
        /// Only events of this word, or empty for all.
        event: String,
    },
    /// What ever left this machine, and who has it: read from the whole journal.
    Left {
        /// Only that in which this stands: a name, words of a key, the beginning of a key or an
        /// id, words of a title. Empty for all.
        text: String,
        /// Rows to skip.
        offset: u32,
        /// Rows to give, at most 200.
        limit: u32,
    },
    /// Entries of the journal as they lie in the store, to be written down and checked elsewhere.
    Entries {
        /// Only entries after this number.
        #[ts(type = "number")]
        after: u64,
    },
    /// Reads the whole journal and checks every link and the signed head.
    Verify {},
    /// Agents, keys, storage.
    Settings {},
    /// What organisations forbid here.
    Policies {},
    /// What accepting a policy would come to. Accepts nothing.
    WouldAccept {
        /// The bytes of its file, in hex.
        policy: String,
    },
    /// Checks of this machine, each with what to do.
    Doctor {},
    /// What each field of a crystal of mine was distilled from.
    Evidence {
        /// The id of the crystal or of its trace, or the start of it.
        id: String,
    },
    /// A crystal of mine as others read it.
    Export {
        /// The id of the crystal or of its trace, or the start of it.
        id: String,
        /// `skill` for a `SKILL.md`, `atif` for its trace as a trajectory.
        form: String,
    },
    /// The logs of agents that are on this machine, counted and not read.
    Found {},
    /// The programs agents run in, and what connecting each would change.
    Clients {},
    /// What everything takes on the disk.
    Storage {},
    /// What purging these traces would do.
    Purge {
        /// Ids of traces or of their crystals, or the starts of them.
        ids: Vec<String>,
    },
    /// What keeping traces only so long would purge now.
    Retain {
        /// Days since the end of the run; 0 for no such limit.
        days: u32,
        /// Bytes of the newest; 0 for no such limit.
        #[ts(type = "number")]
        bytes: u64,
    },
}
