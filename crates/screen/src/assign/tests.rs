//! Values of names, wherever settings and code put them.

use super::*;

/// What `word` of `text` is given.
fn check(text: &str, word: &str, given: Option<&str>) {
    let at = text.to_lowercase().find(word).unwrap_or(0);
    let name = Name::around(text.as_bytes(), at, at + word.len());
    let value =
        value(text.as_bytes(), at, at + word.len()).filter(|_| !name.speaks_of_something_else());
    assert_eq!(value.and_then(|value| text.get(value.start..value.end)), given, "{text}");
}

#[test]
fn a_value_is_found_wherever_it_is_given() {
    for text in [
        "password=k7m",
        "PASSWORD = 'k7m'",
        "password: k7m\n",
        "\"password\": \"k7m\",",
        r#"{\"password\":\"k7m\"}"#,
        "'password' => 'k7m'",
        "password := `k7m`",
        "let password: &str = \"k7m\";",
        "<password>k7m</password>",
        "set(\"password\", \"k7m\")",
        "config[\"password\"] = \"k7m\"",
        "setPassword(\"k7m\")",
        "--password k7m",
        "--password=k7m --x",
        "the password is k7m.",
        "- name: DB_PASSWORD\n  value: k7m",
        "password: b'k7m'",
        "{\"name\": \"PASSWORD\", \"value\": \"k7m\"}",
        "db_password_prod=k7m&x=1",
        "password: Bearer k7m",
    ] {
        check(text, "password", Some("k7m"));
    }
}

#[test]
fn a_name_that_speaks_of_something_else_is_given_nothing() {
    for text in
        ["token_count=k7m", "tokenizer=k7m", "page_token=k7m", "max_tokens: 7", "token_url: k7m"]
    {
        check(text, "token", None);
    }
    for text in [
        "password_hash = k7m",
        "passwordless: k7m",
        "password(k7m)",
        "password k7m",
        "password.length = 8",
    ] {
        check(text, "password", None);
    }
}
