//! What a rule covers, and one row for each way out of it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, ada, bo, mallory, scribe, the_human};
use artifact::{Act, Audience, Secret, key::Rule};

const HOUR: UnixMillis = 60 * 60 * 1000;

fn head(title: &str, supersedes: Option<ArtifactId>) -> Head {
    Head { supersedes, ..Head::of(&ada().crystal(title)).unwrap() }
}

/// Everything of one request, so that each row below changes one thing.
struct Case {
    bounds: Bounds,
    grant: Grant,
    by: Requester,
    peers: Vec<HumanKey>,
    head: Head,
    findings: Vec<Finding>,
    scan_spent: bool,
    now: UnixMillis,
}

fn case() -> Case {
    let (head, mut peers) = (head("Fix for flaky port binding", None), vec![bo().key()]);
    peers.sort();
    let grant = Grant {
        v: 0,
        rule: Secret::<Rule>::from_seed(&[60; 32]).public(),
        act: Act::SharePrivate,
        line: head.id,
        aud: Audience::Peers(peers.clone()),
        iat: NOW,
        until: NOW + 24 * HOUR,
    };
    let bounds = Bounds {
        agent: [9; 32],
        name: "scribe".into(),
        term: Term::Day,
        session: "e0a1".into(),
        peers: peers.clone(),
        shown: head.id,
    };
    let (findings, scan_spent) = (Vec::new(), false);
    Case { bounds, grant, by: scribe(), peers, head, findings, scan_spent, now: NOW + HOUR }
}

fn judge(change: impl FnOnce(&mut Case)) -> Result<(), Outside> {
    let mut case = case();
    change(&mut case);
    let request = Request {
        by: &case.by,
        peers: &case.peers,
        head: &case.head,
        findings: &case.findings,
        scan_spent: case.scan_spent,
    };
    case.bounds.cover(&case.grant, &request, case.now)
}

fn found() -> Finding {
    Finding {
        rule: "aws-key".into(), label: "API key".into(), line: 3, masked: "AKIA…9f2a".into()
    }
}

fn by(key: [u8; 32], session: &str, paired: Option<UnixMillis>) -> Requester {
    let (name, session) = ("scribe".into(), session.into());
    Requester::Agent { name, key, paired, session, process: Vec::new(), verified: false }
}

#[test]
fn the_same_again_and_what_supersedes_it_are_covered() {
    assert_eq!(judge(|_| ()), Ok(()));
    assert_eq!(judge(|c| c.head = head("Fixed better", Some(c.grant.line))), Ok(()));
    assert_eq!(
        judge(|c| c.by = by([9; 32], "other", Some(NOW))),
        Ok(()),
        "a day outlives a session"
    );
    assert_eq!(judge(|c| c.findings = vec![found()]), Ok(()), "the human saw it in this very text");
    assert_eq!(judge(|c| c.now = NOW), Ok(()), "from the moment it was signed");
}

#[test]
fn every_other_request_is_asked_about() {
    use Outside::{Agent, Finding, Line, People, Session, Time};
    assert_eq!(judge(|c| c.by = the_human()), Err(Agent), "a human's own asks have no rules");
    assert_eq!(judge(|c| c.by = by([8; 32], "e0a1", Some(NOW))), Err(Agent));
    assert_eq!(judge(|c| c.by = by([9; 32], "e0a1", None)), Err(Agent), "shown out since");
    let other = |c: &mut Case| {
        c.bounds.term = Term::Session;
        c.by = by([9; 32], "e0a2", Some(NOW));
    };
    assert_eq!(judge(other), Err(Session));
    assert_eq!(judge(|c| c.now = c.grant.until), Err(Time));
    assert_eq!(judge(|c| c.now = NOW - 1), Err(Time), "a clock that was put back");
    assert_eq!(judge(|c| c.bounds.term = Term::Once), Err(Time));
    assert_eq!(judge(|c| c.peers = Vec::new()), Err(People));
    assert_eq!(judge(|c| c.peers.push(mallory().key())), Err(People));
    let widened = |c: &mut Case| {
        c.bounds.peers.push(mallory().key());
        c.peers = vec![mallory().key()];
    };
    assert_eq!(judge(widened), Err(People), "a row cannot widen what was signed");
    assert_eq!(judge(|c| c.bounds.peers.clear()), Err(People), "narrowed to nobody");
    assert_eq!(judge(|c| c.head = head("Another", None)), Err(Line));
    let later = |c: &mut Case| {
        c.head = head("Fixed better", Some(c.grant.line));
        c.findings = vec![found()];
    };
    assert_eq!(judge(later), Err(Finding), "another version, and something in it");
    assert_eq!(judge(|c| c.scan_spent = true), Err(Finding));
}

#[test]
fn a_rule_is_made_for_known_agents_whose_text_was_scanned_whole() {
    assert!(may_be_made(&scribe(), false));
    assert!(!may_be_made(&scribe(), true));
    assert!(!may_be_made(&the_human(), false));
    assert!(!may_be_made(&by([9; 32], "e0a1", None), false));
}

#[test]
fn no_rule_outlives_what_a_grant_may() {
    let longest = [Term::Once, Term::Session, Term::Lock, Term::Day].map(Term::lifetime);
    assert_eq!(longest, [None, Some(12 * HOUR), Some(12 * HOUR), Some(artifact::grant::MAX_LIFE)]);
}
