//! Requests: every field has its cap, and an answer is cut at a character.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]
use super::*;
use proptest::prelude::*;

fn check(json: &str, verb: &str) {
    let request: AgentRequest = serde_json::from_str(json).unwrap();
    assert_eq!(request.verb(), verb);
    assert_eq!(request.check(), Ok(()));
    let again = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AgentRequest>(&again).unwrap(), request);
    assert!(again.starts_with(&format!("{{\"{verb}\":")), "{again}");
}

#[test]
fn the_nine_verbs() {
    check(r#"{"recall":{"query":"flaky port"}}"#, "recall");
    check(r#"{"open":{"id":"ab"}}"#, "open");
    check(r#"{"remember":{"text":"x"}}"#, "remember");
    check(r#"{"outcome":{"id":"ab","outcome":"helped"}}"#, "outcome");
    check(r#"{"request_share":{"id":"ab","audience":["north"]}}"#, "request_share");
    check(r#"{"share_status":{"ask":"ab"}}"#, "share_status");
    check(r#"{"withdraw":{"ask":"ab"}}"#, "withdraw");
    check(r#"{"peers":{}}"#, "peers");
    for event in HookEvent::ALL {
        check(&format!(r#"{{"hook":{{"event":"{}"}}}}"#, event.word()), "hook");
    }
}

#[test]
fn nothing_else_is_understood() {
    for json in [
        r#"{"approve":{"ask":"ab"}}"#,
        r#"{"answer":{"ask":"ab"}}"#,
        r#"{"peers":{"all":true}}"#,
        r#"{"remember":{"file":"/etc/passwd"}}"#,
        r#"{"open":{}}"#,
        r#"{"hook":{"event":"stop"}}"#,
        r#"{"hook":{"event":"session-end","transcript_path":"/etc/passwd"}}"#,
        r#""peers""#,
        "null",
    ] {
        assert!(serde_json::from_str::<AgentRequest>(json).is_err(), "{json}");
    }
}

fn hook(session: String, prompt: String) -> AgentRequest {
    let (event, cwd) = (HookEvent::UserPromptSubmit, String::new());
    AgentRequest::Hook { event, session, cwd, prompt }
}

#[test]
fn a_prompt_has_at_most_8_kib() {
    let said = |bytes| hook(String::new(), "x".repeat(bytes)).check();
    assert_eq!(said(MAX_PROMPT), Ok(()));
    assert!(said(MAX_PROMPT + 1).is_err());
}

#[test]
fn every_field_has_a_cap() {
    let long = "x".repeat(MAX_REMEMBER + 1);
    let over = AgentRequest::Remember { text: long.clone() };
    assert_eq!(
        over.check().unwrap_err().to_string(),
        "`text` has 1048577 bytes, at most 1048576 are taken"
    );
    for over in [
        AgentRequest::Recall {
            query: long.clone(),
            cwd: String::new(),
            files: Vec::new(),
            error: String::new(),
            limit: 0,
        },
        AgentRequest::Open { id: "a".into(), part: long.clone() },
        AgentRequest::Outcome { id: long.clone(), outcome: "helped".into() },
        AgentRequest::RequestShare {
            id: "a".into(),
            audience: vec!["n".into(); 65],
            reason: String::new(),
        },
        AgentRequest::ShareStatus { ask: long.clone() },
        AgentRequest::Withdraw { ask: long.clone() },
        hook("a".into(), long.clone()),
        hook(long, String::new()),
    ] {
        assert!(over.check().is_err(), "{}", over.verb());
    }
}

proptest! {
    #[test]
    fn a_capped_text_fits_and_keeps_its_beginning(text in "[aé中🦀]{0,3000}") {
        let capped = AgentReply::refused(text.clone()).capped().text;
        prop_assert!(capped.len() <= MAX_TEXT);
        prop_assert!(text.starts_with(capped.trim_end_matches("… (cut)")));
    }
}
