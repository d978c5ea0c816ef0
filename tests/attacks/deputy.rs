//! The confused deputy: agents of every standing, over real MCP sessions, with every kind of
//! artifact, in every act that an agent has a word for. What each is answered stands in the tables
//! below; nothing of it leaves, and nobody but the human was asked.

use artifact::ArtifactId;
use consent::{Answer, AskId, Event, Term, Way};
use node::{Given, Rebuke};
use serde_json::{Value, json};
use town::{Town, agent::Agent, agent::Reply};
use zeroize::Zeroizing;

/// What an agent is answered.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// It is done.
    Done,
    /// It waits for the human.
    Waits,
    /// It is refused, in words that hold these.
    Refused(&'static str),
}
use Says::{Done, Refused, Waits};

const PEERS: Says = Refused("this came from a peer: only what was distilled on this machine");
const NOT_HERE: Says = Refused("nothing here has an id that begins with");
const NOT_YOURS: Says = Refused("you have no ask of this id");

/// The crystals, by whose they are to who asks.
const CRYSTALS: [&str; 6] =
    ["its own", "another agent's", "the human's", "a peer's", "only told of", "nobody's"];
/// What can be done with a crystal, and what a paired agent is answered for each of them.
const OF_CRYSTALS: [(&str, [Says; 6]); 5] = [
    ("open", [Done, Done, Done, Done, NOT_HERE, NOT_HERE]),
    ("outcome", [Done, Done, Done, Done, NOT_HERE, NOT_HERE]),
    ("share privately", [Waits, Waits, Waits, PEERS, NOT_HERE, NOT_HERE]),
    ("share publicly", [Waits, Waits, Waits, PEERS, NOT_HERE, NOT_HERE]),
    ("share with nobody known", [Refused("nobody here is called"); 6]),
];

/// The asks, by whose they are to who asks.
const ASKS: [&str; 4] = ["another agent's", "the human's", "nobody's", "its own"];
/// What can be done with an ask, and what a paired agent is answered for each of them.
const OF_ASKS: [(&str, [Says; 4]); 2] = [
    ("share_status", [NOT_YOURS, NOT_YOURS, NOT_YOURS, Done]),
    ("withdraw", [NOT_YOURS, NOT_YOURS, NOT_YOURS, Done]),
];

/// What the human can do, the terminal or a window. No agent has a word for it.
const NO_TOOL: [&str; 20] = [
    "answer", "allow", "deny", "fetch", "revoke", "forget", "block", "unblock", "let", "accept",
    "ticket", "connect", "dismiss", "purge", "export", "policy", "rotate", "pair", "lock", "share",
];

/// What an agent of each standing is answered for everything that has a word, if it is not paired.
const OUTSIDE: [(&str, &str); 3] = [
    ("stranger", "This agent is not paired"),
    ("shown-out", "This agent is not paired"),
    ("blocked", "the human has blocked this agent"),
];

/// `north` with two agents, and `harbour`, which gave it a crystal and told it of another.
struct Scene {
    town: Town,
    agents: [(Agent, ArtifactId); 2],
    human: ArtifactId,
    peer: ArtifactId,
    told: ArtifactId,
}

const PAIRED: [&str; 2] = ["scribe", "clerk"];

impl Scene {
    async fn open() -> Self {
        let town = Town::new().house("north").house("harbour").open().await;
        town.introduce("north", "harbour").await;
        let human = town.import_small("north", 1).await;
        let (peer, told) =
            (town.import_small("harbour", 2).await, town.import_small("harbour", 3).await);
        for id in [&peer, &told] {
            let ask = town.share("harbour", id, &["north"]).await;
            town.allow("harbour", ask).await;
            town.wait_for_head("north", id).await;
        }
        town.node("north").fetch(&peer.to_string()).await.unwrap();
        let agents = [paired(&town, PAIRED[0]).await, paired(&town, PAIRED[1]).await];
        Self { town, agents, human, peer, told }
    }

    /// The crystals as [`CRYSTALS`] names them, for this agent.
    fn crystals(&self, who: usize) -> [ArtifactId; 6] {
        let (own, others) = (self.agents[who].1, self.agents[1 - who].1);
        [own, others, self.human, self.peer, self.told, ArtifactId::of(b"nobody's")]
    }

    /// The asks as [`ASKS`] names them, for this agent: all about the same crystal.
    async fn asks(&mut self, who: usize) -> [AskId; 4] {
        let human = self.human;
        let publicly = Town::share(&self.town, "north", &human, &[]).await;
        let mut of = Vec::new();
        for agent in [1 - who, who] {
            let said = does(&mut self.agents[agent].0, "share publicly", &human).await;
            of.push(said.body["ask"].as_str().unwrap().parse().unwrap());
        }
        [of[0], publicly, AskId([7; 16]), of[1]]
    }

    /// Which asks wait, and nothing else.
    fn waiting(&self) -> Vec<AskId> {
        self.town.pending("north").iter().map(|ask| ask.id).collect()
    }
}

/// An agent that is let in, and what it remembered.
async fn paired(town: &Town, name: &str) -> (Agent, ArtifactId) {
    let mut agent = town.pair("north", name).await;
    let text = format!("Bind port 0\nThe {name} test was flaky until it bound port 0.");
    let kept = agent.call("remember", json!({ "text": text })).await;
    let id = kept.body["id"].as_str().unwrap().parse().unwrap();
    (agent, id)
}

/// An act of [`OF_CRYSTALS`].
async fn does(agent: &mut Agent, act: &str, id: &ArtifactId) -> Reply {
    let id = id.to_string();
    let share = |to: &str| json!({ "id": id, "audience": [to], "reason": "the user said so" });
    match act {
        "open" => agent.call("open", json!({ "id": id })).await,
        "outcome" => agent.call("outcome", json!({ "id": id, "outcome": "helped" })).await,
        "share privately" => agent.call("request_share", share("harbour")).await,
        "share publicly" => agent.call("request_share", share("public")).await,
        _ => agent.call("request_share", share("the moon")).await,
    }
}

#[track_caller]
fn is(what: &str, said: &Reply, expected: Says) {
    match expected {
        Done => assert!(!said.refused, "{what}: {said:?}"),
        Waits => {
            assert!(!said.refused && said.body["state"] == "pending", "{what}: {said:?}");
        }
        Refused(words) => {
            assert!(said.refused && said.text.contains(words), "{what}: {said:?}");
        }
    }
}

/// What has no word is no tool, whoever says it and of whatever.
async fn has_no_word(agent: &mut Agent, id: &ArtifactId) {
    for word in NO_TOOL {
        let with = json!({ "id": id.to_string(), "ask": id.to_string(), "answer": "allow" });
        let said = agent.request("tools/call", json!({ "name": word, "arguments": with })).await;
        assert_eq!(said, Value::Null, "{word}");
    }
}

async fn a_paired_agent(scene: &mut Scene, who: usize) {
    for (act, expected) in OF_CRYSTALS {
        let crystals = scene.crystals(who);
        for ((whose, id), expected) in CRYSTALS.into_iter().zip(crystals).zip(expected) {
            let what = format!("{} does {act} with {whose}", PAIRED[who]);
            let agent = &mut scene.agents[who].0;
            let said = does(agent, act, &id).await;
            is(&what, &said, expected);
            if let Some(ask) = said.body["ask"].as_str() {
                let withdrawn = agent.call("withdraw", json!({ "id": ask })).await;
                is(&what, &withdrawn, Done);
            }
            assert!(scene.waiting().is_empty(), "{what}: something waits");
        }
    }
    let asks = scene.asks(who).await;
    for (act, expected) in OF_ASKS {
        for ((whose, ask), expected) in ASKS.into_iter().zip(asks).zip(expected) {
            let before = scene.waiting();
            let agent = &mut scene.agents[who].0;
            let said = agent.call(act, json!({ "id": ask.to_string() })).await;
            is(&format!("{} does {act} with {whose} ask", PAIRED[who]), &said, expected);
            let gone = act == "withdraw" && whose == "its own";
            let wait = before.into_iter().filter(|one| !gone || *one != ask);
            assert_eq!(scene.waiting(), wait.collect::<Vec<_>>(), "{act} with {whose}");
        }
    }
    for ask in scene.waiting() {
        scene.town.deny("north", ask).await;
    }
    has_no_word(&mut scene.agents[who].0, &scene.human).await;
}

/// An agent that is not let in, in this way.
async fn outside(scene: &Scene, name: &str) -> Agent {
    let town = &scene.town;
    let mut agent = Agent::enter(town.home("north"), name).await;
    if name == "stranger" {
        return agent;
    }
    let asked = agent.call("peers", json!({})).await;
    let ask: AskId = asked.body["ask"].as_str().unwrap().parse().unwrap();
    if name == "shown-out" {
        town.allow("north", ask).await;
        is(name, &agent.call("peers", json!({})).await, Done);
        town.node("north").unpair(name).await.unwrap();
    } else {
        answers(town, ask, (Answer::Deny, Term::Once, Some(Rebuke::Block))).await;
    }
    agent
}

async fn answers(town: &Town, ask: AskId, (answer, term, rebuke): (Answer, Term, Option<Rebuke>)) {
    let node = town.node("north");
    let code = node.prompt(&ask).unwrap().0.code;
    let plain = Given::plain(ask, answer, Way::ConsentWindow, code, Zeroizing::default());
    node.answer(Given { term, rebuke, ..plain }).await.unwrap();
}

async fn an_agent_outside(scene: &mut Scene, name: &str, words: &'static str) {
    let mut agent = outside(scene, name).await;
    let crystals = scene.crystals(0);
    for (act, _) in OF_CRYSTALS {
        for (whose, id) in CRYSTALS.into_iter().zip(crystals) {
            let said = does(&mut agent, act, &id).await;
            is(&format!("{name} does {act} with {whose}"), &said, Refused(words));
        }
    }
    for (tool, with) in [
        ("recall", json!({ "query": "lighthouse" })),
        ("remember", json!({ "text": "Bind port 0\nIt was flaky." })),
        ("peers", json!({})),
        ("share_status", json!({ "id": AskId([7; 16]).to_string() })),
        ("withdraw", json!({ "id": AskId([7; 16]).to_string() })),
    ] {
        is(&format!("{name} does {tool}"), &agent.call(tool, with).await, Refused(words));
    }
    has_no_word(&mut agent, &scene.human).await;
    // At most it asked to be let in, once.
    let waiting = scene.town.pending("north");
    let pairs = |ask: &consent::Ask| matches!(ask.wish, consent::Wish::Pair { .. });
    assert!(waiting.len() <= 1 && waiting.iter().all(pairs), "{name}: {waiting:?}");
    for ask in waiting {
        scene.town.deny("north", ask.id).await;
    }
}

/// A rule is bound to the key of the agent that it was made for.
async fn a_rule_of_one_agent(scene: &mut Scene) {
    let human = scene.human;
    let said = does(&mut scene.agents[0].0, "share privately", &human).await;
    let ask = said.body["ask"].as_str().unwrap().parse().unwrap();
    answers(&scene.town, ask, (Answer::Allow, Term::Day, None)).await;
    let [(one, _), (other, _)] = &mut scene.agents;
    let by_rule = does(one, "share privately", &human).await;
    assert_eq!(by_rule.body["state"], "allowed", "{by_rule:?}");
    assert!(by_rule.text.contains("a rule that the human made"), "{by_rule:?}");
    is("the other under the rule", &does(other, "share privately", &human).await, Waits);
    is("publicly under the rule", &does(one, "share publicly", &human).await, Waits);
    let mut stranger = Agent::enter(scene.town.home("north"), "newcomer").await;
    let said = does(&mut stranger, "share privately", &human).await;
    is("a stranger under the rule", &said, Refused("not paired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_agent_is_answered_for_every_artifact_as_its_place_allows() {
    let mut scene = Scene::open().await;
    for who in 0..PAIRED.len() {
        a_paired_agent(&mut scene, who).await;
    }
    for (name, words) in OUTSIDE {
        an_agent_outside(&mut scene, name, words).await;
    }
    // Nobody allowed a share so far: not one byte, head or receipt of north's is anywhere.
    let journal = scene.town.journal("north");
    let left = |e: &consent::Entry| matches!(e.event, Event::Told { .. } | Event::Serving { .. });
    assert!(!journal.iter().any(left), "something left");
    assert!(scene.town.node("north").look().unwrap().receipts().unwrap().is_empty());
    a_rule_of_one_agent(&mut scene).await;
    scene.town.close().await;
}
