//! From the environment to an opened node, or to the reason why there is none.
//!
//! One process owns the folder. When another has it and shows a window, that window is raised and
//! this process is done; when it has no window, the human is told what to do.

use crate::words;
use node::{Config, Node, OpenError, StartError};
use std::{env, io::IsTerminal as _, path::Path, time::Duration};
use tauri::{AppHandle, async_runtime};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
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
        EnvFilter::new("info,iroh=warn,tantivy=warn,zbus=warn,tracing::span=warn")
    });
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
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
    node.open_doors()?;
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
pub(crate) fn say(refusal: &str) {
    eprintln!("tracenet-desktop: {refusal}");
    if std::io::stderr().is_terminal() {
        return;
    }
    let text = refusal.to_owned();
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

/// Ends the app as the human would when the system asks for it.
pub(crate) fn end_on_signals(app: &AppHandle) {
    let app = app.clone();
    async_runtime::spawn(async move {
        match signalled().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "signals will end the app at once"),
        }
    });
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
