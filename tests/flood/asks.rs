//! A flood of asks: how many may wait, of one agent, of this human's own faces and of all, and
//! how many an agent may make in an hour.

use crate::neighbours;
use artifact::ArtifactId;
use consent::{AskId, Requester};
use door::{AgentCaller, AgentKey, AgentReply, AgentRequest};
use node::{Code, Request};
use town::{
    Town,
    clock::{DAY, SECOND},
};

fn caller(n: u8) -> AgentCaller {
    AgentCaller {
        name: format!("agent-{n}").parse().unwrap(),
        key: AgentKey::from_bytes([n; 32]),
        connection: u64::from(n),
        process: None,
    }
}

pub(crate) async fn says(town: &Town, n: u8, request: AgentRequest) -> AgentReply {
    town.node("north").toward_agents().agent(caller(n), request).await
}

/// Lets agent `n` in.
pub(crate) async fn pairs(town: &Town, n: u8) {
    assert!(says(town, n, AgentRequest::Peers {}).await.refused);
    let key = [n; 32];
    let is = |ask: &consent::Ask| matches!(ask.by, Requester::Agent { key: k, .. } if k == key);
    let ask = town.pending("north").into_iter().find(is).unwrap().id;
    town.allow("north", ask).await;
}

async fn wants(town: &Town, n: u8, id: &ArtifactId) -> AgentReply {
    let (id, audience, reason) = (id.to_string(), vec!["harbour".to_owned()], "x".repeat(1_000));
    says(town, n, AgentRequest::RequestShare { id, audience, reason }).await
}

async fn crystals(town: &Town, count: u32) -> Vec<ArtifactId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(town.import_small("north", n).await);
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_asks_wait_and_twenty_of_this_humans_own() {
    let town = neighbours().await;
    for n in 0..20 {
        town.ask("north", Request::Ticket).await.unwrap_or_else(|e| panic!("number {n}: {e}"));
    }
    let refused = town.ask("north", Request::Ticket).await.unwrap_err();
    assert_eq!(refused.code, Code::NotNow);
    assert!(refused.what.contains("20 of your own asks"), "{refused}");
    // An agent's asks have room beside them.
    let ids = crystals(&town, 5).await;
    for agent in 1..=16 {
        pairs(&town, agent).await;
        for id in &ids {
            let reply = wants(&town, agent, id).await;
            assert!(!reply.refused, "{reply:?}");
        }
    }
    assert_eq!(town.pending("north").len(), 100);
    let reply = says(&town, 17, AgentRequest::Peers {}).await;
    assert!(reply.refused && reply.text.contains("100 asks wait already"), "{reply:?}");
    assert_eq!(town.pending("north").len(), 100);
    // The human answers one, and there is room for one.
    let ask = town.pending("north")[0].id;
    town.deny("north", ask).await;
    let reply = says(&town, 17, AgentRequest::Peers {}).await;
    assert!(reply.body["ask"].is_string(), "{reply:?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_asks_sixty_times_an_hour_and_another_is_heard() {
    let town = neighbours().await;
    let id = crystals(&town, 1).await.remove(0);
    pairs(&town, 1).await;
    pairs(&town, 2).await;
    let withdraws = async |agent: u8, reply: &AgentReply| {
        let ask: AskId = reply.body["ask"].as_str().unwrap().parse().unwrap();
        says(&town, agent, AgentRequest::Withdraw { ask: ask.to_string() }).await
    };
    // The wish to be let in was the first.
    for n in 1..60 {
        let reply = wants(&town, 1, &id).await;
        assert!(!reply.refused, "number {n}: {reply:?}");
        let reason = &town.pending("north")[0].reason;
        assert_eq!(reason.chars().count(), 500, "the rest of it is not kept");
        assert!(!withdraws(1, &reply).await.refused);
    }
    let reply = wants(&town, 1, &id).await;
    assert!(reply.refused && reply.text.contains("too often within an hour"), "{reply:?}");
    let other = wants(&town, 2, &id).await;
    assert!(!other.refused, "{other:?}");
    town.clock.pass(60 * 60 * SECOND);
    assert!(!wants(&town, 1, &id).await.refused);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_holds_for_a_day_and_an_agent_gets_ten_hits_at_most() {
    let town = neighbours().await;
    crystals(&town, 12).await;
    pairs(&town, 1).await;
    for (limit, hits) in [(0, 5), (7, 7), (1_000, 10)] {
        let query = "the flaky lighthouse test of the quay".to_owned();
        let (cwd, files, error) = (String::new(), Vec::new(), String::new());
        let request = AgentRequest::Recall { query, cwd, files, error, limit };
        let reply = says(&town, 1, request).await;
        assert_eq!(reply.body["hits"].as_array().unwrap().len(), hits, "{reply:?}");
    }
    town.ticket("north").await;
    let invites = || town.node("north").toward_peers().invites().len();
    town.clock.pass(DAY - 1);
    assert_eq!(invites(), 1);
    town.clock.pass(1);
    assert_eq!(invites(), 0);
    town.close().await;
}
