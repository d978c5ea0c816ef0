//! What can happen in one turn, and how often.

use crate::{
    people::Peer,
    world::{Flight, World},
};
use artifact::{ArtifactId, HumanKey};
use consent::{Answer, AskId, State, Way, Wish};
use door::AgentRequest;
use node::Revoke;
use std::collections::BTreeSet;
use town::{
    clock::DAY,
    disk::{Failure, Left},
};
use zeroize::Zeroizing;

impl World {
    /// One thing happens.
    pub async fn turn(&mut self) {
        match self.below(1_000) {
            0..180 => self.agent_wishes().await,
            180..230 => self.agent_withdraws().await,
            230..400 => self.human_allows().await,
            400..450 => self.human_denies().await,
            450..480 => self.nobody_forges().await,
            480..500 => self.nobody_answers_twice().await,
            500..505 => self.human_minds_a_rule().await,
            505..508 => self.agent_reconnects().await,
            508..510 => self.human_mutes().await,
            510..530 => self.much_at_once().await,
            530..618 => self.peer_comes().await,
            618..620 => self.run_goes_on().await,
            620..660 => self.peer_goes(),
            660..850 => self.peer_gets().await,
            850..911 => self.bytes_leave(),
            911..923 => self.somebody_knocks().await,
            923..927 => self.somebody_is_accepted().await,
            927..931 => self.somebody_is_dismissed().await,
            931..936 => self.somebody_is_let().await,
            936..940 => self.somebody_is_let_no_more().await,
            940..950 => self.time_passes(60_000).await,
            950..961 => self.human_revokes().await,
            961..965 => self.human_signs().await,
            965..970 => self.time_passes(DAY + 1).await,
            970..976 => self.somebody_new().await,
            976..980 => self.agent_leaves_and_returns().await,
            980..993 => self.somebody_is_shut_out().await,
            993..996 => self.stops_in_order().await,
            _ => self.dies().await,
        }
    }

    /// An agent asks to share a crystal with some people, or with anyone.
    async fn agent_wishes(&mut self) {
        let (agent, crystal) = (self.below(self.callers.len()), self.below(self.crystals.len()));
        // Few people at a time, and rarely everybody: or soon nothing is left to refuse.
        let anyone = self.below(100) == 0;
        let mask = if anyone { 0 } else { 1 << self.below(4) | 1 << self.below(4) };
        let mut audience: Vec<String> = Vec::new();
        for (n, peer) in self.people.iter().enumerate() {
            if mask & (1 << n) != 0 {
                audience.push(peer.human().to_string());
            }
        }
        if audience.is_empty() {
            audience.push("public".to_owned());
        }
        self.tell(format!("agent {agent} asks for crystal {crystal} to {mask:04b}"));
        let (id, reason) = (self.crystals[crystal].to_string(), "because".to_owned());
        let wish = AgentRequest::RequestShare { id, audience, reason };
        let reply = self.agent_asks(agent, wish).await;
        if let Some(ask) = reply.body["ask"].as_str().filter(|_| !reply.refused) {
            let ask: AskId = ask.parse().unwrap();
            if !self.asks.contains(&ask) {
                self.asks.push(ask);
                let by_rule = !self.state(&ask).is_pending();
                self.count(if by_rule { "by rule" } else { "asked" });
            }
        }
    }

    /// An agent takes an ask back: its own that waits, or else nothing happens.
    async fn agent_withdraws(&mut self) {
        let ask = if self.below(2) == 0 { self.any_ask() } else { self.waiting_ask() };
        let Some(ask) = ask else { return };
        let agent = self.below(self.callers.len());
        self.tell(format!("agent {agent} withdraws {ask}"));
        let before = self.state(&ask);
        let reply = self.agent_asks(agent, AgentRequest::Withdraw { ask: ask.to_string() }).await;
        let after = self.state(&ask);
        if reply.refused {
            assert_eq!(before, after, "a refusal changed the ask");
        } else {
            assert!(before.is_pending() && matches!(after, State::Withdrawn { .. }));
            self.count("withdrawn");
        }
    }

    async fn human_allows(&mut self) {
        let Some(ask) = self.waiting_ask() else { return };
        let term = self.some_term(&ask);
        self.tell(format!("the human allows {ask}: {}", term.word()));
        let wish = self.wish(&ask);
        let settled = self.allow_for(ask, term).await;
        if self.is_past(&wish) {
            assert!(settled.is_err() && self.state(&ask).is_pending(), "given to the shut out");
            return self.count("not allowed");
        }
        assert_eq!(settled.unwrap().state, "allowed");
        self.count("allowed");
    }

    /// Whether nothing can come of a wish: it names people who are shut out, or lifts a block
    /// that is none.
    fn is_past(&self, wish: &Wish) -> bool {
        match wish {
            Wish::SharePrivate { peers, .. } => {
                peers.iter().any(|human| self.books.is_shut_out(human))
            }
            Wish::Let { peer } | Wish::Accept { peer, .. } => self.books.is_shut_out(peer),
            Wish::Unblock { peer, .. } => !peer.is_some_and(|human| self.books.is_shut_out(&human)),
            _ => false,
        }
    }

    async fn human_denies(&mut self) {
        let Some(ask) = self.waiting_ask() else { return };
        let ways = [Way::ConsentWindow, Way::MainWindow, Way::Tray, Way::Notification];
        let way = ways[self.below(ways.len())];
        self.tell(format!("the human denies {ask} by {way:?}"));
        let settled = self.answer(ask, Answer::Deny, way, String::new()).await.unwrap();
        assert_eq!(settled.state, "denied");
        self.count("denied");
    }

    /// A way that cannot grant, or the code of another prompt.
    async fn nobody_forges(&mut self) {
        let Some(ask) = self.waiting_ask() else { return };
        self.tell(format!("somebody forges an answer to {ask}"));
        let (prompt, _) = self.node().prompt(&ask).unwrap();
        let ways = [Way::MainWindow, Way::Tray, Way::Notification, Way::Terminal];
        let refused = match self.below(ways.len() + 1) {
            4 => {
                let code = prompt.code.chars().rev().collect();
                self.answer(ask, Answer::Allow, Way::ConsentWindow, code).await
            }
            n => self.answer(ask, Answer::Allow, ways[n], prompt.code).await,
        };
        assert!(refused.is_err(), "a forged answer granted");
        assert!(self.state(&ask).is_pending());
        self.count("forged");
    }

    /// What was decided stays so.
    async fn nobody_answers_twice(&mut self) {
        let Some(ask) = self.any_ask() else { return };
        let before = self.state(&ask);
        if before.is_pending() {
            return;
        }
        self.tell(format!("somebody answers {ask} again"));
        let receipts = self.books.receipts().count();
        assert!(self.allow(ask).await.is_err(), "an ask was answered twice");
        assert_eq!(self.state(&ask), before);
        self.read_on();
        assert_eq!(self.books.receipts().count(), receipts);
        self.count("replayed");
    }

    /// A peer comes to be Ready, holding what it does, or something absurd.
    async fn peer_comes(&mut self) {
        let n = self.below(self.people.len());
        let (party, card) = (self.people[n].party, self.people[n].card.clone());
        let welcome = matches!(
            self.peers().standing(&party.transport),
            peer::Standing::Pinned { human, .. } if human == party.human
        );
        if self.people[n].session.is_some() || !welcome {
            return;
        }
        let kept = match self.below(20) {
            0 => 0,
            1 => self.people[n].kept + 7,
            _ => self.people[n].kept,
        };
        self.tell(format!("peer {n} comes and holds {kept}"));
        let session = self.new_session();
        self.people[n].session = Some(session);
        let peers = self.peers();
        peers.ready(party, card).await;
        let offers = peers.offers(party, kept).await.unwrap();
        self.read_on();
        let mut numbers = BTreeSet::new();
        for offer in &offers {
            let (receipt, human) = (offer.receipt.id(), party.human);
            assert!(self.books.is_live(&receipt, &human), "told of what has ended");
            assert!(self.books.was_told(&receipt, &human), "told before it was written down");
            assert!(offer.seq > kept && numbers.insert(offer.seq), "numbered anew and once");
            self.people[n].kept = self.people[n].kept.max(offer.seq);
            self.count("told");
        }
    }

    fn peer_goes(&mut self) {
        let n = self.below(self.people.len());
        if self.people[n].session.take().is_none() {
            return;
        }
        self.tell(format!("peer {n} goes"));
        self.cut(n);
    }

    /// A session is over: what was under way is cut and counted before.
    pub fn cut(&mut self, n: usize) {
        let flights = std::mem::take(&mut self.flights);
        let (cut, stay): (Vec<Flight>, Vec<Flight>) =
            flights.into_iter().partition(|flight| flight.peer == n);
        self.flights = stay;
        cut.into_iter().for_each(|flight| self.land(flight, false));
        self.peers().gone(self.people[n].party, "gone");
    }

    /// The gate's questions, in the gate's order.
    async fn peer_gets(&mut self) {
        let (n, crystal) = (self.below(self.people.len()), self.below(self.crystals.len()));
        let (id, party) = (self.crystals[crystal], self.people[n].party);
        let Some(session) = self.people[n].session else { return };
        self.tell(format!("peer {n} gets crystal {crystal}"));
        let peers = self.peers();
        let Some(receipt) = peers.entitled(&party, &id) else {
            return self.count("not entitled");
        };
        assert!(receipt.admits(&party.human, &id, peers.now()), "not what was asked for");
        assert!(self.books.is_live(&receipt.id(), &party.human), "it has ended");
        if !self.books.was_announced(&receipt.id(), &party.human, session) {
            peers.serving(&receipt, party, session).await.unwrap();
            self.read_on();
        }
        assert!(self.books.was_announced(&receipt.id(), &party.human, session));
        self.flights.push(Flight { receipt: receipt.id(), artifact: id, peer: n, session });
        self.count("served");
    }

    /// A transfer ends: cut, or whole.
    fn bytes_leave(&mut self) {
        if self.flights.is_empty() {
            return;
        }
        let n = self.below(self.flights.len());
        let (flight, whole) = (self.flights.swap_remove(n), self.below(2) == 0);
        self.tell(format!("a transfer to peer {} ends", flight.peer));
        self.land(flight, whole);
    }

    fn land(&mut self, flight: Flight, whole: bool) {
        let Flight { receipt, artifact, peer, session } = flight;
        let bytes = self.below(5_000) as u64;
        *self.sent.entry((receipt, peer, session)).or_default() += bytes;
        let party = self.people[peer].party;
        self.peers().served(receipt, artifact, party, session, bytes, whole);
    }

    async fn time_passes(&mut self, millis: u64) {
        self.tell(format!("{millis} ms pass"));
        self.clock.pass(millis);
        self.node().tick().await.unwrap();
    }

    /// What was given is ended: one receipt, one crystal, one peer's, one agent's, or all.
    async fn human_revokes(&mut self) {
        let (n, crystal) = (self.below(self.people.len()), self.below(self.crystals.len()));
        let (human, id) = (self.people[n].human(), self.crystals[crystal]);
        let agent = self.below(self.callers.len());
        let kind = self.below(9);
        let what = match kind {
            0 => Revoke::All,
            1 | 2 => Revoke::Peer(human.to_string()),
            3 => Revoke::Agent(self.callers[agent].name.to_string()),
            4 | 5 => Revoke::One(id.to_string()),
            _ => match self.flights.last() {
                Some(flight) => Revoke::One(flight.receipt.to_string()),
                None => return,
            },
        };
        self.tell(format!("the human revokes {what:?}"));
        let done = self.node().revoke(what, "").await;
        self.read_on();
        match done {
            Ok(_) => self.count("revoked"),
            // Nothing of it was served any more: that is looked at as well.
            Err(fault) if fault.what.contains("served any more") => {}
            Err(_) => return,
        }
        let ended = |peer: &HumanKey, which: &ArtifactId| match kind {
            0 => true,
            1 | 2 => *peer == human,
            4 | 5 => *which == id,
            _ => false,
        };
        for peer in self.people.iter().map(Peer::human) {
            for which in self.crystals.iter().filter(|which| ended(&peer, which)) {
                assert!(!self.books.covers(which, &peer), "it goes on");
            }
        }
        self.cut_what_ended();
    }

    /// The host's part in an ending: what no live receipt covers any more is cut.
    pub fn cut_what_ended(&mut self) {
        let books = &self.books;
        let (cut, stay): (Vec<Flight>, Vec<Flight>) = std::mem::take(&mut self.flights)
            .into_iter()
            .partition(|f| !books.is_live(&f.receipt, &self.people[f.peer].human()));
        self.flights = stay;
        cut.into_iter().for_each(|flight| self.land(flight, false));
    }

    /// The word of what was ended is signed.
    async fn human_signs(&mut self) {
        if self.node().look().unwrap().due_count().unwrap() == 0 {
            return;
        }
        self.tell("the human signs what was revoked".to_owned());
        let pin = Zeroizing::new(String::new());
        let signed = self.node().sign_revocations(pin, Way::ConsentWindow).await.unwrap();
        assert!(signed > 0 && self.node().look().unwrap().due_count().unwrap() == 0);
        self.count("signed");
    }

    /// The human shows an agent out, which ends its asks; it asks to come back.
    async fn agent_leaves_and_returns(&mut self) {
        let n = self.below(self.callers.len());
        self.tell(format!("agent {n} is shown out"));
        let name = self.callers[n].name.to_string();
        self.node().unpair(&name).await.unwrap();
        let reply = self.agent_asks(n, AgentRequest::Peers {}).await;
        assert!(reply.refused, "an agent without a pairing was answered");
        let ask: AskId = reply.body["ask"].as_str().unwrap().parse().unwrap();
        self.asks.push(ask);
        self.allow(ask).await.unwrap();
    }

    async fn stops_in_order(&mut self) {
        self.tell("the node stops and starts".to_owned());
        let flights = std::mem::take(&mut self.flights);
        flights.into_iter().for_each(|flight| self.land(flight, false));
        self.restart(None).await;
        self.count("stopped");
    }

    /// Killed, or without power, maybe in the middle of something.
    async fn dies(&mut self) {
        let left = match self.below(3) {
            0 => Left::All,
            1 => Left::Synced,
            _ => Left::Torn(self.below(usize::MAX) as u64),
        };
        let (ask, allow) = (self.waiting_ask(), self.below(2) == 0);
        let after = self.below(60) as u64 + 1;
        self.tell(format!("it dies {after} writes on ({left:?}), allowing {ask:?}: {allow}"));
        let mut acknowledged = None;
        if let Some(ask) = ask.filter(|_| allow) {
            self.disk.fail(after, Failure::ForGood);
            acknowledged = self.allow(ask).await.is_ok().then_some(ask);
        }
        self.restart(Some(left)).await;
        if let Some(ask) = acknowledged {
            assert!(self.books.is_settled(&ask), "an acknowledged answer is lost");
        }
        self.count("died");
    }

    /// What an ask is for.
    pub fn wish(&self, ask: &AskId) -> Wish {
        self.node().look().unwrap().ask(ask).unwrap().unwrap().wish
    }

    /// How an ask stands.
    pub fn state(&self, ask: &AskId) -> State {
        self.node().look().unwrap().ask(ask).unwrap().unwrap().state
    }

    /// One of the last asks, in whatever state.
    fn any_ask(&mut self) -> Option<AskId> {
        let last = self.asks.len().min(12);
        if last == 0 {
            return None;
        }
        let back = self.below(last) + 1;
        Some(self.asks[self.asks.len() - back])
    }

    /// One of the asks that wait, in the order in which they were made.
    pub fn waiting_ask(&mut self) -> Option<AskId> {
        let waiting: Vec<AskId> =
            self.node().look().unwrap().pending().unwrap().iter().map(|ask| ask.id).collect();
        if waiting.is_empty() {
            return None;
        }
        let n = self.below(waiting.len());
        Some(waiting[n])
    }
}
