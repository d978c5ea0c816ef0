//! Sessions are remembered within bounds, and proposed once.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;

fn told(agent: u8, session: &str) -> Told {
    let (session, cwd) = (session.to_owned(), "/home/ada/git/harbour".to_owned());
    Told { agent: [agent; 32], name: "claude-code".to_owned(), session, cwd }
}

#[test]
fn the_latest_256_sessions_are_remembered() {
    let sessions = Sessions::default();
    for n in 0..=SESSIONS {
        sessions.with(&told(1, &n.to_string()), n as u64, |session| session.ended = true);
    }
    let known = sessions.to_propose([1; 32], "harbour");
    assert_eq!(known.len(), SESSIONS);
    assert!(!known.contains(&"0".to_owned()), "the first is forgotten");
}

#[test]
fn a_session_is_proposed_once_to_its_own_agent_in_its_own_folder() {
    let sessions = Sessions::default();
    sessions.with(&told(1, "a"), 1, |_| ());
    assert_eq!(sessions.to_propose([1; 32], "harbour"), [""; 0], "it goes on");
    sessions.with(&told(1, "a"), 2, |session| session.ended = true);
    assert_eq!(sessions.to_propose([1; 32], "harbour"), ["a"]);
    assert_eq!(sessions.to_propose([2; 32], "harbour"), [""; 0]);
    assert_eq!(sessions.to_propose([1; 32], "quay"), [""; 0]);
    sessions.proposed([1; 32], "a");
    // Also when it goes on and ends again.
    sessions.with(&told(1, "a"), 3, |session| session.ended = true);
    assert_eq!(sessions.to_propose([1; 32], "harbour"), [""; 0]);
}
