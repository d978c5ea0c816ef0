//! What `tracenet init` and `tracenet node` understand.

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// Read the new PIN (or passphrase) from this file descriptor instead of the terminal.
    #[arg(long, value_name = "FD")]
    pub(crate) pin_fd: Option<u32>,
    /// Use no PIN. Any program of yours can then read the key while the keychain is unlocked,
    /// and only the app's window can answer asks.
    #[arg(long, conflicts_with_all = ["pin_fd", "key_file"])]
    pub(crate) no_pin: bool,
    /// Keep the key in a passphrase-wrapped file, for machines without a keychain.
    #[arg(long)]
    pub(crate) key_file: bool,
    /// Bring back the key of another machine by its recovery phrase, typed in the terminal. Its
    /// other keys are new: people who know you have to let this machine in.
    #[arg(long)]
    pub(crate) restore: bool,
    /// Read the recovery phrase from this file descriptor instead of the terminal.
    #[arg(long, value_name = "FD", requires = "restore")]
    pub(crate) phrase_fd: Option<u32>,
    /// What your card suggests to call you.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunNode {
    /// Speak to this machine only.
    #[arg(long)]
    pub(crate) loopback: bool,
}
