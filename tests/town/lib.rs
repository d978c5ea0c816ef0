//! A town: several real nodes on one machine, for tests of the whole system.
//!
//! Each house is a [`node::Node`] in a folder of its own that speaks over loopback only, with a
//! keychain in memory and one clock for the town that moves only by hand. Nothing sleeps:
//! [`Town::wait_for`] wakes when a node tells that something changed.
//!
//! [`Town::close`] holds the laws of consent over every journal, whatever a test was about.
//! [`puppet`] speaks the wire by hand, for what a real node would never say; [`child`] is a node
//! in a process that can be killed; [`agent`] is a client that speaks MCP; [`bus`] is where a real
//! keychain is met.

pub mod agent;
pub mod bus;
pub mod child;
pub mod clock;
pub mod disk;
pub mod effort;
pub mod folder;
pub mod laws;
pub mod left;
pub mod log;
pub mod puppet;

pub use agent::Agent;
pub use clock::HandClock;
pub use disk::Disk;
pub use left::Left;

use artifact::{ArtifactId, HumanKey};
use consent::{Answer, Ask, AskId, Entry, Requester, State, Way};
use keys::MemoryKeychain;
use node::{Config, Fault, Given, JobPhase, KeepKey, Node, Notice, Request, Settled, StartError};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::broadcast::error::RecvError, time::timeout};
use zeroize::Zeroizing;

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The PIN of every house that has one.
pub const PIN: &str = "maple orbit tin dune";

/// One node, whether it runs or not.
struct House {
    home: PathBuf,
    keychain: Arc<MemoryKeychain>,
    pin: bool,
    node: Option<Node>,
}

/// Several nodes with one clock.
pub struct Town {
    ground: tempfile::TempDir,
    /// What every house goes by.
    pub clock: Arc<HandClock>,
    houses: BTreeMap<String, House>,
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}

impl Town {
    /// An empty town.
    pub fn new() -> Self {
        let ground = tempfile::tempdir().unwrap();
        Self { ground, clock: Arc::new(HandClock::default()), houses: BTreeMap::new() }
    }

    /// A house whose key lies in the keychain without a PIN: its window grants at once.
    pub fn house(self, name: &str) -> Self {
        self.built(name, false)
    }

    /// A house with [`PIN`].
    pub fn house_with_pin(self, name: &str) -> Self {
        self.built(name, true)
    }

    fn built(mut self, name: &str, pin: bool) -> Self {
        self.add(name, pin);
        self
    }

    fn add(&mut self, name: &str, pin: bool) {
        let home = self.ground.path().join(name);
        let house = House { home, keychain: Arc::default(), pin, node: None };
        self.houses.insert(name.to_owned(), house);
    }

    /// One house more, without a PIN, which has neither keys nor a node yet.
    pub fn build(&mut self, name: &str) {
        self.add(name, false);
    }

    /// Makes every house's keys and starts it.
    pub async fn open(mut self) -> Self {
        let names: Vec<String> = self.houses.keys().cloned().collect();
        for name in names {
            self.start(&name).await;
            let keep = match self.at(&name).pin {
                true => KeepKey::Pin(Zeroizing::new(PIN.to_owned())),
                false => KeepKey::Keychain,
            };
            self.node(&name).init(keep, &name).await.unwrap();
        }
        self
    }

    /// Starts a house that does not run.
    pub async fn start(&mut self, name: &str) {
        self.start_as(name, Node::open).await;
    }

    /// Starts a house that does not run, in this way.
    pub async fn start_as(
        &mut self,
        name: &str,
        open: impl FnOnce(Config) -> Result<Node, StartError> + Send + 'static,
    ) {
        let config = self.config(name);
        let house = self.houses.get_mut(name).unwrap();
        assert!(house.node.is_none(), "{name} runs");
        let opened = tokio::task::spawn_blocking(move || open(config)).await.unwrap();
        let node = opened.unwrap_or_else(|e| panic!("{name} does not open: {e}"));
        wire::serve_control(&node);
        node.open_doors().unwrap();
        node.go_online().await.unwrap();
        house.node = Some(node);
    }

    /// How a house is opened.
    pub fn config(&self, name: &str) -> Config {
        let house = self.at(name);
        Config {
            home: house.home.clone(),
            keychain: Arc::<MemoryKeychain>::clone(&house.keychain),
            clock: Arc::<HandClock>::clone(&self.clock),
            loopback_only: true,
            window: true,
            model: None,
        }
    }

    /// Stops a house in order. Its folder is free when this returns.
    pub async fn stop(&mut self, name: &str) {
        let freed = self.node(name).freed();
        self.end(name).await;
        let held = timeout(PATIENCE, freed).await;
        held.unwrap_or_else(|_| panic!("something still holds the folder of {name}"));
    }

    async fn end(&mut self, name: &str) {
        let node = self.houses.get_mut(name).unwrap().node.take();
        timeout(PATIENCE, node.unwrap().stop()).await.unwrap();
    }

    /// Holds the laws of consent over every house that runs, and stops them all.
    pub async fn close(mut self) {
        let names: Vec<String> = self.houses.keys().cloned().collect();
        for name in &names {
            if self.at(name).node.is_some() {
                laws::hold(name, self.node(name)).await;
                self.end(name).await;
            }
        }
    }

    fn at(&self, name: &str) -> &House {
        self.houses.get(name).unwrap_or_else(|| panic!("there is no house {name}"))
    }

    /// A house's node, which runs.
    pub fn node(&self, name: &str) -> &Node {
        self.at(name).node.as_ref().unwrap_or_else(|| panic!("{name} does not run"))
    }

    /// A house's gates, as faces see them.
    pub fn gate(&self, name: &str) -> wire::Gate {
        wire::Gate::new(self.node(name).clone())
    }

    /// A house's data folder.
    pub fn home(&self, name: &str) -> &Path {
        &self.at(name).home
    }

    /// A house's keychain.
    pub fn keychain(&self, name: &str) -> &MemoryKeychain {
        &self.at(name).keychain
    }

    /// Whose house it is.
    pub fn human(&self, name: &str) -> HumanKey {
        self.node(name).me().unwrap().human
    }

    /// A folder for what a test needs beside the houses.
    pub fn ground(&self) -> &Path {
        self.ground.path()
    }
}

/// What people do.
impl Town {
    /// Waits until `ready` holds of a house; looks again whenever the house tells something.
    pub async fn wait_for(&self, house: &str, what: &str, mut ready: impl FnMut(&Node) -> bool) {
        let node = self.node(house);
        let mut notices = node.notices();
        let until_ready = async {
            while !ready(node) {
                if let Err(RecvError::Closed) = notices.recv().await {
                    panic!("{house} stopped before: {what}");
                }
            }
        };
        if timeout(PATIENCE, until_ready).await.is_err() {
            let journal = self.journal(house).into_iter();
            let told: Vec<String> = journal.map(|e| format!("{}: {:?}", e.seq, e.event)).collect();
            panic!("{house} never: {what}. Its journal:\n{}", told.join("\n"));
        }
    }

    /// Waits until a house has a crystal: its human opens it as soon as it is offered. For what
    /// comes without being asked for see [`Town::lets`].
    pub async fn wait_for_crystal(&self, house: &str, id: &ArtifactId) {
        let ready = |node: &Node| {
            open_offers(node);
            has(node, id)
        };
        self.wait_for(house, "has the crystal", ready).await;
    }

    /// Waits until a house knows of a crystal that it does not have.
    pub async fn wait_for_head(&self, house: &str, id: &ArtifactId) {
        let known = |node: &Node| node.look().unwrap().head(id).unwrap().is_some();
        self.wait_for(house, "knows of the crystal", known).await;
    }

    /// One house lets another: what it shares is fetched ahead from now on.
    pub async fn lets(&self, house: &str, other: &str) {
        let who = other.to_owned();
        let ask = self.ask(house, Request::Let { who }).await.unwrap();
        self.allow(house, ask).await;
    }

    /// Waits until two houses have a session.
    pub async fn wait_for_link(&self, one: &str, other: &str) {
        for (here, there) in [(one, other), (other, one)] {
            let human = self.human(there);
            let linked = |node: &Node| node.links().iter().any(|link| link.human == human);
            self.wait_for(here, &format!("is connected to {there}"), linked).await;
        }
    }

    /// Gives a ticket at one house, uses it at the other, both allowed.
    pub async fn introduce(&self, giver: &str, taker: &str) {
        let ticket = self.ticket(giver).await;
        let request = Request::Connect { ticket, name: giver.to_owned() };
        let ask = self.ask(taker, request).await.unwrap();
        self.allow(taker, ask).await;
        self.wait_for_link(giver, taker).await;
    }

    /// Asks for a ticket and allows it.
    pub async fn ticket(&self, house: &str) -> String {
        let ask = self.ask(house, Request::Ticket).await.unwrap();
        self.allow(house, ask).await.ticket.unwrap()
    }

    /// Imports a log and gives the crystal it became.
    pub async fn import(&self, house: &str, log: &Path) -> ArtifactId {
        import(self.node(house), log).await
    }

    /// Imports the built-in log number `n`.
    pub async fn import_small(&self, house: &str, n: u32) -> ArtifactId {
        let path = self.ground().join(format!("{house}-{n}.jsonl"));
        std::fs::write(&path, log::small(n)).unwrap();
        self.import(house, &path).await
    }

    /// Asks, from the main window.
    pub async fn ask(&self, house: &str, request: Request) -> Result<AskId, Fault> {
        let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
        self.node(house).ask(by, request, String::new()).await
    }

    /// Asks to share with people, by name, or with anyone when there are none.
    pub async fn share(&self, house: &str, id: &ArtifactId, to: &[&str]) -> AskId {
        let id = id.to_string();
        let request = if to.is_empty() {
            Request::SharePublic { id }
        } else {
            Request::SharePrivate { id, to: to.iter().map(|&name| name.to_owned()).collect() }
        };
        self.ask(house, request).await.unwrap()
    }

    /// Answers in the consent window, as it was shown, with the house's PIN.
    pub async fn answer(&self, house: &str, ask: AskId, answer: Answer) -> Result<Settled, Fault> {
        let node = self.node(house);
        let (prompt, _) = node.prompt(&ask)?;
        let pin = if self.at(house).pin { PIN } else { "" };
        let pin = Zeroizing::new(pin.to_owned());
        let way = Way::ConsentWindow;
        node.answer(Given::plain(ask, answer, way, prompt.code, pin)).await
    }

    /// Allows in the consent window.
    pub async fn allow(&self, house: &str, ask: AskId) -> Settled {
        let settled = self.answer(house, ask, Answer::Allow).await;
        let settled = settled.unwrap_or_else(|fault| panic!("{house} cannot allow: {fault}"));
        assert_eq!(settled.state, "allowed");
        settled
    }

    /// Denies in the consent window.
    pub async fn deny(&self, house: &str, ask: AskId) {
        assert_eq!(self.answer(house, ask, Answer::Deny).await.unwrap().state, "denied");
    }

    /// Lets an agent in: it calls once, and the human allows its pairing.
    pub async fn pair(&self, house: &str, name: &str) -> Agent {
        let mut agent = Agent::enter(self.home(house), name).await;
        let first = agent.call("peers", serde_json::json!({})).await;
        assert!(first.refused, "{first:?}");
        let ask = first.body["ask"].as_str().unwrap().parse().unwrap();
        self.allow(house, ask).await;
        agent
    }

    /// The asks that wait.
    pub fn pending(&self, house: &str) -> Vec<Ask> {
        self.node(house).look().unwrap().pending().unwrap()
    }

    /// How an ask stands.
    pub fn state(&self, house: &str, ask: &AskId) -> State {
        self.node(house).look().unwrap().ask(ask).unwrap().unwrap().state
    }

    /// The receipt an ask became.
    pub fn receipt(&self, house: &str, ask: &AskId) -> ArtifactId {
        match self.state(house, ask) {
            State::Allowed { receipt: Some(receipt), .. } => receipt,
            state => panic!("no receipt: {state:?}"),
        }
    }

    /// A crystal's bytes.
    pub fn bytes(&self, house: &str, id: &ArtifactId) -> Option<Vec<u8>> {
        self.node(house).look().unwrap().envelope(id).unwrap()
    }

    /// The whole journal.
    pub fn journal(&self, house: &str) -> Vec<Entry> {
        laws::journal(self.node(house))
    }

    /// Waits until a house has refused something from a peer for this reason, so often in all.
    pub async fn wait_for_refusal(&self, house: &str, why: &str, times: usize) {
        let what = format!("refuses for {why}");
        let refused = |node: &Node| {
            open_offers(node);
            laws::refusals(node, why) >= times
        };
        self.wait_for(house, &what, refused).await;
    }
}

/// Opens everything that is offered to a node, as its human does in the window.
fn open_offers(node: &Node) {
    let look = node.look().unwrap();
    for (id, row) in look.heads_page(None, 0, usize::MAX).unwrap().1 {
        if row.refused.is_empty() {
            let node = node.clone();
            // Its giver may be away: it is opened again when something changes.
            tokio::spawn(async move { drop(node.fetch(&id.to_string()).await) });
        }
    }
}

/// Whether a node has a crystal.
pub fn has(node: &Node, id: &ArtifactId) -> bool {
    node.look().unwrap().crystal(id).unwrap().is_some()
}

/// Imports a log and gives the crystal it became.
pub async fn import(node: &Node, log: &Path) -> ArtifactId {
    let mut notices = node.notices();
    let before = mine(node);
    let job = node.import(log).unwrap();
    let ended = async {
        loop {
            match notices.recv().await {
                Ok(Notice::Job(told)) if told.id == job => match told.phase {
                    JobPhase::Running => {}
                    JobPhase::Finished => return told,
                    phase => panic!("the import ended {phase:?}: {:?}", told.failures),
                },
                Err(RecvError::Closed) => panic!("the node stopped"),
                _ => {}
            }
        }
    };
    let told = timeout(PATIENCE, ended).await.unwrap();
    assert_eq!((told.traces, told.crystals), (1, 1), "{told:?}");
    let new: Vec<ArtifactId> = mine(node).into_iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(new.len(), 1);
    new[0]
}

fn mine(node: &Node) -> Vec<ArtifactId> {
    let mine = |_: &ArtifactId, row: &node::CrystalRow| row.origin == consent::Origin::Mine;
    node.look().unwrap().crystals(mine).unwrap().into_iter().map(|(id, _)| id).collect()
}
