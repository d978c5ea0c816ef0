//! What is allowed for longer than once, and what is decided about agents: several real nodes, a
//! real agent at the real door, and the laws of consent over every journal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "rules/altered.rs"]
mod altered;
#[path = "rules/told.rs"]
mod told;

use artifact::ArtifactId;
use consent::{Answer, AskId, Event, State, Term, Way};
use node::{Code, Given, Notice, Rebuke};
use serde_json::json;
use town::{Town, agent::Agent, has, laws, log};
use zeroize::Zeroizing;

const HOUR: u64 = 60 * 60 * 1000;

/// Two houses that know each other, an agent, and one of its crystals.
struct Scene {
    town: Town,
    agent: Agent,
    first: ArtifactId,
}

impl Scene {
    async fn open() -> Self {
        let town = Town::new().house("north").house("harbour").open().await;
        town.introduce("north", "harbour").await;
        let agent = town.pair("north", "scribe").await;
        let mut scene = Self { town, agent, first: ArtifactId::of(b"") };
        scene.first = scene.goes_on("").await;
        scene
    }

    /// The agent's run goes on by these lines, and its log is read again.
    async fn goes_on(&self, more: &str) -> ArtifactId {
        let path = self.town.ground().join("run.jsonl");
        let before = std::fs::read_to_string(&path).unwrap_or_else(|_| log::small(1));
        std::fs::write(&path, before + more).unwrap();
        self.town.import("north", &path).await
    }

    /// The agent asks to share a crystal with harbour.
    async fn asks(&mut self, id: &ArtifactId) -> AskId {
        let share = json!({ "id": id.to_string(), "audience": ["harbour"] });
        let said = self.agent.call("request_share", share).await;
        assert!(!said.refused, "{said:?}");
        said.body["ask"].as_str().unwrap().parse().unwrap()
    }

    async fn answers(&self, ask: AskId, answer: Answer, term: Term, rebuke: Option<Rebuke>) {
        let node = self.town.node("north");
        let code = node.prompt(&ask).unwrap().0.code;
        let (way, pin) = (Way::ConsentWindow, Zeroizing::default());
        let given = Given { term, rebuke, ..Given::plain(ask, answer, way, code, pin) };
        node.answer(given).await.unwrap();
    }

    async fn allows(&self, ask: AskId, term: Term) {
        self.answers(ask, Answer::Allow, term, None).await;
    }

    fn state(&self, ask: &AskId) -> &'static str {
        self.town.state("north", ask).word()
    }

    fn rules(&self) -> usize {
        self.town.node("north").look().unwrap().rules().unwrap().len()
    }

    fn ends(&self) -> Vec<String> {
        let why = |event| match event {
            Event::RuleEnded { why, .. } => Some(why),
            _ => None,
        };
        self.town.journal("north").into_iter().filter_map(|entry| why(entry.event)).collect()
    }

    async fn close(self) {
        for house in ["north", "harbour"] {
            laws::hold(house, self.town.node(house)).await;
        }
        self.town.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_lets_later_versions_go_to_the_same_people_without_a_prompt() {
    let mut scene = Scene::open().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    assert_eq!(
        scene.town.node("north").prompt(&ask).unwrap().0.terms,
        [Term::Once, Term::Session, Term::Lock, Term::Day]
    );
    scene.allows(ask, Term::Day).await;
    scene.town.wait_for_crystal("harbour", &first).await;

    let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    assert_ne!(first, second);
    let by_rule = scene.asks(&second).await;
    assert_eq!(scene.state(&by_rule), "allowed");
    scene.town.wait_for_crystal("harbour", &second).await;
    let third = scene.goes_on(&log::more(1, "and for the quay", 20)).await;
    let again = scene.asks(&third).await;
    assert_eq!(scene.state(&again), "allowed", "the line goes on from what was given first");
    scene.town.wait_for_crystal("harbour", &third).await;
    let row = scene.town.node("north").look().unwrap().rules().unwrap().remove(0).1;
    assert_eq!((row.uses, row.bounds.shown), (2, first));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_does_not_cover_is_asked_about() {
    let mut scene = Scene::open().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Day).await;
    let other = scene.town.import_small("north", 7).await;
    let another = scene.asks(&other).await;
    assert_eq!(scene.state(&another), "pending", "another artifact");
    let said = json!({ "text": "Bind port 0\nThe quay test was flaky until it bound port 0." });
    let kept = scene.agent.call("remember", said).await.body["id"].as_str().unwrap().to_owned();
    let note = scene.asks(&kept.parse().unwrap()).await;
    let (prompt, _) = scene.town.node("north").prompt(&note).unwrap();
    assert!(prompt.terms.is_empty(), "text that an agent wrote is looked at each time");
    let way = Way::ConsentWindow;
    let plain = Given::plain(note, Answer::Allow, way, prompt.code, Zeroizing::default());
    let longer = Given { term: Term::Day, ..plain };
    let refused = scene.town.node("north").answer(longer).await.map(drop).unwrap_err();
    assert_eq!(refused.code, Code::Refused);
    assert_eq!(scene.state(&note), "pending");
    scene.close().await;
}

/// Ways in which a rule ends.
#[derive(Debug, Clone, Copy)]
enum End {
    ByHand,
    Session,
    Time,
    Unpaired,
    Peer,
    Artifact,
    All,
    Restart,
}

async fn after(end: End, why: &str) {
    let mut scene = Scene::open().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    let term = if matches!(end, End::Session) { Term::Session } else { Term::Day };
    scene.allows(ask, term).await;
    assert_eq!(scene.rules(), 1);
    let node = scene.town.node("north");
    let rule = node.look().unwrap().rules().unwrap()[0].0;
    match end {
        End::ByHand => node.end_rule(&rule.to_string()).await.unwrap(),
        End::Peer => {
            node.revoke(node::Revoke::Peer("harbour".into()), "").await.map(drop).unwrap();
        }
        End::Artifact => {
            node.revoke(node::Revoke::One(first.to_string()), "").await.map(drop).unwrap();
        }
        End::All => node.revoke(node::Revoke::All, "").await.map(drop).unwrap(),
        End::Unpaired => node.unpair("scribe").await.unwrap(),
        End::Time => {
            scene.town.clock.pass(24 * HOUR);
            node.tick().await.unwrap();
        }
        End::Session => {
            drop(std::mem::replace(
                &mut scene.agent,
                Agent::enter(scene.town.home("north"), "scribe").await,
            ));
            let gone = |node: &node::Node| node.look().unwrap().rules().unwrap().is_empty();
            scene.town.wait_for("north", "the rule ended with its session", gone).await;
        }
        End::Restart => {
            scene.town.stop("north").await;
            scene.town.start("north").await;
            scene.agent = Agent::enter(scene.town.home("north"), "scribe").await;
        }
    }
    assert_eq!((scene.rules(), scene.ends()), (0, vec![why.to_owned()]), "{end:?}");
    if !matches!(end, End::Unpaired) {
        let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
        let asked = scene.asks(&second).await;
        assert_eq!(scene.state(&asked), "pending", "{end:?}");
    }
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_by_hand_with_its_time_and_with_what_it_was_about() {
    after(End::ByHand, "by-hand").await;
    after(End::Time, "over").await;
    after(End::Peer, "by-hand").await;
    after(End::Artifact, "revoked").await;
    after(End::All, "revoked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_ends_with_its_agent_its_session_and_the_node() {
    after(End::Unpaired, "agent-shown-out").await;
    after(End::Session, "session-over").await;
    after(End::Restart, "node-stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_rules_hold_and_the_next_waits_for_an_end() {
    let mut scene = Scene::open().await;
    for n in 0..64 {
        if n == 50 {
            scene.town.clock.pass(HOUR); // an agent asks sixty times an hour
        }
        let id = scene.town.import_small("north", 100 + n).await;
        let ask = scene.asks(&id).await;
        scene.allows(ask, Term::Day).await;
    }
    let (first, node) = (scene.first, scene.town.node("north").clone());
    let ask = scene.asks(&first).await;
    let given = |term| {
        let (way, code) = (Way::ConsentWindow, node.prompt(&ask).unwrap().0.code);
        Given { term, ..Given::plain(ask, Answer::Allow, way, code, Zeroizing::default()) }
    };
    let full = node.answer(given(Term::Day)).await.map(drop).unwrap_err();
    assert_eq!((full.code, scene.state(&ask)), (Code::NotNow, "pending"), "{full}");
    node.answer(given(Term::Once)).await.map(drop).unwrap();
    assert_eq!((scene.state(&ask), scene.rules()), ("allowed", 64));
    drop(node);
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_narrowed_and_never_widened() {
    let town = Town::new().house("north").house("harbour").house("quay").open().await;
    town.introduce("north", "harbour").await;
    town.introduce("north", "quay").await;
    let mut scene =
        Scene { agent: town.pair("north", "scribe").await, town, first: ArtifactId::of(b"") };
    let id = scene.goes_on("").await;
    let both = |id: &ArtifactId| json!({ "id": id.to_string(), "audience": ["harbour", "quay"] });
    let said = scene.agent.call("request_share", both(&id)).await;
    scene.allows(said.body["ask"].as_str().unwrap().parse().unwrap(), Term::Day).await;
    let node = scene.town.node("north");
    let rule = node.look().unwrap().rules().unwrap()[0].0.to_string();
    node.narrow_rule(&rule, "quay").await.unwrap();
    let twice = node.narrow_rule(&rule, "quay").await.unwrap_err();
    assert_eq!(twice.code, Code::Invalid);

    let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let wide = scene.agent.call("request_share", both(&second)).await;
    assert_eq!(wide.body["state"], "pending", "{wide:?}");
    let narrow = scene.asks(&second).await;
    assert_eq!(scene.state(&narrow), "allowed");
    scene.town.wait_for_crystal("harbour", &second).await;
    assert!(!has(scene.town.node("quay"), &second));
    scene.town.node("north").narrow_rule(&rule, "harbour").await.unwrap();
    assert_eq!((scene.rules(), scene.ends()), (0, vec!["by-hand".to_owned()]), "nobody is left");
    laws::hold("quay", scene.town.node("quay")).await;
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_agent_asks_without_a_sound_and_no_rule_of_its_own_holds_meanwhile() {
    let mut scene = Scene::open().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Day).await;
    let other = scene.town.import_small("north", 7).await;
    let no = scene.asks(&other).await;
    scene.answers(no, Answer::Deny, Term::Once, Some(Rebuke::Mute)).await;

    let mut notices = scene.town.node("north").notices();
    let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let share = json!({ "id": second.to_string(), "audience": ["harbour"] });
    let said = scene.agent.call("request_share", share).await;
    assert!(said.text.contains("muted"), "it is told: {}", said.text);
    let quiet: AskId = said.body["ask"].as_str().unwrap().parse().unwrap();
    assert_eq!(scene.state(&quiet), "pending", "it waits, whatever rules there are");
    let mut loud = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        loud.extend(matches!(notice, Notice::Asked { quiet: false, .. }).then_some(notice));
    }
    assert_eq!(loud, [], "nothing comes up by itself");

    scene.town.node("north").unmute("scribe").await.unwrap();
    scene.agent.call("withdraw", json!({ "id": quiet.to_string() })).await;
    let heard = scene.asks(&second).await;
    assert_eq!(scene.state(&heard), "allowed", "the rule holds again");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_denials_in_ten_minutes_mute_an_agent_for_an_hour() {
    let mut scene = Scene::open().await;
    let key = scene.town.node("north").look().unwrap().agents().unwrap()[0].0;
    for n in 5..7 {
        let id = scene.town.import_small("north", n).await;
        let ask = scene.asks(&id).await;
        scene.town.deny("north", ask).await;
    }
    scene.town.clock.pass(HOUR / 6);
    for n in 7..10 {
        assert!(scene.town.node("north").muted(&key).unwrap().is_none(), "{n}");
        let id = scene.town.import_small("north", n).await;
        let ask = scene.asks(&id).await;
        scene.town.deny("north", ask).await;
    }
    let mute = scene.town.node("north").muted(&key).unwrap().unwrap();
    assert_eq!(mute.why, "denied-often");
    scene.town.clock.pass(HOUR);
    assert!(scene.town.node("north").muted(&key).unwrap().is_none(), "an hour, and no more");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_agent_is_out_and_stays_out_until_the_human_says_otherwise() {
    let mut scene = Scene::open().await;
    let (first, other) = (scene.first, scene.town.import_small("north", 7).await);
    let (ask, waits) = (scene.asks(&first).await, scene.asks(&other).await);
    scene.answers(ask, Answer::Deny, Term::Once, Some(Rebuke::Block)).await;
    assert_eq!((scene.state(&ask), scene.state(&waits)), ("denied", "withdrawn"));
    let out = scene.agent.call("peers", json!({})).await;
    assert!(out.refused && out.text.contains("blocked"), "{}", out.text);
    assert!(scene.town.pending("north").is_empty(), "it is not brought before the human again");

    let mut renamed = Agent::enter(scene.town.home("north"), "scribe").await;
    assert!(renamed.call("peers", json!({})).await.text.contains("blocked"));
    scene.town.node("north").unblock_agent("scribe").await.unwrap();
    let again = scene.agent.call("peers", json!({})).await;
    assert!(again.text.contains("not paired"), "{}", again.text);
    assert_eq!(scene.town.pending("north").len(), 1, "it may ask, and is not let in by this");
    assert!(!has(scene.town.node("harbour"), &first));
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_with_more_or_allowed_for_longer_is_an_agents() {
    let scene = Scene::open().await;
    let ask = scene.town.share("north", &scene.first, &["harbour"]).await;
    let node = scene.town.node("north");
    let (prompt, _) = node.prompt(&ask).unwrap();
    assert!(prompt.terms.is_empty() && !prompt.by_agent);
    let plain = |answer| {
        let code = prompt.code.clone();
        Given::plain(ask, answer, Way::ConsentWindow, code, Zeroizing::default())
    };
    let longer = Given { term: Term::Session, ..plain(Answer::Allow) };
    assert_eq!(node.answer(longer).await.map(drop).unwrap_err().code, Code::Refused);
    let blamed = Given { rebuke: Some(Rebuke::Block), ..plain(Answer::Deny) };
    assert_eq!(node.answer(blamed).await.map(drop).unwrap_err().code, Code::Invalid);
    assert_eq!(scene.town.state("north", &ask), State::Pending {});
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_until_lock_ends_with_the_lock_of_the_key_and_with_the_node() {
    let mut scene = Scene::open().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Lock).await;
    let second = scene.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
    let by_rule = scene.asks(&second).await;
    assert_eq!(scene.state(&by_rule), "allowed");
    scene.town.node("north").lock().await.unwrap();
    let third = scene.goes_on(&log::more(1, "and for the quay", 20)).await;
    let ask = scene.asks(&third).await;
    assert_eq!((scene.state(&ask), scene.rules()), ("pending", 0));
    assert_eq!(scene.ends(), ["locked"]);

    scene.allows(ask, Term::Lock).await;
    assert_eq!(scene.rules(), 1);
    // The machine sleeps before anybody locks anything.
    scene.town.node("north").tick().await.unwrap();
    scene.town.clock.sleep(HOUR);
    scene.town.node("north").tick().await.unwrap();
    assert_eq!((scene.rules(), scene.ends()), (0, vec!["locked".to_owned(); 2]));
    scene.close().await;
}
