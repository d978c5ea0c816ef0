//! Links: who has them, in which order, and that no question is answered by them.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::{Doc, Index, Question};
use artifact::Outcome;

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

fn doc(name: &str) -> Doc {
    Doc {
        id: id(name),
        title: "gasket".to_owned(),
        problem: String::new(),
        files: String::new(),
        commands: String::new(),
        body: String::new(),
        peer: false,
        outcome: Outcome::Unknown,
        at: 1,
        repository: String::new(),
        helped: 0,
        links: Vec::new(),
    }
}

#[test]
fn links_find_who_has_them_newest_first_and_answer_no_question() {
    let [gull, tern] = ["gull", "tern"].map(|name| Link::new("bird", name.as_bytes()));
    assert_ne!(gull, Link::new("bir", b"dgull"));
    let with =
        |name, at, peer, links: &[Link]| Doc { at, peer, links: links.to_vec(), ..doc(name) };
    let index = Index::in_memory().unwrap();
    index.put(&[with("a", 1, false, &[gull]), with("b", 3, true, &[gull, tern])], 1).unwrap();
    index.put(&[with("c", 2, true, &[gull]), with("d", 4, false, &[])], 2).unwrap();
    let linked = |link, limit| index.linked(link, limit).unwrap();
    assert_eq!(linked(&gull, 9), Linked { ids: vec![id("b"), id("c"), id("a")], all: 3 });
    assert_eq!(linked(&gull, 2), Linked { ids: vec![id("b"), id("c")], all: 3 });
    assert_eq!(index.shared(&gull).unwrap(), Shared { own: 1, others: 2 });
    let question = Question { text: "gull", ..Question::default() };
    assert_eq!(index.search(&question, 9).unwrap().hits, []);
    index.put(&[with("b", 3, true, &[tern])], 3).unwrap();
    index.forget(&[id("a")], 4).unwrap();
    assert_eq!(linked(&gull, 9), Linked { ids: vec![id("c")], all: 1 });
    assert_eq!(index.shared(&tern).unwrap(), Shared { own: 0, others: 1 });
    assert_eq!(linked(&Link::new("bird", b""), 9), Linked::default());
}
