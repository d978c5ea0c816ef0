//! What the human forgets goes with its log and does not come back: after a kill at any moment,
//! after it was shared, and while its log is being read again.

use artifact::ArtifactId;
use node::{Code, JobPhase, Notice, Revoke};
use std::{collections::BTreeSet, fs, path::Path};
use tokio::{sync::broadcast::Receiver, task::yield_now, time::timeout};
use town::{PATIENCE, Town, has, left::files_with, log};

const CHILD: &str = "TRACENET_TEST_FORGET_HOME";

/// Run as a child: forgets one crystal after the other, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn child_forgets() {
    let Some(home) = std::env::var_os(CHILD) else { return };
    let node = super::opened_in_a_child(home.into()).await;
    for (id, _) in node.look().unwrap().crystals(|_, _| true).unwrap() {
        node.forget(&id.to_string()).await.unwrap();
        println!("forgot {id}");
    }
}

/// Lets a child forget until it has said so `many` times, and kills it: what it said.
fn killed_after(many: usize, home: &Path) -> BTreeSet<String> {
    super::killed_after(many, ("forget::child_forgets", CHILD, home), "forgot ")
}

/// Files in the folder of traces.
fn files(town: &Town) -> usize {
    fs::read_dir(town.home("north").join("traces")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_stays_so_after_a_kill_at_any_moment() {
    const ALL: usize = 12;
    let mut town = Town::new().house("north").open().await;
    for n in 1..=ALL {
        town.import_small("north", u32::try_from(n).unwrap()).await;
    }
    let mut said = BTreeSet::new();
    for many in [0, 1, 2, 1, 0, 3] {
        town.stop("north").await;
        said.extend(killed_after(many, town.home("north")));
        town.start("north").await;
        let look = town.node("north").look().unwrap();
        let here = look.crystals(|_, _| true).unwrap();
        assert!(here.iter().all(|(id, _)| !said.contains(&id.to_string())), "it came back");
        assert!(here.len() <= ALL - said.len());
        assert_eq!(look.forgotten().unwrap().len(), ALL - here.len(), "one tombstone each");
        // A log and a trace of each that is here, and of no other.
        assert_eq!((look.traces().unwrap().0 as usize, files(&town)), (here.len(), 2 * here.len()));
    }
    assert!(said.len() >= 7);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shared_is_ended_first_and_then_only_its_receipt_is_left() {
    let mut town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let id = town.import_small("north", 1).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    let envelope = town.bytes("north", &id).unwrap();
    let node = town.node("north").clone();
    let refused = node.forget(&id.to_string()).await.unwrap_err();
    assert_eq!(refused.code, Code::Refused, "{refused}");
    assert_eq!(files(&town), 2, "nothing went");

    node.revoke(Revoke::One(id.to_string()), "").await.unwrap();
    assert!(node.forget(&id.to_string()).await.unwrap() > 0);
    drop(node);
    town.stop("north").await;
    town.start("north").await;
    let look = town.node("north").look().unwrap();
    assert!(look.crystal(&id).unwrap().is_none() && look.snapshot(&id).unwrap().is_none());
    assert_eq!(look.receipts_of(&id).unwrap().len(), 1, "what was signed stays signed");
    let middle = &envelope[envelope.len() / 2..][..48];
    for folder in ["traces", "index"] {
        assert_eq!(files_with(&town.home("north").join(folder), &[middle]), 0, "{folder}");
    }
    assert!(has(town.node("harbour"), &id), "a copy cannot be recalled");
    drop(look);
    town.close().await;
}

async fn ended(notices: &mut Receiver<Notice>, job: u64) -> node::Job {
    loop {
        match notices.recv().await.unwrap() {
            Notice::Job(told) if told.id == job && told.phase == JobPhase::Finished => return told,
            _ => {}
        }
    }
}

/// It is forgotten after its longer log was read and before what was made of that is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_while_its_log_is_read_again_does_not_come_back() {
    let town = Town::new().house("north").open().await;
    let (whole, path) = (log::small(1), town.ground().join("growing.jsonl"));
    let beginning: String = whole.split_inclusive('\n').take(5).collect();
    fs::write(&path, beginning).unwrap();
    let before: ArtifactId = town.import("north", &path).await;
    let node = town.node("north").clone();
    let mut notices = node.notices();

    let held = town.clock.hold_events();
    let there = files(&town);
    // It has its place among the events, and waits there.
    let name = before.to_string();
    let forgets = node.forget(&name);
    let reads = async {
        held.reached().await;
        fs::write(&path, whole).unwrap();
        let job = node.import(&path).unwrap();
        // Its log and its trace: what comes next is the event that keeps them.
        let read = async {
            while files(&town) < there + 2 {
                yield_now().await;
            }
        };
        timeout(PATIENCE, read).await.unwrap();
        drop(held);
        timeout(PATIENCE, ended(&mut notices, job)).await.unwrap()
    };
    let (forgot, job) = tokio::join!(forgets, reads);
    assert!(forgot.unwrap() > 0);
    assert_eq!((job.known, job.traces), (1, 0), "{job:?}");
    assert!(node.look().unwrap().crystals(|_, _| true).unwrap().is_empty());
    assert_eq!(files(&town), 0, "no byte of it is left");
    drop(node);
    town.close().await;
}
