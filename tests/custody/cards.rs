//! Cards that replace one another: an old one is shown in vain, whoever shows it and however; a new one
//! is made in time; and what was signed while the one before was valid stays good.

use super::rotate::{card, goes_over, shared, wake};
use artifact::{Author, Card, Human, Secret, Transport, card::MAX_LIFE};
use consent::{Answer, Event, Party, VerifiedCard};
use node::Request;
use peer::PinError;
use town::{Town, clock::DAY};

/// A card of one human, of this number, with keys that follow from these bytes.
fn made(now: u64, [author, transport]: [u8; 2], seq: u64) -> VerifiedCard {
    let human = Secret::<Human>::from_seed(&[1; 32]);
    let author = Secret::<Author>::from_seed(&[author; 32]);
    let transport = Secret::<Transport>::from_seed(&[transport; 32]);
    let card = Card {
        human: human.public(),
        author: author.public(),
        transport: transport.public(),
        solana: None,
        name: None,
        seq,
        iat: now,
        exp: now + DAY,
    };
    VerifiedCard::open(&card.seal(&human, &author, &transport).unwrap()).unwrap()
}

const fn party(card: &VerifiedCard) -> Party {
    Party { human: card.card().human, transport: card.card().transport }
}

/// Who holds keys that were replaced comes with a ticket, knocks, or is let in by a human who does
/// not know: nothing of what is known changes.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_card_moves_nobody_and_replaces_nothing() {
    let town = Town::new().house("north").open().await;
    let (_one, _other) = (town.ticket("north").await, town.ticket("north").await);
    let (node, inside) = (town.node("north"), town.node("north").toward_peers());
    let now = inside.now();
    let invite = || Some(inside.invites()[0].id);
    let row = || node.look().unwrap().peer(&made(now, [2, 3], 1).card().human).unwrap().unwrap();
    let known = made(now, [4, 5], 2);
    inside.pin(known.clone(), invite(), None).await.unwrap();
    let before = row();
    let older = made(now, [2, 3], 1);
    let same_number = made(now, [2, 3], 2);
    for (times, stale) in [&older, &same_number].into_iter().enumerate() {
        let refused = inside.pin(stale.clone(), invite(), None).await.unwrap_err();
        assert_eq!(refused, PinError::CardOld);
        inside.knocked(stale.clone(), stale.card().transport).await;
        town.wait_for_refusal("north", "card-old", times + 1).await;
        assert_eq!(row(), before);
    }
    assert!(node.inbox().unwrap().is_empty(), "nobody is asked to let them in");
    assert_eq!(inside.invites().len(), 1, "no invite is spent");
    // Behind the endpoint that is known.
    let same_endpoint = made(now, [2, 5], 2);
    inside.ready(party(&same_endpoint), same_endpoint).await;
    town.wait_for_refusal("north", "card-old", 3).await;
    assert_eq!(row(), before);
    // Let in after a newer card than the one that knocked was seen.
    let knocks = made(now, [6, 7], 3);
    inside.knocked(knocks.clone(), knocks.card().transport).await;
    let who = node.inbox().unwrap()[0].endpoint.to_string();
    let request = Request::Accept { who, name: String::new() };
    let ask = town.ask("north", request).await.unwrap();
    let newest = made(now, [4, 5], 4);
    inside.ready(party(&newest), newest.clone()).await;
    assert!(town.answer("north", ask, Answer::Allow).await.is_err());
    assert_eq!((row().card_seq, row().card.as_slice()), (4, newest.envelope()));
    assert_eq!(row().transport, newest.card().transport);
    town.close().await;
}

/// With the first yes of its last quarter, or after its end, a card is followed by another.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_renewed_in_time_and_receipts_of_before_stay_good() {
    let (mut town, _, unopened) = shared().await;
    let first = card(&town.node("north").me().unwrap().card);
    town.clock.pass(200 * DAY);
    town.ticket("north").await;
    assert_eq!(card(&town.node("north").me().unwrap().card), first, "it is good for long");
    town.clock.pass(100 * DAY);
    town.ticket("north").await;
    let now = town.node("north").clock().now();
    let next = card(&town.node("north").me().unwrap().card);
    assert_eq!((next.author, next.transport), (first.author, first.transport));
    assert!(next.seq > first.seq);
    assert_eq!((next.iat, next.exp), (now - MAX_LIFE / 2, now + MAX_LIFE / 2));
    assert!(first.iat < next.iat, "what was given first is older than it");
    // Harbour sees it, and takes what was given before it began.
    town.stop("harbour").await;
    town.start("harbour").await;
    town.wait_for_link("north", "harbour").await;
    town.wait_for_crystal("harbour", &unopened).await;
    goes_over(&town, 3).await;
    // Harbour let its own end: nobody speaks to it until it says yes to anything.
    town.stop("harbour").await;
    town.clock.pass(100 * DAY);
    town.start("harbour").await;
    town.wait_for_refusal("north", "card-expired", 1).await;
    town.ticket("harbour").await;
    wake(&town).await;
    town.wait_for_link("north", "harbour").await;
    goes_over(&town, 4).await;
    let violated = |entry: &consent::Entry| matches!(entry.event, Event::PeerBlocked { .. });
    assert!(!town.journal("harbour").iter().any(violated));
    town.close().await;
}
