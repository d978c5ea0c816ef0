//! Strangers: who knocks becomes a row of the inbox and gets no further until this human
//! accepts them, which is a grant; who is let becomes trusted by agents, which is another.
//!
//! What strangers can repeat at will is bounded: rows by a cap, further knocks of a row by the
//! tick, refusals by the tally.

use crate::{
    Fault, Node, Notice,
    answer::Settled,
    audience,
    event::{Event, Reply},
    exchange::{earlier::Comes, shut::ShutOut},
    house::House,
};
use artifact::{HumanKey, TransportKey, UnixMillis, words::key_words};
use consent::{Ask, AskId, Event as Entry, State, VerifiedCard, Wish};
use peer::Code;
use std::{collections::BTreeSet, sync::Arc};
use store::{Change, KnockRow, PeerRow};

/// The most rows of the inbox. The newest is refused while it is full, or takes the place of who is
/// not minded any more: whoever floods it does not push out who came before.
pub const MAX_INBOX: usize = 64;
/// How long nobody must have knocked from an endpoint before its row gives way: 7 days. Who waits
/// to be accepted comes again by itself far more often.
const UNMINDED: UnixMillis = 7 * 24 * 60 * 60 * 1000;
/// The fewest characters that name an endpoint by its beginning.
const SHORT: usize = 8;

/// Something that happens with people who are not, or no longer, trusted.
pub(crate) enum Visit {
    /// A stranger is proven to be who the card says. Whether there was room.
    Knocked(Box<VerifiedCard>, TransportKey, Reply<bool>),
    /// Somebody who is pinned came from another endpoint, as their newer card says.
    Moved(Box<VerifiedCard>, TransportKey, Reply<()>),
    /// The human takes rows out of the inbox.
    Dismiss(BTreeSet<TransportKey>, Reply<()>),
    /// Somebody is shut out. Whether that is new.
    ShutOut(Box<ShutOut>, Option<Reply<bool>>),
    /// A peer's crystals are no longer given to agents unasked.
    Unlet(HumanKey, Reply<()>),
}

/// A row of the inbox, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    /// The endpoint they came from.
    pub endpoint: TransportKey,
    /// Who they are: card and binding are proven.
    pub human: HumanKey,
    /// What their card suggests to call them, or two words of their key.
    pub name: String,
    /// When they first came.
    pub first: UnixMillis,
    /// When they last came.
    pub last: UnixMillis,
    /// How often.
    pub times: u64,
}

impl Node {
    /// Who knocked and was not answered, the first first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn inbox(&self) -> Result<Vec<Knock>, Fault> {
        let knock = |(endpoint, row): (TransportKey, KnockRow)| {
            let (more, last) = self.0.tally.knocks(&endpoint);
            Knock {
                endpoint,
                human: row.human,
                name: suggested(&row),
                first: row.first,
                last: row.last.max(last),
                times: row.times.saturating_add(more),
            }
        };
        let mut rows: Vec<Knock> = self.0.look()?.inbox()?.into_iter().map(knock).collect();
        rows.sort_by_key(|knock| (knock.first, knock.endpoint));
        Ok(rows)
    }

    /// Takes somebody out of the inbox. They may knock again.
    ///
    /// # Errors
    /// When nobody there is called this.
    pub async fn dismiss(&self, who: &str) -> Result<(), Fault> {
        let (endpoint, _) = in_inbox(&self.0.look()?.inbox()?, who)?;
        self.0.dismiss([endpoint].into()).await
    }

    /// Takes everybody out of the inbox who is in it now. They may knock again.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn dismiss_all(&self) -> Result<(), Fault> {
        let all = self.0.look()?.inbox()?.into_iter().map(|(endpoint, _)| endpoint).collect();
        self.0.dismiss(all).await
    }

    /// Gives a peer's crystals to agents no longer unasked.
    ///
    /// # Errors
    /// When nobody is called this.
    pub async fn unlet(&self, who: &str) -> Result<(), Fault> {
        let human = crate::resolve(&self.0.look()?.peers()?, who)?;
        self.0.happen(|reply| Event::Stranger(Visit::Unlet(human, reply))).await
    }
}

impl House {
    async fn dismiss(self: &Arc<Self>, who: BTreeSet<TransportKey>) -> Result<(), Fault> {
        self.happen(|reply| Event::Stranger(Visit::Dismiss(who, reply))).await
    }

    /// Somebody who is not known here came, and is who the card says.
    pub(crate) async fn knocked(self: &Arc<Self>, card: VerifiedCard, endpoint: TransportKey) {
        let human = card.card().human;
        let me = self.me().map(|me| me.row.human);
        if me == Ok(human) || self.shut.holds(&endpoint, &human) {
            return;
        }
        match self.look().and_then(|look| Self::comes_as(&look, &card)) {
            Ok(Comes::New) => {}
            Ok(Comes::Moved) => return self.moved(card, endpoint).await,
            Ok(Comes::Old) => return self.refused(endpoint, None, Code::CardOld.word()),
            Err(fault) => return tracing::error!(%fault, "a peer could not be looked up"),
        }
        match self.look().and_then(|look| Ok(look.knock(&endpoint)?)) {
            Ok(Some(row)) if row.human == human => {
                self.tally.knocked(endpoint, self.now());
                self.notify(Notice::Peers);
            }
            // Who came first stands there: a row never becomes another's.
            Ok(Some(_)) => self.refused(endpoint, None, Code::HumanChanged.word()),
            Ok(None) => {
                let knocked = |reply| Visit::Knocked(Box::new(card), endpoint, reply);
                match self.happen(|reply| Event::Stranger(knocked(reply))).await {
                    Ok(true) => self.notify(Notice::Peers),
                    Ok(false) => self.refused(endpoint, None, "inbox-full"),
                    Err(fault) => tracing::error!(%fault, "a knock could not be kept"),
                }
            }
            Err(fault) => tracing::error!(%fault, "the inbox could not be read"),
        }
    }

    pub(crate) fn on_visit(&self, visit: Visit) {
        match visit {
            Visit::Knocked(card, endpoint, reply) => {
                drop(reply.send(self.on_knocked(&card, endpoint)));
            }
            Visit::Moved(card, endpoint, reply) => {
                drop(reply.send(self.on_moved(&card, endpoint)));
            }
            Visit::Dismiss(who, reply) => drop(reply.send(self.on_dismiss(&who))),
            Visit::Unlet(human, reply) => drop(reply.send(self.on_unlet(&human))),
            Visit::ShutOut(who, reply) => {
                let outcome = self.on_shut_out(&who);
                if let Err(fault) = &outcome {
                    tracing::error!(%fault, "somebody could not be shut out");
                }
                if let Some(reply) = reply {
                    drop(reply.send(outcome));
                }
            }
        }
    }

    /// Keeps a new row, if there is room.
    fn on_knocked(&self, card: &VerifiedCard, endpoint: TransportKey) -> Result<bool, Fault> {
        let now = self.now();
        let (rows, human) = (self.look()?.inbox()?, card.card().human);
        // Shut out since they were looked at: noted nowhere.
        if self.shut.holds(&endpoint, &human) || rows.iter().any(|(known, _)| *known == endpoint) {
            return Ok(true);
        }
        let gives_way = if rows.len() < MAX_INBOX { None } else { self.unminded(&rows)? };
        if rows.len() >= MAX_INBOX && gives_way.is_none() {
            return Ok(false);
        }
        let card = card.envelope().to_vec();
        let row = KnockRow { human, card, first: now, last: now, times: 1 };
        self.store.change::<_, Fault>(|change| {
            if let Some(gone) = &gives_way {
                change.remove_knock(gone)?;
            }
            change.put_knock(&endpoint, &row)?;
            Ok(change.append(Entry::Knocked { peer: human, endpoint }, now)?)
        })?;
        if let Some(gone) = &gives_way {
            self.tally.forget_knocks(gone);
        }
        Ok(true)
    }

    /// Whose row gives way in a full inbox: who has not come for the longest, if that is long
    /// enough. Who is about to be accepted stays.
    fn unminded(&self, rows: &[(TransportKey, KnockRow)]) -> Result<Option<TransportKey>, Fault> {
        let pending = self.look()?.pending()?;
        let asked = |which: &TransportKey| {
            let accepts =
                |ask: &Ask| matches!(&ask.wish, Wish::Accept { endpoint, .. } if endpoint == which);
            pending.iter().any(accepts)
        };
        let last = |(endpoint, row): &(TransportKey, KnockRow)| {
            (row.last.max(self.tally.knocks(endpoint).1), *endpoint)
        };
        let oldest = rows.iter().filter(|(endpoint, _)| !asked(endpoint)).map(last).min();
        let unminded = |last: UnixMillis| self.now().saturating_sub(last) > UNMINDED;
        Ok(oldest.filter(|(at, _)| unminded(*at)).map(|(_, endpoint)| endpoint))
    }

    fn on_dismiss(&self, who: &BTreeSet<TransportKey>) -> Result<(), Fault> {
        let cancelled = self.store.change::<_, Fault>(|change| {
            for endpoint in who {
                change.remove_knock(endpoint)?;
            }
            self.cancel_accepts(change, None, |which, _| who.contains(which))
        })?;
        who.iter().for_each(|endpoint| self.tally.forget_knocks(endpoint));
        self.told_cancelled(&cancelled);
        self.notify(Notice::Peers);
        Ok(())
    }

    fn on_unlet(&self, human: &HumanKey) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| {
            let row = change.peer(human)?;
            let row = row.ok_or_else(|| Fault::invalid("this peer is not known", ""))?;
            if row.let_in {
                change.put_peer(human, &PeerRow { let_in: false, ..row })?;
                change.append(Entry::PeerUnlet { peer: *human }, now)?;
            }
            Ok(())
        })?;
        self.notify(Notice::Peers);
        Ok(())
    }

    /// Adds further knocks to their rows.
    pub(crate) fn write_knocks(&self) -> Result<(), Fault> {
        let waiting = self.tally.take_knocks();
        if waiting.is_empty() {
            return Ok(());
        }
        let written = self.store.change::<_, Fault>(|change| {
            for (endpoint, (times, last)) in &waiting {
                // It may have been answered meanwhile.
                let Some(row) = change.knock(endpoint)? else { continue };
                let times = row.times.saturating_add(*times);
                change.put_knock(endpoint, &KnockRow { last: *last, times, ..row })?;
            }
            Ok(())
        });
        written.inspect_err(|_| self.tally.knocked_after_all(waiting))
    }

    /// The wish to let in whoever of the inbox this names.
    pub(crate) fn wish_accept(&self, who: &str, name: &str) -> Result<Wish, Fault> {
        let (endpoint, row) = in_inbox(&self.look()?.inbox()?, who)?;
        let name = audience::check_name(name)?;
        Ok(Wish::Accept { peer: row.human, endpoint, name })
    }

    /// The wish to let a peer.
    pub(crate) fn wish_let(&self, who: &str) -> Result<Wish, Fault> {
        let peers = self.look()?.peers()?;
        let peer = audience::resolve(&peers, who)?;
        let row = peers.iter().find(|(human, _)| *human == peer).map(|(_, row)| row);
        if row.is_some_and(|row| row.let_in) {
            return Err(Fault::refused("they are let already", ""));
        }
        self.refuse_shut_out(&peer)?;
        Ok(Wish::Let { peer })
    }

    /// Pins who knocked, in the transaction of the answer. Gives what the human is told, and
    /// what the journal is.
    pub(crate) fn accept(
        &self,
        change: &mut Change<'_>,
        (peer, endpoint): (&HumanKey, &TransportKey),
        name: Option<&str>,
    ) -> Result<(String, Entry), Fault> {
        self.refuse_shut_out(peer)?;
        let gone = || Fault::not_now("they are no longer in the inbox", "wait until they knock");
        let knock = change.knock(endpoint)?.filter(|row| row.human == *peer).ok_or_else(gone)?;
        let card = VerifiedCard::open(&knock.card).map_err(Fault::broken)?;
        let keys = card.card();
        if change.human_at(endpoint)?.is_some_and(|human| human != *peer) {
            let hint = "deny this, and ask them over another way what happened";
            return Err(Fault::refused("another human was pinned behind this node", hint));
        }
        let peers = self.look()?.peers()?;
        let known = change.peer(peer)?;
        let wanted = match (name, &known) {
            (Some(name), _) => name.to_owned(),
            (None, Some(row)) => row.name.clone(),
            (None, None) => audience::suggested(keys),
        };
        let name = audience::unique(&peers, &wanted, peer);
        let row = match known {
            // They came from another machine than before.
            Some(mut row) => {
                self.put_card(change, &mut row, &card)?;
                PeerRow { name: name.clone(), transport: *endpoint, ..row }
            }
            None => PeerRow::pinned(name.clone(), knock.card, keys, self.now()),
        };
        change.put_peer(peer, &row)?;
        change.remove_knock(endpoint)?;
        let told = artifact::display::line(&name, audience::MAX_NAME);
        let what = format!("{told} is let in, and connected when they come again.");
        Ok((what, Entry::PeerPinned { peer: *peer, endpoint: *endpoint, name }))
    }

    /// Does what an allowed wish about people says, in the transaction of the answer. Gives what
    /// the journal is told after the answer itself.
    pub(crate) fn settle_people(
        &self,
        change: &mut Change<'_>,
        ask: &Ask,
        settled: &mut Settled,
    ) -> Result<Entry, Fault> {
        let (what, entry) = match &ask.wish {
            Wish::Accept { peer, endpoint, name } => {
                let accepted = self.accept(change, (peer, endpoint), name.as_deref())?;
                let same = |which: &TransportKey, _: &HumanKey| which == endpoint;
                settled.cancelled = self.cancel_accepts(change, Some(ask.id), same)?;
                accepted
            }
            Wish::Unblock { peer, endpoint } => self.unblock(change, *peer, endpoint)?,
            Wish::Let { peer } => self.let_in(change, peer)?,
            _ => return Err(Fault::broken("this ask is not about people")),
        };
        (settled.what, settled.people) = (what, true);
        Ok(entry)
    }

    /// Lets a peer, in the transaction of the answer.
    pub(crate) fn let_in(
        &self,
        change: &mut Change<'_>,
        peer: &HumanKey,
    ) -> Result<(String, Entry), Fault> {
        self.refuse_shut_out(peer)?;
        let row = change.peer(peer)?;
        let row = row.ok_or_else(|| Fault::invalid("this peer is not known", ""))?;
        let told = artifact::display::line(&row.name, audience::MAX_NAME);
        change.put_peer(peer, &PeerRow { let_in: true, ..row })?;
        let what = format!("Your agents are given {told}'s crystals from now on.");
        Ok((what, Entry::PeerLet { peer: *peer }))
    }

    /// Ends the asks to accept somebody who is not there to be accepted any more.
    pub(crate) fn cancel_accepts(
        &self,
        change: &mut Change<'_>,
        but: Option<AskId>,
        gone: impl Fn(&TransportKey, &HumanKey) -> bool,
    ) -> Result<Vec<AskId>, Fault> {
        let now = self.now();
        let mut cancelled = Vec::new();
        for mut ask in self.look()?.pending()? {
            let Wish::Accept { peer, endpoint, .. } = &ask.wish else { continue };
            if but == Some(ask.id) || !gone(endpoint, peer) {
                continue;
            }
            ask.state = State::Cancelled { at: now };
            change.put_ask(&ask)?;
            change.append(Entry::Cancelled { ask: ask.id }, now)?;
            cancelled.push(ask.id);
        }
        Ok(cancelled)
    }

    /// Tells the faces of asks that ended so.
    pub(crate) fn told_cancelled(&self, asks: &[AskId]) {
        for ask in asks {
            self.noted.forget(ask);
            self.notify(Notice::Settled(*ask, "cancelled"));
        }
    }
}

/// What to call whoever is in this row, before this human names them.
pub(crate) fn suggested(row: &KnockRow) -> String {
    let card = VerifiedCard::open(&row.card);
    card.map_or_else(|_| key_words(&row.human), |card| audience::suggested(card.card()))
}

/// Finds the one row of the inbox that `who` names: by key, by key words, by the endpoint or
/// the start of it, or by the name that their card suggests.
pub(crate) fn in_inbox(
    rows: &[(TransportKey, KnockRow)],
    who: &str,
) -> Result<(TransportKey, KnockRow), Fault> {
    let who = who.trim();
    let hex = who.to_lowercase();
    let keyed = |(endpoint, row): &&(TransportKey, KnockRow)| {
        key_words(&row.human) == who
            || row.human.to_string() == hex
            || (hex.len() >= SHORT && endpoint.to_string().starts_with(&hex))
    };
    let mut found: Vec<&(TransportKey, KnockRow)> = rows.iter().filter(keyed).collect();
    if found.is_empty() {
        found = rows.iter().filter(|(_, row)| suggested(row) == who).collect();
    }
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let what =
                format!("nobody in the inbox is called {}", artifact::display::line(who, 64));
            Err(Fault::invalid(what, "`tracenet inbox` shows who knocked"))
        }
        _ => {
            let hint = "name them by the start of their endpoint: `tracenet inbox` shows it";
            Err(Fault::invalid("more than one row of the inbox is called that", hint))
        }
    }
}
