//! Claude Code: `claude mcp add --scope user` writes `mcpServers` in `~/.claude.json`, or in
//! `$CLAUDE_CONFIG_DIR/.claude.json` where that is set
//! (<https://code.claude.com/docs/en/mcp>, <https://code.claude.com/docs/en/settings>).

use super::{
    Client, Surroundings,
    edit::{Json, Shape},
};

pub(super) const CLIENT: Client = Client {
    name: "claude-code",
    title: "Claude Code",
    program: "claude",
    file: |here| here.claude.as_deref().unwrap_or(&here.home).join(".claude.json"),
    folder: Surroundings::claude_folder,
    form: &Json { servers: "mcpServers", shape: Shape::Typed, comments: false },
};
