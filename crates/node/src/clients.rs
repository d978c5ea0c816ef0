//! The programs agents run in: what is here, and writing this node into their settings.
//!
//! This grants nothing: an agent of such a program still has to be let in by the human. What
//! is written is what was shown, and the command that is written is tried out at once.

use crate::{Code, Fault, Node, Notice};
use door::clients::{self, CLIENTS, Client, ClientError, Command, FileError, Surroundings};
use std::{path::PathBuf, time::Duration};

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
    /// Whether its agent was let in.
    pub paired: bool,
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
            CLIENTS
                .iter()
                .map(|client| {
                    let wanted = shim(client, named.as_deref());
                    let mut seen = clients::look(&here, client, &folder, wanted);
                    for change in [&mut seen.connect, &mut seen.undo].into_iter().flatten() {
                        change.diff = screen::mask(&change.diff);
                    }
                    let paired = agents.iter().any(|(_, row)| row.name == client.name);
                    let why = seen.why.take().map(Fault::from);
                    ClientSeen { name: client.name, title: client.title, seen, why, paired }
                })
                .collect()
        };
        tokio::task::spawn_blocking(look).await.map_err(Fault::broken)
    }

    /// Writes this node into a program's settings, as it was shown under the name `shown`, and
    /// tries the command out.
    ///
    /// # Errors
    /// When the settings changed since, or cannot be changed. A command that does not answer
    /// is no error of this: [`ClientConnected::trial`] says why.
    pub async fn connect_client(&self, name: &str, shown: &str) -> Result<ClientConnected, Fault> {
        let client = clients::named(name)?;
        let (here, folder) = (surroundings()?, self.0.home.clone());
        let (shown, now) = (shown.to_owned(), self.0.now());
        let named = named_folder(&folder);
        let written = tokio::task::spawn_blocking(move || {
            let wanted = shim(client, named.as_deref())?;
            clients::connect(&here, client, &folder, wanted, &shown, now)
        });
        let connected = written.await.map_err(Fault::broken)??;
        let trial = clients::try_out(&connected.command, TRIAL).await.map_err(|e| e.to_string());
        if let Err(why) = &trial {
            tracing::warn!(client = name, %why, "the command that was written does not answer");
        }
        // The program itself may have written its settings over ours meanwhile.
        let after = self.clients().await?;
        let stands = after.iter().any(|c| c.name == name && c.seen.state == ClientState::Connected);
        self.0.notify(Notice::Settings);
        Ok(ClientConnected { file: connected.file, backup: connected.backup, trial, stands })
    }

    /// Takes this node out of a program's settings, as it was shown under the name `shown`.
    ///
    /// # Errors
    /// When the settings changed since, or cannot be changed.
    pub async fn undo_client(&self, name: &str, shown: &str) -> Result<ClientUndone, Fault> {
        let client = clients::named(name)?;
        let (here, folder) = (surroundings()?, self.0.home.clone());
        let (shown, now) = (shown.to_owned(), self.0.now());
        let undone =
            tokio::task::spawn_blocking(move || clients::undo(&here, client, &folder, &shown, now));
        let undone = undone.await.map_err(Fault::broken)??;
        self.0.notify(Notice::Settings);
        Ok(undone)
    }
}

fn surroundings() -> Result<Surroundings, Fault> {
    let none = || Fault::not_now("no home folder is known", "set HOME and start TraceNet again");
    Surroundings::of_process().ok_or_else(none)
}

/// The data folder, when the shim would not find it by itself.
fn named_folder(folder: &std::path::Path) -> Option<PathBuf> {
    let plain = std::env::var_os("TRACENET_HOME").is_none()
        && crate::default_home().is_some_and(|home| home == folder);
    (!plain).then(|| folder.to_owned())
}

/// The command that starts the shim: it lies beside the running program.
fn shim(client: &Client, folder: Option<&std::path::Path>) -> Result<Command, ClientError> {
    let own = std::env::current_exe().unwrap_or_default();
    let name = format!("tracenet{}", std::env::consts::EXE_SUFFIX);
    Command::shim(client, &own.with_file_name(name), folder)
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
