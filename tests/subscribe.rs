//! Heads and bodies, with real nodes: what comes by itself, what comes when it is asked for, and
//! what is said of what does not come.

use artifact::{ArtifactId, Head};
use door::{AgentCaller, AgentKey, AgentReply, AgentRequest};
use node::{Code, Means, Node, Revoke};
use serde_json::json;
use std::time::Duration;
use store::{ChangeError, PeerRow, Store};
use tokio::time::Instant;
use town::{
    Town, has, laws,
    puppet::{self, Person, Puppet},
};
use wire::{Face, Query, View};

const QUESTION: &str = "the flaky lighthouse test of the quay";

async fn two_houses() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// Shares with harbour, which is told of it.
async fn told(town: &Town, n: u32) -> ArtifactId {
    let id = town.import_small("north", n).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_head("harbour", &id).await;
    id
}

async fn offered(town: &Town) -> Vec<wire::OfferedRow> {
    let all = Query::Offered { peer: String::new(), offset: 0, limit: 200 };
    match town.gate("harbour").view(Face::MainWindow, all).await.unwrap() {
        View::Offered(page) => page.rows,
        other => panic!("{other:?}"),
    }
}

/// Changes what a house that does not run knows of another.
fn amend(town: &Town, house: &str, bend: impl Fn(PeerRow) -> PeerRow) {
    let store = Store::open(town.home(house)).unwrap();
    let peers = store.look().unwrap().peers().unwrap();
    let changed = store.change::<_, ChangeError>(|change| {
        peers.iter().try_for_each(|(human, row)| change.put_peer(human, &bend(row.clone())))
    });
    changed.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn from_whom_is_not_let_only_heads_come_and_a_recall_fetches_what_fits() {
    let town = two_houses().await;
    let id = told(&town, 1).await;
    let rows = offered(&town).await;
    assert_eq!((rows.len(), rows[0].id.as_str()), (1, id.to_string().as_str()));
    assert_eq!((rows[0].state.as_str(), rows[0].peer.as_str()), ("open", "north"));
    // A second one that is asked for by hand comes; the first was not asked for.
    let other = told(&town, 2).await;
    assert_eq!(town.node("harbour").fetch(&other.to_string()).await.unwrap(), other);
    assert!(has(town.node("harbour"), &other) && !has(town.node("harbour"), &id));

    let mut agent = town.pair("harbour", "codex").await;
    let found = agent.call("recall", json!({ "query": QUESTION, "limit": 5 })).await;
    let hits = found.body["hits"].as_array().unwrap();
    assert!(hits.iter().any(|hit| hit["id"] == id.to_string()), "{found:?}");
    assert_eq!(found.body["missing"], 0, "{found:?}");
    assert!(has(town.node("harbour"), &id));
    town.close().await;
}

/// Every step of a recall at harbour: its word, whether it was taken, and its reason.
async fn steps(town: &Town, text: &str) -> Vec<(String, bool, String)> {
    let query = Query::Recall { text: text.to_owned(), cwd: String::new(), limit: 5 };
    match town.gate("harbour").view(Face::MainWindow, query).await.unwrap() {
        View::Recall(seen) => {
            seen.steps.into_iter().map(|step| (step.step, step.taken, step.reason)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn step(name: &str, taken: bool, reason: &str) -> (String, bool, String) {
    (name.to_owned(), taken, reason.to_owned())
}

/// What came from north, whom harbour does not let, is no memory of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_recall_goes_step_by_step_and_says_why() {
    let mut town = two_houses().await;
    let nothing = [
        step("fingerprint", true, "terms"),
        step("memory", true, "nothing-here"),
        step("heads", true, "none-fits"),
        step("fetch", false, "none-fits"),
        step("context", true, "nothing"),
    ];
    assert_eq!(steps(&town, QUESTION).await, nothing);
    let id = told(&town, 1).await;
    let fetched = [
        step("fingerprint", true, "terms"),
        step("memory", true, "nothing-here"),
        step("heads", true, "fits"),
        step("fetch", true, "asked"),
        step("context", true, "given"),
    ];
    assert_eq!(steps(&town, QUESTION).await, fetched);
    assert!(has(town.node("harbour"), &id), "it came, and was verified");
    let second = told(&town, 2).await;
    town.stop("north").await;
    let gone = |node: &Node| node.links().is_empty();
    town.wait_for("harbour", "sees it go", gone).await;
    let away = [
        step("fingerprint", true, "terms"),
        step("memory", true, "nothing-here"),
        step("heads", true, "fits"),
        step("fetch", false, "all-away"),
        step("context", true, "given"),
    ];
    assert_eq!(steps(&town, QUESTION).await, away);
    assert!(!has(town.node("harbour"), &second));
    assert_eq!(steps(&town, "  ").await[0], step("fingerprint", true, "blank"));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_who_is_not_let_pushes_no_own_memory_out_of_an_answer() {
    let town = Town::new().house("harbour").open().await;
    let own = town.import_small("harbour", 1).await;
    let (me, mallory) = (town.human("harbour"), Person::new(70));
    let way = puppet::Way::by_ticket(&town.ticket("harbour").await, me);
    let mut puppet = Puppet::enter(mallory.identity(), &way).await;
    // Every one of these fits better than anything that happened here.
    for n in 0..20 {
        let body = mallory.crystal(&format!("{QUESTION} {n}"));
        let head = Head::of(&body).unwrap();
        puppet.has(&body).await;
        puppet.tells(&head.encode().unwrap(), &mallory.receipt(&body, me, |_| {})).await;
        town.wait_for_head("harbour", &head.id).await;
    }
    let mut agent = town.pair("harbour", "codex").await;
    // By heads alone at first, then with the bodies that were fetched for it.
    for limit in [1, 2, 5] {
        let found = agent.call("recall", json!({ "query": QUESTION, "limit": limit })).await;
        let hits = found.body["hits"].as_array().unwrap();
        assert_eq!(hits[0]["id"], own.to_string(), "{found:?}");
        assert!(hits.len() <= limit, "{found:?}");
        // The places that are left are theirs: whoever asks is answered.
        assert!(hits[1..].iter().all(|hit| hit["origin"] == "peer"), "{found:?}");
        assert_eq!(limit > 1, hits.len() > 1, "{found:?}");
    }
    let all = town.node("harbour").search(QUESTION, 5, Means::Both).unwrap();
    assert_eq!(all[0].id, own);
    // None of it may be put before an agent that did not ask.
    assert!(all.iter().all(|one| one.unasked == (one.id == own)));
    town.lets("harbour", "puppet-70").await;
    let all = town.node("harbour").search(QUESTION, 5, Means::Both).unwrap();
    assert!(all.len() > 1 && all.iter().all(|one| one.unasked));
    puppet.leave().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giver_that_sleeps_takes_nothing_along() {
    let mut town = two_houses().await;
    let (here, there) = (told(&town, 1).await, told(&town, 2).await);
    town.wait_for_head("harbour", &there).await;
    town.node("harbour").fetch(&here.to_string()).await.unwrap();
    let north = town.human("north");
    town.stop("north").await;
    let gone = |node: &Node| node.links().iter().all(|link| link.human != north);
    town.wait_for("harbour", "sees it go", gone).await;

    let rows = offered(&town).await;
    assert_eq!((rows.len(), rows[0].state.as_str()), (1, "away"));
    assert!(rows[0].seen > 0, "when it was last seen");
    let away = town.node("harbour").fetch(&there.to_string()).await.unwrap_err();
    assert_eq!(away.code, Code::NotNow);
    assert!(away.what.contains("north is away"), "{away}");
    let mut agent = town.pair("harbour", "codex").await;
    let found = agent.call("recall", json!({ "query": QUESTION })).await;
    assert_eq!(found.body["hits"][0]["id"], here.to_string(), "{found:?}");
    assert_eq!(
        (&found.body["missing"], &found.body["absent"][0]["why"]),
        (&json!(1), &json!("away"))
    );
    assert!(found.text.contains("1 more"), "{}", found.text);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_let_peer_shares_comes_by_itself_until_the_quota_is_used() {
    let town = two_houses().await;
    let first = told(&town, 1).await;
    town.lets("harbour", "north").await;
    town.wait_for("harbour", "fetched it ahead", |node| has(node, &first)).await;
    // No room any more: the next one is told of, and stays where it is.
    town.node("harbour").fetch_ahead(1, 1).await.unwrap();
    let second = told(&town, 2).await;
    town.node("harbour").tick().await.unwrap();
    assert!(!has(town.node("harbour"), &second) && has(town.node("harbour"), &first));
    town.node("harbour").fetch_ahead(1 << 20, 1 << 20).await.unwrap();
    town.wait_for("harbour", "has room again", |node| has(node, &second)).await;
    town.close().await;
}

/// Harbour, which lets mallory.
async fn mallory_is_let() -> (Town, Person, Puppet) {
    let town = Town::new().house("harbour").open().await;
    let mallory = Person::new(70);
    let way = puppet::Way::by_ticket(&town.ticket("harbour").await, town.human("harbour"));
    let puppet = Puppet::enter(mallory.identity(), &way).await;
    town.lets("harbour", &mallory.human.public().to_string()).await;
    (town, mallory, puppet)
}

/// Mallory tells of these.
async fn tells(town: &Town, mallory: &Person, puppet: &mut Puppet, body: &[u8]) -> ArtifactId {
    let head = Head::of(body).unwrap();
    let receipt = mallory.receipt(body, town.human("harbour"), |_| {});
    puppet.tells(&head.encode().unwrap(), &receipt).await;
    head.id
}

/// The end is not signed yet, so that harbour cannot know of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_taker_who_asks_for_what_was_ended_makes_one_line() {
    let mut town = two_houses().await;
    let id = told(&town, 1).await;
    town.node("north").revoke(Revoke::One(id.to_string()), "").await.unwrap();
    town.lets("harbour", "north").await;
    town.wait_for_refusal("north", "not-entitled", 1).await;
    for _ in 0..10 {
        town.node("harbour").fetch_ahead(1 << 20, 1 << 20).await.unwrap();
    }
    // What was counted is written when the session is over.
    town.stop("harbour").await;
    town.stop("north").await;
    town.start("north").await;
    let refused = |e: &consent::Entry| matches!(e.event, consent::Event::Refused { .. });
    assert_eq!(town.journal("north").iter().filter(|entry| refused(entry)).count(), 1);
    town.close().await;
}

/// Nothing moves but the clock, which goes to whatever is next.
#[tokio::test]
async fn a_giver_that_stalls_is_written_down_once_and_why_it_did_not_come_is_said() {
    let (town, mallory, mut puppet) = mallory_is_let().await;
    let body = mallory.crystal("the lighthouse by night");
    puppet.stalls(&body);
    let id = tells(&town, &mallory, &mut puppet, &body).await;
    town.wait_for_head("harbour", &id).await;
    for _ in 0..2 {
        tokio::time::pause();
        let why = town.node("harbour").fetch(&id.to_string()).await.unwrap_err();
        tokio::time::resume();
        assert!(why.what.contains("did not answer in time"), "{why}");
    }
    town.wait_for_refusal("harbour", "late", 1).await;
    assert!(puppet.asked(&body) >= 2);
    town.node("harbour").tick().await.unwrap();
    assert_eq!(laws::refusals(town.node("harbour"), "late"), 1);
    puppet.leave().await;
    town.close().await;
}

/// Mallory tells of one more, which it gives: what was to be fetched before it was.
async fn next_comes(town: &Town, mallory: &Person, puppet: &mut Puppet, title: &str) {
    let body = mallory.crystal(title);
    puppet.has(&body).await;
    let id = tells(town, mallory, puppet, &body).await;
    town.wait_for("harbour", "has the next one", |node| has(node, &id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_giver_refused_is_asked_for_again_only_when_it_is_told_anew() {
    let (town, mallory, mut puppet) = mallory_is_let().await;
    let body = mallory.crystal("the lighthouse by night");
    puppet.has(&body).await;
    puppet.refuses(&body);
    let id = tells(&town, &mallory, &mut puppet, &body).await;
    next_comes(&town, &mallory, &mut puppet, "the lighthouse by day").await;
    assert_eq!(puppet.asked(&body), 1);
    // Whatever makes it look for what is open: a tick, room, another head.
    for n in 0..10 {
        town.node("harbour").tick().await.unwrap();
        town.node("harbour").fetch_ahead(1 << 30, 1 << 30).await.unwrap();
        next_comes(&town, &mallory, &mut puppet, &format!("the lighthouse on day {n}")).await;
    }
    assert_eq!(puppet.asked(&body), 1, "it was asked for again");
    // Its human may ask all the same, and hears what was said.
    let why = town.node("harbour").fetch(&id.to_string()).await.unwrap_err();
    assert_eq!((why.code, puppet.asked(&body)), (Code::Refused, 2), "{why}");
    puppet.relents(&body);
    next_comes(&town, &mallory, &mut puppet, "the lighthouse at noon").await;
    assert_eq!(puppet.asked(&body), 2, "nobody told of it");
    tells(&town, &mallory, &mut puppet, &body).await;
    town.wait_for("harbour", "has it after all", |node| has(node, &id)).await;
    assert_eq!(puppet.asked(&body), 3);
    puppet.leave().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_survive_a_giver_and_a_taker_that_forgot() {
    let mut town = two_houses().await;
    let first = told(&town, 1).await;
    let kept = |town: &Town| {
        let peers = town.node("harbour").look().unwrap().peers().unwrap();
        peers[0].1.heads_kept
    };
    assert_eq!(kept(&town), 1);
    // The giver forgot that it told anything: all is told again, above what the taker holds.
    town.stop("north").await;
    amend(&town, "north", |row| PeerRow { heads_told: 0, ..row });
    town.start("north").await;
    let above = |node: &Node| node.look().unwrap().peers().unwrap()[0].1.heads_kept == 2;
    town.wait_for("harbour", "holds the new number", above).await;
    // The taker forgot what it holds: it is told again, under the same numbers.
    town.stop("harbour").await;
    amend(&town, "harbour", |row| PeerRow { heads_kept: 0, ..row });
    town.start("harbour").await;
    let second = told(&town, 2).await;
    let both = |node: &Node| node.look().unwrap().peers().unwrap()[0].1.heads_kept == 3;
    town.wait_for("harbour", "holds both", both).await;
    assert_eq!(town.left("north", &first).told, 1, "one line, however often it is told");
    assert_eq!(offered(&town).await.len(), 2);
    assert_ne!(first, second);
    town.close().await;
}

/// An agent of harbour's that is paired, at the door behind its socket.
async fn caller(town: &Town) -> AgentCaller {
    let caller = AgentCaller {
        name: "codex".parse().unwrap(),
        key: AgentKey::from_bytes([7; 32]),
        connection: 1,
        process: None,
    };
    let agents = town.node("harbour").toward_agents();
    assert!(agents.agent(caller.clone(), AgentRequest::Peers {}).await.refused);
    let ask = town.pending("harbour")[0].id;
    town.allow("harbour", ask).await;
    caller
}

/// What recall says, and how long that took.
async fn recalls(town: &Town, caller: &AgentCaller) -> (AgentReply, Duration) {
    let query = "the lighthouse of mallory".to_owned();
    let (cwd, files, error, limit) = (String::new(), Vec::new(), String::new(), 5);
    let request = AgentRequest::Recall { query, cwd, files, error, limit };
    let begun = Instant::now();
    let reply = town.node("harbour").toward_agents().agent(caller.clone(), request).await;
    (reply, begun.elapsed())
}

/// One body comes at once, and the giver of the other never answers.
#[tokio::test]
async fn a_recall_answers_when_its_budget_is_spent_with_what_came_in_time() {
    const BUDGET: Duration = Duration::from_millis(1_500);
    let town = Town::new().house("harbour").open().await;
    let (me, mallory) = (town.human("harbour"), Person::new(70));
    let way = puppet::Way::by_ticket(&town.ticket("harbour").await, me);
    let mut puppet = Puppet::enter(mallory.identity(), &way).await;
    let bodies = ["the lighthouse by day", "the lighthouse by night"].map(|t| mallory.crystal(t));
    let [quick, slow] = bodies.each_ref().map(|body| ArtifactId::of(body));
    puppet.has(&bodies[0]).await;
    puppet.stalls(&bodies[1]);
    for (body, id) in bodies.iter().zip([quick, slow]) {
        let head = Head::of(body).unwrap().encode().unwrap();
        puppet.tells(&head, &mallory.receipt(body, me, |_| {})).await;
        town.wait_for_head("harbour", &id).await;
    }
    let caller = caller(&town).await;

    let (reply, took) = recalls(&town, &caller).await;
    assert!(took >= BUDGET, "one is still on its way after {took:?}");
    let hits = reply.body["hits"].as_array().unwrap();
    assert_eq!((hits.len(), &hits[0]["id"]), (1, &json!(quick.to_string())), "{reply:?}");
    let absent = json!([{ "giver": mallory.human.public().to_string(), "why": "late" }]);
    assert_eq!((&reply.body["missing"], &reply.body["absent"]), (&json!(1), &absent));
    assert!(reply.text.contains("1 more did not come from peers in time"), "{}", reply.text);

    // Nothing moves any more but the clock, which goes to whatever is next.
    tokio::time::pause();
    let (reply, took) = recalls(&town, &caller).await;
    tokio::time::resume();
    assert!(took >= BUDGET && took < BUDGET + Duration::from_millis(50), "{took:?}");
    assert_eq!(reply.body["missing"], 1, "{reply:?}");
    assert!(has(town.node("harbour"), &quick) && !has(town.node("harbour"), &slow));
    puppet.leave().await;
    town.close().await;
}
