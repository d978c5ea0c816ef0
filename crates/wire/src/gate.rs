//! The three gates, each one exhaustive match. Who calls is decided by the caller's own
//! place (the window's label, the socket), never by anything it says.

use crate::{Act, Done, Fault, Notice, Query, View, from, show};
use consent::AskId;
use node::{Node, Request};
use tokio::sync::broadcast;

mod agents;
mod answer;
mod face;
mod key;
mod mark;
mod strangers;

pub use face::Face;
use face::check_owner;

/// The gates of one node. Clones are the same gates.
#[derive(Clone)]
pub struct Gate {
    node: Node,
}

impl Gate {
    /// The gates of this node.
    #[must_use]
    pub const fn new(node: Node) -> Self {
        Self { node }
    }

    /// What the node tells by itself from now on.
    #[must_use]
    pub fn notices(&self) -> Notices {
        Notices(self.node.notices())
    }

    /// Looks at something.
    ///
    /// # Errors
    /// When there is no such thing, or the store cannot be read.
    #[expect(clippy::too_many_lines, reason = "one exhaustive match: every query there is")]
    pub async fn view(&self, face: Face, query: Query) -> Result<View, Fault> {
        let node = &self.node;
        Ok(match query {
            Query::Status {} => View::Status(show::status::status(node).await?),
            Query::Unlock {} => View::Unlock(show::key::unlock(node)?),
            Query::Asks {} => View::Asks(show::asks::asks(node)?),
            Query::Ask { ask } => {
                let mut view = show::asks::ask(node, &self.ask_id(&ask)?)?;
                // A ticket lets somebody in: it is for the human who allowed it.
                if face.is_below_agent() {
                    view.ticket.clear();
                }
                View::Ask(view)
            }
            Query::Prompt { ask } => {
                let id = self.ask_id(&ask)?;
                let prompt = show::asks::prompt(node, &id).await?;
                if matches!(face, Face::ConsentWindow | Face::Terminal(_))
                    && prompt.state == "pending"
                {
                    node.shown(id, face.way()).await?;
                }
                View::Prompt(prompt.into())
            }
            Query::Mark {} => View::Mark(self.mark(&face).await?),
            Query::Memory { text, origin, outcome, offset, limit, at_once } => {
                let page = show::memory::Page { text, origin, outcome, offset, limit, at_once };
                View::Memory(self.aside(move |node| show::memory::page(node, &page)).await?)
            }
            Query::Recall { text, cwd, limit } => {
                View::Recall(show::recall::recall(node, text, &cwd, limit).await?)
            }
            Query::Why { file, lines, at } => {
                let why = move |node: &Node| show::past::why(node, &file, &lines, at);
                View::Why(self.aside(why).await?)
            }
            Query::Saved {} => View::Saved(self.aside(show::past::saved).await?),
            Query::Recurring {} => View::Recurring(self.aside(show::past::recurring).await?),
            Query::Worth {} => View::Worth(self.aside(show::worth::worth).await?),
            Query::Autopsy { after } => {
                if face.is_below_agent() {
                    return Err(from::secrets_below_agent());
                }
                let autopsy = move |node: &Node| show::autopsy::autopsy(node, &after);
                View::Autopsy(self.aside(autopsy).await?)
            }
            Query::Related { id, steps, limit } => {
                let look = move |node: &Node| show::related::related(node, &id, steps, limit);
                View::Related(self.aside(look).await?)
            }
            Query::Crystal { id } => View::Crystal(Box::new(show::memory::crystal(node, &id)?)),
            Query::Trace { id, offset, limit } => {
                let trace = move |node: &Node| show::memory::trace(node, &id, offset, limit);
                View::Trace(self.aside(trace).await?)
            }
            Query::Evidence { id } => {
                View::Evidence(self.aside(move |node| show::evidence::evidence(node, &id)).await?)
            }
            Query::Export { id, form } => View::Export(
                self.aside(move |node| show::evidence::export(node, &id, &form)).await?,
            ),
            Query::Peers {} => View::Peers(show::peers::peers(node)?),
            Query::Network {} => View::Network(show::network::network(node)?),
            Query::Balances {} => View::Balances(self.aside(show::books::balances).await?),
            Query::Deliveries { peer, direction, signed, offset, limit } => {
                let look = move |node: &Node| {
                    show::books::deliveries(node, &peer, &direction, &signed, (offset, limit))
                };
                View::Deliveries(self.aside(look).await?)
            }
            Query::Proofs { peer, offset, limit } => {
                let look = move |node: &Node| show::books::proofs(node, &peer, (offset, limit));
                View::Proofs(self.aside(look).await?)
            }
            Query::Inbox {} => View::Inbox(show::strangers::inbox(node)?),
            Query::Blocked {} => View::Blocked(show::strangers::blocked(node)?),
            Query::Receipts { artifact, peer, offset, limit } => {
                let wanted = show::shared::Wanted { artifact, peer, offset, limit };
                View::Receipts(self.aside(move |node| show::shared::receipts(node, &wanted)).await?)
            }
            Query::WouldRevoke { what } => {
                let would = move |node: &Node| show::shared::would_revoke(node, from::revoke(what));
                View::WouldRevoke(self.aside(would).await?)
            }
            Query::Ahead {} => View::Ahead(show::shared::ahead(node)?),
            Query::Offered { peer, offset, limit } => {
                let page = move |node: &Node| show::shared::offered(node, &peer, offset, limit);
                View::Offered(self.aside(page).await?)
            }
            Query::Journal { before, limit, event } => {
                View::Journal(show::journal::page(node, before, limit, &event)?)
            }
            Query::Left { text, offset, limit } => {
                let left = move |node: &Node| show::left::left(node, &text, offset, limit);
                View::Left(self.aside(left).await?)
            }
            Query::Entries { after } => {
                if face.is_below_agent() {
                    return Err(from::journal_below_agent());
                }
                View::Entries(self.aside(move |node| show::journal::entries(node, after)).await?)
            }
            Query::Verify {} => View::Verify(show::journal::verify(node).await?),
            Query::Settings {} => View::Settings(show::agents::settings(node).await?),
            Query::Policies {} => View::Policies(show::policy::policies(node)?),
            Query::WouldAccept { policy } => {
                let would = move |node: &Node| show::policy::would_accept(node, &policy);
                View::WouldAccept(Box::new(self.aside(would).await?))
            }
            Query::Doctor {} => View::Doctor(show::doctor::doctor(node).await?),
            Query::Found {} => View::Found(show::clients::found(node).await?),
            Query::Clients {} => View::Clients(show::clients::clients(node).await?),
            Query::Storage {} => View::Storage(show::storage::storage(node).await?),
            Query::Purge { ids } => {
                View::Purge(self.aside(move |node| show::storage::would_purge(node, &ids)).await?)
            }
            Query::Retain { days, bytes } => {
                let (node, kept) = (node.clone(), show::storage::retention(days, bytes));
                View::Purge(blocking(move || show::storage::would_retain(&node, kept)).await?)
            }
        })
    }

    /// Looks where it may block.
    async fn aside<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Node) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let node = self.node.clone();
        blocking(move || look(&node)).await
    }

    /// Does something that grants nothing.
    ///
    /// # Errors
    /// When it makes no sense, is not allowed, or cannot happen now.
    #[expect(clippy::too_many_lines, reason = "one exhaustive match: every act there is")]
    pub async fn act(&self, face: Face, act: Act) -> Result<Done, Fault> {
        let node = &self.node;
        match act {
            Act::SetMark { phrase, colour } => self.set_mark(&face, phrase, colour).await?,
            Act::Import { path } => {
                let node = node.clone();
                let job = blocking(move || Ok(node.import(std::path::Path::new(&path))?)).await?;
                return Ok(Done::Started { job });
            }
            Act::Watch { path } => {
                let node = node.clone();
                let watch = move || {
                    let path = Some(path).filter(|path| !path.is_empty());
                    Ok(node.watch(path.as_ref().map(std::path::Path::new))?)
                };
                return Ok(Done::Started { job: blocking(watch).await? });
            }
            Act::Follow { on } => {
                face.may_take_away()?;
                node.follow(on).await?;
            }
            Act::PickImport { .. } => {
                let what = "only the app's window can pick a file";
                return Err(node::Fault::refused(what, "name the path instead").into());
            }
            Act::ExportJournal {} => {
                let what = "only the app's window can pick a file";
                return Err(node::Fault::refused(what, "`tracenet log export` names one").into());
            }
            Act::CancelImport { job } => node.cancel_import(job),
            Act::Share { .. } if face.is_below_agent() => return Err(from::share_below_agent()),
            Act::Share { id, to, public, reason } => {
                let request = match (public, to.is_empty()) {
                    (true, true) => Request::SharePublic { id },
                    (false, false) => Request::SharePrivate { id, to },
                    _ => {
                        let hint = "name people, or public, and not both";
                        return Err(node::Fault::invalid("share with whom?", hint).into());
                    }
                };
                return self.asked(&face, request, reason).await;
            }
            Act::Withhold { id, from } => {
                face.may_take_away()?;
                node.withhold(&id, &from).await?;
            }
            Act::Ticket {} => return self.asked(&face, Request::Ticket, String::new()).await,
            Act::HiddenTicket {} => {
                return self.asked(&face, Request::HiddenTicket, String::new()).await;
            }
            Act::Anywhere { on, relay } => {
                let relay = Some(relay).filter(|relay| !relay.is_empty());
                return self.switch(&face, node::Switch::Anywhere { on, relay }).await;
            }
            Act::Nearby { on } => return self.switch(&face, node::Switch::Nearby { on }).await,
            Act::HidePeer { peer, on: false } => {
                return self.asked(&face, Request::Unhide { peer }, String::new()).await;
            }
            Act::HidePeer { peer, on: true } => {
                face.may_take_away()?;
                node.hide(&peer).await?;
            }
            Act::Connect { ticket, name } => {
                let request = Request::Connect { ticket, name };
                return self.asked(&face, request, String::new()).await;
            }
            Act::Accept { who, name } => {
                return self.asked(&face, Request::Accept { who, name }, String::new()).await;
            }
            Act::Unblock { who } => {
                return self.asked(&face, Request::Unblock { who }, String::new()).await;
            }
            Act::Let { who } => {
                return self.asked(&face, Request::Let { who }, String::new()).await;
            }
            Act::Dismiss { .. } | Act::DismissAll {} | Act::Block { .. } | Act::Unlet { .. } => {
                return self.part(&face, act).await;
            }
            Act::Pair { name } => {
                let ask = node.pair(face.requester(), &name).await?;
                return self.done_asked(ask);
            }
            Act::Unpair { .. }
            | Act::Deny { .. }
            | Act::DenyAll {}
            | Act::EndRule { .. }
            | Act::NarrowRule { .. }
            | Act::AlteredSeen {}
            | Act::Unmute { .. }
            | Act::BlockAgent { .. }
            | Act::UnblockAgent { .. } => return self.agents(&face, act).await,
            Act::Review { ask } => node.notify(node::Notice::Review(self.ask_id(&ask)?)),
            Act::Revoke { what, reason } => {
                if face.is_below_agent() {
                    return Err(from::below_agent());
                }
                let ended = node.revoke(from::revoke(what), &reason).await?;
                return Ok(from::revoked(&ended));
            }
            Act::AskSignature {} => {
                return self.asked(&face, Request::SignRevocations, String::new()).await;
            }
            Act::SignRevocations { pin } => {
                let pin = pin.into_inner();
                if !face.way().may_grant() {
                    let what = "the key is unlocked in the consent window or a terminal only";
                    let hint = "it is signed the next time you allow something";
                    return Err(node::Fault::refused(what, hint).into());
                }
                if face.is_below_agent() {
                    return Err(from::below_agent());
                }
                let count = node.sign_revocations(pin, face.way()).await?;
                return Ok(Done::Signed { count: u32::try_from(count).unwrap_or(u32::MAX) });
            }
            Act::Init { .. }
            | Act::Restore { .. }
            | Act::Lock {}
            | Act::ChangePin { .. }
            | Act::PinAlways { .. }
            | Act::Rotate { .. }
            | Act::ShowPhrase { .. }
            | Act::VerifyPhrase { .. } => {
                return self.key(&face, act).await;
            }
            Act::Fetch { id } => drop(node.fetch(&id).await?),
            Act::FetchAhead { per_peer, total } => {
                if face.is_below_agent() {
                    return Err(from::below_agent());
                }
                node.fetch_ahead(per_peer, total).await?;
            }
            Act::Rename { peer, name } => {
                // Names say where a share goes: only the human's own window gives them.
                if !matches!(face, Face::MainWindow) {
                    let what = "a peer is renamed in the app's window only";
                    return Err(node::Fault::refused(what, "").into());
                }
                node.rename(&peer, &name).await?;
            }
            Act::ConnectClient { client, seen: server, hooks } => {
                face.may_set_up()?;
                let done = node.connect_client(&client, node::Shown { server, hooks }).await?;
                return Ok(Done::Connected(Box::new(show::clients::connected(done))));
            }
            Act::UndoClient { client, seen: server, hooks } => {
                face.may_set_up()?;
                let done = node.undo_client(&client, node::Shown { server, hooks }).await?;
                return Ok(Done::Undone(show::clients::undone(done)));
            }
            Act::Judge { id, outcome } => {
                face.may_take_away()?;
                node.judge(&id, from::outcome(&outcome)?).await?;
            }
            Act::Forget { id } => {
                check_owner(&face)?;
                return Ok(Done::Freed { bytes: node.forget(&id).await? });
            }
            Act::Purge { ids } => {
                check_owner(&face)?;
                return Ok(Done::Freed { bytes: node.purge(ids).await? });
            }
            Act::Retain { days, bytes } => {
                check_owner(&face)?;
                node.retain(show::storage::retention(days, bytes)).await?;
            }
            Act::AcceptPolicy { policy } => {
                let request = Request::AcceptPolicy { envelope: from::bytes(&policy)? };
                return self.asked(&face, request, String::new()).await;
            }
            Act::DropPolicy { who } => {
                let who = Some(who).filter(|who| !who.trim().is_empty());
                return self.asked(&face, Request::DropPolicy { who }, String::new()).await;
            }
            Act::Resume {} => {
                return self.asked(&face, Request::Resume, String::new()).await;
            }
            Act::Raise {} => {
                if !node.has_window() {
                    let hint = "stop `tracenet node` first, or go on using the command line";
                    return Err(node::Fault::not_now("the running node has no window", hint).into());
                }
                node.notify(node::Notice::Raise);
            }
        }
        Ok(Done::Nothing {})
    }

    /// Switching on is asked for; switching off is done.
    async fn switch(&self, face: &Face, switch: node::Switch) -> Result<Done, Fault> {
        if switch.is_on() {
            return self.asked(face, Request::Reach(switch), String::new()).await;
        }
        face.may_take_away()?;
        self.node.switch_off(&switch).await?;
        Ok(Done::Nothing {})
    }

    async fn asked(&self, face: &Face, request: Request, reason: String) -> Result<Done, Fault> {
        let ask = self.node.ask(face.requester(), request, reason).await?;
        self.done_asked(ask)
    }

    fn done_asked(&self, ask: AskId) -> Result<Done, Fault> {
        let (prompt, _) = self.node.prompt(&ask)?;
        Ok(Done::Asked { ask: ask.to_string(), code: prompt.code })
    }

    fn ask_id(&self, text: &str) -> Result<AskId, Fault> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let look = self.node.look()?;
        let named = look.ask_named(text).map_err(node::Fault::from)?;
        Ok(named.map_err(node::Fault::from)?)
    }
}

/// Runs what blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Fault::from(node::Fault::broken(e)))?
}

/// The node's notices, as faces read them.
pub struct Notices(broadcast::Receiver<node::Notice>);

impl Notices {
    /// The next notice; `None` when the node has stopped. What was missed while nobody read is
    /// made up for by telling the face to look at everything again.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(notice) => Some(from::notice(&notice)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Notice::Missed {}),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
