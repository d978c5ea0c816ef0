//! What policies say of shares, and that only the journal says which hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use super::*;
use crate::{
    AskId, Entry, EntryHash, Event, SignedHead,
    prompt::PolicyFact,
    tests::{NOW, ada, ask, bo, mallory, object, scribe, the_human},
};
use artifact::{Forbid, Journal, Secret, key::Organisation};
use proptest::prelude::*;

fn organisation(seed: u8) -> Secret<Organisation> {
    Secret::from_seed(&[seed; 32])
}

fn policy(seq: u64, forbid: Forbid) -> Policy {
    let org = "Quay & Sons".to_owned();
    Policy { v: 0, seq, org, meant: None, forbid, iat: NOW - 1, until: None }
}

fn sealed(seed: u8, seq: u64, forbid: Forbid) -> Vec<u8> {
    policy(seq, forbid).seal(&organisation(seed)).unwrap()
}

fn held(forbid: Forbid) -> Policies {
    let mut policies = Policies::default();
    policies.accept(Accepted::open(&sealed(50, 1, forbid), NOW).unwrap());
    policies
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn found(rule: &str) -> Finding {
    Finding { rule: rule.into(), label: rule.into(), line: 1, masked: "…".into() }
}

/// A scanner that knows two rules, and what it did not read.
fn class_of(rule: &str) -> Option<&'static str> {
    match rule {
        "email" => Some("email"),
        "github-pat" => Some("token"),
        "not-read" => Some("unread"),
        _ => None,
    }
}

fn check(forbid: Forbid, share: Share<'_>, want: &[&str]) {
    let objections = held(forbid).against(&share, &class_of, NOW);
    let rules: Vec<&str> = objections.iter().map(|o| o.rule.as_str()).collect();
    assert_eq!(rules, want);
}

const PUBLIC: Share<'static> =
    Share { agent: Some("scribe"), with: None, findings: &[], scan_spent: false };

#[test]
fn each_prohibition_hits_what_it_names_and_nothing_else() {
    let (north, harbour) = ([bo().key()], [mallory().key()]);
    let private = Share { with: Some(&north), ..PUBLIC };
    let forbid = || Forbid::default();
    check(forbid(), PUBLIC, &[]);
    let public = || Forbid { public: true, ..forbid() };
    check(public(), PUBLIC, &["no public sharing"]);
    check(public(), private, &[]);

    let people = |keys: &[HumanKey]| Forbid { people: Some(keys.to_vec()), ..forbid() };
    let one = "sharing with one person only, whom it names";
    check(people(&north), private, &[]);
    check(people(&north), Share { with: Some(&harbour), ..PUBLIC }, &[one]);
    check(people(&north), Share { with: Some(&[north[0], harbour[0]]), ..PUBLIC }, &[one]);
    check(people(&north), PUBLIC, &[one]);
    check(people(&[]), private, &["no sharing with anybody"]);

    let agents = |names: &[&str]| Forbid { agents: Some(words(names)), ..forbid() };
    check(agents(&["scribe"]), private, &[]);
    let only = "sharing at the ask of these agents only: codex";
    check(agents(&["codex"]), private, &[only]);
    check(agents(&["codex"]), Share { agent: None, ..private }, &[]);
    check(agents(&[]), private, &["no sharing at the ask of any agent"]);
}

#[test]
fn findings_are_hit_by_class_and_by_rule() {
    let north = [bo().key()];
    let findings = [found("email"), found("github-pat"), found("not-read"), found("of-tomorrow")];
    let private = Share { with: Some(&north), ..PUBLIC };
    let with = |findings| Share { findings, ..private };
    let forbid = |names: &[&str]| Forbid { findings: words(names), ..Forbid::default() };
    check(forbid(&["email"]), with(&findings[..2]), &["no e-mail addresses"]);
    check(forbid(&["token"]), with(&findings[..1]), &[]);
    check(forbid(&["github-pat"]), with(&findings[..2]), &["no findings of the rule github-pat"]);
    check(
        forbid(&["email", "token"]),
        with(&findings[..2]),
        &["no e-mail addresses, access tokens"],
    );
    let unread = "no text that was not looked through";
    check(forbid(&["email"]), with(&findings[2..3]), &[unread]);
    check(forbid(&["email"]), with(&findings[3..]), &[unread]);
    check(forbid(&["email"]), Share { scan_spent: true, ..private }, &[unread]);
    check(Forbid::default(), Share { scan_spent: true, ..with(&findings) }, &[]);

    let objections = held(forbid(&["token"])).against(&with(&findings[..2]), &class_of, NOW);
    assert_eq!(objections[0].what, Forbidden::Findings(vec![1]));
    assert!(can_be_redacted(&objections));
    let spent = Share { scan_spent: true, ..private };
    assert!(!can_be_redacted(&held(forbid(&["token"])).against(&spent, &class_of, NOW)));
}

#[test]
fn all_policies_must_agree_and_one_that_is_over_says_nothing() {
    let mut policies = held(Forbid { public: true, ..Forbid::default() });
    let mut other = policy(1, Forbid { agents: Some(words(&["codex"])), ..Forbid::default() });
    (other.org, other.until) = ("Harbour".into(), Some(NOW + 1));
    let other = other.seal(&organisation(51)).unwrap();
    policies.accept(Accepted::open(&other, NOW).unwrap());
    assert_eq!(policies.against(&PUBLIC, &class_of, NOW).len(), 2);
    let later = policies.against(&PUBLIC, &class_of, NOW + 1);
    assert_eq!(later.len(), 1);
    assert_eq!(later[0].sentence(), "forbidden by the policy of Quay & Sons: no public sharing");
    policies.drop_one(Some(&organisation(50).public()));
    assert!(policies.against(&PUBLIC, &class_of, NOW + 1).is_empty());
}

#[test]
fn only_a_newer_version_for_this_human_is_accepted() {
    let me = ada().key();
    let open =
        |policy: Policy| Accepted::open(&policy.seal(&organisation(50)).unwrap(), NOW).unwrap();
    let version = |seq| policy(seq, Forbid::default());
    let mut policies = Policies::default();
    policies.accept(open(version(3)));
    let check = |policy: Policy, want| {
        assert_eq!(policies.may_accept(&open(policy), &me, NOW), want);
    };
    check(version(4), Ok(()));
    check(version(3), Err(NotAccepted::Older { held: 3, found: 3 }));
    check(version(2), Err(NotAccepted::Older { held: 3, found: 2 }));
    check(Policy { until: Some(NOW), ..version(4) }, Err(NotAccepted::Over));
    check(Policy { meant: Some(vec![bo().key()]), ..version(4) }, Err(NotAccepted::NotForMe));
    check(Policy { meant: Some(vec![me]), ..version(4) }, Ok(()));
    let ahead = NOW + crate::CLOCK_SKEW + 1;
    check(Policy { iat: ahead, ..version(4) }, Err(NotAccepted::FromTheFuture));
    let kept = policies.clone();
    policies.accept(open(version(2)));
    assert_eq!(policies, kept, "a lower version replaces nothing, wherever it comes from");
    for seed in 100..100 + u8::try_from(MAX_POLICIES).unwrap() - 1 {
        policies.accept(Accepted::open(&sealed(seed, 1, Forbid::default()), NOW).unwrap());
    }
    let one_more = Accepted::open(&sealed(99, 1, Forbid::default()), NOW).unwrap();
    assert_eq!(policies.may_accept(&one_more, &me, NOW), Err(NotAccepted::TooMany));
    assert_eq!(policies.may_accept(&open(version(4)), &me, NOW), Ok(()));
}

fn chain(events: &[Event]) -> (Vec<Vec<u8>>, SignedHead) {
    let (mut entries, mut prev) = (Vec::new(), EntryHash::ZERO);
    for (n, event) in events.iter().enumerate() {
        let entry = Entry { v: 0, seq: n as u64 + 1, prev, at: NOW, event: event.clone() };
        let (bytes, hash) = entry.encode().unwrap();
        (entries, prev) = ([entries, vec![bytes]].concat(), hash);
    }
    let head = SignedHead::seal(entries.len() as u64, prev, &journal()).unwrap();
    (entries, head)
}

fn journal() -> Secret<Journal> {
    Secret::from_seed(&[77; 32])
}

fn replayed(entries: &[Vec<u8>], head: Option<&SignedHead>) -> Policies {
    let mut replay = Replay::default();
    entries.iter().for_each(|entry| replay.next(entry));
    replay.end(head, &journal().public())
}

fn accepted(seed: u8, seq: u64) -> Event {
    let forbid = Forbid { public: true, ..Forbid::default() };
    Event::PolicyAccepted { ask: AskId([1; 16]), policy: sealed(seed, seq, forbid).into() }
}

fn dropped(seed: Option<u8>) -> Event {
    Event::PolicyDropped { organisation: seed.map(|seed| organisation(seed).public()) }
}

fn other() -> Event {
    let id = AskId([2; 16]);
    Event::Expired { ask: id }
}

#[test]
fn what_holds_is_what_the_journal_says() {
    let opened = Event::Opened { human: ada().key(), journal: journal().public() };
    let check = |events: &[Event], want: &[(u8, u64)]| {
        let (entries, head) = chain(&[std::slice::from_ref(&opened), events].concat());
        let policies = replayed(&entries, Some(&head));
        assert!(!policies.is_unknown());
        let mut want: Vec<_> = want.iter().map(|(s, n)| (organisation(*s).public(), *n)).collect();
        want.sort();
        let found: Vec<_> = policies.all().map(|a| (a.organisation, a.policy.seq)).collect();
        assert_eq!(found, want);
    };
    check(&[], &[]);
    check(&[other(), accepted(50, 2), other()], &[(50, 2)]);
    check(&[accepted(50, 2), accepted(51, 1), accepted(50, 3)], &[(50, 3), (51, 1)]);
    check(&[accepted(50, 2), accepted(50, 1)], &[(50, 2)]);
    check(&[accepted(50, 2), accepted(51, 1), dropped(Some(50))], &[(51, 1)]);
    check(&[accepted(50, 2), dropped(Some(50)), accepted(50, 1)], &[(50, 1)]);
    check(&[accepted(50, 2), accepted(51, 1), dropped(None)], &[]);
    assert!(replayed(&[], None).is_unknown(), "all of it is gone");
}

#[test]
fn a_changed_journal_forbids_everything_until_the_human_drops_all() {
    let events = [other(), accepted(50, 1), other(), other(), other()];
    let (entries, head) = chain(&events);
    assert!(!replayed(&entries, Some(&head)).is_unknown());
    for n in 0..entries.len() {
        let mut cut = entries.clone();
        drop(cut.remove(n));
        assert!(replayed(&cut, Some(&head)).is_unknown(), "entry {n} is gone");
        let mut changed = entries.clone();
        changed[n] = chain(&[other()]).0.remove(0);
        if changed != entries {
            assert!(replayed(&changed, Some(&head)).is_unknown(), "entry {n} is another");
        }
        let mut flipped = entries.clone();
        *flipped[n].last_mut().unwrap() ^= 1;
        assert!(replayed(&flipped, Some(&head)).is_unknown(), "a bit of entry {n}");
    }
    assert!(replayed(&entries, None).is_unknown());
    let stranger =
        SignedHead::seal(5, crate::journal::hash(&entries[4]), &Secret::from_seed(&[1; 32]));
    assert!(replayed(&entries, Some(&stranger.unwrap())).is_unknown());

    let mut forged = sealed(50, 1, Forbid::default());
    *forged.last_mut().unwrap() ^= 1;
    let unsigned = Event::PolicyAccepted { ask: AskId([1; 16]), policy: forged.into() };
    let (entries, head) = chain(std::slice::from_ref(&unsigned));
    let policies = replayed(&entries, Some(&head));
    assert!(policies.is_unknown());
    let objections = policies.against(&PUBLIC, &class_of, NOW);
    assert_eq!(objections[0].what, Forbidden::Unknown);
    assert!(!can_be_redacted(&objections));
    let (entries, head) = chain(&[unsigned, dropped(None), accepted(51, 1)]);
    let policies = replayed(&entries, Some(&head));
    assert!(!policies.is_unknown(), "the human said that none holds");
    assert_eq!(policies.all().count(), 1);
}

#[test]
fn a_policy_is_shown_in_words_of_ours() {
    let everything = Forbid {
        public: true,
        people: Some(vec![bo().key()]),
        findings: words(&["email", "token"]),
        agents: Some(words(&["codex", "scribe"])),
    };
    let short = in_short(&policy(1, everything.clone()));
    assert_eq!(
        short,
        "no public sharing, sharing with one person only, whom it names, no e-mail addresses, \
         access tokens, sharing at the ask of these agents only: codex, scribe"
    );
    let known = |human: &HumanKey| (*human == bo().key()).then(|| "north".to_owned());
    let text = in_words(&policy(1, everything.clone()), &known);
    assert!(text.contains("  north · key "), "{text}");
    assert!(text.contains("\n  e-mail addresses (email)\n"), "{text}");
    let before = Accepted::open(&sealed(50, 1, everything.clone()), NOW).unwrap();
    assert!(eased(&before, &policy(2, everything)).is_empty());
    assert_eq!(
        eased(&before, &policy(2, Forbid::default())),
        [
            "public sharing",
            "sharing with everybody you know",
            "e-mail addresses",
            "access tokens",
            "the asks of all agents"
        ]
    );
}

#[test]
fn a_prompt_shows_what_touches_it_and_why_it_cannot_be_allowed() {
    let policies = held(Forbid { findings: words(&["email"]), ..Forbid::default() });
    let bytes = ada().crystal("Fix");
    let wish = Wish::SharePrivate { object: object(&bytes), peers: vec![bo().key()] };
    let mut asked = ask(scribe(), wish, "");
    asked.findings = vec![found("email")];
    let against = policies.against(&Share::of_ask(&asked).unwrap(), &class_of, NOW);
    let touching = policies.in_force(NOW).cloned().collect();
    let fact = PolicyFact { touching, against, ..PolicyFact::default() };
    let shown = crate::prompt(&crate::Facts {
        ask: &asked,
        bytes: Some(&bytes),
        text: "the text",
        audience: &[],
        position: (1, 1),
        pin: false,
        reach: None,
        distilled: true,
        before: None,
        batch: &[],
        alike: None,
        policy: &fact,
    });
    assert_eq!(shown.policies, ["Policy of Quay & Sons: no e-mail addresses"]);
    assert_eq!(
        shown.forbidden,
        [
            "Forbidden by the policy of Quay & Sons: no e-mail addresses.",
            "Take that out, and you are asked about the rest."
        ]
    );
    assert!(shown.terms.is_empty(), "what cannot be allowed cannot be allowed for longer");
    assert!(Share::of(&the_human(), &Wish::SignRevocations {}, &[], false).is_none());
}

proptest! {
    /// The heart of it: whatever is accepted beside it, an objection never goes away.
    #[test]
    fn a_policy_never_allows(
        public in any::<bool>(),
        people in proptest::option::of(0..3_usize),
        agents in proptest::option::of(any::<bool>()),
        email in any::<bool>(),
        with in 0..4_usize,
        agent in any::<bool>(),
        spent in any::<bool>(),
        finding in any::<bool>(),
    ) {
        let mut everybody = [ada().key(), bo().key(), mallory().key()];
        everybody.sort();
        let forbid = Forbid {
            public,
            people: people.map(|n| everybody[..n].to_vec()),
            findings: if email { words(&["email"]) } else { Vec::new() },
            agents: agents.map(|all| if all { words(&["scribe"]) } else { Vec::new() }),
        };
        let findings = [found("email")];
        let share = Share {
            agent: agent.then_some("scribe"),
            with: (with < 3).then(|| &everybody[..=with]),
            findings: if finding { &findings } else { &[] },
            scan_spent: spent,
        };
        let one = held(Forbid { public: true, ..Forbid::default() });
        let before = one.against(&share, &class_of, NOW);
        let mut two = one.clone();
        two.accept(Accepted::open(&sealed(60, 1, forbid), NOW).unwrap());
        let after = two.against(&share, &class_of, NOW);
        prop_assert!(before.iter().all(|objection| after.contains(objection)));
    }
}
