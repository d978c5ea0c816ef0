//! Keeps everything durable: one redb file for facts, a folder of compressed logs beside it.
//!
//! Promises: what a call acknowledged survives `kill -9`; a [`Change`] happens whole or not at
//! all; every journal entry is appended in the transaction of the thing it tells of, with the
//! head signed anew; one process owns the store at a time; a store written by a newer version
//! is not touched.
//!
//! It does not know what an ask means, who may receive what, or that a network exists.

mod change;
pub mod disk;
mod keys;
mod look;
mod migrate;
mod open;
mod rows;
mod shelf;
mod vault;

pub use change::{Change, ChangeError, Headed};
pub use look::{Look, LookError, books::Serving, prefix::PrefixError, revoke::Stop};
pub use open::{Floor, OpenError, Sizes, Store, VERSION};
pub use rows::{
    AgentRow, AheadRow, BlockRow, BlockedAgentRow, ConnectRow, CrystalRow, DeliveryRow, DueRow,
    HeadRow, InviteRow, KeyCareRow, KnockRow, MuteRow, OfferRow, OutcomeRow, PeerRow, ReachRow,
    ReceiptRow, RetentionRow, RuleRow, Self_, SettleRow, StopRow, TicketRow, TraceRow, TryRow,
    UpgradeRow,
};
pub use vault::{Vault, VaultError, VaultWriter};
