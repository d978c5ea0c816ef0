//! One file a verb, or a few that belong together.

pub(crate) mod agents;
pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod autopsy;
pub(crate) mod balances;
pub(crate) mod bench;
pub(crate) mod doctor;
pub(crate) mod forget;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod look;
pub(crate) mod mcp;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod policy;
pub(crate) mod revoke;
pub(crate) mod screen;
pub(crate) mod storage;
pub(crate) mod strangers;
pub(crate) mod why;
pub(crate) mod worth;
