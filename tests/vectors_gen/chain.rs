//! Journals: a good one with every event, and what shows when one is changed.

use super::{
    format::{Bytes, JournalCase},
    people::{NOON, base, humans, key, public, receipt, sealed, seed},
    raw::Raw,
};
use artifact::{ArtifactId, HumanKey, KeyProtection, Kind, Object, TransportKey};
use consent::{
    Ask, AskId, Bounds, Entry, EntryHash, Event, Finding, NodeKey, Reach, Redaction, Requester,
    Rotation, SignedHead, State, Term, Way, Wish, journal::hash,
};

fn ask(wish: Wish, by: Requester) -> Event {
    let id = AskId(*seed(wish.word()).first_chunk().unwrap());
    let finding = Finding {
        rule: "email".to_owned(),
        label: "e-mail address".to_owned(),
        line: 14,
        masked: "a…@example.org".to_owned(),
    };
    Event::Asked {
        ask: Box::new(Ask {
            id,
            at: NOON,
            by,
            wish,
            reason: "the user asked me to".to_owned(),
            findings: vec![finding],
            scan_spent: false,
            state: State::Pending {},
            redacts: None,
        }),
    }
}

/// An ask about a redacted version of what another asked for.
fn redacted(event: Event) -> Event {
    let Event::Asked { mut ask } = event else { return event };
    let (of, taken_out) = (ArtifactId::of(b"whole"), 2);
    ask.redacts = Some(Redaction { ask: AskId([7; 16]), of, taken_out });
    Event::Asked { ask }
}

fn asks() -> Vec<Event> {
    let object = || Object { id: ArtifactId::of(b"x"), size: 1, children: None };
    let agent = |paired| Requester::Agent {
        name: "claude-code".to_owned(),
        key: seed("an agent"),
        paired,
        session: "e0a1".to_owned(),
        process: vec!["node".to_owned(), "zsh".to_owned()],
        verified: paired.is_some(),
    };
    let human = || Requester::Human { way: Way::MainWindow, process: Vec::new() };
    let connect = |name| Wish::Connect { ticket: "a ticket".to_owned(), name };
    vec![
        ask(
            Wish::SharePrivate { object: object(), peers: humans(&["harbour"]) },
            agent(Some(NOON)),
        ),
        redacted(ask(
            Wish::SharePrivate { object: object(), peers: humans(&["harbour"]) },
            agent(Some(NOON)),
        )),
        ask(Wish::SharePublic { object: object() }, human()),
        ask(
            Wish::Pair { name: "codex".to_owned(), key: seed("codex"), known_before: true },
            agent(None),
        ),
        ask(Wish::Ticket { lifetime: 86_400_000, hidden: false }, human()),
        ask(Wish::Ticket { lifetime: 86_400_000, hidden: true }, human()),
        ask(connect(None), human()),
        ask(connect(Some("harbour".to_owned())), human()),
    ]
    .into_iter()
    .chain(asks_about_peers().into_iter().map(|wish| ask(wish, human())))
    .collect()
}

fn asks_about_peers() -> Vec<Wish> {
    let (peer, endpoint) = (public("harbour human"), public("harbour transport"));
    let reach = Reach { anywhere: true, relay: None, nearby: false };
    vec![
        Wish::Accept { peer, endpoint, name: None },
        Wish::Accept { peer, endpoint, name: Some("harbour".to_owned()) },
        Wish::Unblock { peer: Some(peer), endpoint },
        Wish::Unblock { peer: None, endpoint },
        Wish::Let { peer },
        Wish::Unhide { peer },
        Wish::Reach { reach },
        Wish::Resume { anchored: 9, found: 7 },
        Wish::SignRevocations {},
        Wish::Rotate { role: NodeKey::Author },
        Wish::Rotate { role: NodeKey::Transport },
        Wish::Rotate { role: NodeKey::Journal },
        Wish::AcceptPolicy { policy: sealed(Kind::Policy, &base(Kind::Policy)).into() },
        Wish::DropPolicy { organisation: None, name: String::new() },
        Wish::DropPolicy {
            organisation: Some(public("north organisation")),
            name: "Quay & Sons".to_owned(),
        },
    ]
}

/// Every event at least once. A new one is missed here by the compiler, in `named`.
fn events() -> Vec<Event> {
    let ask = AskId(*seed("an ask").first_chunk().unwrap());
    let envelope = sealed(Kind::Crystal, &base(Kind::Crystal));
    let consent = receipt(&envelope).seal(&key("north human")).unwrap();
    let (receipt, artifact) = (ArtifactId::of(&consent), ArtifactId::of(&envelope));
    let (peer, endpoint) = (public("harbour human"), public("harbour transport"));
    let (session, why, name) = (1, "wrong-pin".to_owned(), "harbour".to_owned());
    let (way, bytes) = (Way::ConsentWindow, envelope.len() as u64);
    let mut all =
        vec![Event::Opened { human: public("north human"), journal: public("north journal") }];
    all.extend(asks());
    all.extend([
        Event::Shown { ask, way },
        Event::GrantFailed { ask, way: Way::Terminal, why: why.clone() },
        Event::Allowed { ask, way, receipt: Some(consent.into()) },
        Event::Allowed { ask, way, receipt: None },
        Event::Denied { ask, way: Way::Tray },
        Event::Denied { ask, way: Way::Notification },
        Event::Expired { ask },
        Event::Withdrawn { ask },
        Event::Cancelled { ask },
        Event::Exported { receipt, artifact },
        Event::Told { receipt, artifact, peer },
        Event::Serving { receipt, artifact, peer, session },
        Event::Served { receipt, artifact, peer, session, bytes, whole: true },
        Event::Received { artifact: ArtifactId::of(b"theirs"), peer, receipt },
        Event::Refused { peer: Some(peer), endpoint, why: why.clone() },
        Event::Refused { peer: None, endpoint, why },
        Event::PeerPinned { peer, endpoint, name: name.clone() },
        Event::AgentPaired { name: name.clone(), key: seed("codex") },
        Event::AgentUnpaired { name, key: seed("codex") },
    ]);
    all.extend(strangers(peer, endpoint));
    all.extend(withdrawals(receipt, peer));
    all.extend(decisions(ask, artifact, peer));
    all.extend(keys());
    all
}

/// What the human decides about agents for longer than once.
fn decisions(ask: AskId, shown: ArtifactId, peer: HumanKey) -> Vec<Event> {
    let (name, key) = ("codex".to_owned(), seed("codex"));
    let grant = sealed(Kind::Grant, &base(Kind::Grant));
    let rule = ArtifactId::of(&grant);
    let bounds = |term| {
        let (session, peers) = ("e0a1".to_owned(), vec![peer]);
        Box::new(Bounds { agent: key, name: name.clone(), term, session, peers, shown })
    };
    let made = |term| Event::RuleMade { ask, bounds: bounds(term), grant: grant.clone().into() };
    let mute = |why: &str| {
        let (name, why) = (name.clone(), why.to_owned());
        Event::AgentMuted { name, key, until: NOON + 3_600_000, why }
    };
    let mut under = receipt(&sealed(Kind::Crystal, &base(Kind::Crystal)));
    under.grant = Some(rule);
    let receipt = under.seal_under(&super::people::key("north rule")).unwrap().into();
    vec![
        made(Term::Session),
        made(Term::Lock),
        made(Term::Day),
        Event::AllowedByRule { ask, rule, receipt },
        Event::RuleNarrowed { rule, peers: vec![peer] },
        Event::RuleEnded { rule, why: "by-hand".to_owned() },
        mute("by-hand"),
        mute("denied-often"),
        Event::PolicyAccepted { ask, policy: sealed(Kind::Policy, &base(Kind::Policy)).into() },
        Event::PolicyDropped { organisation: Some(public("north organisation")) },
        Event::PolicyDropped { organisation: None },
        Event::AgentUnmuted { name: name.clone(), key },
        Event::AgentBlocked { name: name.clone(), key },
        Event::AgentUnblocked { name: name.clone(), key },
    ]
}

/// What happens to human_key.
fn keys() -> Vec<Event> {
    let way = Way::ConsentWindow;
    vec![
        Event::KeyUnlocked { way },
        Event::KeyLocked { why: "idle".to_owned() },
        Event::PinChanged { way: Way::MainWindow, protection: KeyProtection::Pin },
        Event::PinChanged { way: Way::Terminal, protection: KeyProtection::Keychain },
        Event::PhraseShown { way: Way::MainWindow },
        Event::PhraseVerified { way: Way::MainWindow },
        Event::KeyRotated {
            key: Rotation::Author {
                before: public("north author"),
                after: public("north author 2"),
                card: sealed(Kind::Card, &base(Kind::Card)).into(),
            },
        },
        Event::KeyRotated {
            key: Rotation::Transport {
                before: public("north transport"),
                after: public("north transport 2"),
                card: sealed(Kind::Card, &base(Kind::Card)).into(),
            },
        },
    ]
}

/// A journal that one key hands over to the next, with what the entry after the rotation tells.
fn handed_over(then: impl FnOnce(usize, EntryHash) -> Event) -> (Vec<Vec<u8>>, EntryHash) {
    let opened = Event::Opened { human: public("north human"), journal: public("north journal") };
    let (before, after) = (public("north journal"), public("north journal 2"));
    let rotated = Event::KeyRotated { key: Rotation::Journal { before, after } };
    let (mut entries, mut prev) = (Vec::new(), EntryHash::ZERO);
    let mut append = |event| {
        let seq = entries.len() as u64 + 1;
        let (bytes, hash) = Entry { v: 0, seq, prev, at: NOON + seq, event }.encode().unwrap();
        entries.push(bytes);
        prev = hash;
        (entries.len(), hash)
    };
    append(opened);
    let (seq, hash) = append(rotated);
    append(then(seq, hash));
    let way = Way::MainWindow;
    append(Event::PhraseShown { way });
    (entries, prev)
}

/// Journals in which one key follows another, and what is wrong with them.
fn handovers() -> Vec<JournalCase> {
    let signed = |by: &'static str| {
        move |seq: usize, hash| Event::JournalHandedOver {
            head: SignedHead::seal(seq as u64, hash, &key(by)).unwrap().0.into(),
        }
    };
    let older =
        |seq: usize, _| Event::JournalHandedOver { head: head(seq - 1, EntryHash([7; 32])).into() };
    let nothing = |_, _| Event::PhraseVerified { way: Way::MainWindow };
    let case = |name: &str, verdict: &str, (entries, last): (Vec<Vec<u8>>, EntryHash), by: &str| {
        let end = SignedHead::seal(entries.len() as u64, last, &key(by)).unwrap().0;
        JournalCase {
            name: name.to_owned(),
            entries: entries.into_iter().map(Bytes).collect(),
            head: Some(Bytes(end)),
            key: public::<()>(by).as_bytes().into(),
            verdict: verdict.to_owned(),
        }
    };
    let good = || handed_over(signed("north journal"));
    vec![
        case("good: handed over to the next key", "ok", good(), "north journal 2"),
        case("handed over, and signed by the key before", "bad-head", good(), "north journal"),
        case(
            "handed over by itself",
            "not-handed-over",
            handed_over(signed("north journal 2")),
            "north journal 2",
        ),
        case(
            "handed over by the head over another entry",
            "not-handed-over",
            handed_over(older),
            "north journal 2",
        ),
        case("never handed over", "not-handed-over", handed_over(nothing), "north journal 2"),
    ]
}

fn strangers(peer: HumanKey, endpoint: TransportKey) -> Vec<Event> {
    let relay = Some("https://relay.example.org".to_owned());
    let everywhere = Reach { anywhere: true, relay, nearby: true };
    vec![
        Event::Knocked { peer, endpoint },
        Event::PeerBlocked { peer: Some(peer), endpoint, why: "by-hand".to_owned() },
        Event::PeerBlocked { peer: None, endpoint, why: "malformed".to_owned() },
        Event::PeerUnblocked { peer: Some(peer), endpoint },
        Event::PeerUnblocked { peer: None, endpoint },
        Event::PeerLet { peer },
        Event::PeerUnlet { peer },
        Event::PeerMoved { peer, before: endpoint, endpoint: public("harbour transport 2") },
        Event::ReachChanged { reach: everywhere },
        Event::ReachChanged { reach: Reach::default() },
        Event::Upgraded { from: 1, to: 2 },
        Event::Restored { anchor: 9, found: 7 },
    ]
}

fn withdrawals(receipt: ArtifactId, peer: HumanKey) -> Vec<Event> {
    let of = |kind| sealed(kind, &base(kind));
    vec![
        Event::Stopped { receipt, peer: Some(peer) },
        Event::Stopped { receipt, peer: None },
        Event::Revoked { revocation: of(Kind::Revocation).into() },
        Event::RevokedByPeer { peer, revocation: of(Kind::Revocation).into() },
        Event::Diverged { peer, delivery: ArtifactId::of(&of(Kind::Delivery)) },
    ]
}

/// Stops compiling when an event is added, so that it is added above.
fn named(event: &Event) -> &'static str {
    match event {
        Event::Opened { .. }
        | Event::Asked { .. }
        | Event::Shown { .. }
        | Event::Allowed { .. }
        | Event::AllowedByRule { .. }
        | Event::RuleMade { .. }
        | Event::RuleNarrowed { .. }
        | Event::RuleEnded { .. }
        | Event::PolicyAccepted { .. }
        | Event::PolicyDropped { .. }
        | Event::AgentMuted { .. }
        | Event::AgentUnmuted { .. }
        | Event::AgentBlocked { .. }
        | Event::AgentUnblocked { .. }
        | Event::Denied { .. }
        | Event::Expired { .. }
        | Event::Withdrawn { .. }
        | Event::Cancelled { .. }
        | Event::GrantFailed { .. }
        | Event::Exported { .. }
        | Event::Told { .. }
        | Event::Serving { .. }
        | Event::Served { .. }
        | Event::Received { .. }
        | Event::Refused { .. }
        | Event::PeerPinned { .. }
        | Event::Knocked { .. }
        | Event::PeerBlocked { .. }
        | Event::PeerUnblocked { .. }
        | Event::PeerLet { .. }
        | Event::PeerUnlet { .. }
        | Event::Stopped { .. }
        | Event::Revoked { .. }
        | Event::RevokedByPeer { .. }
        | Event::Diverged { .. }
        | Event::ReachChanged { .. }
        | Event::Upgraded { .. }
        | Event::Restored { .. }
        | Event::KeyUnlocked { .. }
        | Event::KeyLocked { .. }
        | Event::PinChanged { .. }
        | Event::PhraseShown { .. }
        | Event::PhraseVerified { .. }
        | Event::PeerMoved { .. }
        | Event::KeyRotated { .. }
        | Event::JournalHandedOver { .. }
        | Event::AgentPaired { .. }
        | Event::AgentUnpaired { .. } => event.word(),
    }
}

/// The entries of a good journal, and the hash of the last one.
pub(crate) fn good_chain() -> (Vec<Vec<u8>>, EntryHash) {
    let (mut entries, mut prev) = (Vec::new(), EntryHash::ZERO);
    for (n, event) in events().into_iter().enumerate() {
        assert!(!named(&event).is_empty());
        let seq = n as u64 + 1;
        let (bytes, hash) = Entry { v: 0, seq, prev, at: NOON + seq, event }.encode().unwrap();
        entries.push(bytes);
        prev = hash;
    }
    (entries, prev)
}

/// The head that `north` signs over the end of a chain.
pub(crate) fn head(seq: usize, hash: EntryHash) -> Vec<u8> {
    SignedHead::seal(seq as u64, hash, &key("north journal")).unwrap().0
}

/// Entries from these values, each chained to the one before it, whatever they say.
fn rechained(values: &[Raw]) -> (Vec<Vec<u8>>, EntryHash) {
    let mut prev = EntryHash::ZERO;
    let entries = values.iter().map(|value| {
        let bytes = value.with("prev", Raw::Bytes(prev.0.to_vec())).write();
        prev = hash(&bytes);
        bytes
    });
    (entries.collect(), prev)
}

pub(crate) fn journals() -> Vec<JournalCase> {
    let (good, last) = good_chain();
    let end = good.len();
    let mut cases = Vec::new();
    let mut add = |name: &str, verdict: &str, entries: Vec<Vec<u8>>, head: Option<Vec<u8>>| {
        cases.push(JournalCase {
            name: name.to_owned(),
            entries: entries.into_iter().map(Bytes).collect(),
            head: head.map(Bytes),
            key: public::<()>("north journal").as_bytes().into(),
            verdict: verdict.to_owned(),
        });
    };
    let signed = || Some(head(end, last));
    add("good: every event", "ok", good.clone(), signed());
    add("good: one entry", "ok", good[..1].to_vec(), Some(head(1, hash(&good[0]))));
    add("good: empty, with a head", "ok", Vec::new(), Some(head(0, EntryHash::ZERO)));
    add("good: empty, without a head", "ok", Vec::new(), None);
    let but = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut entries = good.clone();
        change(&mut entries);
        entries
    };
    let mut changed = Raw::parse(&good[4]);
    *changed.at("at") = Raw::Uint(1);
    let changed = changed.write();
    add("an entry is changed", "broken", but(&|e| e[4] = changed.clone()), signed());
    add("an entry is dropped", "missing", but(&|e| drop(e.remove(4))), signed());
    add("the first entry is dropped", "missing", but(&|e| drop(e.remove(0))), signed());
    add("two entries are swapped", "missing", but(&|e| e.swap(4, 5)), signed());
    add("an entry twice", "missing", but(&|e| e.insert(4, e[4].clone())), signed());
    add("the end is cut off", "truncated", but(&|e| drop(e.pop())), signed());
    add("all is gone", "truncated", Vec::new(), signed());
    let values: Vec<Raw> = good.iter().map(|bytes| Raw::parse(bytes)).collect();
    let mut forged = values.clone();
    *forged[end - 1].at("at") = Raw::Uint(1);
    add("the last entry is rewritten", "rewritten", rechained(&forged).0, signed());
    let mut forged = values.clone();
    *forged[2].at("at") = Raw::Uint(1);
    add("all is rewritten from the third on", "rewritten", rechained(&forged).0, signed());
    let earlier = Some(head(end - 1, hash(&good[end - 2])));
    add("an entry after the signed head", "unsigned", good.clone(), earlier);
    add("no head", "bad-head", good.clone(), None);
    let mut flipped = head(end, last);
    flipped[20] ^= 1;
    add("a bit of the head is flipped", "bad-head", good.clone(), Some(flipped));
    let island = SignedHead::seal(end as u64, last, &key("island journal")).unwrap().0;
    add("the head is another node's", "bad-head", good.clone(), Some(island));
    unreadable(&mut add, &values);
    cases.extend(handovers());
    cases
}

type Add<'a> = dyn FnMut(&str, &str, Vec<Vec<u8>>, Option<Vec<u8>>) + 'a;

/// Entries that are none, in a chain that is otherwise unbroken and signed.
fn unreadable(add: &mut Add<'_>, values: &[Raw]) {
    let mut with = |name: &str, change: &dyn Fn(&mut Raw)| {
        let mut values = values.to_vec();
        change(&mut values[1]);
        let (entries, last) = rechained(&values);
        let signed = head(entries.len(), last);
        add(name, "unreadable", entries, Some(signed));
    };
    with("an unknown field", &|v| *v = v.plus("", "note", Raw::text("x")));
    with("no time", &|v| *v = v.without("", "at"));
    with("an unknown event", &|v| v.at("event").entries()[0].0 = Raw::text("granted"));
    with("an event with an unknown field", &|v| *v = v.plus("event.asked", "x", Raw::Uint(0)));
    with("keys out of order", &|v| v.entries().reverse());
    with("a number that is not the shortest", &|v| *v.at("v") = Raw::Bare(vec![0x18, 0]));
    with("an event as a word", &|v| *v.at("event") = Raw::text("opened"));
}
