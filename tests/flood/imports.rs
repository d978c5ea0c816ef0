//! A flood of files: how many imports run at once, how many files one takes, and how deep it looks.
//! What is not read is said.

use crate::asks::{pairs, says};
use door::{AgentRequest, HookEvent};
use node::{Code, Job, JobPhase, Means, Node, Notice, Said};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};
use tokio::{sync::broadcast::Receiver, task::yield_now, time::timeout};
use town::{PATIENCE, Town, log};

/// Imports that run at once.
const AT_ONCE: u32 = 4;
/// The most files of one.
const MAX_FILES: u32 = 200_000;
/// The deepest folder below the one that is named, and the most failures that are told of.
const MAX_DEPTH: usize = 32;
const FAILURES: usize = 20;

/// Waits until these imports are over.
async fn ended(notices: &mut Receiver<Notice>, jobs: &[u64]) -> Vec<Job> {
    let mut over = BTreeMap::new();
    let all = async {
        while over.len() < jobs.len() {
            if let Notice::Job(job) = notices.recv().await.unwrap()
                && job.phase != JobPhase::Running
                && jobs.contains(&job.id)
            {
                over.insert(job.id, job);
            }
        }
    };
    timeout(PATIENCE, all).await.unwrap();
    over.into_values().collect()
}

async fn imported(node: &Node, path: &Path) -> Job {
    let mut notices = node.notices();
    let job = node.import(path).unwrap();
    ended(&mut notices, &[job]).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn four_imports_run_at_once_and_the_fifth_is_told_to_wait() {
    let town = Town::new().house("north").open().await;
    let (node, mut notices) = (town.node("north"), town.node("north").notices());
    let log = |n: u32| {
        let path = town.ground().join(format!("{n}.jsonl"));
        fs::write(&path, log::small(n)).unwrap();
        path
    };
    // What they read is not kept yet, so none of them ends.
    let held = town.clock.hold_events();
    let ticks = tokio::spawn({
        let node = node.clone();
        async move { node.tick().await }
    });
    held.reached().await;
    let jobs: Vec<u64> = (0..AT_ONCE).map(|n| node.import(&log(n)).unwrap()).collect();
    let refused = node.import(&log(AT_ONCE)).unwrap_err();
    assert_eq!(refused.code, Code::NotNow);
    let said = "several imports run already: wait until one has ended";
    assert_eq!(refused.to_string(), said);
    drop(held);
    ticks.await.unwrap().unwrap();
    for job in ended(&mut notices, &jobs).await {
        assert_eq!((job.phase, job.traces), (JobPhase::Finished, 1), "{job:?}");
    }
    let fifth = imported(node, &town.ground().join(format!("{AT_ONCE}.jsonl"))).await;
    assert_eq!((fifth.phase, fifth.traces), (JobPhase::Finished, 1), "{fifth:?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_import_takes_two_hundred_thousand_files_and_refuses_more() {
    let town = Town::new().house("north").open().await;
    let node = town.node("north");
    let folder = town.ground().join("logs");
    fs::create_dir(&folder).unwrap();
    // One log under many names, as many of one file as file systems allow.
    let mut real = folder.clone();
    for n in 0..MAX_FILES {
        let name = folder.join(format!("{n}.jsonl"));
        if n % 30_000 == 0 {
            fs::write(&name, log::small(n)).unwrap();
            real = name;
        } else {
            fs::hard_link(&real, &name).unwrap();
        }
    }
    let mut notices = node.notices();
    let job = node.import(&folder).unwrap();
    node.cancel_import(job);
    let job = ended(&mut notices, &[job]).await.remove(0);
    assert_eq!((job.phase, job.files.1), (JobPhase::Cancelled, MAX_FILES));

    fs::hard_link(&real, folder.join("more.jsonl")).unwrap();
    let refused = node.import(&folder).unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    assert_eq!(
        refused.to_string(),
        format!(
            "there are more than {MAX_FILES} logs below {}: import its folders one by one",
            folder.display()
        )
    );
    // The one too many by itself is no more than any other.
    let alone = imported(node, &folder.join("more.jsonl")).await;
    assert_eq!((alone.phase, alone.files), (JobPhase::Finished, (1, 1)), "{alone:?}");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_looks_thirty_two_folders_deep_and_says_where_it_did_not() {
    let town = Town::new().house("north").open().await;
    let node = town.node("north");
    let top = town.ground().join("logs");
    let deepest = (0..MAX_DEPTH).fold(top.clone(), |path, n| path.join(n.to_string()));
    fs::create_dir_all(&deepest).unwrap();
    fs::write(deepest.join("within.jsonl"), log::small(1)).unwrap();
    let whole = imported(node, &top).await;
    assert_eq!((whole.files, whole.traces, whole.failures), ((1, 1), 1, Said::default()));

    let too_deep = deepest.join("more");
    fs::create_dir(&too_deep).unwrap();
    fs::write(too_deep.join("beyond.jsonl"), log::small(2)).unwrap();
    let told = imported(node, &top).await;
    assert_eq!((told.files, told.known), ((1, 1), 1), "{told:?}");
    assert_eq!((told.failures.count, told.failures.sentences), (1, vec![closed(&too_deep)]));
    // As the human is told.
    let rest = imported(node, &too_deep).await;
    assert_eq!((rest.files, rest.traces, rest.failures), ((1, 1), 1, Said::default()));

    // Nothing else is there, and still it is said.
    fs::remove_file(deepest.join("within.jsonl")).unwrap();
    let refused = node.import(&top).unwrap_err();
    assert_eq!((refused.code, refused.hint), (Code::Invalid, closed(&too_deep)));
    fs::write(top.join("near.jsonl"), log::small(3)).unwrap();
    for n in 0..FAILURES {
        fs::create_dir(deepest.join(format!("more-{n}"))).unwrap();
    }
    let told = imported(node, &top).await.failures;
    assert_eq!((told.count as usize, told.sentences.len()), (FAILURES + 1, FAILURES));
    town.close().await;
}

fn closed(folder: &Path) -> String {
    let why = format!("below {MAX_DEPTH} others; import it by itself");
    format!("{}: this folder was not looked into: {why}", folder.display())
}

/// Writes log number `n`, written last on day `n`.
fn write_dated(path: &Path, n: u32) {
    fs::write(path, log::small(n)).unwrap();
    let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000 + u64::from(n) * 86_400);
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// However much there is: the newest log is kept before an older one is read, and every question
/// first brings the index level with what is kept.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_log_is_kept_before_older_ones_are_read() {
    const LOGS: u32 = 60;
    let town = Town::new().house("north").open().await;
    let node = town.node("north");
    let folder = town.ground().join("history");
    fs::create_dir(&folder).unwrap();
    for n in 0..LOGS {
        // Names tell nothing of the order.
        write_dated(&folder.join(format!("{:02}.jsonl", n * 7 % LOGS)), n);
    }
    let job = imported(node, &folder).await;
    assert_eq!(job.crystals, LOGS, "{job:?}");
    // Each was in the store, where every question looks first, before the next was read.
    let look = node.look().unwrap();
    let kept: Vec<String> = look
        .changes(0)
        .unwrap()
        .iter()
        .map(|(_, id)| look.crystal(id).unwrap().unwrap().title)
        .collect();
    let wanted: Vec<String> = (0..LOGS).rev().map(|n| format!("number {n} ")).collect();
    assert_eq!(kept.len(), wanted.len());
    for (title, number) in kept.iter().zip(&wanted) {
        assert!(title.contains(number), "{title}: {number}was to come here");
    }
    town.close().await;
}

/// The logs of a long import.
const LONG: u32 = 200;

/// Begins a long import, and waits until its newest log is kept.
async fn begun(town: &Town) -> u64 {
    let node = town.node("north");
    let folder = town.ground().join("history");
    fs::create_dir(&folder).unwrap();
    for n in 0..LONG {
        write_dated(&folder.join(format!("{n}.jsonl")), n);
    }
    let job = node.import(&folder).unwrap();
    let one_is_kept = async {
        while node.look().unwrap().traces().unwrap().0 == 0 {
            yield_now().await;
        }
    };
    timeout(PATIENCE, one_is_kept).await.unwrap();
    job
}

/// A prompt about the newest log is reminded of it while older ones are still being read, though
/// nobody asked before.
#[tokio::test(flavor = "multi_thread")]
async fn a_hook_reminds_of_the_newest_log_while_older_ones_are_read() {
    let town = Town::new().house("north").open().await;
    pairs(&town, 1).await;
    let mut notices = town.node("north").notices();
    let job = begun(&town).await;
    let number = format!("number {} ", LONG - 1);
    let told = AgentRequest::Hook {
        event: HookEvent::UserPromptSubmit,
        session: "a".to_owned(),
        cwd: String::new(),
        prompt: format!("the flaky lighthouse test {number}says address already in use"),
    };
    let reminded = says(&town, 1, told).await.text;
    let kept = town.node("north").look().unwrap().traces().unwrap().0;
    assert!(reminded.contains(&number), "{reminded}");
    assert!(kept < u64::from(LONG), "it waited until all was read");
    town.node("north").cancel_import(job);
    timeout(PATIENCE, ended(&mut notices, &[job])).await.unwrap();
    town.close().await;
}

/// A question about the newest log is answered while older ones are still being read: it does not
/// wait for the index to be level with an import that goes on.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_log_is_recalled_while_older_ones_are_read() {
    let town = Town::new().house("north").open().await;
    let node = town.node("north").clone();
    let mut notices = node.notices();
    let job = begun(&town).await;
    let asked = node.clone();
    let found = tokio::task::spawn_blocking(move || {
        let question = format!("lighthouse test number {}", LONG - 1);
        asked.search(&question, 1, Means::Words).unwrap()
    });
    let found = found.await.unwrap();
    let kept = node.look().unwrap().traces().unwrap().0;
    assert!(found[0].row.title.contains(&format!("number {} ", LONG - 1)), "{found:?}");
    assert!(kept < u64::from(LONG), "the answer waited until all was read");
    node.cancel_import(job);
    timeout(PATIENCE, ended(&mut notices, &[job])).await.unwrap();
    drop(node);
    town.close().await;
}
