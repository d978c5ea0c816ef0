//! What is no receipt at all.

use super::*;

#[test]
fn bytes_that_are_no_receipt_are_refused_with_the_reason() {
    let (ada, bo) = (ada(), bo());
    let card = ada.card();
    let check = |bytes: &[u8], code: &str| {
        let refused = expect(&Arrival {
            receipt: bytes,
            grant: None,
            head: &[],
            giver: &card,
            me: &bo.key(),
            now: NOW,
            revoked: &|_, _| true,
            floor: KeyProtection::Pin,
        });
        let Err(Refused::Receipt(why)) = refused else { unreachable!("{refused:?}") };
        assert_eq!(envelope_code(&why), code);
    };
    check(&[], "malformed");
    check(&vec![0; 9 << 10], "too-large");
    check(&[0x81; 64], "too-deep");
    check(card.envelope(), "wrong-kind");
    check(&canon::encode(&object(b"x")).unwrap(), "malformed");
}

#[test]
fn a_newer_version_is_no_violation() {
    let newer = EnvelopeError::UnsupportedVersion(1);
    for refused in [Refused::Receipt, Refused::Grant, Refused::Artifact].map(|of| of(newer.clone()))
    {
        assert!(!refused.is_violation());
        assert_eq!(refused.why(), "unsupported");
        assert_ne!(refused.code(), "unsupported", "what vectors and peers read stays");
    }
    assert_eq!(Refused::Receipt(EnvelopeError::UnknownType).why(), "receipt");
}
