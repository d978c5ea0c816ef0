//! Opens windows and carries messages.
//!
//! The shell starts the node, shows its two windows, its tray and its notifications, and passes
//! three gates and one stream of notices between them and the node. It decides nothing: what may
//! be seen, done and answered is the node's affair, told by the label of the window that asks.
//!
//! Promises: only the consent window reaches `answer`; neither the tray nor a notification grants;
//! no page but the app's own is ever shown; at its end the node is stopped before the process is.
//!
//! It knows nothing of artifacts, keys, peers or the store.

mod announce;
mod desk;
mod disarm;
mod gates;
mod notices;
mod start;
mod tray;
mod waiting;
mod windows;
mod words;

use start::{Ending, Opened, Refusal};
use std::{process::ExitCode, time::Duration};
use tauri::{App, AppHandle, Manager as _, RunEvent, async_runtime};
use tokio::{runtime::Runtime, time::timeout};
use wire::Gate;

/// How long the node may take to stop. What it acknowledged is durable before that.
const STOPPING: Duration = Duration::from_secs(2);

/// Whether another program may drive the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driven {
    /// The variables that would let it are removed before anything is shown.
    Never,
    /// By WebDriver, in tests.
    #[cfg(feature = "webdriver")]
    ByWebDriver,
}

/// Runs the app to its end. 0: done, or another window was raised; 1: it could not start, and
/// why was said.
#[must_use]
pub fn run(driven: Driven) -> ExitCode {
    if driven == Driven::Never
        && let Err(error) = disarm::disarm()
    {
        eprintln!("tracenet-desktop: failed to start anew without automation: {error}");
        return ExitCode::FAILURE;
    }
    start::log();
    node::forbid_core_dumps();
    node::keep_private();
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            start::say(&refusal);
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), Refusal> {
    if !start::has_display() {
        return Err(Refusal::NoDisplay);
    }
    let runtime = Runtime::new().map_err(Refusal::Threads)?;
    async_runtime::set(runtime.handle().clone());
    let _inside = runtime.enter();
    let ending = Ending::listen().map_err(Refusal::Threads)?;
    let Opened::Here(node) = runtime.block_on(start::open())? else { return Ok(()) };
    let ran = build(Gate::new(node.clone()), ending).map(|app| app.run_return(stay));
    if runtime.block_on(async { timeout(STOPPING, node.stop()).await }).is_err() {
        tracing::warn!("the node did not stop in time; what it acknowledged is kept");
    }
    ran.map(drop).map_err(Refusal::Window)
}

/// The app with its windows, before its first event.
fn build(gate: Gate, ending: Ending) -> tauri::Result<App> {
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(gate)
        .manage(windows::Windows::default())
        .manage(announce::Announced::default())
        .invoke_handler(tauri::generate_handler![gates::view, gates::act, gates::answer])
        .on_window_event(windows::on_event)
        .setup(move |app| {
            let app = app.handle();
            tray::make(app)?;
            windows::open_main(app)?;
            notices::follow(app);
            ending.obey(app);
            Ok(())
        })
        .build(context())
}

/// The grant and the pages, as they were when this was built.
fn context() -> tauri::Context {
    tauri::generate_context!("../tauri.conf.json")
}

/// The app outlives its windows: it ends only when it was told to.
fn stay(_: &AppHandle, event: RunEvent) {
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
    }
}

/// The node behind the windows.
fn gate(app: &AppHandle) -> Gate {
    app.state::<Gate>().inner().clone()
}
