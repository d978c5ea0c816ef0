//! Crystals and traces written in the forms of other programs, secrets masked once more.

use artifact::{ArtifactId, Crystal, Outcome, Trace};

/// A crystal as a `SKILL.md`, with how its run ended as its human `said`, where that was said.
#[must_use]
pub fn as_skill(id: &ArtifactId, crystal: &Crystal, said: Option<Outcome>) -> String {
    distil::skill(id, crystal, said, &screen::mask)
}

/// A trace as a trajectory in ATIF v1.7.
#[must_use]
pub fn as_atif(id: &ArtifactId, trace: &Trace) -> String {
    distil::atif(trace, &id.to_string(), &screen::mask).to_string()
}
