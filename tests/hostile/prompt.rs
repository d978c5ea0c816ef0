//! The prompt: a hostile reason, and a hostile text that would leave, change nothing in the rows
//! of facts beside their own.

use super::dressed::wanted;
use serde_json::json;
use town::{Town, effort};
use wire::{Face, PromptView, Query, View};

async fn prompt(town: &Town, ask: &str) -> PromptView {
    let query = Query::Prompt { ask: ask.to_owned() };
    match town.gate("north").view(Face::ConsentWindow, query).await.unwrap() {
        View::Prompt(prompt) => *prompt,
        other => panic!("no prompt: {other:?}"),
    }
}

/// The facts: every row but what differs with each ask, and what the requester says.
fn facts(prompt: &PromptView) -> serde_json::Value {
    let mut facts = serde_json::to_value(prompt).unwrap();
    for own in ["ask", "code", "expires", "says"] {
        facts.as_object_mut().unwrap().remove(own).unwrap_or_else(|| panic!("no row {own}"));
    }
    facts
}

fn shows(c: char) -> bool {
    artifact::display::still_safe(&c.to_string()) == c.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_facts_do_not_listen() {
    let town = Town::new().house("north").open().await;
    let id = town.import_small("north", 1).await.to_string();
    let mut agent = town.pair("north", "claude-code").await;
    let share = json!({ "id": id, "audience": ["public"], "reason": "" });
    let (texts, asked) = (wanted(), agent.call("request_share", share).await);
    let quiet = prompt(&town, asked.body["ask"].as_str().unwrap()).await;
    agent.call("withdraw", json!({ "id": asked.body["ask"] })).await;
    for (name, text) in &texts {
        town.clock.pass(60 * 60 * 1_000);
        let reason: String = text.chars().take(400).collect();
        let share = json!({ "id": id, "audience": ["public"], "reason": reason });
        let asked = agent.call("request_share", share).await;
        assert!(!asked.refused, "{name}: {asked:?}");
        let seen = prompt(&town, asked.body["ask"].as_str().unwrap()).await;
        assert_eq!(facts(&seen), facts(&quiet), "{name}");
        assert!(seen.says.chars().all(|c| shows(c) && !c.is_control()), "{name}: {:?}", seen.says);
        assert!(!asked.text.contains(text.as_str()), "{name}: {asked:?}");
        let status = agent.call("share_status", json!({ "id": asked.body["ask"] })).await;
        assert!(status.text.starts_with("Pending: "), "{name}: {status:?}");
        agent.call("withdraw", json!({ "id": asked.body["ask"] })).await;
    }
    effort::reached(&format!("{} hostile reasons; the facts are the same", texts.len()));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_leave_is_shown_as_it_is() {
    let town = Town::new().house("north").open().await;
    let mut agent = town.pair("north", "claude-code").await;
    let (texts, mut seen) = (wanted(), 0);
    for (name, text) in &texts {
        town.clock.pass(60 * 60 * 1_000);
        let kept = agent.call("remember", json!({ "text": text })).await;
        if kept.refused {
            continue;
        }
        let share = json!({ "id": kept.body["id"], "audience": ["public"] });
        let asked = agent.call("request_share", share).await;
        assert!(!asked.refused, "{name}: {asked:?}");
        let prompt = prompt(&town, asked.body["ask"].as_str().unwrap()).await;
        assert_eq!(prompt.heading, "Share publicly, with anyone", "{name}");
        assert_eq!(prompt.to, ["Anyone. Copies cannot be recalled."], "{name}");
        assert!(prompt.irrevocable && !prompt.unknown && prompt.says.is_empty(), "{name}");
        assert!(prompt.what.chars().all(|c| shows(c) && !c.is_control()), "{name}");
        assert!(prompt.text.chars().all(shows), "{name}");
        agent.call("withdraw", json!({ "id": asked.body["ask"] })).await;
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
    effort::reached(&format!("{seen} hostile texts shown as they are"));
    town.close().await;
}
