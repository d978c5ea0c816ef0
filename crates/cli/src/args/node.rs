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
