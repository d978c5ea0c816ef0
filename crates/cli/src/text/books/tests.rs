//! What people read of balances.

use super::*;

fn figure(count: u64, bytes: u64) -> Figure {
    Figure { count, bytes }
}

fn nothing() -> BalanceSide {
    let none = || figure(0, 0);
    BalanceSide { all: none(), countersigned: none(), unacknowledged: none(), diverged: none() }
}

fn differing() -> DeliveryLine {
    DeliveryLine {
        peer: "north".into(),
        direction: "given".into(),
        artifact: "a1b2c3d4e5f6".into(),
        title: "Bind port 0 in tests".into(),
        size: 2_048,
        signed: "diverged".into(),
        delivery: "d1d2d3d4d5d6".into(),
        countersign: String::new(),
        count: 7,
        bytes_total: 14_336,
        book: Some(figure(5, 10_240)),
        at: 0,
        receipts: vec!["e1e2e3e4".into()],
    }
}

#[test]
fn every_figure_has_its_unit() {
    let given = BalanceSide {
        all: figure(9, 18_432),
        countersigned: figure(6, 12_288),
        unacknowledged: figure(1, 999),
        diverged: figure(2, 4_096),
    };
    let taken = BalanceSide {
        all: figure(2, 3_000_000),
        countersigned: figure(1, 1_500_000),
        unacknowledged: figure(1, 1_500_000),
        diverged: figure(0, 0),
    };
    let north = PeerBalance {
        name: "north".into(),
        human: "00".into(),
        words: "maple-orbit-tin-dune-ink-pear".into(),
        given: given.clone(),
        taken: taken.clone(),
        differing: vec![differing()],
    };
    let quiet = PeerBalance {
        name: "quiet".into(),
        human: "01".into(),
        words: "lamp-oak-rope-fern-sand-tide".into(),
        given: nothing(),
        taken: nothing(),
        differing: Vec::new(),
    };
    let view = BalancesView { peers: vec![north, quiet], given, taken };
    insta::assert_snapshot!(lines(&view).join("\n"));
}

#[test]
fn nobody_is_said_so() {
    let view = BalancesView { peers: Vec::new(), given: nothing(), taken: nothing() };
    assert_eq!(lines(&view), ["You have no peers, so nothing was given or taken."]);
}

#[test]
fn the_receipts_of_everybody_stand_peer_by_peer() {
    let of = |peer: &str| DeliveryLine { peer: peer.into(), ..differing() };
    let rows = vec![of("harbour"), of("north"), of("north")];
    let (name, direction) = (String::new(), "given".to_owned());
    let lines = page_lines(&DeliveriesPage { name, direction, total: 3, rows });
    assert_eq!(lines.first().map(String::as_str), Some("Given to all peers: 3 in all"));
    for peer in ["harbour", "north"] {
        assert_eq!(lines.iter().filter(|line| *line == peer).count(), 1, "{lines:#?}");
    }
    assert!(lines.len() > 3 + 2, "{lines:#?}");
}

#[test]
fn a_command_names_a_peer_without_quotes() {
    let check = |name: &str, typed_as: &str| {
        let words = "maple-orbit-tin-dune-ink-pear".to_owned();
        let (name, human, differing) = (name.to_owned(), String::new(), Vec::new());
        let (given, taken) = (nothing(), nothing());
        let peer = PeerBalance { name, human, words, given, taken, differing };
        assert_eq!(typed(&peer), typed_as);
    };
    check("north", "north");
    check("lab-3", "lab-3");
    check("ann lee", "maple-orbit-tin-dune-ink-pear");
    check("-x", "maple-orbit-tin-dune-ink-pear");
    check("$(date)", "maple-orbit-tin-dune-ink-pear");
    check("", "maple-orbit-tin-dune-ink-pear");
}

#[test]
fn every_receipt_says_who_signed_and_what_it_counts() {
    let signed = DeliveryLine {
        signed: "countersigned".into(),
        countersign: "c1c2c3c4c5c6".into(),
        count: 1,
        bytes_total: 2_048,
        book: None,
        ..differing()
    };
    let unsigned = DeliveryLine {
        signed: "unacknowledged".into(),
        delivery: String::new(),
        count: 0,
        bytes_total: 0,
        book: None,
        ..differing()
    };
    let rows = vec![signed, differing(), unsigned];
    let (name, direction) = ("north".to_owned(), "given".to_owned());
    let page = DeliveriesPage { name, direction, total: 3, rows };
    insta::assert_snapshot!(page_lines(&page).join("\n"));
}
