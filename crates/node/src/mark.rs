//! The human's own phrase and colour: what the true consent window shows and nothing else does, so
//! that a window that only looks like it is known for what it is.
//!
//! They lie in the keychain, apart from every file an agent may read. A program of the same user
//! that asks the keychain itself can learn them; that is said to whoever chooses them.

use crate::{Fault, Node, house::House};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most characters of a phrase.
const MAX_PHRASE: usize = 60;
/// The fewest: what is shorter is soon guessed.
const MIN_PHRASE: usize = 4;

/// What the human chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// A few words of their own.
    pub phrase: String,
    /// The colour beside them.
    pub colour: Colour,
}

/// The colours to choose from: far apart for the eye, and each named beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// Yellow-brown.
    Amber,
    /// Between green and blue.
    Teal,
    /// Between red and blue.
    Plum,
    /// The colour of old iron.
    Rust,
    /// Light blue.
    Sky,
    /// Green.
    Moss,
}

impl Node {
    /// The mark, for the consent window and nobody else; whoever calls vouches for the face.
    ///
    /// # Errors
    /// When the keychain is not ready, or what lies in it is no mark.
    pub async fn mark(&self) -> Result<Option<Mark>, Fault> {
        self.0.with_keychain(House::read_mark).await
    }

    /// Keeps another mark. The one before is not told.
    ///
    /// # Errors
    /// When the phrase is too short or too long, or the keychain is not ready.
    pub async fn set_mark(&self, mark: Mark) -> Result<(), Fault> {
        let phrase = artifact::display::line(mark.phrase.trim(), MAX_PHRASE);
        let letters = mark.phrase.trim().chars().count();
        if !(MIN_PHRASE..=MAX_PHRASE).contains(&letters) {
            let what = format!("a phrase has {MIN_PHRASE} to {MAX_PHRASE} characters");
            return Err(Fault::invalid(what, "take a few words that nobody would guess"));
        }
        let mark = Mark { phrase, ..mark };
        self.0.with_keychain(move |house| house.keep_mark(&mark)).await
    }
}

impl House {
    async fn with_keychain<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.me()?;
        let house = Arc::clone(self);
        tokio::task::spawn_blocking(move || ask(&house)).await.map_err(Fault::broken)?
    }

    fn read_mark(&self) -> Result<Option<Mark>, Fault> {
        let bytes = self.custody.mark().map_err(|error| not_ready(&error))?;
        let decode = |bytes: Vec<u8>| artifact::canon::decode(&bytes, MAX_BYTES);
        bytes.map(decode).transpose().map_err(Fault::broken)
    }

    fn keep_mark(&self, mark: &Mark) -> Result<(), Fault> {
        let bytes = artifact::canon::encode(mark).map_err(Fault::broken)?;
        self.custody.keep_mark(&bytes).map_err(|error| not_ready(&error))
    }
}

/// More than any mark takes.
const MAX_BYTES: usize = 1 << 10;

fn not_ready(error: &keys::KeychainError) -> Fault {
    Fault::not_now(format!("your phrase cannot be reached: {error}"), "")
}
