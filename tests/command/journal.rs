//! `tracenet log verify` finds whatever was done to the journal's rows behind its back.

use super::rig::Machine;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{path::Path, process::Command};

const JOURNAL: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("journal-0");
const HEAD: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("journal-head-0");

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads a table of the store, lets `change` do to its rows what it likes, and writes them back.
fn rewrite(home: &Path, table: TableDefinition<'_, &[u8], &[u8]>, change: impl FnOnce(&mut Rows)) {
    let db = Database::open(home.join("store.redb")).unwrap();
    let mut rows: Rows = {
        let tx = db.begin_read().unwrap();
        let table = tx.open_table(table).unwrap();
        let rows = table.iter().unwrap().map(Result::unwrap);
        rows.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect()
    };
    change(&mut rows);
    let tx = db.begin_write().unwrap();
    {
        let mut table = tx.open_table(table).unwrap();
        table.retain(|_, _| false).unwrap();
        for (key, value) in &rows {
            table.insert(key.as_slice(), value.as_slice()).unwrap();
        }
    }
    tx.commit().unwrap();
}

/// Does something to a copy of the journal, and looks whether it is found.
#[track_caller]
fn check(machine: &Machine, what: &str, change: impl FnOnce(&mut Rows)) {
    let file = machine.home.join("store.redb");
    let good = std::fs::read(&file).unwrap();
    rewrite(&machine.home, JOURNAL, change);
    found(machine, what);
    std::fs::write(&file, good).unwrap();
}

#[track_caller]
fn found(machine: &Machine, what: &str) {
    let ran = machine.run(&["log", "verify"]);
    ran.refused("tracenet: the journal is not whole");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("THE JOURNAL IS NOT WHOLE: "), "{what}: {ran:#?}");
    assert!(lines[1].starts_with("  → ") && lines[1].len() > 20, "{what}: {ran:#?}");
    let json = machine.run(&["--json", "log", "verify"]);
    assert_eq!(json.code, 1, "{what}: {json:#?}");
    assert_eq!(json.json()["whole"], false, "{what}");
    let doctor = machine.run(&["doctor"]);
    assert!(doctor.out.contains("!!  journal"), "{what}: {doctor:#?}");
}

#[test]
fn a_journal_that_was_tampered_with_is_found_out() {
    let Some(machine) = Machine::ready() else { return };
    for n in 1..4 {
        let id = machine.remember(n);
        let ask = machine.json(&["share", &id, "--public"]);
        machine.run(&["answer", ask["ask"].as_str().unwrap(), "deny"]).done();
    }
    assert_eq!(machine.verified(), 7);
    let whole = machine.run(&["log", "verify"]);
    assert!(whole.done().starts_with("The journal is whole. Entries: 7, head "), "{whole:#?}");

    check(&machine, "one bit changed", |rows| *rows[3].1.last_mut().unwrap() ^= 1);
    check(&machine, "one byte more", |rows| rows[3].1.push(0));
    check(&machine, "emptied", |rows| rows[3].1.clear());
    check(&machine, "dropped", |rows| drop(rows.remove(3)));
    check(&machine, "the first dropped", |rows| drop(rows.remove(0)));
    check(&machine, "dropped, and those after moved up", |rows| {
        let keys: Vec<Vec<u8>> = rows.iter().map(|(key, _)| key.clone()).collect();
        rows.remove(3);
        rows.iter_mut().zip(keys).for_each(|(row, key)| row.0 = key);
    });
    check(&machine, "two swapped", |rows| {
        let other = rows[2].1.clone();
        rows[2].1 = std::mem::replace(&mut rows[4].1, other);
    });
    check(&machine, "one doubled", |rows| {
        let (mut key, value) = rows[6].clone();
        *key.last_mut().unwrap() += 1;
        rows.push((key, value));
    });
    check(&machine, "the end cut off", |rows| rows.truncate(5));
    check(&machine, "all cut off", Vec::clear);

    assert_eq!(machine.verified(), 7, "the copy that was put back is whole");
}

#[test]
fn a_signed_head_is_bound_to_its_entries() {
    let Some(machine) = Machine::ready() else { return };
    let id = machine.remember(1);
    let file = machine.home.join("store.redb");
    // An older store with its own good head, cut to which a newer one would verify.
    let older = machine.file("older.redb", std::fs::read(&file).unwrap());
    machine.json(&["share", &id, "--public"]);
    let newer = std::fs::read(&file).unwrap();
    let mut old_head = Rows::new();
    std::fs::rename(&older, machine.path("store.redb")).unwrap();
    rewrite(machine.path("store.redb").parent().unwrap(), HEAD, |rows| old_head = rows.clone());

    rewrite(&machine.home, HEAD, |rows| *rows = old_head.clone());
    found(&machine, "an older head");
    std::fs::write(&file, &newer).unwrap();
    rewrite(&machine.home, HEAD, Vec::clear);
    found(&machine, "no head");
    std::fs::write(&file, &newer).unwrap();
    rewrite(&machine.home, HEAD, |rows| *rows[0].1.last_mut().unwrap() ^= 1);
    found(&machine, "another signature");
    std::fs::write(&file, &newer).unwrap();
    assert_eq!(machine.verified(), 2);
}

#[test]
fn an_exported_journal_is_checked_by_another_program() {
    let Some(machine) = Machine::ready() else { return };
    for n in 1..3 {
        let id = machine.remember(n);
        let ask = machine.json(&["share", &id, "--public"]);
        machine.run(&["answer", ask["ask"].as_str().unwrap(), "deny"]).done();
    }
    let file = machine.path("journal.jsonl");
    let path = file.to_str().unwrap();
    let said = machine.run(&["log", "export", path]);
    assert_eq!(said.done(), "Wrote [TMP]/journal.jsonl with 5 entries and the signed head.\n");
    machine.run(&["log", "export", path]).refused_with(&["journal.jsonl cannot be written"]);
    let verify = |text: &str| {
        let copy = machine.file("copy.jsonl", text);
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/verify.py");
        let ran = Command::new("python3").args([program, "journal"]).arg(copy).output().unwrap();
        let said = |bytes| String::from_utf8(bytes).unwrap();
        (ran.status.success(), said(ran.stdout), said(ran.stderr))
    };
    let whole = std::fs::read_to_string(&file).unwrap();
    let (good, said, _) = verify(&whole);
    assert!(good && said.starts_with("good: 5 entries, 0 receipts, chained and signed"), "{said}");
    let lines: Vec<&str> = whole.lines().collect();
    let first: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!((&first["seq"], &first["event"]), (&2.into(), &"asked".into()), "{first}");

    let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat().join("\n");
    let with = |n: usize, line: &str| {
        let mut lines = lines.clone();
        lines[n] = line;
        lines.join("\n")
    };
    let last: serde_json::Value = serde_json::from_str(lines[5]).unwrap();
    let (entry, head) = (first["entry"].as_str().unwrap(), last["head"].as_str().unwrap());
    // One digit in the middle is another.
    let bent = |hex: &str| {
        let middle = hex.len() / 2;
        let other = if &hex[middle..=middle] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &hex[..middle], &hex[middle + 1..])
    };
    let edited = bent(entry);
    for (what, wrong) in [
        ("the first left out", without(0)),
        ("one in the middle left out", without(2)),
        ("the last left out", without(4)),
        ("no head", without(5)),
        ("one edited", with(1, &format!("{{\"entry\":\"{edited}\"}}"))),
        ("one twice", with(3, lines[2])),
        ("two swapped", [&lines[..2], &[lines[3], lines[2]], &lines[4..]].concat().join("\n")),
        ("another head", with(5, &format!("{{\"head\":\"{}\"}}", bent(head)))),
    ] {
        assert!(!verify(&wrong).0, "{what} was not found");
    }
    // What is only for reading proves nothing, and disturbs nothing.
    let retold = whole.replace("\"event\":\"denied\"", "\"event\":\"allowed\"");
    assert!(retold != whole && verify(&retold).0);
}
