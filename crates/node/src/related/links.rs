//! What a crystal shares with others, as links of the index.
//!
//! A link is made of what the crystal and its row say, so the same crystal has the same links in
//! every index. When what is linked changes, or the vocabulary does, [`recall::LINKS`] takes
//! another name and every index is made anew.

use crate::Fault;
use artifact::{ArtifactId, Crystal, HumanKey};
use consent::Origin;
use recall::Link;
use std::collections::BTreeSet;
use store::{CrystalRow, Look};

/// The fewest letters of an error that can tell two matters apart.
const LETTERS: usize = 10;

/// What is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first version of a run that went on, by those that came after it.
    Line(ArtifactId),
    /// A crystal, by those whose runs used it.
    Uses(ArtifactId),
    /// An error that a run met, without what varies between runs.
    Error(String),
    /// A file of a repository.
    File(String),
    /// Who gave it.
    From(HumanKey),
}

impl Kind {
    pub(super) fn link(&self) -> Link {
        match self {
            Self::Line(id) => Link::new("line", id.as_bytes()),
            Self::Uses(id) => Link::new("uses", id.as_bytes()),
            Self::Error(error) => Link::new("error", error.as_bytes()),
            Self::File(file) => Link::new("file", file.as_bytes()),
            Self::From(human) => Link::new("from", human.as_bytes()),
        }
    }
}

/// The link of all that peers gave.
pub(super) fn given() -> Link {
    Link::new("given", &[])
}

/// The link of crystals with exactly this family.
pub(super) fn family(words: &[String]) -> Link {
    Link::new("family", words.join(" ").as_bytes())
}

/// Every link of a crystal that is here.
pub(crate) fn links(
    look: &Look,
    id: &ArtifactId,
    row: &CrystalRow,
    crystal: &Crystal,
) -> Result<Vec<Link>, Fault> {
    let mut kinds: Vec<Kind> = crystal.supersedes.map(Kind::Line).into_iter().collect();
    kinds.extend(used(look, id)?.into_iter().map(Kind::Uses));
    kinds.extend(errors(crystal).into_iter().map(Kind::Error));
    kinds.extend(files(crystal).into_iter().map(Kind::File));
    kinds.extend(row.giver.map(Kind::From));
    let mut links: BTreeSet<Link> = kinds.iter().map(Kind::link).collect();
    let words = distil::family(crystal);
    if !words.is_empty() {
        links.insert(family(&words));
    }
    if row.origin == Origin::Peer {
        links.insert(given());
    }
    Ok(links.into_iter().collect())
}

/// The crystals that the run of this one used.
pub(super) fn used(look: &Look, id: &ArtifactId) -> Result<Vec<ArtifactId>, Fault> {
    let Some(bytes) = look.sidecar(id)? else { return Ok(Vec::new()) };
    let sidecar: distil::Sidecar =
        artifact::canon::decode(&bytes, usize::MAX).map_err(Fault::broken)?;
    Ok(sidecar.used)
}

/// The errors that a crystal tells; those that are one to `tracenet solved` are one here.
pub(super) fn errors(crystal: &Crystal) -> BTreeSet<String> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).take(LETTERS).count();
    let errors = distil::errors(&crystal.problem).into_iter();
    let errors = errors.filter(|met| letters(&met.error) == LETTERS);
    errors.map(|met| distil::alike(&met.error)).collect()
}

/// The files that a crystal tells, each with its repository: every repository has a `README.md`.
/// Where none is named, only a file in a folder says enough.
pub(super) fn files(crystal: &Crystal) -> BTreeSet<String> {
    let repo = crystal.env.repo.as_deref().unwrap_or_default();
    let files = crystal.env.files.iter().filter(|file| !repo.is_empty() || file.contains('/'));
    files.map(|file| format!("{repo}\0{file}")).collect()
}

#[cfg(test)]
mod tests {
    /// Families of two vocabularies are not compared: links are made anew.
    #[test]
    fn the_index_goes_by_this_vocabulary() {
        assert_eq!(recall::LINKS, format!("links-{}", distil::vocabulary()));
    }
}
