//! The programs agents run in: what is here, and writing this node into their settings.
//!
//! This grants nothing: an agent of such a program still has to be let in by the human. What
//! is written is what was shown, and the command that is written is tried out at once.

use crate::{Code, Fault, Node, Notice};
use door::clients::{self, CLIENTS, Client, ClientError, Command, FileError, Surroundings};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use door::clients::{Change, Seen, State as ClientState, Trial};

/// How long a command that was written may take to answer all that it is asked.
const TRIAL: Duration = Duration::from_secs(20);

/// A program, and how it stands.
#[derive(Debug)]
pub struct ClientSeen {
    /// Its name as an agent.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// What was found.
    pub seen: Seen,
    /// Why nothing can be changed, and what to do.
    pub why: Option<Fault>,
    /// The same of its hooks, where it has any that this node can use.
    pub hooks: Option<HooksSeen>,
    /// Whether its agent was let in.
    pub paired: bool,
}

/// A program's hooks, and how they stand.
#[derive(Debug)]
pub struct HooksSeen {
    /// What was found.
    pub seen: Seen,
    /// Why nothing can be changed, and what to do.
    pub why: Option<Fault>,
}

/// What connecting did.
#[derive(Debug)]
pub struct ClientConnected {
    /// The settings.
    pub file: PathBuf,
    /// The copy of what was there before; `None` when nothing was, or nothing was written.
    pub backup: Option<PathBuf>,
    /// What the command that was written said, or why it said nothing.
    pub trial: Result<Trial, String>,
    /// Whether the settings still start this node after that.
    pub stands: bool,
    /// Where hooks were written, and the copy of what was there before.
    pub hooks: Option<(PathBuf, Option<PathBuf>)>,
}

/// The changes that the human saw: of the servers, and of the hooks. What is empty is left as it
/// is.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Of the settings that name servers.
    pub server: String,
    /// Of the settings that name hooks.
    pub hooks: String,
}

pub use door::clients::Undone as ClientUndone;

impl Node {
    /// Every program that can be connected, and what connecting or undoing would change. In the
    /// lines around a change, secrets are masked.
    ///
    /// # Errors
    /// When the store cannot be read, or no home is known.
    pub async fn clients(&self) -> Result<Vec<ClientSeen>, Fault> {
        let agents = self.look()?.agents()?;
        let (here, folder) = (surroundings()?, self.0.home.clone());
        let named = named_folder(&folder);
        let look = move || {
            let masked = |mut seen: Seen| {
                for change in [&mut seen.connect, &mut seen.undo].into_iter().flatten() {
                    change.diff = screen::mask(&change.diff);
                }
                let why = seen.why.take().map(Fault::from);
                (seen, why)
            };
            let client = |client: &'static Client| {
                let wanted = shim(client, named.as_deref());
                let seen = clients::look(&here, client, &client.server, &folder, wanted);
                let (seen, why) = masked(seen);
                let hooks = client.hooks.as_ref().map(|entry| {
                    let wanted = hook(client, named.as_deref());
                    let (seen, why) = masked(clients::look(&here, client, entry, &folder, wanted));
                    HooksSeen { seen, why }
                });
                let paired = agents.iter().any(|(_, row)| row.name == client.name);
                ClientSeen { name: client.name, title: client.title, seen, why, hooks, paired }
            };
            CLIENTS.iter().map(client).collect()
        };
        tokio::task::spawn_blocking(look).await.map_err(Fault::broken)
    }

    /// Writes this node into a program's settings, as it was shown, and tries the command out.
    ///
    /// # Errors
    /// When the settings changed since, or cannot be changed. A command that does not answer
    /// is no error of this: [`ClientConnected::trial`] says why.
    pub async fn connect_client(&self, name: &str, shown: Shown) -> Result<ClientConnected, Fault> {
        let client = clients::named(name)?;
        let (here, folder) = (surroundings()?, self.0.home.clone());
        let now = self.0.now();
        let named = named_folder(&folder);
        let write = move || -> Result<_, ClientError> {
            let wanted = shim(client, named.as_deref())?;
            let entry = client.hooks.as_ref().filter(|_| !shown.hooks.is_empty());
            let hooks =
                entry.map(|entry| Ok::<_, ClientError>((entry, hook(client, named.as_deref())?)));
            let hooks = hooks.transpose()?;
            if let Some((entry, wanted)) = &hooks {
                // Both files are as they were shown, or neither is written.
                let seen = clients::look(&here, client, entry, &folder, Ok(wanted.clone()));
                if seen.connect.is_none_or(|change| change.seen != shown.hooks) {
                    return Err(FileError::Changed { path: seen.file }.into());
                }
            }
            let server = clients::connect(
                &here,
                client,
                &client.server,
                &folder,
                wanted,
                &shown.server,
                now,
            )?;
            let hooks = hooks.map(|(entry, wanted)| {
                clients::connect(&here, client, entry, &folder, wanted, &shown.hooks, now)
            });
            Ok((server, hooks.transpose()?))
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(Fault::broken)?;
        let (connected, hooks) = written?;
        let trial = clients::try_out(&connected.command, TRIAL).await.map_err(|e| e.to_string());
        if let Err(why) = &trial {
            tracing::warn!(client = name, %why, "the command that was written does not answer");
        }
        // The program itself may have written its settings over ours meanwhile.
        let after = self.clients().await?;
        let stands = after.iter().any(|c| c.name == name && c.seen.state == ClientState::Connected);
        self.0.notify(Notice::Settings);
        let hooks = hooks.map(|hooks| (hooks.file, hooks.backup));
        Ok(ClientConnected { file: connected.file, backup: connected.backup, trial, stands, hooks })
    }

    /// Takes this node out of a program's settings, as it was shown: out of those that name
    /// servers, those that name hooks, or both, in this order.
    ///
    /// # Errors
    /// When the settings changed since, or cannot be changed.
    pub async fn undo_client(&self, name: &str, shown: Shown) -> Result<Vec<ClientUndone>, Fault> {
        let client = clients::named(name)?;
        let (here, folder) = (surroundings()?, self.0.home.clone());
        let now = self.0.now();
        let undo = move || {
            let server = (Some(&client.server), shown.server);
            let hooks = (client.hooks.as_ref().filter(|_| !shown.hooks.is_empty()), shown.hooks);
            // Where nothing was shown at all, that there is nothing to undo is said.
            let alone = hooks.0.is_some() && server.1.is_empty();
            let entries = [server, hooks].into_iter().skip(usize::from(alone));
            let undone = entries.filter_map(|(entry, shown)| {
                Some(clients::undo(&here, entry?, &folder, &shown, now))
            });
            undone.collect::<Result<Vec<_>, ClientError>>()
        };
        let undone = tokio::task::spawn_blocking(undo).await.map_err(Fault::broken)??;
        self.0.notify(Notice::Settings);
        Ok(undone)
    }
}

fn surroundings() -> Result<Surroundings, Fault> {
    let none = || Fault::not_now("no home folder is known", "set HOME and start TraceNet again");
    Surroundings::of_process().ok_or_else(none)
}

/// The data folder, when the shim would not find it by itself.
fn named_folder(folder: &Path) -> Option<PathBuf> {
    let plain = std::env::var_os("TRACENET_HOME").is_none()
        && crate::default_home().is_some_and(|home| home == folder);
    (!plain).then(|| folder.to_owned())
}

/// The command that starts the shim.
fn shim(client: &Client, folder: Option<&Path>) -> Result<Command, ClientError> {
    Command::shim(client, &program(), folder)
}

/// What the program's hooks run.
fn hook(client: &Client, folder: Option<&Path>) -> Result<Command, ClientError> {
    Command::hook(client, &program(), folder)
}

/// The command of agents: it lies beside the running program.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(format!("tracenet{}", std::env::consts::EXE_SUFFIX))
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        let hint = match &error {
            ClientError::Unknown { .. } => {
                let names: Vec<_> = CLIENTS.iter().map(|client| client.name).collect();
                let hint = format!(
                    "one of: {}; let others start `tracenet mcp --as NAME`",
                    names.join(", ")
                );
                return Self::invalid(error.to_string(), hint);
            }
            ClientError::NotFound { .. } => "install it and start it once, then look again",
            ClientError::NoProgram { .. } => {
                "install the `tracenet` command beside the app: agents are served by it"
            }
            ClientError::NotUtf8 { .. } => "move TraceNet or its data folder to another path",
            ClientError::NotConnected { .. } => {
                return Self::invalid(error.to_string(), "there is nothing to undo");
            }
            ClientError::Edit { .. } => {
                "nothing was changed: mend it in an editor, or let the \
                                         program write it anew"
            }
            ClientError::Record(_) => "nothing was changed: make the data folder writable",
            ClientError::File(file) => return file_fault(file),
        };
        Self::not_now(error.to_string(), hint)
    }
}

fn file_fault(error: &FileError) -> Fault {
    use std::io::ErrorKind;
    let hint = match error {
        FileError::Changed { .. } => "nothing was changed: look at the new change and decide again",
        FileError::NotAFile { .. } | FileError::Dangling { .. } => {
            "nothing was changed: put a plain file there, or move it away"
        }
        FileError::NotOurs { .. } => "nothing was changed: its owner has to do it",
        FileError::ReadOnly { .. } => "nothing was changed: make it writable if you want this",
        FileError::Linked { .. } => "nothing was changed: leave it one name, or edit it by hand",
        FileError::TooLarge { .. } | FileError::NotText { .. } => {
            "nothing was changed: this is not how the program writes it"
        }
        FileError::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "nothing was changed: free some space and try again"
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "nothing was changed: make it and its folder writable for this user"
            }
            _ => "",
        },
    };
    Fault::new(Code::NotNow, error.to_string(), hint)
}
