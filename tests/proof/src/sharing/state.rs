//! What a state of the node is: the durable part, the memory that a crash takes, and what an
//! observer remembers.

use super::facts::{Choice, PEERS, SLOTS, Target};

/// Where an agent's ask stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Not made.
    None,
    /// It waits for the human.
    Waiting(Choice),
    /// Allowed: the ask is consumed and a receipt signed, in one transaction.
    Allowed(Choice),
    /// Denied, withdrawn or expired.
    Over,
}

/// What this node thinks of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Never met, or waiting in the inbox: the same at the gate.
    Stranger,
    /// Pinned.
    Pinned,
    /// Shut out.
    Blocked,
}

/// How far a request for bytes has come at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The lookup found a receipt that admits it, and no stop.
    Permitted,
    /// That serving begins is durable: bytes may flow.
    Written,
    /// They do.
    Flowing,
}

/// What the last step did beside its work, for the properties alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// Nothing.
    Nothing,
    /// A peer keeps what came.
    Received,
    /// A crash cut a transfer.
    CutByCrash,
    /// A stop cut a transfer.
    CutByStop,
    /// A head that was written down as told was held back, because a stop came before it.
    HeldBack,
}

/// A request for bytes. One at a time: two never touch the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Under the receipt of this slot.
    pub slot: u8,
    /// To whom.
    pub peer: u8,
    /// Of which artifact.
    pub artifact: u8,
    /// How far.
    pub stage: Stage,
}

/// A head on its way: written down as told, and not said yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Under the receipt of this slot.
    pub slot: u8,
    /// To whom.
    pub peer: u8,
}

/// How far the stop has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revoking {
    /// Nobody asked for it.
    Not,
    /// Transfers are cut and cannot begin again; the store does not know yet.
    Cut(Target),
    /// Done, durably, and the human was told so. The signature waits for the key.
    Unsigned(Target),
    /// Signed: peers are told.
    Signed(Target),
    /// A crash came before it was durable: the human was never told that it is done.
    Failed,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    // Durable.
    /// The asks.
    pub asks: [Ask; SLOTS],
    /// Receipts signed for each.
    pub receipts: [u8; SLOTS],
    /// Peers to whom nothing more is served under each, as bits.
    pub stopped: [u8; SLOTS],
    /// Whether the bytes lie in the outbox.
    pub outbox: [bool; SLOTS],
    /// Peers of whom it is written down that they are told each head, as bits.
    pub told: [u8; SLOTS],
    /// Peers who hold each head, as bits: what they acknowledge when they connect.
    pub held: [u8; SLOTS],
    /// What is thought of each peer.
    pub standing: [Standing; PEERS],
    /// How far the stop has come; `Cut` lives in memory only.
    pub revoking: Revoking,

    // Memory.
    /// Whether the node runs.
    pub up: bool,
    /// Whether the gate knows the receipt.
    pub gate: [bool; SLOTS],
    /// Peers whose token for a receipt is cancelled, as bits.
    pub cancelled: [u8; SLOTS],
    /// Sessions that are ready.
    pub session: [bool; PEERS],
    /// The request at the gate. One at a time: two requests never touch the same thing.
    pub transfer: Option<Transfer>,
    /// The head that is on its way. One at a time: two heads never touch the same thing.
    pub frame: Option<Frame>,

    // What happened.
    /// Whether the crash came.
    pub crashed: bool,
    /// Whether somebody was blocked, and the human was told that it is done.
    pub shut_out: u8,
    /// Stops that the human was told are done, as bits.
    pub promised: [u8; SLOTS],
    /// Peers who know of the revocation, as bits.
    pub withdrawn: u8,
    /// A byte left that nothing covered.
    pub leaked: bool,
    /// What the last step did.
    pub note: Note,
}

impl State {
    /// A node with two peers and one who is not known, and nothing asked.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            asks: [Ask::None; SLOTS],
            receipts: [0; SLOTS],
            stopped: [0; SLOTS],
            outbox: [false; SLOTS],
            told: [0; SLOTS],
            held: [0; SLOTS],
            standing: [Standing::Pinned, Standing::Pinned, Standing::Stranger],
            revoking: Revoking::Not,
            up: true,
            gate: [false; SLOTS],
            cancelled: [0; SLOTS],
            session: [false; PEERS],
            transfer: None,
            frame: None,
            crashed: false,
            shut_out: 0,
            promised: [0; SLOTS],
            withdrawn: 0,
            leaked: false,
            note: Note::Nothing,
        }
    }

    /// What a receipt of this slot is about, once it is signed.
    #[must_use]
    pub const fn signed(&self, slot: usize) -> Option<Choice> {
        match self.asks[slot] {
            Ask::Allowed(choice) => Some(choice),
            _ => None,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
