//! What leaves a house, looked through byte by byte for what should not be there.
//!
//! Words that are nobody's stand in everything around a crystal: paths, names of people, machines
//! and projects, tasks, questions, thoughts and outputs; and secrets stand in it in several
//! spellings. A puppet writes down every frame it is told on every channel, and what a real
//! neighbour has on its disk is read. The words are looked for in any spelling.

#[path = "leaks/canary.rs"]
mod canary;
#[path = "leaks/family.rs"]
mod family;

use artifact::{ArtifactId, Head};
use canary::{CANARY, in_any_form, planted, token};
use serde_json::json;
use std::{fs, path::Path};
use town::{
    Town,
    child::ChildNode,
    has,
    left::{contains, files_with},
    log,
    puppet::{self, Person, Puppet},
};
use wire::{Act, Face, Query, View};

/// North, which harbour and a puppet know, with planted logs: one to be shared, one to be kept.
struct Scene {
    town: Town,
    puppet: Puppet,
    person: Person,
    shared: ArtifactId,
}

impl Scene {
    async fn open() -> Self {
        let town = Town::new().house("north").house("harbour").open().await;
        town.introduce("north", "harbour").await;
        let person = Person::new(70);
        let ticket = town.ticket("north").await;
        assert_eq!(in_any_form(ticket.as_bytes(), &[CANARY, &place(&town)]), None);
        let way = puppet::Way::by_ticket(&ticket, town.human("north"));
        let puppet = Puppet::listening(person.identity(), &way).await;
        let folder = town.ground().join(format!("{CANARY}folder"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("shared.jsonl"), planted()).unwrap();
        let shared = town.import("north", &folder.join("shared.jsonl")).await;
        let kept = log::small(2).replace("harbour", &format!("{CANARY}project"));
        let kept = kept.replace("lighthouse", &format!("{CANARY}house"));
        fs::write(folder.join("kept.jsonl"), kept).unwrap();
        town.import("north", &folder.join("kept.jsonl")).await;
        Self { town, puppet, person, shared }
    }

    /// The puppet tells north of something, and has it to give.
    async fn offers(&mut self, title: &str) -> ArtifactId {
        let body = self.person.crystal(title);
        let head = Head::of(&body).unwrap();
        let receipt = self.person.receipt(&body, self.town.human("north"), |_| {});
        self.puppet.has(&body).await;
        self.puppet.tells(&head.encode().unwrap(), &receipt).await;
        self.town.wait_for_head("north", &head.id).await;
        head.id
    }
}

/// The folder that all of a town lies in: a path of this machine.
fn place(town: &Town) -> String {
    town.ground().display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_but_what_was_allowed() {
    let mut scene = Scene::open().await;
    let offered = scene.offers("the lighthouse of mallory").await;
    let Scene { town, mut puppet, shared, .. } = scene;

    // Everything that an agent says to its own node.
    let mut agent = town.pair("north", &format!("{CANARY}-agent")).await;
    let memory = format!("{CANARY} memory\nThe {CANARY} of the day.");
    assert!(!agent.call("remember", json!({ "text": memory })).await.refused);
    let question = json!({
        "query": format!("the lighthouse of mallory {CANARY}question"),
        "cwd": format!("/home/{CANARY}user/{CANARY}place"),
        "files": [format!("src/{CANARY}file.rs")],
        "error": format!("{CANARY}error: the lighthouse of mallory is dark"),
    });
    let found = agent.call("recall", question).await;
    assert!(has(town.node("north"), &offered), "a body was wanted for it: {found:?}");
    let reason = format!("because of {CANARY}reason");
    let share = json!({
        "id": shared.to_string(), "audience": ["harbour", "puppet-70"], "reason": reason,
    });
    assert!(!agent.call("request_share", share).await.refused);
    let ask = town.pending("north").pop().unwrap().id;
    town.allow("north", ask).await;

    // Heads, bodies, and receipts over what went either way.
    town.wait_for_crystal("harbour", &shared).await;
    puppet.hears(b"flaky lighthouse").await;
    let body = puppet.fetches(&shared).await.unwrap();
    assert_eq!(Some(&body), town.bytes("north", &shared).as_ref());
    drop(puppet.settled().await);

    let said = puppet.heard();
    let wanted = format!("{:?}", iroh_blobs::Hash::from_bytes(*offered.as_bytes()));
    assert!(contains(&said, wanted.as_bytes()), "the puppet was asked for its body");
    let machine = place(&town);
    for (what, bytes) in [("said", &said), ("the body", &body)] {
        assert!(contains(bytes, b"lighthouse"), "{what} is looked through");
        assert_eq!(in_any_form(bytes, &[CANARY, &machine, &token()]), None, "{what}");
    }
    assert!(files_with(town.home("north"), &[reason.as_bytes()]) > 0, "north knows it all");
    for file in canary::files(town.home("harbour")) {
        let bytes = fs::read(&file).unwrap_or_default();
        let found = in_any_form(&bytes, &[CANARY, &token()]);
        assert_eq!(found, None, "{}", file.display());
    }
    assert!(
        files_with(town.home("harbour"), &[b"flaky lighthouse"]) > 0,
        "harbour has the crystal"
    );
    puppet.leave().await;
    town.close().await;
}

/// A question that finds nothing here is asked of nobody: a peer learns which of its own crystals
/// is wanted, and where none fits it learns nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_told_to_nobody() {
    let mut scene = Scene::open().await;
    let offered = scene.offers("a barge without a rudder").await;
    let before = scene.puppet.heard();
    let town = &scene.town;
    let query = format!("why does the {CANARY}compiler reject tuesday");
    for (text, cwd) in [(query.as_str(), "/srv/quay"), (CANARY, "")] {
        let query = Query::Recall { text: text.to_owned(), cwd: cwd.to_owned(), limit: 5 };
        town.gate("north").view(Face::MainWindow, query).await.unwrap();
    }
    assert!(!has(town.node("north"), &offered), "nothing fitted");
    let heard = scene.puppet.heard();
    let wanted = format!("{:?}", iroh_blobs::Hash::from_bytes(*offered.as_bytes()));
    assert!(heard.starts_with(&before) && !contains(&heard, wanted.as_bytes()), "no want");
    assert_eq!(in_any_form(&heard, &[CANARY]), None);
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_for_other_programs_holds_no_secret() {
    let scene = Scene::open().await;
    for form in ["skill", "atif"] {
        let query = Query::Export { id: scene.shared.to_string(), form: form.to_owned() };
        let view = scene.town.gate("north").view(Face::MainWindow, query).await.unwrap();
        let View::Export(export) = view else { panic!("{view:?}") };
        assert!(export.text.contains("flaky lighthouse"), "{form}: {}", export.text);
        assert_eq!(in_any_form(export.text.as_bytes(), &[&token()]), None, "{form}");
        // A trace is the human's own to write out; a skill is what a crystal says.
        let canary = in_any_form(export.text.as_bytes(), &[CANARY]);
        assert_eq!(canary.is_some(), form == "atif", "{form}: {canary:?}");
    }
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test]
async fn what_a_node_logs_about_itself_tells_of_no_work() {
    let Some(mut node) = ChildNode::init("north") else { return };
    node.kill();
    let ground = tempfile::tempdir().unwrap();
    let told = ground.path().join("told");
    node.start_telling(&told, "debug,iroh=warn,tantivy=warn,noq=warn");
    let log = ground.path().join("log.jsonl");
    fs::write(&log, planted()).unwrap();
    let id = node.import(&log).await;
    let text = format!("the flaky lighthouse {CANARY}question");
    let (cwd, limit) = (format!("/home/{CANARY}user/quay"), 5);
    node.view(Query::Recall { text, cwd, limit }).await;
    let reason = format!("{CANARY}reason");
    let ask = node.ask(Act::Share { id: id.clone(), to: Vec::new(), public: true, reason }).await;
    node.allow(&ask).await;
    let bad = ground.path().join("bad.jsonl");
    fs::write(&bad, format!("{{\"type\": \"{CANARY}\nno log {CANARY} {}", token())).unwrap();
    node.act(Act::Import { path: bad.display().to_string() }).await;
    node.view(Query::Related { id, steps: 1, limit: 9 }).await;
    node.kill();
    looked_through(&told);
}

#[track_caller]
fn looked_through(told: &Path) {
    let text = fs::read_to_string(told).unwrap();
    assert!(!text.is_empty(), "something was told");
    assert_eq!(in_any_form(text.as_bytes(), &[CANARY, &token()]), None, "{text}");
}
