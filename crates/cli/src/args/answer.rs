//! The manual of answering, and of what holds for longer than one answer.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct Answer {
    /// The ask's id, or the start of it. Without one, all that wait are gone through.
    pub(crate) ask: Option<String>,
    /// Yes, with the PIN typed in this terminal; no; or no to this and ask about a version without
    /// what was found in it.
    #[arg(value_enum)]
    pub(crate) verdict: Option<Verdict>,
    /// Without an ask: private shares with the same people, in which nothing was found, are
    /// shown one below the other and answered in one go, with one PIN.
    #[arg(long, conflicts_with = "ask")]
    pub(crate) batch: bool,
    /// With redact: take out this finding, as the prompt counts them; may be given again.
    #[arg(long = "finding", value_name = "N", conflicts_with = "all")]
    pub(crate) findings: Vec<u32>,
    /// With redact: take out everything that was found.
    #[arg(long)]
    pub(crate) all: bool,
    /// Allow the same agent to share this crystal and its later versions with the same people:
    /// until its session ends, until the key is locked, or for a day. Without this it is once.
    #[arg(long = "for", value_enum, value_name = "TERM", default_value = "once")]
    pub(crate) term: Term,
    /// With the first ticket or connection: be reached from anywhere, by relays. Without this
    /// it is this network only.
    #[arg(long)]
    pub(crate) anywhere: bool,
    #[command(flatten)]
    pub(crate) rebuke: Rebuke,
}

#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["ask", "all"]))]
pub(crate) struct Deny {
    /// The ask's id, or the start of it.
    pub(crate) ask: Option<String>,
    /// Every ask that waits.
    #[arg(long, conflicts_with_all = ["mute", "block"])]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) rebuke: Rebuke,
}

/// What is done about the agent with a no.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct Rebuke {
    /// With a no: what this agent asks does not come up by itself for an hour.
    #[arg(long, conflicts_with = "block")]
    pub(crate) mute: bool,
    /// With a no: show this agent out, and let it not ask to be let in again.
    #[arg(long)]
    pub(crate) block: bool,
}

/// The answers there are. Not documented one by one: the manual would become a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verdict {
    Allow,
    Deny,
    Redact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Term {
    Once,
    Session,
    Lock,
    Day,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) verb: Option<RulesVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesVerb {
    /// End a rule: its agent is asked about again. What was shared stays shared.
    End(Rule),
    /// Take somebody out of a rule.
    Narrow(Narrow),
    /// Say that you have seen that rules were changed by another program.
    Seen,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rule {
    /// Its id, or the start of it, as `tracenet rules` shows it.
    pub(crate) rule: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Narrow {
    /// Its id, or the start of it.
    pub(crate) rule: String,
    /// Who is taken out: a name, key words or a key.
    #[arg(long, value_name = "PEER")]
    pub(crate) without: String,
}
