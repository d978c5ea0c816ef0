//! What a prompt says of the network, before and after the human has decided.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "tests fail by panicking")]

use super::*;
use crate::{
    prompt::{
        prompt,
        tests::{north, pair, rendered, shown},
    },
    tests::{ask, bo, the_human},
};

/// What a prompt says of the network to somebody who decided on `reach`, or has still to.
fn check_network(wish: Wish, reach: Option<&Reach>, choose: bool, want: &[&str]) {
    let ask = ask(the_human(), wish, "");
    let facts = Facts {
        ask: &ask,
        bytes: None,
        text: "",
        audience: &[north()],
        position: (1, 1),
        pin: true,
        reach,
        distilled: false,
        before: None,
        batch: &[],
        alike: None,
        policy: &crate::prompt::PolicyFact::default(),
    };
    let prompt = prompt(&facts);
    let warnings: Vec<&str> = prompt.warnings.iter().map(String::as_str).collect();
    assert_eq!((warnings.as_slice(), prompt.choose_reach), (want, choose));
}

const SEEN_BY_RELAYS: &str = "relays and the lookup service see this machine's addresses and whom \
                              it talks to, never what is said.";

#[test]
fn the_first_ticket_and_the_first_connection_choose_how_far() {
    let lifetime = crate::ask::LIFETIME;
    let ticket = |hidden| Wish::Ticket { lifetime, hidden };
    let connect = || Wish::Connect { ticket: "t".into(), name: None };
    let (here, far) = (Reach::default(), Reach { anywhere: true, ..Reach::default() });
    let holds = "A ticket holds this machine's network addresses.";
    check_network(ticket(false), Some(&here), false, &[holds]);
    let both = "A ticket holds this machine's network addresses and its relay's.";
    check_network(ticket(false), Some(&far), false, &[both]);
    let none = "It holds no address of this machine: who uses it is reached by relay alone.";
    check_network(ticket(true), Some(&far), false, &[none]);
    let near = "This network only: the ticket holds this machine's network addresses, which lead \
                to it from this network and perhaps from no other.";
    let wide = format!("Anywhere: it holds the address of a relay as well; {SEEN_BY_RELAYS}");
    check_network(ticket(false), None, true, &[near, &wide]);
    let nobody = "This network only: nobody could use a ticket without addresses.";
    let wide = format!(
        "Anywhere: it holds no address of this machine: who uses it is reached by relay alone; \
         {SEEN_BY_RELAYS}"
    );
    check_network(ticket(true), None, true, &[nobody, &wide]);
    let sees = "The other node will see this machine's network addresses.";
    check_network(connect(), Some(&far), false, &[sees]);
    let near = "This network only: it must be on this network, or at an address that leads to it.";
    let wide = format!("Anywhere: it can be wherever it is; {SEEN_BY_RELAYS}");
    check_network(connect(), None, true, &[sees, near, &wide]);
    // Nothing else asks, decided or not.
    check_network(pair("scribe", false), None, false, &[]);
}

#[test]
fn a_switch_says_who_sees_what() {
    let seen = format!("R{}", &SEEN_BY_RELAYS[1..]);
    let far = Reach { anywhere: true, ..Reach::default() };
    check_network(Wish::Reach { reach: far.clone() }, None, false, &[&seen]);
    let relay = Some("https://relay.example/\u{202e}".to_owned());
    let own = Reach { relay, nearby: true, ..far };
    let want = [&seen, "Everybody on this network can see that TraceNet runs here."];
    check_network(Wish::Reach { reach: own }, None, false, &want);
    let kept = "They will see this machine's network addresses, and may keep them.";
    check_network(Wish::Unhide { peer: bo().key() }, None, false, &[kept]);
}

#[test]
fn showing_a_peer_where_this_machine_is() {
    let ask = ask(the_human(), Wish::Unhide { peer: bo().key() }, "");
    insta::assert_snapshot!(rendered(&shown(&ask, None, &[north()])));
}

#[test]
fn the_first_ticket() {
    let wish = Wish::Ticket { lifetime: crate::ask::LIFETIME, hidden: false };
    let ask = ask(the_human(), wish, "");
    let (text, audience, position) = ("", &[], (1, 1));
    let facts = Facts {
        ask: &ask,
        bytes: None,
        text,
        audience,
        position,
        pin: true,
        reach: None,
        distilled: false,
        before: None,
        batch: &[],
        alike: None,
        policy: &crate::prompt::PolicyFact::default(),
    };
    insta::assert_snapshot!(rendered(&prompt(&facts)));
}
