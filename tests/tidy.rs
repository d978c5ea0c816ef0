//! The habits of this house, held by a machine: which crate may name which, how long a file may
//! be, and words and calls that belong in one place only.
//!
//! It reads the tracked files and `cargo metadata`, and builds nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The most lines of a source file. Aim at 300.
const MAX_LINES: usize = 500;

/// The floors, in the form in which `docs/architecture.md` has them: that page is the truth, and
/// this stands in for it where it is missing.
const FLOORS: &str = "
| floor | crate | one sentence | may name |
|---|---|---|---|
| 0 | `artifact` | What is said. | – |
| 0 | `consent` | Asks, receipts, the journal. | artifact |
| 0 | `session` | A peer session without IO. | artifact, consent |
| 0 | `distil` | Logs to crystals. | artifact |
| 0 | `screen` | Finds secrets. | – |
| 1 | `store` | Keeps everything durable. | floor 0 |
| 1 | `recall` | The index. | floor 0 |
| 1 | `peer` | Speaks to other nodes. | floor 0 |
| 1 | `door` | Lets local agents in. | artifact |
| 1 | `keys` | Keychain, PIN, key files. | floor 0 |
| 2 | `node` | The order in which things happen. | floors 0, 1 |
| 3 | `wire` | Mirrors for the face. | node, floor 0 |
| 3 | `cli` | The command. | wire, node, door, recall, screen |
| – | `shell` | Windows. | wire, node |
";

/// Packages of the workspace that are no part of the system: they may name anything.
const OUTSIDE: [&str; 5] = ["tracenet-desktop", "town", "bench", "empty-app", "proof"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn output(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Every file that is tracked, or that would be once it is added.
fn files() -> Vec<PathBuf> {
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let out = Command::new("git").args(listed).current_dir(root()).output();
    let names: Vec<PathBuf> = match out {
        Ok(out) if out.status.success() => {
            let names = String::from_utf8(out.stdout).unwrap();
            names.split_terminator('\0').map(PathBuf::from).collect()
        }
        // Sources without their history, as in a tarball.
        _ => walked(),
    };
    names.into_iter().filter(|name| root().join(name).is_file()).collect()
}

fn walked() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let made = ["target", "node_modules", "dist", "dist-fake", ".git", "gen"];
            if path.is_dir() && !made.contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found
}

fn is(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Sources whose text may hold what it forbids or names, because they are about it.
fn is_this(path: &Path) -> bool {
    path == Path::new("tests/tidy.rs")
}

/// Rust that is tests, examples or measurements, and not the product.
fn is_test(path: &Path) -> bool {
    let first = path.components().next().unwrap().as_os_str();
    let part = |wanted: &str| path.components().any(|c| c.as_os_str() == wanted);
    first == "tests"
        || first == "fuzz"
        || part("tests")
        || part("examples")
        || part("benches")
        || path.file_name().is_some_and(|name| name == "tests.rs")
}

/// Fails with every line that broke a rule.
fn none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// Lines of the product's sources in which `found` finds something, as `path:line: text`.
fn lines(of: impl Fn(&Path) -> bool, found: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let mut hits = Vec::new();
    for path in files().into_iter().filter(|path| of(path) && !is_this(path)) {
        for (n, line) in read(&path).lines().enumerate() {
            if found(&path, line) {
                hits.push(format!("{}:{}: {}", path.display(), n + 1, line.trim()));
            }
        }
    }
    hits
}

/// One row of the table: its floor, and the names or floors it may name.
struct Row {
    floor: String,
    may: Vec<String>,
}

fn table() -> BTreeMap<String, Row> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap_or_default();
    let found = rows(&page);
    if found.is_empty() { rows(FLOORS) } else { found }
}

/// The rows of the table that begins with `| floor | crate |`.
fn rows(page: &str) -> BTreeMap<String, Row> {
    let begins = |line: &&str| {
        let cells = cells(line);
        cells.first().is_some_and(|c| c == "floor") && cells.get(1).is_some_and(|c| c == "crate")
    };
    let table = page.lines().skip_while(|line| !begins(line)).skip(2);
    let table = table.take_while(|line| line.trim_start().starts_with('|'));
    let mut rows = BTreeMap::new();
    for line in table {
        let cells = cells(line);
        let [floor, name, .., may] = cells.as_slice() else { panic!("a short row: {line}") };
        // `app (crate shell)`, or only the name.
        let name = name.split_once("crate ").map_or(name.as_str(), |(_, name)| name);
        let name = name.trim_end_matches(')').trim().to_owned();
        let mut words = Vec::new();
        let mut floors = false;
        for word in may.split([',', ' ']).filter(|w| !w.is_empty() && *w != "and" && *w != "–") {
            match word {
                "floor" | "floors" => floors = true,
                number if floors && number.len() == 1 && number.as_bytes()[0].is_ascii_digit() => {
                    words.push(number.to_owned());
                }
                crate_ => words.push(crate_.to_owned()),
            }
        }
        rows.insert(name, Row { floor: floor.clone(), may: words });
    }
    rows
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect()
}

/// Every package of the workspace, with the packages of the workspace it depends on.
fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let told: serde_json::Value = serde_json::from_str(&output(&cargo, &args)).unwrap();
    let list = told["packages"].as_array().unwrap();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    let known: BTreeSet<String> = list.iter().map(&name).collect();
    let own = |package: &serde_json::Value| {
        let needs = package["dependencies"].as_array().unwrap().iter();
        // What tests need is no arrow of the system.
        let needs = needs.filter(|need| need["kind"] != "dev").map(&name);
        needs.filter(|need| known.contains(need)).collect::<BTreeSet<_>>()
    };
    list.iter().map(|package| (name(package), own(package))).collect()
}

#[test]
fn no_crate_names_one_it_may_not() {
    let (table, mut broken) = (table(), Vec::new());
    for (name, needs) in packages() {
        let Some(row) = table.get(&name) else {
            if !OUTSIDE.contains(&name.as_str()) {
                broken.push(format!("{name} stands on no floor"));
            }
            continue;
        };
        for need in needs {
            let Some(other) = table.get(&need) else {
                broken.push(format!("{name} names {need}, which stands on no floor"));
                continue;
            };
            if !row.may.contains(&need) && !row.may.contains(&other.floor) {
                broken.push(format!("{name} may not name {need}"));
            }
        }
    }
    none(broken, "the floors of docs/architecture.md");
}

#[test]
fn every_crate_stands_in_the_table_and_nothing_else_does() {
    let packages: BTreeSet<String> =
        packages().into_keys().filter(|name| !OUTSIDE.contains(&name.as_str())).collect();
    let listed: BTreeSet<String> = table().into_keys().collect();
    assert_eq!(packages, listed);
    // Floor 0 names nothing above itself, whatever the page says.
    for (name, row) in table().into_iter().filter(|(_, row)| row.floor == "0") {
        let low = |word: &String| table().get(word).is_some_and(|other| other.floor == "0");
        assert!(row.may.iter().all(low), "{name}: {:?}", row.may);
    }
}

/// Floor 0 is pure: everything it needs is passed in.
#[test]
fn floor_0_needs_no_runtime_no_randomness_and_no_disk() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let told: serde_json::Value = serde_json::from_str(&output(&cargo, &args)).unwrap();
    let table = table();
    let mut broken = Vec::new();
    for package in told["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if table.get(name).is_none_or(|row| row.floor != "0") {
            continue;
        }
        for need in package["dependencies"].as_array().unwrap() {
            let forbidden = ["tokio", "getrandom", "rand", "redb", "iroh", "tempfile"];
            let need = (need["name"].as_str().unwrap(), need["kind"].as_str());
            if forbidden.contains(&need.0) && need.1 != Some("dev") {
                broken.push(format!("{name} needs {}", need.0));
            }
        }
        let own = Path::new("crates").join(name).join("src");
        let impure = ["std::fs", "std::net", "std::env", "std::process", "std::thread", "async fn"];
        broken.extend(lines(
            |path| path.starts_with(&own) && is(path, &["rs"]) && !is_test(path),
            |_, line| impure.iter().any(|word| code(line).contains(word)),
        ));
    }
    none(broken, "floor 0 is pure");
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[test]
fn no_file_is_longer_than_a_human_reads() {
    let long = |path: &Path| {
        // A verifier that stands alone is one file, so that it can be carried to another machine.
        path != Path::new("tests/verify.py")
            // Written by a test, from the types of `wire`.
            && path != Path::new("ui/src/host/types.ts")
    };
    let mut broken = Vec::new();
    for path in files().into_iter().filter(|p| is(p, &["rs", "ts", "svelte", "py"]) && long(p)) {
        let count = read(&path).lines().count();
        if count > MAX_LINES {
            broken.push(format!("{} has {count} lines", path.display()));
        }
    }
    none(broken, "at most 500 lines a file");
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let mut broken = Vec::new();
    for path in files().into_iter().filter(|path| is(path, &["rs"])) {
        if !read(&path).starts_with("//! ") {
            broken.push(path.display().to_string());
        }
    }
    none(broken, "every .rs file begins with what it is for");
}

#[test]
fn nothing_is_left_for_later_in_the_sources() {
    let marks = ["TODO", "FIXME", "XXX", "HACK", "unimplemented!", "todo!("];
    let sources = |path: &Path| {
        is(path, &["rs", "ts", "svelte", "css", "py", "sh", "toml"]) || path == Path::new("dev")
    };
    let word = |line: &str, mark: &str| {
        line.match_indices(mark).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + mark.len()..].chars().next();
            let apart = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            apart(before) && (mark.ends_with(['!', '(']) || apart(after))
        })
    };
    let broken = lines(sources, |_, line| marks.iter().any(|mark| word(line, mark)));
    none(broken, "nothing is left for later");
}

#[test]
fn names_say_what_a_thing_is() {
    let vague = [
        "manager",
        "service",
        "helper",
        "helpers",
        "util",
        "utils",
        "common",
        "misc",
        "handler",
        "processor",
        "mod",
    ];
    let named = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        is(path, &["rs", "ts", "svelte"]) && vague.contains(&stem.as_str())
    };
    let broken = files().into_iter().filter(named).map(|path| path.display().to_string());
    none(broken.collect(), "files named for what they hold, and no mod.rs");
}

#[test]
fn only_the_host_folder_knows_tauri() {
    let face = |path: &Path| path.starts_with("ui/src") && is(path, &["ts", "svelte"]);
    let broken =
        lines(face, |path, line| line.contains("@tauri-apps") && !path.starts_with("ui/src/host"));
    none(broken, "@tauri-apps only under ui/src/host");
    let rust = |path: &Path| {
        is(path, &["rs"]) && !path.starts_with("src-tauri") && !path.starts_with("tests")
    };
    none(lines(rust, |_, line| code(line).contains("tauri::")), "only src-tauri knows Tauri");
}

/// A verified receipt opens the gate, so there are two ways to one, and both check everything.
#[test]
fn a_verified_receipt_is_made_in_two_places_only() {
    let product = |path: &Path| is(path, &["rs"]) && !is_test(path);
    let receipt = Path::new("crates/consent/src/receipt.rs");
    let receive = Path::new("crates/consent/src/receive.rs");
    let made = lines(product, |path, line| {
        code(line).contains("VerifiedReceipt {")
            && !["struct", "impl", "->"].iter().any(|word| line.contains(word))
            && path != receipt
    });
    none(made, "built by hand outside its own file");
    let after = lines(product, |path, line| {
        line.contains("after_checks(") && path != receipt && path != receive
    });
    none(after, "made after checks by others than the receiver");
    let text = read(receipt);
    assert!(text.contains("pub(crate) fn after_checks("), "the shortcut is private to its crate");
    let body = text.split("impl VerifiedReceipt {").nth(1).unwrap();
    let body = body.split("\n}").next().unwrap();
    let makers: Vec<&str> = body
        .split("pub fn ")
        .skip(1)
        .filter(|f| {
            let signature = f.split('{').next().unwrap();
            signature.contains("-> Self") || signature.contains("Result<Self")
        })
        .map(|f| f.split(['(', '<']).next().unwrap())
        .collect();
    assert_eq!(makers, ["own"], "the one public maker");
    let fields = text.split("pub struct VerifiedReceipt {").nth(1).unwrap();
    assert!(!fields.split('}').next().unwrap().contains("pub"), "no field is public");
    let derives = text.split("pub struct VerifiedReceipt").next().unwrap();
    let derive = derives.lines().rev().find(|line| line.contains("derive")).unwrap();
    assert!(!derive.contains("Deserialize") && !derive.contains("Default"), "{derive}");
}

/// The one way into the outbox takes the receipt that allows it.
#[test]
fn nothing_is_exported_without_a_verified_receipt() {
    let host = read(Path::new("crates/peer/src/host.rs"));
    assert!(host.contains("pub async fn export(&self, receipt: &VerifiedReceipt, bytes: &[u8])"));
    let peer = |path: &Path| path.starts_with("crates/peer/src") && !is_test(path);
    let adds = lines(peer, |_, line| {
        [".add_bytes(", ".add_slice(", ".add_path(", ".add_stream(", ".import_"]
            .iter()
            .any(|call| code(line).contains(call))
    });
    let elsewhere: Vec<String> =
        adds.into_iter().filter(|hit| !hit.starts_with("crates/peer/src/outbox.rs:")).collect();
    none(elsewhere, "bytes enter the outbox in outbox.rs only");
    let product = |path: &Path| is(path, &["rs"]) && !is_test(path);
    let plain = lines(product, |_, line| code(line).contains("BlobsProtocol"));
    none(plain, "the handler that serves every blob to anyone is never used");
}

/// An answer that grants passes one gate of the node, and faces reach it through `wire` alone.
#[test]
fn only_wire_hands_answers_to_the_node() {
    let product = |path: &Path| is(path, &["rs"]) && !is_test(path);
    let given = lines(product, |path, line| {
        let own = path.starts_with("crates/node/src") || path.starts_with("crates/wire/src");
        code(line).contains("Given {") && !own
    });
    none(given, "a face that answers past wire::Gate");
}

/// Time is passed in, so that a test decides it.
#[test]
fn the_clock_is_read_in_one_place() {
    let allowed: &[(&str, &str)] = &[
        ("crates/node/src/clock.rs", "the machine's clock, handed to everything else"),
        (
            "crates/peer/src/limit.rs",
            "how long a connection was silent: tokio's clock, which \
                                      tests stop, and never a date",
        ),
    ];
    let sources = |path: &Path| {
        is(path, &["rs"]) && !is_test(path) && !allowed.iter().any(|(p, _)| path == Path::new(p))
    };
    let broken = lines(sources, |_, line| {
        ["SystemTime::now", "Instant::now", "UtcDateTime::now", "Timestamp::now", "Zoned::now"]
            .iter()
            .any(|call| code(line).contains(call))
    });
    none(broken, "the clock is read in crates/node/src/clock.rs");
    for (path, _) in allowed {
        assert!(read(Path::new(path)).contains("Instant::now") || path.contains("clock"));
    }
}

/// What is kept here works on any machine.
#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let text = |path: &Path| {
        let plain = is(
            path,
            &["rs", "ts", "svelte", "css", "html", "md", "toml", "json", "py", "sh", "yml"],
        ) || ["dev", ".ci/run", ".gitignore"].iter().any(|p| path == Path::new(p));
        // Vectors are hex and fixed texts; what others resolved is theirs.
        plain && !path.starts_with("tests/vectors") && !path.ends_with("package-lock.json")
    };
    let places = ["/work/", "/root/", "/tmp/bash", "/home/user/"];
    none(lines(text, |_, line| places.iter().any(|place| line.contains(place))), "machine paths");
}

#[test]
fn a_test_that_cannot_run_says_so_where_it_is_counted() {
    let tests =
        |path: &Path| is(path, &["rs"]) && is_test(path) && !path.ends_with("tests/tidy.rs");
    let says = |line: &str| line.contains("println!(") && line.to_lowercase().contains("\"skipped");
    let said = lines(tests, |_, line| says(line));
    assert!(said.len() > 5, "where tests say it: {said:?}");
    none(
        lines(tests, |_, line| says(line) && !line.contains("eprintln!(\"skipped: ")),
        "uncounted",
    );
    assert!(read(Path::new("dev")).contains("grep -oh 'skipped: "), "./dev counts them");
}

#[test]
fn no_test_is_switched_off_and_none_sleeps_to_wait() {
    let rust = |path: &Path| is(path, &["rs"]);
    none(lines(rust, |_, line| code(line).trim().starts_with("#[ignore")), "no test is ignored");
    let allowed: &[(&str, &str)] = &[
        ("tests/bench", "measures, and tests nothing"),
        ("tests/desktop", "a page in a webview does not tell when it is drawn"),
        ("crates/peer/tests/life.rs", "how long a session stays up by itself is what is tested"),
        (
            "crates/peer/tests/reach",
            "a list of addresses changes without an event, so it is looked at again and again; \
             and silence has none either",
        ),
    ];
    let may = |path: &Path| {
        let path = path.to_string_lossy();
        allowed.iter().any(|(start, _)| path.starts_with(start))
    };
    let tests = |path: &Path| is(path, &["rs"]) && is_test(path) && !may(path);
    let sleeps = lines(tests, |_, line| {
        code(line).contains("thread::sleep(") || code(line).contains("time::sleep(")
    });
    none(sleeps, "tests wait for what happens, and not for time");
}
