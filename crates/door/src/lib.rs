//! Lets local agents in and gives each a name: local socket, MCP, pairing.
