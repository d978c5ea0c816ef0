//! What leaves through the gate: exactly what a receipt covers, and one answer to all else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "town/lib.rs"]
mod town;

use artifact::ArtifactId;
use iroh_blobs::{
    Hash,
    api::Store,
    get::{
        GetError,
        fsm::{self, BlobContentNext, ConnectedNext, RequestCounters},
        request::get_verified_size,
    },
    protocol::{ChunkRanges, ChunkRangesSeq, GetManyRequest, GetRequest, ObserveRequest},
    store::mem::MemStore,
};
use peer::{ExportError, FetchError, PACKET_ALPN, Timings};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tokio::time::timeout;
use town::{DAY, Event, House, Keys, NOW, PATIENCE, Plan, Puppet, neighbours};

const SECRET: &[u8] = b"secret bytes that nobody granted to eve";

fn serving(event: &Event) -> bool {
    matches!(event, Event::Serving(..))
}

#[tokio::test]
async fn what_a_receipt_covers_is_fetched_whole_and_written_down_first() {
    let (north, harbour) = neighbours().await;
    let bytes = vec![7; 100_000];
    let receipt = harbour.gives(&bytes, &[&north.keys]).await;
    let id = ArtifactId::of(&bytes);
    for _ in 0..3 {
        let got = north.host.fetch(&harbour.human(), &id, bytes.len() as u64).await;
        assert_eq!(got.as_ref(), Ok(&bytes));
    }
    let served = |event: &Event| matches!(event, Event::Served { whole: true, .. });
    let events = harbour.node.until(|e| e.iter().filter(|e| served(e)).count() == 3).await;
    // One entry for the session, before any transfer ended.
    assert_eq!(events.iter().filter(|e| serving(e)).count(), 1);
    let first = events.iter().position(serving).unwrap();
    assert!(first < events.iter().position(served).unwrap());
    let Event::Serving(under, to, session) = events[first] else { panic!() };
    assert_eq!((under, to), (receipt.id(), north.party()));
    assert!(session < 1 << 53);
    let whole = events.iter().find(|e| served(e)).unwrap();
    let Event::Served { artifact, bytes: sent, .. } = whole else { panic!() };
    assert_eq!(*artifact, id);
    assert!(*sent > 100_000 && *sent < 110_000, "{sent} bytes with the proof of each block");
}

#[tokio::test]
async fn an_artifact_of_the_largest_size_travels() {
    let (north, harbour) = neighbours().await;
    let bytes: Vec<u8> = (0..(1_u32 << 18)).flat_map(u32::to_le_bytes).collect();
    harbour.gives(&bytes, &[&north.keys]).await;
    let got = north.host.fetch(&harbour.human(), &ArtifactId::of(&bytes), 1 << 20).await;
    assert_eq!(got, Ok(bytes));
}

#[tokio::test]
async fn a_host_told_to_take_more_takes_more() {
    let mut plan = Plan::new(10);
    plan.largest = 32 << 20;
    let (north, harbour) = (plan.build().await, House::new(20).await);
    town::introduce(&north, &harbour).await;
    let bytes: Vec<u8> = (0..(32_u32 << 20) / 4).flat_map(u32::to_le_bytes).collect();
    harbour.gives(&bytes, &[&north.keys]).await;
    let got = north.host.fetch(&harbour.human(), &ArtifactId::of(&bytes), 32 << 20).await;
    assert!(got.as_ref() == Ok(&bytes), "{:?}", got.err());
}

#[tokio::test]
async fn everything_else_gets_one_answer() {
    let (north, harbour) = neighbours().await;
    let eve = Keys::new(40);
    // There, but for somebody else.
    harbour.gives(SECRET, &[&eve]).await;
    // Entitled, but not there.
    let absent = b"consented to, and not in the outbox".as_slice();
    let receipt = harbour.keys.receipt(absent, Some(&[&north.keys]));
    let key = (north.human(), ArtifactId::of(absent));
    harbour.node.entitled.lock().unwrap().insert(key, receipt);
    // The node says yes under a receipt that does not name this human.
    let wrong = b"a node that errs".as_slice();
    let receipt = harbour.gives(wrong, &[&eve]).await;
    let key = (north.human(), ArtifactId::of(wrong));
    harbour.node.entitled.lock().unwrap().insert(key, receipt);
    // Stopped.
    let stopped = b"revoked".as_slice();
    let receipt = harbour.gives(stopped, &[&north.keys]).await;
    harbour.host.stop(&receipt.id(), None);
    let unknown = b"never heard of".as_slice();
    for bytes in [SECRET, absent, wrong, stopped, unknown] {
        let (id, size) = (ArtifactId::of(bytes), bytes.len() as u64);
        let got = north.host.fetch(&harbour.human(), &id, size).await;
        assert_eq!(got, Err(FetchError::Refused), "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(harbour.node.count(serving), 0);
    assert_eq!(harbour.node.count(|e| matches!(e, Event::Served { .. })), 0);
    assert_eq!(harbour.node.count(|e| matches!(e, Event::Refused(_, "not-entitled"))), 5);
}

#[tokio::test]
async fn nothing_leaves_when_it_cannot_be_written_down() {
    let (north, harbour) = neighbours().await;
    harbour.gives(SECRET, &[&north.keys]).await;
    harbour.node.may_serve.store(false, Ordering::SeqCst);
    let (giver, id, size) = (harbour.human(), ArtifactId::of(SECRET), SECRET.len() as u64);
    let fetch = || north.host.fetch(&giver, &id, size);
    assert_eq!(fetch().await, Err(FetchError::Refused));
    assert_eq!(harbour.node.count(|e| matches!(e, Event::Served { .. })), 0);
    harbour.node.may_serve.store(true, Ordering::SeqCst);
    assert_eq!(fetch().await.unwrap(), SECRET);
}

#[tokio::test]
async fn stopping_a_receipt_cuts_the_transfer_and_is_for_good() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    town::introduce(&north, &harbour).await;
    let bytes: Vec<u8> = (0..(8_u32 << 20) / 4).flat_map(u32::to_le_bytes).collect();
    let id = ArtifactId::of(&bytes);
    let receipt = harbour.gives(&bytes, &[&north.keys]).await;
    // A reader that takes the beginning and then waits, so that the rest is still to be sent.
    let puppet = Puppet::new(Keys::new(50)).await;
    harbour.knows(&puppet.keys);
    let key = (puppet.keys.human.public(), id);
    let both = harbour.keys.receipt(&bytes, Some(&[&north.keys, &puppet.keys]));
    harbour.host.export(&both, &bytes).await.unwrap();
    harbour.node.entitled.lock().unwrap().insert(key, both.clone());
    let _strings = puppet.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = puppet.connect(&harbour, PACKET_ALPN).await;
    let request = GetRequest::blob(Hash::from_bytes(*id.as_bytes()));
    let begun = fsm::start(conn.clone(), request, RequestCounters::default()).next().await.unwrap();
    let ConnectedNext::StartRoot(root) = begun.next().await.unwrap() else { panic!("a root") };
    let (mut content, size) = root.next().next().await.unwrap();
    assert_eq!(size, bytes.len() as u64);
    let stopped = Instant::now();
    harbour.host.stop(&both.id(), None);
    let cut = |e: &Event| matches!(e, Event::Served { whole: false, .. });
    let Event::Served { bytes: sent, .. } = harbour.node.until_event(cut).await else { panic!() };
    assert!(sent < bytes.len() as u64, "{sent} of {} bytes", bytes.len());
    let broken = loop {
        match timeout(PATIENCE, content.next()).await.unwrap() {
            BlobContentNext::More((more, Ok(_))) => content = more,
            BlobContentNext::More((_, Err(error))) => break error,
            BlobContentNext::Done(_) => panic!("the stream is reset, not finished"),
        }
    };
    assert_eq!(GetError::from(broken).iroh_error_code().map(u64::from), Some(1));
    // By the stop, and not by the time a slow reader is given.
    assert!(stopped.elapsed() < Timings::default().read / 2, "{:?}", stopped.elapsed());

    let again = get_verified_size(&conn, &Hash::from_bytes(*id.as_bytes())).await;
    assert_eq!(again.err().and_then(|e| e.iroh_error_code()).map(u64::from), Some(1));
    // Another receipt over the same bytes still serves.
    assert_ne!(receipt.id(), both.id());
    let size = bytes.len() as u64;
    let too_large = FetchError::TooLarge { size, cap: 1 << 20 };
    assert_eq!(north.host.fetch(&harbour.human(), &id, size).await, Err(too_large));
}

#[tokio::test]
async fn a_transfer_that_outlives_its_receipt_is_cut() {
    let (harbour, puppet) = (House::new(20).await, Puppet::new(Keys::new(50)).await);
    let bytes: Vec<u8> = (0..(8_u32 << 20) / 4).flat_map(u32::to_le_bytes).collect();
    let id = ArtifactId::of(&bytes);
    harbour.knows(&puppet.keys);
    let receipt = harbour.keys.receipt_until(&bytes, &[&puppet.keys], NOW + DAY);
    harbour.host.export(&receipt, &bytes).await.unwrap();
    harbour.node.entitled.lock().unwrap().insert((puppet.keys.human.public(), id), receipt);
    let _strings = puppet.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = puppet.connect(&harbour, PACKET_ALPN).await;
    // A reader that takes the beginning and then waits, so that the rest is still to be sent.
    let request = GetRequest::blob(Hash::from_bytes(*id.as_bytes()));
    let begun = fsm::start(conn.clone(), request, RequestCounters::default()).next().await.unwrap();
    let ConnectedNext::StartRoot(root) = begun.next().await.unwrap() else { panic!("a root") };
    let (_content, size) = root.next().next().await.unwrap();
    assert_eq!(size, bytes.len() as u64);
    assert_eq!(harbour.node.count(|e| matches!(e, Event::Served { .. })), 0);
    let over = Instant::now();
    harbour.node.later.store(DAY, Ordering::SeqCst);
    let cut = |e: &Event| matches!(e, Event::Served { whole: false, .. });
    harbour.node.until_event(cut).await;
    // By the end of its time, and not by the time a slow reader is given.
    assert!(over.elapsed() < Timings::default().read / 2, "{:?}", over.elapsed());
    let again = get_verified_size(&conn, &Hash::from_bytes(*id.as_bytes())).await;
    assert_eq!(again.err().and_then(|e| e.iroh_error_code()).map(u64::from), Some(1));
}

#[tokio::test]
async fn no_shape_of_request_reads_a_blob_as_a_list_of_hashes() {
    let harbour = House::new(20).await;
    let eve = Puppet::new(Keys::new(30)).await;
    harbour.knows(&eve.keys);
    let secret = Hash::new(SECRET);
    harbour.gives(SECRET, &[&Keys::new(40)]).await;
    // The bait is eve's to have, and its content is the name of the secret.
    harbour.gives(secret.as_bytes(), &[&eve.keys]).await;
    let bait = Hash::new(secret.as_bytes());
    let _strings = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = eve.connect(&harbour, PACKET_ALPN).await;
    for (name, ranges) in [
        ("blob", ChunkRangesSeq::from_ranges([ChunkRanges::all()])),
        ("all", ChunkRangesSeq::all()),
        ("root and child", ChunkRangesSeq::from_ranges([ChunkRanges::all(), ChunkRanges::all()])),
        ("child", ChunkRangesSeq::from_ranges([ChunkRanges::empty(), ChunkRanges::all()])),
        ("nothing", ChunkRangesSeq::from_ranges(std::iter::empty::<ChunkRanges>())),
        ("size", ChunkRangesSeq::verified_size()),
        ("child sizes", ChunkRangesSeq::verified_child_sizes()),
    ] {
        let is_blob = ranges.is_blob();
        let mine = MemStore::new();
        mine.add_slice(secret.as_bytes()).await.unwrap();
        let got = mine.remote().execute_get(conn.clone(), GetRequest::new(bait, ranges));
        let got = timeout(PATIENCE, got.complete()).await.unwrap();
        assert!(!mine.has(secret).await.unwrap(), "{name} leaked the secret");
        assert_eq!(got.is_ok(), is_blob, "{name}");
        assert_eq!(is_blob, matches!(name, "blob" | "size"), "{name}");
        if let Err(error) = got {
            assert_eq!(error.iroh_error_code().map(u64::from), Some(1), "{name}");
        }
    }
}

#[tokio::test]
async fn only_get_is_served() {
    let harbour = House::new(20).await;
    let eve = Puppet::new(Keys::new(30)).await;
    harbour.knows(&eve.keys);
    harbour.gives(SECRET, &[&eve.keys]).await;
    let _strings = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = eve.connect(&harbour, PACKET_ALPN).await;
    let store = MemStore::new();
    let many = GetManyRequest::from_iter([Hash::new(SECRET)]);
    let many = store.remote().execute_get_many(conn.clone(), many).complete();
    let refused = timeout(PATIENCE, many).await.unwrap().unwrap_err();
    assert_eq!(refused.iroh_error_code().map(u64::from), Some(1));
    let store: &Store = store.as_ref();
    let observed = store.remote().observe(conn.clone(), ObserveRequest::new(Hash::new(SECRET)));
    let mut observed = Box::pin(observed);
    let observed = timeout(PATIENCE, n0_future::StreamExt::next(&mut observed)).await.unwrap();
    assert!(!matches!(observed, Some(Ok(_))));
    // Noise, and a push.
    for request in [vec![], vec![255], vec![3, 1, 2, 3], vec![0; 300]] {
        let (mut send, mut recv) = conn.open_bi().await.unwrap();
        send.write_all(&request).await.unwrap();
        send.finish().unwrap();
        let answer = timeout(PATIENCE, recv.read_to_end(1000)).await.unwrap();
        assert!(answer.is_err(), "{request:?} was answered with {answer:?}");
    }
    assert_eq!(harbour.node.count(serving), 0);
    // And the connection still serves what it should.
    let got = store.remote().fetch(conn, Hash::new(SECRET)).await;
    assert!(got.is_ok());
}

#[tokio::test]
async fn the_outbox_takes_only_what_this_humans_receipt_names() {
    let (north, harbour) = neighbours().await;
    let receipt = harbour.keys.receipt(SECRET, None);
    assert_eq!(harbour.host.export(&receipt, b"others").await, Err(ExportError::OtherBytes));
    assert_eq!(north.host.export(&receipt, SECRET).await, Err(ExportError::NotMine));
    let id = ArtifactId::of(SECRET);
    assert!(!harbour.host.has(&id).await && !north.host.has(&id).await);
    harbour.host.export(&receipt, SECRET).await.unwrap();
    harbour.host.export(&receipt, SECRET).await.unwrap();
    assert!(harbour.host.has(&id).await);
}

#[tokio::test]
async fn more_than_was_announced_is_not_taken() {
    let (north, harbour) = neighbours().await;
    harbour.gives(SECRET, &[&north.keys]).await;
    let (id, size) = (ArtifactId::of(SECRET), SECRET.len() as u64);
    let giver = harbour.human();
    let fetch = |size| north.host.fetch(&giver, &id, size);
    assert_eq!(fetch(size - 1).await, Err(FetchError::TooLarge { size, cap: size - 1 }));
    assert_eq!(fetch(size + 1).await, Err(FetchError::WrongBytes));
    assert_eq!(fetch(2 << 20).await, Err(FetchError::TooLarge { size: 2 << 20, cap: 1 << 20 }));
    let nobody = Keys::new(60).human.public();
    assert_eq!(north.host.fetch(&nobody, &id, size).await, Err(FetchError::NotConnected));
    assert_eq!(fetch(size).await.unwrap(), SECRET);
}

#[tokio::test]
async fn a_silent_request_does_not_hold_its_place() {
    let mut plan = Plan::new(20);
    plan.timings.read = Duration::from_millis(100);
    let (harbour, eve) = (plan.build().await, Puppet::new(Keys::new(30)).await);
    harbour.knows(&eve.keys);
    let _strings = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
    let conn = eve.connect(&harbour, PACKET_ALPN).await;
    let (mut send, mut recv) = conn.open_bi().await.unwrap();
    send.write_all(&[0]).await.unwrap();
    assert!(timeout(PATIENCE, recv.read_to_end(10)).await.unwrap().is_err());
}
