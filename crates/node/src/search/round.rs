//! One recall, step by step.

use super::{Asked, BUDGET, Found, Ranked, Reason, Recalled, Step, Tried, Why};
use crate::{Fault, exchange::Body, house::House};
use artifact::{ArtifactId, HumanKey};
use consent::Origin;
use recall::Question;
use std::{sync::Arc, time::Duration};

/// The steps so far, and when the present one began.
struct Steps<'a> {
    house: &'a House,
    begun: u64,
    tried: Vec<Tried>,
}

impl<'a> Steps<'a> {
    fn begin(house: &'a House) -> Self {
        Self { house, begun: house.clock.awake(), tried: Vec::new() }
    }

    /// The present step is over, and the next one begins.
    fn took(&mut self, step: Step, reason: Reason) {
        let now = self.house.clock.awake();
        let took = Duration::from_millis(now.saturating_sub(self.begun));
        self.tried.push(Tried { step, took: Some(took), reason });
        self.begun = now;
    }

    /// The present step is not taken.
    fn passed_by(&mut self, step: Step, reason: Reason) {
        self.tried.push(Tried { step, took: None, reason });
    }
}

impl House {
    /// What an agent asks for, in this order and in no other: the question becomes terms; what is
    /// here is ranked; when that is not good enough, the heads that peers told are looked
    /// through; bodies that fit are fetched and verified, and waited for within the budget; then
    /// it is answered. What is said of bodies that are missing then is how many and whose, never
    /// their text.
    pub(crate) async fn recall(
        self: &Arc<Self>,
        asked: Asked,
        limit: usize,
    ) -> Result<Recalled, Fault> {
        let mut steps = Steps::begin(self);
        let asked = Arc::new(asked);
        steps.took(Step::Fingerprint, fingerprint(&asked));

        let house = Arc::clone(self);
        let level = tokio::task::spawn_blocking(move || house.level_for_question());
        level.await.map_err(Fault::broken)?;
        let mut ranked = self.rank_aside(&asked, limit).await?;
        let here = judged(&asked, &ranked);
        let enough = here.is_enough();
        steps.took(Step::Memory, here);
        if enough {
            steps.passed_by(Step::Heads, Reason::NotNeeded);
            steps.passed_by(Step::Fetch, Reason::NotNeeded);
            return Ok(answered(steps, ranked.given(limit), Vec::new()));
        }

        let wanted = std::mem::take(&mut ranked.wanted);
        if wanted.is_empty() {
            steps.took(Step::Heads, Reason::NoneFits);
            steps.passed_by(Step::Fetch, Reason::NoneFits);
            return Ok(answered(steps, ranked.given(limit), Vec::new()));
        }
        steps.took(Step::Heads, Reason::Fits { bodies: wanted.len() });

        let bodies: Vec<Body> =
            wanted.iter().flat_map(|(id, of)| of.iter().map(|giver| (*giver, *id))).collect();
        let begun = self.begin_fetch(&bodies);
        if begun.is_empty() {
            steps.passed_by(Step::Fetch, Reason::AllAway { bodies: wanted.len() });
            let missing = wanted.iter().filter_map(|(_, of)| Some((*of.first()?, Why::Away)));
            return Ok(answered(steps, ranked.given(limit), missing.collect()));
        }
        self.fetching.wait(&begun, BUDGET).await;
        // Ranked as before, by the heads: the index is not waited for.
        let late: Vec<Body> =
            begun.iter().copied().filter(|body| self.fetching.is_under_way(body)).collect();
        let mut ranked = self.rank_aside(&asked, limit).await?;
        let left = std::mem::take(&mut ranked.wanted);
        let missing = missing(&left, &begun, &late);
        let count = |why| missing.iter().filter(|(_, which)| *which == why).count();
        let came = wanted.iter().filter(|(id, _)| left.iter().all(|(other, _)| other != id));
        let reason = Reason::Asked {
            came: came.count(),
            late: count(Why::Late),
            not_given: count(Why::NotGiven),
            away: count(Why::Away),
        };
        steps.took(Step::Fetch, reason);
        Ok(answered(steps, ranked.given(limit), missing))
    }
}

/// What a question is known by. It is made here, and stays here.
fn fingerprint(asked: &Asked) -> Reason {
    if asked.text.trim().is_empty() {
        return Reason::Blank;
    }
    let made = Question { text: &asked.text, ..Question::default() }.fingerprint();
    Reason::Terms { terms: made.terms, exact: made.exact, repository: asked.repository.clone() }
}

/// Whether own memory, and that of peers who are let, is good enough. By words alone no score tells, so heads are looked
/// through then.
fn judged(asked: &Asked, ranked: &Ranked) -> Reason {
    let found = ranked.own.len();
    let Some(best) = ranked.own.iter().map(|one| one.score).reduce(f32::max) else {
        let blank = asked.text.trim().is_empty();
        return if blank { Reason::Blank } else { Reason::NothingHere };
    };
    match ranked.means.bound() {
        None => Reason::ByWords { found },
        Some(bound) if ranked.sure => Reason::Enough { found, best, bound },
        Some(bound) => Reason::NotEnough { found, best, bound },
    }
}

/// What fits and did not come: whose it is, and why not.
fn missing(
    left: &[(ArtifactId, Vec<HumanKey>)],
    begun: &[Body],
    late: &[Body],
) -> Vec<(HumanKey, Why)> {
    let giver = |list: &[Body], id: &ArtifactId| {
        list.iter().find(|(_, which)| which == id).map(|(giver, _)| *giver)
    };
    let one = |(id, of): &(ArtifactId, Vec<HumanKey>)| match (giver(late, id), giver(begun, id)) {
        (Some(giver), _) => Some((giver, Why::Late)),
        (None, Some(giver)) => Some((giver, Why::NotGiven)),
        (None, None) => Some((*of.first()?, Why::Away)),
    };
    left.iter().filter_map(one).collect()
}

fn answered(
    mut steps: Steps<'_>,
    (found, sure): (Vec<Found>, bool),
    missing: Vec<(HumanKey, Why)>,
) -> Recalled {
    let crystals = found.len();
    let of_peers = found.iter().filter(|one| one.row.origin == Origin::Peer).count();
    let reason = match (crystals, sure) {
        (0, _) => Reason::Nothing,
        (_, true) => Reason::Given { crystals, of_peers },
        (_, false) => Reason::HeldBack { crystals },
    };
    steps.took(Step::Context, reason);
    Recalled { found, sure, missing, steps: steps.tried }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artifact::{AuthorKey, Outcome};
    use recall::Means;
    use store::CrystalRow;

    fn found(score: f32) -> Found {
        let row = CrystalRow {
            origin: Origin::Mine,
            trace: None,
            giver: None,
            receipt: None,
            author: AuthorKey::from_bytes([2; 32]),
            title: "a title".to_owned(),
            problem: String::new(),
            repo: String::new(),
            outcome: Outcome::Unknown,
            at: 1,
            added: 1,
            size: 1,
            withdrawn: None,
        };
        Found { id: ArtifactId::of(b"one"), score, row, unasked: true }
    }

    #[track_caller]
    fn check(text: &str, means: Means, own: Vec<Found>, sure: bool, want: &str) {
        let asked = Asked { text: text.to_owned(), repository: String::new(), by: Means::Both };
        let ranked = Ranked { own, sure, others: Vec::new(), means, wanted: Vec::new() };
        let reason = judged(&asked, &ranked);
        assert_eq!((reason.word(), reason.is_enough()), (want, want == "enough"));
    }

    #[test]
    fn peers_are_asked_unless_the_bound_says_that_what_is_here_is_good_enough() {
        check("rain", Means::Both, vec![found(0.4), found(0.8)], true, "enough");
        check("rain", Means::Both, vec![found(0.4)], false, "not-enough");
        check("rain", Means::Both, Vec::new(), true, "nothing-here");
        check(" ", Means::Words, Vec::new(), true, "blank");
        // By words whatever is found counts as sure, because no score tells better.
        check("rain", Means::Words, vec![found(0.9)], true, "by-words");
    }

    #[test]
    fn what_did_not_come_is_told_by_why() {
        let people = [1, 2, 3].map(|n| HumanKey::from_bytes([n; 32]));
        let ids = [b"a", b"b", b"c"].map(|text| ArtifactId::of(text));
        let left: Vec<_> = ids.iter().zip(people).map(|(id, giver)| (*id, vec![giver])).collect();
        let begun = [(people[0], ids[0]), (people[1], ids[1])];
        let got = missing(&left, &begun, &begun[..1]);
        assert_eq!(
            got,
            [(people[0], Why::Late), (people[1], Why::NotGiven), (people[2], Why::Away)]
        );
    }
}
