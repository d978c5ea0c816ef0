//! What a human can do at a prompt beside yes and no: take something out, see what changed, answer
//! several in one go. Several real nodes, a real agent at the real door, and the laws of consent
//! over every journal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use artifact::{ArtifactId, Crystal};
use consent::{Answer, AskId, Redaction, State, Way};
use keys::SecretStore;
use node::{Code, Fault, Given, Node, Notice, Revoke, TakeOut, Terminal, Together};
use serde_json::json;
use std::sync::Arc;
use store::{ChangeError, Store};
use town::{Town, folder::walked, has, laws, log};
use wire::{Act, Colour, Face, Query, View};
use zeroize::Zeroizing;

/// Who must not be named in what leaves.
const NAMED: &str = "ann.lee@quayworks.io";

async fn two_houses() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// A run whose task names somebody.
async fn naming(town: &Town) -> ArtifactId {
    let path = town.ground().join("naming.jsonl");
    let told = format!("tell {NAMED} and mend the flaky lighthouse");
    std::fs::write(&path, log::small(1).replace("mend the flaky lighthouse", &told)).unwrap();
    town.import("north", &path).await
}

async fn close(town: Town) {
    for house in ["north", "harbour"] {
        laws::hold(house, town.node(house)).await;
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_is_not_in_what_leaves() {
    let town = two_houses().await;
    let mut agent = town.pair("north", "scribe").await;
    let whole = naming(&town).await;
    let share = json!({ "id": whole.to_string(), "audience": ["harbour"] });
    let said = agent.call("request_share", share).await;
    let ask: AskId = said.body["ask"].as_str().unwrap().parse().unwrap();
    let node = town.node("north");
    let (prompt, _) = node.prompt(&ask).unwrap();
    assert!(prompt.text.contains(NAMED) && !prompt.found.is_empty(), "{prompt:#?}");
    assert!(prompt.batch.is_empty(), "what may be dangerous stands alone");

    // Whoever may not grant takes nothing out; nor does an answer to another prompt, or to none.
    let refused = |fault: Result<AskId, Fault>| fault.unwrap_err().code;
    let code = prompt.code.as_str();
    for way in [Way::MainWindow, Way::Notification, Way::Tray] {
        assert_eq!(refused(node.redact(&ask, way, code, TakeOut::All).await), Code::Refused);
    }
    let window = Way::ConsentWindow;
    assert_eq!(refused(node.redact(&ask, window, "", TakeOut::All).await), Code::Refused);
    for none in [vec![], vec![prompt.found.len()], vec![usize::MAX]] {
        let none = TakeOut::These(none);
        assert_eq!(refused(node.redact(&ask, window, code, none).await), Code::Invalid);
    }
    assert_eq!(town.state("north", &ask), State::Pending {});

    let instead = node.redact(&ask, window, code, TakeOut::All).await.unwrap();
    assert!(
        matches!(town.state("north", &ask), State::Denied { instead: Some(id), .. } if id == instead)
    );
    let again = node.redact(&ask, window, code, TakeOut::All).await;
    assert_eq!(refused(again), Code::NotNow, "an ask is answered once");
    let told = agent.call("share_status", json!({ "id": ask.to_string() })).await;
    assert_eq!(
        (&told.body["state"], &told.body["instead"]),
        (&"denied".into(), &instead.to_string().into())
    );

    let (rest, new) = node.prompt(&instead).unwrap();
    let id = rest.artifact.unwrap();
    assert_ne!(id, whole);
    assert!(!rest.text.contains(NAMED) && rest.text.contains("[redacted: "), "{}", rest.text);
    assert_eq!(rest.found, [], "the scanner looked again");
    assert_eq!(rest.terms, [], "what was changed by hand is allowed once");
    let taken_out = prompt.found.len() as u64;
    assert_eq!(new.redacts, Some(Redaction { ask, of: whole, taken_out }));
    assert!(!has(town.node("harbour"), &id), "nothing left yet");

    town.allow("north", instead).await;
    town.wait_for_crystal("harbour", &id).await;
    let bytes = town.bytes("harbour", &id).unwrap();
    let named = NAMED.as_bytes();
    assert!(!bytes.windows(named.len()).any(|part| part == named));
    let (opened, _) = Crystal::open(&bytes).unwrap();
    let kept = Crystal::open(&town.bytes("north", &whole).unwrap()).unwrap().0.payload;
    assert_eq!(opened.payload.supersedes, None, "it says nothing of what it was made of");
    assert!(opened.payload.evidence.len() < kept.evidence.len());
    assert!(opened.payload.evidence.iter().all(|one| kept.evidence.contains(one)));
    assert!(!has(town.node("harbour"), &whole));
    let told = agent.call("share_status", json!({ "id": instead.to_string() })).await;
    assert_eq!(
        (&told.body["artifact"], &told.body["redacted_from"]),
        (&id.to_string().into(), &whole.to_string().into())
    );
    // It is held to the crystal that it was made of: what others may fetch of that is not forgotten,
    // and who ends what was given of it ends this too.
    let kept = town.node("north").forget(&whole.to_string()).await.unwrap_err();
    assert_eq!(kept.code, Code::Refused, "{kept}");
    let ended = town.node("north").revoke(Revoke::One(whole.to_string()), "").await.unwrap();
    assert_eq!(ended.receipts, 1);
    close(town).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_it_was_shared_is_shown() {
    let town = two_houses().await;
    let path = town.ground().join("run.jsonl");
    std::fs::write(&path, log::small(1)).unwrap();
    let first = town.import("north", &path).await;
    let ask = town.share("north", &first, &["harbour"]).await;
    assert_eq!(town.node("north").prompt(&ask).unwrap().0.changes, None, "nobody was given it");
    town.allow("north", ask).await;

    let again = town.share("north", &first, &["harbour"]).await;
    let same = town.node("north").prompt(&again).unwrap().0.changes.unwrap();
    assert!(same.diff.is_empty() && same.since.contains("this very text"), "{same:?}");
    let public = town.share("north", &first, &[]).await;
    let changes = town.node("north").prompt(&public).unwrap().0.changes;
    assert_eq!(changes, None, "not everybody was given it");

    let more = json!({
        "type": "user", "cwd": "/home/dev/git/harbour", "sessionId": "s1",
        "timestamp": "2026-01-21T15:31:10.000Z",
        "message": { "role": "user", "content": "and bind the pier to port 0 as well" },
    });
    std::fs::write(&path, format!("{}{more}\n", log::small(1))).unwrap();
    let second = town.import("north", &path).await;
    assert_ne!(first, second);
    let ask = town.share("north", &second, &["harbour"]).await;
    let changes = town.node("north").prompt(&ask).unwrap().0.changes.unwrap();
    assert!(changes.since.starts_with("Since the version that you shared on "), "{changes:?}");
    let added = format!("+{first}");
    assert!(changes.diff.lines().any(|line| line == added), "{}", changes.diff);
    close(town).await;
}

/// Yes to all of these.
fn together(asks: Vec<(AskId, String)>, pin: &str) -> Together {
    let pin = Zeroizing::new(pin.to_owned());
    Together { asks, answer: Answer::Allow, way: Way::ConsentWindow, pin }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_shares_with_the_same_people_take_one_answer() {
    let town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let node = town.node("north");
    let mut asks = Vec::new();
    for n in 1..=3 {
        let id = town.import_small("north", n).await;
        asks.push(town.share("north", &id, &["harbour"]).await);
    }
    let public = town.import_small("north", 4).await;
    let public = town.share("north", &public, &[]).await;
    let dangerous = naming(&town).await;
    let dangerous = town.share("north", &dangerous, &["harbour"]).await;
    // Asked within the same instant, they stand in any order.
    asks.sort();
    for ask in &asks {
        let mut batch = node.prompt(ask).unwrap().0.batch;
        batch.sort();
        assert_eq!(batch, asks);
    }
    for alone in [&public, &dangerous] {
        assert_eq!(node.prompt(alone).unwrap().0.batch, []);
    }

    let shown = |ask: &AskId| (*ask, node.prompt(ask).unwrap().0.code);
    let all: Vec<_> = asks.iter().map(shown).collect();
    let with = |more: (AskId, String)| [all.clone(), vec![more]].concat();
    for bad in [
        with(shown(&public)),
        with(shown(&dangerous)),
        with(all[0].clone()),
        vec![all[0].clone(), (asks[1], "other-words-stand-here".to_owned())],
    ] {
        let refused = node.answer_together(together(bad, town::PIN)).await.unwrap_err();
        assert_eq!(refused.code, Code::Refused, "{refused}");
    }
    // The PIN that let harbour in holds for a while.
    node.lock().await.unwrap();
    let refused = node.answer_together(together(all.clone(), "")).await.unwrap_err();
    assert_eq!(refused.code, Code::PinNeeded, "{refused}");
    assert_eq!(town.pending("north").len(), 5, "nothing was answered");

    let settled = node.answer_together(together(all, town::PIN)).await.unwrap();
    assert_eq!(settled.len(), 3);
    let mut receipts: Vec<ArtifactId> = asks.iter().map(|ask| town.receipt("north", ask)).collect();
    receipts.sort();
    receipts.dedup();
    assert_eq!(receipts.len(), 3, "each has a receipt of its own");
    assert_eq!(town.pending("north").len(), 2);
    close(town).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_a_batch_that_is_under_way() {
    let town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let node = town.node("north");
    let mut asks = Vec::new();
    for n in 1..=16 {
        let id = town.import_small("north", n).await;
        let ask = town.share("north", &id, &["harbour"]).await;
        asks.push((ask, node.prompt(&ask).unwrap().0.code));
    }
    let mut notices = node.notices();
    let locked = async {
        while !matches!(notices.recv().await.unwrap(), Notice::Settled(..)) {}
        node.lock().await.unwrap();
    };
    let (answered, ()) = tokio::join!(node.answer_together(together(asks, town::PIN)), locked);
    let refused = answered.unwrap_err();
    assert_eq!(refused.code, Code::NotNow, "{refused}");
    let left = town.pending("north").len();
    assert!(refused.to_string().contains("the key was locked meanwhile"), "{refused}");
    assert!((1..16).contains(&left), "{left} wait");
    assert!(refused.hint.contains(&format!("{} of 16 were answered", 16 - left)), "{refused:?}");
    close(town).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phrase_is_shown_to_the_consent_window_and_to_nobody_else() {
    let town = Town::new().house("north").open().await;
    let gate = town.gate("north");
    let terminal = || Face::Terminal(Terminal { process: None, below_agent: false });
    let others = || [Face::MainWindow, Face::Tray, Face::Notification, terminal()];
    let phrase = |phrase: &str| Zeroizing::new(phrase.to_owned()).into();
    let set = |text: &str| Act::SetMark { phrase: phrase(text), colour: Colour::Plum };
    let seen = async || match gate.view(Face::ConsentWindow, Query::Mark {}).await.unwrap() {
        View::Mark(mark) => mark,
        other => panic!("not a mark: {other:?}"),
    };
    assert!(!seen().await.chosen);
    for face in [Face::ConsentWindow, Face::Tray, Face::Notification, terminal()] {
        assert_eq!(
            gate.act(face, set("seven grey herons")).await.unwrap_err().code,
            wire::Code::Refused
        );
    }
    for wrong in ["", "abc", &"x".repeat(61)] {
        let fault = gate.act(Face::MainWindow, set(wrong)).await.unwrap_err();
        assert_eq!(fault.code, wire::Code::Invalid, "{wrong:?}");
    }
    for right in ["four", &"x".repeat(60), "seven grey herons"] {
        gate.act(Face::MainWindow, set(right)).await.unwrap();
        let mark = seen().await;
        assert_eq!((mark.phrase.as_str(), mark.colour.as_str()), (right, "plum"));
    }
    for face in others() {
        assert_eq!(gate.view(face, Query::Mark {}).await.unwrap_err().code, wire::Code::Refused);
    }
    // No file of the node's holds it, nor does what any other face is told.
    for file in walked(town.home("north")) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(!bytes.windows(11).any(|part| part == b"grey herons"), "{}", file.display());
    }
    let told = gate.view(Face::MainWindow, Query::Settings {}).await.unwrap();
    assert!(!format!("{told:?}").contains("herons"));
    // What is no mark is refused, and no more of it is read than a mark takes.
    let keychain = town.keychain("north");
    for bad in [b"seven grey herons".to_vec(), vec![0; 2 << 10]] {
        keychain.write(keys::MARK, &bad).unwrap();
        gate.view(Face::ConsentWindow, Query::Mark {}).await.unwrap_err();
    }
    town.close().await;
}

/// The frozen bytes of an ask go while it waits: that is said at once, and not after the PIN.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_cannot_be_allowed_and_the_ask_waits() {
    let mut town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let id = town.import_small("north", 1).await;
    town.stop("north").await;
    let store = Arc::new(Store::open(town.home("north")).unwrap());
    let held = Arc::clone(&store);
    town.start_as("north", move |config| Node::open_with(config, held)).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    let node = town.node("north").clone();
    let code = node.prompt(&ask).unwrap().0.code;
    let object = town.pending("north")[0].wish.object().unwrap().id;
    store.change::<_, ChangeError>(|change| change.drop_snapshot(&object)).unwrap();
    drop(store);

    let (prompt, _) = node.prompt(&ask).unwrap();
    assert_eq!(prompt.forbidden, ["What would leave is gone from this machine: deny it."]);
    assert_eq!((prompt.artifact, prompt.text.as_str(), prompt.terms), (None, "", vec![]));
    let entries = town.journal("north").len();
    for way in [Way::ConsentWindow, Way::Terminal] {
        let pin = Zeroizing::new("no PIN of anybody".to_owned());
        let given = Given::plain(ask, Answer::Allow, way, code.clone(), pin);
        let fault = node.answer(given).await.map(drop).unwrap_err();
        assert_eq!((fault.code, fault.what.as_str()), (Code::Refused, consent::prompt::GONE));
        assert_eq!(town.state("north", &ask), State::Pending {});
    }
    let told = town.journal("north").split_off(entries);
    let is_refusal = |entry: &consent::Entry| matches!(&entry.event, consent::Event::GrantFailed { why, .. } if why == "refused");
    assert!(told.len() == 2 && told.iter().all(is_refusal), "no PIN was looked at: {told:#?}");
    town.deny("north", ask).await;
    assert!(node.look().unwrap().receipts().unwrap().is_empty());
    drop(node);
    close(town).await;
}
