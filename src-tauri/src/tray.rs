//! The tray: an icon that tells whether something waits, and a menu that lists it.
//!
//! A click opens the very prompt it names, or denies; none grants. The menu is set anew only when
//! what waits has changed, so that one that is open does not jump.

use crate::{gate, waiting::Waiting, windows, words};
use std::sync::{Mutex, PoisonError};
use tauri::{
    AppHandle, Manager as _, Wry, async_runtime,
    image::Image,
    include_image,
    menu::{Menu, MenuBuilder, MenuEvent, MenuItemBuilder, SubmenuBuilder},
    tray::TrayIconBuilder,
};
use wire::{Act, Face, Query, View};

const TRAY: &str = "tray";
const QUIET: Image<'_> = include_image!("../icons/tray.png");
const WAITS: Image<'_> = include_image!("../icons/tray-waiting.png");

const OPEN: &str = "open";
const LOCK: &str = "lock";
const QUIT: &str = "quit";
const REVIEW: &str = "review:";
const DENY: &str = "deny:";

/// What the menu lists now, and whether the key is unlocked.
struct Listed(Mutex<(Waiting, bool)>);

/// Makes the tray. On a desktop without one nothing is seen, and nothing fails.
pub(crate) fn make(app: &AppHandle) -> tauri::Result<()> {
    let waiting = Waiting::default();
    let menu = menu(app, &waiting, false)?;
    TrayIconBuilder::with_id(TRAY)
        .icon(QUIET)
        .title("")
        .tooltip(words::APP)
        .menu(&menu)
        .show_menu_on_left_click(true)
        .on_menu_event(on_menu)
        .build(app)?;
    app.manage(Listed(Mutex::new((waiting, false))));
    Ok(())
}

/// Shows what waits now.
pub(crate) async fn refresh(app: &AppHandle) {
    let waiting = match gate(app).view(Face::Tray, Query::Asks {}).await {
        Ok(View::Asks(asks)) => Waiting::of(&asks.pending),
        // Before the first start there is nothing to list.
        Ok(_) | Err(_) => Waiting::default(),
    };
    let unlock = gate(app).view(Face::Tray, Query::Unlock {}).await;
    let unlocked = matches!(unlock, Ok(View::Unlock(unlock)) if unlock.until > 0);
    {
        let listed = app.state::<Listed>();
        let mut listed = listed.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *listed == (waiting.clone(), unlocked) {
            return;
        }
        *listed = (waiting.clone(), unlocked);
    }
    if let Err(error) = show(app, &waiting, unlocked) {
        tracing::warn!(%error, "the tray could not be changed");
    }
}

fn show(app: &AppHandle, waiting: &Waiting, unlocked: bool) -> tauri::Result<()> {
    let Some(tray) = app.tray_by_id(TRAY) else { return Ok(()) };
    tray.set_menu(Some(menu(app, waiting, unlocked)?))?;
    tray.set_icon(Some(if waiting.is_empty() { QUIET } else { WAITS }))
}

/// The menu over what waits, and to lock the key.
fn menu(app: &AppHandle, waiting: &Waiting, unlocked: bool) -> tauri::Result<Menu<Wry>> {
    let line = |id: String, text: &str, enabled| {
        MenuItemBuilder::with_id(id, text).enabled(enabled).build(app)
    };
    let mut menu = MenuBuilder::new(app);
    if waiting.is_empty() {
        menu = menu.item(&line("nothing".to_owned(), words::TRAY_NOTHING, false)?);
    } else {
        let mut deny = SubmenuBuilder::new(app, words::TRAY_DENY);
        for entry in &waiting.entries {
            menu = menu.item(&line(format!("{REVIEW}{}", entry.ask), &entry.label, true)?);
            deny = deny.item(&line(format!("{DENY}{}", entry.ask), &entry.deny, true)?);
        }
        if let Some(rest) = waiting.rest() {
            menu = menu.item(&line("rest".to_owned(), &rest, false)?);
        }
        menu = menu.separator().item(&deny.build()?);
    }
    if unlocked {
        menu = menu.separator().item(&line(LOCK.to_owned(), words::TRAY_LOCK, true)?);
    }
    menu.separator()
        .item(&line(OPEN.to_owned(), words::TRAY_OPEN, true)?)
        .item(&line(QUIT.to_owned(), words::TRAY_QUIT, true)?)
        .build()
}

fn on_menu(app: &AppHandle, event: MenuEvent) {
    let id = event.id().as_ref();
    if let Some(ask) = id.strip_prefix(REVIEW) {
        windows::open_consent(app, ask);
    } else if let Some(ask) = id.strip_prefix(DENY) {
        deny(app, ask.to_owned());
    } else if id == LOCK {
        lock(app);
    } else if id == OPEN {
        windows::raise_main(app);
    } else if id == QUIT {
        app.exit(0);
    }
}

fn lock(app: &AppHandle) {
    let gate = gate(app);
    async_runtime::spawn(async move {
        if let Err(fault) = gate.act(Face::Tray, Act::Lock {}).await {
            tracing::warn!(%fault, "the key could not be locked from the tray");
        }
    });
}

fn deny(app: &AppHandle, ask: String) {
    let gate = gate(app);
    async_runtime::spawn(async move {
        if let Err(fault) = gate.act(Face::Tray, Act::Deny { ask, rebuke: None }).await {
            tracing::warn!(%fault, "the ask could not be denied from the tray");
        }
    });
}
