//! The full-text index over crystals: a cache that carries the store's sequence number and can
//! be rebuilt from the store at any time.
//!
//! Promises: a damaged or foreign index heals by starting empty at sequence 0; no query text
//! fails or panics, because no character of it is syntax; what `put` wrote is found when it
//! returns. It does not know where documents come from, who may read them, or what they mean.

mod doc;
mod index;
mod words;

pub use doc::Doc;
pub use index::{Hit, Index, OpenError, SearchError, WriteError};
