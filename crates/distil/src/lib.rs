//! Agent-log bytes to steps to crystal, deterministic.
