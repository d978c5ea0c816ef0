//! Ending what was given, with real nodes: at once and without a key, in mid-transfer, over
//! restarts of either side; and what those who were told of it hold to.

use artifact::{ArtifactId, HumanKey, Revocation, Target};
use consent::{Event, State};
use node::{Code, Given, Node, Request, Revoke, Revoked, WouldRevoke};
use serde_json::json;
use town::{
    Town,
    clock::BEGIN,
    puppet::{self, Person, Puppet},
};
use zeroize::Zeroizing;

async fn two_houses() -> Town {
    let town = Town::new().house("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    town
}

async fn ends(town: &Town, what: Revoke) -> Revoked {
    town.node("north").revoke(what, "no longer true").await.unwrap()
}

/// Gives a crystal to harbour and waits until it has it.
async fn given(town: &Town, n: u32) -> ArtifactId {
    let id = town.import_small("north", n).await;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for_crystal("harbour", &id).await;
    id
}

fn is_withdrawn(node: &Node, id: &ArtifactId) -> bool {
    let row = node.look().unwrap().crystal(id).unwrap();
    row.is_some_and(|row| row.withdrawn.is_some())
}

async fn signs(town: &Town) -> usize {
    let way = consent::Way::ConsentWindow;
    town.node("north").sign_revocations(Zeroizing::default(), way).await.unwrap()
}

fn stopped(town: &Town, house: &str) -> usize {
    let ended = |e: &consent::Entry| matches!(e.event, Event::Stopped { .. });
    town.journal(house).into_iter().filter(ended).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ended_is_served_no_more_and_its_taker_learns_it() {
    let town = two_houses().await;
    let id = given(&town, 1).await;
    let mut theirs = town.pair("harbour", "codex").await;
    let question = json!({ "query": "the flaky lighthouse test of the quay" });
    let found = theirs.call("recall", question.clone()).await;
    assert_eq!(found.body["hits"][0]["id"], id.to_string(), "{found:?}");

    let ended = ends(&town, Revoke::One(id.to_string())).await;
    assert_eq!((ended.receipts, ended.people, ended.unsigned), (1, 1, 1));
    assert_eq!(stopped(&town, "north"), 1);
    assert!(!is_withdrawn(town.node("harbour"), &id), "no word of it is signed yet");
    let again = town.node("north").revoke(Revoke::One(id.to_string()), "").await.unwrap_err();
    assert_eq!(again.code, Code::NotNow, "{again}");

    assert_eq!(signs(&town).await, 1);
    town.wait_for("harbour", "holds to it", |node| is_withdrawn(node, &id)).await;
    assert!(town.bytes("harbour", &id).is_some(), "a copy cannot be recalled");
    let found = theirs.call("recall", question).await;
    assert_eq!(found.body["hits"], json!([]), "{found:?}");
    let opened = theirs.call("open", json!({ "id": id.to_string() })).await;
    assert!(opened.refused && opened.text.contains("withdrawn"), "{opened:?}");
    let by_peer = |e: &consent::Entry| matches!(e.event, Event::RevokedByPeer { .. });
    assert_eq!(town.journal("harbour").into_iter().filter(by_peer).count(), 1);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_it_is_signed_at_the_next_yes() {
    let town = Town::new().house_with_pin("north").house("harbour").open().await;
    town.introduce("north", "harbour").await;
    let id = given(&town, 1).await;
    ends(&town, Revoke::Peer("harbour".to_owned())).await;
    let wrong = Zeroizing::new("not the pin".to_owned());
    let way = consent::Way::ConsentWindow;
    let refused = town.node("north").sign_revocations(wrong, way).await.unwrap_err();
    assert_eq!(refused.code, Code::PinWrong);
    assert_eq!(town.node("north").look().unwrap().due_count().unwrap(), 1, "it waits");

    // The next yes is a share with the same peer: what came before is withdrawn, this is not.
    let fresh = given(&town, 2).await;
    town.wait_for("harbour", "holds to it", |node| is_withdrawn(node, &id)).await;
    assert!(!is_withdrawn(town.node("harbour"), &fresh));
    assert_eq!(town.node("north").look().unwrap().due_count().unwrap(), 0);
    // Given anew, the very same crystal is theirs again.
    let ask = town.share("north", &id, &["harbour"]).await;
    town.allow("north", ask).await;
    town.wait_for("harbour", "has it again", |node| !is_withdrawn(node, &id)).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_to_sign_lists_what_was_ended_and_signs_just_that() {
    let town = two_houses().await;
    let north = town.node("north");
    let nothing = town.ask("north", Request::SignRevocations).await.unwrap_err();
    assert_eq!(nothing.code, Code::NotNow, "nothing was ended: {nothing}");
    let (first, second) = (given(&town, 1).await, given(&town, 2).await);
    let would = north.would_revoke(Revoke::All).unwrap();
    assert_eq!(would, WouldRevoke { receipts: 2, people: 1, asks: 0 });

    ends(&town, Revoke::One(first.to_string())).await;
    let ask = town.ask("north", Request::SignRevocations).await.unwrap();
    let (before, _) = north.prompt(&ask).unwrap();
    assert_eq!(before.text.lines().count(), 1, "{}", before.text);
    assert!(before.text.starts_with("harbour is told that this ended: “"), "{}", before.text);
    assert!(before.text.ends_with("because: no longer true"), "{}", before.text);
    assert!(
        before.to.len() == 1 && before.to[0].starts_with("harbour · paired "),
        "{:?}",
        before.to
    );

    // More was ended since the human looked: the old answer is not one to this.
    ends(&town, Revoke::One(second.to_string())).await;
    assert_eq!(town.ask("north", Request::SignRevocations).await.unwrap(), ask, "it waits already");
    let (after, _) = north.prompt(&ask).unwrap();
    assert_ne!(before.code, after.code);
    let (yes, way) = (consent::Answer::Allow, consent::Way::ConsentWindow);
    let mut given = Given::plain(ask, yes, way, before.code, Zeroizing::default());
    let refused = north.answer(given.clone()).await.map(drop).unwrap_err();
    assert_eq!(refused.code, Code::Refused, "{refused}");
    assert_eq!(north.look().unwrap().due_count().unwrap(), 2, "nothing was signed");
    given.code = after.code;
    let settled = north.answer(given).await.unwrap();
    assert_eq!(settled.what, "Signed: 2. Each is told at once, or when they connect.");
    for id in [first, second] {
        town.wait_for("harbour", "holds to it", |node| is_withdrawn(node, &id)).await;
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_to_sign_ends_when_its_endings_are_signed_otherwise() {
    let town = two_houses().await;
    let id = given(&town, 1).await;
    ends(&town, Revoke::One(id.to_string())).await;
    let state = |ask| town.node("north").look().unwrap().ask(&ask).unwrap().unwrap().state;
    let moot = town.ask("north", Request::SignRevocations).await.unwrap();
    assert_eq!(signs(&town).await, 1);
    assert!(matches!(state(moot), State::Cancelled { .. }));

    let id = given(&town, 2).await;
    ends(&town, Revoke::One(id.to_string())).await;
    let moot = town.ask("north", Request::SignRevocations).await.unwrap();
    given(&town, 3).await;
    assert!(matches!(state(moot), State::Cancelled { .. }), "another yes signed it");
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_learns_it_at_the_next_meeting_and_a_restart_forgets_nothing() {
    let mut town = two_houses().await;
    let id = given(&town, 1).await;
    let other = town.import_small("north", 2).await;
    let ask = town.share("north", &other, &["harbour"]).await;
    town.stop("harbour").await;
    town.allow("north", ask).await;
    let both = ends(&town, Revoke::All).await;
    assert_eq!((both.receipts, both.people), (2, 1), "of the second nobody was told");
    signs(&town).await;
    town.stop("north").await;
    town.start("north").await;
    town.start("harbour").await;
    town.wait_for("harbour", "holds to it", |node| is_withdrawn(node, &id)).await;
    let look = town.node("harbour").look().unwrap();
    assert!(look.head(&other).unwrap().is_none(), "never told");
    drop(look);
    // A taker that starts again still holds to it.
    town.stop("harbour").await;
    town.start("harbour").await;
    town.wait_for_link("north", "harbour").await;
    assert!(is_withdrawn(town.node("harbour"), &id));
    assert_eq!(town.left("north", &other).told, 0);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_agent_asked_for_is_ended_and_its_asks_are_withdrawn() {
    let town = two_houses().await;
    let mut agent = town.pair("north", "claude-code").await;
    let (asked, waiting) =
        (town.import_small("north", 1).await, town.import_small("north", 2).await);
    let share = |id: &ArtifactId| json!({ "id": id.to_string(), "audience": ["harbour"] });
    agent.call("request_share", share(&asked)).await;
    let ask = town.pending("north").pop().unwrap().id;
    town.allow("north", ask).await;
    let mine = given(&town, 3).await;
    agent.call("request_share", share(&waiting)).await;
    let waits = town.pending("north").pop().unwrap().id;

    let ended = ends(&town, Revoke::Agent("claude-code".to_owned())).await;
    assert_eq!((ended.receipts, ended.asks), (1, 1));
    assert!(matches!(town.state("north", &waits), State::Withdrawn { .. }));
    signs(&town).await;
    let gone = |node: &Node| node.look().unwrap().head(&asked).unwrap().is_none();
    town.wait_for("harbour", "the head is gone", gone).await;
    assert!(!is_withdrawn(town.node("harbour"), &mine), "what the human shared stays");
    let nobody = town.node("north").revoke(Revoke::Agent("nobody".to_owned()), "").await;
    assert_eq!(nobody.unwrap_err().code, Code::Invalid);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_again_while_its_end_goes_on_is_there_and_served() {
    let mut town = two_houses().await;
    let id = town.import_small("north", 1).await;
    let card = town.node("harbour").me().unwrap().card;
    let ask = town.share("north", &id, &["harbour"]).await;
    town.stop("harbour").await;
    town.allow("north", ask).await;
    let (north, human) = (town.node("north").me().unwrap(), town.human("north"));
    let way = puppet::Way::to(north.transport.as_bytes(), town.node("north").port(), human);
    let identity = puppet::Identity::of_house(town.home("harbour"), &card);
    let harbour = Puppet::enter(identity, &way).await;
    for _ in 0..4 {
        harbour.fetches(&id).await.unwrap();
        // Its bytes are let go in the background, a moment later.
        ends(&town, Revoke::One(id.to_string())).await;
        assert!(harbour.fetches(&id).await.is_err());
        let ask = town.share("north", &id, &["harbour"]).await;
        town.allow("north", ask).await;
    }
    harbour.fetches(&id).await.unwrap();
    harbour.leave().await;
    // Whatever went on has ended, and what is left is what the last receipt covers.
    let bytes = town.bytes("north", &id).unwrap();
    town.stop("north").await;
    let outbox = town.home("north").join("outbox");
    let outbox = iroh_blobs::store::fs::FsStore::load(outbox).await.unwrap();
    assert_eq!(outbox.get_bytes(iroh_blobs::Hash::new(&bytes)).await.unwrap(), bytes);
    outbox.shutdown().await.unwrap();
    town.close().await;
}

/// Text without repetition, so that nothing makes it small.
fn long_text() -> String {
    let mut text = String::from("A long note on the quay\n\n");
    for n in 0..7_000_u64 {
        let word = blake3::hash(&n.to_be_bytes()).to_hex();
        text.push_str(&word[..40]);
        text.push_str(if n % 20 == 19 { ".\n" } else { " " });
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_cut_in_the_middle_without_a_key() {
    let mut town = two_houses().await;
    let (id, _) = town.node("north").remember(long_text(), "claude-code".to_owned()).await.unwrap();
    let size = town.bytes("north", &id).unwrap().len() as u64;
    let ask = town.share("north", &id, &["harbour"]).await;
    let card = town.node("harbour").me().unwrap().card;
    town.stop("harbour").await;
    town.allow("north", ask).await;
    // Harbour's own keys, in the hands of somebody who reads slowly.
    let (north, human) = (town.node("north").me().unwrap(), town.human("north"));
    let way = puppet::Way::to(north.transport.as_bytes(), town.node("north").port(), human);
    let identity = puppet::Identity::of_house(town.home("harbour"), &card);
    let harbour = Puppet::enter(identity, &way).await;
    let slow = harbour.begins(&id, 2_048).await;
    assert!(size > 2 * 2_048, "larger than what can be on the way: {size}");
    ends(&town, Revoke::One(id.to_string())).await;
    let (came, whole) = slow.rest().await;
    assert!(!whole && came < size, "{came} of {size}");
    assert!(harbour.fetches(&id).await.is_err(), "and nothing more");
    harbour.leave().await;
    town.close().await;
}

fn revocation(by: &Person, to: HumanKey, target: Target, seq: u64) -> Vec<u8> {
    let revocation = Revocation { v: 0, target, to, reason: None, seq, iat: BEGIN };
    revocation.seal(&by.human).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_and_forged_revocations_withdraw_nothing() {
    let town = Town::new().house("north").open().await;
    let ticket = town.ticket("north").await;
    let (mallory, eve) = (Person::new(70), Person::new(90));
    let way = puppet::Way::by_ticket(&ticket, town.human("north"));
    let mut puppet = Puppet::enter(mallory.identity(), &way).await;
    let me = town.human("north");
    let body = mallory.crystal("a lighthouse");
    let (id, receipt) = (ArtifactId::of(&body), mallory.receipt(&body, me, |_| {}));
    let head = artifact::Head::of(&body).unwrap().encode().unwrap();
    puppet.has(&body).await;
    puppet.tells(&head, &receipt).await;
    town.wait_for_crystal("north", &id).await;

    let other = Target::Receipt(ArtifactId::of(b"another receipt"));
    puppet.withdraws(&[revocation(&mallory, me, other, 5)]).await;
    let kept = |node: &Node| {
        let peers = node.look().unwrap().peers().unwrap();
        peers.iter().any(|(_, row)| row.revocations_kept == 5)
    };
    town.wait_for("north", "keeps it", kept).await;
    let target = Target::Receipt(ArtifactId::of(&receipt));
    puppet.withdraws(&[revocation(&mallory, me, target, 5)]).await;
    town.wait_for_refusal("north", "stale", 1).await;
    assert!(!is_withdrawn(town.node("north"), &id), "a number that was used");
    puppet.withdraws(&[revocation(&eve, me, target, 6)]).await;
    town.wait_for_refusal("north", "not-theirs", 1).await;
    assert!(!is_withdrawn(town.node("north"), &id), "signed by somebody else");
    assert_eq!(puppet.ended().await, u64::from(session::Code::Violation.number()));
    puppet.leave().await;
    town.close().await;
}
