//! The programs an agent runs in, and how each is told of this node: one place in a file of
//! the human's own settings.
//!
//! [`look`] says what is here and what would change, as a diff over the real file. [`connect`]
//! and [`undo`] do exactly what was shown or nothing: the change they are given is named by a
//! hash over the file and what it becomes. A copy is kept beside the file before it is
//! written. [`try_out`] then starts the very command that stands in the file and speaks MCP
//! with it.
//!
//! Each program is a row of [`CLIENTS`], and has a file of its own that says where its settings
//! are and how they are written. It knows nothing of pairing: a program that is connected still
//! has to be let in by the human.

mod claude_code;
mod claude_desktop;
mod codex;
mod cursor;
mod diff;
mod edit;
mod file;
mod gemini_cli;
mod hooks;
mod opencode;
mod plan;
mod record;
mod trial;
mod vscode;

pub use edit::EditError;
pub use file::FileError;
pub use plan::{Change, Connected, Seen, State, Undone, connect, look, undo};
pub use record::RecordError;
pub use trial::{Trial, TrialError, try_out};

use edit::Form;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Under which name this node stands among a program's servers.
pub const SERVER: &str = "tracenet";

/// A program that starts MCP servers.
#[derive(Debug)]
pub struct Client {
    /// Its name as an agent, and on the command line.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// The file name of its executable.
    program: &'static str,
    /// A folder that it makes when it is used.
    folder: fn(&Surroundings) -> PathBuf,
    /// Where its settings name servers.
    pub server: Entry,
    /// Where its settings name hooks, if it has any that this node can use.
    pub hooks: Option<Entry>,
}

/// One place of ours in a program's settings.
#[derive(Debug)]
pub struct Entry {
    /// Under which name it is remembered what was changed.
    record: &'static str,
    /// Where the settings are.
    file: fn(&Surroundings) -> PathBuf,
    /// How they are written.
    form: &'static dyn Form,
}

/// Every program that can be connected by a click.
pub static CLIENTS: [Client; 7] = [
    claude_code::CLIENT,
    codex::CLIENT,
    cursor::CLIENT,
    vscode::CLIENT,
    gemini_cli::CLIENT,
    opencode::CLIENT,
    claude_desktop::CLIENT,
];

/// The program of this name.
///
/// # Errors
/// When there is none of this name.
pub fn named(name: &str) -> Result<&'static Client, ClientError> {
    let known = CLIENTS.iter().find(|client| client.name == name);
    known.ok_or_else(|| ClientError::Unknown { name: name.to_owned() })
}

/// What of the human's surroundings says where programs keep their settings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The human's own folder.
    pub home: PathBuf,
    /// `CLAUDE_CONFIG_DIR`.
    pub claude: Option<PathBuf>,
    /// `CODEX_HOME`.
    pub codex: Option<PathBuf>,
    /// `GEMINI_CLI_HOME`.
    pub gemini: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub config: Option<PathBuf>,
    /// `APPDATA`, on Windows.
    pub roaming: Option<PathBuf>,
    /// `PATH`.
    pub path: OsString,
}

impl Surroundings {
    /// Those of this process; `None` where no home is known.
    #[must_use]
    pub fn of_process() -> Option<Self> {
        let var = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = var(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
        Some(Self {
            home: home.into(),
            claude: var("CLAUDE_CONFIG_DIR").map(PathBuf::from),
            codex: var("CODEX_HOME").map(PathBuf::from),
            gemini: var("GEMINI_CLI_HOME").map(PathBuf::from),
            config: var("XDG_CONFIG_HOME").map(PathBuf::from),
            roaming: var("APPDATA").map(PathBuf::from),
            path: var("PATH").unwrap_or_default(),
        })
    }

    /// Where Claude Code keeps its logs and settings.
    #[must_use]
    pub fn claude_folder(&self) -> PathBuf {
        self.claude.clone().unwrap_or_else(|| self.home.join(".claude"))
    }

    /// Where an app of this name with a window keeps its own folder.
    fn app_folder(&self, name: &str) -> PathBuf {
        let home = |usual| self.home.join(usual);
        let folder = if cfg!(target_os = "macos") {
            home("Library/Application Support")
        } else if cfg!(windows) {
            self.roaming.clone().unwrap_or_else(|| home("AppData/Roaming"))
        } else {
            self.config.clone().unwrap_or_else(|| home(".config"))
        };
        folder.join(name)
    }

    /// An executable of this name, on the path or where installers put them. A program that a
    /// desktop starts has a shorter path than a terminal has.
    fn program(&self, name: &str) -> Option<PathBuf> {
        let own = [".local/bin", ".claude/local", ".opencode/bin", "bin"]
            .map(|folder| self.home.join(folder));
        std::env::split_paths(&self.path)
            .filter(|folder| folder.is_absolute())
            .chain(own)
            .map(|folder| folder.join(name))
            .find(|program| is_executable(program))
    }
}

fn is_executable(path: &Path) -> bool {
    let Ok(about) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let runs = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let runs = true;
    about.is_file() && runs
}

/// What a program starts, however it writes that down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The executable.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables it is started with, beside those of the program that starts it.
    pub env: BTreeMap<String, String>,
}

impl Command {
    /// The shim of `client`, started from `program`; with a folder, for the node of that one.
    ///
    /// # Errors
    /// When there is no such program, or a path has no name in JSON.
    pub fn shim(
        client: &Client,
        program: &Path,
        folder: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let text = |path: &Path| {
            let unsaid = || ClientError::NotUtf8 { path: path.to_owned() };
            path.to_str().map(str::to_owned).ok_or_else(unsaid)
        };
        if !is_executable(program) {
            return Err(ClientError::NoProgram { path: program.to_owned() });
        }
        let named = folder.map(|folder| Ok(("TRACENET_HOME".to_owned(), text(folder)?)));
        Ok(Self {
            command: text(program)?,
            args: ["mcp", "--as", client.name].map(str::to_owned).to_vec(),
            env: named.into_iter().collect::<Result<_, ClientError>>()?,
        })
    }

    /// What the hooks of `client` run, on one line of a shell; with a folder, for the node of that
    /// one. The word [`hooks::EVENT`] stands where the event does.
    ///
    /// # Errors
    /// As for [`Command::shim`].
    pub fn hook(
        client: &Client,
        program: &Path,
        folder: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let Self { command, env, .. } = Self::shim(client, program, folder)?;
        let line = hooks::line(&command, client.name, env.get("TRACENET_HOME").map(String::as_str));
        Ok(Self { command: line, args: Vec::new(), env: BTreeMap::new() })
    }

    /// Whether it starts a shim of some version at some place.
    fn is_ours(&self) -> bool {
        let program = Path::new(&self.command).file_stem();
        program.is_some_and(|stem| stem == SERVER) && self.args.first().is_some_and(|a| a == "mcp")
    }
}

/// Why a program is not connected, or not disconnected.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No program of this name can be connected here.
    #[error("no agent called `{name}` can be connected by this version")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Nothing of it is on this machine.
    #[error("{title} was not found on this machine")]
    NotFound {
        /// The program.
        title: &'static str,
    },
    /// The shim is not where it should be.
    #[error("there is no tracenet command at {}", path.display())]
    NoProgram {
        /// Where it was sought.
        path: PathBuf,
    },
    /// A path that JSON cannot carry.
    #[error("{} is not UTF-8", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// There is nothing to take out.
    #[error("{} names no server of ours", path.display())]
    NotConnected {
        /// The settings.
        path: PathBuf,
    },
    /// The settings are not what they should be.
    #[error("{} {why}", path.display())]
    Edit {
        /// The settings.
        path: PathBuf,
        /// What is wrong.
        why: EditError,
    },
    /// The file is not touched.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was done cannot be remembered, so it is not done.
    #[error(transparent)]
    Record(#[from] RecordError),
}

#[cfg(test)]
mod tests;
