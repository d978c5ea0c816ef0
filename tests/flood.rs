//! Floods at a real node: a thousand strangers, ever new endpoints that break the protocol, and
//! peers who tell more than is kept. What is kept of each is counted, and the neighbour is served
//! meanwhile.

#[path = "flood/asks.rs"]
mod asks;
#[path = "flood/events.rs"]
mod events;
#[path = "flood/imports.rs"]
mod imports;
#[path = "flood/words.rs"]
mod words;

use artifact::{ArtifactId, Card, Head, HumanKey, Revocation, Secret, Target, TransportKey};
use consent::{Event, Party, VerifiedCard};
use node::{Code, MAX_BLOCKED_STRANGERS, MAX_INBOX, Node};
use store::{BlockRow, ChangeError, HeadRow, OfferRow, PeerRow, Store};
use town::{
    Town,
    clock::{BEGIN, DAY, SECOND},
    laws,
    puppet::{self, Person, Puppet},
};
use wire::{Act, Face};

/// Who takes part in a flood.
const FLOOD: u32 = 1_000;
/// Refusals with a line of their own, in one minute.
const LINES: usize = 60;

/// North, and harbour who is its neighbour.
async fn neighbours() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

/// The neighbour is told of something, and gets it.
async fn is_served(town: &Town, n: u32) {
    let id = town.import_small("north", n).await;
    gets(town, id).await;
}

async fn gets(town: &Town, id: ArtifactId) {
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
}

fn seed(n: u32, role: u8) -> [u8; 32] {
    let mut seed = [role; 32];
    seed[..4].copy_from_slice(&n.to_be_bytes());
    seed
}

fn endpoint(n: u32) -> TransportKey {
    Secret::<artifact::Transport>::from_seed(&seed(n, 3)).public()
}

/// Stranger number `n`, whose card holds.
fn stranger(n: u32) -> VerifiedCard {
    let (human, author, transport) = (
        Secret::<artifact::Human>::from_seed(&seed(n, 1)),
        Secret::<artifact::Author>::from_seed(&seed(n, 2)),
        Secret::<artifact::Transport>::from_seed(&seed(n, 3)),
    );
    let card = Card {
        human: human.public(),
        author: author.public(),
        transport: transport.public(),
        solana: None,
        name: Some(format!("stranger {n}")),
        seq: 1,
        iat: BEGIN - DAY,
        exp: BEGIN + DAY,
    };
    VerifiedCard::open(&card.seal(&human, &author, &transport).unwrap()).unwrap()
}

/// Waits until so many refusals for this reason are written down.
async fn refuses(town: &Town, why: &str, times: usize) {
    let refused = |node: &Node| laws::refusals(node, why) >= times;
    town.wait_for("north", "refuses", refused).await;
}

fn lines(town: &Town, wanted: impl Fn(&Event) -> bool) -> usize {
    town.journal("north").iter().filter(|entry| wanted(&entry.event)).count()
}

fn refusals(town: &Town) -> usize {
    lines(town, |event| matches!(event, Event::Refused { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_strangers_sixty_four_wait_and_sixty_lines_are_written() {
    let town = neighbours().await;
    let inside = town.node("north").toward_peers();
    let flood = async {
        for n in 0..FLOOD {
            inside.knocked(stranger(n), endpoint(n)).await;
        }
    };
    tokio::join!(flood, is_served(&town, 1));
    let inbox = town.node("north").inbox().unwrap();
    assert_eq!(inbox.len(), MAX_INBOX);
    // Who came first stands there; who came later pushes nobody out.
    let first: Vec<TransportKey> = (0..64).map(endpoint).collect();
    assert!(inbox.iter().all(|knock| first.contains(&knock.endpoint)));
    let full = FLOOD as usize - MAX_INBOX;
    refuses(&town, "inbox-full", LINES).await;
    town.node("north").tick().await.unwrap();
    // The rest of the minute is one line, which says how many there were.
    assert_eq!(laws::refusals(town.node("north"), &format!("{}-more", full - LINES)), 1);
    assert_eq!(refusals(&town), LINES + 1);
    assert_eq!(lines(&town, |event| matches!(event, Event::Knocked { .. })), MAX_INBOX);
    // Another minute, another sixty; knocking again makes no row and no line.
    town.clock.pass(60 * SECOND);
    for n in 0..200 {
        inside.knocked(stranger(n), endpoint(n)).await;
    }
    refuses(&town, "inbox-full", 2 * LINES).await;
    town.node("north").tick().await.unwrap();
    assert_eq!(laws::refusals(town.node("north"), &format!("{}-more", 200 - 64 - LINES)), 1);
    assert_eq!(refusals(&town), 2 * (LINES + 1));
    let inbox = town.node("north").inbox().unwrap();
    assert_eq!(inbox.len(), MAX_INBOX);
    assert!(inbox.iter().all(|knock| knock.times == 2));
    // One act makes room for who comes next.
    let gate = town.gate("north");
    gate.act(Face::MainWindow, Act::DismissAll {}).await.unwrap();
    assert_eq!(town.node("north").inbox().unwrap(), []);
    inside.knocked(stranger(FLOOD), endpoint(FLOOD)).await;
    assert_eq!(town.node("north").inbox().unwrap().len(), 1);
    is_served(&town, 2).await;
    town.close().await;
}

fn block(n: u64, why: &str, human: Option<HumanKey>) -> BlockRow {
    BlockRow { human, name: String::new(), why: why.to_owned(), at: BEGIN - DAY + n }
}

/// Changes the store of a house that does not run.
fn amend<T>(
    town: &Town,
    house: &str,
    bend: impl FnOnce(&mut store::Change<'_>) -> Result<T, ChangeError>,
) -> T {
    Store::open(town.home(house)).unwrap().change(bend).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ever_new_endpoints_that_break_the_protocol_a_thousand_stay_shut_out() {
    let mut town = neighbours().await;
    let foe = stranger(FLOOD + 1);
    town.stop("north").await;
    amend(&town, "north", |change| {
        // By hand, and a human: the oldest of all, and they make no room for anybody.
        change.put_block(&endpoint(FLOOD), &block(0, node::BY_HAND, None))?;
        let human = Some(foe.card().human);
        change.put_block(&endpoint(FLOOD + 1), &block(0, "violation", human))?;
        let full = u32::try_from(MAX_BLOCKED_STRANGERS).unwrap();
        (0..full).try_for_each(|n| {
            change.put_block(&endpoint(n), &block(u64::from(n) + 1, "malformed", None))
        })
    });
    town.start("north").await;
    town.wait_for_link("north", "harbour").await;
    let inside = town.node("north").toward_peers();
    let flood = async {
        for n in 0..FLOOD {
            inside.violated(endpoint(2 * FLOOD + n), None, peer::Code::Malformed);
        }
    };
    tokio::join!(flood, is_served(&town, 1));
    // As many as may have a line: the rest is counted, and would be shut out if it came again.
    let newest = endpoint(2 * FLOOD + 59);
    let last = |node: &Node| node.blocked().unwrap().iter().any(|one| one.endpoint == newest);
    town.wait_for("north", "the sixtieth is shut out", last).await;
    let blocked = town.node("north").blocked().unwrap();
    assert_eq!(blocked.len(), MAX_BLOCKED_STRANGERS + 2);
    let is = |endpoint| blocked.iter().any(|one| one.endpoint == endpoint);
    assert!(is(endpoint(FLOOD)) && is(endpoint(FLOOD + 1)), "by hand, and a human, stay");
    assert!(!is(endpoint(59)) && is(endpoint(60)), "the oldest make room");
    assert!(inside.blocked(&foe.card().human));
    assert_eq!(refusals(&town), LINES);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_strangers_hides_nothing_of_a_peer() {
    let town = neighbours().await;
    let (mallory, _) = mallory_in(&town).await;
    let at = VerifiedCard::open(mallory.card()).unwrap().card().transport;
    let inside = town.node("north").toward_peers();
    for n in 0..FLOOD {
        inside.violated(endpoint(n), None, peer::Code::Malformed);
        inside.refused(endpoint(FLOOD + n), None, "too-fast");
    }
    inside.refused(at, None, "not-entitled");
    refuses(&town, "not-entitled", 1).await;
    // Its endpoint alone: nobody is proven behind it in this connection.
    inside.violated(at, None, peer::Code::Malformed);
    let shut = |node: &Node| node.blocked().unwrap().iter().any(|one| one.endpoint == at);
    town.wait_for("north", "mallory is shut out", shut).await;
    is_served(&town, 1).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_peer_hides_nothing_of_another() {
    const SESSIONS: usize = 100;
    const LINES_OF_A_PEER: usize = 10;
    let town = neighbours().await;
    let (mallory, _) = mallory_in(&town).await;
    let card = VerifiedCard::open(mallory.card()).unwrap();
    let (human, transport) = (card.card().human, card.card().transport);
    let north = town.node("north");
    let inside = north.toward_peers();
    // In one session it is written once; with ever new sessions as often as one peer may.
    for _ in 0..SESSIONS {
        inside.refused(transport, Some(human), "late");
        inside.refused(transport, Some(human), "late");
        inside.gone(Party { human, transport }, "gone");
    }
    let neighbour = town.node("harbour").me().unwrap();
    inside.refused(neighbour.transport, Some(neighbour.human), "late");
    let of =
        |peer| lines(&town, |e| matches!(e, Event::Refused { peer: Some(p), .. } if *p == peer));
    let told = |_: &Node| of(neighbour.human) == 1;
    town.wait_for("north", "writes of the neighbour", told).await;
    assert_eq!(of(human), LINES_OF_A_PEER);
    north.tick().await.unwrap();
    let more = format!("{}-more", 2 * SESSIONS - LINES_OF_A_PEER);
    assert_eq!(laws::refusals(north, &more), 1, "the rest is counted");
    // Quieter than that, nothing is left to be counted.
    north.tick().await.unwrap();
    assert_eq!(of(human), LINES_OF_A_PEER + 1);
    town.close().await;
}

/// Mallory, who was given a ticket, and the way to north.
async fn mallory_in(town: &Town) -> (Person, puppet::Way) {
    let way = puppet::Way::by_ticket(&town.ticket("north").await, town.human("north"));
    let mallory = Person::new(70);
    Puppet::enter(mallory.identity(), &way).await.leave().await;
    (mallory, way)
}

/// North comes back on the port that it had, and mallory again.
async fn enters_again(town: &mut Town, mallory: &Person, way: &puppet::Way) -> Puppet {
    town.start("north").await;
    town.wait_for_link("north", "harbour").await;
    Puppet::enter(mallory.identity(), way).await
}

fn offer(mallory: &Person, me: HumanKey, title: &str) -> (Vec<u8>, Vec<u8>) {
    let body = mallory.crystal(title);
    (Head::of(&body).unwrap().encode().unwrap(), mallory.receipt(&body, me, |_| {}))
}

fn is_too_much(event: &Event) -> bool {
    matches!(event, Event::Refused { why, .. } if why == "too-much")
}

fn heads_of(town: &Town, giver: HumanKey) -> usize {
    let look = town.node("north").look().unwrap();
    look.heads_page(Some(&giver), 0, usize::MAX).unwrap().1.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_may_tell_twenty_thousand_heads_and_no_more() {
    const MOST: u32 = 20_000;
    let mut town = neighbours().await;
    let gift = town.import_small("north", 1).await;
    let (me, (mallory, way)) = (town.human("north"), mallory_in(&town).await);
    let giver = mallory.human.public();
    town.stop("north").await;
    let (head, receipt) = offer(&mallory, me, "one of very many");
    let head = Head::decode(&head).unwrap();
    amend(&town, "north", |change| {
        for n in 0..MOST - 2 {
            let id = ArtifactId::of(&n.to_be_bytes());
            let head = Head { id, ..head.clone() }.encode().unwrap();
            let told = HeadRow {
                head,
                receipt: receipt.clone(),
                giver,
                at: BEGIN,
                refused: String::new(),
                seq: 1,
                grant: None,
            };
            let under = OfferRow {
                receipt: receipt.clone().into(),
                grant: None,
                grant_id: None,
                iat: BEGIN,
                until: None,
            };
            change.put_offer(
                &id,
                &told,
                (&ArtifactId::of(&id.to_string().into_bytes()), &under),
            )?;
        }
        Ok(())
    });
    let mut puppet = enters_again(&mut town, &mallory, &way).await;
    for n in 0..3 {
        let (head, receipt) = offer(&mallory, me, &format!("lighthouse {n}"));
        puppet.tells(&head, &receipt).await;
    }
    refuses(&town, "too-much", 1).await;
    assert_eq!(heads_of(&town, giver), MOST as usize, "what fits is kept");
    puppet.leave().await;
    // However often it comes again: that is said once in a session, which goes on.
    let mut puppet = Puppet::enter(mallory.identity(), &way).await;
    for n in 0..3 {
        let (head, receipt) = offer(&mallory, me, &format!("another {n}"));
        puppet.tells(&head, &receipt).await;
    }
    refuses(&town, "too-much", 2).await;
    assert_eq!(heads_of(&town, giver), MOST as usize);
    // What it ends makes room.
    let (_, receipt) = offer(&mallory, me, "lighthouse 0");
    let target = Target::Receipt(ArtifactId::of(&receipt));
    let ended = Revocation { v: 0, target, to: me, reason: None, seq: 1, iat: BEGIN };
    puppet.withdraws(&[ended.seal(&mallory.human).unwrap()]).await;
    let fewer = |_: &Node| heads_of(&town, giver) < MOST as usize;
    town.wait_for("north", "holds one fewer", fewer).await;
    let (head, receipt) = offer(&mallory, me, "the last one");
    puppet.tells(&head, &receipt).await;
    town.wait_for_head("north", &Head::decode(&head).unwrap().id).await;
    assert_eq!(heads_of(&town, giver), MOST as usize);
    assert_eq!(lines(&town, is_too_much), 2);
    puppet.leave().await;
    gets(&town, gift).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_may_withdraw_four_thousand_times_and_no_more() {
    const MOST: u64 = 4_096;
    let mut town = neighbours().await;
    let (me, (mallory, way)) = (town.human("north"), mallory_in(&town).await);
    let giver = mallory.human.public();
    let withdraws = |seq: u64| {
        let target = Target::Receipt(ArtifactId::of(&seq.to_be_bytes()));
        Revocation { v: 0, target, to: me, reason: None, seq, iat: BEGIN }
    };
    town.stop("north").await;
    amend(&town, "north", |change| {
        let row = change.peer(&giver)?.unwrap();
        change.put_peer(&giver, &PeerRow { revocations_kept: MOST - 2, ..row })?;
        (1..MOST - 1).try_for_each(|seq| {
            let revocation = withdraws(seq);
            let envelope = revocation.seal(&mallory.human).unwrap();
            change.put_taken_revocation(&giver, &revocation, &envelope)
        })
    });
    let mut puppet = enters_again(&mut town, &mallory, &way).await;
    let (head, receipt) = offer(&mallory, me, "lighthouse");
    let lighthouse = Head::decode(&head).unwrap().id;
    puppet.tells(&head, &receipt).await;
    town.wait_for_head("north", &lighthouse).await;
    let last = Target::Receipt(ArtifactId::of(&receipt));
    let mut three: Vec<Revocation> = (MOST - 1..MOST + 2).map(withdraws).collect();
    three[2].target = last;
    let three: Vec<Vec<u8>> = three.iter().map(|one| one.seal(&mallory.human).unwrap()).collect();
    puppet.withdraws(&three).await;
    refuses(&town, "too-much", 1).await;
    // The one that is not kept is held to all the same, and the session goes on.
    assert_eq!(heads_of(&town, giver), 0);
    let (head, receipt) = offer(&mallory, me, "another lighthouse");
    puppet.tells(&head, &receipt).await;
    town.wait_for_head("north", &Head::decode(&head).unwrap().id).await;
    let look = town.node("north").look().unwrap();
    assert_eq!(look.revocations_taken(&giver).unwrap().len() as u64, MOST, "what fits is kept");
    assert_eq!(look.peer(&giver).unwrap().unwrap().revocations_kept, MOST);
    drop(look);
    puppet.leave().await;
    is_served(&town, 1).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_peer_a_gibibyte_of_bodies_is_taken_and_no_more() {
    let mut town = neighbours().await;
    let (me, (mallory, way)) = (town.human("north"), mallory_in(&town).await);
    let giver = mallory.human.public();
    let bodies = ["the last that fits", "one too many"].map(|title| mallory.crystal(title));
    let [last, over] = bodies.each_ref().map(|body| ArtifactId::of(body));
    town.stop("north").await;
    amend(&town, "north", |change| {
        let row = change.peer(&giver)?.unwrap();
        let bytes_taken = (1 << 30) - bodies[0].len() as u64;
        change.put_peer(&giver, &PeerRow { bytes_taken, ..row })
    });
    let mut puppet = enters_again(&mut town, &mallory, &way).await;
    for (body, title) in bodies.iter().zip(["the last that fits", "one too many"]) {
        puppet.has(body).await;
        let (head, receipt) = offer(&mallory, me, title);
        puppet.tells(&head, &receipt).await;
    }
    let north = town.node("north");
    town.wait_for_head("north", &over).await;
    assert_eq!(north.fetch(&last.to_string()).await.unwrap(), last);
    let refused = north.fetch(&over.to_string()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotNow, "{refused}");
    assert!(refused.what.contains("1 GiB"), "whoever asks reads why: {refused}");
    assert!(town.bytes("north", &over).is_none());
    assert_eq!(north.look().unwrap().peer(&giver).unwrap().unwrap().bytes_taken, 1 << 30);
    puppet.leave().await;
    is_served(&town, 1).await;
    town.close().await;
}
