//! What organisations forbid: accepting and dropping it, and the organisation's own side.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) verb: Option<PolicyVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyVerb {
    /// Show one policy that is accepted here, in full.
    Show(Organisation),
    /// Say what a policy in a file forbids, and what accepting it would change. Changes nothing.
    Check(PolicyFile),
    /// Ask to accept a policy. It can only forbid.
    Accept(Accept),
    /// Ask to drop a policy.
    Drop(DropPolicy),
    /// For an organisation: sign a policy with a key of its own. Needs no node.
    Make(Make),
    /// For an organisation: the key that signs its policies. Needs no node.
    Key(OrganisationKey),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Organisation {
    /// The organisation: its name, or the words or hex of its key.
    pub(crate) org: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyFile {
    /// The file that the organisation gave you.
    pub(crate) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Accept {
    /// The file that the organisation gave you.
    pub(crate) file: PathBuf,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["org", "all"]))]
pub(crate) struct DropPolicy {
    /// The organisation: its name, or the words or hex of its key.
    pub(crate) org: Option<String>,
    /// Every policy; also where nobody can tell any more which ones were accepted.
    #[arg(long)]
    pub(crate) all: bool,
    /// Wait until the ask is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Make {
    /// The new file to write.
    pub(crate) file: PathBuf,
    /// The file that `tracenet policy key new` made.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// What the organisation calls itself.
    #[arg(long, value_name = "NAME")]
    pub(crate) org: String,
    /// Which version this is: whoever accepted one takes only a higher one in its place.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..1 << 53))]
    pub(crate) seq: u64,
    /// Nothing may be shared publicly.
    #[arg(long)]
    pub(crate) no_public: bool,
    /// Only with this person, by human_key in hex; repeat for more. Nothing goes public then.
    #[arg(long, value_name = "KEY", conflicts_with = "nobody")]
    pub(crate) person: Vec<String>,
    /// Nothing may be shared with anybody.
    #[arg(long)]
    pub(crate) nobody: bool,
    /// Nothing in which the scanner finds this: a class (private-key, token, password, email,
    /// phone, home, host) or a rule as `tracenet screen --json` names it; repeat for more.
    #[arg(long, value_name = "WORD")]
    pub(crate) no_finding: Vec<String>,
    /// Only at the ask of an agent of this name; repeat for more.
    #[arg(long, value_name = "NAME", conflicts_with = "no_agents")]
    pub(crate) agent: Vec<String>,
    /// Nothing at the ask of any agent.
    #[arg(long)]
    pub(crate) no_agents: bool,
    /// Only this person can accept it, by human_key in hex; repeat for more.
    #[arg(long = "for", value_name = "KEY")]
    pub(crate) meant: Vec<String>,
    /// For how many days it forbids; else for as long as it is accepted.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) days: Option<u32>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OrganisationKey {
    #[command(subcommand)]
    pub(crate) verb: OrganisationKeyVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationKeyVerb {
    /// Make a key in a new file, and say the words that people compare.
    New(PolicyKeyFile),
    /// Say the words of the key in a file.
    Words(PolicyKeyFile),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PolicyKeyFile {
    /// The file. Whoever has it can speak for the organisation: keep it, and a copy, safe.
    pub(crate) file: PathBuf,
}
