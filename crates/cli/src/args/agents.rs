//! Agents: who is let in, the programs they run in, and what those start.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct Pair {
    /// The agent's name: small letters, digits, `-` and `_`.
    #[arg(value_parser = agent_name)]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Agents {
    #[command(subcommand)]
    pub(crate) verb: Option<AgentsVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentsVerb {
    /// Write this node into a program's settings, and try out what was written. The change is
    /// shown first, and a copy of the settings is kept.
    Connect(SetUp),
    /// Take this node out of a program's settings again.
    Undo(SetUp),
    /// Hear a muted agent again before its hour is over.
    Unmute(Pair),
    /// Show an agent out, and let it not ask to be let in again.
    Block(Pair),
    /// Let a blocked agent ask to be let in again.
    Unblock(Pair),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SetUp {
    /// The program: claude-code, codex, cursor, vscode, gemini-cli, opencode or claude-desktop.
    pub(crate) client: String,
    /// Also write its hooks, by which it recalls by itself and keeps its logs; to undo, only them.
    /// Claude Code has such hooks.
    #[arg(long)]
    pub(crate) hooks: bool,
    /// Show the change and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do it without asking.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Mcp {
    /// The agent's name: each agent has its own.
    #[arg(long = "as", value_name = "NAME", value_parser = agent_name)]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Hook {
    /// What happens: session-start, user-prompt-submit, pre-compact or session-end.
    #[arg(value_parser = hook_event)]
    pub(crate) event: door::HookEvent,
    /// The agent's name: the one it has by MCP.
    #[arg(long = "as", value_name = "NAME", value_parser = agent_name)]
    pub(crate) name: String,
}

fn hook_event(text: &str) -> Result<door::HookEvent, String> {
    let known = door::HookEvent::ALL.into_iter().find(|event| event.word() == text);
    known.ok_or_else(|| "it is none of the four".to_owned())
}

fn agent_name(text: &str) -> Result<String, door::AgentNameError> {
    text.parse::<door::AgentName>().map(|name| name.to_string())
}
