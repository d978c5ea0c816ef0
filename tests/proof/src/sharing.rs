//! One node: what is asked, signed, let out, served and stopped, in every order.
//!
//! Each action is one step of the node, atomic there: a durable transaction, a change of memory,
//! a byte. What a step mirrors is said beside it.

pub mod facts;
pub mod state;
pub mod steps;

pub use facts::{ARTIFACTS, Choice, Facts, PEERS, SLOTS, Target};
pub use state::{Ask, Frame, Note, Revoking, Stage, Standing, State, Transfer};
pub use steps::Action;

use stateright::{Model, Property};

/// A guard that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// None: this is the protocol.
    Nothing,
    /// The gate forgets to ask whether the receipt names the human who asks.
    Audience,
    /// A second answer to an ask signs again.
    SpentAsk,
    /// A stop is written down, and transfers under way go on.
    Tokens,
    /// What was written down as told is said, whatever was stopped meanwhile.
    Frame,
    /// Memory is filled from the store without looking at what was stopped.
    Restart,
    /// A stop is said to be done before it is durable.
    Durable,
    /// The gate opens when the human is asked, and not when they allow.
    Early,
    /// A blocked peer's session goes on.
    Session,
    /// A transfer that a crash cut is never taken up, and nothing is exported after a restart.
    Restock,
}

/// The model.
#[derive(Debug)]
pub struct Sharing {
    /// What the real code says of every receipt, peer and revocation there can be.
    pub facts: Facts,
    /// What is left out.
    pub slip: Slip,
}

impl Sharing {
    /// The model with a guard left out.
    #[must_use]
    pub fn new(slip: Slip) -> Self {
        Self { facts: Facts::new(), slip }
    }
}

impl Model for Sharing {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        steps::possible(self, state, actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let next = steps::take(self, last, action);
        (next != *last).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no byte leaves that no receipt covers", |_, s: &State| !s.leaked),
            Property::always("one receipt for one ask that was allowed", |_, s: &State| {
                s.asks
                    .iter()
                    .zip(s.receipts)
                    .all(|(ask, receipts)| receipts == u8::from(matches!(ask, Ask::Allowed(_))))
            }),
            Property::always("what was stopped stays stopped", |_, s: &State| {
                s.promised.iter().zip(s.stopped).all(|(said, kept)| said & !kept == 0)
            }),
            Property::always("no state is stuck", steps::settles),
            Property::sometimes("a peer receives", |_, s: &State| s.note == Note::Received),
            Property::sometimes("a peer learns of a revocation", |_, s: &State| s.withdrawn != 0),
            Property::sometimes("a crash cuts a transfer", |_, s: &State| {
                s.note == Note::CutByCrash
            }),
            Property::sometimes("a revocation cuts a transfer", |_, s: &State| {
                s.note == Note::CutByStop
            }),
            Property::sometimes("a revocation holds a head back", |_, s: &State| {
                s.note == Note::HeldBack
            }),
        ]
    }
}
