//! What waits for the human, as the tray's menu lists it. Pure: asks in, entries out.
//!
//! Promises: at most ten asks are listed and the rest is counted; a title from outside stays one
//! line of plain text, with no mnemonic of its making; no entry grants.

use crate::words;
use wire::AskRow;

/// Asks that the menu lists.
const LISTED: usize = 10;
/// Characters of a title that the menu shows.
const TITLE: usize = 48;

/// One ask in the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The ask.
    pub(crate) ask: String,
    /// Its line.
    pub(crate) label: String,
    /// The line that denies it.
    pub(crate) deny: String,
}

/// What the menu lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Oldest first.
    pub(crate) entries: Vec<Entry>,
    /// How many more wait.
    pub(crate) more: usize,
}

impl Waiting {
    /// Of the asks that wait, oldest first.
    pub(crate) fn of(pending: &[AskRow]) -> Self {
        let entries = pending.iter().take(LISTED).map(Entry::of).collect();
        Self { entries, more: pending.len().saturating_sub(LISTED) }
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The line that counts the rest; `None` when all are listed.
    pub(crate) fn rest(&self) -> Option<String> {
        (self.more > 0).then(|| format!("and {} more", self.more))
    }
}

impl Entry {
    fn of(row: &AskRow) -> Self {
        let title = plain(&row.what);
        Self {
            ask: row.id.clone(),
            label: format!("{}: {title}", words::REVIEW),
            deny: format!("{}: {title}", words::TRAY_DENY),
        }
    }
}

/// One short line in which `&` is only an `&`: in a menu a single one marks a mnemonic.
fn plain(title: &str) -> String {
    let mut line: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(TITLE) {
        line.truncate(at);
        line.push('…');
    }
    line.replace('&', "&&")
}

#[cfg(test)]
mod tests;
