//! Asks: the list that waits, the list that ended, and the way between.

use crate::house::*;
use consent::State;
use store::Store;

fn check(store: &Store, pending: &[u64], ended: &[u64]) {
    let look = store.look().unwrap();
    let ids = |asks: Vec<consent::Ask>| asks.into_iter().map(|a| a.id).collect::<Vec<_>>();
    let named = |ns: &[u64]| ns.iter().map(|n| ask_id(*n)).collect::<Vec<_>>();
    assert_eq!(ids(look.pending().unwrap()), named(pending), "pending");
    assert_eq!(ids(look.decided(10).unwrap()), named(ended), "ended");
}

#[test]
fn an_ask_stands_in_one_list_at_a_time() {
    let house = House::new();
    let store = house.open();
    let put = |n: u64, at: u64, state: State| change(&store, |c| c.put_ask(&ask(n, at, state)));
    check(&store, &[], &[]);
    put(1, 30, State::Pending {});
    put(2, 10, State::Pending {});
    put(3, 20, State::Pending {});
    check(&store, &[2, 3, 1], &[]); // the oldest first
    put(3, 20, State::Denied { at: 50, instead: None });
    put(2, 10, State::Allowed { at: 40, receipt: Some(id(1)) });
    check(&store, &[1], &[3, 2]); // the last decided first
    put(1, 30, State::Expired { at: 60 });
    check(&store, &[], &[1, 3, 2]);
    drop(store);
    check(&house.open(), &[], &[1, 3, 2]);
}

#[test]
fn an_ask_that_is_kept_again_is_not_listed_twice() {
    let house = House::new();
    let store = house.open();
    let put = |at: u64, state: State| change(&store, |c| c.put_ask(&ask(1, at, state)));
    put(10, State::Pending {});
    put(10, State::Pending {});
    check(&store, &[1], &[]);
    put(10, State::Denied { at: 20, instead: None });
    put(10, State::Denied { at: 20, instead: None });
    check(&store, &[], &[1]);
    put(10, State::Denied { at: 30, instead: None });
    check(&store, &[], &[1]);
    put(11, State::Pending {});
    check(&store, &[1], &[]);
}

#[test]
fn the_ended_are_given_as_far_as_asked_for() {
    let house = House::new();
    let store = house.open();
    change(&store, |c| {
        (1..=9).try_for_each(|n| c.put_ask(&ask(n, n, State::Cancelled { at: 100 + n })))
    });
    let last: Vec<_> = store.look().unwrap().decided(2).unwrap();
    assert_eq!(last.iter().map(|a| a.id).collect::<Vec<_>>(), [ask_id(9), ask_id(8)]);
}

#[test]
fn a_whole_ask_survives_a_restart() {
    let house = House::new();
    let mut kept = ask(7, 3, State::Pending {});
    kept.reason = "because \u{202e} of reasons".into();
    change(&house.open(), |c| c.put_ask(&kept));
    assert_eq!(house.open().look().unwrap().ask(&ask_id(7)).unwrap(), Some(kept));
}
