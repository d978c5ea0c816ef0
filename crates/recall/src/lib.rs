//! The index: full text, a cache that can be rebuilt from the store.
