//! When the giver's card, or one that was seen before, has to be valid.

use super::*;

#[test]
fn the_card_counts_at_the_time_of_the_signature() {
    let check = |from: UnixMillis, until: UnixMillis, want: &str| {
        let got = head_arrives(
            |r| r.iat = NOW - 100,
            |ada| ada.card_between(from, until),
            KeyProtection::File,
        );
        assert_eq!(got, want, "card from {from} until {until}");
    };
    check(NOW - 100, NOW + 5, "ok");
    check(NOW - 99, NOW + 5, "card-expired");
    check(NOW - 500, NOW - 99, "ok"); // over since, but valid when it was signed
    check(NOW - 500, NOW - 100, "card-expired");
}

#[test]
fn an_earlier_card_counts_at_the_time_of_the_signature() {
    let check = |earlier: (u64, UnixMillis), want: &str| {
        let card = |ada: &Person| {
            let (seq, iat) = earlier;
            let before = ada.card_of(seq, iat, NOW + 5);
            ada.card_of(2, NOW - 50, NOW + 5).after([before.envelope()])
        };
        let got = head_arrives(|r| r.iat = NOW - 100, card, KeyProtection::File);
        assert_eq!(got, want, "before it, card {earlier:?}");
    };
    check((1, NOW - 100), "ok");
    check((1, NOW - 99), "card-expired");
    check((2, NOW - 100), "card-expired"); // no earlier one
}
