//! Claude Code: `claude mcp add --scope user` writes `mcpServers` in `~/.claude.json`, or in
//! `$CLAUDE_CONFIG_DIR/.claude.json` where that is set
//! (<https://code.claude.com/docs/en/mcp>, <https://code.claude.com/docs/en/settings>). Its hooks
//! stand in `settings.json` of its own folder (<https://code.claude.com/docs/en/hooks>).

use super::{
    Client, Entry, Surroundings,
    edit::{Json, Shape},
    hooks::Hooks,
};

pub(super) const CLIENT: Client = Client {
    name: "claude-code",
    title: "Claude Code",
    program: "claude",
    folder: Surroundings::claude_folder,
    server: Entry {
        record: "claude-code",
        file: |here| here.claude.as_deref().unwrap_or(&here.home).join(".claude.json"),
        form: &Json { servers: "mcpServers", shape: Shape::Typed, comments: false },
    },
    hooks: Some(Entry {
        record: "claude-code-hooks",
        file: |here| here.claude_folder().join("settings.json"),
        form: &Hooks,
    }),
};
