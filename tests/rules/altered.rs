//! Another program of the user writes into the store: what it wrote there is no rule, and the human
//! is told until they say that they saw it.

use super::{HOUR, Scene};
use artifact::ArtifactId;
use consent::Term;
use node::{Node, Notice};
use std::sync::Arc;
use store::{ChangeError, RuleRow, Store};
use town::{agent::Agent, log};
use wire::{Act, Face, Query, View};

type Edit = fn(&mut RuleRow);

/// Each makes of a row one that was not signed for.
const EDITS: [(&str, Edit); 6] = [
    ("more people", |row| row.bounds.peers.push(row.bounds.peers[0])),
    ("another agent", |row| row.bounds.agent = [7; 32]),
    ("another term", |row| row.bounds.term = Term::Day),
    ("another session", |row| row.bounds.session = "of-somebody-else".into()),
    ("another grant", |row| row.grant[40] ^= 1),
    ("no grant", |row| row.grant.clear()),
];

impl Scene {
    /// The same scene over a store that somebody else has in hand as well.
    async fn open_beside() -> (Self, Arc<Store>) {
        let mut scene = Self::open().await;
        scene.town.stop("north").await;
        let store = Arc::new(Store::open(scene.town.home("north")).unwrap());
        let held = Arc::clone(&store);
        scene.town.start_as("north", move |config| Node::open_with(config, held)).await;
        scene.agent = Agent::enter(scene.town.home("north"), "scribe").await;
        (scene, store)
    }

    async fn view(&self, query: Query) -> View {
        self.town.gate("north").view(Face::MainWindow, query).await.unwrap()
    }

    /// How many rules the settings list, and how many alerts they, and the status, tell of.
    async fn shown(&self) -> (usize, u32) {
        let (View::Settings(settings), View::Status(status)) =
            (self.view(Query::Settings {}).await, self.view(Query::Status {}).await)
        else {
            panic!("other views came");
        };
        assert_eq!(settings.altered, status.altered);
        (settings.rules.len(), status.altered)
    }

    /// The agent asks about the next version, which a rule would cover.
    async fn asks_on(&mut self) -> &'static str {
        let second = self.goes_on(&log::more(1, "and do the same for the pier", 10)).await;
        let ask = self.asks(&second).await;
        self.state(&ask)
    }

    async fn tick(&self) {
        self.town.node("north").tick().await.unwrap();
    }

    fn row(&self) -> (ArtifactId, RuleRow) {
        self.town.node("north").look().unwrap().rules().unwrap().remove(0)
    }
}

fn put(store: &Store, id: &ArtifactId, row: &RuleRow) {
    store.change::<_, ChangeError>(|change| change.put_rule(id, row)).unwrap();
}

/// A rule until lock is changed so; the agent asks, or a tick comes first.
async fn changed(how: &str, edit: Edit, ticks: bool) {
    let (mut scene, store) = Scene::open_beside().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Lock).await;
    assert_eq!(scene.shown().await, (1, 0));
    let (id, mut row) = scene.row();
    edit(&mut row);
    put(&store, &id, &row);
    drop(store);
    assert_eq!(scene.shown().await, (0, 0), "{how}: it is listed no more");
    let mut notices = scene.town.node("north").notices();
    if ticks {
        scene.tick().await;
    } else {
        assert_eq!(scene.asks_on().await, "pending", "{how}");
    }
    assert_eq!((scene.rules(), scene.ends()), (0, vec!["altered".to_owned()]), "{how}");
    assert_eq!(scene.shown().await, (0, 1), "{how}: the human is told");
    let told = std::iter::from_fn(|| notices.try_recv().ok());
    assert_eq!(told.filter(|notice| *notice == Notice::Altered).count(), 1, "{how}");
    assert_eq!(scene.asks_on().await, "pending", "{how}");
    scene.town.node("north").lock().await.unwrap();
    assert_eq!(scene.ends(), ["altered"], "{how}: it ends once");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_was_edited_is_ignored_and_ends() {
    for (how, edit) in EDITS {
        changed(how, edit, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_was_edited_ends_before_anybody_asks() {
    for (how, edit) in EDITS {
        changed(how, edit, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_a_rule_whatever_its_row_says() {
    let (mut scene, store) = Scene::open_beside().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Lock).await;
    let (id, mut row) = scene.row();
    row.bounds.term = Term::Day;
    put(&store, &id, &row);
    drop(store);
    scene.town.node("north").lock().await.unwrap();
    assert_eq!((scene.rules(), scene.ends()), (0, vec!["locked".to_owned()]));
    assert_eq!(scene.asks_on().await, "pending");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_nobody_made_is_none_and_the_human_is_told_until_they_saw_it() {
    let (mut scene, store) = Scene::open_beside().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Day).await;
    let (id, row) = scene.row();
    scene.town.node("north").end_rule(&id.to_string()).await.unwrap();
    // What was signed once, and ended, is put back.
    put(&store, &id, &row);
    assert_eq!(scene.shown().await, (0, 0));
    assert_eq!(scene.asks_on().await, "pending");
    assert_eq!(
        (scene.ends(), scene.shown().await),
        (vec!["by-hand".into(), "altered".into()], (0, 1))
    );
    // What was never signed is put there, for another agent, and nobody asks.
    let (other, mut unsigned) = (ArtifactId::of(b"a rule of my own"), row);
    unsigned.grant.clear();
    put(&store, &other, &unsigned);
    scene.tick().await;
    assert_eq!((scene.rules(), scene.shown().await), (0, (0, 2)));

    // The word of it outlives the node, and goes when the human saw it.
    drop(store);
    scene.town.stop("north").await;
    let store = Store::open(scene.town.home("north")).unwrap();
    put(&store, &other, &unsigned);
    drop(store);
    scene.town.start("north").await;
    scene.agent = Agent::enter(scene.town.home("north"), "scribe").await;
    assert_eq!(scene.ends().split_off(2), ["altered", "altered"], "seen at the start too");
    assert_eq!(scene.shown().await, (0, 2));
    let below = Face::Terminal(node::Terminal { process: None, below_agent: true });
    let refused = scene.town.gate("north").act(below, Act::AlteredSeen {}).await.unwrap_err();
    assert_eq!(
        (refused.code, scene.shown().await),
        (wire::Code::Refused, (0, 2)),
        "an agent's word"
    );
    scene.town.gate("north").act(Face::MainWindow, Act::AlteredSeen {}).await.unwrap();
    assert_eq!(scene.shown().await, (0, 0));
    scene.town.clock.pass(HOUR);
    scene.tick().await;
    assert_eq!((scene.ends().len(), scene.shown().await), (4, (0, 0)), "it is not told twice");
    scene.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_whose_row_is_gone_ends() {
    let (mut scene, store) = Scene::open_beside().await;
    let first = scene.first;
    let ask = scene.asks(&first).await;
    scene.allows(ask, Term::Day).await;
    let (id, _) = scene.row();
    store.change::<_, ChangeError>(|change| change.remove_rule(&id)).unwrap();
    drop(store);
    assert_eq!(scene.asks_on().await, "pending");
    assert_eq!((scene.ends(), scene.shown().await), (vec!["altered".into()], (0, 1)));
    scene.close().await;
}
