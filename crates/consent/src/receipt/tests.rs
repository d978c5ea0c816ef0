//! What makes a receipt of one's own, and what it admits.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, ada, bo, mallory, receipt_for_bo};
use artifact::{Act, Audience, Receipt};

/// Makes a receipt over Ada's crystal, changes it, and lets Ada's node verify it `now`.
fn own(change: impl FnOnce(&mut Receipt), now: UnixMillis) -> Result<VerifiedReceipt, String> {
    let ada = ada();
    let crystal = ada.crystal("Fix");
    let mut receipt = receipt_for_bo(&crystal);
    change(&mut receipt);
    let sealed = receipt.seal(&ada.human).unwrap();
    VerifiedReceipt::own(&sealed, None, &ada.key(), &crystal, now).map_err(|e| e.to_string())
}

#[test]
fn a_receipt_of_my_own_opens_my_gate() {
    let verified = own(|_| {}, NOW).unwrap();
    assert_eq!(verified.human(), ada().key());
    assert_eq!(verified.id(), ArtifactId::of(verified.envelope()));
    assert_eq!(verified.receipt().obj.id, ArtifactId::of(&ada().crystal("Fix")));
}

#[test]
fn anothers_receipt_does_not() {
    let crystal = ada().crystal("Fix");
    let sealed = receipt_for_bo(&crystal).seal(&mallory().human).unwrap();
    let verified = VerifiedReceipt::own(&sealed, None, &ada().key(), &crystal, NOW);
    assert_eq!(verified, Err(OwnReceiptError::NotMine));
}

#[test]
fn a_receipt_over_other_bytes_does_not() {
    let crystal = ada().crystal("Fix");
    let sealed = receipt_for_bo(&crystal).seal(&ada().human).unwrap();
    let check = |bytes: &[u8]| {
        let verified = VerifiedReceipt::own(&sealed, None, &ada().key(), bytes, NOW);
        assert_eq!(verified, Err(OwnReceiptError::OtherBytes));
    };
    check(&ada().crystal("Another"));
    check(&[]);
    check(&[crystal.as_slice(), &[0]].concat());
    let wrong_size = own(|r| r.obj.size -= 1, NOW);
    assert_eq!(wrong_size.unwrap_err(), OwnReceiptError::OtherBytes.to_string());
}

#[test]
fn one_that_is_over_does_not() {
    let until = |until: UnixMillis| move |r: &mut Receipt| r.lim.until = Some(until);
    assert!(own(until(NOW + 10), NOW + 9).is_ok());
    assert_eq!(own(until(NOW + 10), NOW + 10).unwrap_err(), "the receipt has expired");
    assert_eq!(own(until(NOW + 10), NOW + 11).unwrap_err(), "the receipt has expired");
}

#[test]
fn a_changed_byte_anywhere_does_not() {
    let crystal = ada().crystal("Fix");
    let sealed = receipt_for_bo(&crystal).seal(&ada().human).unwrap();
    for place in 0..sealed.len() {
        let mut bytes = sealed.clone();
        *bytes.get_mut(place).unwrap() ^= 1;
        let verified = VerifiedReceipt::own(&bytes, None, &ada().key(), &crystal, NOW);
        assert!(verified.is_err(), "byte {place}");
    }
}

#[test]
fn it_admits_its_audience_to_its_artifact_in_its_time() {
    let crystal = ArtifactId::of(&ada().crystal("Fix"));
    let other = ArtifactId::of(b"another");
    let private = own(|r| r.lim.until = Some(NOW + 10), NOW).unwrap();
    let public = own(|r| (r.act, r.aud) = (Act::SharePublic, Audience::Public), NOW).unwrap();
    for (receipt, peer, id, at, want) in [
        (&private, bo(), crystal, NOW, true),
        (&private, bo(), crystal, NOW + 9, true),
        (&private, bo(), crystal, NOW + 10, false),
        (&private, bo(), other, NOW, false),
        (&private, mallory(), crystal, NOW, false),
        (&private, ada(), crystal, NOW, false),
        (&public, bo(), crystal, NOW, true),
        (&public, mallory(), crystal, UnixMillis::MAX, true),
        (&public, mallory(), other, NOW, false),
    ] {
        let got = receipt.admits(&peer.key(), &id, at);
        assert_eq!(got, want, "{:?} {} {at}", receipt.receipt().act, id.short());
    }
}

#[test]
fn a_packets_children_are_not_admitted_by_its_receipt_alone() {
    let child = ArtifactId::of(b"child");
    let receipt = own(|r| r.obj.children = Some(vec![child]), NOW).unwrap();
    assert!(!receipt.admits(&bo().key(), &child, NOW));
}

/// What Ada's node says to a receipt under her grant for `line`, over her crystal that
/// supersedes `before`.
fn own_under(line: ArtifactId, before: Option<ArtifactId>, by: &crate::tests::Person) -> String {
    use artifact::{Crystal, Grant, Secret, key::Rule};
    let plain = Crystal::open(&ada().crystal("Fix")).unwrap().0.payload;
    let crystal = Crystal { supersedes: before, ..plain }.seal(&ada().author).unwrap();
    let rule = Secret::<Rule>::from_seed(&[60; 32]);
    let aud = Audience::Peers(vec![bo().key()]);
    let (iat, until) = (NOW, NOW + 1);
    let grant = Grant { v: 0, rule: rule.public(), act: Act::SharePrivate, line, aud, iat, until };
    let grant = grant.seal(&by.human).unwrap();
    let mut receipt = receipt_for_bo(&crystal);
    receipt.grant = Some(ArtifactId::of(&grant));
    let sealed = receipt.seal_under(&rule).unwrap();
    let verify = |grant| VerifiedReceipt::own(&sealed, grant, &ada().key(), &crystal, NOW);
    assert_eq!(verify(None), Err(OwnReceiptError::NotMine), "the grant belongs to it");
    match verify(Some(&grant)) {
        Ok(verified) => {
            assert_eq!((verified.grant(), verified.human()), (Some(&*grant), ada().key()));
            "ok".to_owned()
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn my_rule_signs_for_its_line_and_for_nothing_else() {
    let not_mine = OwnReceiptError::NotMine.to_string();
    let first = ArtifactId::of(&ada().crystal("Fix"));
    assert_eq!(own_under(first, None, &ada()), "ok");
    assert_eq!(own_under(first, Some(first), &ada()), "ok", "a version that supersedes it");
    assert_eq!(own_under(ArtifactId::of(b"another"), None, &ada()), not_mine);
    assert_eq!(own_under(ArtifactId::of(b"another"), Some(first), &ada()), not_mine);
    assert_eq!(own_under(first, None, &mallory()), not_mine, "a grant of another human");
}

#[test]
fn what_is_no_grant_is_said_to_be_none() {
    let (crystal, none) = (ada().crystal("Fix"), b"no grant");
    let rule = artifact::Secret::<artifact::key::Rule>::from_seed(&[60; 32]);
    let mut receipt = receipt_for_bo(&crystal);
    receipt.grant = Some(ArtifactId::of(none));
    let sealed = receipt.seal_under(&rule).unwrap();
    let verified = VerifiedReceipt::own(&sealed, Some(none), &ada().key(), &crystal, NOW);
    assert!(matches!(verified, Err(OwnReceiptError::Envelope(_))), "{verified:?}");
}
