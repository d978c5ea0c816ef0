//! The shim's line to the node: connected at the first call, and again when the node was
//! started anew. One call at a time; an answer takes milliseconds.

use crate::{
    agent::{self, AgentName, KeyFileError},
    frame::{self, FrameError, FrameReader, FrameWriter},
    handshake::{self, FromAgent, HandshakeError, Refused, ToAgent, encode},
    request::{AgentReply, AgentRequest},
    serve::CALL_LIMIT,
    socket::{ConnectError, Entrance, Stream, dial},
};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{ReadHalf, WriteHalf},
    sync::Mutex,
    time::timeout,
};
use zeroize::Zeroizing;

/// How long a call may take: longer than the node allows itself.
const PATIENCE: Duration = CALL_LIMIT.saturating_add(Duration::from_secs(10));

/// Why a call got no answer. Each is a sentence for the model.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(
        "TraceNet is not running: ask the human to start the app or `tracenet node`, then call again"
    )]
    NotRunning,
    #[error("{0}")]
    Connect(ConnectError),
    #[error("{0}")]
    Key(#[from] KeyFileError),
    #[error("TraceNet refused: {0}")]
    Refused(#[from] Refused),
    #[error("TraceNet did not answer within {} seconds: call again later", .0.as_secs())]
    Slow(Duration),
    #[error(
        "TraceNet ended before it answered `{verb}`: it may have been done, look before you call again"
    )]
    Lost { verb: &'static str },
    #[error("TraceNet ended before it was asked `{verb}`: call again")]
    Unsent { verb: &'static str },
    #[error("`{verb}` has {bytes} bytes as JSON, at most {cap} are taken: give less")]
    TooBig { verb: &'static str, bytes: usize, cap: usize },
    #[error("the request could not be written: {0}")]
    Frame(FrameError),
}

/// A connection on which the handshake is done.
struct Open {
    read: FrameReader<ReadHalf<Stream>>,
    write: FrameWriter<WriteHalf<Stream>>,
    last: u64,
}

/// The line.
pub(crate) struct Line {
    home: PathBuf,
    folder: PathBuf,
    name: AgentName,
    open: Mutex<Option<Open>>,
}

impl Line {
    pub(crate) fn new(home: &Path, folder: &Path, name: AgentName) -> Self {
        Self { home: home.to_owned(), folder: folder.to_owned(), name, open: Mutex::new(None) }
    }

    /// Asks the node.
    pub(crate) async fn ask(&self, request: AgentRequest) -> Result<AgentReply, AskError> {
        let mut slot = self.open.lock().await;
        // Taken out, so that a call given up half-way takes its connection with it.
        let mut kept = slot.take();
        if kept.as_mut().is_some_and(|open| !open.read.is_at_rest()) {
            kept = None;
        }
        let mut open = match kept {
            Some(open) => open,
            None => self.connect().await?,
        };
        let mut answered = open.call(&request).await;
        let again = match &answered {
            Err(AskError::Unsent { .. }) => true,
            Err(AskError::Lost { .. }) => request.only_reads(),
            _ => false,
        };
        if again {
            open = self.connect().await?;
            answered = open.call(&request).await;
        }
        // After these the connection is as good as before; after the others it is not.
        if matches!(answered, Ok(_) | Err(AskError::TooBig { .. })) {
            *slot = Some(open);
        }
        answered
    }

    async fn connect(&self) -> Result<Open, AskError> {
        let (stream, _) = dial(&self.folder, Entrance::Agent).await.map_err(|e| match e {
            ConnectError::NotRunning => AskError::NotRunning,
            e => AskError::Connect(e),
        })?;
        let secret = agent::load_or_make(&self.home, &self.name, || {
            let mut seed = Zeroizing::new([0; 32]);
            getrandom::fill(seed.as_mut()).map_err(io::Error::other)?;
            Ok(seed)
        })?;
        let (read, write) = tokio::io::split(stream);
        let mut read = FrameReader::new(read, frame::NODE_TO_AGENT);
        let mut write = FrameWriter::new(write, frame::AGENT_TO_NODE);
        let entering = handshake::enter(&mut read, &mut write, &self.name, &secret);
        match timeout(frame::PATIENCE, entering).await {
            // Whether it is paired shows in the node's answers, which say what to do.
            Ok(Ok(_paired)) => Ok(Open { read, write, last: 0 }),
            Ok(Err(HandshakeError::Refused(refused))) => Err(refused.into()),
            Ok(Err(HandshakeError::Left | HandshakeError::Frame(_))) => Err(AskError::NotRunning),
            Err(_) => Err(AskError::Slow(frame::PATIENCE)),
        }
    }
}

impl Open {
    async fn call(&mut self, request: &AgentRequest) -> Result<AgentReply, AskError> {
        let verb = request.verb();
        self.last += 1;
        let id = self.last;
        let frame = encode(&FromAgent::Call { id, request }).map_err(AskError::Frame)?;
        if frame.len() > frame::AGENT_TO_NODE {
            let (bytes, cap) = (frame.len(), frame::AGENT_TO_NODE);
            return Err(AskError::TooBig { verb, bytes, cap });
        }
        // A node that refused has closed already: its last word says more than that.
        let sent = self.write.send(frame).await;
        match timeout(PATIENCE, self.answer(id)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(HandshakeError::Refused(refused))) => Err(refused.into()),
            Ok(Err(HandshakeError::Left | HandshakeError::Frame(_))) => {
                Err(if sent.is_ok() { AskError::Lost { verb } } else { AskError::Unsent { verb } })
            }
            Err(_) => Err(AskError::Slow(PATIENCE)),
        }
    }

    /// The answer to call `id`.
    async fn answer(&mut self, id: u64) -> Result<AgentReply, HandshakeError> {
        loop {
            match handshake::next(&mut self.read).await? {
                ToAgent::Answer { id: this, reply } if this == id => return Ok(reply),
                ToAgent::Refused(refused) => return Err(refused.into()),
                // An answer nobody waits for any more.
                _ => {}
            }
        }
    }
}
