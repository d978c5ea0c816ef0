//! Two books: each check refuses by itself, what follows is countersigned, and books that took
//! the same receipts never differ.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::tests::{NOW, Person, ada, bo, forged, mallory};
use proptest::prelude::*;

/// Ada gave these bytes to Bo; Bo, or another, says so.
fn said(by: &Person, change: impl FnOnce(&mut Delivery)) -> Vec<u8> {
    let mut delivery = Delivery {
        v: 0,
        artifact: ArtifactId::of(b"crystal"),
        size: 7,
        giver: ada().key(),
        taker: bo().key(),
        session: 1,
        count: 3,
        bytes_total: 107,
        iat: NOW,
    };
    change(&mut delivery);
    delivery.seal(&by.author).unwrap()
}

const BOOK: Book = Book { count: 2, bytes_total: 100 };

/// Ada takes it; she served the crystal and nothing else.
fn taken(envelope: &[u8], book: Book) -> Result<Taken, DeliveryRefused> {
    let served = |id: &ArtifactId| (*id == ArtifactId::of(b"crystal")).then_some(7);
    take(envelope, &bo().card(), &ada().key(), book, &served)
}

fn check(envelope: &[u8], code: &str) {
    let refused = taken(envelope, BOOK).unwrap_err();
    assert_eq!(refused.code(), code, "{refused}");
    assert!(refused.is_violation(), "{code}");
}

#[test]
fn what_follows_is_taken_and_moves_the_book() {
    let envelope = said(&bo(), |_| {});
    let Taken::Follows(id, delivery) = taken(&envelope, BOOK).unwrap() else { unreachable!() };
    assert_eq!(id, ArtifactId::of(&envelope));
    assert_eq!(Book::after(&delivery), Book { count: 3, bytes_total: 107 });
    let first = said(&bo(), |d| (d.count, d.bytes_total) = (1, 7));
    assert!(matches!(taken(&first, Book::default()), Ok(Taken::Follows(..))));
}

#[test]
fn every_check_refuses_by_itself() {
    check(&forged(&said(&bo(), |_| {})), "delivery");
    check(b"nothing of the kind", "delivery");
    check(&said(&mallory(), |_| {}), "not-theirs");
    check(&said(&bo(), |d| d.giver = mallory().key()), "not-us");
    check(&said(&bo(), |d| d.taker = mallory().key()), "not-us");
    check(&said(&bo(), |d| d.artifact = ArtifactId::of(b"never served")), "not-served");
    check(&said(&bo(), |d| d.size = 6), "not-served");
}

#[test]
fn of_two_faults_the_earlier_check_answers() {
    check(&said(&mallory(), |d| d.taker = mallory().key()), "not-theirs");
    check(&said(&bo(), |d| (d.giver, d.size) = (mallory().key(), 6)), "not-us");
    check(&said(&bo(), |d| (d.count, d.size) = (9, 6)), "not-served");
}

#[test]
fn totals_that_do_not_follow_diverge_and_are_no_violation() {
    let check = |book: Book, change: fn(&mut Delivery)| {
        let envelope = said(&bo(), change);
        let Taken::Diverges(id, _) = taken(&envelope, book).unwrap() else { unreachable!() };
        assert_eq!(id, ArtifactId::of(&envelope));
    };
    check(BOOK, |d| d.count = 4);
    check(BOOK, |d| d.count = 2);
    check(BOOK, |d| d.bytes_total += 1);
    check(BOOK, |d| d.bytes_total -= 1);
    check(BOOK, |d| (d.count, d.bytes_total) = (1, 7));
    // The one that was taken last, once more.
    check(Book { count: 3, bytes_total: 107 }, |_| {});
    check(Book { count: u64::MAX, bytes_total: 100 }, |_| {});
    check(Book { count: 2, bytes_total: u64::MAX }, |_| {});
}

#[test]
fn a_countersignature_is_of_what_was_said() {
    let ours = ArtifactId::of(&said(&bo(), |_| {}));
    let known = |id: &ArtifactId| *id == ours;
    let sealed =
        |by: &Person, delivery| Countersign { v: 0, delivery, iat: NOW }.seal(&by.author).unwrap();
    let taken = |envelope: &[u8]| countersigned(envelope, &ada().card(), &known);
    assert_eq!(taken(&sealed(&ada(), ours)), Ok(ours));
    assert_eq!(taken(&sealed(&mallory(), ours)), Err(DeliveryRefused::NotTheirs));
    let other = ArtifactId::of(b"another");
    assert_eq!(taken(&sealed(&ada(), other)), Err(DeliveryRefused::OtherDelivery));
    assert_eq!(taken(&sealed(&mallory(), other)), Err(DeliveryRefused::NotTheirs));
    let broken = taken(&forged(&sealed(&ada(), ours))).unwrap_err();
    assert_eq!((broken.code(), broken.is_violation()), ("delivery", true));
    // The delivery receipt itself is not its own countersignature.
    assert_eq!(taken(&said(&ada(), |_| {})).unwrap_err().code(), "delivery");
    assert_eq!(DeliveryRefused::OtherDelivery.code(), "other-delivery");
    assert!(DeliveryRefused::OtherDelivery.is_violation());
}

#[test]
fn a_newer_version_is_no_violation() {
    let newer = DeliveryRefused::Envelope(EnvelopeError::UnsupportedVersion(1));
    assert!(!newer.is_violation());
    // What vectors and peers read stays; the journal does not call it badly signed.
    assert_eq!((newer.code(), newer.why()), ("delivery", "unsupported"));
}

#[test]
fn a_rule_of_a_field_that_is_broken_is_not_signed() {
    let check = |change: fn(&mut Delivery)| {
        let mut bad = Delivery::open(&said(&bo(), |_| {})).unwrap().0.payload;
        change(&mut bad);
        assert!(bad.seal(&bo().author).is_err(), "{bad:?}");
    };
    check(|d| d.v = 1);
    check(|d| d.giver = d.taker);
    check(|d| d.size = 0);
    check(|d| d.count = 0);
    check(|d| d.bytes_total = d.size - 1);
    check(|d| d.count = 1);
    let newer = Countersign { v: 1, delivery: ArtifactId::of(b"x"), iat: NOW };
    assert!(newer.seal(&ada().author).is_err());
}

/// What may happen to a delivery receipt on its way.
#[derive(Debug, Clone, Copy)]
enum Way {
    Arrives,
    Lost,
    Twice,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    /// A taker that says everything in order, and says again what was not countersigned, ends
    /// with the giver's totals, whatever is lost or doubled on the way.
    #[test]
    fn books_agree_once_everything_was_said(
        sizes in prop::collection::vec(1..1_000_u64, 1..8),
        ways in prop::collection::vec(prop::sample::select(vec![Way::Arrives, Way::Lost, Way::Twice]), 8),
    ) {
        let (mut giver, mut taker) = (Book::default(), Book::default());
        let mut unsigned: Vec<(Vec<u8>, u64)> = Vec::new();
        let mut hear = |envelope: &[u8], size: u64| {
            let served = |_: &ArtifactId| Some(size);
            let took = take(envelope, &bo().card(), &ada().key(), giver, &served).unwrap();
            if let Taken::Follows(_, delivery) = took {
                giver = Book::after(&delivery);
            }
            giver
        };
        for (n, size) in sizes.iter().enumerate() {
            let envelope = said(&bo(), |d| {
                d.size = *size;
                (d.count, d.bytes_total) = (taker.count + 1, taker.bytes_total + size);
            });
            taker = Book { count: taker.count + 1, bytes_total: taker.bytes_total + size };
            unsigned.push((envelope, *size));
            // In order: what was lost is said again before anything newer.
            for _ in 0..match ways.get(n) { Some(Way::Lost) => 0, Some(Way::Twice) => 2, _ => 1 } {
                for (envelope, size) in &unsigned {
                    hear(envelope, *size);
                }
            }
        }
        let mut last = Book::default();
        for (envelope, size) in &unsigned {
            last = hear(envelope, *size);
        }
        prop_assert_eq!(last, taker);
    }

    #[test]
    fn only_one_receipt_follows_a_book(count in 0..5_u64, total in 0..50_u64, number in 1..6_u64, sum in 7..60_u64) {
        let envelope = said(&bo(), |d| {
            (d.count, d.bytes_total) = (number, if number == 1 { 7 } else { sum });
        });
        let delivery = Delivery::open(&envelope).unwrap().0.payload;
        let book = Book { count, bytes_total: total };
        let follows = matches!(taken(&envelope, book).unwrap(), Taken::Follows(..));
        prop_assert_eq!(follows, (delivery.count, delivery.bytes_total) == (count + 1, total + 7));
    }
}
