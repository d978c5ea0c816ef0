//! Where peers are reached: the addresses that carried packets of their last session, kept so that
//! this node finds them again after a restart, also those that went elsewhere meanwhile.
//!
//! A relay stays known when a direct path takes over: it is what remains when that path is gone.

use crate::{Fault, event::Event, house::House, house::lock};
use artifact::HumanKey;
use peer::Address;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use store::{Change, ChangeError, PeerRow};

/// What was seen of peers in their sessions and is not in their rows yet.
#[derive(Default)]
pub(crate) struct Whereabouts(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    waiting: BTreeMap<HumanKey, Vec<String>>,
    /// Whose row was written since the last tick: whoever moves all the time waits for the next.
    written: BTreeSet<HumanKey>,
}

impl House {
    /// A session with a peer goes on at another address.
    pub(crate) fn reached_at(self: &Arc<Self>, human: HumanKey, addresses: &[Address]) {
        let addresses = addresses.iter().map(ToString::to_string).collect();
        let mut seen = lock(&self.whereabouts.0);
        seen.waiting.insert(human, addresses);
        let first = seen.written.insert(human);
        drop(seen);
        if first {
            self.send(Event::ReachedAt);
        }
    }

    /// Writes down where peers are reached.
    pub(crate) fn on_reached_at(&self) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut lock(&self.whereabouts.0).waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let written = self.store.change::<_, Fault>(|change| {
            for (human, addresses) in &waiting {
                put(change, human, addresses.clone())?;
            }
            Ok(())
        });
        if let Err(fault) = written {
            let mut seen = lock(&self.whereabouts.0);
            for (human, addresses) in waiting {
                // What was seen since is newer.
                seen.waiting.entry(human).or_insert(addresses);
            }
            return Err(fault);
        }
        self.notify(crate::Notice::Peers);
        Ok(())
    }

    /// Writes down what waited for the tick.
    pub(crate) fn write_whereabouts(&self) -> Result<(), Fault> {
        lock(&self.whereabouts.0).written.clear();
        self.on_reached_at()
    }

    /// What waits is older than what is known now.
    pub(crate) fn forget_whereabouts(&self, human: &HumanKey) {
        lock(&self.whereabouts.0).waiting.remove(human);
    }
}

fn put(
    change: &mut Change<'_>,
    human: &HumanKey,
    addresses: Vec<String>,
) -> Result<(), ChangeError> {
    let Some(row) = change.peer(human)? else { return Ok(()) };
    let addrs = latest(&row.addrs, addresses);
    if addrs == row.addrs { Ok(()) } else { change.put_peer(human, &PeerRow { addrs, ..row }) }
}

/// The addresses to dial next time: those that were `seen`, and the relays known `before` where
/// none was seen.
pub(crate) fn latest(before: &[String], mut seen: Vec<String>) -> Vec<String> {
    let is_relay = |address: &&String| address.parse::<Address>().is_ok_and(|a| a.is_relay());
    if seen.is_empty() {
        return before.to_vec();
    }
    if !seen.iter().any(|address| is_relay(&address)) {
        seen.extend(before.iter().filter(is_relay).cloned());
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &[&str], seen: &[&str], want: &[&str]) {
        let owned = |list: &[&str]| list.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        assert_eq!(latest(&owned(before), owned(seen)), want, "{seen:?} after {before:?}");
    }

    #[test]
    fn a_relay_stays_known_and_a_socket_that_is_not_seen_does_not() {
        let (home, cafe) = ("192.168.1.7:4000", "10.0.0.9:4000");
        let (relay, other) = ("https://relay.example/", "https://other.example/");
        check(&[home], &[], &[home]);
        check(&[home], &[cafe], &[cafe]);
        check(&[home, relay], &[cafe], &[cafe, relay]);
        check(&[home, relay], &[other], &[other]);
        check(&[relay], &[cafe, relay], &[cafe, relay]);
    }
}
