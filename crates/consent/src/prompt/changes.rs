//! What a prompt says of an earlier version that the same people were given: line by line.

use super::day;
use artifact::UnixMillis;
use similar::{Algorithm, TextDiff};

/// The most lines of either version that are compared. Comparing takes their product at worst.
const MAX_LINES: usize = 2_000;
/// Lines shown around a change.
const AROUND: usize = 3;

/// An earlier version of what would leave.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// When it was last shared with everybody in this audience.
    pub at: UnixMillis,
    /// Its whole text.
    pub text: &'a str,
}

/// What is another in what would leave than in the version that this audience was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Since when, in words.
    pub since: String,
    /// A unified diff of both texts as they are shown; empty where they are too long to compare.
    pub diff: String,
}

/// Compares two texts that went through `display_safe`.
pub(super) fn changes(at: UnixMillis, before: &str, now: &str) -> Changes {
    let compared = [before, now].iter().all(|text| text.lines().count() <= MAX_LINES);
    let since = match (compared, before == now) {
        (true, true) => format!("You shared this very text with them on {}.", day(at)),
        (true, false) => format!("Since the version that you shared on {}.", day(at)),
        (false, _) => {
            format!("You shared another version on {}. Both are too long to compare.", day(at))
        }
    };
    let diff = if compared && before != now {
        let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(before, now);
        diff.unified_diff().context_radius(AROUND).missing_newline_hint(false).to_string()
    } else {
        String::new()
    };
    Changes { since, diff }
}

#[cfg(test)]
mod tests;
