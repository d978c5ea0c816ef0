//! Recall: the index kept level with the store, and what a question finds.

mod round;
mod steps;

pub use steps::{Reason, Step, Tried};

use crate::{Fault, Node, house::House, house::lock};
use artifact::{ArtifactId, Crystal, FixStep, Head, HumanKey, Outcome};
use consent::Origin;
use recall::{Doc, Hit, Means, ModelState, Question};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use store::{CrystalRow, Look, OutcomeRow};

/// Crystals put into the index at a time.
const BATCH: usize = 500;
/// From how many changes on, beyond one for each artifact, those that tell nothing are forgotten.
const PRUNED: u64 = 10_000;
/// How long a recall waits for bodies that peers have.
const BUDGET: Duration = Duration::from_millis(1_500);
/// How many more than were asked for are ranked: heads among them take no place.
const DEPTH: usize = 4;

/// A crystal that a question found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id.
    pub id: ArtifactId,
    /// How well it fits; only the order means anything.
    pub score: f32,
    /// Its row.
    pub row: CrystalRow,
    /// Whether it may also be put before an agent that did not ask: see
    /// [`crate::may_offer_unasked`]. What a recall finds is given to who asked; a hook, a greeting
    /// or a hint gives only this of it.
    pub unasked: bool,
}

/// Why a body that fits is not among what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// It is on its way.
    Late,
    /// Its giver is away.
    Away,
    /// Its giver did not give it.
    NotGiven,
}

impl Why {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Away => "away",
            Self::NotGiven => "not-given",
        }
    }
}

/// What an agent asks, and in which repository; empty when it does not say.
pub(crate) struct Asked {
    pub(crate) text: String,
    pub(crate) repository: String,
    /// By words alone, or by meanings too.
    pub(crate) by: Means,
}

/// A recall with all its steps.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Crystals that are here, best first.
    pub found: Vec<Found>,
    /// Whether they are likely to be right. When they are not, an agent is given none of them.
    pub sure: bool,
    /// Bodies of peers that fit as well and did not come.
    pub missing: usize,
    /// What was tried, in order.
    pub steps: Vec<Tried>,
}

/// What a question found, here and elsewhere.
pub(crate) struct Recalled {
    /// Crystals that are here: own memory and that of peers who are let, best first; then that of
    /// other peers.
    pub(crate) found: Vec<Found>,
    /// Whether they are likely to be right. When they are not, silence is the better answer.
    pub(crate) sure: bool,
    /// Bodies that fit as well and are not here: whose, and why not.
    pub(crate) missing: Vec<(HumanKey, Why)>,
    /// What was tried, in order.
    pub(crate) steps: Vec<Tried>,
}

impl Node {
    /// Crystals that fit a text, best first: by words alone at once, or by words and meanings a
    /// moment later.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(&self, text: &str, limit: usize, by: Means) -> Result<Vec<Found>, Fault> {
        self.0.level_for_question();
        let asked = Asked { text: text.to_owned(), repository: String::new(), by };
        let Ranked { mut own, others, .. } = self.0.rank(&asked, limit)?;
        own.extend(others.into_iter().map(|(one, _)| one));
        own.truncate(limit);
        Ok(own)
    }

    /// What an agent in this folder would be given, and every step on the way, with its
    /// reason. Bodies that peers share are fetched as they are for an agent.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn recall(&self, text: String, cwd: &str, limit: usize) -> Result<Explained, Fault> {
        let repository = distil::repository(cwd).to_owned();
        let asked = Asked { text, repository, by: Means::Both };
        let Recalled { found, sure, missing, steps } = self.0.recall(asked, limit).await?;
        Ok(Explained { found, sure, missing: missing.len(), steps })
    }

    /// Whether crystals can be found by what they mean, beside their words.
    #[must_use]
    pub fn model(&self) -> ModelState {
        self.0.index.model()
    }

    /// How many crystals are found by what they mean, as well as by their words.
    #[must_use]
    pub fn embedded(&self) -> usize {
        self.0.index.embedded()
    }
}

impl House {
    /// [`House::level_index`], which blocks, on a thread where it may.
    pub(crate) async fn level_aside(self: &Arc<Self>) -> Result<(), Fault> {
        let house = Arc::clone(self);
        tokio::task::spawn_blocking(move || house.level_index()).await.map_err(Fault::broken)
    }

    async fn rank_aside(
        self: &Arc<Self>,
        asked: &Arc<Asked>,
        limit: usize,
    ) -> Result<Ranked, Fault> {
        let (house, asked) = (Arc::clone(self), Arc::clone(asked));
        let ranked = tokio::task::spawn_blocking(move || house.rank(&asked, limit));
        ranked.await.map_err(Fault::broken)?
    }

    /// The best `limit` crystals that are here, and the heads that stand among them. Own memory
    /// comes first: what peers told, and what came from those who are not let, is ranked beside it
    /// and takes none of its places.
    fn rank(&self, asked: &Asked, limit: usize) -> Result<Ranked, Fault> {
        let look = self.look()?;
        let depth = limit.saturating_mul(DEPTH);
        let Asked { text, repository, by } = asked;
        let question = Question { text, repository, now: self.now(), ..Question::default() };
        let ask = |question: &Question, limit| match by {
            Means::Both => self.index.ask(question, limit),
            Means::Words => self.index.search(question, limit),
        };
        let answer = ask(&question, depth).map_err(Fault::broken)?;
        let means = answer.means;
        let (mut own, mut others, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        let mut beside = false;
        for (place, hit) in answer.hits.iter().enumerate() {
            match self.found(&look, hit)? {
                Some(one) if one.unasked => own.push((one, answer.is_sure_of(hit))),
                Some(one) => {
                    beside = true;
                    others.push((one, answer.is_sure_of(hit)));
                }
                None => {
                    beside = true;
                    let heads = look.heads_of(&hit.id)?.into_iter();
                    let heads = heads.filter(|head| head.refused.is_empty());
                    if place < limit {
                        wanted.push((hit.id, heads.map(|head| head.giver).collect()));
                    }
                }
            }
        }
        if beside {
            // As if nothing of theirs were known.
            let question = Question { own: true, ..question };
            let answer = ask(&question, limit).map_err(Fault::broken)?;
            own.retain(|(one, _)| one.row.origin == Origin::Peer);
            for hit in &answer.hits {
                let one = self.found(&look, hit)?;
                own.extend(one.map(|one| (one, answer.is_sure_of(hit))));
            }
            own.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        }
        wanted.retain(|(_, givers): &(_, Vec<_>)| !givers.is_empty());
        let sure = own.first().is_some_and(|(_, sure)| *sure);
        let own = own.into_iter().map(|(one, _)| one).take(limit).collect();
        Ok(Ranked { own, sure, others, means, wanted })
    }

    /// The crystal of a hit, if it is here and may be found.
    pub(crate) fn found(&self, look: &Look, hit: &Hit) -> Result<Option<Found>, Fault> {
        // The index may be a moment behind.
        let Some(row) = look.crystal(&hit.id)?.filter(|row| row.withdrawn.is_none()) else {
            return Ok(None);
        };
        let giver = match row.giver {
            Some(giver) if !self.shut.human(&giver) => look.peer(&giver)?,
            _ => None,
        };
        let unasked = crate::may_offer_unasked(&row, giver.as_ref());
        Ok(Some(Found { id: hit.id, score: hit.score, row, unasked }))
    }

    /// Brings the index level with the store. The index is a cache: what fails here is logged,
    /// and tried again at the next question.
    pub(crate) fn level_index(&self) {
        let Ok(level) = self.look().and_then(|look| Ok(look.last_change()?)) else { return };
        while self.level_batch() && self.index.seq() < level && !self.stop.is_cancelled() {}
    }

    /// Brings the index level with the store for a question: by one batch, which is all there is
    /// but while an import goes on, or the index heals. The rest follows in the background, and
    /// the question is answered from what is there.
    pub(crate) fn level_for_question(self: &Arc<Self>) {
        if !self.level_batch() {
            return;
        }
        let behind = self.look().and_then(|look| Ok(look.last_change()? > self.index.seq()));
        if behind.unwrap_or(false) && !self.catching_up.swap(true, Ordering::AcqRel) {
            let house = Arc::clone(self);
            self.tasks.spawn_blocking(move || {
                house.level_index();
                house.catching_up.store(false, Ordering::Release);
            });
        }
    }

    /// Brings the index nearer to the store by one batch, one thread at a time. False when it is
    /// level, or cannot be brought there.
    fn level_batch(&self) -> bool {
        let _turn = lock(&self.levelling);
        self.level_some().unwrap_or_else(|fault| {
            tracing::warn!(%fault, "the index is behind the store");
            false
        })
    }

    /// Forgets what the store tells no index any more.
    pub(crate) fn prune_changes(&self) -> Result<(), Fault> {
        if self.look()?.changes_beyond()? < PRUNED {
            return Ok(());
        }
        let level = self.index.seq();
        let pruned = self.store.change::<_, Fault>(|change| Ok(change.prune_changes(level)?))?;
        tracing::debug!(pruned, "changes that the index knows are forgotten");
        Ok(())
    }

    /// Puts the next crystals into the index. False when it is level.
    fn level_some(&self) -> Result<bool, Fault> {
        let look = self.look()?;
        if self.index.seq() > look.last_change()? {
            // The store is older than its index: it was restored. Begin anew.
            self.index.clear().map_err(Fault::broken)?;
        }
        let mut changes = look.changes(self.index.seq())?;
        changes.truncate(BATCH);
        let Some((level, _)) = changes.last().copied() else { return Ok(false) };
        let (mut docs, mut gone) = (Vec::with_capacity(changes.len()), Vec::new());
        for (_, id) in changes {
            match doc(&look, &id)? {
                Some(doc) => docs.push(doc),
                None => gone.push(id),
            }
        }
        if !gone.is_empty() {
            // Before it moves on: what is cut between the two is done again.
            self.index.forget(&gone, self.index.seq()).map_err(Fault::broken)?;
        }
        self.index.put(&docs, level).map_err(Fault::broken)?;
        Ok(true)
    }
}

/// What a question found by the index alone.
struct Ranked {
    /// Crystals that are here, made here or by peers who are let, best first.
    own: Vec<Found>,
    /// Whether the best of these is likely to be right.
    sure: bool,
    /// Those of other peers, best first, each with whether it is likely to be right.
    others: Vec<(Found, bool)>,
    /// What all of them were found by.
    means: Means,
    /// Artifacts that are not here, with who offers each.
    wanted: Vec<(ArtifactId, Vec<HumanKey>)>,
}

impl Ranked {
    /// What an agent is given that asked, and whether it is likely to be right. Of peers who are
    /// not let only what is likely to be right itself, in the places that are left: it makes
    /// nothing else sure. Where own memory is not, it is held back, and they may answer alone.
    fn given(self, limit: usize) -> (Vec<Found>, bool) {
        let Self { mut own, sure, others, .. } = self;
        let mut others: Vec<Found> =
            others.into_iter().filter(|(_, sure)| *sure).map(|(one, _)| one).collect();
        if sure || others.is_empty() {
            own.append(&mut others);
            own.truncate(limit);
            return (own, sure);
        }
        others.truncate(limit);
        (others, true)
    }
}

/// A crystal as the index sees it, or the head of one that is not here; nothing of what was
/// withdrawn or refused.
pub(crate) fn doc(look: &Look, id: &ArtifactId) -> Result<Option<Doc>, Fault> {
    let (Some(row), Some(envelope)) = (look.crystal(id)?, look.envelope(id)?) else {
        return head_doc(look, id);
    };
    if row.withdrawn.is_some() {
        return Ok(None);
    }
    let Ok((opened, _)) = Crystal::open(&envelope) else { return Ok(None) };
    let crystal = opened.payload;
    let commands = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Command { text } => Some(text.clone()),
        FixStep::Edit { .. } => None,
    });
    let commands = commands.chain(crystal.checks.iter().map(|c| c.command.clone()));
    let edits = crystal.fix.iter().filter_map(|step| match step {
        FixStep::Edit { text, .. } => Some(text.as_str()),
        FixStep::Command { .. } => None,
    });
    let ends = crystal.dead_ends.iter().flat_map(|d| [d.tried.as_str(), d.error.as_str()]);
    let body: Vec<&str> =
        edits.chain(ends).chain(crystal.lesson.iter().map(String::as_str)).collect();
    Ok(Some(Doc {
        id: *id,
        title: crystal.title.clone(),
        problem: crystal.problem.clone(),
        files: crystal.env.files.join("\n"),
        commands: commands.collect::<Vec<_>>().join("\n"),
        body: body.join("\n"),
        peer: row.origin == Origin::Peer,
        outcome: row.outcome,
        at: row.at,
        repository: crystal.env.repo.clone().unwrap_or_default(),
        helped: helped(&look.outcomes(id)?),
        links: crate::related::links(look, id, &row, &crystal)?,
    }))
}

/// How often agents said that it helped, less how often that it was wrong.
fn helped(said: &[OutcomeRow]) -> i32 {
    said.iter().fold(0_i32, |sum, row| match row.outcome.as_str() {
        "helped" => sum.saturating_add(1),
        "wrong" => sum.saturating_sub(1),
        _ => sum,
    })
}

fn head_doc(look: &Look, id: &ArtifactId) -> Result<Option<Doc>, Fault> {
    let open = look.heads_of(id)?.into_iter().find(|row| row.refused.is_empty());
    let Some(head) = open.and_then(|row| Head::decode(&row.head).ok()) else { return Ok(None) };
    Ok(Some(Doc {
        id: *id,
        title: head.title,
        problem: head.problem,
        files: String::new(),
        commands: String::new(),
        body: head.family.join(" "),
        peer: true,
        outcome: head.outcome,
        at: head.iat,
        repository: String::new(),
        helped: 0,
        links: Vec::new(),
    }))
}

/// Outcomes in words, as agents and faces write them.
#[must_use]
pub const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Accepted => "accepted",
        Outcome::Unknown => "unknown",
    }
}

/// The outcome of this word.
#[must_use]
pub fn outcome_named(word: &str) -> Option<Outcome> {
    let all = [Outcome::Passed, Outcome::Failed, Outcome::Accepted, Outcome::Unknown];
    all.into_iter().find(|outcome| outcome_word(*outcome) == word)
}
