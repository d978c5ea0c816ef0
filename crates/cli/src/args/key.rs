//! The key that signs: locking it, its PIN.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

#[derive(Debug, ClapArgs)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) verb: Option<KeyVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    /// Close the key by another PIN (or passphrase), or by its first one.
    Pin(Pin),
    /// Show the recovery phrase: 24 words that bring the key back on another machine. Write them
    /// down on paper; they are shown in a terminal only.
    Phrase,
    /// Type the recovery phrase that you wrote down, to know that it is right.
    Verify,
    /// Ask to put a new key in the place of one of this node's. What was signed with the one until
    /// now stays good; `tracenet answer` tells what else it means.
    Rotate(Rotate),
    /// Say how often the app's window asks for the PIN. A terminal and public shares always do.
    Ask(Ask),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Pin {
    /// Take the PIN away. Any program of yours can then read the key while the keychain is
    /// unlocked, and only the app's window can answer asks.
    #[arg(long)]
    pub(crate) remove: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rotate {
    /// Which key: author signs what this node writes, transport is its endpoint on the network,
    /// journal signs the journal. human cannot be replaced: another one is another human.
    #[arg(value_enum)]
    pub(crate) key: Rotated,
    /// Wait until it is answered.
    #[arg(long)]
    pub(crate) wait: bool,
}

/// Not documented one by one: the manual would become a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rotated {
    Author,
    Transport,
    Journal,
    Human,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ask {
    /// At every grant; or once, until ten minutes without one, twelve hours at most, the lock of
    /// the screen, or sleep.
    #[arg(value_enum)]
    pub(crate) when: When,
}

/// Not documented one by one: the manual would become a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Always,
    Once,
}
