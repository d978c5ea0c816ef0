//! Changes: whole or not at all, and what happens once happens once.

use crate::house::*;
use artifact::Nonce;
use consent::Origin;
use store::{
    Change, ChangeError, CrystalRow, HeadRow, Headed, InviteRow, OfferRow, OutcomeRow, TicketRow,
};

/// Runs a change that must fail, and tells why.
fn refused(
    store: &store::Store,
    run: impl FnOnce(&mut Change<'_>) -> Result<(), ChangeError>,
) -> ChangeError {
    store.change(run).unwrap_err()
}

#[test]
fn a_change_that_fails_leaves_nothing() {
    let house = House::with_entries(1);
    let store = house.open();
    let failed = refused(&store, |c| {
        c.put_me(&me())?;
        c.append(event(2), 2)?;
        c.put_crystal(&id(1), &crystal_row(1, Origin::Mine), b"envelope", Some(b"anchors"))?;
        c.put_trace(&id(2), &trace_row(id(3), "log"))?;
        c.put_ask(&ask(4, 4, consent::State::Pending {}))?;
        c.put_snapshot(b"frozen")?;
        c.put_receipt(&id(5), &receipt_row(id(1)), &Nonce([1; 16]))?;
        c.put_told(&id(5), &human(6), 1)?;
        c.put_peer(&human(6), &peer_row("north", endpoint(6)))?;
        c.put_agent(
            &[7; 32],
            &store::AgentRow { name: "a".into(), since: 1, asks: 0, recalls: 0 },
        )?;
        // What this transaction did it sees.
        assert!(c.me()?.is_some() && c.peer(&human(6))?.is_some() && c.ask(&ask_id(4))?.is_some());
        Err(ChangeError::InviteSpent)
    });
    assert!(matches!(failed, ChangeError::InviteSpent));
    let look = store.look().unwrap();
    assert_eq!(look.me().unwrap(), None);
    assert_eq!(look.journal_len().unwrap(), 1);
    assert_eq!(look.verify_journal(&journal_key()).unwrap().unwrap().0, 1);
    assert_eq!(look.crystal(&id(1)).unwrap(), None);
    assert_eq!(look.envelope(&id(1)).unwrap(), None);
    assert_eq!(look.sidecar(&id(1)).unwrap(), None);
    assert_eq!(look.crystals_page(0, 9).unwrap(), (0, Vec::new()));
    assert_eq!(look.last_change().unwrap(), 0);
    assert_eq!(look.traces().unwrap(), (0, 0));
    assert!(look.pending().unwrap().is_empty());
    assert_eq!(look.snapshot(&artifact::ArtifactId::of(b"frozen")).unwrap(), None);
    assert!(look.receipts().unwrap().is_empty());
    assert_eq!(look.delivery(&id(5), &human(6)).unwrap(), None);
    assert!(look.peers().unwrap().is_empty() && look.agents().unwrap().is_empty());
    assert_eq!(look.human_at(&endpoint(6)).unwrap(), None);
    drop(look);
    // The nonce was not spent by the change that failed.
    change(&store, |c| c.put_receipt(&id(5), &receipt_row(id(1)), &Nonce([1; 16])));
}

#[test]
fn a_panic_in_a_change_leaves_nothing_and_the_store_open() {
    let house = House::with_entries(1);
    let store = house.open();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.change::<(), ChangeError>(|c| {
            c.append(event(2), 2)?;
            panic!("in the middle")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(change(&store, |c| c.append(event(3), 3)), 2);
}

#[test]
fn a_look_does_not_see_what_comes_after_it() {
    let house = House::with_entries(1);
    let store = house.open();
    let before = store.look().unwrap();
    change(&store, |c| c.append(event(2), 2));
    assert_eq!(before.journal_len().unwrap(), 1);
    assert_eq!(store.look().unwrap().journal_len().unwrap(), 2);
}

#[test]
fn a_nonce_is_spent_once() {
    let house = House::new();
    let store = house.open();
    let nonce = Nonce([1; 16]);
    change(&store, |c| c.put_receipt(&id(1), &receipt_row(id(9)), &nonce));
    let again = refused(&store, |c| c.put_receipt(&id(2), &receipt_row(id(9)), &nonce));
    assert!(matches!(again, ChangeError::NonceSpent), "{again}");
    // In one transaction as well, and after the store was closed.
    let both = refused(&store, |c| {
        c.put_receipt(&id(3), &receipt_row(id(9)), &Nonce([2; 16]))?;
        c.put_receipt(&id(4), &receipt_row(id(9)), &Nonce([2; 16]))
    });
    assert!(matches!(both, ChangeError::NonceSpent), "{both}");
    drop(store);
    let store = house.open();
    let later = refused(&store, |c| c.put_receipt(&id(5), &receipt_row(id(9)), &nonce));
    assert!(matches!(later, ChangeError::NonceSpent), "{later}");
    let look = store.look().unwrap();
    assert_eq!(look.receipts().unwrap(), [(id(1), receipt_row(id(9)))]);
    assert_eq!(look.receipts_of(&id(9)).unwrap(), [(id(1), receipt_row(id(9)))]);
    assert!(look.receipts_of(&id(1)).unwrap().is_empty());
}

#[test]
fn an_invite_is_spent_once_and_in_time() {
    let house = House::new();
    let store = house.open();
    let invite = |n: u8| [n; 16];
    let row = || InviteRow { secret: vec![4; 32], expires: 100, spent: None, hidden: false };
    let ticket = || TicketRow { ticket: "a ticket".into(), expires: 100 };
    change(&store, |c| c.put_ticket(&ask_id(1), &ticket(), &invite(1), &row()));
    change(&store, |c| c.put_ticket(&ask_id(2), &ticket(), &invite(2), &row()));
    let live = |at| store.look().unwrap().invites(at).unwrap().len();
    assert_eq!((live(0), live(99), live(100)), (2, 2, 0));

    let late = refused(&store, |c| c.spend_invite(&invite(1), human(1), 100));
    let unknown = refused(&store, |c| c.spend_invite(&invite(3), human(1), 1));
    change(&store, |c| c.spend_invite(&invite(1), human(1), 99));
    let again = refused(&store, |c| c.spend_invite(&invite(1), human(1), 50));
    let renewed = refused(&store, |c| c.put_ticket(&ask_id(3), &ticket(), &invite(1), &row()));
    for refused in [late, unknown, again, renewed] {
        assert!(matches!(refused, ChangeError::InviteSpent), "{refused}");
    }
    assert_eq!(live(50), 1);
    assert_eq!(store.look().unwrap().ticket(&ask_id(1)).unwrap(), Some(ticket()));
    assert_eq!(store.look().unwrap().ticket(&ask_id(3)).unwrap(), None);
}

#[test]
fn a_log_and_a_crystal_are_kept_once() {
    let house = House::new();
    let store = house.open();
    let trace = |n: u64| change(&store, |c| c.put_trace(&id(n), &trace_row(id(50), "log")));
    assert!(trace(1));
    assert!(!trace(1));
    assert!(!trace(2), "the same log makes no second trace");
    let look = store.look().unwrap();
    assert_eq!(look.trace_of_log(&id(50)).unwrap(), Some(id(1)));
    assert_eq!((look.trace(&id(2)).unwrap(), look.traces().unwrap()), (None, (1, 100)));

    let crystal = |at: u64, envelope: &[u8]| {
        let row = crystal_row(at, Origin::Mine);
        change(&store, |c| c.put_crystal(&id(7), &row, envelope, Some(b"anchors")))
    };
    assert!(crystal(5, b"first"));
    assert!(!crystal(6, b"second"));
    let look = store.look().unwrap();
    assert_eq!(look.crystal(&id(7)).unwrap(), Some(crystal_row(5, Origin::Mine)));
    assert_eq!(look.envelope(&id(7)).unwrap().unwrap(), b"first");
    assert_eq!(look.changes(0).unwrap(), [(1, id(7))]);
    assert_eq!(look.crystals(|_, _| true).unwrap().len(), 1);
}

#[test]
fn frozen_bytes_are_named_by_their_hash() {
    let house = House::new();
    let store = house.open();
    let first = change(&store, |c| c.put_snapshot(b"frozen"));
    assert_eq!(change(&store, |c| c.put_snapshot(b"frozen")), first);
    assert_eq!(first, artifact::ArtifactId::of(b"frozen"));
    assert_eq!(store.look().unwrap().snapshot(&first).unwrap().unwrap(), b"frozen");
}

#[test]
fn what_a_peer_received_adds_up() {
    let house = House::new();
    let store = house.open();
    let (receipt, north) = (id(1), human(8));
    change(&store, |c| c.put_peer(&north, &peer_row("north", endpoint(8))));
    assert!(change(&store, |c| c.put_told(&receipt, &north, 1)));
    assert!(!change(&store, |c| c.put_told(&receipt, &north, 1)));
    assert!(change(&store, |c| c.put_told(&receipt, &human(9), 1)));
    change(&store, |c| c.add_served(&receipt, &north, 100, false));
    change(&store, |c| c.add_served(&receipt, &north, 400, true));
    change(&store, |c| c.add_served(&receipt, &north, u64::MAX, true));
    let look = store.look().unwrap();
    let got = look.delivery(&receipt, &north).unwrap().unwrap();
    assert_eq!((got.told, got.bytes, got.whole), (true, u64::MAX, 2));
    assert_eq!(look.peer(&north).unwrap().unwrap().bytes_given, u64::MAX);
    assert_eq!(look.delivery(&id(2), &north).unwrap(), None);
}

#[test]
fn an_endpoint_leads_to_whom_it_was_pinned_for_last() {
    let house = House::new();
    let store = house.open();
    let pin = |who: u8, at: u8| {
        change(&store, |c| c.put_peer(&human(who), &peer_row("somebody", endpoint(at))));
    };
    let at = |n: u8| store.look().unwrap().human_at(&endpoint(n)).unwrap();
    pin(1, 10);
    assert_eq!(at(10), Some(human(1)));
    pin(1, 11);
    assert_eq!((at(10), at(11)), (None, Some(human(1))));
    // Another was pinned behind the endpoint: the first one's move leaves that alone.
    pin(2, 11);
    pin(1, 12);
    assert_eq!((at(11), at(12)), (Some(human(2)), Some(human(1))));
    assert_eq!(store.look().unwrap().peers().unwrap().len(), 2);
}

#[test]
fn a_head_gives_way_to_its_body() {
    let house = House::new();
    let store = house.open();
    let row = |refused: &str| HeadRow {
        head: vec![1],
        receipt: vec![2],
        giver: human(8),
        at: 1,
        refused: refused.into(),
        seq: 1,
        grant: None,
    };
    let offer =
        OfferRow { receipt: vec![2].into(), grant: None, grant_id: None, iat: 1, until: None };
    let put = |seq| {
        let row = HeadRow { seq, ..row("") };
        change(&store, |c| c.put_offer(&id(1), &row, (&id(9), &offer))).0
    };
    let open = || store.look().unwrap().open_heads(&human(8)).unwrap();
    assert_eq!((put(1), put(1), open()), (Headed::New, Headed::Known, vec![id(1)]));
    change(&store, |c| c.refuse_head(&id(1), &human(8), "wrong-head"));
    assert_eq!(store.look().unwrap().heads().unwrap(), [(id(1), row("wrong-head"))]);
    // A refused body stays refused until there is newer word of it.
    assert_eq!((put(1), open()), (Headed::Refused, vec![]));
    assert_eq!((put(2), open()), (Headed::New, vec![id(1)]));
    let body = CrystalRow { giver: Some(human(8)), ..crystal_row(1, Origin::Peer) };
    change(&store, |c| c.put_crystal(&id(1), &body, b"body", None));
    assert_eq!((put(3), open()), (Headed::Known, vec![]));
    let look = store.look().unwrap();
    assert!(look.heads().unwrap().is_empty() && look.head(&id(1)).unwrap().is_none());
}

#[test]
fn an_agents_latest_word_on_a_crystal_counts() {
    let house = House::new();
    let store = house.open();
    let say = |agent: u8, outcome: &str| {
        let row = OutcomeRow { outcome: outcome.into(), agent: "a".into(), at: 1 };
        change(&store, |c| c.put_outcome(&id(1), &[agent; 32], &row));
    };
    say(1, "helped");
    say(2, "stale");
    say(1, "wrong");
    let said = store.look().unwrap().outcomes(&id(1)).unwrap();
    let said: Vec<&str> = said.iter().map(|row| row.outcome.as_str()).collect();
    assert_eq!(said, ["wrong", "stale"]);
    assert!(store.look().unwrap().outcomes(&id(2)).unwrap().is_empty());
}

#[test]
fn agents_and_connections_come_and_go() {
    let house = House::new();
    let store = house.open();
    let agent = store::AgentRow { name: "scribe".into(), since: 1, asks: 2, recalls: 3 };
    let connect = store::ConnectRow { ticket: "ticket".into(), name: "north".into() };
    change(&store, |c| c.put_agent(&[1; 32], &agent));
    change(&store, |c| c.put_connect(&ask_id(1), &connect));
    let look = store.look().unwrap();
    assert_eq!(look.agents().unwrap(), [([1; 32], agent.clone())]);
    assert_eq!(look.agent(&[1; 32]).unwrap(), Some(agent));
    assert_eq!(look.connects().unwrap(), [(ask_id(1), connect)]);
    change(&store, |c| c.remove_agent(&[1; 32]));
    change(&store, |c| c.remove_connect(&ask_id(1)));
    let look = store.look().unwrap();
    assert!(look.agents().unwrap().is_empty() && look.connects().unwrap().is_empty());
}

#[test]
fn of_changes_stay_those_that_tell_an_index_something() {
    let house = House::new();
    let store = house.open();
    for n in 1..=3 {
        let row = crystal_row(n, Origin::Mine);
        change(&store, |c| c.put_crystal(&id(n), &row, b"body", None));
    }
    let says = |n: u64, outcome: &str| {
        let row = OutcomeRow { outcome: outcome.into(), agent: "an agent".into(), at: 1 };
        change(&store, |c| c.put_outcome(&id(n), &[9; 32], &row));
    };
    // The first changes twice more; the last of all changes is of one that is not here.
    says(1, "helped");
    says(1, "wrong");
    says(7, "helped");
    says(8, "helped");
    let numbers = || store.look().unwrap().changes(0).unwrap();
    let all = [(1, id(1)), (2, id(2)), (3, id(3)), (4, id(1)), (5, id(1)), (6, id(7)), (7, id(8))];
    assert_eq!(numbers(), all);
    assert_eq!(store.look().unwrap().changes_beyond().unwrap(), 4);
    // An index that is behind still has to hear of what is gone.
    assert_eq!(change(&store, |c| c.prune_changes(5)), 2);
    assert_eq!(numbers(), [(2, id(2)), (3, id(3)), (5, id(1)), (6, id(7)), (7, id(8))]);
    assert_eq!(change(&store, |c| c.prune_changes(7)), 1);
    assert_eq!(numbers(), [(2, id(2)), (3, id(3)), (5, id(1)), (7, id(8))]);
    // No number is given twice.
    says(2, "helped");
    assert_eq!(numbers().last(), Some(&(8, id(2))));
}

#[test]
fn what_is_forgotten_leaves_a_tombstone_and_nothing_else() {
    let house = House::new();
    let store = house.open();
    let (log, trace) = (id(1), id(2));
    let crystal = artifact::ArtifactId::of(b"envelope");
    let row = CrystalRow { trace: Some(trace), ..crystal_row(4, Origin::Mine) };
    let kept = store::TraceRow { crystal: Some(crystal), ..trace_row(log, "a log") };
    let said = OutcomeRow { outcome: "helped".into(), agent: "a".into(), at: 1 };
    change(&store, |c| {
        c.put_trace(&trace, &kept)?;
        c.put_crystal(&crystal, &row, b"envelope", Some(b"anchors"))?;
        c.put_outcome(&crystal, &[7; 32], &said)?;
        c.judge(&crystal, artifact::Outcome::Failed, Some(8))?;
        c.put_learnt(&trace, b"cost", b"told")?;
        c.put_snapshot(b"envelope")
    });
    let look = store.look().unwrap();
    assert_eq!(look.judged(&crystal).unwrap(), Some(8));
    assert_eq!(look.crystal(&crystal).unwrap().unwrap().outcome, artifact::Outcome::Failed);
    assert_eq!(look.learnt(&trace, b"cost").unwrap(), Some(b"told".to_vec()));
    drop(look);

    let gone = change(&store, |c| {
        assert_eq!(c.forget_crystal(&id(9), 5, 9)?, None, "what is not here");
        let gone = c.forget_crystal(&crystal, 5, 9)?;
        // A cache that comes late keeps nothing of it.
        c.put_learnt(&trace, b"cost", b"told")?;
        assert!(!c.put_trace(&id(8), &trace_row(log, "elsewhere"))?, "its log stays known");
        assert!(c.is_forgotten(&trace)? && !c.judge(&crystal, artifact::Outcome::Passed, None)?);
        Ok(gone)
    });
    assert_eq!(gone, Some((trace, kept.clone())));
    let look = store.look().unwrap();
    let stone = store::TraceRow { crystal: None, purged: Some(9), ..kept };
    assert_eq!(look.trace(&trace).unwrap(), Some(stone));
    assert_eq!(look.forgotten().unwrap(), [(trace, 5)]);
    assert!(
        look.crystal(&crystal).unwrap().is_none() && look.envelope(&crystal).unwrap().is_none()
    );
    assert!(
        look.sidecar(&crystal).unwrap().is_none() && look.snapshot(&crystal).unwrap().is_none()
    );
    assert!(
        look.outcomes(&crystal).unwrap().is_empty() && look.judged(&crystal).unwrap().is_none()
    );
    assert_eq!(look.learnt(&trace, b"cost").unwrap(), None);
    assert_eq!((look.traces().unwrap(), look.crystals_page(0, 9).unwrap().0), ((0, 0), 0));
    assert_eq!(look.changes(0).unwrap().last().map(|(_, id)| *id), Some(crystal));
}
