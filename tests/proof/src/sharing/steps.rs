//! The steps, and when each is possible.

use super::{
    Ask, Choice, Frame, Note, Revoking, Sharing, Slip, Stage, Standing, State, Target, Transfer,
    facts::{ARTIFACTS, PEERS, SHARED, SLOTS},
};

/// One step. Beside each, what does it in the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An agent asks: `node::ask`, one transaction.
    Request(u8, Choice),
    /// The agent takes it back, or nobody answers: one transaction.
    Withdraw(u8),
    /// The human denies.
    Deny(u8),
    /// The human allows: `node::answer`, one transaction consumes the ask and keeps the receipt.
    Allow(u8),
    /// The human accepts the stranger: one transaction.
    Accept(u8),
    /// The human blocks a peer: its session ends, then one transaction, then it is said.
    Block(u8),
    /// The human revokes: tokens are cancelled (`peer::Host::stop`).
    Cut(Target),
    /// The stop is kept, with every ask of it that waits withdrawn, and is said to be done.
    Keep,
    /// The key was unlocked, and the revocations are signed.
    Sign,
    /// The frozen bytes are copied to the outbox: `House::stock`.
    Stock(u8),
    /// The gate learns of the receipt: `House::open_gate`, or the start fills it from the store.
    Open(u8),
    /// It is written down that a peer is told a head: `House::on_told`, one transaction.
    Told(u8, u8),
    /// The head is said, if it still may be: `crystal::admitted`, asked before the first byte and
    /// whenever something ends.
    HeadLeaves,
    /// A peer is told of revocations.
    Withdrawn(u8),
    /// A session becomes Ready. Only who is pinned: see `meeting`.
    Connect(u8),
    /// A session ends.
    Disconnect(u8),
    /// A peer asks for an artifact, told or not: `One::permit` looks it up.
    Get(u8, u8),
    /// That serving begins is written down: `Inside::serving`, one transaction.
    Write,
    /// Bytes flow.
    Byte,
    /// The transfer ends.
    End,
    /// The machine stops. Memory is gone.
    Crash,
    /// The node starts again.
    Start,
}

/// Every step that may come next.
pub fn possible(model: &Sharing, state: &State, out: &mut Vec<Action>) {
    if !state.up {
        return out.push(Action::Start);
    }
    people(model, state, out);
    network(state, out);
    system(model, state, out);
    if !state.crashed {
        out.push(Action::Crash);
    }
}

/// What agents and the human may do.
fn people(model: &Sharing, state: &State, out: &mut Vec<Action>) {
    for slot in 0..SLOTS as u8 {
        match state.asks[usize::from(slot)] {
            Ask::None => {
                out.extend(Choice::of_agent(slot).map(|choice| Action::Request(slot, choice)))
            }
            Ask::Waiting(_) => {
                out.extend([Action::Withdraw(slot), Action::Deny(slot), Action::Allow(slot)]);
            }
            Ask::Allowed(_) if model.slip == Slip::SpentAsk => out.push(Action::Allow(slot)),
            Ask::Allowed(_) | Ask::Over => {}
        }
    }
    for peer in 0..PEERS as u8 {
        match state.standing[usize::from(peer)] {
            Standing::Stranger => out.push(Action::Accept(peer)),
            Standing::Pinned if peer == SHARED => out.push(Action::Block(peer)),
            Standing::Pinned | Standing::Blocked => {}
        }
    }
    match state.revoking {
        Revoking::Not => out.extend(Target::ALL.map(Action::Cut)),
        Revoking::Unsigned(_) => out.push(Action::Sign),
        _ => {}
    }
}

/// What peers and the network may do.
fn network(state: &State, out: &mut Vec<Action>) {
    for peer in 0..PEERS {
        let number = peer as u8;
        if state.session[peer] {
            out.push(Action::Disconnect(number));
            if state.transfer.is_none() {
                out.extend((0..ARTIFACTS as u8).map(|artifact| Action::Get(number, artifact)));
            }
        } else if state.standing[peer] == Standing::Pinned {
            out.push(Action::Connect(number));
        }
    }
}

/// What the node does by itself.
fn system(model: &Sharing, state: &State, out: &mut Vec<Action>) {
    if matches!(state.revoking, Revoking::Cut(_)) {
        out.push(Action::Keep);
    }
    for slot in 0..SLOTS {
        let number = slot as u8;
        let Some(choice) = covered(model, state, slot) else { continue };
        let restocked = state.crashed && model.slip == Slip::Restock;
        if !state.outbox[slot] && !restocked {
            out.push(Action::Stock(number));
        }
        if (state.outbox[slot] || model.slip == Slip::Early) && !state.gate[slot] {
            out.push(Action::Open(number));
        }
        for peer in 0..PEERS {
            let may = may_have(model, state, slot, choice, peer, choice.artifact);
            let unheard = state.held[slot] & (1 << peer) == 0 && state.frame.is_none();
            if state.session[peer] && unheard && may {
                out.push(Action::Told(number, peer as u8));
            }
        }
    }
    if let Revoking::Signed(target) = state.revoking {
        for peer in 0..PEERS {
            if state.session[peer] && concerns(state, target, peer) {
                out.push(Action::Withdrawn(peer as u8));
            }
        }
    }
    if state.frame.is_some() {
        out.push(Action::HeadLeaves);
    }
    match state.transfer {
        Some(Transfer { stage: Stage::Permitted, .. }) => out.push(Action::Write),
        Some(_) => out.extend([Action::Byte, Action::End]),
        None => {}
    }
}

/// What the receipt of a slot is about, while anybody may have it.
fn covered(model: &Sharing, state: &State, slot: usize) -> Option<Choice> {
    match state.asks[slot] {
        Ask::Allowed(choice) => {
            let forgets = state.crashed && model.slip == Slip::Restart;
            (state.stopped[slot] != 0b111 || forgets).then_some(choice)
        }
        Ask::Waiting(choice) if model.slip == Slip::Early => Some(choice),
        _ => None,
    }
}

/// The gate's lookup: a known receipt that admits this human and artifact, and is not stopped.
fn may_have(
    model: &Sharing,
    state: &State,
    slot: usize,
    choice: Choice,
    peer: usize,
    artifact: u8,
) -> bool {
    let admits = model.facts.admits(slot, choice, peer, artifact)
        || model.slip == Slip::Audience && choice.artifact == artifact;
    state.gate[slot] && admits && state.cancelled[slot] & (1 << peer) == 0
}

/// Whether a peer is still to hear of the revocation.
fn concerns(state: &State, target: Target, peer: usize) -> bool {
    let bit = 1 << peer;
    let heard = |slot: usize| target.peers(slot) & state.told[slot] & bit != 0;
    state.withdrawn & bit == 0 && (0..SLOTS).any(heard)
}

/// Takes a step.
pub fn take(model: &Sharing, last: &State, action: Action) -> State {
    let mut state = State { note: Note::Nothing, ..last.clone() };
    match action {
        Action::Request(slot, choice) => state.asks[usize::from(slot)] = Ask::Waiting(choice),
        Action::Withdraw(slot) | Action::Deny(slot) => {
            state.asks[usize::from(slot)] = Ask::Over;
            state.gate[usize::from(slot)] = false;
        }
        Action::Allow(slot) => {
            let slot = usize::from(slot);
            if let Ask::Waiting(choice) | Ask::Allowed(choice) = state.asks[slot] {
                state.asks[slot] = Ask::Allowed(choice);
                state.receipts[slot] += 1;
            }
        }
        Action::Accept(peer) => state.standing[usize::from(peer)] = Standing::Pinned,
        Action::Block(peer) => block(model, &mut state, peer),
        Action::Cut(target) => cut(model, &mut state, target),
        Action::Keep => keep(&mut state),
        Action::Sign => {
            if let Revoking::Unsigned(target) = state.revoking {
                state.revoking = Revoking::Signed(target);
            }
        }
        Action::Stock(slot) => state.outbox[usize::from(slot)] = true,
        Action::Open(slot) => state.gate[usize::from(slot)] = true,
        Action::Told(slot, peer) => {
            state.told[usize::from(slot)] |= 1 << peer;
            state.frame = Some(Frame { slot, peer });
        }
        Action::HeadLeaves => head_leaves(model, &mut state),
        Action::Withdrawn(peer) => state.withdrawn |= 1 << peer,
        Action::Connect(peer) => state.session[usize::from(peer)] = true,
        Action::Disconnect(peer) => disconnect(&mut state, peer),
        Action::Get(peer, artifact) => get(model, &mut state, peer, artifact),
        Action::Write => {
            if let Some(transfer) = &mut state.transfer {
                transfer.stage = Stage::Written;
            }
        }
        Action::Byte => byte(model, &mut state),
        Action::End => state.transfer = None,
        Action::Crash => crash(&mut state),
        Action::Start => start(model, &mut state),
    }
    state
}

fn block(model: &Sharing, state: &mut State, peer: u8) {
    state.standing[usize::from(peer)] = Standing::Blocked;
    if model.slip != Slip::Session {
        disconnect(state, peer);
    }
    state.shut_out |= 1 << peer;
}

fn disconnect(state: &mut State, peer: u8) {
    state.session[usize::from(peer)] = false;
    if state.transfer.is_some_and(|transfer| transfer.peer == peer) {
        state.transfer = None;
    }
    // What was not said is told again at the next session: it is not held.
    if state.frame.is_some_and(|frame| frame.peer == peer) {
        state.frame = None;
    }
}

/// A head leaves. It is text of the artifact, and held to the same.
fn head_leaves(model: &Sharing, state: &mut State) {
    let Some(Frame { slot, peer }) = state.frame.take() else { return };
    let (slot_at, peer_at) = (usize::from(slot), usize::from(peer));
    let known = covered(model, state, slot_at);
    let may = known
        .is_some_and(|choice| may_have(model, state, slot_at, choice, peer_at, choice.artifact));
    if !may && model.slip != Slip::Frame {
        state.note = Note::HeldBack;
        return;
    }
    let artifact = state.signed(slot_at).map(|choice| choice.artifact);
    state.leaked |= !artifact.is_some_and(|id| is_covered(state, slot, peer, id));
    state.held[slot_at] |= 1 << peer;
}

fn cut(model: &Sharing, state: &mut State, target: Target) {
    state.revoking = Revoking::Cut(target);
    if model.slip != Slip::Tokens {
        for slot in 0..SLOTS {
            state.cancelled[slot] |= target.peers(slot);
        }
        // The transfer watches its tokens before every byte.
        if let Some(Transfer { slot, peer, .. }) = state.transfer
            && state.cancelled[usize::from(slot)] & (1 << peer) != 0
        {
            state.transfer = None;
            state.note = Note::CutByStop;
        }
    }
    if model.slip == Slip::Durable {
        promise(state, target);
    }
}

fn keep(state: &mut State) {
    let Revoking::Cut(target) = state.revoking else { return };
    for slot in 0..SLOTS {
        if state.signed(slot).is_some() {
            state.stopped[slot] |= target.peers(slot);
        }
        // An ask that waits and is concerned as a whole is withdrawn.
        if matches!(state.asks[slot], Ask::Waiting(_)) && target.peers(slot) == 0b111 {
            state.asks[slot] = Ask::Over;
        }
    }
    promise(state, target);
    state.revoking = Revoking::Unsigned(target);
}

/// The human is told that it is done, for what there was to stop.
fn promise(state: &mut State, target: Target) {
    for slot in 0..SLOTS {
        if state.signed(slot).is_some() {
            state.promised[slot] |= target.peers(slot);
        }
    }
}

fn get(model: &Sharing, state: &mut State, peer: u8, artifact: u8) {
    let found = (0..SLOTS).find(|slot| {
        let choice = covered(model, state, *slot);
        choice.is_some_and(|choice| {
            may_have(model, state, *slot, choice, usize::from(peer), artifact)
        })
    });
    state.transfer = found.map(|slot| {
        let slot = slot as u8;
        Transfer { slot, peer, artifact, stage: Stage::Permitted }
    });
}

/// A byte leaves. Whether it may is judged by what the human was shown and told, and by
/// nothing that the steps before looked at.
fn byte(model: &Sharing, state: &mut State) {
    let Some(Transfer { slot, peer, artifact, stage }) = &mut state.transfer else { return };
    *stage = Stage::Flowing;
    let (slot, peer, artifact) = (*slot, *peer, *artifact);
    state.leaked |= !is_covered(state, slot, peer, artifact);
    let taken = state.signed(usize::from(slot));
    let taken = taken.is_some_and(|c| model.facts.takes(usize::from(slot), c, usize::from(peer)));
    if taken {
        state.note = Note::Received;
    }
}

/// Whether a peer may have this, as the human sees it.
fn is_covered(state: &State, slot: u8, peer: u8, artifact: u8) -> bool {
    let (slot, bit) = (usize::from(slot), 1 << peer);
    let Some(choice) = state.signed(slot) else { return false };
    let named = choice.artifact == artifact && choice.named() & bit != 0;
    let ended = (state.stopped[slot] | state.promised[slot] | state.shut_out) & bit != 0;
    named && state.receipts[slot] > 0 && !ended
}

fn crash(state: &mut State) {
    if state.transfer.is_some() {
        state.note = Note::CutByCrash;
    }
    state.crashed = true;
    state.up = false;
    state.gate = [false; SLOTS];
    state.cancelled = [0; SLOTS];
    state.session = [false; PEERS];
    state.transfer = None;
    state.frame = None;
    if matches!(state.revoking, Revoking::Cut(_)) {
        state.revoking = Revoking::Failed;
    }
}

/// `House::kept_receipts`: what is stopped in the store is stopped in memory.
fn start(model: &Sharing, state: &mut State) {
    state.up = true;
    if model.slip != Slip::Restart {
        state.cancelled = state.stopped;
    }
}

/// Whether the node, left to itself, comes to rest with everything done that it owes: what is
/// allowed and not stopped is open, who is connected was told, nothing hangs at the gate.
pub fn settles(model: &Sharing, state: &State) -> bool {
    let mut state = state.clone();
    let mut actions = Vec::new();
    for _ in 0..64 {
        actions.clear();
        if state.up {
            system(model, &state, &mut actions);
            actions.retain(|action| *action != Action::Byte);
        } else {
            actions.push(Action::Start);
        }
        match actions.first() {
            Some(action) => state = take(model, &state, *action),
            None => return rests(&state),
        }
    }
    false
}

fn rests(state: &State) -> bool {
    let open = |slot: usize| match state.signed(slot) {
        Some(choice) if state.stopped[slot] != 0b111 => {
            let told = |peer: usize| {
                let bit = 1 << peer;
                let owed = choice.named() & bit != 0 && state.cancelled[slot] & bit == 0;
                !(owed && state.session[peer]) || state.held[slot] & bit != 0
            };
            state.outbox[slot] && state.gate[slot] && (0..PEERS).all(told)
        }
        _ => true,
    };
    let stopping = matches!(state.revoking, Revoking::Cut(_));
    let idle = state.transfer.is_none() && state.frame.is_none();
    state.up && idle && !stopping && (0..SLOTS).all(open)
}
