//! What is allowed for longer than once, what is said about agents, and runs that go on.

use crate::{
    people::agent,
    world::{LINES, World},
};
use artifact::ArtifactId;
use consent::{Answer, AskId, Requester, Term, Way};
use node::{Given, Rebuke};
use town::log;
use zeroize::Zeroizing;

/// The most crystals a world comes to have.
const MOST_CRYSTALS: usize = 10;

impl World {
    /// The log of a run, as long as it is now, becomes a crystal: of one line with those before.
    pub async fn distil(&mut self, line: usize) -> ArtifactId {
        let path = self.ground().join(format!("run-{line}.jsonl"));
        let number = u32::try_from(line).unwrap();
        // A run goes on at most as often as there are crystals: always within its minute.
        let at = 4 * u32::try_from(self.crystals.len()).unwrap();
        let grown = match std::fs::read_to_string(&path) {
            Ok(before) => before + &log::more(number, "and do the same for the pier", at),
            Err(_) => log::small(number),
        };
        std::fs::write(&path, grown).unwrap();
        let id = town::import(self.node(), &path).await;
        self.crystals.push(id);
        id
    }

    /// A run goes on, and its log is read again.
    pub async fn run_goes_on(&mut self) {
        if self.crystals.len() == MOST_CRYSTALS {
            return;
        }
        let line = self.below(LINES);
        self.tell(format!("run {line} goes on as crystal {}", self.crystals.len()));
        self.distil(line).await;
        self.count("gone on");
    }

    /// For how long a yes to this is to hold: as the prompt offers, and mostly once.
    pub fn some_term(&mut self, ask: &AskId) -> Term {
        let terms = self.node().prompt(ask).unwrap().0.terms;
        match self.below(3) {
            0 if !terms.is_empty() => terms[self.below(terms.len())],
            _ => Term::Once,
        }
    }

    /// Ends one rule, or takes somebody out of it.
    pub async fn human_minds_a_rule(&mut self) {
        let rules = self.node().look().unwrap().rules().unwrap();
        if rules.is_empty() {
            return;
        }
        let (id, row) = &rules[self.below(rules.len())];
        let who = row.bounds.peers[self.below(row.bounds.peers.len())].to_string();
        let narrow = self.below(2) == 0;
        self.tell(format!(
            "the human {} rule {}",
            if narrow { "narrows" } else { "ends" },
            id.short()
        ));
        let id = id.to_string();
        if narrow {
            self.node().narrow_rule(&id, &who).await.unwrap();
        } else {
            self.node().end_rule(&id).await.unwrap();
        }
        self.read_on();
        let holds = self.books.rule_names(&id.parse().unwrap(), &who.parse().unwrap());
        assert!(!holds, "the rule goes on");
        self.count("minded");
    }

    /// An agent's connection ends, and it comes back on another.
    pub async fn agent_reconnects(&mut self) {
        let n = self.below(self.callers.len());
        self.tell(format!("agent {n} comes back"));
        let connection = self.callers[n].connection;
        self.agents().gone(connection);
        // It is told and not waited for: a tick comes behind it.
        self.node().tick().await.unwrap();
        // Numbers are not used again while a node runs.
        let number = self.callers.iter().map(|caller| caller.connection).max().unwrap() + 1;
        self.callers[n].connection = number;
        assert_eq!(self.callers[n].key, agent(u8::try_from(n).unwrap()).key);
    }

    /// The human says no, and wants to hear less of this agent for a while.
    pub async fn human_mutes(&mut self) {
        let Some(ask) = self.waiting_ask() else { return };
        let by = self.node().look().unwrap().ask(&ask).unwrap().unwrap().by;
        if !matches!(by, Requester::Agent { paired: Some(_), .. }) {
            return;
        }
        self.tell(format!("the human denies {ask} and mutes who asks"));
        let (way, pin) = (Way::MainWindow, Zeroizing::default());
        let plain = Given::plain(ask, Answer::Deny, way, String::new(), pin);
        let muted = self.node().answer(Given { rebuke: Some(Rebuke::Mute), ..plain }).await;
        assert_eq!(muted.unwrap().state, "denied");
        self.count("muted");
    }
}
