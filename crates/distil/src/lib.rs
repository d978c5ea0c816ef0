//! Agent-log bytes to steps to crystal, deterministic.
//!
//! A log is pushed as it is read into a [`Log`], which cuts it into records for the [`Importer`]
//! of its format and keeps a bounded [`Run`]; [`distil`] turns a run into a crystal and a sidecar
//! of anchors. The same bytes always give the same crystal. No byte sequence makes anything here
//! panic, and whatever comes out is within the limits that `artifact` seals by.
//!
//! It does not read files, know the time, find secrets (the caller passes `mask`), sign
//! anything, or know where a log lives.

mod anchor;
mod atif;
mod claude;
mod codex;
mod command;
mod cost;
mod crystallise;
mod dead_ends;
mod edits;
mod env;
mod failure;
mod family;
mod fix;
mod gemini;
mod lesson;
mod log;
mod opencode;
mod outcome;
mod patch;
mod problem;
mod recognise;
mod run;
mod scaffold;
mod scribe;
mod scribed;
mod shape;
mod skill;
mod steps;
mod stood;
mod swe_agent;
mod tidy;
mod title;
mod tokens;
mod tool;
mod used;
mod wrote;

pub use anchor::{Anchor, Sidecar, evidence_text};
pub use atif::atif;
pub use cost::{Cost, PAUSE, cost};
pub use crystallise::{Distilled, Nothing, distil};
pub use env::repository;
pub use family::{family, vocabulary};
pub use log::Log;
pub use recognise::{Format, RECOGNISE_BYTES, recognise};
pub use run::{
    Counts, Deed, Importer, MAX_LINE, NOTE_FORMAT, Place, Run, Span, Verdict, Work, note,
};
pub use scaffold::{INJECTED_CLOSE, INJECTED_OPEN, OWN_TOOLS};
pub use skill::skill;
pub use stood::{Met, Stood, alike, errors, stood};
pub use tokens::Tokens;
pub use used::used;
pub use wrote::{Failed, Sought, Wrote, wrote};
