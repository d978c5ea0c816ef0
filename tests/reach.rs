//! How far real nodes reach: the first ticket asks, switching on is a grant and off is not, and
//! who is hidden from is spoken to by a real relay alone.

#[path = "../crates/peer/tests/town/land.rs"]
mod land;
#[path = "../crates/peer/tests/town/relay.rs"]
mod relay;
#[path = "reach/roam.rs"]
mod roam;

use consent::{Answer, Event, Reach, State, Way};
use node::{Code, Given, Request, Switch, Terminal};
use peer::{Address, Ticket};
use relay::{HERE, Relay};
use town::Town;
use wire::{Act, Done, Face};
use zeroize::Zeroizing;

/// Anywhere, by this relay: as a switch, and as it is kept.
fn switch(relay: &Relay) -> Switch {
    Switch::Anywhere { on: true, relay: Some(relay.url.to_string()) }
}

fn by(relay: &Relay) -> Reach {
    Reach { anywhere: true, relay: Some(relay.url.to_string()), nearby: false }
}

fn reach(town: &Town, house: &str) -> Option<Reach> {
    town.node(house).network().unwrap().reach
}

fn changes(town: &Town, house: &str) -> Vec<Reach> {
    let changed = |event| match event {
        Event::ReachChanged { reach } => Some(reach),
        _ => None,
    };
    town.journal(house).into_iter().filter_map(|entry| changed(entry.event)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_ticket_asks_how_far_and_the_answer_is_remembered() {
    let mut town = Town::new().house("north").open().await;
    let first = town.ask("north", Request::Ticket).await.unwrap();
    let second = town.ask("north", Request::Ticket).await.unwrap();
    let prompt = |ask| town.node("north").prompt(ask).unwrap().0;
    assert!(prompt(&first).choose_reach && prompt(&second).choose_reach);
    assert_eq!(reach(&town, "north"), None);
    // A denial decides nothing.
    let denied = town.ask("north", Request::Ticket).await.unwrap();
    town.deny("north", denied).await;
    assert_eq!(reach(&town, "north"), None);
    let ticket = town.allow("north", first).await.ticket.unwrap();
    let ticket: Ticket = ticket.parse().unwrap();
    assert!(ticket.addresses.iter().all(|address| !address.is_relay()), "{ticket:?}");
    assert_eq!(reach(&town, "north"), Some(Reach::default()));
    assert_eq!(changes(&town, "north"), [], "nothing changed");
    // Who answers an older prompt is told to look again, and nothing is allowed.
    let prompt = town.node("north").prompt(&second).unwrap().0;
    assert!(!prompt.choose_reach);
    let (way, pin) = (Way::ConsentWindow, Zeroizing::default());
    let plain = Given::plain(second, Answer::Allow, way, prompt.code, pin);
    let given = Given { anywhere: Some(true), ..plain };
    let refused = town.node("north").answer(given).await.unwrap_err();
    assert_eq!(refused.code, Code::Refused, "{refused}");
    assert_eq!(town.state("north", &second), State::Pending {});
    assert_eq!(reach(&town, "north"), Some(Reach::default()));
    let nowhere = town.ask("north", Request::HiddenTicket).await.unwrap_err();
    assert_eq!(nowhere.code, Code::Refused, "{nowhere}");
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(reach(&town, "north"), Some(Reach::default()));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_hidden_from_is_spoken_to_by_a_relay_alone() {
    let relay = Relay::start(HERE).await;
    let town = Town::new().house("north").house("harbour").open().await;
    for house in ["north", "harbour"] {
        let ask = town.ask(house, Request::Reach(switch(&relay))).await.unwrap();
        assert_eq!(reach(&town, house), None, "an ask switches nothing");
        town.allow(house, ask).await;
        assert_eq!(reach(&town, house), Some(by(&relay)));
        assert_eq!(changes(&town, house), [by(&relay)]);
        let again = town.ask(house, Request::Reach(switch(&relay))).await.unwrap_err();
        assert_eq!(again.code, Code::Refused, "{again}");
    }
    let ask = town.ask("north", Request::HiddenTicket).await.unwrap();
    assert!(!town.node("north").prompt(&ask).unwrap().0.choose_reach);
    let ticket = town.allow("north", ask).await.ticket.unwrap();
    let holds = ticket.parse::<Ticket>().unwrap().addresses;
    assert_eq!(holds, [Address::Relay(relay.url.clone())]);
    let request = Request::Connect { ticket, name: "north".to_owned() };
    let ask = town.ask("harbour", request).await.unwrap();
    town.allow("harbour", ask).await;
    town.wait_for_link("north", "harbour").await;
    let direct = |house: &str| town.node(house).links().iter().any(|link| link.direct);
    assert!(!direct("north") && !direct("harbour"));
    let hidden = |house: &str, from: &str| {
        let row = town.node(house).look().unwrap().peer(&town.human(from)).unwrap();
        row.unwrap().relay_only
    };
    assert_eq!((hidden("north", "harbour"), hidden("harbour", "north")), (true, false));
    // What is shared goes over it.
    let crystal = town.import_small("north", 1).await;
    let ask = town.share("north", &crystal, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &crystal).await;
    assert!(!direct("north") && !direct("harbour"));
    // To be seen again is a grant, and the session comes back.
    let peer = || "harbour".to_owned();
    let ask = town.ask("north", Request::Unhide { peer: peer() }).await.unwrap();
    assert!(hidden("north", "harbour"));
    town.allow("north", ask).await;
    assert!(!hidden("north", "harbour"));
    let seen = town.ask("north", Request::Unhide { peer: peer() }).await.unwrap_err();
    assert_eq!(seen.code, Code::Refused, "{seen}");
    town.wait_for_link("north", "harbour").await;
    // The way they find by themselves is told, so that a face sees it.
    let direct = |node: &node::Node| node.links().iter().any(|link| link.direct);
    town.wait_for("north", "the direct path is found", direct).await;
    // Off is off at once, and so it is after a restart.
    let off = Switch::Anywhere { on: false, relay: None };
    town.node("north").switch_off(&off).await.unwrap();
    assert_eq!(changes(&town, "north"), [by(&relay), Reach::default()]);
    let addresses = town.node("north").network().unwrap().addresses;
    assert!(addresses.iter().all(|address| !address.contains("http")), "{addresses:?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_reaches_as_far_as_before() {
    let relay = Relay::start(HERE).await;
    let mut town = Town::new().house("north").open().await;
    let ask = town.ask("north", Request::Reach(switch(&relay))).await.unwrap();
    town.allow("north", ask).await;
    let port = town.node("north").port();
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(reach(&town, "north"), Some(by(&relay)));
    assert_eq!(town.node("north").port(), port);
    let ticket: Ticket = town.ticket("north").await.parse().unwrap();
    assert!(ticket.addresses.contains(&Address::Relay(relay.url.clone())), "{ticket:?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn off_needs_no_grant_but_a_human() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let gate = town.gate("north");
    let agent = || Face::Terminal(Terminal { process: None, below_agent: true });
    let hide = || Act::HidePeer { peer: "harbour".to_owned(), on: true };
    let off = || Act::Nearby { on: false };
    for act in [hide(), off(), Act::Anywhere { on: false, relay: String::new() }] {
        let refused = gate.act(agent(), act).await.unwrap_err();
        assert_eq!(refused.code, wire::Code::Refused, "{refused:?}");
    }
    // On is an ask, whoever makes it; a relay has to be one.
    let nearby = gate.act(agent(), Act::Nearby { on: true }).await.unwrap();
    assert!(matches!(nearby, Done::Asked { .. }), "{nearby:?}");
    let wrong = Act::Anywhere { on: true, relay: "http://relay.example/".to_owned() };
    let wrong = gate.act(Face::MainWindow, wrong).await.unwrap_err();
    assert_eq!(wrong.code, wire::Code::Invalid, "{wrong:?}");
    assert_eq!(gate.act(Face::MainWindow, off()).await.unwrap(), Done::Nothing {});
    assert_eq!(gate.act(Face::MainWindow, hide()).await.unwrap(), Done::Nothing {});
    // Nobody is left who could be reached directly, and no relay is there.
    assert_eq!(town.node("north").links(), []);
    let shown = gate.act(Face::MainWindow, Act::HidePeer { peer: "harbour".into(), on: false });
    assert!(matches!(shown.await.unwrap(), Done::Asked { .. }));
    town.close().await;
}
