//! What a hook of an agent's program runs: it tells the node what happens in a session, and gives
//! back what the node would put before the agent unasked.
//!
//! The form of both ends is Claude Code's (<https://code.claude.com/docs/en/hooks>): JSON on the
//! standard input, JSON on the output. Promises: whatever goes wrong, and when there is nothing to
//! say, nothing is said; all is over within [`BUDGET`]; no path that the input names is opened or
//! passed on, but for the folder the agent works in, which is only a name.

use crate::{
    AgentName,
    mcp::line::Line,
    request::{AgentReply, AgentRequest, HookEvent, MAX_PROMPT},
};
use artifact::display::still_safe;
use serde::Deserialize;
use serde_json::json;
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

/// The most bytes of what a program tells a hook.
const MAX_INPUT: u64 = 1 << 20;
/// How long all of it may take. At the end of a session a program gives all its hooks together
/// 1.5 s.
const BUDGET: Duration = Duration::from_millis(1_200);

/// What the program says. There is more in it that nobody here needs.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    cwd: String,
    #[serde(default)]
    prompt: String,
}

/// Tells the node of `event` as the agent `name`, whose key is kept under `home`. What comes back
/// is for the standard output; `None` where there is nothing to say.
pub async fn tell_hook<R>(
    home: &Path,
    socket_folder: &Path,
    name: &str,
    event: HookEvent,
    input: R,
) -> Option<String>
where
    R: AsyncRead + Unpin,
{
    let name: AgentName = name.parse().ok()?;
    let line = Line::new(home, socket_folder, name);
    let answer = async {
        let reply = line.ask(read(event, input).await?).await.ok()?;
        said(event, reply)
    };
    timeout(BUDGET, answer).await.ok().flatten()
}

/// The request that this input makes.
async fn read<R: AsyncRead + Unpin>(event: HookEvent, input: R) -> Option<AgentRequest> {
    let mut bytes = Vec::new();
    // One byte more than may be, to see that there is more.
    input.take(MAX_INPUT + 1).read_to_end(&mut bytes).await.ok()?;
    if bytes.len() as u64 > MAX_INPUT {
        return None;
    }
    let Told { session_id: session, cwd, mut prompt } = serde_json::from_slice(&bytes).ok()?;
    if event != HookEvent::UserPromptSubmit {
        prompt.clear();
    }
    prompt.truncate(prompt.floor_char_boundary(MAX_PROMPT));
    let request = AgentRequest::Hook { event, session, cwd, prompt };
    request.check().is_ok().then_some(request)
}

/// What is put before the agent. A refusal is for nobody: a hook has no human before it.
fn said(event: HookEvent, reply: AgentReply) -> Option<String> {
    let AgentReply { refused, text, .. } = reply.capped();
    let text = still_safe(&text);
    if refused || text.is_empty() {
        return None;
    }
    let context = json!({ "hookEventName": event.title(), "additionalContext": text });
    Some(json!({ "hookSpecificOutput": context }).to_string())
}

#[cfg(test)]
mod tests;
