//! The story, with real nodes: a log becomes a crystal, somebody asks to share it, the human
//! answers, and exactly the audience has exactly those bytes. And every way it can go otherwise,
//! in each of which what left is counted and is nothing.
//!
//! What a hostile peer or a forbidden face gets is in `refusals.rs`.

#[path = "story/killed.rs"]
mod killed;

use artifact::ArtifactId;
use consent::{Answer, Event, Origin, Requester, State, Way};
use node::{Code, Given, Node};
use serde_json::json;
use std::path::Path;
use town::{
    Agent, Left, Town,
    clock::DAY,
    has, log,
    puppet::{self, Identity, Puppet},
};
use zeroize::Zeroizing;

/// North, harbour and island, where north knows the other two.
async fn three_houses() -> Town {
    let town = Town::new().house("north").house("harbour").house("island").open().await;
    town.introduce("north", "harbour").await;
    town.introduce("north", "island").await;
    town
}

async fn two_houses() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// A third crystal goes to everybody who listens: what should have come before it has.
async fn flush(town: &Town, houses: &[&str]) {
    let barrier = town.import_small("north", 99).await;
    let ask = town.share("north", &barrier, houses).await;
    town.allow("north", ask).await;
    for house in houses {
        town.wait_for_crystal(house, &barrier).await;
    }
}

/// Waits until the giver has written down that all of it was served.
async fn served(town: &Town, house: &str, id: &ArtifactId, times: usize) {
    let done = |node: &Node| {
        let whole = |e: &consent::Entry| matches!(e.event, Event::Served { artifact, whole: true, .. } if artifact == *id);
        town::laws::journal(node).iter().filter(|e| whole(e)).count() >= times
    };
    town.wait_for(house, "has served it", done).await;
}

/// From a log to a peer's recall, over MCP at both ends.
async fn tell_the_story(log: &Path, question: &str) {
    let town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let id = town.import("north", log).await;
    assert!(town.left("north", &id).is_nothing());

    let mut agent = town.pair("north", "claude-code").await;
    let share = json!({ "id": id.to_string(), "audience": ["harbour"], "reason": "I was told to" });
    let asked = agent.call("request_share", share).await;
    assert!(!asked.refused && asked.body["state"] == "pending", "{asked:?}");
    let ask = town.pending("north").pop().unwrap();
    assert_eq!(asked.body["ask"], ask.id.to_string());
    assert!(matches!(&ask.by, Requester::Agent { name, .. } if name == "claude-code"));
    assert!(town.left("north", &id).is_nothing(), "asking moves no byte");

    town.allow("north", ask.id).await;
    town.wait_for_crystal("harbour", &id).await;
    served(&town, "north", &id, 1).await;
    let bytes = town.bytes("north", &id).unwrap();
    assert_eq!(ArtifactId::of(&bytes), id);
    assert_eq!(town.bytes("harbour", &id).as_ref(), Some(&bytes), "identical bytes");
    let row = town.node("harbour").look().unwrap().crystal(&id).unwrap().unwrap();
    assert_eq!((row.origin, row.giver), (Origin::Peer, Some(town.human("north"))));
    assert_eq!(row.receipt, Some(town.receipt("north", &ask.id)));
    assert_eq!(row.trace, None, "a trace never leaves");
    let left = town.left("north", &id);
    assert_eq!((left.told, left.serving, left.in_outbox > 0), (1, 1, true), "{left:?}");
    assert!(left.bytes >= bytes.len() as u64 && left.elsewhere > 0, "{left:?}");
    let state = agent.call("share_status", json!({ "id": ask.id.to_string() })).await;
    assert_eq!(state.body["state"], "allowed", "{state:?}");

    let mut theirs = town.pair("harbour", "codex").await;
    let found = theirs.call("recall", json!({ "query": question })).await;
    assert!(found.text.contains("from the peer \"north\""), "{}", found.text);
    assert_eq!(found.body["hits"][0]["id"], id.to_string(), "{found:?}");
    assert_eq!(found.body["hits"][0]["origin"], "peer");
    let again = json!({ "id": id.to_string(), "audience": ["north"] });
    let refused = theirs.call("request_share", again).await;
    assert!(refused.refused && refused.text.contains("came from a peer"), "{refused:?}");
    assert!(town.pending("harbour").is_empty(), "refused before any prompt");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_log_becomes_what_a_peer_recalls() {
    let ground = tempfile::tempdir().unwrap();
    let path = ground.path().join("log.jsonl");
    std::fs::write(&path, log::small(1)).unwrap();
    tell_the_story(&path, "the flaky lighthouse test of the quay").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_log_becomes_what_a_peer_recalls() {
    let Some(path) = log::real("general-tool-calls.jsonl") else { return };
    tell_the_story(&path, "session info not available, publish the session").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_twice_changes_nothing() {
    let town = Town::new().house("north").open().await;
    let id = town.import_small("north", 1).await;
    let counts = town.node("north").counts().unwrap();
    let job = town.node("north").import(&town.ground().join("north-1.jsonl")).unwrap();
    let mut notices = town.node("north").notices();
    let known = |told: &node::Job| told.id == job && told.phase == node::JobPhase::Finished;
    loop {
        // The job may have ended before this listens: then looking is enough.
        if town.node("north").counts().unwrap() == counts && town.bytes("north", &id).is_some() {
            break;
        }
        if let Ok(node::Notice::Job(told)) = notices.recv().await
            && known(&told)
        {
            assert_eq!((told.known, told.traces), (1, 0));
        }
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_goes_to_every_peer() {
    let town = three_houses().await;
    let id = town.import_small("north", 1).await;
    let ask = town.share("north", &id, &[]).await;
    let heading = town.node("north").prompt(&ask).unwrap().0.heading;
    assert!(heading.contains("publicly"), "{heading}");
    town.allow("north", ask).await;
    for house in ["harbour", "island"] {
        town.wait_for_crystal(house, &id).await;
        assert_eq!(town.bytes(house, &id), town.bytes("north", &id));
    }
    served(&town, "north", &id, 2).await;
    let left = town.left("north", &id);
    assert_eq!((left.told, left.serving), (2, 2));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_in_the_audience_gets_nothing_and_one_answer() {
    let mut town = three_houses().await;
    let id = town.import_small("north", 1).await;
    let never_shared = town.import_small("north", 2).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    flush(&town, &["harbour", "island"]).await;
    assert!(!has(town.node("island"), &id));
    assert!(town.node("island").look().unwrap().head(&id).unwrap().is_none(), "no head either");

    // Island's own keys in the hands of a program that asks all the same.
    let card = town.node("island").me().unwrap().card;
    town.stop("island").await;
    let (north, human) = (town.node("north").me().unwrap(), town.human("north"));
    let way = puppet::Way::to(north.transport.as_bytes(), town.node("north").port(), human);
    let island = Puppet::enter(Identity::of_house(town.home("island"), &card), &way).await;
    let trace = town.node("north").look().unwrap().crystal(&id).unwrap().unwrap().trace.unwrap();
    let receipt = town.receipt("north", &ask);
    let unknown = ArtifactId::of(b"nobody ever wrote this");
    let refused = island.fetches(&unknown).await.unwrap_err();
    assert!(refused.starts_with("code Some(1)"), "{refused}");
    for (what, id) in [
        ("for another", id),
        ("never shared", never_shared),
        ("trace", trace),
        ("receipt", receipt),
    ] {
        assert_eq!(island.fetches(&id).await.unwrap_err(), refused, "{what}");
    }
    // And what is island's to have comes over the same connection.
    let theirs = town.import_small("north", 3).await;
    let ask = town.share("north", &theirs, &["island"]).await;
    town.allow("north", ask).await;
    assert_eq!(island.fetches(&theirs).await.ok(), town.bytes("north", &theirs));
    island.leave().await;
    assert!(town.left("north", &never_shared).is_nothing());
    let one = town.left("north", &id);
    assert_eq!((one.told, one.serving), (1, 1), "harbour, and nobody else");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_offline_gets_it_at_the_next_meeting() {
    let mut town = two_houses().await;
    let id = town.import_small("north", 1).await;
    town.stop("harbour").await;
    let ask = town.share("north", &id, &["harbour"]).await;
    let settled = town.allow("north", ask).await;
    assert!(settled.what.contains("offline"), "{}", settled.what);
    let waits = town.left("north", &id);
    let nowhere = Left { in_outbox: waits.in_outbox, ..Left::default() };
    assert_eq!(waits, nowhere, "in the outbox, and nowhere else");
    assert!(waits.in_outbox > 0);
    town.start("harbour").await;
    town.wait_for_crystal("harbour", &id).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giver_that_restarts_keeps_its_port_its_asks_and_its_word() {
    let mut town = two_houses().await;
    let (given, waiting) =
        (town.import_small("north", 1).await, town.import_small("north", 2).await);
    let yes = town.share("north", &given, &["harbour"]).await;
    let later = town.share("north", &waiting, &["harbour"]).await;
    let code = town.node("north").prompt(&later).unwrap().0.code;
    town.stop("harbour").await;
    town.allow("north", yes).await;
    let port = town.node("north").port();
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(town.node("north").port(), port);
    town.start("harbour").await;
    town.wait_for_crystal("harbour", &given).await;
    assert!(town.left("north", &waiting).is_nothing());
    assert_eq!(town.pending("north").len(), 1);
    assert_eq!(town.node("north").prompt(&later).unwrap().0.code, code, "the same prompt");
    town.allow("north", later).await;
    town.wait_for_crystal("harbour", &waiting).await;

    // The giver goes and comes back while the other stays: they find each other again.
    town.stop("north").await;
    town.start("north").await;
    town.wait_for_link("north", "harbour").await;
    flush(&town, &["harbour"]).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_answers_to_one_ask_make_one_receipt() {
    let town = two_houses().await;
    let id = town.import_small("north", 1).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    let code = town.node("north").prompt(&ask).unwrap().0.code;
    let answers = (0..20).map(|n| {
        let (node, code) = (town.node("north").clone(), code.clone());
        // Among the yeses are some noes: whichever comes first is the answer.
        let answer = if n % 5 == 4 { Answer::Deny } else { Answer::Allow };
        let way = Way::ConsentWindow;
        let given = Given::plain(ask, answer, way, code, Zeroizing::default());
        tokio::spawn(async move { node.answer(given).await })
    });
    let mut won = 0;
    for answer in answers.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            Ok(_) => won += 1,
            Err(fault) => assert_eq!(fault.code, Code::NotNow, "{fault}"),
        }
    }
    assert_eq!(won, 1);
    let receipts = town.node("north").look().unwrap().receipts_of(&id).unwrap().len();
    match town.state("north", &ask) {
        State::Allowed { .. } => {
            assert_eq!(receipts, 1);
            town.wait_for_crystal("harbour", &id).await;
        }
        State::Denied { .. } => {
            assert_eq!(receipts, 0);
            assert!(town.left("north", &id).is_nothing());
        }
        state => panic!("{state:?}"),
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_wish_of_an_agent_is_one_ask_and_no_more_than_five_wait() {
    let town = two_houses().await;
    let mut agent = town.pair("north", "claude-code").await;
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(town.import_small("north", n).await);
    }
    let share = |id: &ArtifactId, reason: &str| json!({ "id": id.to_string(), "audience": ["harbour"], "reason": reason });
    let first = agent.call("request_share", share(&ids[0], "please")).await;
    let same = agent.call("request_share", share(&ids[0], "pretty please")).await;
    assert_eq!(first.body["ask"], same.body["ask"]);
    assert_eq!(town.pending("north").len(), 1);
    assert_eq!(town.pending("north")[0].reason, "please", "the prompt does not change");
    for id in &ids[1..5] {
        assert!(!agent.call("request_share", share(id, "")).await.refused);
    }
    let sixth = agent.call("request_share", share(&ids[5], "")).await;
    assert!(sixth.refused && sixth.text.contains("5 asks of this agent wait"), "{sixth:?}");
    assert_eq!(town.pending("north").len(), 5);

    // Strangers at the door: three pairings wait, and no more.
    for n in 0..5 {
        let mut stranger = Agent::enter(town.home("north"), &format!("stranger-{n}")).await;
        let said = stranger.call("peers", json!({})).await;
        assert!(said.refused, "{said:?}");
        assert_eq!(said.text.contains("3 pairings wait"), n >= 3, "{said:?}");
    }
    assert_eq!(town.pending("north").len(), 8);
    town.close().await;
}

/// How an ask can end without a yes.
#[derive(Debug, Clone, Copy)]
enum Otherwise {
    Denied(Way),
    Closed,
    Expired,
    Withdrawn,
    Unpaired,
    WrongCode,
}

async fn nothing_leaves_when(otherwise: Otherwise) {
    let mut town = two_houses().await;
    let mut agent = town.pair("north", "claude-code").await;
    let id = town.import_small("north", 1).await;
    let share = json!({ "id": id.to_string(), "audience": ["harbour"] });
    let said = agent.call("request_share", share).await.body["ask"].as_str().unwrap().to_owned();
    let ask = said.parse().unwrap();
    let node = town.node("north");
    let (code, pin) = (node.prompt(&ask).unwrap().0.code, Zeroizing::default());
    node.shown(ask, Way::ConsentWindow).await.unwrap();
    let state = match otherwise {
        Otherwise::Denied(way) => {
            let given = Given::plain(ask, Answer::Deny, way, String::new(), pin);
            assert_eq!(node.answer(given).await.unwrap().state, "denied");
            "denied"
        }
        Otherwise::Closed => {
            // The window is closed and the app ended: an ask is no blocked call, and no yes.
            drop(agent);
            town.stop("north").await;
            town.start("north").await;
            town.wait_for_link("north", "harbour").await;
            agent = Agent::enter(town.home("north"), "claude-code").await;
            "pending"
        }
        Otherwise::Expired => {
            town.clock.pass(DAY);
            let (way, answer) = (Way::ConsentWindow, Answer::Allow);
            let late = node.answer(Given::plain(ask, answer, way, code, pin)).await.unwrap_err();
            assert_eq!(late.code, Code::NotNow, "late even before the clock was looked at");
            node.tick().await.unwrap();
            "expired"
        }
        Otherwise::Withdrawn => {
            let mut other = town.pair("north", "other").await;
            let theirs = other.call("withdraw", json!({ "id": said })).await;
            assert!(theirs.refused, "only its own: {theirs:?}");
            assert!(!agent.call("withdraw", json!({ "id": said })).await.refused);
            "withdrawn"
        }
        Otherwise::Unpaired => {
            node.unpair("claude-code").await.unwrap();
            "withdrawn"
        }
        Otherwise::WrongCode => {
            let (way, answer) = (Way::ConsentWindow, Answer::Allow);
            let code = "maple-orbit-tin-seven".to_owned();
            let other = node.answer(Given::plain(ask, answer, way, code, pin)).await.unwrap_err();
            assert_eq!(other.code, Code::Refused);
            "pending"
        }
    };
    assert_eq!(town.state("north", &ask).word(), state, "{otherwise:?}");
    if !matches!(otherwise, Otherwise::Unpaired) {
        let told = agent.call("share_status", json!({ "id": said })).await;
        assert_eq!(told.body["state"], state, "{told:?}");
    }
    flush(&town, &["harbour"]).await;
    let left = town.left("north", &id);
    assert!(left.is_nothing(), "{otherwise:?}: {left:?}");
    assert!(town.node("north").look().unwrap().receipts_of(&id).unwrap().is_empty());
    if state != "pending" {
        let again = town.answer("north", ask, Answer::Allow).await.unwrap_err();
        assert_eq!(again.code, Code::NotNow, "{otherwise:?}: {again}");
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_ask_lets_nothing_leave() {
    for way in [Way::ConsentWindow, Way::MainWindow, Way::Tray, Way::Notification, Way::Terminal] {
        nothing_leaves_when(Otherwise::Denied(way)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_prompt_lets_nothing_leave() {
    nothing_leaves_when(Otherwise::Closed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_ask_lets_nothing_leave() {
    nothing_leaves_when(Otherwise::Expired).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_ask_lets_nothing_leave() {
    nothing_leaves_when(Otherwise::Withdrawn).await;
    nothing_leaves_when(Otherwise::Unpaired).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_another_prompt_lets_nothing_leave() {
    nothing_leaves_when(Otherwise::WrongCode).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ask_for_the_same_needs_its_own_answer() {
    let town = two_houses().await;
    let id = town.import_small("north", 1).await;
    let first = town.share("north", &id, &["harbour"]).await;
    town.allow("north", first).await;
    town.wait_for_crystal("harbour", &id).await;
    let second = town.share("north", &id, &["harbour"]).await;
    assert_ne!(first, second);
    let code = town.node("north").prompt(&first).unwrap().0.code;
    let (answer, way) = (Answer::Allow, Way::ConsentWindow);
    let old = Given::plain(second, answer, way, code, Zeroizing::default());
    let refused = town.node("north").answer(old).await.unwrap_err();
    assert_eq!(refused.code, Code::Refused, "yesterday's code answers nothing");
    town.deny("north", second).await;
    town.close().await;
}
