//! The tracenet command, and the MCP shim.
