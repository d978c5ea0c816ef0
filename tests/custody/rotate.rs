//! New keys in the place of a node's own: between real nodes, what was given before stays good, who
//! is known is found again, and the journal goes on.

use artifact::{ArtifactId, Author, Card, Human, Outcome, Secret, Transport};
use consent::{Event, NodeKey, Party, Rotation, Standing, State, VerifiedCard};
use data_encoding::HEXLOWER;
use keys::SecretStore;
use node::{Anchored, Node, Request, Revoke};
use std::{fmt::Write as _, process::Command};
use town::{
    Town,
    clock::{DAY, SECOND},
};

const MINUTE: u64 = 60 * SECOND;

/// `north` knows `harbour`, and has shared two crystals with it, of which `harbour` opened one.
pub(super) async fn shared() -> (Town, ArtifactId, ArtifactId) {
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

pub(super) async fn rotate(town: &Town, house: &str, role: NodeKey) {
    let before = named(town.node(house));
    let ask = town.ask(house, Request::Rotate(role)).await.unwrap();
    let settled = town.allow(house, ask).await;
    assert_eq!(settled.what, format!("A new {} is in use.", role.name()));
    let after = named(town.node(house));
    let changed: Vec<usize> = (0..3).filter(|n| before[*n] != after[*n]).collect();
    assert_eq!(changed, [role as usize], "one key, and no other");
}

/// After sleep everybody who is not connected is dialled at once.
pub(super) async fn wake(town: &Town) {
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
pub(super) async fn goes_over(town: &Town, log: u32) {
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
    assert_eq!(new.human, old.human);
    assert!(new.seq > old.seq);
    assert_eq!((new.iat, new.exp), (old.iat, old.exp), "it has most of its life before it");
    // A ticket of the endpoint until now leads nowhere.
    let used = Request::Connect { ticket, name: "north".to_owned() };
    let ask = town.ask("harbour", used).await.unwrap();
    assert!(town.answer("harbour", ask, consent::Answer::Allow).await.is_err());
    let now = town.node("north").clock().now();
    assert!(town.node("north").look().unwrap().invites(now).unwrap().is_empty());
    town.close().await;
}

pub(super) fn card(bytes: &[u8]) -> Card {
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

/// Between the one key and the other nobody is spoken to: no session begins under the one and goes on
/// under the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_replaced_while_nobody_is_spoken_to() {
    let (town, ..) = shared().await;
    for role in [NodeKey::Author, NodeKey::Transport] {
        let ask = town.ask("north", Request::Rotate(role)).await.unwrap();
        let before = named(town.node("north"));
        let held = town.clock.hold_events();
        let silent = async {
            let silent = |node: &Node| node.port() == 0 && node.links().is_empty();
            town.wait_for("north", "is silent", silent).await;
            assert_eq!(named(town.node("north")), before);
            drop(held);
        };
        let (settled, ()) = tokio::join!(town.allow("north", ask), silent);
        assert_eq!(settled.what, format!("A new {} is in use.", role.name()));
        wake(&town).await;
        town.wait_for_link("north", "harbour").await;
    }
    goes_over(&town, 3).await;
    town.close().await;
}

/// The key is replaced, and that is the answer; the network comes back as soon as it can.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_does_not_come_back_is_said_and_tried_again() {
    let (town, ..) = shared().await;
    let (outbox, aside) = (town.home("north").join("outbox"), town.ground().join("aside"));
    std::fs::rename(&outbox, &aside).unwrap();
    std::fs::write(&outbox, b"no folder").unwrap();
    let before = named(town.node("north"));
    let ask = town.ask("north", Request::Rotate(NodeKey::Transport)).await.unwrap();
    let settled = town.allow("north", ask).await;
    let said = "A new transport_key is in use. The network did not come back, and is tried again";
    assert!(settled.what.starts_with(said), "{}", settled.what);
    assert_ne!(named(town.node("north"))[1], before[1]);
    assert_eq!(town.node("north").port(), 0);
    std::fs::remove_file(&outbox).unwrap();
    std::fs::rename(&aside, &outbox).unwrap();
    wake(&town).await;
    assert_ne!(town.node("north").port(), 0);
    town.wait_for("harbour", "hears that north moved", |_| {
        let moved = |entry: &consent::Entry| matches!(entry.event, Event::PeerMoved { .. });
        town.journal("harbour").iter().any(moved)
    })
    .await;
    wake(&town).await;
    town.wait_for_link("north", "harbour").await;
    goes_over(&town, 3).await;
    town.close().await;
}

/// Before: whom it no longer reaches, by name. After: what waited is cancelled, and asked for anew.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_rotation_strands_is_said_and_what_waits_is_cancelled() {
    let (mut town, ..) = shared().await;
    let late = town.import_small("north", 3).await;
    town.stop("harbour").await;
    let ask = town.share("north", &late, &["harbour"]).await;
    town.allow("north", ask).await;
    let next = town.import_small("north", 4).await;
    let waits = town.share("north", &next, &["harbour"]).await;
    let frozen = town.pending("north")[0].wish.object().unwrap().id;
    let ask = town.ask("north", Request::Rotate(NodeKey::Author)).await.unwrap();
    assert_eq!(
        town.node("north").prompt(&ask).unwrap().0.text,
        "1 share has not been told to harbour and will not be\n1 ask to share waits, to be cancelled"
    );
    town.allow("north", ask).await;
    assert!(matches!(town.state("north", &waits), State::Cancelled { .. }));
    assert!(town.node("north").look().unwrap().snapshot(&frozen).unwrap().is_none());
    town.start("harbour").await;
    town.wait_for_link("north", "harbour").await;
    for id in [&late, &next] {
        let ask = town.share("north", id, &["harbour"]).await;
        town.allow("north", ask).await;
        let receipt = town.receipt("north", &ask);
        let row = town.node("north").look().unwrap().receipt(&receipt).unwrap().unwrap();
        assert_ne!(row.artifact, *id);
        town.wait_for_crystal("harbour", &row.artifact).await;
    }
    town.close().await;
}

/// What is said of a crystal is said of what it was sealed anew as: who has it, that it is withheld,
/// ended, forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_anew_is_ended_and_forgotten_with_its_crystal() {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let (north, id) = (town.node("north"), town.import_small("north", 1).await);
    north.judge(&id.to_string(), Some(Outcome::Accepted)).await.unwrap();
    assert_eq!(north.worth().unwrap().total, 1);
    rotate(&town, "north", NodeKey::Author).await;
    wake(&town).await;
    town.wait_for_link("north", "harbour").await;
    let denied = town.share("north", &id, &["harbour"]).await;
    let again = town.share("north", &id, &["harbour"]).await;
    assert_eq!(north.worth().unwrap().total, 0, "it is being asked for");
    town.deny("north", denied).await;
    town.allow("north", again).await;
    let look = || north.look().unwrap();
    let anew = look().receipt(&town.receipt("north", &again)).unwrap().unwrap().artifact;
    assert_ne!(anew, id);
    town.wait_for_crystal("harbour", &anew).await;
    assert_eq!(north.worth().unwrap().total, 0, "it was given");
    assert!(look().is_withheld(&id, &town.human("harbour")).unwrap());
    assert_eq!(look().crystal_named(&anew.to_string()).unwrap().unwrap(), id);
    assert_eq!(
        (look().receipts_of(&id).unwrap().len(), look().receipts_of(&anew).unwrap().len()),
        (1, 1)
    );
    let waits = town.share("north", &id, &[]).await;
    let refused = north.forget(&id.to_string()).await.unwrap_err();
    assert!(refused.what.contains("shared"), "{refused}");
    // Named by what was given.
    let ended = north.revoke(Revoke::One(anew.to_string()), "").await.unwrap();
    assert_eq!((ended.receipts, ended.asks, ended.people), (1, 1, 1));
    assert!(matches!(town.state("north", &waits), State::Withdrawn { .. }));
    assert!(north.revoke(Revoke::One(id.to_string()), "").await.is_err(), "nothing is left of it");
    north.forget(&id.to_string()).await.unwrap();
    assert!(look().snapshot(&anew).unwrap().is_none());
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
