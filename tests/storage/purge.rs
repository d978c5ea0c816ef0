//! Traces go, by name and by age: first what would go is said, then it goes for good, and a kill
//! in between is no half.

use artifact::ArtifactId;
use node::Node;
use std::{collections::BTreeSet, path::Path, process::Command};
use store::RetentionRow;
use town::{
    Town,
    clock::{BEGIN, DAY},
};

const CHILD: &str = "TRACENET_TEST_PURGE_HOME";

fn trace_of(node: &Node, crystal: &ArtifactId) -> ArtifactId {
    node.look().unwrap().crystal(crystal).unwrap().unwrap().trace.unwrap()
}

/// Bytes of a folder, as `du` counts them.
fn du(path: &Path) -> u64 {
    let out = Command::new("du").args(["-s", "-B1"]).arg(path).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    out.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_and_its_crystal_stays() {
    let town = Town::new().house("north").open().await;
    let id = town.import_small("north", 1).await;
    let kept = town.import_small("north", 2).await;
    let node = town.node("north");
    let trace = trace_of(node, &id);
    let ask = town.share("north", &id, &[]).await;
    town.allow("north", ask).await;

    let before = node.storage().unwrap();
    assert_eq!((before.traces, before.purged), (2, 0));
    let plan = node.would_purge(&[id.to_string()]).unwrap();
    let [leaving] = plan.as_slice() else { panic!("{plan:?}") };
    assert_eq!((leaving.trace, leaving.receipts), (trace, 1));
    assert!(leaving.anchors > 0 && leaving.evidence > 0 && leaving.frees > 0, "{leaving:?}");
    assert_eq!(leaving.crystal.as_ref().unwrap().0, id);
    assert!(node.trace(&trace).is_ok(), "said, and not done");

    let freed = node.purge(vec![trace.to_string()[..12].to_owned()]).await.unwrap();
    assert_eq!(freed, leaving.frees);
    let after = node.storage().unwrap();
    assert_eq!((after.traces, after.purged), (1, 1));
    let part = |storage: &node::Storage| {
        storage.parts.iter().find(|(name, _)| *name == "traces").unwrap().1
    };
    assert_eq!(part(&before) - part(&after), freed);
    // The sizes are true: every part's as `du` counts it, and the whole their sum.
    for (name, path) in [("store", "store.redb"), ("traces", "traces"), ("keys", "keys")] {
        let said = after.parts.iter().find(|(part, _)| *part == name).unwrap().1;
        assert_eq!(said, du(&town.home("north").join(path)), "{name}");
    }
    assert_eq!(after.parts.iter().map(|(_, bytes)| bytes).sum::<u64>(), after.total);
    let gone = node.trace(&trace).unwrap_err();
    assert!(gone.what.contains("purged"), "{gone}");
    assert!(town.bytes("north", &id).is_some() && node.trace(&trace_of(node, &kept)).is_ok());
    assert!(
        node.search("lighthouse number 1", 5, node::Means::Words)
            .unwrap()
            .iter()
            .any(|hit| hit.id == id)
    );

    // Purged is purged: not once more, and the same log does not come back by itself.
    assert!(node.would_purge(&[id.to_string()]).is_err());
    let counts = node.counts().unwrap();
    let mut notices = node.notices();
    node.import(&town.ground().join("north-1.jsonl")).unwrap();
    loop {
        match notices.recv().await.unwrap() {
            node::Notice::Job(job) if job.phase != node::JobPhase::Running => {
                assert_eq!((job.known, job.traces), (1, 0));
                break;
            }
            _ => {}
        }
    }
    assert_eq!(node.counts().unwrap(), counts);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_goes_by_itself_once_its_human_says_so() {
    let town = Town::new().house("north").open().await;
    for n in 1..=3 {
        town.import_small("north", n).await;
    }
    let node = town.node("north");
    town.clock.set(BEGIN + 900 * DAY);
    node.tick().await.unwrap();
    assert_eq!(node.storage().unwrap().traces, 3, "off until the human says so");

    let all = |n| RetentionRow { days: n, bytes: None };
    assert_eq!(node.would_retain(all(Some(1))).unwrap().len(), 3);
    assert_eq!(node.would_retain(all(Some(90_000))).unwrap().len(), 0);
    assert!(node.retain(all(Some(0))).await.is_err());
    // Room for the newest only.
    let each = node.would_retain(all(Some(1))).unwrap()[0].frees;
    let room = RetentionRow { days: None, bytes: Some(each + each / 2) };
    assert_eq!(node.would_retain(room).unwrap().len(), 2);
    node.retain(room).await.unwrap();
    assert_eq!(node.storage().unwrap().traces, 3, "not before the clock is looked at");
    node.tick().await.unwrap();
    let after = node.storage().unwrap();
    assert_eq!((after.traces, after.purged), (1, 2));
    assert_eq!(node.counts().unwrap().crystals, (3, 0));
    town.close().await;
}

/// However many are due: 256 go at a tick, the oldest first, and the others at the next.
#[tokio::test(flavor = "multi_thread")]
async fn of_traces_that_are_due_256_go_at_a_tick_and_the_rest_at_the_next() {
    const AT_ONCE: u64 = 256;
    let mut town = Town::new().house("north").open().await;
    let crystal = town.import_small("north", 1).await;
    let node = town.node("north");
    let (newest, look) = (trace_of(node, &crystal), node.look().unwrap());
    let row = look.trace(&newest).unwrap().unwrap();
    drop(look);
    town.stop("north").await;
    let change = |change: &mut store::Change<'_>| {
        for n in 1..=AT_ONCE {
            let (id, log) = (ArtifactId::of(&n.to_be_bytes()), ArtifactId::of(&n.to_le_bytes()));
            let older = store::TraceRow { log, ended: row.ended - n, crystal: None, ..row.clone() };
            assert!(change.put_trace(&id, &older)?);
        }
        Ok::<_, store::ChangeError>(())
    };
    store::Store::open(town.home("north")).unwrap().change(change).unwrap();
    town.start("north").await;
    let node = town.node("north");
    node.retain(RetentionRow { days: Some(1), bytes: None }).await.unwrap();
    let left = || {
        let storage = node.storage().unwrap();
        (storage.traces, storage.purged)
    };
    assert_eq!(left(), (AT_ONCE + 1, 0));
    town.clock.set(BEGIN + 900 * DAY);
    node.tick().await.unwrap();
    assert_eq!(left(), (1, AT_ONCE));
    assert!(node.trace(&newest).is_ok(), "the newest is the one that waits");
    node.tick().await.unwrap();
    assert_eq!(left(), (0, AT_ONCE + 1));
    town.close().await;
}

/// Run as a child: purges one trace after the other, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn child_purges() {
    let Some(home) = std::env::var_os(CHILD) else { return };
    let node = super::opened_in_a_child(home.into()).await;
    let traces = node.look().unwrap().every_trace().unwrap();
    for (id, _) in traces.into_iter().filter(|(_, row)| row.purged.is_none()) {
        node.purge(vec![id.to_string()]).await.unwrap();
        println!("purged {id}");
    }
}

/// Lets a child purge until it has said so `many` times, and kills it: what it said.
fn killed_after(many: usize, home: &Path) -> BTreeSet<String> {
    super::killed_after(many, ("purge::child_purges", CHILD, home), "purged ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_survives_a_kill_at_any_moment() {
    let mut town = Town::new().house("north").open().await;
    for n in 1..=24 {
        town.import_small("north", n).await;
    }
    let mut said = BTreeSet::new();
    for many in [0, 1, 2, 3, 2, 1, 0, 4] {
        town.stop("north").await;
        said.extend(killed_after(many, town.home("north")));
        town.start("north").await;
        let node = town.node("north");
        let (mut here, mut gone) = (0, 0);
        for (id, row) in node.look().unwrap().every_trace().unwrap() {
            let file = |id: &ArtifactId| town.home("north").join(format!("traces/{id}.lz4"));
            let files = [file(&id), file(&row.log)].map(|file| file.exists());
            if row.purged.is_some() {
                gone += 1;
                assert_eq!(files, [false, false], "a purge without its end");
            } else {
                here += 1;
                assert_eq!(files, [true, true], "half a purge");
                assert!(!said.contains(&id.to_string()), "purged, and back again");
                assert!(node.trace(&id).is_ok());
            }
        }
        assert!(gone >= said.len() && here + gone == 24, "{here} here, {gone} gone");
        assert_eq!(node.counts().unwrap().crystals, (24, 0));
    }
    assert!(said.len() >= 13);
    town.close().await;
}
