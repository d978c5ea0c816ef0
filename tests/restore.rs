//! The recovery phrase: the same human on another machine, and nobody else's folder.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use artifact::{Card, KeyProtection};
use consent::{Event, Way};
use keys::{SecretStore, custody::ENTRY};
use node::{Code, KeepKey, Request};
use town::{PIN, Town};
use wire::{Act, Done, Face, Pin};
use zeroize::Zeroizing;

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

async fn phrase(town: &Town) -> Zeroizing<String> {
    town.node("north").phrase(secret(PIN), Way::MainWindow).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phrase_takes_the_pin_and_is_verified_once_it_is_typed() {
    let town = Town::new().house_with_pin("north").house("bare").open().await;
    let (node, gate) = (town.node("north"), town.gate("north"));
    let show = async |face: Face, pin: &str| {
        gate.act(face, Act::ShowPhrase { pin: secret(pin).into() }).await
    };
    assert_eq!(show(Face::MainWindow, "").await.unwrap_err().code, wire::Code::PinNeeded);
    let wrong = show(Face::MainWindow, "not the pin at all").await.unwrap_err();
    assert_eq!(wrong.code, wire::Code::PinWrong);
    let below = Face::Terminal(node::Terminal { process: None, below_agent: true });
    for face in [Face::ConsentWindow, Face::Tray, Face::Notification, below] {
        assert_eq!(show(face, PIN).await.unwrap_err().code, wire::Code::Refused);
    }
    let shown = show(Face::MainWindow, PIN).await.unwrap();
    let Done::Phrase { phrase } = shown else { panic!("no phrase came") };
    // It was unlocked by that, and is asked for all the same.
    assert_eq!(show(Face::MainWindow, "").await.unwrap_err().code, wire::Code::PinNeeded);
    let phrase = phrase.into_inner();
    assert_eq!(phrase.split(' ').count(), 24);

    assert!(!node.unlock().unwrap().phrase_verified);
    let verify = async |text: &str| {
        let phrase = Pin::from(secret(text));
        gate.act(Face::MainWindow, Act::VerifyPhrase { phrase }).await
    };
    assert_eq!(verify("abandon").await.unwrap_err().code, wire::Code::Invalid);
    let other = format!("{}art", "abandon ".repeat(23));
    assert!(verify(&other).await.unwrap_err().what.contains("another key"));
    assert!(!node.unlock().unwrap().phrase_verified);
    verify(&phrase.to_uppercase()).await.unwrap();
    assert!(node.unlock().unwrap().phrase_verified);
    let told = |entry: &consent::Entry| entry.event.word();
    let words: Vec<_> = town.journal("north").iter().map(told).collect();
    assert_eq!(words[words.len() - 2..], ["phrase-shown", "phrase-verified"]);

    // Without a PIN a terminal may be any program.
    let human = Face::Terminal(node::Terminal { process: None, below_agent: false });
    let bare = town.gate("bare");
    let bare = |face| bare.act(face, Act::ShowPhrase { pin: Pin::default() });
    assert!(bare(human).await.unwrap_err().what.contains("no PIN"));
    assert!(matches!(bare(Face::MainWindow).await.unwrap(), Done::Phrase { .. }));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_human_is_back_on_another_machine_with_new_keys_and_a_newer_card() {
    let mut town = Town::new().house_with_pin("north").open().await;
    let (before, phrase) = (town.node("north").me().unwrap(), phrase(&town).await);
    town.build("again");
    town.start("again").await;
    let again = town.node("again");
    let keep = || KeepKey::Pin(secret("quay lantern rope seven"));
    for bad in ["", "abandon art", phrase.replacen(' ', " zoo ", 1).as_str()] {
        let fault = again.restore(keep(), "ada", bad).await.unwrap_err();
        assert_eq!(fault.code, Code::Invalid, "{fault}");
        assert!(again.me().is_none());
    }
    again.restore(keep(), "ada", &phrase).await.unwrap();
    let after = again.me().unwrap();
    assert_eq!((after.human, after.solana), (before.human, before.solana));
    assert_ne!(after.author, before.author);
    assert_ne!(after.transport, before.transport);
    assert_ne!(after.journal, before.journal);
    assert_eq!(after.protection, KeyProtection::Pin);
    let number = |card: &[u8]| Card::open(card).unwrap().payload.seq;
    assert!(number(&after.card) > number(&before.card));
    assert!(again.unlock().unwrap().phrase_verified);

    // It signs: a ticket is allowed with the new PIN.
    let by = consent::Requester::Human { way: Way::MainWindow, process: Vec::new() };
    let ask = again.ask(by, Request::Ticket, String::new()).await.unwrap();
    let code = again.prompt(&ask).unwrap().0.code;
    let yes = (consent::Answer::Allow, Way::ConsentWindow, secret("quay lantern rope seven"));
    let given = node::Given::plain(ask, yes.0, yes.1, code, yes.2);
    assert!(again.answer(given).await.unwrap().ticket.is_some());
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_somebody_else_is_refused_and_stays_theirs() {
    let mut town = Town::new().house_with_pin("north").house_with_pin("other").open().await;
    let phrase = phrase(&town).await;
    let theirs = town.human("other");
    let keep = || KeepKey::Pin(secret(PIN));
    let fault = town.node("other").restore(keep(), "", &phrase).await.unwrap_err();
    assert!(fault.code == Code::Refused && fault.what.contains("already"), "{fault}");
    assert_eq!(town.human("other"), theirs);

    // Nor is a key that lies in the place of a folder without a store.
    town.build("empty");
    let kept = town.keychain("other").read(ENTRY).unwrap().unwrap();
    town.keychain("empty").write(ENTRY, &kept).unwrap();
    town.start("empty").await;
    let fault = town.node("empty").restore(keep(), "", &phrase).await.unwrap_err();
    assert_eq!(fault.code, Code::Refused, "{fault}");
    assert!(town.node("empty").me().is_none());
    assert_eq!(town.keychain("empty").read(ENTRY).unwrap().unwrap(), kept);
    let opened = |entry: &consent::Entry| matches!(entry.event, Event::Opened { .. });
    assert_eq!(town.journal("other").iter().filter(|entry| opened(entry)).count(), 1);
    // It has no journal that laws could hold over.
    town.stop("empty").await;
    town.close().await;
}
