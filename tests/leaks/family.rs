//! What a family tells of who wrote it, measured over real reports of people: in how large a
//! crowd each stands, how often somebody who has all reports guesses the right one by its family,
//! and whether it ever holds a word of its own.

use artifact::{Crystal, Env, Outcome};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};

/// In how large a crowd half of the texts stand at least, and among how many one is guessed.
const CROWD: usize = 5;

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    title: String,
    text: String,
}

/// The reports of a set as crystals, or a line that says that it was skipped.
fn crystals(set: &str) -> Option<Vec<Crystal>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(set);
    let Ok(text) = fs::read_to_string(path.join("docs.jsonl")) else {
        eprintln!("skipped: no set at {}", path.display());
        return None;
    };
    let reports = text.lines().map(|line| serde_json::from_str::<Report>(line).unwrap());
    Some(reports.map(crystal).collect())
}

fn crystal(report: Report) -> Crystal {
    Crystal {
        title: report.title,
        problem: report.text,
        fix: Vec::new(),
        checks: Vec::new(),
        outcome: Outcome::Unknown,
        dead_ends: Vec::new(),
        lesson: Vec::new(),
        env: Env::default(),
        family: Vec::new(),
        supersedes: None,
        evidence: Vec::new(),
        iat: 1,
    }
}

/// Families of a set, and how many crystals have each.
fn crowds(crystals: &[Crystal]) -> BTreeMap<Vec<String>, usize> {
    let mut crowds = BTreeMap::new();
    for crystal in crystals {
        *crowds.entry(distil::family(crystal)).or_default() += 1;
    }
    crowds
}

#[track_caller]
fn check(set: &str) {
    let Some(crystals) = crystals(set) else { return };
    let crowds = crowds(&crystals);
    let mut sizes: Vec<usize> = crowds.values().flat_map(|n| std::iter::repeat_n(*n, *n)).collect();
    sizes.sort_unstable();
    let at = |tenths: usize| sizes[sizes.len() * tenths / 10];
    let unique = sizes.iter().filter(|n| **n == 1).count();
    // Who knows every report and is shown one family guesses one of its crowd.
    let (all, guessed) = (crystals.len(), crowds.len());
    eprintln!(
        "{set}: {all} reports in {guessed} crowds, p10 {}, p50 {}, alone {unique}; guessed {guessed} \
         in {all} instead of 1",
        at(1),
        at(5)
    );
    assert!(at(5) >= CROWD, "{set}: half of them stand in a crowd");
    assert!(guessed * CROWD <= all, "{set}: one in {CROWD} is guessed at the most");
    let public = |term: &String| {
        let (kind, word) = term.split_once(':').unwrap();
        ["action", "domain", "error", "tool"].contains(&kind)
            && VOCABULARY.contains(&format!("\n{word} = ["))
    };
    let rare = crowds.keys().flatten().filter(|term| !public(term)).count();
    assert_eq!(rare, 0, "{set}: words of their own");
}

/// As it is shipped.
const VOCABULARY: &str = include_str!("../../crates/distil/src/family/vocabulary.toml");

#[test]
fn reports_of_people_stand_in_crowds() {
    check("seamonkey");
}

#[test]
fn questions_of_people_stand_in_crowds() {
    check("cosqa-dev");
}
