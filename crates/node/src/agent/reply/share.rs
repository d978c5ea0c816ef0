//! What agents are answered who ask to share: how it stands with their ask, truly, and what to do.

use super::{
    super::{
        artifact_of, code,
        frame::{Item, Part, Source},
        say::{quoting, said},
    },
    Peers, Replied, named,
};
use crate::{Fault, audience::resolve, event::Event, house::House};
use artifact::ArtifactId;
use consent::{
    Ask, AskId, Objection, Requester, Share, State,
    policy::{Forbidden, can_be_redacted},
};
use door::AgentReply;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Look, ReceiptRow};

/// Whom an agent wants to share with: `None` is everyone.
pub(super) fn audience_of(
    known: &Peers,
    audience: &[String],
) -> Result<Option<Vec<String>>, Fault> {
    let public = audience.iter().any(|name| name.trim() == "public");
    if audience.is_empty() || (public && audience.len() > 1) {
        let hint = "give names of peers, or only `public`";
        return Err(Fault::invalid("this audience makes no sense", hint));
    }
    if public {
        return Ok(None);
    }
    // The hint of such a fault lists names, which an agent is given in a frame.
    let unhinted = |fault: Fault| Fault { hint: String::new(), ..fault };
    let keys = audience.iter().map(|name| resolve(known, name).map(|key| key.to_string()));
    Ok(Some(keys.collect::<Result<_, _>>().map_err(unhinted)?))
}

pub(super) async fn request(
    house: &Arc<House>,
    by: Requester,
    id: String,
    audience: Option<Vec<String>>,
    reason: String,
) -> Replied {
    let id = named(house, &id)?.to_string();
    let request = match audience {
        None => crate::Request::SharePublic { id },
        Some(to) => crate::Request::SharePrivate { id, to },
    };
    let ask = match house.as_node().ask_or_objections(by, request, reason).await? {
        Ok(ask) => ask,
        Err(objections) => return forbidden(&objections),
    };
    let ask = house.look()?.ask(&ask)?.ok_or_else(|| Fault::broken("the ask is gone"))?;
    if !ask.state.is_pending() {
        return said(settled(house, &ask)?, ask_body(&ask));
    }
    let (id, words) = (ask.id, code(&ask));
    let alone = if stands_alone(house, &ask)? { ALONE } else { "" };
    let plain = format!(
        "Pending: the human was asked (ask {id}, code {words}). Nothing has left this machine. Do \
         not wait: go on, and look with `share_status` later. No answer within a day means \
         no.{alone}"
    );
    pending(house, &ask, plain)
}

/// How it stands with an ask of this agent.
pub(super) fn status(house: &Arc<House>, ask: &str, key: &[u8; 32]) -> Replied {
    let ask = own_ask(house, ask, key)?;
    if !ask.state.is_pending() {
        return said(settled(house, &ask)?, ask_body(&ask));
    }
    let plain =
        "Pending: the human has not answered yet. Nothing has left. Go on, and look again later.";
    pending(house, &ask, plain.to_owned())
}

/// An agent takes its ask back.
pub(super) async fn withdraw(house: &Arc<House>, ask: &str, key: [u8; 32]) -> Replied {
    let ask = own_ask(house, ask, &key)?.id;
    house.happen(|reply| Event::Withdraw(ask, key, reply)).await?;
    said(
        format!("Ask {ask} is withdrawn. Nothing left this machine."),
        json!({"ask": ask.to_string(), "state": "withdrawn"}),
    )
}

/// What is said of an ask that waits: whether anything stands in its way, else `plain`.
fn pending(house: &House, ask: &Ask, plain: String) -> Replied {
    let (id, words) = (ask.id, code(ask));
    let against = house.against(Share::of_ask(ask).as_ref());
    if is_unknown(&against) {
        let text = format!(
            "Pending (ask {id}, code {words}), and forbidden: nothing is shared until the human has \
             looked at the policies they accepted. Nothing has left this machine. Tell them to run \
             `tracenet policy`."
        );
        return said(text, ask_body(ask));
    }
    if !against.is_empty() {
        let next = if can_be_redacted(&against) {
            "The human may take that out and allow the rest. Better withdraw it, and ask for \
             something without it."
        } else {
            "It cannot be allowed while that policy holds. Withdraw it, and do not look for a way \
             around it."
        };
        let before = format!(
            "Pending (ask {id}, code {words}), and forbidden as it is by policy: {}. Nothing has \
             left this machine. {next} The organisations that forbid it, by policies that the \
             human accepted:",
            rules(&against)
        );
        return quoting(&before, &[organisations(&against)], "", ask_body(ask));
    }
    if house.is_quiet(&ask.by)? {
        let quiet = format!(
            "Pending (ask {id}, code {words}): the human has muted this agent for a while, so the \
             ask waits in their list and does not come up by itself. Nothing has left this \
             machine. Go on without it, and ask for no more."
        );
        return said(quiet, ask_body(ask));
    }
    said(plain, ask_body(ask))
}

/// What is said of an ask in a final state: what became of it, by whom, and what to do.
fn settled(house: &House, ask: &Ask) -> Result<String, Fault> {
    let look = house.look()?;
    let (mut by_rule, mut ended) = (false, Ended::No);
    if let State::Allowed { receipt: Some(id), .. } = &ask.state
        && let Some(receipt) = look.receipt(id)?
    {
        by_rule = receipt.grant.is_some();
        ended = Ended::of(&look, id, &receipt)?;
    }
    let is_ended = ended == Ended::All;
    let told = match &ask.state {
        State::Pending {} => "Pending: the human has not answered yet. Nothing has left.",
        State::Allowed { .. } if by_rule && is_ended => {
            "Allowed by a rule that the human made, and ended since: it is served to nobody any \
             more. Who has a copy keeps it. Do not ask for the same again unasked."
        }
        State::Allowed { .. } if is_ended => {
            "Allowed by the human, and ended since: it is served to nobody any more. Who has a copy \
             keeps it. Do not ask for the same again unasked."
        }
        State::Allowed { .. } if by_rule => {
            "Allowed by a rule that the human made for such asks of yours; nobody was asked this \
             time. The audience has it, or gets it when it connects. Nothing more is to do."
        }
        State::Allowed { .. } if ask.redacts.is_some() => {
            "Allowed by the human, who took something out first: what left is this artifact and not \
             the crystal that you named. The audience has it, or gets it when it connects. Nothing \
             more is to do."
        }
        State::Allowed { .. } => {
            "Allowed by the human. The audience has it, or gets it when it connects. Nothing more is \
             to do."
        }
        State::Denied { instead: Some(_), .. } => {
            "Not allowed as it was: the human took something out of it, and decides on the redacted \
             version in the ask that stands in `instead`. Nothing left by this one. Look there with \
             `share_status`, and do not ask for this one again."
        }
        State::Denied { .. } => {
            "Denied by the human. Nothing left. Do not ask for the same again unasked."
        }
        State::Expired { .. } => {
            "Expired: nobody answered within a day. Nothing left. This is no denial: ask once more if \
             it is still wanted."
        }
        State::Withdrawn { .. } => {
            "Withdrawn: you took it back, or the human ended it or showed you out while it waited. \
             Nothing left by it. Ask anew only if the human wants it."
        }
        State::Cancelled { .. } => {
            "Cancelled: the human went on with an earlier copy of this store, in which it waited and \
             may have been answered since the copy was made, or replaced the key that what was asked \
             for is signed with. Nothing leaves by it. This is no denial: ask anew if it is still \
             wanted."
        }
    };
    let some = " For some of them it was ended since: they are served no more of it.";
    Ok(format!("{told}{}", if ended == Ended::Some { some } else { "" }))
}

/// For whom what was allowed was ended since.
#[derive(PartialEq, Eq)]
enum Ended {
    No,
    Some,
    All,
}

impl Ended {
    fn of(look: &Look, id: &ArtifactId, receipt: &ReceiptRow) -> Result<Self, Fault> {
        let mut ended = 0;
        for human in &receipt.peers {
            ended += usize::from(look.stop(id, human)?.is_some());
        }
        Ok(match ended {
            _ if look.is_stopped(id)? => Self::All,
            0 => Self::No,
            n if n == receipt.peers.len() => Self::All,
            _ => Self::Some,
        })
    }
}

/// What policies forbid is not asked, and the agent learns what and by whose word.
fn forbidden(objections: &[Objection]) -> Replied {
    let state = json!({"state": "forbidden"});
    if is_unknown(objections) {
        let text = "Forbidden: nothing is shared until the human has looked at the policies they \
            accepted. Nothing was asked, and nothing left. Tell them to run `tracenet policy`.";
        return said(text.to_owned(), state).map(refusing);
    }
    let before = format!(
        "Forbidden by policy: {}. The human was not asked, and nothing left. Do not ask for this \
         again, and do not look for a way around it. The organisations that forbid it, by policies \
         that the human accepted:",
        rules(objections)
    );
    quoting(&before, &[organisations(objections)], "", state).map(refusing)
}

/// Whether nobody can tell what policies forbid.
fn is_unknown(objections: &[Objection]) -> bool {
    objections.iter().any(|objection| objection.what == Forbidden::Unknown)
}

fn refusing(reply: AgentReply) -> AgentReply {
    AgentReply { refused: true, ..reply }
}

/// What is forbidden, in words of ours: no organisation's own text is among them.
fn rules(objections: &[Objection]) -> String {
    let mut rules: Vec<&str> = objections.iter().map(|one| one.rule.as_str()).collect();
    rules.dedup();
    rules.join("; ")
}

/// The names that organisations gave themselves.
fn organisations(objections: &[Objection]) -> Item {
    let mut names: Vec<String> = objections.iter().map(|one| one.org.clone()).collect();
    names.dedup();
    let facts = vec![format!("{} in all", names.len())];
    let parts = vec![Part::names(names)];
    Item { id: "names".to_owned(), source: Source::Organisations, facts, parts }
}

/// What an agent is told of a crystal that says whose it is.
const ALONE: &str = " The human is warned: nothing of others that is here is about the same \
    combination of things, so that whoever knows their work may know them by it. Withdraw it if it \
    need not be public.";

/// Whether it would become public, and says by what it is about whose it is.
fn stands_alone(house: &House, ask: &Ask) -> Result<bool, Fault> {
    let consent::Wish::SharePublic { object } = &ask.wish else { return Ok(false) };
    let envelope = house.look()?.snapshot(&object.id)?;
    Ok(envelope.and_then(|bytes| house.alike(&bytes)).is_some_and(|alike| alike.is_unique()))
}

fn ask_body(ask: &Ask) -> Value {
    json!({
        "ask": ask.id.to_string(),
        "state": ask.state.word(),
        "code": code(ask),
        "artifact": artifact_of(&ask.wish).map(|id| id.to_string()),
        "instead": match &ask.state {
            State::Denied { instead, .. } => instead.map(|id| id.to_string()),
            _ => None,
        },
        "redacted_from": ask.redacts.map(|redaction| redaction.of.to_string()),
    })
}

/// An agent sees what it asked to share, and no other asks.
fn own_ask(house: &Arc<House>, text: &str, key: &[u8; 32]) -> Result<Ask, Fault> {
    let unknown =
        || Fault::invalid("you have no ask of this id", "give the id that request_share returned");
    let id: AskId = text.parse().map_err(|_| unknown())?;
    let ask = house.look()?.ask(&id)?.ok_or_else(unknown)?;
    match &ask.by {
        Requester::Agent { key: whose, .. } if whose == key && ask.wish.object().is_some() => {
            Ok(ask)
        }
        _ => Err(unknown()),
    }
}
