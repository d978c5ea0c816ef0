//! How what stands in kept logs is grouped.
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;

const DAY: u64 = 86_400_000;

fn row(rule: &str, same: &str, place: &str, line: u64, day: u64) -> RecordedRow {
    RecordedRow {
        rule: rule.into(),
        label: format!("{rule} token"),
        masked: format!("{rule}_…{same}"),
        same: same.into(),
        line,
        trace: format!("{place}-{day}"),
        place: place.into(),
        agent: "Claude Code".into(),
        at: day * DAY,
    }
}

#[test]
fn secrets_stand_by_kind_and_file_with_first_and_last() {
    let kinds = kinds(&[
        row("npm", "a", "one.jsonl", 9, 2),
        row("github", "x", "one.jsonl", 4, 2),
        row("npm", "a", "two.jsonl", 3, 5),
        row("npm", "b", "two.jsonl", 7, 5),
        row("npm", "a", "two.jsonl", 30, 6),
        row("github", "x", "one.jsonl", 5, 2),
    ]);
    let seen: Vec<(&str, usize, usize, u64, u64)> = kinds
        .iter()
        .map(|one| (one.rule.as_str(), one.keys, one.files.len(), one.age.first, one.age.last))
        .collect();
    assert_eq!(seen, [("npm", 2, 2, 2 * DAY, 6 * DAY), ("github", 1, 1, 2 * DAY, 2 * DAY)]);

    let npm = &kinds[0].files;
    let places: Vec<&str> = npm.iter().map(|file| file.place.as_str()).collect();
    assert_eq!(places, ["two.jsonl", "one.jsonl"], "what was used last comes first");
    assert_eq!((npm[0].age.first, npm[0].age.last), (5 * DAY, 6 * DAY));
    let keys: Vec<(usize, &[u64])> =
        npm[0].keys.iter().map(|key| (key.key, key.lines.as_slice())).collect();
    assert_eq!(keys, [(1, &[3, 30][..]), (2, &[7][..])]);
    assert_eq!(npm[1].keys[0].key, 1, "the same secret has the same number in every file");
}

#[test]
fn a_kind_is_told_with_its_counts_and_its_files_below() {
    let rows: Vec<RecordedRow> = (1..=7).map(|n| row("npm", "a", "one.jsonl", n, 2)).collect();
    let mut lines: Vec<String> = kinds(&rows).iter().flat_map(kind).collect();
    let at = time(2 * DAY);
    assert_eq!(lines.remove(0), format!("\nnpm token: 1 in 1 file, used {at}"));
    assert_eq!(lines.remove(0), format!("  one.jsonl  Claude Code, used {at}"));
    assert_eq!(lines, ["    npm_…a  lines 1, 2, 3, 4, 5 and 2 more"]);
    let two = [row("npm", "a", "one.jsonl", 1, 2), row("npm", "b", "two.jsonl", 1, 4)];
    let lines: Vec<String> = kinds(&two).iter().flat_map(kind).collect();
    let ages = format!("first used {at}, last {}", time(4 * DAY));
    assert_eq!(lines[0], format!("\nnpm token: 2 in 2 files, {ages}"));
}
