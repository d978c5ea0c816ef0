//! What an agent may ask, and what it is answered. A closed list, without a verb that
//! approves: adding one here is a decision about what agents may do.
//!
//! Written as JSON, each request as `{"verb": {…}}`. Fields have caps beyond the frame's own,
//! so that what the node gets is bounded field by field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most bytes of text in an answer, which goes to a model as it is.
pub const MAX_TEXT: usize = 4096;
/// The most bytes of a remembered text.
pub const MAX_REMEMBER: usize = 1 << 20;

/// The most bytes of what a human said that a hook passes on: more is not searched by.
pub const MAX_PROMPT: usize = 8 << 10;

/// What happens in an agent's session, as its program's hooks tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookEvent {
    /// A session begins, or goes on.
    SessionStart,
    /// The human said something.
    UserPromptSubmit,
    /// The program is about to shorten what it remembers.
    PreCompact,
    /// A session ends.
    SessionEnd,
}

impl HookEvent {
    /// All there are.
    pub const ALL: [Self; 4] =
        [Self::SessionStart, Self::UserPromptSubmit, Self::PreCompact, Self::SessionEnd];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SessionStart => "session-start",
            Self::UserPromptSubmit => "user-prompt-submit",
            Self::PreCompact => "pre-compact",
            Self::SessionEnd => "session-end",
        }
    }

    /// As Claude Code calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SessionStart => "SessionStart",
            Self::UserPromptSubmit => "UserPromptSubmit",
            Self::PreCompact => "PreCompact",
            Self::SessionEnd => "SessionEnd",
        }
    }
}

/// What an agent asks of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AgentRequest {
    /// Find earlier work like this.
    Recall {
        /// What the agent is about to do, in its words. At most 4 KiB.
        query: String,
        /// The folder it works in; empty when it does not say.
        #[serde(default)]
        cwd: String,
        /// The files it is about to touch, at most 256.
        #[serde(default)]
        files: Vec<String>,
        /// The error it looks at; empty when there is none. At most 16 KiB.
        #[serde(default)]
        error: String,
        /// At most this many hits; 0 leaves it to the node.
        #[serde(default)]
        limit: u32,
    },
    /// Show one artifact.
    Open {
        /// Its id, as recall gave it.
        id: String,
        /// Which part of it; empty for the summary.
        #[serde(default)]
        part: String,
    },
    /// Keep this text.
    Remember {
        /// The text itself, at most [`MAX_REMEMBER`] bytes. Never a path.
        text: String,
    },
    /// Say how a recalled artifact did.
    Outcome {
        /// Its id.
        id: String,
        /// `helped`, `wrong` or `stale`.
        outcome: String,
    },
    /// Ask the human to share an artifact.
    RequestShare {
        /// Its id.
        id: String,
        /// Names or keys of peers, or the one word `public`.
        audience: Vec<String>,
        /// Why, in the agent's words. At most 2 KiB.
        #[serde(default)]
        reason: String,
    },
    /// How an ask stands.
    ShareStatus {
        /// The ask's id.
        ask: String,
    },
    /// Take an ask back.
    Withdraw {
        /// The ask's id.
        ask: String,
    },
    /// Who can be shared with.
    Peers {},
    /// Something happens in its session. What is answered is put before the agent, which did not
    /// ask for it; an empty text is nothing.
    Hook {
        /// What happens.
        event: HookEvent,
        /// The session, as the program calls it. At most 128 bytes.
        #[serde(default)]
        session: String,
        /// The folder it works in.
        #[serde(default)]
        cwd: String,
        /// What the human said, at most [`MAX_PROMPT`] bytes; empty for other events.
        #[serde(default)]
        prompt: String,
    },
}

/// A field over its cap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A text is too long.
    #[error("`{field}` has {bytes} bytes, at most {cap} are taken")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// What it has.
        bytes: usize,
        /// What is taken.
        cap: usize,
    },
    /// A list is too long.
    #[error("`{field}` has {count} entries, at most {cap} are taken")]
    TooMany {
        /// Which field.
        field: &'static str,
        /// What it has.
        count: usize,
        /// What is taken.
        cap: usize,
    },
}

impl AgentRequest {
    /// The verb, as it is written on the wire and as the tool is called.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Recall { .. } => "recall",
            Self::Open { .. } => "open",
            Self::Remember { .. } => "remember",
            Self::Outcome { .. } => "outcome",
            Self::RequestShare { .. } => "request_share",
            Self::ShareStatus { .. } => "share_status",
            Self::Withdraw { .. } => "withdraw",
            Self::Peers {} => "peers",
            Self::Hook { .. } => "hook",
        }
    }

    /// Whether asking twice does no more than asking once and changes nothing.
    #[must_use]
    pub const fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Recall { .. } | Self::Open { .. } | Self::ShareStatus { .. } | Self::Peers {}
        )
    }

    /// Whether every field is within its cap.
    ///
    /// # Errors
    /// Names the first field that is not.
    pub fn check(&self) -> Result<(), RequestError> {
        match self {
            Self::Recall { query, cwd, files, error, limit: _ } => {
                long("query", query, 4 << 10)?;
                long("cwd", cwd, 4 << 10)?;
                many("files", files, 256)?;
                files.iter().try_for_each(|file| long("files", file, 4 << 10))?;
                long("error", error, 16 << 10)
            }
            Self::Open { id, part } => long("id", id, 256).and_then(|()| long("part", part, 64)),
            Self::Remember { text } => long("text", text, MAX_REMEMBER),
            Self::Outcome { id, outcome } => {
                long("id", id, 256).and_then(|()| long("outcome", outcome, 64))
            }
            Self::RequestShare { id, audience, reason } => {
                long("id", id, 256)?;
                many("audience", audience, 64)?;
                audience.iter().try_for_each(|name| long("audience", name, 256))?;
                long("reason", reason, 2 << 10)
            }
            Self::ShareStatus { ask } | Self::Withdraw { ask } => long("ask", ask, 256),
            Self::Peers {} => Ok(()),
            Self::Hook { event: _, session, cwd, prompt } => {
                long("session", session, 128)?;
                long("cwd", cwd, 4 << 10)?;
                long("prompt", prompt, MAX_PROMPT)
            }
        }
    }
}

fn long(field: &'static str, text: &str, cap: usize) -> Result<(), RequestError> {
    let bytes = text.len();
    if bytes <= cap { Ok(()) } else { Err(RequestError::TooLong { field, bytes, cap }) }
}

fn many(field: &'static str, list: &[String], cap: usize) -> Result<(), RequestError> {
    let count = list.len();
    if count <= cap { Ok(()) } else { Err(RequestError::TooMany { field, count, cap }) }
}

/// What an agent is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentReply {
    /// Whether nothing was done; the text says what to do about it.
    pub refused: bool,
    /// At most [`MAX_TEXT`] bytes, ready to hand to the model.
    pub text: String,
    /// The same for programs; `null` when there is nothing to say.
    #[serde(default)]
    pub body: Value,
}

impl AgentReply {
    /// A refusal that says `text`.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self { refused: true, text: text.into(), body: Value::Null }
    }

    /// The same with the text cut to [`MAX_TEXT`] bytes at a character's border.
    #[must_use]
    pub fn capped(mut self) -> Self {
        const MARK: &str = "… (cut)";
        if self.text.len() > MAX_TEXT {
            self.text.truncate(self.text.floor_char_boundary(MAX_TEXT - MARK.len()));
            self.text.push_str(MARK);
        }
        self
    }
}

#[cfg(test)]
mod tests;
