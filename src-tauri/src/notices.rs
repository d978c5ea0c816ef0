//! Follows what the node tells by itself and lets every face know: pages, tray, notifications, and
//! the consent window, which opens by itself when something is asked.

use crate::{announce, gate, tray, windows};
use tauri::{AppHandle, Emitter as _, async_runtime};
use wire::{Face, Notice, Query, View};

/// The event that carries a notice to the pages.
const NOTICE: &str = "notice";

/// Follows until the node stops.
pub(crate) fn follow(app: &AppHandle) {
    // Subscribed before anything is looked at: what comes meanwhile is not missed.
    let mut notices = gate(app).notices();
    let app = app.clone();
    async_runtime::spawn(async move {
        catch_up(&app).await;
        catch_up_alert(&app).await;
        while let Some(notice) = notices.next().await {
            pass_on(&app, notice).await;
        }
    });
}

/// Announces what waits already: it was asked before this start, or faster than we could follow.
async fn catch_up(app: &AppHandle) {
    if let Ok(View::Asks(asks)) = gate(app).view(Face::Tray, Query::Asks {}).await {
        for ask in asks.pending.iter().filter(|ask| !ask.quiet) {
            announce::announce(app, &ask.id);
        }
    }
    tray::refresh(app).await;
}

/// Says what was seen before this start, or while nobody followed.
async fn catch_up_alert(app: &AppHandle) {
    if let Ok(View::Status(status)) = gate(app).view(Face::Tray, Query::Status {}).await
        && status.altered > 0
    {
        announce::alert(app);
    }
}

async fn pass_on(app: &AppHandle, notice: Notice) {
    emit(app, &notice);
    match notice {
        // Of a muted agent the tray's list tells, and nothing comes up.
        Notice::Asked { quiet: true, .. } => tray::refresh(app).await,
        Notice::Asked { ask, quiet: false } => {
            windows::offer_consent(app, &ask);
            announce::announce(app, &ask);
            tray::refresh(app).await;
        }
        Notice::Settled { ask, .. } => {
            announce::withdraw(app, &ask);
            tray::refresh(app).await;
        }
        Notice::Review { ask } => windows::open_consent(app, &ask),
        Notice::Raise {} => windows::raise_main(app),
        Notice::Missed {} => catch_up(app).await,
        // The key may have been unlocked or locked.
        Notice::Settings {} => tray::refresh(app).await,
        Notice::Altered {} => announce::alert(app),
        Notice::Memory {} | Notice::Peers {} | Notice::Job { .. } => {}
    }
}

fn emit(app: &AppHandle, notice: &Notice) {
    if let Err(error) = app.emit(NOTICE, notice) {
        tracing::warn!(%error, "a notice did not reach the windows");
    }
}
