//! Explores everything that happens to a rule; and that each of its conditions is needed.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use proof::ruling::{Ruling, Slip};
use stateright::{Checker, HasDiscoveries, Model};

const MEANT: &str = "nothing is signed that the human did not mean";

#[test]
fn a_rule_signs_what_the_human_meant_and_nothing_else() {
    let checker = Ruling::new(Slip::Nothing).checker().threads(2).spawn_dfs().join();
    let (all, different) = (checker.state_count(), checker.unique_state_count());
    println!("ruling: {all} steps into {different} states");
    assert!(checker.is_done());
    checker.assert_properties();
}

#[test]
fn each_condition_of_a_rule_is_needed() {
    let slips = [
        Slip::Agent,
        Slip::Session,
        Slip::Time,
        Slip::People,
        Slip::Line,
        Slip::Finding,
        Slip::Key,
        Slip::Mute,
        Slip::Row,
    ];
    for slip in slips {
        let failures = HasDiscoveries::AllOf([MEANT].into());
        let checker = Ruling::new(slip).checker().finish_when(failures).spawn_bfs().join();
        let path = checker.discovery(MEANT);
        assert!(path.is_some(), "{slip:?}: nothing was found to break: {MEANT}");
        println!("{slip:?}: {:?}", path.unwrap().into_actions());
    }
}
