//! What a receiver is given, and what it answers: the order of its checks, and each one failing
//! alone. `north` gives, `harbour` receives.

use super::{
    exchange,
    format::ArrivalCase,
    people::{
        HOUR, NOON, base, card, crystal, humans, key, public, public_receipt, receipt, sealed,
    },
    raw::Raw,
};
use artifact::{
    Act, ArtifactId, Audience, Card, Crystal, Grant, Head, KeyProtection, Kind, Outcome, Receipt,
    Revocation, Secret, Target,
};

/// A delivery with nothing wrong.
fn good() -> ArrivalCase {
    let delivered = sealed(Kind::Crystal, &base(Kind::Crystal));
    ArrivalCase {
        name: "good".to_owned(),
        card: sealed(Kind::Card, &base(Kind::Card)).into(),
        earlier: Vec::new(),
        receipt: receipt(&delivered).seal(&key("north human")).unwrap().into(),
        head: Head::of(&delivered).unwrap().encode().unwrap().into(),
        delivered: delivered.into(),
        me: public::<()>("harbour human").as_bytes().into(),
        now: NOON + 1,
        floor: KeyProtection::File,
        grant: None,
        revocations: Vec::new(),
        verdict: "ok".to_owned(),
    }
}

/// The good delivery with another receipt.
fn with_receipt(change: impl FnOnce(&mut Receipt)) -> ArrivalCase {
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
) -> ArrivalCase {
    let mut case = good();
    let mut crystal = crystal();
    change(&mut crystal);
    let delivered = crystal.seal(author).unwrap();
    case.receipt = receipt(&delivered).seal(&key("north human")).unwrap().into();
    case.head = Head::of(&delivered).unwrap().encode().unwrap().into();
    case.delivered = delivered.into();
    case
}

fn with_card(change: impl FnOnce(&mut Card)) -> ArrivalCase {
    let mut card = card("north");
    change(&mut card);
    let sealed = card.seal(&key("north human"), &key("north author"), &key("north transport"));
    ArrivalCase { card: sealed.unwrap().into(), ..good() }
}

pub(crate) fn arrivals() -> Vec<ArrivalCase> {
    let mut cases = Vec::new();
    let mut add = |name: &str, verdict: &str, case: ArrivalCase| {
        cases.push(ArrivalCase { name: name.to_owned(), verdict: verdict.to_owned(), ..case });
    };
    accepted(&mut add);
    chain(&mut add);
    after_another_card(&mut add);
    receipts(&mut add);
    bytes(&mut add);
    under_a_grant(&mut add);
    withdrawn(&mut add);
    order(&mut add);
    cases
}

type Add<'a> = dyn FnMut(&str, &str, ArrivalCase) + 'a;

fn accepted(add: &mut Add<'_>) {
    add("good", "ok", good());
    let to_all = |case: ArrivalCase| {
        let receipt = public_receipt(&case.delivered.0).seal(&key("north human")).unwrap();
        ArrivalCase { receipt: receipt.into(), ..case }
    };
    let stranger = public::<()>("stranger human").as_bytes().into();
    add("good: public, for a stranger", "ok", ArrivalCase { me: stranger, ..to_all(good()) });
    let last = |case| ArrivalCase { now: NOON + HOUR - 1, ..case };
    let ends = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    add("good: a millisecond before its end", "ok", last(ends));
    let ahead = ArrivalCase { now: NOON - 10 * 60 * 1_000, ..good() };
    add("good: signed ten minutes ahead", "ok", ahead);
    let strict = ArrivalCase { floor: KeyProtection::Pin, ..good() };
    add("good: the strictest floor", "ok", strict);
    let begins = with_card(|c| c.iat = NOON);
    add("good: the card begins with the receipt", "ok", begins);
    let over = ArrivalCase { now: NOON + 2 * HOUR, ..with_card(|c| c.exp = NOON + HOUR) };
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
    let card = ArrivalCase { card: good().receipt, ..good() };
    add("a receipt in place of the card", "card:wrong-kind", card);
    let island = card_of("island");
    add("another human's card", "not-theirs", ArrivalCase { card: island.into(), ..good() });
    let ended = with_card(|c| c.exp = NOON);
    add("the card ended with the receipt's time", "card-expired", ended);
    let later = with_card(|c| c.iat = NOON + 1);
    add("the card begins after the receipt", "card-expired", later);
}

/// The giver's card followed others, which the receiver has seen.
fn after_another_card(add: &mut Add<'_>) {
    let next = |author: &str, seq, iat| {
        let author = key(author);
        let card = Card { author: author.public(), seq, iat, ..card("north") };
        card.seal(&key("north human"), &author, &key("north transport")).unwrap()
    };
    let begun = card("north").iat;
    let rotated = || ArrivalCase { card: next("north next author", 2, begun).into(), ..good() };
    let seen = |card: Vec<u8>, case| ArrivalCase { earlier: vec![card.into()], ..case };
    let first = || next("north author", 1, begun);
    add("good: an earlier card names the author", "ok", seen(first(), rotated()));
    add("no earlier card was seen", "wrong-author", rotated());
    let twin = seen(next("north author", 2, begun), rotated());
    add("another card of the same number is no earlier one", "wrong-author", twin);
    add("an earlier card of somebody else", "wrong-author", seen(card_of("island"), rotated()));
    let renewed = || ArrivalCase { card: next("north author", 2, NOON + 1).into(), ..good() };
    add("good: an earlier card was valid then", "ok", seen(first(), renewed()));
    let both = seen(next("north author", 1, NOON + 1), renewed());
    add("no card was valid then", "card-expired", both);
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
    let by_author = ArrivalCase { receipt: wrapped.into(), ..good() };
    add("signed by author_key", "not-theirs", by_author);
    let early = ArrivalCase { now: NOON - 10 * 60 * 1_000 - 1, ..good() };
    add("signed more than ten minutes ahead", "from-the-future", early);
    let ends = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    add("at its end", "expired", ArrivalCase { now: NOON + HOUR, ..ends.clone() });
    add("long after its end", "expired", ArrivalCase { now: NOON + 900 * HOUR, ..ends });
    let stranger = public::<()>("stranger human").as_bytes().into();
    add("for others", "not-for-me", ArrivalCase { me: stranger, ..good() });
    let author = public::<()>("harbour author").as_bytes().into();
    add("for my human_key, not my author_key", "not-for-me", ArrivalCase { me: author, ..good() });
    let island = with_receipt(|r| r.aud = Audience::Peers(humans(&["island"])));
    add("for one other", "not-for-me", island);
    let children = with_receipt(|r| r.obj.children = Some(vec![ArtifactId::of(b"one")]));
    add("an act over children", "wrong-act", children);
    let kept = |how| with_receipt(move |r| r.key_protection = how);
    let demand = |floor, case| ArrivalCase { floor, ..case };
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
    let swapped = ArrivalCase { delivered: other.delivered.clone(), ..good() };
    add("another crystal of the same giver", "wrong-bytes", swapped);
    add("the head of another crystal", "wrong-head", ArrivalCase { head: other.head, ..good() });
    let head = Raw::parse(&good().head.0);
    let with_head = |head: Raw| ArrivalCase { head: head.write().into(), ..good() };
    let title = head.with("title", Raw::text("Something else"));
    add("a head with another title", "wrong-head", with_head(title));
    let outcome = Raw::of(&Outcome::Failed);
    add("a head with another outcome", "wrong-head", with_head(head.with("outcome", outcome)));
    add("a head with another size", "wrong-head", with_head(head.with("size", Raw::Uint(9))));
    let empty = head.with("title", Raw::text(""));
    add("a head without a title", "artifact:bad-field:title", with_head(empty));
    let size = with_receipt(|r| r.obj.size += 1);
    let told = head.with("size", Raw::Uint(size.delivered.0.len() as u64 + 1)).write().into();
    add("a size that is not that of the bytes", "wrong-bytes", ArrivalCase { head: told, ..size });
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

/// The good delivery under `north`'s grant, which is changed, as its receipt is, before it is
/// signed.
fn granted(grant: impl FnOnce(&mut Grant), change: impl FnOnce(&mut Receipt)) -> ArrivalCase {
    let mut case = good();
    let mut rule = exchange::grant();
    grant(&mut rule);
    let rule = rule.seal(&key("north human")).unwrap();
    let mut receipt = receipt(&case.delivered.0);
    receipt.grant = Some(ArtifactId::of(&rule));
    change(&mut receipt);
    case.receipt = receipt.seal_under(&key("north rule")).unwrap().into();
    case.grant = Some(rule.into());
    case
}

fn under_a_grant(add: &mut Add<'_>) {
    add("good: under a grant", "ok", granted(|_| {}, |_| {}));
    let one = granted(|_| {}, |r| r.aud = Audience::Peers(humans(&["harbour"])));
    add("good: under a grant, for fewer people", "ok", one);
    add("good: as the grant begins", "ok", granted(|g| g.iat = NOON, |_| {}));
    add("good: a millisecond before the grant ends", "ok", granted(|g| g.until = NOON + 1, |_| {}));
    let later = |case: ArrivalCase| ArrivalCase { now: NOON + 9 * HOUR, ..case };
    add("good: the grant has ended since", "ok", later(granted(|_| {}, |_| {})));
    add("good: under a grant, a version that supersedes", "ok", successor());

    let missing = ArrivalCase { grant: None, ..granted(|_| {}, |_| {}) };
    add("the grant did not come", "unknown-grant", missing);
    let extra = ArrivalCase { grant: granted(|_| {}, |_| {}).grant, ..good() };
    add("a grant that the receipt does not name", "unknown-grant", extra);
    let other = granted(|g| g.until += 1, |_| {}).grant;
    let swapped = ArrivalCase { grant: other, ..granted(|_| {}, |_| {}) };
    add("another grant of the same human", "unknown-grant", swapped);
    let mut flipped = granted(|_| {}, |_| {});
    let bytes = &mut flipped.grant.as_mut().unwrap().0;
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    add("a bit of the grant's signature is flipped", "grant:bad-signature", flipped);
    let kind = ArrivalCase { grant: Some(good().card), ..granted(|_| {}, |_| {}) };
    add("a card in place of the grant", "grant:wrong-kind", kind);
    signed_by_others(add);

    let outside = "outside-grant";
    add("signed before the grant", outside, granted(|g| g.iat = NOON + 1, |_| {}));
    add("signed as the grant ends", outside, granted(|g| g.until = NOON, |_| {}));
    let narrow = |g: &mut Grant| g.aud = Audience::Peers(humans(&["harbour"]));
    add("for more people than the grant names", outside, granted(narrow, |_| {}));
    let public = |r: &mut Receipt| {
        (r.act, r.aud) = (Act::SharePublic, Audience::Public);
    };
    add("public under a grant", outside, granted(|_| {}, public));
    let line = |g: &mut Grant| g.line = ArtifactId::of(b"another line");
    add("of another line", outside, granted(line, |_| {}));
    let mut early = granted(|_| {}, |_| {});
    early.card = with_card(|c| c.iat = NOON - 1).card;
    add("the card begins after the grant", "card-expired", early);
}

/// A crystal that supersedes the one the grant was made for.
fn successor() -> ArrivalCase {
    let line = ArtifactId::of(&good().delivered.0);
    let mut case = with_crystal(|c| c.supersedes = Some(line), &key("north author"));
    let rule = exchange::grant().seal(&key("north human")).unwrap();
    let mut receipt = receipt(&case.delivered.0);
    receipt.grant = Some(ArtifactId::of(&rule));
    case.receipt = receipt.seal_under(&key("north rule")).unwrap().into();
    case.grant = Some(rule.into());
    case
}

fn signed_by_others(add: &mut Add<'_>) {
    let island = exchange::grant().seal(&key("island human")).unwrap();
    let mut foreign = good();
    let mut consent = receipt(&foreign.delivered.0);
    consent.grant = Some(ArtifactId::of(&island));
    foreign.receipt = consent.seal_under(&key("north rule")).unwrap().into();
    foreign.grant = Some(island.into());
    add("a grant of another human", "not-theirs", foreign);
    let mut case = granted(|_| {}, |_| {});
    let mut consent = receipt(&case.delivered.0);
    consent.grant = case.grant.as_ref().map(|grant| ArtifactId::of(&grant.0));
    case.receipt = consent.seal_under(&key("island rule")).unwrap().into();
    add("signed by another rule_key", "not-theirs", case.clone());
    case.receipt = consent.seal(&key("north human")).unwrap().into();
    add("under a grant, signed by human_key", "not-theirs", case);
}

/// The case with `north`'s revocation of `target`, signed at `iat`, beside it.
fn revoked(mut case: ArrivalCase, target: Target, iat: u64) -> ArrivalCase {
    let revocation = Revocation { target, iat, ..exchange::revocation() };
    case.revocations.push(revocation.seal(&key("north human")).unwrap().into());
    case
}

fn withdrawn(add: &mut Add<'_>) {
    let id_of = |case: &ArrivalCase| ArtifactId::of(&case.receipt.0);
    let this = id_of(&good());
    let other = Target::Receipt(ArtifactId::of(b"another receipt"));
    add("revoked", "revoked", revoked(good(), Target::Receipt(this), NOON));
    let before = revoked(good(), Target::Receipt(this), NOON - HOUR);
    add("revoked, says its time, before it was given", "revoked", before);
    add("good: another receipt was revoked", "ok", revoked(good(), other, NOON));
    add("all was revoked as it was given", "revoked", revoked(good(), Target::All, NOON));
    add("good: all was revoked before", "ok", revoked(good(), Target::All, NOON - 1));
    let second = revoked(revoked(good(), other, NOON), Target::All, NOON + HOUR);
    add("the second of two revocations", "revoked", second);
    let rule = || granted(|_| {}, |_| {});
    let grant = Target::Grant(ArtifactId::of(&rule().grant.unwrap().0));
    add("its grant was revoked", "revoked", revoked(rule(), grant, NOON));
    let unlike = Target::Grant(ArtifactId::of(b"another grant"));
    add("good: another grant was revoked", "ok", revoked(rule(), unlike, NOON));
    add("good: a grant was revoked, this has none", "ok", revoked(good(), unlike, NOON));
    let all = revoked(rule(), Target::All, NOON - HOUR);
    add("all was revoked between its grant and its signature", "revoked", all);
    let earlier = revoked(rule(), Target::All, NOON - HOUR - 1);
    add("good: all was revoked before its grant", "ok", earlier);
}

/// Two faults at once: the earlier check answers.
fn order(add: &mut Add<'_>) {
    let both = |case: ArrivalCase| revoked(case, Target::All, NOON);
    let ended = with_receipt(|r| r.lim.until = Some(NOON + HOUR));
    let ended = ArrivalCase { now: NOON + HOUR, ..ended };
    add("expired and revoked", "expired", both(ended.clone()));
    let stranger = public::<()>("stranger human").as_bytes().into();
    let stranger = ArrivalCase { me: stranger, ..ended };
    add("expired and for others", "expired", stranger);
    let unknown = ArrivalCase { grant: None, ..granted(|_| {}, |_| {}) };
    add("revoked and under a grant that did not come", "unknown-grant", both(unknown));
    let outside = granted(|g| g.until = NOON, |_| {});
    add("revoked and outside its grant", "outside-grant", both(outside.clone()));
    let stranger = public::<()>("stranger human").as_bytes().into();
    add(
        "outside its grant and for others",
        "outside-grant",
        ArrivalCase { me: stranger, ..outside },
    );
    let mut other_line = granted(|g| g.line = ArtifactId::of(b"another line"), |_| {});
    other_line.delivered.0[40] ^= 1;
    add("of another line and tampered with", "outside-grant", other_line);
    let mut weak = both(with_receipt(|r| r.key_protection = KeyProtection::File));
    weak.floor = KeyProtection::Pin;
    add("revoked and kept too weakly", "revoked", weak.clone());
    weak.revocations.clear();
    weak.delivered.0[40] ^= 1;
    add("kept too weakly and tampered with", "weak-custody", weak);
    let mut both = good();
    both.head = both.receipt.clone();
    both.delivered.0[40] ^= 1;
    add("no head and tampered with", "artifact:malformed", both);
}
