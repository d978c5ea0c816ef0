//! Codex CLI: tables `[mcp_servers.NAME]` in `config.toml` of `$CODEX_HOME`, else of `~/.codex`
//! (<https://developers.openai.com/codex/mcp>).

use super::{Client, Entry, Surroundings, edit::Toml};
use std::path::PathBuf;

fn folder(here: &Surroundings) -> PathBuf {
    here.codex.clone().unwrap_or_else(|| here.home.join(".codex"))
}

pub(super) const CLIENT: Client = Client {
    name: "codex",
    title: "Codex CLI",
    program: "codex",
    folder,
    server: Entry {
        record: "codex",
        file: |here| folder(here).join("config.toml"),
        form: &Toml { servers: "mcp_servers" },
    },
    hooks: None,
};
