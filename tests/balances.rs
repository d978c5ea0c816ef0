//! Delivery receipts between real nodes: what was given and taken is the same on both sides,
//! whatever was lost on the way, and who does not sign, or signs something else, is shown.

#[path = "balances/killed.rs"]
mod killed;
#[path = "balances/puppets.rs"]
mod puppets;

use artifact::ArtifactId;
use node::{Balance, Node, Side, Sum};
use serde_bytes::ByteBuf;
use store::{SettleRow, Store};
use town::Town;
use wire::{DeliveriesPage, Face, Query, View};

async fn two_houses() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// North gives harbour these, and harbour has them.
async fn give(town: &Town, logs: std::ops::RangeInclusive<u32>) -> Vec<ArtifactId> {
    let mut given = Vec::new();
    for n in logs {
        let id = town.import_small("north", n).await;
        let ask = town.share("north", &id, &["harbour"]).await;
        town.allow("north", ask).await;
        town.wait_for_crystal("harbour", &id).await;
        given.push(id);
    }
    given
}

fn balance(node: &Node, peer: &str) -> Balance {
    node.balance(peer).unwrap()
}

fn given(node: &Node, peer: &str) -> Side {
    Side::of(&balance(node, peer).given)
}

fn taken(node: &Node, peer: &str) -> Side {
    Side::of(&balance(node, peer).taken)
}

/// Waits until both sides hold as many deliveries that both signed.
async fn settled(town: &Town, count: u64) {
    let signed = |side: Side| side.countersigned.count == count;
    town.wait_for("north", "countersigned", |node| signed(given(node, "harbour"))).await;
    town.wait_for("harbour", "has it countersigned", |node| signed(taken(node, "north"))).await;
}

async fn page(town: &Town, house: &str, peer: &str, direction: &str) -> DeliveriesPage {
    let (peer, direction, signed) = (peer.to_owned(), direction.to_owned(), String::new());
    let query = Query::Deliveries { peer, direction, signed, offset: 0, limit: 200 };
    match town.gate(house).view(Face::MainWindow, query).await.unwrap() {
        View::Deliveries(page) => page,
        other => panic!("no deliveries: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_both_sides_agree_and_open_the_same_receipts() {
    let town = two_houses().await;
    let ids = give(&town, 1..=3).await;
    settled(&town, 3).await;
    let sizes: Vec<u64> =
        ids.iter().map(|id| town.bytes("north", id).unwrap().len() as u64).collect();
    let all = Sum { count: 3, bytes: sizes.iter().sum() };
    let (north, harbour) = (town.node("north"), town.node("harbour"));
    let expected = Side { all, countersigned: all, ..Side::default() };
    assert_eq!((given(north, "harbour"), taken(harbour, "north")), (expected, expected));
    assert_eq!(taken(north, "harbour"), Side::default());
    let books = (balance(north, "harbour").peer.given, balance(harbour, "north").peer.taken);
    assert_eq!(books.0, books.1);
    assert_eq!((books.0.count, books.0.bytes_total), (all.count, all.bytes));

    let mut mine = page(&town, "north", "harbour", "given").await;
    let theirs = page(&town, "harbour", "north", "taken").await;
    assert_eq!((mine.total, mine.rows.len()), (3, 3));
    let mut sum = 0;
    for ((row, id), size) in mine.rows.iter().zip(&ids).zip(&sizes) {
        sum += size;
        assert_eq!((&row.artifact, row.size), (&id.to_string(), *size));
        assert_eq!((row.bytes_total, row.signed.as_str()), (sum, "countersigned"));
        assert!(row.title.contains("lighthouse") && row.receipts.len() == 1, "{row:?}");
    }
    let everybody = page(&town, "north", "", "given").await;
    assert_eq!((everybody.name.as_str(), everybody.total), ("", mine.total));
    assert_eq!(everybody.rows, mine.rows, "the total's receipts are those of all peers");
    for row in &mut mine.rows {
        assert_eq!(row.peer, "harbour");
        row.peer = "north".to_owned();
        // The consent is the giver's to show; the rest is the same on both sides.
        row.receipts.clear();
        row.direction = "taken".to_owned();
    }
    assert_eq!(mine.rows, theirs.rows);

    let View::Balances(view) =
        town.gate("north").view(Face::MainWindow, Query::Balances {}).await.unwrap()
    else {
        panic!("no balances")
    };
    assert_eq!((view.given.all.count, view.given.all.bytes), (all.count, all.bytes));
    assert_eq!((view.peers.len(), view.peers[0].name.as_str()), (1, "harbour"));
    assert!(view.peers[0].differing.is_empty());
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_gave_each_other_is_counted_apart() {
    let town = two_houses().await;
    give(&town, 1..=1).await;
    let id = town.import_small("harbour", 7).await;
    let ask = town.share("harbour", &id, &["north"]).await;
    town.allow("harbour", ask).await;
    town.wait_for_crystal("north", &id).await;
    settled(&town, 1).await;
    let signed = |side: Side| side.countersigned.count == 1;
    town.wait_for("north", "has it countersigned", |n| signed(taken(n, "harbour"))).await;
    town.wait_for("harbour", "countersigned", |n| signed(given(n, "north"))).await;
    let (north, harbour) = (town.node("north"), town.node("harbour"));
    assert_eq!(given(north, "harbour"), taken(harbour, "north"));
    assert_eq!(taken(north, "harbour"), given(harbour, "north"));
    town.close().await;
}

/// The one row of what harbour took, as it stands in the file of its store, and then changed.
fn row_of_harbour(
    town: &Town,
    north: &artifact::HumanKey,
    change: impl FnOnce(SettleRow) -> SettleRow,
) -> SettleRow {
    let store = Store::open(town.home("harbour")).unwrap();
    let (artifact, row) = store.look().unwrap().deliveries_taken(north).unwrap().pop().unwrap();
    let changed = change(row.clone());
    let id = ArtifactId::of(&row.delivery);
    let put = |c: &mut store::Change<'_>| c.put_delivery_taken(north, &artifact, &id, &changed);
    store.change(put).unwrap();
    row
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offline_giver_countersigns_later_and_a_lost_countersignature_comes_again() {
    let mut town = two_houses().await;
    let north = town.human("north");
    give(&town, 1..=1).await;
    settled(&town, 1).await;
    // Killed after it signed and before the answer came: that is what its store looks like.
    town.stop("harbour").await;
    let before = row_of_harbour(&town, &north, |row| SettleRow { countersign: None, ..row });
    town.stop("north").await;
    town.start("harbour").await;
    let open = taken(town.node("harbour"), "north");
    assert_eq!((open.countersigned.count, open.unacknowledged.count), (0, 1));
    assert_eq!(open.all, open.unacknowledged);
    let line = page(&town, "harbour", "north", "taken").await.rows.pop().unwrap();
    assert!(line.countersign.is_empty() && !line.delivery.is_empty(), "{line:?}");

    town.start("north").await;
    town.wait_for_link("north", "harbour").await;
    settled(&town, 1).await;
    town.stop("harbour").await;
    let after = row_of_harbour(&town, &north, |row| row);
    assert_eq!(after, before, "the very same signatures");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_was_changed_in_the_store_is_refused() {
    let mut town = two_houses().await;
    let north = town.human("north");
    give(&town, 1..=1).await;
    settled(&town, 1).await;
    town.stop("harbour").await;
    let none = |row: SettleRow| SettleRow { countersign: None, ..row };
    let row = row_of_harbour(&town, &north, none);
    let swapped = |row: SettleRow| {
        let mut envelope = row.delivery.into_vec();
        *envelope.last_mut().unwrap() ^= 1;
        SettleRow { delivery: ByteBuf::from(envelope), ..row }
    };
    row_of_harbour(&town, &north, swapped);
    town.start("harbour").await;
    town.wait_for_refusal("north", "delivery", 1).await;
    let kept = balance(town.node("north"), "harbour").given;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].row.as_ref().unwrap().delivery, row.delivery, "as it was");
    town.close().await;
}
