//! Revocations: each check refuses by itself, the earlier of two answers, and what is withdrawn
//! is exactly what the target says.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, Person, ada, bo, forged, mallory, receipt_for_bo};
use artifact::{Receipt, Target, revocation::MAX_REASON};
use proptest::prelude::*;

/// Ada withdraws all from Bo, changed before it is signed by `who`.
fn revocation(who: &Person, change: impl FnOnce(&mut Revocation)) -> Vec<u8> {
    let mut revocation =
        Revocation { v: 0, target: Target::All, to: bo().key(), reason: None, seq: 3, iat: NOW };
    change(&mut revocation);
    revocation.seal(&who.human).unwrap()
}

/// Bo takes it, above number `kept`.
fn taken(envelope: &[u8], kept: u64) -> Result<(ArtifactId, Revocation), RevocationRefused> {
    take(envelope, &ada().card(), &bo().key(), kept, NOW)
}

fn check(envelope: &[u8], kept: u64, code: &str, violation: bool) {
    let refused = taken(envelope, kept).unwrap_err();
    assert_eq!(refused.code(), code, "{refused}");
    assert_eq!(refused.is_violation(), violation, "{code}");
}

#[test]
fn one_that_holds_is_taken_under_its_own_name() {
    let envelope = revocation(&ada(), |_| {});
    let (id, revocation) = taken(&envelope, 2).unwrap();
    assert_eq!(id, ArtifactId::of(&envelope));
    assert_eq!((revocation.seq, revocation.target), (3, Target::All));
    assert!(taken(&envelope, 0).is_ok(), "numbers may have gaps: only order counts");
}

#[test]
fn every_check_refuses_by_itself() {
    check(&forged(&revocation(&ada(), |_| {})), 0, "revocation", true);
    check(b"nothing of the kind", 0, "revocation", true);
    check(&revocation(&mallory(), |_| {}), 0, "not-theirs", true);
    check(&revocation(&ada(), |r| r.to = mallory().key()), 0, "not-for-me", true);
    check(&revocation(&ada(), |r| r.iat = NOW + CLOCK_SKEW + 1), 0, "from-the-future", false);
    check(&revocation(&ada(), |_| {}), 3, "stale", false);
    check(&revocation(&ada(), |_| {}), u64::MAX, "stale", false);
}

#[test]
fn of_two_faults_the_earlier_check_answers() {
    let elsewhere = |r: &mut Revocation| r.to = ada().key();
    check(&revocation(&mallory(), elsewhere), 9, "not-theirs", true);
    let ahead = |r: &mut Revocation| (r.to, r.iat) = (mallory().key(), u64::MAX);
    check(&revocation(&ada(), ahead), 9, "not-for-me", true);
    check(&revocation(&ada(), |r| r.iat = u64::MAX), 9, "from-the-future", false);
}

#[test]
fn a_clock_may_be_ten_minutes_off_and_no_more() {
    let at = |iat| revocation(&ada(), |r| r.iat = iat);
    assert!(taken(&at(NOW + CLOCK_SKEW), 0).is_ok());
    assert!(taken(&at(0), 0).is_ok());
    let late = take(&at(u64::MAX), &ada().card(), &bo().key(), 0, u64::MAX);
    assert!(late.is_ok(), "the sum does not overflow");
}

#[test]
fn a_newer_version_is_no_violation() {
    let newer = RevocationRefused::Envelope(EnvelopeError::UnsupportedVersion(1));
    assert!(!newer.is_violation());
    // What vectors and peers read stays; the journal does not call it badly signed.
    assert_eq!((newer.code(), newer.why()), ("revocation", "unsupported"));
}

#[test]
fn a_rule_of_a_field_that_is_broken_is_not_signed() {
    let check = |change: fn(&mut Revocation)| {
        let mut bad = Revocation::open(&revocation(&ada(), |_| {})).unwrap().0.payload;
        change(&mut bad);
        assert!(bad.seal(&ada().human).is_err(), "{bad:?}");
    };
    check(|r| r.v = 1);
    check(|r| r.seq = 0);
    check(|r| r.to = ada().key());
    check(|r| r.reason = Some("x".repeat(MAX_REASON + 1)));
}

fn a_receipt(iat: UnixMillis, grant: Option<ArtifactId>) -> Receipt {
    Receipt { iat, grant, ..receipt_for_bo(b"something") }
}

fn targets() -> impl Strategy<Value = Target> {
    let id = any::<[u8; 1]>().prop_map(|seed| ArtifactId::of(&seed));
    prop_oneof![id.clone().prop_map(Target::Receipt), id.prop_map(Target::Grant), Just(Target::All),]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_number_is_taken_once_and_never_again(mut numbers in prop::collection::vec(1..30_u64, 1..12)) {
        let mut kept = 0;
        let mut seen = Vec::new();
        for seq in numbers.drain(..) {
            match taken(&revocation(&ada(), |r| r.seq = seq), kept) {
                Ok((_, revocation)) => {
                    prop_assert!(revocation.seq > kept);
                    kept = revocation.seq;
                    seen.push(kept);
                }
                Err(refused) => {
                    prop_assert_eq!(refused, RevocationRefused::Stale);
                    prop_assert!(seq <= kept);
                }
            }
        }
        prop_assert!(seen.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_is_withdrawn_is_what_the_target_says(
        target in targets(), one: u8, under: Option<u8>, iat in 0..10_u64, at in 0..10_u64,
    ) {
        let id = ArtifactId::of(&[one]);
        let receipt = a_receipt(iat, under.map(|n| ArtifactId::of(&[n])));
        let revocation = Revocation {
            v: 0, target, to: bo().key(), reason: None, seq: 1, iat: at,
        };
        let wanted = match target {
            Target::Receipt(other) => other == id,
            Target::Grant(grant) => receipt.grant == Some(grant),
            Target::All => iat <= at,
        };
        prop_assert_eq!(revocation.hits(&id, &receipt), wanted);
    }

    #[test]
    fn any_bytes_are_refused_or_hold(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(taken(&bytes, 0).is_err());
    }
}
