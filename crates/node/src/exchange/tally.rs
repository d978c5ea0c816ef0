//! What peers and agents cause is added up here and written down in bounded pieces.
//!
//! Whoever repeats a request a thousand times a second must not make a thousand durable
//! transactions of it: the first is written at once, what follows waits for the next tick.

mod refusals;

pub(crate) use refusals::Whose;

use crate::{Fault, event::Use, house::House, house::lock};
use artifact::{ArtifactId, HumanKey, TransportKey, UnixMillis};
use consent::{Event as Entry, Party};
use refusals::{More, Refusals};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};
use tokio::sync::watch;

/// Asks one agent may make in one hour, answered or not.
const ASKS_AN_HOUR: usize = 60;
const MINUTE: UnixMillis = 60_000;

/// Receipt, peer and session: what one line of `served` is about.
type Key = (ArtifactId, HumanKey, u64);

/// What was sent and not written down yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    artifact: ArtifactId,
    bytes: u64,
    whole: bool,
}

#[derive(Default)]
struct Served {
    waiting: BTreeMap<Key, Sent>,
    /// Which were written in this session, and whether as whole.
    written: BTreeSet<(Key, bool)>,
}

/// Totals of this run of the node.
#[derive(Default)]
pub(crate) struct Tally {
    served: Mutex<Served>,
    /// Changes whenever a transfer has ended.
    ended: watch::Sender<()>,
    refusals: Refusals,
    /// Further knocks of those who stand in the inbox, and when the last was.
    knocks: Mutex<BTreeMap<TransportKey, (u64, UnixMillis)>>,
    used: Mutex<BTreeMap<[u8; 32], (u64, u64)>>,
    asked: Mutex<BTreeMap<[u8; 32], Vec<UnixMillis>>>,
    /// Who told more in this session than is kept, and of what.
    over: Mutex<BTreeSet<(HumanKey, Over)>>,
    /// Receipts of each peer that are kept, where they were counted.
    held: Mutex<BTreeMap<HumanKey, usize>>,
}

/// What a peer told more of than is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Over {
    Heads,
    Revocations,
}

impl Tally {
    /// Adds a transfer. True when it is to be written at once: the first of its session, and
    /// the first that was whole.
    pub(crate) fn served(
        &self,
        receipt: ArtifactId,
        session: u64,
        sent: (ArtifactId, Party, u64, bool),
    ) -> bool {
        let (artifact, to, bytes, whole) = sent;
        let key = (receipt, to.human, session);
        let mut served = lock(&self.served);
        let entry = served.waiting.entry(key).or_insert(Sent { artifact, bytes: 0, whole: false });
        entry.bytes = entry.bytes.saturating_add(bytes);
        entry.whole |= whole;
        let first = served.written.insert((key, whole));
        drop(served);
        self.ended.send_replace(());
        first
    }

    /// Changes whenever a transfer has ended.
    pub(crate) fn ended(&self) -> watch::Receiver<()> {
        self.ended.subscribe()
    }

    /// What could not be written waits again, beside what was sent since.
    fn served_after_all(&self, unwritten: BTreeMap<Key, Sent>) {
        let mut served = lock(&self.served);
        for (key, Sent { artifact, bytes, whole }) in unwritten {
            let entry =
                served.waiting.entry(key).or_insert(Sent { artifact, bytes: 0, whole: false });
            entry.bytes = entry.bytes.saturating_add(bytes);
            entry.whole |= whole;
        }
    }

    /// A peer's sessions are over: theirs are first again.
    pub(crate) fn gone(&self, human: &HumanKey) {
        lock(&self.served).written.retain(|((_, peer, _), _)| peer != human);
        lock(&self.over).retain(|(peer, _)| peer != human);
        self.refusals.session(human);
    }

    /// Notes that a peer told more than is kept. True for the first time in a session.
    pub(crate) fn first_over(&self, human: &HumanKey, over: Over) -> bool {
        lock(&self.over).insert((*human, over))
    }

    /// Whether a peer told more heads in this session than are kept, and nothing of its own has
    /// ended since.
    pub(crate) fn is_over(&self, human: &HumanKey) -> bool {
        lock(&self.over).contains(&(*human, Over::Heads))
    }

    /// How many receipts of a peer are kept, if that was counted.
    pub(crate) fn held(&self, human: &HumanKey) -> Option<usize> {
        lock(&self.held).get(human).copied()
    }

    /// Remembers how many receipts of a peer are kept.
    pub(crate) fn set_held(&self, human: &HumanKey, held: usize) {
        lock(&self.held).insert(*human, held);
    }

    /// Receipts of a peer went: they are counted anew, and there may be room.
    pub(crate) fn forget_held(&self, human: &HumanKey) {
        lock(&self.held).remove(human);
        lock(&self.over).remove(&(*human, Over::Heads));
    }

    /// Whether a refusal may have a line of its own now; counts it if not.
    pub(crate) fn may_refuse(
        &self,
        who: (TransportKey, Whose),
        why: &'static str,
        now: UnixMillis,
    ) -> bool {
        self.refusals.may(who, why, now)
    }

    /// A peer's session begins.
    pub(crate) fn began(&self, human: &HumanKey) {
        self.refusals.session(human);
    }

    /// Counts a further knock of one who stands in the inbox.
    pub(crate) fn knocked(&self, endpoint: TransportKey, now: UnixMillis) {
        let mut knocks = lock(&self.knocks);
        let (times, last) = knocks.entry(endpoint).or_default();
        (*times, *last) = (times.saturating_add(1), now);
    }

    /// Knocks that are not in their row yet.
    pub(crate) fn knocks(&self, endpoint: &TransportKey) -> (u64, UnixMillis) {
        lock(&self.knocks).get(endpoint).copied().unwrap_or_default()
    }

    /// Hands over the knocks that are to be written.
    pub(crate) fn take_knocks(&self) -> BTreeMap<TransportKey, (u64, UnixMillis)> {
        std::mem::take(&mut *lock(&self.knocks))
    }

    /// What could not be written waits again, beside those that came since.
    pub(crate) fn knocked_after_all(&self, unwritten: BTreeMap<TransportKey, (u64, UnixMillis)>) {
        let mut knocks = lock(&self.knocks);
        for (endpoint, (more, before)) in unwritten {
            let (times, last) = knocks.entry(endpoint).or_default();
            (*times, *last) = (times.saturating_add(more), before.max(*last));
        }
    }

    /// The row is gone.
    pub(crate) fn forget_knocks(&self, endpoint: &TransportKey) {
        lock(&self.knocks).remove(endpoint);
    }

    /// Counts what an agent did.
    pub(crate) fn used(&self, agent: [u8; 32], usage: Use) {
        let mut used = lock(&self.used);
        let (asks, recalls) = used.entry(agent).or_default();
        match usage {
            Use::Ask => *asks += 1,
            Use::Recall => *recalls += 1,
        }
    }

    /// What could not be written waits again, beside what was done since.
    fn used_after_all(&self, unwritten: BTreeMap<[u8; 32], (u64, u64)>) {
        let mut used = lock(&self.used);
        for (agent, (asks, recalls)) in unwritten {
            let entry = used.entry(agent).or_default();
            *entry = (entry.0.saturating_add(asks), entry.1.saturating_add(recalls));
        }
    }

    /// Asks and recalls of an agent that are not in its row yet.
    pub(crate) fn not_written(&self, agent: &[u8; 32]) -> (u64, u64) {
        lock(&self.used).get(agent).copied().unwrap_or_default()
    }

    /// Whether an agent may make another ask within this hour; counts it if so.
    pub(crate) fn may_ask(&self, agent: &[u8; 32], now: UnixMillis) -> bool {
        let mut asked = lock(&self.asked);
        let times = asked.entry(*agent).or_default();
        times.retain(|at| now.saturating_sub(*at) < 60 * MINUTE);
        if times.len() >= ASKS_AN_HOUR {
            return false;
        }
        times.push(now);
        true
    }
}

impl House {
    /// Writes down what was sent and not written yet.
    pub(crate) fn on_served(&self) -> Result<(), Fault> {
        let waiting = std::mem::take(&mut lock(&self.tally.served).waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let written = self.store.change::<_, Fault>(|change| {
            for ((receipt, peer, session), sent) in &waiting {
                let Sent { artifact, bytes, whole, .. } = *sent;
                change.add_served(receipt, peer, bytes, whole)?;
                let (receipt, peer, session) = (*receipt, *peer, *session);
                change.append(
                    Entry::Served { receipt, artifact, peer, session, bytes, whole },
                    now,
                )?;
            }
            Ok(())
        });
        if let Err(fault) = written {
            // It left all the same: it is written down as soon as the disk is well again.
            self.tally.served_after_all(waiting);
            return Err(fault);
        }
        self.notify(crate::Notice::Peers);
        Ok(())
    }

    /// Writes down everything that waited for the tick. What the disk refuses waits for the next.
    pub(crate) fn write_totals(&self) -> Result<(), Fault> {
        let each = [
            self.on_served(),
            self.write_knocks(),
            self.write_blocks(),
            self.write_refusals(),
            self.write_use(),
            self.write_whereabouts(),
        ];
        each.into_iter().collect()
    }

    /// Writes down how many refusals had no line of their own.
    fn write_refusals(&self) -> Result<(), Fault> {
        let all = self.tally.refusals.take();
        for (n, More { of, endpoint, times }) in all.iter().enumerate() {
            let line =
                Entry::Refused { peer: *of, endpoint: *endpoint, why: format!("{times}-more") };
            self.on_journal(line)
                .inspect_err(|_| self.tally.refusals.after_all(all.get(n..).unwrap_or_default()))?;
        }
        Ok(())
    }

    /// Adds what agents did to their rows.
    fn write_use(&self) -> Result<(), Fault> {
        let used = std::mem::take(&mut *lock(&self.tally.used));
        if used.is_empty() {
            return Ok(());
        }
        let written = self.store.change::<_, Fault>(|change| {
            for (key, (asks, recalls)) in &used {
                let Some(mut row) = change.agent(key)? else { continue };
                row.asks = row.asks.saturating_add(*asks);
                row.recalls = row.recalls.saturating_add(*recalls);
                change.put_agent(key, &row)?;
            }
            Ok(())
        });
        written.inspect_err(|_| self.tally.used_after_all(used))
    }
}
