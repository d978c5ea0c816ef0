//! Changing one place of a settings file and nothing else: text in, text out.
//!
//! Each program writes its settings in a [`Form`] of its own. Promises of every form: what is
//! not ours stays as it is, with its order, its comments and the fields nobody here knows; a
//! text that is not understood whole is not changed; what was put in is what is found there.

mod json;
mod toml;

pub(super) use json::{Holder, Json, Shape, Style, Text};
pub(super) use toml::Toml;

use super::Command;

/// Why a text cannot be changed safely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A parser refuses it.
    #[error("is not {what} (line {line}, column {column})")]
    NotRead {
        /// What it should be: `JSON`, `TOML`.
        what: &'static str,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// It is JSON, and not an object.
    #[error("holds something else than a JSON object")]
    NotAnObject,
    /// A member that holds others does not.
    #[error("has a `{key}` that is not {what}")]
    NotAHolder {
        /// The member.
        key: String,
        /// What it should be: `an object`, `a table`.
        what: &'static str,
    },
    /// Programs differ on which one counts.
    #[error("has `{key}` more than once")]
    Twice {
        /// The member.
        key: String,
    },
    /// What would be written does not read as what was meant.
    #[error("is written in a way that cannot be changed without harm")]
    Unfit,
}

/// What stands at our place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Present {
    Nothing,
    /// Something that starts no program in this form.
    Other,
    Command(Command),
}

/// How a program writes down what it starts.
pub(super) trait Form: std::fmt::Debug + Sync {
    /// What stands in a file that is not there.
    fn blank(&self) -> &'static str;

    /// What stands at our place.
    fn present(&self, text: &str) -> Result<Present, EditError>;

    /// The text with this command at our place, in the place of what was there.
    fn put(&self, text: &str, command: &Command) -> Result<String, EditError>;

    /// The text without ours. `before` is the text before we came, where that is known: what
    /// stood at our place and was not ours comes back, and what held us goes if it came with us.
    fn take_out(&self, text: &str, before: Option<&str>) -> Result<String, EditError>;
}
