//! How far this node reaches: the switches, and who must not learn where it is.
//!
//! Switching on and showing an address are grants and come from an answer; switching off and
//! hiding take away, and are done at once. What stands in the store is applied to the network
//! after the transaction, and again at every start.

use crate::{
    Fault, Node, Notice, answer::Settled, event::Event, house::House, house::lock, unlock::Locked,
};
use artifact::{HumanKey, UnixMillis};
use consent::{Ask, AskId, Event as Entry, Reach, Wish};
use peer::{Anywhere, OnlyByRelay, RelayState, ServerUrl, Ticket};
use std::{sync::Arc, time::Duration};
use store::{Change, TicketRow};

/// How long a ticket waits for the relay that is to stand in it.
const RELAY: Duration = Duration::from_secs(10);

/// What is to be switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// By public relays and lookup, or by a relay of one's own; or not at all.
    Anywhere {
        /// Whether.
        on: bool,
        /// The relay of one's own.
        relay: Option<String>,
    },
    /// Announced on the local network.
    Nearby {
        /// Whether.
        on: bool,
    },
}

/// The network of a node, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The switches; none while this human has not said.
    pub reach: Option<Reach>,
    /// Whether this node speaks to its own machine only.
    pub loopback: bool,
    /// What the relay is doing.
    pub relay: RelayState,
    /// The UDP port; 0 while the node is not online.
    pub port: u16,
    /// Where this node can be reached.
    pub addresses: Vec<String>,
}

impl Node {
    /// How far this node reaches now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn network(&self) -> Result<Network, Fault> {
        let host = self.0.host();
        let addresses = host.as_ref().map(peer::Host::addrs).unwrap_or_default();
        Ok(Network {
            reach: self.0.look()?.reach()?,
            loopback: self.0.loopback_only,
            relay: host.as_ref().map_or(RelayState::Off, peer::Host::relay_state),
            port: host.as_ref().map_or(0, peer::Host::port),
            addresses: addresses.iter().map(ToString::to_string).collect(),
        })
    }

    /// Switches off. What is off is off when this returns.
    ///
    /// # Errors
    /// When the switch is to be on: that is asked for. When the network cannot be used so.
    pub async fn switch_off(&self, switch: &Switch) -> Result<(), Fault> {
        if switch.is_on() {
            return Err(Fault::refused("switching on is asked for, not done", ""));
        }
        let switch = switch.clone();
        self.0.happen(|reply| Event::SwitchOff(switch, reply)).await?;
        self.0.apply_reach().await
    }

    /// Hides this machine's addresses from a peer, from when this returns.
    ///
    /// # Errors
    /// When nobody is called this, or the store cannot be written.
    pub async fn hide(&self, peer: &str) -> Result<(), Fault> {
        let human = crate::resolve(&self.0.look()?.peers()?, peer)?;
        self.0.happen(|reply| Event::Hide(human, reply)).await?;
        self.0.apply_hidden().await?;
        self.0.network_moved();
        self.0.notify(Notice::Peers);
        Ok(())
    }
}

impl Switch {
    /// Whether this switches something on: then the human is asked.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        match self {
            Self::Anywhere { on, .. } | Self::Nearby { on } => *on,
        }
    }

    fn applied(&self, now: Reach) -> Reach {
        match self {
            Self::Anywhere { on, relay } => {
                Reach { anywhere: *on, relay: relay.clone().filter(|_| *on), ..now }
            }
            Self::Nearby { on } => Reach { nearby: *on, ..now },
        }
    }
}

impl House {
    /// What is wished for when something is to be switched on.
    pub(crate) fn reach_wish(&self, switch: &Switch) -> Result<Wish, Fault> {
        if !switch.is_on() {
            return Err(Fault::invalid("switching off needs no asking", ""));
        }
        let now = self.look()?.reach()?;
        let mut reach = switch.applied(now.clone().unwrap_or_default());
        if let Some(relay) = &reach.relay {
            let url: ServerUrl = relay.parse().map_err(bad_relay)?;
            reach.relay = Some(url.to_string());
        }
        if now.as_ref() == Some(&reach) {
            let what = format!("it is so already: {}", consent::prompt::reach_words(&reach));
            return Err(Fault::refused(what, "`tracenet network` shows it"));
        }
        Ok(Wish::Reach { reach })
    }

    /// What is wished for when a peer is to see this machine's addresses again.
    pub(crate) fn unhide_wish(&self, peer: &str) -> Result<Wish, Fault> {
        let peers = self.look()?.peers()?;
        let peer = crate::resolve(&peers, peer)?;
        if peers.iter().any(|(human, row)| *human == peer && !row.relay_only) {
            return Err(Fault::refused("they are not hidden from", ""));
        }
        Ok(Wish::Unhide { peer })
    }

    /// A ticket without addresses leads nowhere unless a relay or a search does.
    pub(crate) fn check_hidden(&self) -> Result<(), Fault> {
        match self.look()?.reach()? {
            Some(reach) if !reach.anywhere => Err(needs_relay()),
            _ => Ok(()),
        }
    }

    /// Takes the choice that came with an answer, inside its transaction. The first ticket or
    /// connection decides; without a choice it is this network only.
    pub(crate) fn choose_reach(
        &self,
        change: &mut Change<'_>,
        ask: &Ask,
        chosen: Option<bool>,
    ) -> Result<Option<Entry>, Fault> {
        let first = matches!(ask.wish, Wish::Ticket { .. } | Wish::Connect { .. });
        let known = change.reach()?;
        match (first, known, chosen) {
            (true, None, chosen) => {
                let reach = Reach { anywhere: chosen.unwrap_or(false), ..Reach::default() };
                self.put_reach(change, &reach)
            }
            (true, Some(known), Some(far)) if known.anywhere == far => Ok(None),
            (_, _, None) => Ok(None),
            _ => Err(Fault::refused(
                "how far this node reaches is not chosen with this answer",
                "look at the prompt again",
            )),
        }
    }

    /// Says from where this node may be reached. Gives the entry for the journal, where that is
    /// a change.
    pub(crate) fn put_reach(
        &self,
        change: &mut Change<'_>,
        reach: &Reach,
    ) -> Result<Option<Entry>, Fault> {
        let before = change.reach()?.unwrap_or_default();
        change.put_reach(reach)?;
        Ok((before != *reach).then(|| Entry::ReachChanged { reach: reach.clone() }))
    }

    /// Shows this machine's addresses to a peer again.
    pub(crate) fn unhide(&self, change: &mut Change<'_>, peer: &HumanKey) -> Result<(), Fault> {
        set_hidden(change, peer, false)
    }

    pub(crate) fn on_hide(&self, peer: &HumanKey) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| set_hidden(change, peer, true))
    }

    pub(crate) fn on_switch_off(&self, switch: &Switch) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            let before = change.reach()?;
            if before.is_none() && matches!(switch, Switch::Nearby { .. }) {
                // It is off, and how far to reach is still to be asked.
                return Ok(());
            }
            let reach = switch.applied(before.unwrap_or_default());
            if let Some(entry) = self.put_reach(change, &reach)? {
                change.append(entry, now)?;
            }
            Ok(())
        })
    }

    /// How far the host is to reach, as the store says.
    pub(crate) fn stored_reach(&self) -> Result<peer::Reach, Fault> {
        let reach = self.look()?.reach()?.unwrap_or_default();
        let anywhere = match &reach.relay {
            _ if !reach.anywhere => None,
            None => Some(Anywhere::public()),
            Some(relay) => Some(Anywhere::own(relay.parse().map_err(bad_relay)?)),
        };
        Ok(peer::Reach { anywhere, nearby: reach.nearby })
    }

    /// Whom the host is to hide from, as the store says: newcomers too, while a ticket without
    /// addresses can be used.
    pub(crate) fn stored_hidden(&self) -> Result<OnlyByRelay, Fault> {
        let look = self.look()?;
        let peers = look.peers()?.into_iter().filter(|(_, row)| row.relay_only);
        let newcomers = look.invites(self.now())?.iter().any(|(_, invite)| invite.hidden);
        Ok(OnlyByRelay { peers: peers.map(|(_, row)| row.transport).collect(), newcomers })
    }

    /// Brings the network level with the store's switches, and dials who was left behind.
    pub(crate) async fn apply_reach(self: &Arc<Self>) -> Result<(), Fault> {
        let Some(host) = self.host() else {
            self.notify(Notice::Settings);
            return Ok(());
        };
        // Read again under the lock: of two switches the last one in the store stays.
        let one_at_a_time = self.reaching.lock().await;
        let reach = self.stored_reach()?;
        if host.reach() == reach {
            return Ok(());
        }
        let reached = host.set_reach(reach).await;
        drop(one_at_a_time);
        self.send(Event::Port(host.port()));
        self.notify(Notice::Settings);
        self.network_moved();
        reached.map_err(|e| Fault::not_now(format!("it is decided, but {e}"), "start it again"))
    }

    /// Brings whom the network hides from level with the store.
    pub(crate) async fn apply_hidden(self: &Arc<Self>) -> Result<(), Fault> {
        let Some(host) = self.host() else { return Ok(()) };
        let one_at_a_time = self.reaching.lock().await;
        let whom = self.stored_hidden()?;
        if lock(&self.hidden_from).as_ref() == Some(&whom) {
            return Ok(());
        }
        let hidden = host.hide_from(whom.clone()).await;
        *lock(&self.hidden_from) = Some(whom);
        drop(one_at_a_time);
        hidden.map_err(|e| Fault::not_now(format!("it is decided, but {e}"), "start it again"))
    }

    /// Nobody waits for it: a pin hides whom its ticket hid, a ticket without addresses ended.
    pub(crate) fn hide_later(self: &Arc<Self>) {
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            if let Err(fault) = house.apply_hidden().await {
                tracing::error!(%fault, "whom to hide from could not be applied");
            }
        });
    }

    /// What an answer changed of the network takes effect, before a ticket is written or used.
    pub(crate) async fn reach_settled(
        self: &Arc<Self>,
        ask: &Ask,
        settled: &mut Settled,
    ) -> Result<(), Fault> {
        match &ask.wish {
            Wish::Reach { reach } => {
                self.apply_reach().await?;
                settled.what = format!("{}.", consent::prompt::reach_words(reach));
            }
            Wish::Rotate { role } => settled.what = format!("A new {} is in use.", role.name()),
            Wish::Unhide { .. } => {
                self.apply_hidden().await?;
                self.network_moved();
                self.notify(Notice::Peers);
                settled.what = "Allowed. They see this machine's addresses from now on.".into();
            }
            Wish::Ticket { hidden, .. } => {
                // A ticket is good whatever the network does now.
                let applied = self.apply_reach().await;
                let covered = if *hidden { self.apply_hidden().await } else { Ok(()) };
                self.finish_ticket(ask.id, *hidden, settled).await?;
                if let Err(fault) = applied.and(covered) {
                    settled.what = format!("{} {}.", settled.what, fault.what);
                }
            }
            Wish::Connect { .. } => self.apply_reach().await?,
            _ => {}
        }
        Ok(())
    }

    /// Writes the relay into a ticket that was just allowed, as soon as there is one.
    async fn finish_ticket(
        self: &Arc<Self>,
        ask: AskId,
        hidden: bool,
        settled: &mut Settled,
    ) -> Result<(), Fault> {
        let (Some(host), Some(text)) = (self.host(), settled.ticket.as_ref()) else {
            return Ok(());
        };
        if host.reach().anywhere.is_none() {
            return Ok(());
        }
        if !host.relayed_within(RELAY).await {
            settled.what = "No relay has answered yet, so none stands in this ticket. It works \
                            once; ask for another when `tracenet network` shows a relay."
                .into();
        }
        let old: Ticket = text.parse().map_err(Fault::broken)?;
        let invite = peer::Invite { id: old.invite, secret: old.secret, expires: old.expires };
        let ticket = host.ticket(&self.me()?.row.human, &invite, !hidden);
        let row = TicketRow { ticket: ticket.clone(), expires: old.expires };
        self.happen(|reply| Event::Ticket(ask, row, reply)).await?;
        settled.ticket = Some(ticket);
        Ok(())
    }

    pub(crate) fn on_ticket(&self, ask: &AskId, row: &TicketRow) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.rewrite_ticket(ask, row)?))
    }

    /// The machine slept, as its clocks tell: sockets and relays are looked at anew, and
    /// everybody is dialled without waiting.
    pub(crate) async fn look_for_sleep(self: &Arc<Self>) {
        let slept = lock(&self.wakes).slept(self.clock.now(), self.clock.awake());
        let Some(slept) = slept else { return };
        self.lock_or_say(Locked::Asleep).await;
        let Some(host) = self.host() else { return };
        tracing::info!(seconds = slept / 1000, "this machine slept: the network is looked at anew");
        host.network_changed().await;
        self.network_moved();
    }

    /// The network may lead elsewhere than before: whoever was not reached is dialled at once.
    pub(crate) fn network_moved(self: &Arc<Self>) {
        self.dialling.forget();
        let house = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = house.stop.cancelled() => {}
                () = house.dial_known() => {}
            }
        });
    }
}

fn set_hidden(change: &mut Change<'_>, peer: &HumanKey, hidden: bool) -> Result<(), Fault> {
    let row = change.peer(peer)?;
    let mut row = row.ok_or_else(|| Fault::invalid("this peer is not known", ""))?;
    row.relay_only = hidden;
    Ok(change.put_peer(peer, &row)?)
}

fn bad_relay(error: peer::ServerUrlError) -> Fault {
    Fault::invalid(error.to_string(), "give it as --relay https://relay.example/")
}

pub(crate) fn needs_relay() -> Fault {
    Fault::refused(
        "a ticket without addresses leads nowhere while this node is on this network only",
        "switch on `tracenet network anywhere` first, or give a ticket with addresses",
    )
}

/// Tells sleep from the machine's two clocks: one goes on in sleep, the other does not.
#[derive(Debug, Default)]
pub(crate) struct Wakes(Option<(UnixMillis, UnixMillis)>);

impl Wakes {
    /// The least that counts: less is a clock being set right, or a slow machine.
    const LEAST: UnixMillis = 10_000;

    /// For how many milliseconds the machine slept since the last look, if it did. A wall clock
    /// that is set forward looks the same, and costs no more than a look at the network.
    pub(crate) fn slept(&mut self, now: UnixMillis, awake: UnixMillis) -> Option<UnixMillis> {
        let (then, was) = self.0.replace((now, awake))?;
        let gap = now.saturating_sub(then).saturating_sub(awake.saturating_sub(was));
        Some(gap).filter(|gap| *gap >= Self::LEAST)
    }
}

#[cfg(test)]
mod tests;
