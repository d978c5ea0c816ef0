//! The `tracenet` command as a person meets it: its manual, its exit codes, its JSON, its life
//! as a node, and what it says when the input is bad.
//!
//! Runs the real program in processes of its own. What needs a human is typed into a terminal.

#[path = "command/answers.rs"]
mod answers;
#[path = "command/autopsy.rs"]
mod autopsy;
#[path = "command/clients.rs"]
mod clients;
#[path = "command/disk.rs"]
mod disk;
#[path = "command/follow.rs"]
mod follow;
#[path = "command/forget.rs"]
mod forget;
#[path = "command/help.rs"]
mod help;
#[path = "command/hooks.rs"]
mod hooks;
#[path = "command/import.rs"]
mod import;
#[path = "command/journal.rs"]
mod journal;
#[path = "command/json.rs"]
mod json;
#[path = "command/life.rs"]
mod life;
#[path = "command/memory.rs"]
mod memory;
#[path = "command/network.rs"]
mod network;
#[path = "command/past.rs"]
mod past;
#[path = "command/policy.rs"]
mod policy;
#[path = "command/queue.rs"]
mod queue;
#[path = "command/rig.rs"]
mod rig;
#[path = "command/screen.rs"]
mod screen;
#[path = "command/start.rs"]
mod start;
#[path = "command/storage.rs"]
mod storage;
#[path = "command/tickets.rs"]
mod tickets;
