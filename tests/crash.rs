//! Killed at every write of the way that a receipt goes, from the ask to the last total and its
//! countersignature, signed by the human and by a rule: what was acknowledged is there, what left is
//! covered, nothing is done twice, and the journal is whole.
//!
//! The node and its store are real; only the disk under the store is one that fails at the write
//! that a test names. What is left of it then is tried in three forms: all that was written, as
//! after a kill; what was synced, as after a power cut; and what was synced with parts of the
//! rest. Processes that are killed at a write of the file itself are in `killed`.

#[path = "crash/house.rs"]
mod house;
#[path = "crash/killed.rs"]
mod killed;
#[path = "interleave/people.rs"]
#[allow(dead_code, reason = "the other half is for the interleavings")]
mod people;
#[path = "crash/rotate.rs"]
mod rotate;
#[path = "crash/walk.rs"]
mod walk;

use artifact::ArtifactId;
use house::{House, allow, ask, built};
use node::Request;
use people::Peer;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};
use town::disk::{Disk, Failure, Left};
use walk::{check, replay, replay_nonces, walk};

/// Dies at the `n`th write, or fails at it once, and is looked at in every form it may have.
async fn fail_at(n: u64, failure: Failure, from: &(House<Disk>, Peer, ArtifactId)) {
    let (built, peer, id) = from;
    let house = built.copy(built.disk.copy());
    let node = house.run().await;
    house.disk.fail(n, failure);
    let done = walk(&node, peer, id, |_| {}).await;
    node.stop().await;
    let exported = house.exported(id).await;
    let forms = match failure {
        Failure::Once => vec![Left::All],
        Failure::ForGood => vec![Left::All, Left::Synced, Left::Torn(n), Left::Torn(!n)],
    };
    for left in forms {
        let told = format!("write {n} fails {failure:?}, {left:?} is left, after {done:?}");
        let _said = Said(told);
        let after = house.copy(house.disk.after(left));
        let node = after.run().await;
        check(&node, peer, id, &done, exported).await;
        replay(&node, peer, id, &done).await;
        node.stop().await;
        replay_nonces(&after);
    }
}

/// Says what was tried, when that fails.
struct Said(String);

impl Drop for Said {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

fn alone<T>(run: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run)
}

/// Fails at each write of the way, one after the other.
fn at_every_write(failure: Failure) {
    let from = alone(built());
    let writes = alone(async {
        let (built, peer, id) = &from;
        let house = built.copy(built.disk.copy());
        let node = house.run().await;
        let before = house.disk.done();
        let done = walk(&node, peer, id, |_| {}).await;
        assert!(done.is_all(), "{done:?}");
        let writes = house.disk.done() - before;
        node.stop().await;
        check(&house.run().await, peer, id, &done, true).await;
        writes
    });
    assert!(writes > 30, "the way has only {writes} writes");
    // The last ones fail while the node stops.
    side_by_side(writes + 5, |n| alone(fail_at(n, failure, &from)));
    println!("{writes} writes and syncs, each failing {failure:?}");
}

/// Does it for every number from 1 to this one, several at once.
fn side_by_side(last: u64, act: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(1);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n > last {
                        break;
                    }
                    act(n);
                }
            });
        }
    });
}

#[test]
fn dying_at_any_write_loses_nothing_and_lets_nothing_out() {
    at_every_write(Failure::ForGood);
}

#[test]
fn a_write_that_fails_once_loses_nothing_and_lets_nothing_out() {
    at_every_write(Failure::Once);
}

/// A block cuts before it is written, and where it cannot be written it cuts all the same.
#[tokio::test]
async fn a_block_that_the_disk_refuses_cuts_off_all_the_same() {
    let (house, peer, id) = built().await;
    let node = house.run().await;
    let to = vec![peer.human().to_string()];
    let shared = ask(&node, Request::SharePrivate { id: id.to_string(), to }).await.unwrap();
    allow(&node, shared).await.unwrap();
    let inside = node.toward_peers();
    assert!(inside.entitled(&peer.party, &id).is_some());
    house.disk.fail(1, Failure::ForGood);
    let fault = node.block(&peer.human().to_string(), "").await.unwrap_err();
    assert!(fault.hint.contains("cut off while this node runs"), "{fault}");
    for _ in 0..2 {
        assert!(inside.entitled(&peer.party, &id).is_none());
        assert!(inside.blocked(&peer.human()));
        assert_eq!(inside.standing(&peer.party.transport), peer::Standing::Blocked);
        assert!(inside.offers(peer.party, 0).await.unwrap_or_default().is_empty());
        // It is tried again, in vain: nothing forgets it meanwhile.
        assert!(node.tick().await.is_err());
    }
    node.stop().await;
    // The store never knew.
    let after = house.copy(house.disk.after(Left::All));
    let node = after.run().await;
    assert!(node.blocked().unwrap().is_empty());
    node.stop().await;
}

/// What was only counted is counted on when the disk refuses it.
#[tokio::test]
async fn what_a_refusing_disk_did_not_take_is_counted_on() {
    let (house, _, id) = built().await;
    let (node, caller) = (house.run().await, people::agent(0));
    let (agents, inside) = (node.toward_agents(), node.toward_peers());
    let stranger = Peer::new(40);
    let used = || {
        let (key, row) = node.look().unwrap().agents().unwrap().remove(0);
        (row.recalls + node.agent_not_written(&key).1, row.recalls)
    };
    let knocks = || node.inbox().unwrap()[0].times;
    let comes = || inside.knocked(stranger.card.clone(), stranger.party.transport);
    let recall = || {
        let request = serde_json::from_value(serde_json::json!({ "recall": { "query": "x" } }));
        agents.agent(caller.clone(), request.unwrap())
    };
    for _ in 0..3 {
        comes().await;
        drop(recall().await);
    }
    node.tick().await.unwrap();
    assert_eq!((used(), knocks()), ((3, 3), 3));
    for _ in 0..2 {
        comes().await;
        drop(recall().await);
    }
    house.disk.fail(1, Failure::Once);
    for _ in 0..3 {
        assert!(node.tick().await.is_err());
        comes().await;
        drop(recall().await);
    }
    assert_eq!((used(), knocks()), ((8, 3), 8));
    assert!(node.look().unwrap().crystal(&id).unwrap().is_some());
    node.stop().await;
}
