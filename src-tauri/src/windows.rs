//! The two windows: when they open, hide, and are dropped.
//!
//! The main window closes to the tray. The consent window opens by itself, above the others and
//! without taking the focus; closing it means "decide later". Both are kept for a minute after
//! they were hidden and then dropped, which gives the memory of their pages back. Neither shows
//! anything but its own page.
//!
//! Everything happens on the main thread, so that two notices cannot open one window twice.

use crate::{desk, words};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tauri::{
    AppHandle, Emitter as _, Manager as _, PhysicalPosition, PhysicalSize, Url, Webview,
    WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent, async_runtime,
    webview::NewWindowResponse,
};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogResult};
use wire::Notice;

/// The label of the main window.
pub(crate) const MAIN: &str = "main";
/// The label of the consent window.
pub(crate) const CONSENT: &str = "consent";

/// A window found hidden this often in a row, so far apart, is dropped.
const LOOKS: u32 = 2;
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

/// What outlives a window.
#[derive(Default)]
pub(crate) struct Windows {
    /// Where the main window was, and how large, when it was dropped.
    place: Mutex<Option<(PhysicalPosition<i32>, PhysicalSize<u32>)>>,
    /// Whether the human was told that closing does not end the app.
    told: AtomicBool,
}

/// Opens the main window and gives it the focus. Only on the main thread.
pub(crate) fn open_main(app: &AppHandle) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(MAIN) {
        window.show()?;
        window.unminimize()?;
        return window.set_focus();
    }
    let window = build(app, MAIN, "")?;
    let place = app.state::<Windows>().place.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((position, size)) = place {
        window.set_size(size)?;
        window.set_position(position)?;
    }
    Ok(())
}

/// Opens the main window, from any thread.
pub(crate) fn raise_main(app: &AppHandle) {
    on_main_thread(app, open_main);
}

/// Shows this ask unless the human is looking at another one.
pub(crate) fn offer_consent(app: &AppHandle, ask: &str) {
    let ask = ask.to_owned();
    on_main_thread(app, move |app| match app.get_webview_window(CONSENT) {
        Some(window) if window.is_visible()? => Ok(()),
        _ => show_consent(app, &ask),
    });
}

/// Shows this ask.
pub(crate) fn open_consent(app: &AppHandle, ask: &str) {
    let ask = ask.to_owned();
    on_main_thread(app, move |app| show_consent(app, &ask));
}

/// Shows this ask and gives it the focus. Only when the human asked for it in the main window.
pub(crate) fn focus_consent(app: &AppHandle, ask: &str) {
    let ask = ask.to_owned();
    on_main_thread(app, move |app| {
        show_consent(app, &ask)?;
        app.get_webview_window(CONSENT).map_or(Ok(()), |window| window.set_focus())
    });
}

fn show_consent(app: &AppHandle, ask: &str) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(CONSENT) else {
        return build(app, CONSENT, ask).map(drop);
    };
    // The page may be loading still, or showing another ask: its address and a notice both name
    // this one. Whatever it showed, the page starts the rest before its buttons anew.
    let mut url = window.url()?;
    if url.fragment() != Some(ask) {
        url.set_fragment(Some(ask));
        window.navigate(url)?;
    }
    window.emit_to(CONSENT, "notice", Notice::Review { ask: ask.to_owned() })?;
    if window.is_minimized()? {
        window.unminimize()?;
    }
    if !window.is_visible()? {
        take_no_focus(&window)?;
    }
    window.show()
}

/// The window manager is told that showing this window is no reason to give it the focus. GDK
/// writes that down only when the setting changes, and a click in the window undoes it: hence
/// both ways, each time.
#[cfg(target_os = "linux")]
fn take_no_focus(window: &WebviewWindow) -> tauri::Result<()> {
    use gtk::prelude::GtkWindowExt as _;
    let window = window.gtk_window()?;
    window.set_focus_on_map(true);
    window.set_focus_on_map(false);
    Ok(())
}

/// Elsewhere showing a window is the same as it was when it was built: unfocused.
#[cfg(not(target_os = "linux"))]
fn take_no_focus(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Builds a window as the configuration describes it, its page at this place.
fn build(app: &AppHandle, label: &'static str, place: &str) -> tauri::Result<WebviewWindow> {
    let configured = app.config().app.windows.iter().find(|window| window.label == label);
    let mut config = configured.cloned().ok_or(tauri::Error::WindowNotFound)?;
    if let WebviewUrl::App(page) = &mut config.url
        && !place.is_empty()
    {
        page.as_mut_os_string().push(format!("#{place}"));
    }
    let window = WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(move |url| is_page(label, url))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    // Within its window the page has the keyboard from the first, also where the window itself
    // opens without the focus.
    AsRef::<Webview>::as_ref(&window).set_focus()?;
    drop_when_hidden(app, label);
    Ok(window)
}

/// Whether an address is the page of this window. Nothing else is ever loaded.
fn is_page(label: &str, url: &Url) -> bool {
    let ours = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How the same pages are called where a webview knows no schemes of an app's own.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    let page = match label {
        CONSENT => url.path() == "/consent.html",
        _ => matches!(url.path(), "" | "/" | "/index.html"),
    };
    ours && page
}

/// Drops a window once it has been hidden for a minute.
fn drop_when_hidden(app: &AppHandle, label: &'static str) {
    let app = app.clone();
    async_runtime::spawn(async move {
        let mut hidden = 0;
        while hidden < LOOKS {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            let Some(window) = app.get_webview_window(label) else { return };
            hidden = if window.is_visible().unwrap_or(true) { 0 } else { hidden + 1 };
        }
        on_main_thread(&app, move |app| {
            let Some(window) = app.get_webview_window(label) else { return Ok(()) };
            if window.is_visible()? {
                drop_when_hidden(app, label); // it was opened again just now
                return Ok(());
            }
            if label == MAIN {
                let place = (window.outer_position()?, window.inner_size()?);
                let windows = app.state::<Windows>();
                *windows.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
            }
            tracing::debug!(label, "a window that was hidden for a minute is dropped");
            window.destroy()
        });
    });
}

/// Closing hides; a main window that would be hard to find again says so first.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    api.prevent_close();
    if window.label() == MAIN {
        let app = window.app_handle().clone();
        async_runtime::spawn(async move { close_main(&app).await });
    } else if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

async fn close_main(app: &AppHandle) {
    let told = &app.state::<Windows>().told;
    if told.load(Ordering::Relaxed) || desk::has_tray().await {
        return hide_main(app);
    }
    told.store(true, Ordering::Relaxed);
    let quit_or_keep =
        MessageDialogButtons::OkCancelCustom(words::QUIT.to_owned(), words::KEEP.to_owned());
    let mut dialog = app.dialog().message(words::STAYS).title(words::APP).buttons(quit_or_keep);
    if let Some(window) = app.get_webview_window(MAIN) {
        dialog = dialog.parent(&window);
    }
    let app = app.clone();
    dialog.show_with_result(move |chosen| match chosen {
        MessageDialogResult::Custom(choice) if choice == words::QUIT => app.exit(0),
        _ => hide_main(&app),
    });
}

fn hide_main(app: &AppHandle) {
    on_main_thread(app, |app| app.get_webview_window(MAIN).map_or(Ok(()), |window| window.hide()));
}

/// Does this on the main thread; what fails there is only logged, since nobody waits for it.
fn on_main_thread(
    app: &AppHandle,
    act: impl FnOnce(&AppHandle) -> tauri::Result<()> + Send + 'static,
) {
    let inside = app.clone();
    let done = app.run_on_main_thread(move || {
        if let Err(error) = act(&inside) {
            tracing::warn!(%error, "a window did not do what was wanted");
        }
    });
    if let Err(error) = done {
        tracing::warn!(%error, "the app is ending");
    }
}

#[cfg(test)]
mod tests;
