//! The key that signs: for how long a right PIN holds, what a wrong one costs, another PIN, and a
//! keychain that lets its human down.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use artifact::KeyProtection;
use consent::{Answer, AskId, Event, State, Way};
use keys::{KeychainState, SecretStore, custody::ENTRY};
use node::{Code, Fault, Given, Node, Request};
use town::{
    PIN, Town,
    clock::{DAY, SECOND},
};
use wire::{Act, Face, Pin};
use zeroize::Zeroizing;

const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const OTHER: &str = "quay lantern rope seven";

/// One house with a PIN.
async fn house() -> Town {
    Town::new().house_with_pin("north").open().await
}

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Answers yes to an ask with this PIN, or with none.
async fn yes(node: &Node, ask: AskId, way: Way, pin: &str) -> Result<(), Fault> {
    let code = node.prompt(&ask)?.0.code;
    node.answer(Given::plain(ask, Answer::Allow, way, code, secret(pin))).await.map(drop)
}

/// Asks for a ticket, and answers yes in the consent window.
async fn grants(town: &Town, pin: &str) -> Result<(), Fault> {
    let ask = town.ask("north", Request::Ticket).await?;
    let answered = yes(town.node("north"), ask, Way::ConsentWindow, pin).await;
    if answered.is_err() {
        assert_eq!(town.state("north", &ask), State::Pending {}, "the ask is kept");
        town.deny("north", ask).await;
    }
    answered
}

/// Why the key was locked, each time.
fn locks(town: &Town) -> Vec<String> {
    let why = |event| match event {
        Event::KeyLocked { why } => Some(why),
        _ => None,
    };
    town.journal("north").into_iter().filter_map(|entry| why(entry.event)).collect()
}

fn unlocks(town: &Town) -> usize {
    let unlocked = |entry: &consent::Entry| matches!(entry.event, Event::KeyUnlocked { .. });
    town.journal("north").iter().filter(|entry| unlocked(entry)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_pin_holds_until_ten_minutes_without_an_answer() {
    let town = house().await;
    let node = town.node("north");
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    assert_eq!(node.unlock().unwrap().until, None);
    grants(&town, PIN).await.unwrap();
    let now = node.clock().now();
    assert_eq!(node.unlock().unwrap().until, Some(now + 10 * MINUTE));
    for _ in 0..3 {
        town.clock.pass(9 * MINUTE);
        node.tick().await.unwrap();
        let ask = town.ask("north", Request::Ticket).await.unwrap();
        assert!(!node.prompt(&ask).unwrap().0.pin, "the prompt says that none is asked for");
        yes(node, ask, Way::ConsentWindow, "").await.unwrap();
    }
    assert_eq!((unlocks(&town), locks(&town).len()), (1, 0));
    town.clock.pass(10 * MINUTE);
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded, "before any tick");
    node.tick().await.unwrap();
    assert_eq!(locks(&town), ["idle"]);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_after_twelve_hours_however_often_the_pin_is_given() {
    let town = house().await;
    grants(&town, PIN).await.unwrap();
    for n in 1..(12 * 60 / 8) {
        town.clock.pass(8 * MINUTE);
        // Now and then with the PIN, which is not asked for.
        grants(&town, if n % 30 == 0 { PIN } else { "" }).await.unwrap();
    }
    town.clock.pass(8 * MINUTE);
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    grants(&town, PIN).await.unwrap();
    assert_eq!((unlocks(&town), locks(&town)), (2, vec!["over".to_owned()]));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_by_hand_in_sleep_and_when_the_clock_goes_back() {
    let mut town = house().await;
    grants(&town, PIN).await.unwrap();
    let gate = town.gate("north");
    let below = Face::Terminal(node::Terminal { process: None, below_agent: true });
    assert!(gate.act(below, Act::Lock {}).await.is_err(), "an agent would have the PIN typed");
    for face in [Face::Tray, Face::MainWindow] {
        grants(&town, PIN).await.unwrap();
        gate.act(face, Act::Lock {}).await.unwrap();
        assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    }
    grants(&town, PIN).await.unwrap();
    town.node("north").tick().await.unwrap();
    town.clock.sleep(MINUTE);
    town.node("north").tick().await.unwrap();
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    grants(&town, PIN).await.unwrap();
    town.clock.set(town.node("north").clock().now() - HOUR);
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    town.node("north").tick().await.unwrap();
    grants(&town, PIN).await.unwrap();
    drop(gate);
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    assert_eq!(locks(&town), ["by-hand", "by-hand", "asleep", "clock-set-back", "node-stopped"]);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_a_terminal_and_whoever_wants_it_so_take_the_pin_every_time() {
    let town = house().await;
    let node = town.node("north");
    let id = town.import_small("north", 1).await;
    grants(&town, PIN).await.unwrap();
    let public = town.share("north", &id, &[]).await;
    assert!(node.prompt(&public).unwrap().0.pin);
    let refused = yes(node, public, Way::ConsentWindow, "").await.unwrap_err();
    assert_eq!(refused.code, Code::PinNeeded);
    yes(node, public, Way::ConsentWindow, PIN).await.unwrap();
    let ticket = town.ask("north", Request::Ticket).await.unwrap();
    let refused = yes(node, ticket, Way::Terminal, "").await.unwrap_err();
    assert_eq!(refused.code, Code::PinNeeded);
    yes(node, ticket, Way::ConsentWindow, "").await.unwrap();

    node.pin_always(true, secret(""), Way::MainWindow).await.unwrap();
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    grants(&town, PIN).await.unwrap();
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    for pin in ["", OTHER] {
        assert!(node.pin_always(false, secret(pin), Way::MainWindow).await.is_err());
    }
    node.pin_always(false, secret(PIN), Way::MainWindow).await.unwrap();
    grants(&town, PIN).await.unwrap();
    grants(&town, "").await.unwrap();
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_pins_wait_ever_longer_over_a_restart_and_wipe_nothing() {
    let mut town = house().await;
    let (mut waited, begin) = (0, town.node("north").clock().now());
    for wrong in 1..=10 {
        loop {
            let fault = grants(&town, OTHER).await.unwrap_err();
            if fault.code == Code::PinWrong {
                break;
            }
            assert_eq!(fault.code, Code::NotNow, "{fault}");
            town.clock.pass(SECOND);
            waited += 1;
        }
        if wrong == 8 {
            town.stop("north").await;
            town.clock.set(begin - DAY);
            town.start("north").await;
        }
    }
    // 1, 2, 4, 8, 16 s, then the 32 s after the eighth all over again, and 64 s.
    assert_eq!(waited, 1 + 2 + 4 + 8 + 16 + 32 + 64);
    assert_eq!(grants(&town, PIN).await.unwrap_err().code, Code::NotNow, "even the right one");
    town.clock.pass(128 * SECOND);
    grants(&town, PIN).await.unwrap();
    let failed = |e: &consent::Entry| matches!(&e.event, Event::GrantFailed { why, .. } if why == "pin-wrong");
    assert_eq!(town.journal("north").iter().filter(|e| failed(e)).count(), 10);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_changed_taken_away_and_set() {
    let town = house().await;
    let (node, gate) = (town.node("north"), town.gate("north"));
    let change = async |old: &str, new: &str| {
        let pin = |text| Pin::from(secret(text));
        gate.act(Face::MainWindow, Act::ChangePin { old: pin(old), new: pin(new) }).await
    };
    let refused = change(OTHER, OTHER).await.unwrap_err();
    assert_eq!(refused.code, wire::Code::PinWrong);
    assert_eq!(change("", OTHER).await.unwrap_err().code, wire::Code::PinNeeded);
    assert_eq!(change(PIN, "1234567890").await.unwrap_err().code, wire::Code::Invalid);
    grants(&town, PIN).await.unwrap();
    change(PIN, OTHER).await.unwrap();
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded, "it was locked");
    assert_eq!(grants(&town, PIN).await.unwrap_err().code, Code::PinWrong);
    grants(&town, OTHER).await.unwrap();

    change(OTHER, "").await.unwrap();
    assert_eq!(node.me().unwrap().protection, KeyProtection::Keychain);
    grants(&town, "").await.unwrap();
    assert_eq!(node.unlock().unwrap().until, None, "there is nothing to unlock");
    // A program in a terminal would have the key from then on.
    let human = Face::Terminal(node::Terminal { process: None, below_agent: false });
    let first = Act::ChangePin { old: Pin::from(secret("")), new: Pin::from(secret(OTHER)) };
    let refused = gate.act(human, first).await.unwrap_err();
    assert_eq!(refused.code, wire::Code::Refused, "{refused:?}");
    assert_eq!(node.me().unwrap().protection, KeyProtection::Keychain);
    change("", PIN).await.unwrap();
    assert_eq!(grants(&town, "").await.unwrap_err().code, Code::PinNeeded);
    grants(&town, PIN).await.unwrap();
    let kept = |event| match event {
        Event::PinChanged { way: Way::MainWindow, protection } => Some(protection),
        _ => None,
    };
    let told: Vec<_> = town.journal("north").into_iter().filter_map(|e| kept(e.event)).collect();
    assert_eq!(told, [KeyProtection::Pin, KeyProtection::Keychain, KeyProtection::Pin]);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_locks_loses_the_key_or_holds_another_grants_nothing() {
    let town = Town::new().house_with_pin("north").house_with_pin("other").open().await;
    let (mine, theirs) = (town.keychain("north"), town.keychain("other"));
    let kept = mine.read(ENTRY).unwrap().unwrap();
    let refused = async |expected: Code, said: &str| {
        let fault = grants(&town, PIN).await.unwrap_err();
        assert_eq!(fault.code, expected, "{fault}");
        assert!(fault.what.contains(said) && fault.hint.contains("keeps waiting"), "{fault}");
    };
    for (state, code, said) in [
        (KeychainState::Locked, Code::KeychainLocked, "the keychain is locked"),
        (KeychainState::Missing, Code::KeychainMissing, "no keychain was found"),
        (KeychainState::Unsupported, Code::KeychainMissing, "no session bus"),
    ] {
        mine.set_state(state);
        refused(code, said).await;
    }
    mine.set_state(KeychainState::Ready);
    mine.delete(ENTRY).unwrap();
    refused(Code::KeychainMissing, "gone from the keychain").await;
    mine.write(ENTRY, &theirs.read(ENTRY).unwrap().unwrap()).unwrap();
    refused(Code::Refused, "holds another human_key").await;
    mine.write(ENTRY, b"something else").unwrap();
    refused(Code::Refused, "was changed").await;
    mine.write(ENTRY, &kept).unwrap();
    // None of that was a wrong PIN.
    grants(&town, PIN).await.unwrap();
    assert!(town.node("north").look().unwrap().tries().unwrap().is_empty());
    town.close().await;
}
