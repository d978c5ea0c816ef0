//! Places are found again through every layer.

use super::*;

#[test]
fn places_lead_outwards_through_every_layer() {
    let root = View { bytes: b"..QUJDRA==..", from: None };
    let pieces = vec![Piece { inner: 0, outer: 2, each: (3, 4) }];
    let decoded = View { bytes: b"ABCD", from: Some((&root, Source::Pieces(pieces))) };
    assert_eq!(decoded.outermost(0..3), 2..6);
    assert_eq!(decoded.outermost(1..4), 2..10);
    let all = View { bytes: b"x", from: Some((&decoded, Source::All(1..2))) };
    assert_eq!(all.outermost(0..1), 2..6);
}

#[test]
fn what_was_taken_out_counts_as_altered() {
    let source = Source::Pieces(vec![
        Piece { inner: 0, outer: 5, each: (1, 1) },
        Piece { inner: 4, outer: 12, each: (1, 1) },
    ]);
    assert!(source.altered(2..6) && !source.altered(0..4) && !source.altered(4..6));
    assert_eq!(source.outer(2..6), 7..14);
}
