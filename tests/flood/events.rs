//! A flood of events at one node: so many wait, more wait for a place among them, and none is lost.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};
use store::RetentionRow;
use tokio::task::unconstrained;
use town::Town;

/// The events that may wait.
const QUEUE: u64 = 256;

/// Whether it is over at the first look.
fn is_over<T>(future: Pin<&mut impl Future<Output = T>>) -> bool {
    matches!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_events_256_wait_and_the_next_for_its_place() {
    let town = Town::new().house("north").open().await;
    let node = town.node("north");
    let keeps = || node.look().unwrap().retention().unwrap().days;
    // Each of these is one event, which says what is kept from then on.
    let keep = |days| {
        let node = node.clone();
        Box::pin(unconstrained(async move {
            node.retain(RetentionRow { days: Some(days), bytes: None }).await
        }))
    };
    let held = town.clock.hold_events();
    let ticks = tokio::spawn({
        let node = node.clone();
        async move { node.tick().await }
    });
    held.reached().await;
    let mut waiting: Vec<_> = (1..=QUEUE).map(keep).collect();
    assert!(!waiting.iter_mut().any(|keep| is_over(keep.as_mut())));
    let (mut hasty, mut patient) = (keep(QUEUE + 1), keep(QUEUE + 2));
    assert!(!is_over(hasty.as_mut()) && !is_over(patient.as_mut()));
    // What has its place happens, also when nobody waits for it any more; who gives up before
    // there is one has said nothing.
    drop((waiting.split_off(1), hasty));
    drop(held);
    waiting.remove(0).await.unwrap();
    patient.await.unwrap();
    ticks.await.unwrap().unwrap();
    assert_eq!(keeps(), Some(QUEUE + 2), "who waited is heard");

    // The same, and nobody waits: the last that had a place is what stays.
    let held = town.clock.hold_events();
    let ticks = tokio::spawn({
        let node = node.clone();
        async move { node.tick().await }
    });
    held.reached().await;
    let mut waiting: Vec<_> = (1..=QUEUE + 1).map(keep).collect();
    assert!(!waiting.iter_mut().any(|keep| is_over(keep.as_mut())));
    drop(waiting);
    drop(held);
    ticks.await.unwrap().unwrap();
    // What is asked now comes after all of them.
    node.tick().await.unwrap();
    assert_eq!(keeps(), Some(QUEUE));
    town.close().await;
}
