//! Everything a face may do that grants nothing.

use crate::{ConnectedView, Pin, Rebuke, UndoneView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) mod revoke;

use revoke::Revoke;

/// Where the human wants their key kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "keep",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum KeepKey {
    /// In the OS keychain, wrapped by a PIN.
    Pin {
        /// The new PIN.
        pin: Pin,
    },
    /// In the OS keychain without a PIN: any program of this user can read it while the
    /// keychain is unlocked.
    Keychain {},
    /// In a passphrase-wrapped file, for machines without a keychain.
    File {
        /// The new passphrase.
        passphrase: Pin,
    },
}

/// Never prints what it holds.
impl std::fmt::Debug for KeepKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pin { .. } => "Pin(…)",
            Self::Keychain {} => "Keychain",
            Self::File { .. } => "File(…)",
        })
    }
}

/// The colour beside the human's phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// Yellow-brown.
    Amber,
    /// Between green and blue.
    Teal,
    /// Between red and blue.
    Plum,
    /// The colour of old iron.
    Rust,
    /// Light blue.
    Sky,
    /// Green.
    Moss,
}

/// A key that this node keeps for itself, and may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKey {
    /// Signs what this node writes.
    Author,
    /// The endpoint on the network.
    Transport,
    /// Signs the journal's head.
    Journal,
}

/// Something to do. None of these lets a byte leave or a key be trusted: what would, becomes
/// an ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "act",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Act {
    /// Keeps the phrase and colour by which the human knows the consent window. Only in the main
    /// window, which never shows them.
    SetMark {
        /// The phrase.
        phrase: Pin,
        /// The colour's name.
        colour: Colour,
    },
    /// Makes the keys, once.
    Init {
        /// Where human_key is kept.
        keep: KeepKey,
        /// What the card suggests to call this human; may be empty.
        name: String,
    },
    /// Makes this node one of the human whose recovery phrase this is, once.
    Restore {
        /// Where human_key is kept.
        keep: KeepKey,
        /// What the card suggests to call this human; may be empty.
        name: String,
        /// The 24 words.
        phrase: Pin,
    },
    /// Reads a log, or every log below a folder.
    Import {
        /// An absolute path.
        path: String,
    },
    /// Follows the logs of every program that is known while the node runs, now and after every
    /// start, or does so no longer.
    Follow {
        /// Whether it does.
        on: bool,
    },
    /// Reads a log, or every log below a folder, and follows it until the job is stopped.
    Watch {
        /// An absolute path, or nothing for the logs of every agent that is known.
        path: String,
    },
    /// Lets the human pick what to import in a native dialog. Only where there is a window.
    PickImport {
        /// A folder rather than a file.
        folder: bool,
    },
    /// Stops an import; what was read so far is kept.
    CancelImport {
        /// The job.
        #[ts(type = "number")]
        job: u64,
    },
    /// Asks to share a crystal.
    Share {
        /// The crystal.
        id: String,
        /// Names, key words or keys of people; empty for public.
        to: Vec<String>,
        /// With anyone.
        public: bool,
        /// Why, for the human's own memory.
        reason: String,
    },
    /// Proposes a crystal no more for sharing with these people.
    Withhold {
        /// The crystal.
        id: String,
        /// Names, key words or keys of people; empty for all who are known now.
        from: Vec<String>,
    },
    /// Asks to give out a ticket.
    Ticket {},
    /// Asks to give out a ticket that holds no address of this machine: who uses it is reached
    /// by relay alone.
    HiddenTicket {},
    /// Asks to be reached from anywhere, or stops it at once.
    Anywhere {
        /// Whether.
        on: bool,
        /// A relay of one's own, as `https://relay.example/`; empty for the public ones.
        relay: String,
    },
    /// Asks to be announced on the local network, or stops it at once.
    Nearby {
        /// Whether.
        on: bool,
    },
    /// Hides this machine's addresses from a peer at once, or asks to show them again.
    HidePeer {
        /// The peer: a name, six words or the key in hex.
        peer: String,
        /// Whether to hide.
        on: bool,
    },
    /// Asks to connect by a ticket.
    Connect {
        /// The ticket.
        ticket: String,
        /// What to call the other; may be empty.
        name: String,
    },
    /// Asks to let somebody of the inbox in.
    Accept {
        /// Their key, key words, endpoint or suggested name.
        who: String,
        /// What to call them; may be empty.
        name: String,
    },
    /// Takes somebody out of the inbox. They may knock again.
    Dismiss {
        /// Their key, key words, endpoint or suggested name.
        who: String,
    },
    /// Takes everybody out of the inbox. They may knock again.
    DismissAll {},
    /// Shuts somebody out: a peer, a row of the inbox, or any endpoint.
    Block {
        /// Their name, key, key words or endpoint.
        who: String,
        /// Whether this is the id of an endpoint, of which nobody need be known.
        endpoint: bool,
        /// Why, for the human's own memory; may be empty.
        reason: String,
    },
    /// Asks to lift a block.
    Unblock {
        /// Their name, key, key words or endpoint.
        who: String,
    },
    /// Asks to let a peer: their crystals are fetched ahead and given to agents unasked.
    Let {
        /// Their name, key words or key.
        who: String,
    },
    /// Gives a peer's crystals to agents no longer unasked.
    Unlet {
        /// Their name, key words or key.
        who: String,
    },
    /// Asks to let an agent in.
    Pair {
        /// Its name.
        name: String,
    },
    /// Shows an agent out. Its waiting asks are withdrawn.
    Unpair {
        /// Its name.
        name: String,
    },
    /// Denies an ask.
    Deny {
        /// The ask.
        ask: String,
        /// What to do about the agent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        rebuke: Option<Rebuke>,
    },
    /// Denies every ask that waits.
    DenyAll {},
    /// Ends a rule. What was shared under it stays shared.
    EndRule {
        /// Its id, or the start of it.
        rule: String,
    },
    /// Takes somebody out of a rule.
    NarrowRule {
        /// Its id, or the start of it.
        rule: String,
        /// Their name, key words or key.
        without: String,
    },
    /// The human has seen that rules were not what they signed for, and were ended.
    AlteredSeen {},
    /// Hears an agent again before its hour is over.
    Unmute {
        /// Its name.
        name: String,
    },
    /// Shows an agent out, and lets it not ask to be let in again.
    BlockAgent {
        /// Its name.
        name: String,
    },
    /// Lets a blocked agent ask to be let in again.
    UnblockAgent {
        /// The name it had.
        name: String,
    },
    /// Opens the consent window on an ask.
    Review {
        /// The ask.
        ask: String,
    },
    /// Ends what was given, at once and without a key.
    Revoke {
        /// What.
        what: Revoke,
        /// Why: those who are told of it read this. At most 280 characters; may be empty.
        reason: String,
    },
    /// Asks to sign the word of what was ended: the prompt lists it.
    AskSignature {},
    /// Signs the word of what was ended, so that those who were told learn it. Without this it
    /// is signed the next time something is allowed.
    SignRevocations {
        /// The PIN.
        pin: Pin,
    },
    /// Locks the key, and ends what was allowed until then.
    Lock {},
    /// Closes the key by another PIN or passphrase.
    ChangePin {
        /// The one before; empty when there was none.
        old: Pin,
        /// The new one; empty for none, which a key file does not take.
        new: Pin,
    },
    /// Says whether the PIN is asked for at every grant.
    PinAlways {
        /// Whether.
        on: bool,
        /// The PIN, to be asked less often; else empty.
        pin: Pin,
    },
    /// Asks to put a new key in the place of one of this node's.
    Rotate {
        /// Which.
        key: NodeKey,
    },
    /// Shows the recovery phrase.
    ShowPhrase {
        /// The PIN.
        pin: Pin,
    },
    /// Says that the recovery phrase was written down.
    VerifyPhrase {
        /// The 24 words, as they were written down.
        phrase: Pin,
    },
    /// Fetches one thing that a peer shares.
    Fetch {
        /// Its id, or the start of it.
        id: String,
    },
    /// Says how much of what let peers share is fetched before anybody asks for it. Nothing that
    /// is here goes; beyond this nothing more is fetched ahead.
    FetchAhead {
        /// Bytes of one peer.
        #[ts(type = "number")]
        per_peer: u64,
        /// Bytes of all of them.
        #[ts(type = "number")]
        total: u64,
    },
    /// Gives a peer another name.
    Rename {
        /// The peer's current name or key.
        peer: String,
        /// The new name.
        name: String,
    },
    /// Writes this node into the settings of a program that agents run in, keeps a copy, and
    /// tries out what was written. It lets nobody in.
    ConnectClient {
        /// The program.
        client: String,
        /// The change that the human saw.
        seen: String,
        /// The change of its hooks that the human saw; empty when they are left as they are.
        hooks: String,
    },
    /// Takes this node out of those settings again.
    UndoClient {
        /// The program.
        client: String,
        /// The change that the human saw; empty when only the hooks go.
        seen: String,
        /// The change of its hooks that the human saw; empty when they are left as they are.
        hooks: String,
    },
    /// Says how the run of a crystal ended. It counts here; what is shared stays as it was
    /// signed.
    Judge {
        /// The crystal.
        id: String,
        /// `passed`, `failed`, `accepted`, `unknown`, or empty to let the rule's word stand.
        outcome: String,
    },
    /// Forgets a crystal of mine with its log, for good: no import brings it back.
    Forget {
        /// The crystal.
        id: String,
    },
    /// Purges traces for good. Their crystals stay.
    Purge {
        /// Ids of traces or of their crystals, or the starts of them.
        ids: Vec<String>,
    },
    /// Says how long traces are kept. What is due goes at the next tick.
    Retain {
        /// Days since the end of the run; 0 for no such limit.
        days: u32,
        /// Bytes of the newest; 0 for no such limit.
        #[ts(type = "number")]
        bytes: u64,
    },
    /// Asks to accept what an organisation forbids.
    AcceptPolicy {
        /// The bytes of the policy's file, in hex.
        policy: String,
    },
    /// Asks to drop a policy that was accepted.
    DropPolicy {
        /// The organisation's name, key words or key; empty for every policy.
        who: String,
    },
    /// Asks to go on with a store that is not the one that was signed for.
    Resume {},
    /// Writes the journal to a file that the human picks in a native dialog. Only where there is a
    /// window.
    ExportJournal {},
    /// Brings the running app's window to the front.
    Raise {},
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "done", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Done {
    /// It is done.
    Nothing {},
    /// The recovery phrase, for the human's eyes.
    Phrase {
        /// Its 24 words.
        phrase: Pin,
    },
    /// It waits for the human.
    Asked {
        /// The ask.
        ask: String,
        /// Four words that the prompt shows too.
        code: String,
    },
    /// A program's settings start this node.
    Connected(Box<ConnectedView>),
    /// They no longer do.
    Undone(UndoneView),
    /// It is done, and so many bytes on the disk came free.
    Freed {
        /// Bytes.
        #[ts(type = "number")]
        bytes: u64,
    },
    /// It was ended.
    Revoked {
        /// Receipts under which less is served from now on.
        receipts: u32,
        /// Asks that waited and were withdrawn.
        asks: u32,
        /// People who had been told of it.
        people: u32,
        /// Revocations that wait for a signature.
        unsigned: u32,
        /// One sentence for the human.
        what: String,
    },
    /// Revocations were signed.
    Signed {
        /// How many.
        count: u32,
    },
    /// It stands in a file.
    Exported {
        /// Which.
        file: String,
        /// How many entries.
        #[ts(type = "number")]
        entries: u64,
    },
    /// It runs; its progress comes as notices.
    Started {
        /// The job.
        #[ts(type = "number")]
        job: u64,
    },
}
