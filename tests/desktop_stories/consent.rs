//! An agent's or a human's ask, seen and answered in the consent window.

use crate::{
    app::{Driven, built},
    hands::{ASKS, MAIN},
    scene,
    session::{Keychain, Session},
};
use serde_json::json;
use wire::{Query, View};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ask_is_seen_allowed_and_received() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let mut desktop = session.double("notifications.py");
    let _tray = session.double("tray.py");
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    let View::Status(status) = node.view(Query::Status {}).await else { panic!("no status") };
    assert_eq!((status.protection.as_str(), status.window), ("pin", true));

    let crystal = scene::crystal(&session, &mut node).await;
    let harbour = scene::neighbour(&session, &app, &mut node).await;
    session.window_gone(ASKS).await;
    session.focus(MAIN).await;
    desktop.must("clear", json!({}));

    // The window opens by itself, and the human's typing goes on where it went before.
    let (ask, code) = scene::share(&mut node, &crystal).await;
    session.window(ASKS).await;
    page.consent(&ask).await;
    assert_eq!(session.focused().as_deref(), Some(MAIN));
    assert_eq!(page.evaluate("document.hasFocus()").await, Ok(json!(false)));

    // The notification says nothing of what is asked for.
    let told =
        desktop.must("wait", json!({ "text": "You are asked whether to share an artifact" }));
    let told = &told["notifications"][0];
    assert_eq!(told["actions"], json!({ "review": "Review", "deny": "Deny" }));
    assert!(!told.to_string().contains("port binding"), "{told}");

    // What is shown is what was frozen.
    let prompt = node.prompt(&ask).await;
    assert_eq!(
        (prompt.artifact.as_str(), prompt.code.as_str()),
        (crystal.id.as_str(), code.as_str())
    );
    assert_eq!((prompt.what.as_str(), prompt.size), (crystal.title.as_str(), crystal.size));
    let head = prompt.head.clone().expect("a head");
    page.shows(&code).await;
    let seen = page.text().await;
    for fact in
        [&prompt.heading, &prompt.what, &head.title, &head.problem, &prompt.to[0], &prompt.says]
    {
        assert!(seen.contains(fact.trim()), "{fact:?} is not in: {seen}");
    }
    session.picture("consent");

    // A click before the window has rested, focused, for a second does nothing.
    let allow = page.find("[data-armed='allow']").await;
    session.press(ASKS, &allow).await;
    assert_eq!(page.evaluate("document.querySelector('#pin') === null").await, Ok(json!(true)));
    assert_eq!(node.state(&ask).await, "pending");
    assert!(harbour.given().await.is_empty());

    let mut notices = node.notices().await;
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&ask).await, "allowed");
    let received = harbour.receives(&crystal.id).await;
    assert_eq!((received.title, received.size), (crystal.title, crystal.size));
    session.window_gone(ASKS).await;
    let gone = desktop.must("list", json!({}));
    assert!(gone["notifications"].as_array().unwrap().iter().all(|one| one["open"] == false));
    harbour.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ask_is_denied_or_decided_later_and_nothing_leaves() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    let crystal = scene::crystal(&session, &mut node).await;
    let harbour = scene::neighbour(&session, &app, &mut node).await;
    let (ask, _) = scene::share(&mut node, &crystal).await;

    // Enter on Allow, Escape, closing: none of them decides.
    page.consent(&ask).await;
    session.focus(ASKS).await;
    page.find(&scene::armed("allow")).await;
    assert_eq!(page.evaluate("document.querySelector('#allow').focus()").await, Ok(json!(null)));
    session.key("Return");
    session.key("Escape");
    session.window_gone(ASKS).await;
    assert_eq!(node.state(&ask).await, "pending");
    node.act(wire::Act::Review { ask: ask.clone() }).await;
    session.focus(ASKS).await;
    session.key("alt+F4");
    session.window_gone(ASKS).await;
    assert_eq!(node.state(&ask).await, "pending");

    let mut notices = node.notices().await;
    node.act(wire::Act::Review { ask: ask.clone() }).await;
    session.window(ASKS).await;
    page.consent(&ask).await;
    scene::deny(&session, page).await;
    assert_eq!(notices.settled(&ask).await, "denied");
    assert!(harbour.given().await.is_empty());
    harbour.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_keychain_is_explained_and_the_ask_keeps_waiting() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    session.keychain("lock");
    let (ask, _) = node.ask(wire::Act::Ticket {}).await;
    page.consent(&ask).await;
    let prompt = node.prompt(&ask).await;
    assert_eq!(prompt.keychain, wire::Keychain::Locked);
    page.holds(&prompt.keychain_hint).await;
    session.focus(ASKS).await;
    page.find(&scene::armed("deny")).await;
    session.picture("keychain-locked");
    let allow = page.find("[data-armed='allow'][aria-disabled='true']").await;
    session.press(ASKS, &allow).await;
    assert_eq!(node.state(&ask).await, "pending");

    session.keychain("unlock");
    let mut notices = node.notices().await;
    page.click("footer .again, footer [data-again], footer .trouble button").await;
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&ask).await, "allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_window_cannot_answer() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    let (ask, code) = node.ask(wire::Act::Ticket {}).await;
    page.consent(&ask).await;
    page.main().await;
    let answer = json!({ "ask": ask, "verdict": "allow", "code": code, "pin": scene::PIN });
    let invoke = |command: &str, words: &serde_json::Value| {
        format!("window.__TAURI_INTERNALS__.invoke({command:?}, {words})")
    };
    let refused = page.evaluate(&invoke("answer", &json!({ "answer": answer }))).await.unwrap_err();
    assert!(refused.to_string().contains("not allowed"), "{refused}");
    // What it may do still works, so that the refusal is not a broken bridge.
    let asks =
        page.evaluate(&invoke("view", &json!({ "query": { "view": "asks" } }))).await.unwrap();
    assert_eq!(asks["pending"][0]["id"], json!(ask));
    // Nor can either page open a window, leave for another page, or reach a plugin.
    for command in
        ["plugin:dialog|open", "plugin:window|create", "plugin:webview|create_webview_window"]
    {
        page.evaluate(&invoke(command, &json!({}))).await.unwrap_err();
    }
    assert_eq!(page.evaluate("window.open('https://example.org/')").await, Ok(json!(null)));
    let _ = page.evaluate("void (location.href = 'tauri://localhost/consent.html')").await;
    page.main().await;
    assert_eq!(page.evaluate("document.querySelector('#search') !== null").await, Ok(json!(true)));
    assert_eq!(node.state(&ask).await, "pending");
    // A file is picked in a native dialog, of which the page learns only what came of it.
    session.focus(MAIN).await;
    let pick = invoke("act", &json!({ "act": { "act": "pick-import", "folder": false } }));
    let (picked, ()) = tokio::join!(page.evaluate(&pick), async {
        session.other_than(MAIN).await;
        session.key("Escape");
    });
    assert_eq!(picked, Ok(json!({ "done": "nothing" })));
    // The consent window itself may not act.
    page.consent(&ask).await;
    let act = invoke("act", &json!({ "act": { "act": "ticket" } }));
    assert!(page.evaluate(&act).await.unwrap_err().to_string().contains("not allowed"));
}
