//! Who is shut out: by this human's hand, or because they broke the rules of consent or of form.
//!
//! Shutting out needs no key, ends every session at once, before anything is written, and serves,
//! tells and takes nothing any more. Lifting it is a grant. A human is shut out wherever they come from, but only one
//! whose binding was verified: never somebody merely named in content.

use crate::{
    Fault, Node, Notice, audience,
    event::Event,
    exchange::{
        strangers::{self, Visit},
        tally::Whose,
    },
    house::House,
};
use artifact::{HumanKey, TransportKey, words::key_words};
use consent::{AskId, Event as Entry, Party, Wish};
use peer::Code;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock},
};
use store::{BlockRow, Change, Look, PeerRow};

/// The most endpoints of nobody known that are kept as blocked by themselves: endpoint ids cost
/// nothing, so the oldest make room.
pub const MAX_BLOCKED_STRANGERS: usize = 1_000;
/// Why, for who was shut out by this human.
pub const BY_HAND: &str = "by-hand";
/// The most characters of a reason that this human gives.
const MAX_REASON: usize = 280;

/// Who is shut out, in memory: it is asked between two packets.
#[derive(Default)]
pub(crate) struct Shut(RwLock<Out>);

#[derive(Default)]
struct Out {
    endpoints: BTreeSet<TransportKey>,
    humans: BTreeSet<HumanKey>,
    /// Those of whom the store does not know yet.
    unwritten: BTreeMap<TransportKey, ShutOut>,
}

impl Out {
    fn cut(&mut self, who: &ShutOut) {
        self.endpoints.insert(who.endpoint);
        self.humans.extend(who.human);
    }
}

impl Shut {
    /// Takes over what the store says.
    pub(crate) fn load(&self, look: &Look) -> Result<(), Fault> {
        let endpoints = look.blocks()?.into_iter().map(|(endpoint, _)| endpoint).collect();
        let humans = look.blocked_humans()?.into_iter().collect();
        let mut out = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let unwritten = std::mem::take(&mut out.unwritten);
        *out = Out { endpoints, humans, unwritten: BTreeMap::new() };
        unwritten.values().for_each(|who| out.cut(who));
        out.unwritten = unwritten;
        Ok(())
    }

    /// Shuts somebody out from this moment on, for as long as this node runs.
    fn cut(&self, who: &ShutOut) {
        let mut out = self.0.write().unwrap_or_else(PoisonError::into_inner);
        out.cut(who);
        // Only a disk that fails lets them pile up; of unproven endpoints no more than it would hold.
        if who.human.is_some() || out.unwritten.len() < MAX_BLOCKED_STRANGERS {
            out.unwritten.insert(who.endpoint, who.clone());
        }
    }

    /// The store knows of this one.
    fn written(&self, endpoint: &TransportKey) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).unwritten.remove(endpoint);
    }

    /// Those of whom the store does not know yet.
    fn unwritten(&self) -> Vec<ShutOut> {
        let out = self.0.read().unwrap_or_else(PoisonError::into_inner);
        out.unwritten.values().cloned().collect()
    }

    fn is_unwritten(&self, endpoint: &TransportKey) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).unwritten.contains_key(endpoint)
    }

    pub(crate) fn endpoint(&self, endpoint: &TransportKey) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).endpoints.contains(endpoint)
    }

    pub(crate) fn human(&self, human: &HumanKey) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).humans.contains(human)
    }

    /// Whether either is shut out.
    pub(crate) fn holds(&self, endpoint: &TransportKey, human: &HumanKey) -> bool {
        self.endpoint(endpoint) || self.human(human)
    }
}

/// Somebody who is to be shut out.
#[derive(Debug, Clone)]
pub(crate) struct ShutOut {
    endpoint: TransportKey,
    /// Proven, or chosen by this human.
    human: Option<HumanKey>,
    why: String,
    /// What the session ends with.
    code: Code,
    /// Whether something was refused, rather than this human deciding so.
    refused: bool,
}

/// Somebody who is shut out, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The endpoint.
    pub endpoint: TransportKey,
    /// What is kept of it.
    pub row: BlockRow,
}

impl Node {
    /// Who is shut out, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn blocked(&self) -> Result<Vec<Blocked>, Fault> {
        let blocked = |(endpoint, row)| Blocked { endpoint, row };
        let mut rows: Vec<Blocked> = self.0.look()?.blocks()?.into_iter().map(blocked).collect();
        rows.sort_by_key(|one| (std::cmp::Reverse(one.row.at), one.endpoint));
        Ok(rows)
    }

    /// Shuts somebody known out: a peer, or a row of the inbox.
    ///
    /// # Errors
    /// When nobody is called this, or it could not be written: they are cut off all the same for as
    /// long as this node runs.
    pub async fn block(&self, who: &str, reason: &str) -> Result<(), Fault> {
        self.shut_out(self.0.named(who)?, reason).await
    }

    /// Shuts an endpoint out, by its whole id where nobody known is behind it.
    ///
    /// # Errors
    /// When this is no endpoint, or as [`Self::block`].
    pub async fn block_endpoint(&self, endpoint: &str, reason: &str) -> Result<(), Fault> {
        self.shut_out(self.0.endpoint_named(endpoint)?, reason).await
    }

    async fn shut_out(
        &self,
        (endpoint, human): (TransportKey, Option<HumanKey>),
        reason: &str,
    ) -> Result<(), Fault> {
        let reason = artifact::display::line(reason.trim(), MAX_REASON);
        let why =
            if reason.is_empty() { BY_HAND.to_owned() } else { format!("{BY_HAND}: {reason}") };
        let who = ShutOut { endpoint, human, why, code: Code::Waiting, refused: false };
        let event = |reply| Event::Stranger(Visit::ShutOut(Box::new(who), Some(reply)));
        self.0.happen(event).await.map(drop)
    }
}

impl House {
    /// Whom a name, a key or an endpoint names, of those who are known. A key of nobody known is a
    /// human_key or an endpoint's id, and nothing tells which: it is not guessed.
    fn named(&self, who: &str) -> Result<(TransportKey, Option<HumanKey>), Fault> {
        let look = self.look()?;
        let peers = look.peers()?;
        let unknown = match audience::resolve(&peers, who) {
            Ok(human) => {
                let row = look.peer(&human)?;
                let row = row.ok_or_else(|| Fault::invalid("this peer is not known", ""))?;
                return Ok((row.transport, Some(human)));
            }
            Err(fault) => fault,
        };
        if let Ok((endpoint, row)) = strangers::in_inbox(&look.inbox()?, who) {
            return Ok((endpoint, Some(row.human)));
        }
        let Ok(endpoint) = who.trim().to_lowercase().parse::<TransportKey>() else {
            return Err(unknown);
        };
        if let Some(human) = look.human_at(&endpoint)? {
            return Ok((endpoint, Some(human)));
        }
        let what = "nobody here has this key, and a human_key looks like an endpoint's id";
        let hint = "add --endpoint if it is an endpoint's; a human can be blocked once they knock";
        Err(Fault::invalid(what, hint))
    }

    /// The endpoint with this id, and the human where they are known.
    fn endpoint_named(&self, id: &str) -> Result<(TransportKey, Option<HumanKey>), Fault> {
        let (look, hex) = (self.look()?, id.trim().to_lowercase());
        if let Ok(human) = audience::resolve(&look.peers()?, &hex) {
            let what = format!("this is a peer ({}), no endpoint's id", key_words(&human));
            return Err(Fault::invalid(what, "leave --endpoint out to block them"));
        }
        let endpoint: TransportKey = hex.parse().map_err(|_| {
            let hint = "give all of its 64 hex digits: `tracenet inbox` shows them";
            Fault::invalid("this is no endpoint's id", hint)
        })?;
        let knocked = look.inbox()?.into_iter().find(|(which, _)| *which == endpoint);
        let human = knocked.map(|(_, row)| row.human).or(look.human_at(&endpoint)?);
        Ok((endpoint, human))
    }

    /// A peer whose binding was verified broke the rules: it is shut out, and why is shown.
    pub(crate) async fn quarantine(self: &Arc<Self>, from: Party, why: &str) {
        let (endpoint, human, code) = (from.transport, Some(from.human), Code::Violation);
        let who = ShutOut { endpoint, human, why: why.to_owned(), code, refused: true };
        let event = |reply| Event::Stranger(Visit::ShutOut(Box::new(who), Some(reply)));
        if let Err(fault) = self.happen(event).await {
            tracing::error!(%fault, "a peer could not be shut out");
        }
    }

    /// The other end of a connection broke the protocol.
    pub(crate) fn violated(
        self: &Arc<Self>,
        endpoint: TransportKey,
        human: Option<HumanKey>,
        code: Code,
    ) {
        // Whoever closed with this has shut them out, for a better word.
        if code == Code::Violation {
            return;
        }
        let why = code.word();
        let again = self.shut.endpoint(&endpoint);
        // Endpoint ids cost nothing: those that nobody pinned are written down within a rate.
        let unknown = human.is_none() && self.whose(&endpoint) == Whose::Stranger;
        let within = || self.tally.may_refuse((endpoint, Whose::Stranger), why, self.now());
        if again || (unknown && !within()) {
            if again {
                self.refused(endpoint, human, why);
            }
            return;
        }
        let who = ShutOut { endpoint, human, why: why.to_owned(), code, refused: true };
        self.send(Event::Stranger(Visit::ShutOut(Box::new(who), None)));
    }

    /// Who is behind an endpoint: somebody pinned who is not shut out, or anybody else.
    pub(crate) fn whose(&self, endpoint: &TransportKey) -> Whose {
        let pinned = self.look().ok().and_then(|look| look.human_at(endpoint).ok().flatten());
        match pinned {
            Some(human) if !self.shut.holds(endpoint, &human) => Whose::Peer(human),
            _ => Whose::Stranger,
        }
    }

    /// Refuses to go on about somebody who is shut out.
    pub(crate) fn refuse_shut_out(&self, human: &HumanKey) -> Result<(), Fault> {
        let at = self.look()?.peer(human)?.map(|row| row.transport);
        if !self.shut.human(human) && !at.is_some_and(|at| self.shut.endpoint(&at)) {
            return Ok(());
        }
        Err(Fault::refused("they are blocked", "lift the block first: `tracenet unblock`"))
    }

    /// Shuts somebody out: what goes on with them ends first, so that nothing leaves between the
    /// two, then it is written in one transaction. Where that fails they stay cut off.
    pub(crate) fn on_shut_out(&self, who: &ShutOut) -> Result<bool, Fault> {
        let ShutOut { endpoint, human, code, refused, .. } = who;
        let known = human.is_none_or(|human| self.shut.human(&human));
        let there = known && self.shut.endpoint(endpoint) && !self.shut.is_unwritten(endpoint);
        if *refused && there {
            return Ok(false);
        }
        self.shut.cut(who);
        if let Some(host) = self.host() {
            host.shut_out(endpoint, human.as_ref(), *code);
        }
        let written = self.write_shut_out(who).map_err(|fault| Fault {
            hint: "they are cut off while this node runs, but that could not be kept: make room \
                   and repeat this before the node stops"
                .into(),
            ..fault
        });
        self.notify(Notice::Peers);
        let cancelled = written?;
        self.shut.written(endpoint);
        self.shut.load(&self.look()?)?;
        self.told_cancelled(&cancelled);
        Ok(true)
    }

    /// Writes down those who are cut off and of whom the store does not know yet.
    pub(crate) fn write_blocks(&self) -> Result<(), Fault> {
        self.shut.unwritten().iter().try_for_each(|who| self.on_shut_out(who).map(drop))
    }

    /// Writes a block down, with all that ends by it. Gives the asks that it made pointless.
    fn write_shut_out(&self, who: &ShutOut) -> Result<Vec<AskId>, Fault> {
        let ShutOut { endpoint, human, why, refused, .. } = who;
        let (now, look) = (self.now(), self.look()?);
        let knocks = look.inbox()?;
        let at = human.or(look.human_at(endpoint)?);
        let peer = match &at {
            Some(human) => look.peer(human)?,
            None => None,
        };
        let knock = knocks.iter().find(|(which, _)| which == endpoint);
        let name = match (&peer, knock) {
            (Some(row), _) => row.name.clone(),
            (None, Some((_, row))) => strangers::suggested(row),
            (None, None) => String::new(),
        };
        let gone =
            |which: &TransportKey, whose: &HumanKey| which == endpoint || *human == Some(*whose);
        self.store.change::<_, Fault>(|change| {
            if *refused {
                let (peer, endpoint, why) = (at, *endpoint, why.clone());
                change.append(Entry::Refused { peer, endpoint, why }, now)?;
            }
            if *refused && human.is_none() && at.is_none() {
                make_room(change, &look)?;
            }
            let row = BlockRow { human: *human, name, why: why.clone(), at: now };
            change.put_block(endpoint, &row)?;
            for (which, _) in knocks.iter().filter(|(which, row)| gone(which, &row.human)) {
                change.remove_knock(which)?;
            }
            let (peer_key, endpoint, why) = (*human, *endpoint, why.clone());
            change.append(Entry::PeerBlocked { peer: peer_key, endpoint, why }, now)?;
            if let (Some(human), Some(row)) = (at, peer.filter(|row| row.let_in)) {
                change.put_peer(&human, &PeerRow { let_in: false, ..row })?;
                change.append(Entry::PeerUnlet { peer: human }, now)?;
            }
            self.cancel_accepts(change, None, gone)
        })
    }

    /// The wish to lift a block.
    pub(crate) fn wish_unblock(&self, who: &str) -> Result<Wish, Fault> {
        let look = self.look()?;
        let (who, hex) = (who.trim(), who.trim().to_lowercase());
        let named = audience::resolve(&look.peers()?, who).ok();
        let at = match &named {
            Some(human) => look.peer(human)?.map(|row| row.transport),
            None => None,
        };
        let names = |(endpoint, row): &(TransportKey, BlockRow)| {
            let keyed = |human: HumanKey| {
                Some(human) == named || key_words(&human) == who || human.to_string() == hex
            };
            Some(*endpoint) == at || endpoint.to_string() == hex || row.human.is_some_and(keyed)
        };
        let blocks = look.blocks()?;
        let by_name = |(_, row): &&(TransportKey, BlockRow)| !who.is_empty() && row.name == who;
        let found = blocks.iter().find(|one| names(one)).or_else(|| blocks.iter().find(by_name));
        let (endpoint, row) = found.ok_or_else(|| {
            let what = format!("nobody called {} is blocked", artifact::display::line(who, 64));
            Fault::invalid(what, "`tracenet blocked` shows who is")
        })?;
        Ok(Wish::Unblock { peer: row.human, endpoint: *endpoint })
    }

    /// Lifts a block, in the transaction of the answer.
    pub(crate) fn unblock(
        &self,
        change: &mut Change<'_>,
        peer: Option<HumanKey>,
        endpoint: &TransportKey,
    ) -> Result<(String, Entry), Fault> {
        let blocks = self.look()?.blocks()?;
        let of = |(which, row): &&(TransportKey, BlockRow)| {
            which == endpoint || (peer.is_some() && row.human == peer)
        };
        let lifted: Vec<_> = blocks.iter().filter(of).collect();
        if lifted.is_empty() {
            return Err(Fault::not_now("this block was lifted already", ""));
        }
        for (which, row) in lifted {
            change.remove_block(which)?;
            if let Some(human) = &row.human {
                change.remove_blocked(human)?;
            }
        }
        let what = "The block is lifted. Who is pinned may connect again; all others may knock.";
        Ok((what.to_owned(), Entry::PeerUnblocked { peer, endpoint: *endpoint }))
    }

    /// Who is known, let or shut out has changed by an answer of this human.
    pub(crate) async fn people_changed(self: &Arc<Self>) {
        if let Err(fault) = self.look().and_then(|look| self.shut.load(&look)) {
            tracing::error!(%fault, "who is shut out could not be read");
        }
        self.dialling.forget();
        self.notify(Notice::Peers);
        self.fetch_late();
        self.dial_known().await;
    }
}

/// Drops the oldest blocks of nobody known, so that one more has room.
fn make_room(change: &mut Change<'_>, look: &Look) -> Result<(), Fault> {
    let mut strangers = Vec::new();
    for (endpoint, row) in look.blocks()? {
        let nobody = row.human.is_none() && look.human_at(&endpoint)?.is_none();
        if nobody && !row.why.starts_with(BY_HAND) {
            strangers.push((row.at, endpoint));
        }
    }
    strangers.sort();
    let over = (strangers.len() + 1).saturating_sub(MAX_BLOCKED_STRANGERS);
    for (_, endpoint) in strangers.iter().take(over) {
        change.remove_block(endpoint)?;
    }
    Ok(())
}
