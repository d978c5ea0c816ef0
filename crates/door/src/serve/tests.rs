//! Both sockets served: who is heard, who waits, and that whoever came in is reported gone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
use super::*;
use crate::{
    agent::AgentSecret,
    control::{ControlClient, ControlError, Notice},
    frame::{FrameReader, FrameWriter},
    handshake::{self, FromAgent, HandshakeError},
    socket::{ConnectError, dial},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};

/// A node of a few words.
pub(crate) struct Hut {
    /// One permit lets one call that says "wait" go on.
    pub(crate) release: Semaphore,
    notices: broadcast::Sender<Vec<u8>>,
    started: mpsc::UnboundedSender<AgentRequest>,
    gone: mpsc::UnboundedSender<u64>,
}

impl Inside for Hut {
    fn is_paired(&self, name: &str, _key: &AgentKey) -> bool {
        name != "stranger"
    }

    fn agent<'a>(&'a self, who: AgentCaller, request: AgentRequest) -> BoxFuture<'a, AgentReply> {
        self.started.send(request.clone()).unwrap();
        Box::pin(async move {
            let said = |text: String| AgentReply { refused: false, text, body: Value::Null };
            if !self.is_paired(who.name.as_str(), &who.key) {
                return AgentReply::refused(format!("{} is not paired: ask the human", who.name));
            }
            match request {
                AgentRequest::Recall { query, .. } if query == "wait" => {
                    self.release.acquire().await.unwrap().forget();
                    said("waited".to_owned())
                }
                AgentRequest::Recall { query, .. } if query == "panic" => panic!("as asked"),
                AgentRequest::Recall { query, .. } if query == "long" => {
                    AgentReply { body: json!("b".repeat(70_000)), ..said("é".repeat(5000)) }
                }
                AgentRequest::Recall { query, .. } => {
                    AgentReply { body: json!({ "hits": 0 }), ..said(format!("nothing on {query}")) }
                }
                AgentRequest::Remember { text } => said(format!("kept {} bytes", text.len())),
                other => said(format!("{} by {}", other.verb(), who.name)),
            }
        })
    }

    fn control<'a>(
        &'a self,
        who: ControlCaller,
        frame: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, Zeroizing<Vec<u8>>> {
        Box::pin(async move {
            let reply = match frame.as_slice() {
                b"below" => who.below.map(|name| name.to_string()).unwrap_or_default().into(),
                b"held" => {
                    let held = who.process.is_some_and(|p| p.is_who_connected());
                    held.to_string().into_bytes()
                }
                b"pid" => who.process.map(|p| p.pid.to_string()).unwrap_or_default().into(),
                b"huge" => vec![0; frame::CONTROL],
                _ => frame.to_vec(),
            };
            reply.into()
        })
    }

    fn notices(&self) -> broadcast::Receiver<Vec<u8>> {
        self.notices.subscribe()
    }

    fn gone(&self, connection: u64) {
        // A test that has seen enough may have ended already.
        let _ = self.gone.send(connection);
    }
}

/// A served hut.
pub(crate) struct Served {
    pub(crate) hut: Arc<Hut>,
    pub(crate) started: mpsc::UnboundedReceiver<AgentRequest>,
    gone: mpsc::UnboundedReceiver<u64>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Served {
    pub(crate) fn at(folder: &Path) -> Self {
        let (started, started_rx) = mpsc::unbounded_channel();
        let (gone, gone_rx) = mpsc::unbounded_channel();
        let notices = broadcast::Sender::new(4);
        let hut = Arc::new(Hut { release: Semaphore::new(0), notices, started, gone });
        let stop = CancellationToken::new();
        let sockets = Sockets::bind(folder).unwrap();
        let task = tokio::spawn(serve(sockets, hut.clone(), stop.clone()));
        Self { hut, started: started_rx, gone: gone_rx, stop, task }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

fn served() -> (TempDir, PathBuf, Served) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    let served = Served::at(&folder);
    (home, folder, served)
}

/// An agent's end of a connection.
struct Shim {
    read: FrameReader<ReadHalf<Stream>>,
    write: FrameWriter<WriteHalf<Stream>>,
}

impl Shim {
    async fn dial(folder: &Path) -> Self {
        let (stream, _) = dial(folder, Entrance::Agent).await.unwrap();
        let (read, write) = tokio::io::split(stream);
        let cap = frame::CONTROL;
        Self { read: FrameReader::new(read, cap), write: FrameWriter::new(write, cap) }
    }

    async fn enter(folder: &Path, name: &str) -> Result<Self, Refused> {
        let mut shim = Self::dial(folder).await;
        let (name, secret) = (name.parse().unwrap(), AgentSecret::from_seed(&[1; 32]));
        match handshake::enter(&mut shim.read, &mut shim.write, &name, &secret).await {
            Ok(paired) => {
                assert_eq!(paired, name.as_str() != "stranger");
                Ok(shim)
            }
            Err(HandshakeError::Refused(refused)) => Err(refused),
            Err(e) => panic!("{e}"),
        }
    }

    async fn send(&mut self, message: Value) {
        // A node that refuses half-way closes: what it said last is still to be read.
        let _ = self.write.send(message.to_string()).await;
    }

    async fn call(&mut self, id: u64, query: &str) {
        let request = serde_json::from_value(json!({ "recall": { "query": query } })).unwrap();
        let call = FromAgent::<AgentRequest>::Call { id, request };
        self.write.send(encode(&call).unwrap()).await.unwrap();
    }

    async fn answer(&mut self) -> (u64, AgentReply) {
        match handshake::next(&mut self.read).await.unwrap() {
            ToAgent::Answer { id, reply } => (id, reply),
            other => panic!("{other:?}"),
        }
    }

    /// The refusal, and that it is the last word.
    async fn refusal(&mut self) -> Refused {
        loop {
            match handshake::next(&mut self.read).await.unwrap() {
                ToAgent::Hello(_) | ToAgent::Welcome { .. } => {}
                ToAgent::Refused(refused) => {
                    assert!(!matches!(self.read.next().await, Ok(Some(_))));
                    return refused;
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn an_agent_enters_asks_and_is_reported_gone() {
    let (_home, folder, mut served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.call(7, "ports").await;
    let (id, reply) = shim.answer().await;
    assert_eq!((id, reply.text.as_str()), (7, "nothing on ports"));
    assert_eq!(reply.body, json!({ "hits": 0 }));
    assert!(served.gone.try_recv().is_err());
    drop(shim);
    assert_eq!(served.gone.recv().await, Some(1));

    let mut stranger = Shim::enter(&folder, "stranger").await.unwrap();
    stranger.call(1, "ports").await;
    let (_, reply) = stranger.answer().await;
    assert!(reply.refused && reply.text.contains("stranger is not paired"), "{reply:?}");
}

#[tokio::test]
async fn who_cannot_prove_who_he_is_stays_outside() {
    let (_home, folder, mut served) = served();
    let key = AgentSecret::from_seed(&[1; 32]).public().to_string();
    let entry = |v: u32, key: &str| json!({"enter": {"v": v, "name": "north", "key": key, "sig": "00".repeat(64)}});
    for (message, code) in [
        (entry(0, &key), Code::Identity),
        (entry(0, ""), Code::Identity),
        (entry(1, &key), Code::Version),
        (json!({"call": {"id": 1, "request": {"peers": {}}}}), Code::NotUnderstood),
        (json!("x".repeat(5000)), Code::TooBig),
    ] {
        let mut shim = Shim::dial(&folder).await;
        shim.send(message).await;
        assert_eq!(shim.refusal().await.code, code);
    }
    assert!(Shim::enter(&folder, "north").await.is_ok());
    assert_eq!(served.gone.recv().await, Some(1), "only one was ever inside");
    assert!(served.started.try_recv().is_err());
}

#[tokio::test]
async fn what_does_not_fit_is_answered_and_what_is_not_understood_ends_it() {
    let (_home, folder, mut served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.send(json!({"call": {"id": 1, "request": {"approve": {"ask": "x"}}}})).await;
    shim.send(json!({"call": {"id": 2, "request": {"open": {"id": "x".repeat(999)}}}})).await;
    for want in [1, 2] {
        let (id, reply) = shim.answer().await;
        assert!(id == want && reply.refused && reply.body.is_null(), "{reply:?}");
    }
    let text = "x".repeat(crate::MAX_REMEMBER);
    shim.send(json!({"call": {"id": 3, "request": {"remember": {"text": text}}}})).await;
    assert_eq!(shim.answer().await.1.text, "kept 1048576 bytes");
    shim.send(json!([1, 2, 3])).await;
    assert_eq!(shim.refusal().await.code, Code::NotUnderstood);

    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.send(json!("x".repeat(frame::AGENT_TO_NODE))).await;
    assert_eq!(shim.refusal().await.code, Code::TooBig);
    assert!(matches!(served.started.recv().await, Some(AgentRequest::Remember { .. })));
    assert!(served.started.try_recv().is_err());
}

#[tokio::test]
async fn long_answers_are_cut_to_their_text() {
    let (_home, folder, _served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.call(1, "long").await;
    let (_, reply) = shim.answer().await;
    assert!(reply.text.len() <= crate::MAX_TEXT && reply.text.ends_with("é… (cut)"));
    assert_eq!(reply.body, Value::Null, "70 kB do not fit in a frame");
}

#[tokio::test]
async fn eight_calls_are_worked_on_and_the_ninth_waits() {
    let (_home, folder, mut served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    for id in 0..9 {
        shim.call(id, "wait").await;
    }
    for _ in 0..8 {
        served.started.recv().await.unwrap();
    }
    // Another agent is served meanwhile, and by then the ninth would have been taken.
    let mut other = Shim::enter(&folder, "harbour").await.unwrap();
    other.call(1, "ports").await;
    assert_eq!(other.answer().await.1.text, "nothing on ports");
    assert!(
        matches!(served.started.recv().await, Some(AgentRequest::Recall { query, .. }) if query == "ports")
    );
    assert!(served.started.try_recv().is_err());
    served.hut.release.add_permits(9);
    let mut answered = Vec::new();
    for _ in 0..9 {
        answered.push(shim.answer().await.0);
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..9).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_sent_away_in_time() {
    let (_home, folder, _served) = served();
    let mut shim = Shim::dial(&folder).await;
    assert_eq!(shim.refusal().await.code, Code::Slow);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_given_up() {
    let (_home, folder, _served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.call(1, "wait").await;
    let (_, reply) = shim.answer().await;
    assert!(reply.refused && reply.text.contains("recall took more than 120 seconds"), "{reply:?}");
}

#[tokio::test]
async fn a_panic_inside_ends_one_connection() {
    let (_home, folder, mut served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    let mut other = Shim::enter(&folder, "harbour").await.unwrap();
    shim.call(1, "panic").await;
    assert!(matches!(shim.read.next().await, Ok(None) | Err(_)));
    assert_eq!(served.gone.recv().await, Some(1));
    other.call(1, "ports").await;
    assert_eq!(other.answer().await.1.text, "nothing on ports");
}

#[tokio::test]
async fn places_are_limited_and_given_back() {
    let (_home, folder, mut served) = served();
    let mut shims = Vec::new();
    for _ in 0..MAX_AGENTS {
        shims.push(Shim::enter(&folder, "north").await.unwrap());
    }
    let refused = Shim::enter(&folder, "north").await.err().unwrap();
    assert_eq!(refused.code, Code::Busy);
    assert!(ControlClient::connect(&folder).await.unwrap().request(b"x").await.is_ok());
    shims.pop();
    served.gone.recv().await.unwrap();
    // Its place is given back right after it is reported gone, in the same task.
    assert!(Shim::enter(&folder, "north").await.is_ok());
}

#[tokio::test]
async fn places_at_the_control_socket_are_limited_and_given_back() {
    let (_home, folder, _served) = served();
    let mut all = Vec::new();
    for _ in 0..MAX_CONTROLS {
        let mut client = ControlClient::connect(&folder).await.unwrap();
        assert!(client.request(b"x").await.is_ok());
        all.push(client);
    }
    let late = async || match ControlClient::connect(&folder).await {
        Ok(mut client) => client.request(b"x").await.is_ok(),
        Err(_) => false,
    };
    assert!(!late().await, "one too many");
    // An agent is served meanwhile.
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.call(1, "ports").await;
    assert_eq!(shim.answer().await.1.text, "nothing on ports");
    all.pop();
    // The place is given back a moment after its connection is closed.
    while !late().await {
        tokio::task::yield_now().await;
    }
}

/// Bytes that look random and are the same every time.
fn noise(state: &mut u64, most: usize) -> Vec<u8> {
    let mut next = || {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    };
    let length = usize::try_from(next()).unwrap() % most;
    (0..length).map(|_| next().to_le_bytes()[3]).collect()
}

#[tokio::test]
async fn a_thousand_garbage_connections_break_nothing() {
    let (_home, folder, mut served) = served();
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for n in 0..1000 {
        let at = if n % 2 == 0 { Entrance::Agent } else { Entrance::Control };
        let (mut stream, _) = dial(&folder, at).await.unwrap();
        let mut bytes = noise(&mut state, 200);
        if n % 4 < 2 {
            // A whole frame of garbage, not only a garbage length.
            bytes.splice(0..0, u32::try_from(bytes.len()).unwrap().to_be_bytes());
        }
        // The node may have closed it already.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    shim.call(1, "ports").await;
    assert_eq!(shim.answer().await.1.text, "nothing on ports");
    for _ in 0..200 {
        let mut shim = Shim::enter(&folder, "north").await.unwrap();
        let _ = shim.write.send(noise(&mut state, 300)).await;
        assert_eq!(shim.refusal().await.code, Code::NotUnderstood);
        served.gone.recv().await.unwrap();
    }
    assert!(!served.task.is_finished());
}

#[tokio::test]
async fn the_end_finishes_what_was_taken_and_takes_the_sockets_along() {
    let (_home, folder, mut served) = served();
    let mut shim = Shim::enter(&folder, "north").await.unwrap();
    let mut control = ControlClient::connect(&folder).await.unwrap();
    control.request(b"x").await.unwrap();
    shim.call(1, "wait").await;
    served.started.recv().await.unwrap();
    served.stop.cancel();
    served.hut.release.add_permits(1);
    assert_eq!(shim.answer().await.1.text, "waited");
    served.task.await.unwrap();
    assert_eq!(served.gone.recv().await, Some(1));
    assert!(matches!(control.request(b"x").await, Err(ControlError::Gone)));
    let again = ControlClient::connect(&folder).await;
    assert!(matches!(again, Err(ConnectError::NotRunning)), "{again:?}");
}

#[tokio::test]
async fn the_humans_programs_ask_and_are_answered() {
    let (_home, folder, _served) = served();
    let mut client = ControlClient::connect(&folder).await.unwrap();
    assert_eq!(client.request(b"").await.unwrap(), b"");
    let big = vec![7; frame::CONTROL - 1];
    assert!(client.request(&big).await.unwrap() == big);
    let over = client.request(&vec![7; frame::CONTROL]).await;
    assert!(matches!(over, Err(ControlError::Frame(frame::FrameError::TooBig { .. }))));
    assert_eq!(client.request(b"still here").await.unwrap(), b"still here");
    let huge = client.request(b"huge").await.unwrap_err();
    assert!(matches!(&huge, ControlError::Refused(what) if what.contains("16777216")), "{huge}");
    assert!(matches!(client.request(b"x").await, Err(ControlError::Gone)));
}

#[cfg(target_os = "linux")]
fn kernel_holds() -> bool {
    let told = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = told.split(['.', '-']).map_while(|n| n.trim().parse::<u32>().ok());
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (6, 5)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn both_ends_know_each_other_and_who_is_below_an_agent() {
    let (_home, folder, mut served) = served();
    let mut client = ControlClient::connect(&folder).await.unwrap();
    assert_eq!(client.server_process(), Process::of_self().as_ref());
    let pid = client.request(b"pid").await.unwrap();
    assert_eq!(pid, std::process::id().to_string().into_bytes());
    // Linux 6.5 holds who connected; an older one does not, and then nobody says that it did.
    assert_eq!(client.request(b"held").await.unwrap(), kernel_holds().to_string().into_bytes());
    assert_eq!(client.request(b"below").await.unwrap(), b"");
    // This process is also the shim now, so its parent is the agent's program, and we are
    // below it, on a connection made before.
    let shim = Shim::enter(&folder, "north").await.unwrap();
    assert_eq!(client.request(b"below").await.unwrap(), b"north");
    drop(shim);
    served.gone.recv().await.unwrap();
    assert_eq!(client.request(b"below").await.unwrap(), b"north", "the program still lives");
}

#[tokio::test]
async fn subscribers_are_told_and_told_what_they_missed() {
    let (_home, folder, served) = served();
    let client = ControlClient::connect(&folder).await.unwrap();
    let mut notices = client.subscribe().await.unwrap();
    for n in 0..3_u8 {
        served.hut.notices.send(vec![n]).unwrap();
        assert_eq!(notices.next().await.unwrap(), Notice::Sent(vec![n]));
    }
    // Ten at once into a channel that keeps four.
    for n in 0..10_u8 {
        served.hut.notices.send(vec![n]).unwrap();
    }
    assert_eq!(notices.next().await.unwrap(), Notice::Missed(6));
    for n in 6..10_u8 {
        assert_eq!(notices.next().await.unwrap(), Notice::Sent(vec![n]));
    }
    served.end().await;
    assert!(matches!(notices.next().await, Err(ControlError::Gone)));
}
