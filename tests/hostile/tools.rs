//! Every tool, through the real shim and the real node: each answer is read strictly, and says
//! exactly what the crystal says, of whom it is.

use super::{
    corpus::MARK,
    frame::{self, Answer, Item},
    given::{self, AT_A_TIME, Given},
};
use artifact::{Crystal, FixStep};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use town::{Agent, Town, agent::Reply, has, puppet::Person};

/// Reads a framed answer; the keys of what is for programs are a closed list.
#[track_caller]
fn read(name: &str, reply: &Reply) -> Answer {
    assert!(!reply.refused && reply.text.len() <= 4_096, "{name}: {reply:?}");
    only_known_keys(name, &reply.body);
    let answer = frame::read(&reply.text);
    let answer = answer.unwrap_or_else(|e| panic!("{name}: {e}\n{}", reply.text));
    assert_eq!(answer.before, "", "{name}");
    answer
}

/// No text of a crystal stands beside the frame.
fn only_known_keys(name: &str, body: &Value) {
    match body {
        Value::Object(map) => {
            for (key, value) in map {
                let known =
                    ["hits", "missing", "absent", "why", "id", "outcome", "origin", "giver"];
                assert!(known.contains(&key.as_str()), "{name}: {key}");
                only_known_keys(name, value);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| only_known_keys(name, value)),
        Value::String(text) => {
            let hex = text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
            let outcomes = ["passed", "failed", "accepted", "unknown"];
            let others = ["mine", "peer", "late", "away", "not-given"];
            let word = [&outcomes[..], &others[..]].concat();
            assert!(hex || word.contains(&text.as_str()), "{name}: {text}");
        }
        _ => {}
    }
}

/// An item is this crystal, of this peer.
#[track_caller]
fn is(name: &str, item: &Item, given: &Given, peer: &str) {
    assert_eq!(item.id, given.id.to_string()[..16], "{name}");
    assert_eq!((item.source, item.name.as_str()), ("peer", peer), "{name}");
}

/// What a crystal says: which part can be asked for, its label, its texts.
fn said(crystal: &Crystal) -> Vec<(&'static str, &'static str, Vec<String>)> {
    let mut all = vec![
        ("title", "title", vec![crystal.title.clone()]),
        ("problem", "problem", vec![crystal.problem.clone()]),
    ];
    for step in &crystal.fix {
        all.push(match step {
            FixStep::Command { text } => ("fix", "command", vec![text.clone()]),
            FixStep::Edit { file, text } => ("fix", "edit", vec![file.clone(), text.clone()]),
        });
    }
    for check in &crystal.checks {
        all.push(("checks", "check", vec![format!("exit {}", check.exit), check.command.clone()]));
    }
    for end in &crystal.dead_ends {
        all.push(("dead ends", "dead end", vec![end.tried.clone(), end.error.clone()]));
    }
    all.push(("lesson", "lesson", crystal.lesson.clone()));
    let env = [&crystal.env.os, &crystal.env.repo].into_iter().flatten().cloned();
    let env = env.chain(crystal.env.tools.clone()).chain(crystal.env.files.clone());
    all.push(("environment", "environment", env.collect()));
    all.push(("family", "family", crystal.family.clone()));
    all.retain(|(_, _, texts)| texts.iter().any(|text| !text.trim().is_empty()));
    all
}

/// An item says this and nothing else: all of it, or its beginning where it says that it is cut.
#[track_caller]
fn says(name: &str, item: &Item, wanted: &[(&str, Vec<String>)]) {
    assert!(item.parts.len() <= wanted.len(), "{name}: {item:#?}");
    assert!(item.cut || item.parts.len() == wanted.len(), "{name}: {item:#?}");
    for (n, ((label, _, texts), (want, all))) in item.parts.iter().zip(wanted).enumerate() {
        assert_eq!(label, want, "{name}: {item:#?}");
        let last = item.cut && n + 1 == item.parts.len();
        assert!(texts.len() == all.len() || (last && texts.len() < all.len()), "{name}: {item:#?}");
        for (k, (text, want)) in texts.iter().zip(all).enumerate() {
            let ends = last && k + 1 == texts.len();
            let good = frame::says(text, want) || (ends && frame::begins(text, want));
            assert!(good, "{name}: {label}: {text:?} is not {want:?}");
        }
    }
}

async fn opened(agent: &mut Agent, given: &Given, part: &str) -> Answer {
    let name = format!("{} ({part})", given.hostile.name);
    let reply = agent.call("open", json!({ "id": given.id.to_string(), "part": part })).await;
    let answer = read(&name, &reply);
    assert!(answer.items.len() == 1, "{name}: {answer:#?}");
    is(&name, &answer.items[0], given, "puppet-40");
    let said = said(&given.hostile.crystal);
    let asked = |group: &str| part.is_empty() || group == part || group == "title";
    let wanted: Vec<(&str, Vec<String>)> =
        said.into_iter().filter(|(group, ..)| asked(group)).map(|(_, l, t)| (l, t)).collect();
    says(&name, &answer.items[0], &wanted);
    let nothing = if wanted.len() < 2 { "This crystal has nothing there." } else { "" };
    assert_eq!(answer.after, nothing, "{name}");
    answer
}

async fn recalled(agent: &mut Agent, given: &Given) {
    let name = &given.hostile.name;
    let reply = agent.call("recall", json!({ "query": given.hostile.word, "limit": 1 })).await;
    let answer = read(name, &reply);
    assert!(answer.items.len() == 1, "{name}: {answer:#?}");
    is(name, &answer.items[0], given, "puppet-40");
    assert_eq!(answer.after, "Use `open` with an id for the whole.", "{name}");
    let crystal = &given.hostile.crystal;
    let head: String = crystal.problem.chars().take(280).collect();
    let wanted = [("title", vec![crystal.title.clone()]), ("problem", vec![head])];
    says(name, &answer.items[0], &wanted);
    assert_eq!(reply.body["hits"][0]["id"], given.id.to_string(), "{name}");
    assert_eq!(reply.body["hits"][0]["origin"], "peer", "{name}");
}

/// What a hook puts before an agent for this crystal's own word; `None` when it says nothing.
async fn reminded(home: &Path, given: &Given) -> Option<String> {
    let told = json!({
        "session_id": given.id.to_string(), "cwd": "/", "prompt": given.hostile.word,
    });
    let (told, sockets) = (told.to_string(), node::socket_dir(home));
    let event = door::HookEvent::UserPromptSubmit;
    let said = door::tell_hook(home, &sockets, "claude-code", event, told.as_bytes()).await?;
    let said: Value = serde_json::from_str(&said).unwrap();
    Some(said["hookSpecificOutput"]["additionalContext"].as_str().unwrap().to_owned())
}

/// A hook gives a crystal of a peer who is let, in the same frame and with nothing beside it.
async fn put_before(home: &Path, given: &Given) {
    let name = &given.hostile.name;
    let text = reminded(home, given).await.unwrap_or_else(|| panic!("{name}: nothing is said"));
    assert!(text.len() <= 4_096, "{name}: {text}");
    let answer = frame::read(&text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
    assert_eq!((answer.before.as_str(), answer.after.as_str()), ("", ""), "{name}");
    is(name, &answer.items[0], given, "puppet-40");
}

/// An answer in our own words: one line that shows, without a frame.
#[track_caller]
fn plain(name: &str, reply: &Reply, refused: bool) {
    assert_eq!(reply.refused, refused, "{name}: {reply:?}");
    assert!(reply.text.chars().all(|c| !c.is_control()), "{name}: {reply:?}");
    assert!(!reply.text.contains("<tracenet"), "{name}: {reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_keeps_its_frame() {
    let town = Town::new().house("north").open().await;
    let (person, north) = (Person::named(40, "puppet-40", town::clock::BEGIN), town.human("north"));
    let ticket = town.ticket("north").await;
    let mut puppet = given::enter(&person, &ticket, north).await;
    town.lets("north", &person.human.public().to_string()).await;
    let corpus = given::sealed(&person);
    for some in corpus.chunks(AT_A_TIME) {
        given::give(&mut puppet, &person, north, some).await;
        let all = |node: &node::Node| some.iter().all(|given| has(node, &given.id));
        town.wait_for("north", "has some of the corpus", all).await;
    }
    let mut agent = town.pair("north", "claude-code").await;
    for given in &corpus {
        let (name, id) = (&given.hostile.name, given.id.to_string());
        recalled(&mut agent, given).await;
        put_before(town.home("north"), given).await;
        for part in ["", "problem", "fix", "checks", "dead ends", "lesson", "environment"] {
            opened(&mut agent, given, part).await;
        }
        let share = json!({ "id": id, "audience": ["public"], "reason": "no" });
        plain(name, &agent.call("request_share", share).await, true);
        let text: String = given.hostile.text.chars().take(60).collect();
        for (tool, with) in [
            ("share_status", json!({ "id": text })),
            ("withdraw", json!({ "id": text })),
            ("open", json!({ "id": text })),
            ("open", json!({ "id": id, "part": text.chars().take(12).collect::<String>() + "?" })),
            ("outcome", json!({ "id": text, "outcome": "helped" })),
            ("remember", json!({ "file": format!("/nowhere/{text}") })),
        ] {
            plain(name, &agent.call(tool, with).await, true);
        }
    }
    many_at_once(&mut agent, &corpus).await;
    unlet(&town, &person, &corpus).await;
    let helped = json!({ "id": corpus[0].id.to_string(), "outcome": "helped" });
    plain("outcome", &agent.call("outcome", helped).await, false);
    assert!(town.pending("north").is_empty(), "nothing of a peer's was asked for");
    puppet.leave().await;
    town.close().await;
}

/// Of a peer who is let no longer a hook gives nothing, whatever it fits.
async fn unlet(town: &Town, person: &Person, corpus: &[Given]) {
    town.node("north").unlet(&person.human.public().to_string()).await.unwrap();
    for given in corpus.iter().step_by(8) {
        assert_eq!(reminded(town.home("north"), given).await, None, "{}", given.hostile.name);
    }
}

/// Ten items in one frame: each has its room, whatever stands in the others.
async fn many_at_once(agent: &mut Agent, corpus: &[Given]) {
    let known: BTreeSet<String> =
        corpus.iter().map(|g| g.id.to_string()[..16].to_owned()).collect();
    let reply = agent.call("recall", json!({ "query": MARK, "limit": 10 })).await;
    let answer = read("many", &reply);
    assert_eq!(answer.items.len(), 10, "{}", reply.text);
    for item in &answer.items {
        assert!(known.contains(&item.id) && item.source == "peer", "{item:#?}");
        assert!(!item.parts.is_empty(), "an item was crowded out: {}", reply.text);
    }
    assert_eq!(reply.body["hits"].as_array().unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_remembered_is_framed_alike() {
    let town = Town::new().house("north").open().await;
    let mut agent = town.pair("north", "claude-code").await;
    let mut kept = 0;
    for (name, text) in super::texts::texts() {
        let reply = agent.call("remember", json!({ "text": text })).await;
        plain(&name, &reply, reply.refused);
        if reply.refused {
            continue;
        }
        kept += 1;
        let shown = agent.call("open", json!({ "id": reply.body["id"] })).await;
        let answer = read(&name, &shown);
        assert_eq!((answer.items.len(), answer.items[0].source), (1, "here"), "{name}");
        assert!(answer.items[0].parts.iter().all(|(_, marked, _)| !marked), "{name}");
    }
    assert!(kept > 100, "{kept}");
    town.close().await;
}
