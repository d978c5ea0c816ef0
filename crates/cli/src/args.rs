//! What the command understands. The help texts here are its manual.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(crate) mod agents;
pub(crate) mod answer;
pub(crate) mod bench;
pub(crate) mod key;
pub(crate) mod memory;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod policy;
pub(crate) mod screen;
pub(crate) mod worth;

use self::screen::Screen;
use agents::{Agents, Hook, Mcp, Pair};
use answer::{Answer, Deny, Rules};
use bench::Bench;
pub(crate) use bench::{BenchRecall, BenchVerb};
use key::Key;
pub(crate) use memory::{Distil, Forget, Import, Outcome, Recall, Related, Show, Sources, Why};
use network::{Network, Peers};
pub(crate) use node::{Init, RunNode};
pub(crate) use worth::{Worth, WorthVerb};

/// The memory of your AI agents, on your machine, shared only by your signature.
#[derive(Debug, Parser)]
#[command(name = "tracenet", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong use.\n\
    The data folder is TRACENET_HOME, else the platform's own (~/.local/share/tracenet).")]
pub(crate) struct Args {
    /// The data folder, instead of TRACENET_HOME.
    #[arg(long, global = true, value_name = "FOLDER", display_order = 100)]
    pub(crate) home: Option<PathBuf>,
    /// Print JSON, for scripts.
    #[arg(long, global = true, display_order = 101)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make this node's keys, once.
    Init(Init),
    /// Run the node here, without a window, until it is stopped.
    Node(RunNode),
    /// What the node is doing: keys, counts, peers, asks, keychain.
    Status,
    /// Ask to give out a ticket, by which one person can connect once.
    Ticket(Ticket),
    /// Ask to connect to a peer by their ticket.
    Connect(Connect),
    /// The people this node knows.
    Peers(Peers),
    /// How far this node reaches, and where it can be reached.
    Network(Network),
    /// What was given and taken, peer by peer, and who signed for it.
    Balances(Balances),
    /// Who knocked without an invitation, and waits for you.
    Inbox,
    /// Ask to let somebody of the inbox in.
    Accept(Accept),
    /// Take somebody out of the inbox, or everybody. They may knock again.
    Dismiss(Dismiss),
    /// Shut somebody out, at once: a peer, a row of the inbox, or any endpoint.
    Block(Block),
    /// Who is shut out, and why.
    Blocked,
    /// Ask to lift a block.
    Unblock(WhoWait),
    /// Ask to let a peer: their crystals are fetched ahead, and given to agents unasked.
    Let(WhoWait),
    /// Give a peer's crystals to agents no longer unasked.
    Unlet(Who),
    /// Read an agent's log, or every log below a folder.
    Import(Import),
    /// Where agents keep their logs on this machine, and which of them go soon.
    Sources(Sources),
    /// What each field of a crystal was distilled from.
    Distil(Distil),
    /// Find earlier work.
    Recall(Recall),
    /// Which run wrote a line of a file, and what had failed before it.
    Why(Why),
    /// What recall saved: what agents said helped, and what those runs had taken.
    Saved,
    /// Errors that you solved before: what they cost, and what ended them.
    Solved,
    /// Keys that your agents wrote into the kept logs, for you to rotate. Nothing leaves.
    Autopsy,
    /// What is worth sharing: crystals of yours that helped, with whom you did not share them yet.
    Worth(Worth),
    /// What has to do with a crystal: versions, uses, and errors, files and givers it shares.
    Related(Related),
    /// Show one crystal, or the trace behind it.
    Show(Show),
    /// How a run ended: by the rule of distillation, or as you say.
    Outcome(Outcome),
    /// Forget a crystal of yours with its log, for good. No import brings it back.
    Forget(Forget),
    /// Ask to share a crystal. Exports nothing: you are asked first.
    Share(Share),
    /// End what was shared, at once. Copies that were received cannot be recalled.
    Revoke(Revoke),
    /// What you shared with whom, who has it, and what was ended.
    Receipts(Receipts),
    /// What peers share with you and is not here.
    Offered(Offered),
    /// Fetch one thing that a peer shares; or say how much is fetched unasked.
    Fetch(Fetch),
    /// What waits for your answer, and what was decided.
    Asks,
    /// Answer an ask, with the PIN.
    Answer(Answer),
    /// Deny an ask, or all of them.
    #[command(name = "deny")]
    Withhold(Deny),
    /// What you allowed for longer than once, and to end it.
    Rules(Rules),
    /// Lock the key: the next answer takes the PIN, and what was allowed until then ends.
    Lock,
    /// The key that signs: its PIN, and how often it is asked for.
    Key(Key),
    /// What organisations forbid here: list, accept and drop their policies, or make one.
    Policy(policy::Policy),
    /// The journal: everything that was asked, decided, told and served.
    Log(Log),
    /// The agents that were let in, and the programs they run in.
    Agents(Agents),
    /// Ask to let an agent in.
    Pair(Pair),
    /// Show an agent out; its waiting asks are withdrawn.
    Unpair(Pair),
    /// Serve an agent by MCP on standard input and output. Agents start this themselves.
    Mcp(Mcp),
    /// Tell the node what happens in an agent's session. Hooks of its program run this themselves.
    Hook(Hook),
    /// What everything takes on the disk; purge traces, and say how long they are kept.
    Storage(Storage),
    /// Check this machine, and say what to do.
    Doctor,
    /// Look through a file for secrets and personal data. Needs no node.
    Screen(Screen),
    /// Measure this build on data of yours.
    Bench(Bench),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ticket {
    /// Leave this machine's addresses out: who uses it is reached by relay alone.
    #[arg(long)]
    pub(crate) without_addresses: bool,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Connect {
    /// The ticket you were given.
    pub(crate) ticket: String,
    /// What to call the other.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("whose").args(["peer", "all"]))]
pub(crate) struct Balances {
    /// Show the receipts behind the figures of this peer.
    pub(crate) peer: Option<String>,
    /// Show the receipts behind the figures of all peers.
    #[arg(long)]
    pub(crate) all: bool,
    /// How many receipts to show, each way.
    #[arg(long, default_value_t = 50, requires = "whose")]
    pub(crate) limit: u32,
    /// Only receipts of which this is so.
    #[arg(long, value_enum, requires = "whose", value_name = "STATE")]
    pub(crate) signed: Option<Signed>,
    /// Write the signed envelopes to this new file, as JSON lines, for a proof to others.
    #[arg(long, value_name = "FILE", requires = "peer", conflicts_with_all = ["limit", "signed"])]
    pub(crate) export: Option<PathBuf>,
}

/// Who signed. Not documented one by one: the manual would become a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signed {
    Countersigned,
    Unacknowledged,
    Diverged,
}

impl Signed {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Countersigned => "countersigned",
            Self::Unacknowledged => "unacknowledged",
            Self::Diverged => "diverged",
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Accept {
    /// Their key, key words, endpoint or suggested name: `tracenet inbox` shows them.
    pub(crate) who: String,
    /// What to call them.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) name: String,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Block {
    /// Their name, key, key words or endpoint.
    pub(crate) who: String,
    /// It is an endpoint's whole id, of somebody who need not be known here.
    #[arg(long)]
    pub(crate) endpoint: bool,
    /// Why, for your own memory.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Who {
    /// Their name, key, key words or endpoint.
    pub(crate) who: String,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["who", "all"]))]
pub(crate) struct Dismiss {
    /// Their name, key, key words or endpoint.
    pub(crate) who: Option<String>,
    /// Everybody who is in it.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WhoWait {
    /// Their name, key, key words or endpoint.
    pub(crate) who: String,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("audience").required(true).args(["to", "public"]))]
pub(crate) struct Share {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// With this person; repeat for more.
    #[arg(long, value_name = "PEER")]
    pub(crate) to: Vec<String>,
    /// With anyone. Copies cannot be recalled.
    #[arg(long)]
    pub(crate) public: bool,
    /// Why, for your own memory.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true)
    .args(["id", "peer", "agent", "all", "sign"]))]
pub(crate) struct Revoke {
    /// A receipt, or an artifact with all its receipts: its id, or the start of it.
    pub(crate) id: Option<String>,
    /// All that was shared with this person.
    #[arg(long, value_name = "NAME")]
    pub(crate) peer: Option<String>,
    /// All that this agent asked for.
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Everything.
    #[arg(long)]
    pub(crate) all: bool,
    /// Only sign what was ended before, with the PIN.
    #[arg(long)]
    pub(crate) sign: bool,
    /// Why, for those who were told of it.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) reason: String,
    /// Do not ask first, and sign at the next yes.
    #[arg(long)]
    pub(crate) yes: bool,
}

impl Revoke {
    /// What is to be ended; nothing where only a signature is wanted.
    pub(crate) fn what(&self) -> Option<wire::Revoke> {
        use wire::Revoke as What;
        if self.all {
            return Some(What::All {});
        }
        let one = self.id.clone().map(|id| What::One { id });
        let peer = self.peer.clone().map(|name| What::Peer { name });
        one.or(peer).or_else(|| self.agent.clone().map(|name| What::Agent { name }))
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Receipts {
    /// Only over this artifact.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(crate) artifact: String,
    /// Only for this person.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) peer: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Offered {
    /// Only of this person.
    #[arg(default_value = "", hide_default_value = true)]
    pub(crate) peer: String,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["id", "per_peer"]))]
pub(crate) struct Fetch {
    /// Its id, or the start of it, as `tracenet offered` shows it.
    pub(crate) id: Option<String>,
    /// From each person you let, fetch unasked until so many MiB are here.
    #[arg(long, value_name = "MIB")]
    pub(crate) per_peer: Option<u64>,
    /// And of all of them together so many MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2_048)]
    pub(crate) total: u64,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Log {
    #[command(subcommand)]
    pub(crate) verb: Option<LogVerb>,
    /// How many entries to show, newest first.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
    /// Only events of this word, such as `allowed` or `served`.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) event: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogVerb {
    /// Read the whole journal and check every link and the signed head.
    Verify,
    /// What ever left this machine, and who has it, by the journal's word.
    Left(Left),
    /// Write the journal to a new file, as JSON lines, to be checked by another program.
    Export(Export),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Left {
    /// Only that in which this stands: a name, words of a key, the start of a key or an id, words
    /// of a title.
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// How many rows to show, what left last first.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Export {
    /// The file. It must not be there yet.
    pub(crate) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Storage {
    #[command(subcommand)]
    pub(crate) verb: Option<StorageVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StorageVerb {
    /// Purge traces for good. Their crystals stay.
    Purge(Purge),
    /// Say how long traces are kept. What is due goes by itself from then on.
    Keep(Keep),
    /// Ask to go on with a data folder that was put back from a backup.
    Accept,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Purge {
    /// The trace's id, or its crystal's, or the start of one; repeat for more.
    #[arg(required = true)]
    pub(crate) ids: Vec<String>,
    /// Only say what would go, and what depends on it.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask again.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("limit").required(true).multiple(true).args(["days", "gib", "all"]))]
pub(crate) struct Keep {
    /// Traces whose run ended within so many days.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) days: Option<u32>,
    /// The newest traces, up to so many GiB on the disk.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) gib: Option<u32>,
    /// Every trace, for ever.
    #[arg(long, conflicts_with_all = ["days", "gib"])]
    pub(crate) all: bool,
    /// Only say what would go now, and what depends on it.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask again.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_manual_is_consistent() {
        Args::command().debug_assert();
    }
}
