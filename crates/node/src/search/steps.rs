//! The steps of a recall: what was tried, how long it took, and why the next one was taken or was
//! not.
//!
//! The order is fixed: what is asked is looked for at home, in what is here; only when that is not
//! good enough, among the heads that peers told; only of those that fit, bodies are fetched, and
//! each is verified before it is kept. No step tells anybody what was asked: a peer that is asked
//! for a body learns the id of what it shares itself, and no more.

use std::time::Duration;

/// A step, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is asked becomes terms, at home.
    Fingerprint,
    /// What is here is ranked.
    Memory,
    /// The heads that peers told are looked through.
    Heads,
    /// Bodies are fetched and verified.
    Fetch,
    /// What is answered.
    Context,
}

/// What came of a step, or why it was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// The terms of the question, the exact ones among them, and where it was asked.
    Terms {
        /// Distinct terms that say something.
        terms: usize,
        /// Error codes, paths, names.
        exact: Vec<String>,
        /// The repository; empty when it is not known.
        repository: String,
    },
    /// The question is blank.
    Blank,
    /// Nothing that is here fits.
    NothingHere,
    /// The best of what is here reaches the bound, so it is good enough.
    Enough {
        /// How many fit.
        found: usize,
        /// The score of the best.
        best: f32,
        /// The bound.
        bound: f32,
    },
    /// The best of what is here is below the bound.
    NotEnough {
        /// How many fit.
        found: usize,
        /// The score of the best.
        best: f32,
        /// The bound.
        bound: f32,
    },
    /// Something is here that holds the words. By words alone no score tells whether it is good
    /// enough.
    ByWords {
        /// How many fit.
        found: usize,
    },
    /// What is here is good enough.
    NotNeeded,
    /// Nobody told of anything else that fits.
    NoneFits,
    /// Peers told of bodies that fit and are not here.
    Fits {
        /// How many.
        bodies: usize,
    },
    /// Everybody who has them is away.
    AllAway {
        /// How many bodies.
        bodies: usize,
    },
    /// Bodies were asked for, by their ids.
    Asked {
        /// Those that came, and passed every check.
        came: usize,
        /// Those that are still on their way.
        late: usize,
        /// Those that their givers did not give.
        not_given: usize,
        /// Those whose givers are away.
        away: usize,
    },
    /// Crystals are given.
    Given {
        /// How many.
        crystals: usize,
        /// How many of them came from peers.
        of_peers: usize,
    },
    /// Crystals fit too badly to be trusted, and are held back from agents.
    HeldBack {
        /// How many.
        crystals: usize,
    },
    /// There is nothing to give.
    Nothing,
}

/// One step of a recall.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Which.
    pub step: Step,
    /// How long it took; none where it was not taken.
    pub took: Option<Duration>,
    /// What came of it, or why it was not taken.
    pub reason: Reason,
}

impl Step {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::Memory => "memory",
            Self::Heads => "heads",
            Self::Fetch => "fetch",
            Self::Context => "context",
        }
    }
}

impl Reason {
    /// Its word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Terms { .. } => "terms",
            Self::Blank => "blank",
            Self::NothingHere => "nothing-here",
            Self::Enough { .. } => "enough",
            Self::NotEnough { .. } => "not-enough",
            Self::ByWords { .. } => "by-words",
            Self::NotNeeded => "not-needed",
            Self::NoneFits => "none-fits",
            Self::Fits { .. } => "fits",
            Self::AllAway { .. } => "all-away",
            Self::Asked { .. } => "asked",
            Self::Given { .. } => "given",
            Self::HeldBack { .. } => "held-back",
            Self::Nothing => "nothing",
        }
    }

    /// Whether what is here is good enough, so that nobody else is asked.
    pub(crate) const fn is_enough(&self) -> bool {
        matches!(self, Self::Enough { .. })
    }
}
