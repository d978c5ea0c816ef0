//! How an agent's shim says who it is, and the messages that follow.
//!
//! The node greets with a fresh nonce, the shim answers with its name, its key and a
//! signature over `"tracenet agent v0\0" ‖ nonce ‖ key`, the node welcomes or refuses. Then
//! calls and answers, matched by a number the shim chooses.
//!
//! A node and a shim of different versions find out here: each reads the other's version
//! before anything else, and the refusal says which side is to be updated.

use crate::{
    agent::{AgentKey, AgentName, AgentSecret},
    frame::{FrameError, FrameReader, FrameWriter},
    request::{AgentReply, AgentRequest},
};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

/// The version of what is spoken on the agents' socket.
pub const PROTOCOL: u32 = 0;

/// From the node to an agent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToAgent {
    Hello(Hello),
    Welcome { paired: bool },
    Refused(Refused),
    Answer { id: u64, reply: AgentReply },
}

/// From an agent to the node, before it is let in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToEnter {
    Enter(Enter),
}

/// From an agent to the node, afterwards.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromAgent<R = AgentRequest> {
    Call { id: u64, request: R },
}

/// The node's first word.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    v: u32,
    /// The node's version, for people.
    node: String,
    /// 32 random bytes in hex.
    nonce: String,
}

/// Who the shim is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Enter {
    v: u32,
    name: String,
    /// In hex: the key's own form is for canonical bytes, not for JSON.
    key: String,
    sig: String,
}

/// Why the node ends the conversation. Always its last word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}")]
pub struct Refused {
    /// For programs.
    pub code: Code,
    /// For people, and says what to do.
    pub what: String,
}

/// The kinds of [`Refused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The two sides speak different versions.
    Version,
    /// The name, the key or the signature is not good.
    Identity,
    /// Too many connections.
    Busy,
    /// A frame was over its cap.
    TooBig,
    /// A frame was not understood.
    NotUnderstood,
    /// The handshake took too long.
    Slow,
    /// From a newer node.
    #[serde(other)]
    Other,
}

impl Refused {
    pub(crate) fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into() }
    }
}

/// Why a handshake came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// We refuse, or were refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("the other end left")]
    Left,
}

/// What is signed, with the nonce and the key behind it.
const CONTEXT: &[u8] = b"tracenet agent v0\0";

fn signed_bytes(nonce: &[u8; 32], key: &AgentKey) -> Vec<u8> {
    [CONTEXT, nonce, key.as_bytes()].concat()
}

fn speaks(side: &str, v: u32) -> Refused {
    let what = format!(
        "this side speaks version {PROTOCOL} of the agents' socket, the {side} version {v}: \
         update the older of the two and start it anew"
    );
    Refused::new(Code::Version, what)
}

/// Encodes a message; these types always encode.
pub(crate) fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    serde_json::to_vec(message).map_err(|e| FrameError::Broken(e.into()))
}

/// The node's side: greets, and learns who enters. Sends neither welcome nor refusal.
pub(crate) async fn greet<R, W>(
    read: &mut FrameReader<R>,
    write: &mut FrameWriter<W>,
    nonce: [u8; 32],
) -> Result<(AgentName, AgentKey), HandshakeError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let node = env!("CARGO_PKG_VERSION").to_owned();
    let hello = Hello { v: PROTOCOL, node, nonce: HEXLOWER.encode(&nonce) };
    write.send(encode(&ToAgent::Hello(hello))?).await?;
    let frame = read.next().await?.ok_or(HandshakeError::Left)?;
    Ok(judge(&frame, &nonce)?)
}

/// Judges the frame by which someone wants to enter.
pub(crate) fn judge(frame: &[u8], nonce: &[u8; 32]) -> Result<(AgentName, AgentKey), Refused> {
    /// Read first, so that another version is named as such whatever else it says.
    #[derive(Deserialize)]
    struct Versioned {
        enter: Version,
    }
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let garbled = |e: serde_json::Error| Refused::new(Code::NotUnderstood, e.to_string());
    let v = serde_json::from_slice::<Versioned>(frame).map_err(garbled)?.enter.v;
    if v != PROTOCOL {
        return Err(speaks("agent", v));
    }
    let ToEnter::Enter(enter) = serde_json::from_slice(frame).map_err(garbled)?;
    let bad = |what: String| Refused::new(Code::Identity, what);
    let name: AgentName = enter.name.parse().map_err(|e| bad(format!("{e}")))?;
    let key: AgentKey = enter.key.parse().map_err(|e| bad(format!("{e}")))?;
    let sig = HEXLOWER.decode(enter.sig.as_bytes()).ok().and_then(|s| s.try_into().ok());
    let sig = sig.ok_or_else(|| bad("a signature is 128 hex digits".to_owned()))?;
    if !key.verifies(&signed_bytes(nonce, &key), &sig) {
        return Err(bad("the signature is not this key's over this nonce".to_owned()));
    }
    Ok((name, key))
}

/// The shim's side: enters under `name`. Answers whether the human has paired it.
pub(crate) async fn enter<R, W>(
    read: &mut FrameReader<R>,
    write: &mut FrameWriter<W>,
    name: &AgentName,
    secret: &AgentSecret,
) -> Result<bool, HandshakeError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let hello = match next(read).await? {
        ToAgent::Hello(hello) => hello,
        ToAgent::Refused(refused) => return Err(refused.into()),
        _ => return Err(out_of_turn()),
    };
    if hello.v != PROTOCOL {
        return Err(speaks("node", hello.v).into());
    }
    let nonce = HEXLOWER.decode(hello.nonce.as_bytes()).ok().and_then(|n| n.try_into().ok());
    let nonce: [u8; 32] = nonce.ok_or_else(out_of_turn)?;
    let key = secret.public();
    let sig = HEXLOWER.encode(&secret.sign(&signed_bytes(&nonce, &key)));
    let enter = Enter { v: PROTOCOL, name: name.to_string(), key: key.to_string(), sig };
    write.send(encode(&ToEnter::Enter(enter))?).await?;
    match next(read).await? {
        ToAgent::Welcome { paired } => Ok(paired),
        ToAgent::Refused(refused) => Err(refused.into()),
        _ => Err(out_of_turn()),
    }
}

fn out_of_turn() -> HandshakeError {
    Refused::new(Code::NotUnderstood, "the node answered out of turn").into()
}

/// The node's next word.
pub(crate) async fn next<R: AsyncRead + Unpin>(
    read: &mut FrameReader<R>,
) -> Result<ToAgent, HandshakeError> {
    let frame = read.next().await?.ok_or(HandshakeError::Left)?;
    serde_json::from_slice(&frame)
        .map_err(|e| Refused::new(Code::NotUnderstood, format!("not understood: {e}")).into())
}

/// What a frame from an agent that was let in turns out to be.
#[derive(Debug)]
pub(crate) enum Called {
    /// A request within its caps.
    Request(u64, AgentRequest),
    /// A call with a number, but not one we can serve.
    Unfit(u64, String),
}

/// Reads a frame from an agent that was let in.
pub(crate) fn read_call(frame: &[u8]) -> Result<Called, Refused> {
    let whole = match serde_json::from_slice(frame) {
        Ok(FromAgent::Call { id, request }) => {
            return Ok(match AgentRequest::check(&request) {
                Ok(()) => Called::Request(id, request),
                Err(e) => Called::Unfit(id, e.to_string()),
            });
        }
        Err(e) => e,
    };
    // A call we do not know, as a newer shim may send, still deserves its own answer.
    match serde_json::from_slice(frame) {
        Ok(FromAgent::Call::<serde::de::IgnoredAny> { id, .. }) => {
            Ok(Called::Unfit(id, format!("this node does not know that request: {whole}")))
        }
        Err(e) => Err(Refused::new(Code::NotUnderstood, format!("not understood: {e}"))),
    }
}

#[cfg(test)]
mod tests;
