//! OpenCode: `mcp` in `opencode.json` or `opencode.jsonc` of its folder of settings
//! (<https://opencode.ai/docs/mcp-servers>), on every system below `$XDG_CONFIG_HOME`, else
//! `~/.config`. Its second version also has `mcp.servers` and still reads what the first wrote
//! (<https://opencode.ai/docs/migrate-v1/>); the first reads nothing else.

use super::{
    Client, Entry, Surroundings,
    edit::{Json, Shape},
};
use std::path::PathBuf;

fn folder(here: &Surroundings) -> PathBuf {
    here.config.clone().unwrap_or_else(|| here.home.join(".config")).join("opencode")
}

fn file(here: &Surroundings) -> PathBuf {
    let [plain, commented] =
        ["opencode.json", "opencode.jsonc"].map(|name| folder(here).join(name));
    let is = |path: &PathBuf| path.symlink_metadata().is_ok();
    if !is(&plain) && is(&commented) { commented } else { plain }
}

pub(super) const CLIENT: Client = Client {
    name: "opencode",
    title: "OpenCode",
    program: "opencode",
    folder,
    server: Entry {
        record: "opencode",
        file,
        form: &Json { servers: "mcp", shape: Shape::Array, comments: true },
    },
    hooks: None,
};
