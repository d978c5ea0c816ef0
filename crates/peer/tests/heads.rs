//! Heads are told to whom they are for, at Ready and at allow.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "town/lib.rs"]
mod town;

use artifact::ArtifactId;
use peer::{CRYSTAL_ALPN, Code, Offer, Offered, PushError};
use session::{Message, Ping};
use std::sync::atomic::Ordering;
use tokio::{sync::Semaphore, time::timeout};
use town::{DAY, Event, House, Keys, NOW, PATIENCE, Puppet, code_of, head, introduce, neighbours};

fn parts(offers: &[Offer]) -> Vec<Offered> {
    let part = |o: &Offer| Offered {
        seq: o.seq,
        head: o.head.clone().into(),
        receipt: o.receipt.envelope().to_vec().into(),
        grant: None,
    };
    offers.iter().map(part).collect()
}

#[tokio::test]
async fn at_ready_each_side_hears_what_its_human_is_entitled_to() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    let from_north = north.keys.offer(b"from north", Some(&[&harbour.keys]));
    let from_harbour = harbour.keys.offer(b"from harbour", None);
    // A node that errs: this one is for somebody else, and is not told.
    let not_theirs = harbour.keys.offer(b"for eve", Some(&[&Keys::new(40)]));
    let offers = vec![not_theirs, from_harbour.clone()];
    north.node.offers.lock().unwrap().insert(harbour.human(), vec![from_north.clone()]);
    harbour.node.offers.lock().unwrap().insert(north.human(), offers);
    introduce(&north, &harbour).await;
    let heard = Event::Heads(harbour.party(), parts(&[from_harbour]));
    north.node.until_event(|event| *event == heard).await;
    let heard = Event::Heads(north.party(), parts(&[from_north]));
    harbour.node.until_event(|event| *event == heard).await;
}

#[tokio::test]
async fn a_push_reaches_a_connected_human_and_nobody_else() {
    let (north, harbour) = neighbours().await;
    for n in 0..3_u8 {
        let offer = harbour.keys.offer(&[n; 10], Some(&[&north.keys]));
        harbour.host.push(&north.human(), vec![offer.clone()]).await.unwrap();
        let heard = Event::Heads(harbour.party(), parts(&[offer]));
        north.node.until_event(|event| *event == heard).await;
    }
    let eve = Keys::new(40);
    let for_eve = harbour.keys.offer(b"for eve", Some(&[&eve]));
    let to = north.human();
    let push = |offer: Offer| harbour.host.push(&to, vec![offer]);
    assert_eq!(push(for_eve.clone()).await, Err(PushError::NotAdmitted));
    let gone = harbour.host.push(&eve.human.public(), vec![for_eve]).await;
    assert_eq!(gone, Err(PushError::NotConnected));
    // The consent of another human, and a head of other bytes than the receipt's.
    let passed_on = north.keys.offer(b"north's own", None);
    assert_eq!(push(passed_on).await, Err(PushError::NotAdmitted));
    let receipt = harbour.keys.receipt(b"these", None);
    let swapped = Offer { seq: 1, receipt, head: head(b"those") };
    assert_eq!(push(swapped).await, Err(PushError::NotAdmitted));
    assert_eq!(north.node.count(|event| matches!(event, Event::Heads(..))), 3);
}

#[tokio::test]
async fn more_heads_than_fit_a_frame_all_arrive() {
    let (north, harbour) = neighbours().await;
    let numbered =
        |n: u32| Offer { seq: u64::from(n) + 1, ..harbour.keys.offer(&n.to_le_bytes(), None) };
    let offers: Vec<Offer> = (0..400_u32).map(numbered).collect();
    harbour.host.push(&north.human(), offers.clone()).await.unwrap();
    let count = |events: &Vec<Event>| -> usize {
        events.iter().map(|e| if let Event::Heads(_, o) = e { o.len() } else { 0 }).sum()
    };
    let events = north.node.until(|events| count(events) == 400).await;
    let heard: Vec<_> = events
        .into_iter()
        .filter_map(|e| if let Event::Heads(_, offers) = e { Some(offers) } else { None })
        .collect();
    assert!(heard.len() > 1);
    assert_eq!(heard.concat(), parts(&offers));
}

#[tokio::test]
async fn what_ends_while_it_is_told_is_cut_in_the_middle() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    let (ends, stays) = (harbour.keys.offer(b"ends", None), harbour.keys.offer(b"stays", None));
    // Far more than fits on the way to somebody who does not listen.
    let many = 20_000;
    let offers = (1..=many).map(|seq| Offer { seq, ..ends.clone() });
    let offers = offers.chain([Offer { seq: many + 1, ..stays.clone() }]).collect();
    harbour.node.offers.lock().unwrap().insert(north.human(), offers);
    north.node.serves.forget_permits(Semaphore::MAX_PERMITS);
    introduce(&north, &harbour).await;
    harbour.host.stop(&ends.receipt.id(), None);
    north.node.serves.add_permits(1_000);
    let last = |event: &Event| match event {
        Event::Heads(_, offers) => offers.iter().any(|offer| offer.seq == many + 1),
        _ => false,
    };
    north.node.until_event(last).await;
    let heard = north.node.events.borrow().iter().fold(0, |heard, event| match event {
        Event::Heads(_, offers) => heard + offers.len() as u64,
        _ => heard,
    });
    assert!(heard < many, "all {heard} were told");
}

#[tokio::test]
async fn heads_whose_time_is_over_while_they_are_told_are_cut_in_the_middle() {
    let (harbour, eve) = (House::new(20).await, Puppet::new(Keys::new(30)).await);
    harbour.knows(&eve.keys);
    let receipt = harbour.keys.receipt_until(b"ends", &[&eve.keys], NOW + DAY);
    // Far more than fits on the way to somebody who does not listen.
    let offer = |seq| Offer { seq, receipt: receipt.clone(), head: head(b"ends") };
    let stays = Offer { seq: 20_001, ..harbour.keys.offer(b"stays", None) };
    let offers = (1..=20_000).map(offer).chain([stays]).collect();
    harbour.node.offers.lock().unwrap().insert(eve.keys.human.public(), offers);
    eve.endpoint.set_alpns(vec![CRYSTAL_ALPN.to_vec()]);
    let _strings = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
    let first = timeout(PATIENCE, eve.endpoint.accept()).await.unwrap().unwrap().await.unwrap();
    let _unread = timeout(PATIENCE, first.accept_uni()).await.unwrap().unwrap();
    harbour.node.later.store(DAY, Ordering::SeqCst);
    assert_eq!(code_of(&first).await, Code::Gone);
    // What may still be told comes over another connection.
    let next = timeout(PATIENCE, eve.endpoint.accept()).await.unwrap().unwrap().await.unwrap();
    let mut heads = timeout(PATIENCE, next.accept_uni()).await.unwrap().unwrap();
    let mut length = [0; 4];
    timeout(PATIENCE, heads.read_exact(&mut length)).await.unwrap().unwrap();
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    timeout(PATIENCE, heads.read_exact(&mut frame)).await.unwrap().unwrap();
    let Ok(Message::Heads(told)) = Message::decode(&frame) else { panic!("heads") };
    assert_eq!(told.offers.iter().map(|one| one.seq).collect::<Vec<_>>(), [20_001]);
}

#[tokio::test]
async fn what_could_not_be_told_is_told_when_the_node_says_so_again() {
    let (north, harbour) = (House::new(10).await, House::new(20).await);
    let offer = harbour.keys.offer(b"from harbour", None);
    harbour.node.offers.lock().unwrap().insert(north.human(), vec![offer.clone()]);
    harbour.node.may_look.store(false, Ordering::SeqCst);
    introduce(&north, &harbour).await;
    let looks = |events: &Vec<Event>| {
        events.iter().filter(|event| **event == Event::Looked(north.party())).count()
    };
    harbour.node.until(|events| looks(events) == 1).await;
    harbour.node.may_look.store(true, Ordering::SeqCst);
    let heard = Event::Heads(harbour.party(), parts(&[offer]));
    let mut events = north.node.events.subscribe();
    let comes = async {
        while !events.borrow_and_update().contains(&heard) {
            harbour.host.tell_late();
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, comes).await.unwrap();
    // In this session, once: what was told is not told again.
    assert_eq!(north.node.count(|event| matches!(event, Event::Ready(_))), 1);
    harbour.host.tell_late();
    let next = harbour.keys.offer(b"the next", None);
    harbour.host.push(&north.human(), vec![next.clone()]).await.unwrap();
    let heard = Event::Heads(harbour.party(), parts(&[next]));
    north.node.until_event(|event| *event == heard).await;
    assert_eq!(north.node.count(|event| matches!(event, Event::Heads(..))), 2);
}

#[tokio::test]
async fn wants_and_declines_are_told() {
    let (north, harbour) = neighbours().await;
    let id = ArtifactId::of(b"x");
    north.host.want(&harbour.human(), id).await.unwrap();
    north.host.decline(&harbour.human(), id, "wrong-head").await.unwrap();
    let declined = Event::Declined(north.party(), id, "wrong-head".to_owned());
    harbour.node.until_event(|event| *event == declined).await;
    assert_eq!(harbour.node.count(|event| *event == Event::Wanted(north.party(), id)), 1);
}

#[tokio::test]
async fn what_has_no_place_on_the_crystal_channel_ends_the_session() {
    for (frame, code) in [
        (Message::Ping(Ping {}).encode().unwrap(), Code::OutOfOrder),
        (b"noise".to_vec(), Code::Malformed),
    ] {
        let (harbour, eve) = (House::new(20).await, Puppet::new(Keys::new(30)).await);
        harbour.knows(&eve.keys);
        let strings = eve.shake(&harbour, None, |_, _| {}).await.unwrap();
        let conn = eve.connect(&harbour, CRYSTAL_ALPN).await;
        let mut send = conn.open_uni().await.unwrap();
        let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
        send.write_all(&[&length, frame.as_slice()].concat()).await.unwrap();
        assert_eq!(code_of(&conn).await, code);
        assert_eq!(strings.code().await, code);
        let gone = |event: &Event| matches!(event, Event::Gone(_, why) if why == code.word());
        harbour.node.until_event(gone).await;
    }
}
