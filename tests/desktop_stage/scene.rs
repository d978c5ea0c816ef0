//! What most stories begin with: a driven app that was started for the first time, a crystal in its
//! memory, a neighbour that is connected; and the human's part of an answer.

use crate::{
    app::{Driven, Remote},
    hands::{ASKS, MAIN},
    neighbour::Neighbour,
    page::Page,
    session::Session,
};
use serde_json::json;
use std::fmt::Write as _;
use wire::{Act, CrystalRow, Done, Notice, Query, View};

/// The PIN of the tests.
pub const PIN: &str = "maple orbit 77 tin";

/// The first start in the window: what can be skipped is, the PIN is typed twice, keys are made.
pub async fn first_start(session: &Session, app: &Driven<'_>) {
    let page = app.page();
    page.main().await;
    session.focus(MAIN).await;
    page.click("[data-step=found] [data-go=skip], [data-step=found] [data-go=next]").await;
    keys(session, page).await;
    page.click_through("[data-step=agents] [data-go=next]", "[data-step=invite]").await;
    page.click_through("[data-step=invite] [data-go=next]", "#search").await;
    page.holds("Your recovery phrase is not written down yet.").await;
}

/// The step in which the keys are made.
pub async fn keys(session: &Session, page: &Page) {
    page.type_into("#new-pin", PIN).await;
    page.type_into("#repeat-pin", PIN).await;
    session.picture("first-start");
    page.click("button[type=submit]:not([disabled])").await;
    // The step stays until the recovery phrase is verified or put off.
    page.click_through("[data-step=key] [data-go=later]", "[data-step=agents]").await;
}

/// A session log in which an agent mends something.
pub fn log() -> String {
    let mut log = String::new();
    let mut line = |record: serde_json::Value| writeln!(log, "{record}").unwrap();
    line(json!({
        "type": "user", "cwd": "/home/ann/git/shop", "sessionId": "s", "version": "2.1.0",
        "timestamp": "2026-01-21T15:30:16.868Z",
        "message": { "content": "Fix the flaky port binding in CI" },
    }));
    let mut call = |id: &str, name: &str, input: serde_json::Value, failed: bool, output: &str| {
        line(json!({ "type": "assistant", "message": { "content":
            [{ "type": "tool_use", "id": id, "name": name, "input": input }] } }));
        line(json!({ "type": "user", "message": { "content":
            [{ "type": "tool_result", "tool_use_id": id, "is_error": failed, "content": output }] } }));
    };
    let test = json!({ "command": "cargo test --test ports" });
    call(
        "t1",
        "Bash",
        test.clone(),
        true,
        "Exit code 101\nerror: Address already in use (os error 98)",
    );
    let edit = json!({
        "file_path": "/home/ann/git/shop/tests/ports.rs",
        "old_string": "TcpListener::bind(\"127.0.0.1:8080\")",
        "new_string": "TcpListener::bind(\"127.0.0.1:0\")",
    });
    call("t2", "Edit", edit, false, "ok");
    call("t3", "Bash", test, false, "test result: ok. 4 passed");
    line(json!({ "type": "assistant", "message": { "content":
        [{ "type": "text", "text": "The test now lets the system choose a free port." }] } }));
    log
}

/// Imports the log; the crystal that it became.
pub async fn crystal(session: &Session, node: &mut Remote) -> CrystalRow {
    crystal_of(session, node, "session", &log()).await
}

/// Imports a log under a name of its own; the crystal that it became.
pub async fn crystal_of(session: &Session, node: &mut Remote, name: &str, log: &str) -> CrystalRow {
    let file = session.dir().join(format!("{name}.jsonl"));
    std::fs::write(&file, log).unwrap();
    let before: Vec<String> = crystals(node).await.into_iter().map(|row| row.id).collect();
    let mut notices = node.notices().await;
    let path = file.to_str().unwrap().to_owned();
    let Done::Started { job } = node.act(Act::Import { path }).await else { panic!("not started") };
    notices
        .wait("imported", |notice| match notice {
            Notice::Job { state } if state.job == job && state.state == "finished" => Some(()),
            _ => None,
        })
        .await;
    let new = crystals(node).await.into_iter().find(|row| !before.contains(&row.id));
    new.expect("a crystal")
}

async fn crystals(node: &mut Remote) -> Vec<CrystalRow> {
    let all = Query::Memory {
        text: String::new(),
        origin: String::new(),
        outcome: String::new(),
        offset: 0,
        limit: 10,
        at_once: false,
    };
    match node.view(all).await {
        View::Memory(page) => page.rows,
        other => panic!("not memory: {other:?}"),
    }
}

/// Connects a neighbour by its ticket; the human allows it in the consent window.
pub async fn neighbour(session: &Session, app: &Driven<'_>, node: &mut Remote) -> Neighbour {
    let harbour = Neighbour::start().await;
    let ticket = harbour.ticket().await;
    let mut notices = node.notices().await;
    let (ask, _) = node.ask(Act::Connect { ticket, name: "harbour".to_owned() }).await;
    app.page().consent(&ask).await;
    allow(session, app.page()).await;
    assert_eq!(notices.settled(&ask).await, "allowed");
    let first = harbour.peer().await;
    harbour.lets(&first).await;
    crate::app::until("the neighbour as a peer", async || match node.view(Query::Peers {}).await {
        View::Peers(view) => view.peers.iter().any(|peer| peer.connected).then_some(()),
        _ => None,
    })
    .await;
    harbour
}

/// Asks to share the crystal with the neighbour.
pub async fn share(node: &mut Remote, crystal: &CrystalRow) -> (String, String) {
    let to = vec!["harbour".to_owned()];
    let reason = "it cost me an hour".to_owned();
    node.ask(Act::Share { id: crystal.id.clone(), to, public: false, reason }).await
}

/// Focuses the consent window, lets it rest, presses Allow. Where the key is locked: types the
/// PIN, lets it rest again.
pub async fn allow(session: &Session, page: &Page) {
    session.focus(ASKS).await;
    let button = page.find(armed("allow").as_str()).await;
    let unlocked = page.evaluate("document.querySelector('[data-unlocked]') !== null").await;
    session.press(ASKS, &button).await;
    if unlocked == Ok(serde_json::json!(true)) {
        return;
    }
    page.type_into("#pin", PIN).await;
    let button = page.find(armed("allow-pin").as_str()).await;
    session.press(ASKS, &button).await;
}

/// Focuses the consent window, lets it rest, presses Deny.
pub async fn deny(session: &Session, page: &Page) {
    session.focus(ASKS).await;
    let button = page.find(armed("deny").as_str()).await;
    session.press(ASKS, &button).await;
}

/// A button of the consent window that would act now.
pub fn armed(name: &str) -> String {
    format!("[data-armed='{name}'][aria-disabled='false']")
}
