//! The chain: every entry round trips, and every way to tamper is found and named.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, on lists they made"
)]

use super::*;
use crate::tests::{NOW, ada, ask, bo, forged, scribe};
use crate::{AskId, Reach, State, Way, Wish};
use artifact::ArtifactId;
use proptest::prelude::*;

fn key() -> Secret<Journal> {
    Secret::from_seed(&[77; 32])
}

fn every_event() -> Vec<Event> {
    let ask = ask(scribe(), Wish::Ticket { lifetime: 5, hidden: false }, "because");
    let (id, way) = (ask.id, Way::ConsentWindow);
    let (receipt, artifact) = (ArtifactId::of(b"receipt"), ArtifactId::of(b"artifact"));
    let (peer, endpoint) = (bo().key(), bo().transport.public());
    let (name, key) = ("scribe".to_owned(), [9; 32]);
    vec![
        Event::Opened { human: ada().key(), journal: Secret::from_seed(&[77; 32]).public() },
        Event::Asked { ask: Box::new(ask) },
        Event::Shown { ask: id, way },
        Event::Allowed { ask: id, way, receipt: Some(b"whole receipt".to_vec().into()) },
        Event::Allowed { ask: id, way: Way::Terminal, receipt: None },
        Event::Denied { ask: id, way: Way::Notification },
        Event::Expired { ask: id },
        Event::Withdrawn { ask: id },
        Event::Cancelled { ask: id },
        Event::GrantFailed { ask: id, way, why: "wrong-pin".into() },
        Event::Exported { receipt, artifact },
        Event::Told { receipt, artifact, peer },
        Event::Serving { receipt, artifact, peer, session: 1 },
        Event::Served { receipt, artifact, peer, session: 1, bytes: 12_400, whole: true },
        Event::Received { artifact, peer, receipt },
        Event::Refused { peer: Some(peer), endpoint, why: "wrong-head".into() },
        Event::Refused { peer: None, endpoint, why: "receipt".into() },
        Event::Knocked { peer, endpoint },
        Event::PeerBlocked { peer: Some(peer), endpoint, why: "by-hand".into() },
        Event::PeerBlocked { peer: None, endpoint, why: "malformed".into() },
        Event::PeerUnblocked { peer: Some(peer), endpoint },
        Event::PeerUnblocked { peer: None, endpoint },
        Event::PeerLet { peer },
        Event::PeerUnlet { peer },
        Event::Stopped { receipt, peer: Some(peer) },
        Event::Stopped { receipt, peer: None },
        Event::Revoked { revocation: b"whole revocation".to_vec().into() },
        Event::RevokedByPeer { peer, revocation: b"theirs".to_vec().into() },
        Event::Diverged { peer, delivery: artifact },
        Event::ReachChanged { reach: Reach::default() },
        Event::ReachChanged {
            reach: Reach { anywhere: true, relay: Some("https://relay".into()), nearby: true },
        },
        Event::Upgraded { from: 1, to: 2 },
        Event::Restored { anchor: 9, found: 7 },
        Event::PolicyAccepted { ask: id, policy: b"whole policy".to_vec().into() },
        Event::PolicyDropped { organisation: None },
        Event::PolicyDropped { organisation: Some(Secret::from_seed(&[78; 32]).public()) },
        Event::PeerPinned { peer, endpoint, name: "north".into() },
        Event::AgentPaired { name: name.clone(), key },
        Event::AgentUnpaired { name, key },
    ]
}

/// A chain of these events, its last hash with it.
fn chain_of(events: Vec<Event>) -> (Vec<Vec<u8>>, EntryHash) {
    extend(Vec::new(), EntryHash::ZERO, events)
}

fn extend(
    mut entries: Vec<Vec<u8>>,
    mut prev: EntryHash,
    events: Vec<Event>,
) -> (Vec<Vec<u8>>, EntryHash) {
    for event in events {
        let seq = entries.len() as u64 + 1;
        let (bytes, hash) = Entry { v: 0, seq, prev, at: NOW + seq, event }.encode().unwrap();
        entries.push(bytes);
        prev = hash;
    }
    (entries, prev)
}

fn head_of(entries: &[Vec<u8>]) -> SignedHead {
    let last = entries.last().map_or(EntryHash::ZERO, |e| hash(e));
    SignedHead::seal(entries.len() as u64, last, &key()).unwrap()
}

fn verify(entries: &[Vec<u8>], head: Option<&SignedHead>) -> Result<u64, ChainError> {
    let mut chain = Chain::default();
    for entry in entries {
        chain.next(entry)?;
    }
    chain.end(head, &key().public())
}

/// Tampers with a whole journal of every event, whose head stays as it was.
fn check(tamper: impl FnOnce(&mut Vec<Vec<u8>>), want: &ChainError) {
    let (mut entries, _) = chain_of(every_event());
    let head = head_of(&entries);
    assert_eq!(verify(&entries, Some(&head)), Ok(39));
    tamper(&mut entries);
    assert_eq!(verify(&entries, Some(&head)).unwrap_err(), *want, "{want}");
}

/// The entry with other words in it and everything else as it was.
fn reworded(entry: &[u8]) -> Vec<u8> {
    let mut entry = Entry::decode(entry).unwrap();
    entry.at += 1;
    entry.encode().unwrap().0
}

#[test]
fn a_changed_entry_is_found() {
    use ChainError::{Broken, Rewritten, Unreadable};
    check(|e| e[0] = reworded(&e[0]), &Broken { seq: 2 });
    check(|e| e[9] = reworded(&e[9]), &Broken { seq: 11 });
    check(|e| e[38] = reworded(&e[38]), &Rewritten);
    check(|e| e[9].truncate(20), &Unreadable { seq: 10 });
    check(|e| e[9].clear(), &Unreadable { seq: 10 });
    check(|e| e[9].push(0), &Unreadable { seq: 10 });
}

#[test]
fn a_dropped_entry_is_found() {
    use ChainError::{Missing, Truncated};
    check(|e| drop(e.remove(0)), &Missing { expected: 1, found: 2 });
    check(|e| drop(e.remove(9)), &Missing { expected: 10, found: 11 });
    check(|e| drop(e.pop()), &Truncated { found: 38, signed: 39 });
    check(|e| e.truncate(1), &Truncated { found: 1, signed: 39 });
    check(Vec::clear, &Truncated { found: 0, signed: 39 });
}

#[test]
fn entries_in_each_others_place_are_found() {
    use ChainError::Missing;
    check(|e| e.swap(0, 1), &Missing { expected: 1, found: 2 });
    check(|e| e.swap(4, 9), &Missing { expected: 5, found: 10 });
    check(|e| e.swap(37, 38), &Missing { expected: 38, found: 39 });
    check(|e| e.insert(3, e[2].clone()), &Missing { expected: 4, found: 3 });
}

#[test]
fn a_rewritten_end_of_equal_length_is_found() {
    check(
        |entries| {
            let kept = entries[..9].to_vec();
            let prev = hash(&kept[8]);
            let other = vec![Event::Expired { ask: AskId([1; 16]) }; 30];
            *entries = extend(kept, prev, other).0;
        },
        &ChainError::Rewritten,
    );
    check(|e| *e = chain_of(vec![every_event().remove(6); 39]).0, &ChainError::Rewritten);
}

/// Or whoever writes a second beginning would sign for all that was there before.
#[test]
fn a_second_beginning_is_found() {
    check(
        |entries| {
            let prev = hash(&entries[38]);
            *entries = extend(entries.clone(), prev, vec![every_event().remove(0)]).0;
        },
        &ChainError::NotHandedOver { seq: 40 },
    );
}

#[test]
fn an_entry_that_nobody_signed_for_is_found() {
    check(
        |entries| {
            let prev = hash(&entries[38]);
            *entries = extend(entries.clone(), prev, vec![every_event().remove(5)]).0;
        },
        &ChainError::Unsigned { found: 40, signed: 39 },
    );
}

#[test]
fn an_entry_of_another_version_is_not_read() {
    check(
        |entries| {
            let mut last = Entry::decode(&entries[38]).unwrap();
            last.v = 1;
            entries[38] = last.encode().unwrap().0;
        },
        &ChainError::Unreadable { seq: 39 },
    );
}

#[test]
fn a_head_that_is_not_this_nodes_is_found() {
    let (entries, last) = chain_of(every_event());
    let check = |head: Option<&SignedHead>| {
        assert_eq!(verify(&entries, head), Err(ChainError::BadHead));
    };
    check(None);
    check(Some(&SignedHead(Vec::new())));
    let others = SignedHead::seal(39, last, &Secret::from_seed(&[78; 32])).unwrap();
    check(Some(&others));
    check(Some(&SignedHead(forged(&head_of(&entries).0))));
    // The right key over something else than a head.
    check(Some(&SignedHead(ada().card().envelope().to_vec())));
    let (short, _) = chain_of(every_event()[..38].to_vec());
    let cut = ChainError::Truncated { found: 38, signed: 39 };
    assert_eq!(verify(&short, Some(&head_of(&entries))), Err(cut));
}

#[test]
fn a_head_signs_one_end_only() {
    let (entries, last) = chain_of(every_event());
    let head = head_of(&entries);
    let key = key().public();
    assert!(head.signs(39, last, &key));
    assert!(!head.signs(38, last, &key));
    assert!(!head.signs(39, hash(b"other"), &key));
    assert!(!head.signs(39, last, &Secret::from_seed(&[78; 32]).public()));
    assert!(!SignedHead(Vec::new()).signs(39, last, &key));
}

#[test]
fn no_head_names_an_end_that_cannot_be() {
    assert!(SignedHead::seal(0, hash(b"something"), &key()).is_err());
    assert!(SignedHead::seal(3, EntryHash::ZERO, &key()).is_err());
}

#[test]
fn an_empty_journal_is_whole_with_its_head_or_before_the_first() {
    assert_eq!(verify(&[], None), Ok(0));
    assert_eq!(verify(&[], Some(&head_of(&[]))), Ok(0));
}

#[test]
fn every_event_survives_its_entry() {
    let mut words = std::collections::BTreeSet::new();
    for (n, event) in every_event().into_iter().enumerate() {
        words.insert(event.word());
        let entry = Entry { v: 0, seq: n as u64 + 1, prev: EntryHash::ZERO, at: NOW, event };
        let (bytes, named) = entry.encode().unwrap();
        assert_eq!(Entry::decode(&bytes).unwrap(), entry);
        assert_eq!(named, hash(&bytes));
        // The word in lists is the word in the file.
        let word = entry.event.word();
        let named = bytes.windows(word.len()).any(|w| w == word.as_bytes());
        assert!(named, "{word} does not stand in its entry");
    }
    assert_eq!(words.len(), 32, "{words:?}");
}

#[test]
fn an_entry_has_a_largest_size() {
    let entry = |why: usize| {
        let mut ask = ask(scribe(), Wish::Ticket { lifetime: 5, hidden: false }, &"x".repeat(why));
        ask.state = State::Expired { at: NOW };
        let event = Event::Asked { ask: Box::new(ask) };
        Entry { v: 0, seq: 1, prev: EntryHash::ZERO, at: NOW, event }
    };
    // The rest of the entry around the reason, with a length of five bytes before it.
    let around = entry(70_000).encode().unwrap().0.len() - 70_000;
    let (largest, _) = entry(MAX_ENTRY - around).encode().unwrap();
    assert_eq!(largest.len(), MAX_ENTRY);
    assert!(Entry::decode(&largest).is_ok());
    let over = entry(MAX_ENTRY - around + 1).encode();
    let want = artifact::CanonError::TooLarge { size: MAX_ENTRY + 1, cap: MAX_ENTRY };
    assert_eq!(over, Err(want.clone()));
    assert_eq!(Entry::decode(&vec![0; MAX_ENTRY + 1]), Err(want));
}

/// One way to tamper with a chain, with the places it happens at.
#[derive(Debug, Clone)]
enum Tampering {
    Flip(usize, usize, u8),
    Drop(usize),
    Swap(usize, usize),
    Cut(usize),
    Repeat(usize),
    RewriteFrom(usize),
    Add(usize),
    Stray(usize, Vec<u8>),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let n = || any::<usize>();
    prop_oneof![
        (n(), n(), 0_u8..8).prop_map(|(e, b, bit)| Tampering::Flip(e, b, bit)),
        n().prop_map(Tampering::Drop),
        (n(), n()).prop_map(|(a, b)| Tampering::Swap(a, b)),
        n().prop_map(Tampering::Cut),
        n().prop_map(Tampering::Repeat),
        n().prop_map(Tampering::RewriteFrom),
        n().prop_map(Tampering::Add),
        (n(), prop::collection::vec(any::<u8>(), 0..80))
            .prop_map(|(place, bytes)| Tampering::Stray(place, bytes)),
    ]
}

fn tamper(mut entries: Vec<Vec<u8>>, with: &Tampering) -> Vec<Vec<u8>> {
    let len = entries.len();
    match with {
        Tampering::Flip(entry, byte, bit) => {
            let entry = &mut entries[entry % len];
            let byte = byte % entry.len();
            entry[byte] ^= 1 << bit;
        }
        Tampering::Drop(n) => drop(entries.remove(n % len)),
        Tampering::Swap(a, b) => entries.swap(a % len, b % len),
        Tampering::Cut(n) => entries.truncate(n % len),
        Tampering::Repeat(n) => entries.insert(n % len, entries[n % len].clone()),
        Tampering::RewriteFrom(n) => {
            let kept = entries[..n % len].to_vec();
            let prev = kept.last().map_or(EntryHash::ZERO, |e| hash(e));
            let other = vec![Event::Expired { ask: AskId([0xee; 16]) }; len - n % len];
            entries = extend(kept, prev, other).0;
        }
        Tampering::Add(n) => {
            let prev = hash(&entries[len - 1]);
            let other = vec![Event::Cancelled { ask: AskId([0xee; 16]) }; n % 3 + 1];
            entries = extend(entries, prev, other).0;
        }
        Tampering::Stray(n, bytes) => entries.insert(n % (len + 1), bytes.clone()),
    }
    entries
}

proptest! {
    #[test]
    fn whatever_is_done_to_a_chain_is_found(
        picks in prop::collection::vec(1_usize..20, 1..12),
        with in tampering(),
    ) {
        let all = every_event();
        let (entries, _) = chain_of(picks.iter().map(|n| all[*n].clone()).collect());
        let head = head_of(&entries);
        prop_assert_eq!(verify(&entries, Some(&head)), Ok(picks.len() as u64));
        let tampered = tamper(entries.clone(), &with);
        prop_assert_eq!(verify(&tampered, Some(&head)).is_err(), tampered != entries);
    }

    #[test]
    fn no_bytes_make_the_chain_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut chain = Chain::default();
        prop_assert!(chain.next(&bytes).is_err());
        prop_assert_eq!(chain.end(Some(&SignedHead(bytes)), &key().public()), Err(ChainError::BadHead));
    }
}
