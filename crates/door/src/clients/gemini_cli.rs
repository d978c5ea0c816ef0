//! Gemini CLI: `mcpServers` in `~/.gemini/settings.json`, below `$GEMINI_CLI_HOME` where that is
//! set (<https://geminicli.com/docs/tools/mcp-server/>). Comments are read there. A server has no
//! type: what it names says how it is reached.

use super::{
    Client, Entry, Surroundings,
    edit::{Json, Shape},
};
use std::path::PathBuf;

fn folder(here: &Surroundings) -> PathBuf {
    here.gemini.as_deref().unwrap_or(&here.home).join(".gemini")
}

pub(super) const CLIENT: Client = Client {
    name: "gemini-cli",
    title: "Gemini CLI",
    program: "gemini",
    folder,
    server: Entry {
        record: "gemini-cli",
        file: |here| folder(here).join("settings.json"),
        form: &Json { servers: "mcpServers", shape: Shape::Plain, comments: true },
    },
    hooks: None,
};
