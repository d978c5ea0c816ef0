//! Who enters: a key over this nonce under this version, and no frame that panics.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NONCE: [u8; 32] = [9; 32];

/// A good entry with one field replaced.
fn entry(field: &str, value: Value) -> Vec<u8> {
    let secret = AgentSecret::from_seed(&[1; 32]);
    let key = secret.public();
    let sig = HEXLOWER.encode(&secret.sign(&signed_bytes(&NONCE, &key)));
    let mut enter = json!({"v": 0, "name": "north", "key": key.to_string(), "sig": sig});
    enter.as_object_mut().unwrap().insert(field.to_owned(), value);
    serde_json::to_vec(&json!({ "enter": enter })).unwrap()
}

fn check(field: &str, value: Value, code: Code) {
    let refused = judge(&entry(field, value), &NONCE).unwrap_err();
    assert_eq!(refused.code, code, "{refused}");
}

#[test]
fn who_proves_his_key_may_enter() {
    let (name, key) = judge(&entry("later", json!("ignored")), &NONCE).unwrap();
    assert_eq!(name.as_str(), "north");
    assert_eq!(key, AgentSecret::from_seed(&[1; 32]).public());
}

#[test]
fn anyone_else_may_not() {
    let other = AgentSecret::from_seed(&[2; 32]);
    check("name", json!("../x"), Code::Identity);
    check("key", json!("00"), Code::Identity);
    check("key", json!(other.public().to_string()), Code::Identity);
    check("sig", json!("00".repeat(64)), Code::Identity);
    check("sig", json!("zz"), Code::Identity);
    check("v", json!(7), Code::Version);
    check("v", json!("0"), Code::NotUnderstood);
    check("name", json!(null), Code::NotUnderstood);
    let replayed = judge(&entry("v", json!(0)), &[8; 32]).unwrap_err();
    assert_eq!(replayed.code, Code::Identity, "a signature over another nonce");
}

#[test]
fn another_version_is_named_whatever_else_it_says() {
    let refused = judge(br#"{"enter":{"v":3,"who":[1]}}"#, &NONCE).unwrap_err();
    assert_eq!(refused.code, Code::Version);
    assert!(refused.what.contains("version 0"), "{refused}");
    assert!(refused.what.contains("version 3"), "{refused}");
}

#[test]
fn an_unknown_call_keeps_its_number() {
    let called = read_call(br#"{"call":{"id":5,"request":{"approve":{"ask":"x"}}}}"#).unwrap();
    assert!(matches!(called, Called::Unfit(5, what) if what.contains("does not know")));
    let called = read_call(br#"{"call":{"id":6,"request":{"peers":{}}}}"#).unwrap();
    assert!(matches!(called, Called::Request(6, AgentRequest::Peers {})));
    assert_eq!(read_call(b"[]").unwrap_err().code, Code::NotUnderstood);
    assert_eq!(read_call(br#"{"enter":{}}"#).unwrap_err().code, Code::NotUnderstood);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(judge(&bytes, &NONCE).is_err());
        let _ = read_call(&bytes);
    }

    #[test]
    fn no_mangled_entry_panics_or_enters(at in 0_usize..300, byte in any::<u8>()) {
        let good = entry("v", json!(0));
        let mut bad = good.clone();
        let at = at % bad.len();
        *bad.get_mut(at).unwrap() = byte;
        if let Ok((_, key)) = judge(&bad, &NONCE) {
            // Only the name is not bound to the key, and hex may change its case.
            prop_assert_eq!(key, AgentSecret::from_seed(&[1; 32]).public());
        }
    }

    #[test]
    fn no_nested_call_panics(depth in 0_usize..5000) {
        let text = format!("{{\"call\":{{\"id\":1,\"request\":{}", "[".repeat(depth));
        let _ = read_call(text.as_bytes());
    }
}
