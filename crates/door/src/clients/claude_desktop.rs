//! Claude Desktop: `mcpServers` in `claude_desktop_config.json` of the app's folder
//! (<https://modelcontextprotocol.io/docs/develop/connect-local-servers>). A comment or a
//! trailing comma would make it ignore the whole file.

use super::{
    Client, Entry,
    edit::{Json, Shape},
};

pub(super) const CLIENT: Client = Client {
    name: "claude-desktop",
    title: "Claude Desktop",
    program: "claude-desktop",
    folder: |here| here.app_folder("Claude"),
    server: Entry {
        record: "claude-desktop",
        file: |here| here.app_folder("Claude").join("claude_desktop_config.json"),
        form: &Json { servers: "mcpServers", shape: Shape::Plain, comments: false },
    },
    hooks: None,
};
