//! New keys in the place of a node's own: between real nodes, what was given before stays good, who
//! is known is found again, and the journal goes on.

use artifact::{ArtifactId, Author, Card, Human, Secret, Transport};
use consent::{Event, NodeKey, Party, Rotation, Standing, VerifiedCard};
use data_encoding::HEXLOWER;
use keys::SecretStore;
use node::{Anchored, Node, Request};
use std::{fmt::Write as _, process::Command};
use town::{
    Town,
    clock::{DAY, SECOND},
};

const MINUTE: u64 = 60 * SECOND;

/// `north` knows `harbour`, and has shared two crystals with it, of which `harbour` opened one.
async fn shared() -> (Town, ArtifactId, ArtifactId) {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let (opened, unopened) =
        (town.import_small("north", 1).await, town.import_small("north", 2).await);
    for id in [&opened, &unopened] {
        let ask = town.share("north", id, &["harbour"]).await;
        town.allow("north", ask).await;
        town.wait_for_head("harbour", id).await;
    }
    town.node("harbour").fetch(&opened.to_string()).await.unwrap();
    assert!(town::has(town.node("harbour"), &opened));
    (town, opened, unopened)
}

async fn rotate(town: &Town, house: &str, role: NodeKey) {
    let before = named(town.node(house));
    let ask = town.ask(house, Request::Rotate(role)).await.unwrap();
    let settled = town.allow(house, ask).await;
    assert_eq!(settled.what, format!("A new {} is in use.", role.name()));
    let after = named(town.node(house));
    let changed: Vec<usize> = (0..3).filter(|n| before[*n] != after[*n]).collect();
    assert_eq!(changed, [role as usize], "one key, and no other");
}

/// After sleep everybody who is not connected is dialled at once.
async fn wake(town: &Town) {
    town.clock.sleep(MINUTE);
    for house in ["north", "harbour"] {
        town.node(house).tick().await.unwrap();
    }
}

/// author_key, transport_key, journal_key, in hex.
fn named(node: &Node) -> [String; 3] {
    let me = node.me().unwrap();
    [me.author.to_string(), me.transport.to_string(), me.journal.to_string()]
}

/// Shares one more and waits until it is there.
async fn goes_over(town: &Town, log: u32) {
    let id = town.import_small("north", log).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_is_found_again_behind_a_new_transport_key() {
    let (town, _, unopened) = shared().await;
    let before = town.node("north").me().unwrap();
    let ticket = town.ticket("north").await;
    rotate(&town, "north", NodeKey::Transport).await;
    town.wait_for("harbour", "hears that north moved", |_| {
        let moved = |entry: &consent::Entry| matches!(entry.event, Event::PeerMoved { .. });
        town.journal("harbour").iter().any(moved)
    })
    .await;
    assert!(town.node("harbour").inbox().unwrap().is_empty(), "nobody has to be let in");
    wake(&town).await;
    town.wait_for_link("north", "harbour").await;
    town.wait_for_crystal("harbour", &unopened).await;
    goes_over(&town, 3).await;
    // The human is the same, the card is the next, and holds for what was signed before.
    let (old, new) = (card(&before.card), card(&town.node("north").me().unwrap().card));
    assert_eq!((new.human, new.seq), (old.human, old.seq + 1));
    assert_eq!((new.iat, new.exp), (old.iat, old.exp));
    // A ticket of the endpoint until now leads nowhere.
    let used = Request::Connect { ticket, name: "north".to_owned() };
    let ask = town.ask("harbour", used).await.unwrap();
    assert!(town.answer("harbour", ask, consent::Answer::Allow).await.is_err());
    let now = town.node("north").clock().now();
    assert!(town.node("north").look().unwrap().invites(now).unwrap().is_empty());
    town.close().await;
}

fn card(bytes: &[u8]) -> Card {
    Card::open(bytes).unwrap().payload
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_author_key_sealed_stays_its_humans() {
    let (mut town, opened, unopened) = shared().await;
    rotate(&town, "north", NodeKey::Author).await;
    wake(&town).await;
    town.wait_for_link("north", "harbour").await;
    // What it was told of before comes under the new card, and is answered for.
    town.wait_for_crystal("harbour", &unopened).await;
    assert!(town::has(town.node("harbour"), &opened));
    goes_over(&town, 3).await;
    assert!(town.node("harbour").blocked().unwrap().is_empty());
    assert!(town.node("north").blocked().unwrap().is_empty());
    // Somebody new is given the older one sealed anew: they never saw the card before.
    town.build("island");
    town.start("island").await;
    town.node("island").init(node::KeepKey::Keychain, "island").await.unwrap();
    town.introduce("north", "island").await;
    let ask = town.share("north", &opened, &["island"]).await;
    let receipt = {
        town.allow("north", ask).await;
        town.receipt("north", &ask)
    };
    let given = town.node("north").look().unwrap().receipt(&receipt).unwrap().unwrap().artifact;
    assert_ne!(given, opened);
    town.wait_for_crystal("island", &given).await;
    // And both the other way: harbour signs for what comes with a new key of its own.
    rotate(&town, "harbour", NodeKey::Author).await;
    wake(&town).await;
    town.wait_for_link("harbour", "north").await;
    goes_over(&town, 4).await;
    assert!(town.node("north").blocked().unwrap().is_empty());
    // A start later it all still holds.
    town.stop("north").await;
    town.start("north").await;
    town.wait_for_link("north", "harbour").await;
    goes_over(&town, 5).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_goes_on_under_its_next_key() {
    let (mut town, ..) = shared().await;
    let opened = town.node("north").me().unwrap().journal;
    rotate(&town, "north", NodeKey::Journal).await;
    rotate(&town, "north", NodeKey::Journal).await;
    goes_over(&town, 3).await;
    assert!(town.node("north").verify_journal().await.unwrap().is_ok());
    let now = town.node("north").me().unwrap().journal;
    let rotated = town.journal("north").into_iter().filter_map(|entry| match entry.event {
        Event::KeyRotated { key: Rotation::Journal { before, after } } => Some((before, after)),
        _ => None,
    });
    let rotated: Vec<_> = rotated.collect();
    assert_eq!((rotated.len(), rotated[0].0, rotated[1].1), (2, opened, now));
    // The verifier that shares no code follows it, and knows the last key.
    let good = verified(&town, &now.to_string());
    assert!(good.contains("chained and signed") && good.contains(&now.to_string()), "{good}");
    let other = verified(&town, &opened.to_string());
    assert!(other.contains("another journal_key"), "{other}");
    // The anchor in the keychain is renewed.
    town.stop("north").await;
    town.start("north").await;
    let anchored = town.node("north").anchored().await;
    assert_eq!(anchored, Anchored::Compared(Standing::Holds));
    goes_over(&town, 4).await;
    town.close().await;
}

/// What the stand-alone verifier says of an export of north's journal, given its key.
fn verified(town: &Town, key: &str) -> String {
    let (look, mut lines) = (town.node("north").look().unwrap(), String::new());
    look.journal_from_start(|entry| {
        writeln!(lines, r#"{{"entry": "{}"}}"#, HEXLOWER.encode(&entry)).unwrap();
        true
    })
    .unwrap();
    let head = look.journal_head().unwrap().unwrap();
    writeln!(lines, r#"{{"head": "{}"}}"#, HEXLOWER.encode(&head.0)).unwrap();
    let file = town.ground().join("journal.jsonl");
    std::fs::write(&file, lines).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/verify.py");
    let ran = Command::new("python3").args([program, "journal"]).arg(file).arg(key).output();
    let ran = ran.unwrap();
    String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap()
}

/// An anchor of the key before is good for what that key signed, as when the node is killed before
/// the keychain has the next one; and for nothing after.
#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_of_the_key_before_still_holds() {
    let mut town = Town::new().house("north").open().await;
    let _first = town.ticket("north").await;
    town.stop("north").await;
    let before = town.keychain("north").read(keys::ANCHOR).unwrap().unwrap();
    town.start("north").await;
    rotate(&town, "north", NodeKey::Journal).await;
    town.stop("north").await;
    town.keychain("north").write(keys::ANCHOR, &before).unwrap();
    town.start("north").await;
    let anchored = town.node("north").anchored().await;
    assert_eq!(anchored, Anchored::Compared(Standing::Holds));
    town.close().await;
}

/// Killed after the store names a new key and before the file does, with the key before still
/// there or overwritten already; and before the store names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_cut_short_ends_at_the_next_start() {
    let mut town = Town::new().house("north").open().await;
    for role in [NodeKey::Author, NodeKey::Transport, NodeKey::Journal] {
        let file = town.home("north").join("keys").join(role.name());
        let next = file.with_file_name(format!("{}.next", role.name()));
        let before = std::fs::read(&file).unwrap();
        rotate(&town, "north", role).await;
        let ours = named(town.node("north"));
        let after = std::fs::read(&file).unwrap();
        assert_ne!(before, after);
        assert!(!next.exists(), "nothing of it stays behind");
        let zeros = vec![0; before.len()];
        // What is in the two files, and who the node is.
        for (there, beside) in [
            (Some(&before), Some(&after)),
            (Some(&zeros), Some(&after)),
            (None, Some(&after)),
            (Some(&after), Some(&before)),
            (Some(&after), None),
        ] {
            town.stop("north").await;
            for (path, bytes) in [(&file, there), (&next, beside)] {
                drop(std::fs::remove_file(path));
                if let Some(bytes) = bytes {
                    std::fs::write(path, bytes).unwrap();
                }
            }
            town.start("north").await;
            assert_eq!(named(town.node("north")), ours);
            assert_eq!(std::fs::read(&file).unwrap(), after);
            assert!(!next.exists());
            assert!(town.node("north").verify_journal().await.unwrap().is_ok());
        }
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_earlier_cards_of_one_human_are_kept_and_no_more() {
    let town = Town::new().house("north").open().await;
    let _ticket = town.ticket("north").await;
    let inside = town.node("north").toward_peers();
    let (invite, now) = (inside.invites()[0].id, inside.now());
    let human = Secret::<Human>::from_seed(&[1; 32]);
    let transport = Secret::<Transport>::from_seed(&[2; 32]);
    let party = Party { human: human.public(), transport: transport.public() };
    let card = |seq: u8| {
        let author = Secret::<Author>::from_seed(&[100 + seq; 32]);
        let card = Card {
            human: party.human,
            author: author.public(),
            transport: party.transport,
            solana: None,
            name: None,
            seq: seq.into(),
            iat: now,
            exp: now + DAY,
        };
        VerifiedCard::open(&card.seal(&human, &author, &transport).unwrap()).unwrap()
    };
    inside.pin(card(1), Some(invite), None).await.unwrap();
    for seq in 2..=80 {
        inside.ready(party, card(seq)).await;
        let kept = town.node("north").look().unwrap().earlier_cards(&party.human).unwrap().len();
        assert_eq!(kept, usize::from(seq - 1).min(64));
    }
    let row = town.node("north").look().unwrap().peer(&party.human).unwrap().unwrap();
    assert_eq!(row.card_seq, 80);
    town.close().await;
}
