//! Good envelopes: every optional field present and absent, every word of every list of words,
//! every limit exactly reached.

use super::{
    exchange,
    format::{Bytes, EnvelopeCase},
    people::{
        HOUR, NOON, anchor, base, card, crystal, humans, key, public, public_receipt, receipt,
        sealed, seed, step, trace,
    },
    policy,
    raw::Raw,
    verdict::open,
};
use artifact::{
    ArtifactId, Audience, Card, Check, Crystal, DeadEnd, Env, FixStep, KeyProtection, Kind, Limits,
    Outcome, Receipt, Step, StepKind, Trace,
};
use consent::{Anchor, EntryHash, SignedHead};

/// Good envelopes of `kind`, each named by what is special about it.
pub(crate) fn good(kind: Kind) -> Vec<EnvelopeCase> {
    let found = match kind {
        Kind::Trace => traces(),
        Kind::Crystal => crystals(),
        Kind::Card => cards(),
        Kind::Consent => receipts(),
        Kind::JournalHead => heads(),
        Kind::Grant => exchange::grants(),
        Kind::Revocation => exchange::revocations(),
        Kind::Delivery => exchange::delivery_receipts(),
        Kind::Countersign => exchange::countersignatures(),
        Kind::Anchor => anchors(),
        Kind::Policy => policy::policies(),
    };
    let mut cases = vec![case(kind, "plain", sealed(kind, &base(kind)))];
    cases.extend(found.into_iter().map(|(name, bytes)| case(kind, name, bytes)));
    cases
}

/// Envelopes, each with what is special about it.
pub(crate) type Named = Vec<(&'static str, Vec<u8>)>;

fn case(kind: Kind, name: &str, bytes: Vec<u8>) -> EnvelopeCase {
    let (id, signers) = open(kind.word(), &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    EnvelopeCase {
        name: format!("good: {name}"),
        kind: kind.word().to_owned(),
        bytes: bytes.into(),
        verdict: "ok".to_owned(),
        id: Some(id.as_bytes().into()),
        signers: Some(signers.iter().map(Bytes::from).collect()),
    }
}

/// A copy of a value, changed.
pub(crate) fn but<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

fn traces() -> Named {
    let seal = |change: fn(&mut Trace)| but(trace(), change).seal(&key("north author")).unwrap();
    vec![
        (
            "no steps, no model, no times",
            seal(|t| {
                (t.model, t.started, t.ended, t.steps) = (None, 0, 0, Vec::new());
            }),
        ),
        ("outcome failed", seal(|t| t.outcome = Outcome::Failed)),
        (
            "a thought and a note",
            seal(|t| {
                let note =
                    Step { name: Some("summary".to_owned()), ..step(StepKind::Note, 12, "{}") };
                t.steps = vec![step(StepKind::Think, 11, "perhaps"), note];
            }),
        ),
        (
            "a step cut at its limit",
            seal(|t| {
                let text = "x".repeat(artifact::trace::MAX_STEP_TEXT);
                t.steps = vec![Step { bytes: 1 << 40, ..step(StepKind::Result, 1, &text) }];
            }),
        ),
        ("agent of 64 characters of four bytes", seal(|t| t.agent = "🜁".repeat(64))),
        (
            "every width of integer",
            seal(|t| {
                let lines =
                    [23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX), 1 << 32, u64::MAX];
                t.steps = lines.into_iter().map(|n| step(StepKind::Say, n, "")).collect();
            }),
        ),
    ]
}

fn crystals() -> Named {
    let seal =
        |change: fn(&mut Crystal)| but(crystal(), change).seal(&key("north author")).unwrap();
    vec![
        (
            "least",
            seal(|c| {
                *c = Crystal {
                    title: "t".to_owned(),
                    problem: String::new(),
                    fix: Vec::new(),
                    checks: Vec::new(),
                    outcome: Outcome::Unknown,
                    dead_ends: Vec::new(),
                    lesson: Vec::new(),
                    env: Env::default(),
                    family: Vec::new(),
                    supersedes: None,
                    evidence: Vec::new(),
                    iat: 0,
                };
            }),
        ),
        ("supersedes", seal(|c| c.supersedes = Some(ArtifactId::of(b"an earlier one")))),
        (
            "family",
            seal(|c| {
                c.family = ["error:EADDRINUSE", "lang:rust", "lang:sh"].map(str::to_owned).to_vec();
            }),
        ),
        ("title of 160 characters of two bytes", seal(|c| c.title = "ü".repeat(160))),
        ("problem of 8000 characters", seal(|c| c.problem = "p".repeat(8_000))),
        ("exit below zero", seal(|c| c.checks.push(Check { command: "x".to_owned(), exit: -9 }))),
        ("exit least", seal(|c| c.checks.push(Check { command: String::new(), exit: i64::MIN }))),
        ("exit greatest", seal(|c| c.checks.push(Check { command: "x".into(), exit: i64::MAX }))),
        (
            "128 of each list",
            seal(|c| {
                c.lesson = (0..128).map(|n| n.to_string()).collect();
                c.family = (100..228).map(|n| format!("n:{n}")).collect();
                c.fix = vec![FixStep::Command { text: "true".to_owned() }; 128];
                c.dead_ends = vec![DeadEnd { tried: "a".to_owned(), error: "b".to_owned() }; 128];
            }),
        ),
        (
            "outcome accepted, no folder",
            seal(|c| {
                (c.outcome, c.env.repo, c.env.os) = (Outcome::Accepted, None, None);
            }),
        ),
    ]
}

fn cards() -> Named {
    let seal = |change: fn(&mut Card)| {
        let card = but(card("north"), change);
        card.seal(&key("north human"), &key("north author"), &key("north transport")).unwrap()
    };
    vec![
        ("no name", seal(|c| c.name = None)),
        ("solana", seal(|c| c.solana = Some(public("north solana")))),
        ("name of 64 characters", seal(|c| c.name = Some("ж".repeat(64)))),
        ("an empty name", seal(|c| c.name = Some(String::new()))),
        ("the longest life", seal(|c| c.exp = c.iat + artifact::card::MAX_LIFE)),
        ("the shortest life", seal(|c| c.exp = c.iat + 1)),
        ("highest seq", seal(|c| c.seq = u64::MAX)),
    ]
}

fn receipts() -> Named {
    let envelope = sealed(Kind::Crystal, &Raw::of(&crystal()));
    let private = |change: fn(&mut Receipt)| {
        but(receipt(&envelope), change).seal(&key("north human")).unwrap()
    };
    let public = |change: fn(&mut Receipt)| {
        but(public_receipt(&envelope), change).seal(&key("north human")).unwrap()
    };
    vec![
        ("public", public(|_| {})),
        ("public, not to be passed on", public(|r| r.lim.reshare = false)),
        ("public with an end", public(|r| r.lim.until = Some(NOON + HOUR))),
        ("private with an end", private(|r| r.lim.until = Some(NOON + HOUR))),
        ("private, ends at once", private(|r| r.lim.until = Some(NOON + 1))),
        ("one person", private(|r| r.aud = Audience::Peers(humans(&["harbour"])))),
        (
            "128 people",
            private(|r| {
                let names: Vec<String> = (0..128).map(|n| format!("guest {n}")).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                r.aud = Audience::Peers(humans(&names));
            }),
        ),
        ("kept in a keychain", private(|r| r.key_protection = KeyProtection::Keychain)),
        ("kept in a file", private(|r| r.key_protection = KeyProtection::File)),
        (
            "children",
            private(|r| {
                let ids = [ArtifactId::of(b"one"), ArtifactId::of(b"two")];
                r.obj.children = Some(ids.to_vec());
            }),
        ),
        ("no children, but said so", private(|r| r.obj.children = Some(Vec::new()))),
        ("grant", private(|r| r.grant = Some(ArtifactId::of(b"a grant")))),
        (
            "everything at once",
            private(|r| {
                r.lim = Limits { until: Some(u64::MAX), reshare: false };
                r.obj.children = Some(vec![ArtifactId::of(b"one")]);
                r.grant = Some(ArtifactId::of(b"a grant"));
            }),
        ),
    ]
}

fn anchors() -> Named {
    let seal = |change: fn(&mut Anchor)| but(anchor(), change).seal(&key("north human")).unwrap();
    vec![
        (
            "the first entry, the first card, the first store",
            seal(|a| {
                (a.seq, a.card, a.store, a.iat) = (1, 1, 1, 0);
            }),
        ),
        (
            "the highest numbers",
            seal(|a| {
                (a.seq, a.card, a.store, a.iat) = (u64::MAX, u64::MAX, u64::MAX, u64::MAX);
            }),
        ),
    ]
}

fn heads() -> Named {
    let journal = key("north journal");
    let seal = |seq, hash| SignedHead::seal(seq, EntryHash(hash), &journal).unwrap().0;
    vec![
        ("an empty journal", seal(0, [0; 32])),
        ("one entry", seal(1, seed("one"))),
        ("the highest seq", seal(u64::MAX, seed("last"))),
    ]
}
