//! Cursor: `mcpServers` in `~/.cursor/mcp.json` (<https://cursor.com/docs/mcp>).

use super::{
    Client, Entry,
    edit::{Json, Shape},
};

pub(super) const CLIENT: Client = Client {
    name: "cursor",
    title: "Cursor",
    program: "cursor",
    folder: |here| here.home.join(".cursor"),
    server: Entry {
        record: "cursor",
        file: |here| here.home.join(".cursor/mcp.json"),
        form: &Json { servers: "mcpServers", shape: Shape::Typed, comments: true },
    },
    hooks: None,
};
