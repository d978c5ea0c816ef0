//! Words that are longer than what is kept or shown: names, reasons, a relay's address.

use crate::neighbours;
use consent::AskId;
use node::{Code, Request, Switch};
use town::Town;

/// The most characters of a name, and of a reason that a human gives.
const MAX_NAME: usize = 64;
const MAX_REASON: usize = 280;
/// The most characters of a relay's address, of those that are used and of those that are shown.
const MAX_URL: usize = 255;

fn name_of(town: &Town, house: &str, peer: &str) -> String {
    let row = town.node(house).look().unwrap().peer(&town.human(peer)).unwrap();
    row.unwrap().name
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_has_sixty_four_characters_and_a_longer_one_is_refused() {
    let town = Town::new().house("north").house("harbour").open().await;
    // Characters, not bytes.
    let (most, over) = ("\u{e9}".repeat(MAX_NAME), "\u{e9}".repeat(MAX_NAME + 1));
    let ticket = town.ticket("north").await;
    let connect = |name: &str| Request::Connect { ticket: ticket.clone(), name: name.to_owned() };
    let refused = town.ask("harbour", connect(&over)).await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    assert!(refused.to_string().contains("at most 64 visible characters"), "{refused}");
    // Nothing was asked, and the ticket is as good as before.
    assert_eq!(town.pending("harbour"), []);
    let ask = town.ask("harbour", connect(&most)).await.unwrap();
    town.allow("harbour", ask).await;
    town.wait_for_link("north", "harbour").await;
    assert_eq!(name_of(&town, "harbour", "north"), most);
    let refused = town.node("north").rename("harbour", &over).await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid, "{refused}");
    assert_eq!(name_of(&town, "north", "harbour"), "harbour");
    town.node("north").rename("harbour", &most).await.unwrap();
    assert_eq!(name_of(&town, "north", "harbour"), most);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_reason_280_characters_are_kept() {
    let town = neighbours().await;
    for (given, kept) in [
        ("r".repeat(MAX_REASON), "r".repeat(MAX_REASON)),
        ("r".repeat(MAX_REASON + 1), format!("{}\u{2026}", "r".repeat(MAX_REASON))),
    ] {
        town.node("north").block("harbour", &given).await.unwrap();
        // Whatever it says, they are out.
        let blocked = town.node("north").blocked().unwrap();
        assert_eq!(blocked.len(), 1);
        assert_eq!(blocked[0].row.why, format!("{}: {kept}", node::BY_HAND));
        assert_eq!(town.node("north").links(), []);
    }
    town.close().await;
}

/// A relay whose address has so many characters.
fn relay(characters: usize) -> String {
    let around = "https://.example/".len();
    format!("https://{}.example/", "r".repeat(characters - around))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_address_of_a_relay_is_shown_whole_and_a_longer_one_is_refused() {
    let town = Town::new().house("north").open().await;
    let on = |relay| Request::Reach(Switch::Anywhere { on: true, relay: Some(relay) });
    let (most, over) = (relay(MAX_URL), relay(MAX_URL + 1));
    let refused = town.ask("north", on(over)).await.unwrap_err();
    assert_eq!(refused.code, Code::Invalid, "{refused}");
    assert_eq!(town.pending("north"), []);
    let ask: AskId = town.ask("north", on(most.clone())).await.unwrap();
    let (prompt, _) = town.node("north").prompt(&ask).unwrap();
    // Its end says whose it is: no part of it may be out of sight.
    assert!(format!("{prompt:?}").contains(&most), "{prompt:?}");
    town.deny("north", ask).await;
    town.close().await;
}
