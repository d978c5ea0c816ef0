//! Lets local agents in and gives each a name: local sockets, framing, agent keys, MCP.
//!
//! Two sockets stand in one folder that only its owner may enter. `agent.sock` is for agents:
//! they say who they are by an Ed25519 key and then ask one of the nine things in
//! [`AgentRequest`], none of which approves anything. `control.sock` is for the human's own
//! command line and second windows: it carries opaque frames whose meaning the node gives.
//! [`serve_stdio`] is the shim an agent starts: MCP on its standard streams, the agents'
//! socket behind it. [`tell_hook`] is what a hook of its program runs.
//!
//! Promises: both ends of a connection belong to the same user of the machine; nothing is
//! read past the caps in [`frame`]; what comes in, however malformed, ends at worst its own
//! connection.
//!
//! [`clients`] writes this node into the settings of the programs agents run in, and takes it out
//! again.
//!
//! It does not know what is stored, who is paired, or what an answer means: it asks
//! [`Inside`]. An agent's key says who speaks (attribution), it is no protection: programs of
//! the same user can read it. Processes are evidence, never authority.

pub mod agent;
pub mod clients;
pub mod control;
pub mod frame;
mod guests;
pub mod handshake;
mod hook;
pub mod mcp;
pub mod process;
pub mod request;
pub mod serve;
pub mod socket;

pub use agent::{Agent, AgentKey, AgentName, AgentNameError, AgentSecret, KeyFileError};
pub use control::{ControlClient, ControlError, Notice, Notices};
pub use handshake::{Code, PROTOCOL, Refused};
pub use hook::tell_hook;
pub use mcp::{ShimError, serve_over, serve_stdio};
pub use process::{Ancestor, Process, ancestors, is_below};
pub use request::{AgentReply, AgentRequest, HookEvent, MAX_REMEMBER, MAX_TEXT};
pub use serve::{AgentCaller, BoxFuture, ControlCaller, Inside, serve};
pub use socket::{BindError, ConnectError, FolderError, Sockets};
