//! Hosts in networks of their own: with no way but a relay, hidden from each other, on one cable,
//! and moved about. Needs root and `ip netns`; says so where it has not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "town/land.rs"]
mod land;
#[path = "town/relay.rs"]
mod relay;
#[path = "town/lib.rs"]
mod town;

use artifact::{ArtifactId, TransportKey};
use consent::Party;
use land::Land;
use peer::{Address, Anywhere, DialError, Host, OnlyByRelay, Path, Reach, RelayState, ServerUrl};
use relay::Relay;
use std::{net::Ipv4Addr, time::Duration};
use tokio::{net::UdpSocket, time::timeout};
use town::{Event, House, Plan};

/// A dead path is noticed within half a minute; nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn by(relay: &ServerUrl) -> Reach {
    Reach { anywhere: Some(Anywhere::own(relay.clone())), nearby: false }
}

async fn settle(land: &Land, seed: u8, reach: Reach, hides: bool) -> House {
    let mut plan = Plan::new(seed);
    plan.loopback_only = false;
    plan.reach = reach;
    plan.only_by_relay = OnlyByRelay { newcomers: hides, ..OnlyByRelay::default() };
    land.run(plan.build()).await
}

async fn online(house: &House, relay: &ServerUrl) {
    assert!(house.host.relayed_within(PATIENCE).await, "the relay is connected");
    assert_eq!(house.host.relay_state(), RelayState::Connected(relay.clone()));
}

/// Waits until a house's packets go straight to the other machine; it is told when they do.
async fn direct(house: &House) {
    house.node.until_within(PATIENCE, |_| path(house) == [Path::Direct]).await;
}

fn path(house: &House) -> Vec<Path> {
    house.host.connected().iter().map(|connected| connected.path).collect()
}

async fn dial(
    land: &Land,
    from: &House,
    to: TransportKey,
    at: Vec<Address>,
) -> Result<Party, DialError> {
    let host = from.host.clone();
    land.run(async move { host.dial(&to, &at).await }).await
}

async fn fetch(land: &Land, taker: &House, giver: &House) -> bool {
    let (host, human): (Host, _) = (taker.host.clone(), giver.human());
    let got = land.run(async move { host.fetch(&human, &ArtifactId::of(b"a gift"), 6).await });
    got.await.as_deref() == Ok(b"a gift".as_slice())
}

/// Dials, as a node does, until a gift arrives. A dial or a fetch that fails has taken its time.
async fn heals(land: &Land, taker: &House, giver: &House, at: &[Address]) {
    let again = async {
        loop {
            let there = giver.host.endpoint();
            let dialled = dial(land, taker, there, at.to_vec()).await;
            if dialled.is_ok() && fetch(land, taker, giver).await {
                return;
            }
        }
    };
    timeout(PATIENCE, again).await.unwrap_or_else(|_| panic!("it never heals"));
}

async fn relay_in(land: &Land, ip: [u8; 4]) -> Relay {
    land.run(Relay::start(Ipv4Addr::from(ip))).await
}

fn gone(event: &Event) -> bool {
    matches!(event, Event::Gone(..))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_way_between_them_two_meet_at_a_relay() {
    if !Land::possible() {
        return;
    }
    let (west, middle, east) = (Land::new(), Land::new(), Land::new());
    // Two nets that know nothing of each other; the relay stands in both.
    west.wire("10.77.1.2/24", &middle, "10.77.1.1/24");
    east.wire("10.77.2.2/24", &middle, "10.77.2.1/24");
    west.ip("route add default via 10.77.1.1");
    east.ip("route add default via 10.77.2.1");
    let relay = relay_in(&middle, [10, 77, 1, 1]).await;
    let north = settle(&west, 10, by(&relay.url), false).await;
    let harbour = settle(&east, 20, by(&relay.url), false).await;
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    online(&north, &relay.url).await;
    online(&harbour, &relay.url).await;
    let there = harbour.host.endpoint();
    let sockets = harbour.host.addrs().into_iter().filter(|a| !a.is_relay()).collect();
    let blind = dial(&west, &north, there, sockets).await;
    assert!(matches!(blind, Err(DialError::Unreachable(_))), "{blind:?}");

    harbour.gives(b"a gift", &[&north.keys]).await;
    heals(&west, &north, &harbour, &[Address::Relay(relay.url.clone())]).await;
    assert_eq!((path(&north), path(&harbour)), (vec![Path::Relayed], vec![Path::Relayed]));
    let connected = north.host.connected();
    assert!(connected.iter().all(|c| c.rtt > Duration::ZERO), "{connected:?}");
}

/// What harbour learns of north's address on a cable that they share with a relay.
async fn check_hiding(hides: bool) {
    let (switch, west, east) = (Land::new(), Land::new(), Land::new());
    switch.cable("10.77.0", &[&west, &east]);
    let relay = relay_in(&switch, [10, 77, 0, 1]).await;
    let north = settle(&west, 10, by(&relay.url), hides).await;
    let harbour = settle(&east, 20, by(&relay.url), false).await;
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    online(&north, &relay.url).await;
    online(&harbour, &relay.url).await;
    north.gives(b"a gift", &[&harbour.keys]).await;
    harbour.gives(b"a gift", &[&north.keys]).await;
    // Harbour dials; then north does.
    for round in 0..2 {
        if round == 0 {
            heals(&east, &harbour, &north, &[Address::Relay(relay.url.clone())]).await;
            assert!(fetch(&west, &north, &harbour).await);
        } else {
            harbour.host.disconnect(&north.host.endpoint(), peer::Code::Leaving);
            north.node.until_event(gone).await;
            heals(&west, &north, &harbour, &[Address::Relay(relay.url.clone())]).await;
            assert!(fetch(&east, &harbour, &north).await);
        }
        if !hides {
            direct(&north).await;
        }
    }
    // A machine that sends to another on its cable asks the cable for it first.
    let met = east.ask("neigh show 10.77.0.2").contains("10.77.0.2");
    let datagrams = west.datagrams().await;
    let known = harbour.host.last_addrs(&north.host.endpoint());
    if hides {
        assert_eq!((path(&north), path(&harbour)), (vec![Path::Relayed], vec![Path::Relayed]));
        assert!(!met, "harbour sent something to north's address");
        assert_eq!(datagrams, 0, "north sent from a socket");
        assert_eq!(known, [Address::Relay(relay.url.clone())]);
    } else {
        // The same looks see it where nothing is hidden.
        assert!(met && datagrams > 0 && known.iter().any(|a| a.ip().is_some()), "{known:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_hidden_from_learns_no_address() {
    if Land::possible() {
        check_hiding(true).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_hidden_from_finds_the_direct_path() {
    if Land::possible() {
        check_hiding(false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nearby_finds_by_endpoint_id_alone() {
    if !Land::possible() {
        return;
    }
    let (west, east) = (Land::new(), Land::new());
    west.wire("10.77.3.1/24", &east, "10.77.3.2/24");
    for land in [&west, &east] {
        // What is said to all goes out by the wire.
        let wire = land.ask("-br link").lines().find_map(|line| {
            line.split('@').next().filter(|name| name.starts_with('w')).map(str::to_owned)
        });
        land.ip(&format!("route add 224.0.0.0/4 dev {}", wire.unwrap()));
    }
    let nearby = || Reach { anywhere: None, nearby: true };
    let north = settle(&west, 10, Reach::default(), false).await;
    let harbour = settle(&east, 20, nearby(), false).await;
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    let there = harbour.host.endpoint();
    assert_eq!(dial(&west, &north, there, Vec::new()).await, Err(DialError::NoAddress));
    let host = north.host.clone();
    west.run(async move { host.set_reach(nearby()).await.unwrap() }).await;
    harbour.gives(b"a gift", &[&north.keys]).await;
    heals(&west, &north, &harbour, &[]).await;
    assert_eq!(path(&north), [Path::Direct]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_everything_off_no_packet_leaves() {
    if !Land::possible() {
        return;
    }
    let (west, east) = (Land::new(), Land::new());
    west.wire("10.77.4.1/24", &east, "10.77.4.2/24");
    west.ip("route add default via 10.77.4.2");
    // Whoever lives at the other end of the wire hears what is said to all.
    let ear = east.run(hears_all([10, 77, 4, 2])).await;
    let before = west.sent().await;
    let north = settle(&west, 10, Reach::default(), false).await;
    north.invite();
    let known = town::Keys::new(20);
    north.knows(&known);
    let nobody = dial(&west, &north, known.transport.public(), Vec::new()).await;
    assert_eq!(nobody, Err(DialError::NoAddress));
    let relay = "https://relay.example/".parse().unwrap();
    let nobody = dial(&west, &north, known.transport.public(), vec![relay]).await;
    assert_eq!(nobody, Err(DialError::NoRelay));
    let host = north.host.clone();
    west.run(async move { host.network_changed().await }).await;
    // Time itself is what is tested here: longer than any beat of what is off.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!((west.sent().await, west.datagrams().await), (before, 0));

    // The same counters see the first word of what is on, and none of what is off again.
    let host = north.host.clone();
    let nearby = Reach { anywhere: None, nearby: true };
    west.run(async move { host.set_reach(nearby).await.unwrap() }).await;
    let heard = east.run(async move { ear.recv_from(&mut [0; 2_000]).await.unwrap().1 });
    let from = timeout(PATIENCE, heard).await.unwrap();
    assert_eq!(from.ip(), Ipv4Addr::new(10, 77, 4, 1));
    assert!(west.sent().await > before);
    let host = north.host.clone();
    west.run(async move { host.set_reach(Reach::default()).await.unwrap() }).await;
    let quiet = west.datagrams().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(west.datagrams().await, quiet);
    let host = north.host.clone();
    west.run(async move { host.shutdown().await }).await;
}

/// A socket that hears mDNS, on the network of this address.
async fn hears_all(here: [u8; 4]) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 5353)).await.unwrap();
    socket.join_multicast_v4(Ipv4Addr::new(224, 0, 0, 251), here.into()).unwrap();
    socket
}

/// Changes a house's address under a session, and has the session, or the next, work again.
async fn check_move(relayed: bool, dialler_moves: bool) {
    let (switch, west, east) = (Land::new(), Land::new(), Land::new());
    switch.cable("10.77.0", &[&west, &east]);
    let relay = relay_in(&switch, [10, 77, 0, 1]).await;
    let reach = if relayed { by(&relay.url) } else { Reach::default() };
    let north = settle(&west, 10, reach.clone(), false).await;
    let harbour = settle(&east, 20, reach, false).await;
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    harbour.gives(b"a gift", &[&north.keys]).await;
    north.gives(b"a gift", &[&harbour.keys]).await;
    heals(&west, &north, &harbour, &harbour.host.addrs()).await;
    direct(&north).await;

    let (land, mover, other_land, other, old, new) = if dialler_moves {
        (&west, &north, &east, &harbour, "10.77.0.2/24", "10.77.0.22/24")
    } else {
        (&east, &harbour, &west, &north, "10.77.0.3/24", "10.77.0.33/24")
    };
    land.ip(&format!("addr del {old} dev cable"));
    land.ip(&format!("addr add {new} dev cable"));
    // It is told that it moved, and knows where to.
    let at = new.trim_end_matches("/24");
    let is_there = |_: &Vec<Event>| {
        mover.host.addrs().iter().filter_map(Address::ip).any(|a| a.ip().to_string() == at)
    };
    mover.node.until_within(PATIENCE, is_there).await;
    // Who moved finds the other where it is, and the other finds it again.
    heals(land, mover, other, &other.host.addrs()).await;
    let mut there = mover.host.addrs();
    there.retain(|address| relayed == address.is_relay());
    heals(other_land, other, mover, &there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_changes_under_the_one_who_dialled() {
    if Land::possible() {
        check_move(false, true).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_changes_under_the_one_who_was_dialled() {
    if Land::possible() {
        check_move(false, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_changes_where_there_is_a_relay() {
    if Land::possible() {
        check_move(true, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_slept_is_missed_and_comes_back() {
    if !Land::possible() {
        return;
    }
    let (west, east) = (Land::new(), Land::new());
    west.wire("10.77.5.1/24", &east, "10.77.5.2/24");
    let north = settle(&west, 10, Reach::default(), false).await;
    let harbour = settle(&east, 20, Reach::default(), false).await;
    north.knows(&harbour.keys);
    harbour.knows(&north.keys);
    harbour.gives(b"a gift", &[&north.keys]).await;
    let there = harbour.host.addrs();
    heals(&west, &north, &harbour, &there).await;
    let wire = east.ask("-br link");
    let wire = wire.lines().find_map(|line| line.split('@').next().filter(|n| n.starts_with('w')));
    let wire = wire.unwrap();
    east.ip(&format!("link set {wire} down"));
    // Both ends know, and neither was told.
    for house in [&north, &harbour] {
        house.node.until_within(PATIENCE, |events| events.iter().any(gone)).await;
        assert!(house.host.connected().is_empty());
    }
    east.ip(&format!("link set {wire} up"));
    heals(&west, &north, &harbour, &there).await;
}
