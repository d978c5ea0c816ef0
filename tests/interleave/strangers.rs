//! People come and are let in, or not: tickets, knocks, letting, blocks.

use crate::world::World;
use consent::{AskId, State, Wish};
use node::Request;
use peer::Standing;

impl World {
    /// A ticket is asked for and allowed, and somebody comes with it: new, or known.
    pub async fn somebody_new(&mut self) {
        let n = self.below(self.people.len());
        if self.books.is_shut_out(&self.people[n].human()) {
            return;
        }
        self.tell(format!("peer {n} comes with a ticket"));
        let Ok(ask) = self.human_asks(Request::Ticket).await else { return };
        self.asks.push(ask);
        self.allow(ask).await.unwrap();
        assert!(self.use_ticket(n).await);
        // Whoever is pinned is in the inbox no more, and nobody is asked about them.
        assert!(!self.waits_inside(n) && self.waiting_accepts(n).is_empty());
    }

    /// A peer is shut out, in the middle of whatever they do; or let back in, where they are.
    pub async fn somebody_is_shut_out(&mut self) {
        let n = self.below(self.people.len());
        let (human, endpoint) = (self.people[n].human(), self.people[n].party.transport);
        if self.books.is_shut_out(&human) {
            self.tell(format!("peer {n} is let back in"));
            let who = endpoint.to_string();
            let Ok(ask) = self.human_asks(Request::Unblock { who }).await else { return };
            self.asks.push(ask);
            self.allow(ask).await.unwrap();
            self.read_on();
            assert!(!self.books.is_shut_out(&human));
            return self.count("let back in");
        }
        if !self.is_known(n) {
            return;
        }
        self.tell(format!("peer {n} is shut out"));
        self.node().block(&human.to_string(), "").await.unwrap();
        self.read_on();
        assert!(self.books.is_shut_out(&human) && !self.waits_inside(n));
        assert!(self.waiting_accepts(n).is_empty(), "an ask about nobody in the inbox waits");
        // The host ends their session, and with it what was under way.
        if self.people[n].session.take().is_some() {
            self.cut(n);
        }
        self.count("shut out");
    }

    /// Somebody who is not pinned knocks, shut out or not.
    pub async fn somebody_knocks(&mut self) {
        let n = self.below(self.people.len());
        let (card, party) = (self.people[n].card.clone(), self.people[n].party);
        if matches!(self.peers().standing(&party.transport), Standing::Pinned { .. }) {
            return;
        }
        self.tell(format!("peer {n} knocks"));
        let waited = self.waits_inside(n);
        self.peers().knocked(card, party.transport).await;
        self.read_on();
        if self.books.is_shut_out(&party.human) {
            assert!(!waited && !self.waits_inside(n), "the shut out are noted nowhere");
            return self.count("knocked in vain");
        }
        assert!(self.waits_inside(n), "a knock is lost");
        self.count("knocked");
    }

    /// The human lets in who knocked, now or later.
    pub async fn somebody_is_accepted(&mut self) {
        let Some(n) = self.somebody_inside() else { return };
        self.tell(format!("peer {n} is to be accepted"));
        let (human, endpoint) = (self.people[n].human(), self.people[n].party.transport);
        let request = Request::Accept { who: endpoint.to_string(), name: String::new() };
        let Ok(ask) = self.human_asks(request).await else { return };
        self.asks.push(ask);
        let waiting = self.waiting_accepts(n);
        assert!(waiting.contains(&ask) && self.waits_inside(n), "an ask accepts nobody");
        if self.below(2) == 0 {
            return;
        }
        self.allow(ask).await.unwrap();
        let standing = self.peers().standing(&endpoint);
        assert!(matches!(standing, Standing::Pinned { human: found, .. } if found == human));
        assert!(!self.waits_inside(n));
        for other in waiting.iter().filter(|other| **other != ask) {
            assert!(matches!(self.state(other), State::Cancelled { .. }), "accepted twice");
        }
        self.count("accepted");
    }

    /// The human takes somebody out of the inbox.
    pub async fn somebody_is_dismissed(&mut self) {
        let Some(n) = self.somebody_inside() else { return };
        self.tell(format!("peer {n} is dismissed"));
        let endpoint = self.people[n].party.transport;
        self.node().dismiss(&endpoint.to_string()).await.unwrap();
        assert!(!self.waits_inside(n) && self.waiting_accepts(n).is_empty());
        assert!(matches!(self.peers().standing(&endpoint), Standing::Unknown));
        self.count("dismissed");
    }

    /// The human lets a peer, now or later.
    pub async fn somebody_is_let(&mut self) {
        let n = self.below(self.people.len());
        let human = self.people[n].human();
        let known = self.node().look().unwrap().peer(&human).unwrap().is_some();
        self.tell(format!("peer {n} is to be let"));
        let may = known && !self.books.is_let(&human) && !self.books.is_shut_out(&human);
        let Ok(ask) = self.human_asks(Request::Let { who: human.to_string() }).await else {
            return;
        };
        assert!(may, "asked to let who cannot be, or is");
        self.asks.push(ask);
        self.read_on();
        assert!(!self.books.is_let(&human), "an ask lets nobody");
        if self.below(2) == 0 {
            return;
        }
        self.allow(ask).await.unwrap();
        self.read_on();
        assert!(self.books.is_let(&human));
        self.count("let");
    }

    /// The human lets a peer no more.
    pub async fn somebody_is_let_no_more(&mut self) {
        let Some(human) = self.books.let_in().next().copied() else { return };
        self.tell(format!("{human} is let no more"));
        self.node().unlet(&human.to_string()).await.unwrap();
        self.read_on();
        assert!(!self.books.is_let(&human));
        self.count("let no more");
    }

    /// Whether this person can be shut out: they are pinned, or wait in the inbox.
    pub fn is_known(&self, n: usize) -> bool {
        let human = self.people[n].human();
        self.node().look().unwrap().peer(&human).unwrap().is_some() || self.waits_inside(n)
    }

    /// Whether a row of the inbox is this person's.
    fn waits_inside(&self, n: usize) -> bool {
        let party = self.people[n].party;
        let inbox = self.node().inbox().unwrap();
        inbox.iter().any(|row| row.endpoint == party.transport && row.human == party.human)
    }

    /// Somebody of the inbox.
    fn somebody_inside(&mut self) -> Option<usize> {
        let inside: Vec<usize> = (0..self.people.len()).filter(|n| self.waits_inside(*n)).collect();
        (!inside.is_empty()).then(|| inside[self.below(inside.len())])
    }

    /// The asks to accept this person that wait.
    fn waiting_accepts(&self, n: usize) -> Vec<AskId> {
        let at = self.people[n].party.transport;
        let pending = self.node().look().unwrap().pending().unwrap().into_iter();
        let of = |wish: &Wish| matches!(wish, Wish::Accept { endpoint, .. } if *endpoint == at);
        pending.filter(|ask| of(&ask.wish)).map(|ask| ask.id).collect()
    }
}
