//! Desktop notifications: that something waits, with Review and Deny.
//!
//! Promises: the text is one of a few fixed sentences and carries nothing of the artifact; nothing
//! that comes back grants, because any program in the session can forge it; one that is settled is
//! taken away. A desktop without notifications loses nothing but the notice.

use crate::{gate, windows, words};
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tauri::{AppHandle, Manager as _, async_runtime};
use tokio::{sync::oneshot, time::timeout};
use wire::{Act, AskRow, Face, Query, View};

/// An ask waits no longer than this, and so does what announces it.
const LONGEST: Duration = Duration::from_hours(24);
/// A notification service that takes longer has hung.
const PATIENCE: Duration = Duration::from_secs(5);
/// Responses that we never offered, before a notification is given up.
const FORGERIES: usize = 32;

const REVIEW: &str = "review";
const DENY: &str = "deny";

/// The notifications that are open, by ask. Dropping the sender takes one away.
#[derive(Default)]
pub(crate) struct Announced(Mutex<BTreeMap<String, oneshot::Sender<()>>>);

impl Announced {
    fn open(&self) -> MutexGuard<'_, BTreeMap<String, oneshot::Sender<()>>> {
        // A poisoned lock means a panic elsewhere; the map is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a human pressed.
#[derive(Debug, PartialEq, Eq)]
enum Pressed {
    Review,
    Deny,
    /// It went away, or something was pressed that was never offered.
    Nothing,
}

/// Announces an ask that waits. Once: an ask already announced is left alone.
pub(crate) fn announce(app: &AppHandle, ask: &str) {
    let (settle, settled) = oneshot::channel();
    {
        let announced = app.state::<Announced>();
        let mut open = announced.open();
        if open.contains_key(ask) {
            return;
        }
        open.insert(ask.to_owned(), settle);
    }
    let (app, ask) = (app.clone(), ask.to_owned());
    async_runtime::spawn(async move {
        let pressed = show(&app, &ask, settled).await;
        withdraw(&app, &ask);
        obey(&app, ask, pressed).await;
    });
}

/// Says that the store holds what nobody signed for. Pressing it shows the main window, which says
/// more; there is nothing to answer.
pub(crate) fn alert(app: &AppHandle) {
    let app = app.clone();
    async_runtime::spawn(async move {
        let Ok(Ok(handle)) = timeout(PATIENCE, plain(words::ALTERED).show_async()).await else {
            tracing::info!(
                "this desktop shows no notifications; the window and `tracenet status` tell"
            );
            return;
        };
        if let Ok(Pressed::Review) = timeout(LONGEST, pressed(&handle)).await {
            windows::raise_main(&app);
        }
        drop(timeout(PATIENCE, handle.close_async()).await);
    });
}

/// Takes an ask's notification away.
pub(crate) fn withdraw(app: &AppHandle, ask: &str) {
    app.state::<Announced>().open().remove(ask);
}

/// Shows the notification of one ask until something is pressed, it goes away, or `settled` says
/// that the ask no longer waits.
async fn show(app: &AppHandle, ask: &str, settled: oneshot::Receiver<()>) -> Pressed {
    let shown = timeout(PATIENCE, notification(row(app, ask).await.as_ref()).show_async()).await;
    let handle = match shown {
        Ok(Ok(handle)) => handle,
        Ok(Err(error)) => {
            tracing::info!(%error, "this desktop shows no notifications; the tray and the window tell");
            return Pressed::Nothing;
        }
        Err(_) => {
            tracing::warn!("the desktop's notification service does not answer");
            return Pressed::Nothing;
        }
    };
    let pressed = tokio::select! {
        pressed = timeout(LONGEST, pressed(&handle)) => pressed.unwrap_or(Pressed::Nothing),
        _ = settled => Pressed::Nothing,
    };
    // One that is gone already, or whose service is, needs no closing.
    drop(timeout(PATIENCE, handle.close_async()).await);
    pressed
}

/// What is asked and by whom; unknown when it is gone already.
async fn row(app: &AppHandle, ask: &str) -> Option<AskRow> {
    let look = Query::Ask { ask: ask.to_owned() };
    match gate(app).view(Face::Notification, look).await {
        Ok(View::Ask(view)) => Some(view.row),
        _ => None,
    }
}

/// The notification of an ask: by its kind and who made it, and nothing else of it.
fn notification(ask: Option<&AskRow>) -> Notification {
    let (wish, by_agent) = ask.map_or(("", false), |row| (row.wish.as_str(), row.by_agent));
    let mut notification = plain(words::announced(wish, by_agent));
    notification.action(REVIEW, words::REVIEW).action(DENY, words::DENY).finalize()
}

/// A notification of this sentence that stays until it is pressed.
fn plain(body: &str) -> Notification {
    Notification::new()
        .appname(words::APP)
        .summary(words::APP)
        .body(body)
        .icon("tracenet-desktop")
        .hint(Hint::DesktopEntry("tracenet-desktop".to_owned()))
        .timeout(Timeout::Never)
        .finalize()
}

/// Waits for a button that we offered. Anything else is forged, and after a few of those the
/// notification is given up.
async fn pressed(handle: &NotificationHandle) -> Pressed {
    for _ in 0..FORGERIES {
        let mut response = None;
        handle.wait_for_action_async(|r: &NotificationResponse| response = Some(r.clone())).await;
        match meaning(response.as_ref()) {
            Some(pressed) => return pressed,
            None => tracing::warn!("a notification was answered with what was never offered"),
        }
    }
    Pressed::Nothing
}

/// What a response means; `None` when it was never offered.
fn meaning(response: Option<&NotificationResponse>) -> Option<Pressed> {
    match response {
        Some(NotificationResponse::Default) => Some(Pressed::Review),
        Some(NotificationResponse::Action(action)) if action == REVIEW => Some(Pressed::Review),
        Some(NotificationResponse::Action(action)) if action == DENY => Some(Pressed::Deny),
        Some(NotificationResponse::Closed(_)) | None => Some(Pressed::Nothing),
        Some(_) => None,
    }
}

/// Does what was pressed. There is nothing here that grants.
async fn obey(app: &AppHandle, ask: String, pressed: Pressed) {
    match pressed {
        Pressed::Review => windows::open_consent(app, &ask),
        Pressed::Deny => {
            if let Err(fault) =
                gate(app).act(Face::Notification, Act::Deny { ask, rebuke: None }).await
            {
                tracing::warn!(%fault, "the ask could not be denied from its notification");
            }
        }
        Pressed::Nothing => {}
    }
}

#[cfg(test)]
mod tests;
