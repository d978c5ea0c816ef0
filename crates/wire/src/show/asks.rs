//! Asks and prompts.

use super::{line, name_of, small};
use crate::{AskRow, AskView, AsksView, ChangesView, Fault, HeadView, PromptView, from};
use artifact::{ArtifactId, Head, HumanKey, words::id_words};
use consent::prompt::{heading, what};
use consent::{Ask, AskId, Prompt, Requester, State, Way, Wish};
use node::{Look, Node, PeerRow};

/// Decided asks that are listed.
const DECIDED: usize = 50;

type Peers = [(HumanKey, PeerRow)];

pub(crate) fn asks(node: &Node) -> Result<AsksView, Fault> {
    let look = node.look()?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let row = |ask: &Ask| row(node, ask, &peers);
    let pending = look.pending().map_err(node::Fault::from)?;
    let decided = look.decided(DECIDED).map_err(node::Fault::from)?;
    Ok(AsksView {
        pending: pending.iter().map(row).collect::<Result<_, _>>()?,
        decided: decided.iter().map(row).collect::<Result<_, _>>()?,
    })
}

pub(crate) fn ask(node: &Node, id: &AskId) -> Result<AskView, Fault> {
    let look = node.look()?;
    let unknown = || node::Fault::invalid(format!("there is no ask {id}"), "");
    let ask = look.ask(id).map_err(node::Fault::from)?.ok_or_else(unknown)?;
    let peers = look.peers().map_err(node::Fault::from)?;
    let ticket = look.ticket(id).map_err(node::Fault::from)?;
    let ticket = ticket.map(|row| row.ticket).unwrap_or_default();
    let waits = look.connects().map_err(node::Fault::from)?.iter().any(|(of, _)| of == id);
    let outcome = if waits {
        "Allowed. There is no connection yet: they may have to accept you first. It is tried \
         again by itself."
            .to_owned()
    } else {
        outcome(&ask)
    };
    Ok(AskView { row: row(node, &ask, &peers)?, outcome, ticket })
}

fn row(node: &Node, ask: &Ask, peers: &Peers) -> Result<AskRow, Fault> {
    let look = node.look()?;
    let title = match ask.wish.object() {
        Some(object) => title(&look, &object.id)?,
        None => None,
    };
    let what = title.map_or_else(|| what(&ask.wish, None), |title| line(&title, 160));
    Ok(AskRow {
        id: ask.id.to_string(),
        wish: ask.wish.word().to_owned(),
        heading: heading(&ask.wish),
        what,
        who: who(&ask.by),
        by_agent: matches!(ask.by, Requester::Agent { .. }),
        to: to(&ask.wish, peers),
        at: ask.at,
        expires: ask.expires(),
        state: ask.state.word().to_owned(),
        ended: ask.state.ended().unwrap_or(0),
        findings: small(ask.findings.len()),
        quiet: node.is_quiet(&ask.by)?,
    })
}

/// The title of what would leave: of a crystal that is kept, or of a redacted one that is frozen.
fn title(look: &Look, id: &ArtifactId) -> Result<Option<String>, Fault> {
    if let Some(row) = look.crystal(id).map_err(node::Fault::from)? {
        return Ok(Some(row.title));
    }
    let bytes = look.snapshot(id).map_err(node::Fault::from)?;
    Ok(bytes.and_then(|bytes| Head::of(&bytes).ok()).map(|head| head.title))
}

fn who(by: &Requester) -> String {
    match by {
        Requester::Agent { name, paired: Some(_), .. } => line(name, 64),
        Requester::Agent { name, .. } => format!("{} (not paired)", line(name, 64)),
        Requester::Human { way: Way::Terminal, .. } => "you, from a terminal".to_owned(),
        Requester::Human { .. } => "you".to_owned(),
    }
}

fn to(wish: &Wish, peers: &Peers) -> String {
    match wish {
        Wish::SharePrivate { peers: people, .. } => {
            let names: Vec<String> = people.iter().map(|human| name_of(peers, human)).collect();
            names.join(", ")
        }
        Wish::SharePublic { .. } => "anyone".to_owned(),
        Wish::Accept { peer, .. }
        | Wish::Let { peer }
        | Wish::Unhide { peer }
        | Wish::Unblock { peer: Some(peer), .. } => name_of(peers, peer),
        Wish::Unblock { peer: None, endpoint } => endpoint.to_string(),
        Wish::Pair { .. }
        | Wish::Ticket { .. }
        | Wish::Connect { .. }
        | Wish::Reach { .. }
        | Wish::Resume { .. }
        | Wish::Rotate { .. }
        | Wish::AcceptPolicy { .. }
        | Wish::DropPolicy { .. }
        | Wish::SignRevocations {} => String::new(),
    }
}

/// What came of an ask, in one sentence.
fn outcome(ask: &Ask) -> String {
    let sentence = match (&ask.state, &ask.wish) {
        (State::Pending {}, _) => "",
        (State::Allowed { .. }, Wish::SharePrivate { .. } | Wish::SharePublic { .. }) => {
            "Allowed. The audience has it, or gets it when it connects."
        }
        (State::Allowed { .. }, Wish::Pair { .. }) => "Allowed. The agent is paired.",
        (State::Allowed { .. }, Wish::Ticket { .. }) => {
            "Allowed. Give the ticket to one person. It works once."
        }
        (State::Allowed { .. }, Wish::Accept { .. }) => "Allowed. They are let in.",
        (State::Allowed { .. }, Wish::Unblock { .. }) => "Allowed. The block is lifted.",
        (State::Allowed { .. }, Wish::Let { .. }) => {
            "Allowed. Your agents are given their crystals from now on."
        }
        (State::Allowed { .. }, Wish::Unhide { .. }) => {
            "Allowed. They see this machine's addresses."
        }
        (State::Allowed { .. }, Wish::Resume { .. }) => "Allowed. This store is gone on with.",
        (State::Allowed { .. }, Wish::AcceptPolicy { .. }) => {
            "Accepted. What it forbids is not asked any more."
        }
        (State::Allowed { .. }, Wish::DropPolicy { .. }) => {
            "Dropped. What it forbade is yours to allow again."
        }
        (State::Allowed { .. }, Wish::SignRevocations {}) => {
            "Signed. Each is told at once, or when they connect."
        }
        (State::Allowed { .. }, Wish::Rotate { .. }) => "Allowed. The new key is in use.",
        (State::Allowed { .. }, Wish::Connect { .. } | Wish::Reach { .. }) => "Allowed.",
        (State::Denied { instead: Some(_), .. }, _) => {
            "You took something out. The rest is asked about in its place; nothing left by this one."
        }
        (State::Denied { .. }, _) => "Denied. Nothing left.",
        (State::Expired { .. }, _) => "Nobody answered within a day. Nothing left.",
        (State::Withdrawn { .. }, _) => "Withdrawn. Nothing left.",
        (State::Cancelled { .. }, _) => {
            "What it was about is gone, or its key was replaced. Nothing left."
        }
    };
    sentence.to_owned()
}

pub(crate) async fn prompt(node: &Node, id: &AskId) -> Result<PromptView, Fault> {
    let (prompt, ask) = node.prompt(id)?;
    let (keychain, keychain_hint, keychain_command) = from::keychain(&node.key_state().await);
    let Prompt { position, head, found, artifact, changes, .. } = &prompt;
    Ok(PromptView {
        ask: ask.id.to_string(),
        state: ask.state.word().to_owned(),
        wish: ask.wish.word().to_owned(),
        position: small(position.0),
        waiting: small(position.1),
        artifact: artifact.map(|id| id.to_string()).unwrap_or_default(),
        artifact_words: artifact.as_ref().map(id_words).unwrap_or_default(),
        head: head.as_ref().map(|head| HeadView {
            title: head.title.clone(),
            problem: head.problem.clone(),
            family: head.family.clone(),
        }),
        changes: changes.as_ref().map(|changes| ChangesView {
            since: changes.since.clone(),
            diff: changes.diff.clone(),
        }),
        found: found.iter().map(super::shown_finding).collect(),
        keychain,
        keychain_hint,
        keychain_command,
        expires: ask.expires(),
        heading: prompt.heading,
        what: prompt.what,
        size: prompt.size,
        text: prompt.text,
        scan_spent: prompt.scan_spent,
        to: prompt.to,
        who: prompt.who,
        by_agent: prompt.by_agent,
        unknown: prompt.unknown,
        says: prompt.says,
        code: prompt.code,
        warnings: prompt.warnings,
        policies: prompt.policies,
        forbidden: prompt.forbidden,
        irrevocable: prompt.irrevocable,
        pin: prompt.pin,
        choose_reach: prompt.choose_reach,
        batch: prompt.batch.iter().map(ToString::to_string).collect(),
        terms: prompt.terms.into_iter().map(from::shown_term).collect(),
    })
}
