//! The people of the vectors, with keys from fixed seeds, and the payloads that the cases start
//! from.

use super::{exchange, policy, raw::Raw};
use artifact::{
    Act, ArtifactId, Audience, Card, Check, Crystal, DeadEnd, Env, FixStep, KeyProtection, Kind,
    Limits, Nonce, Object, Outcome, Public, Receipt, Secret, Source, Step, StepKind, Trace,
    UnixMillis,
    crystal::{Commitment, CommitmentKey},
    envelope,
};
use consent::{Anchor, EntryHash, JournalHead};

/// 2026-11-20T12:00:00Z: when the receipts of the vectors are signed.
pub(crate) const NOON: UnixMillis = 1_795_176_000_000;
pub(crate) const HOUR: UnixMillis = 60 * 60 * 1000;

/// Thirty-two bytes that follow from a label.
pub(crate) fn seed(label: &str) -> [u8; 32] {
    blake3::derive_key("tracenet test vectors 2026 v0 seed", label.as_bytes())
}

/// A secret key, by its owner and role: `key("north human")`.
pub(crate) fn key<R>(label: &str) -> Secret<R> {
    Secret::from_seed(&seed(label))
}

pub(crate) fn public<R>(label: &str) -> Public<R> {
    key::<R>(label).public()
}

/// The labels of the keys that sign `kind`, for this person.
pub(crate) fn signers(kind: Kind, who: &str) -> Vec<String> {
    let roles = kind.signers().iter().map(|role| format!("{role:?}").to_lowercase());
    roles.map(|role| format!("{who} {role}")).collect()
}

/// One entry `{k, g}` of an envelope's signatures.
pub(crate) fn signed(label: &str, t: &str, payload: &[u8]) -> Raw {
    let secret = key::<()>(label);
    let signature = secret.sign(&envelope::pae(t, payload));
    Raw::Map(vec![
        (Raw::text("g"), Raw::Bytes(signature.to_vec())),
        (Raw::text("k"), Raw::Bytes(secret.public().as_bytes().to_vec())),
    ])
}

/// An envelope of type `t` over whatever `payload` is, well signed by these keys.
pub(crate) fn wrap(t: &str, payload: &[u8], labels: &[String]) -> Raw {
    Raw::Map(vec![
        (Raw::text("p"), Raw::Bytes(payload.to_vec())),
        (Raw::text("s"), Raw::List(labels.iter().map(|l| signed(l, t, payload)).collect())),
        (Raw::text("t"), Raw::text(t)),
    ])
}

/// `north`'s envelope of `kind` over whatever `payload` is, well signed.
pub(crate) fn sealed(kind: Kind, payload: &Raw) -> Vec<u8> {
    wrap(&kind.media_type(), &payload.write(), &signers(kind, "north")).write()
}

/// The payload that the faults of `kind` start from.
pub(crate) fn base(kind: Kind) -> Raw {
    match kind {
        Kind::Trace => Raw::of(&trace()),
        Kind::Crystal => Raw::of(&crystal()),
        Kind::Card => Raw::of(&card("north")),
        Kind::Consent => Raw::of(&receipt(&sealed(Kind::Crystal, &Raw::of(&crystal())))),
        Kind::JournalHead => Raw::of(&JournalHead { v: 0, seq: 7, hash: EntryHash(seed("end")) }),
        Kind::Grant => Raw::of(&exchange::grant()),
        Kind::Revocation => Raw::of(&exchange::revocation()),
        Kind::Delivery => Raw::of(&exchange::delivery("harbour", "north")),
        Kind::Countersign => Raw::of(&exchange::countersign()),
        Kind::Anchor => Raw::of(&anchor()),
        Kind::Policy => Raw::of(&policy::policy()),
    }
}

pub(crate) fn anchor() -> Anchor {
    Anchor {
        v: 0,
        journal: public("north journal"),
        seq: 7,
        hash: EntryHash(seed("end")),
        card: 1,
        store: 2,
        iat: NOON,
    }
}

pub(crate) fn card(who: &str) -> Card {
    Card {
        human: public(&format!("{who} human")),
        author: public(&format!("{who} author")),
        transport: public(&format!("{who} transport")),
        solana: None,
        name: Some(who.to_owned()),
        seq: 1,
        iat: NOON - 24 * HOUR,
        exp: NOON + 300 * 24 * HOUR,
    }
}

pub(crate) fn step(kind: StepKind, line: u64, text: &str) -> Step {
    Step {
        kind,
        line,
        at: None,
        name: None,
        call: None,
        failed: false,
        text: text.to_owned(),
        bytes: text.len() as u64,
    }
}

pub(crate) fn trace() -> Trace {
    let tool = |step: Step| Step { call: Some("c1".to_owned()), ..step };
    Trace {
        agent: "claude-code".to_owned(),
        model: Some("a-model-4".to_owned()),
        started: NOON - 2 * HOUR,
        ended: NOON - HOUR,
        outcome: Outcome::Passed,
        source: Source { format: "claude-code".to_owned(), hash: ArtifactId::of(b"the raw log") },
        steps: vec![
            Step { at: Some(NOON - 2 * HOUR), ..step(StepKind::Ask, 1, "the port is taken in CI") },
            tool(Step { name: Some("Bash".to_owned()), ..step(StepKind::Call, 4, "cargo test") }),
            tool(Step { failed: true, ..step(StepKind::Result, 5, "address already in use") }),
            step(StepKind::Say, 9, "It binds port 0 now."),
        ],
    }
}

pub(crate) fn crystal() -> Crystal {
    let secret = CommitmentKey::of(&key("north author"));
    let about = ArtifactId::of(b"a trace");
    Crystal {
        title: "Fix for flaky port binding in CI".to_owned(),
        problem: "Tests fail in CI with: address already in use".to_owned(),
        fix: vec![
            FixStep::Edit {
                file: "tests/server.rs".to_owned(),
                text: "bind(\"127.0.0.1:0\")".to_owned(),
            },
            FixStep::Command { text: "cargo test --workspace".to_owned() },
        ],
        checks: vec![Check { command: "cargo test --workspace".to_owned(), exit: 0 }],
        outcome: Outcome::Passed,
        dead_ends: vec![DeadEnd {
            tried: "sleep 1 between tests".to_owned(),
            error: "address already in use".to_owned(),
        }],
        lesson: vec!["Let the system choose the port.".to_owned()],
        env: Env {
            os: Some("linux".to_owned()),
            repo: Some("harbour".to_owned()),
            tools: vec!["cargo 1.95".to_owned()],
            files: vec!["tests/server.rs".to_owned()],
        },
        family: Vec::new(),
        supersedes: None,
        evidence: vec![
            Commitment::new(&secret, &about, 1, 1, "the port is taken in CI"),
            Commitment::new(&secret, &about, 4, 5, "cargo test"),
        ],
        iat: NOON - HOUR,
    }
}

/// Keys of humans, sorted as an audience wants them.
pub(crate) fn humans(names: &[&str]) -> Vec<artifact::HumanKey> {
    let mut keys: Vec<_> = names.iter().map(|name| public(&format!("{name} human"))).collect();
    keys.sort();
    keys
}

/// Two names whose keys are in that order.
pub(crate) fn peers() -> Audience {
    Audience::Peers(humans(&["harbour", "island"]))
}

/// `north` consents to give `envelope` to `harbour` and `island`.
pub(crate) fn receipt(envelope: &[u8]) -> Receipt {
    Receipt {
        v: 0,
        act: Act::SharePrivate,
        obj: Object { id: ArtifactId::of(envelope), size: envelope.len() as u64, children: None },
        aud: peers(),
        lim: Limits { until: None, reshare: false },
        iat: NOON,
        nonce: Nonce(*seed("nonce").first_chunk().unwrap()),
        key_protection: KeyProtection::Pin,
        grant: None,
    }
}

/// The same consent, for anyone.
pub(crate) fn public_receipt(envelope: &[u8]) -> Receipt {
    Receipt {
        act: Act::SharePublic,
        aud: Audience::Public,
        lim: Limits { until: None, reshare: true },
        ..receipt(envelope)
    }
}
