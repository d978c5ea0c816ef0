//! What notifications say and what comes back from them.

use super::{Pressed, meaning, notification, plain};
use crate::words;
use notify_rust::{CloseReason, NotificationResponse};

fn check(wish: &str, text: &str) {
    let shown = notification(wish);
    assert_eq!((shown.summary.as_str(), shown.body.as_str()), ("TraceNet", text));
    assert_eq!(shown.actions, ["review", "Review", "deny", "Deny"]);
}

#[test]
fn every_text_is_fixed() {
    check("share-private", "An agent asks to share an artifact");
    check("share-public", "An agent asks to share an artifact");
    check("pair", "An agent asks to be let in");
    check("ticket", "You are asked whether to give out a ticket");
    check("connect", "You are asked whether to connect to someone");
    check("Fix for <b>flaky</b> ports", "Something waits for your answer");
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
