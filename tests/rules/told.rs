//! What an agent is told of its asks: the state that holds, by whom, and what to do next.

use super::{HOUR, Scene};
use artifact::{Forbid, Policy, Secret, key::Organisation};
use consent::{Answer, AskId, Event, Term, Way};
use node::{Clock as _, Node, Rebuke, Request, Revoke, TakeOut};
use serde_json::json;
use std::path::Path;
use town::{agent::Agent, log};

/// What stands in a run that names somebody.
const NAMED: &str = "ann.lee@quayworks.io";

impl Scene {
    /// The agent looks, and is told this state in words that begin so and say what to do.
    async fn is_told(&mut self, ask: &AskId, state: &str, begins: &str, next: &str) {
        let said = self.agent.call("share_status", json!({ "id": ask.to_string() })).await;
        assert!(!said.refused && said.body["state"] == state, "{said:?}");
        let text = &said.text;
        assert!(text.starts_with(begins), "{begins:?}: {text}");
        assert!(text.contains(next), "{next:?}: {text}");
    }

    async fn asks_about(&mut self, n: u32) -> AskId {
        let id = self.town.import_small("north", n).await;
        self.asks(&id).await
    }

    /// The agent asks to share a run that names somebody, and the human takes that out.
    async fn redacted(&mut self) -> (AskId, AskId) {
        let told = format!("tell {NAMED} and mend the flaky lighthouse");
        let path = self.town.ground().join("naming.jsonl");
        std::fs::write(&path, log::small(90).replace("mend the flaky lighthouse", &told)).unwrap();
        let id = self.town.import("north", &path).await;
        let ask = self.asks(&id).await;
        let node = self.town.node("north");
        let code = node.prompt(&ask).unwrap().0.code;
        let instead = node.redact(&ask, Way::ConsentWindow, &code, TakeOut::All).await.unwrap();
        (ask, instead)
    }

    /// The human accepts a policy by which this agent may ask for nothing.
    async fn forbidden(&self) {
        let (agents, iat) = (Some(vec!["somebody-else".to_owned()]), self.town.clock.now());
        let forbid = Forbid { agents, ..Forbid::default() };
        let policy =
            Policy { v: 0, seq: 1, org: "Quay".into(), meant: None, forbid, iat, until: None };
        let envelope = policy.seal(&Secret::<Organisation>::from_seed(&[50; 32])).unwrap();
        let ask = self.town.ask("north", Request::AcceptPolicy { envelope }).await.unwrap();
        self.town.allow("north", ask).await;
    }

    async fn restart(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.town.stop("north").await;
        meanwhile(&self.town.home("north").join("store.redb"));
        self.town.start("north").await;
        self.agent = Agent::enter(self.town.home("north"), "scribe").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_who_allowed_it_and_whether_that_still_holds() {
    let mut scene = Scene::open().await;
    let (first, served) = (scene.first, "The audience has it, or gets it when it connects.");
    let human = scene.asks(&first).await;
    scene.allows(human, Term::Day).await;
    scene.is_told(&human, "allowed", "Allowed by the human. ", served).await;

    let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let share = json!({ "id": second.to_string(), "audience": ["harbour"] });
    let said = scene.agent.call("request_share", share).await;
    assert!(said.text.starts_with("Allowed by a rule that the human made"), "{said:?}");
    let rule: AskId = said.body["ask"].as_str().unwrap().parse().unwrap();
    scene.is_told(&rule, "allowed", "Allowed by a rule that the human made", served).await;

    let (whole, rest) = scene.redacted().await;
    scene.is_told(&whole, "denied", "Not allowed as it was: ", "Look there with").await;
    scene.is_told(&rest, "pending", "Pending: ", "look again later").await;
    scene.allows(rest, Term::Once).await;
    scene.is_told(&rest, "allowed", "Allowed by the human, who took something out", served).await;

    let end = Revoke::Peer("harbour".into());
    scene.town.node("north").revoke(end, "").await.map(drop).unwrap();
    let next = "Do not ask for the same again unasked.";
    let by_rule = "Allowed by a rule that the human made, and ended since: ";
    scene.is_told(&rule, "allowed", by_rule, next).await;
    scene.is_told(&human, "allowed", "Allowed by the human, and ended since: ", next).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_why_nothing_left_and_what_stands_in_the_way() {
    let mut scene = Scene::open().await;
    let denied = scene.asks_about(11).await;
    let withdrawn = scene.asks_about(12).await;
    let waits = scene.asks_about(13).await;
    scene.is_told(&waits, "pending", "Pending: the human has not answered yet.", "Go on").await;
    scene.agent.call("withdraw", json!({ "id": withdrawn.to_string() })).await;
    scene.is_told(&withdrawn, "withdrawn", "Withdrawn: you took it back", "Ask anew only if").await;

    scene.answers(denied, Answer::Deny, Term::Once, Some(Rebuke::Mute)).await;
    scene.is_told(&denied, "denied", "Denied by the human. Nothing left.", "Do not ask").await;
    scene.is_told(&waits, "pending", "Pending (ask ", "has muted this agent").await;
    scene.town.node("north").unmute("scribe").await.unwrap();
    scene.forbidden().await;
    scene.is_told(&waits, "pending", "Pending (ask ", "It cannot be allowed while that").await;

    scene.town.clock.pass(24 * HOUR);
    scene.town.node("north").tick().await.unwrap();
    scene.is_told(&waits, "expired", "Expired: nobody answered within a day.", "no denial").await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_that_the_human_went_on_with_an_earlier_store() {
    let mut scene = Scene::open().await;
    let (waits, later) = (scene.asks_about(21).await, scene.asks_about(22).await);
    let copy = scene.town.ground().join("yesterday");
    scene.restart(|store| assert!(std::fs::copy(store, &copy).unwrap() > 0)).await;
    scene.allows(later, Term::Once).await;
    let is_yes = |entry: &consent::Entry| matches!(entry.event, Event::Allowed { .. });
    let decided = scene.town.journal("north").iter().rfind(|entry| is_yes(entry)).unwrap().seq;
    let anchored = |node: &Node| node.look().unwrap().anchored().unwrap() >= decided;
    scene.town.wait_for("north", "its anchor lies in the keychain", anchored).await;
    scene.restart(|store| assert!(std::fs::copy(&copy, store).unwrap() > 0)).await;
    assert!(scene.town.node("north").anchored().await.is_distrusted());
    let resume = scene.town.ask("north", Request::Resume).await.unwrap();
    scene.town.allow("north", resume).await;
    let begins = "Cancelled: the human went on with an earlier copy of this store";
    scene.is_told(&waits, "cancelled", begins, "ask anew if it is still wanted").await;
    scene.town.close().await;
}
