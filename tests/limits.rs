//! The limits of this house, held to what `docs/threat-model.md` says of them: every number that
//! bounds something stands there with its value, and with a test that hits it; and every threat with
//! tests that are there.
//!
//! It reads the sources and builds nothing.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The crates that others speak to, or that keep what they say.
const CRATES: [&str; 8] =
    ["artifact", "consent", "session", "screen", "store", "peer", "door", "node"];
/// What a number is made of.
const NUMBERS: [&str; 7] =
    ["usize", "u32", "u64", "Duration", "UnixMillis", "(u32, u32)", "(u32, Duration)"];
/// Names of versions: closed lists, and no limits.
const VERSIONS: [&str; 2] = ["VERSION", "PROTOCOL"];

/// A constant: the file under its crate's sources, and its name.
type Name = (String, String);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found
}

/// The constant of a line, if it is one of numbers: its name and its value, as written.
fn number(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let at = line.find("const ").filter(|at| *at == 0 || line.starts_with("pub"))?;
    let (name, rest) = line[at + "const ".len()..].split_once(": ")?;
    let (kind, value) = rest.split_once(" = ")?;
    let counts = NUMBERS.contains(&kind) && !VERSIONS.contains(&name);
    counts.then(|| (name.to_owned(), value.trim_end_matches(';').to_owned()))
}

/// Every number of the sources that has a name. What follows `cfg(test)` is a test's own.
fn numbers() -> BTreeMap<Name, String> {
    let mut found = BTreeMap::new();
    for name in CRATES {
        let folder = root().join("crates").join(name).join("src");
        for path in rust_files(&folder) {
            let inside = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            if inside.ends_with("tests.rs") || inside.contains("tests/") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for (constant, value) in product.lines().filter_map(number) {
                found.insert((format!("{name}/{inside}"), constant), value);
            }
        }
    }
    found
}

/// The rows of every table under a heading that begins so: their cells, without backticks.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let cells = |line: &str| {
        let line = line.trim().trim_matches('|');
        line.split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    section.lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// Every source in which a test may stand, in one.
fn tests() -> String {
    let files =
        ["crates", "src-tauri", "tests"].map(|folder| rust_files(&root().join(folder))).concat();
    files.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The name and the value of a row.
fn named(row: &[String]) -> (Name, String) {
    let (name, file) = row[0].split_once(" in ").unwrap();
    ((file.to_owned(), name.to_owned()), row[1].clone())
}

#[test]
fn every_number_stands_in_the_table_as_it_is() {
    let (limits, paces) = (rows("Limits"), rows("Paces"));
    let told: BTreeMap<Name, String> = limits.iter().chain(&paces).map(|row| named(row)).collect();
    assert_eq!(told.len(), limits.len() + paces.len(), "a number stands there twice");
    let real = numbers();
    assert!(real.len() > 100, "only {} numbers were found", real.len());
    for (name, value) in &real {
        assert_eq!(told.get(name), Some(value), "{name:?}: what the table says, and what is so");
    }
    for name in told.keys() {
        assert!(real.contains_key(name), "{name:?} is no number of the sources");
    }
}

#[test]
fn every_limit_is_hit_by_a_test_that_is_there() {
    let tests = tests();
    for row in rows("Limits") {
        let [name, _, bounds, hit] = row.as_slice() else { panic!("four cells: {row:?}") };
        assert!(!bounds.is_empty(), "{name}: what it bounds");
        for test in hit.split(", ") {
            let there = tests.contains(&format!("fn {test}("));
            assert!(!test.is_empty() && there, "{name}: there is no test {test}");
        }
    }
}

/// The rows of the table of threats: their cells.
fn threats() -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Threats")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The threats that this house was built against, by the names they were given then: each begins a
/// row of the table.
const FOUNDING: [&str; 22] = [
    "a local agent exports directly",
    "wrong process blamed",
    "persuasion by text",
    "artifact changed while pending",
    "replayed receipt",
    "restored backup",
    "moved clock",
    "forged notification or tray event",
    "stray typing and clicks",
    "script in an artifact",
    "malicious peer",
    "confused deputy",
    "prompt flood",
    "scanner evasion",
    "log truncation or rewriting",
    "poisoned crystal from a peer",
    "stolen or copied disk",
    "fake prompt window",
    "downgrade",
    "rule poisoning",
    "lock screen and bystanders",
    "test seams shipped",
];

#[test]
fn every_founding_threat_has_a_row() {
    let threats = threats();
    for name in FOUNDING {
        assert!(threats.iter().any(|row| row[0].starts_with(name)), "no row begins: {name}");
    }
}

#[test]
fn every_threat_is_met_by_tests_that_are_there() {
    let (tests, threats) = (tests(), threats());
    assert!(threats.len() > 40, "only {} threats were found", threats.len());
    for row in threats {
        let [threat, answer, named, reached] = row.as_slice() else {
            panic!("threat, answer, tests and how far they went: {row:?}")
        };
        assert!(!answer.is_empty() && !reached.is_empty(), "{threat}: an answer, and how far");
        let named: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{threat}: its tests");
        for test in named {
            // A file of the face, or a function here.
            let face = test.starts_with("ui/") && root().join(test).is_file();
            let there = tests.contains(&format!("fn {test}("));
            assert!(face || there, "{threat}: there is no test {test}");
        }
    }
}
