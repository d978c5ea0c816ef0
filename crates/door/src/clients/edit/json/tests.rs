//! Any file: only our member differs, and taking it out gives the bytes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use super::*;
use proptest::prelude::*;
use serde_json::Value;

const STRICT: Json = Json { servers: "mcpServers", shape: Shape::Typed, comments: false };
const COMMENTED: Json = Json { comments: true, ..STRICT };

fn ours() -> Command {
    let args = ["mcp".to_owned()].to_vec();
    Command { command: "/usr/bin/tracenet".to_owned(), args, env: BTreeMap::new() }
}

fn added(text: &str) -> String {
    STRICT.put(text, &ours()).unwrap()
}

/// A value that is easily seen.
fn put(json: &Json, text: &str) -> Result<String, EditError> {
    json.put_raw(text, |style, indent| style.render(&"x", indent))
}

#[track_caller]
fn check_with(json: &Json, before: &str, after: &str) {
    let new = put(json, before).unwrap();
    assert_eq!(new, after);
    assert_eq!(json.take_out(&new, Some(before)).unwrap(), before);
}

#[track_caller]
fn check(before: &str, after: &str) {
    check_with(&STRICT, before, after);
    check_with(&COMMENTED, before, after);
}

#[test]
fn a_member_is_written_in_the_files_own_style() {
    check(
        "{\n  \"a\": 1\n}\n",
        "{\n  \"a\": 1,\n  \"mcpServers\": {\n    \"tracenet\": \"x\"\n  }\n}\n",
    );
    check(
        "{\n\t\"a\": 1\n}",
        "{\n\t\"a\": 1,\n\t\"mcpServers\": {\n\t\t\"tracenet\": \"x\"\n\t}\n}",
    );
    check(
        "{\r\n \"a\": 1\r\n}",
        "{\r\n \"a\": 1,\r\n \"mcpServers\": {\r\n  \"tracenet\": \"x\"\r\n }\r\n}",
    );
    check(r#"{"a":1}"#, r#"{"a":1,"mcpServers":{"tracenet":"x"}}"#);
    check(r#"{"a": 1}"#, r#"{"a": 1, "mcpServers": {"tracenet":"x"}}"#);
    check(
        "{\n  \"mcpServers\": {\n    \"b\": {}\n  },\n  \"c\": 2\n}",
        "{\n  \"mcpServers\": {\n    \"b\": {},\n    \"tracenet\": \"x\"\n  },\n  \"c\": 2\n}",
    );
    check(
        "{\n  \"mcpServers\": {},\n  \"c\": 2\n}",
        "{\n  \"mcpServers\": {\n    \"tracenet\": \"x\"\n  },\n  \"c\": 2\n}",
    );
    check(
        "{\n  \"mcpServers\": {\"b\": {}}\n}",
        "{\n  \"mcpServers\": {\"b\": {}, \"tracenet\": \"x\"}\n}",
    );
    check(
        "\u{FEFF}{\n  \"a\": \"} , \\\" \\\\\"\n}",
        "\u{FEFF}{\n  \"a\": \"} , \\\" \\\\\",\n  \"mcpServers\": {\n    \"tracenet\": \"x\"\n  }\n}",
    );
}

#[test]
fn comments_stay_with_what_they_stand_beside() {
    let check = |before, after| check_with(&COMMENTED, before, after);
    check(
        "// mine\n{\n  // a\n  \"a\": 1 // one\n  // end\n}\n",
        "// mine\n{\n  // a\n  \"a\": 1, // one\n  \"mcpServers\": {\n    \"tracenet\": \"x\"\n  }\n  // end\n}\n",
    );
    check(
        "{\n  \"a\": 1, /* one */\n}",
        "{\n  \"a\": 1, /* one */\n  \"mcpServers\": {\n    \"tracenet\": \"x\"\n  },\n}",
    );
    check(
        "{\n  \"mcpServers\": {\n    // none yet\n  },\n}",
        "{\n  \"mcpServers\": {\n    // none yet\n    \"tracenet\": \"x\"\n  },\n}",
    );
    check(
        "{\n  \"mcpServers\": { // here\n    \"b\": {}, // b, really\n  }\n}",
        "{\n  \"mcpServers\": { // here\n    \"b\": {}, // b, really\n    \"tracenet\": \"x\",\n  }\n}",
    );
    check(
        "{ \"a\": 1, // \"mcpServers\": {\n}",
        "{ \"a\": 1, // \"mcpServers\": {\n\"mcpServers\": {\"tracenet\":\"x\"},\n}",
    );
    // What came behind ours since keeps its own.
    let since = "{\n  \"mcpServers\": {\n    \"tracenet\": \"x\",\n    // b\n    \"b\": 1\n  }\n}";
    let left = "{\n  \"mcpServers\": {\n    // b\n    \"b\": 1\n  }\n}";
    assert_eq!(COMMENTED.take_out(since, None).unwrap(), left);
}

#[test]
fn another_value_of_ours_is_exchanged_where_it_stands() {
    let before = "{\n  \"mcpServers\": {\n    \"tracenet\": 1,\n    \"b\": 2\n  }\n}";
    let after = "{\n  \"mcpServers\": {\n    \"tracenet\": \"x\",\n    \"b\": 2\n  }\n}";
    check(before, after);
    let without = "{\n  \"mcpServers\": {\n    \"b\": 2\n  }\n}";
    assert_eq!(STRICT.take_out(before, None).unwrap(), without);
}

#[test]
fn every_shape_reads_what_it_writes_and_nothing_that_is_off() {
    let shapes = [
        (Shape::Typed, r#"{"type":"stdio","command":"/usr/bin/tracenet","args":["mcp"],"env":{}}"#),
        (Shape::Plain, r#"{"command":"/usr/bin/tracenet","args":["mcp"],"env":{}}"#),
        (
            Shape::Array,
            r#"{"type":"local","command":["/usr/bin/tracenet","mcp"],"environment":{},"enabled":true}"#,
        ),
    ];
    for (shape, written) in shapes {
        let json = Json { shape, ..COMMENTED };
        let new = json.put(r#"{"a":1}"#, &ours()).unwrap();
        assert_eq!(new, format!(r#"{{"a":1,"mcpServers":{{"tracenet":{written}}}}}"#));
        for off in [r#""enabled":false"#, r#""disabled":true"#] {
            let text =
                written.replace(r#","enabled":true"#, "").replacen('{', &format!("{{{off},"), 1);
            let text = format!(r#"{{"mcpServers":{{"tracenet":{text}}}}}"#);
            assert_eq!(json.present(&text).unwrap(), Present::Other, "{text}");
        }
    }
    let remote = r#"{"mcpServers":{"tracenet":{"type":"http","command":"/usr/bin/tracenet"}}}"#;
    assert_eq!(STRICT.present(remote).unwrap(), Present::Other);
}

#[test]
fn what_is_not_an_object_is_left_alone() {
    let refused = |text: &str| put(&STRICT, text).unwrap_err();
    let not_read = |line, column| EditError::NotRead { what: "JSON", line, column };
    assert_eq!(refused("{\n  \"a\": 1,\n}"), not_read(3, 1));
    assert_eq!(refused(""), not_read(1, 0));
    assert_eq!(refused("{} {}"), not_read(1, 4));
    assert_eq!(refused("// {}\n{}"), not_read(1, 1));
    for bad in ["", "// {}", "{a: 1}", "{'a': 1}", "{\"a\": 1 \"b\": 2}", "{} {}", "{\"a\": 1,,}"] {
        let error = put(&COMMENTED, bad).unwrap_err();
        assert!(matches!(error, EditError::NotRead { .. }), "{bad}: {error}");
    }
    for other in ["[]", "[{}]", "1", "null", "\"{}\""] {
        assert_eq!(refused(other), EditError::NotAnObject);
    }
    for servers in ["null", "[]", "\"a\"", "3"] {
        let key = "mcpServers".to_owned();
        let text = format!("{{\"mcpServers\": {servers}}}");
        assert_eq!(refused(&text), EditError::NotAHolder { key, what: "an object" });
    }
    let twice = |text: &str, key: &str| {
        assert_eq!(refused(text), EditError::Twice { key: key.to_owned() });
    };
    twice(r#"{"mcpServers":{},"mcpServers":{}}"#, "mcpServers");
    twice(r#"{"mcpServers":{"tracenet":1,"trace\u006eet":2}}"#, "tracenet");
}

#[test]
fn what_is_nested_without_end_is_left_alone() {
    let nested = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let deep = nested(500);
    assert_eq!(STRICT.take_out(&added(&deep), Some(&deep)).unwrap(), deep);
    let refused = STRICT.put(&nested(100_000), &ours()).unwrap_err();
    assert!(matches!(refused, EditError::NotRead { .. }), "{refused}");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\PC\\n\\t\"\\\\{}\\[\\],:]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            any_object(inner).prop_map(Value::Object),
        ]
    })
}

fn any_object(
    inner: impl Strategy<Value = Value>,
) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let key = "[\\PC\"\\\\{},:]{0,8}|tracenet|mcpServers";
    prop::collection::vec((key, inner), 0..5).prop_map(|members| members.into_iter().collect())
}

/// An object as some program would write it, with or without servers of its own.
fn any_file() -> impl Strategy<Value = String> {
    let servers = prop::option::of(any_object(any_value()));
    (any_object(any_value()), servers, 0..4_usize).prop_map(|(mut root, servers, style)| {
        root.remove("mcpServers");
        if let Some(mut servers) = servers {
            servers.remove("tracenet");
            root.insert("mcpServers".to_owned(), Value::Object(servers));
        }
        let root = Value::Object(root);
        match style {
            0 => root.to_string(),
            1 => serde_json::to_string_pretty(&root).unwrap(),
            2 => format!("\n {} \n", serde_json::to_string_pretty(&root).unwrap()),
            _ => serde_json::to_string_pretty(&root).unwrap().replace('\n', "\r\n"),
        }
    })
}

/// The same with a comment behind every line and a comma at every end.
fn commented(text: &str) -> String {
    let mut out = "// above\n".to_owned();
    for (line, next) in text.lines().zip(text.lines().skip(1).chain([""])) {
        let closes = next.trim_start().starts_with(['}', ']']);
        let comma = if closes && !line.ends_with(['{', '[']) { "," } else { "" };
        out.push_str(&format!("{line}{comma} // {{ \"tracenet\": [\n"));
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn only_our_member_differs_and_it_comes_out_without_a_trace(text in any_file()) {
        let new = added(&text);
        let (mut expected, seen): (Value, Value) =
            (serde_json::from_str(&text).unwrap(), serde_json::from_str(&new).unwrap());
        let server = STRICT.shape.write(&ours());
        expected["mcpServers"]["tracenet"] = serde_json::to_value(&server).unwrap();
        prop_assert_eq!(&seen, &expected);
        // Every other byte stays: what came in is one span.
        let head = text.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let tail = text.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
        let empty = text.replace([' ', '\r', '\n'], "");
        let one_span = head + tail >= text.len();
        prop_assert!(one_span || empty.contains("{}"), "{text:?} → {new:?}");
        let again = STRICT.take_out(&new, Some(&text)).unwrap();
        let (left, before): (Value, Value) =
            (serde_json::from_str(&again).unwrap(), serde_json::from_str(&text).unwrap());
        prop_assert_eq!(left, before);
        if one_span {
            prop_assert_eq!(again, text);
        }
        prop_assert_eq!(added(&new), new);
    }

    #[test]
    fn no_comment_is_lost_and_none_changes_its_place(root in any_object(any_value())) {
        let mut root = root;
        root.remove("mcpServers");
        let text = commented(&serde_json::to_string_pretty(&Value::Object(root.clone())).unwrap());
        let new = COMMENTED.put(&text, &ours()).unwrap();
        let seen: Value = span::value(&new).unwrap();
        root.insert("mcpServers".to_owned(), seen["mcpServers"].clone());
        prop_assert_eq!(&seen, &Value::Object(root));
        let lines: Vec<&str> = text.lines().collect();
        let kept: Vec<&str> = new.lines().filter(|line| lines.contains(line)).collect();
        // Of an empty object the one line becomes two.
        prop_assert!(kept == lines || lines.len() < 4, "{text} → {new}");
        prop_assert_eq!(COMMENTED.take_out(&new, Some(&text)).unwrap(), text);
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in "\\PC{0,40}|[{}\\[\\]\":, a\\\\/*\n]{0,24}") {
        for json in [STRICT, COMMENTED] {
            if let Ok(new) = json.put(&text, &ours()) {
                prop_assert_eq!(json.present(&new).unwrap(), Present::Command(ours()));
            }
        }
    }
}
