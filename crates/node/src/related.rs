//! Crystals that have something to do with one another, walked step by step from one of them.
//!
//! What a crystal shares with others stands in the index as links ([`links`]): each step reads the
//! crystals that have one of a few links, and never looks through all of them. Only what is here
//! is walked: a head whose body did not come has no links.

mod links;

pub(crate) use links::links;

use crate::{Fault, Node, house::House};
use artifact::{ArtifactId, Crystal};
use consent::Alike;
use links::{Kind, errors, family, files};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use store::{CrystalRow, Look};

/// The most steps away from the crystal that is asked for.
const STEPS: u32 = 3;
/// The most crystals of one walk.
const MAX: usize = 200;
/// The most crystals that one link leads to: the newest.
const EACH: usize = 200;
/// The most neighbours of a crystal that is itself a step away.
const FURTHER: usize = 12;

/// What two crystals have to do with one another, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The one is a later version of the other, of a run that went on.
    Supersedes,
    /// The run of the one opened the other, or said how it had served.
    Uses,
    /// Their runs met the same error.
    SameError,
    /// Their runs touched the same files of one repository.
    SameFiles,
    /// The same peer gave them.
    FromPeer,
}

impl Relation {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supersedes => "supersedes",
            Self::Uses => "uses",
            Self::SameError => "same-error",
            Self::SameFiles => "same-files",
            Self::FromPeer => "from-peer",
        }
    }
}

/// One crystal of a walk.
#[derive(Debug, Clone)]
pub struct RelatedCrystal {
    /// Its id.
    pub id: ArtifactId,
    /// Its row.
    pub row: CrystalRow,
    /// How many steps it is away; 0 is the one that was asked for.
    pub steps: u32,
}

/// What two crystals of a walk have to do with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The one that supersedes or uses the other; of the rest, the one that was reached first.
    pub from: ArtifactId,
    /// The other.
    pub to: ArtifactId,
    /// What.
    pub relation: Relation,
    /// How many errors or files they share; 1 otherwise.
    pub shared: u32,
}

/// A walk.
#[derive(Debug, Clone, Default)]
pub struct Related {
    /// The one that was asked for, then the others: nearest first, the closest relation first.
    pub crystals: Vec<RelatedCrystal>,
    /// What they have to do with one another, as far as was walked.
    pub edges: Vec<Edge>,
    /// Whether there are more than were given.
    pub more: bool,
}

impl Node {
    /// The crystals that have to do with this one, up to so many steps away.
    ///
    /// # Errors
    /// When there is no such crystal, or the store or the index cannot be read.
    pub fn related(&self, id: &str, steps: u32, limit: usize) -> Result<Related, Fault> {
        self.0.level_for_question();
        let look = self.0.look()?;
        let id = look.crystal_named(id)??;
        let row = look.crystal(&id)?.ok_or_else(|| Fault::broken("the crystal is gone"))?;
        let first = RelatedCrystal { id, row, steps: 0 };
        let mut walk = Walk {
            house: &self.0,
            look,
            limit: limit.clamp(1, MAX),
            seen: BTreeSet::from([id]),
            related: Related { crystals: vec![first], ..Related::default() },
        };
        let mut next = 0;
        while let Some(here) = walk.related.crystals.get(next).map(|one| (one.id, one.steps)) {
            if here.1 >= steps.clamp(1, STEPS) {
                break;
            }
            walk.step(&here.0, here.1)?;
            next += 1;
        }
        Ok(walk.related)
    }

    /// The family of a crystal that is here: what it is about, in words of the vocabulary.
    ///
    /// # Errors
    /// When it is not here.
    pub fn family(&self, id: &ArtifactId) -> Result<Vec<String>, Fault> {
        let envelope = self.0.look()?.envelope(id)?;
        let envelope = envelope.ok_or_else(|| Fault::broken("the crystal is gone"))?;
        let (opened, _) = Crystal::open(&envelope).map_err(Fault::broken)?;
        Ok(distil::family(&opened.payload))
    }
}

impl House {
    /// How a crystal of this human stands among those that are here; none where that cannot be
    /// counted. Where the index is behind the store it is lower than it is, so that the human is
    /// warned rather than not.
    pub(crate) fn alike(&self, envelope: &[u8]) -> Option<Alike> {
        let (opened, _) = Crystal::open(envelope).ok()?;
        let words = distil::family(&opened.payload);
        let count = |link| {
            let counted = self.index.shared(&link);
            counted.inspect_err(|why| tracing::warn!(%why, "others were not counted")).ok()
        };
        let (given, same) = (count(links::given())?, count(family(&words))?);
        let itself = u64::from(same.own > 0);
        let own = same.own.saturating_sub(itself);
        Some(Alike { family: words, others: given.others, alike: same.others, own })
    }
}

struct Walk<'a> {
    house: &'a House,
    look: Look,
    limit: usize,
    seen: BTreeSet<ArtifactId>,
    related: Related,
}

/// Neighbours of one crystal: what each has to do with it, and how much of that.
type Near = BTreeMap<ArtifactId, BTreeMap<Relation, u32>>;

impl Walk<'_> {
    /// Takes in the neighbours of a crystal that is `steps` away.
    fn step(&mut self, id: &ArtifactId, steps: u32) -> Result<(), Fault> {
        let mut near = self.near(id)?;
        near.remove(id);
        let mut rows = Vec::new();
        for (other, relations) in near {
            // The index may be a moment behind.
            let Some(row) = self.look.crystal(&other)? else { continue };
            rows.push((other, row, relations));
        }
        rows.sort_by_key(|(id, row, relations)| {
            let closest = relations.first_key_value();
            (closest.map(|(relation, n)| (*relation, Reverse(*n))), Reverse(row.at), *id)
        });
        let most = if steps == 0 { self.limit } else { FURTHER };
        self.related.more |= rows.len() > most;
        for (other, row, relations) in rows.into_iter().take(most) {
            if !self.seen.contains(&other) {
                if self.related.crystals.len() > self.limit {
                    self.related.more = true;
                    continue;
                }
                self.seen.insert(other);
                let one = RelatedCrystal { id: other, row: row.clone(), steps: steps + 1 };
                self.related.crystals.push(one);
            }
            for (relation, shared) in relations {
                let edge = self.edge(id, (&other, &row), relation, shared)?;
                let twin = Edge { from: edge.to, to: edge.from, ..edge };
                if !self.related.edges.contains(&edge) && !self.related.edges.contains(&twin) {
                    self.related.edges.push(edge);
                }
            }
        }
        Ok(())
    }

    /// Which of the two supersedes or uses the other.
    fn edge(
        &self,
        id: &ArtifactId,
        (other, row): (&ArtifactId, &CrystalRow),
        relation: Relation,
        shared: u32,
    ) -> Result<Edge, Fault> {
        let turned = match relation {
            Relation::Supersedes => {
                self.look.crystal(id)?.is_some_and(|own| (row.at, other) > (own.at, id))
            }
            Relation::Uses => links::used(&self.look, other)?.contains(id),
            _ => false,
        };
        let (from, to) = if turned { (*other, *id) } else { (*id, *other) };
        Ok(Edge { from, to, relation, shared })
    }

    fn near(&mut self, id: &ArtifactId) -> Result<Near, Fault> {
        let mut near = Near::new();
        let (Some(row), Some(envelope)) = (self.look.crystal(id)?, self.look.envelope(id)?) else {
            return Ok(near);
        };
        let Ok((opened, _)) = Crystal::open(&envelope) else { return Ok(near) };
        let crystal = opened.payload;
        let first = crystal.supersedes.unwrap_or(*id);
        meet(&mut near, first, Relation::Supersedes);
        self.through(&mut near, Kind::Line(first), Relation::Supersedes)?;
        for used in links::used(&self.look, id)? {
            meet(&mut near, used, Relation::Uses);
        }
        self.through(&mut near, Kind::Uses(*id), Relation::Uses)?;
        for error in errors(&crystal) {
            self.through(&mut near, Kind::Error(error), Relation::SameError)?;
        }
        for file in files(&crystal) {
            self.through(&mut near, Kind::File(file), Relation::SameFiles)?;
        }
        if let Some(giver) = row.giver {
            self.through(&mut near, Kind::From(giver), Relation::FromPeer)?;
        }
        Ok(near)
    }

    /// Everything that one link leads to.
    fn through(&mut self, near: &mut Near, kind: Kind, relation: Relation) -> Result<(), Fault> {
        let found = self.house.index.linked(&kind.link(), EACH).map_err(Fault::broken)?;
        self.related.more |= found.all > found.ids.len();
        found.ids.into_iter().for_each(|other| meet(near, other, relation));
        Ok(())
    }
}

/// One thing more that they have in common.
fn meet(near: &mut Near, other: ArtifactId, relation: Relation) {
    let shared = near.entry(other).or_default().entry(relation).or_default();
    *shared = match relation {
        Relation::SameError | Relation::SameFiles => *shared + 1,
        _ => 1,
    };
}
