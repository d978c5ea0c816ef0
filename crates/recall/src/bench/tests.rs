//! The figures by hand, and what is said of folders that are no sets.
#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests fail by panicking; exact")]

use super::*;
use std::fs;

fn id(name: &str) -> ArtifactId {
    ArtifactId::of(name.as_bytes())
}

/// The figures of an answer in this order, when these are right.
fn check(hits: &[&str], right: &[(&str, f64)]) -> Scores {
    let hits: Vec<_> = hits.iter().map(|name| Hit { id: id(name), score: 1.0 }).collect();
    Scores::of(&hits, &right.iter().map(|(name, gain)| (id(name), *gain)).collect())
}

#[test]
fn figures_are_what_they_are_by_hand() {
    let perfect = Scores { ndcg10: 1.0, hit1: 1.0, hit10: 1.0, mrr: 1.0 };
    assert_eq!(check(&["a", "b"], &[("a", 1.0)]), perfect);
    assert_eq!(check(&["b", "a"], &[("a", 1.0), ("b", 1.0)]), perfect);
    let second = Scores { ndcg10: 1.0 / 3.0_f64.log2(), hit1: 0.0, hit10: 1.0, mrr: 0.5 };
    assert_eq!(check(&["b", "a"], &[("a", 1.0)]), second);
    let one_of_two = 1.0 / (1.0 + 1.0 / 3.0_f64.log2());
    assert_eq!(check(&["a"], &[("a", 1.0), ("b", 1.0)]).ndcg10, one_of_two);
    assert!(check(&["b", "a"], &[("a", 3.0), ("b", 1.0)]).ndcg10 < 1.0);
    let late: Vec<String> = (0..10).map(|n| n.to_string()).chain(["a".to_owned()]).collect();
    let late = check(&late.iter().map(String::as_str).collect::<Vec<_>>(), &[("a", 1.0)]);
    assert_eq!(late, Scores { ndcg10: 0.0, hit1: 0.0, hit10: 0.0, mrr: 1.0 / 11.0 });
    assert_eq!(check(&[], &[("a", 1.0)]), Scores::default());
}

#[test]
fn a_difference_has_an_interval_around_it() {
    let scores = |n: &[f64]| {
        n.iter().map(|ndcg10| Scores { ndcg10: *ndcg10, ..Scores::default() }).collect::<Vec<_>>()
    };
    let same = Difference::of(&scores(&[0.75; 9]), &scores(&[0.5; 9]));
    assert_eq!(same, Difference { mean: 0.25, low: 0.25, high: 0.25 });
    let mixed = Difference::of(&scores(&[1.0, 0.0, 0.5, 1.0]), &scores(&[0.0, 0.0, 1.0, 0.5]));
    assert!(mixed.low < mixed.mean && mixed.mean < mixed.high);
    assert_eq!(mixed.mean, 0.25);
}

const DOCS: &str = r#"{"id": "crane", "title": "Make the crane Send", "text": "wrapped in an Arc"}
{"id": 7, "text": "untangle a borrow", "title": null, "more": 1}
"#;
const QUERIES: &str = r#"{"id": "q1", "text": "crane"}
{"id": "q2", "text": "borrow crane", "exclude": ["crane"]}
{"id": "q3", "text": "nobody judged this"}
"#;
const QRELS: &str = "q1\tcrane\t1\nq2\t7\t1\n";

fn folder(docs: &str, queries: &str, qrels: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("docs.jsonl", docs), ("queries.jsonl", queries), ("qrels.tsv", qrels)] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

#[test]
fn a_set_is_measured_as_the_product_answers() {
    let set = Set::read(folder(DOCS, QUERIES, QRELS).path()).unwrap();
    assert_eq!((set.size(), set.unknown), ((2, 3), 0));
    let mut steps = Vec::new();
    let asked = ask(&set, None, |step, done, of| steps.push((step, done, of))).unwrap();
    let report = report(&asked);
    assert_eq!(steps, [(Step::Asking, 0, 2), (Step::Asking, 1, 2)]);
    assert_eq!((report.questions, report.fused.hit1, report.fused.mrr), (2, 1.0, 1.0));
    assert_eq!((report.bm25, report.vectors), (report.fused, None));
    let json = serde_json::to_value(&report).unwrap();
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&json), ["abstain", "bm25", "fused", "vectors"]);
    assert_eq!(keys(json.get("fused").unwrap()), ["hit1", "hit10", "mrr", "ndcg10"]);
    assert_eq!(keys(json.get("abstain").unwrap()), ["coverage", "precision"]);
}

#[test]
fn what_others_write_is_read() {
    let qrels = "query-id\tcorpus-id\tscore\r\nq1\tcrane\t1\r\n\r\nq2\t7\nq2\tcrane\t0\nq9\t7\t1\n";
    let set = Set::read(folder(&format!("\u{feff}{DOCS}"), QUERIES, qrels).path()).unwrap();
    assert_eq!(set.unknown, 1);
    let right: Vec<_> = set.questions.iter().map(|q| q.right.len()).collect();
    assert_eq!(right, [1, 1, 0]);
}

#[test]
fn what_is_no_set_is_said_with_its_line() {
    let said = |docs: &str, queries: &str, qrels: &str| {
        Set::read(folder(docs, queries, qrels).path()).err().map(|e| e.to_string()).unwrap()
    };
    let missing = tempfile::tempdir().unwrap();
    let error = Set::read(missing.path()).err().unwrap().to_string();
    assert!(error.contains("docs.jsonl cannot be read"), "{error}");
    assert_eq!(said("", QUERIES, QRELS), "docs.jsonl is empty");
    assert!(said(&format!("{DOCS}{{"), QUERIES, QRELS).starts_with("docs.jsonl, line 3: "));
    assert!(said("{\"id\": \"a\"}", QUERIES, QRELS).contains("missing field `text`"));
    let twice = said(&format!("{DOCS}{DOCS}"), QUERIES, QRELS);
    assert_eq!(twice, "docs.jsonl, line 3: the id crane is there twice");
    let twice = said(DOCS, &format!("{QUERIES}{QUERIES}"), QRELS);
    assert_eq!(twice, "queries.jsonl, line 4: the id q1 is there twice");
    let columns = said(DOCS, QUERIES, "q1 crane 1");
    assert_eq!(columns, "qrels.tsv, line 1: 1 columns instead of question, document and 1");
    assert_eq!(
        said(DOCS, QUERIES, "q1\tcrane\t1\nq1\t7\tx"),
        "qrels.tsv, line 2: \"x\" is not a number"
    );
    let nothing = Set::read(folder(DOCS, QUERIES, "q9\tcrane\t1").path()).unwrap();
    assert!(matches!(ask(&nothing, None, |_, _, _| ()), Err(BenchError::Nothing)));
}
