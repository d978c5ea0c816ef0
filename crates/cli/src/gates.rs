//! The three gates, wherever the node is: in another process, or, when none runs, here.

use crate::Call;
use node::{Config, Node, StartError, Terminal};
use wire::{
    Act, Answer, Answered, Done, Face, Fault, Gate, Notice, Query, View,
    control::{self, Client, Request, Response},
};

/// A way to the node.
pub(crate) enum Gates {
    /// It runs in another process.
    Remote(Box<Client>),
    /// No node runs: this process has the folder until the command is done.
    Local(Node, Gate),
}

impl Gates {
    /// Finds the running node, or takes the folder.
    pub(crate) async fn open(call: &Call) -> Result<Self, Fault> {
        if let Some(client) = Client::connect(&call.home).await? {
            return Ok(Self::Remote(Box::new(client)));
        }
        let config = Config::new(call.home.clone());
        let opened = tokio::task::spawn_blocking(move || Node::open(config)).await;
        let node = opened.map_err(|e| Fault::from(node::Fault::broken(e)))?.map_err(start_fault)?;
        let gate = Gate::new(node.clone());
        Ok(Self::Local(node, gate))
    }

    /// Lets go of the folder, if this process has it.
    pub(crate) async fn close(self) {
        if let Self::Local(node, _) = self {
            node.stop().await;
        }
    }

    async fn request(&mut self, request: Request) -> Result<Response, Fault> {
        match self {
            Self::Remote(client) => client.request(&request).await,
            Self::Local(_, gate) => {
                let terminal = Terminal { process: None, below_agent: false };
                match control::respond(gate, Face::Terminal(terminal), request).await {
                    Response::Fault(fault) => Err(fault),
                    response => Ok(response),
                }
            }
        }
    }

    /// Looks at something.
    pub(crate) async fn view(&mut self, query: Query) -> Result<View, Fault> {
        match self.request(Request::View(query)).await? {
            Response::View(view) => Ok(*view),
            _ => Err(unexpected()),
        }
    }

    /// Does something that grants nothing.
    pub(crate) async fn act(&mut self, act: Act) -> Result<Done, Fault> {
        match self.request(Request::Act(act)).await? {
            Response::Done(done) => Ok(done),
            _ => Err(unexpected()),
        }
    }

    /// Answers an ask.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<Answered, Fault> {
        match self.request(Request::Answer(answer)).await? {
            Response::Answered(answered) => Ok(answered),
            _ => Err(unexpected()),
        }
    }

    /// What the node tells by itself, from now on.
    pub(crate) async fn notices(&self, call: &Call) -> Result<Notices, Fault> {
        match self {
            Self::Local(_, gate) => Ok(Notices::Local(gate.notices())),
            Self::Remote(_) => {
                let client = Client::connect(&call.home).await?.ok_or_else(unexpected)?;
                Ok(Notices::Remote(Box::new(client.subscribe().await?)))
            }
        }
    }

    /// Refuses to go on when the other end of the socket is not one of our own programs: a
    /// PIN typed here must reach nothing else.
    pub(crate) fn check_server(&self) -> Result<(), Fault> {
        let Self::Remote(client) = self else { return Ok(()) };
        let own = std::env::current_exe().ok().and_then(|exe| exe.canonicalize().ok());
        let theirs = client.server().and_then(|p| p.exe.clone());
        let (Some(own), Some(theirs)) = (own, theirs) else {
            return Err(foreign("the system does not tell which program runs the node"));
        };
        let theirs = theirs.canonicalize().unwrap_or(theirs);
        let sibling = own.with_file_name("tracenet-desktop");
        if theirs == own || theirs == sibling {
            return Ok(());
        }
        Err(foreign(format!("the node is run by {}, not by {}", theirs.display(), own.display())))
    }
}

fn foreign(what: impl Into<String>) -> Fault {
    node::Fault::refused(what, "answer in the app's window, or restart the node with this version")
        .into()
}

fn unexpected() -> Fault {
    node::Fault::broken("the node answered something else than it was asked").into()
}

/// Why the folder cannot be taken, in words that say what to do.
pub(crate) fn start_fault(error: StartError) -> Fault {
    match error {
        StartError::Fault(fault) => fault.into(),
        other => node::Fault::not_now(other.to_string(), "").into(),
    }
}

/// Notices of a node here or elsewhere.
pub(crate) enum Notices {
    Local(wire::Notices),
    Remote(Box<control::Subscription>),
}

impl Notices {
    /// The next notice.
    pub(crate) async fn next(&mut self) -> Result<Notice, Fault> {
        match self {
            Self::Remote(subscription) => subscription.next().await,
            Self::Local(notices) => notices.next().await.ok_or_else(unexpected),
        }
    }
}
