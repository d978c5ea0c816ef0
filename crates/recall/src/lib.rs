//! The index over crystals: full text and vectors, a cache that carries the store's sequence
//! number and can be rebuilt from the store at any time.
//!
//! Promises: what is damaged or foreign heals by starting anew, and answers go on meanwhile; no
//! question fails or panics because of its text, because no character of it is syntax; what `put`
//! wrote is found by its words when it returns, by its meaning once it is embedded; nothing ever
//! waits for a vector. It does not know where documents come from, who may read them, or what they
//! are for.

pub mod bench;
mod doc;
mod embedder;
mod index;
mod link;
mod map;
mod model;
mod question;
mod text;
mod vectors;
mod view;
mod words;

pub use doc::{Doc, LINKS};
pub use embedder::ModelState;
pub use index::{EmbedError, Found, Hit, Index, Means};
pub use link::{Link, Linked, Shared};
pub use model::ModelError;
pub use question::{Fingerprint, Question};
pub use text::{OpenError, WriteError};
pub use view::SearchError;
