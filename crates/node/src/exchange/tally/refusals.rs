//! Refusals: which of them has a line of its own, and which is counted.
//!
//! What the ones do hides nothing of the others: strangers have their lines in a minute, those who
//! are pinned have theirs, and no pinned peer has more than a few of these. What a peer repeats in
//! one session is written once; how often it came again is written when that session is over.

use super::MINUTE;
use crate::house::lock;
use artifact::{HumanKey, TransportKey, UnixMillis};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// Lines that are written in one minute, of strangers and of peers each; the rest is counted.
const LINES_A_MINUTE: u32 = 60;
/// Of the lines of peers, those of each.
const LINES_OF_A_PEER: u32 = 10;
/// The most peers who are told apart. The one who was quiet for longest makes room.
const MAX_PEERS: usize = 1_024;

/// Who a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Stranger,
    Peer(HumanKey),
}

/// How many refusals had no line of their own, whose they were if they are told apart, and where
/// the last came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct More {
    pub(super) of: Option<HumanKey>,
    pub(super) endpoint: TransportKey,
    pub(super) times: u64,
}

/// The lines of one minute.
#[derive(Default)]
struct Minute {
    since: UnixMillis,
    lines: u32,
}

impl Minute {
    fn has_room(&mut self, most: u32, now: UnixMillis) -> bool {
        if now.saturating_sub(self.since) >= MINUTE {
            *self = Self { since: now, lines: 0 };
        }
        self.lines < most
    }
}

/// What a peer did.
#[derive(Default)]
struct Peer {
    minute: Minute,
    /// What was written in this session.
    said: BTreeSet<&'static str>,
    /// What came again in it.
    again: u64,
    more: u64,
    last: Option<(TransportKey, UnixMillis)>,
}

#[derive(Default)]
struct Strangers {
    minute: Minute,
    more: u64,
    last: Option<TransportKey>,
}

#[derive(Default)]
struct Peers {
    minute: Minute,
    each: BTreeMap<HumanKey, Peer>,
    /// Of those who made room.
    left: Vec<More>,
}

impl Peers {
    fn of(&mut self, human: HumanKey) -> &mut Peer {
        if self.each.len() >= MAX_PEERS && !self.each.contains_key(&human) {
            let quiet = self.each.iter().min_by_key(|(_, peer)| peer.last.map(|(_, at)| at));
            if let Some(quiet) = quiet.map(|(human, _)| *human)
                && let Some(peer) = self.each.remove(&quiet)
                && let (times @ 1.., Some((endpoint, _))) = (peer.again + peer.more, peer.last)
            {
                self.left.push(More { of: Some(quiet), endpoint, times });
            }
        }
        self.each.entry(human).or_default()
    }
}

#[derive(Default)]
pub(super) struct Refusals {
    strangers: Mutex<Strangers>,
    peers: Mutex<Peers>,
}

impl Refusals {
    /// Whether a refusal may have a line of its own now; counts it if not.
    pub(super) fn may(
        &self,
        (endpoint, whose): (TransportKey, Whose),
        why: &'static str,
        now: UnixMillis,
    ) -> bool {
        match whose {
            Whose::Stranger => self.of_stranger(endpoint, now),
            Whose::Peer(human) => self.of_peer((endpoint, human), why, now),
        }
    }

    fn of_stranger(&self, endpoint: TransportKey, now: UnixMillis) -> bool {
        let mut strangers = lock(&self.strangers);
        let may = strangers.minute.has_room(LINES_A_MINUTE, now);
        if may {
            strangers.minute.lines += 1;
        } else {
            strangers.more += 1;
            strangers.last = Some(endpoint);
        }
        may
    }

    fn of_peer(
        &self,
        (endpoint, human): (TransportKey, HumanKey),
        why: &'static str,
        now: UnixMillis,
    ) -> bool {
        let mut peers = lock(&self.peers);
        let room = peers.minute.has_room(LINES_A_MINUTE, now);
        let peer = peers.of(human);
        peer.last = Some((endpoint, now));
        if peer.said.contains(why) {
            peer.again += 1;
            return false;
        }
        let may = peer.minute.has_room(LINES_OF_A_PEER, now) && room;
        if may {
            peer.said.insert(why);
            peer.minute.lines += 1;
            peers.minute.lines += 1;
        } else {
            peer.more += 1;
        }
        may
    }

    /// A session of a peer begins or is over: what they repeat has a line again, and what they
    /// repeated is written down.
    pub(super) fn session(&self, human: &HumanKey) {
        if let Some(peer) = lock(&self.peers).each.get_mut(human) {
            peer.said.clear();
            peer.more += std::mem::take(&mut peer.again);
        }
    }

    /// Hands over what is to be written.
    pub(super) fn take(&self) -> Vec<More> {
        let mut peers = lock(&self.peers);
        let mut all = std::mem::take(&mut peers.left);
        for (human, peer) in &mut peers.each {
            let (times @ 1.., Some((endpoint, _))) = (peer.more, peer.last) else { continue };
            peer.more = 0;
            all.push(More { of: Some(*human), endpoint, times });
        }
        drop(peers);
        let mut strangers = lock(&self.strangers);
        if let (times @ 1.., Some(endpoint)) = (strangers.more, strangers.last) {
            strangers.more = 0;
            all.push(More { of: None, endpoint, times });
        }
        all
    }

    /// What could not be written waits again.
    pub(super) fn after_all(&self, unwritten: &[More]) {
        for More { of, endpoint, times } in unwritten {
            match of {
                Some(human) => {
                    let mut peers = lock(&self.peers);
                    let peer = peers.of(*human);
                    peer.more += times;
                    peer.last.get_or_insert((*endpoint, 0));
                }
                None => lock(&self.strangers).more += times,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(n: u64) -> [u8; 32] {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&n.to_be_bytes());
        seed
    }

    #[test]
    fn of_peers_who_are_told_apart_the_quietest_makes_room() {
        let (refusals, most) = (Refusals::default(), MAX_PEERS as u64);
        let refuse = |n: u64| {
            let (endpoint, human) =
                (TransportKey::from_bytes(seed(n)), HumanKey::from_bytes(seed(n)));
            // Each in a minute of its own, so that all have a line.
            refusals.may((endpoint, Whose::Peer(human)), "late", n * MINUTE)
        };
        assert!((1..=most).all(refuse));
        assert!(!refuse(1), "said again, and longest ago");
        assert!(refuse(most + 1));
        assert_eq!(lock(&refusals.peers).each.len(), MAX_PEERS);
        // What it had repeated is not lost with it.
        let left: Vec<_> = refusals.take().iter().map(|more| (more.of, more.times)).collect();
        assert_eq!(left, [(Some(HumanKey::from_bytes(seed(1))), 1)]);
        assert!(!refuse(2), "the next is still told apart");
    }
}
