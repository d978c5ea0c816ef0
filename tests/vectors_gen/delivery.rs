//! What a receiver is given, and what it answers: the order of its checks, and each one failing
//! alone. `north` gives, `harbour` receives.

use super::{
    format::DeliveryCase,
    people::{
        HOUR, NOON, base, card, crystal, humans, key, public, public_receipt, receipt, sealed,
    },
    raw::Raw,
};
use artifact::{
    ArtifactId, Audience, Card, Crystal, Head, KeyProtection, Kind, Outcome, Receipt, Secret,
};

/// A delivery with nothing wrong.
fn good() -> DeliveryCase {
    let delivered = sealed(Kind::Crystal, &base(Kind::Crystal));
    DeliveryCase {
        name: "good".to_owned(),
        card: sealed(Kind::Card, &base(Kind::Card)).into(),
        receipt: receipt(&delivered).seal(&key("north human")).unwrap().into(),
        head: Head::of(&delivered).unwrap().encode().unwrap().into(),
        delivered: delivered.into(),
        me: public::<()>("harbour human").as_bytes().into(),
        now: NOON + 1,
        floor: KeyProtection::File,
        revoked: false,
        verdict: "ok".to_owned(),
    }
}

/// The good delivery with another receipt.
fn with_receipt(change: impl FnOnce(&mut Receipt)) -> DeliveryCase {
    let mut case = good();
    let mut receipt = receipt(&case.delivered.0);
    change(&mut receipt);
    case.receipt = receipt.seal(&key("north human")).unwrap().into();
    case
}

/// The good delivery of another crystal, its receipt and head made for it.
fn with_crystal(
    change: impl FnOnce(&mut Crystal),
    author: &Secret<artifact::Author>,
) -> DeliveryCase {
    let mut case = good();
    let mut crystal = crystal();
    change(&mut crystal);
    let delivered = crystal.seal(author).unwrap();
    case.receipt = receipt(&delivered).seal(&key("north human")).unwrap().into();
    case.head = Head::of(&delivered).unwrap().encode().unwrap().into();
    case.delivered = delivered.into();
    case
}

fn with_card(change: impl FnOnce(&mut Card)) -> DeliveryCase {
    let mut card = card("north");
    change(&mut card);
    let sealed = card.seal(&key("north human"), &key("north author"), &key("north transport"));
    DeliveryCase { card: sealed.unwrap().into(), ..good() }
}

pub(crate) fn deliveries() -> Vec<DeliveryCase> {
    let mut cases = Vec::new();
    let mut add = |name: &str, verdict: &str, case: DeliveryCase| {
        cases.push(DeliveryCase { name: name.to_owned(), verdict: verdict.to_owned(), ..case });
    };
    accepted(&mut add);
    chain(&mut add);
    receipts(&mut add);
    bytes(&mut add);
    order(&mut add);
    cases
}

type Add<'a> = dyn FnMut(&str, &str, DeliveryCase) + 'a;

fn accepted(add: &mut Add<'_>) {
    add("good", "ok", good());
    let to_all = |case: DeliveryCase| {
        let receipt = public_receipt(&case.delivered.0).seal(&key("north human")).unwrap();
        DeliveryCase { receipt: receipt.into(), ..case }
    };
    let stranger = public::<()>("stranger human").as_bytes().into();
    add("good: public, for a stranger", "ok", DeliveryCase { me: stranger, ..to_all(good()) });
    let last = |case| DeliveryCase { now: NOON + HOUR - 1, ..case };
    let ends = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    add("good: a millisecond before its end", "ok", last(ends));
    let ahead = DeliveryCase { now: NOON - 10 * 60 * 1_000, ..good() };
    add("good: signed ten minutes ahead", "ok", ahead);
    let strict = DeliveryCase { floor: KeyProtection::Pin, ..good() };
    add("good: the strictest floor", "ok", strict);
    let begins = with_card(|c| c.iat = NOON);
    add("good: the card begins with the receipt", "ok", begins);
    let over = DeliveryCase { now: NOON + 2 * HOUR, ..with_card(|c| c.exp = NOON + HOUR) };
    add("good: the card ended since", "ok", over);
}

fn chain(add: &mut Add<'_>) {
    let mut flipped = good();
    *flipped.card.0.last_mut().unwrap() ^= 1;
    add("the card is of no known type", "card:unknown-type", flipped);
    let mut flipped = good();
    let at = flipped.card.0.len() - 60;
    flipped.card.0[at] ^= 1;
    add("a bit of the card's signature is flipped", "card:bad-signature", flipped);
    let card = DeliveryCase { card: good().receipt, ..good() };
    add("a receipt in place of the card", "card:wrong-kind", card);
    let island = card_of("island");
    add("another human's card", "not-theirs", DeliveryCase { card: island.into(), ..good() });
    let ended = with_card(|c| c.exp = NOON);
    add("the card ended with the receipt's time", "card-expired", ended);
    let later = with_card(|c| c.iat = NOON + 1);
    add("the card begins after the receipt", "card-expired", later);
}

fn card_of(who: &str) -> Vec<u8> {
    let secret = |role: &str| format!("{who} {role}");
    let (human, author) = (key(&secret("human")), key(&secret("author")));
    card(who).seal(&human, &author, &key(&secret("transport"))).unwrap()
}

fn receipts(add: &mut Add<'_>) {
    let mut flipped = good();
    let at = flipped.receipt.0.len() - 80;
    flipped.receipt.0[at] ^= 1;
    add("a bit of the receipt's signature is flipped", "receipt:bad-signature", flipped);
    let by_author = Raw::of(&receipt(&good().delivered.0));
    let t = Kind::Consent.media_type();
    let wrapped = super::people::wrap(&t, &by_author.write(), &["north author".to_owned()]).write();
    let by_author = DeliveryCase { receipt: wrapped.into(), ..good() };
    add("signed by author_key", "not-theirs", by_author);
    let early = DeliveryCase { now: NOON - 10 * 60 * 1_000 - 1, ..good() };
    add("signed more than ten minutes ahead", "from-the-future", early);
    let ends = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    add("at its end", "expired", DeliveryCase { now: NOON + HOUR, ..ends.clone() });
    add("long after its end", "expired", DeliveryCase { now: NOON + 900 * HOUR, ..ends });
    let stranger = public::<()>("stranger human").as_bytes().into();
    add("for others", "not-for-me", DeliveryCase { me: stranger, ..good() });
    let author = public::<()>("harbour author").as_bytes().into();
    add("for my human_key, not my author_key", "not-for-me", DeliveryCase { me: author, ..good() });
    let island = with_receipt(|r| r.aud = Audience::Peers(humans(&["island"])));
    add("for one other", "not-for-me", island);
    let children = with_receipt(|r| r.obj.children = Some(vec![ArtifactId::of(b"one")]));
    add("an act over children", "wrong-act", children);
    let grant = with_receipt(|r| r.grant = Some(ArtifactId::of(b"a grant")));
    add("under a rule", "unknown-grant", grant);
    add("revoked", "revoked", DeliveryCase { revoked: true, ..good() });
    let kept = |how| with_receipt(move |r| r.key_protection = how);
    let demand = |floor, case| DeliveryCase { floor, ..case };
    let keychain = demand(KeyProtection::Keychain, kept(KeyProtection::File));
    add("a file where a keychain is demanded", "weak-custody", keychain);
    let pin = demand(KeyProtection::Pin, kept(KeyProtection::Keychain));
    add("a keychain where a PIN is demanded", "weak-custody", pin);
}

fn bytes(add: &mut Add<'_>) {
    let mut tampered = good();
    tampered.delivered.0[40] ^= 1;
    add("a byte of the crystal is changed", "wrong-bytes", tampered);
    let mut short = good();
    short.delivered.0.pop();
    add("the crystal is cut short", "wrong-bytes", short);
    let other = with_crystal(|c| c.title.push('!'), &key("north author"));
    let swapped = DeliveryCase { delivered: other.delivered.clone(), ..good() };
    add("another crystal of the same giver", "wrong-bytes", swapped);
    add("the head of another crystal", "wrong-head", DeliveryCase { head: other.head, ..good() });
    let head = Raw::parse(&good().head.0);
    let with_head = |head: Raw| DeliveryCase { head: head.write().into(), ..good() };
    let title = head.with("title", Raw::text("Something else"));
    add("a head with another title", "wrong-head", with_head(title));
    let outcome = Raw::of(&Outcome::Failed);
    add("a head with another outcome", "wrong-head", with_head(head.with("outcome", outcome)));
    add("a head with another size", "wrong-head", with_head(head.with("size", Raw::Uint(9))));
    let empty = head.with("title", Raw::text(""));
    add("a head without a title", "artifact:bad-field:title", with_head(empty));
    let size = with_receipt(|r| r.obj.size += 1);
    let told = head.with("size", Raw::Uint(size.delivered.0.len() as u64 + 1)).write().into();
    add("a size that is not that of the bytes", "wrong-bytes", DeliveryCase { head: told, ..size });
    let author = with_crystal(|_| {}, &key("island author"));
    add("a crystal of another author", "wrong-author", author);
    trace(add);
}

/// A trace under a receipt: it must not pass, whoever signed for it.
fn trace(add: &mut Add<'_>) {
    let mut case = good();
    let delivered = sealed(Kind::Trace, &base(Kind::Trace));
    case.receipt = receipt(&delivered).seal(&key("north human")).unwrap().into();
    let id = Raw::Bytes(ArtifactId::of(&delivered).as_bytes().to_vec());
    let head = Raw::parse(&case.head.0).with("id", id);
    case.head = head.with("size", Raw::Uint(delivered.len() as u64)).write().into();
    case.delivered = delivered.into();
    add("a trace", "artifact:wrong-kind", case);
}

/// Two faults at once: the earlier check answers.
fn order(add: &mut Add<'_>) {
    let both = |case: DeliveryCase| DeliveryCase { revoked: true, ..case };
    let ended = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    let ended = DeliveryCase { now: NOON + HOUR, ..ended };
    add("expired and revoked", "expired", both(ended.clone()));
    let stranger = public::<()>("stranger human").as_bytes().into();
    let stranger = DeliveryCase { me: stranger, ..ended };
    add("expired and for others", "expired", stranger);
    let grant = with_receipt(|r| r.grant = Some(ArtifactId::of(b"a grant")));
    add("revoked and under a rule", "unknown-grant", both(grant));
    let mut weak = both(with_receipt(|r| r.key_protection = KeyProtection::File));
    weak.floor = KeyProtection::Pin;
    add("revoked and kept too weakly", "revoked", weak.clone());
    weak.revoked = false;
    weak.delivered.0[40] ^= 1;
    add("kept too weakly and tampered with", "weak-custody", weak);
    let mut both = good();
    both.head = both.receipt.clone();
    both.delivered.0[40] ^= 1;
    add("no head and tampered with", "artifact:malformed", both);
}
