//! Dialling: connections the human allowed, and people who are pinned.

use crate::{
    Fault, Notice,
    ask::no_such_ask,
    audience,
    event::Event,
    exchange::whereabouts::latest,
    house::{House, lock},
};
use artifact::{HumanKey, UnixMillis};
use consent::{AskId, Event as Entry, Party, VerifiedCard};
use peer::{Address, DialError, DialTag, Ticket};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use store::PeerRow;

/// The first wait before a peer that did not answer is dialled again.
const FIRST_WAIT: UnixMillis = 15_000;
/// The longest.
const LAST_WAIT: UnixMillis = 10 * 60 * 1000;

/// What a dialler is told while the other human has not decided.
const WAITING: &str = "They must accept you first; it is tried again by itself.";

/// When to dial whom again.
#[derive(Default)]
pub(crate) struct Dialling {
    /// When next, and how long was waited for that.
    waits: Mutex<BTreeMap<HumanKey, (UnixMillis, UnixMillis)>>,
    /// Who is being dialled: never twice at once, however often the network moves.
    busy: Mutex<BTreeSet<HumanKey>>,
}

impl Dialling {
    /// Whether this dial may begin; then [`Self::ended`] is to follow.
    fn begins(&self, human: HumanKey) -> bool {
        lock(&self.busy).insert(human)
    }

    fn ended(&self, human: &HumanKey) {
        lock(&self.busy).remove(human);
    }

    fn is_due(&self, human: &HumanKey, now: UnixMillis) -> bool {
        lock(&self.waits).get(human).is_none_or(|(next, _)| *next <= now)
    }

    fn failed(&self, human: HumanKey, now: UnixMillis) {
        let mut waits = lock(&self.waits);
        let (next, wait) = waits.entry(human).or_insert((0, FIRST_WAIT / 2));
        *wait = (*wait * 2).min(LAST_WAIT);
        *next = now.saturating_add(*wait);
    }

    /// Everybody is due again.
    pub(crate) fn forget(&self) {
        lock(&self.waits).clear();
    }

    pub(crate) fn succeeded(&self, human: &HumanKey) {
        lock(&self.waits).remove(human);
    }
}

impl House {
    /// Refuses a ticket that cannot be used, before the human is asked about it.
    pub(crate) fn check_ticket(&self, text: &str, me: &HumanKey) -> Result<(), Fault> {
        let ticket: Ticket =
            text.parse().map_err(|e: peer::TicketError| Fault::invalid(e.to_string(), ""))?;
        if ticket.expires <= self.now() {
            let expired = peer::TicketError::Expired(self.now() - ticket.expires);
            return Err(Fault::invalid(expired.to_string(), ""));
        }
        if ticket.human == session::human_digest(me) {
            return Err(Fault::invalid(
                "this is this node's own ticket",
                "give it to somebody else",
            ));
        }
        let humans = self.look()?.blocked_humans()?;
        let blocked = humans.iter().any(|human| session::human_digest(human) == ticket.human);
        if blocked || self.shut.endpoint(&ticket.endpoint) {
            let hint = "lift the block first: `tracenet unblock`";
            return Err(Fault::refused("whoever gave this ticket is blocked here", hint));
        }
        Ok(())
    }

    /// Makes a connection that was just allowed, and says how it went.
    pub(crate) async fn connect_allowed(self: &Arc<Self>, ask: AskId) -> Result<String, Fault> {
        let connects = self.look()?.connects()?;
        let row = connects.into_iter().find(|(id, _)| *id == ask).map(|(_, row)| row);
        let row = row.ok_or_else(|| no_such_ask(&ask))?;
        let ticket: Ticket =
            row.ticket.parse().map_err(|e: peer::TicketError| Fault::invalid(e.to_string(), ""))?;
        let host = self.host().ok_or_else(crate::ask::offline)?;
        match host.connect(&ticket, DialTag(ask.to_string())).await {
            Ok(party) => {
                let peer = self.look()?.peer(&party.human)?;
                let name = peer.map(|p| p.name).unwrap_or_default();
                Ok(format!("Connected to {name}."))
            }
            Err(DialError::Refused(peer::Code::Waiting)) => Ok(WAITING.to_owned()),
            Err(e) if is_final(&e) => {
                self.happen(|reply| Event::DropConnect(ask, reply)).await?;
                let hint = "ask for a new ticket";
                Err(Fault::refused(format!("the connection was allowed, but {e}"), hint))
            }
            Err(e) => {
                let what = format!("the connection was allowed, but {e}");
                Err(Fault::not_now(what, "it is tried again while the ticket is good"))
            }
        }
    }

    /// Tries connections again that were allowed and did not come about.
    pub(crate) async fn retry_connects(self: &Arc<Self>) {
        let connects = self.look().and_then(|look| Ok(look.connects()?)).unwrap_or_default();
        for (ask, row) in connects {
            let expired = row.ticket.parse::<Ticket>().map_or(true, |t| t.expires <= self.now());
            let outcome = if expired {
                self.happen(|reply| Event::DropConnect(ask, reply)).await
            } else {
                self.connect_allowed(ask).await.map(drop)
            };
            if let Err(fault) = outcome {
                tracing::info!(%fault, "an allowed connection is not made yet");
            }
        }
    }

    pub(crate) fn on_drop_connect(&self, ask: &AskId) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.remove_connect(ask)?))
    }

    /// Dials everybody who is pinned, not connected, and due; hidden from whom it is to be, also
    /// where they moved a moment ago.
    pub(crate) async fn dial_known(self: &Arc<Self>) {
        if let Err(fault) = self.apply_hidden().await {
            return tracing::error!(%fault, "whom to hide from could not be applied");
        }
        let (Some(host), Ok(look)) = (self.host(), self.look()) else { return };
        let connected: Vec<HumanKey> = host.connected().iter().map(|c| c.party.human).collect();
        // Found without an address: on the local network, or by a lookup server.
        let reach = host.reach();
        let finds = reach.nearby || reach.anywhere.is_some_and(|far| far.lookup.is_some());
        let due = |human: &HumanKey| {
            !connected.contains(human)
                && !self.shut.human(human)
                && self.dialling.is_due(human, self.now())
        };
        for (human, row) in look.peers().unwrap_or_default() {
            let addrs: Vec<Address> = row.addrs.iter().filter_map(|a| a.parse().ok()).collect();
            if (addrs.is_empty() && !finds) || !due(&human) || !self.dialling.begins(human) {
                continue;
            }
            // Set before the dial, so that the next tick does not dial a second time.
            self.dialling.failed(human, self.now());
            let (house, host) = (Arc::clone(self), host.clone());
            self.tasks.spawn(async move {
                tokio::select! {
                    () = house.stop.cancelled() => {}
                    dialled = host.dial(&row.transport, &addrs) => {
                        if let Err(e) = dialled {
                            tracing::debug!(peer = %row.name, error = %e, "not reached");
                        }
                    }
                }
                house.dialling.ended(&human);
            });
        }
        self.retry_later();
    }

    /// Tries allowed connections again, in the background.
    fn retry_later(self: &Arc<Self>) {
        let waiting = self.look().and_then(|look| Ok(!look.connects()?.is_empty()));
        if waiting.unwrap_or(false) {
            let house = Arc::clone(self);
            self.tasks.spawn(async move {
                tokio::select! {
                    () = house.stop.cancelled() => {}
                    () = house.retry_connects() => {}
                }
            });
        }
    }

    /// Pins a human whose card, binding and, on the accepting side, invite hold.
    pub(crate) fn on_pin(
        &self,
        card: &VerifiedCard,
        invite: Option<[u8; 16]>,
        ask: Option<AskId>,
    ) -> Result<(), Fault> {
        let (now, keys) = (self.now(), card.card().clone());
        if self.shut.holds(&keys.transport, &keys.human) {
            return Err(Fault::not_now("this human is blocked", ""));
        }
        let look = self.look()?;
        let peers = look.peers()?;
        let wanted = match ask {
            Some(ask) => {
                let connect = look.connects()?.into_iter().find(|(id, _)| *id == ask);
                connect.map(|(_, row)| row.name).filter(|name| !name.is_empty())
            }
            None => None,
        };
        let wanted = wanted.unwrap_or_else(|| audience::suggested(&keys));
        let name = audience::unique(&peers, &wanted, &keys.human);
        let cancelled = self.store.change::<_, Fault>(|change| {
            let mut hidden = false;
            if let Some(invite) = &invite {
                hidden = change.invite(invite)?.is_some_and(|row| row.hidden);
                change.spend_invite(invite, keys.human, now)?;
            }
            if change.human_at(&keys.transport)?.is_some_and(|human| human != keys.human) {
                return Err(Fault::not_now("another human was pinned behind this endpoint", ""));
            }
            let known = change.peer(&keys.human)?;
            let row = match known {
                Some(mut row) => {
                    self.put_card(change, &mut row, card)?;
                    PeerRow { transport: keys.transport, ..row }
                }
                None => {
                    let envelope = card.envelope().to_vec();
                    let row = PeerRow::pinned(name.clone(), envelope, &keys, now);
                    PeerRow { relay_only: hidden, ..row }
                }
            };
            change.put_peer(&keys.human, &row)?;
            if let Some(ask) = &ask {
                change.remove_connect(ask)?;
            }
            change.remove_knock(&keys.transport)?;
            let (peer, endpoint) = (keys.human, keys.transport);
            change.append(Entry::PeerPinned { peer, endpoint, name: row.name }, now)?;
            // They came with a ticket while this human was asked to let them in.
            self.cancel_accepts(change, None, |which, _| *which == endpoint)
        })?;
        self.told_cancelled(&cancelled);
        self.notify(Notice::Peers);
        Ok(())
    }

    /// A session is ready: keeps the card if it is newer, and where the peer was reached.
    pub(crate) fn on_seen(
        &self,
        party: Party,
        card: &VerifiedCard,
        addrs: Vec<String>,
    ) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            let Some(mut row) = change.peer(&party.human)? else { return Ok(()) };
            self.put_card(change, &mut row, card)?;
            row.seen = now;
            row.addrs = latest(&row.addrs, addrs);
            Ok(change.put_peer(&party.human, &row)?)
        })?;
        self.notify(Notice::Peers);
        Ok(())
    }

    /// A session is over: until now the peer was here.
    pub(crate) fn on_gone(&self, peer: &HumanKey) -> Result<(), Fault> {
        let seen = self.now();
        self.store.change::<_, Fault>(|change| {
            let Some(row) = change.peer(peer)? else { return Ok(()) };
            Ok(change.put_peer(peer, &PeerRow { seen, ..row })?)
        })?;
        self.notify(Notice::Peers);
        Ok(())
    }
}

/// Whether dialling again with the same ticket cannot help.
fn is_final(error: &DialError) -> bool {
    match error {
        DialError::Ticket(_) | DialError::Myself | DialError::NoEndpoint | DialError::Blocked => {
            true
        }
        DialError::Refused(code) | DialError::Stopped(code) => {
            matches!(
                code,
                peer::Code::NotInvited
                    | peer::Code::Unsupported
                    | peer::Code::HumanChanged
                    | peer::Code::CardOld
            )
        }
        _ => false,
    }
}
