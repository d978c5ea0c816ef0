//! What any program of the session can forge: presses of notifications that were never offered,
//! clicks in the tray's menu, a screen that locks. None of it grants, and what says no is written
//! down with its source.

use crate::{
    app::{App, Notices, Remote, built},
    hands::ASKS,
    session::{Keychain, Session},
};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;
use town::effort;
use wire::{Act, JournalRow, KeepKey, Query, View};

/// Signals and calls while one ask waits.
const A_ROUND: usize = 500;
/// Every so many rounds the last signal is one that may be obeyed: the notification's own no.
const DENIES: usize = 4;

/// After so long a press was not heard.
const AGAIN: Duration = Duration::from_secs(3);

/// The last journal entries of this event.
async fn rows(node: &mut Remote, event: &str) -> Vec<JournalRow> {
    match node.view(Query::Journal { before: 0, limit: 1, event: event.to_owned() }).await {
        View::Journal(page) => page.rows,
        other => panic!("no journal: {other:?}"),
    }
}

async fn last(node: &mut Remote, event: &str) -> JournalRow {
    rows(node, event).await.pop().unwrap()
}

/// Presses until an ask is settled: the app listens a moment after a notification is shown, and who
/// presses before that presses again.
async fn settled_by(notices: &mut Notices, ask: &str, mut press: impl FnMut()) -> String {
    for _ in 0..10 {
        press();
        if let Ok(state) = timeout(AGAIN, notices.settled(ask)).await {
            return state;
        }
    }
    panic!("no press was heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_signals_and_clicks_grant_nothing() {
    if built().is_none() {
        return;
    }
    let rounds = effort::times(2_000, 100_000) / A_ROUND;
    let session = Session::start(Keychain::Unlocked);
    let mut desktop = session.double("notifications.py");
    let _tray = session.double("tray.py");
    let mut forger = session.double("forger.py");
    let app = App::start(&session, &[]);
    let mut node = app.node().await;
    // Without a PIN nothing but the window's own button stands between an ask and its grant.
    node.act(Act::Init { keep: KeepKey::Keychain {}, name: "north".to_owned() }).await;
    let mut notices = node.notices().await;
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    let mut denied = 0;
    for round in 0..rounds {
        desktop.must("clear", json!({}));
        let (ask, _) = node.ask(Act::Ticket {}).await;
        let told = desktop.must("wait", json!({ "text": "give out a ticket" }));
        let denies = round % DENIES == DENIES - 1;
        let forged = forger.must(
            "forge",
            json!({
                "count": A_ROUND, "seed": round, "denies": denies,
                "notification": told["notifications"][0]["id"],
            }),
        );
        for (kind, many) in forged["sent"].as_object().unwrap() {
            *sent.entry(kind.clone()).or_default() += many.as_u64().unwrap();
        }
        if denies {
            let press = || {
                let one = json!({ "count": 0, "seed": round, "denies": true,
                    "notification": told["notifications"][0]["id"] });
                forger.must("forge", one);
            };
            assert_eq!(settled_by(&mut notices, &ask, press).await, "denied", "round {round}");
            let said = last(&mut node, "denied").await;
            assert_eq!((said.what.as_str(), said.about), ("Denied from a notification.", ask));
            denied += 1;
        } else {
            assert_eq!(node.state(&ask).await, "pending", "round {round}: {sent:?}");
            node.act(Act::Deny { ask, rebuke: None }).await;
        }
    }
    // The app has heard all of it: it still shows what waits, and hears a press that is none.
    desktop.must("clear", json!({}));
    let (ask, _) = node.ask(Act::Ticket {}).await;
    let told = desktop.must("wait", json!({ "text": "give out a ticket" }));
    session.window(ASKS).await;
    let id = told["notifications"][0]["id"].clone();
    let press = || drop(desktop.must("invoke", json!({ "id": id, "action": "deny" })));
    assert_eq!(settled_by(&mut notices, &ask, press).await, "denied");
    assert!(session.logged("app").contains("never offered"), "no forged press was heard");
    let granted = rows(&mut node, "allowed").await;
    assert!(granted.is_empty(), "{granted:?}");
    let all: u64 = sent.values().sum();
    assert!(all >= (rounds * A_ROUND) as u64, "{sent:?}");
    effort::reached(&format!("{all} forged signals and clicks {sent:?}, {denied} obeyed as a no"));
}
