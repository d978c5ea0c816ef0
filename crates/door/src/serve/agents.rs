//! One agent's connection: in by the handshake, then calls, answered in whatever order they
//! are done.

use super::{CALL_LIMIT, GRACE, House, MAX_IN_FLIGHT, busy, refuse, unreadable};
use crate::{
    agent::{AgentKey, AgentName},
    frame::{self, FrameReader, FrameWriter},
    handshake::{self, Called, Code, HandshakeError, Refused, ToAgent, encode},
    request::{AgentReply, AgentRequest},
    serve::AgentCaller,
    socket::{Stream, process_of},
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::Value;
use std::sync::Arc;
use tokio::{
    io::{ReadHalf, WriteHalf},
    time::timeout,
};

type Reader = FrameReader<ReadHalf<Stream>>;
type Writer = FrameWriter<WriteHalf<Stream>>;

/// Serves one connection to its end.
pub(super) async fn attend(house: Arc<House>, stream: Stream, pid: Option<u32>) {
    let process = process_of(&stream, pid);
    let (read, write) = tokio::io::split(stream);
    let mut read = FrameReader::new(read, frame::HANDSHAKE);
    let mut write = FrameWriter::new(write, frame::NODE_TO_AGENT);

    let Ok(porch) = house.porch.try_acquire() else { return refuse(&mut write, busy()).await };
    let (name, key) = tokio::select! {
        () = house.stop.cancelled() => return,
        entered = greet(&mut read, &mut write) => match entered {
            Ok(entered) => entered,
            Err(Some(refused)) => return refuse(&mut write, refused).await,
            Err(None) => return,
        },
    };
    drop(porch);
    let Ok(_place) = house.agents.try_acquire() else { return refuse(&mut write, busy()).await };

    let connection = house.number();
    let caller = AgentCaller { name, key, connection, process };
    // From here on its going is reported, on every path.
    let _stay = Stay::begin(&house, &caller);
    read.set_cap(frame::AGENT_TO_NODE);
    let paired = house.inside.is_paired(caller.name.as_str(), &caller.key);
    if send(&mut write, &ToAgent::Welcome { paired }).await.is_ok() {
        converse(&house, &mut read, &mut write, &caller).await;
    }
}

/// The handshake within its time. `Err(None)`: nobody is left to be told.
async fn greet(
    read: &mut Reader,
    write: &mut Writer,
) -> Result<(AgentName, AgentKey), Option<Refused>> {
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce)
        .map_err(|e| Some(Refused::new(Code::Other, format!("no randomness: {e}"))))?;
    match timeout(frame::PATIENCE, handshake::greet(read, write, nonce)).await {
        Ok(Ok(entered)) => Ok(entered),
        Ok(Err(HandshakeError::Refused(refused))) => Err(Some(refused)),
        Ok(Err(HandshakeError::Frame(e))) => Err(unreadable(&e)),
        Ok(Err(HandshakeError::Left)) => Err(None),
        Err(_) => {
            let seconds = frame::PATIENCE.as_secs();
            let what = format!("nobody said who enters within {seconds} seconds");
            Err(Some(Refused::new(Code::Slow, what)))
        }
    }
}

/// An agent's stay: noted when it begins, reported when it ends, however it ends.
struct Stay<'a> {
    house: &'a House,
    connection: u64,
}

impl<'a> Stay<'a> {
    fn begin(house: &'a House, caller: &AgentCaller) -> Self {
        house.guests.enter(caller.connection, &caller.name, caller.process.as_ref());
        Self { house, connection: caller.connection }
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.house.guests.leave(self.connection);
        self.house.inside.gone(self.connection);
    }
}

/// Takes calls and sends answers until either side ends it.
async fn converse(house: &House, read: &mut Reader, write: &mut Writer, caller: &AgentCaller) {
    let mut calls = FuturesUnordered::new();
    loop {
        tokio::select! {
            () = house.stop.cancelled() => break,
            Some(answer) = calls.next(), if !calls.is_empty() => {
                if send(write, &answer).await.is_err() {
                    return;
                }
            }
            frame = read.next(), if calls.len() < MAX_IN_FLIGHT => match take(frame) {
                Taken::Call(id, request) => calls.push(answer(house, caller, id, request)),
                Taken::Unfit(answer) => if send(write, &answer).await.is_err() {
                    return;
                },
                Taken::Refused(refused) => return refuse(write, refused).await,
                Taken::End => break,
            },
        }
    }
    let rest = async {
        while let Some(answer) = calls.next().await {
            // A caller that left still gets its calls finished; only the answers are lost.
            let _ = send(write, &answer).await;
        }
    };
    let _ = timeout(GRACE, rest).await;
}

/// What a frame was.
enum Taken {
    Call(u64, AgentRequest),
    Unfit(ToAgent),
    Refused(Refused),
    End,
}

fn take(frame: Result<Option<bytes::BytesMut>, frame::FrameError>) -> Taken {
    match frame {
        Ok(Some(frame)) => match handshake::read_call(&frame) {
            Ok(Called::Request(id, request)) => Taken::Call(id, request),
            Ok(Called::Unfit(id, what)) => {
                Taken::Unfit(ToAgent::Answer { id, reply: AgentReply::refused(what).capped() })
            }
            Err(refused) => Taken::Refused(refused),
        },
        Ok(None) => Taken::End,
        Err(e) => unreadable(&e).map_or(Taken::End, Taken::Refused),
    }
}

/// The node's answer to one call.
async fn answer(house: &House, caller: &AgentCaller, id: u64, request: AgentRequest) -> ToAgent {
    let verb = request.verb();
    let reply = timeout(CALL_LIMIT, house.inside.agent(caller.clone(), request)).await;
    let reply = reply.unwrap_or_else(|_| {
        let seconds = CALL_LIMIT.as_secs();
        AgentReply::refused(format!("{verb} took more than {seconds} seconds and was given up"))
    });
    ToAgent::Answer { id, reply: reply.capped() }
}

async fn send(write: &mut Writer, message: &ToAgent) -> Result<(), frame::FrameError> {
    let mut frame = encode(message)?;
    if let (true, ToAgent::Answer { id, reply }) = (frame.len() > frame::NODE_TO_AGENT, message) {
        // The text is what counts; what programs get beside it does not fit.
        let reply = AgentReply { body: Value::Null, ..reply.clone() };
        frame = encode(&ToAgent::Answer { id: *id, reply })?;
    }
    write.send(frame).await
}
