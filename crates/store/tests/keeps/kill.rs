//! kill -9 at any moment: what was acknowledged is there, and nothing else half.

use crate::house::*;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
};
use store::Store;

/// Run as a child: appends for ever, and says each number once it is durable.
#[test]
fn child_appends() {
    let Some(home) = child_home() else { return };
    say("opening");
    let store = Store::open(&home).unwrap();
    store.sign_with(journal_secret());
    loop {
        let seq = change(&store, |c| {
            let seq = c.append(event(2), 2)?;
            // A thing beside each entry, large enough to need pages of its own.
            c.put_snapshot(&thing(seq))?;
            Ok(seq)
        });
        say(&format!("acknowledged {seq}"));
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{word}").unwrap();
    out.flush().unwrap();
}

fn thing(seq: u64) -> Vec<u8> {
    seq.to_be_bytes().repeat(500 + usize::try_from(seq % 7).unwrap() * 300)
}

/// Lets a child append, kills it once it has said so many numbers, and gives the last of them.
fn killed_after(acknowledged: usize, home: &Path) -> u64 {
    let mut child = child("kill::child_appends", home).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "opening"), "the child never began");
    let mut said = lines.filter_map(|line| line.strip_prefix("acknowledged ")?.parse().ok());
    let before = said.by_ref().take(acknowledged).last();
    child.kill().unwrap();
    let last = said.last().or(before).unwrap_or_default();
    child.wait().unwrap();
    last
}

/// The journal is whole, and each entry's thing is there and no other.
fn check(house: &House, acknowledged: u64) {
    let store = house.open();
    let look = store.look().unwrap();
    let (entries, _) = look.verify_journal(&journal_key()).unwrap().unwrap();
    assert!(entries >= acknowledged, "{acknowledged} acknowledged, {entries} there");
    assert!(entries <= acknowledged + 1, "{acknowledged} acknowledged, {entries} there");
    let there = |seq| look.snapshot(&artifact::ArtifactId::of(&thing(seq))).unwrap().is_some();
    assert!((1..=entries).all(there));
    assert!(!there(entries + 1));
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let house = House::new();
    let mut last = 0;
    for round in 0..16 {
        let acknowledged = round * 5 % 13;
        last = killed_after(acknowledged, &house.home()).max(last);
        check(&house, last);
        last = house.open().look().unwrap().journal_len().unwrap();
    }
    assert!(last > 60, "only {last} entries in all rounds");
}

#[test]
fn a_first_start_that_is_killed_is_no_obstacle() {
    for _ in 0..4 {
        let house = House::new();
        let last = killed_after(0, &house.home());
        check(&house, last);
    }
}
