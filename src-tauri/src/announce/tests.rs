//! What notifications say and what comes back from them.

use super::{Pressed, meaning, notification, plain};
use crate::words;
use consent::Wish;
use notify_rust::{CloseReason, NotificationResponse};
use wire::AskRow;

/// An ask whose every word names what a bystander must not read.
fn ask(wish: &str, by_agent: bool) -> AskRow {
    let said = || "the flaky lighthouse".to_owned();
    AskRow {
        id: said(),
        wish: wish.to_owned(),
        heading: said(),
        what: said(),
        who: said(),
        by_agent,
        to: said(),
        at: 0,
        expires: 0,
        state: said(),
        ended: 0,
        findings: 7,
        quiet: false,
    }
}

fn check(ask: Option<&AskRow>, text: &str) {
    let shown = notification(ask);
    assert_eq!((shown.summary.as_str(), shown.body.as_str()), ("TraceNet", text));
    assert_eq!(shown.actions, ["review", "Review", "deny", "Deny"]);
    assert!(!format!("{shown:?}").contains("lighthouse"), "{shown:?}");
}

#[test]
fn every_text_is_fixed() {
    let something = "Something waits for your answer";
    for wish in Wish::WORDS {
        let (agents, own) = match wish {
            "share-private" | "share-public" => {
                ("An agent asks to share an artifact", "You are asked whether to share an artifact")
            }
            "pair" => ("An agent asks to be let in", "An agent asks to be let in"),
            "ticket" => {
                let text = "You are asked whether to give out a ticket";
                (text, text)
            }
            "connect" => {
                let text = "You are asked whether to connect to someone";
                (text, text)
            }
            _ => (something, something),
        };
        check(Some(&ask(wish, true)), agents);
        check(Some(&ask(wish, false)), own);
    }
    check(Some(&ask("the flaky lighthouse", true)), something);
    check(None, something);
}

#[test]
fn an_alert_is_fixed_and_offers_nothing() {
    let shown = plain(words::ALTERED);
    let text = "A rule was changed by another program. It is ignored.";
    assert_eq!((shown.summary.as_str(), shown.body.as_str()), ("TraceNet", text));
    assert!(shown.actions.is_empty());
}

#[test]
fn only_what_was_offered_means_something() {
    let action = |name: &str| meaning(Some(&NotificationResponse::Action(name.to_owned())));
    assert_eq!(action("review"), Some(Pressed::Review));
    assert_eq!(action("deny"), Some(Pressed::Deny));
    assert_eq!(action("allow"), None);
    assert_eq!(action("Review"), None);
    assert_eq!(meaning(Some(&NotificationResponse::Reply("allow".to_owned()))), None);
    assert_eq!(meaning(Some(&NotificationResponse::Default)), Some(Pressed::Review));
    let closed = NotificationResponse::Closed(CloseReason::Dismissed);
    assert_eq!(meaning(Some(&closed)), Some(Pressed::Nothing));
}
