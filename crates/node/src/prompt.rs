//! The prompt of one ask, from the store's facts.

use crate::{Fault, Node, ask::no_such_ask, house::House};
use artifact::{Crystal, Head, KeyProtection, UnixMillis};
use consent::{
    Ask, AskId, Before, Event as Entry, Facts, NodeKey, PeerFact, Prompt, Way, Wish, rule::line_of,
};
use store::Look;

impl Node {
    /// The prompt of an ask, exactly as the human is to see it, and the ask itself.
    ///
    /// # Errors
    /// When there is no such ask.
    pub fn prompt(&self, id: &AskId) -> Result<(Prompt, Ask), Fault> {
        let look = self.0.look()?;
        let ask = look.ask(id)?.ok_or_else(|| no_such_ask(id))?;
        let bytes = match ask.wish.object() {
            Some(object) => look.snapshot(&object.id)?,
            None => None,
        };
        let policy = self.0.policy_fact(&look, &ask)?;
        let text = match (&bytes, &ask.wish) {
            (Some(bytes), _) => text_of(bytes),
            (None, Wish::Connect { ticket, .. }) => crate::exchange::describe_ticket(ticket),
            (None, Wish::Pair { key, .. }) => {
                format!("agent key {}", artifact::Public::<()>::from_bytes(*key))
            }
            (None, Wish::Accept { endpoint, .. }) => {
                crate::exchange::describe_knock(&look, endpoint)?
            }
            (None, Wish::Unblock { endpoint, .. }) => {
                crate::exchange::describe_block(&look, endpoint)?
            }
            (None, Wish::SignRevocations {}) => crate::exchange::describe_due(&look)?,
            (None, Wish::Rotate { role: NodeKey::Author }) => self.0.lost_with_author(&look)?,
            (None, Wish::AcceptPolicy { policy }) => crate::policy::describe(&look, policy)?,
            (None, Wish::DropPolicy { .. }) => crate::policy::describe_dropped(&look, &policy)?,
            _ => String::new(),
        };
        let people = match &ask.wish {
            Wish::SharePrivate { peers, .. } => peers.clone(),
            Wish::Accept { peer, .. }
            | Wish::Unblock { peer: Some(peer), .. }
            | Wish::Let { peer }
            | Wish::Unhide { peer } => vec![*peer],
            Wish::SignRevocations {} => crate::exchange::due_people(&look)?,
            _ => Vec::new(),
        };
        let mut audience = Vec::new();
        for human in &people {
            let row = look.peer(human)?;
            // Somebody new has no name here yet.
            if row.is_none() && !matches!(ask.wish, Wish::SharePrivate { .. }) {
                continue;
            }
            audience.push(PeerFact {
                name: row.as_ref().map_or_else(|| "somebody forgotten".into(), |r| r.name.clone()),
                human: *human,
                since: row.map_or(0, |r| r.since),
            });
        }
        let pending = look.pending()?;
        let place = pending.iter().position(|p| p.id == *id).map_or(1, |n| n + 1);
        let held = self.0.window.until(self.0.moment()).is_some();
        let public = matches!(ask.wish, Wish::SharePublic { .. });
        let pin = self.0.me()?.row.protection != KeyProtection::Keychain && (public || !held);
        let reach = look.reach()?;
        let distilled = match ask.wish.object() {
            Some(object) => self.0.is_distilled(&object.id)?,
            None => false,
        };
        let mut batch: Vec<AskId> = Vec::new();
        for other in &pending {
            if self.0.go_together(&look, other, &ask)? && self.0.refuse_forbidden(other).is_ok() {
                batch.push(other.id);
            }
        }
        let before = match &bytes {
            Some(bytes) => given_before(&look, &ask.wish, bytes)?,
            None => None,
        };
        let before = before.as_ref().map(|(at, text)| Before { at: *at, text });
        let alike = match (&ask.wish, &bytes) {
            (Wish::SharePublic { .. }, Some(bytes)) => self.0.alike(bytes),
            _ => None,
        };
        let facts = Facts {
            policy: &policy,
            alike: alike.as_ref(),
            before,
            batch: &batch,
            distilled,
            reach: reach.as_ref(),
            ask: &ask,
            bytes: bytes.as_deref(),
            text: &text,
            audience: &audience,
            position: (place, pending.len().max(1)),
            pin,
        };
        Ok((consent::prompt(&facts), ask))
    }

    /// Journals that a prompt was shown, once for each way.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn shown(&self, ask: AskId, way: Way) -> Result<(), Fault> {
        if self.0.noted.has(ask, way, "shown") {
            return Ok(());
        }
        let event = Entry::Shown { ask, way };
        let told = self.0.happen(|reply| crate::event::Event::Journal(Box::new(event), reply));
        told.await.map_err(|fault| self.0.still_waiting(&ask, fault))?;
        self.0.noted.put(ask, way, "shown");
        Ok(())
    }
}

impl House {
    /// Whether two asks may be answered in one go: both may be, and neither hides a character that
    /// the human does not see at a glance.
    pub(crate) fn go_together(&self, look: &Look, one: &Ask, other: &Ask) -> Result<bool, Fault> {
        Ok(one.goes_with(other) && shows_all(look, one)? && shows_all(look, other)?)
    }
}

fn shows_all(look: &Look, ask: &Ask) -> Result<bool, Fault> {
    let bytes = ask.wish.object().map(|object| look.snapshot(&object.id)).transpose()?.flatten();
    Ok(is_plain(&ask.reason) && bytes.is_some_and(|bytes| is_plain(&text_of(&bytes))))
}

/// Whether a text is shown as it is and whole: no invisible character, no mixed alphabet.
pub(crate) fn is_plain(text: &str) -> bool {
    let safe = artifact::display_safe(text, consent::prompt::MAX_TEXT, true);
    !safe.escaped && !safe.cut && !safe.mixed_scripts
}

/// What everybody in the audience was given last of the line that these bytes belong to, and when.
fn given_before(
    look: &Look,
    wish: &Wish,
    bytes: &[u8],
) -> Result<Option<(UnixMillis, String)>, Fault> {
    let Ok(head) = Head::of(bytes) else { return Ok(None) };
    let line = line_of(&head);
    let mut receipts = match head.supersedes {
        Some(_) => look.receipts()?,
        // The first of its line: nobody can have another version.
        None => look.receipts_of(&head.id)?,
    };
    receipts.sort_by_key(|(_, row)| std::cmp::Reverse(row.iat));
    for (_, row) in receipts {
        let all = match wish {
            Wish::SharePrivate { peers, .. } => {
                row.peers.is_empty() || peers.iter().all(|human| row.peers.contains(human))
            }
            _ => row.peers.is_empty(),
        };
        if !all {
            continue;
        }
        let Some(bytes) = look.snapshot(&row.artifact)? else { continue };
        if Head::of(&bytes).is_ok_and(|head| line_of(&head) == line) {
            return Ok(Some((row.iat, text_of(&bytes))));
        }
    }
    Ok(None)
}

/// The whole text a human can read of a crystal's envelope.
pub(crate) fn text_of(envelope: &[u8]) -> String {
    Crystal::open(envelope).map_or_else(|_| String::new(), |(opened, _)| opened.payload.text())
}
