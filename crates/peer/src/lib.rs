//! Speaks to other nodes over iroh.
