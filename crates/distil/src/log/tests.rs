//! Logs cut into records: nothing is lost, whatever the size of the chunks.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use std::{cell::RefCell, rc::Rc};

/// Writes down what it is given.
struct Witness(Rc<RefCell<Vec<String>>>);

impl Importer for Witness {
    fn format(&self) -> &'static str {
        "test"
    }

    fn record(&mut self, member: &str, bytes: &[u8]) {
        self.0.borrow_mut().push(format!("{member}={}", String::from_utf8_lossy(bytes)));
    }

    fn oversized(&mut self, bytes: u64) {
        self.0.borrow_mut().push(format!("over {bytes}"));
    }

    fn finish(self: Box<Self>, _source: ArtifactId) -> Run {
        unreachable!("only cuts are looked at")
    }
}

fn cut(document: bool, bytes: &[u8], chunk: usize) -> Vec<String> {
    let told = Rc::new(RefCell::new(Vec::new()));
    let mut witness = Witness(Rc::clone(&told));
    if document {
        let mut document = Document::new(&["steps"], &["query"]);
        bytes.chunks(chunk).for_each(|chunk| document.push(chunk, &mut witness));
        document.finish(&mut witness);
    } else {
        let mut lines = Lines::default();
        bytes.chunks(chunk).for_each(|chunk| lines.push(chunk, &mut witness));
        lines.finish(&mut witness);
    }
    let told = told.borrow();
    told.clone()
}

fn check(document: bool, text: &str, want: &[&str]) {
    for chunk in [1, 2, 3, 7, 1 << 20] {
        assert_eq!(cut(document, text.as_bytes(), chunk), want, "{chunk} at a time: {text}");
    }
}

#[test]
fn lines_are_records() {
    check(false, "a\n\nb", &["=a", "=", "=b"]);
    check(false, "a\n", &["=a"]);
    check(false, "", &[]);
}

#[test]
fn elements_and_members_of_a_document_are_records() {
    check(
        true,
        "\u{feff} {\"a\": {\"x\":[1,2]}, \"steps\" : [ {\"n\":1,\"t\":\"]},\\\"\"} ,\n{\"n\":2}, 3],\
         \"b\":\"é\", \"c\":4}\n",
        &[
            "a={\"x\":[1,2]}",
            "steps={\"n\":1,\"t\":\"]},\\\"\"} ",
            "steps={\"n\":2}",
            "steps=3",
            "b=\"é\"",
            "c=4",
        ],
    );
    check(true, "{\"steps\":[]}", &[]);
    check(true, "{}", &[]);
}

#[test]
fn what_repeats_the_log_is_passed_over() {
    check(
        true,
        "{\"steps\":[{\"query\":[{\"a\":[1]},\"},\"],\"b\":{\"query\":7}},{\"c\":1,\"query\": {}}]}",
        &["steps={\"query\":null,\"b\":{\"query\":7}}", "steps={\"c\":1,\"query\":null}"],
    );
}

#[test]
fn what_is_cut_off_is_one_unreadable_record() {
    check(true, "{\"steps\":[{\"n\":1},{\"n\":", &["steps={\"n\":1}", "steps={\"n\":"]);
    check(true, "{\"steps\":[{\"n\":1}", &["steps={\"n\":1}"]);
    check(true, "{\"steps\":[{\"n\":1},", &["steps={\"n\":1}", "steps={"]);
    check(true, "{\"a\":1} x", &["a=1", "=x"]);
    check(true, "[1]", &["=[1]"]);
    check(true, "", &[]);
}

#[test]
fn a_very_long_text_is_cut_at_a_whole_character() {
    for filler in ["é", "𝔘x", "\\n", "\\u00e9", "\\ud835\\udd18", "\\\\"] {
        let text = format!("{{\"steps\":[{{\"t\":\"{}\",\"n\":1}}]}}", filler.repeat(400_000));
        for chunk in [1_000, 1 << 20] {
            let told = cut(true, text.as_bytes(), chunk);
            assert_eq!(told.len(), 1, "{filler}");
            let json = told.first().unwrap().strip_prefix("steps=").unwrap();
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(value.get("n").unwrap(), 1, "{filler}");
            assert!(json.len() < 300 << 10, "{filler}: {}", json.len());
        }
    }
}

#[test]
fn a_record_of_many_parts_is_counted_by_its_length() {
    let many = "1,".repeat(5 << 20);
    let told = cut(true, format!("{{\"steps\":[[{many}1],2]}}").as_bytes(), 1 << 16);
    assert_eq!(told, ["over 10485763".to_owned(), "steps=2".to_owned()]);
    let told = cut(false, format!("{many}\nb").as_bytes(), 1 << 16);
    assert_eq!(told, ["over 10485760".to_owned(), "=b".to_owned()]);
}
