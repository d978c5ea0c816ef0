//! What proposes something to share.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Worth {
    #[command(subcommand)]
    pub(crate) verb: Option<WorthVerb>,
    /// Only what may be shared with this person.
    #[arg(long = "with", default_value = "", hide_default_value = true, value_name = "PEER")]
    pub(crate) person: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorthVerb {
    /// Ask to share what was found clean, one ask each. Exports nothing: you are asked first.
    Share(WorthShare),
    /// Propose a crystal no more.
    Withhold(WorthWithhold),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WorthShare {
    /// With this person; repeat for more.
    #[arg(long, value_name = "PEER", required = true)]
    pub(crate) to: Vec<String>,
    /// Which: their ids, or the starts of them. Without one, all that are clean.
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WorthWithhold {
    /// The crystal's id, or the start of it.
    pub(crate) id: String,
    /// Only for this person; repeat for more. Without it for nobody who is known now.
    #[arg(long, value_name = "PEER")]
    pub(crate) from: Vec<String>,
}
