//! VS Code: `servers` in `mcp.json` of the user's profile
//! (<https://code.visualstudio.com/docs/agents/reference/mcp-configuration>), which is JSON with
//! comments. Profiles beside the default one keep files of their own, and are left alone.

use super::{
    Client, Entry,
    edit::{Json, Shape},
};

pub(super) const CLIENT: Client = Client {
    name: "vscode",
    title: "VS Code",
    program: "code",
    folder: |here| here.app_folder("Code"),
    server: Entry {
        record: "vscode",
        file: |here| here.app_folder("Code").join("User/mcp.json"),
        form: &Json { servers: "servers", shape: Shape::Typed, comments: true },
    },
    hooks: None,
};
