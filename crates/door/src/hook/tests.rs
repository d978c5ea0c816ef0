//! What a program says to a hook, read with care; and silence wherever there is nobody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use super::*;
use proptest::prelude::*;

async fn request(event: HookEvent, input: &[u8]) -> Option<AgentRequest> {
    read(event, input).await
}

#[tokio::test]
async fn what_is_needed_is_read_and_no_more() {
    let input = br#"{"session_id":"s","transcript_path":"/etc/passwd","cwd":"/w","hook_event_name":"UserPromptSubmit","prompt":"why?","permission_mode":"default"}"#;
    let read = request(HookEvent::UserPromptSubmit, input).await.unwrap();
    let expected = AgentRequest::Hook {
        event: HookEvent::UserPromptSubmit,
        session: "s".into(),
        cwd: "/w".into(),
        prompt: "why?".into(),
    };
    assert_eq!(read, expected);
    assert!(!serde_json::to_string(&read).unwrap().contains("passwd"));
    let AgentRequest::Hook { prompt, .. } = request(HookEvent::SessionEnd, input).await.unwrap()
    else {
        panic!("another verb")
    };
    assert_eq!(prompt, "", "what was said is for one event only");
}

#[tokio::test]
async fn a_hook_is_told_a_mebibyte_at_most() {
    let most = usize::try_from(MAX_INPUT).unwrap();
    for (bytes, taken) in [(most, true), (most + 1, false)] {
        let mut input = br#"{"prompt":"a"#.to_vec();
        input.resize(bytes - 2, b'x');
        input.extend_from_slice(b"\"}");
        let read = request(HookEvent::UserPromptSubmit, &input).await;
        assert_eq!(read.is_some(), taken, "{bytes} bytes");
        if let Some(AgentRequest::Hook { prompt, .. }) = read {
            assert_eq!(prompt.len(), MAX_PROMPT);
        }
    }
}

#[test]
fn only_an_answer_with_words_is_said() {
    let reply = |refused, text: &str| AgentReply { refused, text: text.into(), body: json!(null) };
    assert_eq!(said(HookEvent::SessionStart, reply(false, "")), None);
    assert_eq!(said(HookEvent::SessionStart, reply(true, "not let in")), None);
    let printed = said(HookEvent::SessionStart, reply(false, "a\n\"b\"")).unwrap();
    let expected =
        r#"{"hookSpecificOutput":{"additionalContext":"a\n\"b\"","hookEventName":"SessionStart"}}"#;
    assert_eq!(printed, expected);
}

/// An input that never ends.
struct Hanging;

impl AsyncRead for Hanging {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_over_in_time_whatever_hangs() {
    let dir = tempfile::tempdir().unwrap();
    let before = tokio::time::Instant::now();
    let event = HookEvent::UserPromptSubmit;
    assert_eq!(tell_hook(dir.path(), dir.path(), "claude-code", event, Hanging).await, None);
    assert_eq!(before.elapsed(), BUDGET);
    // Nobody is there, or the name is none: nothing is said, and no key is made.
    for name in ["claude-code", "No Name"] {
        let said = tell_hook(dir.path(), dir.path(), name, event, &b"{}"[..]).await;
        assert_eq!(said, None);
    }
    assert!(!dir.path().join("agents").exists());
}

proptest! {
    #[test]
    fn any_input_is_read_or_not(input in prop::collection::vec(any::<u8>(), 0..64)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for event in HookEvent::ALL {
            let read = runtime.block_on(read(event, &input[..]));
            prop_assert!(read.is_none_or(|request| request.check().is_ok()));
        }
    }
}
