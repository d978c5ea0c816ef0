//! What agents are answered: short, true, and saying what to do next. Every answer is made in
//! [`super::say`], so that nothing others wrote stands outside a frame.

mod share;

use super::{
    code,
    frame::{Item, PARTS, Part, Source},
    requester,
    say::{quoting, refused_with, said},
};
use crate::{
    Fault, Node,
    event::{Event, Use},
    house::House,
    search::{Asked, Found, Recalled, Why, outcome_word},
};
use artifact::{
    ArtifactId, Crystal,
    display::{self, count},
    words::id_words,
};
use consent::Origin;
use door::{AgentCaller, AgentReply, AgentRequest};
use recall::Means;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{AgentRow, OutcomeRow, PeerRow};

type Replied = Result<AgentReply, Fault>;
type Peers = [(artifact::HumanKey, PeerRow)];

/// Hits when the agent does not say, and at most.
const HITS: (u32, u32) = (5, 10);

/// Answers a paired agent.
pub(super) async fn to(
    house: &Arc<House>,
    who: &AgentCaller,
    row: &AgentRow,
    request: AgentRequest,
) -> Replied {
    let key = *who.key.as_bytes();
    match request {
        AgentRequest::Recall { query, cwd, files, error, limit } => {
            house.tally.used(key, Use::Recall);
            let text = [query, error, files.join(" ")].join("\n");
            let limit = if limit == 0 { HITS.0 } else { limit.min(HITS.1) };
            let repository = distil::repository(&cwd).to_owned();
            let asked = Asked { text, repository, by: Means::Both };
            let found = house.recall(asked, usize::try_from(limit).unwrap_or(5)).await?;
            recalled(house, &found)
        }
        AgentRequest::Open { id, part } => open(house, &id, &part),
        AgentRequest::Remember { text } => remember(house, text, &row.name).await,
        AgentRequest::Outcome { id, outcome } => say_outcome(house, &id, outcome, row, key).await,
        AgentRequest::RequestShare { id, audience, reason } => {
            house.tally.used(key, Use::Ask);
            let by = requester(who, Some(row.since));
            let known = house.look()?.peers()?;
            match share::audience_of(&known, &audience) {
                Ok(to) => share::request(house, by, id, to, reason).await,
                Err(fault) => refused_with(&fault, names(&known)),
            }
        }
        AgentRequest::ShareStatus { ask } => share::status(house, &ask, &key),
        AgentRequest::Withdraw { ask } => share::withdraw(house, &ask, key).await,
        AgentRequest::Peers {} => peers(house),
        AgentRequest::Hook { event, session, cwd, prompt } => {
            let told = super::hook::Told { agent: key, name: row.name.clone(), session, cwd };
            super::hook::answer(house, event, told, prompt).await
        }
    }
}

/// An agent that is not paired gets one thing: its wish to be let in reaches the human.
pub(super) async fn to_unpaired(house: &Arc<House>, who: &AgentCaller) -> Replied {
    let request = crate::Request::Pair { name: who.name.to_string(), key: *who.key.as_bytes() };
    let node = house.as_node();
    let ask = node.ask(requester(who, None), request, String::new()).await?;
    let ask = house.look()?.ask(&ask)?.ok_or_else(|| Fault::broken("the ask is gone"))?;
    let text = format!(
        "This agent is not paired with TraceNet yet, so nothing was done. A pairing request waits \
         for the human (code {}). Tell them to allow it in the TraceNet window, or with \
         `tracenet answer {} allow` in a terminal of their own; then call again.",
        code(&ask),
        ask.id
    );
    let body = json!({"ask": ask.id.to_string(), "code": code(&ask), "state": "pending"});
    Ok(AgentReply { refused: true, text, body })
}

fn recalled(house: &Arc<House>, recalled: &Recalled) -> Replied {
    let Recalled { found, sure, missing: bodiless, .. } = recalled;
    let peers = house.look()?.peers()?;
    let absent: Vec<Value> = bodiless
        .iter()
        .map(|(giver, why)| json!({"giver": giver.to_string(), "why": why.word()}))
        .collect();
    let (bodiless, why) = (bodiless.len(), missing(bodiless));
    if found.is_empty() {
        let text = format!("Nothing like this is remembered here.{why}");
        return said(text, json!({"hits": [], "missing": bodiless, "absent": absent}));
    }
    if !sure {
        let held = found.len();
        let text = format!(
            "Nothing that is remembered here fits well enough to be trusted ({held} held back). Ask \
             again with the error's own words, a path or a name.{why}"
        );
        let body = json!({"hits": [], "held": held, "missing": bodiless, "absent": absent});
        return said(text, body);
    }
    let items: Vec<Item> = found.iter().map(|hit| hit_item(hit, &peers, house.now())).collect();
    let hits: Vec<Value> = found.iter().map(hit_body).collect();
    let after = format!("Use `open` with an id for the whole.{why}");
    quoting("", &items, &after, json!({"hits": hits, "missing": bodiless, "absent": absent}))
}

/// What fits and is not here, by why: how many, and what to do. None of its text.
fn missing(missing: &[(artifact::HumanKey, Why)]) -> String {
    let mut said = String::new();
    for (why, (one, other), what) in [
        (Why::Late, ("did", "did"), "not come from peers in time: ask again"),
        (Why::Away, ("is", "are"), "with peers who are away: ask again when they are back"),
        (Why::NotGiven, ("was", "were"), "told of by peers, but not given"),
    ] {
        let n = missing.iter().filter(|(_, which)| *which == why).count();
        if n > 0 {
            let some = count(n, &format!("more {one}"), &format!("more {other}"));
            said.push_str(&format!(" {some} {what}."));
        }
    }
    said
}

pub(super) fn hit_item(hit: &Found, peers: &Peers, now: u64) -> Item {
    let facts = vec![outcome_word(hit.row.outcome).to_owned(), age(now.saturating_sub(hit.row.at))];
    let parts = Part::in_short(&hit.row.title, &hit.row.problem);
    Item { id: name_of(&hit.id), source: source(&hit.row, peers), facts, parts }
}

/// Only what we know ourselves: what others wrote stands in the frame and nowhere else.
fn hit_body(hit: &Found) -> Value {
    provenance(&hit.id, &hit.row)
}

fn provenance(id: &ArtifactId, row: &store::CrystalRow) -> Value {
    let outcome = outcome_word(row.outcome);
    match (row.origin, row.giver) {
        (Origin::Mine, _) => json!({"id": id.to_string(), "outcome": outcome, "origin": "mine"}),
        (Origin::Peer, giver) => json!({
            "id": id.to_string(),
            "outcome": outcome,
            "origin": "peer",
            "giver": giver.map(|giver| giver.to_string()),
        }),
    }
}

/// What a crystal is called before an agent. Sixteen digits: eight can be made to collide.
pub(super) fn name_of(id: &ArtifactId) -> String {
    id.to_string().chars().take(16).collect()
}

fn source(row: &store::CrystalRow, peers: &Peers) -> Source {
    match (row.origin, row.giver) {
        (Origin::Mine, _) => Source::Here { repo: row.repo.clone() },
        (Origin::Peer, giver) => {
            let peer = peers.iter().find(|(key, _)| Some(*key) == giver);
            Source::Peer { name: peer.map_or_else(String::new, |(_, p)| p.name.clone()) }
        }
    }
}

fn age(millis: u64) -> String {
    match millis / 86_400_000 {
        0 => "today".into(),
        days => count(days, "day old", "days old"),
    }
}

/// The crystal that an agent names.
fn named(house: &Arc<House>, id: &str) -> Result<ArtifactId, Fault> {
    let found = house.look()?.crystal_named(id)?;
    found
        .map_err(|e| Fault::invalid(e.to_string(), "give an id that `recall` or `remember` showed"))
}

fn open(house: &Arc<House>, id: &str, part: &str) -> Replied {
    let (look, id) = (house.look()?, named(house, id)?);
    let (Some(row), Some(envelope)) = (look.crystal(&id)?, look.envelope(&id)?) else {
        return Err(Fault::invalid("this crystal is not here", "recall again"));
    };
    if row.withdrawn.is_some() {
        let what = "the peer who gave this has withdrawn it, so agents are not given it any more";
        return Err(Fault::refused(what, "recall again"));
    }
    let (opened, _) = Crystal::open(&envelope).map_err(Fault::broken)?;
    let wanted = part.trim().to_lowercase();
    let wanted = match wanted.as_str() {
        "" | "all" => None,
        wanted if PARTS.contains(&wanted) => Some(wanted),
        other => {
            let what = format!("there is no part called {}", display::line(other, 40));
            return Err(Fault::invalid(what, format!("parts are: {}", PARTS.join(", "))));
        }
    };
    let parts = Part::all_of(&opened.payload, wanted);
    let after = match wanted {
        Some(_) if parts.len() < 2 => "This crystal has nothing there.",
        _ => "",
    };
    let facts = vec![
        id_words(&id),
        outcome_word(row.outcome).to_owned(),
        age(house.now().saturating_sub(row.at)),
    ];
    let item = Item { id: name_of(&id), source: source(&row, &look.peers()?), facts, parts };
    quoting("", &[item], after, provenance(&id, &row))
}

async fn remember(house: &Arc<House>, text: String, agent: &str) -> Replied {
    let (id, new) = house.as_node().remember(text, agent.to_owned()).await?;
    let text = if new { "Kept" } else { "This was kept before" };
    let text = format!("{text} as {} ({}). It stays on this machine.", id.short(), id_words(&id));
    said(text, json!({"id": id.to_string(), "new": new}))
}

async fn say_outcome(
    house: &Arc<House>,
    id: &str,
    outcome: String,
    row: &AgentRow,
    key: [u8; 32],
) -> Replied {
    if !["helped", "wrong", "stale"].contains(&outcome.as_str()) {
        let hint = "an outcome is one of: helped, wrong, stale";
        return Err(Fault::invalid("this is not an outcome", hint));
    }
    let id = named(house, id)?;
    let said_it = OutcomeRow { outcome: outcome.clone(), agent: row.name.clone(), at: house.now() };
    house.happen(|reply| Event::Outcome(id, key, said_it, reply)).await?;
    said(
        format!("Noted: {} {outcome}.", id.short()),
        json!({"id": id.to_string(), "outcome": outcome}),
    )
}

fn peers(house: &Arc<House>) -> Replied {
    let connected = house.host().map(|host| host.connected()).unwrap_or_default();
    let known = house.look()?.peers()?;
    let rows: Vec<Value> = known
        .iter()
        .map(|(human, row)| {
            let online = connected.iter().any(|c| c.party.human == *human);
            json!({"name": display::line(&row.name, 64), "connected": online})
        })
        .collect();
    let body = json!({"peers": rows});
    if known.is_empty() {
        let text = "There are no peers. The human can connect to one with a ticket.";
        return said(text.to_owned(), body);
    }
    let before = "The audience of a share can be `public`, or any of these names:";
    quoting(before, &[names(&known)], "", body)
}

/// The names a share takes. Some were suggested by those who bear them.
fn names(known: &Peers) -> Item {
    let facts = vec![match known.len() {
        1 => "1 in all".to_owned(),
        n => format!("{n} in all"),
    }];
    let parts = vec![Part::names(known.iter().map(|(_, row)| row.name.clone()))];
    Item { id: "names".to_owned(), source: Source::Names, facts, parts }
}

impl House {
    pub(crate) fn as_node(self: &Arc<Self>) -> Node {
        Node(Arc::clone(self))
    }
}
