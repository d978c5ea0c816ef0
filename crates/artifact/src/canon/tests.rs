//! Only the canonical encoding of a value decodes, whatever else is tried.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Doc = BTreeMap<String, Vec<u64>>;

fn check(bytes: &[u8], want: &str) {
    let got = match decode::<Doc>(bytes, 1 << 16) {
        Ok(_) => "ok",
        Err(CanonError::TooLarge { .. }) => "too large",
        Err(CanonError::TooDeep) => "too deep",
        Err(CanonError::Malformed(_)) => "malformed",
        Err(CanonError::NotCanonical) => "not canonical",
    };
    assert_eq!(got, want, "for {bytes:02x?}");
}

#[test]
fn one_encoding_only() {
    check(&[0xa1, 0x61, b'a', 0x81, 0x01], "ok");
    check(&[0xa1, 0x61, b'a', 0x81, 0x18, 0x01], "malformed"); // 1 written in two bytes
    check(&[0xa2, 0x61, b'b', 0x80, 0x61, b'a', 0x80], "malformed"); // keys out of order
    check(&[0xa2, 0x61, b'a', 0x80, 0x61, b'a', 0x80], "malformed"); // a key twice
    check(&[0xa1, 0x61, b'a', 0x81, 0x01, 0x00], "malformed"); // trailing byte
    check(&[0xbf, 0xff], "malformed"); // indefinite
    check(&[0xa1, 0x61, b'a', 0x81, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0], "malformed"); // float
    check(&[0xa1, 0x61, b'a', 0x9b, 255, 255, 255, 255, 255, 255, 255, 255], "malformed");
    check(&[0xc0, 0xa0], "malformed"); // tag
    check(&[], "malformed");
}

#[test]
fn depth_is_capped() {
    let nested = |levels: usize| {
        let mut bytes = vec![0x81; levels - 1];
        bytes.push(0x80);
        bytes
    };
    assert_eq!(check_shape(&nested(MAX_DEPTH)), Ok(()));
    assert_eq!(check_shape(&nested(MAX_DEPTH + 1)), Err(CanonError::TooDeep));
    assert_eq!(check_shape(&nested(100_000)), Err(CanonError::TooDeep));
}

proptest! {
    #[test]
    fn what_is_encoded_decodes(doc: Doc) {
        let bytes = encode(&doc).unwrap();
        prop_assert_eq!(decode::<Doc>(&bytes, bytes.len()).unwrap(), doc);
    }

    #[test]
    fn what_decodes_is_its_own_encoding(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(doc) = decode::<Doc>(&bytes, 64) {
            prop_assert_eq!(encode(&doc).unwrap(), bytes);
        }
    }
}
