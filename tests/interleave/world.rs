//! One world: a node, those around it, and what the journal says of them.

use crate::people::{Peer, agent};
use artifact::ArtifactId;
use consent::{AskId, Requester, Term, Way};
use door::{AgentCaller, AgentReply, AgentRequest};
use keys::MemoryKeychain;
use node::{Config, Fault, Given, KeepKey, Node, Request, Settled};
use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::Arc,
};
use store::Store;
use town::{
    HandClock,
    disk::{Disk, Left, next},
    laws::Books,
};
use zeroize::Zeroizing;

/// Bytes that leave under a receipt: from the first to the last of one transfer.
pub struct Flight {
    pub receipt: ArtifactId,
    pub artifact: ArtifactId,
    pub peer: usize,
    pub session: u64,
}

/// What runs while the node does.
struct Running {
    node: Node,
    peers: Arc<dyn peer::Inside>,
    agents: Arc<dyn door::Inside>,
}

/// The world.
pub struct World {
    seed: u64,
    dice: u64,
    step: u64,
    ground: tempfile::TempDir,
    keychain: Arc<MemoryKeychain>,
    running: Option<Running>,
    sessions: u64,
    counts: BTreeMap<&'static str, u64>,
    /// Whether anything was done in this step.
    happened: bool,
    /// The last steps, for whoever reads of a failure.
    trail: VecDeque<String>,
    pub disk: Disk,
    pub clock: Arc<HandClock>,
    pub books: Books,
    pub people: Vec<Peer>,
    pub callers: Vec<AgentCaller>,
    pub crystals: Vec<ArtifactId>,
    /// Every ask, in the order in which they were made.
    pub asks: Vec<AskId>,
    pub flights: Vec<Flight>,
    /// Bytes that left, by receipt, peer and session.
    pub sent: BTreeMap<(ArtifactId, usize, u64), u64>,
}

/// How many peers are known from the start; the others may come.
const PINNED: usize = 3;

/// How many runs of agents the node knows. They go on, and each is a line of crystals.
pub const LINES: usize = 3;

/// How many crystals agents wrote themselves.
const NOTES: usize = 3;

impl World {
    /// A node with three peers, two paired agents and some crystals.
    pub async fn begin(seed: u64) -> Self {
        let ground = in_memory();
        let (clock, keychain) = (Arc::<HandClock>::default(), Arc::<MemoryKeychain>::default());
        let disk = Disk::default();
        let running = run(&ground, &clock, &keychain, &disk).await;
        running.node.init(KeepKey::Keychain, "north").await.unwrap();
        let me = running.node.me().unwrap().human;
        let mut world = Self {
            seed,
            dice: seed,
            step: 0,
            ground,
            keychain,
            running: Some(running),
            sessions: 0,
            counts: BTreeMap::new(),
            happened: false,
            trail: VecDeque::new(),
            disk,
            clock,
            books: Books::new("north", me),
            people: [10, 20, 30, 40, 50, 60].map(Peer::new).into(),
            callers: [0, 1].map(agent).into(),
            crystals: Vec::new(),
            asks: Vec::new(),
            flights: Vec::new(),
            sent: BTreeMap::new(),
        };
        for n in 0..PINNED {
            let ask = world.human_asks(Request::Ticket).await.unwrap();
            world.allow(ask).await.unwrap();
            assert!(world.use_ticket(n).await);
        }
        for n in 0..world.callers.len() {
            world.agent_asks(n, AgentRequest::Peers {}).await;
            let ask = world.node().look().unwrap().pending().unwrap()[0].id;
            world.allow(ask).await.unwrap();
        }
        for line in 0..LINES {
            world.distil(line).await;
        }
        for n in 0..NOTES {
            let text = format!("The lighthouse number {n} is dark\nits lamp was never lit");
            let (id, _) = world.node().remember(text, "agent-0".to_owned()).await.unwrap();
            world.crystals.push(id);
        }
        world.check();
        world
    }

    /// The node, which runs.
    pub fn node(&self) -> &Node {
        &self.running().node
    }

    /// The node as peers reach it.
    pub fn peers(&self) -> Arc<dyn peer::Inside> {
        Arc::clone(&self.running().peers)
    }

    /// The node as agents reach it.
    pub fn agents(&self) -> Arc<dyn door::Inside> {
        Arc::clone(&self.running().agents)
    }

    /// Where the logs of runs lie.
    pub fn ground(&self) -> &Path {
        self.ground.path()
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(next(&mut self.dice) % n as u64).unwrap()
    }

    /// A number for a session that no other has.
    pub fn new_session(&mut self) -> u64 {
        self.sessions += 1;
        self.sessions
    }

    /// Counts that something happened.
    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Remembers what is about to be done.
    pub fn tell(&mut self, what: String) {
        self.happened = true;
        if self.trail.len() == 40 {
            self.trail.pop_front();
        }
        self.trail.push_back(format!("{}: {what}", self.step));
    }

    /// One turn, and the laws after it.
    pub async fn step(&mut self) {
        self.step += 1;
        self.clock.pass(1);
        // A turn for which there is no occasion is no step.
        while !std::mem::take(&mut self.happened) {
            self.turn().await;
        }
        self.check();
        if self.step.is_multiple_of(16) {
            self.books.agree_with_the_store(self.node());
        }
    }

    /// The laws: over what is new in the journal, and that the gate opens for whom it says.
    pub fn check(&mut self) {
        let Some(running) = &self.running else { return };
        self.books.follow(&running.node);
        for peer in &self.people {
            for id in &self.crystals {
                let covered = self.books.covers(id, &peer.human());
                let open = running.peers.entitled(&peer.party, id).is_some();
                assert_eq!(open, covered, "the gate for {} to {id}", peer.human());
            }
        }
    }

    /// Reads what is new in the journal.
    pub fn read_on(&mut self) {
        if let Some(running) = &self.running {
            self.books.follow(&running.node);
        }
    }

    /// The last check of all, from the beginning.
    pub async fn end(mut self) -> BTreeMap<&'static str, u64> {
        self.restart(None).await;
        town::laws::hold("north", self.node()).await;
        let running = self.running.take().unwrap();
        running.node.stop().await;
        std::mem::take(&mut self.counts)
    }

    /// Stops the node and starts it again: in order, or killed with what `left` says.
    pub async fn restart(&mut self, left: Option<Left>) {
        // Whoever waits for the disk of a dead machine waits no more.
        let disk = left.map(|left| self.disk.after(left));
        let Running { node, .. } = self.running.take().unwrap();
        node.stop().await;
        if let Some(disk) = disk {
            self.disk = disk;
        }
        self.flights.clear();
        self.people.iter_mut().for_each(|peer| peer.session = None);
        self.running = Some(run(&self.ground, &self.clock, &self.keychain, &self.disk).await);
        self.books.still_stand(self.node());
        self.check();
        self.books.agree_with_the_store(self.node());
        self.books.agree_with_deliveries(self.node());
        for ((receipt, peer, session), bytes) in std::mem::take(&mut self.sent) {
            let written = self.books.sent(&receipt, &self.people[peer].human(), session);
            assert!(written <= bytes, "more was written down than left");
            // What was only counted goes with a process that is killed.
            assert!(written == bytes || left.is_some(), "{written} of {bytes} were written down");
        }
        let verdict = self.node().verify_journal().await.unwrap();
        assert!(verdict.is_ok(), "{verdict:?}");
    }
}

/// What people and agents do.
impl World {
    /// Asks in the main window.
    pub async fn human_asks(&mut self, request: Request) -> Result<AskId, Fault> {
        let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
        self.node().ask(by, request, String::new()).await
    }

    /// Says something at the agents' door.
    pub async fn agent_asks(&mut self, n: usize, request: AgentRequest) -> AgentReply {
        self.agents().agent(self.callers[n].clone(), request).await
    }

    /// Allows in the consent window what is shown there.
    pub async fn allow(&mut self, ask: AskId) -> Result<Settled, Fault> {
        self.allow_for(ask, Term::Once).await
    }

    /// The same, for a while.
    pub async fn allow_for(&mut self, ask: AskId, term: Term) -> Result<Settled, Fault> {
        let (prompt, _) = self.node().prompt(&ask)?;
        let (way, pin) = (Way::ConsentWindow, Zeroizing::default());
        let plain = Given::plain(ask, consent::Answer::Allow, way, prompt.code, pin);
        self.node().answer(Given { term, ..plain }).await
    }

    /// Answers.
    pub async fn answer(
        &mut self,
        ask: AskId,
        answer: consent::Answer,
        way: Way,
        code: String,
    ) -> Result<Settled, Fault> {
        let pin = Zeroizing::new(String::new());
        self.node().answer(Given::plain(ask, answer, way, code, pin)).await
    }

    /// A peer comes with a ticket that is still good, if there is one.
    pub async fn use_ticket(&mut self, n: usize) -> bool {
        let Some(invite) = self.peers().invites().into_iter().next() else { return false };
        let card = self.people[n].card.clone();
        let pinned = self.peers().pin(card.clone(), Some(invite.id), None).await;
        pinned.unwrap();
        // It works once.
        let again = self.peers().pin(card, Some(invite.id), None).await;
        assert_eq!(again, Err(peer::PinError::Spent));
        true
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let trail: Vec<&str> = self.trail.iter().map(String::as_str).collect();
            eprintln!(
                "TRACENET_SEED={} TRACENET_STEPS={} shows this again. The last steps:\n{}",
                self.seed,
                self.step,
                trail.join("\n")
            );
        }
    }
}

/// A folder for what is not on the [`Disk`], in memory where the system offers that: nothing
/// here is asked to survive the machine, and waiting for a real disk shows nothing.
fn in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

async fn run(
    ground: &tempfile::TempDir,
    clock: &Arc<HandClock>,
    keychain: &Arc<MemoryKeychain>,
    disk: &Disk,
) -> Running {
    let config = Config {
        home: ground.path().to_owned(),
        keychain: Arc::<MemoryKeychain>::clone(keychain),
        clock: Arc::<HandClock>::clone(clock),
        loopback_only: true,
        window: true,
        model: None,
    };
    let disk = disk.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let store = Store::open_on(&config.home, disk).unwrap();
        Node::open_with(config, store).unwrap()
    });
    let node = opened.await.unwrap();
    node.go_online().await.unwrap();
    let (peers, agents) = (node.toward_peers(), node.toward_agents());
    Running { node, peers, agents }
}
