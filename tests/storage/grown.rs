//! A log that grows while its human is asked about what was made of its beginning.

use artifact::ArtifactId;
use node::{JobPhase, Node, Notice};
use std::{fs, path::Path};
use tokio::{sync::broadcast::Receiver, task::yield_now, time::timeout};
use town::{PATIENCE, Town, has, log};

/// How many files lie in a folder.
fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

async fn ended(notices: &mut Receiver<Notice>, job: u64) {
    loop {
        match notices.recv().await.unwrap() {
            Notice::Job(told) if told.id == job && told.phase == JobPhase::Finished => return,
            _ => {}
        }
    }
}

fn crystals(node: &Node) -> Vec<ArtifactId> {
    let all = node.look().unwrap().crystals(|_, _| true).unwrap();
    all.into_iter().map(|(id, _)| id).collect()
}

/// The ask came after the log was read and before what was made of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_while_its_log_is_read_again_stays() {
    let town = Town::new().house("north").open().await;
    let (whole, path) = (log::small(1), town.ground().join("growing.jsonl"));
    let beginning: String = whole.split_inclusive('\n').take(5).collect();
    fs::write(&path, beginning).unwrap();
    let before = town.import("north", &path).await;
    let (node, traces) = (town.node("north").clone(), town.home("north").join("traces"));
    let mut notices = node.notices();

    let held = town.clock.hold_events();
    let there = files(&traces);
    // It has its place among the events, and waits there.
    let asks = async { town.share("north", &before, &[]).await };
    let reads = async {
        held.reached().await;
        fs::write(&path, whole).unwrap();
        let job = node.import(&path).unwrap();
        // Its log and its trace: what comes next is the event that keeps them.
        let read = async {
            while files(&traces) < there + 2 {
                yield_now().await;
            }
        };
        timeout(PATIENCE, read).await.unwrap();
        drop(held);
        timeout(PATIENCE, ended(&mut notices, job)).await.unwrap();
    };
    let (ask, ()) = tokio::join!(asks, reads);
    assert_eq!(crystals(&node).len(), 2, "neither gives way to the other");
    assert!(has(&node, &before));
    assert_eq!(town.pending("north").iter().map(|one| one.id).collect::<Vec<_>>(), [ask]);
    drop(node);
    town.close().await;
}
