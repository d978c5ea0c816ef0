//! What is planted, and how it is looked for.

use data_encoding::{BASE64_NOPAD, HEXLOWER};
use std::{
    fs,
    path::{Path, PathBuf},
};
use town::{left::contains, log};

/// Begins every word that is planted.
pub(crate) const CANARY: &str = "zqcanary";

/// A secret of a form that the scanner knows. It is put together here, so that nobody else's
/// scanner takes this file for a leak.
fn secret() -> String {
    ["ghp", "_", "x7Qm2LvK9sWd", "4TzB8nRf6HcY", "1pGj3EaUo5Vi"].concat()
}

/// The middle of it: a mask may show the ends.
pub(crate) fn token() -> String {
    ["x7Qm2LvK9sWd", "4TzB8nRf6HcY"].concat()
}

/// A log of which the crystal is to tell nothing but its task: the secret stands in the task.
pub(crate) fn planted() -> String {
    let secret = secret();
    let escaped: String = secret.bytes().map(|b| format!("%{b:02X}")).collect();
    let spelled = [BASE64_NOPAD.encode(secret.as_bytes()), HEXLOWER.encode(secret.as_bytes())];
    let task = format!(
        "Please mend the flaky lighthouse test number 1 of the quay.\\nIt logs in with {secret}, \
         Authorization: Bearer {secret}, {} and {}, as ?key={escaped}",
        spelled[0], spelled[1]
    );
    let log = log::small(1)
        .replace("/home/dev/git/", &format!("/home/{CANARY}user/{CANARY}client/"))
        .replace("\"s1\"", &format!("\"{CANARY}session\""))
        .replace("Please mend the flaky lighthouse test number 1 of the quay", &task)
        .replace("3 passed; 0 failed", &format!("3 passed; 0 failed\\non {CANARY}host"));
    let line = |content: serde_json::Value| {
        let said = serde_json::json!({
            "type": "assistant", "gitBranch": format!("{CANARY}branch"),
            "message": { "role": "assistant", "content": content },
        });
        format!("{said}\n")
    };
    let thought = format!("{CANARY}thought: I shall read {secret}");
    let second = serde_json::json!({
        "type": "user", "timestamp": "2026-01-21T15:31:00.000Z",
        "message": { "role": "user", "content": format!("And then tell me of {CANARY}task") },
    });
    let said = "It is done: the lighthouse shines again, and stays bright all night long.";
    [
        line(serde_json::json!([{ "type": "thinking", "thinking": thought }])),
        log,
        format!("{second}\n"),
        line(serde_json::json!([{ "type": "text", "text": said }])),
    ]
    .concat()
}

/// The first of these words that stands in `bytes` in any spelling, and in which.
pub(crate) fn in_any_form(bytes: &[u8], words: &[&str]) -> Option<String> {
    let lower = bytes.to_ascii_lowercase();
    for word in words {
        for (form, spelled) in forms(word) {
            // Base64 tells cases apart, the others do not.
            let hit = contains(bytes, &spelled)
                || !form.starts_with("base64") && contains(&lower, &spelled.to_ascii_lowercase());
            if hit {
                return Some(format!("{word} as {form}"));
            }
        }
    }
    None
}

fn forms(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = word.as_bytes();
    let wide = |first: bool| bytes.iter().flat_map(move |b| if first { [*b, 0] } else { [0, *b] });
    let percent: String = bytes.iter().map(|b| format!("%{b:02x}")).collect();
    let mut forms = vec![
        ("itself", bytes.to_vec()),
        ("its reverse", bytes.iter().rev().copied().collect()),
        ("hex", HEXLOWER.encode(bytes).into_bytes()),
        ("percent", percent.into_bytes()),
        ("utf-16 little-endian", wide(true).collect()),
        ("utf-16 big-endian", wide(false).collect()),
    ];
    // Wherever it stands among threes of bytes: the characters that hold nothing else.
    for before in 0..3 {
        let text = BASE64_NOPAD.encode(&[&vec![0; before], bytes].concat());
        let inside = (before * 8).div_ceil(6)..(before + bytes.len()) * 8 / 6;
        forms.push(("base64", text.as_bytes()[inside].to_vec()));
    }
    forms
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// What is looked for is found, however it is spelled: without this the tests here prove nothing.
#[test]
fn every_spelling_is_found() {
    for (form, spelled) in forms(CANARY) {
        let text = [b"before ".as_slice(), &spelled, b" after"].concat();
        assert!(in_any_form(&text, &[CANARY]).is_some(), "{form}");
    }
    for before in ["", "a", "ab", "abc"] {
        let text = BASE64_NOPAD.encode(format!("{before}{CANARY}and more").as_bytes());
        assert_eq!(in_any_form(text.as_bytes(), &[CANARY]), Some(format!("{CANARY} as base64")));
    }
    assert!(in_any_form("ZQCanary".as_bytes(), &[CANARY]).is_some());
    assert_eq!(in_any_form(b"a canary in a mine", &[CANARY]), None);
    let log = planted();
    assert!(in_any_form(log.as_bytes(), &[&token()]).is_some());
}
