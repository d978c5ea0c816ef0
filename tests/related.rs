//! What crystals have to do with one another, with real nodes: how each relation comes about, how
//! far a walk goes; and what is said of a crystal before it becomes public.

use artifact::ArtifactId;
use node::{Edge, Related, Relation};
use serde_json::json;
use std::fs;
use town::{Town, log};
use wire::{Face, Query, View};

/// Imports a log of this text.
async fn import(town: &Town, house: &str, name: &str, text: &str) -> ArtifactId {
    let path = town.ground().join(format!("{name}.jsonl"));
    fs::write(&path, text).unwrap();
    town.import(house, &path).await
}

/// A log whose run shares nothing with the others: another repository, another error.
fn apart(n: u32, repo: &str) -> String {
    log::small(n).replace("harbour", repo).replace("is dark", &format!("misses its {repo}"))
}

fn walk(town: &Town, house: &str, id: &ArtifactId, steps: u32) -> Related {
    town.node(house).related(&id.to_string(), steps, 200).unwrap()
}

/// What a crystal has to do with others one step away: as the edge goes.
fn edges(town: &Town, house: &str, id: &ArtifactId) -> Vec<Edge> {
    let mut edges = walk(town, house, id, 1).edges;
    edges.sort();
    edges
}

fn edge(from: ArtifactId, to: ArtifactId, relation: Relation, shared: u32) -> Edge {
    Edge { from, to, relation, shared }
}

/// One call of a tool of TraceNet's own, as a session of Claude Code has it.
fn opens(id: &ArtifactId) -> String {
    let call = json!([{
        "type": "tool_use", "id": "t9", "name": "mcp__tracenet__open",
        "input": { "id": &id.to_string()[..16] },
    }]);
    format!(
        "{}\n",
        json!({ "type": "assistant", "message": { "role": "assistant", "content": call } })
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_related_by_errors_by_files_and_by_what_they_used() {
    let town = Town::new().house("north").open().await;
    let quay = import(&town, "north", "quay", &log::small(1)).await;
    // The same error and another file; the same file and another error; neither.
    let error = log::small(2).replace("quay2", "quay1").replace("src/quay.rs", "src/crane.rs");
    let error = import(&town, "north", "error", &error).await;
    let file = log::small(3).replace("lighthouse number", "a barge with number");
    let file = import(&town, "north", "file", &file).await;
    let user = import(&town, "north", "user", &(apart(4, "inland") + &opens(&quay))).await;
    let other = import(&town, "north", "other", &apart(5, "upland")).await;

    let mut want = vec![
        edge(user, quay, Relation::Uses, 1),
        edge(quay, error, Relation::SameError, 1),
        edge(quay, file, Relation::SameFiles, 1),
    ];
    want.sort();
    assert_eq!(edges(&town, "north", &quay), want);
    assert_eq!(edges(&town, "north", &user), [edge(user, quay, Relation::Uses, 1)]);
    assert_eq!(edges(&town, "north", &other), []);

    // Two steps lead from the file by the quay to the rest, and the nearest come first.
    let far = walk(&town, "north", &file, 2);
    let found: Vec<_> = far.crystals.iter().map(|one| (one.id, one.steps)).collect();
    assert_eq!((found[0], found[1], found.len()), ((file, 0), (quay, 1), 4));
    assert!(found[2..].iter().all(|(id, steps)| *steps == 2 && [error, user].contains(id)));
    let few = town.node("north").related(&file.to_string(), 3, 1).unwrap();
    assert_eq!((few.crystals.len(), few.more), (2, true), "no more than were asked for");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_peers_gave_and_later_versions_are_related() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town.lets("harbour", "north").await;
    let mut text = apart(1, "inland");
    let first = import(&town, "north", "grows", &text).await;
    let other = import(&town, "north", "other", &apart(2, "upland")).await;
    for id in [&first, &other] {
        let ask = town.share("north", id, &["harbour"]).await;
        town.allow("north", ask).await;
        town.wait_for_crystal("harbour", id).await;
    }
    assert_eq!(edges(&town, "harbour", &other), [edge(other, first, Relation::FromPeer, 1)]);
    // The run goes on, after somebody had got what it had come to.
    let said = json!([{ "type": "text", "text": "And now it is also painted white, all of it." }]);
    let said = json!({
        "type": "assistant", "timestamp": "2026-01-21T15:40:00.000Z",
        "message": { "role": "assistant", "content": said },
    });
    text.push_str(&format!("{said}\n"));
    let second = import(&town, "north", "grows", &text).await;
    let seen = edges(&town, "north", &first);
    assert!(seen.contains(&edge(second, first, Relation::Supersedes, 1)), "{seen:?}");
    let query = Query::Related { id: first.to_string(), steps: 1, limit: 50 };
    let view = town.gate("north").view(Face::MainWindow, query).await.unwrap();
    let View::Related(view) = view else { panic!("{view:?}") };
    assert!(view.family.contains(&"tool:cargo".to_owned()), "{:?}", view.family);
    assert_eq!((view.rows[0].crystal.id.clone(), view.rows[0].steps), (first.to_string(), 0));
    assert_eq!(view.edges[0].relation, "supersedes");
    town.close().await;
}

/// What the human is told of a public share, beside the one sentence that is always there.
async fn warned(town: &Town, house: &str, id: &ArtifactId) -> Option<String> {
    let ask = town.share(house, id, &[]).await;
    let mut warnings = town.node(house).prompt(&ask).unwrap().0.warnings;
    town.deny(house, ask).await;
    assert!(warnings.remove(0).contains("cannot be recalled"));
    warnings.into_iter().next()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shares_publicly_is_told_how_many_others_are_about_the_same() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town.lets("harbour", "north").await;
    let common = town.import_small("harbour", 50).await;
    let rare = log::small(51).replace("cargo test -p", "pytest -q").replace("quay.rs", "quay.py");
    let rare = import(&town, "harbour", "rare", &rare).await;
    let few = warned(&town, "harbour", &rare).await.unwrap();
    assert!(few.contains("not enough here to tell") && few.contains("0 crystals"), "{few}");

    for n in 0..25 {
        let id = town.import_small("north", n).await;
        let ask = town.share("north", &id, &["harbour"]).await;
        town.allow("north", ask).await;
        town.wait_for_crystal("harbour", &id).await;
    }
    // Level with the store, as it is after any recall.
    town.node("harbour").related(&rare.to_string(), 1, 1).unwrap();
    let unique = warned(&town, "harbour", &rare).await.unwrap();
    assert!(unique.contains("unique to you: none of 25 crystals of others"), "{unique}");
    assert!(unique.contains("tool:pytest") && unique.contains("Nothing else of yours"), "{unique}");
    assert_eq!(warned(&town, "harbour", &common).await, None, "25 others are about the same");

    let mut agent = town.pair("harbour", "codex").await;
    for (id, alone) in [(rare, true), (common, false)] {
        let share = json!({ "id": id.to_string(), "audience": ["public"], "reason": "useful" });
        let told = agent.call("request_share", share).await;
        assert_eq!(told.text.contains("may know them by it"), alone, "{}", told.text);
    }
    town.close().await;
}
