//! From the environment to an opened node, or to the reason why there is none.
//!
//! One process owns the folder. When another has it and shows a window, that window is raised and
//! this process is done; when it has no window, the human is told what to do.

use crate::words;
use node::{Config, Node, OpenError, StartError};
use std::{
    env,
    io::{self, IsTerminal as _},
    path::Path,
    time::Duration,
};
use tauri::{AppHandle, async_runtime};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;
use wire::{
    Act, Query, View,
    control::{Client, Request, Response},
};

/// How often, and how far apart, the owner of the folder is tried: it may only just have started.
const TRIES: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(200);

/// What opening came to.
pub(crate) enum Opened {
    /// This process owns the folder.
    Here(Node),
    /// Another does, and its window was raised.
    Raised,
}

/// Why the app does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// No screen.
    #[error("{}", words::NO_DISPLAY)]
    NoDisplay,
    /// The system refuses what every program gets.
    #[error("failed to start: {0}")]
    Threads(io::Error),
    /// The window cannot be opened.
    #[error("failed to open the window: {0}")]
    Window(tauri::Error),
    /// No folder.
    #[error("{}", words::NO_HOME)]
    NoHome,
    /// A node without a window owns the folder.
    #[error("{}", words::HEADLESS)]
    Headless,
    /// The node cannot be opened.
    #[error(transparent)]
    Node(#[from] StartError),
    /// The sockets cannot be had.
    #[error(transparent)]
    Doors(#[from] node::Fault),
}

/// Logs to stderr, as `RUST_LOG` says.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new(
            "info,iroh=warn,iroh_blobs::store::gc=off,tantivy=warn,zbus=warn,tracing::span=warn",
        )
    });
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(colours)
        .init();
}

/// Whether there is a screen to open a window on. Without one GTK would end the process.
pub(crate) fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens the node of this user's folder, with its doors, and lets it go online by itself.
pub(crate) async fn open() -> Result<Opened, Refusal> {
    let home = node::default_home().ok_or(Refusal::NoHome)?;
    let mut config = Config::new(home.clone());
    config.window = true;
    config.loopback_only = env::var_os("TRACENET_NETWORK").is_some_and(|value| value == "loopback");
    let node = match Node::open(config) {
        Ok(node) => node,
        Err(error @ StartError::Open(OpenError::InUse { .. })) => {
            return elsewhere(&home, error).await;
        }
        Err(error) => return Err(error.into()),
    };
    // Before the doors open, or the first to enter would be told nothing.
    wire::serve_control(&node);
    node.open_doors()?;
    node.lock_when_away();
    let online = node.clone();
    tokio::spawn(async move {
        if let Err(fault) = online.go_online().await {
            tracing::warn!(%fault, "the node works alone: no peer can reach it");
        }
    });
    Ok(Opened::Here(node))
}

/// Another process owns the folder: it is asked for its window.
async fn elsewhere(home: &Path, error: StartError) -> Result<Opened, Refusal> {
    for _ in 0..TRIES {
        match raise(home).await {
            Some(true) => return Ok(Opened::Raised),
            Some(false) => return Err(Refusal::Headless),
            None => tokio::time::sleep(BETWEEN).await,
        }
    }
    Err(error.into())
}

/// Raises the running node's window. `Some(false)`: it has none. `None`: it does not answer yet.
async fn raise(home: &Path) -> Option<bool> {
    let mut client = Client::connect(home).await.ok()??;
    let status = client.request(&Request::View(Query::Status {})).await.ok()?;
    let Response::View(view) = status else { return None };
    if !matches!(*view, View::Status(status) if status.window) {
        return Some(false);
    }
    client.act(Act::Raise {}).await.ok().map(|_| true)
}

/// Says why the app does not start: in the terminal it was started from, or else in a dialog.
pub(crate) fn say(refusal: &Refusal) {
    eprintln!("tracenet-desktop: {refusal}");
    // Without a screen, or where a window cannot be opened, a dialog cannot either.
    let shows = !matches!(refusal, Refusal::NoDisplay | Refusal::Window(_));
    if !shows || io::stderr().is_terminal() {
        return;
    }
    let text = refusal.to_string();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .setup(move |app| {
            let handle = app.handle().clone();
            let dialog =
                app.dialog().message(text).title(words::APP).kind(MessageDialogKind::Error);
            dialog.show(move |_| handle.exit(1));
            Ok(())
        })
        .build(crate::context());
    match app {
        Ok(app) => drop(app.run_return(crate::stay)),
        Err(error) => tracing::error!(%error, "no dialog can be shown"),
    }
}

/// The system's wish that the app end.
pub(crate) struct Ending(#[cfg(unix)] [Signal; 3]);

impl Ending {
    /// Listens from now on: before anything is opened, so that no signal ends it half-open.
    ///
    /// # Errors
    /// When the system does not let us.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self([terminate, interrupt, signal(SignalKind::hangup())?]))
    }

    /// Elsewhere it is heard from the first wait on.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self())
    }

    /// Ends the app, as the human would, once the system asks for it.
    pub(crate) fn obey(self, app: &AppHandle) {
        let app = app.clone();
        async_runtime::spawn(async move {
            self.wished().await;
            app.exit(0);
        });
    }

    #[cfg(unix)]
    async fn wished(self) {
        let [mut terminate, mut interrupt, mut hang_up] = self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn wished(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
