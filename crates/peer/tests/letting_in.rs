//! Who gets a session with a real host on loopback, and what everybody else is told.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "town/lib.rs"]
mod town;

use peer::{
    CRYSTAL_ALPN, Code, DialError, DialTag, HANDSHAKE_ALPN, PACKET_ALPN, SETTLE_ALPN, Ticket,
    TicketError,
};
use session::{CardMessage, Message};
use town::{Event, House, Keys, NOW, Puppet, code_of, neighbours};

fn tag() -> DialTag {
    DialTag("Harbour".to_owned())
}

#[tokio::test]
async fn an_invited_node_is_pinned_on_both_sides_and_the_invite_is_spent() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    let ticket = harbour.invite();
    assert_eq!(north.host.connect(&ticket, tag()).await, Ok(harbour.party()));
    let ready = Event::Ready(north.party());
    harbour.node.until_event(|event| *event == ready).await;
    let pin = Event::Pin(north.human(), Some([1; 16]), None);
    assert_eq!(harbour.node.count(|event| *event == pin), 1);
    let pin = Event::Pin(harbour.human(), None, Some("Harbour".to_owned()));
    assert_eq!(north.node.count(|event| *event == pin), 1);
    assert_eq!(north.host.connected().len(), 1);
    assert_eq!(harbour.host.connected()[0].party, north.party());
    assert_eq!(harbour.host.connected()[0].path, peer::Path::Direct);
    assert_eq!(north.host.last_addrs(&harbour.host.endpoint()), harbour.host.addrs());

    // The same ticket lets no second node in.
    let eve = House::new(30).await;
    let refused = eve.host.connect(&ticket, tag()).await;
    assert_eq!(refused, Err(DialError::Refused(Code::Waiting)));
    let knocked = Event::Knocked(eve.human(), eve.host.endpoint());
    harbour.node.until_event(|event| *event == knocked).await;
    assert_eq!(harbour.host.connected().len(), 1);
    assert_eq!(eve.node.count(|event| matches!(event, Event::Pin(..))), 0);
}

#[tokio::test]
async fn a_pinned_peer_returns_without_a_secret() {
    let (north, harbour) = neighbours().await;
    north.host.disconnect(&harbour.host.endpoint(), Code::Leaving);
    for (house, other) in [(&north, &harbour), (&harbour, &north)] {
        let gone = Event::Gone(other.party(), "leaving".to_owned());
        house.node.until_event(|event| *event == gone).await;
    }
    // Where it was is remembered: no address is needed.
    assert_eq!(harbour.host.dial(&north.host.endpoint(), &[]).await, Ok(north.party()));
}

#[tokio::test]
async fn tickets_that_are_not_good_are_refused_before_anything_is_sent() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    let good = harbour.invite();
    let check = async |ticket: Ticket| north.host.connect(&ticket, tag()).await.unwrap_err();
    assert_eq!(
        check(Ticket { expires: NOW - 1, ..good.clone() }).await,
        DialError::Ticket(TicketError::Expired(1))
    );
    assert_eq!(check(Ticket { addresses: vec![], ..good.clone() }).await, DialError::NoAddress);
    assert_eq!(check(north.invite()).await, DialError::Myself);
    assert_eq!(
        check(Ticket { human: [9; 32], ..good.clone() }).await,
        DialError::Stopped(Code::WrongHuman)
    );
    assert_eq!(north.node.count(|event| matches!(event, Event::Pin(..))), 0);
    let harbour_end = harbour.host.endpoint();
    assert_eq!(
        House::new(40).await.host.dial(&harbour_end, &harbour.host.addrs()).await,
        Err(DialError::NotPinned)
    );
}

#[tokio::test]
async fn a_changed_human_behind_a_known_endpoint_is_stopped_loudly() {
    let harbour = House::new(20).await;
    let before = Keys::new(30);
    harbour.knows(&before);
    let eve = Puppet::new(Keys::mixed(99, 30, |_| {})).await;
    assert_eq!(eve.shake(&harbour, None, |_, _| {}).await.err(), Some(Code::HumanChanged));
    // The new human is proven, the old one is not: neither is named.
    let loud = Event::Violated(None, Code::HumanChanged);
    harbour.node.until_event(|event| *event == loud).await;
}

#[tokio::test]
async fn a_card_of_another_endpoint_is_refused() {
    let harbour = House::new(20).await;
    // Eve holds north's card, and its author_key, but not its transport_key.
    let mut keys = Keys::new(10);
    keys.transport = artifact::Secret::from_seed(&[77; 32]);
    harbour.knows(&keys);
    let eve = Puppet::new(keys).await;
    assert_eq!(eve.shake(&harbour, None, |_, _| {}).await.err(), Some(Code::WrongEndpoint));
}

#[tokio::test]
async fn tampered_cards_and_bindings_are_refused() {
    let harbour = House::new(20).await;
    let eve = Puppet::new(Keys::new(30)).await;
    harbour.knows(&eve.keys);
    let bent = |n: usize, frame: &mut Vec<u8>, bend: &dyn Fn(&mut CardMessage)| {
        if n == 1 {
            let Message::Card(mut card) = Message::decode(frame).unwrap() else { panic!("a card") };
            bend(&mut card);
            *frame = Message::Card(card).encode().unwrap();
        }
    };
    let card = eve.shake(&harbour, None, |n, f| bent(n, f, &|m| m.card[40] ^= 1)).await;
    assert_eq!(card.err(), Some(Code::CardSwapped));
    let binding = eve.shake(&harbour, None, |n, f| bent(n, f, &|m| m.binding[3] ^= 1)).await;
    assert_eq!(binding.err(), Some(Code::BadBinding));
    assert!(eve.shake(&harbour, None, |_, _| {}).await.is_ok());
}

#[tokio::test]
async fn no_other_alpn_before_ready() {
    let (harbour, eve) = (House::new(20).await, Puppet::new(Keys::new(30)).await);
    harbour.knows(&eve.keys);
    for alpn in [CRYSTAL_ALPN, SETTLE_ALPN, PACKET_ALPN] {
        let conn = eve.connect(&harbour, alpn).await;
        assert_eq!(code_of(&conn).await, Code::NotReady);
    }
    // Nor while a handshake is under way.
    let strings = eve.strings(&harbour).await;
    let conn = eve.connect(&harbour, PACKET_ALPN).await;
    assert_eq!(code_of(&conn).await, Code::NotReady);
    drop(strings);
    for alpn in [iroh_blobs::ALPN, b"tracenet/settle/1", b"tracenet/handshake/1"] {
        assert!(eve.endpoint.connect(harbour.address(), alpn).await.is_err());
    }
}

#[tokio::test]
async fn handshakes_that_come_too_fast_are_refused() {
    let (harbour, eve) = (House::new(20).await, Puppet::new(Keys::new(30)).await);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (endpoint, there) = (eve.endpoint.clone(), harbour.address());
        all.spawn(async move {
            let conn = endpoint.connect(there, HANDSHAKE_ALPN).await.unwrap();
            if let Ok((mut send, _recv)) = conn.open_bi().await {
                let _ = send.write_all(&[0, 0, 0, 1, 0]).await;
            }
            code_of(&conn).await
        });
    }
    let codes = all.join_all().await;
    assert!(codes.contains(&Code::Malformed), "the first ones are heard: {codes:?}");
    assert!(codes.contains(&Code::TooFast), "the last ones are not: {codes:?}");
}

#[tokio::test]
async fn more_connections_than_one_endpoint_may_have_are_refused() {
    let (harbour, eve) = (House::new(20).await, Puppet::new(Keys::new(30)).await);
    harbour.knows(&eve.keys);
    let session = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..12 {
        let conn = eve.connect(&harbour, CRYSTAL_ALPN).await;
        let mut send = conn.open_uni().await.unwrap();
        let want = Message::Want(session::Want { id: artifact::ArtifactId::of(b"x") });
        let frame = want.encode().unwrap();
        let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
        send.write_all(&[&length, frame.as_slice()].concat()).await.unwrap();
        held.push((conn, send));
    }
    // Each is heard, so each has its place.
    let wanted = |events: &Vec<Event>| {
        events.iter().filter(|event| matches!(event, Event::Wanted(..))).count() == 12
    };
    harbour.node.until(wanted).await;
    let conn = eve.connect(&harbour, CRYSTAL_ALPN).await;
    assert_eq!(code_of(&conn).await, Code::TooMany);
    assert!(held.iter().all(|(conn, _)| conn.close_reason().is_none()));
    drop(session);
}
