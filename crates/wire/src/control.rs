//! The gates over the control socket: JSON requests and replies, for the command line and for
//! a second start of the app.

use crate::{Act, Answer, Answered, Done, Face, Fault, Gate, Notice, Query, View, from};
use node::{BoxFuture, ConnectError, Control, ControlClient, Node, Process, Pushed, Terminal};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Bytes that every request with a PIN, and every reply with a phrase, fits into.
const ROOM: usize = 16 << 10;

/// A request over the control socket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// A look.
    View(Query),
    /// An act.
    Act(Act),
    /// An answer.
    Answer(Answer),
}

/// What a request is answered with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// Of a look.
    View(Box<View>),
    /// Of an act.
    Done(Done),
    /// Of an answer.
    Answered(Answered),
    /// A refusal or a failure.
    Fault(Fault),
}

/// Lets this node answer its control socket.
pub fn serve_control(node: &Node) {
    node.serve_control(std::sync::Arc::new(Server(Gate::new(node.clone()))));
}

/// Answers a request on behalf of a face.
pub async fn respond(gate: &Gate, face: Face, request: Request) -> Response {
    let response = match request {
        Request::View(query) => {
            gate.view(face, query).await.map(|view| Response::View(Box::new(view)))
        }
        Request::Act(act) => gate.act(face, act).await.map(Response::Done),
        Request::Answer(answer) => gate.answer(face, answer).await.map(Response::Answered),
    };
    response.unwrap_or_else(Response::Fault)
}

type Reply = Zeroizing<Vec<u8>>;

struct Server(Gate);

impl Control for Server {
    fn answer<'a>(&'a self, who: Terminal, request: Zeroizing<Vec<u8>>) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let read = serde_json::from_slice::<Request>(&request);
            drop(request);
            let response = match read {
                Ok(request) => respond(&self.0, Face::Terminal(who), request).await,
                Err(e) => {
                    let hint = "this program and the running node differ: restart the older one";
                    Response::Fault(
                        node::Fault::invalid(format!("unknown request: {e}"), hint).into(),
                    )
                }
            };
            // As for a request: it may be a recovery phrase.
            let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
            if let Err(error) = serde_json::to_writer(&mut *bytes, &response) {
                tracing::error!(%error, "a reply could not be written");
                bytes.clear();
            }
            bytes
        })
    }

    fn notice(&self, notice: &node::Notice) -> Vec<u8> {
        let notice: Notice = from::notice(notice);
        serde_json::to_vec(&notice).unwrap_or_default()
    }
}

/// The gates of a node that runs in another process.
pub struct Client(ControlClient);

impl Client {
    /// Connects to the node of this folder; `None` when none runs.
    ///
    /// # Errors
    /// When something else is at the socket, or it cannot be used.
    pub async fn connect(home: &std::path::Path) -> Result<Option<Self>, Fault> {
        match ControlClient::connect(&node::socket_dir(home)).await {
            Ok(client) => Ok(Some(Self(client))),
            Err(ConnectError::NotRunning) => Ok(None),
            Err(e) => Err(node::Fault::not_now(e.to_string(), "").into()),
        }
    }

    /// The process at the other end, as the system tells.
    #[must_use]
    pub fn server(&self) -> Option<&Process> {
        self.0.server_process()
    }

    /// Sends a request and waits for what it is answered.
    ///
    /// # Errors
    /// The other side's refusal, or a broken connection.
    pub async fn request(&mut self, request: &Request) -> Result<Response, Fault> {
        // Roomy from the start: a buffer that grows leaves what it held, and that may be a PIN.
        let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *bytes, request)
            .map_err(|e| Fault::from(node::Fault::broken(e)))?;
        let answer = self.0.request(&bytes).await.map_err(gone)?;
        match serde_json::from_slice(&answer).map_err(|e| Fault::from(node::Fault::broken(e)))? {
            Response::Fault(fault) => Err(fault),
            response => Ok(response),
        }
    }

    /// Does something that grants nothing.
    ///
    /// # Errors
    /// See [`Client::request`].
    pub async fn act(&mut self, act: Act) -> Result<Done, Fault> {
        match self.request(&Request::Act(act)).await? {
            Response::Done(done) => Ok(done),
            _ => Err(node::Fault::broken("the node answered something else").into()),
        }
    }

    /// Listens to what the node tells by itself; takes up this connection.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn subscribe(self) -> Result<Subscription, Fault> {
        self.0.subscribe().await.map(Subscription).map_err(gone)
    }
}

/// What a node in another process tells by itself.
pub struct Subscription(node::PushedNotices);

impl Subscription {
    /// The next notice.
    ///
    /// # Errors
    /// When the node has stopped.
    pub async fn next(&mut self) -> Result<Notice, Fault> {
        match self.0.next().await.map_err(gone)? {
            Pushed::Sent(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or(Notice::Missed {})),
            Pushed::Missed(_) => Ok(Notice::Missed {}),
        }
    }
}

fn gone(error: node::ControlError) -> Fault {
    node::Fault::not_now(format!("the running node is gone: {error}"), "start it again").into()
}
