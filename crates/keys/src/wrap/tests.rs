//! A record opens with its PIN and nothing else, and a changed one never opens as another key.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

const PIN: &str = "north harbour 7";

fn human() -> Secret<Human> {
    Secret::from_seed(&[7; 32])
}

fn counted(bytes: &mut [u8]) -> Result<(), EntropyError> {
    (1..).zip(bytes).for_each(|(n, b)| *b = n);
    Ok(())
}

fn wrapped(costs: Costs) -> Vec<u8> {
    let record = Record::wrapped(&human(), PIN, KeyProtection::Pin, costs, &mut counted).unwrap();
    record.encode().unwrap().to_vec()
}

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| wrapped(Costs::LEAST));

/// Opens changed bytes: the key they give, if any, is ours.
fn check(bytes: &[u8], pin: &str) -> Result<(), WrapError> {
    let opened = Record::decode(bytes)?.open(&human().public(), Some(pin))?;
    assert_eq!(opened.seed(), human().seed());
    Ok(())
}

#[test]
fn opens_with_its_pin_only() {
    check(&GOOD, PIN).unwrap();
    assert_eq!(check(&GOOD, "north harbour 8"), Err(WrapError::WrongPin));
    assert_eq!(check(&GOOD, ""), Err(WrapError::WrongPin));
    let record = Record::decode(&GOOD).unwrap();
    assert_eq!(record.open(&human().public(), None).unwrap_err(), WrapError::PinNeeded);
    let other = Secret::<Human>::from_seed(&[8; 32]).public();
    let refused = record.open(&other, Some(PIN)).unwrap_err();
    assert_eq!(refused, WrapError::OtherKey { found: human().public() });
    assert!(!GOOD.windows(32).any(|w| w == human().seed()), "the seed lies open in the record");
    assert!(!format!("{record:?}").contains("seed"));
}

#[test]
fn new_records_cost_what_the_design_says() {
    let record = Record::decode(&wrapped(Costs::NEW)).unwrap();
    let Wrap::Argon2id(closed) = &record.wrap else { unreachable!() };
    assert_eq!((closed.m, closed.p), (256 * 1024, 1));
    assert_eq!(record.open(&human().public(), Some(PIN)).unwrap().seed(), human().seed());
}

#[test]
fn without_a_pin_it_opens_and_says_so() {
    let bytes = Record::plain(&human()).encode().unwrap();
    let record = Record::decode(&bytes).unwrap();
    assert_eq!(record.protection(), KeyProtection::Keychain);
    assert_eq!(record.open(&human().public(), None).unwrap().seed(), human().seed());
    // Another seed under the same public key.
    let at = bytes.windows(32).position(|w| w == human().seed()).unwrap();
    let mut swapped = bytes.to_vec();
    swapped[at] ^= 1;
    assert_eq!(Record::decode(&swapped).unwrap_err(), WrapError::Swapped);
}

#[test]
fn no_byte_can_be_changed() {
    for at in 0..GOOD.len() {
        let mut changed = GOOD.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(check(&changed, PIN).is_err(), "byte {at} was changed and nobody noticed");
    }
    for length in 0..GOOD.len() {
        assert!(check(&GOOD[..length], PIN).is_err(), "cut to {length}");
    }
}

#[test]
fn the_protection_cannot_be_raised_or_lowered() {
    for other in [KeyProtection::File, KeyProtection::Keychain] {
        let mut record = Record::decode(&GOOD).unwrap();
        record.protection = other;
        let refused = check(&record.encode().unwrap(), PIN).unwrap_err();
        assert!(matches!(refused, WrapError::WrongPin | WrapError::Unfit), "{refused}");
    }
    let plain_file = Record { protection: KeyProtection::File, ..Record::plain(&human()) };
    assert_eq!(check(&plain_file.encode().unwrap(), PIN), Err(WrapError::Unfit));
    let kept = Record::wrapped(&human(), PIN, KeyProtection::Keychain, Costs::LEAST, &mut counted);
    assert_eq!(kept.unwrap_err(), WrapError::Unfit);
}

#[test]
fn costs_outside_the_limits_are_refused_before_any_work() {
    for (m, t, p) in [
        (u32::MAX, 3, 1),
        (1024 * 1024 + 1, 3, 1),
        (64 * 1024 - 1, 3, 1),
        (0, 0, 0),
        (256 * 1024, 0, 1),
        (256 * 1024, 11, 1),
        (256 * 1024, 3, 2),
    ] {
        let mut record = Record::decode(&GOOD).unwrap();
        let Wrap::Argon2id(closed) = &mut record.wrap else { unreachable!() };
        (closed.m, closed.t, closed.p) = (m, t, p);
        let refused = Record::decode(&record.encode().unwrap()).unwrap_err();
        assert_eq!(refused, WrapError::Costs { mib: m / 1024, t });
    }
}

#[test]
fn a_newer_version_says_update() {
    let record = Record { v: 1, ..Record::plain(&human()) };
    assert_eq!(Record::decode(&record.encode().unwrap()).unwrap_err(), WrapError::Newer(1));
    let record = Record { v: 1 << 40, ..Record::plain(&human()) };
    let refused = Record::decode(&record.encode().unwrap()).unwrap_err();
    assert_eq!(refused, WrapError::Newer(1 << 40));
}

#[test]
fn a_source_that_fails_makes_no_record() {
    let mut dry = |_: &mut [u8]| Err(EntropyError("dry".to_owned()));
    let made = Record::wrapped(&human(), PIN, KeyProtection::Pin, Costs::LEAST, &mut dry);
    assert_eq!(made.unwrap_err(), WrapError::Entropy(EntropyError("dry".to_owned())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    #[test]
    fn changes_are_errors_and_never_another_key(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = GOOD.clone();
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(tail);
        prop_assert_eq!(check(&bytes, PIN).is_ok(), bytes == *GOOD);
    }

    #[test]
    fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Record::decode(&noise).is_err());
    }
}
