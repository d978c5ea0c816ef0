//! What a public share tells by what it is about: a combination of common words that nobody else
//! has is as good as a name.
//!
//! It is counted among the crystals of others that are here. They are not everybody's, so few of
//! them tell nothing, and the human is told that.

/// From how many crystals of others on a combination can be called rare; and how many of them
/// have to have one so that it hides who wrote it.
const ENOUGH: u64 = 25;

/// How what would become public stands among the crystals that are here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alike {
    /// Its family: words of the public vocabulary, and no others.
    pub family: Vec<String>,
    /// Crystals of others that are here.
    pub others: u64,
    /// Those of them with the same family.
    pub alike: u64,
    /// Further crystals of this human with the same family.
    pub own: u64,
}

impl Alike {
    /// Whether it tells whose it is, as far as can be told here.
    #[must_use]
    pub const fn is_unique(&self) -> bool {
        !self.family.is_empty() && self.others >= ENOUGH && self.alike == 0
    }

    /// What the human should know of it, if anything.
    pub(super) fn warning(&self) -> Option<String> {
        if self.family.is_empty() || self.alike >= ENOUGH {
            return None;
        }
        let family = format!("What it is about: {}.", self.family.join(" · "));
        let own = match self.own {
            0 => "Nothing else of yours has it.".to_owned(),
            1 => "One more of yours has it: whoever has both sees that they are by one.".to_owned(),
            n => format!("{n} more of yours have it: whoever has them sees that they are by one."),
        };
        Some(match (self.others, self.alike) {
            (0..ENOUGH, _) => format!(
                "{family} There is not enough here to tell whether this combination is unique to \
                 you: {} of others. {own}",
                crystals(self.others)
            ),
            (others, 0) => format!(
                "{family} This combination is unique to you: none of {} of others here has it. \
                 Who knows your work may know you by it. {own}",
                crystals(others)
            ),
            (others, alike) => format!(
                "{family} This combination is rare: {alike} of {} of others here have it. {own}",
                crystals(others)
            ),
        })
    }
}

fn crystals(n: u64) -> String {
    artifact::display::count(n, "crystal", "crystals")
}

#[cfg(test)]
mod tests;
