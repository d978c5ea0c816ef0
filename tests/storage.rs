//! Storage over time, with real nodes: a data folder that was put back from a backup is noticed
//! and waits for its human's word; traces go, and what was distilled from them stays.

#[path = "storage/forget.rs"]
mod forget;
#[path = "storage/grown.rs"]
mod grown;
#[path = "storage/keychain.rs"]
mod keychain;
#[path = "storage/purge.rs"]
mod purge;
#[path = "storage/rotated.rs"]
mod rotated;

use consent::{Answer, Event, Standing, State};
use keys::{KeychainState, SecretStore};
use node::{Anchored, Code, Config, Node, Request};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};
use town::{Town, folder::copy, has};

const HOLDS: Anchored = Anchored::Compared(Standing::Holds);

async fn two_houses() -> Town {
    let town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// A node in a process of its own, which says that it began.
async fn opened_in_a_child(home: PathBuf) -> Node {
    let mut config = Config::new(home);
    config.keychain = Arc::new(keys::MemoryKeychain::default());
    let node = tokio::task::spawn_blocking(move || Node::open(config)).await.unwrap().unwrap();
    println!("\nopened");
    node
}

/// Runs the test `child`, which opens the folder that this variable names, until it has said
/// `word` so `many` times, and kills it: what stood behind the word each time.
fn killed_after(
    many: usize,
    (child, variable, home): (&str, &str, &Path),
    word: &str,
) -> BTreeSet<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture", "--test-threads=1"])
        .env(variable, home)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "opened"), "the child never began");
    let mut said = lines.filter_map(|line| Some(line.strip_prefix(word)?.to_owned()));
    let mut all: BTreeSet<String> = said.by_ref().take(many).collect();
    child.kill().unwrap();
    // What it said until then counts too.
    all.extend(said);
    child.wait().unwrap();
    all
}

/// Puts a backup in the place of a house's folder.
fn put_back(backup: &Path, home: &Path) {
    std::fs::remove_dir_all(home).unwrap();
    copy(backup, home);
}

/// Waits until the keychain holds an anchor over everything that was decided.
async fn anchored(town: &Town, house: &str) {
    let decided = |e: &consent::Entry| matches!(e.event, Event::Allowed { .. });
    let last = town.journal(house).iter().rfind(|e| decided(e)).map_or(1, |e| e.seq);
    let what = format!("has an anchor over entry {last}");
    let holds = |node: &Node| node.look().unwrap().anchored().unwrap() >= last;
    town.wait_for(house, &what, holds).await;
}

/// Allows a share, and a backup of the day before is put back: the share is not in it.
async fn with_yesterdays_store() -> Town {
    let mut town = two_houses().await;
    let (yesterday, today) =
        (town.import_small("north", 1).await, town.import_small("north", 2).await);
    let ask = town.share("north", &yesterday, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &yesterday).await;
    town.share("north", &today, &["harbour"]).await;
    town.ticket("north").await;
    anchored(&town, "north").await;
    town.stop("north").await;
    let backup = town.ground().join("backup");
    copy(town.home("north"), &backup);

    town.start("north").await;
    assert_eq!(town.node("north").anchored().await, HOLDS);
    let waiting = town.pending("north").pop().unwrap();
    town.allow("north", waiting.id).await;
    town.wait_for_crystal("harbour", &today).await;
    anchored(&town, "north").await;
    town.stop("north").await;
    put_back(&backup, town.home("north"));
    town
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_store_serves_nothing_until_its_human_says_so() {
    let mut town = with_yesterdays_store().await;
    town.start("north").await;
    let node = town.node("north").clone();
    let seen = node.anchored().await;
    assert!(
        matches!(seen, Anchored::Compared(Standing::Behind { anchored, found }) if anchored > found),
        "{seen:?}"
    );
    // Nothing leaves, and what waited in it is not granted a second time.
    assert_eq!((node.port(), node.links().len()), (0, 0));
    let waiting = town.pending("north").pop().unwrap();
    let refused = town.answer("north", waiting.id, Answer::Allow).await.unwrap_err();
    assert_eq!(refused.code, Code::Refused);
    assert!(refused.what.contains("put back from a backup"), "{refused}");
    let gate = town.gate("north");
    let wire::View::Verify(verdict) =
        gate.view(wire::Face::MainWindow, wire::Query::Verify {}).await.unwrap()
    else {
        panic!("no verdict")
    };
    assert!(!verdict.whole && verdict.problem.contains("EARLIER DAY"), "{verdict:?}");
    let wire::View::Status(status) =
        gate.view(wire::Face::MainWindow, wire::Query::Status {}).await.unwrap()
    else {
        panic!("no status")
    };
    assert_eq!(status.anchor.state, "behind");

    // Denied, everything stays as it is; allowed, it goes on.
    let ask = town.ask("north", Request::Resume).await.unwrap();
    town.deny("north", ask).await;
    assert!(node.anchored().await.is_distrusted());
    let ask = town.ask("north", Request::Resume).await.unwrap();
    let (prompt, _) = node.prompt(&ask).unwrap();
    assert!(prompt.warnings.iter().any(|w| w.contains("If you did not put a backup back")));
    town.allow("north", ask).await;
    assert_eq!(node.anchored().await, HOLDS);
    assert!(matches!(town.state("north", &waiting.id), State::Cancelled { .. }));
    assert!(
        node.look()
            .unwrap()
            .invites(0)
            .unwrap()
            .iter()
            .all(|(_, i)| i.expires <= node.clock().now())
    );
    let restored = |e: &consent::Entry| matches!(e.event, Event::Restored { .. });
    assert_eq!(town.journal("north").iter().filter(|e| restored(e)).count(), 1);
    assert!(town.ask("north", Request::Resume).await.is_err(), "there is nothing to accept");

    // It speaks to its peers again, and the next start finds nothing.
    town.wait_for_link("north", "harbour").await;
    let id = town.import_small("north", 3).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    anchored(&town, "north").await;
    drop((node, gate));
    town.stop("north").await;
    town.start("north").await;
    assert_eq!(town.node("north").anchored().await, HOLDS);
    assert_ne!(town.node("north").port(), 0);
    assert!(has(town.node("harbour"), &id));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_stops_nothing_and_is_asked_again() {
    let mut town = with_yesterdays_store().await;
    town.keychain("north").set_state(KeychainState::Locked);
    town.start("north").await;
    let node = town.node("north").clone();
    assert!(matches!(node.anchored().await, Anchored::Unread(_)));
    assert_ne!(node.port(), 0, "it starts");
    town.keychain("north").set_state(KeychainState::Ready);
    assert!(node.anchored().await.is_distrusted(), "now it is seen");
    // The next tick of the clock takes the network away.
    let offline = |node: &Node| node.port() == 0;
    town.wait_for("north", "stands still", offline).await;
    drop(node);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_that_is_gone_or_another_is_said() {
    let mut town = two_houses().await;
    anchored(&town, "north").await;
    let good = town.keychain("north").read(keys::ANCHOR).unwrap().unwrap();
    let theirs = town.keychain("harbour").read(keys::ANCHOR).unwrap().unwrap();
    town.stop("north").await;

    let mut bent = good.to_vec();
    *bent.last_mut().unwrap() ^= 1;
    for forged in [bent.as_slice(), b"noise", &theirs] {
        town.keychain("north").write(keys::ANCHOR, forged).unwrap();
        town.start("north").await;
        let seen = town.node("north").anchored().await;
        assert_eq!(seen, Anchored::Compared(Standing::Forged));
        assert_eq!(town.node("north").port(), 0);
        town.stop("north").await;
        assert_eq!(town.keychain("north").read(keys::ANCHOR).unwrap().unwrap().as_slice(), forged);
    }

    town.keychain("north").delete(keys::ANCHOR).unwrap();
    town.start("north").await;
    assert_eq!(town.node("north").anchored().await, Anchored::Lost);
    town.wait_for_link("north", "harbour").await;
    // The next decision writes it anew.
    let id = town.import_small("north", 1).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    anchored(&town, "north").await;
    assert_eq!(town.node("north").anchored().await, HOLDS);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_in_the_place_of_an_old_one_is_not_the_old_one() {
    let mut town = two_houses().await;
    anchored(&town, "north").await;
    town.stop("north").await;
    // The store is gone, its keys are there: the same human begins another journal.
    std::fs::remove_file(town.home("north").join("store.redb")).unwrap();
    town.start("north").await;
    let pin = zeroize::Zeroizing::new(town::PIN.to_owned());
    town.node("north").init(node::KeepKey::Pin(pin), "north").await.unwrap();
    let node = town.node("north").clone();
    let seen = node.anchored().await;
    assert!(seen.is_distrusted(), "{seen:?}");
    drop(node);
    town.close().await;
}
