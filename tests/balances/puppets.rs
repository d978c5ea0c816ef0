//! Takers that do not sign, or sign what is not so: each is shown, none holds anything up, and
//! nothing of theirs takes more room than they were served.

use super::{balance, given, page};
use artifact::{
    ArtifactId, Author, AuthorKey, Countersign, Delivery, Human, HumanKey, Secret, UnixMillis,
};
use consent::Event;
use node::Sum;
use serde_bytes::ByteBuf;
use session::{Code, Diverged, Message, Signed};
use store::Store;
use town::{
    Town,
    clock::{BEGIN, DAY},
    puppet::{Person, Puppet, Way},
};

/// North, and eve who fetches and says what she likes.
struct Scene {
    town: Town,
    eve: Person,
    way: Way,
    puppet: Puppet,
}

impl Scene {
    async fn new() -> Self {
        let town = Town::new().house("north").open().await;
        let ticket = town.ticket("north").await;
        let eve = Person::new(70);
        let way = Way::by_ticket(&ticket, town.human("north"));
        let puppet = Puppet::enter(eve.identity(), &way).await;
        Self { town, eve, way, puppet }
    }

    /// North shares another crystal with eve.
    async fn shares(&self, n: u32) -> ArtifactId {
        let id = self.town.import_small("north", n).await;
        let ask = self.town.share("north", &id, &["puppet-70"]).await;
        self.town.allow("north", ask).await;
        id
    }

    /// North shares, and eve fetches it whole.
    async fn serves(&self, n: u32) -> (ArtifactId, u64) {
        let id = self.shares(n).await;
        let bytes = self.puppet.fetches(&id).await.unwrap();
        (id, bytes.len() as u64)
    }

    /// A delivery receipt that says so, changed by `bend`.
    fn signs(
        &self,
        (artifact, size): (ArtifactId, u64),
        (count, bytes_total): (u64, u64),
        bend: impl FnOnce(&mut Delivery),
    ) -> Vec<u8> {
        let mut delivery = Delivery {
            v: 0,
            artifact,
            size,
            giver: self.town.human("north"),
            taker: self.eve.human.public(),
            session: 1,
            count,
            bytes_total,
            iat: BEGIN,
        };
        bend(&mut delivery);
        delivery.seal(&self.eve.author).unwrap()
    }

    async fn says(&mut self, envelope: &[u8]) -> Message {
        let envelope = ByteBuf::from(envelope);
        self.puppet.settles(&Message::Delivery(Signed { envelope })).await;
        self.puppet.settled().await
    }

    fn author(&self) -> AuthorKey {
        self.town.node("north").me().unwrap().author
    }

    /// How often north's journal says that books differ.
    fn flagged(&self) -> usize {
        let differs = |e: &consent::Entry| matches!(e.event, Event::Diverged { .. });
        self.town.journal("north").iter().filter(|e| differs(e)).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_signs_is_served_and_shown_as_unacknowledged() {
    let scene = Scene::new().await;
    let (one, first) = scene.serves(1).await;
    let (_, second) = scene.serves(2).await;
    let both = Sum { count: 2, bytes: first + second };
    let open = |node: &node::Node| given(node, "puppet-70").unacknowledged == both;
    scene.town.wait_for("north", "says that nobody signed", open).await;
    let side = given(scene.town.node("north"), "puppet-70");
    assert_eq!((side.all, side.countersigned), (both, Sum::default()));
    let rows = page(&scene.town, "north", "puppet-70", "given").await.rows;
    let row = rows.iter().find(|row| row.artifact == one.to_string()).unwrap();
    assert_eq!(
        (row.signed.as_str(), row.delivery.as_str(), row.size),
        ("unacknowledged", "", first)
    );
    assert_eq!(row.receipts.len(), 1, "the consent it was served under");
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_receipt_gets_the_same_answer_and_another_for_the_same_body_none() {
    let mut scene = Scene::new().await;
    let body = scene.serves(1).await;
    let envelope = scene.signs(body, (1, body.1), |_| {});
    let Message::Countersign(reply) = scene.says(&envelope).await else { panic!("no countersign") };
    let (opened, signer) = Countersign::open(&reply.envelope).unwrap();
    assert_eq!((opened.payload.delivery, signer), (ArtifactId::of(&envelope), scene.author()));
    assert_eq!(scene.says(&envelope).await, Message::Countersign(reply));
    // A second one that would follow from the book, for what was counted already.
    let again = scene.signs(body, (2, 2 * body.1), |_| {});
    let book = Diverged { delivery: ArtifactId::of(&again), count: 1, bytes_total: body.1 };
    assert_eq!(scene.says(&again).await, Message::Diverged(book));
    let side = given(scene.town.node("north"), "puppet-70");
    let once = Sum { count: 1, bytes: body.1 };
    assert_eq!((side.all, side.countersigned, side.diverged), (once, once, once));
    // However many she makes up, they take no more room.
    for n in 3..20 {
        let more = scene.signs(body, (n, n * body.1), |delivery| delivery.iat += n);
        assert!(matches!(scene.says(&more).await, Message::Diverged(_)));
    }
    assert_eq!(balance(scene.town.node("north"), "puppet-70").given.len(), 2);
    assert_eq!(scene.flagged(), 1);
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_that_differ_are_shown_with_both_and_only_that_one_is_flagged() {
    let mut scene = Scene::new().await;
    let (one, two, three) = (scene.serves(1).await, scene.serves(2).await, scene.serves(3).await);
    let first = scene.signs(one, (1, one.1), |_| {});
    assert!(matches!(scene.says(&first).await, Message::Countersign(_)));
    let claim = (5, one.1 + two.1 + 1_000);
    let odd = scene.signs(two, claim, |_| {});
    let book = Diverged { delivery: ArtifactId::of(&odd), count: 1, bytes_total: one.1 };
    assert_eq!(scene.says(&odd).await, Message::Diverged(book));
    assert_eq!(scene.says(&odd).await, Message::Diverged(book), "and again the same");
    let next = scene.signs(three, (claim.0 + 1, claim.1 + three.1), |_| {});
    assert!(matches!(scene.says(&next).await, Message::Countersign(_)), "it agrees again");
    assert_eq!(scene.flagged(), 1);

    let query = wire::Query::Balances {};
    let view = scene.town.gate("north").view(wire::Face::MainWindow, query).await.unwrap();
    let wire::View::Balances(view) = view else { panic!("no balances") };
    let eve = &view.peers[0];
    assert_eq!((eve.given.countersigned.count, eve.given.diverged.count), (2, 1));
    let [line] = eve.differing.as_slice() else { panic!("{:?}", eve.differing) };
    assert_eq!(line.delivery, ArtifactId::of(&odd).to_string());
    assert_eq!((line.count, line.bytes_total), claim);
    let book = line.book.as_ref().unwrap();
    assert_eq!((book.count, book.bytes), (1, one.1), "what north had counted");
    scene.puppet.leave().await;
    scene.town.close().await;
}

/// What is refused ends the session with `violation`, and is kept nowhere.
async fn refused(why: &str, envelope: impl AsyncFnOnce(&Scene) -> Vec<u8>) {
    let mut scene = Scene::new().await;
    let envelope = ByteBuf::from(envelope(&scene).await);
    scene.puppet.settles(&Message::Delivery(Signed { envelope })).await;
    assert_eq!(scene.puppet.ended().await, u64::from(Code::Violation.number()), "{why}");
    scene.town.wait_for_refusal("north", why, 1).await;
    let kept = balance(scene.town.node("north"), "puppet-70").given;
    assert!(kept.iter().all(|entry| entry.row.is_none()), "{why}: {kept:?}");
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_for_what_was_never_served_is_refused() {
    refused("not-served", async |scene| {
        let id = scene.shares(1).await;
        let size = scene.town.bytes("north", &id).unwrap().len() as u64;
        scene.signs((id, size), (1, size), |_| {})
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_store_forgot_is_excused_and_nothing_that_came_after() {
    let mut scene = Scene::new().await;
    let id = scene.shares(1).await;
    let size = scene.town.bytes("north", &id).unwrap().len() as u64;
    let eve = scene.eve.human.public();
    scene.puppet.leave().await;
    scene.town.stop("north").await;
    let store = Store::open(scene.town.home("north")).unwrap();
    // Yesterday it was seen that eve holds more than this store ever told.
    let seen = |change: &mut store::Change<'_>| change.put_older(&eve, BEGIN - DAY);
    store.change(seen).unwrap();
    drop(store);
    scene.town.start("north").await;
    scene.puppet = Puppet::enter(scene.eve.identity(), &scene.way).await;
    let before = scene.signs((id, size), (1, size), |delivery| delivery.iat = BEGIN - DAY);
    assert!(matches!(scene.says(&before).await, Message::Diverged(_)));
    let after = scene.signs((id, size), (1, size), |_| {});
    let envelope = ByteBuf::from(after);
    scene.puppet.settles(&Message::Delivery(Signed { envelope })).await;
    assert_eq!(scene.puppet.ended().await, u64::from(Code::Violation.number()));
    scene.town.wait_for_refusal("north", "not-served", 1).await;
    scene.puppet.leave().await;
    scene.town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_another_size_is_refused() {
    refused("not-served", async |scene| {
        let (id, size) = scene.serves(1).await;
        scene.signs((id, size + 1), (1, size + 1), |_| {})
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_about_other_people_is_refused() {
    let other = HumanKey::from_bytes(*Secret::<Human>::from_seed(&[3; 32]).public().as_bytes());
    refused("not-us", async |scene| {
        let body = scene.serves(1).await;
        scene.signs(body, (1, body.1), |delivery| delivery.giver = other)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_another_author_signed_is_refused() {
    refused("not-theirs", async |scene| {
        let (artifact, size) = scene.serves(1).await;
        let iat: UnixMillis = BEGIN;
        let (giver, taker) = (scene.town.human("north"), scene.eve.human.public());
        let (session, count, bytes_total) = (1, 1, size);
        let delivery =
            Delivery { v: 0, artifact, size, giver, taker, session, count, bytes_total, iat };
        delivery.seal(&Secret::<Author>::from_seed(&[9; 32])).unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_instead_of_a_receipt_is_refused() {
    refused("delivery", async |_| b"noise".to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_countersignature_for_nothing_is_refused() {
    let mut scene = Scene::new().await;
    let delivery = ArtifactId::of(b"nothing that north ever signed");
    let envelope = Countersign { v: 0, delivery, iat: BEGIN }.seal(&scene.eve.author).unwrap();
    let envelope = ByteBuf::from(envelope);
    scene.puppet.settles(&Message::Countersign(Signed { envelope })).await;
    assert_eq!(scene.puppet.ended().await, u64::from(Code::Violation.number()));
    scene.town.wait_for_refusal("north", "other-delivery", 1).await;
    scene.puppet.leave().await;
    scene.town.close().await;
}
