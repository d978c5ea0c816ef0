//! The way that a receipt goes, what is acknowledged on it, and what must hold after a death.

use crate::{
    house::{Ground, House, allow, allow_for, ask, deny, says},
    people::Peer,
};
use artifact::{ArtifactId, Delivery, Receipt};
use consent::{AskId, State, Term, Way};
use door::AgentRequest;
use node::{Node, Request, Revoke};
use peer::SettleReply;
use serde::{Deserialize, Serialize};
use store::{ChangeError, Store};
use town::{laws::Books, puppet::Person};
use zeroize::Zeroizing;

/// What was acknowledged on the way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Acknowledged {
    pub asked: Option<AskId>,
    pub allowed: bool,
    /// Asked again by the agent, and signed by the rule that the answer made.
    pub by_rule: Option<AskId>,
    pub told: Vec<ArtifactId>,
    pub serving: Option<ArtifactId>,
    pub totals: bool,
    /// The countersignature of what was served.
    pub countersigned: Option<Vec<u8>>,
    pub asked_again: Option<AskId>,
    pub denied: bool,
    pub ended: bool,
    pub signed: bool,
}

impl Acknowledged {
    /// Whether it was all done.
    pub fn is_all(&self) -> bool {
        let served = self.totals && self.told.len() == 2 && self.countersigned.is_some();
        self.by_rule.is_some() && served && self.denied && self.signed
    }
}

const SESSION: u64 = 7;

/// The agent asks to share the crystal with the peer; gives the ask, and its state.
async fn wishes(node: &Node, peer: &Peer, id: &ArtifactId) -> Option<(AskId, String)> {
    let audience = vec![peer.human().to_string()];
    let wish = AgentRequest::RequestShare { id: id.to_string(), audience, reason: String::new() };
    let reply = says(node, wish).await;
    let ask = reply.body["ask"].as_str()?.parse().ok()?;
    Some((ask, reply.body["state"].as_str()?.to_owned()))
}

/// Bytes of the crystal.
fn size(node: &Node, id: &ArtifactId) -> u64 {
    node.look().unwrap().envelope(id).unwrap().unwrap().len() as u64
}

/// The peer's delivery receipt for the crystal.
fn delivery(node: &Node, peer: &Peer, id: &ArtifactId) -> Vec<u8> {
    let (size, giver) = (size(node, id), node.me().unwrap().human);
    let (taker, iat) = (peer.human(), node.clock().now());
    let (artifact, session, count, bytes_total) = (*id, SESSION, 1, size);
    let delivery =
        Delivery { v: 0, artifact, size, giver, taker, session, count, bytes_total, iat };
    delivery.seal(&Person::new(10).author).unwrap()
}

/// What the node answers the peer who signs for the crystal.
async fn countersigned(node: &Node, peer: &Peer, id: &ArtifactId) -> Option<Vec<u8>> {
    let (party, card) = (peer.party, peer.card.clone());
    let signed = delivery(node, peer, id);
    match node.toward_peers().delivered(party, card, signed).await {
        Ok(SettleReply::Countersign(envelope)) => Some(envelope),
        _ => None,
    }
}

/// The whole way of a receipt, as far as it goes, and then an ask that is denied. After each step it
/// says what was acknowledged so far.
pub async fn walk(
    node: &Node,
    peer: &Peer,
    id: &ArtifactId,
    said: impl Fn(&Acknowledged),
) -> Acknowledged {
    let asked = wishes(node, peer, id).await.map(|(ask, _)| ask);
    let mut done = Acknowledged { asked, ..Acknowledged::default() };
    said(&done);
    let Some(asked) = done.asked else { return done };
    drop(node.shown(asked, Way::ConsentWindow).await);
    done.allowed = allow_for(node, asked, Term::Day).await.is_ok();
    said(&done);
    // The answer made a rule: what is asked next is signed by its key.
    let again = wishes(node, peer, id).await.filter(|(_, state)| state == "allowed");
    done.by_rule = again.map(|(ask, _)| ask);
    said(&done);
    serve(node, peer, id, &mut done, &said).await;
    let public = Request::SharePublic { id: id.to_string() };
    done.asked_again = ask(node, public).await.ok();
    said(&done);
    if let Some(again) = done.asked_again {
        done.denied = deny(node, again).await.is_ok();
        said(&done);
    }
    done.ended = node.revoke(Revoke::All, "").await.is_ok();
    said(&done);
    let pin = Zeroizing::new(String::new());
    let signed = node.sign_revocations(pin, Way::ConsentWindow).await;
    done.signed = done.ended && signed.is_ok();
    said(&done);
    done
}

/// The peer is told, takes the bytes, and signs for them.
async fn serve(
    node: &Node,
    peer: &Peer,
    id: &ArtifactId,
    done: &mut Acknowledged,
    said: impl Fn(&Acknowledged),
) {
    let inside = node.toward_peers();
    inside.ready(peer.party, peer.card.clone()).await;
    let offers = inside.offers(peer.party, 0).await.unwrap_or_default();
    done.told = offers.iter().map(|offer| offer.receipt.id()).collect();
    said(done);
    if let Some(receipt) = inside.entitled(&peer.party, id)
        && inside.serving(&receipt, peer.party, SESSION).await.is_ok()
    {
        done.serving = Some(receipt.id());
        said(done);
        inside.served(receipt.id(), *id, peer.party, SESSION, size(node, id), true);
    }
    done.totals = node.tick().await.is_ok() && done.serving.is_some();
    said(done);
    if done.totals {
        done.countersigned = countersigned(node, peer, id).await;
        said(done);
    }
    inside.gone(peer.party, "gone");
}

/// What must hold of a node that was started again after its death.
pub async fn check(node: &Node, peer: &Peer, id: &ArtifactId, done: &Acknowledged, exported: bool) {
    let verdict = node.verify_journal().await.unwrap();
    assert!(verdict.is_ok(), "the journal: {verdict:?}");
    let mut books = Books::new("north", node.me().unwrap().human);
    books.follow(node);
    books.agree_with_the_store(node);
    books.agree_with_deliveries(node);
    let state = |ask: &AskId| node.look().unwrap().ask(ask).unwrap().map(|ask| ask.state);
    let receipts: Vec<ArtifactId> = books.receipts().map(|(id, _)| *id).collect();
    assert!(receipts.len() <= 2, "{receipts:?}");
    let by_rule = done.by_rule.as_ref();
    for ask in done.asked.as_ref().filter(|_| done.allowed).into_iter().chain(by_rule) {
        let allowed = state(ask);
        let Some(State::Allowed { receipt: Some(receipt), .. }) = allowed else {
            panic!("a grant is lost: {allowed:?}")
        };
        assert!(receipts.contains(&receipt), "the receipt of a grant is lost");
    }
    assert!(!exported || !receipts.is_empty(), "bytes lie in the outbox without a receipt");
    for receipt in &done.told {
        assert!(books.was_told(receipt, &peer.human()), "told, and not written down");
    }
    if let Some(receipt) = &done.serving {
        let announced = books.was_announced(receipt, &peer.human(), SESSION);
        assert!(announced, "served, and not written down");
        let sent = books.sent(receipt, &peer.human(), SESSION);
        assert!(
            sent == size(node, id) || (sent == 0 && !done.totals),
            "{sent} bytes were written down"
        );
    }
    if let Some(ask) = &done.asked {
        assert!(state(ask).is_some(), "an ask is lost");
    }
    if let Some(ask) = &done.asked_again {
        let state = state(ask);
        let denied = matches!(state, Some(State::Denied { .. }));
        assert!(denied || (!done.denied && state == Some(State::Pending {})), "{state:?}");
    }
    let open = node.toward_peers().entitled(&peer.party, id).is_some();
    assert_eq!(open, books.covers(id, &peer.human()), "the gate and the journal");
    assert!(!(done.ended && open), "what was ended is served again");
    let unsigned = node.look().unwrap().due_count().unwrap();
    assert!(!done.signed || unsigned == 0, "a signed revocation is lost");
}

/// How many asks of the journal were allowed.
fn allowed(node: &Node) -> usize {
    let mut books = Books::new("north", node.me().unwrap().human);
    books.follow(node);
    books.receipts().count()
}

/// Everything that can be said again is said again: each ask makes one receipt at most, no rule
/// signs any more, and what was countersigned is answered by the same bytes.
pub async fn replay(node: &Node, peer: &Peer, id: &ArtifactId, done: &Acknowledged) {
    if done.totals {
        let inside = node.toward_peers();
        inside.ready(peer.party, peer.card.clone()).await;
        let again = countersigned(node, peer, id).await;
        assert!(again.is_some(), "what was served whole is not countersigned");
        assert_eq!(again, countersigned(node, peer, id).await, "another countersignature");
        assert!(done.countersigned.is_none() || again == done.countersigned, "it is another one");
        let given = node.look().unwrap().peer(&peer.human()).unwrap().unwrap().given;
        assert_eq!((given.count, given.bytes_total), (1, size(node, id)), "it counts once");
        inside.gone(peer.party, "gone");
    }
    let before = allowed(node);
    assert!(node.look().unwrap().rules().unwrap().is_empty(), "a rule outlived its node");
    if let Some((asked, state)) = wishes(node, peer, id).await {
        assert_eq!(state, "pending", "{asked} was signed by a rule that is gone");
    }
    if let Some(ask) = done.asked {
        let waits = node.look().unwrap().ask(&ask).unwrap().unwrap().state.is_pending();
        assert_eq!(allow(node, ask).await.is_ok(), waits, "an answer counts once");
        assert!(allow(node, ask).await.is_err(), "an answer counted twice");
        assert_eq!(allowed(node), before + usize::from(waits), "one receipt for one answer");
    }
    let mut books = Books::new("north", node.me().unwrap().human);
    books.follow(node);
    let open = node.toward_peers().entitled(&peer.party, id).is_some();
    assert_eq!(open, books.covers(id, &peer.human()), "the gate and the journal");
}

/// No receipt is kept twice under one nonce, whatever was before.
pub fn replay_nonces<D: Ground>(house: &House<D>) {
    let store = Store::open_on(&house.home, house.disk.clone()).unwrap();
    for (id, row) in store.look().unwrap().receipts().unwrap() {
        let nonce = Receipt::open(&row.envelope).unwrap().0.payload.nonce;
        let again = store.change(|change| change.put_receipt(&id, &row, &nonce));
        assert!(matches!(again, Err(ChangeError::NonceSpent)), "{again:?}");
    }
}
