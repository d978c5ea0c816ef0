//! Agents: who is at the door, and what each may ask.
//!
//! An agent's identity is the key it got at pairing, never its name, pid or command. Nothing
//! an agent can send approves anything: the closest it comes is an ask.

mod frame;
mod hook;
mod reply;
mod say;
mod standing;
mod unasked;

pub(crate) use hook::Sessions;
pub(crate) use standing::Denials;
pub use standing::Rebuke;
pub use unasked::may_offer_unasked;

use crate::{
    Fault, Node, Notice, Terminal,
    event::Event,
    house::{House, lock},
};
use artifact::ArtifactId;
use consent::{Ask, AskId, Requester, Wish, words_of};
use door::{AgentCaller, AgentKey, AgentReply, AgentRequest, BoxFuture, ControlCaller, Inside};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
};
use store::OutcomeRow;
use tokio::sync::broadcast;
use zeroize::Zeroizing;

/// Agents that are connected now, by connection.
#[derive(Default)]
pub(crate) struct Guests(Mutex<BTreeMap<u64, [u8; 32]>>);

impl Guests {
    fn entered(&self, connection: u64, key: &[u8; 32]) {
        lock(&self.0).insert(connection, *key);
    }

    fn left(&self, connection: u64) {
        lock(&self.0).remove(&connection);
    }

    fn has(&self, key: &[u8; 32]) -> bool {
        lock(&self.0).values().any(|k| k == key)
    }
}

impl Node {
    /// Asks and recalls of an agent that its row does not count yet.
    #[must_use]
    pub fn agent_not_written(&self, key: &[u8; 32]) -> (u64, u64) {
        self.0.tally.not_written(key)
    }

    /// Whether an agent of this key is connected now.
    #[must_use]
    pub fn is_agent_connected(&self, key: &[u8; 32]) -> bool {
        self.0.guests.has(key)
    }

    /// Asks to let an agent of this name in, making its key where there is none yet.
    ///
    /// # Errors
    /// When the name cannot be used, its key cannot be kept, or it is paired already.
    pub async fn pair(&self, by: Requester, name: &str) -> Result<AskId, Fault> {
        let name: door::AgentName =
            name.parse().map_err(|e: door::AgentNameError| Fault::invalid(e.to_string(), ""))?;
        let home = self.0.home.clone();
        let wanted = name.clone();
        let made = tokio::task::spawn_blocking(move || {
            door::agent::load_or_make(&home, &wanted, || {
                let seed = crate::clock::random::<32>().map_err(std::io::Error::other)?;
                Ok(zeroize::Zeroizing::new(seed))
            })
        });
        let secret = made.await.map_err(Fault::broken)?;
        let secret = secret.map_err(Fault::from)?;
        let request =
            crate::Request::Pair { name: name.to_string(), key: *secret.public().as_bytes() };
        self.ask(by, request, String::new()).await
    }

    /// Shows an agent out. Its waiting asks are withdrawn.
    ///
    /// # Errors
    /// When no agent of this name is paired.
    pub async fn unpair(&self, name: &str) -> Result<(), Fault> {
        self.0.happen(|reply| Event::Unpair(name.to_owned(), reply)).await?;
        self.0.notify(Notice::Settings);
        Ok(())
    }
}

impl House {
    pub(crate) fn on_outcome(
        &self,
        id: &ArtifactId,
        agent: &[u8; 32],
        row: &OutcomeRow,
    ) -> Result<(), Fault> {
        self.store.change::<_, Fault>(|change| Ok(change.put_outcome(id, agent, row)?))
    }
}

/// The node as its door sees it.
pub(crate) struct Indoors {
    house: Weak<House>,
    told: broadcast::Sender<Vec<u8>>,
}

impl Indoors {
    /// Passes notices on to the control socket, as the wire crate writes them.
    pub(crate) fn new(house: &Arc<House>) -> Self {
        let told = broadcast::Sender::new(256);
        let (mut notices, weak, tell) = (house.notices(), Arc::downgrade(house), told.clone());
        let stop = house.stop.clone();
        house.tasks.spawn(async move {
            loop {
                let notice = tokio::select! {
                    () = stop.cancelled() => return,
                    notice = notices.recv() => notice,
                };
                let Some(house) = weak.upgrade() else { return };
                match notice {
                    Ok(notice) => {
                        let bytes = house.control().map(|c| c.notice(&notice));
                        // Nobody may have subscribed.
                        drop(bytes.map(|bytes| tell.send(bytes)));
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        Self { house: Arc::downgrade(house), told }
    }
}

impl Inside for Indoors {
    fn is_paired(&self, name: &str, key: &AgentKey) -> bool {
        let look = self.house.upgrade().and_then(|house| house.look().ok());
        let row = look.and_then(|look| look.agent(key.as_bytes()).ok().flatten());
        row.is_some_and(|row| row.name == name)
    }

    fn agent<'a>(&'a self, who: AgentCaller, request: AgentRequest) -> BoxFuture<'a, AgentReply> {
        Box::pin(async move {
            let Some(house) = self.house.upgrade() else {
                return AgentReply::refused("TraceNet is stopping. Call again when it runs.");
            };
            let key = *who.key.as_bytes();
            house.guests.entered(who.connection, &key);
            let paired = house.look().and_then(|look| Ok(look.agent(&key)?));
            let reply = match paired {
                Ok(Some(row)) if row.name == who.name.as_str() => {
                    reply::to(&house, &who, &row, request).await
                }
                // A hook asks for nothing, so it does not ask to be let in either.
                Ok(_) if matches!(request, AgentRequest::Hook { .. }) => Ok(hook::nothing()),
                Ok(_) => reply::to_unpaired(&house, &who).await,
                Err(fault) => Err(fault),
            };
            say::sealed(reply.unwrap_or_else(|fault| say::refused(&fault)))
        })
    }

    fn control<'a>(
        &'a self,
        who: ControlCaller,
        frame: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, Zeroizing<Vec<u8>>> {
        Box::pin(async move {
            let control = self.house.upgrade().and_then(|house| house.control());
            let Some(control) = control else { return Zeroizing::default() };
            // Where the system tells who calls, a caller that hides may be anybody.
            let hidden = cfg!(target_os = "linux") && who.process.is_none();
            let below_agent = who.below.is_some() || hidden;
            control.answer(Terminal { process: who.process, below_agent }, frame).await
        })
    }

    fn notices(&self) -> broadcast::Receiver<Vec<u8>> {
        self.told.subscribe()
    }

    fn gone(&self, connection: u64) {
        if let Some(house) = self.house.upgrade() {
            house.guests.left(connection);
            house.end_session(session(connection));
            house.notify(Notice::Settings);
        }
    }
}

/// An agent as a requester.
fn requester(who: &AgentCaller, paired: Option<u64>) -> Requester {
    Requester::Agent {
        name: who.name.to_string(),
        key: *who.key.as_bytes(),
        paired,
        session: session(who.connection),
        process: who.process.as_ref().map(crate::control::chain).unwrap_or_default(),
        verified: who.process.as_ref().is_some_and(door::Process::is_who_connected),
    }
}

/// The word for one connection of an agent. Connections are counted from the start of the node.
fn session(connection: u64) -> String {
    format!("{connection:04x}")
}

/// The four words of an ask, as its prompt shows them.
fn code(ask: &Ask) -> String {
    words_of(ask)
}

/// What an ask is about, if it exports anything.
fn artifact_of(wish: &Wish) -> Option<ArtifactId> {
    wish.object().map(|object| object.id)
}
