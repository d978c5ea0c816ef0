//! The prompt in its eight situations, as the documents show it, in the real consent window: each is
//! brought about as it would be, looked at, and left as a human would leave it.

use crate::{
    app::{Driven, Remote, built},
    hands::ASKS,
    scene,
    session::{Keychain, Session},
};
use serde_json::json;
use town::agent::Agent;
use wire::Act;

/// A run whose task and files name people and machines.
fn naming() -> String {
    scene::log()
        .replace(
            "Fix the flaky port binding in CI",
            "Fix the flaky deploy to build7.corp.internal, and tell ann.lee@quayworks.io",
        )
        .replace("cargo test --test ports", "cargo test --test deploy")
        .replace("the system choose a free port", "bea.moor@quayworks.io choose the host")
}

/// Another run without anything in it that somebody might mind.
fn other() -> String {
    scene::log()
        .replace("Fix the flaky port binding in CI", "Make the parser keep comments")
        .replace("cargo test --test ports", "cargo test --test comments")
        .replace("The test now lets the system choose a free port.", "Comments are tokens now.")
}

/// The agent asks to share a crystal; the ask, shown in the window.
async fn asks(
    session: &Session,
    app: &Driven<'_>,
    agent: &mut Agent,
    id: &str,
    to: &str,
) -> String {
    let reason = "you asked me to pass this on";
    let share = json!({ "id": id, "audience": [to], "reason": reason });
    let said = agent.call("request_share", share).await;
    let ask = said.body["ask"].as_str().unwrap_or_else(|| panic!("{said:?}")).to_owned();
    seen(session, app, &mut app.node().await, &ask).await;
    ask
}

/// Brings an ask up anew, and waits until its buttons would act.
async fn seen(session: &Session, app: &Driven<'_>, node: &mut Remote, ask: &str) {
    session.window(ASKS).await;
    session.escape(ASKS).await;
    node.act(Act::Review { ask: ask.to_owned() }).await;
    session.window(ASKS).await;
    app.page().consent(ask).await;
    session.focus(ASKS).await;
    app.page().find(&scene::armed("deny")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_prompt_in_eight_situations() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let app = Driven::start(&session).await;
    let page = app.page();
    scene::first_start(&session, &app).await;
    let mut node = app.node().await;
    let plain = scene::crystal(&session, &mut node).await;
    let second = scene::crystal_of(&session, &mut node, "other", &other()).await;
    let names = scene::crystal_of(&session, &mut node, "naming", &naming()).await;
    page.main().await;
    let mark = json!({ "act": "set-mark", "phrase": "seven grey herons", "colour": "teal" });
    let set = format!("window.__TAURI_INTERNALS__.invoke('act', {{ act: {mark} }})");
    page.evaluate(&set).await.unwrap();
    let looked = "window.__TAURI_INTERNALS__.invoke('view', { query: { view: 'mark' } })";
    page.evaluate(looked).await.expect_err("the main window is never shown it");
    let harbour = scene::neighbour(&session, &app, &mut node).await;

    let mut agent = Agent::enter(&session.home(), "claude-code").await;
    let said = agent.call("peers", json!({})).await;
    let pairing = said.body["ask"].as_str().unwrap().to_owned();
    seen(&session, &app, &mut node, &pairing).await;
    page.shows("Unknown requester").await;
    session.picture_of(ASKS, "prompt-unknown-requester").await;
    let mut notices = node.notices().await;
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&pairing).await, "allowed");

    let first = asks(&session, &app, &mut agent, &plain.id, "harbour").await;
    page.shows("No secrets or addresses were found.").await;
    page.shows("seven grey herons").await;
    session.picture_of(ASKS, "prompt-plain").await;
    let larger = "document.documentElement.style.fontSize = '200%'";
    page.evaluate(larger).await.unwrap();
    session.picture_of(ASKS, "prompt-200-percent").await;
    page.evaluate("document.documentElement.style.fontSize = ''").await.unwrap();

    // Two plain ones to the same people: one look at both, one PIN, a receipt for each.
    let other = asks(&session, &app, &mut agent, &second.id, "harbour").await;
    page.click("#together").await;
    page.shows("2 requests to share with the same people").await;
    page.find(&scene::armed("deny")).await;
    session.picture_of(ASKS, "prompt-batch").await;
    let mut notices = node.notices().await;
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&other).await, "allowed");
    assert_eq!(notices.settled(&first).await, "allowed");
    assert_eq!(harbour.receives(&plain.id).await.title, plain.title);
    assert_eq!(harbour.receives(&second.id).await.title, second.title);

    let dangerous = asks(&session, &app, &mut agent, &names.id, "harbour").await;
    page.shows("ann.lee").await;
    session.picture_of(ASKS, "prompt-findings").await;
    page.click("#choose-findings").await;
    let redact = page.find(&scene::armed("redact")).await;
    session.picture_of(ASKS, "prompt-redaction").await;
    let mut notices = node.notices().await;
    session.press(ASKS, &redact).await;
    assert_eq!(notices.settled(&dangerous).await, "denied");
    page.shows("[redacted: ").await;
    page.find(&scene::armed("deny")).await;
    scene::deny(&session, page).await;

    let public = asks(&session, &app, &mut agent, &plain.id, "public").await;
    page.shows("Public copies cannot be recalled, by anyone, ever.").await;
    session.picture_of(ASKS, "prompt-public").await;
    session.keychain("lock");
    seen(&session, &app, &mut node, &public).await;
    let prompt = node.prompt(&public).await;
    page.holds(&prompt.keychain_hint).await;
    session.picture_of(ASKS, "prompt-locked").await;
    assert_eq!(node.state(&public).await, "pending");
    harbour.stop().await;
}
