//! Cursor: `mcpServers` in `~/.cursor/mcp.json` (<https://cursor.com/docs/mcp>).

use super::{
    Client,
    edit::{Json, Shape},
};

pub(super) const CLIENT: Client = Client {
    name: "cursor",
    title: "Cursor",
    program: "cursor",
    file: |here| here.home.join(".cursor/mcp.json"),
    folder: |here| here.home.join(".cursor"),
    form: &Json { servers: "mcpServers", shape: Shape::Typed, comments: true },
};
