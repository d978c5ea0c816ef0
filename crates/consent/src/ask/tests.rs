//! Asks: their names, states, and when one stands for another.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, ada, ask, bo, mallory, object, scribe, the_human};
use artifact::canon;
use proptest::prelude::*;
use serde::de::{
    Deserialize, IntoDeserializer,
    value::{Error as ValueError, StrDeserializer},
};

fn share(title: &str, peers: &[HumanKey]) -> Wish {
    Wish::SharePrivate { object: object(&ada().crystal(title)), peers: peers.to_vec() }
}

fn agent(key: u8, session: &str) -> Requester {
    Requester::Agent {
        name: "scribe".into(),
        key: [key; 32],
        paired: Some(NOW),
        session: session.into(),
        process: Vec::new(),
        verified: false,
    }
}

#[test]
fn the_same_wish_of_the_same_agent_is_one_ask() {
    let for_bo = share("Fix", &[bo().key()]);
    let public = Wish::SharePublic { object: object(&ada().crystal("Fix")) };
    let waiting = ask(agent(1, "one"), for_bo.clone(), "please");
    let check = |by: &Requester, wish: &Wish, want: bool| {
        assert_eq!(waiting.coalesces_with(by, wish), want, "{by:?} {wish:?}");
    };
    check(&agent(1, "one"), &for_bo, true);
    check(&agent(1, "another connection"), &for_bo, true);
    check(&agent(2, "one"), &for_bo, false);
    check(&the_human(), &for_bo, false);
    check(&agent(1, "one"), &share("Another", &[bo().key()]), false);
    check(&agent(1, "one"), &share("Fix", &[mallory().key()]), false);
    check(&agent(1, "one"), &share("Fix", &[bo().key(), mallory().key()]), false);
    check(&agent(1, "one"), &public, false);

    let mut decided = waiting.clone();
    decided.state = State::Denied { at: NOW, instead: None };
    assert!(!decided.coalesces_with(&agent(1, "one"), &for_bo));
    let mine = ask(the_human(), for_bo.clone(), "");
    assert!(!mine.coalesces_with(&the_human(), &for_bo));
    let signing = ask(the_human(), Wish::SignRevocations {}, "");
    assert!(signing.coalesces_with(&the_human(), &Wish::SignRevocations {}));
    let elsewhere = Requester::Human { way: Way::Terminal, process: Vec::new() };
    assert!(!signing.coalesces_with(&elsewhere, &Wish::SignRevocations {}));
}

#[test]
fn only_the_first_state_waits() {
    for (state, word, ended) in [
        (State::Pending {}, "pending", None),
        (State::Allowed { at: 1, receipt: None }, "allowed", Some(1)),
        (State::Allowed { at: 1, receipt: Some(ArtifactId::of(b"r")) }, "allowed", Some(1)),
        (State::Denied { at: 2, instead: None }, "denied", Some(2)),
        (State::Expired { at: 3 }, "expired", Some(3)),
        (State::Withdrawn { at: 4 }, "withdrawn", Some(4)),
        (State::Cancelled { at: 5 }, "cancelled", Some(5)),
    ] {
        assert_eq!(state.word(), word);
        assert_eq!(state.ended(), ended, "{word}");
        assert_eq!(state.is_pending(), ended.is_none(), "{word}");
    }
}

#[test]
fn an_ask_waits_a_day() {
    let mut ask = ask(scribe(), Wish::Ticket { lifetime: LIFETIME, hidden: false }, "");
    assert_eq!(ask.expires(), NOW + 24 * 60 * 60 * 1000);
    ask.at = UnixMillis::MAX;
    assert_eq!(ask.expires(), UnixMillis::MAX);
}

#[test]
fn two_ways_may_grant() {
    for (way, word, grants) in [
        (Way::ConsentWindow, "consent-window", true),
        (Way::MainWindow, "main-window", false),
        (Way::Terminal, "terminal", true),
        (Way::Notification, "notification", false),
        (Way::Tray, "tray", false),
    ] {
        assert_eq!((way.word(), way.may_grant()), (word, grants));
    }
}

#[test]
fn only_what_was_made_here_may_be_named() {
    assert_eq!(may_name(Origin::Mine), Ok(()));
    assert_eq!(may_name(Origin::Peer), Err(ScopeError::NotMine));
}

#[test]
fn a_share_is_about_bytes_and_nothing_else_is() {
    let bytes = ada().crystal("Fix");
    let key = [1; 32];
    for (wish, word, about) in [
        (share("Fix", &[bo().key()]), "share-private", true),
        (Wish::SharePublic { object: object(&bytes) }, "share-public", true),
        (Wish::Pair { name: "scribe".into(), key, known_before: false }, "pair", false),
        (Wish::Ticket { lifetime: 1, hidden: false }, "ticket", false),
        (Wish::Ticket { lifetime: 1, hidden: true }, "ticket", false),
        (Wish::Unhide { peer: bo().key() }, "unhide", false),
        (Wish::Connect { ticket: "t".into(), name: None }, "connect", false),
        (Wish::SignRevocations {}, "sign-revocations", false),
    ] {
        assert_eq!(wish.word(), word);
        assert!(Wish::WORDS.contains(&word), "{word}");
        assert_eq!(wish.object(), about.then(|| object(&bytes)).as_ref(), "{word}");
        let ask = ask(scribe(), wish, "reason");
        let stored = canon::encode(&ask).unwrap();
        assert_eq!(canon::decode::<Ask>(&stored, usize::MAX).unwrap(), ask);
    }
}

/// The stored form of a wish is called by its word, so what can be read back is all there is.
#[test]
fn every_wish_has_its_word_in_the_list() {
    let none: StrDeserializer<'_, ValueError> = "no-such-wish".into_deserializer();
    let none = Wish::deserialize(none).unwrap_err().to_string();
    let words: Vec<String> = none.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert_eq!(words, Wish::WORDS);
}

#[test]
fn only_thirty_two_digits_name_an_ask() {
    let id = AskId([0xa5; 16]);
    assert_eq!(id.to_string(), "a5".repeat(16));
    assert_eq!("A5".repeat(16).parse(), Ok(id));
    assert_eq!(format!(" {id}\n").parse(), Ok(id));
    for bad in [
        String::new(),
        "a5".repeat(15),
        "a5".repeat(17),
        "+5".repeat(16), // what a lenient number parser would take
        "-5".repeat(16),
        "0x".repeat(16),
        format!("{} ", "a5".repeat(15)),
        "é".repeat(16), // 32 bytes, none of them digits
        "５".repeat(16),
    ] {
        assert_eq!(bad.parse::<AskId>(), Err(AskIdError), "{bad}");
    }
}

proptest! {
    #[test]
    fn an_id_survives_its_text(bytes in any::<[u8; 16]>()) {
        prop_assert_eq!(AskId(bytes).to_string().parse(), Ok(AskId(bytes)));
    }

    #[test]
    fn text_that_names_an_ask_is_its_digits(text in "[0-9a-fA-F+ -]{30,34}|\\PC{0,40}") {
        if let Ok(id) = text.parse::<AskId>() {
            prop_assert_eq!(id.to_string(), text.trim().to_lowercase());
        }
    }
}

#[test]
fn what_may_be_dangerous_is_answered_alone() {
    let plain = |title| ask(agent(1, "one"), share(title, &[bo().key()]), "");
    let (one, two) = (plain("Fix"), plain("Another"));
    assert!(one.goes_with(&two) && two.goes_with(&one));
    let mut found = plain("Fix");
    found.findings.push(Finding {
        rule: "email".into(),
        label: "e-mail address".into(),
        line: 1,
        masked: "a…@x".into(),
    });
    let spent = Ask { scan_spent: true, ..plain("Fix") };
    let decided = Ask { state: State::Expired { at: NOW }, ..plain("Fix") };
    let public = Ask { wish: Wish::SharePublic { object: object(b"x") }, ..plain("Fix") };
    let others = ask(agent(1, "one"), share("Fix", &[mallory().key()]), "");
    let mut newcomer = plain("Fix");
    if let Requester::Agent { paired, .. } = &mut newcomer.by {
        *paired = None;
    }
    for alone in [&found, &spent, &decided, &public, &others, &newcomer] {
        assert!(!alone.goes_with(&one) && !one.goes_with(alone), "{alone:?}");
    }
    assert!(others.may_be_batched(), "with what goes to the same people");
}
