//! What left a house of one crystal, counted three ways that know nothing of each other: the
//! giver's journal, the files of the giver's outbox, and the files of everybody else's folder.

use crate::{Town, laws};
use artifact::{ArtifactId, Crystal};
use consent::Event;
use std::{fs, path::Path};

/// What left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Peers that the journal says were told the head.
    pub told: usize,
    /// Entries that say that serving began.
    pub serving: usize,
    /// Bytes that the journal says were sent.
    pub bytes: u64,
    /// Files of the outbox in which the crystal's bytes stand.
    pub in_outbox: usize,
    /// Files of other houses in which its title or its bytes stand.
    pub elsewhere: usize,
}

impl Left {
    /// Whether not a byte left, nor could have.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Town {
    /// What left `house` of a crystal that was made there. Other houses count by their files,
    /// whether they run or not.
    pub fn left(&self, house: &str, id: &ArtifactId) -> Left {
        let envelope = self.bytes(house, id).expect("a crystal of this house");
        let title = Crystal::open(&envelope).unwrap().0.payload.title;
        let middle = &envelope[envelope.len() / 2..][..48];
        let needles: [&[u8]; 2] = [middle, title.as_bytes()];
        let others = self.houses.iter().filter(|(name, _)| *name != house);
        let elsewhere = others.map(|(_, other)| files_with(&other.home, &needles)).sum();
        let in_outbox = files_with(&self.home(house).join("outbox"), &needles[..1]);
        let mut left = Left { in_outbox, elsewhere, ..Left::default() };
        for entry in laws::journal(self.node(house)) {
            match entry.event {
                Event::Told { artifact, .. } if artifact == *id => left.told += 1,
                Event::Serving { artifact, .. } if artifact == *id => left.serving += 1,
                Event::Served { artifact, bytes, .. } if artifact == *id => left.bytes += bytes,
                _ => {}
            }
        }
        left
    }
}

/// How many files below a folder hold one of these bytes.
pub fn files_with(folder: &Path, needles: &[&[u8]]) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let mut count = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            count += files_with(&path, needles);
        } else if path.is_file() {
            // A file that went meanwhile holds nothing.
            let bytes = fs::read(&path).unwrap_or_default();
            count += usize::from(needles.iter().any(|needle| contains(&bytes, needle)));
        }
    }
    count
}

/// Whether these bytes stand in those, in a row.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}
