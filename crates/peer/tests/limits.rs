//! What all together may ask of a host: beyond it a request waits or is refused, and whoever was
//! there before notices nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "town/lib.rs"]
mod town;

use artifact::ArtifactId;
use bytes::Bytes;
use iroh::endpoint::{Connection, SendStream};
use iroh_blobs::{Hash, get::request::get_blob};
use n0_future::task::{self, JoinHandle};
use peer::{CRYSTAL_ALPN, Code, HANDSHAKE_ALPN, PACKET_ALPN, Timings};
use session::{Introduce, Message, Offered, pack_heads};
use std::{
    future::Future,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::timeout;
use town::{Event, House, Keys, PATIENCE, Plan, Puppet, Strings, code_of, neighbours};

const GIFT: &[u8] = b"what everybody may have";

/// The handshakes that strangers may have under way at once, and anybody for themselves.
const STRANGERS: usize = 32;
const HANDSHAKES_PER_ENDPOINT: usize = 4;
/// The streams served at once, in all, to one peer, and over one connection.
const STREAMS: usize = 256;
const STREAMS_PER_PEER: usize = 32;
const STREAMS_PER_CONNECTION: usize = 64;
/// The most bytes of a request.
const REQUEST: usize = 4 << 10;
/// The frames that may wait for the control stream, and the most revocations in one frame.
const CONTROL_QUEUE: usize = 8;
const REVOCATIONS: usize = 64;
/// What may lie unread of one stream, and of one connection.
const STREAM_WINDOW: usize = 128 << 10;
const WINDOW: usize = 256 << 10;

/// Somebody whose introduction was answered: what comes next of them is waited for.
async fn introduced(house: &House, puppet: &Puppet) -> Strings {
    let mut strings = puppet.strings(house).await;
    let card = ArtifactId::of(&puppet.keys.card);
    let hello = Message::Introduce(Introduce { versions: vec![0], card, proof: None });
    strings.say(&hello.encode().unwrap()).await;
    let answer = Message::decode(&strings.hear().await.unwrap()).unwrap();
    assert!(matches!(answer, Message::Introduce(_) | Message::Wait(_)), "{answer:?}");
    strings
}

/// So many handshakes of one that go no further, and one more that is refused.
async fn fills_its_places(house: &House, puppet: &Puppet) -> Vec<Strings> {
    let mut held = Vec::new();
    for _ in 0..HANDSHAKES_PER_ENDPOINT {
        held.push(introduced(house, puppet).await);
    }
    let refused = puppet.connect(house, HANDSHAKE_ALPN).await;
    assert_eq!(code_of(&refused).await, Code::TooMany);
    held
}

async fn gets(house: &House, taker: &House) {
    let got = taker.host.fetch(&house.human(), &ArtifactId::of(GIFT), GIFT.len() as u64).await;
    assert_eq!(got.as_deref(), Ok(GIFT));
}

/// A host that waits long for everything.
async fn patient() -> House {
    let mut plan = Plan::new(20);
    let long = Duration::from_secs(300);
    let timings = Timings { introduce: long, handshake: long, read: long, ..Timings::default() };
    plan.timings = timings;
    plan.build().await
}

#[tokio::test]
async fn strangers_take_no_place_from_who_is_known() {
    let (north, harbour) = (House::new(10).await, patient().await);
    let (mut foes, mut held) = (Vec::new(), Vec::new());
    for n in 0..STRANGERS / HANDSHAKES_PER_ENDPOINT {
        let foe = Puppet::new(Keys::new(100 + 3 * u8::try_from(n).unwrap())).await;
        held.extend(fills_its_places(&harbour, &foe).await);
        foes.push(foe);
    }
    assert_eq!(held.len(), STRANGERS);
    let stranger = Puppet::new(Keys::new(150)).await;
    let refused = stranger.connect(&harbour, HANDSHAKE_ALPN).await;
    assert_eq!(code_of(&refused).await, Code::TooMany);
    // Who is known comes in as if nobody stood there.
    town::introduce(&north, &harbour).await;
    harbour.gives(GIFT, &[&north.keys]).await;
    gets(&harbour, &north).await;
    // One goes, and another stranger has its place.
    held.pop().unwrap().conn.close(0_u32.into(), b"");
    let comes = async {
        // The place is given back a moment after its connection is closed.
        loop {
            let conn = stranger.connect(&harbour, HANDSHAKE_ALPN).await;
            let Ok((mut send, _recv)) = conn.open_bi().await else { continue };
            let _ = send.write_all(&[0, 0, 0, 1, 0]).await;
            // Who is heard is heard out.
            if code_of(&conn).await == Code::Malformed {
                break;
            }
        }
    };
    timeout(PATIENCE, comes).await.unwrap();
    assert!(held.iter().all(|strings| strings.conn.close_reason().is_none()));
}

#[tokio::test]
async fn who_is_known_takes_no_place_from_another_who_is() {
    let (north, harbour) = (House::new(10).await, patient().await);
    let (mut foes, mut held) = (Vec::new(), Vec::new());
    // More than all strangers together may have.
    for n in 0..=2 * STRANGERS / HANDSHAKES_PER_ENDPOINT {
        let foe = Puppet::new(Keys::new(100 + 3 * u8::try_from(n).unwrap())).await;
        harbour.knows(&foe.keys);
        held.extend(fills_its_places(&harbour, &foe).await);
        foes.push(foe);
    }
    town::introduce(&north, &harbour).await;
    harbour.gives(GIFT, &[&north.keys]).await;
    gets(&harbour, &north).await;
    assert!(held.iter().all(|strings| strings.conn.close_reason().is_none()));
}

#[tokio::test]
async fn a_handshake_as_a_whole_has_one_deadline() {
    let mut plan = Plan::new(20);
    let long = Duration::from_secs(300);
    let whole = Duration::from_secs(3);
    plan.timings = Timings { introduce: long, handshake: whole, read: long, ..Timings::default() };
    let harbour = plan.build().await;
    let (known, stranger) = (Puppet::new(Keys::new(30)).await, Puppet::new(Keys::new(40)).await);
    harbour.knows(&known.keys);
    let silent = stranger.connect(&harbour, HANDSHAKE_ALPN).await;
    let held = [introduced(&harbour, &stranger).await, introduced(&harbour, &known).await];
    // Each step has minutes, all of them together have not.
    for strings in &held {
        assert_eq!(strings.code().await, Code::Late);
    }
    assert_eq!(code_of(&silent).await, Code::Late);
}

/// A session, and its connection for bytes.
async fn enters(house: &House, seed: u8) -> (Puppet, Strings, Connection) {
    let puppet = Puppet::new(Keys::new(seed)).await;
    house.knows(&puppet.keys);
    house.gives(GIFT, &[&puppet.keys]).await;
    let strings = puppet.shake(house, None, |_, _| {}).await.unwrap();
    let conn = puppet.connect(house, PACKET_ALPN).await;
    (puppet, strings, conn)
}

/// Asks for the gift so often at once.
fn asks(conn: &Connection, times: usize) -> Vec<JoinHandle<Result<Bytes, String>>> {
    let ask = |_| {
        let conn = conn.clone();
        task::spawn(async move {
            let got = get_blob(conn.clone(), Hash::new(GIFT)).bytes().await;
            got.map_err(|error| format!("{error:?}, {:?}", conn.close_reason()))
        })
    };
    (0..times).map(ask).collect()
}

/// A request that no slot is needed to refuse: everything asked before on this connection is
/// taken in when it is answered.
async fn catches_up(conn: &Connection) {
    let (mut send, mut recv) = conn.open_bi().await.unwrap();
    send.write_all(&[255]).await.unwrap();
    send.finish().unwrap();
    assert!(timeout(PATIENCE, recv.read_to_end(10)).await.unwrap().is_err());
}

#[tokio::test]
async fn streams_over_the_limits_wait_and_lose_nothing() {
    let mut plan = Plan::new(20);
    // Those who wait here say nothing meanwhile, however slow the machine is.
    plan.timings.idle = Duration::from_secs(600);
    let harbour = plan.build().await;
    let mut looks = harbour.node.looks.subscribe();
    // Nobody's first byte leaves yet: what is begun keeps its slot.
    let all = harbour.node.serves.forget_permits(usize::MAX);
    let (mut held, mut gets) = (Vec::new(), Vec::new());
    for n in 1..=STREAMS / STREAMS_PER_PEER {
        let peer = enters(&harbour, 100 + u8::try_from(n).unwrap()).await;
        gets.extend(asks(&peer.2, STREAMS_PER_PEER + 1));
        let begun = looks.wait_for(|looks| *looks == n * STREAMS_PER_PEER);
        timeout(PATIENCE, begun).await.unwrap().unwrap();
        catches_up(&peer.2).await;
        assert_eq!(*looks.borrow(), n * STREAMS_PER_PEER, "one more of the same peer waits");
        held.push(peer);
    }
    let late = enters(&harbour, 99).await;
    gets.extend(asks(&late.2, 1));
    catches_up(&late.2).await;
    assert_eq!(*looks.borrow(), STREAMS, "one more of anybody waits");
    harbour.node.serves.add_permits(all);
    for get in gets {
        let got = timeout(PATIENCE, get).await.unwrap().unwrap();
        assert_eq!(got.as_deref(), Ok(GIFT), "what waited is served");
    }
    assert_eq!(*looks.borrow(), STREAMS + STREAMS / STREAMS_PER_PEER + 1);
}

#[tokio::test]
async fn a_connection_has_sixty_four_streams_at_once() {
    let harbour = House::new(20).await;
    let (_puppet, _strings, conn) = enters(&harbour, 30).await;
    let mut open = Vec::new();
    for _ in 0..STREAMS_PER_CONNECTION {
        let (mut send, recv) = timeout(PATIENCE, conn.open_bi()).await.unwrap().unwrap();
        send.write_all(&[0]).await.unwrap();
        open.push((send, recv));
    }
    // Room for all of them came at once, so there is none for another.
    let mut another = std::pin::pin!(conn.open_bi());
    let mut look = Context::from_waker(Waker::noop());
    assert!(matches!(another.as_mut().poll(&mut look), Poll::Pending));
    // Room is given back by the handful.
    for (mut send, mut recv) in open.drain(..STREAMS_PER_CONNECTION / 4) {
        send.finish().unwrap();
        assert!(timeout(PATIENCE, recv.read_to_end(10)).await.unwrap().is_err());
    }
    assert!(timeout(PATIENCE, another).await.unwrap().is_ok());
}

#[tokio::test]
async fn eight_frames_wait_for_the_control_stream_and_the_ninth_for_its_place() {
    let (north, harbour) = neighbours().await;
    north.gives(GIFT, &[&harbour.keys]).await;
    let (to, most) = (harbour.human(), CONTROL_QUEUE * REVOCATIONS);
    let all: Vec<Vec<u8>> = (0..=most).map(|n| n.to_be_bytes().to_vec()).collect();
    let mut look = Context::from_waker(Waker::noop());
    // One thread runs all of this: nothing is taken to the stream between the two looks.
    let mut fit = std::pin::pin!(north.host.withdraw(&to, all[..most].to_vec()));
    assert_eq!(fit.as_mut().poll(&mut look), Poll::Ready(Ok(())));
    let mut another = std::pin::pin!(north.host.withdraw(&to, all[most..].to_vec()));
    assert_eq!(another.as_mut().poll(&mut look), Poll::Pending);
    assert_eq!(timeout(PATIENCE, another).await.unwrap(), Ok(()));
    // However fast they come here, they are said at the other's pace, all and in their order.
    let frames = |events: &Vec<Event>| {
        let lists = events.iter().filter_map(|event| match event {
            Event::Revoked(from, list) if *from == north.party() => Some(list.clone()),
            _ => None,
        });
        lists.collect::<Vec<_>>()
    };
    let events = harbour.node.until(|events| frames(events).len() == CONTROL_QUEUE + 1).await;
    assert_eq!(frames(&events).concat(), all);
    gets(&north, &harbour).await;
}

/// A request may have four KiB: of a longer one nothing more is held, and it is refused.
#[tokio::test]
async fn a_request_that_does_not_end_is_refused() {
    let harbour = House::new(20).await;
    let (_puppet, _strings, conn) = enters(&harbour, 30).await;
    for (length, refused) in [(REQUEST, false), (REQUEST + 1, true), (64 << 10, true)] {
        let (mut send, mut recv) = conn.open_bi().await.unwrap();
        // A get, of which the rest is still to come.
        send.write_all(&[&[0], vec![0; length].as_slice()].concat()).await.unwrap();
        if refused {
            assert!(timeout(PATIENCE, recv.read_to_end(10)).await.unwrap().is_err(), "{length}");
        } else {
            let mut answer = std::pin::pin!(recv.read_to_end(10));
            let mut look = Context::from_waker(Waker::noop());
            catches_up(&conn).await;
            assert!(matches!(answer.as_mut().poll(&mut look), Poll::Pending), "{length}");
        }
    }
    assert_eq!(asks(&conn, 1).remove(0).await.unwrap().as_deref(), Ok(GIFT));
}

/// Writes as much as the other end has room for.
fn fills(send: &mut SendStream) -> usize {
    let (mut written, bytes) = (0, [0; 1_000]);
    loop {
        let mut write = std::pin::pin!(send.write(&bytes));
        match write.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(more) => written += more.unwrap(),
            Poll::Pending => return written,
        }
    }
}

#[tokio::test]
async fn what_nobody_reads_is_buffered_so_far_and_no_further() {
    let (north, harbour) = neighbours().await;
    harbour.gives(GIFT, &[&north.keys]).await;
    let foe = Puppet::new(Keys::new(30)).await;
    harbour.knows(&foe.keys);
    let strings = foe.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = foe.connect(&harbour, CRYSTAL_ALPN).await;
    let mut heads = conn.open_uni().await.unwrap();
    // One frame is worked on; nobody reads on, and nobody takes the other stream.
    let all = harbour.node.serves.forget_permits(usize::MAX);
    let offered = Offered { seq: 1, head: vec![1].into(), receipt: vec![1].into(), grant: None };
    let frame = pack_heads(vec![offered]).unwrap().remove(0);
    let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
    heads.write_all(&[&length, frame.as_slice()].concat()).await.unwrap();
    let read = 4 + frame.len();
    let one = read + fills(&mut heads);
    assert!((STREAM_WINDOW..=STREAM_WINDOW + read).contains(&one), "{one} bytes on one stream");
    let (mut beside, _recv) = conn.open_bi().await.unwrap();
    let both = one + fills(&mut beside);
    assert!((WINDOW..=WINDOW + read).contains(&both), "{both} bytes on both");
    harbour.node.serves.add_permits(all);
    gets(&harbour, &north).await;
    // What it was is no frame.
    assert_eq!(strings.code().await, Code::Malformed);
}
