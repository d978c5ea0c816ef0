//! What is refused, by whom, and with which word.
//!
//! A hostile giver tells heads and gives bytes that break one rule each: the real node at the
//! other end refuses each with its own code, writes it down, and keeps nothing. And the faces:
//! which of them can grant, with which code, and what a wrong PIN costs.

use artifact::{ArtifactId, Head, HumanKey, Receipt, UnixMillis};
use consent::{AskId, Event, State, Way};
use node::{Code, Fault, Given, KeychainState, Node, Terminal};
use serde_json::json;
use town::{
    PIN, Town,
    clock::{BEGIN, DAY, SECOND},
    has,
    puppet::{self, Person, Puppet},
};
use wire::{Act, Answer, Face, Verdict};
use zeroize::Zeroizing;

/// North, and mallory who was given a ticket.
async fn mallory_in_town() -> (Town, Person, Puppet) {
    let town = Town::new().house("north").open().await;
    let ticket = town.ticket("north").await;
    let mallory = Person::new(70);
    let way = puppet::Way::by_ticket(&ticket, town.human("north"));
    let puppet = Puppet::enter(mallory.identity(), &way).await;
    (town, mallory, puppet)
}

/// One offer of mallory's.
struct Offer {
    body: Vec<u8>,
    head: Vec<u8>,
    receipt: Vec<u8>,
    /// Whether a byte is changed on the way.
    bent: bool,
}

impl Offer {
    /// A good one, but for how `bend` changes the receipt before it is signed.
    fn new(giver: &Person, to: HumanKey, title: &str, bend: impl FnOnce(&mut Receipt)) -> Self {
        let body = giver.crystal(title);
        let head = Head::of(&body).unwrap().encode().unwrap();
        let receipt = giver.receipt(&body, to, bend);
        Self { body, head, receipt, bent: false }
    }

    /// The same bytes, with a head changed by `bend`.
    fn with_head(mut self, bend: impl FnOnce(&mut Head)) -> Self {
        let mut head = Head::of(&self.body).unwrap();
        bend(&mut head);
        self.head = head.encode().unwrap();
        self
    }

    /// Other bytes, which head and receipt name as if they were the crystal's.
    fn about(giver: &Person, to: HumanKey, head: Head, body: Vec<u8>) -> Self {
        let (id, size) = (ArtifactId::of(&body), body.len() as u64);
        let head = Head { id, size, ..head }.encode().unwrap();
        let receipt = giver.receipt(&body, to, |_| {});
        Self { body, head, receipt, bent: false }
    }
}

/// Somebody with a ticket tells an offer: north refuses it for `why`, and keeps nothing of it.
/// Where that breaks consent or form, they are shut out for it, and told so.
async fn check(town: &Town, seed: u8, make: impl FnOnce(&Person) -> Offer, why: &str) {
    let mallory = Person::new(seed);
    let way = puppet::Way::by_ticket(&town.ticket("north").await, town.human("north"));
    let mut puppet = Puppet::enter(mallory.identity(), &way).await;
    // Bodies come unasked only from those who are let.
    town.lets("north", &mallory.human.public().to_string()).await;
    let offer = make(&mallory);
    let before = town::laws::refusals(town.node("north"), why);
    puppet.has(&offer.body).await;
    if offer.bent {
        puppet.bends(&offer.body);
    }
    puppet.tells(&offer.head, &offer.receipt).await;
    town.wait_for_refusal("north", why, before + 1).await;
    let id = ArtifactId::of(&offer.body);
    assert!(!has(town.node("north"), &id), "{why}: kept");
    assert!(town.bytes("north", &id).is_none(), "{why}: its bytes are kept");
    // It is one word that stands there, and no other with it.
    let mut words = town.journal("north").into_iter().filter_map(|entry| match entry.event {
        Event::Refused { why, .. } => Some(why),
        _ => None,
    });
    assert_eq!(words.next_back().as_deref(), Some(why));
    let blocked = town.node("north").blocked().unwrap();
    let row = blocked.iter().find(|one| one.row.human == Some(mallory.human.public()));
    if INNOCENT.contains(&why) {
        assert_eq!(row, None, "{why}: shut out for time or versions");
        puppet.leave().await;
    } else {
        assert_eq!(row.map(|one| one.row.why.as_str()), Some(why));
        assert_eq!(puppet.closed().await, session::Code::Violation, "{why}");
    }
}

/// What time and newer versions bring about: refused, and nobody's fault.
const INNOCENT: [&str; 5] =
    ["card-expired", "from-the-future", "expired", "unknown-grant", "unsupported"];

/// Its receipt lacks a byte.
fn garbled(mallory: &Person, to: HumanKey) -> Offer {
    let mut offer = Offer::new(mallory, to, "garbled", |_| {});
    offer.receipt.truncate(offer.receipt.len() - 1);
    offer
}

/// Its receipt is of the version after this one.
fn newer(mallory: &Person, to: HumanKey) -> Offer {
    let mut offer = Offer::new(mallory, to, "newer", |_| {});
    let place = offer.receipt.windows(4).position(|part| part == b".v0+").unwrap();
    offer.receipt[place + 2] = b'1';
    offer
}

/// Every way in which a receipt can be no good, before a byte of the body moves.
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_does_not_hold_opens_nothing() {
    let town = Town::new().house("north").open().await;
    let (me, eve) = (town.human("north"), Person::new(90));
    let minutes = |n: UnixMillis| n * 60 * SECOND;
    check(&town, 100, |mallory| garbled(mallory, me), "receipt").await;
    let forged = |mallory: &Person| {
        let mut offer = Offer::new(mallory, me, "forged", |_| {});
        let place = offer.receipt.len() - 91;
        offer.receipt[place] ^= 1;
        offer
    };
    check(&town, 103, forged, "receipt").await;
    let stolen = |mallory: &Person| {
        let mut offer = Offer::new(mallory, me, "stolen", |_| {});
        offer.receipt = eve.receipt(&offer.body, me, |_| {});
        offer
    };
    check(&town, 106, stolen, "not-theirs").await;
    let early = |m: &Person| Offer::new(m, me, "early", |r| r.iat = BEGIN - 2 * DAY);
    check(&town, 109, early, "card-expired").await;
    let future = |m: &Person| Offer::new(m, me, "future", |r| r.iat = BEGIN + minutes(11));
    check(&town, 112, future, "from-the-future").await;
    let expired = |m: &Person| {
        Offer::new(m, me, "expired", |r| {
            r.iat = BEGIN - minutes(2);
            r.lim.until = Some(BEGIN - minutes(1));
        })
    };
    check(&town, 115, expired, "expired").await;
    let other = |m: &Person| Offer::new(m, eve.human.public(), "for eve", |_| {});
    check(&town, 118, other, "not-for-me").await;
    let child = || Some(vec![ArtifactId::of(b"a child")]);
    let packet = |m: &Person| Offer::new(m, me, "packet", |r| r.obj.children = child());
    check(&town, 121, packet, "wrong-act").await;
    let rule = Some(ArtifactId::of(b"a rule"));
    let ruled = |m: &Person| Offer::new(m, me, "ruled", |r| r.grant = rule);
    check(&town, 124, ruled, "unknown-grant").await;
    let swapped = |mallory: &Person| {
        let mut offer = Offer::new(mallory, me, "swapped", |_| {});
        offer.receipt = mallory.receipt(&mallory.crystal("another"), me, |_| {});
        offer
    };
    check(&town, 127, swapped, "wrong-head").await;
    check(&town, 130, |mallory| newer(mallory, me), "unsupported").await;
    ends_well(town, 11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_newer_hides_no_offence_in_its_frame() {
    let (town, mallory, mut puppet) = mallory_in_town().await;
    let me = town.human("north");
    let offers = [garbled(&mallory, me), newer(&mallory, me)];
    puppet.tells_all(offers.map(|one| (one.head, one.receipt))).await;
    assert_eq!(puppet.closed().await, session::Code::Violation);
    // They are cut off before it is written.
    town.wait_for_refusal("north", "receipt", 1).await;
    assert_eq!(town.node("north").blocked().unwrap()[0].row.why, "receipt");
    town.close().await;
}

/// Every way in which bytes can be others than head and receipt say.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_not_what_was_said_are_not_kept() {
    let town = Town::new().house("north").open().await;
    let (me, eve) = (town.human("north"), Person::new(90));
    let offer = |mallory: &Person, title: &str| Offer::new(mallory, me, title, |_| {});
    let bent = |m: &Person| Offer { bent: true, ..offer(m, "bent on the way") };
    check(&town, 100, bent, "wrong-bytes").await;
    let larger = |m: &Person| {
        let offer = offer(m, "smaller than said").with_head(|head| head.size += 1);
        let size = offer.body.len() as u64 + 1;
        Offer { receipt: m.receipt(&offer.body, me, |r| r.obj.size = size), ..offer }
    };
    check(&town, 103, larger, "wrong-bytes").await;
    let smaller = |m: &Person| {
        let offer = offer(m, "larger than said").with_head(|head| head.size -= 1);
        let size = offer.body.len() as u64 - 1;
        Offer { receipt: m.receipt(&offer.body, me, |r| r.obj.size = size), ..offer }
    };
    check(&town, 106, smaller, "wrong-bytes").await;
    let tampered = |m: &Person| {
        let mut body = m.crystal("tampered before it was named");
        let head = Head::of(&body).unwrap();
        body[100] ^= 1;
        Offer::about(m, me, head, body)
    };
    check(&town, 109, tampered, "artifact").await;
    let noise = |m: &Person| {
        let head = Head::of(&m.crystal("noise")).unwrap();
        Offer::about(m, me, head, b"this is no artifact at all".to_vec())
    };
    check(&town, 112, noise, "artifact").await;
    let better = |head: &mut Head| head.title = "a better story".to_owned();
    let lies = |m: &Person| offer(m, "the truth").with_head(better);
    check(&town, 115, lies, "wrong-head").await;
    let foreign = |m: &Person| {
        let body = eve.crystal("written by eve");
        Offer::about(m, me, Head::of(&body).unwrap(), body)
    };
    check(&town, 118, foreign, "wrong-author").await;
    ends_well(town, 7).await;
}

/// After all that somebody else's good offer is taken: it was the offers that were refused.
async fn ends_well(town: Town, refusals: usize) {
    let honest = Person::new(160);
    let way = puppet::Way::by_ticket(&town.ticket("north").await, town.human("north"));
    let mut puppet = Puppet::enter(honest.identity(), &way).await;
    town.lets("north", &honest.human.public().to_string()).await;
    let good = Offer::new(&honest, town.human("north"), "good", |_| {});
    let id = ArtifactId::of(&good.body);
    puppet.has(&good.body).await;
    puppet.tells(&good.head, &good.receipt).await;
    town.wait_for_crystal("north", &id).await;
    assert_eq!(town.bytes("north", &id), Some(good.body));
    assert_eq!(town.node("north").counts().unwrap().crystals, (0, 1));
    let refused = |e: &consent::Entry| matches!(e.event, Event::Refused { .. });
    assert_eq!(town.journal("north").iter().filter(|e| refused(e)).count(), refusals);
    puppet.leave().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_runs_out_before_the_body_comes_is_refused_then() {
    let (town, mallory, puppet) = mallory_in_town().await;
    let me = town.human("north");
    let until = BEGIN + 60 * SECOND;
    let offer = Offer::new(&mallory, me, "soon over", |r| r.lim.until = Some(until));
    let id = ArtifactId::of(&offer.body);
    let mut puppet = puppet;
    // The head comes in time, but mallory has no body to give yet.
    puppet.tells(&offer.head, &offer.receipt).await;
    town.wait_for("north", "knows the head", |n| n.look().unwrap().head(&id).unwrap().is_some())
        .await;
    puppet.leave().await;
    town.wait_for("north", "mallory is gone", |node| node.links().is_empty()).await;
    town.clock.pass(61 * SECOND);
    let north = town.node("north").me().unwrap();
    let way = puppet::Way::to(north.transport.as_bytes(), town.node("north").port(), me);
    let puppet = Puppet::enter(mallory.identity(), &way).await;
    puppet.has(&offer.body).await;
    town.wait_for_refusal("north", "expired", 1).await;
    assert!(!has(town.node("north"), &id));
    puppet.leave().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_lets_in_one_person_once() {
    let town = Town::new().house("north").house("harbour").house("island").open().await;
    let ticket = town.ticket("north").await;
    let connect =
        |name: &str| node::Request::Connect { ticket: ticket.clone(), name: name.to_owned() };
    let ask = town.ask("harbour", connect("north")).await.unwrap();
    town.allow("harbour", ask).await;
    let ask = town.ask("island", connect("north")).await.unwrap();
    // Who comes after the ticket was used is a stranger: they knock, and wait.
    let late = town.allow("island", ask).await;
    assert!(late.what.contains("must accept you first"), "{}", late.what);
    // The answer comes before the note.
    town.wait_for("north", "island knocked", |n| n.inbox().unwrap().len() == 1).await;
    assert!(town.node("island").look().unwrap().peers().unwrap().is_empty());
    assert_eq!(town.node("north").look().unwrap().peers().unwrap().len(), 1);

    let own = town.ask("north", connect("me")).await.unwrap_err();
    assert_eq!(own.code, Code::Invalid, "{own}");
    let typo = ticket.replacen(&ticket[20..21], if &ticket[20..21] == "a" { "b" } else { "a" }, 1);
    for bad in [typo.as_str(), "", "tracenet", "nonsense"] {
        let request = node::Request::Connect { ticket: bad.to_owned(), name: String::new() };
        let fault = town.ask("island", request).await.unwrap_err();
        assert_eq!(fault.code, Code::Invalid, "{bad}: {fault}");
    }
    let stale = town.ticket("north").await;
    town.clock.pass(DAY);
    let request = node::Request::Connect { ticket: stale, name: String::new() };
    let fault = town.ask("island", request).await.unwrap_err();
    assert!(fault.code == Code::Invalid && fault.what.contains("expired"), "{fault}");
    town.close().await;
}

/// A house with a crystal to share and an ask that waits.
async fn an_ask_waits(town: Town) -> (Town, ArtifactId, AskId) {
    let town = town.open().await;
    let id = town.import_small("north", 1).await;
    let ask = town.share("north", &id, &[]).await;
    (town, id, ask)
}

fn yes(town: &Town, ask: &AskId, pin: &str) -> Answer {
    let code = town.node("north").prompt(ask).unwrap().0.code;
    let pin = Zeroizing::new(pin.to_owned()).into();
    Answer::plain(ask.to_string(), Verdict::Allow, code, pin)
}

const fn terminal(below_agent: bool) -> Face {
    Face::Terminal(Terminal { process: None, below_agent })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_consent_window_and_a_humans_terminal_grant() {
    let (town, id, ask) = an_ask_waits(Town::new().house_with_pin("north")).await;
    let gate = town.gate("north");
    for face in [Face::MainWindow, Face::Tray, Face::Notification, terminal(true)] {
        // Neither allows, nor denies by the gate that grants.
        for verdict in [Verdict::Allow, Verdict::Deny] {
            let answer = Answer { verdict, ..yes(&town, &ask, PIN) };
            let refused = gate.answer(face.clone(), answer).await.unwrap_err();
            assert_eq!(refused.code, wire::Code::Refused, "{face:?}: {refused:?}");
        }
        assert_eq!(town.state("north", &ask), State::Pending {}, "{face:?}");
    }
    // Past the gates of the faces, the node itself holds to it.
    for way in [Way::MainWindow, Way::Tray, Way::Notification] {
        let code = town.node("north").prompt(&ask).unwrap().0.code;
        let (answer, pin) = (consent::Answer::Allow, Zeroizing::new(PIN.to_owned()));
        let given = Given::plain(ask, answer, way, code, pin);
        let refused = town.node("north").answer(given).await.unwrap_err();
        assert_eq!(refused.code, Code::Refused, "{way:?}: {refused}");
    }
    assert!(town.left("north", &id).is_nothing());
    assert!(town.node("north").look().unwrap().receipts().unwrap().is_empty());
    let allowed = gate.answer(terminal(false), yes(&town, &ask, PIN)).await.unwrap();
    assert_eq!(allowed.state, "allowed");
    // Each of those may say no, by the gate that grants nothing.
    for face in [Face::MainWindow, Face::Tray, Face::Notification] {
        let ask = town.share("north", &id, &[]).await;
        gate.act(face, Act::Deny { ask: ask.to_string(), rebuke: None }).await.unwrap();
        assert!(matches!(town.state("north", &ask), State::Denied { .. }));
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_pin_a_terminal_grants_nothing() {
    let (town, id, ask) = an_ask_waits(Town::new().house("north")).await;
    let answer = yes(&town, &ask, "");
    let refused = town.gate("north").answer(terminal(false), answer).await.unwrap_err();
    assert!(refused.what.contains("no PIN"), "{refused:?}");
    assert!(town.left("north", &id).is_nothing());
    town.close().await;
}

/// The control socket says for itself that a program below a connected agent calls.
#[tokio::test(flavor = "multi_thread")]
async fn over_the_socket_a_program_below_an_agent_grants_nothing() {
    let (town, id, ask) = an_ask_waits(Town::new().house_with_pin("north")).await;
    let mut agent = town.pair("north", "claude-code").await;
    let said = agent.call("peers", json!({})).await;
    assert!(!said.refused, "{said:?}");
    // The agent's shim and this client are one process: the agent may be the one who types.
    let client = wire::control::Client::connect(town.home("north")).await.unwrap();
    let request = wire::control::Request::Answer(yes(&town, &ask, PIN));
    let refused = client.unwrap().request(&request).await.unwrap_err();
    assert!(refused.what.contains("below a connected agent"), "{refused:?}");
    assert_eq!(town.state("north", &ask), State::Pending {});
    assert!(town.left("north", &id).is_nothing());
    town.close().await;
}

async fn tries(node: &Node, ask: AskId, code: &str, pin: &str) -> Result<(), Fault> {
    let (answer, way) = (consent::Answer::Allow, Way::ConsentWindow);
    let (code, pin) = (code.to_owned(), Zeroizing::new(pin.to_owned()));
    node.answer(Given::plain(ask, answer, way, code, pin)).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_pins_are_refused_and_from_the_third_on_slowed_down() {
    let (town, id, ask) = an_ask_waits(Town::new().house_with_pin("north")).await;
    let node = town.node("north");
    let code = node.prompt(&ask).unwrap().0.code;
    let without = tries(node, ask, &code, "").await.unwrap_err();
    assert_eq!(without.code, Code::PinNeeded);
    let other_code = tries(node, ask, "maple-orbit-tin-seven", PIN).await.unwrap_err();
    assert_eq!(other_code.code, Code::Refused);
    for _ in 0..3 {
        let wrong = tries(node, ask, &code, "not the pin at all").await.unwrap_err();
        assert_eq!(wrong.code, Code::PinWrong);
    }
    let slowed = tries(node, ask, &code, PIN).await.unwrap_err();
    assert_eq!(slowed.code, Code::NotNow, "even the right one waits: {slowed}");
    town.clock.pass(SECOND);
    let wrong = tries(node, ask, &code, "not the pin at all").await.unwrap_err();
    assert_eq!(wrong.code, Code::PinWrong);
    town.clock.pass(SECOND);
    let slowed = tries(node, ask, &code, PIN).await.unwrap_err();
    assert_eq!(slowed.code, Code::NotNow, "twice as long: {slowed}");
    town.clock.pass(SECOND);
    assert!(town.left("north", &id).is_nothing());
    tries(node, ask, &code, PIN).await.unwrap();
    let failed = |e: &consent::Entry| matches!(&e.event, Event::GrantFailed { why, .. } if why == "pin-wrong");
    assert_eq!(town.journal("north").iter().filter(|e| failed(e)).count(), 4);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_is_not_ready_keeps_the_ask_waiting() {
    let (town, id, ask) = an_ask_waits(Town::new().house("north")).await;
    let node = town.node("north");
    let code = node.prompt(&ask).unwrap().0.code;
    for (state, expected) in [
        (KeychainState::Locked, Code::KeychainLocked),
        (KeychainState::Missing, Code::KeychainMissing),
    ] {
        town.keychain("north").set_state(state);
        let fault = tries(node, ask, &code, "").await.unwrap_err();
        assert_eq!(fault.code, expected, "{fault}");
        assert_eq!(town.state("north", &ask), State::Pending {});
        assert!(town.left("north", &id).is_nothing());
    }
    town.keychain("north").set_state(KeychainState::Ready);
    tries(node, ask, &code, "").await.unwrap();
    town.close().await;
}
