//! Nodes that sleep, move, are cut off and come back, with no human to help them: what they do by
//! themselves, and what the window is told of it. Those in networks of their own need root and `ip netns`,
//! and say so where they have not.

use crate::{by, land::Land, relay::Relay, switch};
use artifact::HumanKey;
use consent::{Answer, AskId, Requester, Way};
use keys::MemoryKeychain;
use node::{Clock, Config, Given, KeepKey, Node, Request, SystemClock};
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use store::{ChangeError, PeerRow, Store};
use tokio::{sync::broadcast::error::RecvError, time::timeout};
use town::{HandClock, clock::SECOND};
use wire::{Face, Gate, Query, View};
use zeroize::Zeroizing;

/// A dead path is noticed within half a minute, and a peer is dialled again within another.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node's folder and keychain, whether it runs or not.
struct Home {
    ground: tempfile::TempDir,
    keychain: Arc<MemoryKeychain>,
    clock: Arc<dyn Clock>,
    loopback_only: bool,
}

impl Home {
    fn new(clock: Arc<dyn Clock>, loopback_only: bool) -> Self {
        let ground = tempfile::tempdir().unwrap();
        Self { ground, keychain: Arc::default(), clock, loopback_only }
    }

    /// A node of this home, on the network that this runs in. Without doors it keeps no time.
    fn start(&self, name: &str, doors: bool) -> impl Future<Output = Node> + Send + use<> {
        let name = name.to_owned();
        let config = Config {
            home: self.ground.path().to_owned(),
            keychain: Arc::<MemoryKeychain>::clone(&self.keychain),
            clock: Arc::clone(&self.clock),
            loopback_only: self.loopback_only,
            window: true,
            model: None,
        };
        async move {
            let opened = tokio::task::spawn_blocking(move || Node::open(config)).await.unwrap();
            let node = opened.unwrap();
            if node.me().is_none() {
                node.init(KeepKey::Keychain, &name).await.unwrap();
            }
            if doors {
                node.open_doors().unwrap();
            }
            node.go_online().await.unwrap();
            node
        }
    }
}

async fn ask(node: &Node, request: Request) -> AskId {
    let by = Requester::Human { way: Way::MainWindow, process: Vec::new() };
    node.ask(by, request, String::new()).await.unwrap()
}

/// Asks, and allows it in the consent window.
async fn allowed(node: Node, request: Request) -> node::Settled {
    let ask = ask(&node, request).await;
    let (code, pin) = (node.prompt(&ask).unwrap().0.code, Zeroizing::new(String::new()));
    let (answer, way, anywhere) = (Answer::Allow, Way::ConsentWindow, None);
    node.answer(Given { anywhere, ..Given::plain(ask, answer, way, code, pin) }).await.unwrap()
}

/// Waits until something holds of a node; looks again whenever it tells something.
async fn until(node: &Node, what: &str, holds: impl Fn(&Node) -> bool) {
    let mut notices = node.notices();
    let wait = async {
        while !holds(node) {
            assert!(!matches!(notices.recv().await, Err(RecvError::Closed)), "stopped: {what}");
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

fn human(node: &Node) -> HumanKey {
    node.me().unwrap().human
}

async fn linked(one: &Node, other: &Node) {
    for (here, there) in [(one, other), (other, one)] {
        let there = human(there);
        until(here, "they are connected", |n| n.links().iter().any(|l| l.human == there)).await;
    }
}

async fn alone(node: &Node) {
    until(node, "its peer is missed", |node| node.links().is_empty()).await;
}

/// When the one peer was last seen, as the store has it.
fn seen_last(node: &Node) -> u64 {
    node.look().unwrap().peers().unwrap()[0].1.seen
}

/// What the window is told of the one peer: whether it is connected, how, its round trip, and
/// when it was last seen.
async fn shown(node: &Node) -> (bool, String, f64, u64) {
    let view = Gate::new(node.clone()).view(Face::MainWindow, Query::Peers {}).await.unwrap();
    let View::Peers(mut view) = view else { panic!("no peers") };
    let row = view.peers.remove(0);
    (row.connected, row.path, row.rtt, row.seen)
}

fn connect(ticket: String) -> Request {
    Request::Connect { ticket, name: "north".to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wakes_dials_at_once_and_the_window_is_told() {
    let clock = Arc::<HandClock>::default();
    let (here, there) = (Home::new(clock.clone(), true), Home::new(clock.clone(), true));
    let north = here.start("north", false).await;
    let harbour = there.start("harbour", false).await;
    let ticket = allowed(north.clone(), Request::Ticket).await.ticket.unwrap();
    allowed(harbour.clone(), connect(ticket)).await;
    linked(&north, &harbour).await;
    let (connected, path, rtt, seen) = shown(&north).await;
    assert_eq!((connected, path.as_str(), seen), (true, "direct", clock.now()));
    assert!(rtt > 0.0, "{rtt}");
    north.tick().await.unwrap();

    // Harbour comes back on its port, and knows no way to north.
    let port = harbour.port();
    clock.pass(60 * SECOND);
    harbour.stop().await;
    alone(&north).await;
    let left = clock.now();
    until(&north, "when it left is kept", |north| seen_last(north) == left).await;
    let store = Store::open(there.ground.path()).unwrap();
    let peers = store.look().unwrap().peers().unwrap();
    let forgets = store.change::<_, ChangeError>(|change| {
        let (human, row) = peers[0].clone();
        change.put_peer(&human, &PeerRow { addrs: Vec::new(), ..row })
    });
    forgets.unwrap();
    drop(store);
    let harbour = there.start("harbour", false).await;
    assert_eq!(harbour.port(), port, "tickets and known addresses stay good");
    // Time that passes while north is awake is no reason to dial.
    clock.pass(3_600 * SECOND);
    north.tick().await.unwrap();
    assert_eq!(shown(&north).await, (false, String::new(), 0.0, left));
    clock.sleep(3_600 * SECOND);
    north.tick().await.unwrap();
    linked(&north, &harbour).await;
    let (connected, path, _, seen) = shown(&north).await;
    assert_eq!((connected, path.as_str(), seen), (true, "direct", clock.now()));
    north.stop().await;
    harbour.stop().await;
}

/// A node in a land, with the machine's own clock.
async fn dwells(land: &Land, name: &str) -> (Home, Node) {
    let home = Home::new(Arc::new(SystemClock), false);
    let node = land.run(home.start(name, true)).await;
    (home, node)
}

fn is_at(node: &Node, ip: &str) -> bool {
    let peers = node.look().unwrap().peers().unwrap();
    peers.iter().any(|(_, row)| row.addrs.iter().any(|address| address.starts_with(ip)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_cut_off_is_found_again_without_a_human() {
    if !Land::possible() {
        return;
    }
    let (switch, west, east) = (Land::new(), Land::new(), Land::new());
    switch.cable("10.77.0", &[&west, &east]);
    let (_here, north) = dwells(&west, "north").await;
    let (_there, harbour) = dwells(&east, "harbour").await;
    let ticket = west.run(allowed(north.clone(), Request::Ticket)).await.ticket.unwrap();
    east.run(allowed(harbour.clone(), connect(ticket))).await;
    linked(&north, &harbour).await;
    until(&north, "north knows where harbour is", |node| is_at(node, "10.77.0.3:")).await;

    // Harbour is cut off, as a machine that sleeps, and comes back.
    east.ip("link set cable down");
    alone(&north).await;
    alone(&harbour).await;
    let (connected, path, rtt, seen) = shown(&north).await;
    assert_eq!((connected, path.as_str(), rtt), (false, "", 0.0));
    east.ip("link set cable up");
    linked(&north, &harbour).await;
    let (connected, path, _, again) = shown(&north).await;
    assert_eq!((connected, path.as_str()), (true, "direct"));
    assert!(again > seen, "{again} after {seen}");
    west.run(north.stop()).await;
    east.run(harbour.stop()).await;
}

/// One of two gets another address while they are connected. Then the other stops, and comes back
/// where nobody looks for it: it has to find the one that moved.
async fn check_roaming(dialler_moves: bool) {
    let (switch, west, east) = (Land::new(), Land::new(), Land::new());
    switch.cable("10.77.0", &[&west, &east]);
    let (here, north) = dwells(&west, "north").await;
    let (there, harbour) = dwells(&east, "harbour").await;
    let ticket = west.run(allowed(north.clone(), Request::Ticket)).await.ticket.unwrap();
    east.run(allowed(harbour.clone(), connect(ticket))).await;
    linked(&north, &harbour).await;

    let (mover, stayer) = if dialler_moves {
        ((&east, &there, harbour, "10.77.0.3"), (&west, &here, north, "10.77.0.2"))
    } else {
        ((&west, &here, north, "10.77.0.2"), (&east, &there, harbour, "10.77.0.3"))
    };
    let (land, _home, node, from) = mover;
    let (other_land, other_home, other, other_from) = stayer;
    let (to, other_to) = (format!("{from}0"), format!("{other_from}0"));
    let at = format!("{from}:");
    until(&other, "where it was is known", |node| is_at(node, &at)).await;
    moves(land, from, &to);
    let at = format!("{to}:");
    until(&other, "where it is now is known", |node| is_at(node, &at)).await;
    linked(&node, &other).await;

    let freed = other.freed();
    other_land.run(other.stop()).await;
    timeout(PATIENCE, freed).await.unwrap();
    moves(other_land, other_from, &other_to);
    let name = if dialler_moves { "north" } else { "harbour" };
    let other = other_land.run(other_home.start(name, true)).await;
    linked(&node, &other).await;
    // The one that stayed up learns where the other is, in its turn.
    let at = format!("{other_to}:");
    until(&node, "where the other is now is known", |node| is_at(node, &at)).await;
    other_land.run(other.stop()).await;
    land.run(node.stop()).await;
}

fn moves(land: &Land, from: &str, to: &str) {
    land.ip(&format!("addr del {from}/24 dev cable"));
    land.ip(&format!("addr add {to}/24 dev cable"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dialled_and_moved_is_found_where_it_is_after_a_restart() {
    if Land::possible() {
        check_roaming(true).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_dialled_and_moved_is_found_where_it_is_after_a_restart() {
    if Land::possible() {
        check_roaming(false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_no_way_between_them_two_nodes_meet_at_a_relay_of_their_own() {
    if !Land::possible() {
        return;
    }
    let (west, middle, east) = (Land::new(), Land::new(), Land::new());
    west.wire("10.77.1.2/24", &middle, "10.77.1.1/24");
    east.wire("10.77.2.2/24", &middle, "10.77.2.1/24");
    west.ip("route add default via 10.77.1.1");
    east.ip("route add default via 10.77.2.1");
    let relay = middle.run(Relay::start(Ipv4Addr::new(10, 77, 1, 1))).await;
    let (_here, north) = dwells(&west, "north").await;
    let (_there, harbour) = dwells(&east, "harbour").await;
    for (land, node) in [(&west, &north), (&east, &harbour)] {
        land.run(allowed(node.clone(), Request::Reach(switch(&relay)))).await;
        assert_eq!(node.network().unwrap().reach, Some(by(&relay)));
    }
    let ticket = west.run(allowed(north.clone(), Request::Ticket)).await.ticket.unwrap();
    assert!(ticket.parse::<peer::Ticket>().unwrap().addresses.iter().any(|a| a.is_relay()));
    east.run(allowed(harbour.clone(), connect(ticket))).await;
    linked(&north, &harbour).await;
    for node in [&north, &harbour] {
        let (connected, path, rtt, seen) = shown(node).await;
        assert_eq!((connected, path.as_str()), (true, "relayed"));
        assert!(rtt > 0.0 && seen > 0, "{rtt} ms, seen at {seen}");
    }
    west.run(north.stop()).await;
    east.run(harbour.stop()).await;
}
