//! An app with one page that holds one heading, and a second window of the same.
//!
//! What the app's start and its consent window are measured against: the same framework with the
//! same features, nothing else. A line on stdin opens the second window, or shows it again after
//! it was closed, which hides it. It ends with its stdin.

use std::process::ExitCode;
use tauri::{
    AppHandle, Error, Manager as _, WebviewWindowBuilder, Window, WindowEvent,
    utils::config::WindowConfig,
};

const SECOND: &str = "second";

fn main() -> ExitCode {
    let app = tauri::Builder::default()
        .on_window_event(hide_on_close)
        .setup(|app| {
            let app = app.handle().clone();
            std::thread::spawn(move || obey(&app));
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            u8::try_from(app.run_return(|_, _| {})).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("empty-app: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hide_on_close(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        if let Err(error) = window.hide() {
            eprintln!("empty-app: {error}");
        }
    }
}

/// Shows the second window at each line, and ends the app at the end of the lines.
fn obey(app: &AppHandle) {
    for line in std::io::stdin().lines() {
        if line.is_err() {
            break;
        }
        let inside = app.clone();
        let shown = app.run_on_main_thread(move || {
            if let Err(error) = show(&inside) {
                eprintln!("empty-app: {error}");
            }
        });
        if let Err(error) = shown {
            eprintln!("empty-app: {error}");
        }
    }
    app.exit(0);
}

fn show(app: &AppHandle) -> Result<(), Error> {
    if let Some(window) = app.get_webview_window(SECOND) {
        return window.show();
    }
    let is_second = |window: &&WindowConfig| window.label == SECOND;
    let config = app.config().app.windows.iter().find(is_second).ok_or(Error::WindowNotFound)?;
    WebviewWindowBuilder::from_config(app, config)?.build().map(drop)
}
