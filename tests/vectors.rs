//! The shared vectors: what every implementation of the wire must agree on.
//!
//! Holds three things: the committed files are exactly what the generator makes (run with
//! `TRACENET_BLESS=1` to write them), this implementation gives every case its verdict, and so
//! does the second verifier, `verify.py`, which shares no code with it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, and the generator reads only what it made"
)]

#[path = "vectors_gen/arrival.rs"]
mod arrival;
#[path = "vectors_gen/book.rs"]
mod book;
#[path = "vectors_gen/chain.rs"]
mod chain;
#[path = "vectors_gen/exchange.rs"]
mod exchange;
#[path = "vectors_gen/faults.rs"]
mod faults;
#[path = "vectors_gen/fields.rs"]
mod fields;
#[path = "vectors_gen/format.rs"]
mod format;
#[path = "vectors_gen/good.rs"]
mod good;
#[path = "vectors_gen/people.rs"]
mod people;
#[path = "vectors_gen/policy.rs"]
mod policy;
#[path = "vectors_gen/raw.rs"]
mod raw;
#[path = "vectors_gen/signatures.rs"]
mod signatures;
#[path = "vectors_gen/small.rs"]
mod small;
#[path = "vectors_gen/ticket.rs"]
mod ticket;
#[path = "vectors_gen/verdict.rs"]
mod verdict;

use artifact::Kind;
use format::{Cases, VectorFile};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Transcripts of sessions: made and held by a test of the crate `session`.
const ELSEWHERE: &str = "session";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Every file, by its name without the ending: one for each check, one for each kind of envelope.
fn files() -> Vec<(String, VectorFile)> {
    let mut files = vec![
        ("hash", "BLAKE3: plain, keyed, derived for a context", Cases::Hash(small::hashes())),
        ("signature", "Strict Ed25519", Cases::Signature(signatures::signatures())),
        ("pae", "The DSSE pre-authentication encoding", Cases::Pae(small::paes())),
        ("id", "Ids of artifacts", Cases::Id(small::ids())),
        ("words", "Words of keys, codes and ids", Cases::Words(small::words())),
        ("commitment", "Commitments to evidence", Cases::Commitment(small::commitments())),
        ("display", "Text made safe to show", Cases::Display(small::shown())),
        ("head", "Heads of crystals", Cases::Head(small::heads())),
        ("ticket", "Tickets as they are pasted", Cases::Ticket(ticket::tickets())),
        ("arrival", "What a receiver answers", Cases::Arrival(arrival::arrivals())),
        ("revoking", "Revocations as they are taken", Cases::Revoking(book::revoking())),
        ("settling", "Delivery receipts as a giver takes them", Cases::Settling(book::settling())),
        (
            "countersigning",
            "Countersignatures as a taker takes them",
            Cases::Countersigning(book::countersigning()),
        ),
        ("journal", "Journals and their signed heads", Cases::Journal(chain::journals())),
    ];
    for kind in Kind::ALL {
        let mut faults = faults::Faults::of(kind);
        faults::signature_faults(&mut faults);
        faults::type_faults(&mut faults);
        faults::form_faults(&mut faults);
        faults::payload_form_faults(&mut faults);
        fields::field_faults(&mut faults);
        let cases = [good::good(kind), faults.cases].concat();
        files.push((kind.word(), "Envelopes opened as one kind", Cases::Envelope(cases)));
    }
    let file = |(name, about, cases): (&str, &str, Cases)| {
        (name.to_owned(), VectorFile { about: about.to_owned(), cases })
    };
    files.into_iter().map(file).collect()
}

fn text_of(file: &VectorFile) -> String {
    serde_json::to_string_pretty(file).unwrap() + "\n"
}

fn committed() -> Vec<(String, VectorFile)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name == ELSEWHERE {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let file = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            found.push((name, file));
        }
    }
    found
}

fn verify(args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify.py");
    Command::new("python3").arg("-B").arg(script).args(args).output().unwrap()
}

#[test]
fn the_committed_files_are_what_the_generator_makes() {
    let bless = std::env::var_os("TRACENET_BLESS").is_some();
    let mut names = BTreeSet::new();
    for (name, file) in files() {
        let path = folder().join(format!("{name}.json"));
        let text = text_of(&file);
        if bless {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name}.json is stale: run with TRACENET_BLESS=1");
        names.insert(name);
    }
    let found: BTreeSet<String> = committed().into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, names, "a file that nothing makes");
}

#[test]
fn every_case_gets_its_verdict() {
    let (mut wrong, mut bad) = (Vec::new(), 0);
    for (file, vectors) in committed() {
        let mut names = BTreeSet::new();
        for (name, agrees) in vectors.cases.judged() {
            assert!(names.insert(name.to_owned()), "{file}: {name} twice");
            if !agrees {
                wrong.push(format!("{file}: {name}"));
            }
        }
        if let Cases::Envelope(cases) = &vectors.cases {
            bad += cases.iter().filter(|case| case.verdict != "ok").count();
        }
    }
    assert!(wrong.is_empty(), "this implementation disagrees: {wrong:#?}");
    assert!(bad >= 60, "{bad} bad envelopes");
}

#[test]
fn the_second_verifier_agrees() {
    let transcripts = fs::read_to_string(folder().join(format!("{ELSEWHERE}.json"))).unwrap();
    let transcripts: serde_json::Value = serde_json::from_str(&transcripts).unwrap();
    let made = files();
    let total: usize = made.iter().map(|(_, f)| f.cases.judged().len()).sum();
    let of = |list: &str| transcripts[list].as_array().unwrap().len();
    let total = total + of("transcripts") + of("messages");
    let files = made.len() + 1;
    let out = verify(&[folder().to_str().unwrap()]);
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
    let last = said.lines().last().unwrap();
    assert_eq!(last, format!("checked {total} vectors in {files} files, 0 disagree"));
}

#[test]
fn the_second_verifier_notices_a_wrong_vector() {
    let mut file = VectorFile { about: String::new(), cases: Cases::Id(small::ids()) };
    let Cases::Id(cases) = &mut file.cases else { panic!("ids") };
    cases[0].id.0[0] ^= 1;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong-vectors");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("id.json"), text_of(&file)).unwrap();
    let out = verify(&[folder.to_str().unwrap()]);
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.ends_with("1 disagree\n"), "{said}");
}

/// Writes an export of `entries` with `head` and checks it.
fn check_export(name: &str, entries: &[Vec<u8>], head: &[u8]) -> (bool, String) {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let mut text = String::new();
    for entry in entries {
        text += &format!("{{\"entry\":\"{}\"}}\n", hex(entry));
    }
    text += &format!("{{\"head\":\"{}\"}}\n", hex(head));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    fs::write(&path, text).unwrap();
    let out = verify(&["journal", path.to_str().unwrap()]);
    (out.status.success(), String::from_utf8(out.stdout).unwrap())
}

#[test]
fn the_second_verifier_reads_an_exported_journal() {
    let (entries, last) = chain::good_chain();
    let head = chain::head(entries.len(), last);
    let (good, said) = check_export("good", &entries, &head);
    assert!(good && said.starts_with("good: "), "{said}");
    let mut swapped = entries.clone();
    swapped.swap(2, 3);
    let (good, said) = check_export("swapped", &swapped, &head);
    assert!(!good && said.contains("missing"), "{said}");
    let (good, said) = check_export("cut", &entries[..5], &head);
    assert!(!good && said.contains("truncated"), "{said}");
}
