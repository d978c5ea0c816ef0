//! A real handshake with the command that stands in a program's settings: it is started, spoken
//! to in MCP as the program would, asked for its tools, and for something that only a running
//! node can answer. Then its input ends, and with it the command.

use super::Command;
use serde_json::{Value, json};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

/// The protocol that is offered, as older programs do: the answer says what is spoken.
const PROTOCOL: &str = "2025-06-18";
/// The most bytes of what the command says before it answers.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// The most bytes of its complaints.
pub(super) const MAX_COMPLAINT: u64 = 2 << 10;
/// How long it may take to end once nothing more is asked.
const LEAVING: Duration = Duration::from_secs(2);

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The server's name and version, as it gives them.
    pub server: String,
    /// The protocol it speaks.
    pub protocol: String,
    /// Its tools.
    pub tools: Vec<String>,
    /// It was let in, and the node behind it answered.
    pub ready: bool,
    /// What the node, or the shim in its place, answered when it did not.
    pub said: String,
    /// The ask that waits for the human, in hex; empty when none does.
    pub ask: String,
}

/// Why there is nothing to be seen.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The system cannot start it.
    #[error("{command} cannot be started: {source}")]
    Start {
        /// The executable.
        command: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It ended, or says something else than MCP.
    #[error("it did not answer `{asked}`{}{complaint}", if complaint.is_empty() { "" } else { ": " })]
    Silent {
        /// What it was asked.
        asked: &'static str,
        /// What it complained of.
        complaint: String,
    },
    /// It refused.
    #[error("it refused `{asked}`: {said}")]
    Refused {
        /// What it was asked.
        asked: &'static str,
        /// Its words.
        said: String,
    },
    /// It took too long.
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    Slow(Duration),
}

/// Starts the command and speaks with it, for at most `limit`.
///
/// # Errors
/// When it cannot be started, or does not speak MCP in that time.
pub async fn try_out(command: &Command, limit: Duration) -> Result<Trial, TrialError> {
    let mut child = start(command)?;
    let (Some(write), Some(read)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(TrialError::Silent { asked: "initialize", complaint: String::new() });
    };
    // A capped reader ends as a silent command does.
    let lines = BufReader::new(read.take(MAX_BYTES)).lines();
    let mut talk = Talk { write, lines, last: 0 };
    let seen = match timeout(limit, talk.all()).await {
        Ok(seen) => seen,
        Err(_) => Err(TrialError::Slow(limit)),
    };
    drop(talk);
    if matches!(seen, Err(TrialError::Slow(_))) {
        // It hangs: that it had ended just now is as good.
        drop(child.start_kill());
    }
    let complaint = leave(child).await;
    seen.map_err(|error| match error {
        TrialError::Silent { asked, .. } => TrialError::Silent { asked, complaint },
        other => other,
    })
}

fn start(command: &Command) -> Result<Child, TrialError> {
    let failed = |source| TrialError::Start { command: command.command.clone(), source };
    tokio::process::Command::new(&command.command)
        .args(&command.args)
        .envs(&command.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)
}

/// Its input has ended, so it ends; the end of what it complained of.
async fn leave(mut child: Child) -> String {
    let mut complaint = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut stderr = stderr.take(MAX_COMPLAINT);
        // What it said until then is enough.
        drop(timeout(LEAVING, stderr.read_to_end(&mut complaint)).await);
    }
    if timeout(LEAVING, child.wait()).await.is_err() {
        // It is killed when it is dropped; that it had ended already is as good.
        drop(child.start_kill());
    }
    String::from_utf8_lossy(&complaint).trim().to_owned()
}

struct Talk {
    write: ChildStdin,
    lines: Lines<BufReader<tokio::io::Take<ChildStdout>>>,
    last: u64,
}

impl Talk {
    async fn all(&mut self) -> Result<Trial, TrialError> {
        let hello = json!({
            "protocolVersion": PROTOCOL, "capabilities": {},
            "clientInfo": { "name": "tracenet-connect", "version": env!("CARGO_PKG_VERSION") },
        });
        let hello = self.ask("initialize", hello).await?;
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        let listed = self.ask("tools/list", json!({})).await?;
        let text = |value: &Value, path: &str| {
            value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let tools = listed.pointer("/tools").and_then(Value::as_array);
        let tools: Vec<String> =
            tools.into_iter().flatten().map(|tool| text(tool, "/name")).collect();
        let call = json!({ "name": "peers", "arguments": {} });
        let answer = self.ask("tools/call", call).await?;
        let refused = answer.get("isError").and_then(Value::as_bool) == Some(true);
        let said = if refused { text(&answer, "/content/0/text") } else { String::new() };
        let ask = text(&answer, "/_meta/tracenet~1body/ask");
        let server =
            format!("{} {}", text(&hello, "/serverInfo/name"), text(&hello, "/serverInfo/version"));
        let protocol = text(&hello, "/protocolVersion");
        Ok(Trial { server: server.trim().to_owned(), protocol, tools, ready: !refused, said, ask })
    }

    async fn say(&mut self, message: &Value) {
        let line = format!("{message}\n");
        // A command that has gone says so by its silence.
        let _ = self.write.write_all(line.as_bytes()).await;
        let _ = self.write.flush().await;
    }

    async fn ask(&mut self, asked: &'static str, params: Value) -> Result<Value, TrialError> {
        self.last += 1;
        let id = self.last;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": asked, "params": params })).await;
        loop {
            let line = self.lines.next_line().await.ok().flatten();
            let complaint = String::new();
            let line = line.ok_or(TrialError::Silent { asked, complaint })?;
            let Ok(mut answer) = serde_json::from_str::<Value>(&line) else { continue };
            if answer.get("id").and_then(Value::as_u64) != Some(id) {
                continue; // a notice of its own
            }
            if let Some(error) = answer.get("error") {
                let said = error.get("message").and_then(Value::as_str).unwrap_or_default();
                return Err(TrialError::Refused { asked, said: said.to_owned() });
            }
            return Ok(answer.get_mut("result").map(Value::take).unwrap_or_default());
        }
    }
}
