//! How far a host reaches: relays and lookups of one's own on this machine, switched on and off
//! while it runs, and who is hidden from.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "town/lookup.rs"]
mod lookup;
#[path = "town/relay.rs"]
mod relay;
#[path = "town/lib.rs"]
mod town;

use artifact::ArtifactId;
use peer::{
    Address, Anywhere, Code, DialError, OnlyByRelay, Path, Reach, ReachError, RelayState, Relays,
    ServerUrl, Ticket,
};
use relay::{HERE, Relay};
use session::Invite;
use std::time::Duration;
use tokio::time::timeout;
use town::{DAY, Event, House, NOW, Plan, introduce, neighbours};

const PATIENCE: Duration = Duration::from_secs(30);

fn by(relay: &ServerUrl, lookup: Option<&ServerUrl>) -> Reach {
    let lookup = lookup.cloned().map(peer::Lookup::Own);
    let relays = Relays::Own(vec![relay.clone()]);
    Reach { anywhere: Some(Anywhere { relays, lookup }), nearby: false }
}

fn only(house: &House) -> OnlyByRelay {
    OnlyByRelay { peers: [house.host.endpoint()].into(), newcomers: false }
}

async fn online(house: &House, relay: &Relay) {
    assert!(house.host.relayed_within(PATIENCE).await, "the relay is connected");
    assert_eq!(house.host.relay_state(), RelayState::Connected(relay.url.clone()));
}

/// Waits until a house's packets go straight to the other machine; it is told when they do.
async fn direct(house: &House) {
    let path = |_: &Vec<Event>| house.host.connected().iter().any(|c| c.path == Path::Direct);
    house.node.until_within(PATIENCE, path).await;
}

async fn gives_and_takes(giver: &House, taker: &House) {
    giver.gives(b"a gift", &[&taker.keys]).await;
    let got = taker.host.fetch(&giver.human(), &ArtifactId::of(b"a gift"), 6).await;
    assert_eq!(got.as_deref(), Ok(b"a gift".as_slice()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_id_is_enough_with_a_lookup() {
    let (relay, lookup) = (Relay::start(HERE).await, lookup::Lookup::start(HERE).await);
    let reach = by(&relay.url, Some(&lookup.url));
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    let there = harbour.host.endpoint();
    assert_eq!(north.host.dial(&there, &[]).await, Err(DialError::NoAddress));
    for house in [&north, &harbour] {
        house.host.set_reach(reach.clone()).await.unwrap();
        online(house, &relay).await;
    }
    // Until harbour's relay is published.
    let mut kept = lookup.kept();
    let dials = async {
        while north.host.dial(&there, &[]).await != Ok(harbour.party()) {
            kept.changed().await.unwrap();
        }
    };
    timeout(PATIENCE, dials).await.unwrap();
    gives_and_takes(&harbour, &north).await;
    // On one machine the two find a direct path.
    direct(&north).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_without_addresses_carries_the_relay() {
    let relay = Relay::start(HERE).await;
    let mut plan = Plan::new(20);
    plan.reach = by(&relay.url, None);
    plan.only_by_relay.newcomers = true;
    let (north, harbour) = (House::new(10).await, plan.build().await);
    // Not online yet: the ticket names the relay that will be used.
    let invite = Invite { id: [1; 16], secret: [0x5e; 32], expires: NOW + DAY };
    harbour.node.invites.lock().unwrap().push(invite.clone());
    let ticket = harbour.host.ticket(&harbour.human(), &invite, false);
    let ticket: Ticket = ticket.parse().unwrap();
    assert_eq!(ticket.addresses, [Address::Relay(relay.url.clone())]);
    let whole: Ticket = harbour.host.ticket(&harbour.human(), &invite, true).parse().unwrap();
    assert!(whole.addresses.iter().any(|address| address.ip().is_some()), "{whole:?}");

    let used = north.host.connect(&ticket, peer::DialTag::default()).await;
    assert_eq!(used, Err(DialError::NoRelay), "north reaches no relay yet");
    north.host.set_reach(by(&relay.url, None)).await.unwrap();
    online(&harbour, &relay).await;
    let used = north.host.connect(&ticket, peer::DialTag::default()).await;
    assert_eq!(used, Ok(harbour.party()));
    gives_and_takes(&harbour, &north).await;
    gives_and_takes(&north, &harbour).await;
    // Harbour is veiled, so there is nothing but the relay, and north knows nothing else.
    for house in [&north, &harbour] {
        assert!(house.host.connected().iter().all(|c| c.path == Path::Relayed));
    }
    assert_eq!(north.host.last_addrs(&ticket.endpoint), ticket.addresses);
    assert!(north.host.connected().iter().all(|c| c.rtt > Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn off_is_off_and_on_again() {
    let relay = Relay::start(HERE).await;
    let (north, harbour) = neighbours().await;
    let (me, port) = (north.host.endpoint(), north.host.port());
    assert_eq!(north.host.relay_state(), RelayState::Off);
    for _ in 0..2 {
        north.host.set_reach(by(&relay.url, None)).await.unwrap();
        relay.until(&me, 1).await;
        online(&north, &relay).await;
        assert!(north.host.addrs().contains(&Address::Relay(relay.url.clone())));
        north.host.set_reach(Reach::default()).await.unwrap();
        relay.until(&me, 0).await;
        assert_eq!(north.host.relay_state(), RelayState::Off);
        assert!(north.host.addrs().iter().all(|address| address.ip().is_some()));
        assert_eq!((north.host.port(), north.host.port_kept()), (port, true));
    }
    // Its old address is good as before, and so is the old session's end.
    let gone = |event: &Event| *event == Event::Gone(north.party(), "leaving".to_owned());
    harbour.node.until_event(gone).await;
    assert_eq!(harbour.host.dial(&me, &[]).await, Ok(north.party()));
    // Nothing changes, nothing ends.
    north.host.set_reach(Reach::default()).await.unwrap();
    assert_eq!(harbour.host.connected().len(), 1);
    let nothing = Relays::Own(Vec::new());
    let anywhere = Some(Anywhere { relays: nothing, lookup: None });
    let refused = north.host.set_reach(Reach { anywhere, nearby: false }).await;
    assert_eq!(refused, Err(ReachError::NoRelay));
    north.host.clone().shutdown().await;
    let late = north.host.set_reach(by(&relay.url, None)).await;
    assert_eq!(late, Err(ReachError::ShuttingDown));
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_said_so() {
    let socket = std::net::TcpListener::bind((HERE, 0)).unwrap();
    let url: ServerUrl = format!("http://{}", socket.local_addr().unwrap()).parse().unwrap();
    drop(socket);
    let mut plan = Plan::new(10);
    plan.reach = by(&url, None);
    let (north, harbour) = (plan.build().await, House::new(20).await);
    assert_ne!(north.host.relay_state(), RelayState::Connected(url.clone()));
    assert_ne!(north.host.relay_state(), RelayState::Off);
    // It costs nobody who can be reached without.
    introduce(&north, &harbour).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_hidden_from_gets_nothing_from_a_socket() {
    let (north, harbour) = neighbours().await;
    let (there, here) = (harbour.host.endpoint(), north.host.endpoint());
    north.host.hide_from(only(&harbour)).await.unwrap();
    // The session was direct.
    let gone = |event: &Event| *event == Event::Gone(harbour.party(), "leaving".to_owned());
    north.node.until_event(gone).await;
    let dialled = north.host.dial(&there, &harbour.host.addrs()).await;
    assert_eq!(dialled, Err(DialError::NoRelay));
    let gone = |event: &Event| *event == Event::Gone(north.party(), "leaving".to_owned());
    harbour.node.until_event(gone).await;
    let dialled = harbour.host.dial(&here, &north.host.addrs()).await;
    assert!(
        matches!(
            dialled,
            Err(DialError::Refused(Code::NotReady) | DialError::Lost | DialError::Unreachable(_))
        ),
        "{dialled:?}"
    );
    assert_eq!(north.host.connected().len() + harbour.host.connected().len(), 0);
    // Others are spoken to as ever.
    let third = House::new(30).await;
    introduce(&third, &north).await;

    let relay = Relay::start(HERE).await;
    for house in [&north, &harbour] {
        house.host.set_reach(by(&relay.url, None)).await.unwrap();
        online(house, &relay).await;
    }
    let all = [north.host.addrs(), harbour.host.addrs()];
    // A direct dial is refused, and the relay is what remains.
    assert_eq!(harbour.host.dial(&here, &all[0]).await, Ok(north.party()));
    gives_and_takes(&north, &harbour).await;
    gives_and_takes(&harbour, &north).await;
    let path = |house: &House| house.host.connected().iter().map(|c| c.path).collect::<Vec<_>>();
    assert_eq!((path(&north), path(&harbour)), (vec![Path::Relayed], vec![Path::Relayed]));
    // No longer hidden: the session is made anew, and turns direct.
    north.host.hide_from(OnlyByRelay::default()).await.unwrap();
    north.host.dial(&there, &all[1]).await.unwrap();
    direct(&north).await;
}
