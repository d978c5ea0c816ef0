//! A data folder of before a rotation that is put back, at whoever replaced their key and at whoever
//! knew them: they find one another again.

use super::{anchored, copy, put_back, two_houses};
use artifact::Card;
use consent::{Event, NodeKey};
use node::{Node, Request};
use town::{Town, clock::SECOND};

fn seq(node: &Node) -> u64 {
    Card::open(&node.me().unwrap().card).unwrap().payload.seq
}

async fn goes_over(town: &Town, log: u32) {
    let id = town.import_small("north", log).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
}

/// After sleep everybody who is not connected is dialled at once.
async fn wake(town: &Town) {
    town.clock.sleep(60 * SECOND);
    for house in ["north", "harbour"] {
        town.node(house).tick().await.unwrap();
    }
}

/// North replaces a key, and harbour has seen the new card.
async fn rotated(town: &Town, role: NodeKey) {
    let ask = town.ask("north", Request::Rotate(role)).await.unwrap();
    town.allow("north", ask).await;
    anchored(town, "north").await;
    let (north, number) = (town.human("north"), seq(town.node("north")));
    let seen = |node: &Node| {
        node.look().unwrap().peer(&north).unwrap().is_some_and(|row| row.card_seq == number)
    };
    wake(town).await;
    town.wait_for("harbour", "sees the new card", seen).await;
    wake(town).await;
    town.wait_for_link("north", "harbour").await;
}

/// The card that goes on is newer than the one that was lost: peers take no card of a number again.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_before_a_rotation_is_accepted_by_peers() {
    for role in [NodeKey::Author, NodeKey::Transport] {
        let mut town = two_houses().await;
        anchored(&town, "north").await;
        town.stop("north").await;
        let backup = town.ground().join("backup");
        copy(town.home("north"), &backup);
        town.start("north").await;
        town.wait_for_link("north", "harbour").await;
        rotated(&town, role).await;
        let lost = seq(town.node("north"));
        town.stop("north").await;
        put_back(&backup, town.home("north"));
        town.start("north").await;
        assert!(town.node("north").anchored().await.is_distrusted());
        assert!(seq(town.node("north")) < lost);
        let ask = town.ask("north", Request::Resume).await.unwrap();
        town.allow("north", ask).await;
        assert!(seq(town.node("north")) > lost);
        wake(&town).await;
        if role == NodeKey::Transport {
            let moved = |e: &consent::Entry| matches!(e.event, Event::PeerMoved { .. });
            town.wait_for("harbour", "hears that north moved back", |_| {
                town.journal("harbour").iter().filter(|entry| moved(entry)).count() == 2
            })
            .await;
            wake(&town).await;
        }
        town.wait_for_link("north", "harbour").await;
        goes_over(&town, 3).await;
        town.close().await;
    }
}

/// Whoever goes on with a store in which a key stands that was replaced since is told of the new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_of_before_a_rotation_learns_it_again() {
    for role in [NodeKey::Author, NodeKey::Transport] {
        let mut town = two_houses().await;
        anchored(&town, "harbour").await;
        goes_over(&town, 1).await;
        town.stop("harbour").await;
        let backup = town.ground().join("backup");
        copy(town.home("harbour"), &backup);
        town.start("harbour").await;
        town.wait_for_link("north", "harbour").await;
        rotated(&town, role).await;
        town.stop("harbour").await;
        put_back(&backup, town.home("harbour"));
        town.start("harbour").await;
        assert!(!town.node("harbour").anchored().await.is_distrusted());
        let (north, number) = (town.human("north"), seq(town.node("north")));
        let row = |node: &Node| node.look().unwrap().peer(&north).unwrap().unwrap();
        wake(&town).await;
        town.wait_for("harbour", "sees the new card", |node| row(node).card_seq == number).await;
        wake(&town).await;
        town.wait_for_link("north", "harbour").await;
        goes_over(&town, 2).await;
        assert!(town.node("harbour").blocked().unwrap().is_empty());
        assert!(town.node("north").blocked().unwrap().is_empty());
        town.close().await;
    }
}
