//! The index: what a question finds, in which order, and how the cache heals itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use crate::model::tests::folder as model;
use artifact::Outcome;
use proptest::prelude::*;
use std::fs;

fn doc(name: &str, title: &str, body: &str) -> Doc {
    Doc {
        id: id(name),
        title: title.to_owned(),
        problem: String::new(),
        files: String::new(),
        commands: String::new(),
        body: body.to_owned(),
        peer: false,
        outcome: Outcome::Unknown,
        at: 1,
        repository: String::new(),
        helped: 0,
        links: Vec::new(),
    }
}

fn asked(text: &str) -> Question<'_> {
    Question { text, ..Question::default() }
}

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

fn found(index: &Index, query: &str) -> Vec<ArtifactId> {
    index.search(&asked(query), 10).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// What `query` finds first among `docs`, and, with no names, that it finds nothing.
fn check(docs: &[Doc], query: &str, first: &[&str]) {
    let index = Index::in_memory().unwrap();
    index.put(docs, 1).unwrap();
    let mut hits = found(&index, query);
    if !first.is_empty() {
        hits.truncate(first.len());
    }
    assert_eq!(hits, first.iter().map(|name| id(name)).collect::<Vec<_>>(), "{query}");
}

fn town() -> Vec<Doc> {
    let borrow = "the borrow checker refuses a mutable borrow while the loop runs";
    vec![
        Doc {
            problem: "error[E0277]: the trait bound `Foo: Send` is not satisfied".to_owned(),
            files: "src/harbour/crane.rs".to_owned(),
            commands: "cargo check --all-targets".to_owned(),
            ..doc("trait", "Make the crane Send", "wrapped the Rc in an Arc")
        },
        Doc {
            problem: "error[E0502]: cannot borrow as mutable".to_owned(),
            files: "src/harbour/boat.rs".to_owned(),
            commands: "cargo check --all-targets".to_owned(),
            ..doc("borrow", "Untangle a borrow", borrow)
        },
        Doc {
            commands: "npm run build".to_owned(),
            ..doc("vite", "Vite build fails", "resolveConfig threw; src/main.ts was missing")
        },
        doc("login", "parse the login form", "userSessionToken expired while parsing"),
    ]
}

#[test]
fn rare_exact_words_come_first() {
    check(&town(), "what does error E0277 mean in this loop", &["trait"]);
    check(&town(), "cargo check src/harbour/boat.rs", &["borrow", "trait"]);
    check(&town(), "resolve_config", &["vite"]);
    check(&town(), "session tokens", &["login"]);
    check(&town(), "USERSESSIONTOKEN", &["login"]);
    check(&town(), "parsed", &["login"]);
}

#[test]
fn titles_and_errors_weigh_more_than_the_rest() {
    let filler = "one two three";
    let problem = Doc { problem: "gasket".to_owned(), ..doc("problem", filler, filler) };
    let body = doc("body", filler, "gasket one two");
    check(&[body.clone(), doc("title", "gasket", filler)], "gasket", &["title", "body"]);
    check(&[body, problem], "gasket", &["problem", "body"]);
}

#[test]
fn among_equals_the_better_then_the_own_then_the_newer_goes_first() {
    let same = |name| doc(name, "gasket", "");
    let docs = [
        Doc { outcome: Outcome::Failed, at: 9, ..same("failed") },
        Doc { peer: true, outcome: Outcome::Passed, at: 9, ..same("peer") },
        Doc { outcome: Outcome::Passed, at: 1, ..same("older") },
        Doc { outcome: Outcome::Passed, at: 2, ..same("newer") },
        Doc { at: u64::MAX, ..same("unknown") },
    ];
    check(&docs, "gasket", &["newer", "older", "peer", "unknown", "failed"]);
}

#[test]
fn stopwords_alone_find_nothing() {
    check(&town(), "what is the", &[]);
    check(&town(), "", &[]);
}

#[test]
fn a_put_replaces_and_a_forget_removes() {
    let index = Index::in_memory().unwrap();
    index.put(&town(), 4).unwrap();
    index.put(&[doc("vite", "gasket", ""), doc("vite", "piston", "")], 5).unwrap();
    assert_eq!((index.len(), index.seq()), (4, 5));
    assert_eq!((found(&index, "gasket"), found(&index, "resolveConfig")), (vec![], vec![]));
    assert_eq!(found(&index, "piston"), [id("vite")]);
    index.forget(&[id("vite"), id("never seen")], 6).unwrap();
    assert_eq!((index.len(), index.seq(), found(&index, "piston")), (3, 6, vec![]));
    index.clear().unwrap();
    assert_eq!((index.len(), index.seq(), index.is_empty()), (0, 0, true));
    index.put(&town(), 7).unwrap();
    assert_eq!((index.len(), index.seq()), (4, 7));
}

#[test]
fn limits_are_kept() {
    let index = Index::in_memory().unwrap();
    let docs: Vec<_> = (0..30).map(|n| doc(&n.to_string(), "gasket", "")).collect();
    index.put(&docs, 1).unwrap();
    for (limit, hits) in [(0, 0), (7, 7), (usize::MAX, 30)] {
        assert_eq!(index.search(&asked("gasket"), limit).unwrap().hits.len(), hits);
    }
}

#[test]
fn what_was_put_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b");
    let index = Index::open(&path, None).unwrap();
    assert_eq!((index.seq(), index.len()), (0, 0));
    index.put(&town(), 42).unwrap();
    drop(index);
    let index = Index::open(&path, None).unwrap();
    assert_eq!((index.seq(), index.len()), (42, 4));
    assert_eq!(found(&index, "resolveConfig"), [id("vite")]);
    index.forget(&[], 43).unwrap();
    drop(index);
    assert_eq!(Index::open(&path, None).unwrap().seq(), 43);
}

#[test]
fn searches_go_on_while_another_thread_writes() {
    let index = Index::in_memory().unwrap();
    index.put(&town(), 1).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (2..20).for_each(|seq| index.put(&town(), seq).unwrap()));
        while !writer.is_finished() {
            assert_eq!(found(&index, "resolveConfig"), [id("vite")]);
        }
    });
    assert_eq!((index.seq(), index.len()), (19, 4));
}

/// Damages one file of an index with `damage`, then opens it and uses it.
fn check_healing(file: &str, damage: impl Fn(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), None).unwrap();
    index.put(&town(), 42).unwrap();
    drop(index);
    let mut files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    damage(files.iter().find(|path| name(path).ends_with(file)).unwrap());
    fs::write(dir.path().join("notes.txt"), "not ours").unwrap();

    let index = Index::open(dir.path(), None).unwrap();
    assert_eq!((index.seq(), index.len()), (0, 0), "{file}");
    index.put(&town(), 43).unwrap();
    assert_eq!(found(&index, "resolveConfig"), [id("vite")], "{file}");
    drop(index);
    assert_eq!(Index::open(dir.path(), None).unwrap().seq(), 43, "{file}");
    assert_eq!(fs::read(dir.path().join("notes.txt")).unwrap(), b"not ours");
}

#[test]
fn a_damaged_folder_heals() {
    for file in ["meta.json", ".idx", ".store", ".term", ".fast", ".fieldnorm"] {
        check_healing(file, |path| fs::write(path, "").unwrap());
        check_healing(file, |path| fs::write(path, "{\"not\": \"an index\"}".repeat(20)).unwrap());
        check_healing(file, |path| fs::remove_file(path).unwrap());
        check_healing(file, |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, bytes.get(..bytes.len() / 2).unwrap()).unwrap();
        });
    }
    for file in [".idx", ".store", ".term", ".fast", ".fieldnorm"] {
        check_healing(file, |path| {
            let mut bytes = fs::read(path).unwrap();
            *bytes.first_mut().unwrap() ^= 1;
            fs::write(path, bytes).unwrap();
        });
    }
}

#[test]
fn an_index_of_another_version_is_made_anew() {
    let rename = |path: &Path| {
        let meta = fs::read_to_string(path).unwrap();
        fs::write(path, meta.replace(crate::words::NAME, "words-0")).unwrap();
    };
    check_healing("meta.json", rename);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(Index::open(&file, None), Err(OpenError::Folder(_))));
}

#[test]
fn a_second_writer_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) =
        (Index::open(dir.path(), None).unwrap(), Index::open(dir.path(), None).unwrap());
    first.put(&town(), 1).unwrap();
    assert!(matches!(second.put(&town(), 2), Err(WriteError::Busy)));
    drop(first);
    second.put(&town(), 3).unwrap();
    assert_eq!((second.len(), second.seq()), (4, 3));
}

#[test]
fn hostile_queries_are_plain_text() {
    let index = Index::in_memory().unwrap();
    index.put(&town(), 1).unwrap();
    for query in [
        "title:",
        "\"unclosed",
        "a AND OR NOT",
        "+(-[{*?~^:",
        "\\",
        "\0\u{1}\u{7f}\u{202e}",
        "* *",
        "{\"a\":",
        "../../..",
        "E0277\"; DROP",
        "𝕌𝕟𝕚𝕔𝕠𝕕𝕖 ﷽ \u{10ffff}",
    ] {
        index.search(&asked(query), 10).unwrap();
    }
    let huge = "resolveConfig \"AND (".repeat(1 << 20);
    assert_eq!(found(&index, &huge), [id("vite")]);
    let distinct: String = (0..100_000).map(|n| format!("w{n} ")).collect();
    assert_eq!(found(&index, &format!("resolveConfig {distinct}")), [id("vite")]);
    index.search(&asked(&"検".repeat(1 << 20)), 10).unwrap();
    index.search(&asked(&"a".repeat(1 << 20)), 10).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_document_is_found_by_its_own_title(title in any::<String>(), body in any::<String>()) {
        let index = Index::in_memory().unwrap();
        index.put(&[doc("it", &format!("gasket {title}"), &body)], 1).unwrap();
        index.search(&asked(&title), 10).unwrap();
        index.search(&asked(&body), 10).unwrap();
        prop_assert_eq!(found(&index, &format!("{title} gasket")), [id("it")]);
    }
}

#[test]
fn what_speaks_for_a_document_decides_between_like_ones() {
    let same = |name| doc(name, "gasket", "");
    let index = Index::in_memory().unwrap();
    let docs = [
        Doc { repository: "harbour".to_owned(), ..same("here") },
        Doc { helped: 2, ..same("helped") },
        Doc { at: 90_000_000_000, ..same("recent") },
        same("plain"),
        Doc { helped: -5, ..same("wrong") },
    ];
    index.put(&docs, 1).unwrap();
    let asked =
        Question { text: "gasket", repository: "harbour", now: 90_000_000_000, ..asked("gasket") };
    let hits = index.search(&asked, 10).unwrap().hits;
    let order: Vec<_> = hits.iter().map(|hit| hit.id).collect();
    assert_eq!(order[2..], [id("recent"), id("plain"), id("wrong")]);
    assert!(order[..2].contains(&id("here")) && order[..2].contains(&id("helped")));
}

#[test]
fn what_is_no_answer_is_passed_over() {
    let index = Index::in_memory().unwrap();
    let docs = [doc("itself", "gasket", ""), doc("other", "gasket and piston", "")];
    index.put(&docs, 1).unwrap();
    let question = Question { except: &[id("itself")], ..asked("gasket E0277") };
    let hits = index.search(&question, 10).unwrap().hits;
    assert_eq!(hits.iter().map(|hit| hit.id).collect::<Vec<_>>(), [id("other")]);
}

/// Own memory is found as if nobody had told of anything.
#[test]
fn of_ones_own_nothing_is_pushed_out_by_what_peers_tell() {
    let index = Index::in_memory().unwrap();
    let own = [doc("mine", "gasket E0277", "and some more words"), doc("other", "piston", "")];
    index.put(&own, 1).unwrap();
    let alone = index.search(&asked("gasket piston E0277"), 10).unwrap().hits;
    let told = (0..2_000).map(|n| Doc {
        peer: true,
        ..doc(&n.to_string(), "gasket piston E0277", "gasket piston E0277")
    });
    index.put(&told.collect::<Vec<_>>(), 2).unwrap();
    let ids = |own| {
        let question = Question { own, ..asked("gasket piston E0277") };
        let hits = index.search(&question, 10).unwrap().hits;
        hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert!(!ids(false).contains(&id("mine")));
    assert_eq!(ids(true), alone.iter().map(|hit| hit.id).collect::<Vec<_>>());
}

/// A document that holds an exact rare term is among the hits, however many hold more of the rest.
#[test]
fn a_pinned_document_is_found_behind_many() {
    let index = Index::in_memory().unwrap();
    let mut docs: Vec<_> = (0..40)
        .map(|n| doc(&n.to_string(), "gasket piston valve", "gasket piston valve"))
        .collect();
    let filler = "word ".repeat(400);
    docs.push(doc("code", "minutes of a meeting", &format!("{filler} harbour_master {filler}")));
    index.put(&docs, 1).unwrap();
    let hits = index.search(&asked("gasket piston valve harbour_master"), 2).unwrap().hits;
    assert!(hits.iter().any(|hit| hit.id == id("code")), "{hits:?}");
}

#[test]
fn without_a_model_everything_is_by_words() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), Some(&dir.path().join("model"))).unwrap();
    index.put(&town(), 1).unwrap();
    assert_eq!(index.model(), ModelState::Missing);
    assert_eq!(index.embed(|_| unreachable!("nothing to embed with")).unwrap(), 0);
    assert_eq!((index.waiting(), index.embedded()), (4, 0));
    let answer = index.ask(&asked("resolveConfig"), 10).unwrap();
    assert_eq!((answer.means, answer.hits[0].id), (Means::Words, id("vite")));
    assert_eq!(index.nearest(&asked("resolveConfig"), 10), None);
}

#[test]
fn a_model_that_is_damaged_is_said_and_does_no_harm() {
    let (dir, model) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["model.safetensors", "tokenizer.json"] {
        fs::write(model.path().join(name), "not a model").unwrap();
    }
    let index = Index::open(dir.path(), Some(model.path())).unwrap();
    index.put(&town(), 1).unwrap();
    assert_eq!(index.model(), ModelState::Resting);
    assert_eq!(index.embed(|_| None).unwrap(), 0);
    assert!(matches!(index.model(), ModelState::Broken(_)));
    assert_eq!(index.ask(&asked("resolveConfig"), 10).unwrap().means, Means::Words);
}

/// Documents that share no word with what is asked.
fn meanings() -> Vec<Doc> {
    let dated = |at, name, text| Doc { at, ..doc(name, text, "") };
    vec![
        dated(1, "animals", "kitten and puppy care"),
        dated(2, "money", "interest rates of the central bank"),
        dated(3, "weather", "heavy rain with thunder tonight"),
    ]
}

fn embed_all(index: &Index, docs: &[Doc]) -> Vec<ArtifactId> {
    let mut read = Vec::new();
    loop {
        let waiting = index.embed(|id| {
            read.push(*id);
            docs.iter().find(|doc| doc.id == *id).cloned()
        });
        if waiting.unwrap() == 0 {
            return read;
        }
    }
}

#[test]
fn meanings_are_embedded_newest_first_and_found() {
    let Some(model) = model() else { return };
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    let docs = meanings();
    index.put(&docs, 1).unwrap();
    assert_eq!(embed_all(&index, &docs), [id("weather"), id("money"), id("animals")]);
    let first = |index: &Index, text: &str| {
        let answer = index.ask(&asked(text), 10).unwrap();
        assert_eq!(answer.means, Means::Both);
        answer.hits[0].id
    };
    assert_eq!(first(&index, "how to look after a young cat"), id("animals"));
    assert_eq!(first(&index, "storm"), id("weather"));
    index.forget(&[id("weather")], 2).unwrap();
    assert_ne!(first(&index, "storm"), id("weather"));
    assert_eq!(index.embedded(), 2);

    index.rest();
    assert_eq!(index.model(), ModelState::Loaded, "it was used since");
    index.rest();
    assert_eq!(index.model(), ModelState::Resting);
    assert_eq!(first(&index, "mortgage"), id("money"));
}

#[test]
fn embedding_goes_on_where_it_was_cut_off_and_heals() {
    let Some(model) = model() else { return };
    let dir = tempfile::tempdir().unwrap();
    let docs: Vec<_> = (0..20).map(|n| doc(&n.to_string(), &format!("gasket {n}"), "")).collect();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    index.put(&docs, 1).unwrap();
    let read = |id: &ArtifactId| docs.iter().find(|doc| doc.id == *id).cloned();
    let waiting = index.embed(read).unwrap();
    assert!(waiting > 0 && index.embedded() == docs.len() - waiting);
    drop(index);

    let index = Index::open(dir.path(), Some(&model)).unwrap();
    assert_eq!(embed_all(&index, &docs).len(), waiting, "what is there is not made again");
    drop(index);
    fs::remove_file(dir.path().join("vectors")).unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    assert_eq!(index.ask(&asked("gasket 7"), 1).unwrap().means, Means::Words, "no waiting");
    assert_eq!(embed_all(&index, &docs).len(), docs.len());
    drop(index);
    // The words are lost: the vectors of documents that do not come back go too.
    fs::remove_file(dir.path().join("meta.json")).unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    assert_eq!((index.seq(), index.embedded()), (0, docs.len()));
    index.put(&docs[..5], 1).unwrap();
    assert!(embed_all(&index, &docs).is_empty(), "their vectors are still good");
    assert_eq!(index.embedded(), 5);
}

#[test]
fn a_text_that_changed_is_embedded_again() {
    let Some(model) = model() else { return };
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    let mut docs = meanings();
    index.put(&docs, 1).unwrap();
    embed_all(&index, &docs);
    docs[0].title = "a recipe for bread".to_owned();
    docs[1].outcome = Outcome::Passed;
    index.put(&docs, 2).unwrap();
    assert_eq!(embed_all(&index, &docs), [id("animals")], "not for its outcome");
    assert_eq!(index.ask(&asked("baking"), 1).unwrap().hits[0].id, id("animals"));
}

#[test]
fn what_fits_badly_is_not_sure() {
    let Some(model) = model() else { return };
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    let docs = meanings();
    index.put(&docs, 1).unwrap();
    let sure = |text| index.ask(&asked(text), 10).unwrap().is_sure();
    assert!(sure("rain") && !sure("piano"), "by words whatever is found");
    embed_all(&index, &docs);
    assert!(sure("interest rates of the central bank"));
    assert!(!sure("how does one tune a piano"));
}

/// What means the same is found by its meaning, and still an error's code goes first.
#[test]
fn an_exact_rare_term_is_pinned() {
    let Some(model) = model() else { return };
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path(), Some(&model)).unwrap();
    let mut docs = meanings();
    docs.extend((0..20).map(|n| doc(&n.to_string(), "heavy rain again", "and a thunder storm")));
    docs.push(doc("code", "unrelated notes of a meeting about lunch", "E0277"));
    index.put(&docs, 1).unwrap();
    embed_all(&index, &docs);
    assert_eq!(index.ask(&asked("E0277 in heavy rain"), 1).unwrap().hits[0].id, id("code"));
}
