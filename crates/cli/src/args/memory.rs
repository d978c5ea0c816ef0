//! What fills the memory, and what asks it.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// A log, or a folder of logs, such as ~/.claude/projects. Without it, the logs of every
    /// agent that `tracenet sources` names.
    pub(crate) path: Option<PathBuf>,
    /// Go on, and read what is written from now on, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Sources {
    /// Read what agents write from now on, whenever this node runs; or no longer.
    #[arg(long, value_name = "on|off", value_parser = on)]
    pub(crate) follow: Option<bool>,
}

fn on(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("say on or off".to_owned()),
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Distil {
    /// The id of a trace or of its crystal, or the start of it.
    pub(crate) id: String,
    /// Print the crystal as a SKILL.md instead.
    #[arg(long, conflicts_with = "atif")]
    pub(crate) skill: bool,
    /// Print the trace as a trajectory in ATIF v1.7 instead.
    #[arg(long)]
    pub(crate) atif: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Recall {
    /// What you are looking for: words, an error, a file.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// How many to show.
    #[arg(long, default_value_t = 10)]
    pub(crate) limit: u32,
    /// Go the way that an agent's recall goes from this folder, fetching what fits from peers,
    /// and say each step, how long it took, and why the next one was taken or was not.
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Related {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// How many steps to walk from it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=3))]
    pub(crate) steps: u32,
    /// How many crystals to show, at most 200.
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: u32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// Show the trace it was distilled from.
    #[arg(long)]
    pub(crate) trace: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    /// The file and the number of the line, as in src/quay.rs:12. The file is read here; the
    /// node opens nothing.
    #[arg(value_name = "FILE:LINE", value_parser = place)]
    pub(crate) place: (PathBuf, usize),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Outcome {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// How it ended, as you say. It counts here; what is shared stays as it was signed.
    #[arg(value_enum)]
    pub(crate) outcome: Option<Ending>,
    /// Let what the rule found stand again.
    #[arg(long, conflicts_with = "outcome")]
    pub(crate) rule: bool,
}

/// How a run may end. Not documented one by one: the manual would become a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ending {
    Passed,
    Failed,
    Accepted,
    Unknown,
}

impl Ending {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Forget {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// Do not ask again.
    #[arg(long)]
    pub(crate) yes: bool,
}

fn place(text: &str) -> Result<(PathBuf, usize), String> {
    let told = || "name a file and a line, as in src/quay.rs:12".to_owned();
    let (file, line) = text.rsplit_once(':').ok_or_else(told)?;
    let line = line.parse().ok().filter(|line| *line > 0).ok_or_else(told)?;
    if file.is_empty() { Err(told()) } else { Ok((file.into(), line)) }
}
