//! Agents by MCP, proven with two clients that are not ours: the official Python one, and the
//! inspector of the protocol's makers. Both start the real shim, as their users would.

#[path = "mcp/agent.rs"]
mod agent;
#[path = "mcp/inspector.rs"]
mod inspector;
#[path = "mcp/memory.rs"]
mod memory;
#[path = "mcp/pairing.rs"]
mod pairing;
#[allow(dead_code, reason = "shared with the tests of the command, which use other parts")]
#[path = "command/rig.rs"]
mod rig;
#[path = "mcp/sharing.rs"]
mod sharing;
