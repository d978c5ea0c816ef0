//! The index: what a question finds, in which order, and how the cache heals itself.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use artifact::Outcome;
use proptest::prelude::*;

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
    }
}

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

fn found(index: &Index, query: &str) -> Vec<ArtifactId> {
    index.search(query, 10).unwrap().into_iter().map(|hit| hit.id).collect()
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
        assert_eq!(index.search("gasket", limit).unwrap().len(), hits);
    }
}

#[test]
fn what_was_put_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b");
    let index = Index::open(&path).unwrap();
    assert_eq!((index.seq(), index.len()), (0, 0));
    index.put(&town(), 42).unwrap();
    drop(index);
    let index = Index::open(&path).unwrap();
    assert_eq!((index.seq(), index.len()), (42, 4));
    assert_eq!(found(&index, "resolveConfig"), [id("vite")]);
    index.forget(&[], 43).unwrap();
    drop(index);
    assert_eq!(Index::open(&path).unwrap().seq(), 43);
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
    let index = Index::open(dir.path()).unwrap();
    index.put(&town(), 42).unwrap();
    drop(index);
    let mut files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    damage(files.iter().find(|path| name(path).ends_with(file)).unwrap());
    fs::write(dir.path().join("notes.txt"), "not ours").unwrap();

    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.seq(), index.len()), (0, 0), "{file}");
    index.put(&town(), 43).unwrap();
    assert_eq!(found(&index, "resolveConfig"), [id("vite")], "{file}");
    drop(index);
    assert_eq!(Index::open(dir.path()).unwrap().seq(), 43, "{file}");
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
        fs::write(path, meta.replace(words::NAME, "words-0")).unwrap();
    };
    check_healing("meta.json", rename);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(Index::open(&file), Err(OpenError::Folder(_))));
}

#[test]
fn a_second_writer_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Index::open(dir.path()).unwrap(), Index::open(dir.path()).unwrap());
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
        index.search(query, 10).unwrap();
    }
    let huge = "resolveConfig \"AND (".repeat(1 << 20);
    assert_eq!(found(&index, &huge), [id("vite")]);
    let distinct: String = (0..100_000).map(|n| format!("w{n} ")).collect();
    assert_eq!(found(&index, &format!("resolveConfig {distinct}")), [id("vite")]);
    index.search(&"検".repeat(1 << 20), 10).unwrap();
    index.search(&"a".repeat(1 << 20), 10).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_document_is_found_by_its_own_title(title in any::<String>(), body in any::<String>()) {
        let index = Index::in_memory().unwrap();
        index.put(&[doc("it", &format!("gasket {title}"), &body)], 1).unwrap();
        index.search(&title, 10).unwrap();
        index.search(&body, 10).unwrap();
        prop_assert_eq!(found(&index, &format!("{title} gasket")), [id("it")]);
    }
}
