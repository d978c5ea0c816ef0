//! What agents' hooks tell, and what agents are given that did not ask.
//!
//! Promises: whatever is given goes by [`crate::may_offer_unasked`], stands in frames of at most 4 KiB,
//! and is not given twice in one session, nor is a session given what was distilled from itself;
//! where the best is not likely to be right nothing is given; nobody is asked and nothing is
//! fetched for it; what peers hold changes nothing in it until they are let. A session is
//! proposed to be shared at most once, in words only: nothing here makes an ask.

use super::{
    frame::Item,
    reply::{hit_item, name_of},
    say,
};
use crate::{
    Fault,
    house::{House, lock},
    search::Found,
};
use artifact::{ArtifactId, Outcome, UnixMillis};
use consent::Origin;
use door::{AgentReply, HookEvent};
use recall::{Hit, Question};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex},
};
use store::{CrystalRow, Look, PeerRow};

/// Sessions that are remembered, the latest.
const SESSIONS: usize = 256;
/// Crystals that one session is given, at most.
const GIVEN: usize = 64;
/// Crystals that one prompt is given, and one session at its start.
const AT_ONCE: usize = 3;
/// Hits that are looked at for them.
const DEPTH: usize = 12;
/// How often hits that may not be given are left out and the question is asked again.
const ROUNDS: usize = 8;
/// Crystals that are looked through for those of one folder.
const RECENT: usize = 500;

/// One session of an agent.
#[derive(Debug, Clone, Default)]
struct Session {
    repository: String,
    told: UnixMillis,
    given: BTreeSet<ArtifactId>,
    ended: bool,
    proposed: bool,
}

/// The sessions that hooks told of, by the agent's key and the session's name.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<([u8; 32], String), Session>>);

impl Sessions {
    /// Changes what is known of a session; of those that were not heard of for longest none.
    fn with<T>(&self, told: &Told, now: UnixMillis, change: impl FnOnce(&mut Session) -> T) -> T {
        let mut all = lock(&self.0);
        let session = all.entry((told.agent, told.session.clone())).or_default();
        session.told = now;
        distil::repository(&told.cwd).clone_into(&mut session.repository);
        let changed = change(session);
        while all.len() > SESSIONS
            && let Some(key) = all.iter().min_by_key(|(_, s)| s.told).map(|(key, _)| key.clone())
        {
            all.remove(&key);
        }
        changed
    }

    /// A session of this agent that ended in this repository and was not proposed yet.
    fn to_propose(&self, agent: [u8; 32], repository: &str) -> Vec<String> {
        let all = lock(&self.0);
        let here = all.iter().filter(|((key, _), session)| {
            *key == agent && session.ended && !session.proposed && session.repository == repository
        });
        here.map(|((_, name), _)| name.clone()).collect()
    }

    fn proposed(&self, agent: [u8; 32], name: &str) {
        if let Some(session) = lock(&self.0).get_mut(&(agent, name.to_owned())) {
            session.proposed = true;
        }
    }
}

/// What a hook told, beside the event.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) agent: [u8; 32],
    pub(super) name: String,
    pub(super) session: String,
    pub(super) cwd: String,
}

/// Nothing to say.
pub(super) fn nothing() -> AgentReply {
    AgentReply { refused: false, text: String::new(), body: serde_json::Value::Null }
}

/// Answers a hook of a paired agent.
pub(super) async fn answer(
    house: &Arc<House>,
    event: HookEvent,
    told: Told,
    prompt: String,
) -> Result<AgentReply, Fault> {
    let now = house.now();
    match event {
        HookEvent::PreCompact => house.look_again(&told.name),
        HookEvent::SessionEnd => {
            house.sessions.with(&told, now, |session| session.ended = true);
            house.look_again(&told.name);
        }
        HookEvent::SessionStart => return greet(house, &told),
        // A command to the program is no question.
        HookEvent::UserPromptSubmit if prompt.trim_start().starts_with('/') => {}
        HookEvent::UserPromptSubmit => return recall(house, &told, prompt).await,
    }
    Ok(nothing())
}

/// What is known here of the folder that a session begins in.
fn greet(house: &Arc<House>, told: &Told) -> Result<AgentReply, Fault> {
    let repository = distil::repository(&told.cwd);
    let given = house.sessions.with(told, house.now(), |session| {
        session.ended = false;
        session.given.clone()
    });
    if repository.is_empty() {
        return Ok(nothing());
    }
    let look = house.look()?;
    let peers = look.peers()?;
    let (_, recent) = look.crystals_page(0, RECENT)?;
    let of_here: Vec<Found> = recent
        .into_iter()
        .filter(|(id, row)| row.repo == repository && !given.contains(id))
        .filter_map(|(id, _)| house.may_give(&look, &Hit { id, score: 0.0 }, told).transpose())
        .collect::<Result<_, Fault>>()?;
    let words = proposal(house, &look, told, &of_here)?;
    let first: Vec<Found> = of_here.into_iter().take(AT_ONCE).collect();
    give(house, told, &words, &first, &peers)
}

/// What the prompt of a session reminds of.
async fn recall(house: &Arc<House>, told: &Told, prompt: String) -> Result<AgentReply, Fault> {
    let given = house.sessions.with(told, house.now(), |session| session.given.clone());
    if given.len() >= GIVEN {
        return Ok(nothing());
    }
    let (of, by) = (Arc::clone(house), told.clone());
    let found = tokio::task::spawn_blocking(move || of.reminded(&by, &prompt));
    let mut found = found.await.map_err(Fault::broken)??;
    found.retain(|hit| !given.contains(&hit.id));
    found.truncate(AT_ONCE);
    give(house, told, "", &found, &house.look()?.peers()?)
}

/// Gives these to a session, and remembers that it has them.
fn give(
    house: &Arc<House>,
    told: &Told,
    words: &str,
    found: &[Found],
    peers: &[(artifact::HumanKey, PeerRow)],
) -> Result<AgentReply, Fault> {
    let now = house.now();
    house.sessions.with(told, now, |session| session.given.extend(found.iter().map(|f| f.id)));
    let items: Vec<Item> = found.iter().map(|hit| hit_item(hit, peers, now)).collect();
    say::unasked(words, &items)
}

/// A run that ended here and may be worth sharing, in words for the agent: only once for each.
fn proposal(house: &House, look: &Look, told: &Told, of_here: &[Found]) -> Result<String, Fault> {
    for session in house.sessions.to_propose(told.agent, distil::repository(&told.cwd)) {
        for Found { id, row, .. } in of_here {
            let solved = matches!(row.outcome, Outcome::Passed | Outcome::Accepted);
            if row.origin != Origin::Mine || !solved || !is_of(look, row, &session)? {
                continue;
            }
            house.sessions.proposed(told.agent, &session);
            if !look.receipts_of(id)?.is_empty() {
                continue;
            }
            return Ok(format!(
                "TraceNet: your last run here ended well and is kept as {}. If others would gain \
                 from it, you may propose to the human, once, to share it: `request_share` then \
                 asks them in a window of their own. Otherwise say nothing of this.",
                name_of(id)
            ));
        }
    }
    Ok(String::new())
}

/// Whether a crystal was distilled from the log of this session, which its name says.
fn is_of(look: &Look, row: &CrystalRow, session: &str) -> Result<bool, Fault> {
    let Some(trace) = &row.trace else { return Ok(false) };
    let place = look.trace(trace)?.map(|trace| trace.place).unwrap_or_default();
    let of = Path::new(&place).file_stem().and_then(|stem| stem.to_str());
    Ok(!session.is_empty() && of == Some(session))
}

impl House {
    /// The crystal of a hit, if this session may be given it by itself.
    fn may_give(&self, look: &Look, hit: &Hit, told: &Told) -> Result<Option<Found>, Fault> {
        let Some(found) = self.found(look, hit)?.filter(|found| found.unasked) else {
            return Ok(None);
        };
        Ok((!is_of(look, &found.row, &told.session)?).then_some(found))
    }

    /// What a text reminds of, when the best of what may be given is likely to be right. What may
    /// not be given is no part of the question: it takes no place, and makes nothing sure.
    fn reminded(self: &Arc<Self>, told: &Told, text: &str) -> Result<Vec<Found>, Fault> {
        self.level_for_question();
        let look = self.look()?;
        let repository = distil::repository(&told.cwd);
        let mut except = Vec::new();
        for round in 0..=ROUNDS {
            // Where peers hold too much of it, only what was made here is asked for.
            let own = round == ROUNDS;
            let question = Question { text, repository, now: self.now(), except: &except, own };
            let answer = self.index.ask(&question, DEPTH).map_err(Fault::broken)?;
            let (sure, before) = (answer.is_sure(), except.len());
            let mut found = Vec::new();
            for hit in answer.hits {
                match self.may_give(&look, &hit, told)? {
                    Some(one) => found.push(one),
                    // A head of a peer is none that is here.
                    None => except.push(hit.id),
                }
            }
            if except.len() == before {
                return Ok(if sure { found } else { Vec::new() });
            }
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
