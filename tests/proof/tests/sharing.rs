//! Explores every order of asks, answers, stops, transfers and a crash; and that each guard is
//! needed: without it the exploration finds the state it guards against.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use proof::sharing::{Sharing, Slip};
use stateright::{Checker, HasDiscoveries, Model};

#[test]
fn no_order_of_events_lets_a_byte_leave_uncovered() {
    let checker = Sharing::new(Slip::Nothing).checker().threads(2).spawn_dfs().join();
    let (all, different) = (checker.state_count(), checker.unique_state_count());
    println!("sharing: {all} steps into {different} states");
    assert!(checker.is_done());
    checker.assert_properties();
}

/// Without this guard the property of this name does not hold.
fn check(slip: Slip, broken: &'static str) {
    let failures = HasDiscoveries::AllOf([broken].into());
    let checker = Sharing::new(slip).checker().finish_when(failures).spawn_bfs().join();
    let path = checker.discovery(broken);
    assert!(path.is_some(), "{slip:?}: nothing was found to break: {broken}");
    println!("{slip:?}: {:?}", path.unwrap().into_actions());
}

const LEAK: &str = "no byte leaves that no receipt covers";
const TWICE: &str = "one receipt for one ask that was allowed";
const UNDONE: &str = "what was stopped stays stopped";
const STUCK: &str = "no state is stuck";

#[test]
fn the_gate_must_ask_for_the_audience() {
    check(Slip::Audience, LEAK);
}

#[test]
fn an_ask_must_be_spent() {
    check(Slip::SpentAsk, TWICE);
}

#[test]
fn a_stop_must_cut_what_flows() {
    check(Slip::Tokens, LEAK);
}

#[test]
fn what_is_written_down_as_told_must_be_looked_at_again_before_it_is_said() {
    check(Slip::Frame, LEAK);
}

#[test]
fn a_start_must_look_at_what_was_stopped() {
    check(Slip::Restart, LEAK);
}

#[test]
fn a_stop_must_be_durable_before_it_is_said_to_be_done() {
    check(Slip::Durable, UNDONE);
}

#[test]
fn the_gate_must_not_open_before_the_answer() {
    check(Slip::Early, LEAK);
}

#[test]
fn a_block_must_end_the_session() {
    check(Slip::Session, LEAK);
}

#[test]
fn a_start_must_take_up_what_was_not_finished() {
    check(Slip::Restock, STUCK);
}
