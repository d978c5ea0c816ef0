//! The first start in its four steps, on a machine where Claude Code has been used: its logs are
//! found and imported, it is connected by a click, tried out, let in, and disconnected again.

use crate::{
    app::{Driven, built},
    hands::MAIN,
    scene,
    session::{Keychain, Session},
};
use std::fs;
use wire::{ClientState, Query, View};

const SETTINGS: &str = "{\n  \"numStartups\": 41,\n  \"theme\": \"dark\",\n  \"mcpServers\": {\n    \"github\": {\n      \"command\": \"npx\",\n      \"args\": [\"-y\", \"@modelcontextprotocol/server-github\"]\n    }\n  },\n  \"tipsHistory\": { \"new-user-warmup\": 3 }\n}\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_steps_lead_from_a_used_machine_to_a_connected_agent() {
    if built().is_none() {
        return;
    }
    let session = Session::start(Keychain::Unlocked);
    let home = session.dir().join("home");
    let (settings, logs) = (home.join(".claude.json"), home.join(".claude/projects/-home-ann"));
    fs::create_dir_all(&logs).unwrap();
    fs::write(logs.join("0e1c.jsonl"), scene::log()).unwrap();
    fs::write(logs.join("0e1d.jsonl"), "not a log\n").unwrap();
    fs::write(&settings, SETTINGS).unwrap();

    let app = Driven::start(&session).await;
    let page = app.page();
    page.main().await;
    session.focus(MAIN).await;
    page.shows("2 logs").await;
    session.picture("step-1-found");
    page.click("[data-step=found] [data-go=import]").await;
    scene::keys(&session, page).await;

    // The import that was chosen before there were keys has begun by itself.
    page.find("[data-step=agents] [data-client=claude-code][data-state=not-connected]").await;
    page.shows("Imported").await;
    session.picture("step-3-agents");
    page.click("[data-client=claude-code] button").await;
    page.shows("+    \"tracenet\": {").await;
    session.picture("step-3-diff");
    page.click("[data-go=connect]").await;
    page.find("[data-handshake=waiting]").await;
    assert!(fs::read_to_string(&settings).unwrap().contains("\"tracenet\""));
    session.picture("step-3-handshake");

    // What was connected lets nobody in: the human does, in the consent window.
    let mut node = app.node().await;
    let View::Asks(asks) = node.view(Query::Asks {}).await else { panic!("no asks") };
    let [ask] = &asks.pending[..] else { panic!("not one ask: {:?}", asks.pending) };
    assert_eq!((ask.wish.as_str(), ask.what.contains("claude-code")), ("pair", true));
    let id = ask.id.clone();
    let mut notices = node.notices().await;
    page.consent(&id).await;
    scene::allow(&session, page).await;
    assert_eq!(notices.settled(&id).await, "allowed");

    page.main().await;
    session.focus(MAIN).await;
    page.find("[data-handshake=ready]").await;
    session.picture("step-3-ready");
    page.click(".dialog-close").await;
    page.click("[data-client=claude-code][data-state=connected] button").await;
    page.click("[data-go=undo]").await;
    page.find("[data-undone=true]").await;
    assert_eq!(fs::read_to_string(&settings).unwrap(), SETTINGS);
    session.picture("step-3-undone");
    page.click(".dialog-close").await;
    page.click("[data-step=agents] [data-go=next]").await;
    page.find("[data-step=invite]").await;
    session.picture("step-4-invite");
    page.click("[data-step=invite] [data-go=next]").await;
    page.find("#search").await;
    page.shows("1 new crystal").await;
    let View::Clients(found) = node.view(Query::Clients {}).await else { panic!("no clients") };
    for client in &found.clients {
        let here = client.name == "claude-code";
        let state = if here { ClientState::NotConnected } else { ClientState::NotFound };
        assert_eq!((client.state, client.paired), (state, here), "{}", client.name);
    }
    page.evaluate("location.hash = '#/settings'").await.unwrap();
    page.shows("Logs on this machine").await;
    session.picture("steps-in-settings");
}
