//! What happens at once: two to four of those around the node go for the same ask, crystal and
//! peer, and the node puts them into an order of its own.

use crate::world::{Flight, World};
use artifact::ArtifactId;
use consent::{Answer, AskId, Way, Wish};
use door::{AgentRequest, BoxFuture};
use node::{Given, Revoke};
use zeroize::Zeroizing;

/// What became of one of them.
enum Done {
    /// An ask was to be settled, and was, or not.
    Settled(bool),
    /// Something was to end. What was not served any more has ended before.
    Ended,
    /// A peer was shut out, where they are known.
    ShutOut(bool),
    /// A peer may have a crystal, under this receipt.
    Served(Option<ArtifactId>),
    /// A peer came and was told of these.
    Told(Vec<(ArtifactId, u64)>),
}

/// What they all go for.
struct Prize {
    ask: AskId,
    crystal: ArtifactId,
    peer: usize,
}

impl World {
    /// Some of them at once.
    pub async fn much_at_once(&mut self) {
        let Some(ask) = self.waiting_ask() else { return };
        let (crystal, peer) = (self.below(self.crystals.len()), self.below(self.people.len()));
        let prize = Prize { ask, crystal: self.crystals[crystal], peer };
        let mut doing: Vec<(&str, BoxFuture<'static, Done>)> = Vec::new();
        for _ in 0..2 + self.below(3) {
            let one = match self.below(7) {
                0 | 1 => ("allows", self.allowing(&prize)),
                2 => ("denies", self.denying(&prize)),
                3 => ("withdraws", self.withdrawing(&prize)),
                4 => ("revokes", self.revoking(&prize)),
                5 if self.is_known(peer) => ("shuts out", self.shutting_out(&prize)),
                _ => match self.getting_or_coming(&prize, &doing) {
                    Some(one) => one,
                    None => continue,
                },
            };
            doing.push(one);
        }
        let what: Vec<&str> = doing.iter().map(|(what, _)| *what).collect();
        self.tell(format!("at once, for {ask}, crystal {crystal} and peer {peer}: {what:?}"));
        let mut under_way = tokio::task::JoinSet::new();
        for (_, one) in doing {
            // Each begins a little later than it could.
            let later = self.below(4);
            under_way.spawn(async move {
                for _ in 0..later {
                    tokio::task::yield_now().await;
                }
                one.await
            });
        }
        let all = under_way.join_all().await;
        self.read_on();
        self.look_back(&prize, all);
        self.count("raced");
    }

    /// What the host would do of it, and what must be true now.
    fn look_back(&mut self, prize: &Prize, all: Vec<Done>) {
        let human = self.people[prize.peer].human();
        let settled = all.iter().filter(|done| matches!(done, Done::Settled(true))).count();
        assert!(settled <= 1, "{} was settled {settled} times", prize.ask);
        if settled == 1 {
            assert!(!self.state(&prize.ask).is_pending());
            self.count("settled in a race");
        }
        let mut shut_out = false;
        for done in all {
            match done {
                Done::Settled(_) | Done::Served(None) | Done::Ended => {}
                Done::ShutOut(now) => shut_out |= now,
                Done::Served(Some(receipt)) => {
                    let session = self.people[prize.peer].session.unwrap();
                    assert!(self.books.was_announced(&receipt, &human, session));
                    let artifact = prize.crystal;
                    self.flights.push(Flight { receipt, artifact, peer: prize.peer, session });
                    self.count("served");
                }
                Done::Told(offers) => {
                    for (receipt, seq) in offers {
                        assert!(self.books.was_told(&receipt, &human), "told and not written down");
                        // The host looks again before it says so.
                        if self.books.is_live(&receipt, &human) {
                            self.people[prize.peer].kept = self.people[prize.peer].kept.max(seq);
                        }
                    }
                }
            }
        }
        self.cut_what_ended();
        if shut_out {
            // Unless the ask was to let them back in, and came after it.
            let back = settled == 1 && matches!(self.wish(&prize.ask), Wish::Unblock { .. });
            assert!(self.books.is_shut_out(&human) || back);
            if self.people[prize.peer].session.take().is_some() {
                self.cut(prize.peer);
            }
            self.count("shut out");
        }
    }

    fn answering(&self, given: Given) -> BoxFuture<'static, Done> {
        let node = self.node().clone();
        Box::pin(async move { Done::Settled(node.answer(given).await.is_ok()) })
    }

    fn allowing(&self, prize: &Prize) -> BoxFuture<'static, Done> {
        let code = self.node().prompt(&prize.ask).unwrap().0.code;
        let (way, pin) = (Way::ConsentWindow, Zeroizing::default());
        self.answering(Given::plain(prize.ask, Answer::Allow, way, code, pin))
    }

    fn denying(&self, prize: &Prize) -> BoxFuture<'static, Done> {
        let (way, pin) = (Way::Tray, Zeroizing::default());
        self.answering(Given::plain(prize.ask, Answer::Deny, way, String::new(), pin))
    }

    fn withdrawing(&mut self, prize: &Prize) -> BoxFuture<'static, Done> {
        let agent = self.below(self.callers.len());
        let (agents, caller) = (self.agents(), self.callers[agent].clone());
        let request = AgentRequest::Withdraw { ask: prize.ask.to_string() };
        Box::pin(async move { Done::Settled(!agents.agent(caller, request).await.refused) })
    }

    fn revoking(&mut self, prize: &Prize) -> BoxFuture<'static, Done> {
        let what = match self.below(3) {
            0 => Revoke::All,
            1 => Revoke::Peer(self.people[prize.peer].human().to_string()),
            _ => Revoke::One(prize.crystal.to_string()),
        };
        let node = self.node().clone();
        Box::pin(async move {
            drop(node.revoke(what, "").await);
            Done::Ended
        })
    }

    fn shutting_out(&self, prize: &Prize) -> BoxFuture<'static, Done> {
        let (node, who) = (self.node().clone(), self.people[prize.peer].human().to_string());
        Box::pin(async move { Done::ShutOut(node.block(&who, "").await.is_ok()) })
    }

    /// The peer gets the crystal, or comes where it is not here: once.
    fn getting_or_coming(
        &mut self,
        prize: &Prize,
        doing: &[(&str, BoxFuture<'static, Done>)],
    ) -> Option<(&'static str, BoxFuture<'static, Done>)> {
        if doing.iter().any(|(what, _)| ["gets", "comes"].contains(what)) {
            return None;
        }
        let one = &self.people[prize.peer];
        let (party, card, kept, id) = (one.party, one.card.clone(), one.kept, prize.crystal);
        let peers = self.peers();
        if let Some(session) = one.session {
            let written: Vec<ArtifactId> = (self.books.receipts())
                .filter(|(receipt, _)| self.books.was_announced(receipt, &party.human, session))
                .map(|(receipt, _)| *receipt)
                .collect();
            let gets = async move {
                let Some(receipt) = peers.entitled(&party, &id) else { return Done::Served(None) };
                // As the gate does: once in a session for each receipt.
                let new = !written.contains(&receipt.id());
                if new && peers.serving(&receipt, party, session).await.is_err() {
                    return Done::Served(None);
                }
                Done::Served(Some(receipt.id()))
            };
            return Some(("gets", Box::pin(gets)));
        }
        let welcome = matches!(
            peers.standing(&party.transport),
            peer::Standing::Pinned { human, .. } if human == party.human
        );
        if !welcome {
            return None;
        }
        self.people[prize.peer].session = Some(self.new_session());
        let comes = async move {
            peers.ready(party, card).await;
            let offers = peers.offers(party, kept).await.unwrap_or_default();
            Done::Told(offers.iter().map(|offer| (offer.receipt.id(), offer.seq)).collect())
        };
        Some(("comes", Box::pin(comes)))
    }
}
