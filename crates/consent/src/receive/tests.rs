//! The receiver's order: every step refuses by itself, and the earlier of two faults answers.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, Person, ada, bo, forged, mallory, object, receipt_for_bo};
use artifact::{Limits, Secret, canon, key::Rule};

/// One thing wrong with a delivery, in the order in which the steps stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    SignatureForged,
    GrantMissing,
    GrantForged,
    GrantOfOther,
    SignedByMallory,
    OutsideGrant,
    CardOver,
    SignedTomorrow,
    Over,
    ForMallory,
    Packet,
    Revoked,
    KeptInAFile,
    HeadUnreadable,
    HeadOfOther,
    OtherLine,
    OtherBytes,
    NotACrystal,
    HeadLies,
    WrittenByMallory,
}

use Fault::*;

/// Every step, its code, and whether it counts against the giver.
const STEPS: [(Fault, &str, bool); 20] = [
    (SignatureForged, "receipt", true),
    (GrantMissing, "unknown-grant", false),
    (GrantForged, "grant", true),
    (GrantOfOther, "unknown-grant", false),
    (SignedByMallory, "not-theirs", true),
    (OutsideGrant, "outside-grant", true),
    (CardOver, "card-expired", false),
    (SignedTomorrow, "from-the-future", false),
    (Over, "expired", false),
    (ForMallory, "not-for-me", true),
    (Packet, "wrong-act", true),
    (Revoked, "revoked", false),
    (KeptInAFile, "weak-custody", false),
    (HeadUnreadable, "artifact", true),
    (HeadOfOther, "wrong-head", true),
    (OtherLine, "outside-grant", true),
    (OtherBytes, "wrong-bytes", true),
    (NotACrystal, "artifact", true),
    (HeadLies, "wrong-head", true),
    (WrittenByMallory, "wrong-author", true),
];

/// A rule_key, which lives in memory.
fn rule() -> Secret<Rule> {
    Secret::from_seed(&[60; 32])
}

/// Ada's rule for a crystal, changed before it is signed.
fn granted(line: &[u8], change: impl FnOnce(&mut Grant)) -> Vec<u8> {
    let mut grant = Grant {
        v: 0,
        rule: rule().public(),
        act: Act::SharePrivate,
        line: ArtifactId::of(line),
        aud: Audience::Peers(vec![bo().key()]),
        iat: NOW - 1_000,
        until: NOW + 1_000,
    };
    change(&mut grant);
    grant.seal(&ada().human).unwrap()
}

/// The grant for what is delivered with these faults: one that covers it where no fault says
/// otherwise.
fn grant_for(bytes: &[u8], receipt: &Receipt, faults: &[Fault]) -> Vec<u8> {
    let has = |fault: Fault| faults.contains(&fault);
    let line = if has(OtherLine) { b"another".as_slice() } else { bytes };
    granted(line, |grant| {
        grant.aud = receipt.aud.clone();
        (grant.iat, grant.until) = (receipt.iat - 1, receipt.iat + 1);
        if has(OutsideGrant) {
            (grant.iat, grant.until) = (receipt.iat + 1, receipt.iat + 2);
        }
    })
}

/// Ada gives Bo a crystal under a grant, with these faults.
fn deliver(faults: &[Fault]) -> Result<Received, Refused> {
    let has = |fault: Fault| faults.contains(&fault);
    let (ada, bo, mallory) = (ada(), bo(), mallory());
    let writer = if has(WrittenByMallory) { &mallory } else { &ada };
    let crystal = writer.crystal("Fix for flaky port binding in CI");
    let bytes = if has(NotACrystal) { b"not a crystal".to_vec() } else { crystal.clone() };

    let mut receipt = receipt_for_bo(&bytes);
    if has(SignedTomorrow) {
        receipt.iat = NOW + 24 * 60 * 60 * 1000;
    }
    if has(Over) {
        receipt.iat = NOW - 2;
        receipt.lim.until = Some(NOW - 1);
    }
    if has(ForMallory) {
        receipt.aud = Audience::Peers(vec![mallory.key()]);
    }
    if has(Packet) {
        receipt.obj.children = Some(vec![ArtifactId::of(b"child")]);
    }
    if has(KeptInAFile) {
        receipt.key_protection = KeyProtection::File;
    }
    let mut grant = grant_for(&bytes, &receipt, faults);
    let named = if has(GrantOfOther) { b"another".as_slice() } else { &grant };
    receipt.grant = Some(ArtifactId::of(named));
    if has(GrantForged) {
        grant = forged(&grant);
    }
    let signer = if has(SignedByMallory) { Secret::from_seed(&[61; 32]) } else { rule() };
    let mut sealed = receipt.seal_under(&signer).unwrap();
    if has(SignatureForged) {
        sealed = forged(&sealed);
    }

    let mut head = Head::of(&crystal).unwrap();
    (head.id, head.size) = (receipt.obj.id, receipt.obj.size);
    if has(HeadOfOther) {
        head.id = ArtifactId::of(b"another");
    }
    if has(HeadLies) {
        head.title = "Something far more interesting".into();
    }
    let mut head = head.encode().unwrap();
    if has(HeadUnreadable) {
        head.push(0);
    }

    let card = if has(CardOver) { ada.card_between(NOW - 1_000, receipt.iat) } else { ada.card() };
    let expected = expect(&Arrival {
        receipt: &sealed,
        grant: (!has(GrantMissing)).then_some(grant.as_slice()),
        head: &head,
        giver: &card,
        me: &bo.key(),
        now: NOW,
        revoked: &|_, _| has(Revoked),
        floor: KeyProtection::Keychain,
    })?;
    let mut bytes = bytes;
    if has(OtherBytes) {
        *bytes.last_mut().unwrap() ^= 1;
    }
    expected.accept(&bytes)
}

fn check(fault: Fault, code: &str, violation: bool) {
    let refused = deliver(&[fault]).unwrap_err();
    assert_eq!(refused.code(), code, "{fault:?}: {refused}");
    assert_eq!(refused.is_violation(), violation, "{fault:?}");
}

#[test]
fn a_whole_delivery_is_kept() {
    let received = deliver(&[]).unwrap();
    assert_eq!(received.giver, ada().key());
    assert_eq!(received.head.title, received.crystal.title);
    assert_eq!(received.receipt.human(), ada().key());
}

#[test]
fn every_step_refuses_by_itself() {
    for (fault, code, violation) in STEPS {
        check(fault, code, violation);
    }
}

#[test]
fn of_two_faults_the_earlier_step_answers() {
    let mut pairs = 0;
    for (n, (first, code, _)) in STEPS.iter().enumerate() {
        for (second, ..) in STEPS.iter().skip(n + 1) {
            // Signed ahead of the clock and over before it: no receipt can say so.
            if (*first, *second) == (SignedTomorrow, Over) {
                continue;
            }
            let refused = deliver(&[*first, *second]).unwrap_err();
            assert_eq!(refused.code(), *code, "{first:?} and {second:?}: {refused}");
            // Where two steps share a word, the step itself tells them apart.
            assert_eq!(refused, deliver(&[*first]).unwrap_err(), "{first:?} and {second:?}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 20 * 19 / 2 - 1);
}

#[test]
fn with_every_fault_at_once_the_first_step_answers() {
    let mut left: Vec<Fault> = STEPS.iter().map(|(fault, ..)| *fault).collect();
    while let Some(first) = left.first().copied() {
        let mut faults = left.clone();
        if faults.contains(&SignedTomorrow) {
            faults.retain(|f| *f != Over);
        }
        let (_, code, _) = STEPS.iter().find(|(fault, ..)| *fault == first).unwrap();
        assert_eq!(deliver(&faults).unwrap_err().code(), *code, "{faults:?}");
        left.remove(0);
    }
}

/// How Bo answers a head of `crystal` under Ada's grant, both changed before they are signed.
fn under_grant(
    grant: impl FnOnce(&mut Grant),
    change: impl FnOnce(&mut Receipt),
    card: &VerifiedCard,
    revocations: &[artifact::Revocation],
) -> &'static str {
    let crystal = ada().crystal("Fix");
    let grant = granted(&crystal, grant);
    let mut receipt = receipt_for_bo(&crystal);
    receipt.grant = Some(ArtifactId::of(&grant));
    change(&mut receipt);
    let sealed = receipt.seal_under(&rule()).unwrap();
    let head = Head::of(&crystal).unwrap().encode().unwrap();
    let outcome = expect(&Arrival {
        receipt: &sealed,
        grant: Some(&grant),
        head: &head,
        giver: card,
        me: &bo().key(),
        now: NOW,
        revoked: &|id, receipt| revocations.iter().any(|one| one.hits(id, receipt)),
        floor: KeyProtection::File,
    });
    outcome.map_or_else(|refused| refused.code(), |_| "ok")
}

#[test]
fn a_grant_covers_its_time_its_people_and_its_act() {
    let card = ada().card();
    let check = |grant: fn(&mut Grant), change: fn(&mut Receipt), want: &str| {
        assert_eq!(under_grant(grant, change, &card, &[]), want);
    };
    check(|_| {}, |_| {}, "ok");
    check(|g| g.iat = NOW, |_| {}, "ok");
    check(|g| g.iat = NOW + 1, |_| {}, "outside-grant");
    check(|g| g.until = NOW + 1, |_| {}, "ok");
    check(|g| g.until = NOW, |_| {}, "outside-grant");
    let two = |mut keys: Vec<HumanKey>| {
        keys.sort();
        Audience::Peers(keys)
    };
    let both = two(vec![bo().key(), mallory().key()]);
    let wide = |g: &mut Grant| g.aud = both.clone();
    assert_eq!(under_grant(wide, |_| {}, &card, &[]), "ok", "it may name fewer");
    let more = |r: &mut Receipt| r.aud = both.clone();
    assert_eq!(under_grant(|_| {}, more, &card, &[]), "outside-grant");
    check(|_| {}, |r| (r.act, r.aud) = (Act::SharePublic, Audience::Public), "outside-grant");
    // Over since, but it held when the receipt was signed.
    check(|g| g.until = NOW - 5, |r| r.iat = NOW - 10, "ok");
}

#[test]
fn the_card_counts_at_the_time_of_the_grant_too() {
    let check = |from, want: &str| {
        let card = ada().card_between(from, NOW + 5);
        assert_eq!(under_grant(|_| {}, |_| {}, &card, &[]), want);
    };
    check(NOW - 1_000, "ok");
    check(NOW - 999, "card-expired");
}

#[test]
fn a_withdrawn_grant_signs_nothing_more() {
    let card = ada().card();
    let check = |iat, target, want: &str| {
        let (to, reason) = (bo().key(), None);
        let revocation = artifact::Revocation { v: 0, target, to, reason, seq: 1, iat };
        assert_eq!(under_grant(|_| {}, |_| {}, &card, &[revocation]), want, "{target:?} at {iat}");
    };
    let grant = ArtifactId::of(&granted(&ada().crystal("Fix"), |_| {}));
    check(0, artifact::Target::Grant(grant), "revoked");
    check(0, artifact::Target::Grant(ArtifactId::of(b"another")), "ok");
    // With all else: the receipt is younger than the revocation, its grant is not.
    check(NOW - 1, artifact::Target::All, "revoked");
    check(NOW - 1_000, artifact::Target::All, "revoked");
    check(NOW - 1_001, artifact::Target::All, "ok");
}

#[test]
fn a_grant_that_nobody_named_is_refused() {
    let (ada, bo) = (ada(), bo());
    let crystal = ada.crystal("Fix");
    let head = Head::of(&crystal).unwrap().encode().unwrap();
    let grant = granted(&crystal, |_| {});
    let card = ada.card();
    let check = |receipt: &Receipt, signed: &[u8], grant: Option<&[u8]>, want: &Refused| {
        let refused = expect(&Arrival {
            receipt: signed,
            grant,
            head: &head,
            giver: &card,
            me: &bo.key(),
            now: NOW,
            revoked: &|_, _| false,
            floor: KeyProtection::File,
        });
        assert_eq!(refused.unwrap_err(), *want, "{receipt:?}");
    };
    let plain = receipt_for_bo(&crystal);
    let by_ada = plain.seal(&ada.human).unwrap();
    check(&plain, &by_ada, Some(&grant), &Refused::UnknownGrant);
    let named = Receipt { grant: Some(ArtifactId::of(&grant)), ..plain };
    let by_human = named.seal(&ada.human).unwrap();
    check(&named, &by_human, Some(&grant), &Refused::NotTheirs);
    check(&named, &by_human, None, &Refused::UnknownGrant);
    let foreign = Grant::open(&grant).unwrap().0.payload.seal(&mallory().human).unwrap();
    let named = Receipt { grant: Some(ArtifactId::of(&foreign)), ..named };
    check(&named, &named.seal_under(&rule()).unwrap(), Some(&foreign), &Refused::NotTheirs);
    assert!(receipt_for_bo(&crystal).seal_under(&rule()).is_err(), "no grant, no rule");
}

#[test]
fn a_rule_of_a_field_that_is_broken_is_not_signed() {
    let check = |change: fn(&mut Grant)| {
        let mut bad = Grant::open(&granted(b"line", |_| {})).unwrap().0.payload;
        change(&mut bad);
        assert!(bad.seal(&ada().human).is_err(), "{bad:?}");
    };
    check(|g| g.v = 1);
    check(|g| g.act = Act::SharePublic);
    check(|g| g.aud = Audience::Public);
    check(|g| g.aud = Audience::Peers(Vec::new()));
    check(|g| g.aud = Audience::Peers(vec![bo().key(), bo().key()]));
    check(|g| g.rule = artifact::RuleKey::from_bytes(*ada().key().as_bytes()));
    check(|g| g.until = g.iat);
    check(|g| g.until = g.iat + artifact::grant::MAX_LIFE + 1);
}

#[test]
fn a_card_that_does_not_hold_is_no_card() {
    let card = ada().card();
    let bad = EnvelopeError::BadSignature(2);
    assert_eq!(VerifiedCard::open(&forged(card.envelope())), Err(bad));
    assert_eq!(card.id(), ArtifactId::of(card.envelope()));
}

/// The word of the refusal of a head that arrives `now`, `ok` when it is expected.
fn head_arrives(
    change: impl FnOnce(&mut Receipt),
    card: impl FnOnce(&Person) -> VerifiedCard,
    floor: Floor,
) -> &'static str {
    let (ada, bo) = (ada(), bo());
    let crystal = ada.crystal("Fix");
    let mut receipt = receipt_for_bo(&crystal);
    change(&mut receipt);
    let sealed = receipt.seal(&ada.human).unwrap();
    let head = Head::of(&crystal).unwrap().encode().unwrap();
    let outcome = expect(&Arrival {
        receipt: &sealed,
        grant: None,
        head: &head,
        giver: &card(&ada),
        me: &bo.key(),
        now: NOW,
        revoked: &|_, _| false,
        floor,
    });
    outcome.map_or_else(|refused| refused.code(), |_| "ok")
}

fn check_times(iat: UnixMillis, until: Option<UnixMillis>, want: &str) {
    let change = |r: &mut Receipt| {
        (r.iat, r.lim) = (iat, Limits { until, reshare: false });
    };
    let got = head_arrives(change, Person::card, KeyProtection::File);
    assert_eq!(got, want, "signed at now{:+}, until {until:?}", i128::from(iat) - i128::from(NOW));
}

#[test]
fn a_clock_may_be_ten_minutes_off_and_no_more() {
    check_times(NOW + CLOCK_SKEW - 1, None, "ok");
    check_times(NOW + CLOCK_SKEW, None, "ok");
    check_times(NOW + CLOCK_SKEW + 1, None, "from-the-future");
    check_times(NOW - 30 * 24 * 60 * 60 * 1000, None, "ok");
}

#[test]
fn a_receipt_holds_until_its_end_exclusive() {
    check_times(NOW - 5, Some(NOW + 1), "ok");
    check_times(NOW - 5, Some(NOW), "expired");
    check_times(NOW - 5, Some(NOW - 1), "expired");
    check_times(NOW - 5, Some(UnixMillis::MAX), "ok");
}

#[test]
fn custody_below_the_floor_is_refused() {
    use KeyProtection::{File, Keychain, Pin};
    for (floor, kept, want) in [
        (File, File, "ok"),
        (File, Keychain, "ok"),
        (File, Pin, "ok"),
        (Keychain, File, "weak-custody"),
        (Keychain, Keychain, "ok"),
        (Keychain, Pin, "ok"),
        (Pin, File, "weak-custody"),
        (Pin, Keychain, "weak-custody"),
        (Pin, Pin, "ok"),
    ] {
        let got = head_arrives(|r| r.key_protection = kept, Person::card, floor);
        assert_eq!(got, want, "floor {floor:?}, kept by {kept:?}");
    }
}

#[test]
fn a_public_receipt_is_for_everybody() {
    let public = |r: &mut Receipt| (r.act, r.aud) = (Act::SharePublic, Audience::Public);
    assert_eq!(head_arrives(public, Person::card, KeyProtection::File), "ok");
}

#[test]
fn a_head_of_another_size_is_swapped() {
    let (ada, bo) = (ada(), bo());
    let crystal = ada.crystal("Fix");
    let mut receipt = receipt_for_bo(&crystal);
    receipt.obj.size += 1;
    let sealed = receipt.seal(&ada.human).unwrap();
    let card = ada.card();
    let mut head = Head::of(&crystal).unwrap();
    let mut arrives = |size: u64| {
        head.size = size;
        expect(&Arrival {
            receipt: &sealed,
            grant: None,
            head: &head.encode().unwrap(),
            giver: &card,
            me: &bo.key(),
            now: NOW,
            revoked: &|_, _| false,
            floor: KeyProtection::File,
        })
    };
    assert_eq!(arrives(crystal.len() as u64), Err(Refused::WrongHead));
    // Head and receipt agree on a size that is not the bytes'.
    let expected = arrives(crystal.len() as u64 + 1).unwrap();
    assert_eq!(expected.accept(&crystal), Err(Refused::WrongBytes));
}

#[test]
fn each_field_of_a_head_that_lies_is_found() {
    let (ada, bo) = (ada(), bo());
    let crystal = ada.crystal("Fix");
    let sealed = receipt_for_bo(&crystal).seal(&ada.human).unwrap();
    let card = ada.card();
    let check = |what: &str, lie: fn(&mut Head)| {
        let mut head = Head::of(&crystal).unwrap();
        lie(&mut head);
        let expected = expect(&Arrival {
            receipt: &sealed,
            grant: None,
            head: &head.encode().unwrap(),
            giver: &card,
            me: &bo.key(),
            now: NOW,
            revoked: &|_, _| false,
            floor: KeyProtection::File,
        })
        .unwrap();
        assert_eq!(expected.accept(&crystal), Err(Refused::WrongHead), "{what}");
    };
    check("title", |h| h.title.push('!'));
    check("problem", |h| h.problem.clear());
    check("family", |h| h.family.clear());
    check("outcome", |h| h.outcome = artifact::Outcome::Failed);
    check("iat", |h| h.iat += 1);
    check("supersedes", |h| h.supersedes = Some(ArtifactId::of(b"x")));
}

mod bytes;
mod cards;
